"""Second best by ironing, against the full program; its proofs, compact and written out in full."""

from __future__ import annotations

import random
from collections import Counter
from fractions import Fraction as F
from itertools import product

import pytest
from support.expand import expand
from support.random_instances import masses

from lpmech.answer.compact import CompactMechanism
from lpmech.answer.cuts import Cuts
from lpmech.answer.mechanism import Mechanism
from lpmech.answer.proof import Proof
from lpmech.closed_forms import named
from lpmech.engine import solve
from lpmech.question.constraints import Budget
from lpmech.question.distribution import Distribution
from lpmech.question.environments.bilateral_trade import BilateralTrade
from lpmech.question.model import Instance
from lpmech.question.objective import Objective
from lpmech.question.requirements import Requirements
from lpmech.verify import verify

NAME = "second_best_ironing"
BUDGETS = ("no-expected-deficit", "no-deficit", "balanced")
QUESTIONS = [*product(("welfare", "agents-utility", "revenue", "margin"), BUDGETS), ("revenue", "none")]
SIZES = [(2, 2), (3, 3), (4, 4), (5, 5), (6, 6), (2, 6), (6, 3), (4, 6)]


def ask(env: BilateralTrade, objective: str = "welfare", budget: str = "balanced") -> Instance:
    return Instance(env, Requirements("BIC", "interim", budget, allocation="free"), Objective(objective))


def market(rng: random.Random, m: int, n: int) -> BilateralTrade:
    """Values and costs among the same few numbers, with ties, atoms and null types."""
    top = max(m, n) + rng.randint(0, 3)
    m_side, n_side = (
        Distribution([F(v, 2) for v in sorted(rng.sample(range(top), k))], masses(rng, k)) for k in (m, n)
    )
    return BilateralTrade(m_side, n_side)


def short_of_money(rng: random.Random) -> BilateralTrade:
    """A market where efficient trade has a deficit."""
    while True:
        env = market(rng, *rng.choice(SIZES))
        if named("vcg_prime").solve(Instance(env, Requirements("BIC", "interim", "balanced"))).margin < 0:  # type: ignore[operator]
            return env


def kinds(proof: Proof) -> list[str]:
    """What a proof has that makes it a hard one."""
    assert isinstance(proof.mechanism, CompactMechanism)
    assert isinstance(proof.mechanism.rule, Cuts)
    assert proof.multipliers is not None
    ironed = any(
        (at := m.place).report is not None and (at.report > at.type) == (m.agent == 0) for m in proof.multipliers
    )  # type: ignore[operator]
    return ["mixed"] * (proof.mechanism.rule.weight > 0) + ["ironed"] * ironed


def agrees(instance: Instance) -> Proof:
    """The answer, which is that of the full program, with its proof accepted compact and in full."""
    mine, full = solve(instance), solve(instance, method="full")
    assert (mine.method, full.method) == (NAME, "full")
    assert mine.proved, mine.reason
    assert full.proved
    assert (mine.verdict, mine.margin, mine.value) == (full.verdict, full.margin, full.value)
    assert mine.proof is not None
    assert verify(expand(mine.proof.table()))
    return mine.proof


@pytest.mark.parametrize("part", range(5))
def test_same_value_as_the_full_program(part: int) -> None:
    met = Counter[str]()
    for seed in range(13):
        rng = random.Random(f"{part} {seed}")
        env = short_of_money(rng) if rng.random() < 0.8 else market(rng, rng.randint(1, 5), rng.randint(1, 5))
        met.update(kinds(agrees(ask(env, *QUESTIONS[seed]))))
    assert min(met["mixed"], met["ironed"]) >= 1


@pytest.mark.parametrize("part", range(4))
def test_welfare_where_the_first_best_has_a_deficit(part: int) -> None:
    met = Counter[str]()
    for seed in range(10):
        rng = random.Random(f"welfare {part} {seed}")
        proof = agrees(ask(short_of_money(rng), "welfare", rng.choice(BUDGETS)))
        assert proof.mechanism is not None
        assert proof.mechanism.revenue == 0
        met.update(kinds(proof))
    assert min(met["mixed"], met["ironed"]) >= 2


@pytest.mark.parametrize("side", ["buyer", "seller", "both"])
@pytest.mark.parametrize("null", [(0,), (1,), (2,), (3,), (0, 1), (1, 2), (2, 3), (0, 3)])
def test_types_of_probability_0_anywhere(null: tuple[int, ...], side: str) -> None:
    weights = [0 if k in null else 1 + k % 2 for k in range(4)]
    thin = Distribution([1, 3, 4, 6], [F(w, sum(weights)) for w in weights])
    even = Distribution([1, 3, 4, 6])
    env = BilateralTrade(thin if side != "seller" else even, thin if side != "buyer" else even)
    agrees(ask(env))


