"""Compact mechanisms of bilateral trade against the requirements."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from fractions import Fraction
from functools import cached_property
from itertools import accumulate
from typing import Any

from lpmech.verify.kernel.instance import SCOPE
from lpmech.verify.kernel.mechanism import Mechanism
from lpmech.verify.reading.limits import common
from lpmech.verify.reading.numbers import column, keyed, listed, unit
from lpmech.verify.report import Refusal, Rows
from lpmech.verify.shortcuts.trade import Rule, Trade
from lpmech.verify.shortcuts.trade_payments import InterimSide, MenuSide, Side


class CompactMechanism(Mechanism):
    """The efficient allocation with a tie rule, or cuts, and payments in one of three forms."""

    def __init__(self, trade: Trade, data: Any, more: Iterable[Fraction]) -> None:
        self.instance = self.trade = trade
        self.direction, at = False, "mechanism"
        forms = ["charges"] if trade.groves else ["interim", "menu"]
        form = "menu" if type(data) is dict and "menu" in data and not trade.groves else forms[0]
        keyed(data, at, (form, "allocation"))
        rule = Rule.read(trade, data["allocation"], f"{at}.allocation")
        if rule.mixed is not None and (form != "interim" or trade.ir == "ex-post"):
            raise Refusal(
                f'{at}.allocation: cuts go with "interim" payments, without ex post IR; write the rest in full'
            )
        given, at = list[tuple[int, list[int]]](), f"{at}.{form}"
        if form == "menu":
            for i, side in enumerate(trade.names):
                menu = keyed(keyed(data[form], at, trade.names)[side], f"{at}.{side}", trade.outcomes)
                given += [column(menu[x], f"{at}.{side}.{x}", trade.sizes[1 - i]) for x in trade.outcomes]
        else:
            sizes = trade.sizes if form == "interim" else trade.sizes[::-1]
            rows = listed(data[form], at, 2)
            given += [column(row, f"{at}[{i}]", n) for i, (row, n) in enumerate(zip(rows, sizes, strict=True))]
        bottoms = {trade.unit * rule.weight[1], unit(more), *(by for by, _ in given)}
        self.unit = common(bottoms, sum(len(row) for _, row in given), "mechanism: amounts")
        rows, by = [[t * (self.unit // unit) for t in row] for unit, row in given], self.unit // trade.unit
        if form == "charges":  # t_i = h_i(theta_-i) - v_j(trade, theta_j) in trade: a menu
            paid = [[h - v * by for h, v in zip(row, trade.worth[1 - i], strict=True)] for i, row in enumerate(rows)]
            rows = [rows[0], paid[0], rows[1], paid[1]]
        self.menu = None if form == "interim" else [rows[:2], rows[2:]]
        by //= rule.weight[1]  # chances are in units of 1/weight[1] more
        self.sides: list[Side] = [
            InterimSide(trade, i, by, rule, rows) if self.menu is None else MenuSide(trade, i, by, rule, self.menu[i])
            for i in trade.agents
        ]

    def amount(self, side: Side, x: int) -> Fraction:
        """An amount of a side as an exact number."""
        return Fraction(x, self.unit * side.unit)

    def incentives(self, rows: Rows) -> None:
        """DSIC by thresholds; BIC by neighbours, interim trade being monotone."""
        trade, dominant = self.trade, self.trade.ic == "DSIC"
        for side in self.sides:
            name = trade.names[side.i]
            rows.checked += side.sizes[0] * (side.sizes[0] - 1) * (side.sizes[1] if dominant else 1)
            found = side.thresholds() if dominant else ((k, r, -1, gain) for k, r, gain in side.adjacent())
            for k, r, o, gain in found:
                if gain > 0:
                    place = f" at {trade.at(side.profile(k, o))}" if o >= 0 else ""
                    own, report = (trade.label(side.i, side.type_at(each)) for each in (k, r))
                    rows.fail(f"{name} of type {own} gains {self.amount(side, gain)} by reporting {report}{place}")

    def participation(self, rows: Rows, fees: list[int], z: int) -> None:
        """Outside options are 0."""
        trade, notion = self.trade, self.trade.ir
        for side in self.sides:
            i, need, found = side.i, side.unit * (fees[side.i] + z), list[tuple[int, int]]()
            if notion == "ex-post":
                rows.checked += trade.count
                found = [(side.profile(k, o), u) for k, o, u in side.worst()]
            elif notion == "interim":
                rows.checked += side.sizes[0]
                found = [(side.type_at(k), u) for k, u in enumerate(side.truth)]
            else:
                rows.checked += 1
                total = sum(map(operator.mul, side.mass, side.truth))
                if total < need * trade.units[i]:
                    short = self.amount(side, need) - self.amount(side, total) / trade.units[i]
                    rows.fail(f"utility of {trade.names[i]} falls short by {short}")
            for spot, u in found:
                if u < need:
                    place, short = trade.where(notion, i, spot), self.amount(side, need - u)
                    rows.fail(f"utility of {trade.names[i]}{place} falls short by {short}")

    def mean(self, i: int) -> Fraction:
        """E[t_i]."""
        side = self.sides[i]
        return self.amount(side, sum([m * t for m, t in zip(side.mass, side.paid, strict=True)])) / self.trade.units[i]

    def balance(self, rows: Rows, fees: list[int], z: int) -> None:
        """Revenue: with a menu by running minima and maxima; with interim payments it is the same everywhere."""
        trade, notion, need = self.trade, self.trade.budget, z - sum(fees)
        everywhere = SCOPE[notion] == "profile"
        rows.checked += trade.count if everywhere else 1
        menu = everywhere and self.menu is not None
        found = self.extremes if menu else [(0, (self.mean(0) + self.mean(1)) * self.unit)]
        for spot, revenue in found:
            gap = revenue - need
            if gap < 0 or (gap and notion == "balanced"):
                how = "falls short" if gap < 0 else "is too high"
                rows.fail(f"revenue{trade.where(notion, 0, spot)} {how} by {abs(Fraction(gap)) / self.unit}")

    @cached_property
    def extremes(self) -> list[tuple[int, int]]:
        """With a menu, for each buyer type the lowest revenue (units of 1/M) where he trades, and where he does not; for
        balance the highest as well."""
        (buyer, seller), out = self.menu or ([], []), list[tuple[int, int]]()
        for worst in (min, max) if self.trade.budget == "balanced" else (min,):
            without, traded = ([(t, s) for s, t in enumerate(row)] for row in buyer)
            first = list(accumulate(traded, worst))  # over the first seller types: they trade
            rest = list(accumulate(reversed(without), worst))[::-1]
            for b, (c, low, high) in enumerate(zip(self.sides[0].cut, *seller, strict=True)):
                for t, s in first[c - 1 : c]:  # empty if he trades with nobody, c = 0
                    out.append((b * len(rest) + s, high + t))
                for t, s in rest[c : c + 1]:
                    out.append((b * len(rest) + s, low + t))
        return out

    def objective(self) -> Fraction:
        trade, total, paid = self.trade, Fraction(0), [self.mean(0), self.mean(1)]
        for side, weight in zip(self.sides, trade.on_utility, strict=True):
            worth = sum([m * v * x for m, v, x in zip(side.mass, side.value, side.chance, strict=True)])
            total += weight * (self.amount(side, worth) / trade.units[side.i] - paid[side.i])
        return total + trade.on_revenue * sum(paid)
