"""One price against the full program: impossible ones, null types at the ends, no trade at all, all trade."""

from __future__ import annotations

import random
from fractions import Fraction as F

import pytest
from support.expand import expand

from lpmech.answer.compact import CompactMechanism
from lpmech.closed_forms import one_price
from lpmech.engine import solve
from lpmech.question.constraints import Budget
from lpmech.question.distribution import Distribution
from lpmech.question.environments.bilateral_trade import BilateralTrade
from lpmech.question.model import Instance
from lpmech.question.requirements import Requirements
from lpmech.verify import verify

FIRST = Requirements("DSIC", "ex-ante", "no-deficit", ties="first")


def side(rng: random.Random, heavy: int) -> Distribution:
    """Up to 6 types, values 0 to 8, much mass on one of them, and none on stretches at either end."""
    n = rng.randint(1, 6)
    weights = [rng.choice([0, 1, 2]) for _ in range(n)]
    first, last = rng.choice([0, 0, n // 2]), rng.choice([n, n, n // 2 + 1])
    weights = [w if first <= k < last else 0 for k, w in enumerate(weights)]
    weights[first if heavy == 0 else last - 1] += 1 + rng.choice([0, 9])
    return Distribution(sorted(rng.sample(range(9), n)), [F(w, sum(weights)) for w in weights])


def market(seed: int) -> Instance:
    """Mostly low values and high costs, so that gains are small; or anything."""
    rng = random.Random(seed)
    return Instance(BilateralTrade(side(rng, seed % 2), side(rng, 1)), FIRST)


@pytest.mark.parametrize("part", range(8))
def test_same_margin_as_the_full_program(part: int) -> None:
    for seed in range(25 * part, 25 * part + 25):
        mine, full = solve(market(seed)), solve(market(seed), method="full")
        assert mine.method == "one_price"
        assert mine.proved, (seed, mine.reason)
        assert (mine.verdict, mine.margin) == (full.verdict, full.margin), seed
        assert verify(expand(mine.proof.table())), seed


def test_ex_ante_utility_is_nothing_and_revenue_the_margin() -> None:
    for seed in range(300):
        proof = one_price.solve(market(seed))
        mechanism, sizes = proof.mechanism, proof.instance.environment.sizes
        assert isinstance(mechanism, CompactMechanism)
        assert mechanism.expected_utility == (0, 0)
        assert min(mechanism.profile_revenue) == proof.margin
        assert proof.multipliers is not None
        assert sum(m.weight for m in proof.multipliers if isinstance(m.constraint, Budget)) == 1
        assert len(proof.multipliers) < 2 + 3 * sum(sizes)


IMPOSSIBLE = {
    "null types above": ([0, 4, 7, 9], [3, 0, 0, 1], [0, 6, 8, 9], [2, 1, 1, 7], F(-3, 44)),
    "null types on both sides": ([0, 1, 2, 6, 7, 8], [2, 2, 0, 0, 1, 0], [0, 2, 4, 5, 7, 8], [1, 0, 0, 1, 5, 0], F(-3, 35)),
    "ties": ([0, 1, 2, 9], [3, 3, 1, 1], [0, 1, 7, 8, 9, 10], [1, 2, 2, 7, 2, 7], F(-17, 168)),
}  # fmt: skip


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_impossible(name: str) -> None:
    B, p, S, q, margin = IMPOSSIBLE[name]
    sides = (Distribution(v, [F(w, sum(weights)) for w in weights]) for v, weights in ((B, p), (S, q)))
    instance = Instance(BilateralTrade(*sides), FIRST)
    for method in ("one_price", "full"):
        result = solve(instance, method=method)
        assert (result.verdict, result.margin, result.proved) == ("impossible", margin, True)


@pytest.mark.parametrize(
    ("values", "costs"), [([1, 2, 3], [4, 5]), ([4, 5], [1, 2, 3]), ([2], [2]), ([2], [1]), ([1], [2])]
)
def test_nobody_trades_or_everybody(values: list[int], costs: list[int]) -> None:
    """Gains are 0, or shared without loss at a price between the sides: E[b - s]."""
    for null in (False, True):
        masses = ([F(n == 0) for n in range(len(side))] if null else None for side in (values, costs))
        buyer, seller = (Distribution(side, mass) for side, mass in zip((values, costs), masses, strict=True))
        result = solve(Instance(BilateralTrade(buyer, seller), FIRST))
        gains = sum(max(b - s, 0) * x * y for b, x in zip(buyer.values, buyer.probabilities, strict=True)
                    for s, y in zip(seller.values, seller.probabilities, strict=True))  # fmt: skip
        assert (result.method, result.proved, result.margin) == ("one_price", True, gains)


@pytest.mark.parametrize("size", [(50, 60), (300, 300), (1, 200), (200, 1)])
def test_larger_ones_are_proved(size: tuple[int, int]) -> None:
    rng = random.Random(sum(size))
    env = BilateralTrade(*(Distribution(sorted(rng.sample(range(2 * n), n)),
                                        [F(2 * k + 1, n * n) for k in range(n)]) for n in size))  # fmt: skip
    result = solve(Instance(env, FIRST))
    assert (result.method, result.proved) == ("one_price", True)


def test_ties_that_may_trade_are_another_question() -> None:
    tied = Instance(BilateralTrade(Distribution([0, 2, 9]), Distribution([1, 2])), FIRST)
    clear = Instance(BilateralTrade(Distribution([0, 2, 9]), Distribution([1, 3])), FIRST)
    assert one_price.accepts(tied) is None
    for ties in ("any", "last", "uniform"):
        assert one_price.accepts(clear.with_requirements(ties=ties)) is None
        assert one_price.accepts(tied.with_requirements(ties=ties)) == f"ties are {ties}, and there are ties"
    assert "BIC" in (one_price.accepts(tied.with_requirements(incentive_compatibility="BIC")) or "")
