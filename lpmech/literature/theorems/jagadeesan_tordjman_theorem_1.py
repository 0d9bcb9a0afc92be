"""A median of the buyer that is at least one of the seller suffices for DSIC, ex ante IR and no deficit.

There is a price p with P(s <= p) >= 1/2 >= P(b < p). Groves transfers are enough. Sufficient, not necessary (see
``jagadeesan_tordjman_transport``).
Source: jagadeesan-tordjman-2025, Theorem 1.
"""

from __future__ import annotations

import random
from fractions import Fraction

from lpmech.literature.expectations import at_most, below
from lpmech.literature.questions import GROVES_EX_ANTE, bilateral, randomly, sides, unlike
from lpmech.literature.theorems import Prediction, Range
from lpmech.question.distribution import Distribution
from lpmech.question.model import Instance

title = "medians in order suffice for truthful, ex ante rational trade"
source = "jagadeesan-tordjman-2025, Theorem 1"
exact = True


def applies(instance: Instance) -> str | None:
    reason = unlike(instance, "bilateral-trade", individual_rationality="ex-ante", budget="no-deficit")
    return reason or (None if medians_in_order(*sides(instance)) else "the buyer's median is below the seller's")


def medians_in_order(buyer: Distribution, seller: Distribution) -> bool:
    """Whether some p has P(s <= p) >= 1/2 >= P(b < p); the seller's smallest median will do if any does."""
    half = Fraction(1, 2)
    return any(at_most(seller, p) >= half >= below(buyer, p) for p in seller.values)


def predict(instance: Instance) -> Prediction:
    return Prediction("exists", Range(low=0))


def case(number: int, rng: random.Random) -> Instance:
    while True:
        most = 5 if number % 2 else 15
        buyer, seller = (randomly(rng, rng.randint(1, most), top=20, null=number % 3 == 0) for _ in range(2))
        if medians_in_order(buyer, seller):
            transfers = "groves" if most == 15 or number % 4 == 1 else "any"
            return bilateral(buyer, seller, **(GROVES_EX_ANTE | {"transfers": transfers}))
