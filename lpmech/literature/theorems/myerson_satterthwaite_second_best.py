"""Types uniform on [0, 1]: the second best trades iff b - s >= 1/4 and is worth 9/64.

On N points 0, ..., 1 the second best is worth at least 9/64 and at most 15/32 1/(N - 1) more.
Source: myerson-satterthwaite-1983, Section 5; the rate: docs/theorems.md.
"""

from __future__ import annotations

import random
from fractions import Fraction

from lpmech.literature.questions import SOME_BUDGET, bilateral, endpoints, sides, unit_grid
from lpmech.literature.theorems import Limit, Prediction, Range
from lpmech.literature.theorems import kos_manea_theorem_3 as theorem_3
from lpmech.question.model import Instance

title = "the second best of uniform types is worth 9/64"
source = "myerson-satterthwaite-1983, Section 5"
exact = False


def applies(instance: Instance) -> str | None:
    reason = theorem_3.applies(instance)
    if reason is not None:
        return reason
    buyer, seller = sides(instance)
    return unit_grid(buyer) or (None if buyer == seller else "the grids differ")


def predict(instance: Instance) -> Prediction:
    limit = Limit(Fraction(9, 64), Fraction(1, len(sides(instance)[0]) - 1), Fraction(15, 32))
    return Prediction("exists", value=Range(limit.value, limit.range.high), limit=limit)


def case(number: int, rng: random.Random) -> Instance:
    grid = endpoints(2 + number % 12)
    return bilateral(grid, grid, objective="welfare", allocation="free", budget=SOME_BUDGET[number // 12 % 3])
