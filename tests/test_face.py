"""What all optimal mechanisms have in common: right values by hand, brute force, proofs, what is said and refused."""

from __future__ import annotations

import json
import math
import random
from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path

import pytest
from support import random_instances, scripted_solver
from support.optimal_faces import Brute

import lpmech
from lpmech import AllocationTable, BilateralTrade, Distribution, Instance, LinearRequirement, Requirements
from lpmech.base.errors import InputError, TooLargeError, UndecidedError
from lpmech.base.exact import to_flint
from lpmech.cli import main
from lpmech.literature import theorems
from lpmech.literature.theorems import payoff_equivalence
from lpmech.studies.agreement import Case
from lpmech.studies.face import Face, face
from lpmech.studies.face.found import EVERY, NONE, SOME, UNSETTLED
from lpmech.studies.face.proofs import ATTAINED, BEYOND, BOUNDED
from lpmech.studies.face.rowspace import RowSpace
from lpmech.verify import verify

ROOT = Path(__file__).parent.parent / "instances"
ONE_BUYER = ROOT / "kos-manea-2009/example-1-one-buyer.toml"


def trade(b: list[int], s: list[int], *need: str, objective: str = "margin", **more: object) -> Instance:
    env = BilateralTrade(Distribution(b), Distribution(s))
    return Instance(env, Requirements(*need, **more)).with_objective(objective)  # type: ignore[arg-type]


def ends(found: Face, words: str) -> tuple[F | float | None, F | float | None]:
    r = found[words]
    return None if r.low is None else r.low.value, None if r.high is None else r.high.value


def held(found: Face) -> dict[str, str]:
    return {found.label(b): b.held for b in found.bindings}


# ---- right values, by hand -----------------------------------------------------------------------------------------------


def test_one_type_each_sharing_the_gains() -> None:
    """Value 5, cost 2: welfare is 3 whatever is paid; the price is anywhere from 2 to 5."""
    found = face(trade([5], [2], "DSIC", "ex-post", "balanced", objective="welfare"))
    assert (found.optimum, found.dimension, found.allocation_unique, found.interim_payoffs_unique) == (
        3,
        1,
        True,
        False,
    )
    assert ends(found, "payment[buyer | buyer 5, seller 2]") == (2, 5)
    assert ends(found, "payment[seller | buyer 5, seller 2]") == (-5, -2)
    assert ends(found, "expected utility[buyer]") == ends(found, "expected utility[seller]") == (0, 3)
    assert ends(found, "expected revenue") == (0, 0)
    assert held(found) == {"IR[buyer: 5 | seller 2]": SOME, "IR[seller: 2 | buyer 5]": SOME}


def test_one_type_each_the_margin() -> None:
    """The most that can be left over is the whole gain: everybody is at his outside option, and there is one mechanism."""
    found = face(trade([5], [2], "DSIC", "ex-post", "balanced"))
    assert (found.optimum, found.unique, found.dimension) == (3, True, 0)
    assert ends(found, "payment[buyer | buyer 5, seller 2]") == (5, 5)
    assert ends(found, "payment[seller | buyer 5, seller 2]") == (-2, -2)
    assert set(held(found).values()) == {EVERY}


def test_posted_price() -> None:
    """Trade whatever is paid, and a surplus may be left: what the buyer pays and the seller gets are two numbers."""
    found = face(
        trade([5], [2], "DSIC", "ex-post", "no-expected-deficit", objective="welfare", allocation=lpmech.PostedPrice(3))
    )
    assert ends(found, "payment[buyer | buyer 5, seller 2]") == (2, 5)
    assert ends(found, "expected revenue") == (0, 3)
    assert found.dimension == 2


