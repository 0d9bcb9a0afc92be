"""The allocation that a proof is about, and expectations under it: lotteries, masses, who values what, interim chances."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property

from lpmech.answer.proof import Proof
from lpmech.answer.tables import Lottery
from lpmech.base.exact import from_flint
from lpmech.question.allocation import allocation
from lpmech.question.environment import Valuations
from lpmech.question.prior import Profile
from lpmech.question.profiles import Profiles

MOST = 400_000
"""Profiles looked at, in all, before a sum is given up."""

ZERO, ONE = Fraction(0), Fraction(1)


class TooLongError(Exception):
    """More than ``MOST`` profiles would have to be looked at."""


class Expectations:
    """Expectations under the allocation of a proof's mechanism, or else under the one that the requirements settle."""

    def __init__(self, proof: Proof) -> None:
        self.proof, self.instance, self.env = proof, proof.instance, proof.instance.environment
        self.mechanism, self.need = proof.mechanism, proof.instance.requirements
        self.groves = self.need.groves
        self.profiles = Profiles(self.env)
        self._left = MOST

    def values(self, i: int) -> Valuations:
        """v_i(x, k): a row for each type, a column for each outcome."""
        return self.profiles.valuations[i]

    def _spend(self, profiles: int) -> None:
        self._left -= profiles
        if self._left < 0:
            raise TooLongError

    def lottery(self, profile: Profile) -> Lottery:
        """The lottery at a profile; empty where several outcomes are open."""
        if self.mechanism is not None:
            return self.mechanism.lotteries[self.profiles.number(profile)]
        return self._prescribed[self.profiles.number(profile)]

    @cached_property
    def _prescribed(self) -> list[Lottery]:
        """Lotteries of the allocation rule; empty where several outcomes are open."""
        self._spend(self.env.profile_count)
        return [
            {x: from_flint(w) for x, w in enumerate(row) if w != 0} for row in allocation(self.instance).fixed.tolist()
        ]

    @cached_property
    def open(self) -> dict[Profile, list[int]]:
        """Profiles at which the requirements leave several outcomes open, with these outcomes."""
        self._spend(self.env.profile_count)
        profiles = list(self.profiles)
        out: dict[Profile, list[int]] = defaultdict(list)
        for p, x in allocation(self.instance).cells.tolist():
            out[profiles[p]].append(x)
        return dict(out)

    def surplus(self, theta: Profile) -> list[Fraction]:
        """W(x; theta) of each outcome."""
        return self.profiles.surplus(theta)

    def everyone(self) -> Iterator[tuple[Fraction, Profile]]:
        """Profiles that have a probability, with it."""
        self._spend(self.env.profile_count)
        return self.profiles.likely()

    def others(self, i: int, k: int) -> Iterator[tuple[Fraction, Profile]]:
        """Beliefs of type k of agent i."""
        self._spend(self.env.profile_count // self.env.sizes[i])
        return self.profiles.given(i, k)

    def mass(self, theta: Profile) -> Fraction:
        """Prior probability of a profile."""
        return self.profiles.mass(theta)

    def outside(self, i: int) -> Fraction:
        """E[outside option]; for agents who stand for their class, the mean over it."""
        members: Sequence[int] = next((c for c in self.proof.symmetry or () if i in c), (i,))
        agents = [self.env.agents[j] for j in members]
        each = (sum((p * u for p, u in zip(a.probabilities, a.outside, strict=True)), ZERO) for a in agents)
        return sum(each, ZERO) / len(agents)

    @cached_property
    def trade(self) -> tuple[Sequence[Fraction], ...] | None:
        """Probability of trade of each type of each side, where the mechanism is a compact one."""
        return None if self.mechanism is None else self.mechanism.trade_chances()

    @cached_property
    def _seen(self) -> dict[tuple[int, int], Mapping[tuple[int, int], Fraction]]:
        return {}

    def _chances(self, i: int, r: int) -> Mapping[tuple[int, int], Fraction]:
        """Chance of each outcome x when agent i reports r, as (j, x): valued as agent j of the same class would."""
        if (i, r) not in self._seen:
            by_type = None if self.mechanism is None else self.mechanism.outcome_chances(i, r)
            self._seen[i, r] = self._by_profile(i, r) if by_type is None else by_type
        return self._seen[i, r]

    def _by_profile(self, i: int, r: int) -> Mapping[tuple[int, int], Fraction]:
        chances: dict[tuple[int, int], Fraction] = defaultdict(Fraction)
        for mass, theta in self.others(i, r):
            for x, q in self.lottery(theta).items():
                chances[i, x] += mass * q
        return chances

    def value(self, i: int, k: int, r: int) -> Fraction:
        """Expected value before payments of agent i who is of type k and reports r."""
        if self.env.prior is not None:
            row, out = self.values(i)[k], ZERO
            for mass, theta in self.others(i, k):
                lottery = self.lottery((*theta[:i], r, *theta[i + 1 :]))
                out += mass * sum((q * row[x] for x, q in lottery.items()), ZERO)
            return out
        if self.trade is not None:
            sells = i == len(self.env.agents) - 1
            return self.trade[i][r] * self.values(i)[k][1 if sells else i + 1]
        chances = self._chances(i, r)
        return sum((q * self.values(j)[k][x] for (j, x), q in chances.items()), ZERO)
