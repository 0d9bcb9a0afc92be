"""Compact mechanisms and multipliers with identical buyers, and claims that they show."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Any

from lpmech.verify.kernel.claim import Claim
from lpmech.verify.kernel.instance import PRIOR, SCOPE, Instance
from lpmech.verify.kernel.lagrangian import Lagrangian
from lpmech.verify.kernel.mechanism import Mechanism
from lpmech.verify.kernel.multipliers import Group, common_weight
from lpmech.verify.reading.limits import METER, common
from lpmech.verify.reading.numbers import column, keyed, listed, unit, word
from lpmech.verify.report import Refusal, Rows
from lpmech.verify.shortcuts.buyers import IdenticalBuyers
from lpmech.verify.shortcuts.two_sided import sums


class IdenticalBuyersMechanism(Mechanism):
    """An equal lottery among the highest buyers, and interim payments: T of each buyer, T of the seller.

    Interim trade and payments of class c, 0 the buyers and 1 the seller: ``chance[c][k]`` in units of 1/each[c], T in
    units of 1/M, amounts in units of 1/(M * each[c]).
    """

    def __init__(self, auction: IdenticalBuyers, data: Any, more: Iterable[Fraction]) -> None:
        self.instance = self.auction = auction
        self.direction, at = False, "mechanism"
        keyed(data, at, ("interim", "allocation"))
        rule = word(data["allocation"], f"{at}.allocation", ("symmetric", "uniform"))
        if auction.tied and auction.ties == "uniform" != rule:
            raise Refusal(f"allocation: {rule}, where the rule ({auction.rule}) wants uniform")
        rows = listed(data["interim"], f"{at}.interim", 2)
        given = [
            column(row, f"{at}.interim[{c}]", auction.sizes[i])
            for c, (row, i) in enumerate(zip(rows, auction.people, strict=True))
        ]
        bottoms = {auction.unit, unit(more), *(by for by, _ in given)}
        self.unit = common(bottoms, sum(len(row) for _, row in given), "mechanism: amounts")
        self.T = [[t * (self.unit // by) for t in row] for by, row in given]
        self.worth = [[v * (self.unit // auction.unit) for v in row] for row in auction.worth]
        self.each = [auction.share * auction.units[1], auction.share * auction.units[0]]
        self.chance = self.trade(rule == "uniform")

    def trade(self, uniform: bool) -> list[list[int]]:
        """A buyer of type k trades if the seller's cost is below B_k and he wins; the seller of type s with each buyer of
        type k, if B_k > s and he wins. ``uniform``: in part also if B_k = s."""
        auction = self.auction
        first = sums(auction.own[1])
        bought = [w * first[c] for w, c in zip(auction.wins, auction.below, strict=True)]
        sold = [0] * len(auction.S)  # first: to the buyer types who trade with the seller types up to here and no more
        likely = [auction.buyers * p * w for p, w in zip(auction.own[0], auction.wins, strict=True)]
        for c, w in zip(auction.below, likely, strict=True):
            if c:
                sold[c - 1] += w
        sold = list(accumulate(reversed(sold)))[::-1]
        for k, s in auction.tied if uniform else []:
            bought[k] += auction.splits[k] * auction.own[1][s]
            sold[s] += auction.buyers * auction.own[0][k] * auction.splits[k]
        return [bought, sold]

    def truth(self, c: int, k: int, r: int) -> int:
        """E[v_i - t_i] of type k who reports r."""
        return self.worth[c][k] * self.chance[c][r] - self.T[c][r] * self.each[c]

    def incentives(self, rows: Rows) -> None:
        """By neighbours, interim trade being monotone."""
        auction = self.auction
        for c, i in enumerate(auction.people):
            n, labels = auction.sizes[i], auction.types[i]
            rows.checked += n * (n - 1) * (1 if c else auction.buyers)
            for pair in pairwise(range(n)):
                for k, r in (pair, pair[::-1]):
                    gain = self.truth(c, k, r) - self.truth(c, k, k)
                    if gain > 0:
                        gains = f"gains {Fraction(gain, self.unit * self.each[c])} by reporting {labels[r]}"
                        rows.fail(f"{auction.names[i]} of type {labels[k]} {gains}")

    def participation(self, rows: Rows, fees: list[int], z: int) -> None:
        """Outside options are 0."""
        auction = self.auction
        for c, i in enumerate(auction.people):
            rows.checked += auction.sizes[i] * (1 if c else auction.buyers)
            for k in range(auction.sizes[i]):
                gap = self.truth(c, k, k) - (fees[c] + z) * self.each[c]
                if gap < 0:
                    short = Fraction(-gap, self.unit * self.each[c])
                    rows.fail(f"utility of {auction.names[i]}{auction.where('interim', i, k)} falls short by {short}")

    def balance(self, rows: Rows, fees: list[int], z: int) -> None:
        """Revenue is the same at every profile, the sum of the expected payments."""
        auction = self.auction
        means = [
            Fraction(sum([m * t for m, t in zip(own, T, strict=True)]), by)
            for own, T, by in zip(auction.own, self.T, auction.units, strict=True)
        ]
        rows.checked += 1
        rows.name += " (the same at every profile)" if SCOPE[auction.budget] == "profile" else ""
        gap = auction.buyers * (means[0] + fees[0]) + means[1] + fees[1] - z
        if gap < 0 or (gap and auction.budget == "balanced"):
            how = "falls short" if gap < 0 else "is too high"
            rows.fail(f"revenue {how} by {abs(gap) / self.unit}")


class IdenticalBuyersLagrangian(Lagrangian):
    """L with the coefficient on_t[c][k] p(theta_-i) of t_i(k, theta_-i), for each agent i of class c, and on_q[c][k]
    p(theta_-i) of his trade: units of 1/(W * P), with another factor of 1/D for on_q. P is the product of the units of a
    buyer's and the seller's masses."""

    def __init__(self, instance: Instance, groups: list[Group], bounds: str) -> None:
        assert isinstance(instance, IdenticalBuyers)
        self.instance = self.auction = auction = instance
        self.bounds, P = bounds, auction.P
        W = common_weight(auction, groups)
        self.unit = W * P
        self.z = self.unit if bounds == "margin" else 0
        self.on_t, self.on_q = ([[0] * auction.sizes[i] for i in auction.people] for _ in range(2))
        for group in groups:
            by = W // group.unit
            if SCOPE[group.notion] == "profile":
                raise Refusal(f"multipliers: a budget at one profile, which is not alike; {PRIOR!r} stands for all")
            if group.name == "budget":
                self.add_budget(sum(group.weights) * by)
            elif group.agent in auction.people:
                self.add_types(group, auction.people.index(group.agent), by * P)
            else:
                raise Refusal(f"multipliers: {auction.names[group.agent]} is named; agent 0 stands for every buyer")

    def add_budget(self, w: int) -> None:
        """E[sum_i t_i] - z."""
        auction = self.auction
        METER.get().take(sum(map(len, auction.own)))
        self.z -= w * auction.P
        for c, own in enumerate(auction.own):
            self.on_t[c] = [a + w * m * auction.units[1 - c] for a, m in zip(self.on_t[c], own, strict=True)]

    def add_types(self, group: Group, c: int, by: int) -> None:
        """BIC or interim IR: what truth brings, less what another report brings."""
        on_t, on_q, worth = self.on_t[c], self.on_q[c], self.auction.worth[c]
        for k, report, weight in zip(group.spots, group.reports, group.weights, strict=True):
            on_t[k] -= weight * by
            on_q[k] += weight * by * worth[k]
            if group.name == "BIC":
                on_t[report] += weight * by
                on_q[report] -= weight * by * worth[k]

    def bound(self) -> Fraction:
        """max L, after checking that the payments and z have dropped out.

        Trade between buyers of type k, the highest, and the seller's type s counts wins[k] (on_q[0][k] p(s) + on_q[1][s]
        p(k)), times their number.
        """
        auction = self.auction
        self.must_vanish(self.z, "z")
        for c, i in enumerate(auction.people):
            for k, w in enumerate(self.on_t[c]):
                self.must_vanish(w, f"the payment of {{}} of type {auction.types[i][k]}", i)
        (own, other), (P, Q), (buyer, seller) = auction.own, auction.units, self.on_q
        first, costs = sums(other), sums(seller)
        total = sum(
            [
                w * (on * first[c] * P + p * costs[c] * Q)
                for w, on, p, c in zip(auction.wins, buyer, own, auction.below, strict=True)
            ]
        )
        for k, s in auction.tied:
            each = buyer[k] * other[s] * P + own[k] * seller[s] * Q
            total += auction.splits[k] * each if auction.ties == "uniform" else auction.wins[k] * max(each, 0)
        return Fraction(auction.buyers * total, self.unit * auction.unit * auction.share * P * Q)


class IdenticalBuyersClaim(Claim):
    """A claim about identical buyers and one seller, shown by compact parts."""

    lagrangian = IdenticalBuyersLagrangian
    rows = "constraints (of agent 0: for each buyer)"

    def mechanism(self) -> Mechanism:
        assert isinstance(self.instance, IdenticalBuyers)
        more = [*self.fees, *([self.margin] if isinstance(self.margin, Fraction) else [])]
        return IdenticalBuyersMechanism(self.instance, self.take("mechanism"), more)

    def ray(self, rate: Fraction) -> Mechanism:
        raise Refusal("ray: there is no compact form; write the whole proof in full")