def test_two_types_each_with_unique_payoffs() -> None:
    """kos-manea-2009, Example 1: the tight mechanism; one lump sum is still open between the profiles."""
    found = lpmech.face(ONE_BUYER)
    assert (found.optimum, found.dimension, found.unique) == (F(-1, 8), 1, False)
    assert found.allocation_unique
    assert found.interim_payments_unique
    assert found.interim_payoffs_unique
    assert ends(found, "interim utility[buyer: 9/2]") == (F(5, 4), F(5, 4))
    assert ends(found, "interim payment[seller: 1]") == (F(-5, 2), F(-5, 2))
    assert ends(found, "payment[buyer | buyer 2, seller 1]") == (-math.inf, math.inf)
    assert held(found) == {
        "BIC[buyer: 2 -> 9/2]": NONE,
        "BIC[buyer: 9/2 -> 2]": EVERY,
        "IR[buyer: 2]": EVERY,
        "IR[buyer: 9/2]": NONE,
        "BIC[seller: 1 -> 4]": EVERY,
        "BIC[seller: 4 -> 1]": NONE,
        "IR[seller: 1]": NONE,
        "IR[seller: 4]": EVERY,
    }
    least = {found.label(b): b.least for b in found.bindings}
    assert least["BIC[buyer: 2 -> 9/2]"] == F(5, 4)
    assert least["IR[seller: 1]"] == F(3, 2)


def test_two_types_each_with_many_payoffs() -> None:
    """Values 3, 4, costs 1, 2, balanced, BIC, interim IR: Pi = 3 - 2 = 1 can be shared out. All types always trade,
    so u_B(4) - u_B(3) = 1, and u_B(3) is 0 to 1."""
    found = face(trade([3, 4], [1, 2], "BIC", "interim", "balanced", objective="welfare"))
    assert found.optimum == 2
    assert not found.interim_payoffs_unique
    assert ends(found, "interim utility[buyer: 3]") == (0, 1)
    assert ends(found, "interim utility[buyer: 4]") == (1, 2)
    assert ends(found, "interim utility[seller: 2]") == (0, 1)
    assert ends(found, "expected utility[buyer]") == (F(1, 2), F(3, 2))
    names = held(found)
    assert names["BIC[buyer: 4 -> 3]"] == names["BIC[buyer: 3 -> 4]"] == EVERY
    assert names["IR[buyer: 3]"] == names["IR[seller: 2]"] == SOME
    assert names["IR[buyer: 4]"] == names["IR[seller: 1]"] == NONE


def test_an_allocation_that_is_not_unique() -> None:
    """Value and cost 2, ties: trade or none, any lottery."""
    found = face(trade([2], [2], "DSIC", "ex-post", "balanced"))
    assert (found.optimum, found.dimension, found.allocation_unique) == (0, 1, False)
    assert ends(found, "probability[trade | buyer 2, seller 2]") == (0, 1)
    assert ends(found, "payment[buyer | buyer 2, seller 2]") == (0, 2)
    assert found.interim_payoffs_unique
    assert not found.interim_payments_unique


def test_a_monopolist() -> None:
    """Values 1, 2, equally likely: revenue 1 by serving both or the high one alone, or mixtures: u(2) = q(1)."""
    env = lpmech.Auction([lpmech.Bidder(Distribution([1, 2]))], 1)
    found = face(Instance(env, Requirements("BIC", "interim", "none", allocation="free")).with_objective("revenue"))
    assert found.optimum == 1
    assert found.dimension == 1
    assert ends(found, "interim payment[bidder: 1]") == (0, 1)
    assert ends(found, "interim payment[bidder: 2]") == (1, 2)
    assert ends(found, "expected welfare") == (1, F(3, 2))
    assert held(found)["BIC[bidder: 2 -> 1]"] == EVERY
    assert held(found)["BIC[bidder: 1 -> 2]"] == SOME


def test_within_a_slack() -> None:
    """The same, all with revenue at least 1 - 1/10: the bidder of value 2 pays 9/5 to 2 if the other is not served."""
    env = lpmech.Auction([lpmech.Bidder(Distribution([1, 2]))], 1)
    instance = Instance(env, Requirements("BIC", "interim", "none", allocation="free")).with_objective("revenue")
    found = face(instance, "1/10")
    assert found.proof is None
    assert ends(found, "expected revenue") == (F(9, 10), 1)
    assert ends(found, "interim payment[bidder: 2]") == (F(9, 10), 2)
    assert ends(found, "interim payment[bidder: 1]") == (F(-1, 10), 1)
    assert EVERY not in held(found).values()


