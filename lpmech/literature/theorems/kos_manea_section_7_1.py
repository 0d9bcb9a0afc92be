"""With ties the best efficient trade leaves them to the seller: Pi(x**) >= Pi(x*), and free ties are worth Pi(x**).

Pi is linear in the allocation, so that the margins of ties first, last and uniform are those of trade with probability 0, 1
and 1/2 where a value is a cost. All these trades are implementable.
Source: kos-manea-2009, Section 7.1.
"""

from __future__ import annotations

import random
from fractions import Fraction

from lpmech.literature.expectations import efficient_trade, tight_surplus
from lpmech.literature.questions import SOME_BUDGET, bilateral, classic, randomly, sides, tied
from lpmech.literature.theorems import Prediction
from lpmech.question.model import Instance

title = "ties are best left to the seller"
source = "kos-manea-2009, Section 7.1"
exact = True


AT_TIES = {"any": Fraction(0), "first": Fraction(0), "last": Fraction(1), "uniform": Fraction(1, 2)}


def applies(instance: Instance) -> str | None:
    reason = classic(instance, "bilateral-trade")
    if reason is not None:
        return reason
    return None if tied(*sides(instance)) else "no value is a cost"


def predict(instance: Instance) -> Prediction:
    buyer, seller = sides(instance)
    x = efficient_trade(buyer, seller, AT_TIES[instance.requirements.ties])
    return Prediction.exactly(tight_surplus(buyer, seller, x))


def case(number: int, rng: random.Random) -> Instance:
    while True:
        buyer, seller = (randomly(rng, rng.randint(1, 4), top=6, null=number % 8 == 0) for _ in range(2))
        if tied(buyer, seller):
            return bilateral(buyer, seller, ties=tuple(AT_TIES)[number % 4], budget=rng.choice(SOME_BUDGET))
