"""The interim program in cvxpy: variables and constraints of one shape, written like the mathematics."""

from __future__ import annotations

from collections.abc import Mapping

import cvxpy as cp
import numpy as np

from lpmech.base.exact import to_float
from lpmech.programs.formulations import Program
from lpmech.programs.formulations._asked import InterimAsked
from lpmech.programs.formulations._sheet import Sheet, incidence
from lpmech.question.constraints.balanced import Balanced
from lpmech.question.constraints.interim_ir import InterimIR


def write(form: InterimAsked, sizes: Mapping[str, tuple[int, ...]]) -> Program:
    """The program of ``form``."""
    sheet, F = Sheet(sizes), len(form.profile)
    q = sheet.variable("q", F) if F else None
    agents = list(enumerate(zip(form.symbols, form.names, form.tables.sizes, strict=True)))
    T = [sheet.variable(f"T_{s}", n) for _, (s, _, n) in agents]
    for i, (s, name, _) in agents:
        valuation, A = sheet.parameter(f"valuation[{s}]"), _open_allocation(form, sheet, q, i)
        true, report = form.pairs(i)
        if len(true):
            rows = np.arange(len(true))
            at_truth = incidence(rows, true, (len(true), T[i].size))
            move = at_truth - incidence(rows, report, (len(true), T[i].size))
            gain: cp.Expression = sheet.parameter(f"gain[{s}]")
            for c, share in A.items():
                gain = gain + cp.multiply(at_truth @ valuation[:, c], move @ share)
            sheet.relaxable.append(f"BIC[{name}]")
            sheet.constraints[f"BIC[{name}]"] = move @ T[i] <= gain
        if form.participation is not None:
            z = sheet.z if form.budget is None else 0
            net: cp.Expression = sheet.parameter(f"participation[{s}]")
            if form.participation is InterimIR:
                paid = T[i] + z
                for c, share in A.items():
                    net = net + cp.multiply(valuation[:, c], share)
            else:
                paid = sheet.parameter(f"marginal[{s}]") @ T[i] + z
                for c, share in A.items():
                    net = net + sheet.parameter(f"expected valuation[{s}]")[:, c] @ share
            sheet.constraints[f"IR[{name}]"] = paid <= net
    if form.budget is not None:
        revenue = sum(sheet.parameter(f"marginal[{s}]") @ T[i] for i, (s, *_) in agents)
        revenue = revenue - sheet.parameter("expected cost")
        if q is not None:
            revenue = revenue - sheet.parameter("expected cell costs") @ q
        budget = form.budget.title
        sheet.constraints[budget] = sheet.z == revenue if form.budget is Balanced else sheet.z <= revenue
    if q is not None:
        sheet.constraints["probabilities"] = q >= 0
        where = np.unique(form.profile, return_inverse=True)[1]
        sheet.constraints["lotteries"] = incidence(where, np.arange(F), (int(where.max()) + 1, F)) @ q <= 1
    objective = None
    if not form.margin:
        objective = sheet.parameter("worth") + (sheet.parameter("worth of cells") @ q if q is not None else 0)
        for i, (s, *_) in agents:
            if form.weights[i] != form.revenue_weight:
                objective = objective + sheet.parameter(f"net weight[{s}]") @ T[i]
    return sheet.program(objective, _allocation(form, q))


def _open_allocation(form: InterimAsked, sheet: Sheet, q: cp.Variable | None, i: int) -> dict[int, cp.Variable]:
    """A_i(k): what the variable entries of q add to the interim probability of class c + 1 for type k, by c.

    Beliefs times a table of q, since cvxpy takes memory for the square of the number of parameters in a sum over entries.
    """
    number, t = form.seen[i][0], form.tables
    k, o = form.place(i)
    f, shape = np.arange(len(form.profile)), t.own[i].shape
    at, out = k * shape[1] + o, dict[int, cp.Variable]()
    for c in range(len(form.seen[i][1]) - 1):
        here, there = (np.flatnonzero(number[outcome] == c + 1) for outcome in (form.outcome, form.last))
        spread = incidence(at[here], f[here], (t.P, len(f))) - incidence(at[there], f[there], (t.P, len(f)))
        if q is not None and spread.count_nonzero():
            table = cp.reshape(spread @ q, shape, order="C")
            added = cp.vec(sheet.parameter(f"beliefs[{form.symbols[i]}]") @ table.T, order="C")
            label = t.environment.outcomes[form.seen[i][1][c + 1]]
            out[c] = sheet.lifted(
                f"A_{form.symbols[i]}[{label}]", added, f"interim allocation[{form.names[i]}, {label}]"
            )
    return out


def _allocation(form: InterimAsked, q: cp.Variable | None) -> dict[str, cp.Expression]:
    """q(x | theta) for each outcome x, by flattened profile; settled entries are numbers."""
    out: dict[str, cp.Expression] = {}
    f = np.arange(len(form.profile))
    for x, label in enumerate(form.tables.environment.outcomes):
        out[label] = cp.Constant(np.array([to_float(w) for w in form.base[:, x]]))
        if q is not None:
            shape = (form.tables.P, len(f))
            plus, minus = form.outcome == x, form.last == x
            spread = incidence(form.profile[plus], f[plus], shape) - incidence(form.profile[minus], f[minus], shape)
            out[label] = out[label] + spread @ q
    return out
