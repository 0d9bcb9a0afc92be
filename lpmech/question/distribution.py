"""Finite distributions of one-dimensional types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Any

from lpmech.base.arguments import rationals
from lpmech.base.errors import InputError
from lpmech.base.exact import Rational, Scaled, decimal, exact_masses
from lpmech.base.floats import floats as reading
from lpmech.question.distributions import Grid, Law
from lpmech.question.distributions.integers import total
from lpmech.question.distributions.named import law_of

SHOWN = 8
"""Most values of a distribution whose ``repr`` lists them."""


def _listed(numbers: Sequence[Fraction]) -> str:
    """A list as one would write it: whole numbers, and fractions as text."""
    return "[" + ", ".join(str(x) if x.denominator == 1 else f'"{x}"' for x in numbers) + "]"


@dataclass(frozen=True)
class Distribution:
    """Finite distribution of a one-dimensional type: increasing values and masses that sum to exactly 1 (C3).

    ``Distribution([0, "1/2", 1], ["1/4", "1/2", "1/4"])``, or with ``weights=[1, 2, 1]``, which are divided by their sum;
    with neither, uniform. Masses of 0 are allowed. ``floats="decimal"`` reads floats as the decimals that they print as.
    """

    values: tuple[Fraction, ...]
    probabilities: tuple[Fraction, ...] = ()

    def __init__(
        self,
        values: Iterable[Rational],
        probabilities: Iterable[Rational] | None = None,
        *,
        weights: Iterable[Rational] | None = None,
        floats: str | None = None,
    ) -> None:
        if floats is not None:
            with reading(floats):
                values = list(rationals(values, "values"))
                probabilities = None if probabilities is None else list(rationals(probabilities, "probabilities"))
                weights = None if weights is None else list(rationals(weights, "weights"))
        if isinstance(values, Mapping):
            raise InputError(
                "a dictionary where a list is needed",
                key="values",
                expected="Distribution(list(masses), list(masses.values())) of a dictionary {value: mass}",
            )
        exact = rationals(values, "values")
        if not exact:
            raise InputError("no values", key="values", expected="at least one type")
        for k, (low, high) in enumerate(pairwise(exact), 1):
            if low >= high:
                raise InputError(
                    f"values are not strictly increasing: {low} is followed by {high}",
                    key=f"values[{k}]",
                    expected="increasing values",
                )
        if probabilities is not None and weights is not None:
            raise InputError("probabilities and weights together", key="weights", expected="one of the two")
        masses: Sequence[Fraction] = [Fraction(1, len(exact))] * len(exact)
        if probabilities is not None or weights is not None:
            key, given = ("probabilities", probabilities) if weights is None else ("weights", weights)
            masses = rationals(given, key)
            if len(masses) != len(exact):
                each = "one mass for each value" if weights is None else "one for each value"
                raise InputError(f"{len(exact)} values but {len(masses)} {key}", key=key, expected=each)
        if weights is not None:
            masses = _normalised(masses)
        object.__setattr__(self, "values", exact)
        object.__setattr__(
            self, "probabilities", exact_masses(masses, "distribution", "probabilities", "probabilities[{}]")
        )

    @classmethod
    def on_grid(
        cls,
        low: Rational,
        high: Rational,
        points: int,
        law: Any = "uniform",
        *,
        placement: str = "endpoints",
        support: str = "all",
        truncate: bool = False,
        **parameters: Rational,
    ) -> Distribution:
        """A continuous distribution on equally spaced points of [low, high], as ``grid`` and ``distribution`` in files.

        ``law`` is the name of a family with its parameters (``on_grid(0, 1, 11, "beta", a=2, b=5)``; "uniform" is on
        [low, high] unless told otherwise), or a frozen distribution of scipy.stats, whose parameters are read as the
        decimals that they print as. ``truncate`` conditions on [low, high].
        """
        return discretize(law_of(law, low, high, parameters, truncate), Grid(low, high, points, placement, support))

    @classmethod
    def from_samples(cls, samples: Iterable[Any], *, points: int | None = None) -> Distribution:
        """The distribution of a sample: each value with its share of the sample, exactly.

        Samples are exact numbers or floats, which are read as the decimals that they print as. ``points`` puts them on
        so many equally spaced midpoints between the least and the largest: each sample counts for the cell it lies in,
        the upper end of a cell belonging to the next one, the last cell to both.
        """
        with reading("decimal"):
            exact = rationals(samples, "samples")
        if not exact:
            raise InputError("no samples", key="samples", expected="one or more")
        low, high = min(exact), max(exact)
        if points is None or low == high:
            values = sorted(set(exact))
            return cls(values, [Fraction(exact.count(value), len(exact)) for value in values])
        grid, counts = Grid(low, high, points, "midpoints"), [0] * points
        for x in exact:
            counts[min(points - 1, int((x - low) * points / (high - low)))] += 1
        return cls(grid.values, [Fraction(count, len(exact)) for count in counts])

    def __len__(self) -> int:
        return len(self.values)

    def __repr__(self) -> str:
        if len(self.values) > SHOWN or sum(len(str(x)) for x in (*self.values, *self.probabilities)) > 20 * SHOWN:
            low, high = (decimal(x) for x in (self.values[0], self.values[-1]))
            return f"<Distribution: {len(self.values):,} values from {low:.6g} to {high:.6g}>"
        return f"Distribution({_listed(self.values)}, {_listed(self.probabilities)})"

    def table(self) -> dict[str, list[str]]:
        """Values and masses as text, as an instance file has them."""
        return {"values": [str(v) for v in self.values], "probabilities": [str(p) for p in self.probabilities]}

    @cached_property
    def scaled(self) -> tuple[Scaled, Scaled]:
        """Values and masses, each over their least common denominator."""
        return Scaled.read(self.values), Scaled.read(self.probabilities)

    def columns(self) -> dict[str, dict[str, Any]]:
        """As ``table``, in the shorter form of compact proofs."""
        values, masses = self.scaled
        return {"values": values.table(), "probabilities": masses.table()}


def _normalised(weights: Sequence[Fraction]) -> list[Fraction]:
    """Weights divided by their sum, which must be positive."""
    for k, weight in enumerate(weights):
        if weight < 0:
            raise InputError("a negative weight", key=f"weights[{k}]", value=weight, expected="0 or more")
    total = sum(weights, Fraction(0))
    if not total:
        raise InputError("weights without a positive one", key="weights", expected="at least one weight > 0")
    return [weight / total for weight in weights]


def discretize(law: Law, grid: Grid) -> Distribution:
    """The law's distribution on the grid. Raises InputError if some of its mass lies outside [grid.low, grid.high].

    ``Truncated(law)`` is the law given that it falls inside. With ``support = "positive"`` in the grid, points of
    mass 0 are left out.
    """
    law.check(grid)
    masses = law.masses(grid)
    inside = total(masses)
    if inside != 1:
        raise InputError(
            f"mass {decimal(1 - inside):.6g} lies outside [{grid.low}, {grid.high}]",
            expected="a grid that covers the distribution, or truncate = true, which conditions on the interval",
        )
    types = list(zip(grid.values, masses, strict=True))
    if grid.support == "positive":
        types = [(value, mass) for value, mass in types if mass]
    out = object.__new__(Distribution)  # what its constructor checks holds, and takes a second for a long grid
    object.__setattr__(out, "values", tuple(value for value, _ in types))
    object.__setattr__(out, "probabilities", tuple(mass for _, mass in types))
    return out
