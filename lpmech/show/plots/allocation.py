"""Who trades, or what is chosen, at each pair of types."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from lpmech.answer.mechanism import Mechanism
from lpmech.answer.result import Result
from lpmech.answer.tables import Lottery, tabulable
from lpmech.base.exact import decimal, from_flint
from lpmech.question import allocation as rules
from lpmech.question.environment import Environment
from lpmech.question.model import Instance
from lpmech.show.plots import _types, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OUTCOMES = ("#F0F0F0", "#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#0072B2", "#D55E00", "#F0E442")
OPEN = "#B0B0B0"
"""Pairs of types at which the requirements leave several outcomes open, and no mechanism has chosen."""

SHADES = 4
"""Most probabilities that each have an entry in the key; more make a scale."""


def allocation(thing: Result | Instance | Mechanism, *, ax: Axes | None = None) -> Axes:
    """Outcomes over the types of two agents, with the mass of each type beside its cells; in trade the line b = s.

    Where there are two outcomes the shade is the probability of the second (trade). A lottery over more outcomes is drawn
    in the mixture of their colours. Of a mechanism; of a result, whatever its verdict, at the mechanism that attains its
    margin; of an instance, or a result without a mechanism, the lotteries that the requirements prescribe.
    """
    env = thing.environment if isinstance(thing, Mechanism | Instance) else thing.instance.environment
    x, y = _types.two(env, "an allocation", "interim(result), which shows every agent's expected payment or utility")
    tabulable(env)
    lotteries = _lotteries(thing)
    ax = style.axes(ax, size=(5.0, 4.0))
    draw = _probabilities if len(env.outcomes) == 2 else _mixtures
    draw(ax, x, y, env, lotteries)
    _types.frame(ax, x, y)
    if env.kind in {"bilateral-trade", "exchange"}:
        _types.diagonal(ax, x, y, "b = s")
    elif env.kind == "partnership":
        _types.diagonal(ax, x, y, "equal values")
    _types.masses(ax, x, y)
    ax.set_title("Allocation", loc="left")
    return ax


def _lotteries(thing: Result | Instance | Mechanism) -> list[Lottery | None]:
    """At each flattened profile; None where it is open."""
    found = thing if isinstance(thing, Mechanism) else None
    if isinstance(thing, Result):
        found = None if thing.proof is None else thing.proof.mechanism
    if found is not None:
        return list(found.lotteries)
    instance = thing if isinstance(thing, Instance) else thing.instance  # type: ignore[union-attr]
    rows = rules.allocation(instance).fixed.tolist()
    return [{n: from_flint(w) for n, w in enumerate(row) if w != 0} or None for row in rows]


def _grid(x: _types.TypeAxis, y: _types.TypeAxis, entries: list[Any]) -> list[list[Any]]:
    """Flattened profiles as rows for the types on the y axis."""
    m, n = len(x.at), len(y.at)
    return [[entries[k * n + r] for k in range(m)] for r in range(n)]


def _probabilities(
    ax: Axes, x: _types.TypeAxis, y: _types.TypeAxis, env: Environment, lotteries: list[Lottery | None]
) -> None:
    import numpy as np
    from matplotlib.colors import LinearSegmentedColormap

    first, second = map(_types.plain, env.outcomes)
    chances = [None if q is None else q.get(1, Fraction(0)) for q in lotteries]
    shades = LinearSegmentedColormap.from_list("lpmech-chance", OUTCOMES[:2]).with_extremes(bad=OPEN)
    cells = np.ma.masked_invalid([[np.nan if q is None else decimal(q) for q in row] for row in _grid(x, y, chances)])
    drawn = _types.mesh(ax, x, y, cells, cmap=shades, vmin=0, vmax=1)
    seen = sorted({q for q in chances if q is not None}, reverse=True)
    named = {Fraction(1): second, Fraction(0): first}
    if len([q for q in seen if q not in named]) <= SHADES - 2:
        colours: list[Any] = [shades(decimal(q)) for q in seen]
        labels = [named.get(q, f"{second} with\nprobability {_types.short(q)}") for q in seen]
        if None in chances:
            colours.append(OPEN)
            labels.append("a tie: either")
        _types.key(ax, colours, [label.replace("no-trade", "no trade") for label in labels])
    else:
        ax.figure.colorbar(drawn, ax=ax, label=f"probability of {second}")


def _mixtures(
    ax: Axes, x: _types.TypeAxis, y: _types.TypeAxis, env: Environment, lotteries: list[Lottery | None]
) -> None:
    import numpy as np
    from matplotlib import colormaps
    from matplotlib.colors import to_rgb

    count = len(env.outcomes)
    palette = [to_rgb(colour) for colour in OUTCOMES[:count]]
    if count > len(OUTCOMES):
        palette = [to_rgb(colormaps["viridis"](n / (count - 1))) for n in range(count)]

    def colour(q: Lottery | None) -> Any:
        if q is None:
            return to_rgb(OPEN)
        return tuple(sum(decimal(w) * palette[n][c] for n, w in q.items()) for c in range(3))

    _types.mesh(ax, x, y, np.clip(_grid(x, y, [colour(q) for q in lotteries]), 0, 1))
    used = sorted({n for q in lotteries if q is not None for n in q})
    colours: list[Any] = [palette[n] for n in used]
    labels = [_types.plain(env.outcomes[n]) for n in used]
    if None in lotteries:
        colours.append(OPEN)
        labels.append("a tie: any of them")
    _types.key(ax, colours, labels)
