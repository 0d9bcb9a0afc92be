"""Compact proofs: efficient bilateral trade with independent types, in time near-linear in the number of types.

The same constraints, with theorems in the place of enumeration (docs/proof-format.md proves each of them). Seller types
are looked at as the buyer's are, "eager" last: by -s increasing, against buyers' values decreasing. Then a type trades
with the first so many of the other's types, his ``cut``, and the cuts do not decrease.
"""

from __future__ import annotations

import operator
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from lpmech.verify.reading.numbers import indices, keyed, listed, number, word
from lpmech.verify.report import Refusal
from lpmech.verify.shortcuts.two_sided import TwoSided


class Trade(TwoSided):
    """Bilateral trade with independent types, efficient or free; no profile is enumerated."""

    def __init__(self, data: Any) -> None:
        x, at = self.read_kind(data), "instance.environment"
        if self.kind != "bilateral-trade" or "prior" in x:
            raise Refusal(f"{at}: compact parts of a proof need bilateral trade with independent types")
        self.outcomes, self.names, self.payers = ["no-trade", "trade"], ["buyer", "seller"], 2
        keyed(x, at, ["kind", *self.names])
        self.agents, self.independent = range(2), True
        buyer, seller = self.read_types((x[side], f"{at}.{side}") for side in self.names)
        self.sizes = [len(buyer), len(seller)]
        self.strides, self.count = [self.sizes[1], 1], self.sizes[0] * self.sizes[1]
        self.worth = [buyer, [-s for s in seller]]  # v_i(trade, k)
        self.P = self.units[0] * self.units[1]
        self.below = [bisect_left(seller, b) for b in buyer]  # how many seller types are < b, and <= b
        self.upto = [bisect_right(seller, b) for b in buyer]
        self.above = [self.sizes[0] - bisect_right(buyer, s) for s in seller]  # how many buyer types are > s, and >= s
        self.atleast = [self.sizes[0] - bisect_left(buyer, s) for s in seller]
        self.tied = [(b, s) for b, s in enumerate(self.below) if s < self.upto[b]]
        requirements, at = data["requirements"], "instance.requirements"
        self.ties = self.read_notions(requirements, at)
        self.rule = word(requirements["allocation"], f"{at}.allocation", ("efficient", "free"))
        self.efficient = self.rule == "efficient"
        if self.groves and not self.efficient:
            raise Refusal(f"{at}.allocation: compact parts of a proof need efficient allocation with groves transfers")
        self.rule += f" (ties {self.ties})" if self.efficient else ""
        self.read_objective(data["objective"])

    def label(self, i: int, k: int) -> str:
        return str(Fraction(self.worth[i][k] * (1 - 2 * i), self.unit))

    def at(self, profile: int) -> str:
        b, s = divmod(profile, self.sizes[1])
        return f"(buyer {self.label(0, b)}, seller {self.label(1, s)})"

    def split(self, i: int, o: int) -> tuple[int, int]:
        """Types of agent i below the first number have one prescribed outcome against o, those from the second on the other
        one; in between is a tie with a lottery of its own."""
        if i == 0:
            first, then = self.sizes[0] - self.atleast[o], self.sizes[0] - self.above[o]
            return {"first": (then, then), "last": (first, first)}.get(self.ties, (first, then))
        first, then = self.below[o], self.upto[o]
        return {"first": (first, first), "last": (then, then)}.get(self.ties, (first, then))


@dataclass
class Rule:
    """Who trades: each type with the first ``cuts[i][k]`` of the other's types, in the order described above; and if
    mixed, with those from there up to ``mixed[i][k]`` with probability ``weight[0] / weight[1]``."""

    cuts: tuple[list[int], list[int]]
    mixed: tuple[list[int], list[int]] | None = None
    weight: tuple[int, int] = (0, 1)

    @classmethod
    def read(cls, trade: Trade, x: Any, at: str) -> Rule:
        """A tie rule, or cuts where the allocation is free."""
        if type(x) is dict and not trade.efficient:
            rows = listed(keyed(x, at, ("cuts", "weight"))["cuts"], f"{at}.cuts", 2)
            low, high = (
                indices(row, f"{at}.cuts[{j}]", trade.sizes[1] + 1, trade.sizes[0]) for j, row in enumerate(rows)
            )
            weight = number(x["weight"], f"{at}.weight")
            if not 0 <= weight <= 1:
                raise Refusal(f"{at}.weight: {weight} is no probability")
            if any(map(operator.gt, low, high)) or any(a > b for row in (low, high) for a, b in pairwise(row)):
                raise Refusal(f"{at}.cuts: neither may decrease, nor the first exceed the second")
            sold = [[trade.sizes[0] - bisect_right(row, s) for s in range(trade.sizes[1])] for row in (low, high)]
            return cls((low, sold[0]), (high, sold[1]), (weight.numerator, weight.denominator))
        rule = word(x, at, ["first", "last", *(["uniform"] if trade.groves else [])])
        if trade.efficient and trade.tied and trade.ties not in ("any", rule):
            raise Refusal(f"allocation: ties {rule}, where the rule ({trade.rule}) wants {trade.ties}")
        return cls((trade.upto, trade.atleast) if rule == "last" else (trade.below, trade.above))
