"""Phase diagrams: margins over two parameters, where they are 0, and what theorems say."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from lpmech.base.exact import decimal
from lpmech.literature.theorems import Number
from lpmech.show.plots import _marks as marks
from lpmech.show.plots._rows import Rows, Where
from lpmech.show.plots.contour import Point, chained, crossings, grid_triangles
from lpmech.show.plots.style import axes, margin_colours

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def phase(
    frame: pd.DataFrame,
    x: str,
    y: str,
    *,
    where: Where | None = None,
    theorems: Sequence[str] | None = None,
    stepped: Collection[str] = (),
    span: marks.Span | None = None,
    colourbar: bool = True,
    legend: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Margins of a sweep over the parameters ``x`` and ``y``, one row a point.

    ``where`` picks rows: {"requirements": "base", "k": "1/3"}. A grid of points is a mesh with one cell a point, whose
    array has the margins (money) by y, then x; other points are dots. The black line is margin 0, the boundary between
    exists and impossible: linear between exact margins, through the points of margin exactly 0. ``theorems``: those whose
    lines are drawn, by default all that have columns. ``stepped``: parameters that count something, between whose values
    nothing is drawn. ``span``: the ends of the scale. Raises InputError where there is no such column, or where several
    rows are at one point.
    """
    rows = Rows.of(frame, where)
    points = [(a, b) for a, b in rows.points(x, y)]
    ax = axes(ax)
    xs, ys = (sorted({p[i] for p in points}) for i in range(2))
    grid = len(xs) > 1 and len(ys) > 1 and 4 * len(points) >= len(xs) * len(ys)
    diagram = _Diagram(points, xs, ys, grid, frozenset(i for i, name in enumerate((x, y)) if name in stepped))
    span = marks.Span.of(rows) if span is None else span
    diagram.cells(ax, rows.numbers("margin"), span)
    marks.without_margin(ax, rows, [_floats(p) for p in points])
    margins = rows.numbers("margin")
    diagram.border(ax, rows, margins)
    beside = rows.theorems if theorems is None else theorems
    for number, theorem in enumerate(beside):
        numbers, label = marks.predicted(rows, theorem)
        lines = diagram.lines(numbers)
        if not lines:
            verdicts = rows.texts(f"{theorem}_verdict")
            inside, outside = _sides(points, verdicts)
            lines = diagram.edges(inside, outside)
            label = f"{marks.words(theorem)}: exists {_side(inside, outside)}".rstrip()
        marks.theorem_line(ax, number, len(beside), label, lines, _floats)
    marks.named(ax, rows.label(x), rows.label(y))
    for i, (axis, values) in enumerate(((ax.xaxis, xs), (ax.yaxis, ys))):
        if i in diagram.stepped and len(values) <= 20:
            axis.set_ticks([decimal(v) for v in values], labels=[str(v) for v in values])
    if colourbar:
        marks.colourbar(span, ax)
    if legend:
        marks.legend(ax)
    return ax


def _sides(points: Sequence[Point], verdicts: Sequence[str | None]) -> tuple[set[Point], set[Point]]:
    """Where a mechanism is said to exist, and where none; where nothing is said, if it is never said that there is none."""
    said = list(zip(points, verdicts, strict=True))
    inside = {p for p, verdict in said if verdict == "exists"}
    return inside, {p for p, verdict in said if verdict == "impossible"} or set(points) - inside


def _side(inside: set[Point], outside: set[Point]) -> str:
    """Where most of the points inside are, seen from those outside."""
    if not inside or not outside:
        return ""
    ways = []
    for i, words in enumerate((("to the left", "to the right"), ("below", "above"))):
        ours, theirs = (sum((p[i] for p in some), Fraction(0)) / len(some) for some in (inside, outside))
        spread = max(p[i] for p in inside | outside) - min(p[i] for p in inside | outside)
        ways.append((abs(ours - theirs) / spread if spread else Fraction(0), words[ours > theirs]))
    return max(ways)[1]


def _floats(point: Point) -> tuple[float, float]:
    return decimal(point[0]), decimal(point[1])


