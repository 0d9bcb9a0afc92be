"""The reference formulation: a transfer for every agent and profile, every constraint as defined.

Variables: t_i(k, o), money paid by agent i of type k when the others' profile is o (or the Groves charges h_i(o)); q,
the entries of q(theta) that the requirements leave open; z, the margin; and, under BIC, the interim payments T_i(k,
k') = E[t_i(k', o) | k] and interim allocations A_x,i(k, k') = E[q(x | k', o) | k], lifted because incentive rows in
them are short. All pairs of types count (C4), with two exceptions: conditions on types without beliefs (C3), and
incentive rows of a Groves scheme with an efficient allocation, which hold by Groves' theorem on every grid and with
every lottery over efficient outcomes (efficient-mechanisms-notes, Theorem 1; proof in docs/formulations.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from lpmech.answer.mechanism import Mechanism
from lpmech.answer.multipliers import Multiplier
from lpmech.base.arrays import array, zeros
from lpmech.base.exact import to_flint
from lpmech.programs.formulations import Formulation, Program
from lpmech.programs.formulations._full_program import Writer
from lpmech.programs.formulations._tables import Tables, symbols
from lpmech.programs.formulations._way_back import fractions, lotteries, nonzero
from lpmech.question.constraints import WHOLE, Constraint, Incentives, Place, Scope
from lpmech.question.model import Instance

Menu = tuple[np.ndarray, tuple[np.ndarray, np.ndarray, np.ndarray]]
"""Number of the payment in an agent's own layout; own types, others and reports of his incentive rows."""


