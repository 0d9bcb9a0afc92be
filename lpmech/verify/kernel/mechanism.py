"""A mechanism, or a direction in which one can be moved, against the requirements."""

from __future__ import annotations

import reprlib
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from lpmech.verify.kernel.instance import Instance, Lottery
from lpmech.verify.reading.limits import METER, common
from lpmech.verify.reading.numbers import COUNT, index, keyed, listed, masses, numbers, scaled, unit
from lpmech.verify.report import SHOWN, Refusal, Rows


def read_lottery(x: Any, where: str, points: Sequence[Lottery]) -> Lottery:
    """An outcome number, or {outcome number as text: probability}."""
    if type(x) is int:
        return points[index(x, where, len(points))]
    if type(x) is not dict:
        raise Refusal(f"{where}: {reprlib.repr(x)} is neither an outcome number nor a lottery")
    for key in x:
        if type(key) is not str or not COUNT.fullmatch(key) or int(key) >= len(points):
            raise Refusal(f"{where}: no outcome {reprlib.repr(key)}")
    chances = masses(numbers(list(x.values()), where), where)
    return tuple(sorted((int(key), q) for key, q in zip(x, chances, strict=True) if q))


def read_allocation(instance: Instance, x: Any) -> list[Lottery]:
    """A lottery for each profile, within what the allocation rule allows there (C7)."""
    out, points = [], instance.points
    for p, entry in enumerate(listed(x, "mechanism.allocation", instance.count)):
        lottery, allowed = read_lottery(entry, f"mechanism.allocation[{p}]", points), instance.choices[p]
        mixed = allowed[0] not in points  # one lottery is prescribed, and it is not a single outcome
        if lottery not in allowed and (mixed or any(points[x] not in allowed for x, _ in lottery)):
            got, *wanted = (
                " + ".join(f"{q} of {instance.outcomes[x]!r}" for x, q in choice) for choice in (lottery, *allowed)
            )
            raise Refusal(
                f"allocation: {got}{instance.where('ex-post', 0, p)}, where the rule ({instance.rule}) wants"
                f" {' or '.join(wanted[:SHOWN])}"
            )
        out.append(lottery)
    return out


def read_money(instance: Instance, x: Any, where: str, also: Iterable[str] = ()) -> list[list[Fraction]]:
    """Transfers t_i(theta), or charges h_i(theta_-i) when transfers are Groves (C8)."""
    key = "charges" if instance.groves else "transfers"
    rows = listed(keyed(x, where, [key, *also])[key], f"{where}.{key}", len(instance.names))
    sizes = map(len, instance.bases) if instance.groves else [instance.count] * len(rows)
    return [numbers(row, f"{where}.{key}[{i}]", n) for i, (row, n) in enumerate(zip(rows, sizes, strict=True))]


