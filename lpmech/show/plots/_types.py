"""Agents' types on an axis: at their values if these are numbers, else one after the other; and how likely they are."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from lpmech.base.errors import InputError
from lpmech.base.exact import decimal, rational
from lpmech.question.environment import Environment

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FEW = 12
"""Most types that each have a tick of their own."""

STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10**9)
"""Of how many names one is written."""

VECTOR = 150
"""Most cells of a map that are drawn one by one; more become an image, which keeps SVG files small."""

BARS = 40
"""Most masses that have a bar each."""

KEYS = 16
"""Most entries of a key."""

MASS, LINE = "#666666", "#000000"


@dataclass(frozen=True)
class TypeAxis:
    """Where an agent's types lie: ``at[k]`` is the place of type k, ``edges`` bound its cell (half way to the next)."""

    label: str
    names: tuple[str, ...]
    at: tuple[Fraction, ...]
    masses: tuple[Fraction, ...]
    numeric: bool

    @property
    def edges(self) -> list[float]:
        at = self.at
        if len(at) == 1:
            return [decimal(at[0] - Fraction(1, 2)), decimal(at[0] + Fraction(1, 2))]
        inner = [(low + high) / 2 for low, high in pairwise(at)]
        return [decimal(x) for x in (at[0] - (at[1] - at[0]) / 2, *inner, at[-1] + (at[-1] - at[-2]) / 2)]

    @property
    def places(self) -> list[float]:
        """``at`` as floats."""
        return [decimal(x) for x in self.at]

    def wide(self, k: int) -> float:
        """The share of the axis that the cell of a type takes."""
        edges = self.edges
        return (edges[k + 1] - edges[k]) / (edges[-1] - edges[0])

    def ticks(self, room: int, *, lines: bool = False) -> tuple[list[float], list[str]] | None:
        """Exact values or names, as many as have room: ``room`` characters side by side, or that many ``lines``.

        None where decimals will do.
        """
        if self.numeric and len(self.at) > FEW:
            return None
        texts = [short(x) for x in self.at] if self.numeric else list(self.names)
        each = (self.edges[-1] - self.edges[0]) / room
        sizes = [each * (1 if lines else len(text) + 1) for text in texts]
        gaps = {high - low for low, high in pairwise(self.at)}
        if len(gaps) == 1:
            step = next(n for n in STEPS if n * decimal(next(iter(gaps))) >= max(sizes) or n > len(texts))
            return self.places[::step], texts[::step]
        spots, labels, free = list[float](), list[str](), -math.inf
        for place, text, size in zip(self.places, texts, sizes, strict=True):
            if place - size / 2 >= free:
                spots.append(place)
                labels.append(text)
                free = place + size / 2
        return spots, labels


def numbers(values: Iterable[Fraction]) -> TypeAxis:
    """An axis of numbers that nobody's types have to be."""
    at = tuple(sorted(set(values)))
    return TypeAxis("", tuple(map(str, at)), at, (), True)


def short(x: Fraction, longest: int = 7) -> str:
    """An exact number if it is short, else its decimal."""
    text = str(x)
    return (text if len(text) <= longest else f"{decimal(x):.4g}").replace("-", "\u2212")


def plain(name: str, longest: int = 24) -> str:
    """A name that is given as matplotlib shows it: no formula, no hidden label, not too long."""
    cut = name if len(name) <= longest else name[: longest - 1] + "…"
    return ("\u200b" if cut.startswith("_") else "") + cut.replace("$", r"\$")


def type_axis(environment: Environment, agent: int, *, evenly: bool = False) -> TypeAxis:
    """Types of one agent; ``evenly``: one after the other even if they are numbers."""
    one = environment.agents[agent]
    label, numbers = _label(environment, agent), _numbers(one.types)
    if numbers is not None and not evenly:
        return TypeAxis(label, one.types, numbers, one.probabilities, True)
    longest = 7 if len(one.types) <= FEW else 4
    names = tuple(map(plain, one.types)) if numbers is None else tuple(short(x, longest) for x in numbers)
    return TypeAxis(label, names, tuple(map(Fraction, range(len(names)))), one.probabilities, False)


def _numbers(names: Sequence[str]) -> tuple[Fraction, ...] | None:
    """The types' values; None if their names are no numbers that increase as floats do."""
    try:
        found = tuple(rational(name) for name in names)
    except InputError:
        return None
    places = [decimal(x) for x in found]
    apart = all(high - low > 1e-9 * max(abs(low), abs(high)) for low, high in pairwise(places))
    return found if apart and all(map(math.isfinite, places)) else None


def _label(environment: Environment, agent: int) -> str:
    name = plain(environment.agents[agent].name)
    if environment.kind == "bilateral-trade":
        return ("buyer's value b", "seller's cost s")[agent] + " (money)"
    of_one_thing = environment.kind == "auction" and _numbers(environment.agents[agent].types) is not None
    if environment.kind in {"exchange", "partnership"} or of_one_thing:
        what = "cost" if environment.role(agent) == "seller" else "value"
        return f"{name}'s {what} (money)"
    return f"{name}'s type"


