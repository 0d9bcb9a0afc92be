"""An upper bound by weak duality."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

from lpmech.verify.kernel.instance import Instance
from lpmech.verify.kernel.multipliers import Group, Row, common_weight
from lpmech.verify.reading.limits import METER
from lpmech.verify.reading.numbers import scaled
from lpmech.verify.report import Refusal


class Lagrangian:
    """L = f + sum_r weight_r g_r; f is z ("margin"), the objective with z = 0 ("objective"), or 0 ("feasibility").

    Every g_r, and f, is a combination of payoffs v_i(q(theta'), k) - t_i(theta') of a type k at a profile theta',
    revenues sum_i t_i(theta) - cost(q(theta)), constants and z. ``payoff[i][theta', k]``, ``revenue[theta]`` and ``z``
    are their coefficients in units of 1/(W * P), W the unit of the weights; ``constant``: 1/(W * P * D).
    """

    def __init__(self, instance: Instance, groups: list[Group], bounds: str) -> None:
        self.instance, self.bounds = instance, bounds
        W = common_weight(instance, groups)
        self.unit = W * instance.P
        METER.get().work(instance.count, self.unit.bit_length(), "multipliers")
        self.payoff = [defaultdict[tuple[int, int], int](int) for _ in instance.agents]
        self.revenue = [0] * instance.count
        self.constant, self.z = 0, self.unit if bounds == "margin" else 0
        if bounds == "objective":
            for i, w in enumerate(scaled(instance.on_utility, W)):
                self.add_payoff(i, instance.everything, w)
            self.add_revenue(instance.everything, scaled([instance.on_revenue], W)[0])
        for group in groups:
            lengths = [len(instance.average(group.notion, group.agent, spot) or []) for spot in group.spots]
            METER.get().take(sum(lengths))
            for row, w in group.rows(W):
                self.add(row, w)

    def add(self, row: Row, w: int) -> None:
        """Add w times the constraint's left-hand side."""
        instance, i, pairs = self.instance, row.agent, self.instance.average(row.notion, row.agent, row.spot) or []
        if row.name == instance.z_in:
            self.z -= w * instance.P
        if row.name == "budget":  # E[sum_i t_i - cost] - z
            self.add_revenue(pairs, w)
        elif row.name == "IR":  # E[v_i - t_i - outside_i] - z
            self.add_payoff(i, pairs, w)
            self.constant -= w * sum([m * instance.outside[i][instance.profiles[p][i]] for p, m in pairs])
        else:  # E[v_i(q(theta), k) - t_i(theta)] - E[v_i(q(r, theta_-i), k) - t_i(r, theta_-i)]
            self.add_payoff(i, pairs, w)
            self.add_payoff(i, pairs, -w, row.report)

    def add_payoff(self, i: int, pairs: list[tuple[int, int]], w: int, report: int | None = None) -> None:
        """Add w E[v_i(q, theta_i) - t_i], at the profiles or with agent i's report in the place of his type."""
        for p, m in pairs:
            k = self.instance.profiles[p][i]
            self.payoff[i][p if report is None else p + (report - k) * self.instance.strides[i], k] += w * m

    def add_revenue(self, pairs: list[tuple[int, int]], w: int) -> None:
        """Add w E[sum_i t_i - cost]."""
        for p, m in pairs:
            self.revenue[p] += w * m

    def bound(self) -> Fraction:
        """f <= constant + sum_theta max over allowed lotteries of L(theta, .), once t (or h) and z have dropped out."""
        instance = self.instance
        if self.bounds != "objective":
            self.must_vanish(self.z, "z")
        on_t = [list(self.revenue) for _ in instance.agents]  # the coefficient of t_i(theta)
        on_q = [[-r * cost for cost in instance.costs] for r in self.revenue]  # the coefficient of q(theta, x)
        for i in instance.agents:
            for (p, k), w in self.payoff[i].items():
                on_t[i][p] -= w
                on_q[p] = [a + w * v for a, v in zip(on_q[p], instance.values[i][k], strict=True)]
        for i in instance.agents:
            if instance.groves:
                self.substitute(i, on_t[i], on_q)
            else:
                self.transfers_vanish(i, on_t[i])
        total: int | Fraction = self.constant
        for row, choices in zip(on_q, instance.choices, strict=True):
            total += max(row[q[0][0]] if len(q) == 1 else sum(c * row[x] for x, c in q) for q in choices)
        return Fraction(total) / (self.unit * instance.unit)

    def transfers_vanish(self, i: int, on_t: list[int]) -> None:
        """Transfers are free, so that each has the coefficient 0."""
        for p, w in enumerate(on_t):
            self.must_vanish(w, "the transfer of {} at {}", i, p)

    def substitute(self, i: int, on_t: list[int], on_q: list[list[int]]) -> None:
        """Groves: t_i(theta) = h_i(theta_-i) - sum_x q(theta, x) (surplus(x, theta) - v_i(x, theta_i))."""
        instance = self.instance
        for base in instance.bases[i]:
            spots = [base + k * instance.strides[i] for k in range(instance.sizes[i])]
            self.must_vanish(sum([on_t[p] for p in spots]), "the charge of {} against the others at {}", i, base)
            for p, own in zip(spots, instance.values[i], strict=True):
                if on_t[p]:
                    rows = zip(on_q[p], instance.surplus[p], own, strict=True)
                    on_q[p] = [a - on_t[p] * (surplus - v) for a, surplus, v in rows]

    def must_vanish(self, coefficient: int, what: str, i: int = 0, p: int = 0) -> None:
        if coefficient:
            what = what.format(self.instance.names[i], self.instance.at(p))
            raise Refusal(f"multipliers: {what} keeps the coefficient {Fraction(coefficient, self.unit)}, must be 0")
