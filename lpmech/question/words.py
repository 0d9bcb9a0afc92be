"""The field's words for a question: environment, requirements, objective."""

from __future__ import annotations

import math

from lpmech.question.model import Environment, Instance
from lpmech.question.requirements import AllocationTable, Objective, PostedPrice

NOTHING = {
    "incentive_compatibility": "no incentive compatibility",
    "individual_rationality": "no IR",
    "budget": "no budget requirement",
}
"""What is said where a requirement asks for nothing."""


def allocation_words(instance: Instance) -> str:
    """The allocation rule and, where it matters, the tie rule."""
    rule = instance.requirements.allocation
    if isinstance(rule, PostedPrice):
        return f"trade at the posted price {rule.price}"
    if isinstance(rule, AllocationTable):
        return "a given allocation"
    return "any allocation" if rule == "free" else f"efficient (ties: {instance.requirements.ties})"


def requirement_words(instance: Instance) -> list[str]:
    """Each requirement in a word or two."""
    r = instance.requirements
    words = [allocation_words(instance)]
    for key, nothing in NOTHING.items():
        rule = r.rule(key)
        words.append(nothing if rule is None else rule.title)
    if r.groves:
        words.append("Groves transfers")
    return words


def objective_words(objective: Objective) -> str:
    """What is maximised."""
    if objective.utility is None:
        return objective.maximize.replace("agents-utility", "total utility of the agents")
    weights = ", ".join(map(str, objective.utility))
    return f"weighted sum (utilities {weights}; revenue {objective.revenue})"


def question(instance: Instance) -> list[str]:
    """Who is asked for what: one line about the environment, one about the requirements."""
    return [environment_words(instance.environment), ", ".join(requirement_words(instance))]


def environment_words(env: Environment) -> str:
    """Kind, agents and number of profiles."""
    names: dict[str, int] = {}
    for agent, n in zip(env.agents, env.sizes, strict=True):
        key = f"{agent.name.rstrip('0123456789').rstrip('-')} of {n} types"
        names[key] = names.get(key, 0) + 1
    people = ", ".join(key if count == 1 else f"{count} x {key}" for key, count in names.items())
    prior = "; correlated prior" if env.prior is not None else ""
    count = env.profile_count
    profiles = f"{count:,}" if count < 10**9 else f"about 10^{math.floor(math.log10(count))}"
    return f"{env.kind}: {people} ({profiles} profiles){prior}"
