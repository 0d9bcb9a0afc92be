"""The second best is the best implementable allocation that leaves the broker nothing; a multiplier gives its value.

Without the monotonicity constraints the value is min over m >= 0 of E[((b - s) + m (virtual value - virtual cost))^+], an
upper bound; where virtual values and costs rise with the type, the maximising trade is monotone and the bound is attained.
The objective is convex and piecewise linear in m, so that a sum changes sign at its minimum.
Source: kos-manea-2009, Theorem 3; the multiplier: docs/theorems.md.
"""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import product

from lpmech.literature.expectations import pairs, virtual_costs, virtual_values
from lpmech.literature.questions import SOME_BUDGET, bilateral, endpoints, null, randomly, sides, unlike
from lpmech.literature.theorems import Prediction, Range
from lpmech.question.distribution import Distribution
from lpmech.question.model import Instance

title = "the second best leaves the broker nothing"
source = "kos-manea-2009, Theorem 3"
exact = True


def applies(instance: Instance) -> str | None:
    return unlike(
        instance,
        "bilateral-trade",
        objective="welfare",
        allocation="free",
        incentive_compatibility="BIC",
        individual_rationality="interim",
        budget=SOME_BUDGET,
        transfers="any",
    ) or null(*sides(instance))


def predict(instance: Instance) -> Prediction:
    buyer, seller = sides(instance)
    value, cost = virtual_values(buyer), virtual_costs(seller)
    bound = lagrangian_bound(buyer, seller, value, cost)
    regular = value == sorted(value) and cost == sorted(cost)
    return Prediction("exists", value=Range(bound if regular else Fraction(0), bound))


def lagrangian_bound(
    buyer: Distribution, seller: Distribution, value: list[Fraction], cost: list[Fraction]
) -> Fraction:
    """min over m >= 0 of the expectation of (g + m v)^+, g = b - s and v the virtual surplus of a pair of types."""
    lines = [
        (p * r * (b - s), p * r * (value[i] - cost[j]))
        for (i, (b, p)), (j, (s, r)) in product(enumerate(pairs(buyer)), enumerate(pairs(seller)))
    ]
    at = [Fraction(0), *sorted({-g / v for g, v in lines if v and -g / v > 0})]
    low, high = 0, len(at) - 1
    while low < high:  # the first breakpoint from where on the sum does not fall
        middle = (low + high) // 2
        m = at[middle]
        slope = sum((v for g, v in lines if g + m * v > 0 or (g + m * v == 0 and v > 0)), Fraction(0))
        low, high = (middle + 1, high) if slope < 0 else (low, middle)
    return sum((max(g + at[low] * v, Fraction(0)) for g, v in lines), Fraction(0))


def case(number: int, rng: random.Random) -> Instance:
    """Irregular laws, ties, uniform grids."""
    if number % 5 == 0:
        m, n = rng.randint(2, 6), rng.randint(2, 6)
        return bilateral(endpoints(m), endpoints(n), objective="welfare", allocation="free")
    buyer, seller = (randomly(rng, rng.randint(2, 4)) for _ in range(2))
    return bilateral(buyer, seller, objective="welfare", allocation="free", budget=rng.choice(SOME_BUDGET))
