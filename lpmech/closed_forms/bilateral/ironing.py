"""Allocations that maximise alpha W + beta Pi, W the expected gains from trade and Pi the largest revenue.

Each side's weights are ironed: types are pooled until weight per mass rises with the value for trade. Formulas and
proofs: docs/closed-forms.md, second_best_ironing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise

from lpmech.closed_forms.bilateral.trade import Trade, sums


@dataclass(frozen=True)
class Pool:
    """Types from number ``first`` to the next pool: the sums of their weights and of their masses (> 0)."""

    first: int
    weight: int
    mass: int


class Side:
    """Types by increasing value v for trade, a seller's -s by ``step`` -1; masses in units of 1/total."""

    def __init__(self, values: Sequence[int], masses: Sequence[int], step: int) -> None:
        self.values, self.masses, self.step = [step * v for v in values[::step]], masses[::step], step
        self.below = sums(self.masses)
        self.total = self.below[-1]
        self.tail = [self.total - x for x in self.below]  # P(v >= v_k)
        self.worth = [w * v for w, v in zip(self.masses, self.values, strict=True)]
        self.virtual = [x - y for x, y in pairwise([t * v for t, v in zip(self.tail, self.values, strict=False)] + [0])]

    def number(self, k: int) -> int:
        """The type's number in the instance."""
        return k if self.step == 1 else len(self.values) - 1 - k

    def weights(self, alpha: int, beta: int) -> list[int]:
        """alpha p_k v_k + beta [P(v >= v_k) v_k - P(v >= v_{k+1}) v_{k+1}]."""
        return [alpha * x + beta * y for x, y in zip(self.worth, self.virtual, strict=True)]

    def pools(self, weights: list[int]) -> list[Pool]:
        """Pools of increasing weight per mass. A type of mass 0 is pooled with the one below; those below all masses with
        none."""
        first, weight, mass = list[int](), list[int](), list[int]()
        for k, (w, p) in enumerate(zip(weights, self.masses, strict=True)):
            if p:
                first.append(k)
                weight.append(w)
                mass.append(p)
            elif first:
                weight[-1] += w
            while len(first) > 1 and weight[-1] * mass[-2] <= weight[-2] * mass[-1]:
                first.pop()
                w, p = weight.pop(), mass.pop()
                weight[-1] += w
                mass[-1] += p
        return list(map(Pool, first, weight, mass))

    def pressure(self, weights: list[int], pools: list[Pool]) -> list[tuple[int, Fraction]]:
        """(k, y_k) where y_k > 0: how far the weights of the types below k in its pool exceed their share of the pool's,
        divided by v_k - v_{k-1}."""
        ends, out = [pool.first for pool in pools[1:]] + [len(weights)], []
        for pool, end in zip(pools, ends, strict=True):
            weight = mass = 0
            for k in range(pool.first + 1, end):
                weight += weights[k - 1]
                mass += self.masses[k - 1]
                if over := weight * pool.mass - mass * pool.weight:
                    out.append((k, Fraction(over, pool.mass * (self.values[k] - self.values[k - 1]))))
        return out

    def payments(self, chance: Sequence[int]) -> list[int]:
        """Expected payments by which each type is as well off as with the next lower one's lot, and the lowest has 0."""
        return list(accumulate(v * (x - y) for v, x, y in zip(self.values, chance, [0, *chance], strict=False)))


@dataclass(frozen=True)
class Staircase:
    """Who trades: buyer types from number first on, up to the next step's, with the ``count`` cheapest seller types."""

    steps: list[tuple[int, int]]
    welfare: int
    revenue: int

    def counts(self, types: int) -> list[int]:
        """How many seller types each buyer type trades with."""
        firsts, counts = [first for first, _ in self.steps] + [types], [count for _, count in self.steps]
        out = [0] * firsts[0]
        for count, (first, end) in zip(counts, pairwise(firsts), strict=True):
            out += [count] * (end - first)
        return out


@dataclass(frozen=True)
class Optimum:
    """The allocations that maximise alpha W + beta Pi: without the pairs whose ironed values tie, and with them."""

    alpha: int
    beta: int
    weights: tuple[list[int], list[int]]
    pools: tuple[list[Pool], list[Pool]]
    low: Staircase
    high: Staircase


class Market:
    """Both sides. W, Pi and all weights are in units of 1/(unit P Q), or 1/(unit P), 1/(unit Q) on one side."""

    def __init__(self, trade: Trade) -> None:
        self.buyer, self.seller = Side(trade.B, trade.p, 1), Side(trade.S, trade.q, -1)
        self.value, self.chance = sums(self.buyer.worth), sums(trade.q)
        self.cost = sums(w * s for w, s in zip(trade.q, trade.S, strict=True))

    def best(self, alpha: int, beta: int) -> Optimum:
        """Trade iff the buyer's ironed value exceeds, or at least equals, the seller's."""
        weights = self.buyer.weights(alpha, beta), self.seller.weights(alpha, beta)
        buyers, sellers = self.buyer.pools(weights[0]), self.seller.pools(weights[1])
        count = [len(self.seller.values) - pool.first for pool in sellers] + [0]
        low, high = [], []
        k = j = len(sellers)
        for pool in buyers:
            while j and pool.weight * sellers[j - 1].mass + pool.mass * sellers[j - 1].weight >= 0:
                j -= 1
            while k > j and pool.weight * sellers[k - 1].mass + pool.mass * sellers[k - 1].weight > 0:
                k -= 1
            low.append((pool.first, count[k]))
            high.append((pool.first, count[j]))
        return Optimum(alpha, beta, weights, (buyers, sellers), self.staircase(low), self.staircase(high))

    def staircase(self, steps: list[tuple[int, int]]) -> Staircase:
        """With W = E[(b - s) x], and Pi = E[(phi(b) - psi(s)) x] as prices at the corners of the staircase."""
        welfare = revenue = before = 0
        ends = [first for first, _ in steps[1:]] + [len(self.buyer.values)]
        for (first, count), end in zip(steps, ends, strict=True):
            if count:
                mass, chance = self.buyer.below[end] - self.buyer.below[first], self.chance[count]
                welfare += (self.value[end] - self.value[first]) * chance - mass * self.cost[count]
                revenue += self.buyer.tail[first] * self.buyer.values[first] * (chance - self.chance[before])
                revenue += mass * self.seller.values[-count] * chance  # minus the dearest cost served
                before = count
        return Staircase(steps, welfare, revenue)

    def second_best(self) -> Optimum:
        """Where max W + lam Pi is least, lam = beta/alpha >= 0: Pi(low) >= 0, and Pi(high) <= 0 unless lam = 0.

        This maximum is a convex, piecewise linear function of lam: tangents from both sides of its minimum cross ever
        nearer to it, and at last in it.
        """
        best = self.best(1, 0)
        if best.low.revenue >= 0:
            return best
        short, over = best.low, self.best(0, 1).low
        while True:
            lam = Fraction(short.welfare - over.welfare, over.revenue - short.revenue)
            best = self.best(lam.denominator, lam.numerator)
            if best.low.revenue < 0:
                short = best.low
            elif best.high.revenue > 0:
                over = best.high
            else:
                return best
