"""What an agent pays at each pair of types."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from lpmech.answer.mechanism import Mechanism
from lpmech.answer.result import Result
from lpmech.answer.tables import tabulable
from lpmech.base.errors import InputError
from lpmech.base.exact import decimal
from lpmech.show.explain.words import person
from lpmech.show.plots import _types, style
from lpmech.show.plots._things import mechanism_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MAP = "PuOr_r"
"""Purple: receives money; orange: pays. Told apart by the colour-blind, and not the colours of verdicts."""


def transfers(thing: Result | Mechanism, agent: int | str = 0, *, ax: Axes | None = None) -> Axes:
    """t_i(theta), money paid by an agent (number or name), over the types of two agents; written into the
    cells if all have room."""
    found = mechanism_of(thing)
    env = found.environment
    x, y = _types.two(env, "transfers", "interim(result), which shows every agent's expected payment")
    tabulable(env)
    i = env.index(agent) if isinstance(agent, str) else agent
    if not 0 <= i < 2:
        raise InputError("no such agent", value=agent, expected="0 or 1, or a name")
    m, n = len(x.at), len(y.at)
    paid = list(found.transfers[i])
    table = [[paid[k * n + r] for k in range(m)] for r in range(n)]
    most = max(abs(decimal(t)) for t in paid) or 1.0
    ax = style.axes(ax, size=(5.0, 3.8))
    drawn = _types.mesh(ax, x, y, [[decimal(t) for t in row] for row in table], cmap=MAP, vmin=-most, vmax=most)
    who = _types.plain(person(env.agents[i].name))
    ax.figure.colorbar(drawn, ax=ax, label=f"paid by {who} (money)")
    texts = [[_types.short(t) for t in row] for row in table]
    if all(x.wide(k) * 60 > len(text) + 1 for row in texts for k, text in enumerate(row)) and all(
        y.wide(r) > 0.06 for r in range(n)
    ):
        for r, k in product(range(n), range(m)):
            colour = "white" if abs(decimal(table[r][k])) > 0.7 * most else "black"
            ax.text(
                x.places[k],
                y.places[r],
                texts[r][k],
                ha="center",
                va="center",
                fontsize=9 if m * n <= 25 else 7,
                color=colour,
            )
    _types.frame(ax, x, y)
    ax.set_title(f"Transfers: what {who} pays", loc="left")
    return ax
