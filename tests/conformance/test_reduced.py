"""The reduced formulations against ``full``: same verdict, margin and value, exactly, and proofs that are accepted."""

from __future__ import annotations

import copy
import itertools
import random
from fractions import Fraction as F

import pytest
from support import random_instances

from lpmech import engine
from lpmech.base.errors import InputError, TooLargeError
from lpmech.engine import solve
from lpmech.programs import formulations
from lpmech.programs.transport import transport
from lpmech.question.constraints import Budget
from lpmech.question.distribution import Distribution
from lpmech.question.environments.bilateral_trade import BilateralTrade
from lpmech.question.environments.partnership import Partner, Partnership
from lpmech.question.environments.social_choice import SocialChoice, Type
from lpmech.question.model import Instance
from lpmech.question.objective import Objective
from lpmech.question.requirements import CHOICES, PostedPrice, Requirements
from lpmech.verify import verify

REDUCED = [name for name in formulations.names() if name not in {"full", "symmetric"}]  # test_symmetric.py


def same(instance, name):
    """Solve both ways and compare; returns the reduced answer."""
    mine, full = solve(instance, method=name), solve(instance, method="full")
    assert mine.method == name
    assert mine.proved, mine.reason
    assert (mine.verdict, mine.margin, mine.value) == (full.verdict, full.margin, full.value)
    return mine


def fitted(seed, name):
    """A random instance, its requirements bent to what the formulation accepts; None if that does not help."""
    instance, rng = random_instances.instance(seed), random.Random(seed)
    if name in {"interim", "second_best"}:
        ir = rng.choice(["interim", "interim", "ex-ante", "none"])
        instance = instance.with_requirements(incentive_compatibility="BIC", transfers="any", individual_rationality=ir)
        if name == "second_best":
            instance = instance.with_requirements(allocation="free")
    elif name == "open_menu":
        instance = instance.with_requirements(
            incentive_compatibility="DSIC", transfers="any", allocation="efficient", ties="any"
        )
    elif name == "groves":
        instance = instance.with_requirements(transfers="groves", allocation="efficient")
    else:
        rule = instance.requirements.allocation
        instance = instance.with_requirements(
            incentive_compatibility="DSIC", transfers="any", allocation="efficient" if rule == "free" else rule
        )
    return instance if formulations.named(name).accepts(instance) is None else None


@pytest.mark.parametrize("part", range(4))
@pytest.mark.parametrize("name", REDUCED)
def test_random_instances_of_every_kind(name, part):
    fitting = (instance for seed in itertools.count(10_000 * part) if (instance := fitted(seed, name)) is not None)
    kinds = [same(instance, name).instance.environment.kind for instance in itertools.islice(fitting, 8)]
    assert len(set(kinds)) > 1


TRADE = BilateralTrade(Distribution([1, 2, 4], ["1/2", 0, "1/2"]), Distribution([1, 3], ["1/3", "2/3"]))
APART = BilateralTrade(
    Distribution([1, 2, 5], ["1/4", "1/2", "1/4"]), Distribution([0, 3, 4, 7], [0, "1/2", "1/4", "1/4"])
)
ONE_TYPE = BilateralTrade(Distribution([2]), Distribution([1, 2, 3]))
COSTLY = SocialChoice(
    ["none", "pool", "bridge"],
    {
        "ann": [Type("low", "1/2", [0, 1, 0]), Type("high", "1/2", [0, 3, 1], outside="1/4")],
        "bob": [Type("low", "1/4", [0, 0, 1]), Type("mid", 0, [0, 1, 2]), Type("high", "3/4", [0, 2, 4])],
    },
    costs=[0, "3/2", 2],
)
NOTIONS = list(itertools.product(CHOICES["individual_rationality"], CHOICES["budget"]))


