"""What theorems say about instances, one file each; the file's name is the theorem's. ``lpmech bench`` tests them all.

Each file defines what ``Theorem`` lists. Laws:

* ``applies`` is true to the source: environment, requirements, and the hypotheses on the numbers, as the source corrected
  has them; nothing that the program would have to find out;
* ``predict`` computes by the source's own formula in exact rationals, without a program, a solver or a closed form of
  ``lpmech.closed_forms``: agreement of two computations that share code would say nothing;
* a continuous theorem says at what rate grids approach it (``Limit``), proved in docs/theorems.md; no tolerance otherwise;
* ``case(number, rng)`` is an instance that the theorem applies to: parametric families, atoms, unequal sizes.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol, cast

from lpmech.base.exact import show
from lpmech.question.model import Instance

Number = Fraction | float
"""An exact rational, or ``math.inf`` or ``-math.inf``."""


@dataclass(frozen=True)
class Range:
    """low <= number <= high. Exact if the two are one."""

    low: Number = -math.inf
    high: Number = math.inf

    @classmethod
    def exactly(cls, x: Number) -> Range:
        return cls(x, x)

    def __contains__(self, x: Number) -> bool:
        return self.low <= x <= self.high

    def __str__(self) -> str:
        if self.low == self.high:
            return f"= {show(self.low)}"
        parts = [f">= {show(self.low)}"] * (self.low != -math.inf) + [f"<= {show(self.high)}"] * (self.high != math.inf)
        return " and ".join(parts) or "any"


@dataclass(frozen=True)
class Limit:
    """A continuous statement seen from a grid: |number - value| <= constant * step, where step tends to 0.

    ``on_grid``: the value is the theorem's formula with the instance's own types, and moves as they do; otherwise it is the
    number of the continuum.
    """

    value: Fraction
    step: Fraction
    constant: Fraction
    on_grid: bool = False

    @property
    def range(self) -> Range:
        """Where the number must be."""
        error = self.constant * self.step
        return Range(self.value - error, self.value + error)


@dataclass(frozen=True)
class Prediction:
    """What a theorem says: a verdict, the margin (C9), the value of another objective, a question with the same margin;
    whether interim utilities are the same in all optimal mechanisms, and which they are (``payoffs``: by agent and type).

    None: nothing said. ``limit`` is the continuous statement that ``margin`` (or else ``value``) was computed from.
    """

    verdict: str | None = None
    margin: Range | None = None
    value: Range | None = None
    same_as: Instance | None = None
    limit: Limit | None = None
    unique_payoffs: bool | None = None
    payoffs: tuple[tuple[Fraction, ...], ...] | None = None

    @classmethod
    def exactly(cls, margin: Number) -> Prediction:
        """The margin, and with it the verdict."""
        return cls("exists" if margin >= 0 else "impossible", Range.exactly(margin))

    @classmethod
    def at_least(cls, margin: Number) -> Prediction:
        """A lower bound of the margin; a verdict if that is not negative."""
        return cls("exists" if margin >= 0 else None, Range(low=margin))

    @classmethod
    def near(cls, limit: Limit) -> Prediction:
        """A margin near its limit; a verdict where the error cannot change the sign."""
        found = limit.range
        return cls("exists" if found.low >= 0 else "impossible" if found.high < 0 else None, found, limit=limit)

    @classmethod
    def above(cls, limit: Limit) -> Prediction:
        """As ``near``, where grids only ever have more than the continuum."""
        found = Range(limit.value, limit.range.high)
        return cls("exists" if found.low >= 0 else "impossible" if found.high < 0 else None, found, limit=limit)

    def __str__(self) -> str:
        parts = [self.verdict or "either verdict"]
        parts += [f"{name} {x}" for name, x in (("margin", self.margin), ("value", self.value)) if x is not None]
        if self.same_as is not None:
            parts.append(f"the margin of the same question with {_requirements(self.same_as)}")
        if self.unique_payoffs is not None:
            parts.append(
                f"interim utilities {'the same' if self.unique_payoffs else 'not the same'} in all optimal mechanisms"
            )
        return ", ".join(parts)


def _requirements(instance: Instance) -> str:
    return ", ".join(str(x) for x in instance.requirements.table().values() if isinstance(x, str))


class Theorem(Protocol):
    """What a file of this folder defines. All but the functions are constants."""

    title: str
    """One line: what the theorem says."""
    source: str
    """Citation key and statement."""
    exact: bool
    """Whether it is exact on grids, or a continuous limit with a known rate."""

    def applies(self, instance: Instance) -> str | None:
        """None if the theorem speaks about the instance, else why not: "the prior is correlated"."""

    def predict(self, instance: Instance) -> Prediction:
        """What it says. Asked only if it applies."""
        ...

    def case(self, number: int, rng: random.Random) -> Instance:
        """Instance ``number`` (from 0) of the theorem's own family. It applies."""
        ...


@cache
def names() -> tuple[str, ...]:
    """Names of the theorems there are: the files of this folder that do not start with an underscore."""
    return tuple(sorted(module.name for module in iter_modules(__path__) if not module.name.startswith("_")))


def named(name: str) -> Theorem:
    """The theorem of that name."""
    return cast(Theorem, import_module(f"{__name__}.{name}"))
