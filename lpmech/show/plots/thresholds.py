"""Where the verdict changes: what bisection found, proved on both sides, along one parameter or by itself."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, TypeGuard

from lpmech.base.exact import decimal
from lpmech.literature.theorems import Number
from lpmech.show.plots import _marks as marks
from lpmech.show.plots._rows import Rows, Where
from lpmech.show.plots.style import EXISTS, IMPOSSIBLE, UNDECIDED, axes

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

VERDICTS = {"exists": EXISTS, "impossible": IMPOSSIBLE}


def thresholds(
    frame: pd.DataFrame,
    name: str,
    x: str | None = None,
    *,
    where: Where | None = None,
    ends: tuple[Fraction, Fraction] | None = None,
    legend: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Where the verdict changes as ``name`` varies, of a bisection: along ``x``, or one bar a set of requirements.

    ``ends``: where the bisection began, and the bars begin and end. Diamonds are exact: a mechanism of margin 0. Other
    intervals are drawn from low to high, which their width may hide. Raises InputError as ``phase`` does.
    """
    rows = Rows.of(frame, where)
    if x is None:
        return _bars(axes(ax, size=(5.0, 1.5 + 0.4 * len(rows))), rows, name, ends, legend)
    ax = axes(ax)
    for number, which in enumerate(rows.sets):
        some = Rows.of(rows.frame, {"requirements": which})
        colour = marks.CURVES[number % len(marks.CURVES)]
        found = zip(
            some.points(x), *(some.numbers(c) for c in ("low", "high", "root")), some.texts("verdict"), strict=True
        )
        line = [
            (decimal(p[0]), decimal(low), decimal(high), decimal(root) if _inside(root, low, high) else None)
            for p, low, high, root, verdict in found
            if verdict == "threshold" and low is not None and high is not None
        ]
        line.sort(key=lambda one: one[:3])
        what = "threshold" if rows.sets == ["base"] else which
        middles = [(low + high) / 2 if root is None else root for _, low, high, root in line]
        ax.plot(
            [one[0] for one in line],
            middles,
            color=colour,
            linewidth=1.2,
            label=what if line else f"{what}: none",
            zorder=3,
        )
        ax.vlines([one[0] for one in line], [one[1] for one in line], [one[2] for one in line], color=colour, zorder=3)
        roots = [(at, root) for at, _, _, root in line if root is not None]
        if roots:
            ax.plot(*zip(*roots, strict=True), "D", color=colour, markersize=3.5, label=f"{what}: exact", zorder=4)
        _side(ax, some, colour if len(rows.sets) > 1 else None, line, middles, ends)
    marks.named(ax, rows.label(x), rows.label(name))
    if legend:
        marks.legend(ax)
    return ax


def _inside(root: Number | None, low: Number, high: Number) -> TypeGuard[Number]:
    """Whether a point of margin 0 is where the verdict changes; there may be another one outside the interval."""
    return root is not None and low <= root <= high


def _side(
    ax: Axes,
    rows: Rows,
    colour: str | None,
    line: list[tuple[float, float, float, float | None]],
    middles: list[float],
    ends: tuple[Fraction, Fraction] | None,
) -> None:
    """With one set of requirements, the verdicts below and above."""
    if colour is not None or ends is None or not line:
        return
    xs = [one[0] for one in line]
    kinds = zip(rows.texts("verdict"), rows.texts("verdict_low"), rows.texts("verdict_high"), strict=True)
    pairs = {(low, high) for verdict, low, high in kinds if verdict == "threshold"}
    if len(pairs) == 1:
        ((low, high),) = pairs
        for verdict, edge in ((low, ends[0]), (high, ends[1])):
            ax.fill_between(
                xs,
                middles,
                decimal(edge),
                color=VERDICTS[str(verdict)],
                alpha=0.12,
                linewidth=0,
                label=verdict,
                zorder=1,
            )


def _bars(ax: Axes, rows: Rows, name: str, ends: tuple[Fraction, Fraction] | None, legend: bool) -> Axes:
    """One bar for each row, in the colours of the verdicts at its ends."""
    columns = [rows.numbers(c) for c in ("low", "high", "root")]
    kinds = [rows.texts(c) for c in ("verdict", "verdict_low", "verdict_high")]
    shown: set[str] = set()
    for at, (low, high, zero, verdict, before, after) in enumerate(zip(*columns, *kinds, strict=True)):
        if low is None or high is None:
            continue
        root = zero if _inside(zero, low, high) else None
        first, last = (decimal(v) for v in (ends or (low, high)))
        middle = decimal(high if root is None else root)
        parts = [(first, middle, before), (middle, last, after)] if verdict == "threshold" else [(first, last, before)]
        for start, stop, side in parts:
            colour = VERDICTS.get(str(side), UNDECIDED)
            label = str(side) if str(side) not in shown else None
            ax.barh(at, stop - start, left=start, height=0.5, color=colour, alpha=0.45, label=label, zorder=2)
            shown.add(str(side))
        if verdict == "threshold":
            text = f"{name} = {root}" if root is not None and len(str(root)) <= 16 else f"{name} ≈ {middle:.6g}"
            ax.plot([middle], [at], "D" if root is not None else "|", color="#000000", markersize=5, zorder=4)
            ax.annotate(text, (middle, at - 0.25), (0, 3), textcoords="offset points", ha="center", fontsize="small")
        else:
            ax.annotate(str(verdict), ((first + last) / 2, at), ha="center", va="center", fontsize="small")
    ax.set_yticks(range(len(rows)), labels=["" if text == "base" else str(text) for text in rows.texts("requirements")])
    ax.set_ylim(len(rows) - 0.4, -0.8)
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel(rows.label(name))
    if legend:
        marks.legend(ax)
    return ax
