"""From arrays of a solution to payments, lotteries and multipliers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

import numpy as np

from lpmech.answer.multipliers import Multiplier
from lpmech.answer.tables import Lottery
from lpmech.base.exact import from_flint
from lpmech.question.constraints import WHOLE, Constraint, Place

Weights = list[tuple[tuple[int, ...], Fraction]]
"""Places in a constraint, and the non-zero multipliers there."""


def lotteries(q: np.ndarray) -> tuple[Lottery, ...]:
    """An array profiles x outcomes as the lotteries of a mechanism."""
    return tuple({x: from_flint(w) for x, w in enumerate(row) if w != 0} for row in q.tolist())


def fractions(rows: Iterable[np.ndarray]) -> tuple[tuple[Fraction, ...], ...]:
    """fmpq arrays as the payments of a mechanism."""
    return tuple(tuple(map(from_flint, row.ravel())) for row in rows)


def nonzero(duals: Mapping[str, np.ndarray], name: str) -> Weights:
    """Places and values (Fractions) of the non-zero multipliers of one constraint (which may have no rows)."""
    if name not in duals:
        return []
    return [(place, from_flint(w)) for place, w in np.ndenumerate(duals[name]) if w != 0]


def budget_multipliers(
    duals: Mapping[str, np.ndarray], budget: type[Constraint] | None, types: np.ndarray
) -> list[Multiplier]:
    """The non-zero multipliers of the budget, at each profile or in expectation; ``types``: agents x profiles."""
    if budget is None:
        return []
    rows = nonzero(duals, budget.title)
    return [Multiplier(budget(), w, Place(tuple(types[:, at[0]].tolist())) if at else WHOLE) for at, w in rows]
