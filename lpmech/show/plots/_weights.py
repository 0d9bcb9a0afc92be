"""The multipliers of a proof about two agents, sorted for drawing: the budget by profile, incentives, participation."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import singledispatch

from lpmech.answer.multipliers import Multiplier
from lpmech.answer.proof import Proof
from lpmech.question.constraints import Budget, Constraint, Incentives, Participation, Place, UnknownConstraintError
from lpmech.question.environment import Environment
from lpmech.question.prior import Profile
from lpmech.question.profiles import Profiles


@dataclass
class Weights:
    """Weights of a proof about two agents, each identical copy of a constraint with its share.

    ``budget``: by profile; a budget in expectation counts as its weight times the mass of each profile. ``steps``:
    incentives by (agent, type, report); ``moves``: the same at a profile of true types. Participation: ``interim`` by
    (agent, type), ``at`` by (agent, profile), ``ante`` by agent.
    """

    expected: bool = False
    budget: dict[Profile, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    steps: dict[tuple[int, int, int], Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    moves: dict[tuple[int, Profile, int], Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    interim: dict[tuple[int, int], Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    at: dict[tuple[int, Profile], Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    ante: dict[int, Fraction] = field(default_factory=lambda: defaultdict(Fraction))


def weights(proof: Proof) -> Weights:
    """Those of a proof about two agents; up to relabelling two identical agents, spread evenly over both."""
    out, env = Weights(), proof.instance.environment
    swapped = proof.symmetry is not None and any(len(members) == 2 for members in proof.symmetry)
    for m in proof.multipliers or ():
        for turned in (False, True) if swapped else (False,):
            _add(out, env, m, m.weight / 2 if swapped and not m.place.alike else m.weight, turned)
    return out


def _add(out: Weights, env: Environment, m: Multiplier, weight: Fraction, turned: bool) -> None:
    place = replace(m.place, profile=m.place.profile[::-1]) if turned and m.place.profile is not None else m.place
    agent = 1 - m.agent if turned and m.agent is not None else m.agent
    _sort(replace(m.constraint, agent=agent), place, weight, out, env)


@singledispatch
def _sort(constraint: Constraint, place: Place, weight: Fraction, out: Weights, env: Environment) -> None:
    raise UnknownConstraintError(constraint, "a figure of multipliers")


@_sort.register
def _(constraint: Budget, place: Place, weight: Fraction, out: Weights, env: Environment) -> None:
    if place.profile is not None:
        out.budget[place.profile] += weight
        return
    out.expected = out.expected or not place.averaged
    for theta, mass in _masses(env):
        out.budget[theta] += weight * mass


@_sort.register
def _(constraint: Incentives, place: Place, weight: Fraction, out: Weights, env: Environment) -> None:
    i, report = constraint.agent, place.report
    assert i is not None
    assert report is not None
    if place.profile is not None:
        out.moves[i, place.profile, report] += weight
    else:
        assert place.type is not None
        out.steps[i, place.type, report] += weight


@_sort.register
def _(constraint: Participation, place: Place, weight: Fraction, out: Weights, env: Environment) -> None:
    i = constraint.agent
    assert i is not None
    if place.profile is not None:
        out.at[i, place.profile] += weight
    elif place.type is not None:
        out.interim[i, place.type] += weight
    else:
        out.ante[i] += weight


def _masses(env: Environment) -> list[tuple[Profile, Fraction]]:
    return [(profile, mass) for mass, profile in Profiles(env).likely()]
