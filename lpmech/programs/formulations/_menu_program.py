"""The menu program in cvxpy: variables and constraints of one shape, written like the mathematics."""

from __future__ import annotations

from collections.abc import Mapping

import cvxpy as cp
import numpy as np
import scipy.sparse as sp

from lpmech.base.exact import to_float
from lpmech.programs.formulations import Program
from lpmech.programs.formulations._asked import MenuAsked
from lpmech.programs.formulations._sheet import Sheet, incidence
from lpmech.question.constraints.balanced import Balanced
from lpmech.question.constraints.ex_ante_ir import ExAnteIR
from lpmech.question.constraints.ex_post_ir import ExPostIR
from lpmech.question.constraints.interim_ir import InterimIR
from lpmech.question.constraints.no_deficit import NoDeficit
from lpmech.question.constraints.no_expected_deficit import NoExpectedDeficit

SIDES = {True: "trade", False: "no trade"}


def write(form: MenuAsked, sizes: Mapping[str, tuple[int, ...]]) -> Program:
    """The program of ``form``."""
    t, sheet = form.tables, Sheet(sizes)
    m = [sheet.variable(f"m_{s}", len(places)) for s, (_, places) in zip(form.symbols, form.items, strict=True)]
    weighted = [not form.margin and w != form.revenue_weight for w in form.weights]
    everyone = form.participation in (InterimIR, ExAnteIR) or form.budget is NoExpectedDeficit
    T = [_interim(form, sheet, m[i], i) if everyone or weighted[i] else None for i in range(t.N)]
    for i, (s, name) in enumerate(zip(form.symbols, form.names, strict=True)):
        true, report = form.swaps[i]
        if len(true):
            rows, shape = np.arange(len(true)), (len(true), m[i].size)
            move = incidence(rows, true, shape) - incidence(rows, report, shape)
            sheet.relaxable.append(f"DSIC[{name}]")
            sheet.constraints[f"DSIC[{name}]"] = move @ m[i] <= sheet.parameter(f"gain[{s}]")
        if form.participation is not None:
            paid: cp.Expression = m[i]
            if form.participation is not ExPostIR:
                paid = T[i] if form.participation is InterimIR else sheet.parameter(f"marginal[{s}]") @ T[i]
            z = sheet.z if form.budget is None else 0
            sheet.constraints[f"IR[{name}]"] = paid + z <= sheet.parameter(f"participation[{s}]")
    if form.budget is NoDeficit and form.cuts is not None:
        _chains(form, sheet, m, form.cuts)
    elif form.budget is not None:
        _budget(form, sheet, m, T)
    objective = None
    if not form.margin:
        objective = sheet.parameter("worth")
        for s, payment, counts in zip(form.symbols, T, weighted, strict=True):
            if counts:
                objective = objective + sheet.parameter(f"net weight[{s}]") @ payment
    allocation = {
        label: cp.Constant(np.array([to_float(w) for w in t.allocation.fixed[:, x]]))
        for x, label in enumerate(t.environment.outcomes)
    }
    return sheet.program(objective, allocation)


def _interim(form: MenuAsked, sheet: Sheet, m: cp.Variable, i: int) -> cp.Variable:
    """T_i(k) = E[m_i(item at (k, o)) | k] for types with beliefs, or T_i(k) - T_i(k - 1) where shorter."""
    s, item, believing = form.symbols[i], form.items[i][0], form.tables.believing(i)
    T = sheet.variable(f"T_{s}", len(believing))
    places = np.arange(item.size)
    pick = incidence(places, item.ravel(), (item.size, m.size))
    if form.tables.correlated:
        width = item.shape[1]
        paid = cp.hstack(
            [
                sheet.parameter(f"beliefs[{s}, {k}]") @ (pick[k * width : (k + 1) * width] @ m)
                for k in believing.tolist()
            ]
        )
        ahead = sp.eye_array(len(believing), format="csr")
    else:
        steps = form.steps[i]
        before = np.isin(np.arange(len(item)), steps)[:, None] & np.ones(item.shape, dtype=bool)
        earlier = incidence(places[before.ravel()], np.roll(item, 1, axis=0)[before], (item.size, m.size))
        table = cp.reshape((pick - earlier) @ m, item.shape, order="C")
        paid = cp.vec(sheet.parameter(f"beliefs[{s}]") @ table.T, order="C")
        ahead = sp.eye_array(len(item), format="csr") - incidence(steps, steps - 1, (len(item), len(item)))
    sheet.constraints[f"interim payments[{form.names[i]}]"] = ahead @ T == paid
    return T


def _budget(form: MenuAsked, sheet: Sheet, m: list[cp.Variable], T: list[cp.Variable | None]) -> None:
    """Revenue >= z or = z at every profile, or >= z in expectation (C6, C9)."""
    assert form.budget is not None
    t, name = form.tables, form.budget.title
    if form.budget is NoExpectedDeficit:
        mean = sum(sheet.parameter(f"marginal[{s}]") @ payment for s, payment in zip(form.symbols, T, strict=True))
        sheet.constraints[name] = sheet.z <= mean - sheet.parameter("expected cost")
        return
    revenue = -sheet.parameter("cost")
    for own, (item, _), payment in zip(t.own, form.items, m, strict=True):
        revenue = revenue + incidence(own.ravel(), item.ravel(), (t.P, payment.size)) @ payment
    everywhere = np.ones(t.P) * sheet.z
    if form.budget is Balanced:
        sheet.relaxable.append(name)
        sheet.constraints[name] = everywhere == revenue
    else:
        sheet.constraints[name] = everywhere <= revenue


def _chains(form: MenuAsked, sheet: Sheet, m: list[cp.Variable], cuts: np.ndarray) -> None:
    """No deficit: buyer type b trades with the first cuts[b] sellers and not with the others.

    least(j) is at most what the buyer pays against the sellers up to j in trade (from j on, without trade), so that with
    what the seller pays it must make z at j = cuts[b] - 1 (at j = cuts[b]).
    """
    size = form.tables.sizes[1]
    for traded, name in SIDES.items():
        reached = range(int(cuts.max(initial=0))) if traded else range(int(cuts.min(initial=size)), size)
        if not len(reached):
            continue
        sellers, buyers = np.array(reached), np.flatnonzero(cuts > 0 if traded else cuts < size)
        least = sheet.variable(f"least, {name}", size)
        ends = cuts[buyers] - 1 if traded else cuts[buyers]
        holder = int(np.argmax(cuts)) if traded else int(np.argmin(cuts))
        bought = form.items[0][0][holder][sellers]
        sold = form.items[1][0][ends, buyers]
        every = sp.eye_array(size, format="csr")
        pay = incidence(sellers, bought, (size, m[0].size))
        here = incidence(sellers, sellers, (size, size))
        sheet.constraints[f"buyer's payments, {name}"] = here @ least <= pay @ m[0]
        if len(sellers) > 1:
            near, far = (sellers[1:], sellers[:-1]) if traded else (sellers[:-1], sellers[1:])
            sheet.constraints[f"running minimum, {name}"] = every[near] @ least <= every[far] @ least
        end, price = incidence(buyers, ends, (len(cuts), size)), incidence(buyers, sold, (len(cuts), m[1].size))
        named = np.isin(np.arange(len(cuts)), buyers).astype(float)
        sheet.constraints[f"seller's payments, {name}"] = named * sheet.z <= end @ least + price @ m[1]
