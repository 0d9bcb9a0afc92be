"""Margins along one parameter: where they are 0, and what theorems say."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from lpmech.base.exact import decimal
from lpmech.show.plots import _marks as marks
from lpmech.show.plots._rows import Rows, Where
from lpmech.show.plots.contour import crossings
from lpmech.show.plots.style import EXISTS, IMPOSSIBLE, LINES, UNDECIDED, axes

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

NAMED = 4
"""Most zeros of a curve that have their value written beside them."""

FEW = 60
"""Most points that have a marker each."""

WIDE = 20
"""How many times as large as the least the largest count is for a logarithmic axis."""


def curve(
    frame: pd.DataFrame,
    x: str,
    *,
    where: Where | None = None,
    theorems: Sequence[str] | None = None,
    stepped: Collection[str] = (),
    legend: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Margins (money) of a sweep along the parameter ``x``, one line a set of requirements; ``theorems`` dashed.

    Zeros are marked: "= 19/4" where a row has the margin 0, and otherwise about where the chord through two exact margins
    of different signs has its zero. A theorem's bounds are a band. ``stepped``, and what is raised, as in ``phase``.
    """
    rows = Rows.of(frame, where)
    ax = axes(ax)
    ax.axhline(0, color="#444444", linewidth=0.8, zorder=1)
    beside = rows.theorems if theorems is None else theorems
    for number, name in enumerate(rows.sets):
        some = Rows.of(rows.frame, {"requirements": name})
        margins = some.numbers("margin")
        line = sorted((p[0], m) for p, m in zip(some.points(x), margins, strict=True) if isinstance(m, Fraction))
        colour = marks.CURVES[number % len(marks.CURVES)]
        marker = "o" if len(line) <= FEW else ""
        label = "margin" if rows.sets == ["base"] else name
        ax.plot(*_drawn(line), color=colour, marker=marker, markersize=3, linewidth=1.4, label=label, zorder=3)
        _zeros(ax, x, line, colour, x in stepped)
        for n, theorem in enumerate(beside if line else ()):
            _predicted(ax, some, x, theorem, n, len(beside))
        _without(ax, some, x)
    places = [decimal(p) for (p,) in Rows.of(rows.frame, {"requirements": rows.sets[0]}).points(x)]
    if x in stepped and 0 < WIDE * min(places) <= max(places):
        ax.set_xscale("log")
    low, high = ax.get_ylim()
    ax.set_ylim(low, high)
    ax.axhspan(0, max(high, 0), color=EXISTS, alpha=0.07, linewidth=0, zorder=0)
    ax.axhspan(min(low, 0), 0, color=IMPOSSIBLE, alpha=0.07, linewidth=0, zorder=0)
    marks.named(ax, rows.label(x), "margin")
    if legend:
        marks.legend(ax)
    return ax


def _drawn(line: list[tuple[Fraction, Fraction]]) -> tuple[list[float], list[float]]:
    return [decimal(x) for x, _ in line], [decimal(m) for _, m in line]


def _zeros(ax: Axes, name: str, line: list[tuple[Fraction, Fraction]], colour: str, stepped: bool) -> None:
    """Where a curve crosses 0."""
    found = crossings(line)
    for n, (at, (before, after)) in enumerate(found):
        exact = at in (before, after)
        ax.plot([decimal(at)], [0], marker="D" if exact else "|", markersize=5 if exact else 11, color=colour, zorder=6)
        if len(found) <= NAMED:
            if exact and len(str(at)) <= 12:
                text = f"{name} = {at}"
            else:
                text = f"{before} < {name} < {after}" if stepped else f"{name} ≈ {decimal(at):.4g}"
            ax.annotate(
                text,
                (decimal(at), 0),
                xytext=(8, 8 + 12 * (n % 2)),
                textcoords="offset points",
                fontsize="small",
                color=colour,
                zorder=7,
            )


def _predicted(ax: Axes, rows: Rows, x: str, theorem: str, number: int, count: int) -> None:
    """What a theorem says along the parameter: a line if exact, else a band or a bound."""
    at = [p[0] for p in rows.points(x)]
    bounds = zip(at, rows.numbers(f"{theorem}_least"), rows.numbers(f"{theorem}_most"), strict=True)
    said = sorted((v, low, high) for v, low, high in bounds if low is not None and high is not None)
    fine = [(v, low, high) for v, low, high in said if isinstance(low, Fraction) and isinstance(high, Fraction)]
    colour, name = LINES[1 + number % (len(LINES) - 1)], marks.words(theorem)

    def label(text: str) -> str | None:
        return None if text in ax.get_legend_handles_labels()[1] else text

    if fine and all(low == high for _, low, high in fine):
        marks.theorem_line(ax, number, count, label(name), [[(v, low) for v, low, _ in fine]], _floats)
    elif fine:
        xs, lows, highs = ([decimal(one[i]) for one in fine] for i in range(3))
        text = f"{name}, bounds"
        ax.fill_between(xs, lows, highs, color=colour, alpha=0.25, linewidth=0, label=label(text), zorder=2)
    elif lower := [(v, low) for v, low, _ in said if isinstance(low, Fraction) and low]:
        text = f"{name}, a lower bound"
        ax.plot(*_drawn(lower), color=colour, linestyle=":", label=label(text), zorder=2)


def _floats(point: tuple[Fraction, Fraction]) -> tuple[float, float]:
    return decimal(point[0]), decimal(point[1])


def _without(ax: Axes, rows: Rows, x: str) -> None:
    """Points without a finite margin, at the lower edge; infinite ones at the edge they are beyond."""
    wanted = {"inf": ("margin inf", "^", EXISTS, 0.98), "-inf": ("margin -inf", "v", IMPOSSIBLE, 0.02)}
    kinds: dict[tuple[str, str, str, float], list[float]] = {}
    for (at,), margin, verdict in zip(rows.points(x), rows.texts("margin"), rows.texts("verdict"), strict=True):
        if margin is None or margin in wanted:
            kinds.setdefault(wanted.get(str(margin), (str(verdict), "x", UNDECIDED, 0.02)), []).append(decimal(at))
    for (label, marker, colour, height), places in kinds.items():
        ax.plot(
            places,
            [height] * len(places),
            marker,
            color=colour,
            markersize=4,
            label=label,
            transform=ax.get_xaxis_transform(),
        )
