"""Mixtures of laws."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from lpmech.base.errors import Complaints, InputError
from lpmech.base.exact import Rational, rational
from lpmech.question.distributions import Law
from lpmech.question.distributions.grid import Grid
from lpmech.question.distributions.integers import Scaled, over, scaled


@dataclass(frozen=True)
class Mixture(Law):
    """sum_j w_j L_j with weights w_j >= 0 that sum to exactly 1."""

    parts: tuple[tuple[Fraction, Law], ...]

    def __init__(self, parts: Iterable[tuple[Rational, Law]]) -> None:
        exact = tuple((rational(weight), law) for weight, law in parts)
        for j, (weight, _) in enumerate(exact):
            if weight < 0:
                raise InputError("a negative weight", key=f"mixture[{j}].weight", value=weight, expected="0 or more")
        total = sum((weight for weight, _ in exact), Fraction(0))
        if total != 1:
            raise InputError(f"weights sum to {total}, not 1", key="mixture", expected="weights that sum to exactly 1")
        object.__setattr__(self, "parts", exact)

    def check(self, grid: Grid) -> None:
        complaints = Complaints()
        for j, (_, law) in enumerate(self.parts):
            with complaints.about(f"mixture[{j}]"):
                law.check(grid)
        complaints.settle()

    def masses(self, grid: Grid) -> list[Fraction]:
        found: list[tuple[Fraction, Scaled]] = []
        complaints = Complaints()
        for j, (weight, law) in enumerate(self.parts):
            with complaints.about(f"mixture[{j}]"):
                found.append((weight, scaled(law.masses(grid))))
        complaints.settle()
        common = math.lcm(*(weight.denominator * denominator for weight, (_, denominator) in found))
        summed = [0] * grid.points
        for weight, (numerators, denominator) in found:
            factor = weight.numerator * (common // (weight.denominator * denominator))
            summed = [sofar + factor * n for sofar, n in zip(summed, numerators, strict=True)]
        return over(summed, common)
