"""Compact proofs with identical buyers and one seller: order statistics in the place of profiles.

What is said of agent 0 is said of every buyer (docs/proof-format.md proves that this suffices). Given the largest value
among the buyers, B_k, and the seller's cost, all efficient outcomes with trade count the same.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from fractions import Fraction
from itertools import pairwise
from typing import Any

from lpmech.verify.reading.limits import MAX_DIGITS, METER
from lpmech.verify.reading.numbers import keyed, nonempty
from lpmech.verify.report import Refusal
from lpmech.verify.shortcuts.two_sided import TwoSided, sums

ALIKE = {  # the only question that these proofs answer
    "ties": ("any", "uniform"),
    "transfers": ("any",),
    "incentive_compatibility": ("BIC",),
    "individual_rationality": ("interim",),
    "budget": ("no-deficit", "balanced", "no-expected-deficit"),
    "allocation": ("efficient",),
}


class IdenticalBuyers(TwoSided):
    """Efficient exchange between identical buyers and one seller, independent types; no profile is enumerated."""

    def __init__(self, data: Any) -> None:
        x, at = self.read_kind(data), "instance.environment"
        keyed(x, at, ("kind", "buyers", "sellers"))  # no joint prior
        buyers, sellers = nonempty(x["buyers"], f"{at}.buyers"), nonempty(x["sellers"], f"{at}.sellers")
        METER.get().agents(len(buyers) + len(sellers), at)
        if len(sellers) > 1 or any(one != buyers[0] for one in buyers):
            raise Refusal(f"{at}: compact parts of a proof about an exchange need one seller and identical buyers")
        self.buyers = n = len(buyers)
        self.B, self.S = self.read_types([(buyers[0], f"{at}.buyers[0]"), (sellers[0], f"{at}.sellers[0]")])
        self.agents, self.independent, self.people = range(n + 1), True, (0, n)  # who is spoken of: a buyer, the seller
        self.names = [f"buyer-{i}" for i in range(1, n + 1)] if n > 1 else ["buyer"]
        self.names.append("seller")
        buyer, seller = ([str(Fraction(v, self.unit)) for v in side] for side in (self.B, self.S))
        self.types = [buyer] * n + [seller]
        self.P, self.payers = math.prod(self.units), 2  # a mass of each side; a fee for each buyer, one for the seller
        self.sizes = [len(types) for types in self.types]
        self.strides = [0] * (n + 1)  # profiles have no numbers
        self.worth = [self.B, [-s for s in self.S]]  # v_i(getting the good), v_S(giving it away)
        bits = n * self.units[0].bit_length()
        if bits > 4 * MAX_DIGITS and not METER.get().lifted:
            METER.get().refuse(
                f"instance: too long numbers, powers of masses of {bits:,} binary digits, at most {4 * MAX_DIGITS:,}"
            )
        METER.get().work(len(self.B) + len(self.S), bits // 4, "instance: powers of masses")
        self.below = [bisect_left(self.S, b) for b in self.B]  # how many seller types are < b
        places = {s: j for j, s in enumerate(self.S)}
        self.tied = [(k, places[b]) for k, b in enumerate(self.B) if b in places]
        requirements = data["requirements"]
        self.ties = self.read_notions(requirements, "instance.requirements")
        for key, allowed in ALIKE.items():
            if requirements[key] not in allowed:
                raise Refusal(f"instance.requirements.{key}: compact parts of a proof about an exchange need"
                              f" {' or '.join(allowed)}")  # fmt: skip
        self.rule, self.efficient = f"efficient (ties {self.ties})", True
        self.read_objective(data["objective"])
        if self.objective != "margin":
            raise Refusal("instance.objective: compact parts of a proof about an exchange need the margin")
        self.shares()

    def shares(self) -> None:
        """Of a buyer of type k, against the others alone, in units of 1/``share``: ``wins[k]``, his chance of the good if
        it goes to the highest buyers with equal probability; ``splits[k]``, if the seller has a part in the lottery.

        F, G = P(b <= B_k), P(b < B_k), p = F - G, n buyers: the integrals over x in [0, 1] of (G + p x)^(n-1) and of
        x (G + p x)^(n-1), in powers of F and G; where p = 0, of constants.
        """
        n, P = self.buyers, self.units[0]
        self.share = n * (n + 1) * P ** (n - 1)
        self.wins, self.splits = [], []
        upto = sums(self.own[0])
        for p, (G, F) in zip(self.own[0], pairwise(upto), strict=True):
            if p:
                top, low = F**n, G**n
                self.wins.append((n + 1) * (top - low) // p)
                self.splits.append(((n + 1) * p * top - F * top + G * low) // (p * p))
            else:
                self.wins.append((n + 1) * n * F ** (n - 1))
                self.splits.append((n + 1) * n // 2 * F ** (n - 1))

    def shape(self) -> str:
        return f"{self.sizes[0]}^{self.buyers} x {self.sizes[-1]}"

    def at(self, profile: int) -> str:
        return "every profile"
