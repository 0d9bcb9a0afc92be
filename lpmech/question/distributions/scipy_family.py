"""The continuous families of scipy.stats, rounded to exact rationals."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from lpmech.base.errors import InputError
from lpmech.base.exact import Rational, decimal, rational
from lpmech.base.near import hint
from lpmech.question.distributions import Continuous
from lpmech.question.distributions.integers import over

UNIT = 2**60
"""Distribution functions are rounded to multiples of 1/UNIT."""

NOISE = Fraction(1, 10**12)
"""Mass outside the interval below this is taken for the rounding noise of double precision, and put at its ends."""


_FAMILIES = """
alpha a; anglit; arcsine; argus chi; beta a b; betaprime a b; bradford c; burr c d; burr12 c d; cauchy; chi df;
chi2 df; cosine; crystalball beta m; dgamma a; dpareto_lognorm u s a b; dweibull c; erlang a; expon;
exponnorm K; exponpow b; exponweib a c; f dfn dfd; fatiguelife c; fisk c; foldcauchy c; foldnorm c; gamma a;
gausshyper a b c z; genexpon a b c; genextreme c; gengamma a c; genhalflogistic c; genhyperbolic p a b;
geninvgauss p b; genlogistic c; gennorm beta; genpareto c; gibrat; gompertz c; gumbel_l; gumbel_r; halfcauchy;
halfgennorm beta; halflogistic; halfnorm; hypsecant; invgamma a; invgauss mu; invweibull c; irwinhall n;
jf_skew_t a b; johnsonsb a b; johnsonsu a b; kappa3 a; kappa4 h k; ksone n; kstwo n; kstwobign; landau; laplace;
laplace_asymmetric kappa; levy; levy_l; levy_stable alpha beta; loggamma c; logistic; loglaplace c; lognorm s;
loguniform a b; lomax c; maxwell; mielke k s; moyal; nakagami nu; ncf dfn dfd nc; nct df nc; ncx2 df nc; norm;
norminvgauss a b; pareto b; pearson3 skew; powerlaw a; powerlognorm c s; powernorm c; rayleigh; rdist c;
recipinvgauss mu; reciprocal a b; rel_breitwigner rho; rice b; semicircular; skewcauchy a; skewnorm a;
studentized_range k df; t df; trapezoid c d; triang c; truncexpon b; truncnorm a b; truncpareto b c;
truncweibull_min c a b; tukeylambda lam; uniform; vonmises kappa; vonmises_line kappa; wald; weibull_max c;
weibull_min c; wrapcauchy c
"""

FAMILIES: dict[str, tuple[str, ...]] = {
    name: tuple(shapes) for name, *shapes in (item.split() for item in _FAMILIES.split(";"))
}
"""The continuous families of scipy.stats 1.17 with their shape parameters: scipy.stats takes two seconds to import."""


def family_names() -> list[str]:
    """Names of the continuous families of scipy.stats."""
    return list(FAMILIES)


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
        if name not in FAMILIES:
            raise _unknown(name)
        needed = FAMILIES[name]
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
        # a product with a power of 2 is exact, and rint rounds as round does
        F = [int(y) for y in np.rint(np.maximum.accumulate(np.clip(doubles, 0.0, 1.0)) * float(UNIT)).tolist()]
        if Fraction(F[0] + UNIT - F[-1], UNIT) < NOISE:
            F[0], F[-1] = 0, UNIT
        return over(F, UNIT)


def _family(name: str) -> Any:
    from scipy import stats

    family = getattr(stats, name, None)
    if not isinstance(family, stats.rv_continuous):
        raise InputError(
            "not a family of the scipy installed", key="family", value=repr(name), expected="a newer scipy"
        )
    return family


def _unknown(name: str) -> InputError:
    near = hint(name, FAMILIES, 3) or ", such as 'beta', 'norm' or 'expon'"
    return InputError(
        "unknown family", key="family", value=repr(name), expected="a continuous family of scipy.stats" + near
    )
