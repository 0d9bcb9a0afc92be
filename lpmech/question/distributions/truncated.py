"""Conditioning a law on the grid's interval."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from lpmech.base.errors import InputError
from lpmech.question.distributions import Law
from lpmech.question.distributions.grid import Grid
from lpmech.question.distributions.integers import over, scaled


@dataclass(frozen=True)
class Truncated(Law):
    """The law given that it falls into [grid.low, grid.high]: its masses there, divided by their sum."""

    law: Law

    def check(self, grid: Grid) -> None:
        self.law.check(grid)

    def masses(self, grid: Grid) -> list[Fraction]:
        numerators, _ = scaled(self.law.masses(grid))
        inside = sum(numerators)
        if not inside:
            raise InputError(
                f"no mass lies in [{grid.low}, {grid.high}]", expected="a grid that meets the distribution"
            )
        return over(numerators, inside)
