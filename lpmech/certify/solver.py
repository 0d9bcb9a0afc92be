"""HiGHS proposes a basis. The one module that imports highspy; nothing it returns is trusted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

import numpy as np

from lpmech.programs.linear_program import LinearProgram


@dataclass(frozen=True)
class Basis:
    """Which rows hold with equality (``active``) and which columns are basic; rows active and columns basic are as many.

    ``x`` and ``y`` are the solver's own floating-point solution, if it had one (for refinement; never for a verdict).
    """

    active: np.ndarray
    basic: np.ndarray
    x: np.ndarray | None = None
    y: np.ndarray | None = None


@dataclass(frozen=True)
class Proposal:
    """What the solver said: "optimal", "infeasible", "unbounded" or "failed", and a basis if it has one."""

    status: str
    basis: Basis | None


@dataclass(frozen=True)
class Image:
    """Floating-point image of an exact program, scaled by powers of two.

    With x_j = 2^column_exponent[j] x'_j, the image of row r is 2^-row_exponent[r] times row r in the variables x', and the
    image of the cost is 2^-cost_exponent times the cost.
    """

    indptr: np.ndarray
    indices: np.ndarray
    values: np.ndarray
    b: np.ndarray
    equality: np.ndarray
    cost: np.ndarray
    row_exponent: np.ndarray
    column_exponent: np.ndarray
    cost_exponent: int

    def with_cost(self, cost: np.ndarray) -> Image:
        """The image of the same rows with another exact cost."""
        scaled, top = _cost_image(cost, self.column_exponent)
        return replace(self, cost=scaled, cost_exponent=top)


Solver = Callable[[Image, dict[str, Any]], Proposal]
"""A solver maps an image and options ("strategy": "primal" or "dual", "tolerance", "presolve", "start") to a proposal."""


EQUILIBRATIONS = 4


def image(lp: LinearProgram) -> Image:
    """Round an exact program to doubles, after scaling columns and rows so that the entries are near 1 in size."""
    mantissa, exponent = _frexp(lp.values)
    b_mantissa, b_exponent = _frexp(lp.b)
    height, width = lp.shape
    row_of = np.repeat(np.arange(height), np.diff(lp.indptr))
    column = np.zeros(width, dtype=np.int64)
    if len(exponent) and exponent.max() - exponent.min() > 12:
        row = np.zeros(height, dtype=np.int64)
        for _ in range(EQUILIBRATIONS):
            row = _middle(exponent + column[lp.indices], row_of, height)
            column = -_middle(exponent - row[row_of], lp.indices, width)
    exponent = exponent + column[lp.indices]
    row = _largest(exponent, row_of, height, np.where(b_mantissa == 0, 0, b_exponent))
    cost, top = _cost_image(lp.cost, column)
    return Image(
        lp.indptr,
        lp.indices,
        np.ldexp(mantissa, _clip(exponent - row[row_of])),
        np.ldexp(b_mantissa, _clip(b_exponent - row)),
        lp.equality,
        cost,
        row,
        column,
        top,
    )


_FAR = 2**40


def _cost_image(cost: np.ndarray, column: np.ndarray) -> tuple[np.ndarray, int]:
    """A cost as doubles in scaled columns, and the exponent that was taken out of it."""
    mantissa, exponent = _frexp(cost)
    exponent = np.where(mantissa == 0, -_FAR, exponent + column)
    top = int(exponent.max(initial=-_FAR))
    return np.ldexp(mantissa, _clip(exponent - top)), top


def _largest(exponent: np.ndarray, group: np.ndarray, count: int, empty: np.ndarray) -> np.ndarray:
    """Largest exponent in each group; ``empty`` where there is none."""
    out = np.full(count, -_FAR)
    np.maximum.at(out, group, exponent)
    return np.where(out == -_FAR, empty, out)


def _middle(exponent: np.ndarray, group: np.ndarray, count: int) -> np.ndarray:
    """Middle of the range of exponents in each group, 0 where there is none."""
    low = np.full(count, _FAR)
    np.minimum.at(low, group, exponent)
    high = _largest(exponent, group, count, np.zeros(count, dtype=np.int64))
    return np.where(low == _FAR, 0, (low + high) // 2)


def _clip(exponent: np.ndarray) -> np.ndarray:
    return np.clip(exponent, -1000, 900).astype(np.int32)


def _frexp(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mantissas and binary exponents of exact numbers of any size (the same objects recur: each is rounded once)."""
    mantissa, exponent = np.zeros(len(values)), np.zeros(len(values), dtype=np.int64)
    known: dict[int, tuple[float, int]] = {}
    for e, x in enumerate(values):
        pair = known.get(id(x))
        if pair is None:
            p, q = int(x.p), int(x.q)
            shift = p.bit_length() - q.bit_length()
            m = (p / (q << shift)) if shift >= 0 else ((p << -shift) / q)
            m, more = np.frexp(m)
            pair = known[id(x)] = (float(m), shift + int(more) if p else 0)
        mantissa[e], exponent[e] = pair
    return mantissa, exponent


ITERATIONS, ITERATIONS_PER_LINE = 100_000, 4
"""Simplex iterations after which HiGHS stops: at least so many, and so many for each row and column. A count, not a time:
what it answers does not hang on how busy the machine is."""


def _iterations(program: Image) -> int:
    return max(ITERATIONS, ITERATIONS_PER_LINE * (len(program.b) + len(program.cost)))


