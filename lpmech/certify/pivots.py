"""Exact simplex: the last resort when no floating-point basis is optimal: slow, and complete if it is given time.

A basis is a choice of active rows and as many basic columns; the others are at 0. Phase 1 maximises the sum of the
violated rows (each leaves the sum when it is met, and none that is met is violated again), phase 2 the objective.
Both are the primal simplex: steepest row first, and Bland's rule, which cannot cycle, while the point does not move.
Where many rows meet in one point most pivots would not move it. So inequalities are first eased by small amounts, no two
alike, and the basis that is optimal then is where the exact simplex of the program itself starts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from flint import fmpq

from lpmech.base.arrays import zeros
from lpmech.certify.basis import ExactRows, ExactSolution
from lpmech.certify.solver import Basis

ENTRIES = 20_000_000
"""Entries of the program that the exact simplex may go through, all pivots together: a count, so that the answer is the
same on a busy machine (10 to 15 microseconds of CPU each, while numbers are short)."""

NO_BASIS = Basis(np.zeros(0, dtype=int), np.zeros(0, dtype=int))
"""Every column at 0, no row active: a start that always works."""


STALLED = 12
"""Pivots without movement after which Bland's rule takes over, until the point moves."""


def pivot_to_optimum(rows: ExactRows, start: ExactSolution | None, entries: int = ENTRIES) -> ExactSolution | None:
    """Exact simplex until optimal; None if the program is infeasible or unbounded, or the effort is spent."""
    size = [max(map(abs, values), default=fmpq(1)) for _, values in rows.rows]
    left = entries // max(1, sum(len(columns) for columns, _ in rows.rows))
    eased = rows.eased(size)
    near, left = _pivots(eased, eased.solution(NO_BASIS if start is None else start.basis), size, left)
    return None if near is None else _pivots(rows, rows.solution(near.basis), size, left)[0]


def _pivots(
    rows: ExactRows, current: ExactSolution | None, size: list[Any], left: int
) -> tuple[ExactSolution | None, int]:
    """The optimal solution after at most ``left`` pivots, if it was reached, and how many pivots are left."""
    still = 0
    while current is not None and not current.optimal:
        if left <= 0:
            return None, 0
        left -= 1
        basis = _step(rows, current, size, bland=still >= STALLED)
        following = None if basis is None else rows.solution(basis)
        moved = following is not None and bool(np.any(following.x != current.x))
        still = 0 if moved else still + 1
        current = following
    return current, left


def _step(rows: ExactRows, at: ExactSolution, size: list[Any], *, bland: bool) -> Basis | None:
    """The next basis, or None where there is none: infeasible in phase 1, unbounded in phase 2."""
    gradient = _violation_gradient(rows, at) if at.violated else rows.cost
    active, basic = at.basis.active.tolist(), at.basis.basic.tolist()
    y = at.factors.solve_transposed([-gradient[j] for j in basic]) if basic else []
    reduced = list(gradient)
    for r, weight in zip(active, y, strict=True):
        if weight != 0:
            for j, v in zip(*rows.rows[r], strict=True):
                reduced[j] = reduced[j] + v * weight
    enters = next((j for j, d in enumerate(reduced) if d != 0), None)
    if enters is not None:
        return _enter_column(rows, at, enters, reduced[enters] > 0)
    wrong = [(w * size[r], r) for r, w in zip(active, y, strict=True) if w < 0 and not rows.equality[r]]
    if not wrong:
        return None
    leaves = wrong[0][1] if bland else min(wrong)[1]
    unit = [fmpq(int(r == leaves)) for r in active]
    direction = dict(zip(basic, at.factors.solve(unit), strict=True))
    row = _first_blocking(rows, at, direction)
    if row is None:
        return None
    return Basis(np.sort(np.append(at.basis.active[at.basis.active != leaves], row)), at.basis.basic)


def _violation_gradient(rows: ExactRows, at: ExactSolution) -> list[Any]:
    """Gradient of the (negative) sum of violations."""
    out = zeros(len(rows.cost)).tolist()
    for r in at.violated:
        up = at.slack[r] < 0
        for j, v in zip(*rows.rows[r], strict=True):
            out[j] = out[j] + v if up else out[j] - v
    return out


def _enter_column(rows: ExactRows, at: ExactSolution, j: int, up: bool) -> Basis | None:
    """Move a column at 0, up or down, until a row blocks; the column becomes basic and the row active."""
    column = [_entry(rows, r, j) for r in at.basis.active.tolist()]
    move = at.factors.solve([-v for v in column]) if column else []
    direction = dict(zip(at.basis.basic.tolist(), move, strict=True)) | {j: fmpq(1)}
    if not up:
        direction = {k: -d for k, d in direction.items()}
    row = _first_blocking(rows, at, direction)
    if row is None:
        return None
    return Basis(np.sort(np.append(at.basis.active, row)), np.sort(np.append(at.basis.basic, j)))


def _entry(rows: ExactRows, r: int, j: int) -> Any:
    return next((v for c, v in zip(*rows.rows[r], strict=True) if c == j), fmpq(0))


def _first_blocking(rows: ExactRows, at: ExactSolution, direction: dict[int, Any]) -> int | None:
    """The inactive row whose slack first reaches 0 along ``direction``, smallest number on ties; None if none does."""
    best: tuple[Any, int] | None = None
    for r, rate in _rates(rows, at, direction):
        slack = at.slack[r]
        meets = (slack < 0 < rate) or (slack >= 0 > rate) or (rows.equality[r] and (slack == 0 or (slack > 0 > rate)))
        if meets:
            step = -slack / rate
            if best is None or step < best[0]:
                best = (step, r)
    return None if best is None else best[1]


def _rates(rows: ExactRows, at: ExactSolution, direction: dict[int, Any]) -> Iterator[tuple[int, Any]]:
    """Inactive rows whose slack changes along ``direction``, with the rate of change."""
    active = set(at.basis.active.tolist())
    moving = {j: d for j, d in direction.items() if d != 0}
    for r, (columns, values) in enumerate(rows.rows):
        if r not in active:
            rate = sum((v * moving[j] for j, v in zip(columns, values, strict=True) if j in moving), fmpq(0))
            if rate != 0:
                yield r, rate
