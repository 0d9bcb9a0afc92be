"""What diagrams of sweeps share: the scale of margins, marks of points without one, lines of margin 0, legends below."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from textwrap import fill
from typing import TYPE_CHECKING, Any

from lpmech.base.exact import decimal
from lpmech.literature import theorems
from lpmech.literature.theorems import Number
from lpmech.show.plots._rows import Rows
from lpmech.show.plots.contour import Corner, Line, Point, zero_lines
from lpmech.show.plots.style import EXISTS, IMPOSSIBLE, LINES, UNDECIDED, margin_colours

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import TwoSlopeNorm

DOTS = 60
"""Most points of margin 0 that are marked one by one."""

CURVES = ("#000000", "#E69F00", "#56B4E9", "#CC79A7", "#009E73")
"""Sets of requirements in one diagram; blue and vermilion stay with verdicts."""

Place = tuple[float, float]

Triangle = Sequence[tuple[Point, Number | None]]
"""Corners with the numbers there."""


@dataclass(frozen=True)
class Span:
    """The least and the largest finite margin of some rows, each 0 if there is none on its side."""

    low: float
    high: float

    @classmethod
    def of(cls, rows: Rows) -> Span:
        """Of the rows."""
        finite = [decimal(x) for x in rows.numbers("margin") if isinstance(x, Fraction)]
        return cls(min([0.0, *finite]), max([0.0, *finite]))

    def norm(self) -> TwoSlopeNorm:
        """Each side of 0 has its half of the colours."""
        from matplotlib.colors import TwoSlopeNorm

        return TwoSlopeNorm(0.0, *self.ends)

    @property
    def ends(self) -> tuple[float, float]:
        """The ends of the scale: a side without margins mirrors the other."""
        return self.low or -self.high or -1.0, self.high or -self.low or 1.0


def colourbar(span: Span, ax: Axes | list[Axes]) -> None:
    """The scale of margins beside one or several axes, each side of 0 with its own ticks."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.ticker import MaxNLocator

    figure: Any = (ax[0] if isinstance(ax, list) else ax).figure
    norm, low, high = span.norm(), *span.ends
    bar = figure.colorbar(ScalarMappable(norm, margin_colours()), ax=ax, aspect=28, pad=0.02)
    sides = [MaxNLocator(4).tick_values(*side) for side in ((low, 0), (0, high))]
    bar.set_ticks(sorted({float(t) for ticks in sides for t in ticks if low <= t <= high}))
    bar.set_label("margin")
    bar.outline.set_visible(False)


def without_margin(ax: Axes, rows: Rows, places: Sequence[Place]) -> None:
    """Marks for infinite margins and for points that have no verdict."""
    kinds: dict[tuple[str, str, str], list[Place]] = {}
    for place, margin, verdict in zip(places, rows.numbers("margin"), rows.texts("verdict"), strict=True):
        if margin == math.inf:
            kinds.setdefault(("margin inf", "^", EXISTS), []).append(place)
        elif margin == -math.inf:
            kinds.setdefault(("margin -inf", "v", IMPOSSIBLE), []).append(place)
        elif margin is None and verdict == "exists":
            kinds.setdefault(("exists", "s", EXISTS), []).append(place)
        elif margin is None and verdict == "impossible":
            kinds.setdefault(("impossible", "s", IMPOSSIBLE), []).append(place)
        elif margin is None:
            kinds.setdefault((str(verdict), "x" if verdict == "undecided" else "+", UNDECIDED), []).append(place)
    for (label, marker, colour), there in kinds.items():
        x, y = zip(*there, strict=True)
        ax.scatter(x, y, s=14, marker=marker, color=colour, linewidths=0.9, label=label, zorder=3)


def zero_of_margin(ax: Axes, triangles: Sequence[Triangle], place: Any) -> None:
    """The line of margin 0, and the points of margin exactly 0 that it passes; ``place`` maps exact points to floats.

    A point beside which no margin is positive is not marked: there the margin is 0 over a region.
    """
    lines = lines_of(triangles)
    solid(ax, lines, "margin 0 (linear between exact margins)", place)
    on_line = {point for line in lines for point in line}
    beside = [corners for corners in triangles if any(x is not None and x > 0 for _, x in corners)]
    there = {point for corners in beside for point, x in corners if x == 0 and point in on_line}
    if 0 < len(there) <= DOTS:
        x, y = zip(*map(place, sorted(there)), strict=True)
        ax.scatter(x, y, s=9, color=LINES[0], label="margin exactly 0", zorder=5)


