"""A point mass."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from lpmech.base.errors import InputError
from lpmech.base.exact import Rational, rational
from lpmech.question.distributions import Law
from lpmech.question.distributions.grid import Grid


@dataclass(frozen=True)
class Atom(Law):
    """All mass on one value, which must be a grid point."""

    at: Fraction

    def __init__(self, at: Rational) -> None:
        object.__setattr__(self, "at", rational(at))

    def check(self, grid: Grid) -> None:
        self._place(grid)

    def masses(self, grid: Grid) -> list[Fraction]:
        k = self._place(grid)
        return [Fraction(0)] * k + [Fraction(1)] + [Fraction(0)] * (grid.points - k - 1)

    def _place(self, grid: Grid) -> int:
        near = grid.near(min(max(self.at, grid.low), grid.high))
        for k in near:
            if grid.point(k) == self.at:
                return k
        shown = " and ".join(str(grid.point(k)) for k in near)
        raise InputError("an atom that is not a grid point", key="atom", value=self.at, expected=f"such as {shown}")
