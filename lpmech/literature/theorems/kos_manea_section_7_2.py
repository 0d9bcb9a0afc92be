"""Identical buyers and identical sellers: the margin is the surplus of VCG', the virtual surplus of efficient trade.

The k highest values meet the k lowest costs as long as the value exceeds the cost; no value is a cost, masses are positive.
Source: kos-manea-2009, Section 7.2.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from fractions import Fraction
from itertools import combinations_with_replacement

from lpmech.literature.expectations import pairs, virtual_costs, virtual_values
from lpmech.literature.questions import (
    SOME_BUDGET,
    alike,
    apart,
    classic,
    exchange,
    large,
    null,
    tied,
    traders,
)
from lpmech.literature.theorems import Prediction
from lpmech.question.model import Instance

title = "double auctions: exists iff VCG' has no deficit"
source = "kos-manea-2009, Section 7.2"
exact = True


def applies(instance: Instance) -> str | None:
    reason = classic(instance, "exchange")
    if reason is not None:
        return reason
    buyers, sellers = traders(instance)
    return (
        large(instance) or alike(buyers) or alike(sellers) or tied(buyers[0], sellers[0]) or null(buyers[0], sellers[0])
    )


def predict(instance: Instance) -> Prediction:
    buyers, sellers = traders(instance)
    values = list(zip(virtual_values(buyers[0]), *zip(*pairs(buyers[0]), strict=True), strict=True))
    costs = list(zip(virtual_costs(sellers[0]), *zip(*pairs(sellers[0]), strict=True), strict=True))
    total = Fraction(0)
    for up in combinations_with_replacement(sorted(values, key=lambda t: -t[1]), len(buyers)):
        for down in combinations_with_replacement(sorted(costs, key=lambda t: t[1]), len(sellers)):
            traded = sum((v - c for (v, b, _), (c, s, _) in zip(up, down, strict=False) if b > s), Fraction(0))
            total += chance(up) * chance(down) * traded
    return Prediction.exactly(total)


def chance(drawn: tuple[tuple[Fraction, Fraction, Fraction], ...]) -> Fraction:
    """Probability of a multiset of types."""
    orders = math.factorial(len(drawn))
    for count in Counter(drawn).values():
        orders //= math.factorial(count)
    return orders * math.prod((mass for _, _, mass in drawn), start=Fraction(1))


def case(number: int, rng: random.Random) -> Instance:
    buyers, sellers = ((2, 2), (1, 2), (2, 1), (1, 3))[number % 4]
    buyer, seller = apart(rng, rng.randint(1, 2 + (number % 4 > 0)), 2)
    return exchange([buyer] * buyers, [seller] * sellers, budget=rng.choice(SOME_BUDGET))
