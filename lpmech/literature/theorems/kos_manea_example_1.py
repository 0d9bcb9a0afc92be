"""One seller and I identical buyers, two types each, S_L < B_L < S_H < B_H: another buyer never hurts.

Pi_I = p(B_L) Pi_{I-1} + p(B_H) (B_H - S_H), from Pi_1 of bilateral trade on.
Source: kos-manea-2009, Example 1.
"""

from __future__ import annotations

import random

from lpmech.literature.expectations import surplus_of_vcg_prime
from lpmech.literature.questions import SOME_BUDGET, alike, classic, exchange, interleaved, ladder, traders
from lpmech.literature.theorems import Prediction
from lpmech.question.model import Instance

title = "two types each: the surplus with one buyer more"
source = "kos-manea-2009, Example 1"
exact = True


def applies(instance: Instance) -> str | None:
    reason = classic(instance, "exchange", "bilateral-trade")
    if reason is not None:
        return reason
    buyers, sellers = traders(instance)
    if len(sellers) > 1 or len(sellers[0]) != 2:
        return "not one seller of two types"
    return alike(buyers) or interleaved(buyers[0], sellers[0])


def predict(instance: Instance) -> Prediction:
    buyers, (seller,) = traders(instance)
    low, high = buyers[0].probabilities
    surplus = surplus_of_vcg_prime(buyers[0], seller)
    for _ in buyers[1:]:
        surplus = low * surplus + high * (buyers[0].values[1] - seller.values[1])
    return Prediction.exactly(surplus)


def case(number: int, rng: random.Random) -> Instance:
    buyer, seller = ladder(rng, 2)
    return exchange([buyer] * (1 + number % 3), [seller], budget=rng.choice(SOME_BUDGET))
