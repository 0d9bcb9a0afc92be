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

SHOWN = 8
"""Most values of a distribution whose ``repr`` lists them."""


def _listed(numbers: Sequence[Fraction]) -> str:
    """A list as one would write it: whole numbers, and fractions as text."""
    return "[" + ", ".join(str(x) if x.denominator == 1 else f'"{x}"' for x in numbers) + "]"


@dataclass(frozen=True)
class Distribution:
    """Finite distribution of a one-dimensional type: increasing values and masses that sum to exactly 1 (C3).

    ``Distribution([0, "1/2", 1], ["1/4", "1/2", "1/4"])``, or with ``weights=[1, 2, 1]``, which are divided by their sum;
    with neither, uniform. Masses of 0 are allowed.
    """

    values: tuple[Fraction, ...]
    probabilities: tuple[Fraction, ...] = ()

    def __init__(
        self,
        values: Iterable[Rational],
        probabilities: Iterable[Rational] | None = None,
        *,
        weights: Iterable[Rational] | None = None,
    ) -> None:
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
