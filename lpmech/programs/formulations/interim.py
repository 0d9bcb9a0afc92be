"""Interim payments: BIC with independent types needs no payment for a profile.

Variables: T_i(k), what type k of agent i pays in expectation; q, the entries of q(theta) that the requirements leave
open, the last one at each profile left out (it is 1 less the others); A_i, the part of the interim allocation that
depends on them; z, the margin. Payments for profiles are filled in afterwards such that revenue is the same
everywhere, so that a budget at every profile is a budget in expectation (efficient-mechanisms-notes, Theorem 2;
kos-manea-2009, Theorems 1 and 2). Types ordered along a line are compared with their neighbours alone. Proofs:
docs/formulations.md, "Interim payments".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from lpmech.answer.compact import InterimTrade
from lpmech.answer.mechanism import Mechanism
from lpmech.answer.multipliers import Column, Columns, Multiplier
from lpmech.base.arrays import array, zeros
from lpmech.base.exact import Scaled, from_flint, to_flint
from lpmech.programs.formulations import Program
from lpmech.programs.formulations._interim_program import write
from lpmech.programs.formulations._reduced import Reduced
from lpmech.programs.formulations._way_back import fractions, lotteries, nonzero
from lpmech.question.accepts import Accepts
from lpmech.question.constraints import Constraint, Place, Scope
from lpmech.question.constraints.bic import BIC
from lpmech.question.constraints.ex_ante_ir import ExAnteIR
from lpmech.question.constraints.interim_ir import InterimIR
from lpmech.question.model import Instance


class Interim(Reduced):
    """Interim payments and open lotteries: as many payments as types."""

    name = "interim"
    wanted = Accepts(independent=True, transfers=("any",), incentives=(BIC,), participation=(InterimIR, ExAnteIR, None))

    @classmethod
    def accepts(cls, instance: Instance) -> str | None:
        need, env = instance.requirements, instance.environment
        if (reason := cls.wanted.reason(instance)) is not None:
            return reason
        if len(env.agents) == 1 and need.budget_rule is not None and need.budget_rule.scope is Scope.PROFILE:
            return f"budget is {need.budget}, and one agent has nobody to share a surplus with"
        return None

    @classmethod
    def preferred(cls, instance: Instance) -> bool:
        return instance.requirements.allocation != "free"  # ``second_best`` is the same program by that name

    @classmethod
    def entries(cls, instance: Instance) -> int:
        """Incentive rows, and lotteries (free), open ones (bilateral trade: payments stay unwritten), or payments."""
        env = instance.environment
        many = env.kind in {"social-choice", "auction"}  # types on no line, perhaps: every pair is a row
        P, pairs = env.profile_count, sum(n * (n - 1) if many else 2 * n for n in env.sizes)
        if instance.requirements.allocation == "free":
            return pairs + P * len(env.outcomes)
        return pairs + (P // 4 if env.kind == "bilateral-trade" else P * len(env.agents))

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        self.strategy = "dual" if instance.requirements.allocation == "free" else "primal"

    # ---- what is open: at each profile with open entries the last of them is 1 less the others ---------------------

    @cached_property
    def _open(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        cells = self.tables.allocation.cells
        ends = np.append(cells[1:, 0] != cells[:-1, 0], [True] * bool(len(cells))).astype(bool)
        last = np.zeros(self.tables.P, dtype=int)
        last[cells[ends, 0]] = cells[ends, 1]
        kept = cells[~ends]
        return kept[:, 0], kept[:, 1], last[kept[:, 0]]

    @property
    def profile(self) -> np.ndarray:
        """Profile of each variable entry of q."""
        return self._open[0]

    @property
    def outcome(self) -> np.ndarray:
        """Its outcome."""
        return self._open[1]

    @property
    def last(self) -> np.ndarray:
        """The last open outcome at its profile."""
        return self._open[2]

    @cached_property
    def base(self) -> np.ndarray:
        """q with the variable entries at 0, profiles x outcomes."""
        if not len(self.tables.allocation.cells):
            return self.tables.allocation.fixed
        out = self.tables.allocation.fixed.copy()
        out[self.profile, self.last] = to_flint(1)
        return out

    # ---- what an agent sees of an outcome: outcomes that he values alike, whatever his type, are one ----------------

    @cached_property
    def seen(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """For each agent: the number of each outcome's class, and the first outcome of each class."""
        out = []
        for V in self.tables.V:
            known: dict[tuple[Any, ...], int] = {}
            number = [known.setdefault(tuple(V[:, x].tolist()), len(known)) for x in range(self.tables.X)]
            first = [number.index(c) for c in range(len(known))]
            out.append((np.array(number), np.array(first)))
        return out

    def pairs(self, i: int) -> tuple[np.ndarray, np.ndarray]:
        """True and reported type of agent i's incentive rows: neighbours on a line, or all pairs."""
        order = self.lines[i]
        if order is not None:
            return np.concatenate((order[:-1], order[1:])), np.concatenate((order[1:], order[:-1]))
        true, report = np.nonzero(~np.eye(self.tables.sizes[i], dtype=bool))
        return true, report

    @cached_property
    def lines(self) -> list[np.ndarray | None]:
        """Each agent's types in order of s_k where v_i(x, k) = g(x) + s_k a(x) with distinct s_k; None elsewhere."""
        return [_line(V) for V in self.tables.V]

    def shape(self) -> tuple[Any, ...]:
        t = self.tables
        return (
            *(t.sizes, self.profile.tobytes(), self.outcome.tobytes(), self.last.tobytes()),
            *(tuple(tuple(map(np.ndarray.tobytes, self.pairs(i))) for i in range(t.N)),),
            *(tuple(number.tobytes() for number, _ in self.seen), self.participation, self.budget),
            *(self.margin, self.weighted, tuple(self.symbols), tuple(self.names)),
            t.environment.outcomes,
        )

    # ---- exact numbers -------------------------------------------------------------------------------------------

    def numbers(self) -> dict[str, np.ndarray]:
        t, out = self.tables, {}
        weights, w = [to_flint(x) for x in self.weights], to_flint(self.revenue_weight)
        mass = t.joint[self.profile] if len(self.profile) else zeros(0)
        cost = np.array(t.joint.dot(self.base.dot(t.costs)) if any(t.costs != 0) else to_flint(0), dtype=object)
        cell_costs = t.costs[self.outcome] - t.costs[self.last]
        worth, cell_worth = -w * cost, -w * cell_costs
        for i, s in enumerate(self.symbols):
            own = array(t.environment.agents[i].probabilities)
            A, D = self._base_allocation(i), self._differences(i)
            value = t.V[i][:, 0] + (D * A).sum(axis=1) if D.shape[1] else t.V[i][:, 0]
            true, report = self.pairs(i)
            gain = (D[true] * (A[true] - A[report])).sum(axis=1) if D.shape[1] else zeros(len(true))
            k, _ = self.place(i)
            net = value - t.outside[i]
            out[f"marginal[{s}]"], out[f"net weight[{s}]"] = own, own * (w - weights[i])
            out[f"valuation[{s}]"], out[f"expected valuation[{s}]"] = D, own[:, None] * D
            out[f"gain[{s}]"], out[f"beliefs[{s}]"] = gain, t.beliefs(i)
            out[f"participation[{s}]"] = net if self.participation is InterimIR else np.array(own.dot(net), object)
            worth = worth + weights[i] * own.dot(value)
            cell_worth = cell_worth + weights[i] * (t.V[i][k, self.outcome] - t.V[i][k, self.last])
        out["expected cost"], out["expected cell costs"] = cost, mass * cell_costs
        out["worth"], out["worth of cells"] = np.array(worth, dtype=object), mass * cell_worth
        return out

    def _differences(self, i: int) -> np.ndarray:
        """v_i of each class but the first, less that of the first: types x classes."""
        _, first = self.seen[i]
        return self.tables.V[i][:, first[1:]] - self.tables.V[i][:, first[:1]]

    def _base_allocation(self, i: int) -> np.ndarray:
        """Interim probability of each class but the first, variable entries of q at 0: types x classes."""
        (number, first), t = self.seen[i], self.tables
        out = zeros((t.sizes[i], len(first) - 1))
        for x in np.flatnonzero(number > 0).tolist():
            out[:, number[x] - 1] += self.base[:, x][t.own[i]].dot(t.beliefs(i)[0])
        return out

    def place(self, i: int) -> tuple[np.ndarray, np.ndarray]:
        """For each variable entry its place (own type k, others' profile o) in agent i's own layout."""
        places = np.argsort(self.tables.own[i].ravel())[self.profile]
        k, o = np.unravel_index(places, self.tables.own[i].shape)
        return k, o

    # ---- the program ---------------------------------------------------------------------------------------------

    def program(self, sizes: Mapping[str, tuple[int, ...]]) -> Program:
        return write(self, sizes)

    # ---- the way back --------------------------------------------------------------------------------------------

    def mechanism(self, primal: Mapping[str, np.ndarray]) -> Mechanism:
        env, T = self.instance.environment, self._payments(primal)
        if self.tables.compact is not None:
            return InterimTrade(env, self.tables.compact, *fractions(T))
        q = self.base
        if len(self.profile):
            q = q.copy()
            q[self.profile, self.outcome] = primal["q"]
            np.subtract.at(q, (self.profile, self.last), primal["q"])
        spread = self._spread(T)
        if any(self.tables.costs != 0):
            spread = [t + share for t, share in zip(spread, self._cost_shares(q.dot(self.tables.costs)), strict=True)]
        return Mechanism(env, fractions(spread), lotteries(q))

    def directions(self, primal: Mapping[str, np.ndarray]) -> Mechanism:
        spread = self._spread(self._payments(primal))
        return Mechanism(self.instance.environment, fractions(spread), ({},) * self.tables.P)

    def _payments(self, primal: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        """T_i(k)."""
        return self.paid(primal, "T", self.tables.sizes)

    def _spread(self, T: list[np.ndarray]) -> list[np.ndarray]:
        """t_i(theta) = T_i(theta_i) - 1/(N - 1) sum_{j != i} (T_j(theta_j) - E T_j), by flattened profile."""
        t = self.tables
        if t.N == 1:
            return T
        masses = [array(agent.probabilities) for agent in t.environment.agents]
        extra = [(row - m.dot(row)) / (t.N - 1) for row, m in zip(T, masses, strict=True)]
        total = _sum_over_profiles(extra, t.sizes)
        return [
            (total * -1 + _along(row + e, i, t.sizes)).ravel() for i, (row, e) in enumerate(zip(T, extra, strict=True))
        ]

    def _cost_shares(self, cost: np.ndarray) -> list[np.ndarray]:
        """1/N (c(theta) - E[c | theta_i] + E[c | theta_i+1] - E c): sum c - E c, expectations 0 for each type."""
        t = self.tables
        if t.N == 1:
            return [zeros(t.P)]
        mean = t.joint.dot(cost)
        given = [cost[t.own[i]].dot(t.beliefs(i)[0]) for i in range(t.N)]
        wide = [_along(row, i, t.sizes) for i, row in enumerate(given)]
        whole = cost.reshape(t.sizes)
        return [((whole - wide[i] + wide[(i + 1) % t.N] - mean) / t.N).ravel() for i in range(t.N)]

    def multipliers(self, duals: Mapping[str, np.ndarray]) -> Sequence[Multiplier]:
        out: list[Multiplier | Column] = []
        for i, name in enumerate(self.names):
            true, report = self.pairs(i)
            for (row,), weight in nonzero(duals, f"BIC[{name}]"):
                out.append(Multiplier(BIC(i), weight, Place(type=int(true[row]), report=int(report[row]))))
            if self.participation is not None:
                for place, weight in nonzero(duals, f"IR[{name}]"):
                    out.append(Multiplier(self.participation(i), weight, Place(type=place[0] if place else None)))
        if self.budget is not None:
            out += [self._budget(self.budget(), weight) for _, weight in nonzero(duals, self.budget.title)]
        return Columns(*out)

    def _budget(self, budget: Constraint, weight: Fraction) -> Multiplier | Column:
        """The weight on expected revenue as weights on the budget at every profile, by its mass."""
        if budget.scope is Scope.WHOLE:
            return Multiplier(budget, weight)
        if self.tables.compact is not None:
            return Multiplier(budget, weight, Place(averaged=True))
        t = self.tables
        masses = Scaled.read([weight * mass for mass in map(from_flint, t.joint)])
        here = [p for p, mass in enumerate(masses.of) if mass]
        types = tuple(t.types[:, here].tolist())
        return Column(budget, Scaled(masses.over, [masses.of[p] for p in here]), profiles=types)


def _line(V: np.ndarray) -> np.ndarray | None:
    """Order of the types by s where V[k, x] = g(x) + s_k a(x), with distinct s_k; None where there is no such form."""
    n = len(V)
    moving = [x for x in range(V.shape[1]) if any(V[k, x] != V[0, x] for k in range(1, n))]
    if not moving:
        return np.arange(n) if n == 1 else None
    s = V[:, moving[0]].tolist()
    if len({(v.p, v.q) for v in s}) < n:
        return None
    order = np.array(sorted(range(n), key=s.__getitem__))
    low, high = V[order[0]], V[order[-1]]
    rate = (high - low) / (s[order[-1]] - s[order[0]])
    line = low[None, :] + np.outer(V[:, moving[0]] - s[order[0]], rate)
    return order if np.all(line == V) else None


def _along(row: np.ndarray, i: int, sizes: tuple[int, ...]) -> np.ndarray:
    """A row over agent i's types as an array over profiles."""
    shape = [1] * len(sizes)
    shape[i] = sizes[i]
    return row.reshape(shape)


def _sum_over_profiles(rows: list[np.ndarray], sizes: tuple[int, ...]) -> np.ndarray:
    """sum_i row_i(theta_i), an array over profiles."""
    out = _along(rows[0], 0, sizes)
    for i, row in enumerate(rows[1:], 1):
        out = out + _along(row, i, sizes)
    return out


formulation = Interim
