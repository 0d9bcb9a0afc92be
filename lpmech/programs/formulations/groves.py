"""Groves schemes of an efficient allocation: charges h_i(theta_-i) and nothing else.

Every efficient lottery has the same total surplus W(theta), and in it u_i = W - h_i and r = sum_i h_i - (N - 1) W; truth
is optimal by Groves' theorem (efficient-mechanisms-notes, Theorem 1). So lotteries, incentives and, but for the
smallest right-hand side, all IR rows about the same charges drop out. In bilateral trade W = max(0, b - s), and the
m n rows of "no deficit" are 2 (m + n) rows in two more variables, a = min h_S(b) and c = min (h_S(b) - b). Proofs:
docs/formulations.md, "Charges alone".
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cached_property
from typing import Any

import cvxpy as cp
import numpy as np

from lpmech.answer.compact import GrovesTrade
from lpmech.answer.mechanism import Mechanism
from lpmech.answer.multipliers import Multiplier
from lpmech.base.arrays import array, integer_dot
from lpmech.base.exact import to_flint, to_float
from lpmech.programs.formulations import Program
from lpmech.programs.formulations._reduced import Reduced
from lpmech.programs.formulations._sheet import Sheet, incidence
from lpmech.programs.formulations._way_back import budget_multipliers, fractions, nonzero
from lpmech.programs.transport import transport
from lpmech.question.accepts import Accepts
from lpmech.question.allocation import surplus
from lpmech.question.constraints import WHOLE, Constraint, Place, Scope
from lpmech.question.constraints.balanced import Balanced
from lpmech.question.constraints.ex_ante_ir import ExAnteIR
from lpmech.question.constraints.ex_post_ir import ExPostIR
from lpmech.question.constraints.interim_ir import InterimIR
from lpmech.question.constraints.no_deficit import NoDeficit
from lpmech.question.constraints.no_expected_deficit import NoExpectedDeficit
from lpmech.question.model import Instance

ROUTES = ("no trade", "trade")


class Groves(Reduced):
    """Charges h_i(theta_-i): m + n of them in bilateral trade."""

    name = "groves"
    wanted = Accepts(transfers=("groves",), allocation=("efficient",))

    @classmethod
    def accepts(cls, instance: Instance) -> str | None:
        return cls.wanted.reason(instance)

    @classmethod
    def entries(cls, instance: Instance) -> int:
        env = instance.environment
        rows = env.profile_count * len(env.agents)
        return sum(env.sizes) + rows // (64 if _chained(instance) else 1)

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        self.chained = _chained(instance)

    def shape(self) -> tuple[Any, ...]:
        t = self.tables
        return (
            *(t.sizes, self.chained, tuple(len(self._weights(i)) for i in range(t.N)), self.participation),
            *(self.budget, self.margin, self.weighted, tuple(self.symbols), tuple(self.names)),
        )

    # ---- exact numbers -------------------------------------------------------------------------------------------

    @cached_property
    def largest(self) -> tuple[np.ndarray, int]:
        """W(theta) in units of 1/scale, integers by flattened profile, and the scale."""
        total, scale = surplus(self.instance.environment)
        return total.max(axis=-1).ravel(), scale

    def _weights(self, i: int) -> np.ndarray:
        """What the IR rows of agent i average h_i over: rows x others' profiles."""
        if self.participation is InterimIR or not self.tables.correlated:
            return self.tables.beliefs(i)
        return self.tables.joint[self.tables.own[i]].sum(axis=0, keepdims=True)

    @cached_property
    def reach(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """For each agent's IR rows the smallest of E[W] - outside over the types whose row it is, and the type."""
        return [self._reach(i) for i in range(self.tables.N)]

    def _reach(self, i: int) -> tuple[np.ndarray, np.ndarray]:
        t, (W, scale) = self.tables, self.largest
        own = W[t.own[i]]
        if self.participation is ExPostIR:
            out = t.outside[i]
            by = int(np.lcm.reduce([int(x.q) for x in out], dtype=object)) * scale
            net = own.astype(object) * (by // scale) - np.array([int(x * by) for x in out], dtype=object)[:, None]
            least = net.argmin(axis=0)
            return array(map(int, net.min(axis=0))) / to_flint(by), least
        if t.correlated:
            believing = t.believing(i)
            net = (own[believing].astype(object) * t.beliefs(i)).sum(axis=1) / to_flint(scale) - t.outside[i][believing]
        else:
            believing = np.arange(t.sizes[i])
            net = integer_dot(own, t.beliefs(i)[0]) / to_flint(scale) - t.outside[i]
        if self.participation is ExAnteIR:
            masses = array(t.environment.agents[i].probabilities)[believing]
            return np.array([masses.dot(net)], dtype=object), np.zeros(1, dtype=int)
        if t.correlated:
            return net, believing
        least = min(range(len(net)), key=net.__getitem__)
        return net[[least]], np.array([least])

    @cached_property
    def expected_surplus(self) -> Any:
        """E[W]."""
        t, (W, scale) = self.tables, self.largest
        if t.correlated:
            return t.joint.dot(W.astype(object)) / to_flint(scale)
        masses = array(t.environment.agents[0].probabilities)
        return integer_dot(W[t.own[0]], t.beliefs(0)[0]).dot(masses) / to_flint(scale)

    def numbers(self) -> dict[str, np.ndarray]:
        t, out = self.tables, {}
        w, mean = to_flint(self.revenue_weight), self.expected_surplus
        for i, s in enumerate(self.symbols):
            others = t.joint[t.own[i]].sum(axis=0) if t.correlated else t.beliefs(i)[0]
            out[f"others[{s}]"], out[f"net weight[{s}]"] = others, others * (w - to_flint(self.weights[i]))
            if self.participation is not None:
                out[f"weights[{s}]"], out[f"participation[{s}]"] = self._weights(i), self.reach[i][0]
        out["expected surplus"] = np.array(mean * (t.N - 1), dtype=object)
        out["worth"] = np.array((sum(map(to_flint, self.weights), to_flint(0)) - w * (t.N - 1)) * mean, dtype=object)
        if self.chained:
            out["values"], out["costs"] = t.V[0][:, 1], -t.V[1][:, 1]
        else:
            out["surplus"] = self.largest[0].astype(object) * to_flint(Fraction(t.N - 1, self.largest[1]))
        return out

    # ---- the program ---------------------------------------------------------------------------------------------

    def program(self, sizes: Mapping[str, tuple[int, ...]]) -> Program:
        t, sheet = self.tables, Sheet(sizes)
        h = [sheet.variable(f"h_{s}", own.shape[1]) for s, own in zip(self.symbols, t.own, strict=True)]
        if self.participation is not None:
            z = sheet.z if self.budget is None else 0
            for s, name, charge in zip(self.symbols, self.names, h, strict=True):
                paid = charge if self.participation is ExPostIR else sheet.parameter(f"weights[{s}]") @ charge
                sheet.constraints[f"IR[{name}]"] = paid + z <= sheet.parameter(f"participation[{s}]")
        if self.chained:
            bound = dict(zip(ROUTES, (sheet.variable("a"), sheet.variable("c")), strict=True))
            prices = dict(zip(ROUTES, ((0, 0), (sheet.parameter("costs"), sheet.parameter("values"))), strict=True))
            for route in ROUTES:
                cost, value = prices[route]
                sheet.constraints[f"buyer's charges, {route}"] = h[0] + cost + bound[route] >= sheet.z
                sheet.constraints[f"seller's charges, {route}"] = h[1] - value >= bound[route]
        elif self.budget is NoExpectedDeficit:
            revenue = sum(sheet.parameter(f"others[{s}]") @ x for s, x in zip(self.symbols, h, strict=True))
            sheet.constraints[self.budget.title] = revenue - sheet.parameter("expected surplus") >= sheet.z
        elif self.budget is not None:
            revenue = -sheet.parameter("surplus")
            for own, charge in zip(t.own, h, strict=True):
                others = np.broadcast_to(np.arange(own.shape[1]), own.shape)
                revenue = revenue + incidence(own.ravel(), others.ravel(), (t.P, own.shape[1])) @ charge
            name, everywhere = self.budget.title, np.ones(t.P) * sheet.z
            sheet.constraints[name] = everywhere == revenue if self.budget is Balanced else everywhere <= revenue
            sheet.relaxable += [name] * (self.budget is Balanced)
        objective = None
        if not self.margin:
            objective = sheet.parameter("worth")
            for i, (s, charge) in enumerate(zip(self.symbols, h, strict=True)):
                if self.weights[i] != self.revenue_weight:
                    objective = objective + sheet.parameter(f"net weight[{s}]") @ charge
        q = self.lotteries
        allocation = {
            x: cp.Constant(np.array([to_float(w) for w in q[:, n]])) for n, x in enumerate(t.environment.outcomes)
        }
        return sheet.program(objective, allocation)

    # ---- the way back --------------------------------------------------------------------------------------------

    @cached_property
    def lotteries(self) -> np.ndarray:
        """An efficient allocation within the tie rule, profiles x outcomes: the first outcome where several are open."""
        q, cells = self.tables.allocation.fixed.copy(), self.tables.allocation.cells
        profiles, first = np.unique(cells[:, 0], return_index=True)
        q[profiles, cells[first, 1]] = to_flint(1)
        return q

    def mechanism(self, primal: Mapping[str, np.ndarray]) -> Mechanism:
        need, env, charges = self.instance.requirements, self.instance.environment, self._charges(primal)
        finite = self.participation is not None and self.budget is not None
        if finite and env.kind == "bilateral-trade" and env.prior is None:  # a compact proof has no room for rays
            ties = "first" if need.ties == "any" else need.ties
            return GrovesTrade(env, ties, *fractions(charges))
        return self.tables.scheme(self.lotteries, charges)

    def directions(self, primal: Mapping[str, np.ndarray]) -> Mechanism:
        return self.tables.charge_direction(self._charges(primal))

    def _charges(self, primal: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        """h_i."""
        return self.paid(primal, "h", (own.shape[1] for own in self.tables.own))

    def multipliers(self, duals: Mapping[str, np.ndarray]) -> list[Multiplier]:
        out: list[Multiplier] = []
        t = self.tables
        if (participation := self.participation) is not None:
            for i, name in enumerate(self.names):
                for (row,), weight in nonzero(duals, f"IR[{name}]"):
                    out.append(Multiplier(participation(i), weight, self._place(participation, i, row)))
        if self.chained:
            for route in ROUTES:
                sold, bought = (nonzero(duals, f"{side}'s charges, {route}") for side in ("seller", "buyer"))
                pairs = transport([(b, w) for (b,), w in sold], [(s, w) for (s,), w in bought])
                out += [Multiplier(NoDeficit(), w, Place((b, s))) for b, s, w in pairs]
            return out
        return out + budget_multipliers(duals, self.budget, t.types)

    def _place(self, participation: type[Constraint], i: int, row: int) -> Place:
        """Where an IR row of agent i stands: the type in it is the one with the smallest right-hand side."""
        if participation.scope is Scope.WHOLE:
            return WHOLE
        own = int(self.reach[i][1][row])
        return Place(type=own) if participation.scope is Scope.TYPE else Place(self.tables.profile(i, own, row))


def _chained(instance: Instance) -> bool:
    return instance.environment.kind == "bilateral-trade" and instance.requirements.budget_rule is NoDeficit


formulation = Groves