def test_margin_within_a_slack() -> None:
    """Value 5, cost 2: revenue at least 3 - 1, so the price the buyer pays is 4 to 5 and the seller gets 2 to 3."""
    for budget in ("no-deficit", "balanced"):
        found = face(trade([5], [2], "DSIC", "ex-post", budget), 1)
        assert found.lowered == (budget == "no-deficit")
        assert ends(found, "payment[buyer | buyer 5, seller 2]") == (4, 5)
        assert ends(found, "payment[seller | buyer 5, seller 2]") == (-3, -2)
        assert ends(found, "expected revenue") == (2, 3)


def test_shares_that_are_free() -> None:
    found = face(lpmech.load(Path(__file__).parent / "cases/questions/known-free-shares-symmetric.toml"))
    assert found.optimum == F(1, 4)
    low, high = ends(found, "share[partner-1]")
    assert isinstance(low, F)
    assert isinstance(high, F)
    assert 0 <= low <= F(1, 2) <= high <= 1
    assert low + high == 1  # by symmetry of the partners
    assert found.allocation_unique == (low == high and found._unique("probability"))


# ---- against brute force ------------------------------------------------------------------------------------------------


def further(instance: Instance, rng: random.Random) -> Instance:
    """The question with bounds on payments, a linear requirement, a floor, or fewer deviations."""
    agents = instance.environment.agents
    kind = rng.randrange(4)
    if kind == 0:
        return instance.with_requirements(payments={"at-most": rng.randint(3, 9), "at-least": -rng.randint(3, 9)})
    if kind == 1:
        rule = LinearRequirement(f'u["{agents[0].name}"]', at="prior", at_most=rng.randint(0, 3))
        return instance.with_requirements(linear=(rule,))
    if kind == 2 and instance.requirements.budget != "none":
        return instance.with_requirements(budget_floor=F(rng.randint(-3, 3), 2))
    notions = {agents[0].name: "BIC", "default": "none"}
    return instance.with_requirements(incentive_compatibility=notions)


def near(x: F | float, y: float) -> bool:
    return x == y or abs(float(x) - y) <= 1e-7 * max(1, abs(y))


def compare(found: Face, rng: random.Random) -> None:
    """Everything in expectation, and some of what is at single profiles."""
    brute = Brute(found.instance, found.optimum - found.slack, found.optimal.exactly)
    assert near(found.optimum, brute.optimum)
    whole = [r for r in found.ranges if r.quantity.profile is None]
    single = [r for r in found.ranges if r.quantity.profile is not None]
    for r in [*whole, *rng.sample(single, min(8, len(single)))]:
        low, high = brute.ends(brute.form(r.quantity))
        assert r.low is not None
        assert r.high is not None
        words = r.quantity.words(found.instance.environment)
        assert (near(r.low.value, low), near(r.high.value, high)) == (True, True), (words, r, low, high)
    pairs = list(zip(found.bindings, brute.slacks, strict=True))
    for binding, slack in rng.sample(pairs, min(10, len(pairs))):
        low, high = brute.ends(slack)
        assert binding.least is not None
        assert near(binding.least, low), found.label(binding)
        kind = EVERY if high < 1e-7 else SOME if low < 1e-7 else NONE
        assert binding.held == kind, found.label(binding)


def small(seed: int, more: bool) -> tuple[Face, random.Random] | None:
    rng = random.Random(seed)
    instance = random_instances.instance(seed)
    if more:
        instance = further(instance, rng)
    try:
        return face(instance, rng.choice([0, 0, 0, "1/3"])), rng
    except InputError:  # no optimum
        return None


@pytest.mark.parametrize("part", range(12))
def test_random_instances_against_brute_force(part: int) -> None:
    compared = 0
    for seed in range(part * 40, part * 40 + 40):
        case = small(seed, more=seed % 3 == 0)
        if case is not None:
            compare(*case)
            compared += 1
    assert compared >= 17


QUESTIONS = sorted((Path(__file__).parent / "cases/questions").glob("*.toml"))


