"""Efficient, BIC, interim or ex ante IR, independent types: the margin from interim chances and shortest paths.

A type can be asked for at most what IR leaves to it, and for at most what a type that it could report pays, plus what the
truth is worth more. The largest payments that all these allow are shortest paths; their expectation, less the expected
cost, is the margin. Proof: docs/closed-forms.md. Sources: kos-manea-2009, Theorems 1 and 2; efficient-mechanisms-notes,
Theorem 2.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from lpmech.answer.compact_interim import InterimMechanism
from lpmech.answer.interim_chances import MOST_STEPS, Laws
from lpmech.answer.interim_types import Classes, Types
from lpmech.answer.multipliers import Multiplier
from lpmech.answer.proof import Proof
from lpmech.base.errors import TooLargeError
from lpmech.base.exact import Scaled
from lpmech.closed_forms import vcg_prime_buyers
from lpmech.closed_forms.by_type.mixing import Mixture, best_mixture
from lpmech.closed_forms.by_type.paths import Row, at_the_mean, largest_payments, rows_of
from lpmech.closed_forms.by_type.ties import Ranks, agrees, best_ranks, first_ranks
from lpmech.question.accepts import Accepts
from lpmech.question.constraints import Place, Scope
from lpmech.question.constraints.balanced import Balanced
from lpmech.question.constraints.bic import BIC
from lpmech.question.constraints.ex_ante_ir import ExAnteIR
from lpmech.question.constraints.interim_ir import InterimIR
from lpmech.question.constraints.no_deficit import NoDeficit
from lpmech.question.constraints.no_expected_deficit import NoExpectedDeficit
from lpmech.question.environment import Environment
from lpmech.question.environments.exchange import Exchange
from lpmech.question.environments.social_choice import SocialChoice
from lpmech.question.model import Instance

ROUNDS = 8
"""Most ranks that are tried before ties are left to a program."""

ACCEPTS = Accepts(
    kinds=("social-choice", "partnership", "exchange"),
    independent=True,
    objectives=("margin",),
    allocation=("efficient",),
    transfers=("any",),
    incentives=(BIC,),
    participation=(InterimIR, ExAnteIR),
    budget=(NoExpectedDeficit, NoDeficit, Balanced),
)


def accepts(instance: Instance) -> str | None:
    """Independent types, BIC, an efficient allocation; ties any only where the best choice among tied outcomes is found.

    Whether it is found is known once the question is answered; the answer is kept for ``solve``."""
    if (reason := ACCEPTS.reason(instance)) is not None:
        return reason
    env, need = instance.environment, instance.requirements
    assert need.budget_rule is not None
    if len(env.agents) < 2 and need.budget_rule.scope is Scope.PROFILE:
        return "there is one agent, and a budget at every profile"
    if isinstance(env, Exchange) and vcg_prime_buyers.accepts(instance) is None:
        return "vcg_prime_buyers answers it"
    pairs = sum(n * n for n in env.sizes) * (len(env.outcomes) if isinstance(env, SocialChoice) else 1)
    if pairs > MOST_STEPS * max(1, len(env.agents)):
        return "there are too many pairs of types"
    answer = _answer(instance)
    return answer if isinstance(answer, str) else None


def solve(instance: Instance) -> Proof:
    """Margin, mechanism and multipliers."""
    answer, need = _answer(instance), instance.requirements
    assert not isinstance(answer, str)  # ``accepts`` has said so
    mechanism, margin, agents = answer.mechanism, answer.margin, len(instance.environment.agents)
    fees = None
    if need.budget_rule is Balanced and margin > 0:
        fees = (margin / agents,) * agents
        money = [row.plus(-fees[0]) for row in mechanism.money]
        mechanism = InterimMechanism(mechanism.types, mechanism.ranks, mechanism.chances, money)
    verdict = "exists" if margin >= 0 else "impossible"
    weights = _multipliers(instance, answer)
    classes = mechanism.types.classes
    return Proof(instance, verdict, margin, margin, mechanism, fees, None, weights, "margin", classes)


@dataclass(frozen=True)
class _Answer:
    mechanism: InterimMechanism
    margin: Fraction
    rows: list[list[Row]]
    """For each class the weights on incentives and, where it is interim, participation."""


def alike(env: Environment, ties: str) -> Classes:
    """Classes of agents of the same types, masses and outside options; where goods go to some and ties prefer some agents
    to others, everybody is a class of his own."""
    apart = not isinstance(env, SocialChoice) and ties in ("first", "last")
    classes: dict[Hashable, list[int]] = {}
    for i, agent in enumerate(env.agents):
        worth = env.valuation(i) if isinstance(env, SocialChoice) else agent.types
        key = (worth, agent.probabilities, agent.outside, env.role(i), i if apart else None)
        classes.setdefault(key, []).append(i)
    return tuple(map(tuple, classes.values()))


@lru_cache(maxsize=4)
def _answer(instance: Instance) -> _Answer | str:
    """The answer, or why there is none: it is asked for twice."""
    need = instance.requirements
    types = Types.of(instance.environment, alike(instance.environment, need.ties))
    interim = need.participation_rule is InterimIR
    try:
        laws = Laws(types)
        ranks = first_ranks(types, need.ties)
        tried: list[Ranks] = []
        while ranks not in tried and len(tried) < ROUNDS:
            tried.append(ranks)
            mixture: Mixture = [(Fraction(1), ranks)]
            chances = laws.chances(ranks)
            payments = [largest_payments(types, chances, c, interim) for c in range(len(types.classes))]
            rows = [rows_of(own, by) if interim else [] for own, (_, by) in zip(types.own, payments, strict=True)]
            if need.ties != "any" or not chances.tied or agrees(types, rows, interim, ranks):
                break
            ranks = best_ranks(types, rows, interim)
            if not types.alone and not agrees(types, rows, interim, ranks):
                return "no order of the outcomes is best at all ties"
        else:
            best = best_mixture(types, laws, ranks) if types.alone else None
            if best is None:
                return "which of several tied outcomes is best was not found"
            mixture, chances, rows = best
            payments = [largest_payments(types, chances, c, interim) for c in range(len(types.classes))]
    except TooLargeError as problem:
        return str(problem)
    money = [Scaled(types.unit * over, T) for over, (T, _) in zip(chances.over, payments, strict=True)]
    if not interim:
        money = [at_the_mean(types, chances, c, T) for c, (T, _) in enumerate(payments)]
    mechanism = InterimMechanism(types, mixture, chances, money)
    return _Answer(mechanism, mechanism.revenue, rows)


# ---- multipliers ---------------------------------------------------------------------------------------------------------


def _multipliers(instance: Instance, answer: _Answer) -> tuple[Multiplier, ...]:
    """Participation and incentives of the first of each class, and the budget."""
    types, budget = answer.mechanism.types, instance.requirements.budget_rule
    assert budget is not None  # ``accepts`` has said so
    out, one = [], Fraction(1)
    for (first, *more), own, unit in zip(types.classes, answer.rows, types.units, strict=True):
        several = bool(more)
        if instance.requirements.participation_rule is ExAnteIR:
            out.append(Multiplier(ExAnteIR(first), one, Place(alike=several)))
        for k, r, w in own:
            if r is None:
                out.append(Multiplier(InterimIR(first), Fraction(w) / unit, Place(type=k, alike=several)))
            else:
                out.append(Multiplier(BIC(first), Fraction(w) / unit, Place(type=k, report=r, alike=several)))
    out.append(Multiplier(budget(), one, Place(averaged=budget.scope is Scope.PROFILE)))
    return tuple(out)
