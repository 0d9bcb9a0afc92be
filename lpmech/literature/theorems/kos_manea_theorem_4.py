"""Two types each, S_1 < B_1 < S_2 < B_2 and Pi(x*) < 0: the second best in closed form.

With M = (B_1 - S_1)(B_2 - (S_2 - q_1 S_1)/q_2) - (B_2 - S_2)((B_1 - p_2 B_2)/p_1 - S_1): (B_2, S_1) trades, (B_1, S_2) does
not, (B_2, S_2) trades surely if M > 0 and (B_1, S_1) if M < 0, the other of the two as far as the budget goes. The source
has the two cases the wrong way round, and M without the factor S_1.
Source: kos-manea-2009, Theorem 4, corrected.
"""

from __future__ import annotations

import random
from fractions import Fraction

from lpmech.literature.questions import bilateral, interleaved, ladder, sides
from lpmech.literature.theorems import Prediction, Range
from lpmech.literature.theorems import kos_manea_theorem_3 as theorem_3
from lpmech.question.distribution import Distribution
from lpmech.question.model import Instance

title = "the second best of two types each"
source = "kos-manea-2009, Theorem 4"
exact = True


def applies(instance: Instance) -> str | None:
    reason = theorem_3.applies(instance)
    if reason is not None:
        return reason
    buyer, seller = sides(instance)
    if len(buyer) != 2:
        return "not two types each"
    reason = interleaved(buyer, seller)
    if reason is not None:
        return reason
    return None if first_best_surplus(buyer, seller) < 0 else "the first best has no deficit"


def first_best_surplus(buyer: Distribution, seller: Distribution) -> Fraction:
    """Pi(x*) = p_2 q_2 B_2 + q_1 B_1 - p_2 S_2 - p_1 q_1 S_1 (Example 3, its last term corrected)."""
    (b1, b2), (p1, p2), (s1, s2), (q1, q2) = buyer.values, buyer.probabilities, seller.values, seller.probabilities
    return p2 * q2 * b2 + q1 * b1 - p2 * s2 - p1 * q1 * s1


def second_best(buyer: Distribution, seller: Distribution) -> tuple[Fraction, Fraction, Fraction]:
    """M, x(B_2, S_2), x(B_1, S_1). At M = 0 either corner will do."""
    (b1, b2), (p1, p2), (s1, s2), (q1, q2) = buyer.values, buyer.probabilities, seller.values, seller.probabilities
    m = (b1 - s1) * (b2 - (s2 - q1 * s1) / q2) - (b2 - s2) * ((b1 - p2 * b2) / p1 - s1)
    if m > 0:
        return m, Fraction(1), p2 * (b2 - s2) / (q1 * (p2 * b2 + p1 * s1 - b1))
    return m, q1 * (b1 - s1) / (p2 * (s2 - q2 * b2 - q1 * s1)), Fraction(1)


def predict(instance: Instance) -> Prediction:
    buyer, seller = sides(instance)
    _, high, low = second_best(buyer, seller)
    (b1, b2), (p1, p2), (s1, s2), (q1, q2) = buyer.values, buyer.probabilities, seller.values, seller.probabilities
    value = p2 * q2 * (b2 - s2) * high + p2 * q1 * (b2 - s1) + p1 * q1 * (b1 - s1) * low
    return Prediction("exists", value=Range.exactly(value))


def case(number: int, rng: random.Random) -> Instance:
    while True:
        buyer, seller = ladder(rng, 2)
        if first_best_surplus(buyer, seller) < 0:
            return bilateral(buyer, seller, objective="welfare", allocation="free")