@pytest.mark.parametrize("file", QUESTIONS, ids=lambda file: file.stem)
def test_questions_of_others_against_brute_force(file: Path) -> None:
    """Interdependent values, free shares, notions by agent, components, joint priors."""
    try:
        found = face(lpmech.load(file))
    except InputError:
        assert file.stem in {"known-vote-without-payments", "partnership-06", "social-05", "social-12"}
        return
    compare(found, random.Random(7))
    for r in random.Random(8).sample([r for r in found.ranges if r.quantity.kind != "share"], 4):
        assert all(verify(claim.proof.table()) for claim in found.claims(r))


# ---- proofs --------------------------------------------------------------------------------------------------------------


def test_what_binds_at_every_one_is_what_the_multipliers_of_the_proof_name() -> None:
    """Strict complementarity: weights on exactly the rows that bind everywhere, in a proof that the verifier accepts."""
    checked = 0
    for seed in range(40):
        case = small(seed, more=seed % 2 == 0)
        if case is None or case[0].slack:
            continue
        found, proof = case[0], case[0].proof
        assert proof is not None
        assert verify(proof.table())
        assert proof.multipliers is not None
        weighted = {(m.constraint, m.place) for m in proof.multipliers if m.weight}
        every = {(b.constraint, b.place) for b in found.bindings if b.held == EVERY}
        inequalities = {(b.constraint, b.place) for b in found.bindings}
        assert weighted & inequalities == every
        checked += bool(every)
    assert checked >= 12


@pytest.mark.parametrize("objective", ["margin", "welfare"])
def test_ends_have_proofs_that_say_what_they_are(objective: str) -> None:
    found = face(trade([3, 4], [1, 2], "BIC", "interim", "no-deficit", objective=objective))
    seen = set()
    for r in found.ranges:
        for claim in found.claims(r, F(1, 1000)):
            assert verify(claim.proof.table())
            seen.add(claim.says)
            asked = claim.proof.instance
            assert (claim.proof.verdict == "impossible") == (claim.says == BEYOND)
            if claim.says == BOUNDED:
                assert claim.proof.value == (claim.end if claim.high else -claim.end)
            else:
                bound = asked.constraints[-1].bound  # type: ignore[attr-defined]
                past = {ATTAINED: F(0), BEYOND: F(1, 1000)}[claim.says]
                assert bound == (claim.end + past if claim.high else claim.end - past)
            again = lpmech.solve(asked)
            assert again.verdict == claim.proof.verdict
    assert seen == {ATTAINED, BEYOND, BOUNDED}


def test_a_range_that_is_too_narrow_is_refused() -> None:
    """The multipliers of an end prove no end that is smaller: the verifier has the last word."""
    found = face(trade([3, 4], [1, 2], "BIC", "interim", "balanced", objective="welfare"))
    r = found["interim utility[buyer: 3]"]
    assert r.high is not None
    wrong = replace(r, high=replace(r.high, value=F(9, 10)))
    with pytest.raises(UndecidedError, match="the verifier refused"):
        found.claims(wrong, F(1, 1000))


def test_what_proof_files_cannot_say_is_refused_by_name() -> None:
    shares = face(lpmech.load(Path(__file__).parent / "cases/questions/known-free-shares-symmetric.toml"))
    with pytest.raises(InputError, match="a share"):
        shares.claims(shares["share[partner-1]"])
    slack = face(trade([5], [2], "DSIC", "ex-post", "balanced"), 1)
    with pytest.raises(InputError, match="no question that only these mechanisms answer"):
        slack.claims(slack["expected revenue"])


# ---- effort and honesty --------------------------------------------------------------------------------------------------


def test_what_is_left_out_is_said() -> None:
    instance = lpmech.load(ROOT / "kos-manea-2009/example-1-two-buyers.toml")
    whole, found = face(instance), face(instance, programs=2)
    assert (whole.left_out, whole.stopped) == (0, False)
    assert found.stopped
    assert found.programs <= 2
    assert found.left_out > 0
    assert found.left_out == sum((r.low is None) + (r.high is None) for r in found.ranges) + sum(
        b.held == UNSETTLED for b in found.bindings
    )
    assert found.allocation_unique == whole.allocation_unique  # by equations, without programs
    for a, b in zip(found.ranges, whole.ranges, strict=True):
        for one, other in ((a.low, b.low), (a.high, b.high)):
            assert one is None or (other is not None and one.value == other.value)
    assert "?" in found.explain()


