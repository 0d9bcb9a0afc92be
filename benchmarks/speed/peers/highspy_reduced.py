"""highspy on the reduced programs of cvxpy_reduced, matrices assembled by hand, nothing between them and HiGHS.

Dual simplex for the second best, written with interim columns; primal simplex for the others; objective scaled to 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import highspy
import numpy as np
import scipy.sparse as sp

from benchmarks.speed.peers import Array, Trade

INF = highspy.kHighsInf


def _steps(n: int) -> Any:
    """(n - 1) x n matrix of x_{k+1} - x_k."""
    return sp.diags_array([-np.ones(n), np.ones(n - 1)], offsets=[0, 1], shape=(n - 1, n))


def _pick(rows: int, entries: Any, columns: int) -> Any:
    """The matrix that takes entry entries[r] in row r."""
    return sp.csr_array((np.ones(rows), (np.arange(rows), entries)), shape=(rows, columns))


def _maximum(cost: Array, blocks: Sequence[tuple[Sequence[Any], Any, Any]], low: Any, high: Any, dual: bool) -> float:
    """Maximise cost . x; each block is (matrices, one for each group of columns; lower; upper)."""
    matrix = sp.csr_array(sp.block_array([list(block[0]) for block in blocks]))
    heights = [next(part for part in block[0] if part is not None).shape[0] for block in blocks]
    lp, scale = highspy.HighsLp(), float(np.abs(cost).max()) or 1.0
    lp.num_row_, lp.num_col_ = matrix.shape
    lp.col_cost_, lp.sense_ = cost / scale, highspy.ObjSense.kMaximize
    lp.col_lower_, lp.col_upper_ = np.broadcast_to(low, len(cost)), np.broadcast_to(high, len(cost))
    lp.row_lower_, lp.row_upper_ = (
        np.concatenate([np.broadcast_to(block[end], h) for block, h in zip(blocks, heights, strict=True)])
        for end in (1, 2)
    )
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
    solver = highspy.Highs()
    options: dict[str, Any] = {"output_flag": False, "solver": "simplex", "simplex_strategy": 1 if dual else 4}
    for key, value in options.items():
        solver.setOptionValue(key, value)
    solver.passModel(lp)
    solver.run()
    return solver.getInfo().objective_function_value * scale


def bic(d: Trade) -> float:
    (m, n), X, Y = d.shape, d.trade @ d.q, d.p @ d.trade
    B, S = np.diff(X), np.diff(Y)
    return _maximum(
        np.concatenate([d.p, d.q]),
        [
            ([_steps(m), sp.csr_array((m - 1, n))], d.b[:-1] * B, d.b[1:] * B),
            ([sp.csr_array((n - 1, m)), _steps(n)], -d.s[:-1] * S, -d.s[1:] * S),
        ],
        -INF,
        np.concatenate([d.b * X, -d.s * Y]),
        dual=False,
    )


def second_best(d: Trade) -> float:
    (m, n), worth = d.shape, np.outer(d.p, d.q) * (d.b[:, None] - d.s[None, :])
    earned, paid = d.virtual_weights
    rows_of_q = sp.kron(sp.eye_array(m), d.q[None, :])
    rows_of_p = sp.kron(d.p[None, :], sp.eye_array(n))
    return _maximum(
        np.concatenate([worth.ravel(), np.zeros(m + n)]),
        [
            ([-rows_of_q, sp.eye_array(m), None], 0.0, 0.0),
            ([-rows_of_p, None, sp.eye_array(n)], 0.0, 0.0),
            ([sp.csr_array((m - 1, m * n)), _steps(m), None], 0.0, INF),
            ([sp.csr_array((n - 1, m * n)), None, -_steps(n)], 0.0, INF),
            ([sp.csr_array((1, m * n)), earned[None, :], -paid[None, :]], 0.0, INF),
        ],
        np.repeat([0.0, -INF], [m * n, m + n]),
        np.repeat([1.0, INF], [m * n, m + n]),
        dual=True,
    )


def groves(d: Trade) -> float:
    """Columns h_B, h_S, (z, a, c)."""
    (m, n), G = d.shape, d.expected_gains

    def shared(rows: int, *entries: float) -> Array:
        return np.tile(entries, (rows, 1))

    return _maximum(
        np.concatenate([np.zeros(m + n), [1.0, 0.0, 0.0]]),
        [
            ([None, sp.eye_array(m), shared(m, 0, -1, 0)], 0.0, INF),
            ([None, sp.eye_array(m), shared(m, 0, 0, -1)], d.b, INF),
            ([sp.eye_array(n), None, shared(n, -1, 1, 0)], 0.0, INF),
            ([sp.eye_array(n), None, shared(n, -1, 0, 1)], -d.s, INF),
            ([d.q[None, :], None, None], -INF, G),
            ([None, d.p[None, :], None], -INF, G),
        ],
        -INF,
        INF,
        dual=False,
    )


def one_price(d: Trade) -> float:
    """Columns a_0, a_1, c_0, c_1, lowest, least, z."""
    (m, n), X, Y = d.shape, d.trade @ d.q, d.p @ d.trade
    first, sold = np.searchsorted(d.b, d.s, side="right"), np.searchsorted(d.s, d.b, side="left")
    no, yes = np.flatnonzero(first > 0), np.flatnonzero(first < m)
    I, J = sp.eye_array(m), sp.eye_array(n)

    def interval(values: Array, cut: Any) -> tuple[Array, Array]:
        ends = np.concatenate([[-INF], values, [INF]])
        return ends[cut], ends[cut + 1]

    return _maximum(
        np.concatenate([np.zeros(2 * n + 4 * m), [1.0]]),
        [
            ([-J, J, None, None, None, None, None], *interval(d.b, first)),
            ([None, None, I, -I, None, None, None], *interval(d.s, sold)),
            ([None, None, I, None, -I, None, None], 0.0, INF),
            ([None, None, None, I, None, -I, None], 0.0, INF),
            ([None, None, None, None, _steps(m), None, None], -INF, 0.0),
            ([None, None, None, None, None, _steps(m), None], 0.0, INF),
            (
                [
                    _pick(len(no), no, n),
                    None,
                    None,
                    None,
                    _pick(len(no), first[no] - 1, m),
                    None,
                    -np.ones((len(no), 1)),
                ],
                0.0,
                INF,
            ),
            (
                [
                    None,
                    _pick(len(yes), yes, n),
                    None,
                    None,
                    None,
                    _pick(len(yes), first[yes], m),
                    -np.ones((len(yes), 1)),
                ],
                0.0,
                INF,
            ),
            ([(d.q * (1 - Y))[None, :], (d.q * Y)[None, :], *[None] * 5], -INF, (d.p * d.b) @ X),
            ([None, None, (d.p * (1 - X))[None, :], (d.p * X)[None, :], *[None] * 3], -INF, -(d.q * d.s) @ Y),
        ],
        -INF,
        INF,
        dual=False,
    )


SOLVE = {"bic": bic, "second_best": second_best, "groves": groves, "one_price": one_price}
