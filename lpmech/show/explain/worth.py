"""Rows of constraints at payments of 0, as sums over the allocation and shares."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from lpmech.question.model import Instance
from lpmech.question.prior import Profile
from lpmech.question.statements import Statements

ZERO, ONE = Fraction(0), Fraction(1)


class Worths(dict[Any, Fraction]):
    """(profile number, outcome), ("share", agent) or None, the constant -> coefficient. Sums and multiples are new."""

    def __add__(self, other: Worths | Fraction) -> Worths:
        out = Worths(self)
        for key, x in (other if isinstance(other, dict) else {None: other}).items():
            out[key] = out.get(key, ZERO) + x
        return out

    def __sub__(self, other: Worths | Fraction) -> Worths:
        return self + (Worths(other) if isinstance(other, dict) else Worths({None: other})) * -1

    def __mul__(self, by: Fraction | int) -> Worths:
        return Worths({key: x * by for key, x in self.items()})


class Worth(Statements[Worths]):
    """Rows at payments, or Groves charges, of 0: what depends on the allocation and on shares, and constants."""

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance.environment)
        self.groves = instance.requirements.groves
        self.values = [self.env.value_at(i) for i in range(len(self.env.sizes))]
        self.left = [self.env.outside_at(i) for i in range(len(self.env.sizes))]

    def total(self, terms: Iterable[tuple[Fraction, Worths]]) -> Worths:
        out = Worths()
        for w, worths in terms:
            for key, x in worths.items():
                out[key] = out.get(key, ZERO) + w * x
        return out

    def number(self, x: Fraction) -> Worths:
        return Worths({None: x})

    def payment_at(self, i: int, reported: Profile) -> Worths:
        if not self.groves:
            return Worths()
        p = self.profiles.number(reported)
        others = ((self.profiles.surplus(reported)[x] - v) for x, v in enumerate(self.values[i][p]))
        return Worths({(p, x): -v for x, v in enumerate(others)})

    def value_of(self, i: int, reported: Profile, true: Profile) -> Worths:
        p = self.profiles.number(reported)
        return Worths({(p, x): v for x, v in enumerate(self.values[i][self.profiles.number(true)]) if v})

    def chance_at(self, x: int, profile: Profile) -> Worths:
        return Worths({(self.profiles.number(profile), x): ONE})

    def cost_at(self, profile: Profile) -> Worths:
        p = self.profiles.number(profile)
        return Worths({(p, x): cost for x, cost in enumerate(self.env.costs) if cost})

    def outside_of(self, i: int, profile: Profile) -> Worths:
        return Worths({("share", i) if self.env.free_shares else None: self.left[i][self.profiles.number(profile)]})
