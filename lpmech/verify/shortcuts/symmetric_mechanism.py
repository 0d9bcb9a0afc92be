"""Mechanisms up to relabelling identical agents, against the requirements."""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction

from lpmech.verify.kernel.instance import Lottery
from lpmech.verify.kernel.mechanism import Mechanism
from lpmech.verify.reading.limits import common
from lpmech.verify.reading.numbers import scaled, unit
from lpmech.verify.report import Rows
from lpmech.verify.shortcuts.symmetric import Symmetric


class SymmetricMechanism(Mechanism):
    """Lotteries and payments at representatives. A lottery stands for its average over the relabellings that leave the
    representative as it is, so a member of class c with type k gets the average over the members who have type k there."""

    def __init__(
        self,
        instance: Symmetric,
        money: list[list[Fraction]],
        lotteries: list[Lottery] | None,
        lumps: list[Fraction],
        more: Iterable[Fraction] = (),
    ) -> None:
        self.instance, self.symmetric, self.direction = instance, instance, lotteries is None
        given: list[Lottery] = [()] * instance.count if lotteries is None else lotteries
        parts = unit(q for lottery in given for _, q in lottery)
        parts *= math.lcm(*range(1, max(map(len, instance.classes)) + 1))  # averages over members are whole
        bottoms = {instance.unit * parts, unit(t for row in money for t in row), unit([*lumps, *more])}
        self.unit = common(bottoms, instance.count * len(instance.names), "mechanism: amounts")
        by = self.unit // instance.unit
        self.lotteries = [[(x, q.numerator * (by // q.denominator)) for x, q in lottery] for lottery in given]
        self.outside = [[0 if self.direction else o * by for o in row] for row in instance.outside]
        self.lumps = scaled(lumps, self.unit)
        self.worth: list[list[list[int]]] = []  # v_c(q, k) for each true type k, at each entry of the layout
        self.paid: list[list[int]] = []
        for c, row in enumerate(money):
            places = list(zip(instance.spot[c], instance.seats[c], strict=True))
            self.worth.append([self.worths(self.lotteries[r], seats) for r, seats in places])
            self.paid.append(self.groves(c, scaled(row, self.unit)) if instance.groves else scaled(row, self.unit))
        self.revenue = [-sum([q * instance.costs[x] for x, q in lottery]) for lottery in self.lotteries]
        for c, row_of in enumerate(self.paid):
            for r, seats, t in zip(instance.spot[c], instance.seats[c], row_of, strict=True):
                self.revenue[r] += len(seats) * t

    def worths(self, lottery: list[tuple[int, int]], seats: list[int]) -> list[int]:
        """What the lottery is worth to each true type, averaged over the seats."""
        tables = [self.instance.values[i] for i in seats]
        types = range(len(tables[0]))
        return [sum([q * table[k][x] for table in tables for x, q in lottery]) // len(seats) for k in types]

    def groves(self, c: int, charges: list[int]) -> list[int]:
        """t_c(k, o) = -(surplus at the lottery of the representative - own value) + h_c(o) (C8)."""
        instance, out = self.symmetric, []
        for e, (r, worth) in enumerate(zip(instance.spot[c], self.worth[c], strict=True)):
            k, o = divmod(e, len(charges))
            surplus = sum([q * instance.surplus[r][x] for x, q in self.lotteries[r]])
            out.append(charges[o] - surplus + worth[k])
        return out

    def utilities(self, c: int) -> list[int]:
        """v_c - t_c at each entry of the layout, without lump sums."""
        n = len(self.symmetric.others[c])
        return [worth[e // n] - t for e, (worth, t) in enumerate(zip(self.worth[c], self.paid[c], strict=True))]

    def expected(self, c: int, row: list[int]) -> list[int]:
        """Expectation over the others for each own type; masses in units of 1/P times the own unit."""
        masses = self.symmetric.against[c]
        n = len(masses)
        return [sum([m * x for m, x in zip(masses, row[s : s + n], strict=True)]) for s in range(0, len(row), n)]

    def incentives(self, rows: Rows) -> None:
        """As for single agents, with the menu against each orbit of the others, or the expected one."""
        instance = self.symmetric
        for c, others in enumerate(instance.others):
            n, types = len(others), range(instance.sizes[instance.classes[c][0]])
            if instance.ic == "DSIC":
                menus = [(o, [(self.worth[c][r * n + o], self.paid[c][r * n + o]) for r in types]) for o in range(n)]
                scale = instance.P
            else:
                columns = [self.expected(c, [worth[k] for worth in self.worth[c]]) for k in types]
                paid = self.expected(c, self.paid[c])
                menus = [(0, [([column[r] for column in columns], paid[r]) for r in types])]
                scale = instance.units[c]
            for o, menu in menus:
                rows.checked += len(types) * (len(types) - 1)
                items = {(*worth, payment): r for r, (worth, payment) in reversed(list(enumerate(menu)))}
                for k in types:
                    truth = menu[k][0][k] - menu[k][1]
                    for (*worth, payment), r in items.items():
                        if worth[k] - payment > truth:
                            gain, labels = (worth[k] - payment - truth) * scale, instance.types[instance.classes[c][0]]
                            who = f"{instance.names_of[c]} of type {labels[k]} gains {self.exact(gain)}"
                            where = instance.place(c, k * n + o) if instance.ic == "DSIC" else ""
                            rows.fail(f"{who} by reporting {labels[r]}{where}")

    def participation(self, rows: Rows, fees: list[int], z: int) -> None:
        """Lump sums and, ex ante, outside options are each agent's own."""
        instance, notion = self.symmetric, self.symmetric.ir
        for c, members in enumerate(instance.classes):
            u, n, own = self.utilities(c), len(instance.others[c]), instance.own[c]
            for i in members:
                out, need = self.outside[i], self.lumps[i] + fees[i] + z
                if notion == "ex-post":
                    gaps = [(instance.place(c, e), (x - out[e // n] - need) * instance.P) for e, x in enumerate(u)]
                else:
                    by = instance.units[c]
                    net = [by * x - instance.P * (out[k] + need) for k, x in enumerate(self.expected(c, u))]
                    gaps = [(f" of type {instance.types[i][k]}", gap) for k, gap in enumerate(net)]
                    if notion == "ex-ante":
                        gaps = [("", sum([m * gap for m, gap in zip(own, net, strict=True)]))]
                rows.checked += len(gaps)
                for place, gap in gaps:
                    if gap < 0:
                        short = self.exact(-gap) / (instance.units[c] if notion == "ex-ante" else 1)
                        rows.fail(f"utility of {instance.names[i]}{place} falls short by {short}")

    def balance(self, rows: Rows, fees: list[int], z: int) -> None:
        instance, lump = self.symmetric, sum(self.lumps) + sum(fees) - z
        gaps = [(f" at {instance.at(r)}", (x + lump) * instance.P) for r, x in enumerate(self.revenue)]
        if instance.budget == "no-expected-deficit":
            gaps = [("", sum([m * (x + lump) for m, x in zip(instance.mass, self.revenue, strict=True)]))]
        rows.checked += len(gaps)
        for place, gap in gaps:
            if gap < 0 or (gap and instance.budget == "balanced"):
                how = "falls short" if gap < 0 else "is too high"
                rows.fail(f"revenue{place} {how} by {self.exact(abs(gap))}")

    def objective(self) -> Fraction:
        instance = self.symmetric
        revenue = sum([m * x for m, x in zip(instance.mass, self.revenue, strict=True)])
        total = instance.on_revenue * (self.exact(revenue) + Fraction(sum(self.lumps), self.unit))
        for c, members in enumerate(instance.classes):
            mean = sum([m * x for m, x in zip(instance.own[c], self.expected(c, self.utilities(c)), strict=True)])
            for i in members:
                total += instance.on_utility[i] * (self.exact(mean) - Fraction(self.lumps[i], self.unit))
        return total
