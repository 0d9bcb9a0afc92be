"""A mechanism, or a direction, against every row of a further question."""

from __future__ import annotations

from bisect import bisect_left
from fractions import Fraction
from typing import Any

from lpmech.verify.further.rows import Definition, Form
from lpmech.verify.kernel.instance import Lottery
from lpmech.verify.kernel.mechanism import read_allocation, read_money
from lpmech.verify.reading.limits import common
from lpmech.verify.reading.numbers import masses, numbers
from lpmech.verify.report import SHOWN, Refusal

ZERO = Fraction(0)


class Mechanism:
    """Payments, lotteries and shares; without lotteries a direction, along which payments alone change."""

    def __init__(self, definition: Definition, x: Any, where: str, also: tuple[str, ...] = ()) -> None:
        self.definition, self.instance = definition, definition.instance
        n, direction = self.instance, where == "ray"
        keys = () if direction else ("allocation", *(("shares",) if n.free else ()), *also)
        money = read_money(n, x, where, keys)
        lotteries: list[Lottery] = [()] * n.count if direction else read_allocation(n, x["allocation"])
        if not n.lotteries and any(len(lottery) != 1 for lottery in lotteries) and not direction:
            raise Refusal(f"{where}.allocation: a lottery, and the requirements exclude lotteries")
        chances = [chance.denominator for lottery in lotteries for _, chance in lottery]
        common(chances, len(chances), f"{where}.allocation")
        self.value: dict[Any, Fraction] = {"one": Fraction(not direction)}
        for p, lottery in enumerate(lotteries):
            for outcome, chance in lottery:
                self.value["q", p, outcome] = chance
        if n.free and not direction:
            for i, share in enumerate(masses(numbers(x["shares"], f"{where}.shares", len(n.names)), f"{where}.shares")):
                self.value["share", i] = share
        for i, row in enumerate(money):
            for p in range(n.count):
                self.value["t", i, p] = self.groves(i, p, row, lotteries[p]) if n.groves else row[p]

    def groves(self, i: int, p: int, charges: list[Fraction], lottery: Lottery) -> Fraction:
        """t_i(theta) = h_i(theta_-i) - (sum_{j != i} v_j - cost, at the lottery of theta) (C8)."""
        n = self.instance
        base = p - n.profiles[p][i] * n.strides[i]
        others = sum((q * (n.exact_surplus[p][x] - n.value[i][p][x]) for x, q in lottery), ZERO)
        return charges[bisect_left(n.bases[i], base)] - others

    def of(self, form: Form) -> Fraction:
        """A form's value."""
        return sum((c * self.value.get(unknown, ZERO) for unknown, c in form.items()), ZERO)

    def check(self, z: Fraction, where: str) -> str:
        """Every constraint holds with z; refuses if one fails. Says how many hold."""
        self.value["z"], count, failed = z, 0, list[str]()
        for name, form, equality in self.definition.everything():
            count += 1
            got = self.of(form)
            if got < 0 or (equality and got):
                failed.append(f"{name}: {got}, must be {'0' if equality else '>= 0'}")
                if len(failed) > SHOWN:
                    break
        if failed:
            level = f" with z = {z}" if z else ""
            raise Refusal(f"{where} does not meet the requirements{level}", *failed[:SHOWN])
        return f"{count} constraints" + (f" with z = {z}" if z else "")