@pytest.mark.parametrize("env", [TRADE, APART, ONE_TYPE, COSTLY], ids=["ties", "no ties", "one type", "costs"])
@pytest.mark.parametrize("name", REDUCED)
def test_every_participation_and_budget(name, env):
    dominant = {"groves": ("none", "groves"), "menu": ("DSIC", "any"), "open_menu": ("DSIC", "any")}
    ic, transfers = dominant.get(name, ("BIC", "any"))
    ties, rule = "last" if name == "menu" else "any", "free" if name == "second_best" else "efficient"
    for ir, budget in NOTIONS:
        if ic == "BIC" and ir == "ex-post":
            continue
        same(Instance(env, Requirements(ic, ir, budget, rule, ties=ties, transfers=transfers)), name)


@pytest.mark.parametrize("objective", ["margin", "welfare", "revenue", "agents-utility", (2, "1/2")])
@pytest.mark.parametrize("env", [TRADE, APART, COSTLY], ids=["ties", "no ties", "costs"])
def test_second_best(env, objective):
    goal = Objective(objective) if isinstance(objective, str) else Objective(utility=objective, revenue="1/3")
    for ir, budget in itertools.product(["interim", "ex-ante"], ["balanced", "no-expected-deficit"]):
        same(Instance(env, Requirements("BIC", ir, budget, "free"), goal), "second_best")


@pytest.mark.parametrize("price", [0, 1, "3/2", 2, 3, 5])
def test_a_posted_price_has_a_menu_with_cuts(price):
    for budget in CHOICES["budget"]:
        same(Instance(APART, Requirements("DSIC", "ex-post", budget, PostedPrice(price))), "menu")


@pytest.mark.parametrize("seed", range(6))
def test_numbers_that_doubles_cannot_tell_apart(seed):
    instance = random_instances.nasty_instance(seed)
    for name in REDUCED:
        if formulations.named(name).accepts(instance) is None:
            same(instance, name)


def test_revenue_is_the_same_at_every_profile_whatever_the_outcome_costs():
    types = [Type("low", "1/3", [0, 1]), Type("high", "2/3", [0, 2])]
    env = SocialChoice(["none", "pool"], dict.fromkeys(["ann", "bob", "eve"], types), costs=[0, 4])
    result = same(Instance(env, Requirements("BIC", "interim", "no-deficit")), "interim")
    assert set(result.mechanism.profile_revenue) == {result.margin}
    lonely = SocialChoice(["none", "pool"], {"ann": types}, costs=[0, 1])
    same(Instance(lonely, Requirements("BIC", "interim", "no-expected-deficit")), "interim")
    with pytest.raises(InputError, match="one agent has nobody"):
        solve(Instance(lonely, Requirements("BIC", "interim", "no-deficit")), method="interim")


def test_neighbours_are_compared_where_types_lie_on_a_line_and_all_pairs_elsewhere():
    def pairs(*utilities):
        types = [Type(f"type {k}", F(1, len(utilities)), u) for k, u in enumerate(utilities)]
        env = SocialChoice(["x", "y", "z"], {"ann": types, "bob": types[:1] and [Type("only", 1, [0, 0, 0])]})
        instance = Instance(env, Requirements("BIC", "ex-ante", "balanced", "free"), Objective("revenue"))
        same(instance, "interim")
        return sorted(zip(*map(np_list, engine.formulation(instance, "interim").pairs(0)), strict=True))

    def np_list(array):
        return array.tolist()

    every = sorted(itertools.permutations(range(3), 2))
    assert pairs([1, 0, 0], [1, 4, 2], [1, 2, 1]) == [(0, 2), (1, 2), (2, 0), (2, 1)]  # s = 0, 4, 2
    assert pairs([1, 0, 0], [1, 4, 2], [1, 4, 2]) == every  # two types alike
    assert pairs([1, 0, 0], [1, 4, 2], [1, 2, 2]) == every  # not on one line


