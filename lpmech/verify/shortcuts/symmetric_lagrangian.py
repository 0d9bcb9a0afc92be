"""Multipliers up to relabelling identical agents: an upper bound by weak duality."""

from __future__ import annotations

import math
from collections import defaultdict
from fractions import Fraction

from lpmech.verify.kernel.instance import SCOPE, Instance
from lpmech.verify.kernel.lagrangian import Lagrangian
from lpmech.verify.kernel.multipliers import Group, Row, common_weight
from lpmech.verify.reading.limits import METER
from lpmech.verify.reading.numbers import scaled
from lpmech.verify.report import Refusal
from lpmech.verify.shortcuts.symmetric import Symmetric


class SymmetricLagrangian(Lagrangian):
    """L at mechanisms that treat the members of each class alike. ``payoff[c][entry, k]`` is the coefficient of v_c(q, k) -
    t_c at an entry of the layout, ``revenue[r]`` that of the revenue at a representative, in units of 1/(W * P); constant:
    1/(W * P * D * share), share making averages over members whole."""

    def __init__(self, instance: Instance, groups: list[Group], bounds: str) -> None:
        assert isinstance(instance, Symmetric)
        self.instance, self.symmetric, self.bounds = instance, instance, bounds
        W = common_weight(instance, groups)
        METER.get().work(instance.count, W.bit_length() + instance.P.bit_length(), "multipliers")
        self.unit, self.share = W * instance.P, math.lcm(*range(1, max(map(len, instance.classes)) + 1))
        self.payoff = [defaultdict[tuple[int, int], int](int) for _ in instance.classes]
        self.revenue = [0] * instance.count
        self.constant, self.z = 0, self.unit if bounds == "margin" else 0
        if bounds == "objective":
            for c, members in enumerate(instance.classes):
                self.add_own(c, None, len(members) * scaled([instance.on_utility[members[0]]], W)[0])
            self.add_all(scaled([instance.on_revenue], W)[0])
        for group in groups:
            if SCOPE[group.notion] != "profile":
                METER.get().take(len(group.spots) * instance.count)
            for row, w in group.rows(W):
                self.add(row, w)

    def add(self, row: Row, w: int) -> None:
        instance, c = self.symmetric, self.symmetric.home[row.agent]
        if row.name == instance.z_in:
            self.z -= w * instance.P
        if row.name == "budget":
            if SCOPE[row.notion]:
                self.revenue[instance.representative_at(row.spot)] += w * instance.P
            else:
                self.add_all(w)
            return
        first = instance.classes[c][0]
        if SCOPE[row.notion] == "profile":
            r = instance.representative_at(row.spot)
            k = instance.profiles[r][row.agent]
            e, n = instance.entry[c][r, k], len(instance.others[c])
            first, outside = instance.seats[c][e][0], self.mean_outside(c, k, w)
            self.payoff[c][e, k] += w * instance.P
            if row.name != "IR":
                self.payoff[c][row.report * n + e % n, k] -= w * instance.P
        else:
            own = row.spot if SCOPE[row.notion] else None
            outside = self.mean_outside(c, own, w)
            self.add_own(c, own, w)
            if row.name != "IR":
                self.add_own(c, own, -w, row.report)
        if row.name == "IR":
            self.constant -= outside
        if row.agent != first:
            raise Refusal(
                f"multipliers: {instance.names[row.agent]} where {instance.names[first]} stands for his class"
            )

    def mean_outside(self, c: int, k: int | None, w: int) -> int:
        """w times the outside option of type k, or its mean over types and members."""
        instance, members = self.symmetric, self.symmetric.classes[c]
        if k is not None:
            return w * instance.P * instance.outside[members[0]][k] * self.share
        columns = zip(*(instance.outside[i] for i in members), strict=True)
        total = sum([m * sum(column) for m, column in zip(instance.own[c], columns, strict=True)])
        return w * total * (instance.P // instance.units[c]) * (self.share // len(members))

    def add_own(self, c: int, k: int | None, w: int, report: int | None = None) -> None:
        """Add w times the expected payoff of type k of class c (who may report another), or of all types."""
        instance, masses = self.symmetric, self.symmetric.against[c]
        types = [(k, instance.units[c])] if k is not None else list(enumerate(instance.own[c]))
        for own, m in types:
            at = (own if report is None else report) * len(masses)
            for o, mass in enumerate(masses):
                if m * mass:
                    self.payoff[c][at + o, own] += w * m * mass

    def add_all(self, w: int) -> None:
        """Add w times the expected revenue."""
        self.revenue = [x + w * m for x, m in zip(self.revenue, self.symmetric.mass, strict=True)]

    def bound(self) -> Fraction:
        instance = self.symmetric
        if self.bounds != "objective":
            self.must_vanish(self.z, "z")
        on_q = [[-r * cost * self.share for cost in instance.costs] for r in self.revenue]
        for c, payoff in enumerate(self.payoff):
            n, known = len(instance.others[c]), dict[tuple[int, int, int], list[int]]()
            on_t = [len(seats) * self.revenue[r] for r, seats in zip(instance.spot[c], instance.seats[c], strict=True)]
            for (e, k), w in payoff.items():
                on_t[e] -= w
                self.add_to(on_q[instance.spot[c][e]], w, self.mean(c, e, k, known))
            for e, w in enumerate(on_t):
                if not instance.groves:
                    self.must_vanish(w, "the transfer of {} at {}", instance.seats[c][e][0], instance.spot[c][e])
                elif w:  # t_c(k, o) = h_c(o) - (surplus - own value)
                    row = on_q[instance.spot[c][e]]
                    self.add_to(row, w, self.mean(c, e, e // n, known))
                    self.add_to(row, -w * self.share, instance.surplus[instance.spot[c][e]])
            for o in range(n if instance.groves else 0):
                first, spot = instance.seats[c][o][0], instance.spot[c][o]
                self.must_vanish(sum(on_t[o::n]), "the charge of {} against the others at {}", first, spot)
        total: int | Fraction = self.constant
        for row, choices in zip(on_q, instance.choices, strict=True):
            total += max(row[q[0][0]] if len(q) == 1 else sum(c * row[x] for x, c in q) for q in choices)
        return Fraction(total) / (self.unit * instance.unit * self.share)

    @staticmethod
    def add_to(row: list[int], w: int, by: list[int]) -> None:
        row[:] = [a + w * b for a, b in zip(row, by, strict=True)]

    def mean(self, c: int, e: int, k: int, known: dict[tuple[int, int, int], list[int]]) -> list[int]:
        """share times v_i(x, k) for each outcome x, averaged over the members i who have the entry's type there."""
        seats = self.symmetric.seats[c][e]
        name = seats[0], len(seats), k
        if name not in known:
            rows = [self.symmetric.values[i][k] for i in seats]
            known[name] = [sum(vs) * (self.share // len(seats)) for vs in zip(*rows, strict=True)]
        return known[name]
