"""Compact multipliers in bilateral trade: an upper bound without a term for each profile."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from functools import cmp_to_key

from lpmech.verify.kernel.instance import SCOPE, Instance
from lpmech.verify.kernel.lagrangian import Lagrangian
from lpmech.verify.kernel.multipliers import Group, common_weight
from lpmech.verify.reading.numbers import scaled
from lpmech.verify.shortcuts.trade import Trade
from lpmech.verify.shortcuts.two_sided import sums


class CompactLagrangian(Lagrangian):
    """L with the coefficient on_t[0][b] p_s(s) + spots_t[0][b, s] of t_B(b, s), on_t[1][s] p_b(b) + spots_t[1][b, s] of
    t_S(b, s), and on_q[0][b] p_s(s) + on_q[1][s] p_b(b) + spots_q[b, s] of trade at (b, s). With the masses in their units:
    units of 1/(W * P), with another factor of 1/D for on_q and spots_q."""

    def __init__(self, instance: Instance, groups: list[Group], bounds: str) -> None:
        assert isinstance(instance, Trade)
        self.instance, self.trade, self.bounds = instance, instance, bounds
        W = common_weight(instance, groups)
        self.unit = W * instance.P
        self.on_t, self.on_q = ([[0] * n for n in instance.sizes] for _ in range(2))
        self.spots_t, self.spots_q = [defaultdict[int, int](int) for _ in range(2)], defaultdict[int, int](int)
        self.budget = defaultdict[int, int](int)  # a part of spots_t for both, kept once
        self.z = self.unit if bounds == "margin" else 0
        expected = [0, 0, 0]  # weights on E[u_B], E[u_S], E[revenue]
        if bounds == "objective":
            expected = scaled([*instance.on_utility, instance.on_revenue], W)
        for group in groups:
            i, by = group.agent, W // group.unit
            weights = [w * by for w in group.weights]
            if group.name == instance.z_in:
                self.z -= sum(weights) * instance.P
            if not SCOPE[group.notion]:
                expected[2 if group.name == "budget" else i] += sum(weights)
            elif group.name == "budget":
                for spot, w in zip(group.spots, weights, strict=True):
                    self.budget[spot] += w * instance.P
            elif SCOPE[group.notion] == "profile":
                self.add_spots(group, [w * instance.P for w in weights])
            else:
                self.add_types(group, [w * instance.units[i] for w in weights])
        for i, masses in enumerate(instance.own):
            for k, (m, v) in enumerate(zip(masses, instance.worth[i], strict=True)):
                self.on_t[i][k] += m * (expected[2] - expected[i])
                self.on_q[i][k] += m * expected[i] * v

    def add_spots(self, group: Group, weights: list[int]) -> None:
        """DSIC or ex post IR at profiles: what the agent gets there, less what another report gets him."""
        i, worth, (spots_t, spots_q) = (
            group.agent,
            self.trade.worth[group.agent],
            (self.spots_t[group.agent], self.spots_q),
        )
        stride, size = self.trade.strides[i], self.trade.sizes[i]
        for spot, report, w in zip(group.spots, group.reports, weights, strict=True):
            k = spot // stride % size
            spots_t[spot] -= w
            spots_q[spot] += w * worth[k]
            if group.name != "IR":
                spots_t[spot + (report - k) * stride] += w
                spots_q[spot + (report - k) * stride] -= w * worth[k]

    def add_types(self, group: Group, weights: list[int]) -> None:
        """BIC or interim IR, or averages of DSIC or ex post IR: the same in expectation."""
        on_t, on_q, worth = self.on_t[group.agent], self.on_q[group.agent], self.trade.worth[group.agent]
        for k, report, w in zip(group.spots, group.reports, weights, strict=True):
            on_t[k] -= w
            on_q[k] += w * worth[k]
            if group.name != "IR":
                on_t[report] += w
                on_q[report] -= w * worth[k]

    def spots(self, i: int) -> dict[int, int]:
        """Coefficients of t_i at single profiles."""
        if not self.spots_t[i]:
            return self.budget
        both = self.budget.copy()
        for p, w in self.spots_t[i].items():
            both[p] += w
        return both

    def bound(self) -> Fraction:
        """max L, after checking that the payments and z have dropped out."""
        trade = self.trade
        if self.bounds != "objective":
            self.must_vanish(self.z, "z")
        terms = [(i, self.on_q[i], trade.own[1 - i]) for i in trade.agents]  # agent, coefficients, to multiply by
        for i in trade.agents:
            if trade.groves:  # t_i = h_i - v_j q
                self.charges(i)
                other = trade.worth[1 - i]
                lost = [-m * v for m, v in zip(trade.own[1 - i], other, strict=True)]
                terms.append((i, self.on_t[i], lost))
                for p, w in self.spots(i).items():
                    self.spots_q[p] -= w * other[p // trade.strides[1 - i] % trade.sizes[1 - i]]
            elif trade.ic == "DSIC" and trade.efficient:
                self.payments(i)
            else:
                self.transfers(i)
        total = self.efficient(terms) if trade.efficient else Fraction(self.free())
        return total / (self.unit * trade.unit)

    def efficient(self, terms: list[tuple[int, list[int], list[int]]]) -> Fraction:
        """The coefficients of trade where it is prescribed, and at ties where it is chosen."""
        trade, total, ties = self.trade, 0, Fraction(0)
        for i, on, by in terms:  # over all b > s: the first seller types, the last buyer types
            first = sums(by if i == 0 else by[::-1])
            cuts = trade.below if i == 0 else trade.above
            total += sum([c * first[cut] for c, cut in zip(on, cuts, strict=True)])
        total += sum([w for p, w in self.spots_q.items() if p % trade.sizes[1] < trade.below[p // trade.sizes[1]]])
        for b, s in trade.tied:
            each = sum(on[(b, s)[i]] * by[(s, b)[i]] for i, on, by in terms)
            each += self.spots_q.get(b * trade.sizes[1] + s, 0)
            if trade.ties == "uniform":
                ties += Fraction(each, 2)
            elif trade.ties == "last" or (trade.ties == "any" and each > 0):
                ties += each
        return total + ties

    def free(self) -> int:
        """The sum of the positive ones among the coefficients p_s(s) D(b) + p_b(b) E(s) of trade: with masses above 0 those
        with D(b)/p_b(b) > -E(s)/p_s(s), found by sorting; then the pairs with terms of their own, one by one."""
        (P, Q), (D, E) = self.trade.own, self.on_q
        total = sum(max(0, d) for d, m in zip(D, P, strict=True) if not m) * sum(Q)
        total += sum(max(0, e) for e, m in zip(E, Q, strict=True) if not m) * sum(P)

        def compare(x: tuple[int, int], y: tuple[int, int]) -> int:
            return x[0] * y[1] - y[0] * x[1]

        buyers = sorted([(d, m) for d, m in zip(D, P, strict=True) if m], key=cmp_to_key(compare))
        sellers = sorted([(-e, m) for e, m in zip(E, Q, strict=True) if m], key=cmp_to_key(compare))
        place = mass = cost = 0
        for d, m in buyers:
            while place < len(sellers) and d * sellers[place][1] > m * sellers[place][0]:
                cost, mass, place = cost + sellers[place][0], mass + sellers[place][1], place + 1
            total += d * mass - m * cost
        for p, w in self.spots_q.items():
            b, s = divmod(p, self.trade.sizes[1])
            each = Q[s] * D[b] + P[b] * E[s]
            total += max(0, each + w) - max(0, each)
        return total

    def payments(self, i: int) -> None:
        """Taxation: DSIC makes payments against o equal for types with one prescribed outcome, so that the sum of their
        coefficients has to vanish."""
        trade, size = self.trade, self.trade.sizes[i]
        until, found = sums(self.on_t[i]), defaultdict[tuple[int, int], int](int)
        splits = [trade.split(i, o) for o in range(trade.sizes[1 - i])]
        for p, w in self.spots(i).items():
            pair = divmod(p, trade.sizes[1])
            first, then = splits[pair[1 - i]]
            found[pair[1 - i], (pair[i] >= first) + (pair[i] >= then)] += w
        for o, (m, (first, then)) in enumerate(zip(trade.own[1 - i], splits, strict=True)):
            for part, (start, end) in enumerate(((0, first), (first, then), (then, size))):
                if start < end:
                    w, p = m * (until[end] - until[start]), start * trade.strides[i] + o * trade.strides[1 - i]
                    self.must_vanish(w + found[o, part], "the payment of {} for the outcome at {}", i, p)

    def transfers(self, i: int) -> None:
        """on_t[i][k] p(o) + spots = 0 for all k, o: at the spots; elsewhere one of the factors is 0."""
        trade, other = self.trade, self.trade.own[1 - i]
        covered, positive, at = [0] * trade.sizes[i], sum(m > 0 for m in other), self.spots(i)
        for p, w in at.items():
            pair = divmod(p, trade.sizes[1])
            self.must_vanish(self.on_t[i][pair[i]] * other[pair[1 - i]] + w, "the transfer of {} at {}", i, p)
            covered[pair[i]] += other[pair[1 - i]] > 0
        for k, (c, seen) in enumerate(zip(self.on_t[i], covered, strict=True)):
            if c and seen < positive:
                spots = (k * trade.strides[i] + o * trade.strides[1 - i] for o, m in enumerate(other) if m)
                p = next(p for p in spots if p not in at)
                self.must_vanish(c * other[divmod(p, trade.sizes[1])[1 - i]], "the transfer of {} at {}", i, p)

    def charges(self, i: int) -> None:
        """The coefficient of h_i(o), the sum of those of t_i(k, o) over k, is 0 for all o."""
        trade, total = self.trade, sum(self.on_t[i])
        on_h = [total * m for m in trade.own[1 - i]]
        stride, size = trade.strides[1 - i], trade.sizes[1 - i]
        for p, w in self.spots(i).items():
            on_h[p // stride % size] += w
        if any(on_h):
            for o, w in enumerate(on_h):
                self.must_vanish(w, "the charge of {} against the others at {}", i, o * stride)
