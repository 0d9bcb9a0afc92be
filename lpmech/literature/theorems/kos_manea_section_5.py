"""One seller and I identical buyers: the margin is the surplus of VCG', whatever the ties between buyers.

sum_k P(max = B_k) P(s < B_k) [virtual value of B_k - largest cost below B_k]; no value is a cost, masses are positive.
Source: kos-manea-2009, Section 5.
"""

from __future__ import annotations

import random
from fractions import Fraction

from lpmech.literature.expectations import at_most, below, virtual_values
from lpmech.literature.questions import (
    SOME_BUDGET,
    alike,
    apart,
    bilateral,
    classic,
    exchange,
    null,
    tied,
    traders,
)
from lpmech.literature.theorems import Prediction
from lpmech.question.distribution import Distribution
from lpmech.question.model import Instance

title = "many identical buyers: exists iff VCG' has no deficit"
source = "kos-manea-2009, Section 5"
exact = True


def applies(instance: Instance) -> str | None:
    reason = classic(instance, "exchange", "bilateral-trade")
    if reason is not None:
        return reason
    buyers, sellers = traders(instance)
    if len(sellers) > 1:
        return "more than one seller"
    return alike(buyers) or tied(buyers[0], sellers[0]) or null(buyers[0])


def predict(instance: Instance) -> Prediction:
    buyers, (seller,) = traders(instance)
    return Prediction.exactly(surplus(buyers[0], seller, len(buyers)))


def contributions(buyer: Distribution, seller: Distribution) -> list[Fraction]:
    """What the highest buyer, if he is of that type, and the seller bring in expectation over her cost."""
    costs = (max((s for s in seller.values if s < b), default=Fraction(0)) for b in buyer.values)
    return [below(seller, b) * (v - c) for b, v, c in zip(buyer.values, virtual_values(buyer), costs, strict=True)]


def surplus(buyer: Distribution, seller: Distribution, buyers: int) -> Fraction:
    """Pi_I."""
    total, reached = Fraction(0), Fraction(0)
    for b, brought in zip(buyer.values, contributions(buyer, seller), strict=True):
        up_to = at_most(buyer, b) ** buyers
        total += (up_to - reached) * brought
        reached = up_to
    return total


def case(number: int, rng: random.Random) -> Instance:
    count = 1 + number % 4
    most = (20, 4, 3, 2)[count - 1]
    buyer, seller = apart(rng, rng.randint(1, most), rng.randint(1, most), top=50)
    ties = rng.choice(["any", "first", "last", "uniform"])
    if count == 1:
        return bilateral(buyer, seller, ties=ties)
    return exchange([buyer] * count, [seller], ties=ties, budget=rng.choice(SOME_BUDGET))
