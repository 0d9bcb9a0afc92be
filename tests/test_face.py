"""What all optimal mechanisms have in common: right values by hand, brute force, proofs, what is said and refused."""

from __future__ import annotations

import math
import random
from fractions import Fraction as F
from pathlib import Path

import pytest
from support import random_instances
from support.optimal_faces import Brute

import lpmech
from lpmech import BilateralTrade, Distribution, Instance, LinearRequirement, Requirements
from lpmech.base.errors import InputError
from lpmech.studies.face import Face, face
from lpmech.studies.face.found import EVERY, NONE, SOME

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
    assert compared >= 12
