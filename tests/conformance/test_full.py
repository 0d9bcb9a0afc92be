"""The full formulation on every combination of requirements: decided, and the proof accepted by the verifier.

The verifier shares no code with the engine, restates every constraint from the conventions, and checks both sides of a
claim (a mechanism that attains the margin, multipliers that bound it). So "decided and accepted" is the assertion that
formulation, solver, exact arithmetic and proof agree with the definitions.
"""

from __future__ import annotations

import itertools
import math
from fractions import Fraction as F

import pytest
from support import random_instances

from lpmech.engine import solve
from lpmech.question.distribution import Distribution
from lpmech.question.environments.bilateral_trade import BilateralTrade
from lpmech.question.environments.social_choice import SocialChoice, Type
from lpmech.question.model import Instance
from lpmech.question.objective import Objective
from lpmech.question.requirements import CHOICES, PostedPrice, Requirements
from lpmech.verify import verify

TRADE = BilateralTrade(Distribution([1, 2, 4], ["1/2", 0, "1/2"]), Distribution([1, 3], ["1/3", "2/3"]))
COSTLY = SocialChoice(
    ["none", "pool"],
    {
        "ann": [Type("low", "1/2", [0, 1]), Type("high", "1/2", [0, 3], outside="1/4")],
        "bob": [Type("low", "1/4", [0, 0]), Type("high", "3/4", [0, 2])],
    },
    costs=[0, "3/2"],
    prior={(0, 0): "1/8", (0, 1): "3/8", (1, 1): "1/2"},
)
NOTIONS = list(
    itertools.product(
        CHOICES["incentive_compatibility"], CHOICES["individual_rationality"], CHOICES["budget"], CHOICES["transfers"]
    )
)


@pytest.mark.parametrize("env", [TRADE, COSTLY], ids=["trade with ties and a null type", "correlated with costs"])
@pytest.mark.parametrize("allocation", ["efficient", "free"])
@pytest.mark.parametrize(("ic", "ir", "budget", "transfers"), NOTIONS, ids=lambda x: x)
def test_every_combination_is_decided_with_a_verified_proof(env, allocation, ic, ir, budget, transfers):
    result = solve(Instance(env, Requirements(ic, ir, budget, allocation, transfers=transfers)), method="full")
    assert result.verdict in {"exists", "impossible"}
    assert result.proved
    assert (result.margin >= 0) == (result.verdict == "exists")
    if ir == "none" or budget == "none":
        assert result.margin in {math.inf, -math.inf}
    else:
        assert result.margin != math.inf


@pytest.mark.parametrize("ties", CHOICES["ties"])
@pytest.mark.parametrize("objective", ["welfare", "revenue", "agents-utility", (2, "1/2")])
def test_tie_rules_and_objectives(ties, objective):
    goal = Objective(objective) if isinstance(objective, str) else Objective(utility=objective, revenue="1/3")
    result = solve(Instance(TRADE, Requirements("BIC", "ex-ante", "no-deficit", ties=ties), goal), method="full")
    assert result.verdict == "exists"
    assert isinstance(result.value, F)
    got = result.mechanism
    weights, on_revenue = goal.weights(2)
    value = sum(w * u for w, u in zip(weights, got.expected_utility, strict=True)) + on_revenue * got.revenue
    assert value == result.value


@pytest.mark.parametrize("price", [0, 1, "3/2", 2, 3, 5])
def test_a_posted_price_is_dsic_ex_post_ir_and_balanced(price):
    result = solve(Instance(TRADE, Requirements("DSIC", "ex-post", "balanced", PostedPrice(price))), method="full")
    assert (result.verdict, result.margin) == ("exists", F(0))  # where nobody trades, balance leaves nothing to take


@pytest.mark.parametrize("seed", range(400))
def test_random_instances_are_decided_with_verified_proofs(seed):
    result = solve(random_instances.instance(seed), method="full")
    assert result.verdict != "undecided", result.reason
    assert verify(result.proof.table())


@pytest.mark.parametrize("seed", range(30))
def test_numbers_that_doubles_cannot_tell_apart(seed):
    result = solve(random_instances.nasty_instance(seed), method="full")
    assert result.verdict != "undecided", result.reason


def test_groves_is_a_restriction_of_dsic_and_dsic_of_bic():
    for seed in range(60):
        rng = random_instances.random.Random(seed)
        env = random_instances.bilateral(rng, 3, correlated=False)
        ir, budget = rng.choice(["ex-post", "interim", "ex-ante"]), rng.choice(["no-deficit", "no-expected-deficit"])
        margins = [
            solve(Instance(env, Requirements(ic, ir, budget, transfers=transfers)), method="full").margin
            for ic, transfers in (("DSIC", "groves"), ("DSIC", "any"), ("BIC", "any"), ("none", "any"))
        ]
        assert margins == sorted(margins)


def test_programs_of_one_shape_and_other_names_are_not_mixed_up():
    """Agents called B and S in a social choice, after bilateral trade, whose variables are t_B and t_S."""
    trade = BilateralTrade(Distribution([2, 6]), Distribution([1, 4]))
    types = {
        name: [Type("0", "1/2", [0, v]), Type("1", "1/2", [0, w])]
        for name, (v, w) in {"B": (2, 6), "S": (-1, -4)}.items()
    }
    need = Requirements("BIC", "interim", "balanced")
    for env in (trade, SocialChoice(["none", "trade"], types), SocialChoice(["a", "b"], types), trade):
        assert solve(Instance(env, need)).margin == F(1, 4)
