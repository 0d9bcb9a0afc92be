"""A given trade has the margin Pi(x), the surplus of its tight mechanism, if it is implementable, and -inf if it is not.

Implementable: interim probabilities of trade rise with the buyer's value and fall with the seller's cost.
Source: kos-manea-2009, Theorem 2.
"""

from __future__ import annotations

import math
import random
from fractions import Fraction

from lpmech.literature.expectations import given_trade, is_implementable, tight_surplus
from lpmech.literature.questions import SOME_BUDGET, bilateral, randomly, sides, unlike
from lpmech.literature.theorems import Prediction
from lpmech.question.model import Instance
from lpmech.question.requirements import AllocationTable

title = "a given allocation can be balanced iff its tight mechanism has no deficit"
source = "kos-manea-2009, Theorem 2"
exact = True


def applies(instance: Instance) -> str | None:
    reason = unlike(
        instance,
        "bilateral-trade",
        allocation=None,
        incentive_compatibility="BIC",
        individual_rationality="interim",
        budget=SOME_BUDGET,
        transfers="any",
    )
    if reason is None and given_trade(instance, *sides(instance)) is None:
        return "the allocation is left open"
    return reason


def predict(instance: Instance) -> Prediction:
    buyer, seller = sides(instance)
    x = given_trade(instance, buyer, seller)
    assert x is not None  # ``applies`` has said so
    if not is_implementable(buyer, seller, x):
        return Prediction.exactly(-math.inf)
    return Prediction.exactly(tight_surplus(buyer, seller, x))


def case(number: int, rng: random.Random) -> Instance:
    """Lotteries, made implementable by sorting in two cases of three; types of probability 0; ties."""
    buyer, seller = (randomly(rng, rng.randint(1, 4), null=number % 4 == 0) for _ in range(2))
    x = [sorted((rng.randint(0, 4) for _ in seller.values), reverse=number % 3 > 0) for _ in buyer.values]
    if number % 3:
        x = [list(row) for row in zip(*(sorted(column) for column in zip(*x, strict=True)), strict=True)]
    rule = AllocationTable([[1 - Fraction(z, 4), Fraction(z, 4)] for row in x for z in row])
    return bilateral(buyer, seller, allocation=rule, budget=rng.choice(SOME_BUDGET))
