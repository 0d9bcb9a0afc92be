"""The full program in cvxpy: variables and constraints of one shape, written like the mathematics."""

from __future__ import annotations

from collections.abc import Mapping

import cvxpy as cp
import numpy as np

from lpmech.base.exact import to_float
from lpmech.programs.formulations import Program
from lpmech.programs.formulations._asked import FullAsked
from lpmech.programs.formulations._sheet import Sheet, incidence
from lpmech.question.constraints import Constraint, Relation, Scope


class Writer(Sheet):
    """Writes the cvxpy problem of one shape."""

    def __init__(self, form: FullAsked, sizes: Mapping[str, tuple[int, ...]]) -> None:
        super().__init__(sizes)
        self.form, self.t = form, form.tables
        self.q = self.variable("q", len(form.cells)) if len(form.cells) else None
        self.names = self.t.names
        self.transfers = [self.transfer(i) for i in range(self.t.N)]
        self.interim = [self.interim_payment(i) for i in range(self.t.N)] if form.lifted and not form.groves else []

    def scattered(self, weights: str, i: int, rows: np.ndarray, height: int) -> cp.Expression:
        """Vector whose entry r is the sum of weights * q over agent i's entries e with rows[e] = r (rows < 0: none)."""
        cell, places = self.t.entries(i).cell, np.flatnonzero(rows >= 0)
        each = self.q if np.array_equal(cell, np.arange(len(self.form.cells))) else self.picked(cell)
        spread = incidence(rows[places], places, (height, len(rows)))
        return spread @ cp.multiply(self.parameter(weights), each)

    def picked(self, cell: np.ndarray) -> cp.Expression:
        """q at each of the open entries listed."""
        assert self.q is not None
        return incidence(np.arange(len(cell)), cell, (len(cell), len(self.form.cells))) @ self.q

    def open_part(self, i: int, x: int) -> cp.Expression | None:
        """Open entries of q(x | k, o) in agent i's own layout (0 where settled), or None if there are none."""
        if self.q is None:
            return None
        at, shape = self.t.entries(i), self.t.own[i].shape
        e = np.flatnonzero(at.part == x)
        if not len(e):
            return None
        place = np.ravel_multi_index((at.k[e], at.o[e]), shape)
        spread = incidence(place, at.cell[e], (self.t.own[i].size, len(self.form.cells)), at.weight[e])
        return cp.reshape(spread @ self.q, shape, order="C")

    def transfer(self, i: int) -> cp.Expression:
        """t_i in agent i's own layout, or h_i(o) repeated for every own type (its other part is in the numbers)."""
        s, shape, menu = self.form.symbols[i], self.t.own[i].shape, self.form.menu(i)
        if self.form.groves:
            return np.ones((shape[0], 1)) @ self.variable(f"h_{s}", (1, shape[1]))
        if menu is None:
            return self.variable(f"t_{s}", shape)
        item = menu[0]
        items = self.variable(f"t_{s}", int(item.max()) + 1)
        pick = incidence(np.arange(item.size), item.ravel(), (item.size, items.size))
        return cp.reshape(pick @ items, shape, order="C")

    def interim_payment(self, i: int) -> cp.Variable:
        """T_i(k, k') = E[t_i(k', o) | k]: one row if the prior is independent, one for each believing type otherwise."""
        beliefs = self.parameter(f"beliefs[{self.form.symbols[i]}]")
        payments = beliefs @ self.transfers[i].T
        return self.lifted(f"T_{self.form.symbols[i]}", payments, f"interim payments[{self.names[i]}]")

    def write(self) -> Program:
        form = self.form
        for constraint in form.constraints:
            self.impose(constraint)
        if self.q is not None:
            self.constraints["probabilities"] = self.q >= 0
            where = np.unique(form.cells[:, 0], return_inverse=True)[1]
            sums = incidence(where, np.arange(len(where)), (int(where.max()) + 1, len(where)), self.t.cell_sizes)
            self.constraints["lotteries"] = sums @ self.q == np.ones(sums.shape[0])
        return self.program(None if form.margin else self.objective(), self.allocation())

    def impose(self, constraint: Constraint) -> None:
        """The rows of a constraint: left side >= 0 or = 0, with z in the place of 0 where the margin stands (C9)."""
        left, name = constraint.rows(self), constraint.block(self.names)
        if left is None:
            return
        if not constraint.lump_sums:
            self.relaxable.append(name)
        bound = self.z if type(constraint) is self.form.level else 0
        level = bound if left.shape == () else np.ones(left.shape) * bound
        self.constraints[name] = level == left if constraint.relation is Relation.EQUAL else level <= left

    def gain_of_truth(self, i: int, scope: Scope) -> cp.Expression | None:
        """v_i(q(k, o), k) - t_i(k, o) less v_i(q(k', o), k) - t_i(k', o): pairs (k, k') x o, or expected over o given k."""
        true, report = self.form.pairs(i)
        if not len(true):
            return None
        if scope is Scope.TYPE:
            return self.interim_gain(i, true, report)
        menu = self.form.menu(i)
        return self.profile_gain(i, true, report) if menu is None else self.menu_gain(i, *menu[1])

    def profile_gain(self, i: int, true: np.ndarray, report: np.ndarray) -> cp.Expression:
        s, rows, n = self.form.symbols[i], np.arange(len(true)), self.t.sizes[i]
        at_truth, at_report = incidence(rows, true, (len(true), n)), incidence(rows, report, (len(true), n))
        gain: cp.Expression = self.parameter(f"gain[{s}]")
        for x in range(len(self.t.parts(i))):
            open_part = self.open_part(i, x)
            if open_part is not None:
                weight = at_truth @ self.parameter(f"valuation[{s}]")[:, [x]] @ np.ones((1, open_part.shape[1]))
                if self.form.groves:
                    others = cp.reshape(self.parameter(f"externality[{s}]")[:, x], (1, open_part.shape[1]), order="C")
                    weight = weight + np.ones((len(true), 1)) @ others
                gain = gain + cp.multiply(weight, (at_truth - at_report) @ open_part)
        return gain - (at_truth - at_report) @ self.transfers[i]

    def menu_gain(self, i: int, true: np.ndarray, o: np.ndarray, report: np.ndarray) -> cp.Expression | None:
        """The same, for one report of each different payment only (``Full.menu``)."""
        s, shape = self.form.symbols[i], self.t.own[i].shape
        if not len(true):
            return None
        rows, size = np.arange(len(true)), self.t.own[i].size
        at_truth = incidence(rows, np.ravel_multi_index((true, o), shape), (len(true), size))
        at_report = incidence(rows, np.ravel_multi_index((report, o), shape), (len(true), size))
        own_type = incidence(rows, true, (len(true), shape[0]))
        gain: cp.Expression = self.parameter(f"gain[{s}]")
        for x in range(len(self.t.parts(i))):
            open_part = self.open_part(i, x)
            if open_part is not None:
                weight = own_type @ self.parameter(f"valuation[{s}]")[:, x]
                gain = gain + cp.multiply(weight, (at_truth - at_report) @ cp.vec(open_part, order="C"))
        return gain - (at_truth - at_report) @ cp.vec(self.transfers[i], order="C")

    def interim_gain(self, i: int, true: np.ndarray, report: np.ndarray) -> cp.Expression:
        """sum_x v_i(x, k) A_x(k, k) - T(k, k) less the same with k' reported: A_x(k, k'), T(k, k'), for each pair."""
        s = self.form.symbols[i]
        beliefs, n = self.parameter(f"beliefs[{s}]"), self.t.sizes[i]
        row, shape = self.t.row_of_type(i), (beliefs.shape[0], n)
        rows, size = np.arange(len(true)), shape[0] * n
        at_truth = incidence(rows, row[true] * n + true, (len(true), size))
        at_report = incidence(rows, row[true] * n + report, (len(true), size))
        own_type = incidence(rows, true, (len(true), n))
        gain: cp.Expression = self.parameter(f"gain[{s}]")
        for x, label in enumerate(self.t.parts(i)):
            open_part = self.open_part(i, x)
            if open_part is not None:
                A = self.lifted(
                    f"A_{s}[{label}]", beliefs @ open_part.T, f"interim allocation[{self.names[i]}, {label}]"
                )
                weight = own_type @ self.parameter(f"valuation[{s}]")[:, x]
                gain = gain + cp.multiply(weight, (at_truth - at_report) @ cp.vec(A, order="C"))
                if self.form.groves:
                    others = self.parameter(f"expected externality[{s}, {x}]") @ open_part.T
                    gain = gain + (at_truth - at_report) @ cp.vec(others, order="C")
        if self.form.groves:
            return gain
        return gain - (at_truth - at_report) @ cp.vec(self.interim[i], order="C")

    def net_utility(self, i: int, scope: Scope) -> cp.Expression:
        """Utility less the outside option, by profile, type, or in expectation (C5)."""
        s, t, at = self.form.symbols[i], self.transfers[i], self.t.entries(i)
        if scope is Scope.PROFILE:
            paid, rows, height = t, np.ravel_multi_index((at.k, at.o), t.shape), self.t.own[i].size
        elif scope is Scope.TYPE:
            believing = self.t.believing(i)
            row = np.full(self.t.sizes[i], -1)
            row[believing] = np.arange(len(believing))
            paid, rows, height = self.interim_paid(i, believing), row[at.k], len(believing)
        else:
            paid, rows, height = self.expected(i), np.zeros(len(at.k), dtype=int), 1
        utility = self.parameter(f"participation[{s}]") - paid
        if self.q is not None:
            part = self.scattered(f"participation cells[{s}]", i, rows, height)
            utility = utility + (cp.reshape(part, t.shape, order="C") if scope is Scope.PROFILE else part)
            if scope is Scope.WHOLE:
                utility = cp.sum(utility)
        return utility

    def interim_paid(self, i: int, believing: np.ndarray) -> cp.Expression:
        """E[t_i | k] for each believing type."""
        if self.interim:
            n = self.t.sizes[i]
            pick = incidence(
                np.arange(len(believing)),
                self.t.row_of_type(i)[believing] * n + believing,
                (len(believing), self.interim[i].size),
            )
            return pick @ cp.vec(self.interim[i], order="C")
        beliefs, t = self.parameter(f"beliefs[{self.form.symbols[i]}]"), self.transfers[i]
        if not self.t.correlated:
            return cp.vec(t @ beliefs.T, order="C")
        rows = incidence(np.arange(len(believing)), believing, (len(believing), t.shape[0])) @ t
        return cp.sum(cp.multiply(beliefs, rows), axis=1)

    def expected(self, i: int) -> cp.Expression:
        """E[t_i]."""
        s = self.form.symbols[i]
        if self.interim and not self.t.correlated:
            return self.parameter(f"marginal[{s}]") @ self.interim[i][0, :]
        if self.form.groves:
            return self.parameter(f"others[{s}]") @ self.variables[f"h_{s}"][0, :]
        return self.inner(f"joint[{s}]", i)

    def inner(self, weights: str, i: int) -> cp.Expression:
        """Sum of weights * t_i over all profiles (as a product of vectors: cvxpy compiles that 300 times faster)."""
        return cp.vec(self.parameter(weights), order="C") @ cp.vec(self.transfers[i], order="C")

    def revenue(self, scope: Scope) -> cp.Expression:
        """sum_i t_i - cost at every profile, or in expectation (C6)."""
        if scope is Scope.WHOLE:
            counts = [len(members) for members in self.t.members]
            paid = [self.expected(i) if n == 1 else n * self.expected(i) for i, n in enumerate(counts)]
            revenue = sum(paid) - self.parameter("expected cost")
            return revenue if self.q is None else revenue - self.parameter("expected cell costs") @ self.q
        revenue = -self.parameter("cost")
        for i, (own, t) in enumerate(zip(self.t.own, self.transfers, strict=True)):
            flat = incidence(own.ravel(), np.arange(own.size), (self.t.P, own.size), self.t.seats(i).ravel())
            revenue = revenue + flat @ cp.vec(t, order="C")
        if self.q is not None:
            cells = incidence(self.form.cells[:, 0], np.arange(len(self.form.cells)), (self.t.P, len(self.form.cells)))
            revenue = revenue - cells @ cp.multiply(self.parameter("cell costs"), self.q)
        return revenue

    def objective(self) -> cp.Expression:
        """sum_i w_i E[u_i] + w E[revenue] = sum_i (w - w_i) E[t_i] + E[sum_i w_i v_i - w cost]."""
        out = self.parameter("worth")
        if self.q is not None:
            out = out + self.parameter("worth of cells") @ self.q
        for i, s in enumerate(self.form.symbols):
            if self.form.weights[i] != self.form.revenue_weight:
                if self.form.groves:
                    out = out + self.parameter(f"net charge weight[{s}]") @ self.variables[f"h_{s}"][0, :]
                else:
                    out = out + self.inner(f"net weight[{s}]", i)
        return out

    def allocation(self) -> dict[str, cp.Expression]:
        """q(x | theta) for each outcome x, by flattened profile; settled entries are numbers."""
        out: dict[str, cp.Expression] = {}
        (profile, settled, chance), (cell, outcome) = self.t.chances()
        for x, label in enumerate(self.t.environment.outcomes):
            here, f, fixed = settled == x, cell[outcome == x], np.zeros(self.t.P)
            fixed[profile[here]] = [to_float(w) for w in chance[here]]
            out[label] = cp.Constant(fixed)
            if self.q is not None and len(f):
                out[label] = fixed + incidence(self.form.cells[f, 0], f, (self.t.P, len(self.form.cells))) @ self.q
        return out
