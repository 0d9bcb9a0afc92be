"""Types uniform on [0, 1]: the least subsidy is 1/6. On N points, ends or cell centres, the margin is within 1/N of -1/6.

Source: myerson-satterthwaite-1983, Corollary 1 and Section 5; the rate: docs/theorems.md.
"""

from __future__ import annotations

import random
from fractions import Fraction

from lpmech.literature.questions import bilateral, classic, endpoints, midpoints, sides
from lpmech.literature.theorems import Limit, Prediction
from lpmech.question.model import Instance

title = "uniform types need a subsidy of 1/6"
source = "myerson-satterthwaite-1983, Corollary 1"
exact = False


def applies(instance: Instance) -> str | None:
    reason = classic(instance, "bilateral-trade")
    if reason is not None:
        return reason
    buyer, seller = sides(instance)
    if buyer != seller or len(buyer) < 2 or buyer not in (endpoints(len(buyer)), midpoints(len(buyer))):
        return "not uniform on one grid of [0, 1]"
    return None


def predict(instance: Instance) -> Prediction:
    return Prediction.near(Limit(Fraction(-1, 6), Fraction(1, len(sides(instance)[0])), Fraction(1)))


def case(number: int, rng: random.Random) -> Instance:
    grid = (endpoints, midpoints)[number % 2](number // 2 + 2)
    return bilateral(grid, grid, ties=("any", "last")[number // 2 % 2])
