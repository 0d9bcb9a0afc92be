"""Type profiles of an environment: their order, their probabilities, and what is to be gained at each."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from functools import cached_property
from itertools import product

from lpmech.question.environment import Environment, Valuations
from lpmech.question.prior import Profile

ZERO, ONE = Fraction(0), Fraction(1)


class Profiles:
    """The profiles of one environment. Nothing is listed before it is asked for."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment

    def __iter__(self) -> Iterator[Profile]:
        """All profiles in flattened order: the last agent's type varies fastest."""
        return product(*map(range, self.environment.sizes))

    def number(self, profile: Profile) -> int:
        """Place of a profile in flattened order."""
        place = 0
        for k, n in zip(profile, self.environment.sizes, strict=True):
            place = place * n + k
        return place

    def mass(self, profile: Profile) -> Fraction:
        """Prior probability of a profile."""
        if self.environment.prior is not None:
            return self.environment.prior.get(profile, ZERO)
        return self.others_mass(profile, None)

    def others_mass(self, profile: Profile, agent: int | None) -> Fraction:
        """Under independent types: probability of the types of all agents but ``agent`` in a profile."""
        agents = zip(self.environment.agents, profile, strict=True)
        return math.prod((a.probabilities[k] for j, (a, k) in enumerate(agents) if j != agent), start=ONE)

    def likely(self) -> Iterator[tuple[Fraction, Profile]]:
        """Profiles that have a probability, with it."""
        for profile in self:
            if mass := self.mass(profile):
                yield mass, profile

    def given(self, agent: int, own: int) -> Iterator[tuple[Fraction, Profile]]:
        """Profiles in which an agent is of type ``own``, with the probabilities that this type expects them with; those of
        probability 0 left out. The type has beliefs (C3)."""
        env = self.environment
        marginal = env.agents[agent].probabilities[own]
        for profile in product(*(range(n) if j != agent else (own,) for j, n in enumerate(env.sizes))):
            mass = self.others_mass(profile, agent) if env.prior is None else env.prior.get(profile, ZERO) / marginal
            if mass:
                yield mass, profile

    @cached_property
    def valuations(self) -> list[Valuations]:
        """v_i(x, k) of every agent."""
        return [self.environment.valuation(i) for i in range(len(self.environment.agents))]

    @cached_property
    def private(self) -> list[Valuations]:
        """v_i(x, k) of agents whose values are not given at profiles."""
        env = self.environment
        return [() if i in env.at_profiles else env.private_valuation(i) for i in range(len(env.agents))]

    def surplus(self, profile: Profile) -> list[Fraction]:
        """sum_i v_i(x, theta_i) - cost(x) of each outcome x."""
        at, tables = self.number(profile), self.environment.at_profiles
        rows = [tables[i][0][at] if i in tables else self.private[i][k] for i, k in enumerate(profile)]
        return [sum((row[x] for row in rows), -cost) for x, cost in enumerate(self.environment.costs)]
