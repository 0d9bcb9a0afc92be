"""From a solver's proposal to an exact optimum: the solver's basis, then refinement, then exact pivots, then nothing.

``optimum`` either returns a primal and dual solution that are exactly optimal or None; it never guesses.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from flint import fmpq

from lpmech.base.exact import to_float
from lpmech.base.phase import phase
from lpmech.certify.basis import ExactRows, ExactSolution
from lpmech.certify.pivots import pivot_to_optimum
from lpmech.certify.solver import Basis, Image, Proposal, Solver, image
from lpmech.programs.linear_program import LinearProgram

__all__ = ["ExactSolution", "optimum", "searched"]

ATTEMPTS: tuple[dict[str, Any], ...] = (
    {},
    {"tolerance": 1e-10, "presolve": False},
    {"tolerance": 1e-10, "strategy": "dual"},
)
REFINEMENTS = 4


def optimum(
    lp: LinearProgram, solver: Solver, *, certain: bool = False, start: Basis | None = None, **options: Any
) -> ExactSolution | None:
    """Exactly optimal solution of ``lp``, or None if there is none or none could be proved.

    ``start`` is a basis of a program like this one. If it is optimal here too, no solver is asked; else one starts there,
    with the dual simplex if it is dual feasible, and with the primal simplex if it is primal feasible. ``certain`` says
    that the program is known to be feasible and bounded. Otherwise an answer "infeasible" or "unbounded" ends the search,
    and whoever asks must have another program that proves it.
    """
    rows, floats = ExactRows(lp), image(lp)
    nearest: ExactSolution | None = None
    first: tuple[dict[str, Any], ...] = ()
    if start is not None:
        nearest = rows.solution(start)
        if nearest is not None and nearest.optimal:
            return nearest
        first = (_from(start, nearest),)
    return searched(rows, floats, solver, first + ATTEMPTS, certain=certain, nearest=nearest, **options)


def searched(
    rows: ExactRows,
    floats: Image,
    solver: Solver,
    attempts: tuple[dict[str, Any], ...] = ATTEMPTS,
    *,
    certain: bool = False,
    nearest: ExactSolution | None = None,
    **options: Any,
) -> ExactSolution | None:
    """What ``optimum`` finds by these attempts, for rows and an image that are at hand; ``nearest``: where pivots begin."""
    for attempt in attempts:
        with phase("floating-point simplex"):
            proposal = solver(floats, {**options, **attempt})
        if proposal.status in {"infeasible", "unbounded"} and not certain:
            return None
        for basis in _candidates(rows, floats, proposal, solver, options | attempt):
            with phase("exact solution of a basis"):
                solution = rows.solution(basis)
            if solution is not None and solution.optimal:
                return solution
            nearest = _nearer(solution, nearest)
    with phase("exact pivots"):
        return pivot_to_optimum(rows, nearest)


def _from(start: Basis, solution: ExactSolution | None) -> dict[str, Any]:
    """Options of a run that starts from a basis."""
    options = {"start": start, "presolve": False}
    if solution is None:
        return options
    if not solution.violated:
        return options | {"strategy": "primal"}
    return options if solution.negative or solution.loose else options | {"strategy": "dual"}


def _nearer(a: ExactSolution | None, b: ExactSolution | None) -> ExactSolution | None:
    """Of two solutions the one that fewer conditions of optimality fail."""
    if a is None or b is None:
        return a or b
    return min(b, a, key=lambda s: len(s.violated) + len(s.negative) + len(s.loose))


def _candidates(
    rows: ExactRows, floats: Image, proposal: Proposal, solver: Solver, options: dict[str, Any]
) -> Iterator[Basis]:
    """The proposed basis, then those of refined programs."""
    basis = proposal.basis
    if basis is None:
        return
    yield basis
    x = _exact(basis.x, floats)
    for _ in range(REFINEMENTS if x is not None else 0):
        residual = _residual(rows, x)
        size = max((abs(to_float(r)) for r in residual), default=0.0)
        shift = min(60, max(20, -int(np.frexp(size)[1]))) if size > 0 else 60
        scale = fmpq(2**shift)
        b = np.array([_bounded(g * scale) for g in residual])
        b = np.ldexp(b, np.clip(-floats.row_exponent, -1000, 1000).astype(np.int32))
        answer = solver(replace(floats, b=b), {**options, "start": basis})
        if answer.basis is None or answer.basis.x is None or answer.status != "optimal":
            return
        basis = answer.basis
        yield basis
        step = _exact(basis.x, floats)
        x = [a + d / scale for a, d in zip(x, step, strict=True)]


def _exact(x: np.ndarray | None, floats: Image) -> Any:
    """A solver's point as the rationals that its doubles are, unscaled; None if any is not finite."""
    if x is None or not np.all(np.isfinite(x)):
        return None
    point = (fmpq(*float(v).as_integer_ratio()) for v in x)
    return [v * fmpq(2) ** e for v, e in zip(point, floats.column_exponent.tolist(), strict=True)]


def _residual(rows: ExactRows, x: list[Any]) -> list[Any]:
    """g_r(x) for every row."""
    return [
        b + sum((v * x[j] for j, v in zip(columns, values, strict=True)), fmpq(0))
        for (columns, values), b in zip(rows.rows, rows.b, strict=True)
    ]


def _bounded(g: Any) -> float:
    """A residual as a double, cut where it is so large that it cannot matter."""
    return to_float(min(max(g, fmpq(-(2**60))), fmpq(2**60)))
