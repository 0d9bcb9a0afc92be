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
from itertools import product
from typing import TypeVar

from lpmech.answer.multipliers import Multiplier
from lpmech.answer.payments import Payments, total
from lpmech.answer.proof import Proof
from lpmech.programs.transport import transport
from lpmech.question.allocation import allocation
from lpmech.question.constraints import Constraint, Place
from lpmech.question.constraints.dsic import DSIC
from lpmech.question.environment import Environment
from lpmech.question.environments.exchange import Exchange
from lpmech.question.model import Instance
from lpmech.question.prior import Profile
from lpmech.question.profiles import Profiles

T = TypeVar("T", bound=Hashable)


def single(proof: Proof) -> list[Multiplier]:
    """The multipliers of a verified proof on single constraints, each constraint once, weights not 0."""
    need = proof.instance.requirements
    found = list(_singles(proof))
    if need.incentive_rule is DSIC and not need.groves:
        found += moved(proof.instance, found)
    weights: defaultdict[tuple[Constraint, Place], Fraction] = defaultdict(Fraction)
    for m in found:
        own = m.place.type if m.place.profile is None else None  # a profile names the own type
        weights[m.constraint, replace(m.place, type=own, alike=False)] += m.weight
    return [Multiplier(constraint, w, place) for (constraint, place), w in weights.items() if w]


def _singles(proof: Proof) -> Iterator[Multiplier]:
    env = proof.instance.environment
    for m in proof.multipliers or ():
        if m.place.averaged:
            yield from _averaged(m, env)
        elif m.place.alike:
            yield from (replace(m, constraint=replace(m.constraint, agent=i)) for i in _alike(m, proof))
        elif proof.symmetry is not None:
            yield from _images(m, proof.symmetry, env)
        else:
            yield m


def _alike(m: Multiplier, proof: Proof) -> Sequence[int]:
    """The agents whose constraint it stands for: a class, or the buyers."""
    if proof.symmetry is not None:
        return next(members for members in proof.symmetry if m.agent in members)
    env = proof.instance.environment
    assert isinstance(env, Exchange)
    return range(len(env.buyers))


def _averaged(m: Multiplier, env: Environment) -> Iterator[Multiplier]:
    """A constraint of a type, or the budget, at every profile by its mass (compact proofs: independent types)."""
    kept = [range(n) if i != m.agent else [m.place.type or 0] for i, n in enumerate(env.sizes)]
    for profile in product(*kept):
        if mass := Profiles(env).others_mass(profile, m.agent):
            yield Multiplier(m.constraint, m.weight * mass, Place(profile, report=m.place.report))


def _images(m: Multiplier, classes: Sequence[Sequence[int]], env: Environment) -> Iterator[Multiplier]:
    """The constraint at every relabelling, the weight divided among those that differ (symmetric proofs)."""
    profile = m.place.profile or (None,) * len(env.sizes)
    marks = [[(profile[i], i == m.agent) for i in members] for members in classes]
    ways = [list(_arrangements(row)) for row in marks]
    each = m.weight / math.prod(map(len, ways))
    for rows in product(*ways):
        agent, theta = m.agent, list(profile)
        for members, row in zip(classes, rows, strict=True):
            for i, (k, named) in zip(members, row, strict=True):
                theta[i] = k
                agent = i if named else agent
        moved = None if m.place.profile is None else tuple(k for k in theta if k is not None)
        yield Multiplier(replace(m.constraint, agent=agent), each, replace(m.place, profile=moved))


def _arrangements(row: list[T]) -> Iterator[tuple[T, ...]]:
    """Each order of the entries once."""
    if not row:
        yield ()
    for first in dict.fromkeys(row):
        left = list(row)
        left.remove(first)
        yield from ((first, *rest) for rest in _arrangements(left))


def _lotteries(instance: Instance) -> dict[Profile, Hashable]:
    """The lottery at each profile where only one is allowed, else a name of its own."""
    rule = allocation(instance)
    profiles = list(Profiles(instance.environment))
    known: dict[str, int] = {}
    out: list[Hashable] = [known.setdefault(str(row), len(known)) for row in rule.fixed.tolist()]
    for p in {int(p) for p, _ in rule.cells}:
        out[p] = profiles[p]
    return dict(zip(profiles, out, strict=True))


def moved(instance: Instance, multipliers: Sequence[Multiplier]) -> Iterator[Multiplier]:
    """DSIC weights between types with one lottery that make every coefficient vanish; such a constraint says that the
    payment at the report is at least that at the truth, and nothing else."""
    payments, lotteries = Payments(instance.environment), _lotteries(instance)
    left: defaultdict[tuple[int, Profile, Hashable], list[tuple[int, Fraction]]] = defaultdict(list)
    rows = [(m.weight, m.constraint.value(payments, m.place)) for m in multipliers]
    for (i, theta), c in total(rows).items():
        if c:
            others = theta[:i] + theta[i + 1 :]
            left[i, others, lotteries[theta]].append((theta[i], c))
    for (i, others, _), places in left.items():
        if sum(c for _, c in places):
            raise ValueError(
                f"payments of agent {i} against {others} do not vanish"
            )  # the verifier refuses such proofs
        supply, demand = [(k, c) for k, c in places if c > 0], [(k, -c) for k, c in places if c < 0]
        for k, r, w in transport(supply, demand):
            yield Multiplier(DSIC(i), w, Place((*others[:i], k, *others[i:]), report=r))
