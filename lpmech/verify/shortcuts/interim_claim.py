"""Mechanisms by interim payments, multipliers on interim constraints, and claims that they show."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise
from typing import Any

from lpmech.verify.kernel.claim import Claim
from lpmech.verify.kernel.instance import PRIOR, SCOPE, Instance
from lpmech.verify.kernel.lagrangian import Lagrangian
from lpmech.verify.kernel.mechanism import Mechanism
from lpmech.verify.kernel.multipliers import Group, common_weight
from lpmech.verify.reading.limits import METER, common
from lpmech.verify.reading.numbers import column, keyed, listed, unit
from lpmech.verify.report import Refusal, Report, Rows
from lpmech.verify.shortcuts.interim import ByType


class InterimMechanism(Mechanism):
    """The efficient allocation with ties by rank, and interim payments T[c][k] in units of 1/M."""

    def __init__(self, instance: ByType, data: Any, more: Iterable[Fraction]) -> None:
        self.instance = self.by_type = instance
        self.direction, at = False, "mechanism"
        rows = listed(data["interim"], f"{at}.interim", len(instance.classes))
        given = [
            column(row, f"{at}.interim[{c}]", instance.sizes[i])
            for c, (row, i) in enumerate(zip(rows, instance.first, strict=True))
        ]
        bottoms = {instance.unit, unit(more), *(by for by, _ in given)}
        self.unit = common(bottoms, sum(len(row) for _, row in given), "mechanism: amounts")
        self.T = [[t * (self.unit // by) for t in row] for by, row in given]
        self.by = self.unit // instance.unit

    def truth(self, c: int, k: int, r: int) -> int:
        """E[v - t] of type k who reports r, in units of 1/(M * over[c])."""
        return self.by_type.value(c, k, r) * self.by - self.T[c][r] * self.by_type.chances.over[c]

    def incentives(self, rows: Rows) -> None:
        """All pairs of types of the first of each class."""
        instance = self.by_type
        for c, i in enumerate(instance.first):
            n, labels, over = instance.sizes[i], instance.types[i], instance.chances.over[c]
            rows.checked += n * (n - 1) * instance.members[c]
            METER.get().take(n * n * len(instance.worth[c][0]))
            METER.get().work(n * n * len(instance.worth[c][0]), over.bit_length(), "incentives")
            for k in range(n):
                honest = self.truth(c, k, k)
                for r in range(n):
                    gain = self.truth(c, k, r) - honest
                    if gain > 0:
                        gains = f"gains {Fraction(gain, self.unit * over)} by reporting {labels[r]}"
                        rows.fail(f"{instance.names[i]} of type {labels[k]} {gains}")

    def participation(self, rows: Rows, fees: list[int], z: int) -> None:
        """Interim, or ex ante. z never sits here: there is a budget."""
        instance = self.by_type
        for c, i in enumerate(instance.first):
            over = instance.chances.over[c]
            net = [
                self.truth(c, k, k) - (instance.outside[i][k] * self.by + fees[c] + z) * over
                for k in range(instance.sizes[i])
            ]
            if SCOPE[instance.ir] == "type":
                gaps = [(gap, 1, instance.where("interim", i, k)) for k, gap in enumerate(net)]
            else:
                mean = sum([m * gap for m, gap in zip(instance.own[c], net, strict=True)])
                gaps = [(mean, instance.units[c], "")]
            rows.checked += len(gaps) * instance.members[c]
            for gap, part, place in gaps:
                if gap < 0:
                    short = Fraction(-gap, self.unit * over * part)
                    rows.fail(f"utility of {instance.names[i]}{place} falls short by {short}")

    def balance(self, rows: Rows, fees: list[int], z: int) -> None:
        """Revenue is the same at every profile, expected payments less the expected cost."""
        instance = self.by_type
        total = -instance.spent() * self.unit
        for own, T, by, fee, n in zip(instance.own, self.T, instance.units, fees, instance.members, strict=True):
            total += n * (Fraction(sum([m * t for m, t in zip(own, T, strict=True)]), by) + fee)
        rows.checked += 1
        rows.name += " (the same at every profile)" if SCOPE[instance.budget] == "profile" else ""
        gap = total - z
        if gap < 0 or (gap and instance.budget == "balanced"):
            how = "falls short" if gap < 0 else "is too high"
            rows.fail(f"revenue {how} by {abs(gap) / self.unit}")


class InterimLagrangian(Lagrangian):
    """L at the mechanism's allocation, and that no other allowed allocation makes it larger.

    ``on_t[c][k]``: the coefficient of the payment of type k of each member of class c, less the others' masses, in units of
    1/(W * P). ``rows[c]``: (k, report or None, weight) in units of 1/W.
    """

    def __init__(self, instance: Instance, groups: list[Group], bounds: str) -> None:
        assert isinstance(instance, ByType)
        self.instance = self.by_type = instance
        self.bounds, self.W = bounds, common_weight(instance, groups)
        P, W = instance.P, self.W
        self.unit = W * P
        if bounds != "margin":
            raise Refusal('bounds: proofs by interim payments bound the "margin"')
        self.z, self.budget = W, 0
        self.on_t = [[0] * instance.sizes[i] for i in instance.first]
        self.rows: list[list[tuple[int, int | None, int]]] = [[] for _ in instance.classes]
        self.whole = [0] * len(instance.classes)  # weight of ex ante IR
        for group in groups:
            by = W // group.unit
            if SCOPE[group.notion] == "profile":
                raise Refusal(f"multipliers: a budget at one profile; {PRIOR!r} stands for all")
            if group.name == "budget":
                self.add_budget(sum(group.weights) * by)
                continue
            if group.agent not in instance.first:
                raise Refusal(f"multipliers: {instance.names[group.agent]} is named, not the first of his class")
            c = instance.first.index(group.agent)
            if not SCOPE[group.notion]:
                self.add_whole(c, sum(group.weights) * by)
                continue
            for k, report, weight in zip(group.spots, group.reports, group.weights, strict=True):
                bic = group.name == "BIC"
                self.rows[c].append((k, report if bic else None, weight * by))
                self.on_t[c][k] -= weight * by * P
                if bic:
                    self.on_t[c][report] += weight * by * P

    def add_budget(self, w: int) -> None:
        """E[sum_i t_i - cost] - z."""
        instance = self.by_type
        self.z -= w
        self.budget += w
        for c, (own, by) in enumerate(zip(instance.own, instance.units, strict=True)):
            self.on_t[c] = [a + w * m * (instance.P // by) for a, m in zip(self.on_t[c], own, strict=True)]

    def add_whole(self, c: int, w: int) -> None:
        """E[v_i - t_i - outside_i]."""
        instance = self.by_type
        self.whole[c] += w
        part = instance.P // instance.units[c]
        self.on_t[c] = [a - w * m * part for a, m in zip(self.on_t[c], instance.own[c], strict=True)]

    def bound(self) -> Fraction:
        instance = self.by_type
        self.must_vanish(self.z * instance.P, "z")
        for c, i in enumerate(instance.first):
            for k, w in enumerate(self.on_t[c]):
                self.must_vanish(w, f"the payment of {{}} of type {instance.types[i][k]}", i)
        if instance.ties == "any" and instance.chances.tied:
            self.ranks_are_best()
        total = -self.budget * instance.spent()
        for c, i in enumerate(instance.first):
            over, outside, gross = instance.chances.over[c], instance.outside[i], 0
            METER.get().take(2 * len(self.rows[c]) * len(instance.worth[c][0]))
            for k, report, w in self.rows[c]:
                if report is None:
                    gross += w * (instance.value(c, k, k) - outside[k] * over)
                else:
                    gross += w * (instance.value(c, k, k) - instance.value(c, k, report))
            net = [m * (instance.value(c, k, k) - outside[k] * over) for k, m in enumerate(instance.own[c])]
            on_average = Fraction(self.whole[c] * sum(net), instance.units[c])
            total += instance.members[c] * (gross + on_average) / (instance.unit * over)
        return total / self.W

    def ranks_are_best(self) -> None:
        """Where outcomes tie, one of lower rank has at least the coefficient of one of higher rank, and of equal rank the
        same: so the mechanism's lottery is the best."""
        instance = self.by_type
        if instance.alone:
            self.winners_are_best()
            return
        ranks = instance.tables[0][0]
        order = sorted(range(len(ranks)), key=lambda x: ranks[x])
        for c, worth in enumerate(instance.worth):
            METER.get().take(len(self.rows[c]) * len(ranks))
            for k, report, w in self.rows[c]:
                if report is None or not w:
                    continue
                rent = [worth[k][x] - worth[report][x] for x in order]
                at = [ranks[x] for x in order]
                for a in range(len(order) - 1):
                    if rent[a] > rent[a + 1] or (at[a] == at[a + 1] and rent[a] != rent[a + 1]):
                        self.choice_matters()

    def winners_are_best(self) -> None:
        """The coefficient of a good being held by type k of class c, divided by the product of the masses of all, is a/p;
        where p = 0 it counts against types of positive mass, which have 0."""
        instance = self.by_type
        on_q = [[self.whole[c] * m * v[0] for m, v in zip(own, worth, strict=True)]
                for c, (own, worth) in enumerate(zip(instance.own, instance.worth, strict=True))]  # fmt: skip
        for c, rows in enumerate(self.rows):
            worth, by = instance.worth[c], instance.units[c]
            for k, report, w in rows:
                on_q[c][k] += w * worth[k][0] * by
                if report is not None:
                    on_q[c][report] -= w * worth[k][0] * by
        on_q = [[-a for a in row] if sells else row for sells, row in zip(instance.sells, on_q, strict=True)]
        for level in (level for ranks in instance.tables for level in instance.levels(ranks)):
            ranked = sorted(level, key=lambda entry: entry[2])
            likely = [(r, Fraction(on_q[c][k], instance.own[c][k])) for c, k, r in ranked if instance.own[c][k]]
            for (r, a), (s, b) in pairwise(likely):
                if a < b or (r == s and a != b):
                    self.choice_matters()
            for c, k, r in ranked:
                if likely and not instance.own[c][k]:
                    w = on_q[c][k]
                    if (w < 0 and r <= likely[-1][0]) or (w > 0 and r >= likely[0][0]):
                        self.choice_matters()

    def choice_matters(self) -> None:
        raise Refusal("multipliers: among tied outcomes the ranks do not choose what the multipliers count most")


class InterimClaim(Claim):
    """A claim shown by interim payments."""

    lagrangian = InterimLagrangian
    rows = "constraints (of the first agent of a class: for each of them)"

    def __init__(self, proof: dict[str, Any], instance: Instance, report: Report) -> None:
        super().__init__(proof, instance, report)
        assert isinstance(instance, ByType)
        self.by_type = instance
        if "mechanism" not in self.parts:
            raise Refusal("mechanism: missing; proofs by interim payments need one")
        data = keyed(self.parts["mechanism"], "mechanism", ("interim", "allocation"))
        instance.read_ranks(data["allocation"])

    def mechanism(self) -> Mechanism:
        more = [*self.fees, *([self.margin] if isinstance(self.margin, Fraction) else [])]
        return InterimMechanism(self.by_type, self.take("mechanism"), more)

    def ray(self, rate: Fraction) -> Mechanism:
        raise Refusal("ray: there is no compact form; write the whole proof in full")
