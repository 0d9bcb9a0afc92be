"""The most expected welfare that each subsidy can buy."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from lpmech.base.errors import InputError
from lpmech.base.exact import decimal
from lpmech.show.plots import _types, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MARKED = 40
"""Most corners that are marked."""


def frontier(points: Iterable[tuple[Fraction | int, Fraction | int]], *, ax: Axes | None = None) -> Axes:
    """Largest expected welfare against the subsidy, both in money: straight between the points (subsidy, welfare) given.

    Points are in order of the subsidy; the first and the last have their exact values as ticks.
    """
    corners = [(Fraction(x), Fraction(y)) for x, y in points]
    if not corners:
        raise InputError("no points", expected="(subsidy, welfare), one or more")
    if any(a[0] >= b[0] for a, b in pairwise(corners)):
        raise InputError("subsidies are not increasing", expected="points in order of the subsidy")
    ax = style.axes(ax, size=(5.0, 3.4))
    xs, ys = ([decimal(value) for value in column] for column in zip(*corners, strict=True))
    ax.plot(xs, ys, color=style.EXISTS, linewidth=1.8, marker="o" if len(corners) <= MARKED else None, markersize=4.5)
    few = len(corners) <= _types.FEW
    for spread, line in enumerate((ax.xaxis, ax.yaxis)):
        axis = _types.numbers(corner[spread] for corner in (corners if few else (corners[0], corners[-1])))
        _types.mark(line, axis, (46, 14)[spread], lines=spread == 1)
    ax.set_xlabel("subsidy from outside (money)")
    ax.set_ylabel("largest expected welfare (money)")
    ax.set_title("Welfare and subsidy", loc="left")
    return ax
