"""cvxpy on the programs as the definitions have them, vectorised: payments for every profile, or m n budget rows.

BIC over all pairs of types, interim payments written as the expressions that they are. Groves: charges and a budget row
for every profile. DSIC with a fixed allocation: a menu of two payments against each type of the other side, and a budget
row for every profile.
"""

from __future__ import annotations

from typing import Any

import cvxpy as cp
import numpy as np

from benchmarks.speed.peers import Trade

OPTIONS: dict[str, Any] = {"solver": cp.HIGHS}


def value(objective: Any, constraints: list[Any], options: dict[str, Any] = OPTIONS) -> float:
    return float(cp.Problem(cp.Maximize(objective), constraints).solve(**options))


def _differences(x: Any) -> Any:
    """x_i - x_k, for all pairs."""
    n = x.shape[0]
    column = cp.reshape(x, (n, 1), order="C")
    return column @ np.ones((1, n)) - np.ones((n, 1)) @ column.T


def incentives(d: Trade, X: Any, Y: Any, T_B: Any, T_S: Any) -> list[Any]:
    """BIC over all pairs and interim IR, in interim probabilities of trade and interim payments."""
    m, n = d.shape
    return [
        cp.multiply(np.outer(d.b, np.ones(m)), _differences(X)) - _differences(T_B) >= 0,
        -cp.multiply(np.outer(d.s, np.ones(n)), _differences(Y)) - _differences(T_S) >= 0,
        cp.multiply(d.b, X) - T_B >= 0,
        -cp.multiply(d.s, Y) - T_S >= 0,
    ]


def worth(d: Trade) -> Any:
    """Expected gains from trade at each profile."""
    return np.outer(d.p, d.q) * (d.b[:, None] - d.s[None, :])


def bic(d: Trade) -> float:
    t_B, t_S, z = cp.Variable(d.shape), cp.Variable(d.shape), cp.Variable()
    X, Y = cp.Constant(d.trade @ d.q), cp.Constant(d.p @ d.trade)
    return value(z, [t_B + t_S == z, *incentives(d, X, Y, t_B @ d.q, d.p @ t_S)])


def second_best(d: Trade) -> float:
    t_B, t_S, x = cp.Variable(d.shape), cp.Variable(d.shape), cp.Variable(d.shape, bounds=[0, 1])
    rows = [t_B + t_S == 0, *incentives(d, x @ d.q, d.p @ x, t_B @ d.q, d.p @ t_S)]
    return value(cp.sum(cp.multiply(worth(d), x)), rows)


def groves(d: Trade, options: dict[str, Any] = OPTIONS) -> float:
    (m, n), z = d.shape, cp.Variable()
    h_B, h_S = cp.Variable((1, n)), cp.Variable((m, 1))
    revenue = np.ones((m, 1)) @ h_B + h_S @ np.ones((1, n)) - d.gains
    return value(z, [revenue >= z, h_B @ d.q <= d.expected_gains, d.p @ h_S <= d.expected_gains], options)


def one_price(d: Trade, options: dict[str, Any] = OPTIONS) -> float:
    """Menus a_0(s), a_1(s) of the buyer and c_0(b), c_1(b) of the seller, without and with trade; ties do not trade."""
    (m, n), z = d.shape, cp.Variable()
    a, c = cp.Variable((2, n)), cp.Variable((2, m))
    first, sold = np.searchsorted(d.b, d.s, side="right"), np.searchsorted(d.s, d.b, side="left")
    rows = []
    for extra, values, cut in ((a[1] - a[0], d.b, first), (c[0] - c[1], d.s, sold)):
        below, above = np.flatnonzero(cut > 0), np.flatnonzero(cut < len(values))
        rows += [extra[below] >= values[cut[below] - 1]] if len(below) else []
        rows += [extra[above] <= values[cut[above]]] if len(above) else []
    no, yes = np.nonzero(d.trade == 0), np.nonzero(d.trade)
    rows += [a[0][no[1]] + c[0][no[0]] >= z] if len(no[0]) else []
    rows += [a[1][yes[1]] + c[1][yes[0]] >= z] if len(yes[0]) else []
    X, Y = d.trade @ d.q, d.p @ d.trade
    rows += [
        a[0] @ (d.q * (1 - Y)) + a[1] @ (d.q * Y) <= (d.p * d.b) @ X,
        c[0] @ (d.p * (1 - X)) + c[1] @ (d.p * X) <= -(d.q * d.s) @ Y,
    ]
    return value(z, rows, options)


SOLVE = {"bic": bic, "second_best": second_best, "groves": groves, "one_price": one_price}
