"""One seller and identical buyers: the closed form against the full program, compact proofs against proofs in full."""

from __future__ import annotations

import copy
import json
import random
from fractions import Fraction as F
from itertools import accumulate, product
from pathlib import Path
from typing import Any

import pytest
from support.expand import numbers
from support.expand_buyers import expand
from support.random_instances import distribution, masses
from support.tampering import changed, compare_in_full, leaves, refuses
from test_verify_compact import in_columns

from lpmech import closed_forms, load
from lpmech.answer.compact_buyers import BuyersMechanism
from lpmech.answer.mechanism import Mechanism
from lpmech.base.errors import TooLargeError
from lpmech.engine import solve
from lpmech.question.distribution import Distribution
from lpmech.question.environments.bilateral_trade import BilateralTrade
from lpmech.question.environments.exchange import Exchange
from lpmech.question.model import Instance
from lpmech.question.requirements import Requirements
from lpmech.verify import Refusal, verify
from lpmech.verify.kernel.instance import Instance as Question
from lpmech.verify.kernel.lagrangian import Lagrangian
from lpmech.verify.kernel.mechanism import Mechanism as Written
from lpmech.verify.kernel.mechanism import read_allocation, read_money
from lpmech.verify.kernel.multipliers import read_multiplier
from lpmech.verify.shortcuts.buyers import IdenticalBuyers
from lpmech.verify.shortcuts.buyers_claim import IdenticalBuyersLagrangian, IdenticalBuyersMechanism

NAME = "vcg_prime_buyers"
CLOSED = closed_forms.named(NAME)
BUDGETS = ("balanced", "no-deficit", "no-expected-deficit")
QUESTIONS = [Requirements("BIC", "interim", budget, ties=ties) for budget, ties in product(BUDGETS, ("any", "uniform"))]
HUNDRED = Path(__file__).parents[1] / "instances" / "kos-manea-2009" / "section-5-hundred-buyers.toml"


def small(seed: int) -> Instance:
    """1 to 3 buyers of up to 3 types, with ties, atoms, null types; every question in turn."""
    rng = random.Random(f"buyers {seed}")
    buyer, seller = (distribution(rng, rng.randint(1, 3)) for _ in range(2))
    env = Exchange([buyer] * rng.choice([1, 2, 2, 3]), [seller])
    return Instance(env, QUESTIONS[seed % len(QUESTIONS)], title=f"buyers {seed}")


def tables(instance: Instance) -> dict[str, Any]:
    """The closed form's proof as a parsed file."""
    return json.loads(json.dumps(CLOSED.solve(instance).table()))


@pytest.mark.parametrize("part", range(6))
def test_same_margin_as_the_full_program(part: int) -> None:
    for seed in range(9 * part, 9 * part + 9):
        instance = small(seed)
        mine, full = solve(instance), solve(instance, method="full")
        assert (mine.method, full.method) == (NAME, "full")
        assert mine.proved, (seed, mine.reason)
        assert (mine.verdict, mine.margin) == (full.verdict, full.margin), seed


@pytest.mark.parametrize(("k", "margin"), [(2, "11/27"), (3, "7/27"), (10, "-7/9"), (1000, "-1327/9")])
def test_example_2_with_two_buyers(k: int, margin: str) -> None:
    """kos-manea-2009, Example 2: a second buyer destroys efficiency if k is large."""
    buyer, seller = Distribution([7 * k, 8 * k + 1, 9 * k + 1]), Distribution([3 * k, 8 * k, 9 * k])
    result = solve(Instance(Exchange([buyer] * 2, [seller]), QUESTIONS[0]))
    assert (result.method, result.proved, result.margin) == (NAME, True, F(margin))


