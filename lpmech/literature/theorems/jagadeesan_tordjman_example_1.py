"""A buyer of value 0 with probability 0.8, 1 with 0.1, uniform on [0, 1] else, and the seller his mirror image: impossible.

The margin with Groves transfers tends to 2 (13/600) - 1/8 = -49/600; on N points it is off by
1/(600 (N - 1)^2) for odd N and by -7/(300 (N - 1)^2) for even N.
Source: jagadeesan-tordjman-2025, Example 1; the rate: docs/theorems.md.
"""

from __future__ import annotations

import random
from fractions import Fraction

from lpmech.literature.questions import GROVES_EX_ANTE, bilateral, sides, unlike
from lpmech.literature.theorems import Limit, Prediction
from lpmech.question.distribution import Distribution
from lpmech.question.model import Instance

title = "medians out of order: an impossibility"
source = "jagadeesan-tordjman-2025, Example 1"
exact = False


def applies(instance: Instance) -> str | None:
    reason = unlike(
        instance, "bilateral-trade", transfers="groves", individual_rationality="ex-ante", budget="no-deficit"
    )
    if reason is not None:
        return reason
    buyer, seller = sides(instance)
    return None if len(buyer) > 1 and (buyer, seller) == family(len(buyer)) else "not the distributions of the example"


def family(points: int) -> tuple[Distribution, Distribution]:
    """Both on N points 0, ..., 1, each with the mass of its cell."""
    step = Fraction(1, points - 1)
    tenth, ends = Fraction(1, 10), step / 20
    inner = [tenth * step] * (points - 2)
    values = [k * step for k in range(points)]
    mostly, rarely = Fraction(8, 10) + ends, tenth + ends
    return Distribution(values, [mostly, *inner, rarely]), Distribution(values, [rarely, *inner, mostly])


def predict(instance: Instance) -> Prediction:
    points = len(sides(instance)[0])
    return Prediction.near(Limit(Fraction(-49, 600), Fraction(1, (points - 1) ** 2), Fraction(7, 300)))


def case(number: int, rng: random.Random) -> Instance:
    return bilateral(*family(number + 2), **GROVES_EX_ANTE)
