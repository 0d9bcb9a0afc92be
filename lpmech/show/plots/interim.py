"""Expected payments and expected utilities of each type."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from lpmech.answer.mechanism import Mechanism
from lpmech.answer.result import Result
from lpmech.answer.tables import tabulable
from lpmech.base.errors import InputError
from lpmech.base.exact import decimal
from lpmech.show.plots import _types, style
from lpmech.show.plots._things import mechanism_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WHAT = ("payment", "utility")
MARKERS, MARKED = "osD^v*", 30
COLOURS = ("#0072B2", "#D55E00", *style.LINES)

AXIS = {
    "bilateral-trade": "value of the buyer, cost of the seller (money)",
    "exchange": "value of a buyer, cost of a seller (money)",
    "partnership": "value (money)",
    "auction": "value (money)",
}

Row = tuple[_types.TypeAxis, tuple[Fraction | None, ...], tuple[Fraction, ...]]
"""Types, what each pays or gets in expectation, outside options."""


def interim(thing: Result | Mechanism, what: str = "payment", *, ax: Axes | None = None) -> Axes:
    """T_i(k), the expected payment of each type (what = "payment"), or U_i(k), its expected utility ("utility").

    One line for all agents of whom it is the same. Utilities come with the agents' outside options, dotted, where these are
    not 0. Types without beliefs (C3) are left out. Types that are numbers share an axis; named ones stand side by side.
    """
    if what not in WHAT:
        raise InputError("no such interim quantity", value=repr(what), expected=" or ".join(map(repr, WHAT)))
    found = mechanism_of(thing)
    rows = _rows(found, WHAT.index(what))
    ax = style.axes(ax, size=(5.0, 3.4))
    if all(axis.numeric for axis, *_ in rows):
        _lines(ax, rows, what)
    else:
        _side_by_side(ax, rows, what)
    if what == "utility" and any(any(outside) for _, _, outside in rows):
        ax.plot([], [], color="#404040", linewidth=1, linestyle=":", label="outside option")
    ax.legend(loc="best", fontsize=9, frameon=False)
    ax.axhline(0, color="#808080", linewidth=0.7, zorder=0)
    several = found.environment.kind == "auction" and not all(axis.numeric for axis, *_ in rows)
    ax.set_xlabel("values of the objects (money)" if several else AXIS.get(found.environment.kind, "type k"))
    letter = {"payment": "expected payment T(k)", "utility": "expected utility U(k)"}[what]
    ax.set_ylabel(f"{letter} (money)")
    ax.set_title({"payment": "Interim payments", "utility": "Interim utilities"}[what], loc="left")
    return ax


def _rows(found: Mechanism, which: int) -> dict[Row, list[str]]:
    """Each different line with the names of the agents whose it is."""
    env = found.environment
    if found.by_profile:
        tabulable(env)
    rows: dict[Row, list[str]] = {}
    for i, name in found.groups():
        axis, agent = _types.type_axis(env, i), env.agents[i]
        same = _types.TypeAxis("", axis.names, axis.at, axis.masses, axis.numeric)
        values = tuple((paid, gained)[which] for _, paid, gained in found.interim(i))
        rows.setdefault((same, values, agent.outside), []).append(name)
    return rows


def _named(names: list[str]) -> str:
    names = list(map(_types.plain, names))
    return ", ".join(names) if len(names) <= 3 else f"{names[0]}, ..., {names[-1]}"


def _lines(ax: Axes, rows: dict[Row, list[str]], what: str) -> None:
    for number, ((axis, values, outside), names) in enumerate(rows.items()):
        shown = [(x, decimal(v)) for x, v in zip(axis.places, values, strict=True) if v is not None]
        few = len(shown) <= MARKED
        colour = COLOURS[number % len(COLOURS)]
        ax.plot(
            *(list(column) for column in zip(*shown, strict=True)),
            color=colour,
            linewidth=1.4,
            marker=MARKERS[number % len(MARKERS)] if few else None,
            markersize=4.5,
            label=_named(names),
        )
        if what == "utility" and any(outside):
            ax.plot(axis.places, [decimal(u) for u in outside], color=colour, linewidth=1, linestyle=":")
    _types.mark(ax.xaxis, _types.numbers(x for axis, *_ in rows for x in axis.at), 48)


def _side_by_side(ax: Axes, rows: dict[Row, list[str]], what: str) -> None:
    start, spots, labels = 0, list[int](), list[str]()
    for number, ((axis, values, outside), names) in enumerate(rows.items()):
        at = range(start, start + len(values))
        colour = COLOURS[number % len(COLOURS)]
        shown = [(x, decimal(v)) for x, v in zip(at, values, strict=True) if v is not None]
        ax.plot(
            *(list(column) for column in zip(*shown, strict=True)),
            color=colour,
            linewidth=1.2,
            marker=MARKERS[number % len(MARKERS)],
            markersize=5,
            label=_named(names),
        )
        if what == "utility" and any(outside):
            ax.hlines(
                [decimal(u) for u in outside], [x - 0.3 for x in at], [x + 0.3 for x in at], color=colour, linestyle=":"
            )
        spots += at
        labels += axis.names
        start += len(values) + 1
    if start <= 2 * _types.FEW:
        ax.set_xticks(spots, labels, rotation=0 if sum(map(len, labels)) < 40 else 40, ha="center")
    else:
        ax.set_xticks([])
