"""The continuous families of scipy.stats, rounded to exact rationals."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from lpmech.distributions import Continuous
from lpmech.errors import InputError
from lpmech.exact import Rational, decimal, rational

UNIT = 2**60
"""Distribution functions are rounded to multiples of 1/UNIT."""

NOISE = Fraction(1, 10**12)
"""Mass outside the interval below this is taken for the rounding noise of double precision, and put at its ends."""


def family_names() -> list[str]:
    """Names of the continuous families of scipy.stats."""
    from scipy import stats

    return sorted(name for name, item in vars(stats).items() if isinstance(item, stats.rv_continuous))


@dataclass(frozen=True)
class ScipyFamily(Continuous):
    """A family of scipy.stats by name, with its shape parameters, ``loc`` and ``scale``.

    F is scipy's distribution function in double precision, rounded to the nearest multiple of 2**-60 and made monotone;
    from there on everything is exact. If the mass outside the interval between the first and the last point is less
    than 1e-12, F is set to 0 at the first and to 1 at the last.
    Raises InputError for a name, a shape parameter or a value that scipy does not have.
    """

    name: str
    shapes: tuple[tuple[str, Fraction], ...]

    def __init__(self, name: str, **shapes: Rational) -> None:
        family = _family(name)
        needed = [part.strip() for part in family.shapes.split(",")] if family.shapes else []
        allowed = f"{', '.join(needed) or 'no shape parameters'}; optional loc and scale"
        for key in shapes:
            if key not in (*needed, "loc", "scale"):
                raise InputError(f"{name} has no parameter {key!r}", key=key, expected=allowed)
        missing = [key for key in needed if key not in shapes]
        if missing:
            raise InputError(f"{name} needs {' and '.join(map(repr, missing))}", key="family", expected=allowed)
        exact = {key: rational(value) for key, value in shapes.items()}
        if exact.get("scale", 1) <= 0:
            raise InputError("a scale that is not positive", key="scale", value=exact["scale"], expected="scale > 0")
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "shapes", tuple(exact.items()))

    def cdf(self, points: Sequence[Fraction]) -> list[Fraction]:
        import numpy as np

        arguments = {key: decimal(value) for key, value in self.shapes}
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            doubles = np.atleast_1d(_family(self.name).cdf(np.array([decimal(x) for x in points]), **arguments))
        if np.isnan(doubles).any():
            shown = ", ".join(f"{key} = {value}" for key, value in self.shapes)
            raise InputError(
                f"{self.name} has no distribution function for these parameters", key="family", value=shown
            )
        F = [round(Fraction(float(y)) * UNIT) for y in np.maximum.accumulate(np.clip(doubles, 0.0, 1.0))]
        if Fraction(F[0] + UNIT - F[-1], UNIT) < NOISE:
            F[0], F[-1] = 0, UNIT
        return [Fraction(y, UNIT) for y in F]


def _family(name: str) -> Any:
    from scipy import stats

    family = getattr(stats, name, None)
    if not isinstance(family, stats.rv_continuous):
        raise InputError(
            "unknown family",
            key="family",
            value=repr(name),
            expected="a continuous family of scipy.stats" + _near(name),
        )
    return family


def _near(name: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, family_names(), n=3)
    return f" (did you mean {' or '.join(map(repr, near))}?)" if near else ", such as 'beta', 'norm' or 'expon'"
