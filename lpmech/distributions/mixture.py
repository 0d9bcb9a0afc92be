"""Mixtures of laws."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from lpmech.distributions import Law
from lpmech.distributions.grid import Grid
from lpmech.errors import Complaints, InputError
from lpmech.exact import Rational, rational


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

    def masses(self, grid: Grid) -> list[Fraction]:
        total, complaints = [Fraction(0)] * grid.points, Complaints()
        for j, (weight, law) in enumerate(self.parts):
            with complaints.about(f"mixture[{j}]"):
                total = [
                    sofar + weight * mass if mass else sofar
                    for sofar, mass in zip(total, law.masses(grid), strict=True)
                ]
        complaints.settle()
        return total
