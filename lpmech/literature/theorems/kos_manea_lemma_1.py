"""Pi(x) is the expected difference of virtual value and virtual cost, in trade.

sum_ij p_i q_j x(B_i, S_j) [B_i - (B_{i+1} - B_i) P(b > B_i)/p_i - S_j - (S_j - S_{j-1}) P(s < S_j)/q_j], i over the types
of the buyer and j over those of the seller (the source has the ranges the wrong way round); masses are positive.
Source: kos-manea-2009, Lemma 1, with the ranges corrected.
"""

from __future__ import annotations

import random
from fractions import Fraction

from lpmech.literature.expectations import given_trade, is_implementable, virtual_surplus
from lpmech.literature.questions import apart, bilateral, null, sides
from lpmech.literature.theorems import Prediction
from lpmech.literature.theorems import kos_manea_theorem_2 as theorem_2
from lpmech.question.model import Instance
from lpmech.question.requirements import AllocationTable, PostedPrice

title = "the margin of an implementable allocation is its virtual surplus"
source = "kos-manea-2009, Lemma 1"
exact = True


def applies(instance: Instance) -> str | None:
    reason = theorem_2.applies(instance) or null(*sides(instance))
    if reason is not None:
        return reason
    buyer, seller = sides(instance)
    x = given_trade(instance, buyer, seller)
    return None if x is not None and is_implementable(buyer, seller, x) else "the allocation is not implementable"


def predict(instance: Instance) -> Prediction:
    buyer, seller = sides(instance)
    x = given_trade(instance, buyer, seller)
    assert x is not None  # ``applies`` has said so
    return Prediction.exactly(virtual_surplus(buyer, seller, x))


def case(number: int, rng: random.Random) -> Instance:
    """Monotone lotteries, and posted prices."""
    buyer, seller = apart(rng, rng.randint(1, 4), rng.randint(1, 4))
    if number % 4 == 0:
        return bilateral(buyer, seller, allocation=PostedPrice(rng.randint(0, 20)))
    rows = sorted([sorted((rng.randint(0, 4) for _ in seller.values), reverse=True) for _ in buyer.values], key=sum)
    x = [list(row) for row in zip(*(sorted(column) for column in zip(*rows, strict=True)), strict=True)]
    rule = AllocationTable([[1 - Fraction(z, 4), Fraction(z, 4)] for row in x for z in row])
    return bilateral(buyer, seller, allocation=rule)
