"""What a sweep varies: exact values, ranges and seeded draws, and products and zips of them.

Every axis has a size and answers for one place at a time, so that a million points need no list and any of them can be
made anew.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from hashlib import sha256
from itertools import pairwise
from typing import Any

import numpy as np

from lpmech.studies.sweep.columns import Column, Points, whole

Point = Mapping[str, Fraction]
"""Values of parameters by name."""


class Axis(ABC):
    """Parameters that vary together. Laws: ``at(i)`` has the keys ``names`` for 0 <= i < ``size``, always the same;
    ``columns(places)`` has at each place the numbers of ``at``."""

    @property
    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """The parameters."""

    @property
    @abstractmethod
    def size(self) -> int:
        """How many places the axis has."""

    @abstractmethod
    def at(self, place: int) -> Point:
        """Values of the parameters at a place."""

    @abstractmethod
    def columns(self, places: np.ndarray) -> Points:
        """Values of the parameters at many places."""


@dataclass(frozen=True)
class Values(Axis):
    """One parameter over a list of values."""

    name: str
    values: Sequence[Fraction]

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name,)

    @property
    def size(self) -> int:
        return len(self.values)

    def at(self, place: int) -> Point:
        return {self.name: self.values[place]}

    def columns(self, places: np.ndarray) -> Points:
        return {self.name: Column.read(self.values).at(places)}


@dataclass(frozen=True)
class Range(Axis):
    """One parameter over low + (high - low) i / steps for i = 0, ..., steps: ``steps`` + 1 values, both ends included."""

    name: str
    low: Fraction
    high: Fraction
    steps: int

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name,)

    @property
    def size(self) -> int:
        return self.steps + 1

    def at(self, place: int) -> Point:
        return {self.name: self.low + (self.high - self.low) * Fraction(place, self.steps)}

    def columns(self, places: np.ndarray) -> Points:
        return {self.name: Column.affine(self.low, (self.high - self.low) / self.steps, places)}


@dataclass(frozen=True)
class Draws(Axis):
    """Pseudorandom points, each a function of the seed, the parameters' names and its place alone: low + step k, for whole
    numbers k that are drawn.

    Numbers come from SHA-256, not from a library's generator, so that a sweep file means the same everywhere.
    """

    parameters: tuple[str, ...]
    count: int
    seed: int
    denominator: int

    @property
    def names(self) -> tuple[str, ...]:
        return self.parameters

    @property
    def size(self) -> int:
        return self.count

    @abstractmethod
    def drawn(self, place: int) -> Sequence[int]:
        """The whole numbers of a place, one for each parameter."""

    @property
    @abstractmethod
    def scale(self) -> tuple[Fraction, Fraction]:
        """Low and step."""

    def at(self, place: int) -> Point:
        low, step = self.scale
        return {name: low + step * k for name, k in zip(self.names, self.drawn(place), strict=True)}

    def columns(self, places: np.ndarray) -> Points:
        numbers = zip(*map(self.drawn, places.tolist()), strict=True)
        return {name: Column.affine(*self.scale, whole(k)) for name, k in zip(self.names, numbers, strict=True)}

    @cached_property
    def _key(self) -> str:
        return f"{self.seed}/{','.join(self.parameters)}"

    def below(self, bound: int, place: int, number: int) -> int:
        """The ``number``-th whole number of a place, uniform from 0 to bound - 1 up to a bias below bound / 2^256."""
        text = f"{self._key}/{place}/{number}"
        return int.from_bytes(sha256(text.encode()).digest(), "big") * bound >> 256

    def subset(self, size: int, bound: int, place: int) -> list[int]:
        """A uniform subset of ``size`` of the numbers from 0 to bound - 1, in order (Floyd's algorithm)."""
        chosen: set[int] = set()
        for number, last in enumerate(range(bound - size, bound)):
            one = self.below(last + 1, place, number)
            chosen.add(last if one in chosen else one)
        return sorted(chosen)


@dataclass(frozen=True)
class Uniform(Draws):
    """Independent uniform values on low, low + (high - low)/denominator, ..., high; ``increasing``: a uniform subset of
    these, in order, so that values differ and increase strictly."""

    low: Fraction
    high: Fraction
    increasing: bool = False

    @property
    def scale(self) -> tuple[Fraction, Fraction]:
        return self.low, (self.high - self.low) / self.denominator

    def drawn(self, place: int) -> Sequence[int]:
        points = self.denominator + 1
        if self.increasing:
            return self.subset(len(self.names), points, place)
        return [self.below(points, place, number) for number in range(len(self.names))]


@dataclass(frozen=True)
class Simplex(Draws):
    """Shares k_i / denominator >= 0 that sum to exactly 1.

    With every ``alpha`` 1 all such points are equally likely. In general the uniform composition of the denominator into
    sum(alpha) parts is drawn and alpha_i neighbouring parts are added up to share i: as the denominator grows this is the
    Dirichlet law with parameters alpha, whose coordinates are such sums of a flat Dirichlet vector.
    """

    alpha: tuple[int, ...]

    @property
    def scale(self) -> tuple[Fraction, Fraction]:
        return Fraction(0), Fraction(1, self.denominator)

    def drawn(self, place: int) -> Sequence[int]:
        parts = sum(self.alpha)
        bars = self.subset(parts - 1, self.denominator + parts - 1, place)
        ends, total = [], 0
        for alpha in self.alpha[:-1]:
            total += alpha
            ends.append(bars[total - 1] - (total - 1))  # stars before the bar
        return [high - low for low, high in pairwise([0, *ends, self.denominator])]


@dataclass(frozen=True)
class Lattice(Axis):
    """All shares k_i / steps >= 0 that sum to exactly 1, k in lexicographic order."""

    parameters: tuple[str, ...]
    steps: int

    @property
    def names(self) -> tuple[str, ...]:
        return self.parameters

    @property
    def size(self) -> int:
        return _compositions(self.steps, len(self.parameters))

    def at(self, place: int) -> Point:
        return {name: Fraction(k, self.steps) for name, k in zip(self.names, self._numbers(place), strict=True)}

    def columns(self, places: np.ndarray) -> Points:
        numbers = zip(*map(self._numbers, places.tolist()), strict=True)
        step = Fraction(1, self.steps)
        return {name: Column.affine(Fraction(0), step, whole(k)) for name, k in zip(self.names, numbers, strict=True)}

    def _numbers(self, place: int) -> list[int]:
        left, shares = self.steps, list[int]()
        for after in range(len(self.parameters) - 1, 0, -1):
            k = 0
            while place >= (size := _compositions(left - k, after)):
                place -= size
                k += 1
            shares.append(k)
            left -= k
        return [*shares, left]


def _compositions(total: int, parts: int) -> int:
    """In how many ways whole numbers >= 0 sum to ``total``."""
    return math.comb(total + parts - 1, parts - 1)


@dataclass(frozen=True)
class Joint(Axis):
    """Several axes as one."""

    axes: tuple[Axis, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for axis in self.axes for name in axis.names)

    @abstractmethod
    def split(self, places: Any) -> list[Any]:
        """The place, or places, on each axis."""

    def at(self, place: int) -> Point:
        parts = zip(self.axes, self.split(place), strict=True)
        return {name: x for axis, own in parts for name, x in axis.at(own).items()}

    def columns(self, places: np.ndarray) -> Points:
        out: dict[str, Column] = {}
        for axis, own in zip(self.axes, self.split(places), strict=True):
            some, back = np.unique(own, return_inverse=True)  # each place once, however many points share it
            out |= {name: x.at(back) for name, x in axis.columns(some).items()}
        return out


@dataclass(frozen=True)
class Zip(Joint):
    """Axes of one size that go along together."""

    @property
    def size(self) -> int:
        return self.axes[0].size

    def split(self, places: Any) -> list[Any]:
        return [places] * len(self.axes)


@dataclass(frozen=True)
class Product(Joint):
    """Every combination of places of the axes, the last axis varying fastest; one empty point if there is no axis."""

    @property
    def size(self) -> int:
        return math.prod(axis.size for axis in self.axes)

    def split(self, places: Any) -> list[Any]:
        out = []
        for axis in reversed(self.axes):
            places, own = places // axis.size, places % axis.size
            out.append(own)
        return out[::-1]
