"""The field's words for a question: environment, requirements, objective."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Protocol

from lpmech.question.constraints.contract import Named
from lpmech.question.constraints.payments import PaymentBound
from lpmech.question.objective import Objective
from lpmech.question.prior import Profile
from lpmech.question.requirements import AllocationTable, PostedPrice, Requirements


class Person(Named, Protocol):
    """What is said of an agent."""

    @property
    def probabilities(self) -> Sequence[Fraction]: ...


class Situation(Protocol):
    """What is said of an environment (``lpmech.question.model.Environment``)."""

    @property
    def called(self) -> str: ...
    @property
    def agents(self) -> Sequence[Person]: ...
    @property
    def sizes(self) -> tuple[int, ...]: ...
    @property
    def prior(self) -> Mapping[Profile, object] | None: ...
    @property
    def profile_count(self) -> int: ...
    @property
    def interdependent(self) -> bool: ...
    @property
    def free_shares(self) -> bool: ...


class Question(Protocol):
    """What is said of an instance (``lpmech.question.model.Instance``)."""

    @property
    def environment(self) -> Situation: ...
    @property
    def requirements(self) -> Requirements: ...


NOTHING = {
    "incentive_compatibility": "no incentive compatibility",
    "individual_rationality": "no IR",
    "budget": "no budget requirement",
}
"""What is said where a requirement asks for nothing."""


def allocation_words(instance: Question) -> str:
    """The allocation rule and, where it matters, the tie rule."""
    rule = instance.requirements.allocation
    if isinstance(rule, PostedPrice):
        return f"trade at the posted price {rule.price}"
    if isinstance(rule, AllocationTable):
        return "a given allocation"
    return "any allocation" if rule == "free" else f"efficient (ties: {instance.requirements.ties})"


def requirement_words(instance: Question) -> list[str]:
    """Each requirement in a word or two."""
    r = instance.requirements
    names = [agent.name for agent in instance.environment.agents]
    words = [allocation_words(instance)]
    if not r.lotteries:
        words.append("no lotteries")
    for key, nothing in NOTHING.items():
        rules = [r.rule(key, i) for i in range(len(names))]
        said = [nothing if rule is None else rule.title for rule in rules]
        words += (
            [said[0]] if len(set(said)) == 1 else [f"{word} for {name}" for word, name in zip(said, names, strict=True)]
        )
    if r.deviations != "all":
        which = [r.deviations] * len(names) if isinstance(r.deviations, str) else r.deviations
        each = [f"{word} misreports of {name} alone" for word, name in zip(which, names, strict=True) if word != "all"]
        words += [f"{r.deviations} misreports alone"] if isinstance(r.deviations, str) else each
    if r.budget_floor:
        words.append(f"a budget floor of {r.budget_floor}")
    if r.groves:
        words.append("Groves transfers")
    bounds = [c for c in r.constraints(len(names)) if isinstance(c, PaymentBound)]
    if len(bounds) > 4:
        words.append(f"{len(bounds)} bounds on payments")
    else:
        words += [bound.says(instance.environment.agents) for bound in bounds]
    return words + [one.noun for one in r.linear]


def objective_words(objective: Objective) -> str:
    """What is maximised."""
    if objective.utility is None:
        return objective.maximize.replace("agents-utility", "total utility of the agents")
    weights = ", ".join(map(str, objective.utility))
    return f"weighted sum (utilities {weights}; revenue {objective.revenue})"


def question(instance: Question) -> list[str]:
    """Who is asked for what: one line about the environment, one about the requirements."""
    return [environment_words(instance.environment), ", ".join(requirement_words(instance))]


def environment_words(env: Situation) -> str:
    """Kind, agents, how many of their types have probability 0, and number of profiles."""
    groups: dict[tuple[str, int, int], list[str]] = {}
    for agent, shared, n in zip(env.agents, shared_names(env), env.sizes, strict=True):
        groups.setdefault((shared, n, sum(not mass for mass in agent.probabilities)), []).append(agent.name)
    people = ", ".join(
        f"{names[0] if len(names) == 1 else f'{len(names)} x {shared}'} of {n} types"
        + (f", {without} of probability 0" if without else "")
        for (shared, n, without), names in groups.items()
    )
    prior = "; correlated prior" if env.prior is not None else ""
    prior += "; interdependent values" if env.interdependent else ""
    prior += "; free shares" if env.free_shares else ""
    count = env.profile_count
    profiles = f"{count:,}" if count < 10**9 else f"about 10^{math.floor(math.log10(count))}"
    return f"{env.called}: {people} ({profiles} profiles){prior}"


def shared_names(env: Situation) -> tuple[str, ...]:
    """For each agent the name that he shares with those numbered like him, "buyer" for buyer-1 and buyer-2; else his own.

    Numbered are several agents whose names end in -1, -2, ..., and those who were given no name (agent-5 is the fifth of
    all): "covid-19" and "x-1" are names as they stand.
    """
    parts = [re.fullmatch(r"(.+)-([0-9]+)", agent.name, re.DOTALL) for agent in env.agents]
    numbers: dict[str, list[str]] = {}
    places: dict[str, list[str]] = {}
    for place, match in enumerate(parts, 1):
        if match is not None:
            numbers.setdefault(match[1], []).append(match[2])
            places.setdefault(match[1], []).append(str(place))
    numbered = {
        shared
        for shared, own in numbers.items()
        if len(own) > 1
        and (own == [str(k) for k in range(1, len(own) + 1)] or (shared == "agent" and own == places[shared]))
    }
    return tuple(
        agent.name if match is None or match[1] not in numbered else match[1]
        for agent, match in zip(env.agents, parts, strict=True)
    )