def virtual_surplus(buyer: Distribution, seller: Distribution, n: int) -> F:
    """Expected virtual surplus where b > s: kos-manea-2009, Lemma 1, at the highest of n buyers (no type of mass 0)."""
    B, p, S, q = buyer.values, buyer.probabilities, seller.values, seller.probabilities
    upto, heads = list(accumulate(p, initial=F(0))), list(accumulate(q, initial=F(0)))
    total = F(0)
    for (k, b), (j, s) in product(enumerate(B), enumerate(S)):
        if b > s:
            rent = (1 - upto[k + 1]) / p[k] * (B[k + 1] - b) if k + 1 < len(B) else 0
            cost = s + (heads[j] / q[j] * (s - S[j - 1]) if j else 0)
            total += (upto[k + 1] ** n - upto[k] ** n) * q[j] * (b - rent - cost)
    return total


@pytest.mark.parametrize("requirements", QUESTIONS[::2])
def test_a_hundred_buyers_of_twenty_types(requirements: Requirements) -> None:
    instance = load(HUNDRED)
    env = instance.environment
    assert isinstance(env, Exchange)
    assert env.profile_count == 20**101
    result = solve(Instance(env, requirements))
    assert (result.method, result.proved, result.verdict) == (NAME, True, "exists")
    assert result.margin == virtual_surplus(env.buyers[0], env.sellers[0], 100)
    mechanism = result.mechanism
    assert mechanism is not None
    assert mechanism.revenue == (0 if requirements.budget == "balanced" else result.margin)
    assert mechanism.interim(3) == mechanism.interim(0) != mechanism.interim(100)
    assert min(gained for agent in (0, 100) for *_, gained in mechanism.interim(agent)) >= 0
    assert len(repr(mechanism)) < 100
    for table in ("profiles", "transfers", "lotteries", "profile_revenue", "values"):
        with pytest.raises(TooLargeError, match=r"20\^100 x 20 types are about 10\^131 profiles"):
            getattr(mechanism, table)
    with pytest.raises(TooLargeError):
        mechanism.to_frame()
    text = result.explain()
    assert "each buyer" in text
    assert "the buyers of this value have equal chances" in text


@pytest.mark.parametrize("n", [4, 7, 30])
def test_larger_ones_are_proved(n: int) -> None:
    rng = random.Random(n)
    buyer, seller = (Distribution(sorted(rng.sample(range(60), k)), masses(rng, k)) for k in (30, 25))
    for requirements in QUESTIONS:
        result = solve(Instance(Exchange([buyer] * n, [seller]), requirements))
        assert result.proved, result.reason
        assert result.method == NAME
        result.explain()


def test_questions_that_it_leaves() -> None:
    die, coin = Distribution(range(6)), Distribution(range(2))
    env, need = Exchange([die] * 2, [coin]), QUESTIONS[0]
    instance = Instance(env, need)
    assert CLOSED.accepts(instance) is None
    assert CLOSED.accepts(Instance(Exchange([die, Distribution(range(6))], [coin]), need)) is None
    for key, value in {
        "allocation": "free", "ties": "first", "transfers": "groves", "incentive_compatibility": "DSIC",
        "individual_rationality": "ex-post", "budget": "none",
    }.items():  # fmt: skip
        verb = "are" if key in ("ties", "transfers") else "is"
        assert f"{key} {verb} {value}" in (CLOSED.accepts(instance.with_requirements(**{key: value})) or "")
    assert "objective" in (CLOSED.accepts(instance.with_objective("welfare")) or "")
    assert "bilateral-trade" in (CLOSED.accepts(Instance(BilateralTrade(die, coin), need)) or "")
    assert "identical" in (CLOSED.accepts(Instance(Exchange([die, coin], [coin]), need)) or "")
    assert "2 sellers" in (CLOSED.accepts(Instance(Exchange([die], [coin, coin]), need)) or "")
    assert "correlated" in (CLOSED.accepts(Instance(Exchange([die], [coin], {(0, 0): 1}), need)) or "")
    long = Distribution([0, 1], [F(1, 10**900), 1 - F(1, 10**900)])
    assert "too long" in (CLOSED.accepts(Instance(Exchange([long] * 100, [coin]), need)) or "")
    with pytest.raises(TooLargeError, match="too many for the interim program"):
        solve(Instance(Exchange([die] * 100, [coin]), need).with_requirements(ties="last"))


