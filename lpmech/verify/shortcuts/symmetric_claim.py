"""Claims shown up to relabelling identical agents."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from lpmech.verify.kernel.claim import Claim
from lpmech.verify.kernel.mechanism import Mechanism, read_allocation
from lpmech.verify.reading.numbers import keyed, listed, numbers
from lpmech.verify.shortcuts.symmetric import Symmetric
from lpmech.verify.shortcuts.symmetric_lagrangian import SymmetricLagrangian
from lpmech.verify.shortcuts.symmetric_mechanism import SymmetricMechanism


class SymmetricClaim(Claim):
    """A claim shown up to relabelling identical agents."""

    lagrangian = SymmetricLagrangian
    rows = "constraints (up to relabelling)"

    def money(self, x: Any, where: str, also: Iterable[str] = ()) -> list[list[Fraction]]:
        """Payments (or charges) of each class, in its layout."""
        instance = self.instance
        assert isinstance(instance, Symmetric)
        key, more = "charges" if instance.groves else "transfers", ["lump-sums"] if also else []
        rows = listed(keyed(x, where, [key, *also], more)[key], f"{where}.{key}", len(instance.classes))
        sizes = map(len, instance.others if instance.groves else instance.spot)
        return [numbers(row, f"{where}.{key}[{c}]", n) for c, (row, n) in enumerate(zip(rows, sizes, strict=True))]

    def mechanism(self) -> Mechanism:
        data, instance = self.take("mechanism"), self.instance
        assert isinstance(instance, Symmetric)
        money, lumps = self.money(data, "mechanism", ["allocation"]), [Fraction(0)] * len(instance.names)
        if "lump-sums" in data:
            lumps = numbers(data["lump-sums"], "mechanism.lump-sums", len(instance.names))
        more = [*self.fees, *([self.margin] if isinstance(self.margin, Fraction) else [])]
        return SymmetricMechanism(instance, money, read_allocation(instance, data["allocation"]), lumps, more)

    def ray(self, rate: Fraction) -> Mechanism:
        instance = self.instance
        assert isinstance(instance, Symmetric)
        none = [Fraction(0)] * len(instance.names)
        ray = SymmetricMechanism(instance, self.money(self.take("ray"), "ray"), None, none)
        self.say(f"the ray keeps {ray.check(rate, none)}")
        return ray
