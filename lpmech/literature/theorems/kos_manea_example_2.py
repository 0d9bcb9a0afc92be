"""One seller and two identical buyers, three types each, S_L < B_L < S_M < B_M < S_H < B_H: the second buyer.

Pi_2 = p_L Pi_1 + p_H [p_H + p_M + q_H (p_M + p_L)] (B_H - S_H) + p_M (p_M + p_L)(q_M + q_L)(B_M - S_M)
+ p_H (p_M + p_L)(q_M + q_L)(B_M - S_H).
Source: kos-manea-2009, Example 2.
"""

from __future__ import annotations

import random

from lpmech.literature.expectations import surplus_of_vcg_prime
from lpmech.literature.questions import SOME_BUDGET, alike, classic, exchange, interleaved, ladder, traders
from lpmech.literature.theorems import Prediction
from lpmech.question.model import Instance

title = "three types each: the surplus with a second buyer"
source = "kos-manea-2009, Example 2"
exact = True


def applies(instance: Instance) -> str | None:
    reason = classic(instance, "exchange")
    if reason is not None:
        return reason
    buyers, sellers = traders(instance)
    if (len(buyers), len(sellers), len(sellers[0])) != (2, 1, 3):
        return "not two buyers and one seller of three types"
    return alike(buyers) or interleaved(buyers[0], sellers[0])


def predict(instance: Instance) -> Prediction:
    (buyer, _), (seller,) = traders(instance)
    (_, b_m, b_h), (_, s_m, s_h) = buyer.values, seller.values
    low, mid, high = buyer.probabilities
    dear = seller.probabilities[2]
    cheap = 1 - dear
    return Prediction.exactly(
        low * surplus_of_vcg_prime(buyer, seller)
        + high * (high + mid + dear * (mid + low)) * (b_h - s_h)
        + mid * (mid + low) * cheap * (b_m - s_m)
        + high * (mid + low) * cheap * (b_m - s_h)
    )


def case(number: int, rng: random.Random) -> Instance:
    buyer, seller = ladder(rng, 3, top=30)
    return exchange([buyer] * 2, [seller], budget=rng.choice(SOME_BUDGET))
