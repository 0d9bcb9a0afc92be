"""The figures of a directory of sweep results: which there are, as files and as one page."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from fractions import Fraction
from functools import partial
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lpmech.base import files
from lpmech.base.errors import InputError
from lpmech.base.fields import one_of
from lpmech.show.plots import _marks as marks
from lpmech.show.plots._drawing import Drawing
from lpmech.show.plots._rows import Rows
from lpmech.show.plots.convergence import convergence
from lpmech.show.plots.curve import curve
from lpmech.show.plots.phase import phase
from lpmech.show.plots.simplex import simplex
from lpmech.show.plots.style import FORMATS, require_matplotlib, save
from lpmech.show.plots.thresholds import thresholds
from lpmech.studies.sweep import load_sweep, plan_of
from lpmech.studies.sweep.axes import Lattice, Simplex

if TYPE_CHECKING:
    import pandas as pd

    from lpmech.studies.sweep.plan import Plan

MOST = 12
"""Most panels of a figure."""

COUNTING = ("count", "points")
"""Keys of an environment whose numbers count something."""


def drawings(
    plan: Plan, frame: pd.DataFrame, x: str | None = None, y: str | None = None, where: Mapping[str, str] | None = None
) -> list[Drawing]:
    """The figures that suit a sweep: by its axes, of which ``x`` and ``y`` are shown; ``where`` fixes others.

    Raises InputError where nothing varies, no row is done, or the panels would be too many.
    """
    where = dict(where or {})
    rows = Rows.of(frame, where)
    if not len(rows):
        raise InputError("no rows are done yet", expected="lpmech sweep with the same arguments goes on")
    counts = _counting(plan)
    shares = [a.names for a in plan.axes.axes if isinstance(a, Lattice | Simplex) and len(a.names) == 3]
    if shares and x is None and plan.bisect is None:
        triangle = shares[0]
        others = [n for n in _varying(rows, plan) if n not in triangle]
        span = marks.Span.of(rows)
        said = _coloured(rows, f"the shares {', '.join(triangle)}")
        draw = partial(simplex, frame, triangle)
        return [Drawing("shares", said, _panels(rows, others, where), draw, span, (5.0, 4.6), 24.0)]
    names = _varying(rows, plan)
    for key, name in (("x", x), ("y", y)):
        if name is not None and name not in names:
            raise InputError("nothing that varies", key=key, value=name, expected=one_of(names, name))
    chosen = list(dict.fromkeys([n for n in (x, y) if n] + names))
    if plan.bisect is not None:
        return [_bisected(plan, frame, rows, chosen, where)]
    if not chosen:
        raise InputError("too few axes: nothing varies", expected="a sweep with [[axes]] of two values or more")
    if len(chosen) == 1 or (x is not None and y is None):
        along, others = chosen[0], chosen[1:]
        return _curves(frame, rows, along, others, where, counts)
    across, up, others = chosen[0], chosen[1], chosen[2:]
    draw = partial(phase, frame, across, up, stepped=counts)
    said = _coloured(rows, f"{rows.label(across)} and {rows.label(up)}")
    return [Drawing("phase", said, _panels(rows, others, where), draw, marks.Span.of(rows))]


def _varying(rows: Rows, plan: Plan) -> list[str]:
    """Parameters with two values or more, one of each axis whose parameters go along together."""
    out = []
    for axis in plan.axes.axes:
        names = axis.names if not hasattr(axis, "axes") else axis.names[:1]
        out += [name for name in names if len(set(rows.texts(name))) > 1]
    return out


def _panels(rows: Rows, others: list[str], where: Mapping[str, str], sets: bool = True) -> Any:
    """A panel for each set of requirements and each value of the other parameters."""
    choices = [[("requirements", name) for name in rows.sets]] if sets else []
    choices += [
        [(name, str(v)) for v in sorted(v for v in set(rows.numbers(name)) if v is not None)] for name in others
    ]
    found = []
    for some in product(*choices):
        text = [value if key == "requirements" else f"{key} = {value}" for key, value in some if (key, value) != ONLY]
        found.append(("; ".join(text), {**where, **dict(some)}))
    if len(found) > MOST:
        raise InputError(
            f"{len(found)} panels, for {', '.join(['the sets of requirements', *others])}",
            key="--where",
            expected=f"at most {MOST}: --where NAME=VALUE fixes a parameter, --x and --y choose two",
        )
    return tuple(found)


ONLY = ("requirements", "base")
"""The one set of a file that names none."""


def _coloured(rows: Rows, over: str) -> str:
    linear = "The black line is margin 0, the border between exists and impossible; it is linear between exact margins"
    zeros = sum(x == 0 for x in rows.numbers("margin"))
    exact = f", and exact at {zeros:,} point{'s' * (zeros != 1)} of margin 0" if zeros else ""
    beside = " Dashed: what theorems say." if rows.theorems else ""
    return f"The exact margin at {len(rows):,} points over {over}. {linear}{exact}.{beside}"


def _curves(
    frame: pd.DataFrame, rows: Rows, along: str, others: list[str], where: Mapping[str, str], counts: set[str]
) -> list[Drawing]:
    panels = _panels(rows, others, where, sets=False)
    said = f"Exact margins along {rows.label(along)}; marks on the zero line are where the verdict changes."
    out = [Drawing("margin", said, panels, partial(curve, frame, along, stepped=counts))]
    if along in counts and rows.limits:
        name, value = next(iter(rows.limits.items()))
        said = f"How far margins are from {value}, the number in the continuum by {marks.words(name)}."
        out.append(Drawing("convergence", said, panels, partial(convergence, frame, along)))
    return out


def _bisected(plan: Plan, frame: pd.DataFrame, rows: Rows, chosen: list[str], where: Mapping[str, str]) -> Drawing:
    bisect = plan.bisect
    assert bisect is not None
    along, others = (chosen[0], chosen[1:]) if chosen else (None, [])
    width = Fraction(bisect.width)
    said = (
        f"Where the verdict changes as {rows.label(bisect.name)} runs from {bisect.low} to {bisect.high}: within {width}, "
        "proved on both sides. Diamonds are exact: margin 0."
    )
    draw = partial(thresholds, frame, bisect.name, along, ends=(bisect.low, bisect.high))
    size = (5.0, 4.0) if along else (5.0, 1.6 + 0.5 * len(rows))
    return Drawing("threshold", said, _panels(rows, others, where, sets=False), draw, None, size)


def _counting(plan: Plan) -> set[str]:
    """Parameters in numbers of agents or of grid points."""
    texts: list[str] = []

    def visit(node: Any) -> None:
        if isinstance(node, Mapping):
            texts.extend(str(node[key]) for key in COUNTING if key in node)
            for item in node.values():
                visit(item)
        elif isinstance(node, list):
            for item in node:
                visit(item)

    visit(plan.data.get("environment", {}))
    words = {word for text in texts for word in re.findall(r"\w+", text)}
    return {name for name in plan.names if name in words}


def plot(
    folder: str | os.PathLike[str],
    *,
    form: str = "png",
    out: str | os.PathLike[str] | None = None,
    x: str | None = None,
    y: str | None = None,
    where: Mapping[str, str] | None = None,
) -> list[Path]:
    """Write the figures of a directory of sweep results, and index.html with all of them; the paths written.

    ``form``: png, svg or pdf. ``out``: a directory, by default ``plots`` in the sweep's own. An unfinished sweep is drawn
    as far as it is done, and its figures say so. Raises InputError for a directory that is no sweep or has nothing to draw.
    """
    require_matplotlib()
    from lpmech.show.plots.page import page
    from lpmech.show.plots.template import template

    template("lpmech.show.plots", "pages")
    if form not in FORMATS:
        raise InputError("no such kind of figure", key="format", value=form, expected=one_of(FORMATS, form))
    plan, frame = plan_of(folder), load_sweep(folder)
    found = drawings(plan, frame, x, y, where)
    title = plan.title or Path(folder).resolve().name
    if len(frame) < plan.rows:
        title += f" ({len(frame):,} of {plan.rows:,} rows)"
    place = Path(folder) / "plots" if out is None else Path(out)
    place.mkdir(parents=True, exist_ok=True)
    written = [save(one.whole(title), place / f"{one.name}.{form}") for one in found]
    return [*written, files.write(place / "index.html", page(Path(folder), plan, frame, found))]
