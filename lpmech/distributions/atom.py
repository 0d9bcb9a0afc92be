"""A point mass."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from fractions import Fraction

from lpmech.distributions import Law
from lpmech.distributions.grid import Grid
from lpmech.errors import InputError
from lpmech.exact import Rational, rational


@dataclass(frozen=True)
class Atom(Law):
    """All mass on one value, which must be a grid point."""

    at: Fraction

    def __init__(self, at: Rational) -> None:
        object.__setattr__(self, "at", rational(at))

    def masses(self, grid: Grid) -> list[Fraction]:
        k = bisect_left(grid.values, self.at)
        if k == grid.points or grid.values[k] != self.at:
            near = " and ".join(str(v) for v in grid.values[max(k - 1, 0) : k + 1])
            raise InputError("an atom that is not a grid point", key="atom", value=self.at, expected=f"such as {near}")
        return [Fraction(i == k) for i in range(grid.points)]
