"""linopy on the programs of cvxpy_lifted and cvxpy_full, with labelled dimensions."""

from __future__ import annotations

from typing import Any

import linopy
import numpy as np
import pandas as pd
import xarray as xr

from benchmarks.speed.peers import Trade


class _Model:
    """A model over buyer types ``i`` and seller types ``j``; ``k`` and ``l`` are their copies, for reports."""

    def __init__(self, d: Trade) -> None:
        self.model = linopy.Model()
        self.I, self.J = (pd.RangeIndex(len(x), name=name) for x, name in ((d.b, "i"), (d.s, "j")))
        self.b, self.p = (xr.DataArray(x, coords=[self.I]) for x in (d.b, d.p))
        self.s, self.q = (xr.DataArray(x, coords=[self.J]) for x in (d.s, d.q))
        self.trade = xr.DataArray(d.trade, coords=[self.I, self.J])
        self.gains = xr.DataArray(d.gains, coords=[self.I, self.J])

    def free(self, name: str, *coords: pd.Index) -> Any:
        return self.model.add_variables(coords=list(coords), name=name)

    def rows(self, *constraints: Any) -> None:
        for constraint in constraints:
            self.model.add_constraints(constraint)

    def maximum(self, objective: Any) -> float:
        self.model.add_objective(1 * objective, sense="max")
        self.model.solve("highs", io_api="direct", output_flag=False)
        value = self.model.objective.value
        assert value is not None
        return float(value)

    def interim(self, X: Any, Y: Any, t_B: Any, t_S: Any) -> None:
        T_B, T_S = self.free("T_B", self.I), self.free("T_S", self.J)
        self.rows(T_B - (self.q * t_B).sum("j") == 0, T_S - (self.p * t_S).sum("i") == 0)
        for T, P, value, own, other in ((T_B, X, self.b, "i", "k"), (T_S, Y, -self.s, "j", "l")):
            reported, paid = P.rename({own: other}), T.rename({own: other})
            if isinstance(P, xr.DataArray):
                self.rows(T - paid <= value * (P - reported), value * P >= 1 * T)
            else:
                self.rows(value * P - value * reported - T + paid >= 0, value * P - T >= 0)


def bic(d: Trade) -> float:
    m = _Model(d)
    t_B, t_S, z = m.free("t_B", m.I, m.J), m.free("t_S", m.I, m.J), m.free("z")
    m.rows(t_B + t_S - z == 0)
    m.interim((m.trade * m.q).sum("j"), (m.trade * m.p).sum("i"), t_B, t_S)
    return m.maximum(z)


def second_best(d: Trade) -> float:
    m = _Model(d)
    t_B, t_S, X, Y = m.free("t_B", m.I, m.J), m.free("t_S", m.I, m.J), m.free("X", m.I), m.free("Y", m.J)
    x = m.model.add_variables(lower=0, upper=1, coords=[m.I, m.J], name="x")
    m.rows(t_B + t_S == 0, X - (m.q * x).sum("j") == 0, Y - (m.p * x).sum("i") == 0)
    m.interim(X, Y, t_B, t_S)
    return m.maximum((m.p * m.q * (m.b - m.s) * x).sum())


def groves(d: Trade) -> float:
    m = _Model(d)
    h_B, h_S, z = m.free("h_B", m.J), m.free("h_S", m.I), m.free("z")
    m.rows(h_B + h_S - z >= m.gains)
    m.rows((m.q * h_B).sum() <= d.expected_gains, (m.p * h_S).sum() <= d.expected_gains)
    return m.maximum(z)


def one_price(d: Trade) -> float:
    m = _Model(d)
    a_0, a_1, c_0, c_1 = m.free("a_0", m.J), m.free("a_1", m.J), m.free("c_0", m.I), m.free("c_1", m.I)
    z = m.free("z")
    first, sold = np.searchsorted(d.b, d.s, side="right"), np.searchsorted(d.s, d.b, side="left")
    for extra, values, cut, index in ((a_1 - a_0, d.b, first, m.J), (c_0 - c_1, d.s, sold, m.I)):
        ends = np.concatenate([[-np.inf], values, [np.inf]])
        m.rows(extra >= xr.DataArray(ends[cut], coords=[index]), extra <= xr.DataArray(ends[cut + 1], coords=[index]))
    m.model.add_constraints(a_0 + c_0 - z >= 0, mask=m.trade == 0)
    m.model.add_constraints(a_1 + c_1 - z >= 0, mask=m.trade == 1)
    X, Y = (m.trade * m.q).sum("j"), (m.trade * m.p).sum("i")
    m.rows((m.q * (1 - Y) * a_0).sum() + (m.q * Y * a_1).sum() <= float((m.p * m.b * X).sum()))
    m.rows((m.p * (1 - X) * c_0).sum() + (m.p * X * c_1).sum() <= -float((m.q * m.s * Y).sum()))
    return m.maximum(z)


SOLVE = {"bic": bic, "second_best": second_best, "groves": groves, "one_price": one_price}
