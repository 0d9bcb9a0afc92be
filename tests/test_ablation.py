"""What requirements cost in the objective asked, by agent and by direction of misreports."""

from __future__ import annotations

from fractions import Fraction as F

import lpmech
from lpmech.verify import verify


def one_buyer(goal: str = "revenue") -> lpmech.Instance:
    """A seller without cost and a buyer of 1, 2 or 3: without misreports downward he pays his value, 2 on average."""
    text = """
format = "lpmech-instance/1"
[environment]
kind = "auction"
[[environment.bidders]]
values = [1, 2, 3]
weights = [1, 1, 1]
[requirements]
allocation = "free"
incentive_compatibility = "BIC"
individual_rationality = "interim"
budget = "none"
"""
    return lpmech.loads(text).with_objective(goal)


def test_downward_misreports_cost_the_rent() -> None:
    held = lpmech.solve(one_buyer()).value
    assert held == F(4, 3)
    costs = {(left.requirement, left.agent, left.direction): left.gain for left in lpmech.ablation(one_buyer())}
    assert costs["BIC", "bidder", "downward"] == 2 - held
    assert costs["BIC", "bidder", "upward"] == 0
    assert costs["BIC", None, None] == 2 - held
    assert costs["interim IR", None, None] == float("inf")


def test_agents_one_by_one_in_trade() -> None:
    trade = lpmech.BilateralTrade(lpmech.Distribution([2, 6]), lpmech.Distribution([1, 4]))
    instance = lpmech.Instance(trade, lpmech.Requirements("BIC", "interim", "balanced"))
    held = lpmech.solve(instance).margin
    found = lpmech.ablation(instance)
    assert {(left.agent, left.direction) for left in found if left.requirement == "BIC"} == {
        (None, None),
        *((agent, direction) for agent in ("buyer", "seller") for direction in (None, "upward", "downward")),
    }
    for left in found:
        assert left.result.proved
        assert left.gain >= 0
        if left.direction is not None:
            assert verify(left.result.proof.table())
            whole = next(
                o for o in found if (o.requirement, o.agent, o.direction) == (left.requirement, left.agent, None)
            )
            assert left.gain <= whole.gain
    buyer = instance.with_requirements(incentive_compatibility=("none", "BIC"))
    (alone,) = [o.gain for o in found if (o.requirement, o.agent, o.direction) == ("BIC", "buyer", None)]
    assert alone == lpmech.solve(buyer).margin - held
