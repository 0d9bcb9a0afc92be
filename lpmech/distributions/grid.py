"""Equally spaced grids and their cells."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Annotated

from lpmech.errors import InputError
from lpmech.exact import Rational, rational
from lpmech.fields import Choice, Number, Table, WholeNumber

MAX_POINTS = 1_000_000
PLACEMENTS = ("endpoints", "midpoints")


@dataclass(frozen=True, init=False)
class Grid(Table):
    """``points`` equally spaced values, and their cells, which partition [low, high].

    endpoints: low + i (high - low)/(N - 1), i = 0..N-1; a cell ends halfway to the neighbours, or at low or high.
    midpoints: the centres of N equal cells.
    """

    low: Number
    """Lower end of the interval."""
    high: Number
    """Upper end of the interval."""
    points: Annotated[int, WholeNumber(1, MAX_POINTS)]
    """Number N of grid points."""
    placement: Annotated[str, Choice(PLACEMENTS)] = "endpoints"
    """Whether the grid runs from low to high, or over the centres of equal cells."""

    def __init__(self, low: Rational, high: Rational, points: int, placement: str = "endpoints") -> None:
        for name, value in (("low", rational(low)), ("high", rational(high)), ("points", points)):
            object.__setattr__(self, name, value)
        object.__setattr__(self, "placement", placement)
        self.__post_init__()

    def __post_init__(self) -> None:
        if self.placement not in PLACEMENTS:
            raise InputError(
                "unknown placement", key="placement", value=self.placement, expected=" or ".join(PLACEMENTS)
            )
        if self.low >= self.high:
            raise InputError(f"low = {self.low} is not below high = {self.high}", key="high", expected="low < high")
        least = 2 if self.placement == "endpoints" else 1
        if not least <= self.points <= MAX_POINTS:
            raise InputError(
                f"{self.points} grid points", key="points", expected=f"from {least} to {MAX_POINTS} ({self.placement})"
            )

    @cached_property
    def values(self) -> tuple[Fraction, ...]:
        """The grid points, increasing."""
        if self.placement == "endpoints":
            return self._equally_spaced(0, 2, 2 * self.points - 2)
        return self._equally_spaced(1, 2, 2 * self.points)

    @cached_property
    def boundaries(self) -> tuple[Fraction, ...]:
        """The ends of the cells: point i stands for the interval from boundary i to boundary i + 1."""
        if self.placement == "endpoints":
            return (self.low, *self._equally_spaced(1, 2, 2 * self.points - 2)[:-1], self.high)
        return (*self._equally_spaced(0, 2, 2 * self.points), self.high)

    def _equally_spaced(self, first: int, step: int, parts: int) -> tuple[Fraction, ...]:
        """N points: low + (first + i step)/parts of the way to high."""
        width = (self.high - self.low) / parts
        return tuple(self.low + width * (first + step * i) for i in range(self.points))
