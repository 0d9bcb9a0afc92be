"""A single owner and N - 1 identically distributed others: explicit charges suffice.

The owner is charged (largest other value - p)^+, each other (p - max(second largest of the rest, owner's value))^+/(N - 1),
on top of VCG payments, at any price p. The margin is at least what the cheapest such charges leave of the utilities; at
N = 2 it is exactly that (Theorem 1).
Source: jagadeesan-tordjman-2025, Proposition 1.
"""

from __future__ import annotations

import math
import random
from fractions import Fraction
from itertools import product

from lpmech.literature.expectations import pairs
from lpmech.literature.questions import GROVES_EX_ANTE, alike, partners, partnership, randomly, unlike
from lpmech.literature.theorems import Prediction, Range
from lpmech.question.model import Instance

title = "a single owner: explicit charges suffice"
source = "jagadeesan-tordjman-2025, Proposition 1"
exact = True


MOST = 20_000
"""Profiles times prices that are enumerated."""


def applies(instance: Instance) -> str | None:
    reason = unlike(instance, "partnership", individual_rationality="ex-ante", budget="no-deficit")
    if reason is not None:
        return reason
    shares, values = partners(instance)
    if 1 not in shares:
        return "no single owner"
    if instance.environment.profile_count * len(values[0]) > MOST:
        return f"more than {MOST} pairs of a profile and a price"
    return alike(values)


def charges(theta: tuple[Fraction, ...], price: Fraction) -> Fraction:
    """Total of the charges at theta; agent 0 owns everything."""
    others = sorted(theta[1:], reverse=True)
    total = max(others[0] - price, Fraction(0))
    for i in range(len(others)):
        rest = others[:i] + others[i + 1 :]
        known = max(rest[1], theta[0]) if len(rest) > 1 else theta[0]
        total += max(price - known, Fraction(0)) / len(others)
    return total


def before_charges(theta: tuple[Fraction, ...]) -> Fraction:
    """Sum of net utilities with VCG payments alone: everybody gets his contribution to the surplus."""
    best = max(theta)
    return best - theta[0] + sum(best - max(theta[:i] + theta[i + 1 :]) for i in range(1, len(theta)))


def predict(instance: Instance) -> Prediction:
    shares, (values, *_) = partners(instance)
    left = dict.fromkeys(values.values, Fraction(0))
    for profile in product(pairs(values), repeat=len(shares)):
        theta, mass = tuple(v for v, _ in profile), math.prod((p for _, p in profile), start=Fraction(1))
        utilities = before_charges(theta)
        for price in left:
            left[price] += mass * (utilities - charges(theta, price))
    margin = max(left.values())
    if len(shares) == 2 and instance.requirements.transfers == "groves":
        return Prediction.exactly(margin)
    return Prediction("exists", Range(low=max(margin, Fraction(0))))


def case(number: int, rng: random.Random) -> Instance:
    count = 2 + (number % 3 == 0)
    values = randomly(rng, rng.randint(2, 6 if count == 2 else 4))
    return partnership([1] + [0] * (count - 1), values, **GROVES_EX_ANTE)
