"""What each constraint of a proof is worth in money: the lines of the sum that bounds the margin.

A constraint r reads: payments + worth_r >= 0, or >= z on the budget (without one, on IR). Weighted and added up, payments
cancel (docs/proof-format.md, Why the checks suffice), so that z is at most the sum of weight_r worth_r: the margin. With
margin -inf that sum is below 0, though it would have to be at least 0. Worths are taken at an allocation that makes the sum
largest among those allowed: at each open profile the outcome with the largest weight, or else that of the proof's
mechanism, which attains the margin.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from lpmech.answer.multipliers import Multiplier
from lpmech.answer.tables import Lottery
from lpmech.question.constraints import Place
from lpmech.question.prior import Profile
from lpmech.show.explain.expectations import MOST, ONE, ZERO, Expectations, TooLongError

Row = Sequence[Fraction]
Term = tuple[Fraction, Profile, Row]
"""weight, profile, value of each outcome: stands for weight times the expected value under the lottery at the profile."""


@dataclass(frozen=True)
class Line:
    """A constraint with what it is worth; ``count`` agents have it with this weight each."""

    multiplier: Multiplier
    worth: Fraction
    count: int = 1

    @property
    def weight(self) -> Fraction:
        """Of all agents who have it, together."""
        return self.multiplier.weight * self.count

    @property
    def amount(self) -> Fraction:
        """What it adds to the sum."""
        return self.weight * self.worth


class Spread:
    """Constraints as sums over profiles and outcomes: the same quantities as ``Accounts``, before lotteries are put in."""

    def __init__(self, accounts: Accounts) -> None:
        self.accounts = accounts

    def gain_of_truth(self, agent: int, place: Place) -> Iterator[Term]:
        """Two terms a profile: at the truth, and less at the report."""
        assert place.report is not None
        for w, theta, row in self.net_utility(agent, place):
            yield w, theta, row
            yield -w, (*theta[:agent], place.report, *theta[agent + 1 :]), row

    def net_utility(self, agent: int, place: Place) -> Iterator[Term]:
        """What outcomes are worth to the agent; with Groves transfers the surplus."""
        accounts, own = self.accounts, place.own(agent)
        if place.profile is not None:
            profiles: Iterable[tuple[Fraction, Profile]] = [(ONE, place.profile)]
        else:
            profiles = accounts.everyone() if own is None else accounts.others(agent, own)
        for w, theta in profiles:
            yield w, theta, accounts.surplus(theta) if accounts.groves else accounts.values(agent)[theta[agent]]

    def revenue(self, place: Place) -> Iterator[Term]:
        """Less the costs; with Groves transfers less (N - 1) times the surplus."""
        accounts, shares = self.accounts, len(self.accounts.env.agents) - 1
        for w, theta in accounts.everyone() if place.profile is None else [(ONE, place.profile)]:
            costs = [shares * x for x in accounts.surplus(theta)] if accounts.groves else accounts.env.costs
            yield w, theta, [-c for c in costs]


class Accounts(Expectations):
    """The lines of a proof, and the interim values that they are made of."""

    def copies(self, m: Multiplier) -> int:
        """How many agents have the constraint."""
        if not m.place.alike:
            return 1
        classes = self.proof.symmetry
        if classes is None:  # one seller and identical buyers
            return len(self.env.agents) - 1
        return next(len(members) for members in classes if m.agent in members)

    @cached_property
    def multipliers(self) -> tuple[Multiplier, ...]:
        """Those of the proof; if all that matters is that a sum is below 0, multiplied up to whole numbers without a common
        divisor."""
        given = tuple(self.proof.multipliers or ())
        if self.proof.bounds != "feasibility":
            return given
        weights = [m.weight for m in given if m.weight]
        common = math.lcm(*(w.denominator for w in weights))
        scale = Fraction(common, math.gcd(*(int(w * common) for w in weights)))
        return tuple(replace(m, weight=m.weight * scale) for m in given)

    @cached_property
    def lines(self) -> tuple[Line, ...] | None:
        """All of them, None if there are too many profiles to add up."""
        try:
            lines = tuple(Line(m, self.worth(m), self.copies(m)) for m in self.multipliers)
        except TooLongError:
            return None
        total = sum((line.amount for line in lines), ZERO)
        if self.proof.bounds == "margin":
            assert total == self.proof.margin, "the lines of a verified proof add up to its margin"
        return lines

    # ---- lotteries ---------------------------------------------------------------------------------------------------

    def lottery(self, profile: Profile) -> Lottery:
        """The lottery that worths are taken at."""
        chosen = self._chosen.get(profile)
        return super().lottery(profile) if chosen is None else {chosen: ONE}

    @property
    def chooses(self) -> bool:
        """Whether worths are taken at outcomes chosen among several that the requirements allow."""
        try:
            return bool(self._chosen)
        except TooLongError:
            return False

    @cached_property
    def _chosen(self) -> dict[Profile, int]:
        """Where several outcomes are open: the one with the largest weight in the sum, the first of them.

        Empty where the mechanism is not given by profile, or adding up takes too long: its own lotteries serve as well.
        """
        if self.mechanism is None:
            return self._heaviest()
        if not self.mechanism.by_profile or self.proof.symmetry is not None or self.proof.bounds != "margin":
            return {}
        try:
            return self._heaviest()
        except TooLongError:
            self._left = MOST
            return {}

    def _heaviest(self) -> dict[Profile, int]:
        if not self.open:
            return {}
        if self.proof.symmetry is not None:
            raise TooLongError
        totals: dict[Profile, dict[int, Fraction]] = {at: dict.fromkeys(xs, ZERO) for at, xs in self.open.items()}
        for m in self.multipliers:
            for w, at, row in self.terms(m):
                if at in totals:
                    for x in totals[at]:
                        totals[at][x] += m.weight * w * row[x]
        return {at: max(by, key=lambda x: (by[x], -x)) for at, by in totals.items()}

    # ---- worths ------------------------------------------------------------------------------------------------------

    def worth(self, m: Multiplier) -> Fraction:
        """worth_r: the constraint at payments, or with Groves transfers charges, of 0."""
        worth: Fraction = m.constraint.value(self, m.place)
        return worth

    def gain_of_truth(self, agent: int, place: Place) -> Fraction:
        """What the outcome at truth is worth more than the outcome of the report."""
        if place.profile is not None or self.groves:
            return self._sum(self._spread.gain_of_truth(agent, place))
        assert place.type is not None
        assert place.report is not None
        return self.value(agent, place.type, place.type) - self.value(agent, place.type, place.report)

    def net_utility(self, agent: int, place: Place) -> Fraction:
        """The worth of the outcome at truth less the outside option."""
        own = place.own(agent)
        if own is None:
            return self.total(agent) - self.outside(agent)
        outside = self.env.agents[agent].outside[own]
        if place.profile is not None:
            return self._sum(self._spread.net_utility(agent, place)) - outside
        return (self.surplus_given(agent, own) if self.groves else self.value(agent, own, own)) - outside

    def revenue(self, place: Place) -> Fraction:
        """Less the cost of the outcome; with Groves transfers less (N - 1) times the surplus."""
        if not self.groves and not any(self.env.costs):
            return ZERO
        if not self.groves and place.profile is None and self.mechanism is not None:
            cost = self.mechanism.expected_cost()
            if cost is not None:
                return -cost
        return self._sum(self._spread.revenue(place))

    def _sum(self, terms: Iterable[Term]) -> Fraction:
        return sum((w * sum((q * row[x] for x, q in self.lottery(at).items()), ZERO) for w, at, row in terms), ZERO)

    def terms(self, m: Multiplier) -> Iterator[Term]:
        """The part of a constraint that depends on the allocation."""
        terms: Iterator[Term] = m.constraint.value(self._spread, m.place)
        return terms

    @cached_property
    def _spread(self) -> Spread:
        return Spread(self)

    # ---- expectations ------------------------------------------------------------------------------------------------

    @cached_property
    def gains(self) -> Fraction:
        """E[W]: expected surplus of the allocation."""
        if self.mechanism is not None and not self._chosen:
            return self.mechanism.welfare
        row = ((w, at, self.surplus(at)) for w, at in self.everyone())
        return sum((w * sum((q * s[x] for x, q in self.lottery(at).items()), ZERO) for w, at, s in row), ZERO)

    def total(self, i: int) -> Fraction:
        """Expected value of agent i before payments; with Groves transfers before charges, which is the surplus."""
        if self.groves:
            return self.gains
        return sum((p * self.value(i, k, k) for k, p in enumerate(self.env.agents[i].probabilities) if p), ZERO)

    def surplus_given(self, i: int, k: int) -> Fraction:
        """E[W | type k of agent i]."""
        surplus = None if self.mechanism is None else self.mechanism.interim_surplus(i, k)
        return self._sum(self._spread.net_utility(i, Place(type=k))) if surplus is None else surplus