def two(environment: Environment, what: str, instead: str, *, evenly: bool = False) -> tuple[TypeAxis, TypeAxis]:
    """The axes of a map over the types of two agents; InputError if there are not two."""
    if len(environment.agents) != 2:
        raise InputError(
            f"{what} can be drawn for 2 agents, as a map over their types; here there are {len(environment.agents)}",
            expected=instead,
        )
    return type_axis(environment, 0, evenly=evenly), type_axis(environment, 1, evenly=evenly)


def frame(ax: Axes, x: TypeAxis, y: TypeAxis, room: int = 42) -> None:
    """Limits, labels and ticks of a map, ``room`` characters wide; the rows of its table are types on the y axis."""
    ax.set_xlim(x.edges[0], x.edges[-1])
    ax.set_ylim(y.edges[0], y.edges[-1])
    ax.set_xlabel(x.label)
    ax.set_ylabel(y.label)
    mark(ax.xaxis, x, room)
    mark(ax.yaxis, y, 17, lines=True)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)


def mark(axis: Any, types: TypeAxis, room: int, *, lines: bool = False) -> None:
    """Ticks of an axis: one for each type where they are few, with as many labels as have room."""
    if (ticks := types.ticks(room, lines=lines)) is not None:
        axis.set_ticks(*ticks)
        if len(types.at) <= FEW:
            axis.set_ticks(types.places, minor=True)
            axis.set_tick_params(which="minor", length=3.5)


def mesh(ax: Axes, x: TypeAxis, y: TypeAxis, cells: Any, **how: Any) -> Any:
    """A table of numbers or colours, a row for each type on the y axis, as cells."""
    big = len(x.at) * len(y.at) > VECTOR
    lines: dict[str, Any] = {} if big else {"edgecolors": "white", "linewidth": 0.4}
    return ax.pcolormesh(x.edges, y.edges, cells, rasterized=big, **lines, **how)


def masses(ax: Axes, x: TypeAxis, y: TypeAxis) -> tuple[Axes, Axes]:
    """How likely each type is: bars above and to the right of a map."""
    top = ax.inset_axes((0.0, 1.03, 1.0, 0.14), sharex=ax)
    side = ax.inset_axes((1.03, 0.0, 0.14, 1.0), sharey=ax)
    for strip, axis, base in ((top, x, "bottom"), (side, y, "left")):
        chances, across = [decimal(p) for p in axis.masses], strip is side
        if len(axis.at) > BARS:
            strip.stairs(chances, axis.edges, fill=True, color=MASS, orientation="horizontal" if across else "vertical")
        else:
            draw = strip.hlines if across else strip.vlines
            draw(axis.places, 0, chances, color=MASS, linewidth=min(9.0, 160 / len(axis.at)))
        strip.tick_params(
            which="both", labelbottom=False, labelleft=False, length=0, labelsize=8, labelcolor=MASS, pad=1
        )
        for name, spine in strip.spines.items():
            spine.set(visible=name == base, color=MASS, linewidth=0.5)
    peaks = [max(axis.masses) for axis in (x, y)]
    top.set_ylim(0, decimal(peaks[0]) * 1.1)
    top.set_yticks([decimal(peaks[0])], labels=[short(peaks[0])])
    top.tick_params(axis="y", labelleft=True)
    side.set_xlim(0, decimal(peaks[1]) * 1.1)
    side.set_xticks([decimal(peaks[1])], labels=[short(peaks[1])])
    side.tick_params(axis="x", labeltop=True)
    ax.text(1.1, 1.1, "mass", transform=ax.transAxes, fontsize=8, color=MASS, ha="center", va="bottom")
    return top, side


def key(ax: Axes, colours: Sequence[Any], labels: Sequence[str]) -> None:
    """What each colour stands for, beside the map, from the top; the first of many."""
    if len(labels) > KEYS:
        colours, labels = [*colours[: KEYS - 1], "white"], [*labels[: KEYS - 1], f"... {len(labels) - KEYS + 1} more"]
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import BoundaryNorm, ListedColormap

    count = len(colours)
    bounds = BoundaryNorm([k - 0.5 for k in range(count + 1)], count)
    scale = ScalarMappable(bounds, ListedColormap(list(colours[::-1])))
    bar = ax.figure.colorbar(scale, ax=ax, shrink=min(1.0, 0.12 * count), aspect=2.2 * count, anchor=(0.0, 1.0))
    bar.set_ticks(list(range(count)), labels=list(labels[::-1]))
    bar.ax.tick_params(length=0, labelsize=9)
    bar.outline.set_linewidth(0.6)


def diagonal(ax: Axes, x: TypeAxis, y: TypeAxis, said: str) -> None:
    """The 45-degree line, where both axes are in money."""
    low, high = max(x.edges[0], y.edges[0]), min(x.edges[-1], y.edges[-1])
    if not (x.numeric and y.numeric) or low >= high:
        return
    ax.plot([low, high], [low, high], color=LINE, linewidth=1.1, linestyle=(0, (4, 2)))
    at = low + 0.9 * (high - low)
    box = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}
    ax.annotate(said, (at, at), (-8, 0), textcoords="offset points", ha="right", va="center", fontsize=8, bbox=box)
