"""The multipliers of a proof, each on a single constraint, so that the coefficient of every payment vanishes by itself.

Averages over the prior, constraints that stand for those of identical agents, and the taxation rule (docs/proof-format.md)
are written out: what is left needs no argument but that constraints may be added up.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from itertools import product
from typing import TypeVar

from lpmech.answer.mechanism import likelihood
from lpmech.answer.multipliers import PRIOR, Multiplier
from lpmech.answer.proof import Proof
from lpmech.programs.transport import transport
from lpmech.question.allocation import allocation
from lpmech.question.environments.exchange import Exchange
from lpmech.question.model import Environment, Instance, Profile

T = TypeVar("T", bound=Hashable)


def single(proof: Proof) -> list[Multiplier]:
    """The multipliers of a verified proof on single constraints, each constraint once, weights not 0."""
    env, need = proof.instance.environment, proof.instance.requirements
    found = list(_singles(proof))
    if need.incentive_compatibility == "DSIC" and need.transfers == "any":
        found += Payments(proof.instance).moved(found)
    weights: defaultdict[Multiplier, Fraction] = defaultdict(Fraction)
    for m in found:
        weights[replace(m, weight=Fraction(0), type=_own(m, env), alike=False)] += m.weight
    return [replace(m, weight=w) for m, w in weights.items() if w]


def _own(m: Multiplier, env: Environment) -> int | None:
    """The own type where a profile does not name it."""
    return None if isinstance(m.profile, tuple) else m.type


def _singles(proof: Proof) -> Iterator[Multiplier]:
    env = proof.instance.environment
    for m in proof.multipliers or ():
        if m.profile == PRIOR:
            yield from _averaged(m, env)
        elif m.alike:
            assert isinstance(env, Exchange)
            yield from (replace(m, agent=i) for i in range(len(env.buyers)))
        elif proof.symmetry is not None:
            yield from _images(m, proof.symmetry, env)
        else:
            yield m


def _averaged(m: Multiplier, env: Environment) -> Iterator[Multiplier]:
    """A constraint of a type, or the budget, at every profile by its mass (compact proofs: independent types)."""
    kept = [range(n) if i != m.agent else [m.type or 0] for i, n in enumerate(env.sizes)]
    for profile in product(*kept):
        if mass := likelihood(env, profile, m.agent):
            yield replace(m, type=None, profile=profile, weight=m.weight * mass)


def _images(m: Multiplier, classes: Sequence[Sequence[int]], env: Environment) -> Iterator[Multiplier]:
    """The constraint at every relabelling, the weight divided among those that differ (symmetric proofs)."""
    profile = m.profile if isinstance(m.profile, tuple) else (None,) * len(env.sizes)
    marks = [[(profile[i], i == m.agent) for i in members] for members in classes]
    ways = [list(_arrangements(row)) for row in marks]
    each = m.weight / math.prod(map(len, ways))
    for rows in product(*ways):
        agent, theta = m.agent, list(profile)
        for members, row in zip(classes, rows, strict=True):
            for i, (k, named) in zip(members, row, strict=True):
                theta[i] = k
                agent = i if named else agent
        moved = tuple(k for k in theta if k is not None) if isinstance(m.profile, tuple) else m.profile
        yield replace(m, agent=agent, profile=moved, weight=each)


def _arrangements(row: list[T]) -> Iterator[tuple[T, ...]]:
    """Each order of the entries once."""
    if not row:
        yield ()
    for first in dict.fromkeys(row):
        left = list(row)
        left.remove(first)
        yield from ((first, *rest) for rest in _arrangements(left))


class Payments:
    """Coefficients of payments t_i(theta) in a sum of weighted constraints; any transfers."""

    def __init__(self, instance: Instance) -> None:
        self.instance, self.env = instance, instance.environment

    @cached_property
    def lotteries(self) -> dict[Profile, Hashable]:
        """The lottery at each profile where only one is allowed, else a name of its own."""
        rule = allocation(self.instance)
        profiles = list(product(*map(range, self.env.sizes)))
        known: dict[str, int] = {}
        out: list[Hashable] = [known.setdefault(str(row), len(known)) for row in rule.fixed.tolist()]
        for p in {int(p) for p, _ in rule.cells}:
            out[p] = profiles[p]
        return dict(zip(profiles, out, strict=True))

    def moved(self, multipliers: Sequence[Multiplier]) -> Iterator[Multiplier]:
        """DSIC weights between types with one lottery that make every coefficient vanish; such a constraint says that the
        payment at the report is at least that at the truth, and nothing else."""
        left: defaultdict[tuple[int, Profile, Hashable], list[tuple[int, Fraction]]] = defaultdict(list)
        for (i, theta), c in self.coefficients(multipliers).items():
            if c:
                others = theta[:i] + theta[i + 1 :]
                left[i, others, self.lotteries[theta]].append((theta[i], c))
        for (i, others, _), places in left.items():
            if sum(c for _, c in places):
                raise ValueError(
                    f"payments of agent {i} against {others} do not vanish"
                )  # the verifier refuses such proofs
            supply, demand = [(k, c) for k, c in places if c > 0], [(k, -c) for k, c in places if c < 0]
            for k, r, w in transport(supply, demand):
                yield Multiplier("DSIC", w, i, profile=(*others[:i], k, *others[i:]), report=r)

    def coefficients(self, multipliers: Sequence[Multiplier]) -> dict[tuple[int, Profile], Fraction]:
        """Of t_i(theta), for each (i, theta)."""
        out: defaultdict[tuple[int, Profile], Fraction] = defaultdict(Fraction)
        for m in multipliers:
            if isinstance(m.profile, tuple):
                for i in range(len(self.env.sizes)) if m.agent is None else [m.agent]:
                    out[i, m.profile] += m.weight if m.agent is None else -m.weight
                    if m.report is not None:
                        out[i, (*m.profile[:i], m.report, *m.profile[i + 1 :])] += m.weight
            else:
                self._expected(m, out)
        return out

    def _expected(self, m: Multiplier, out: defaultdict[tuple[int, Profile], Fraction]) -> None:
        """The budget or IR in expectation; interim, given the own type."""
        env, given = self.env, None if m.type is None else m.agent
        for theta in product(*(range(n) if i != given else [m.type or 0] for i, n in enumerate(env.sizes))):
            if env.prior is None:
                mass = likelihood(env, theta, given)
            else:
                own = Fraction(1) if given is None else env.agents[given].probabilities[theta[given]]
                mass = env.prior.get(theta, Fraction(0)) / own
            for i in range(len(env.sizes)) if m.agent is None else [m.agent]:
                out[i, theta] += mass * (m.weight if m.agent is None else -m.weight)