# ---- the verifier: compact and in full -----------------------------------------------------------------------------------


@pytest.mark.parametrize("part", range(6))
def test_mechanisms(part: int) -> None:
    """Payments near those of VCG', so that about half of the checks succeed."""
    met = [0, 0]
    for seed in range(40 * part, 40 * part + 40):
        rng, instance = random.Random(f"mechanism {seed}"), small(seed)
        proof = tables(instance)
        asked, data = proof["instance"], proof["mechanism"]
        shift = rng.choice([F(0), F(0), F(-1, 3), F(1, 5)])
        noise = rng.choice([[F(0)], [F(0)], [F(0)] * 5 + [F(1, 2), F(-1, 2)]])
        data["interim"] = [[str(t + shift + rng.choice(noise)) for t in numbers(row)] for row in data["interim"]]
        data["allocation"] = word = rng.choice(["symmetric", "uniform"])
        compact, full = IdenticalBuyers(asked), Question(asked)
        fees = [rng.choice([F(0), F(0), F(-1, 4), F(1, 4)]) for _ in "BS"]
        sides = instance.environment.agents[0], instance.environment.agents[-1]
        means = [
            sum(m * F(t) for m, t in zip(side.probabilities, row, strict=True)) + fee
            for side, row, fee in zip(sides, data["interim"], fees, strict=True)
        ]
        revenue = compact.buyers * means[0] + means[1]
        z = rng.choice([revenue, revenue, revenue, revenue - F(1, 7), revenue + F(1, 7), F(0)])
        written = expand({"instance": asked, "mechanism": data})["mechanism"]
        if compact.tied and compact.ties == "uniform" and word == "symmetric":
            assert refuses(lambda: IdenticalBuyersMechanism(compact, data, [z, *fees]))  # noqa: B023
            assert refuses(lambda: read_allocation(full, written["allocation"]))  # noqa: B023
            continue
        mine = IdenticalBuyersMechanism(compact, data, [z, *fees])
        each = [fees[0]] * compact.buyers + [fees[1]]
        money = read_money(full, written, "mechanism", ["allocation"])
        theirs = Written(full, money, read_allocation(full, written["allocation"]), [z, *fees])
        said = refuses(lambda: mine.check(z, fees)), refuses(lambda: theirs.check(z, each))  # noqa: B023
        assert said[0] == said[1], (seed, asked, data, z, fees)
        met[said[0]] += 1
    assert min(met) > 5


@pytest.mark.parametrize("part", range(6))
def test_multipliers(part: int) -> None:
    """The chains to the worst types, scaled, with cycles on top, cut short, or with other ties."""
    found = [0, 0]
    for seed in range(40 * part, 40 * part + 40):
        rng, instance = random.Random(f"multipliers {seed}"), small(seed)
        proof = tables(instance)
        asked, entries = proof["instance"], proof["multipliers"]
        scale, bounds = rng.choice([(F(1), "margin"), (F(1), "margin"), (F(3, 2), "margin"), (F(0), "feasibility")])
        entries = [{**entry, "weight": str(F(entry["weight"]) * scale)} for entry in entries if scale]
        for side, name in enumerate(("buyers", "sellers")):
            size, who = len(asked["environment"][name][0]["values"]), side * len(asked["environment"]["buyers"])
            if size > 1 and rng.random() < 0.6:
                k, r = rng.sample(range(size), 2)
                weight = str(F(rng.randint(1, 5), rng.randint(1, 3)))
                entries += [
                    {"constraint": "BIC", "agent": who, "type": a, "report": b, "weight": weight}
                    for a, b in ((k, r), (r, k))
                ]
        if entries and rng.random() < 0.2:
            entries.pop(rng.randrange(len(entries)))
        written = expand({"instance": asked, "multipliers": entries})["multipliers"]
        answers = []
        columns = in_columns(rng, entries)
        for kind, question, rows in (
            (IdenticalBuyersLagrangian, IdenticalBuyers, columns),
            (Lagrangian, Question, written),
        ):
            own = question(asked)
            try:
                answers.append(kind(own, [read_multiplier(own, e, "m") for e in rows], bounds).bound())
            except Refusal:
                answers.append(None)
        assert answers[0] == answers[1], (seed, asked, entries, bounds)
        found[answers[0] is not None] += 1
    assert min(found) > 5


