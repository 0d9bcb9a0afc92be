"""The uniform law, in exact arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from lpmech.base.errors import InputError
from lpmech.base.exact import Rational, rational
from lpmech.question.distributions import ExactFamily
from lpmech.question.distributions.grid import Grid
from lpmech.question.distributions.integers import Scaled, over, scaled


@dataclass(frozen=True)
class Uniform(ExactFamily):
    """F(x) = (x - low)/(high - low) on [low, high]. ``loc`` and ``scale``, as in scipy, are low and high - low."""

    low: Fraction
    high: Fraction

    family = "uniform"
    parameters = ("low", "high", "loc", "scale")

    def __init__(
        self,
        low: Rational | None = None,
        high: Rational | None = None,
        *,
        loc: Rational | None = None,
        scale: Rational | None = None,
    ) -> None:
        ends, moved = low is not None or high is not None, loc is not None or scale is not None
        if ends and moved:
            raise InputError("both ends and loc or scale", expected="low and high, or loc and scale")
        if ends and (low is None or high is None):
            raise InputError("one end is missing", key="high" if high is None else "low", expected="both low and high")
        start = rational(low if low is not None else loc if loc is not None else 0)
        end = rational(high) if high is not None else start + rational(1 if scale is None else scale)
        if start >= end:
            key = "high" if ends else "scale"
            raise InputError(f"the interval [{start}, {end}] has no length", key=key, expected="low < high")
        object.__setattr__(self, "low", start)
        object.__setattr__(self, "high", end)

    def cdf(self, points: Sequence[Fraction]) -> list[Fraction]:
        return over(*self._cdf(*scaled(points)))

    def masses(self, grid: Grid) -> list[Fraction]:
        F, denominator = self._cdf(*grid.scaled_boundaries)
        return over((b - a for a, b in pairwise(F)), denominator)

    def _cdf(self, points: list[int], denominator: int) -> Scaled:
        """The same in integers over one denominator."""
        low, high = self.low * denominator, self.high * denominator
        (start, end), factor = scaled([low, high])
        return [min(max(x * factor, start), end) - start for x in points], end - start
