"""What each constraint of a proof is worth in money: the lines of the sum that bounds the margin.

A constraint r reads: payments + worth_r >= 0, or >= z on the budget (without one, on IR). Weighted and added up, payments
cancel (docs/proof-format.md, Why the checks suffice), so that z is at most the sum of weight_r worth_r: the margin. With
margin -inf that sum is below 0, though it would have to be at least 0. Worths are taken at the allocation of the proof's
mechanism, which attains the margin and so makes the sum largest; where there is no mechanism, at the allocation that makes
the sum largest among those allowed.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import product

from lpmech.allocation import allocation
from lpmech.compact import CompactMechanism
from lpmech.compact_buyers import BuyersMechanism, interim_trade
from lpmech.exact import from_flint
from lpmech.mechanism import Lottery
from lpmech.model import Agent, Profile, Valuations
from lpmech.multipliers import Multiplier
from lpmech.proof import Proof
from lpmech.symmetric import SymmetricMechanism

MOST = 400_000
"""Profiles looked at, in all, before a sum is given up."""

ZERO, ONE = Fraction(0), Fraction(1)
Row = Sequence[Fraction]
Term = tuple[Fraction, Profile, Row]
"""weight, profile, value of each outcome: stands for weight times the expected value under the lottery at the profile."""


class TooLongError(Exception):
    """More profiles than anybody would wait for."""


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


class Accounts:
    """The lines of a proof, and the interim values that they are made of."""

    def __init__(self, proof: Proof) -> None:
        self.proof, self.instance, self.env = proof, proof.instance, proof.instance.environment
        self.mechanism, self.need = proof.mechanism, proof.instance.requirements
        self.groves = self.need.transfers == "groves"
        self._left = MOST

    def copies(self, m: Multiplier) -> int:
        """How many agents have the constraint."""
        return len(self.env.agents) - 1 if m.alike else 1

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

    @cached_property
    def _tables(self) -> dict[int, Valuations]:
        return {}

    def values(self, i: int) -> Valuations:
        """v_i(x, k): a row for each type, a column for each outcome."""
        if i not in self._tables:
            self._tables[i] = self.env.valuation(i)
        return self._tables[i]

    # ---- lotteries ---------------------------------------------------------------------------------------------------

    def _spend(self, profiles: int) -> None:
        self._left -= profiles
        if self._left < 0:
            raise TooLongError

    def number(self, profile: Profile) -> int:
        """Its place in flattened order."""
        p = 0
        for k, n in zip(profile, self.env.sizes, strict=True):
            p = p * n + k
        return p

    def lottery(self, profile: Profile) -> Lottery:
        """The lottery that worths are taken at."""
        if self.mechanism is not None:
            return self.mechanism.lotteries[self.number(profile)]
        if profile in self._chosen:
            return {self._chosen[profile]: ONE}
        return self._prescribed[self.number(profile)]

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
        profiles = list(product(*map(range, self.env.sizes)))
        out: dict[Profile, list[int]] = defaultdict(list)
        for p, x in allocation(self.instance).cells.tolist():
            out[profiles[p]].append(x)
        return dict(out)

    @cached_property
    def _chosen(self) -> dict[Profile, int]:
        """Where several outcomes are open and nothing is attained: the one with the largest weight in the sum."""
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
        if m.constraint == "budget":
            if not self.groves and not any(self.env.costs):
                return ZERO
            return self._sum(m)
        i = m.agent
        assert i is not None  # all but the budget are an agent's
        at_profile = isinstance(m.profile, tuple)
        if m.constraint == "IR":
            if at_profile:
                return self._sum(m) - self.env.agents[i].outside[m.profile[i]]  # type: ignore[index]
            if m.type is None:
                return self.total(i) - self.outside(i)
            own = self.surplus_given(i, m.type) if self.groves else self.value(i, m.type, m.type)
            return own - self.env.agents[i].outside[m.type]
        if at_profile or self.groves:
            return self._sum(m)
        assert m.type is not None
        assert m.report is not None
        return self.value(i, m.type, m.type) - self.value(i, m.type, m.report)

    def _sum(self, m: Multiplier) -> Fraction:
        return sum(
            (w * sum((q * row[x] for x, q in self.lottery(at).items()), ZERO) for w, at, row in self.terms(m)), ZERO
        )

    def terms(self, m: Multiplier) -> Iterator[Term]:
        """The part of a constraint that depends on the allocation."""
        at = m.profile if isinstance(m.profile, tuple) else None
        if m.constraint == "budget":
            for w, theta in [(ONE, at)] if at is not None else self._everyone():
                shares = len(self.env.agents) - 1
                yield (
                    w,
                    theta,
                    [-shares * x for x in self.surplus(theta)] if self.groves else [-c for c in self.env.costs],
                )
            return
        i = m.agent
        assert i is not None
        given = [(ONE, at)] if at is not None else self._everyone() if m.type is None else self._others(i, m.type)
        for w, theta in given:
            row = self.surplus(theta) if self.groves else self.values(i)[theta[i]]
            yield w, theta, row
            if m.report is not None:
                yield -w, (*theta[:i], m.report, *theta[i + 1 :]), row

    def surplus(self, theta: Profile) -> list[Fraction]:
        """W(x; theta) of each outcome."""
        rows = [self.values(i)[k] for i, k in enumerate(theta)]
        return [sum((row[x] for row in rows), -c) for x, c in enumerate(self.env.costs)]

    def _everyone(self) -> Iterator[tuple[Fraction, Profile]]:
        self._spend(self.env.profile_count)
        for theta in product(*map(range, self.env.sizes)):
            if mass := self.mass(theta):
                yield mass, theta

    def _others(self, i: int, k: int) -> Iterator[tuple[Fraction, Profile]]:
        """Beliefs of type k of agent i."""
        self._spend(self.env.profile_count // self.env.sizes[i])
        own = self.env.agents[i].probabilities[k]
        for theta in product(*(range(n) if j != i else (k,) for j, n in enumerate(self.env.sizes))):
            if self.env.prior is not None:
                mass = self.env.prior.get(theta, ZERO) / own
            else:
                mass = math.prod(
                    (a.probabilities[t] for j, (a, t) in enumerate(self._paired(theta)) if j != i), start=ONE
                )
            if mass:
                yield mass, theta

    def _paired(self, theta: Profile) -> Iterator[tuple[Agent, int]]:
        return zip(self.env.agents, theta, strict=True)

    def mass(self, theta: Profile) -> Fraction:
        """Prior probability of a profile."""
        if self.env.prior is not None:
            return self.env.prior.get(theta, ZERO)
        return math.prod((a.probabilities[t] for a, t in self._paired(theta)), start=ONE)

    # ---- expectations ------------------------------------------------------------------------------------------------

    @cached_property
    def gains(self) -> Fraction:
        """E[W]: expected surplus of the allocation."""
        if self.mechanism is not None:
            return self.mechanism.welfare
        row = ((w, at, self.surplus(at)) for w, at in self._everyone())
        return sum((w * sum((q * s[x] for x, q in self.lottery(at).items()), ZERO) for w, at, s in row), ZERO)

    def outside(self, i: int) -> Fraction:
        """E[outside option]; for agents who stand for their class, the mean over it."""
        members: Sequence[int] = next((c for c in self.proof.symmetry or () if i in c), (i,))
        agents = [self.env.agents[j] for j in members]
        each = (sum((p * u for p, u in zip(a.probabilities, a.outside, strict=True)), ZERO) for a in agents)
        return sum(each, ZERO) / len(agents)

    def total(self, i: int) -> Fraction:
        """Expected value of agent i before payments; with Groves transfers before charges, which is the surplus."""
        if self.groves:
            return self.gains
        return sum((p * self.value(i, k, k) for k, p in enumerate(self.env.agents[i].probabilities) if p), ZERO)

    def surplus_given(self, i: int, k: int) -> Fraction:
        """E[W | type k of agent i]."""
        if isinstance(self.mechanism, SymmetricMechanism) and self.mechanism.groves:
            s, mechanism = self.mechanism.symmetry, self.mechanism
            c = s.home[i]
            charge = sum((s.mass(o) * h for o, h in zip(s.others[c], mechanism.money[c], strict=True)), ZERO)
            return mechanism.interim(i)[k][2] + charge + mechanism.lumps[i]
        return self._sum(Multiplier("IR", ONE, i, k))

    def value(self, i: int, k: int, r: int) -> Fraction:
        """Expected value before payments of agent i who is of type k and reports r."""
        if self.env.prior is not None:
            report = None if k == r else r
            own = self._sum(Multiplier("IR", ONE, i, k))
            return own if report is None else own - self._sum(Multiplier("BIC", ONE, i, k, report=r))
        if self.trade is not None:
            sells = i == len(self.env.agents) - 1
            return self.trade[i][r] * self.values(i)[k][1 if sells else i + 1]
        chances = self._chances(i, r)
        return sum((q * self.values(j)[k][x] for (j, x), q in chances.items()), ZERO)

    @cached_property
    def trade(self) -> tuple[Sequence[Fraction], ...] | None:
        """Probability of trade of each type of each side, where the mechanism is a compact one."""
        env, mechanism = self.env, self.mechanism
        if isinstance(mechanism, BuyersMechanism):
            bought, sold = interim_trade(mechanism.environment, mechanism.ties)
            return (*[bought] * (len(env.agents) - 1), sold)
        if not isinstance(mechanism, CompactMechanism):
            return None
        m, n = env.sizes
        toll = CompactMechanism(env, "menu", mechanism.rule, [ZERO] * n, [ONE] * n, [ZERO] * m, [ONE] * m)
        return tuple([paid for _, paid, _ in toll.interim(i)] for i in (0, 1))

    @cached_property
    def _seen(self) -> dict[tuple[int, int], dict[tuple[int, int], Fraction]]:
        return {}

    def _chances(self, i: int, r: int) -> dict[tuple[int, int], Fraction]:
        """Chance of each outcome x when agent i reports r, as (j, x): valued as agent j of the same class would."""
        if (i, r) not in self._seen:
            out: dict[tuple[int, int], Fraction] = defaultdict(Fraction)
            if isinstance(self.mechanism, SymmetricMechanism):
                s, c = self.mechanism.symmetry, self.mechanism.symmetry.home[i]
                for others, spot in zip(s.others[c], s.spots[c][r], strict=True):
                    seats, mass = s.seats(c, r, s.keys[spot]), s.mass(others)
                    for x, q in self.mechanism.given[spot].items():
                        for j in seats:
                            out[j, x] += mass * q / len(seats)
            else:
                for mass, theta in self._others(i, r):
                    for x, q in self.lottery(theta).items():
                        out[i, x] += mass * q
            self._seen[i, r] = dict(out)
        return self._seen[i, r]
