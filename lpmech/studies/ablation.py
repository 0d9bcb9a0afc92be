"""What each requirement costs in the objective asked: left out one by one, agent by agent, and misreports by direction.

Every number is that of a verified result about the question without one thing: a requirement as a whole, one agent's
incentives or participation, or one agent's misreports in one direction. The gain is how much more of the objective (the
margin, a value) there is then; inf where it was impossible, or grows without bound.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from lpmech import engine
from lpmech.answer.result import Result
from lpmech.base.errors import TooLargeError
from lpmech.question.model import Instance, asked
from lpmech.question.payment_limits import NONE
from lpmech.question.pieces import pieces, without
from lpmech.question.requirements import BY_AGENT

UPWARD, DOWNWARD = "upward", "downward"
KEPT = {DOWNWARD: UPWARD, UPWARD: DOWNWARD}
"""Which misreports are left where those of one direction may go."""


@dataclass(frozen=True)
class Left:
    """One thing left out: the requirement in words, whose it is, the direction of misreports; the answer and the gain.

    ``agent`` and ``direction`` are None where the whole requirement is left out. ``gain`` is None where not decided.
    """

    requirement: str
    agent: str | None
    direction: str | None
    result: Result | None
    gain: Fraction | float | None


def ablation(instance: Instance) -> tuple[Left, ...]:
    """What each requirement costs. Questions whose program is too large are listed without an answer."""
    question = asked(instance)
    held = engine.solve(question)
    return tuple(_one(held, *entry) for entry in _questions(question))


def _questions(question: Instance) -> Iterator[tuple[str, str | None, str | None, Instance]]:
    need, env = question.requirements, question.environment
    for name, words in pieces(question).items():
        key, _, number = name.partition(":")
        agent = env.agents[int(number)].name if number and key in BY_AGENT else None
        yield words, agent, None, without(question, [name])
        if key in BY_AGENT and not number:
            for i, one in enumerate(env.agents):
                notions = [getattr(need, key)] * len(env.agents)
                notions[i] = NONE
                if len(notions) > 1:
                    yield words, one.name, None, question.with_requirements(**{key: tuple(notions)})
    limited = [need.deviations] * len(env.agents) if isinstance(need.deviations, str) else list(need.deviations)
    for i, one in enumerate(env.agents):
        rule = need.rule(BY_AGENT[0], i)
        if rule is not None and limited[i] == "all" and env.ordered(i) and env.sizes[i] > 1:
            for direction, kept in KEPT.items():
                which = (*limited[:i], kept, *limited[i + 1 :])
                yield rule.noun, one.name, direction, question.with_requirements(deviations=which)


def _one(held: Result, words: str, agent: str | None, direction: str | None, question: Instance) -> Left:
    try:
        result = engine.solve(question)
    except TooLargeError:
        return Left(words, agent, direction, None, None)
    return Left(words, agent, direction, result, _gain(held, result))


def _gain(held: Result, now: Result) -> Fraction | float | None:
    if not (held.proved and now.proved):
        return None
    before, after = held.value, now.value
    if held.verdict == "impossible" and before is None:
        return Fraction(0) if now.verdict == "impossible" else math.inf
    if before is None or after is None:
        return None
    return Fraction(0) if before == after else after - before
