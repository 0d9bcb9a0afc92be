"""cvxpy in a loop over instances of one shape: the reduced program is canonicalised once, its parameters are set anew."""

from __future__ import annotations

from functools import cache
from typing import Any

import cvxpy as cp
import numpy as np

from benchmarks.speed.peers import Trade


@cache
def _program(m: int, n: int) -> tuple[Any, dict[str, Any]]:
    sizes = {"p": m, "q": n, "v": m, "w": n, "up_B": m - 1, "low_B": m - 1, "up_S": n - 1, "low_S": n - 1}
    given = {name: cp.Parameter(size) for name, size in sizes.items() if size}
    T_B, T_S = cp.Variable(m), cp.Variable(n)
    rows = [given["v"] >= T_B, given["w"] >= T_S]
    for T, side in ((T_B, "B"), (T_S, "S")):
        if T.size > 1:
            rows += [cp.diff(T) <= given[f"up_{side}"], cp.diff(T) >= given[f"low_{side}"]]
    return cp.Problem(cp.Maximize(given["p"] @ T_B + given["q"] @ T_S), rows), given


def bic(d: Trade) -> float:
    X, Y = d.trade @ d.q, d.p @ d.trade
    numbers = {"p": d.p, "q": d.q, "v": d.b * X, "w": -d.s * Y}
    for side, slope, P in (("B", d.b, X), ("S", -d.s, Y)):
        numbers |= {f"up_{side}": slope[1:] * np.diff(P), f"low_{side}": slope[:-1] * np.diff(P)}
    problem, given = _program(*d.shape)
    for name, parameter in given.items():
        parameter.value = numbers[name]
    return float(problem.solve(solver=cp.HIGHS))


@cache
def _charges(m: int, n: int) -> tuple[Any, dict[str, Any]]:
    given = {name: cp.Parameter(size) for name, size in {"p": m, "q": n, "b": m, "s": n}.items()}
    gains, z, a, c, h_S, h_B = (
        cp.Parameter(),
        cp.Variable(),
        cp.Variable(),
        cp.Variable(),
        cp.Variable(m),
        cp.Variable(n),
    )
    rows = [h_S >= a, h_S - given["b"] >= c, h_B + a >= z, h_B + given["s"] + c >= z]
    rows += [given["q"] @ h_B <= gains, given["p"] @ h_S <= gains]
    return cp.Problem(cp.Maximize(z), rows), {**given, "gains": gains}


def groves(d: Trade) -> float:
    problem, given = _charges(*d.shape)
    for name, parameter in given.items():
        parameter.value = {"p": d.p, "q": d.q, "b": d.b, "s": d.s, "gains": d.expected_gains}[name]
    return float(problem.solve(solver=cp.HIGHS))


SOLVE = {"bic": bic, "groves": groves}
