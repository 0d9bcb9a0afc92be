"""What a mechanism does at a place of a constraint, from the definitions, whatever its numbers are (C4 to C6, C11, C13).

The left sides of constraints are sums of payments, values of lotteries, costs and outside options at profiles, each with
its weight. Here they are written once; subclasses say what a payment or a lottery's value is: a number, or a linear form.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from fractions import Fraction
from typing import Generic, TypeVar

from lpmech.question.constraints import Place
from lpmech.question.environment import Environment
from lpmech.question.prior import Profile
from lpmech.question.profiles import Profiles

T = TypeVar("T")
Weighted = list[tuple[Fraction, Profile]]
ONE = Fraction(1)


class Statements(ABC, Generic[T]):
    """``Values`` and ``Forms`` of the constraints' contract, over entries of one kind."""

    def __init__(self, environment: Environment) -> None:
        self.env = environment
        self.profiles = Profiles(environment)
        self._weights: dict[tuple[int | None, Place], Weighted] = {}

    # ---- what subclasses say ---------------------------------------------------------------------------------------

    @abstractmethod
    def total(self, terms: Iterable[tuple[Fraction, T]]) -> T:
        """A weighted sum."""

    @abstractmethod
    def number(self, x: Fraction) -> T:
        """A constant."""

    @abstractmethod
    def payment_at(self, i: int, reported: Profile) -> T:
        """t_i at a profile of reports."""

    @abstractmethod
    def value_of(self, i: int, reported: Profile, true: Profile) -> T:
        """v_i of the lottery at a profile of reports, to the types of a profile."""

    @abstractmethod
    def chance_at(self, x: int, profile: Profile) -> T:
        """Probability of an outcome."""

    @abstractmethod
    def cost_at(self, profile: Profile) -> T:
        """Cost of the lottery."""

    @abstractmethod
    def outside_of(self, i: int, profile: Profile) -> T:
        """Outside option."""

    def paid(self, i: int, weights: Weighted, agent: int | None, place: Place, report: int | None = None) -> T:
        """Expected payment of agent i where ``agent`` makes a report; ``place`` is where the weights are from."""
        return self.total((w, self.payment_at(i, self.reporting(theta, agent, report))) for w, theta in weights)

    # ---- the definitions -------------------------------------------------------------------------------------------

    @staticmethod
    def reporting(theta: Profile, agent: int | None, report: int | None) -> Profile:
        """A profile with an agent's type replaced by his report."""
        if agent is None or report is None:
            return theta
        return (*theta[:agent], report, *theta[agent + 1 :])

    def weights(self, agent: int | None, place: Place) -> Weighted:
        """The profiles that a place speaks of, each with its weight."""
        if place.profile is not None:
            return [(ONE, place.profile)]
        key = (None, place) if place.type is None else (agent, Place(type=place.type))
        if key not in self._weights:
            if place.type is not None and agent is not None:
                found = list(self.profiles.given(agent, place.type))
            else:
                found = list(self.profiles.likely())
                if place.within is not None:
                    sets = [frozenset(types) for types in place.within]
                    found = [(w, p) for w, p in found if all(k in s for k, s in zip(p, sets, strict=True))]
            self._weights[key] = found
        return self._weights[key]

    def gain_of_truth(self, agent: int, place: Place) -> T:
        """u_i at truth less u_i at the report."""
        weights = self.weights(agent, place)
        if place.others is None:
            truth, own = weights, None
        else:
            truth, own = [(ONE, place.others)], place.others
        terms: list[tuple[Fraction, T]] = []
        for w, theta in weights:
            said = theta if own is None else own
            terms.append((w, self.value_of(agent, said, theta)))
            terms.append((-w, self.value_of(agent, self.reporting(said, agent, place.report), theta)))
        terms.append((-ONE, self.paid(agent, truth, agent, place)))
        terms.append((ONE, self.paid(agent, truth, agent, place, place.report)))
        return self.total(terms)

    def net_utility(self, agent: int, place: Place) -> T:
        """Utility at truth less the outside option."""
        outside = ((-w, self.outside_of(agent, theta)) for w, theta in self.weights(agent, place))
        return self.total([(ONE, self.utility(agent, agent, place)), *outside])

    def revenue(self, place: Place) -> T:
        """sum_i t_i less the cost."""
        return self.expected_revenue(None, place)

    def payment(self, i: int, agent: int | None, place: Place) -> T:
        """t_i, expected by ``agent`` of the place's type, or over the prior, or at the profile."""
        return self.paid(i, self.weights(agent, place), agent, place)

    def utility(self, i: int, agent: int | None, place: Place) -> T:
        """v_i - t_i at truth."""
        weights = self.weights(agent, place)
        gained = [(w, self.value_of(i, theta, theta)) for w, theta in weights]
        return self.total([*gained, (-ONE, self.paid(i, weights, agent, place))])

    def chance(self, x: int, agent: int | None, place: Place) -> T:
        """Probability of outcome number x."""
        return self.total((w, self.chance_at(x, theta)) for w, theta in self.weights(agent, place))

    def expected_revenue(self, agent: int | None, place: Place) -> T:
        """sum_i t_i less the cost."""
        weights = self.weights(agent, place)
        paid = [(ONE, self.paid(i, weights, agent, place)) for i in range(len(self.env.sizes))]
        return self.total([*paid, *((-w, self.cost_at(theta)) for w, theta in weights)])

    def mass(self, agent: int | None, place: Place) -> T:
        """The expectation of 1."""
        return self.number(sum((w for w, _ in self.weights(agent, place)), Fraction(0)))
