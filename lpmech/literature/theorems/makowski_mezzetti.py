"""Enough identical buyers restore efficiency: the surplus tends to the highest value's least gain, times its probability.

Pi_I -> (B_m - largest cost below B_m) P(s < B_m) > 0, if some cost is below B_m: at most (1 - p_m)^I times a constant away
from it (the source leaves out the probability, which is 1 if B_m exceeds all costs).
Source: makowski-mezzetti-1993 for the continuum; kos-manea-2009, Section 5.
"""

from __future__ import annotations

import random
from fractions import Fraction

from lpmech.literature.questions import apart, exchange, traders
from lpmech.literature.theorems import Limit, Prediction
from lpmech.literature.theorems import kos_manea_section_5 as section_5
from lpmech.question.distribution import Distribution
from lpmech.question.model import Instance

title = "enough buyers restore efficiency"
source = "makowski-mezzetti-1993, Theorem; kos-manea-2009, Section 5"
exact = False


def applies(instance: Instance) -> str | None:
    reason = section_5.applies(instance)
    if reason is not None:
        return reason
    buyers, (seller,) = traders(instance)
    return None if buyers[0].values[-1] > seller.values[0] else "there are never gains from trade"


def predict(instance: Instance) -> Prediction:
    buyers, (seller,) = traders(instance)
    *others, limit = section_5.contributions(buyers[0], seller)
    constant = limit + max(map(abs, others), default=Fraction(0))
    return Prediction.near(Limit(limit, (1 - buyers[0].probabilities[-1]) ** len(buyers), constant, on_grid=True))


def threshold(buyer: Distribution, seller: Distribution) -> int:
    """An I such that a mechanism exists with so many identical buyers, or any number more (not always the least)."""
    *others, limit = section_5.contributions(buyer, seller)
    constant, count = limit + max(map(abs, others), default=Fraction(0)), 1
    while constant * (1 - buyer.probabilities[-1]) ** count > limit:
        count += 1
    return count


def case(number: int, rng: random.Random) -> Instance:
    """Two types each and up to four buyers; more types with fewer."""
    while True:
        count = 1 + number % 4
        buyer, seller = apart(rng, 2 if count > 2 else rng.randint(1, 4), rng.randint(1, 2 if count > 2 else 4))
        if buyer.values[-1] > seller.values[0]:
            return exchange([buyer] * count, [seller])