@pytest.mark.parametrize("lie", [scripted_solver.nothing, scripted_solver.shuffled, scripted_solver.one_row_off])
def test_a_lying_solver_changes_no_number(lie: scripted_solver.Lie) -> None:
    """Exact pivots find what the solver does not, or nothing is said."""
    instance = trade([3, 4], [1, 2], "BIC", "interim", "balanced", objective="welfare")
    honest = face(instance)
    try:
        found = face(instance, solver=scripted_solver.lying(lie))
    except UndecidedError:
        return
    for a, b in zip(found.ranges, honest.ranges, strict=True):
        for one, other in ((a.low, b.low), (a.high, b.high)):
            assert one is None or (other is not None and one.value == other.value)
    for x, y in zip(found.bindings, honest.bindings, strict=True):
        assert x.held in (y.held, UNSETTLED)


def test_row_spaces_are_exact() -> None:
    rows = [{0: F(1), 1: F(2)}, {1: F(1, 3), 2: F(1)}, {0: F(3), 1: F(7), 2: F(3)}]
    space = RowSpace([{j: to_flint(x) for j, x in row.items()} for row in rows], 4)
    assert len(space.free) == 2
    assert space.residual({0: to_flint(F(2)), 1: to_flint(F(13, 3)), 2: to_flint(F(1))}) == {}
    assert space.residual({3: to_flint(F(1))}) == {3: 1}
    assert space.residual({0: to_flint(F(1))})


WILLING = ("DSIC", "ex-post", "balanced")


@pytest.mark.parametrize(
    ("instance", "message"),
    [
        (trade([5], [2], "DSIC", "none", "no-deficit"), "the margin is infinite"),
        (trade([3, 4], [1, 2], "none", "none", "no-deficit", objective="revenue"), "the objective is infinite"),
        (trade([3], [4], *WILLING, objective="welfare", allocation=AllocationTable([[0, 1]])), "none is optimal"),
        (trade([3, 4], [1, 2], "DSIC", "interim", "balanced", allocation="free", lotteries=False), "without lotteries"),
    ],
)  # fmt: skip
def test_refusals(instance: Instance, message: str) -> None:
    with pytest.raises(InputError, match=message):
        face(instance)


def test_refusals_of_slack_and_size() -> None:
    with pytest.raises(InputError, match="a slack below 0"):
        face(trade([5], [2], "DSIC", "ex-post", "balanced"), -1)
    with pytest.raises(TooLargeError, match="too many for what all optimal mechanisms have in common"):
        face(lpmech.load(ROOT / "myerson-satterthwaite-1983/uniform-second-best.toml"))


# ---- payoff equivalence ------------------------------------------------------------------------------------------------


def test_payoff_equivalence_of_second_best_allocations() -> None:
    """README of the theorem: with an allocation of the second best, whose tight surplus is 0, payoffs are unique, and those
    of the free question's optimum are theirs."""
    checked, rng = 0, random.Random(4)
    while checked < 8:
        b, s = sorted(rng.sample(range(1, 12, 2), 3)), sorted(rng.sample(range(0, 12, 2), 3))
        first = trade(b, s, "BIC", "interim", "balanced")
        margin = lpmech.solve(first).margin
        if not isinstance(margin, F) or margin >= 0:
            continue
        free = first.with_requirements(allocation="free").with_objective("welfare")
        best = lpmech.solve(free)
        assert best.mechanism is not None
        table = AllocationTable([[q.get(x, F(0)) for x in (0, 1)] for q in best.mechanism.lotteries])
        asked = free.with_requirements(allocation=table)
        assert payoff_equivalence.applies(asked) is None
        said = payoff_equivalence.predict(asked)
        assert said.unique_payoffs
        found = face(asked)
        assert found.interim_payoffs_unique
        assert found.optimum == best.value
        checked += 1


