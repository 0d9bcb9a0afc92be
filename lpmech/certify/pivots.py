"""Exact simplex pivots from a basis that is nearly optimal: the last resort, and a complete one.

Written for programs with free columns, where a basis is a choice of active rows. First the dual simplex, with the wrong
multipliers ignored, makes the point feasible; then the primal simplex makes the multipliers right. Bland's rule throughout,
so neither can cycle; a limit on pivots keeps the time bounded.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import fmpq

from lpmech.certify.basis import ExactRows, ExactSolution
from lpmech.solver import Basis


def pivot_to_optimum(rows: ExactRows, start: ExactSolution, limit: int = 200) -> ExactSolution | None:
    """Exact simplex from ``start`` until optimal; None when the limit is reached or the program proves unbounded."""
    solution: ExactSolution | None = _enter_free_columns(rows, start, limit)
    for step in (_dual_step, _primal_step):
        while solution is not None and not solution.optimal:
            basis = step(rows, solution)
            if basis is None:
                break
            limit -= 1
            solution = rows.solution(basis) if limit > 0 else None
        if solution is None:
            return None
    return solution if solution.optimal else None


def _enter_free_columns(rows: ExactRows, solution: ExactSolution, limit: int) -> ExactSolution | None:
    """Bring columns with a reduced cost into the basis: along such a free column the objective rises until a row blocks."""
    current: ExactSolution | None = solution
    while current is not None and current.loose and limit > 0:
        limit -= 1
        j = current.loose[0]
        column = [_entry(rows, r, j) for r in current.basis.active.tolist()]
        move = current.factors.solve([-v for v in column])
        direction = dict(zip(current.basis.basic.tolist(), move, strict=True))
        direction[j] = fmpq(1)
        row = _first_blocking(rows, current, direction, _reduced_cost(rows, current, j))
        if row is None:
            return None
        active = np.sort(np.append(current.basis.active, row))
        current = rows.solution(Basis(active, np.sort(np.append(current.basis.basic, j))))
    return current


def _reduced_cost(rows: ExactRows, solution: ExactSolution, j: int) -> Any:
    total = rows.cost[j]
    for r in solution.basis.active.tolist():
        total = total + _entry(rows, r, j) * solution.y[r]
    return total


def _entry(rows: ExactRows, r: int, j: int) -> Any:
    return next((v for c, v in zip(*rows.rows[r], strict=True) if c == j), fmpq(0))


def _rate(rows: ExactRows, r: int, direction: dict[int, Any]) -> Any:
    return sum((v * direction[j] for j, v in zip(*rows.rows[r], strict=True) if j in direction), fmpq(0))


def _first_blocking(rows: ExactRows, solution: ExactSolution, direction: dict[int, Any], sign: Any) -> int | None:
    """The inactive row that first becomes tight along ``direction`` (times the sign), smallest number on ties."""
    active = set(solution.basis.active.tolist())
    best: tuple[Any, int] | None = None
    for r, slack in enumerate(solution.slack):
        if r in active:
            continue
        rate = _rate(rows, r, direction)
        if sign < 0:
            rate = -rate
        if rate == 0 or (rate > 0 and not rows.equality[r]):
            continue
        step = abs(slack / rate)
        if best is None or step < best[0]:
            best = (step, r)
    return None if best is None else best[1]


def _swapped(basis: Basis, leaves: int, enters: int) -> Basis:
    active = basis.active[basis.active != leaves]
    return Basis(np.sort(np.append(active, enters)), basis.basic)


def _dual_step(rows: ExactRows, solution: ExactSolution) -> Basis | None:
    """Activate the first violated row in place of an active one whose multiplier reaches zero first."""
    if not solution.violated:
        return None
    r = solution.violated[0]
    columns = solution.basis.basic.tolist()
    coefficients = dict(zip(*rows.rows[r], strict=True))
    weights = solution.factors.solve_transposed([coefficients.get(j, fmpq(0)) for j in columns])
    upward = solution.slack[r] < 0  # the new row's multiplier rises from 0 if g_r < 0, falls (equality) if g_r > 0
    best: tuple[Any, int] | None = None
    for leaves, w in zip(solution.basis.active.tolist(), weights, strict=True):
        if rows.equality[leaves]:
            continue
        fall = w if upward else -w
        if fall <= 0:
            continue
        y = solution.y[leaves]
        ratio = (y if y > 0 else fmpq(0)) / fall
        if best is None or ratio < best[0]:
            best = (ratio, leaves)
    return None if best is None else _swapped(solution.basis, best[1], r)


def _primal_step(rows: ExactRows, solution: ExactSolution) -> Basis | None:
    """Drop the first row with a negative multiplier; the first row that blocks the way takes its place."""
    if solution.violated or not solution.negative:
        return None
    leaves = solution.negative[0]
    unit = [fmpq(int(r == leaves)) for r in solution.basis.active.tolist()]
    direction = dict(zip(solution.basis.basic.tolist(), solution.factors.solve(unit), strict=True))
    row = _first_blocking(rows, solution, direction, fmpq(1))
    return None if row is None else _swapped(solution.basis, leaves, row)
