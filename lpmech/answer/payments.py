"""Rows of constraints as linear combinations of payments: the coefficient of each t_i(theta)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from lpmech.question.constraints import Place
from lpmech.question.environment import Environment
from lpmech.question.prior import Profile
from lpmech.question.profiles import Profiles

ONE = Fraction(1)

Coefficients = Mapping[tuple[int, Profile], Fraction]
"""(agent, profile) -> what t_i(theta) is multiplied with."""


class Payments:
    """What ``Constraint.value`` asks for, with payments as unknowns and without what depends on the allocation alone."""

    def __init__(self, environment: Environment) -> None:
        self.env = environment

    def gain_of_truth(self, agent: int, place: Place) -> Coefficients:
        """t_i at the report less t_i at the truth."""
        assert place.report is not None
        out: defaultdict[tuple[int, Profile], Fraction] = defaultdict(Fraction)
        for w, theta in self.profiles(agent, place):
            out[agent, theta] -= w
            out[agent, (*theta[:agent], place.report, *theta[agent + 1 :])] += w
        return out

    def net_utility(self, agent: int, place: Place) -> Coefficients:
        """-t_i at the truth."""
        return {(agent, theta): -w for w, theta in self.profiles(agent, place)}

    def revenue(self, place: Place) -> Coefficients:
        """sum_i t_i."""
        agents = range(len(self.env.sizes))
        return {(i, theta): w for w, theta in self.profiles(None, place) for i in agents}

    def profiles(self, agent: int | None, place: Place) -> Iterator[tuple[Fraction, Profile]]:
        """The profiles that a row speaks of, each with its weight: its probability given the agent's type."""
        if place.profile is not None:
            return iter([(ONE, place.profile)])
        profiles = Profiles(self.env)
        return profiles.likely() if agent is None or place.type is None else profiles.given(agent, place.type)


def total(rows: Iterable[tuple[Fraction, Coefficients]]) -> dict[tuple[int, Profile], Fraction]:
    """The coefficients of a weighted sum of rows."""
    out: defaultdict[tuple[int, Profile], Fraction] = defaultdict(Fraction)
    for weight, row in rows:
        for key, c in row.items():
            out[key] += weight * c
    return out
