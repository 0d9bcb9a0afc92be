"""The multipliers of a proof about two agents, sorted for drawing: the budget by profile, incentives, participation."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction

from lpmech.answer.multipliers import PRIOR, Multiplier
from lpmech.answer.proof import Proof
from lpmech.question.model import Environment, Profile


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
            _add(out, env, m, m.weight / 2 if swapped else m.weight, turned)
    return out


def _add(out: Weights, env: Environment, m: Multiplier, weight: Fraction, turned: bool) -> None:
    i = None if m.agent is None else 1 - m.agent if turned else m.agent
    profile = m.profile[::-1] if turned and isinstance(m.profile, tuple) else m.profile
    if m.constraint == "budget":
        if isinstance(profile, tuple):
            out.budget[profile] += weight
        else:
            out.expected = out.expected or profile is None
            for theta, mass in _masses(env):
                out.budget[theta] += weight * mass
        return
    assert i is not None  # all but the budget are an agent's
    if m.report is not None:
        if isinstance(profile, tuple):
            out.moves[i, profile, m.report] += weight
        else:
            assert m.type is not None
            out.steps[i, m.type, m.report] += weight
    elif isinstance(profile, tuple):
        out.at[i, profile] += weight
    elif m.type is not None:
        out.interim[i, m.type] += weight
    else:
        assert profile in (None, PRIOR)
        out.ante[i] += weight


def _masses(env: Environment) -> list[tuple[Profile, Fraction]]:
    if env.prior is not None:
        return list(env.prior.items())
    one, other = env.agents
    return [
        ((k, r), p * q) for k, p in enumerate(one.probabilities) for r, q in enumerate(other.probabilities) if p and q
    ]
