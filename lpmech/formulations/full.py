"""The reference formulation: a transfer for every agent and profile, every constraint as defined.

Variables: t_i(k, o), money paid by agent i of type k when the others' profile is o (or the Groves charges h_i(o)); q, the
entries of q(theta) that the requirements leave open; z, the margin; and, under BIC, the interim payments
T_i(k, k') = E[t_i(k', o) | k] and interim allocations A_x,i(k, k') = E[q(x | k', o) | k], lifted because incentive rows in
them are short. All pairs of types count (C4), with two exceptions: conditions on types without beliefs (C3), and incentive
rows of a Groves scheme with an efficient allocation, which hold by Groves' theorem on every grid and with every lottery
over efficient outcomes (efficient-mechanisms-notes, Theorem 1; proof in docs/formulations.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import cvxpy as cp
import numpy as np
import scipy.sparse as sp

from lpmech.exact import array, from_flint, to_flint, zeros
from lpmech.formulations import Formulation, Program
from lpmech.formulations.tables import Tables
from lpmech.mechanism import Mechanism
from lpmech.model import Instance
from lpmech.multipliers import Multiplier

BUDGET_NAMES = {"no-deficit": "no deficit", "balanced": "balanced", "no-expected-deficit": "no expected deficit"}


def symbols(instance: Instance) -> list[str]:
    """Subscripts of the variables: B and S in bilateral trade, the agents' names elsewhere."""
    names = [agent.name for agent in instance.environment.agents]
    return ["B", "S"] if names == ["buyer", "seller"] else names


def incidence(rows: np.ndarray, columns: np.ndarray, shape: tuple[int, int]) -> sp.csr_array:
    """0/1 matrix with a one at each (row, column)."""
    return sp.csr_array((np.ones(len(rows)), (rows, columns)), shape=shape)


