"""What a given mechanism does at a place of a constraint, as exact numbers."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from lpmech.answer.mechanism import Mechanism
from lpmech.question.prior import Profile
from lpmech.question.statements import Statements

ZERO = Fraction(0)


class MechanismStatements(Statements[Fraction]):
    """Payments and lotteries of a mechanism; without ``whole`` a direction: values, costs and outside options are 0."""

    def __init__(self, mechanism: Mechanism, whole: bool = True) -> None:
        super().__init__(mechanism.environment)
        self.mechanism, self.whole = mechanism, whole
        self.value = [self.env.value_at(i) for i in range(len(self.env.sizes))]
        self.outside = [self.env.outside_at(i) for i in range(len(self.env.sizes))]

    def total(self, terms: Iterable[tuple[Fraction, Fraction]]) -> Fraction:
        return sum((w * x for w, x in terms), ZERO)

    def number(self, x: Fraction) -> Fraction:
        return x

    def payment_at(self, i: int, reported: Profile) -> Fraction:
        return self.mechanism.transfers[i][self.profiles.number(reported)]

    def value_of(self, i: int, reported: Profile, true: Profile) -> Fraction:
        row = self.value[i][self.profiles.number(true)]
        return sum((q * row[x] for x, q in self.mechanism.lotteries[self.profiles.number(reported)].items()), ZERO)

    def chance_at(self, x: int, profile: Profile) -> Fraction:
        return self.mechanism.lotteries[self.profiles.number(profile)].get(x, ZERO)

    def cost_at(self, profile: Profile) -> Fraction:
        lottery = self.mechanism.lotteries[self.profiles.number(profile)]
        return sum((q * self.env.costs[x] for x, q in lottery.items()), ZERO)

    def outside_of(self, i: int, profile: Profile) -> Fraction:
        left = self.outside[i][self.profiles.number(profile)]
        return left * self.mechanism.shares[i] if self.mechanism.shares is not None else left
