"""The full program up to relabelling identical agents: everything of ``full``, on orbits.

If agents are identical and the question does not tell them apart, averaging a mechanism over all relabellings gives one
that does as well and treats them alike (docs/formulations.md, Symmetry). So a class of identical agents has one payment
t_c(k, o) for each own type k and each multiset o of the others' types, and profiles and outcomes count up to relabelling.

Under DSIC, types who get the same settled lottery against o pay the same (Symmetry, Lemma on menus), so their payments are
one variable, and one report of each payment is enough.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from operator import mul
from typing import Any

import numpy as np

from lpmech.answer.mechanism import Lottery
from lpmech.answer.multipliers import Multiplier
from lpmech.answer.symmetric import SymmetricMechanism
from lpmech.base.arrays import zeros
from lpmech.base.exact import from_flint, to_flint
from lpmech.programs.formulations._orbit_tables import OrbitTables
from lpmech.programs.formulations._payments import SharedPayments
from lpmech.programs.formulations._way_back import fractions, nonzero
from lpmech.programs.formulations.full import count_entries
from lpmech.question.accepts import Accepts
from lpmech.question.constraints import Constraint, Place
from lpmech.question.constraints.dsic import DSIC
from lpmech.question.constraints.ex_ante_ir import ExAnteIR
from lpmech.question.constraints.ex_post_ir import ExPostIR
from lpmech.question.constraints.interim_ir import InterimIR
from lpmech.question.constraints.no_expected_deficit import NoExpectedDeficit
from lpmech.question.model import Instance
from lpmech.question.objective import Objective
from lpmech.question.orbits import Symmetry, identical_agents, reason_against

PREFERRED_FROM = 64
"""Profiles from which on "auto" takes the program."""


class Symmetric(SharedPayments):
    """Payments for every class, own type and multiset of the others; lotteries on orbits of outcomes."""

    name = "symmetric"
    wanted = Accepts()
    alike = True
    tables: OrbitTables

    @classmethod
    def accepts(cls, instance: Instance) -> str | None:
        reason = cls.wanted.reason(instance) or reason_against(instance)
        if reason is None and all(len(members) == 1 for members in identical_agents(instance)):
            return "no two agents are identical"
        return reason

    @classmethod
    def preferred(cls, instance: Instance) -> bool:
        """Where there are many profiles, and at most half as many orbits; three quarters with DSIC and a free allocation,
        for which there is no other reduction (two identical agents have a little more than half)."""
        need, count = instance.requirements, instance.environment.profile_count
        share = Fraction(3, 4) if need.incentive_rule is DSIC and need.allocation == "free" else Fraction(1, 2)
        return count >= PREFERRED_FROM and _symmetry(instance).representative_count <= share * count

    @classmethod
    def entries(cls, instance: Instance) -> int:
        symmetry = _symmetry(instance)
        payments = [n * symmetry.others_count(c) for c, n in enumerate(symmetry.sizes)]
        return count_entries(instance, symmetry.sizes, symmetry.representative_count, payments)

    def __init__(self, instance: Instance, classes: tuple[tuple[int, ...], ...] | None = None) -> None:
        self.symmetry: Symmetry = Symmetry(instance.environment, classes or identical_agents(instance))
        super().__init__(instance)

    def make_tables(self) -> OrbitTables:
        return OrbitTables(self.instance, self.symmetry)

    def margin_question(self) -> Symmetric:
        return Symmetric(self.instance.with_objective(Objective("margin")), self.symmetry.classes)

    # ---- the way back ------------------------------------------------------------------------------------------------

    def mechanism(self, primal: Mapping[str, np.ndarray]) -> SymmetricMechanism:
        t, lotteries = self.tables, list[Lottery]()
        for r, settled in enumerate(t.settled_lotteries):
            lotteries.append({x: w for y, w in settled.items() for x in t.orbit(r, y).outcomes})
        for (r, y), w in zip(t.cells.tolist(), primal.get("q", ()), strict=True):
            if w != 0:
                lotteries[r] = {**lotteries[r], **dict.fromkeys(t.orbit(r, y).outcomes, from_flint(w))}
        out = self._money(primal, lotteries)
        if self.participation is not ExAnteIR:
            return out
        agents, lumps = self.instance.environment.agents, dict[int, Fraction]()
        for members in self.symmetry.classes:
            outside = [sum(map(mul, agents[i].probabilities, agents[i].outside), Fraction(0)) for i in members]
            mean = sum(outside, Fraction(0)) / len(members)
            lumps |= {i: mean - own for i, own in zip(members, outside, strict=True)}
        return out.plus(tuple(lump for _, lump in sorted(lumps.items())))

    def directions(self, primal: Mapping[str, np.ndarray]) -> SymmetricMechanism:
        return self._money(primal, [{}] * self.tables.P)

    def _money(self, primal: Mapping[str, np.ndarray], lotteries: list[Lottery]) -> SymmetricMechanism:
        return SymmetricMechanism(self.symmetry, fractions(self._paid(primal)), lotteries, groves=self.groves)

    def multipliers(self, duals: Mapping[str, np.ndarray]) -> list[Multiplier]:
        """Each weight stands for its mean over the images of the constraint under relabelling, named by the first agent."""
        t, s, out = self.tables, self.symmetry, list[Multiplier]()
        for c, name in enumerate(t.names):
            first = s.classes[c][0]
            if self.incentives is not None:
                for at, weight in nonzero(duals, f"{self.incentives.code}[{name}]"):
                    if self.incentives is DSIC:
                        k, o, report = (int(column[at[0]]) for column in self._menus[c][1])
                        out.append(self._at_profile(DSIC, c, k, o, weight, report))
                    else:
                        k, report = (int(column[at[0]]) for column in self.pairs(c))
                        out.append(Multiplier(self.incentives(first), weight, Place(type=k, report=report)))
            if self.incentives is DSIC:
                out += self._within_menus(c, duals)
            if self.participation is not None:
                for at, weight in nonzero(duals, f"IR[{name}]"):
                    if len(at) == 2:
                        out.append(self._at_profile(self.participation, c, at[0], at[1], weight))
                    else:
                        place = Place(type=at[0] if at else None)
                        out.append(Multiplier(self.participation(first), weight, place))
        if self.budget is not None:
            for at, weight in nonzero(duals, self.budget.title):
                place = Place(s.profile(t.keys[at[0]]) if at else None)
                out.append(Multiplier(self.budget(), weight, place))
        return out

    def _at_profile(
        self, rule: type[Constraint], c: int, k: int, o: int, weight: Any, report: int | None = None
    ) -> Multiplier:
        key = self.tables.keys[self.tables.own[c][k, o]]
        agent, profile = self.symmetry.seats(c, k, key)[0], self.symmetry.profile(key)
        return Multiplier(rule(agent), weight, Place(profile, report=report))

    def _within_menus(self, c: int, duals: Mapping[str, np.ndarray]) -> list[Multiplier]:
        """DSIC between types who pay the same: t(k', o) - t(k, o) >= 0, with weights that make each coefficient vanish.

        The program makes the coefficients of such payments vanish in sum; what each lacks is passed to the first of them.
        """
        menu, left = self._menus[c][0], self._coefficients(c, duals)
        out, first = list[Multiplier](), dict[int, int]()
        for o in range(menu.shape[1]):
            for k in range(menu.shape[0]):
                to = first.setdefault(int(menu[k, o]), k)
                w = from_flint(left[k, o])
                if to != k and w != 0:
                    own, report = (k, to) if w > 0 else (to, k)
                    out.append(self._at_profile(DSIC, c, own, o, abs(w), report))
        return out

    def _coefficients(self, c: int, duals: Mapping[str, np.ndarray]) -> np.ndarray:
        """Coefficient of each t_c(k, o) in objective + sum of multipliers times constraints, as multipliers stand."""
        t, name = self.tables, self.tables.names[c]
        out = zeros(t.own[c].shape)
        joint = t.own_joint(c)
        if not self.margin:
            out = out + joint * to_flint((self.revenue_weight - self.weights[c]) * len(t.members[c]))
        if self.budget is NoExpectedDeficit:
            out = out + joint * (duals[self.budget.title][()] * len(t.members[c]))
        elif self.budget is not None:
            out = out + duals[self.budget.title][t.own[c]] * t.seats(c)
        if self.participation is ExPostIR:
            out = out - duals[f"IR[{name}]"]
        elif self.participation is InterimIR:
            out = out - np.multiply.outer(duals[f"IR[{name}]"], t.beliefs(c)[0])
        elif self.participation is ExAnteIR:
            out = out - joint * duals[f"IR[{name}]"][()]
        (true, o, report), weights = self._menus[c][1], duals.get(f"DSIC[{name}]")
        if weights is not None:
            np.add.at(out, (true, o), -weights)
            np.add.at(out, (report, o), weights)
        return out


def _symmetry(instance: Instance) -> Symmetry:
    """Profiles up to relabelling agents that nothing in the question tells apart."""
    return Symmetry(instance.environment, identical_agents(instance))


formulation = Symmetric