_importing = Lock()
_silent = False


def silent_highspy() -> Any:
    """The module highspy, whose banner this process will not see: standard output is for data.

    highspy 1.16.0 prints two lines to descriptor 1 once a process, when the first ``Highs()`` is made. The compiled class
    below it prints them only when it is given a model, and by then its console can be turned off. After that, objects that
    others make (cvxpy's) print nothing either.
    """
    import highspy

    global _silent
    with _importing:
        if not _silent:
            compiled: Any = highspy.Highs.__base__
            first = compiled()
            first.setOptionValue("log_to_console", False)
            first.passModel(highspy.HighsLp())
            _silent = True
    return highspy


QUIET = {
    "output_flag": False,
    "threads": 1,
    "presolve_rule_off": 1 << 13,  # parallel columns: undoing that rule prints to standard output (1.15.1)
}


def highs(program: Image, options: dict[str, Any]) -> Proposal:
    """Solve an image with HiGHS simplex (IPM and PDLP leave no basis)."""
    highspy = silent_highspy()
    solver = highspy.Highs()
    for key, value in {
        **QUIET,
        "solver": "simplex",
        "simplex_strategy": 4 if options.get("strategy", "primal") == "primal" else 1,
        "presolve": "on" if options.get("presolve", True) else "off",
        "primal_feasibility_tolerance": options.get("tolerance", 1e-9),
        "dual_feasibility_tolerance": options.get("tolerance", 1e-9),
        "small_matrix_value": 1e-12,
        "simplex_iteration_limit": _iterations(program),
    }.items():
        solver.setOptionValue(key, value)
    rows, columns = len(program.b), len(program.cost)
    if solver.passModel(_model(program, highspy)) == highspy.HighsStatus.kError:
        return Proposal("failed", None)
    start: Basis | None = options.get("start")
    if start is not None:
        solver.setBasis(_to_highs(start, program, highspy))
    solver.run()
    status = {
        highspy.HighsModelStatus.kOptimal: "optimal",
        highspy.HighsModelStatus.kInfeasible: "infeasible",
        highspy.HighsModelStatus.kUnbounded: "unbounded",
        highspy.HighsModelStatus.kUnboundedOrInfeasible: "infeasible",
    }.get(solver.getModelStatus(), "failed")
    basis = solver.getBasis()
    if not basis.valid or len(basis.row_status) != rows or len(basis.col_status) != columns:
        return Proposal(status, None)
    basic = highspy.HighsBasisStatus.kBasic
    solution = solver.getSolution()
    found = len(solution.col_value) == columns and len(solution.row_dual) == rows
    return Proposal(
        status,
        Basis(
            np.flatnonzero(np.fromiter((s != basic for s in basis.row_status), bool, rows)),
            np.flatnonzero(np.fromiter((s == basic for s in basis.col_status), bool, columns)),
            np.array(solution.col_value) if found else None,
            np.array(solution.row_dual) if found else None,
        ),
    )


def _model(program: Image, highspy: Any) -> Any:
    """An image as HiGHS has it: free columns, rows >= -b or = -b."""
    lp = highspy.HighsLp()
    rows, columns = len(program.b), len(program.cost)
    lp.num_row_, lp.num_col_ = rows, columns
    lp.col_cost_ = program.cost
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_lower_ = np.full(columns, -highspy.kHighsInf)
    lp.col_upper_ = np.full(columns, highspy.kHighsInf)
    lp.row_lower_ = -program.b
    lp.row_upper_ = np.where(program.equality, -program.b, highspy.kHighsInf)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = program.indptr.astype(np.int32)
    lp.a_matrix_.index_ = program.indices.astype(np.int32)
    lp.a_matrix_.value_ = program.values
    return lp


MIP_NODES = 20_000
"""Nodes after which HiGHS's branch and bound stops. A count, not a time."""


def whole(program: Image, columns: np.ndarray) -> np.ndarray | None:
    """Values of columns that HiGHS's branch and bound takes for best if they must be whole; None if it has none.

    A proposal, like a basis: whoever asks decides exactly what it is worth.
    """
    if not len(columns) or program.column_exponent[columns].any():
        return None
    highspy = silent_highspy()
    solver, lp = highspy.Highs(), _model(program, highspy)
    for key, value in {**QUIET, "mip_max_nodes": MIP_NODES, "simplex_iteration_limit": _iterations(program)}.items():
        solver.setOptionValue(key, value)
    kinds = [highspy.HighsVarType.kContinuous] * len(program.cost)
    for column in columns.tolist():
        kinds[column] = highspy.HighsVarType.kInteger
    lp.integrality_ = kinds
    if solver.passModel(lp) == highspy.HighsStatus.kError:
        return None
    solver.run()
    values = solver.getSolution().col_value
    return np.array(values)[columns] if len(values) == len(program.cost) else None


def _to_highs(start: Basis, program: Image, highspy: Any) -> Any:
    basis, kind = highspy.HighsBasis(), highspy.HighsBasisStatus
    rows, columns = [kind.kBasic] * len(program.b), [kind.kZero] * len(program.cost)
    for r in start.active.tolist():
        rows[r] = kind.kLower
    for j in start.basic.tolist():
        columns[j] = kind.kBasic
    basis.row_status, basis.col_status, basis.valid = rows, columns, True
    return basis
