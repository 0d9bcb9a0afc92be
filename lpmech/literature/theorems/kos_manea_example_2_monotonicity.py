"""Costs 3k, 8k, 9k and values 7k, 8k + 1, 9k + 1, equally likely: existence is not monotone in the number I of buyers.

With a = (1/3)^I and c = (2/3)^I, the surplus is 1 - c - (k - 1) (2/3) (c - 2a): 1/3 at I = 1 for every k; negative at I = 2
iff k > 19/4; and for every k >= 0 from some I* on.
Source: kos-manea-2009, Example 2; all I: docs/theorems.md.
"""

from __future__ import annotations

import random
from fractions import Fraction

from lpmech.literature.questions import alike, classic, exchange, traders
from lpmech.literature.theorems import Prediction
from lpmech.question.distribution import Distribution
from lpmech.question.model import Instance

title = "existence is not monotone in the number of buyers"
source = "kos-manea-2009, Example 2"
exact = True


def scale(buyer: Distribution, seller: Distribution) -> Fraction:
    """What k would have to be."""
    return buyer.values[0] / 7


def applies(instance: Instance) -> str | None:
    reason = classic(instance, "exchange", "bilateral-trade")
    if reason is not None:
        return reason
    buyers, sellers = traders(instance)
    if len(sellers) > 1 or alike(buyers):
        return "not one seller and identical buyers"
    k = scale(buyers[0], sellers[0])
    return None if k > 1 and family(k) == (buyers[0], sellers[0]) else "not an instance of the family"


def family(k: Fraction) -> tuple[Distribution, Distribution]:
    """A buyer and the seller."""
    return Distribution([7 * k, 8 * k + 1, 9 * k + 1]), Distribution([3 * k, 8 * k, 9 * k])


def surplus(k: Fraction, buyers: int) -> Fraction:
    """Pi_I."""
    a, c = Fraction(1, 3) ** buyers, Fraction(2, 3) ** buyers
    return 1 - c - (k - 1) * Fraction(2, 3) * (c - 2 * a)


def threshold(k: Fraction) -> int:
    """I*: the least number such that a mechanism exists with so many buyers, or any number more."""
    buyers = 1
    while (2 * k + 1) * Fraction(2, 3) ** buyers > 3:  # until this holds, 1 - c may be smaller than what is taken off
        buyers += 1
    while buyers > 1 and surplus(k, buyers - 1) >= 0:
        buyers -= 1
    return buyers


def predict(instance: Instance) -> Prediction:
    buyers, (seller,) = traders(instance)
    return Prediction.exactly(surplus(scale(buyers[0], seller), len(buyers)))


def case(number: int, rng: random.Random) -> Instance:
    k = Fraction(number // 3 + 5, 4)
    buyer, seller = family(k)
    return exchange([buyer] * (1 + number % 3), [seller])