def test_trade_is_never_efficient() -> None:
    """Nobody trades, nobody pays; where b = s trade would do as well, for welfare."""
    env = BilateralTrade(Distribution([1, 2]), Distribution([2, 5]))
    for question in QUESTIONS:
        proof = agrees(ask(env, *question))
        assert proof.value == 0
        assert proof.mechanism is not None
        assert list(proof.mechanism.lotteries) == [{0: 1}] * 4
        assert list(proof.mechanism.transfers[0]) == list(proof.mechanism.transfers[1]) == [0] * 4


def test_efficient_trade_leaves_money() -> None:
    """Costs 1 and 4, values 2 and 6 (margin 1/4 of the efficient allocation): it is handed back."""
    env = BilateralTrade(Distribution([2, 6]), Distribution([1, 4]))
    for goal, budget in product(("welfare", "agents-utility"), BUDGETS):
        proof = agrees(ask(env, goal, budget))
        assert proof.value == 2
        assert proof.mechanism is not None
        assert proof.mechanism.revenue == 0
        assert [m for m in proof.multipliers or () if not isinstance(m.constraint, Budget)] == []


def test_a_mixture() -> None:
    """Values 2, 7 and costs 1, 6, even odds: 2 and 1, and 7 and 6, trade with probability 3/4. The first best has 2."""
    proof = agrees(ask(BilateralTrade(Distribution([2, 7]), Distribution([1, 6]))))
    assert proof.value == F(15, 8)
    assert isinstance(proof.mechanism, CompactMechanism)
    assert proof.mechanism.rule == Cuts([0, 1], [1, 2], F(3, 4))
    assert kinds(proof) == ["mixed"]


@pytest.mark.parametrize("size", [(1, 1), (1, 6), (6, 1)])
def test_one_type(size: tuple[int, int]) -> None:
    for seed, question in enumerate(QUESTIONS):
        agrees(ask(market(random.Random(seed), *size), *question))


@pytest.mark.parametrize("size", [(200, 200), (1, 150), (90, 37)])
def test_larger_ones_are_proved(size: tuple[int, int]) -> None:
    rng = random.Random(str(size))
    for question in QUESTIONS:
        result = solve(ask(market(rng, *size), *question))
        assert result.proved, result.reason
        assert result.method == NAME


def test_numbers_that_doubles_cannot_tell_apart() -> None:
    """Two values 1e-30 apart, and costs in between."""
    tiny = F(1, 10**30)
    buyer, seller = (
        Distribution([1, 1 + 2 * tiny, 2]),
        Distribution([0, 1 + tiny, 2 - tiny], [tiny, F(1, 2), F(1, 2) - tiny]),
    )
    for question in QUESTIONS:
        assert solve(ask(BilateralTrade(buyer, seller), *question)).proved


# ---- the mechanism, and what does not fit --------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(20))
def test_lazy_mechanism_is_what_its_proof_says_in_full(seed: int) -> None:
    proof = named(NAME).solve(ask(short_of_money(random.Random(f"lazy {seed}"))))
    mechanism = proof.mechanism
    assert isinstance(mechanism, CompactMechanism)
    written = expand(proof.table())["mechanism"]
    lotteries = [{int(x): F(q) for x, q in entry.items() if q != "0"} for entry in written["allocation"]]
    assert list(mechanism.lotteries) == lotteries
    assert [[str(t) for t in row] for row in mechanism.transfers] == written["transfers"]
    plain = Mechanism(mechanism.environment, tuple(map(tuple, mechanism.transfers)), tuple(lotteries))
    assert [mechanism.interim(i) for i in (0, 1)] == [plain.interim(i) for i in (0, 1)]
    assert (mechanism.revenue, mechanism.expected_utility) == (plain.revenue, plain.expected_utility)
    assert (mechanism.welfare, mechanism.profile_revenue) == (plain.welfare, plain.profile_revenue)
    fees = (F(1, 3), F(-2))
    assert [list(row) for row in mechanism.plus(fees).transfers] == [list(row) for row in plain.plus(fees).transfers]
    assert mechanism.to_frame().equals(plain.to_frame())
    assert repr(mechanism).startswith("<CompactMechanism: interim, cuts, ")


def test_reasons() -> None:
    accepts, env = named(NAME).accepts, BilateralTrade(Distribution([2, 6]), Distribution([1, 4]))
    joint = BilateralTrade(env.buyer, env.seller, {(0, 0): 1})
    assert accepts(ask(env)) is None
    assert accepts(ask(joint)) == "the prior is correlated"
    assert "budget is none" in (accepts(ask(env, "welfare", "none")) or "")
    assert accepts(ask(env).with_requirements(allocation="efficient")) == "allocation is efficient, not free"
    assert "DSIC" in (accepts(ask(env).with_requirements(incentive_compatibility="DSIC")) or "")
    weighted = Instance(env, ask(env).requirements, Objective(utility=[1, 2]))
    assert "the objective is weighted" in (accepts(weighted) or "")