class Full(Formulation):
    """Full transfer tables (or Groves charges) and full lotteries: O(N P) variables for P profiles."""

    name = "full"

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        self.tables = Tables(instance)
        r = instance.requirements
        self.groves = r.transfers == "groves"
        self.incentives = r.incentive_compatibility
        if self.groves and self.tables.allocation.efficient:
            self.incentives = "none"
        self.participation, self.budget = r.individual_rationality, r.budget
        self.margin = instance.objective.maximize == "margin"
        self.weights, self.revenue_weight = instance.objective.weights(self.tables.N)
        self.symbols = symbols(instance)
        self.strategy = "dual" if instance.requirements.allocation == "free" else "primal"

    @cached_property
    def cells(self) -> np.ndarray:
        return self.tables.allocation.cells

    def pairs(self, i: int) -> tuple[np.ndarray, np.ndarray]:
        """True and reported type of agent i's incentive rows, all pairs."""
        n = self.tables.sizes[i]
        true, report = np.nonzero(~np.eye(n, dtype=bool))
        if self.incentives == "BIC":
            keep = np.isin(true, self.tables.believing(i))
            true, report = true[keep], report[keep]
        return true, report

    def shape(self) -> tuple[Any, ...]:
        t = self.tables
        weighted = tuple(bool(w != self.revenue_weight) for w in self.weights)
        return (
            *(t.sizes, t.X, t.correlated, tuple(tuple(t.believing(i)) for i in range(t.N))),
            *(self.cells.tobytes(), self.groves, self.incentives, self.participation, self.budget),
            *(self.margin, None if self.margin else weighted, tuple(self.symbols)),
        )

    # ---- exact numbers -------------------------------------------------------------------------------------------

    def numbers(self) -> dict[str, np.ndarray]:
        t, out = self.tables, {}
        for i, s in enumerate(self.symbols):
            own, value = t.joint[t.own[i]], t.value(i)
            out[f"joint[{s}]"], out[f"beliefs[{s}]"] = own, t.beliefs(i)
            out[f"marginal[{s}]"] = array(t.environment.agents[i].probabilities)
            out[f"gain[{s}]"], out[f"valuation[{s}]"] = self._gain(i), t.V[i]
            out[f"externality[{s}]"] = t.externality(i)
            for x in range(t.X):
                out[f"expected externality[{s}, {x}]"] = t.beliefs(i) * t.externality(i)[:, x]
            out[f"participation[{s}]"] = self._participation(i, value, own)
            out[f"participation cells[{s}]"] = self._cell_weights(i) * t.cell_values(i)
            net_weight, others = to_flint(self.revenue_weight - self.weights[i]), own.sum(axis=0)
            out[f"others[{s}]"], out[f"net charge weight[{s}]"] = others, others * net_weight
            out[f"net weight[{s}]"] = own * net_weight
        weights, w = [to_flint(x) for x in self.weights], to_flint(self.revenue_weight)
        worth = sum((x * t.flat(t.value(i), i) for i, x in enumerate(weights)), -w * t.cost())
        cell_worth = sum((x * t.cell_values(i) for i, x in enumerate(weights)), -w * t.cell_costs())
        mass = t.joint[self.cells[:, 0]]
        out["cost"], out["cell costs"] = t.cost(), t.cell_costs()
        out["expected cost"] = np.array(t.joint.dot(t.cost()), dtype=object)
        out["expected cell costs"] = mass * t.cell_costs()
        out["worth"], out["worth of cells"] = np.array(t.joint.dot(worth), dtype=object), mass * cell_worth
        return out

    def _gain(self, i: int) -> np.ndarray:
        """Settled part of what truth gains over a report, before transfers: pairs x o (DSIC) or pairs (BIC)."""
        if self.incentives == "none":
            return zeros(0)
        gain = self.tables.gain if self.incentives == "DSIC" else self.tables.interim_gain
        return gain(i, *self.pairs(i))

    def _participation(self, i: int, value: np.ndarray, joint: np.ndarray) -> np.ndarray:
        """Settled part of utility less the outside option, before transfers, in the rows of the IR notion."""
        t = self.tables
        net = value - t.outside[i][:, None]
        if self.participation == "interim":
            return (net[t.believing(i)] * t.beliefs(i)).sum(axis=1)
        if self.participation == "ex-ante":
            return np.array((net * joint).sum(), dtype=object)
        return net

    def _cell_weights(self, i: int) -> np.ndarray:
        """Weight of each open entry in the IR row of its agent, type or profile."""
        t, (k, o) = self.tables, self.tables.cell_place(i)
        if self.participation == "interim":
            row = t.row_of_type(i)[k]
            out = t.beliefs(i)[row, o]
            out[row < 0] = to_flint(0)
            return out
        if self.participation == "ex-ante":
            return t.joint[self.cells[:, 0]]
        return array([1] * len(self.cells))

    # ---- the program ---------------------------------------------------------------------------------------------

    def program(self, sizes: Mapping[str, tuple[int, ...]]) -> Program:
        return _Writer(self, sizes).write()

    # ---- the way back --------------------------------------------------------------------------------------------

    def mechanism(self, primal: Mapping[str, np.ndarray]) -> Mechanism:
        t, fixed = self.tables, self.tables.allocation.fixed.copy()
        if len(self.cells):
            fixed[self.cells[:, 0], self.cells[:, 1]] = primal["q"]
        lotteries = tuple({x: from_flint(w) for x, w in enumerate(row) if w != 0} for row in fixed.tolist())
        moves = self._moves(primal)
        if self.groves:
            values = [(t.V[i][t.types[i]] * fixed).sum(axis=1) for i in range(t.N)]
            total = sum(values, -(fixed * t.costs).sum(axis=1))
            moves = [h - (total - v) for h, v in zip(moves, values, strict=True)]
        exact = tuple(tuple(map(from_flint, row)) for row in moves)
        return Mechanism(self.instance.environment, exact, lotteries, self._charges(primal))

    def _moves(self, primal: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        """t_i (or h_i) by flattened profile."""
        own = self.tables.own
        return [
            self.tables.flat(np.broadcast_to(self._paid(primal, i), own[i].shape), i) for i in range(self.tables.N)
        ]

    def _paid(self, primal: Mapping[str, np.ndarray], i: int) -> np.ndarray:
        """t_i in agent i's own layout, or h_i as a row; 0 if no constraint speaks of it."""
        types, others = self.tables.own[i].shape
        name, shape = (f"h_{self.symbols[i]}", (1, others)) if self.groves else (f"t_{self.symbols[i]}", (types, others))
        return primal[name] if name in primal else zeros(shape)

    def _charges(self, primal: Mapping[str, np.ndarray]) -> tuple[tuple[Any, ...], ...] | None:
        if not self.groves:
            return None
        return tuple(tuple(map(from_flint, self._paid(primal, i).ravel())) for i in range(self.tables.N))

    def directions(self, primal: Mapping[str, np.ndarray]) -> Mechanism:
        moves = tuple(tuple(map(from_flint, move)) for move in self._moves(primal))
        return Mechanism(self.instance.environment, moves, ({},) * self.tables.P, self._charges(primal))

    def multipliers(self, duals: Mapping[str, np.ndarray]) -> list[Multiplier]:
        out: list[Multiplier] = []
        t = self.tables
        profiles = np.array(np.unravel_index(np.arange(t.P), t.sizes)).T
        for i, agent in enumerate(t.environment.agents):
            true, report = self.pairs(i)
            for (row, *o), weight in _nonzero(duals, f"{self.incentives}[{agent.name}]"):
                k, k2 = int(true[row]), int(report[row])
                if o:
                    profile = tuple(profiles[t.own[i][k, o[0]]].tolist())
                    out.append(Multiplier("DSIC", weight, agent=i, profile=profile, report=k2))
                else:
                    out.append(Multiplier("BIC", weight, agent=i, type=k, report=k2))
            for place, weight in _nonzero(duals, f"IR[{agent.name}]"):
                if len(place) == 2:
                    profile = tuple(profiles[t.own[i][place]].tolist())
                    out.append(Multiplier("IR", weight, agent=i, profile=profile))
                elif len(place) == 1:
                    out.append(Multiplier("IR", weight, agent=i, type=int(t.believing(i)[place[0]])))
                else:
                    out.append(Multiplier("IR", weight, agent=i))
        if self.budget != "none":
            for place, weight in _nonzero(duals, BUDGET_NAMES[self.budget]):
                profile = tuple(profiles[place[0]].tolist()) if place else None
                out.append(Multiplier("budget", weight, profile=profile))
        return out


def _nonzero(duals: Mapping[str, np.ndarray], name: str) -> list[tuple[tuple[int, ...], Any]]:
    """Places and values (Fractions) of the non-zero multipliers of one constraint."""
    if name not in duals:
        return []
    return [(place, from_flint(w)) for place, w in np.ndenumerate(duals[name]) if w != 0]


class _Writer:
    """Writes the cvxpy problem of one shape."""

    def __init__(self, form: Full, sizes: Mapping[str, tuple[int, ...]]) -> None:
        self.form, self.t, self.sizes = form, form.tables, sizes
        self.parameters: dict[str, cp.Parameter] = {}
        self.variables: dict[str, cp.Variable] = {}
        self.constraints: dict[str, cp.Constraint] = {}
        self.relaxable: list[str] = []
        self.z = self.variable("z")
        self.q = self.variable("q", len(form.cells)) if len(form.cells) else None
        self.names = [agent.name for agent in self.t.environment.agents]
        self.transfers = [self.transfer(i) for i in range(self.t.N)]
        self.interim = (
            [self.interim_payment(i) for i in range(self.t.N)] if form.incentives == "BIC" and not form.groves else []
        )

    def parameter(self, name: str) -> cp.Parameter:
        if name not in self.parameters:
            self.parameters[name] = cp.Parameter(self.sizes[name], name=name)
        return self.parameters[name]

    def variable(self, name: str, shape: Any = ()) -> cp.Variable:
        self.variables[name] = cp.Variable(shape, name=name)
        return self.variables[name]

    def scattered(self, weights: str, rows: np.ndarray, height: int) -> cp.Expression:
        """Vector whose entry r is the sum of weights * q over the open entries f with rows[f] = r (rows < 0: none)."""
        places = np.flatnonzero(rows >= 0)
        spread = incidence(rows[places], places, (height, len(rows)))
        return spread @ cp.multiply(self.parameter(weights), self.q)

    def open_part(self, i: int, x: int) -> cp.Expression | None:
        """Open entries of q(x | k, o) in agent i's own layout (0 where settled), or None if there are none."""
        if self.q is None:
            return None
        k, o = self.t.cell_place(i)
        f = np.flatnonzero(self.form.cells[:, 1] == x)
        shape = self.t.own[i].shape
        if not len(f):
            return None
        spread = incidence(np.ravel_multi_index((k[f], o[f]), shape), f, (self.t.P, len(k)))
        return cp.reshape(spread @ self.q, shape, order="C")

    def transfer(self, i: int) -> cp.Expression:
        """t_i in agent i's own layout, or h_i(o) repeated for every own type (its other part is in the numbers)."""
        s, shape = self.form.symbols[i], self.t.own[i].shape
        if not self.form.groves:
            return self.variable(f"t_{s}", shape)
        return np.ones((shape[0], 1)) @ self.variable(f"h_{s}", (1, shape[1]))

    def interim_payment(self, i: int) -> cp.Variable:
        """T_i(k, k') = E[t_i(k', o) | k]: one row if the prior is independent, one for each believing type otherwise."""
        beliefs = self.parameter(f"beliefs[{self.form.symbols[i]}]")
        payments = beliefs @ self.transfers[i].T
        return self.lifted(f"T_{self.form.symbols[i]}", payments, f"interim payments[{self.names[i]}]")

    def lifted(self, name: str, expression: cp.Expression, constraint: str) -> cp.Variable:
        """A variable equal to an expression, so that rows that use it stay short."""
        out = self.variable(name, expression.shape)
        self.constraints[constraint] = out == expression
        return out

    def write(self) -> Program:
        form = self.form
        for i in range(self.t.N):
            if form.incentives == "DSIC":
                self.dominant_strategy(i)
            elif form.incentives == "BIC":
                self.bayesian(i)
            if form.participation != "none":
                self.participation(i)
        if form.budget != "none":
            self.budget()
        if self.q is not None:
            self.constraints["probabilities"] = self.q >= 0
            where = np.unique(form.cells[:, 0], return_inverse=True)[1]
            sums = incidence(where, np.arange(len(where)), (int(where.max()) + 1, len(where)))
            self.constraints["lotteries"] = sums @ self.q == np.ones(sums.shape[0])
        level = None
        if not form.margin:
            level = "level"
            self.constraints[level] = self.z == 0
        objective = cp.Maximize(self.z if form.margin else self.objective())
        problem = cp.Problem(objective, list(self.constraints.values()))
        return Program(problem, self.variables, self.constraints, self.allocation(), tuple(self.relaxable), level)

    def dominant_strategy(self, i: int) -> None:
        """v_i(q(k, o), k) - t_i(k, o) >= v_i(q(k', o), k) - t_i(k', o) for every k, k', o."""
        s, (true, report) = self.form.symbols[i], self.form.pairs(i)
        if not len(true):
            return
        rows, n = np.arange(len(true)), self.t.sizes[i]
        at_truth, at_report = incidence(rows, true, (len(true), n)), incidence(rows, report, (len(true), n))
        gain: cp.Expression = self.parameter(f"gain[{s}]")
        valuation = self.parameter(f"valuation[{s}]") if self.q is not None else None
        for x in range(self.t.X):
            open_part = self.open_part(i, x)
            if open_part is not None:
                weight = at_truth @ valuation[:, [x]] @ np.ones((1, open_part.shape[1]))
                if self.form.groves:
                    others = cp.reshape(self.parameter(f"externality[{s}]")[:, x], (1, open_part.shape[1]), order="C")
                    weight = weight + np.ones((len(true), 1)) @ others
                gain = gain + cp.multiply(weight, (at_truth - at_report) @ open_part)
        self.relaxable.append(f"DSIC[{self.names[i]}]")
        self.constraints[self.relaxable[-1]] = (at_truth - at_report) @ self.transfers[i] <= gain

    def bayesian(self, i: int) -> None:
        """sum_x v_i(x, k) A_x(k, k) - T(k, k) >= sum_x v_i(x, k) A_x(k, k') - T(k, k') for every believing k, every k'."""
        s, (true, report) = self.form.symbols[i], self.form.pairs(i)
        if not len(true):
            return
        beliefs, n = self.parameter(f"beliefs[{s}]"), self.t.sizes[i]
        row, shape = self.t.row_of_type(i), (beliefs.shape[0], n)
        rows, size = np.arange(len(true)), shape[0] * n
        at_truth = incidence(rows, row[true] * n + true, (len(true), size))
        at_report = incidence(rows, row[true] * n + report, (len(true), size))
        own_type = incidence(rows, true, (len(true), n))
        gain: cp.Expression = self.parameter(f"gain[{s}]")
        for x in range(self.t.X):
            open_part = self.open_part(i, x)
            if open_part is not None:
                label = self.t.environment.outcomes[x]
                A = self.lifted(
                    f"A_{s}[{label}]", beliefs @ open_part.T, f"interim allocation[{self.names[i]}, {label}]"
                )
                weight = own_type @ self.parameter(f"valuation[{s}]")[:, x]
                gain = gain + cp.multiply(weight, (at_truth - at_report) @ cp.vec(A, order="C"))
                if self.form.groves:
                    others = self.parameter(f"expected externality[{s}, {x}]") @ open_part.T
                    gain = gain + (at_truth - at_report) @ cp.vec(others, order="C")
        self.relaxable.append(f"BIC[{self.names[i]}]")
        paid = 0 if self.form.groves else (at_truth - at_report) @ cp.vec(self.interim[i], order="C")
        self.constraints[self.relaxable[-1]] = paid <= gain

    def participation(self, i: int) -> None:
        """Utility less the outside option >= 0 (>= z with budget none), by profile, type, or in expectation (C5, C9)."""
        s, t, notion = self.form.symbols[i], self.transfers[i], self.form.participation
        k, o = self.t.cell_place(i)
        if notion == "ex-post":
            paid, rows, height = t, np.ravel_multi_index((k, o), t.shape), self.t.P
        elif notion == "interim":
            believing = self.t.believing(i)
            row = np.full(self.t.sizes[i], -1)
            row[believing] = np.arange(len(believing))
            paid, rows, height = self.interim_paid(i, believing), row[k], len(believing)
        else:
            paid, rows, height = self.expected(i), np.zeros(len(k), dtype=int), 1
        utility = self.parameter(f"participation[{s}]") - paid
        if self.q is not None:
            part = self.scattered(f"participation cells[{s}]", rows, height)
            utility = utility + (cp.reshape(part, t.shape, order="C") if notion == "ex-post" else part)
            if notion == "ex-ante":
                utility = cp.sum(utility)
        self.constraints[f"IR[{self.names[i]}]"] = utility >= (self.z if self.form.budget == "none" else 0)

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

    def budget(self) -> None:
        """Revenue sum_i t_i - cost >= z at every profile, = z at every profile, or >= z in expectation (C6, C9)."""
        notion, name = self.form.budget, BUDGET_NAMES[self.form.budget]
        if notion == "no-expected-deficit":
            revenue = sum(self.expected(i) for i in range(self.t.N)) - self.parameter("expected cost")
            if self.q is not None:
                revenue = revenue - self.parameter("expected cell costs") @ self.q
            self.constraints[name] = self.z <= revenue
            return
        revenue = -self.parameter("cost")
        for own, t in zip(self.t.own, self.transfers, strict=True):
            flat = incidence(own.ravel(), np.arange(self.t.P), (self.t.P, self.t.P))
            revenue = revenue + flat @ cp.vec(t, order="C")
        if self.q is not None:
            revenue = revenue - self.scattered("cell costs", self.form.cells[:, 0], self.t.P)
        spread = np.ones(self.t.P) * self.z
        if notion == "balanced":
            self.relaxable.append(name)
            self.constraints[name] = spread == revenue
        else:
            self.constraints[name] = spread <= revenue

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
        for x, label in enumerate(self.t.environment.outcomes):
            settled = np.array([float(from_flint(w)) for w in self.t.allocation.fixed[:, x]])
            out[label] = cp.Constant(settled)
            f = np.flatnonzero(self.form.cells[:, 1] == x)
            if len(f):
                out[label] = settled + incidence(self.form.cells[f, 0], f, (self.t.P, len(self.form.cells))) @ self.q
        return out
