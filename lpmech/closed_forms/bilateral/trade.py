"""Bilateral trade in integers, for the closed forms: every loop over types runs over machine-size numbers if they fit."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate

from lpmech.base.exact import Scaled
from lpmech.question.environments.bilateral_trade import BilateralTrade
from lpmech.question.model import Instance


def sums(terms: Iterable[int]) -> list[int]:
    """Sums of the first 0, 1, 2, ... terms."""
    return list(accumulate(terms, initial=0))


def comonotone(left: Sequence[int], right: Sequence[int]) -> tuple[list[int], list[int], list[int]]:
    """The coupling of two measures of equal mass that pairs low with low: places on the left and on the right, and mass
    > 0, of fewer pairs than both have places."""
    I, J, W = list[int](), list[int](), list[int]()
    j, rest = -1, 0
    for i, w in enumerate(left):
        while w:
            while not rest:
                j += 1
                rest = right[j]
            both = min(w, rest)
            I.append(i)
            J.append(j)
            W.append(both)
            w, rest = w - both, rest - both
    return I, J, W


@dataclass(frozen=True)
class Trade:
    """Values ``B``, ``S`` in units of 1/unit; masses ``p``, ``q`` in units of 1/P and 1/Q."""

    environment: BilateralTrade
    unit: int
    B: list[int]
    S: list[int]
    P: int
    p: list[int]
    Q: int
    q: list[int]

    @classmethod
    def of(cls, instance: Instance) -> Trade:
        env = instance.environment
        assert isinstance(env, BilateralTrade)  # what the closed form accepts has said so
        (B, p), (S, q) = env.buyer.scaled, env.seller.scaled
        unit = math.lcm(B.over, S.over)
        b, s = unit // B.over, unit // S.over
        values = [x * b for x in B.of], [x * s for x in S.of]
        return cls(env, unit, *values, p.over, list(p.of), q.over, list(q.of))

    def cuts(self, last: bool) -> tuple[list[int], list[int]]:
        """cut[b]: buyer type b trades with the first so many seller types; start[s]: seller type s trades with the buyer
        types from there on. ``last``: ties trade."""
        low, high = (bisect_right, bisect_left) if last else (bisect_left, bisect_right)
        return [low(self.S, b) for b in self.B], [high(self.B, s) for s in self.S]

    def amount(self, x: int) -> Fraction:
        """An expected amount, in units of 1/(unit P Q), as an exact number."""
        return Fraction(x, self.unit * self.P * self.Q)

    def amounts(self, x: list[int]) -> Scaled:
        """Several of them."""
        return Scaled(self.unit * self.P * self.Q, x)
