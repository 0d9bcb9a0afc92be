"""Conditioning a law on the grid's interval."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from lpmech.distributions import Law
from lpmech.distributions.grid import Grid
from lpmech.errors import InputError


@dataclass(frozen=True)
class Truncated(Law):
    """The law given that it falls into [grid.low, grid.high]: its masses there, divided by their sum."""

    law: Law

    def masses(self, grid: Grid) -> list[Fraction]:
        masses = self.law.masses(grid)
        inside = sum(masses, Fraction(0))
        if not inside:
            raise InputError(
                f"no mass lies in [{grid.low}, {grid.high}]", expected="a grid that meets the distribution"
            )
        return list(masses) if inside == 1 else [mass / inside for mass in masses]
