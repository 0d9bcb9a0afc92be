"""``full`` for every question: the rows of every constraint, written out from its definition in exact numbers.

Where ``_full_program`` writes a question in cvxpy once for all numbers of a shape, this one asks each constraint for its
rows, place by place, and so answers whatever constraints can say: notions by agent, bounds on payments, linear
requirements, interdependent values, free shares. Expected payments of reports are lifted, as there; z stands in the rows
of the budget or, without one, of participation (C9).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from lpmech.answer.mechanism import Mechanism
from lpmech.answer.multipliers import Multiplier
from lpmech.base.arrays import array, zeros
from lpmech.base.exact import from_flint, to_flint
from lpmech.programs.forms import CONSTANT, Form, FormStatements
from lpmech.programs.formulations import Formulation, Program
from lpmech.programs.formulations._way_back import fractions, nonzero
from lpmech.programs.linear_program import LinearProgram, compressed
from lpmech.question.constraints import WHOLE, Place, Relation
from lpmech.question.model import Instance

LEVEL = "level"
"""The row z = 0."""


@dataclass(frozen=True)
class Rows:
    """Rows of one block: forms that are >= 0, or = 0."""

    forms: list[Form]
    equality: bool


class FullRows(Formulation):
    """The definition, row by row. ``decided``: outcomes of some profiles, by number, as branches of a search fix them."""

    name = "full"

    @classmethod
    def accepts(cls, instance: Instance) -> str | None:
        return None

    @classmethod
    def entries(cls, instance: Instance) -> int:
        """Unknowns, and the coefficients of the rows in expectation, which speak of every profile."""
        env = instance.environment
        P, X, N = env.profile_count, len(env.outcomes), len(env.sizes)
        rows = sum(P * (n - 1) for n in env.sizes) * (P // min(env.sizes) if env.interdependent else 1)
        return P * (N + X) + rows + P * len(instance.requirements.linear)

    def __init__(self, instance: Instance, decided: Mapping[int, int] | None = None) -> None:
        super().__init__(instance)
        self.decided = dict(decided or {})
        self.constraints = instance.constraints
        self.names = [agent.name for agent in instance.environment.agents]
        self.margin = instance.objective.maximize == "margin"
        self.strategy = "dual" if instance.requirements.allocation == "free" else "primal"

    @cached_property
    def of(self) -> FormStatements:
        """The mechanism as forms."""
        return FormStatements(self.instance, self.decided)

    @cached_property
    def places(self) -> dict[str, list[Place]]:
        """Where the rows of each block stand."""
        env = self.instance.environment
        return {c.block(self.names): list(c.places(env)) for c in self.constraints}

    @cached_property
    def blocks(self) -> dict[str, Rows]:
        """All rows but z = 0: those of constraints, then what lotteries, shares and lifted payments are."""
        of, need, out = self.of, self.instance.requirements, dict[str, Rows]()
        one = to_flint(1)
        for constraint in self.constraints:
            name = constraint.block(self.names)
            forms = [constraint.value(of, place) for place in self.places[name]]
            if need.level(constraint):
                for form in forms:
                    form[of.z] = -one
            out[name] = Rows(forms, constraint.relation is Relation.EQUAL)
        if of.cells:
            out["q >= 0"] = Rows([Form({column: one}) for column in of.cell.values()], False)
            sums = [Form({of.cell[p, x]: one for x in xs}) + Form({CONSTANT: -one}) for p, xs in of.options.items()]
            out["lotteries"] = Rows(sums, True)
        if "shares" in of.columns:
            first = of.columns["shares"][0]
            out["shares >= 0"] = Rows([Form({first + i: one}) for i in range(of.N)], False)
            out["shares"] = Rows([Form({first + i: one for i in range(of.N)}) + Form({CONSTANT: -one})], True)
        if lifted := list(of.lifts()):
            out["expected payments"] = Rows(lifted, True)
        return out

    def goal(self) -> Form:
        """The objective: z, or sum_i w_i E[u_i] + w E[revenue]."""
        of = self.of
        if self.margin:
            return Form({of.z: to_flint(1)})
        weights, on_revenue = self.instance.objective.weights(of.N)
        out = of.expected_revenue(None, WHOLE) * on_revenue
        for i, w in enumerate(weights):
            if w:
                out = out + of.utility(i, None, WHOLE) * w
        return out

    def linear_program(self, level: bool) -> LinearProgram:
        """The exact program; ``level``: with z = 0."""
        blocks = dict(self.blocks)
        if level:
            blocks[LEVEL] = Rows([Form({self.of.z: to_flint(1)})], True)
        forms = [form for rows in blocks.values() for form in rows.forms]
        rows = [_row(form) for form in forms]
        b = zeros(len(forms))
        b[:] = [to_flint(0) + form.get(CONSTANT, 0) for form in forms]
        equality = np.concatenate([np.full(len(rows.forms), rows.equality) for rows in blocks.values()])
        goal, cost = self.goal(), zeros(self.of.width)
        for column, x in goal.items():
            if column != CONSTANT:
                cost[column] = x
        at, named = 0, dict[str, tuple[int, tuple[int, ...]]]()
        for name, block in blocks.items():
            named[name], at = (at, (len(block.forms),)), at + len(block.forms)
        offset = array([0])[0] + goal.get(CONSTANT, 0)
        return LinearProgram(*compressed(rows), b, equality, cost, offset, named, self.of.columns)

    @cached_property
    def relaxable(self) -> tuple[str, ...]:
        """The blocks of the constraints: what remains without them can always be met."""
        return tuple(name for name in self.places if self.places[name])

    # ---- the way back ----------------------------------------------------------------------------------------------

    def mechanism(self, primal: Mapping[str, np.ndarray]) -> Mechanism:
        of = self.of
        lotteries = [{x: from_flint(w) for x, w in row} for row in of.fixed]
        for (p, x), w in zip(of.cells, primal["q"] if of.cells else (), strict=True):
            if w != 0:
                lotteries[p][x] = from_flint(w)
        shares = tuple(map(from_flint, primal["shares"])) if "shares" in of.columns else None
        paid = self._paid(primal)
        charges = fractions(paid) if of.groves else None
        found = Mechanism(self.instance.environment, self._transfers(paid), tuple(lotteries), charges, shares)
        if not of.groves:
            return found
        total = [
            [
                t - sum((w * from_flint(self._externality(i, p, x)) for x, w in lotteries[p].items()), 0)
                for p, t in enumerate(row)
            ]
            for i, row in enumerate(found.transfers)
        ]
        transfers = tuple(map(tuple, total))
        return Mechanism(self.instance.environment, transfers, tuple(lotteries), charges, shares)

    def _externality(self, i: int, p: int, x: int) -> Any:
        of = self.of
        return sum((of.value[j][p][x] for j in range(of.N) if j != i), -of.costs[x])

    def _paid(self, primal: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        return [primal[f"{'h' if self.of.groves else 't'}_{name}"] for name in self.names]

    def _transfers(self, paid: Iterable[np.ndarray]) -> tuple[tuple[Any, ...], ...]:
        """Payments by profile; Groves charges spread over the agent's own types."""
        rows, of = fractions(paid), self.of
        if not of.groves:
            return rows
        profiles = list(of.profiles)
        return tuple(tuple(row[of.others(i, theta)] for theta in profiles) for i, row in enumerate(rows))

    def directions(self, primal: Mapping[str, np.ndarray]) -> Mechanism:
        paid, env = self._paid(primal), self.instance.environment
        charges = fractions(paid) if self.of.groves else None
        return Mechanism(env, self._transfers(paid), ({},) * self.of.P, charges)

    def multipliers(self, duals: Mapping[str, np.ndarray]) -> list[Multiplier]:
        out = []
        for constraint in self.constraints:
            name = constraint.block(self.names)
            for (at,), weight in nonzero(duals, name):
                out.append(Multiplier(constraint, weight, self.places[name][at]))
        return out

    def labels(self) -> dict[str, dict[tuple[int, ...], str]]:
        """Types and outcomes that the entries of each variable are about."""
        env, of = self.instance.environment, self.of
        profiles = list(of.profiles)

        def words(theta: tuple[int, ...], left: int | None = None) -> str:
            each = zip(env.agents, theta, strict=True)
            return ", ".join(f"{a.name} {a.types[k]}" for j, (a, k) in enumerate(each) if j != left)

        out: dict[str, dict[tuple[int, ...], str]] = {}
        for i, agent in enumerate(env.agents):
            name, left = f"{'h' if of.groves else 't'}_{agent.name}", i if of.groves else None
            places = ((of.others(i, theta) if of.groves else p, theta) for p, theta in enumerate(profiles))
            out[name] = {(place,): words(theta, left) for place, theta in places}
            if f"T_{agent.name}" in of.columns:
                out[f"T_{agent.name}"] = {(k,): label for k, label in enumerate(agent.types)}
        if of.cells:
            out["q"] = {(e,): f"{env.outcomes[x]} | {words(profiles[p])}" for e, (p, x) in enumerate(of.cells)}
        if "shares" in of.columns:
            out["shares"] = {(i,): agent.name for i, agent in enumerate(env.agents)}
        return out

    # ---- as a cvxpy problem, for those who want to add to it -------------------------------------------------------

    def shape(self) -> tuple[Any, ...]:
        """Every instance is a shape of its own: its numbers are constants of the program."""
        return (id(self),)

    def numbers(self) -> dict[str, np.ndarray]:
        return {}

    def program(self, sizes: Mapping[str, tuple[int, ...]]) -> Program:
        """The same rows in cvxpy, numbers as doubles."""
        from lpmech.programs.formulations._rows_program import written  # brings cvxpy along

        return written(self)


def _row(form: Form) -> tuple[list[int], list[Any]]:
    columns = sorted(column for column, x in form.items() if column != CONSTANT and x != 0)
    return columns, [form[column] for column in columns]
