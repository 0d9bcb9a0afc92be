"""Equally spaced grids and their cells."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Annotated

from lpmech.base.errors import InputError
from lpmech.base.exact import Rational, rational
from lpmech.base.fields import Choice, Number, Table, WholeNumber
from lpmech.question.distributions.integers import Scaled, over, scaled

MAX_POINTS = 100_000
PLACEMENTS = ("endpoints", "midpoints")
SUPPORTS = ("all", "positive")


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
    support: Annotated[str, Choice(SUPPORTS)] = "all"
    """Whether all grid points are types, or those of positive mass alone."""

    def __init__(
        self, low: Rational, high: Rational, points: int, placement: str = "endpoints", support: str = "all"
    ) -> None:
        for name, value in (("low", rational(low)), ("high", rational(high)), ("points", points)):
            object.__setattr__(self, name, value)
        object.__setattr__(self, "placement", placement)
        object.__setattr__(self, "support", support)
        self.__post_init__()

    def __post_init__(self) -> None:
        if self.placement not in PLACEMENTS:
            raise InputError(
                "unknown placement", key="placement", value=self.placement, expected=" or ".join(PLACEMENTS)
            )
        if self.support not in SUPPORTS:
            raise InputError("unknown support", key="support", value=self.support, expected=" or ".join(SUPPORTS))
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
        (low, step), denominator = self._steps
        first = int(self.placement == "midpoints")
        return tuple(over((low + step * k for k in range(first, self._parts + 1, 2)), denominator))

    @cached_property
    def boundaries(self) -> tuple[Fraction, ...]:
        """The ends of the cells: point i stands for the interval from boundary i to boundary i + 1."""
        return tuple(over(*self.scaled_boundaries))

    @cached_property
    def scaled_boundaries(self) -> Scaled:
        """The boundaries as integers over one denominator."""
        (low, step), denominator = self._steps
        first = 1 if self.placement == "endpoints" else 2
        inner = (low + step * k for k in range(first, self._parts, 2))
        return [low, *inner, low + step * self._parts], denominator

    def near(self, x: Fraction) -> list[int]:
        """Numbers of the grid points next to x: of x itself if it is one, else of those below and above it."""
        place = ((x - self.low) / (self.high - self.low) * self._parts - int(self.placement == "midpoints")) / 2
        return [k for k in sorted({math.floor(place), math.ceil(place)}) if 0 <= k < self.points]

    @property
    def _parts(self) -> int:
        """Number of half cells from low to high; points and boundaries are at their ends."""
        return 2 * self.points - (2 if self.placement == "endpoints" else 0)

    @property
    def _steps(self) -> Scaled:
        """``low`` and the length of a half cell."""
        return scaled([self.low, (self.high - self.low) / self._parts])

    def point(self, k: int) -> Fraction:
        """Grid point number k, from 0."""
        return self.low + (self.high - self.low) * (2 * k + int(self.placement == "midpoints")) / self._parts