@pytest.mark.parametrize("name", ["interim", "groves", "menu"])
def test_a_changed_weight_or_payment_is_refused(name):
    ic, transfers = {"interim": ("BIC", "any"), "groves": ("DSIC", "groves"), "menu": ("DSIC", "any")}[name]
    env = Partnership([Partner("1/3", Distribution([0, 2])), Partner("2/3", Distribution([1, 3]))])
    for where in (env, APART):
        need = Requirements(ic, "interim", "no-deficit", transfers=transfers)
        proof = solve(Instance(where, need), method=name).proof.table()
        assert verify(proof)
        for number, entry in enumerate(proof["multipliers"]):
            if isinstance(entry["weight"], str):
                wrong = copy.deepcopy(proof)
                wrong["multipliers"][number]["weight"] = str(F(entry["weight"]) + F(1, 7))
                assert not verify(wrong), entry


def test_chained_rows_become_few_weights_on_pairs():
    values = Distribution(range(0, 60, 2)), Distribution(range(1, 61, 2))
    for need, name in (
        (Requirements("DSIC", "interim", "no-deficit", transfers="groves"), "groves"),
        (Requirements("DSIC", "interim", "no-deficit"), "menu"),
    ):
        result = solve(Instance(BilateralTrade(*values), need), method=name)
        assert result.proved
        assert sum(isinstance(m.constraint, Budget) for m in result.proof.multipliers) <= 4 * 60
        assert sum(m.weight for m in result.proof.multipliers if isinstance(m.constraint, Budget)) == 1


def test_transport_serves_places_in_order():
    supply, demand = [(0, F(1)), (2, F(2))], [(5, F(1, 2)), (6, F(5, 2))]
    assert list(transport(supply, demand)) == [(0, 5, F(1, 2)), (0, 6, F(1, 2)), (2, 6, F(2))]


AUTO = [
    (Requirements("BIC", "interim", "balanced"), TRADE, "vcg_prime"),
    (Requirements("BIC", "ex-ante", "balanced"), COSTLY, "interim_payments"),
    (Requirements("BIC", "none", "balanced"), COSTLY, "interim"),
    (Requirements("BIC", "interim", "no-expected-deficit", "free"), TRADE, "second_best_ironing"),
    (Requirements("BIC", "ex-ante", "no-expected-deficit", "free"), TRADE, "second_best"),
    (Requirements("BIC", "ex-post", "no-expected-deficit", "free"), TRADE, "full"),
    (Requirements("DSIC", "ex-ante", "no-deficit", transfers="groves"), COSTLY, "groves"),
    (Requirements("BIC", "interim", "balanced", PostedPrice(2), transfers="groves"), TRADE, "full"),
    (Requirements("DSIC", "interim", "no-deficit", ties="first"), COSTLY, "menu"),
    (Requirements("DSIC", "interim", "no-deficit", PostedPrice(2)), TRADE, "menu"),
    (Requirements("DSIC", "ex-post", "balanced", "free"), TRADE, "full"),
    (Requirements("none", "interim", "balanced"), TRADE, "full"),
]


@pytest.mark.parametrize(("need", "env", "method"), AUTO)
def test_auto_takes_the_smallest_program_that_fits(need, env, method):
    assert solve(Instance(env, need)).method == method


@pytest.mark.parametrize("name", [*REDUCED, "symmetric"])
def test_a_question_that_does_not_fit_is_refused_with_the_reason(name):
    with pytest.raises(InputError, match=f"formulation {name} does not apply: "):
        solve(Instance(TRADE, Requirements("none", "ex-post", "balanced", "free")), method=name)


def test_the_size_that_is_checked_is_that_of_the_method():
    side = Distribution(range(3000))
    instance = Instance(BilateralTrade(side, side), Requirements("BIC", "interim", "no-deficit"))
    with pytest.raises(TooLargeError, match="too many for the full program"):
        engine.formulation(instance, "full")
    assert engine.formulation(instance).name == "interim"
    many = Partnership([Partner(F(2 * i + 1, 900), Distribution([1, 2])) for i in range(30)])
    with pytest.raises(TooLargeError, match="too many for the interim program"):
        solve(Instance(many, Requirements("BIC", "interim", "balanced"), Objective("revenue")))
