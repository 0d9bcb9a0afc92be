"""Optimal auction (Myerson): units go to the highest ironed virtual values above the cost, each at its threshold.

With G(k) the probability that bidder i's value is v_k or more, R(k) = v_k G(k) is what a price of v_k would earn. The
ironed virtual value of type k is the slope, between G(k + 1) and G(k), of the least concave function that is above all
points (G(k), R(k)) and (0, 0). A type of probability 0 has that of the next lower type that has a probability, or
-infinity. Bidders of equal ironed virtual values are served in their order, each up to his demand. For a unit a bidder
pays the lowest value with which he would still get it.

Source: myerson-1981, Sections 5 and 6, on a grid: docs/mechanisms.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from lpmech.answer.mechanism import Mechanism
from lpmech.answer.tables import Lottery
from lpmech.literature.mechanisms._auction import (
    no_auction,
    several_objects,
    threshold_payments,
    units,
    values,
    wanted,
)
from lpmech.question.environments.auction import Auction
from lpmech.question.model import Instance

OPTIONS: dict[str, tuple[str, ...] | None] = {}


def applies(instance: Instance) -> str | None:
    """Auctions of units, or of one object, with independent types."""
    env = instance.environment
    if not isinstance(env, Auction):
        return no_auction(instance)
    return several_objects(env) or ("the prior is correlated" if env.prior is not None else None)


def build(instance: Instance) -> Mechanism:
    """The optimal auction."""
    env = instance.environment
    assert isinstance(env, Auction)
    worth = [ironed(values(env, i), agent.probabilities) for i, agent in enumerate(env.agents)]
    outcome = {got: x for x, got in enumerate(units(env))}
    cost = env.object_costs[0] if env.objects else env.cost
    bare, lotteries = Mechanism(env, (), ()), list[Lottery]()
    for theta in bare.profiles:
        offers = [(-value, i) for i, k in enumerate(theta) if (value := worth[i][k]) is not None and value > cost]
        left, got = env.units, [0] * len(theta)
        for _, i in sorted(offers):
            got[i] = min(left, wanted(env, i))
            left -= got[i]
        lotteries.append({outcome[tuple(got)]: Fraction(1)})
    return threshold_payments(Mechanism(env, (), lotteries))


class Corner(NamedTuple):
    """Where the concave function bends: G, R, and the type; beyond the highest type at (0, 0)."""

    chance: Fraction
    revenue: Fraction
    type: int

    def slope(self, other: Corner) -> Fraction:
        """Of the line to another corner."""
        return (other.revenue - self.revenue) / (other.chance - self.chance)


def ironed(values: Sequence[Fraction], masses: Sequence[Fraction]) -> list[Fraction | None]:
    """The ironed virtual value of each type; None where it is -infinity."""
    corners, above = [Corner(Fraction(0), Fraction(0), len(values))], Fraction(0)
    for k in reversed(range(len(values))):
        if not masses[k]:
            continue
        above += masses[k]
        new = Corner(above, values[k] * above, k)
        while len(corners) > 1 and corners[-1].slope(new) >= corners[-2].slope(corners[-1]):
            corners.pop()
        corners.append(new)
    out: list[Fraction | None] = [None] * len(values)
    for high, low in pairwise(corners):
        out[low.type : high.type] = [high.slope(low)] * (high.type - low.type)
    return out
