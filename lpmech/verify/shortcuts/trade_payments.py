"""One agent's payments in a compact mechanism of bilateral trade: a menu, or interim payments."""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from itertools import accumulate, pairwise

from lpmech.verify.report import Refusal
from lpmech.verify.shortcuts.trade import Rule, Trade
from lpmech.verify.shortcuts.two_sided import sums


class Side(ABC):
    """One agent in a compact mechanism, types and the other's types in the order described above.

    ``paid[k]`` is what type k pays in expectation; amounts are in units of 1/(M * unit), unit that of the other's masses.
    """

    paid: list[int]

    def __init__(self, trade: Trade, i: int, by: int, rule: Rule) -> None:
        self.i, self.step, self.sizes = i, -1 if i else 1, (trade.sizes[i], trade.sizes[1 - i])
        self.value = [v * by for v in trade.worth[i][:: self.step]]
        self.mass, self.against = trade.own[i][:: self.step], trade.own[1 - i][:: self.step]
        self.unit = trade.units[1 - i]
        chance = sums(self.against)
        if rule.mixed is None:
            self.cut = rule.cuts[i][:: self.step]
            self.chance = [chance[c] for c in self.cut]
        else:
            (some, all_), pairs = rule.weight, zip(rule.cuts[i], rule.mixed[i], strict=True)
            self.chance = [some * chance[d] + (all_ - some) * chance[c] for c, d in pairs][:: self.step]

    def type_at(self, k: int) -> int:
        """The type's number in the instance."""
        return self.sizes[0] - 1 - k if self.i else k

    def profile(self, k: int, o: int) -> int:
        """Number of the profile of own type k and the other's type o."""
        if self.i == 0:
            return k * self.sizes[1] + o
        return (self.sizes[1] - 1 - o) * self.sizes[0] + self.sizes[0] - 1 - k

    @cached_property
    def truth(self) -> list[int]:
        """E[v_i - t_i] of each type."""
        return [v * x - t for v, x, t in zip(self.value, self.chance, self.paid, strict=True)]

    def adjacent(self) -> Iterator[tuple[int, int, int]]:
        """The neighbours r by whose report type k gains in expectation: k, r, gain."""
        reports = list(zip(self.value, self.chance, self.paid, self.truth, strict=True))
        for k, ((v, x, t, u), (w, y, z, o)) in enumerate(pairwise(reports)):
            if v * y - z > u:
                yield k, k + 1, v * y - z - u
            if w * x - t > o:
                yield k + 1, k, w * x - t - o

    def thresholds(self) -> Iterator[tuple[int, int, int, int]]:
        """Menus alone: what type k gains by reporting r against o, where one trades and the other does not."""
        raise Refusal('mechanism: "interim" cannot show DSIC; use "menu"')

    @abstractmethod
    def worst(self) -> Iterator[tuple[int, int, int]]:
        """(k, o, utility of type k against o), among them the smallest utility."""


class MenuSide(Side):
    """A payment for each of the other's types, without trade and with it: ``menu[x][o]``."""

    def __init__(self, trade: Trade, i: int, by: int, rule: Rule, menu: list[list[int]]) -> None:
        super().__init__(trade, i, by, rule)
        self.menu = [row[:: self.step] for row in menu]
        without, traded = (sums(m * t for m, t in zip(self.against, row, strict=True)) for row in self.menu)
        self.paid = [traded[c] + without[-1] - without[c] for c in self.cut]

    def thresholds(self) -> Iterator[tuple[int, int, int, int]]:
        for o, (without, traded) in enumerate(zip(*self.menu, strict=True)):
            k = bisect_right(self.cut, o)  # the first type that trades with o
            if 0 < k < self.sizes[0]:
                yield k, k - 1, o, self.unit * (traded - without - self.value[k])
                yield k - 1, k, o, self.unit * (self.value[k - 1] - (traded - without))

    def worst(self) -> Iterator[tuple[int, int, int]]:
        for o, (without, traded) in enumerate(zip(*self.menu, strict=True)):
            k = bisect_right(self.cut, o)
            if k > 0:
                yield 0, o, -self.unit * without
            if k < self.sizes[0]:
                yield k, o, self.unit * (self.value[k] - traded)


class InterimSide(Side):
    """t(k, o) = T(k) - T'(o) + E[T'], T' the other's."""

    def __init__(self, trade: Trade, i: int, by: int, rule: Rule, interim: list[list[int]]) -> None:
        super().__init__(trade, i, by, rule)
        self.T, self.other = interim[i][:: self.step], interim[1 - i][:: self.step]
        self.paid = [self.unit * t for t in self.T]

    def worst(self) -> Iterator[tuple[int, int, int]]:
        mean = sum([m * t for m, t in zip(self.against, self.other, strict=True)])
        pairs = [(t, o) for o, t in enumerate(self.other)]
        first, rest = list(accumulate(pairs, min)), list(accumulate(reversed(pairs), min))[::-1]
        for k, (v, t, c) in enumerate(zip(self.value, self.T, self.cut, strict=True)):
            for low, o in first[c - 1 : c]:  # with trade; empty if there is none, c = 0
                yield k, o, self.unit * (v - t + low) - mean
            for low, o in rest[c : c + 1]:
                yield k, o, self.unit * (low - t) - mean
