"""Efficient, BIC, interim IR, balanced trade exists iff VCG' has no expected deficit; the margin is its surplus Pi.

Pi = sum_i P(b >= B_i) P(B_{i-1} <= s < B_i) B_i - sum_j P(s <= S_j) P(S_j < b <= S_{j+1}) S_j, no value being a cost.
The same number is the margin with a budget that need not balance (Theorem 2 of the lecture notes).
Source: kos-manea-2009, Theorem 1.
"""

from __future__ import annotations

import random

from lpmech.literature.expectations import surplus_of_vcg_prime
from lpmech.literature.questions import SOME_BUDGET, apart, bilateral, classic, sides, tied
from lpmech.literature.theorems import Prediction
from lpmech.question.model import Instance

title = "efficient balanced trade exists iff VCG' has no expected deficit"
source = "kos-manea-2009, Theorem 1"
exact = True


def applies(instance: Instance) -> str | None:
    return classic(instance, "bilateral-trade") or tied(*sides(instance))


def predict(instance: Instance) -> Prediction:
    return Prediction.exactly(surplus_of_vcg_prime(*sides(instance)))


def case(number: int, rng: random.Random) -> Instance:
    """Types of probability 0 in every third."""
    sizes = (rng.randint(1, 4), rng.randint(1, 4)) if number % 2 else (rng.randint(5, 20), rng.randint(5, 20))
    buyer, seller = apart(rng, *sizes, top=60, null=number % 3 == 0)
    return bilateral(buyer, seller, budget=rng.choice(SOME_BUDGET))
