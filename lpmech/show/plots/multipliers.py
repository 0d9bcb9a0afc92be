"""The weights of a proof: the budget over the grid of types, and the incentive constraints that bind, as arrows."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from lpmech.answer.proof import Proof
from lpmech.answer.result import Result
from lpmech.answer.tables import tabulable
from lpmech.base.exact import decimal
from lpmech.show.plots import _types, style
from lpmech.show.plots._things import proof_of
from lpmech.show.plots._weights import Weights, weights

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIDES = ("#0072B2", "#D55E00")
"""Colours of the first and the second agent's constraints."""

ARROWS = 60
"""Most arrows with heads; more are lines."""

WRITTEN = 8
"""Most types whose weights are written beside their arrows."""

SHADES = ("#C3B0DA", "#4B2A7B")
"""From the smallest weight to the largest."""

SIGNS = ("#1B7837", "#F7F7F7", "#4B2A7B")
"""From the most negative weight, on a balanced budget, to the most positive."""

LARGE, SPARSE = 900, 10
"""On a grid of more pairs of types, where at most one in ten has a weight, spots are drawn in place of cells."""

EVEN = 30
"""Ratio of the largest weight to the smallest from which shades are logarithmic."""


def multipliers(thing: Result | Proof, *, ax: Axes | None = None) -> Axes:
    """Weights on the constraints that bound the margin, or contradict the requirements, over the types of two agents.

    Cells: the budget at each profile (in expectation: its weight times the mass of the profile). Arrows from a type to what
    it is kept from reporting: at a profile in the map, interim beside the axis of the agent, thicker with the weight.
    Triangles: participation of a type, circles: at a profile. Ex ante participation stands in the title.
    """
    proof = proof_of(thing)
    env = proof.instance.environment
    x, y = _types.two(env, "multipliers", "explain(result), which lists them all", evenly=True)
    tabulable(env)
    found = weights(proof)
    ax = style.axes(ax, size=(5.0, 4.1))
    _budget(ax, x, y, found)
    _types.frame(ax, x, y, 34)
    _moves(ax, x, y, found)
    for i, axis in enumerate((x, y)):
        if any(agent == i for agent, *_ in found.steps) or any(agent == i for agent, _ in found.interim):
            _chain(ax, axis, i, found)
    for i, agent in enumerate(env.agents):
        drawn = {
            "IC": any(i == key[0] for key in (*found.steps, *found.moves)),
            "IR": any(i == key[0] for key in (*found.interim, *found.at)),
        }
        if any(drawn.values()):
            said = f"{_types.plain(agent.name)}: " + ", ".join(name for name, there in drawn.items() if there)
            height = (1.13 if found.steps or found.interim else -0.08) - 0.07 * i
            ax.text(1.04, height, said, color=SIDES[i], fontsize=8, transform=ax.transAxes)
    for i, profile in found.at:
        ax.plot(
            x.places[profile[0]],
            y.places[profile[1]],
            "o",
            color=SIDES[i],
            markersize=6 - 2 * i,
            markerfacecolor="none",
        )
    names = [_types.plain(agent.name) for agent in env.agents]
    if found.ante:
        each = ", ".join(f"{names[i]}: {_types.short(w)}" for i, w in sorted(found.ante.items()))
        ax.set_title(f"Multipliers (ex ante IR of {each})", loc="left")
    else:
        ax.set_title("Multipliers", loc="left")
    return ax


def _budget(ax: Axes, x: _types.TypeAxis, y: _types.TypeAxis, found: Weights) -> None:
    """Cells of weight 0 stay white."""
    import numpy as np
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import LinearSegmentedColormap, LogNorm, Normalize

    cells = np.full((len(y.at), len(x.at)), np.nan)
    for (k, r), weight in found.budget.items():
        if decimal(weight):
            cells[r, k] = decimal(weight)
    if np.isnan(cells).all():
        return
    sizes = np.abs(cells[~np.isnan(cells)])
    low, high = float(sizes.min()), float(sizes.max())
    scale: Any
    if any(weight < 0 for weight in found.budget.values()):
        shades, scale = LinearSegmentedColormap.from_list("lpmech-signs", SIGNS), Normalize(-high, high)
    else:
        shades = LinearSegmentedColormap.from_list("lpmech-weight", SHADES)
        scale = LogNorm(low, high) if high > EVEN * low else Normalize(0, 2 * high if low == high else high)
    if len(sizes) * SPARSE < cells.size and cells.size > LARGE:
        rows, columns = np.nonzero(~np.isnan(cells))
        size = cells[rows, columns]
        spots = [x.places[k] for k in columns], [y.places[r] for r in rows]
        area = np.clip(np.abs(size) / high * 150, 6, None)
        ax.scatter(*spots, s=area, c=size, cmap=shades, norm=scale, linewidths=0, clip_on=False, zorder=3)
    else:
        _types.mesh(ax, x, y, np.ma.masked_invalid(cells), cmap=shades, norm=scale)
    if low == high and scale.vmin == 0:
        _types.key(ax, [shades(scale(high))], [f"budget, weight\n{_types.short(max(found.budget.values()))} each"])
        return
    said = "weight on the expected budget x mass" if found.expected else "weight on the budget"
    ax.figure.colorbar(ScalarMappable(scale, shades), ax=ax, label=said)


