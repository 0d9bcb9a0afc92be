"""Margins over three shares that sum to 1."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from textwrap import fill
from typing import TYPE_CHECKING, Any

from lpmech.base.errors import InputError
from lpmech.base.exact import decimal
from lpmech.literature.theorems import Number
from lpmech.show.plots import _marks as marks
from lpmech.show.plots._rows import Rows, Where
from lpmech.show.plots.contour import Point
from lpmech.show.plots.style import axes, margin_colours

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

HEIGHT = math.sqrt(3) / 2
CORNERS = ((0.0, 0.0), (1.0, 0.0), (0.5, HEIGHT))
"""Where the first, the second and the third share are 1."""


def simplex(
    frame: pd.DataFrame,
    shares: Sequence[str],
    *,
    where: Where | None = None,
    theorems: Sequence[str] | None = None,
    span: marks.Span | None = None,
    colourbar: bool = True,
    legend: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Margins (money) over three parameters that sum to exactly 1, in a triangle whose corners give one of them all.

    All points of a lattice are hexagons, others dots; the array of the collection has the finite margins in the order of
    the rows. Lines as in ``phase``, linear over the triangles between neighbours. Raises InputError if the shares do not
    sum to 1.
    """
    rows = Rows.of(frame, where)
    if len(shares) != 3:
        raise InputError(f"{len(shares)} shares", key="shares", expected="three parameters that sum to 1")
    points = rows.points(*shares)
    if any(sum(p) != 1 or min(p) < 0 for p in points):
        raise InputError("shares that do not sum to 1", key="shares", value=", ".join(shares), expected="shares >= 0")
    ax = axes(ax, size=(5.0, 4.4))
    margins = rows.numbers("margin")
    span = marks.Span.of(rows) if span is None else span
    _cells(ax, points, margins, span)
    marks.without_margin(ax, rows, [place((p[1], p[2])) for p in points])
    marks.zero_of_margin(ax, _triangles(points, margins), place)
    beside = rows.theorems if theorems is None else theorems
    for number, theorem in enumerate(beside):
        numbers, label = marks.predicted(rows, theorem)
        marks.theorem_line(ax, number, len(beside), label, marks.lines_of(_triangles(points, numbers)), place)
    _frame(ax, [rows.label(name) for name in shares])
    if colourbar:
        marks.colourbar(span, ax)
    if legend:
        marks.legend(ax)
    return ax


def place(point: Point) -> tuple[float, float]:
    """Where the second and the third share are in the triangle."""
    second, third = map(decimal, point)
    return second + third / 2, third * HEIGHT


def _triangles(points: Sequence[tuple[Fraction, ...]], numbers: Sequence[Number | None]) -> list[marks.Triangle]:
    """Triangles between neighbours in the picture, with the numbers at their corners."""
    from matplotlib.tri import Triangulation

    known = {(p[1], p[2]): x for p, x in zip(points, numbers, strict=True) if isinstance(x, Fraction)}
    there = list(known)
    if len(there) < 3:
        return []
    x, y = zip(*map(place, there), strict=True)
    try:
        triangles = Triangulation(x, y).triangles.tolist()
    except (RuntimeError, ValueError):  # all on a line
        return []
    return [[(there[k], known[there[k]]) for k in corners] for corners in triangles]


def _cells(ax: Axes, points: Sequence[tuple[Fraction, ...]], margins: Sequence[Number | None], span: marks.Span) -> Any:
    """Hexagons about the points of a lattice, or dots, in the colours of the margins."""
    from matplotlib.collections import PolyCollection
    from matplotlib.patches import Polygon

    found = [(place((p[1], p[2])), decimal(m)) for p, m in zip(points, margins, strict=True) if isinstance(m, Fraction)]
    at, array = [p for p, _ in found], [m for _, m in found]
    steps = math.lcm(*(x.denominator for p in points for x in p))
    if len(points) == math.comb(steps + 2, 2):
        radius = 1.01 / (steps * math.sqrt(3))
        turns = [math.pi / 6 + k * math.pi / 3 for k in range(6)]
        shapes = [[(x + radius * math.cos(t), y + radius * math.sin(t)) for t in turns] for x, y in at]
        cells: Any = PolyCollection(shapes, cmap=margin_colours(), norm=span.norm(), linewidths=0)
        cells.set_array(array)
        ax.add_collection(cells)
        cells.set_clip_path(Polygon(CORNERS, transform=ax.transData))
        cells.set_rasterized(len(array) > 400)
        return cells
    x, y = zip(*at, strict=True) if at else ((), ())
    return ax.scatter(
        x, y, c=array, s=16, cmap=margin_colours(), norm=span.norm(), edgecolors="#666666", linewidths=0.2
    )


def _frame(ax: Axes, labels: Sequence[str]) -> None:
    """The triangle, its corners named, and quarter lines."""
    from matplotlib.patches import Polygon

    ax.set_aspect("equal")
    ax.axis("off")
    ax.set_xlim(-0.1, 1.1)
    ax.set_ylim(-0.02, HEIGHT + 0.02)
    ax.add_patch(Polygon(CORNERS, fill=False, edgecolor="#444444", linewidth=0.9, zorder=4))
    for k in range(1, 4):
        for fixed in range(3):
            ends = []
            for other in range(3):
                if other != fixed:
                    share = [Fraction(0)] * 3
                    share[fixed], share[other] = Fraction(k, 4), 1 - Fraction(k, 4)
                    ends.append(place((share[1], share[2])))
            (x0, y0), (x1, y1) = ends
            ax.plot([x0, x1], [y0, y1], color="#444444", alpha=0.25, linewidth=0.5, zorder=2)
        text: dict[str, Any] = {"fontsize": "x-small", "color": "#444444"}
        ax.annotate(str(Fraction(k, 4)), (k / 4, 0), (0, -3), textcoords="offset points", ha="center", va="top", **text)
    for (x, y), label, across in zip(CORNERS, labels, ("left", "right", "center"), strict=True):
        top = y > 0
        ax.annotate(
            fill(label, 20) + (" = 1" if len(label) < 9 else "\n= 1"),
            (x if top else 1.2 * x - 0.1, y),
            (0, 6 if top else -18),
            textcoords="offset points",
            ha=across,
            va="bottom" if top else "top",
            fontsize="small",
        )