@pytest.mark.parametrize("seed", range(12))
def test_tampering_compact_and_in_full(seed: int) -> None:
    words = {"symmetric": ["uniform", "first"], "uniform": ["symmetric"]}

    def comparable(path: tuple[Any, ...], proof: dict[str, Any]) -> bool:
        return path[:2] != ("instance", "requirements") and alike(proof)

    assert compare_in_full(tables(small(seed)), expand, random.Random(seed), comparable, words) > 10


def alike(proof: dict[str, Any]) -> bool:
    buyers = proof["instance"]["environment"]["buyers"]
    return all(one == buyers[0] for one in buyers)


def test_every_number_of_the_proof_counts() -> None:
    """Without fees, ties or types of mass 0 nothing can change: payments, weights, values, masses."""
    side = [Distribution([2, 5, 9], [F(1, 2), F(1, 3), F(1, 6)]), Distribution([1, 4, 7], [F(1, 5), F(2, 5), F(2, 5)])]
    proof = tables(Instance(Exchange([side[0]] * 2, [side[1]]), QUESTIONS[2]))
    assert verify(proof)
    for part in ("mechanism", "multipliers", "claim"):
        for path, old in leaves(proof[part], (part,)):
            if old is not None:
                wrong = changed(proof, path, old + 1 if isinstance(old, int) else f"{old}1")
                assert not verify(wrong), path


def test_refusals_say_why() -> None:
    good = tables(Instance(Exchange([Distribution([2, 6])] * 2, [Distribution([1, 4])]), QUESTIONS[0]))
    report = verify(good)
    assert report, str(report)
    assert "2^2 x 2 types" in report.checks[0]
    assert "6 BIC and 6 interim IR and 1 balanced budget (the same at every profile) constraints" in report.checks[1]
    assert "5 constraints (of agent 0: for each buyer)" in report.checks[2]
    assert len(good["fees"]) == 2

    def refused(words: str, *way: Any, to: Any) -> None:
        report = verify(changed(good, way, to))
        assert any(words in problem for problem in report.problems), (words, str(report))
        assert not report

    env, need = ("instance", "environment"), ("instance", "requirements")
    one = good["instance"]["environment"]["sellers"][0]
    refused("one seller and identical buyers", *env, "sellers", to=[one, one])
    refused("one seller and identical buyers", *env, "buyers", 1, to=one)
    refused("unknown key 'prior'", *env, "prior", to={"profiles": []})
    refused("empty", *env, "sellers", to=[])
    for key, value in {"ties": "first", "incentive_compatibility": "DSIC", "allocation": "free"}.items():
        refused(f"requirements.{key}: compact parts of a proof about an exchange need", *need, key, to=value)
    proof = copy.deepcopy(good)
    proof["instance"]["objective"]["maximize"] = proof["claim"]["objective"] = "welfare"
    assert "need the margin" in str(verify(proof))
    refused("where one of symmetric, uniform is needed", "mechanism", "allocation", to="first")
    refused("agent 0 stands for every buyer", "multipliers", 0, "agent", to=1)
    refused("a budget at one profile, which is not alike", "multipliers", -1, "profile", to=[0, 0, 0])
    refused("3 are needed", "multipliers", -1, "profile", to=[0, 0])
    refused("the payment of buyer-1 of type 2 keeps the coefficient", "multipliers", 0, "weight", to="2")
    refused("z keeps the coefficient", "multipliers", -1, "weight", to="2")
    refused("2 are needed", "mechanism", "interim", 0, to=["0"])
    refused("where a whole number from 1 is needed", "mechanism", "interim", 0, "over", to="0")
    refused("ray: there is no compact form", "claim", to=good["claim"] | {"margin": "inf", "value": "inf"})
    refused("2 are needed", "fees", to=["0", "0", "0"])
    refused("gains", "mechanism", "interim", 0, to=["0", "6"])
    refused("utility of buyer-1 of type 2 falls short", "mechanism", "interim", 0, to=["3", "6"])
    refused("utility of seller of type 4 falls short", "mechanism", "interim", 1, to=["0", "0"])
    refused("revenue falls short", "mechanism", "interim", 0, to=["-1", "2"])
    wild = Distribution([0, 1], [F(1, 3**2500), 1 - F(1, 3**2500)]).table()
    refused("too long numbers", *env, "buyers", to=[wild] * 110)


