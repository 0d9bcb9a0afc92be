"""No efficient BIC, interim IR, balanced trade if the supports overlap: on grids whose gaps are small against the gains.

The margin exceeds E[(B_1 - s)^+] + E[(b - S_n)^+] - E[(b - s)^+] by something between 0 and the sum of the largest gaps of
the two grids, which vanishes in the continuum.
Source: myerson-satterthwaite-1983, Corollary 1; the rate: docs/theorems.md.
"""

from __future__ import annotations

import random
from fractions import Fraction

from lpmech.literature.expectations import excess, gains, mesh, shortfall
from lpmech.literature.questions import bilateral, classic, masses, sides
from lpmech.literature.theorems import Limit, Prediction
from lpmech.question.distribution import Distribution
from lpmech.question.model import Instance

title = "no efficient trade where supports overlap"
source = "myerson-satterthwaite-1983, Corollary 1"
exact = False


def applies(instance: Instance) -> str | None:
    reason = classic(instance, "bilateral-trade")
    if reason is not None:
        return reason
    buyer, seller = sides(instance)
    overlap = buyer.values[0] < seller.values[-1] and seller.values[0] < buyer.values[-1]
    return None if overlap else "the supports do not overlap"


def predict(instance: Instance) -> Prediction:
    buyer, seller = sides(instance)
    value = shortfall(seller, buyer.values[0]) + excess(buyer, seller.values[-1]) - gains(buyer, seller)
    return Prediction.above(Limit(value, mesh(buyer) + mesh(seller), Fraction(1), on_grid=True))


def case(number: int, rng: random.Random) -> Instance:
    """Uneven masses on grids of 3 to 40 points."""
    while True:
        n, low = 3 + number % 38, Fraction(rng.randint(-3, 3), 4)
        buyer = Distribution([Fraction(k, n - 1) for k in range(n)], masses(rng, n))
        seller = Distribution([low + Fraction(2 * k + 1, 2 * n) for k in range(n)], masses(rng, n))
        instance = bilateral(buyer, seller)
        if applies(instance) is None:
            return instance