class _Diagram:
    """Points of two parameters, and what is drawn over them."""

    def __init__(
        self, points: list[Point], xs: list[Fraction], ys: list[Fraction], grid: bool, stepped: frozenset[int]
    ) -> None:
        self.points, self.xs, self.ys, self.grid, self.stepped = points, xs, ys, grid, stepped if grid else frozenset()

    def cells(self, ax: Axes, margins: list[Number | None], span: marks.Span) -> Any:
        """One cell a point, in the colour of its margin."""
        import numpy as np

        found = {p: decimal(m) for p, m in zip(self.points, margins, strict=True) if isinstance(m, Fraction)}
        style: dict[str, Any] = {"cmap": margin_colours(), "norm": span.norm()}
        if not self.grid:
            at = np.array([_floats(p) for p in found]).reshape(-1, 2)
            return ax.scatter(
                at[:, 0], at[:, 1], c=list(found.values()), s=16, edgecolors="#666666", linewidths=0.2, **style
            )
        array = np.array([[found.get((x, y), np.nan) for x in self.xs] for y in self.ys])
        edges = [np.array([decimal(v) for v in self._edges(values)]) for values in (self.xs, self.ys)]
        mesh = ax.pcolormesh(*edges, array, rasterized=array.size > 400, **style)
        ax.set_xlim(edges[0][0], edges[0][-1])
        ax.set_ylim(edges[1][0], edges[1][-1])
        return mesh

    @staticmethod
    def _edges(values: Sequence[Fraction]) -> list[Fraction]:
        """Half way to the neighbours; the first and the last cell are symmetric about their points."""
        inner = [(a + b) / 2 for a, b in pairwise(values)]
        return [2 * values[0] - inner[0], *inner, 2 * values[-1] - inner[-1]]

    def border(self, ax: Axes, rows: Rows, margins: list[Number | None]) -> None:
        """The line of margin 0; where none is positive, or a parameter counts, the border between the cells."""
        if self.stepped:
            lines = self.lines(margins)
            marks.solid(ax, lines, "margin 0 (linear between exact margins)", _floats)
        elif self.grid and not any(m is not None and m > 0 for m in margins):
            marks.solid(ax, self.edges(*_sides(self.points, rows.texts("verdict"))), "the verdict changes", _floats)
        else:
            marks.zero_of_margin(ax, self._triangles(margins), _floats)

    def lines(self, numbers: list[Number | None]) -> list[list[Point]]:
        """Where numbers at the points are 0."""
        if self.stepped:
            known = {p: x for p, x in zip(self.points, numbers, strict=True) if isinstance(x, Fraction)}
            return self._steps(known)
        return marks.lines_of(self._triangles(numbers))

    def _triangles(self, numbers: list[Number | None]) -> list[marks.Triangle]:
        known = {p: x for p, x in zip(self.points, numbers, strict=True) if isinstance(x, Fraction)}
        if self.grid:
            return list(grid_triangles(self.xs, self.ys, known))
        return [[(p, known[p]) for p in corners] for corners in delaunay(list(known))]

    def _steps(self, known: dict[Point, Fraction]) -> list[list[Point]]:
        """For each value of a parameter that counts, lines across its cell at the zeros along the other parameter."""
        along = 0 if 0 not in self.stepped else 1
        across, other = ((self.ys, self.xs), (self.xs, self.ys))[along]
        edges = self._edges(across)
        if along in self.stepped:
            return self.edges({p for p, x in known.items() if x >= 0}, {p for p, x in known.items() if x < 0})
        out = []
        for n, fixed in enumerate(across):
            at = [(v, (v, fixed) if along == 0 else (fixed, v)) for v in other]
            for v, _ in crossings([(v, known[p]) for v, p in at if p in known]):
                ends = [(v, edge) if along == 0 else (edge, v) for edge in (edges[n], edges[n + 1])]
                out.append(ends)
        return out

    def edges(self, inside: set[Point], outside: set[Point]) -> list[list[Point]]:
        """The borders between cells of points inside and cells of points outside."""
        if not self.grid:
            return []
        ex, ey = self._edges(self.xs), self._edges(self.ys)
        found = []
        for i, x in enumerate(self.xs):
            for j, y in enumerate(self.ys):
                for di, dj, start in ((1, 0, (ex[i + 1], ey[j])), (0, 1, (ex[i], ey[j + 1]))):
                    if i + di < len(self.xs) and j + dj < len(self.ys):
                        one, other = (x, y), (self.xs[i + di], self.ys[j + dj])
                        if (one in inside and other in outside) or (one in outside and other in inside):
                            found.append(frozenset((start, (ex[i + 1], ey[j + 1]))))
        return chained(found)


def delaunay(points: list[Point]) -> list[list[Point]]:
    """Triangles between scattered points; none if they are on a line."""
    from matplotlib.tri import Triangulation

    if len(points) < 3:
        return []
    try:
        found = Triangulation([decimal(p[0]) for p in points], [decimal(p[1]) for p in points])
    except (RuntimeError, ValueError):  # all on a line
        return []
    return [[points[k] for k in corners] for corners in found.triangles.tolist()]