def solid(ax: Axes, lines: Sequence[Line], label: str, place: Any) -> None:
    """Black lines."""
    for n, line in enumerate(lines):
        x, y = zip(*map(place, line), strict=True)
        ax.plot(
            x,
            y,
            color=LINES[0],
            linewidth=1.8,
            solid_capstyle="round",
            label=label if n == 0 else None,
            zorder=4,
        )


def theorem_line(
    ax: Axes, number: int, count: int, label: str | None, lines: Iterable[Sequence[Any]], place: Any
) -> None:
    """Lines that a theorem draws, in the colour of its number among ``count``, dashed so that coinciding lines show."""
    from matplotlib import patheffects

    for n, line in enumerate(lines):
        x, y = zip(*map(place, line), strict=True)
        (drawn,) = ax.plot(
            x,
            y,
            color=LINES[1 + number % (len(LINES) - 1)],
            linestyle=(4 * number, (3, 4 * max(count, 2) - 3)) if count > 1 else (0, (3, 2)),
            linewidth=1.6,
            label=label if n == 0 else None,
            zorder=6 + number,
        )
        drawn.set_path_effects([patheffects.withStroke(linewidth=2.6, foreground="white", alpha=0.55)])


def predicted(rows: Rows, theorem: str) -> tuple[list[Number | None], str]:
    """The numbers whose zero a theorem's line is, and what they are; none where something else than the margin is asked."""
    if not any(isinstance(x, Fraction) for x in rows.numbers("margin")):
        return [None] * len(rows), words(theorem)
    for column, where in ((f"{theorem}_limit", "continuum"), (f"{theorem}_on_grid", "on this grid")):
        if column in rows.frame.columns and any(isinstance(x, Fraction) for x in rows.numbers(column)):
            return rows.numbers(column), f"{words(theorem)}, {where}"
    least, most = rows.numbers(f"{theorem}_least"), rows.numbers(f"{theorem}_most")
    bound = any(isinstance(a, Fraction) and a != b for a, b in zip(least, most, strict=True))
    return least, f"{words(theorem)}, a lower bound" if bound else words(theorem)


def words(theorem: str) -> str:
    """A theorem's name to be read: its authors and year, and what the name says besides."""
    if theorem not in theorems.names():
        return theorem
    *authors, year = re.split("[,;]", theorems.named(theorem).source)[0].split("-")
    rest = " ".join(part for part in theorem.split("_") if part not in authors)
    said = " ".join(["-".join(map(str.capitalize, authors)), year])
    rest = rest.capitalize() if re.search(r"\d", rest) else rest
    return f"{said}, {rest}" if rest else said


def named(ax: Axes, x: str, y: str) -> None:
    """Names of the axes, long ones in several lines."""
    ax.set_xlabel(fill(x, 48))
    ax.set_ylabel(fill(y, 42))


def lines_of(triangles: Iterable[Triangle]) -> list[Line]:
    """Lines of margin 0 over those triangles whose corners have finite numbers."""
    known: list[list[Corner]] = []
    for corners in triangles:
        found = [(p, x) for p, x in corners if isinstance(x, Fraction)]
        if len(found) == len(corners):
            known.append(found)
    return zero_lines(known)


def legend(ax: Axes) -> None:
    """What the lines are, below the axes so that it hides no data."""
    from matplotlib.transforms import ScaledTranslation

    handles, labels = ax.get_legend_handles_labels()
    if handles:
        below = ax.transAxes + ScaledTranslation(0, -38 / 72, ax.figure.dpi_scale_trans)
        ax.legend(
            handles,
            [fill(label, 42) for label in labels],
            loc="upper left",
            bbox_to_anchor=(-0.02, 0),
            bbox_transform=below,
            borderaxespad=0,
            fontsize="small",
            frameon=False,
            handlelength=2.6,
        )
