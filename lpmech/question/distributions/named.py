"""Laws by name, or as scipy has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lpmech.base.arguments import called
from lpmech.base.errors import InputError
from lpmech.base.exact import Rational, rational
from lpmech.base.floats import floats
from lpmech.question.distributions import Law, exact_families
from lpmech.question.distributions.scipy_family import ScipyFamily
from lpmech.question.distributions.truncated import Truncated


def law_of(law: Any, low: Rational, high: Rational, parameters: Mapping[str, Rational], truncate: bool = False) -> Law:
    """A law, the family of a name, or a frozen distribution of scipy.stats. "uniform" is on [low, high] by default."""
    found = _found(law, low, high, parameters)
    return Truncated(found) if truncate else found


def _found(law: Any, low: Rational, high: Rational, parameters: Mapping[str, Rational]) -> Law:
    if isinstance(law, Law):
        return law
    if isinstance(law, str):
        exact = exact_families().get(law)
        if exact is None:
            return ScipyFamily(law, **parameters)
        given = dict(parameters) or {"low": low, "high": high}
        return exact(**{key: rational(value) for key, value in given.items()})
    family = getattr(law, "dist", None)
    if family is None or not hasattr(law, "args"):
        raise InputError(
            f"{called(law)} where a distribution is needed",
            key="law",
            expected='"uniform", "beta", ..., or scipy.stats.beta(2, 5)',
        )
    shapes = [name.strip() for name in (family.shapes or "").split(",") if name.strip()]
    named = dict(zip([*shapes, "loc", "scale"], law.args, strict=False)) | law.kwds
    with floats("decimal"):
        return ScipyFamily(family.name, **{key: rational(value) for key, value in named.items()})
