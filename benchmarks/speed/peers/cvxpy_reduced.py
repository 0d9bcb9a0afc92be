"""cvxpy on reduced programs, of O(m + n) rows: the theory done by hand first.

BIC: interim payments, adjacent types, expected revenue (the same in balance). Second best: the allocation alone, interim
probabilities monotone and expected virtual gains >= 0. Groves and DSIC: the m n budget rows chained through running minima.
"""

from __future__ import annotations

from typing import Any

import cvxpy as cp
import numpy as np

from benchmarks.speed.peers import Trade


def _value(objective: Any, constraints: list[Any]) -> float:
    return float(cp.Problem(cp.Maximize(objective), constraints).solve(solver=cp.HIGHS))


def bic(d: Trade) -> float:
    (m, n), X, Y = d.shape, d.trade @ d.q, d.p @ d.trade
    T_B, T_S = cp.Variable(m), cp.Variable(n)
    rows = [d.b * X >= T_B, -d.s * Y >= T_S]
    for T, slope, P in ((T_B, d.b, X), (T_S, -d.s, Y)):
        if T.size > 1:
            rows += [cp.diff(T) <= slope[1:] * np.diff(P), cp.diff(T) >= slope[:-1] * np.diff(P)]
    return _value(d.p @ T_B + d.q @ T_S, rows)


def second_best(d: Trade) -> float:
    (m, n), worth = d.shape, np.outer(d.p, d.q) * (d.b[:, None] - d.s[None, :])
    x, X, Y = cp.Variable(d.shape, bounds=[0, 1]), cp.Variable(m), cp.Variable(n)
    earned, paid = d.virtual_weights
    rows = [x @ d.q == X, d.p @ x == Y, earned @ X - paid @ Y >= 0]
    rows += [cp.diff(X) >= 0] if m > 1 else []
    rows += [cp.diff(Y) <= 0] if n > 1 else []
    return _value(cp.sum(cp.multiply(worth, x)), rows)


def groves(d: Trade) -> float:
    (m, n), z, a, c = d.shape, cp.Variable(), cp.Variable(), cp.Variable()
    h_B, h_S = cp.Variable(n), cp.Variable(m)
    rows = [h_S >= a, h_S - d.b >= c, h_B + a >= z, h_B + d.s + c >= z]
    return _value(z, [*rows, d.q @ h_B <= d.expected_gains, d.p @ h_S <= d.expected_gains])


def one_price(d: Trade) -> float:
    """Menus as in cvxpy_full; lowest[k] <= c_0 of the buyer types up to k, least[k] <= c_1 of those from k on."""
    (m, n), z = d.shape, cp.Variable()
    a, c, lowest, least = cp.Variable((2, n)), cp.Variable((2, m)), cp.Variable(m), cp.Variable(m)
    first, sold = np.searchsorted(d.b, d.s, side="right"), np.searchsorted(d.s, d.b, side="left")
    rows = [lowest <= c[0], least <= c[1]]
    rows += [cp.diff(lowest) <= 0, cp.diff(least) >= 0] if m > 1 else []
    for extra, values, cut in ((a[1] - a[0], d.b, first), (c[0] - c[1], d.s, sold)):
        below, above = np.flatnonzero(cut > 0), np.flatnonzero(cut < len(values))
        rows += [extra[below] >= values[cut[below] - 1]] if len(below) else []
        rows += [extra[above] <= values[cut[above]]] if len(above) else []
    no, yes = np.flatnonzero(first > 0), np.flatnonzero(first < m)
    rows += [a[0][no] + lowest[first[no] - 1] >= z] if len(no) else []
    rows += [a[1][yes] + least[first[yes]] >= z] if len(yes) else []
    X, Y = d.trade @ d.q, d.p @ d.trade
    rows += [
        a[0] @ (d.q * (1 - Y)) + a[1] @ (d.q * Y) <= (d.p * d.b) @ X,
        c[0] @ (d.p * (1 - X)) + c[1] @ (d.p * X) <= -(d.q * d.s) @ Y,
    ]
    return _value(z, rows)


SOLVE = {"bic": bic, "second_best": second_best, "groves": groves, "one_price": one_price}
