"""Probability laws on the line, and their exact masses on a grid. One final class a file.

``lpmech.question.distribution.discretize(law, grid)`` turns a law into a ``Distribution`` on the grid's points: an atom
must be a grid point and keeps its mass; a continuous law puts on each grid point the mass of the point's cell. Masses
are exact rationals that sum to exactly 1.

>>> from lpmech.question.distribution import discretize
>>> from lpmech.question.distributions import Grid
>>> from lpmech.question.distributions.uniform import Uniform
>>> discretize(Uniform(0, 1), Grid(0, 1, 3)).table()
{'values': ['0', '1/2', '1'], 'probabilities': ['1/4', '1/2', '1/4']}
"""

from __future__ import annotations

import importlib
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import ClassVar

from lpmech.question.distributions.grid import Grid
from lpmech.question.distributions.integers import over, scaled

__all__ = ["Continuous", "ExactFamily", "Grid", "Law", "exact_families"]


class Law(ABC):
    """A probability law on the line.

    Laws of the contract: masses are exact, non-negative, one for each grid point; their sum is at most 1, and what is
    missing from 1 is the mass outside [grid.low, grid.high].
    """

    def check(self, grid: Grid) -> None:  # noqa: B027 (most laws have nothing to check)
        """Raise InputError for what is seen not to fit the grid before masses are computed, or scipy imported."""

    @abstractmethod
    def masses(self, grid: Grid) -> Sequence[Fraction]:
        """Mass on each grid point. Raises InputError if the law does not fit the grid at all."""


class Continuous(Law):
    """A law without atoms, given by its distribution function."""

    @abstractmethod
    def cdf(self, points: Sequence[Fraction]) -> Sequence[Fraction]:
        """F at increasing points: exact numbers in [0, 1], not decreasing."""

    def masses(self, grid: Grid) -> Sequence[Fraction]:
        """F at the upper end of each cell less F at its lower end."""
        F, denominator = scaled(self.cdf(grid.boundaries))
        return over((high - low for low, high in pairwise(F)), denominator)


class ExactFamily(Continuous):
    """A family whose distribution function is computed in exact arithmetic, by the name that users write."""

    family: ClassVar[str]
    parameters: ClassVar[tuple[str, ...]]
    """Names of the constructor's keyword arguments, all exact numbers."""


@cache
def exact_families() -> dict[str, type[ExactFamily]]:
    """The exact families by name: one for each file of this package that defines one."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        for item in vars(importlib.import_module(f"{__name__}.{module.name}")).values():
            if isinstance(item, type) and issubclass(item, ExactFamily) and item is not ExactFamily:
                found[item.family] = item
    return found