def _moves(ax: Axes, x: _types.TypeAxis, y: _types.TypeAxis, found: Weights) -> None:
    """Incentive constraints at profiles: from the true pair of types to the reported one."""
    from matplotlib.collections import LineCollection

    rows = [(i, at, report, decimal(w)) for (i, at, report), w in found.moves.items() if w]
    if not rows:
        return
    most = max(w for *_, w in rows)
    px, py = x.places, y.places
    for side in (0, 1):
        segments, widths = [], []
        for i, (k, r), report, w in rows:
            if i == side:
                end = (px[report], py[r]) if i == 0 else (px[k], py[report])
                segments.append([(px[k], py[r]), end])
                widths.append(0.8 + 2.2 * w / most)
        if len(rows) > ARROWS:
            ax.add_collection(LineCollection(segments, colors=SIDES[side], linewidths=widths))
            continue
        for (tail, head), width in zip(segments, widths, strict=True):
            arrow = {"arrowstyle": "-|>", "color": SIDES[side], "linewidth": width, "shrinkA": 1, "shrinkB": 1}
            ax.annotate("", head, tail, arrowprops=arrow | {"mutation_scale": 6 + 2 * width})


def _chain(ax: Axes, axis: _types.TypeAxis, i: int, found: Weights) -> None:
    """A strip beside the agent's axis: arcs from a type to the report it is kept from, and participation."""
    strip = ax.inset_axes((0, 1.03, 1, 0.2), sharex=ax) if i == 0 else ax.inset_axes((1.03, 0, 0.2, 1), sharey=ax)
    strip.tick_params(which="both", labelbottom=False, labelleft=False, length=0)
    for spine in strip.spines.values():
        spine.set_visible(False)
    steps = {(k, r): w for (agent, k, r), w in found.steps.items() if agent == i and w}
    held = {k: w for (agent, k), w in found.interim.items() if agent == i and w}
    (strip.set_ylim if i == 0 else strip.set_xlim)(-0.45, 1.5)
    if len(axis.at) <= 2 * _types.FEW:
        _arcs(strip, axis, i, steps)
    else:
        _bars(strip, axis, i, steps)
    few = len(axis.at) <= WRITTEN
    for k, w in held.items():
        spot = (axis.places[k], 0.0) if i == 0 else (0.0, axis.places[k])
        strip.plot(*spot, marker="v" if i == 0 else "<", color=SIDES[i], markersize=7, clip_on=False)
        if few:
            shift = (0, -4) if i == 0 else (-4, 0)
            place: Any = {"ha": "center", "va": "top"} if i == 0 else {"ha": "right", "va": "center", "rotation": 90}
            strip.annotate(f"IR {_types.short(w)}", spot, shift, textcoords="offset points", fontsize=8, **place)


def _arcs(strip: Axes, axis: _types.TypeAxis, i: int, steps: dict[tuple[int, int], Fraction]) -> None:
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    most = max(map(decimal, steps.values()), default=1.0)
    for (k, r), w in steps.items():
        tail, head = axis.places[k], axis.places[r]
        width, middle = 0.6 + 1.6 * decimal(w) / most, (tail + head) / 2
        apex = 1.25 if abs(k - r) > 1 else 0.5 if k < r and (r, k) in steps else 0.95
        curve = [(tail, 0.05), (middle, 2 * apex - 0.05), (head, 0.05)]
        path = Path(curve if i == 0 else [spot[::-1] for spot in curve], [Path.MOVETO, Path.CURVE3, Path.CURVE3])
        strip.add_patch(
            FancyArrowPatch(
                path=path, arrowstyle="-|>", color=SIDES[i], linewidth=width, mutation_scale=5 + 2 * width, fill=False
            )
        )
        if len(axis.at) <= WRITTEN:
            spot = (middle, apex + 0.2) if i == 0 else (apex + 0.1, middle)
            strip.annotate(_types.short(w), spot, ha="center" if i == 0 else "left", va="center", fontsize=8)


def _bars(strip: Axes, axis: _types.TypeAxis, i: int, steps: dict[tuple[int, int], Fraction]) -> None:
    """Too many types for arcs: a line between each type and the report, as high as the weight."""
    from matplotlib.collections import LineCollection

    most = max(map(decimal, steps.values()), default=1.0)
    lines = []
    for (k, r), w in steps.items():
        level, ends = 0.05 + 1.2 * decimal(w) / most, (axis.places[k], axis.places[r])
        middle = math.fsum(ends) / 2
        foot, top = ((middle, 0.05), (middle, level)) if i == 0 else ((0.05, middle), (level, middle))
        lines.append([foot, top])
    strip.add_collection(LineCollection(lines, colors=SIDES[i], linewidths=max(0.8, 240 / len(axis.at))))