def test_uniform_ties_want_the_uniform_lottery() -> None:
    die = Distribution(range(1, 4))
    for requirements, wrong in ((QUESTIONS[1], "symmetric"), (QUESTIONS[0], "uniform")):
        proof = tables(Instance(Exchange([die] * 2, [die]), requirements))
        proof["mechanism"]["allocation"] = wrong
        assert not verify(proof)


# ---- mechanisms on request -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(24))
def test_lazy_mechanism_is_what_its_proof_says_in_full(seed: int) -> None:
    proof = CLOSED.solve(small(seed))
    mechanism = proof.mechanism
    assert isinstance(mechanism, BuyersMechanism)
    written = expand(proof.table())["mechanism"]
    lotteries = [{int(x): F(q) for x, q in entry.items()} for entry in written["allocation"]]
    assert list(mechanism.lotteries) == lotteries
    assert [[str(t) for t in row] for row in mechanism.transfers] == written["transfers"]
    plain = Mechanism(mechanism.environment, tuple(map(tuple, mechanism.transfers)), tuple(mechanism.lotteries))
    assert list(mechanism.profiles) == list(plain.profiles)
    agents = range(len(mechanism.environment.agents))
    assert [mechanism.interim(i) for i in agents] == [plain.interim(i) for i in agents]
    assert mechanism.interim(-1) == plain.interim(agents[-1])
    assert (mechanism.revenue, mechanism.expected_utility) == (plain.revenue, plain.expected_utility)
    assert mechanism.welfare == plain.welfare
    assert mechanism.profile_revenue == plain.profile_revenue
    assert mechanism.to_frame().equals(plain.to_frame())
    *buyers, seller = agents
    for fees in ([F(1, 3) for _ in buyers] + [F(-2)], [F(i, 3) for i in buyers] + [F(0)]):
        mine, theirs = mechanism.plus(tuple(fees)), plain.plus(tuple(fees))
        assert [list(row) for row in mine.transfers] == [list(row) for row in theirs.transfers]
    again = CLOSED.solve(small(seed)).mechanism
    assert (again, hash(again)) == (mechanism, hash(mechanism))
    assert mechanism.plus((F(1),) * (seller + 1)) != mechanism


# ---- the command line ----------------------------------------------------------------------------------------------------


def test_commands(run: Any, tmp_path: Path) -> None:
    def said_by(*arguments: object) -> str:
        code, out, _ = run(*arguments)
        assert not code
        return str(out)

    proof = tmp_path / "proof.json"
    said = said_by("solve", HUNDRED, "--proof", proof)
    assert "exists   margin about 0.0493575" in said
    assert "100 x buyer of 20 types, seller of 20 types (about 10^131 profiles)" in said
    assert "20^100 x 20 types" in said_by("verify", proof)
    assert "IR[each buyer: 0]" in said_by("explain", HUNDRED, "--set", "buyers=3")
    assert "BIC[buyer: 1/19 -> 0]" in said_by("explain", HUNDRED, "--set", "buyers=1")