def test_payoff_equivalence_has_cases_of_each_sort() -> None:
    said = [payoff_equivalence.predict(Case("payoff_equivalence", n).instance()) for n in range(90)]
    sorts = {(p.verdict, p.value is not None, p.unique_payoffs) for p in said}
    assert ("exists", True, True) in sorts  # welfare, no surplus to spare
    assert ("exists", True, False) in sorts
    assert ("impossible", False, None) in sorts
    assert ("impossible", False, True) in sorts  # the margin
    assert "payoff_equivalence" in theorems.names()


def test_types_of_probability_0_break_it() -> None:
    """A highest value that never comes may be given more than the tight mechanism gives; one in between may not."""
    between = Distribution([2, 3, 6], [F(1, 2), F(0), F(1, 2)])
    instance = Instance(BilateralTrade(between, Distribution([1, 4])), Requirements("BIC", "interim", "balanced"))
    assert payoff_equivalence.applies(instance) is None
    assert face(instance).interim_payoffs_unique
    buyer = Distribution([2, 3, 6], [F(1, 2), F(1, 2), F(0)])
    instance = Instance(BilateralTrade(buyer, Distribution([1, 4])), Requirements("BIC", "interim", "balanced"))
    assert payoff_equivalence.applies(instance) == "the highest value or the lowest cost has probability 0"
    assert not face(instance).interim_payoffs_unique


# ---- shown ---------------------------------------------------------------------------------------------------------------


def test_json_and_frame_have_everything() -> None:
    found = lpmech.face(ONE_BUYER)
    table = json.loads(json.dumps(found.table("x.toml")))
    assert (table["format"], table["file"], table["optimum"], table["proved"]) == (
        "lpmech-face/1",
        "x.toml",
        "-1/8",
        True,
    )
    assert table["unique"] == {
        "mechanism": False,
        "allocation": True,
        "interim_payments": True,
        "interim_payoffs": True,
    }
    assert len(table["requirements"]) == 8
    assert {row["low"] for row in table["ranges"] if row["quantity"] == "payment"} == {"-inf"}
    frame = found.to_frame()
    assert len(frame) == len(table["ranges"]) == len(found.ranges)
    row = frame[(frame.quantity == "interim utility") & (frame.type == "9/2")].iloc[0]
    assert (row.low, row.high) == (F(5, 4), F(5, 4))
    assert found.to_frame(exact=False).low.iloc[0] == -0.125


@pytest.mark.parametrize("style", ["text", "markdown", "latex", "html"])
def test_every_format_says_the_same(style: str) -> None:
    told = face(trade([3, 4], [1, 2], "BIC", "interim", "balanced", objective="welfare")).explain(style)
    for words in ("One or many", "What binds", "In expectation", "By type", "At single profiles", "How it is known"):
        assert words in told
    assert ("$0$ to $1$" if style == "latex" else "0 to 1") in told


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run(*arguments: str) -> tuple[object, str, str]:
        with pytest.raises(SystemExit) as stop:
            main(["face", *arguments])
        out, err = capsys.readouterr()
        return stop.value.code, out, err

    code, out, _ = run(str(ONE_BUYER))
    assert code == 0
    assert "The margin is -1/8 = -0.125." in out
    code, out, _ = run(str(ONE_BUYER), "--json", "--slack", "1/10")
    assert code == 0
    assert (json.loads(out)["slack"], json.loads(out)["proved"]) == ("1/10", False)
    code, out, err = run(str(ONE_BUYER), "--slack", "-1")
    assert (code, out) == (2, "")
    assert "a slack below 0" in err
    code, _, err = run(str(ONE_BUYER), "--slack", "x")
    assert code == 2
    assert "--slack" in err
    code, out, _ = run(str(ONE_BUYER), "--slack", "1/10", "--programs", "1")
    assert code == 3
    assert "--programs N allows more" in " ".join(out.split())
    code, _, err = run(str(ROOT / "mishra-2020/dagv.toml"))
    assert code == 2
    assert "the margin is infinite" in err
    code, _, err = run(str(ONE_BUYER), "--proofs", str(tmp_path / "proofs"))
    assert code == 0
    lines = (tmp_path / "proofs/claims.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1 + len(list((tmp_path / "proofs").glob("*.json")))
    assert f"{len(lines) - 1} proof files" in err
    for file in (tmp_path / "proofs").glob("*.json"):
        assert verify(str(file))
