"""Worst-case optimal redistribution: a second-price auction that pays back the largest part it can guarantee.

Agent i's rebate is sum_{j=2}^{n-1} c_j times the j-th largest of the others' values,

    c_j = (-1)^j (n - 1) / (j C(n-1, j) sum_{l=1}^{n-1} C(n-1, l)) * sum_{l=j}^{n-1} C(n-1, l),

C the binomial coefficient. At every profile at least the part 1 - (n - 1) / (2^(n-1) - 1) of the second-highest value
comes back and nothing is left to be paid in; no linear rebates guarantee more. Two agents get nothing back.

Source: guo-conitzer-2009, Theorem 1 (one unit); moulin-2009.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import comb

from lpmech.answer.mechanism import Mechanism
from lpmech.literature.mechanisms._object import negative_value, no_object, vickrey
from lpmech.question.model import Instance

OPTIONS: dict[str, tuple[str, ...] | None] = {}


def applies(instance: Instance) -> str | None:
    """Partnerships with values >= 0, any prior, whatever the shares."""
    return no_object(instance) or negative_value(instance)


def build(instance: Instance) -> Mechanism:
    """The worst-case optimal redistribution mechanism."""
    weights = coefficients(len(instance.environment.agents))

    def rebate(others: Sequence[Fraction]) -> Fraction:
        return sum((c * v for c, v in zip(weights, others, strict=True)), Fraction(0))

    return vickrey(instance, rebate)


def coefficients(n: int) -> list[Fraction]:
    """c_1 = 0, c_2, ..., c_{n-1}."""

    def tail(j: int) -> int:
        return sum(comb(n - 1, l) for l in range(j, n))

    rest = [Fraction((-1) ** j * (n - 1) * tail(j), j * comb(n - 1, j) * tail(1)) for j in range(2, n)]
    return [Fraction(0), *rest]