def count_entries(instance: Instance, sizes: Sequence[int], profiles: int, payments: Sequence[int]) -> int:
    """Payments (a number for each agent or class), lotteries and incentive rows.

    cvxpy takes about 10 bytes for each triple of types of one agent beside that when it compiles BIC rows (measured).
    """
    need, out = instance.requirements, sum(payments) + profiles * len(instance.environment.outcomes)
    rule = need.incentive_rule
    if rule is None or (need.groves and need.allocation == "efficient"):
        return out
    if rule.scope is Scope.PROFILE:
        return out + sum(p * (n - 1) for p, n in zip(payments, sizes, strict=True))
    return out + sum(n * (n - 1) + n**3 // 100 for n in sizes)


class Full(Formulation):
    """Full transfer tables (or Groves charges) and full lotteries: O(N P) variables for P profiles."""

    name = "full"

    @classmethod
    def accepts(cls, instance: Instance) -> str | None:
        return None

    @classmethod
    def entries(cls, instance: Instance) -> int:
        P = instance.environment.profile_count
        return count_entries(instance, instance.environment.sizes, P, [P] * len(instance.environment.agents))

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        self.tables = self.make_tables()
        r = instance.requirements
        self.groves = r.groves
        self.incentives = None if self.groves and self.tables.efficient else r.incentive_rule
        self.participation, self.budget, self.level = r.participation_rule, r.budget_rule, r.level_rule
        asked = r.constraints(self.tables.N)
        self.constraints = [c for c in asked if self.incentives is not None or not isinstance(c, Incentives)]
        self.margin = instance.objective.maximize == "margin"
        weights, self.revenue_weight = instance.objective.weights(len(instance.environment.agents))
        self.weights = [weights[members[0]] for members in self.tables.members]
        self.symbols = symbols(self.tables.names)
        self.strategy = "dual" if instance.requirements.allocation == "free" else "primal"

    def make_tables(self) -> Tables:
        """The numbers of the instance."""
        return Tables(self.instance)

    def menu(self, i: int) -> Menu | None:
        """Which payments agent i has, and the incentive rows between them; None if all payments may differ."""
        return None

    @property
    def lifted(self) -> bool:
        """Whether incentives speak of interim payments, which are variables of their own then."""
        return self.incentives is not None and self.incentives.scope is Scope.TYPE

    @cached_property
    def cells(self) -> np.ndarray:
        return self.tables.cells

    def pairs(self, i: int) -> tuple[np.ndarray, np.ndarray]:
        """True and reported type of agent i's incentive rows, all pairs."""
        return self._pairs[i]

    @cached_property
    def _pairs(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """For each agent; ``place`` asks for them once for every multiplier."""
        out = []
        for i, n in enumerate(self.tables.sizes):
            true, report = np.nonzero(~np.eye(n, dtype=bool))
            keep = np.isin(true, self.tables.believing(i)) if self.lifted else np.ones(len(true), dtype=bool)
            out.append((true[keep], report[keep]))
        return out

    def shape(self) -> tuple[Any, ...]:
        t = self.tables
        weighted = tuple(bool(w != self.revenue_weight) for w in self.weights)
        return (
            *(t.shape, self.groves, self.incentives, self.participation, self.budget),
            *(self.margin, None if self.margin else weighted, tuple(self.symbols)),
            *(tuple(t.names), t.environment.outcomes),
        )

    # ---- exact numbers -------------------------------------------------------------------------------------------

    def numbers(self) -> dict[str, np.ndarray]:
        t, out = self.tables, {}
        for i, s in enumerate(self.symbols):
            own, value = t.own_joint(i), t.value(i)
            out[f"joint[{s}]"], out[f"beliefs[{s}]"] = own, t.beliefs(i)
            out[f"marginal[{s}]"] = array(t.masses[i])
            out[f"gain[{s}]"], out[f"valuation[{s}]"] = self._gain(i), t.V[i]
            if self.groves and self.incentives is not None:
                out[f"externality[{s}]"] = t.externality(i)
                for x in range(t.X):
                    out[f"expected externality[{s}, {x}]"] = t.beliefs(i) * t.externality(i)[:, x]
            out[f"participation[{s}]"] = self._participation(i, value, own)
            out[f"participation cells[{s}]"] = self._entry_weights(i) * t.entry_values(i)
            net_weight = to_flint((self.revenue_weight - self.weights[i]) * len(t.members[i]))
            others = own.sum(axis=0)
            out[f"others[{s}]"], out[f"net charge weight[{s}]"] = others, others * net_weight
            out[f"net weight[{s}]"] = own * net_weight
        weights, w = [to_flint(x) for x in self.weights], to_flint(self.revenue_weight)
        worth = sum((x * t.flat(t.value(i), i) for i, x in enumerate(weights)), -w * t.cost())
        cell_worth = sum((x * t.by_cell(t.entry_values(i), i) for i, x in enumerate(weights)), -w * t.cell_costs())
        mass = t.joint[self.cells[:, 0]]
        out["cost"], out["cell costs"] = t.cost(), t.cell_costs()
        out["expected cost"] = np.array(t.joint.dot(t.cost()), dtype=object)
        out["expected cell costs"] = mass * t.cell_costs()
        out["worth"], out["worth of cells"] = np.array(t.joint.dot(worth), dtype=object), mass * cell_worth
        return out

    def _gain(self, i: int) -> np.ndarray:
        """Settled part of what truth gains over a report, before transfers: pairs x o (DSIC) or pairs (BIC)."""
        if self.incentives is None:
            return zeros(0)
        gain = self.tables.gain if self.incentives.scope is Scope.PROFILE else self.tables.interim_gain
        return gain(i, *self.pairs(i))

    def _participation(self, i: int, value: np.ndarray, joint: np.ndarray) -> np.ndarray:
        """Settled part of utility less the outside option, before transfers, in the rows of the IR notion."""
        t = self.tables
        net = value - t.outside[i][:, None]
        scope = None if self.participation is None else self.participation.scope
        if scope is Scope.TYPE:
            return (net[t.believing(i)] * t.beliefs(i)).sum(axis=1)
        if scope is Scope.WHOLE:
            return np.array((net * joint).sum(), dtype=object)
        return net

    def _entry_weights(self, i: int) -> np.ndarray:
        """Weight of each open entry of agent i in the IR row of its type or profile."""
        t, at = self.tables, self.tables.entries(i)
        scope = None if self.participation is None else self.participation.scope
        if scope is Scope.TYPE:
            row = t.row_of_type(i)[at.k]
            out = t.beliefs(i)[row, at.o]
            out[row < 0] = to_flint(0)
            return out
        if scope is Scope.WHOLE:
            return t.own_joint(i)[at.k, at.o]
        return array([1] * len(at.k))

    # ---- the program ---------------------------------------------------------------------------------------------

    def program(self, sizes: Mapping[str, tuple[int, ...]]) -> Program:
        return Writer(self, sizes).write()

    def labels(self) -> dict[str, dict[tuple[int, ...], str]]:
        """Types and outcomes that the entries of each variable are about."""
        if self.name != Full.name:  # its entries stand for menus or orbits
            return {}
        return {name: found for name in ("q", *self._letters()) if (found := self._labels(name))}

    def _letters(self) -> list[str]:
        return [f"{letter}_{s}" for letter in ("t", "h", "T") for s in self.symbols]

    def _labels(self, name: str) -> dict[tuple[int, ...], str]:
        env, t = self.instance.environment, self.tables
        profiles = t.types.T.tolist()

        def words(p: int, left: int | None = None) -> str:
            each = zip(env.agents, profiles[p], strict=True)
            return ", ".join(f"{a.name} {a.types[k]}" for j, (a, k) in enumerate(each) if j != left)

        if name == "q":
            return {(c,): f"{env.outcomes[x]} | {words(p)}" for c, (p, x) in enumerate(t.cells.tolist())}
        letter, _, symbol = name.partition("_")
        i = self.symbols.index(symbol)
        if letter == "T":
            if not self.lifted or self.groves:
                return {}
            types, believing = env.agents[i].types, t.believing(i).tolist() if t.correlated else []
            true = {row: f"{types[k]} -> " for row, k in enumerate(believing)}
            rows = range(len(believing) or 1)
            return {(row, k): true.get(row, "") + types[k] for row in rows for k in range(len(types))}
        own = t.own[i]
        if letter == "t":
            if self.groves or self.menu(i) is not None:
                return {}
            return {(k, o): words(int(own[k, o])) for k, o in np.ndindex(own.shape)}
        return {(0, o): words(int(own[0, o]), i) for o in range(own.shape[1])} if self.groves else {}

    # ---- the way back --------------------------------------------------------------------------------------------

    def mechanism(self, primal: Mapping[str, np.ndarray]) -> Mechanism:
        t, fixed = self.tables, self.tables.allocation.fixed.copy()
        if len(self.cells):
            fixed[self.cells[:, 0], self.cells[:, 1]] = primal["q"]
        if self.groves:
            return t.scheme(fixed, self._paid(primal))
        return Mechanism(self.instance.environment, self._transfers(primal), lotteries(fixed))

    def _paid(self, primal: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        """t_i in agent i's own layout, or h_i; 0 if no constraint speaks of it."""
        names = [f"{'h' if self.groves else 't'}_{s}" for s in self.symbols]
        shapes = [(1 if self.groves else own.shape[0], own.shape[1]) for own in self.tables.own]
        return [primal[name] if name in primal else zeros(size) for name, size in zip(names, shapes, strict=True)]

    def _transfers(self, primal: Mapping[str, np.ndarray]) -> tuple[tuple[Any, ...], ...]:
        return fractions(self.tables.flat(own, i) for i, own in enumerate(self._paid(primal)))

    def directions(self, primal: Mapping[str, np.ndarray]) -> Mechanism:
        if self.groves:
            return self.tables.charge_direction(self._paid(primal))
        return Mechanism(self.instance.environment, self._transfers(primal), ({},) * self.tables.P)

    def constrains(self, name: str) -> bool:
        """Whether a block of rows of the program are rows of a constraint: those that ``multipliers`` reads."""
        return name in {constraint.block(self.tables.names) for constraint in self.constraints}

    def multipliers(self, duals: Mapping[str, np.ndarray]) -> list[Multiplier]:
        return [
            Multiplier(constraint, weight, self.place(constraint, at))
            for constraint in self.constraints
            for at, weight in nonzero(duals, constraint.block(self.tables.names))
        ]

    def place(self, constraint: Constraint, at: tuple[int, ...]) -> Place:
        """Where the row with these numbers stands in the constraint's block."""
        t, i = self.tables, constraint.agent
        if constraint.scope is Scope.WHOLE:
            return WHOLE
        if i is None:
            return Place(tuple(t.types[:, at[0]].tolist()))
        if isinstance(constraint, Incentives):
            true, report = (int(column[at[0]]) for column in self.pairs(i))
            if constraint.scope is Scope.TYPE:
                return Place(type=true, report=report)
            return Place(t.profile(i, true, at[1]), report=report)
        if constraint.scope is Scope.TYPE:
            return Place(type=int(t.believing(i)[at[0]]))
        return Place(t.profile(i, *at))


formulation = Full
