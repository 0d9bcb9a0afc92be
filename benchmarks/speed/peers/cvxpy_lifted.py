"""cvxpy_full with interim payments and probabilities as variables: BIC rows of a few entries where they had 2 n or 2 m."""

from __future__ import annotations

from typing import Any

import cvxpy as cp

from benchmarks.speed.peers import Trade
from benchmarks.speed.peers.cvxpy_full import OPTIONS, incentives, value, worth


def bic(d: Trade, options: dict[str, Any] = OPTIONS) -> float:
    (m, n), z = d.shape, cp.Variable()
    t_B, t_S, T_B, T_S = cp.Variable(d.shape), cp.Variable(d.shape), cp.Variable(m), cp.Variable(n)
    X, Y = cp.Constant(d.trade @ d.q), cp.Constant(d.p @ d.trade)
    rows = [t_B @ d.q == T_B, d.p @ t_S == T_S, t_B + t_S == z]
    return value(z, [*rows, *incentives(d, X, Y, T_B, T_S)], options)


def second_best(d: Trade, options: dict[str, Any] = OPTIONS) -> float:
    m, n = d.shape
    t_B, t_S, T_B, T_S = cp.Variable(d.shape), cp.Variable(d.shape), cp.Variable(m), cp.Variable(n)
    x, X, Y = cp.Variable(d.shape, bounds=[0, 1]), cp.Variable(m), cp.Variable(n)
    rows = [x @ d.q == X, d.p @ x == Y, t_B @ d.q == T_B, d.p @ t_S == T_S, t_B + t_S == 0]
    return value(cp.sum(cp.multiply(worth(d), x)), [*rows, *incentives(d, X, Y, T_B, T_S)], options)


SOLVE = {"bic": bic, "second_best": second_best}
