"""How fast margins come near the continuum as a grid refines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from lpmech.base.errors import InputError
from lpmech.base.exact import Rational, decimal, rational
from lpmech.show.plots import _marks as marks
from lpmech.show.plots._rows import Rows, Where
from lpmech.show.plots.style import axes

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def convergence(
    frame: pd.DataFrame,
    x: str,
    *,
    limit: Rational | None = None,
    where: Where | None = None,
    legend: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Distance of margins from a limit (money) as ``x``, the number of grid points, grows; both axes logarithmic.

    ``limit``: exact; by default the one that a theorem's column has. The dashed line is c x^r, fitted to the logarithms at
    the finer half of the points. Raises InputError without a limit, and as ``phase`` does.
    """
    rows = Rows.of(frame, where)
    value, name = _limit(rows, limit)
    ax = axes(ax)
    for number, which in enumerate(rows.sets):
        some = Rows.of(rows.frame, {"requirements": which})
        margins = some.numbers("margin")
        line = sorted((p[0], m) for p, m in zip(some.points(x), margins, strict=True) if isinstance(m, Fraction))
        errors = [(decimal(v), decimal(abs(m - value))) for v, m in line if m != value and v > 0]
        if not errors:
            continue
        colour = marks.CURVES[number % len(marks.CURVES)]
        fit = fitted(errors)
        label = which if fit is None else f"{which}: {fit[0]:.3g} × {x}^{fit[1]:.2f}"
        ax.plot(*zip(*errors, strict=True), "o", color=colour, markersize=3.5, label=label, zorder=3)
        if fit is not None:
            xs = [errors[0][0], errors[-1][0]]
            ax.plot(xs, [fit[0] * v ** fit[1] for v in xs], color=colour, linewidth=1, linestyle="--", zorder=2)
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.grid(True, which="major", color="#dddddd", linewidth=0.6)
    marks.named(ax, rows.label(x), f"distance from {value}")
    if name:
        ax.plot([], [], " ", label=f"{value}: {name}, continuum")
    if legend:
        marks.legend(ax)
    return ax


def _limit(rows: Rows, given: Rational | None) -> tuple[Fraction, str]:
    if given is not None:
        return rational(given), ""
    if not rows.limits:
        raise InputError(
            "no limit to compare with", key="limit", expected="limit = a number, or a theorem about the continuum"
        )
    name, value = next(iter(rows.limits.items()))
    return value, marks.words(name)


def fitted(points: Sequence[tuple[float, float]]) -> tuple[float, float] | None:
    """c and r of c x^r, by least squares in the logarithms over the last half of the points, at least three; in doubles."""
    some = [(math.log(x), math.log(y)) for x, y in points[min(len(points) // 2, max(len(points) - 3, 0)) :]]
    if len(some) < 2:
        return None
    mx, my = (sum(one[i] for one in some) / len(some) for i in range(2))
    spread = sum((x - mx) ** 2 for x, _ in some)
    if not spread:
        return None
    r = sum((x - mx) * (y - my) for x, y in some) / spread
    return math.exp(my - r * mx), r