class Mechanism:
    """Lotteries and payments, in integers; amounts in units of 1/M. Without lotteries: a direction in the space of
    payments. There values, costs and outside options count as 0: the homogeneous parts of the same constraints."""

    def __init__(
        self,
        instance: Instance,
        money: list[list[Fraction]],
        lotteries: list[Lottery] | None,
        more: Iterable[Fraction] = (),
    ) -> None:
        self.instance, self.direction = instance, lotteries is None
        given: list[Lottery] = [()] * instance.count if lotteries is None else lotteries
        parts = unit(q for lottery in given for _, q in lottery)
        bottoms = {instance.unit * parts, unit(t for row in money for t in row), unit(more)}
        self.unit = common(bottoms, instance.count * len(instance.names), "mechanism: amounts")
        by = self.unit // instance.unit  # a lottery in units of 1/by makes sum_x q(x) v_i(x, k) one in units of 1/M
        self.lotteries = [[(x, q.numerator * (by // q.denominator)) for x, q in lottery] for lottery in given]
        self.outside = [[0 if self.direction else o * by for o in row] for row in instance.outside]
        paid = [scaled(row, self.unit) for row in money]
        self.paid = [self.groves(i, row) for i, row in enumerate(paid)] if instance.groves else paid
        self.utility = [
            [self.value(i, k[i], q) - t for k, q, t in zip(instance.profiles, self.lotteries, row, strict=True)]
            for i, row in enumerate(self.paid)
        ]
        self.revenue = [
            sum(ts) - sum([q * instance.costs[x] for x, q in lottery])
            for lottery, *ts in zip(self.lotteries, *self.paid, strict=True)
        ]

    def value(self, i: int, k: int, lottery: Iterable[tuple[int, int]]) -> int:
        """v_i(q, k) = sum_x q(x) v_i(x, k)."""
        row = self.instance.values[i][k]
        return sum([q * row[x] for x, q in lottery])

    def groves(self, i: int, charges: list[int]) -> list[int]:
        """t_i(theta) = -(sum_{j != i} v_j - cost, at the lottery of theta) + h_i(theta_-i) (C8)."""
        instance, paid = self.instance, [0] * self.instance.count
        for base, charge in zip(instance.bases[i], charges, strict=True):
            for k, own in enumerate(instance.values[i]):
                p = base + k * instance.strides[i]
                row = instance.surplus[p]
                paid[p] = charge - sum([q * (row[x] - own[x]) for x, q in self.lotteries[p]])
        return paid

    def exact(self, amount: int) -> Fraction:
        """An amount averaged with integer masses, in units of 1/(M * P), as an exact number."""
        return Fraction(amount, self.unit * self.instance.P)

    def incentives(self, rows: Rows) -> None:
        """E[v_i(q(k, .), k) - t_i(k, .)] >= E[v_i(q(r, .), k) - t_i(r, .)] for all types k and reports r (C4): at every
        theta_-i (DSIC), or in expectation given k (BIC).

        Types who face the same others, or have the same beliefs, choose from one menu: what each report brings, an
        expected lottery and payment. Reports that bring the same are one item, named by the first of them.
        """
        instance = self.instance
        for i, (name, labels) in enumerate(zip(instance.names, instance.types, strict=True)):
            everyone = range(len(labels))
            groups: Iterable[tuple[int, list[tuple[int, int]], int, range]]  # base, beliefs as type own has them, types
            if instance.ic == "DSIC":
                groups = ((b, [(b, instance.P)], 0, everyone) for b in instance.bases[i])
            elif instance.independent:
                groups = [(0, instance.given[i][0] or [], 0, everyone)]
            else:
                groups = ((0, pairs, k, range(k, k + 1)) for k, pairs in instance.averages("BIC", i))
            for base, pairs, own, types in groups:
                brings = [self.brings(i, pairs, (r - own) * instance.strides[i]) for r in everyone]
                menu = {item: r for r, item in reversed(list(enumerate(brings)))}
                rows.checked += len(types) * (len(labels) - 1)
                METER.get().take(len(types) * len(menu) + len(brings) * len(pairs))
                for k in types:
                    lottery, payment = brings[k]
                    truth = self.value(i, k, lottery) - payment
                    for (lottery, payment), r in menu.items():
                        gain = self.value(i, k, lottery) - payment - truth
                        if gain > 0:
                            spot = base + k * instance.strides[i] if instance.ic == "DSIC" else k
                            who = f"{name} of type {labels[k]} gains {self.exact(gain)} by reporting {labels[r]}"
                            rows.fail(who + (f" at {instance.at(spot)}" if instance.ic == "DSIC" else ""))

    def brings(self, i: int, pairs: list[tuple[int, int]], shift: int) -> tuple[tuple[tuple[int, int], ...], int]:
        """Expected lottery and payment, the profiles shifted to another report of agent i."""
        lottery, payment = dict[int, int](), 0
        for p, m in pairs:
            payment += m * self.paid[i][p + shift]
            for x, q in self.lotteries[p + shift]:
                lottery[x] = lottery.get(x, 0) + m * q
        return tuple(sorted(lottery.items())), payment

    def participation(self, rows: Rows, fees: list[int], z: int) -> None:
        """u_i - outside_i - fee_i >= z at every profile, in expectation given the type, or over everything (C5)."""
        instance = self.instance
        for i, name in enumerate(instance.names):
            net = [u - self.outside[i][k[i]] for u, k in zip(self.utility[i], instance.profiles, strict=True)]
            for spot, pairs in instance.averages(instance.ir, i):
                rows.checked += 1
                gap = sum([m * net[p] for p, m in pairs]) - instance.P * (fees[i] + z)
                if gap < 0:
                    place = instance.where(instance.ir, i, spot)
                    rows.fail(f"utility of {name}{place} falls short by {self.exact(-gap)}")

    def balance(self, rows: Rows, fees: list[int], z: int) -> None:
        """sum_i (t_i + fee_i) - cost >= z, or = z (balanced), at every profile; or >= z in expectation (C6)."""
        instance = self.instance
        for spot, pairs in instance.averages(instance.budget, 0):
            rows.checked += 1
            gap = sum([m * self.revenue[p] for p, m in pairs]) - instance.P * (z - sum(fees))
            if gap < 0 or (gap and instance.budget == "balanced"):
                how = "falls short" if gap < 0 else "is too high"
                rows.fail(f"revenue{instance.where(instance.budget, 0, spot)} {how} by {self.exact(abs(gap))}")

    def check(self, z: Fraction, fees: Sequence[Fraction], incentives: bool = True) -> str:
        """All requirements, with z in the place of 0 where z sits (C9) and the fees added to the payments.

        Says how many constraints hold; refuses if one fails. Lump-sum fees cancel in incentive constraints.
        """
        instance, lump, rate = self.instance, scaled(fees, self.unit), scaled([z], self.unit)[0]
        ic, ir, budget = Rows(instance.ic), Rows(f"{instance.ir} IR"), Rows(f"{instance.budget} budget")
        by_theorem = instance.groves and instance.efficient and not self.direction
        if incentives and instance.ic != "none" and not by_theorem:
            self.incentives(ic)
        if instance.ir != "none":
            self.participation(ir, lump, rate if instance.z_in == "IR" else 0)
        if instance.budget != "none":
            self.balance(budget, lump, rate if instance.z_in == "budget" else 0)
        problems = [problem for rows in (ic, ir, budget) for problem in rows.problems()]
        if problems:
            what = "the ray" if self.direction else "the mechanism" + (" with its fees" if any(fees) else "")
            raise Refusal(f"{what} does not meet the requirements" + (f" with z = {z}" if z else ""), *problems)
        done = [f"{rows.checked} {rows.name}" for rows in (ic, ir, budget) if rows.checked]
        said = f"{' and '.join(done)} constraints" if done else "the allocation rule"
        theorem = by_theorem and incentives and instance.ic != "none"
        return said + (f", and {instance.ic} by Groves' theorem, every lottery being efficient" if theorem else "")

    def objective(self) -> Fraction:
        """sum_i w_i E[v_i - t_i] + w_r E[sum_i t_i - cost]."""
        instance, total = self.instance, Fraction(0)
        rows = zip([*instance.on_utility, instance.on_revenue], [*self.utility, self.revenue], strict=True)
        for weight, row in rows:
            total += weight * sum([m * row[p] for p, m in instance.everything])
        return total / (self.unit * instance.P)
