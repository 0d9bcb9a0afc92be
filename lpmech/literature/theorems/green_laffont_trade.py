"""Efficient DSIC trade with a budget balanced at every profile exists iff one price fits between all neighbouring types.

That is, iff some p is, for every cost s with values on both sides, between the values next to s, and for every value b with
costs on both sides, between the costs next to b. Values and costs that alternate often enough leave no p (the theorem in
the continuum); {2, 6} and {1, 4} leave [2, 4]. No value is a cost; the prior does not matter.
Source: green-laffont-1977; mishra-2020; on grids: docs/theorems.md.
"""

from __future__ import annotations

import math
import random
from fractions import Fraction

from lpmech.literature.questions import NO_VETO, apart, bilateral, sides, tied, unlike
from lpmech.literature.theorems import Prediction
from lpmech.question.distribution import Distribution
from lpmech.question.model import Instance

title = "truthful, efficient, balanced trade exists iff one price fits all"
source = "green-laffont-1977; mishra-2020"
exact = True


def applies(instance: Instance) -> str | None:
    return unlike(
        instance,
        "bilateral-trade",
        independent=False,
        incentive_compatibility="DSIC",
        individual_rationality="none",
        budget="balanced",
        transfers="any",
    ) or tied(*sides(instance))


def prices(buyer: Distribution, seller: Distribution) -> tuple[Fraction | float, Fraction | float]:
    """The least and the largest price that fit; none does if the first is the larger."""
    least: Fraction | float = -math.inf
    largest: Fraction | float = math.inf
    for own, other in ((buyer.values, seller.values), (seller.values, buyer.values)):
        for x in own:
            under, over = [y for y in other if y < x], [y for y in other if y > x]
            if under and over:
                least, largest = max(least, under[-1]), min(largest, over[0])
    return least, largest


def predict(instance: Instance) -> Prediction:
    least, largest = prices(*sides(instance))
    return Prediction.exactly(math.inf if least <= largest else -math.inf)


def case(number: int, rng: random.Random) -> Instance:
    buyer, seller = apart(rng, rng.randint(1, 4), rng.randint(1, 4), top=11, null=number % 3 == 0)
    return bilateral(buyer, seller, **(NO_VETO | {"incentive_compatibility": "DSIC"}))
