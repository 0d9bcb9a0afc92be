"""The question and the verdict of a report, as tables and sentences."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from lpmech.answer.result import Result
from lpmech.base.exact import decimal, show
from lpmech.question.constraints import Budget, Linear, PaymentBound
from lpmech.question.environment import Environment
from lpmech.question.model import Instance
from lpmech.question.words import allocation_words, objective_words
from lpmech.show.explain.words import amount, too_long

SHOWN = 14
"""Types of an agent that are listed if there are more than twice as many."""

PROFILES = 36
"""Most profiles of a joint prior that are listed."""

GROVES = "each agent pays what the others lose by his type, up to a charge that his own type does not move"

HEADLINES = {"exists": "A mechanism exists", "impossible": "No mechanism exists", "undecided": "Undecided"}
SIGNS = {"exists": "✓", "impossible": "✗", "undecided": "?"}


def verdict(result: Result) -> dict[str, Any]:
    """Headline, margin and what it means, claim, proof."""
    instance, margin = result.instance, result.margin
    claim = None
    if instance.claim is not None and result.verdict != "undecided":
        relation = "This contradicts" if result.contradicts_claim else "This agrees with"
        claim = f"{relation} {instance.source or 'the source'}, which says: {instance.claim}."
    value = None
    if instance.objective.maximize != "margin" and result.value is not None:
        value = f"The largest {objective_words(instance.objective)} is {_number(result.value)}."
    return {
        "verdict": result.verdict,
        "sign": SIGNS[result.verdict],
        "headline": HEADLINES[result.verdict],
        "margin": None if margin is None else _number(margin),
        "exact": show(margin).replace("-", "\u2212") if margin is not None and too_long(margin) else None,
        "meaning": _meaning(result),
        "value": value,
        "claim": claim,
        "proved": result.proved,
        "method": result.method,
    }


def _number(x: Fraction | float) -> str:
    if too_long(x):
        return f"≈ {decimal(x):.6g}".replace("-", "\u2212")
    return amount(x).replace("-", "\u2212")


def _meaning(result: Result) -> str:
    """Why it is undecided, or the margin in a sentence."""
    if result.verdict == "undecided":
        return f"{result.reason}."
    if result.verdict == "impossible" and result.margin is not None and result.margin >= 0:
        return f"z can be {_number(result.margin)}, but no mechanism has the level that is asked for."
    return meaning(result.instance, result.margin)


def meaning(instance: Instance, margin: Fraction | float | None) -> str:
    """The margin (C9) in a sentence."""
    if margin is None:
        return ""
    if margin == -math.inf:
        return "No subsidy helps: the requirements contradict each other whatever money comes from outside."
    if margin == math.inf:
        return "Money is no obstacle: revenue, or what agents are left with, has no upper bound."
    if margin < 0:
        return f"A subsidy of {_number(-margin)} from outside is the least with which one exists."
    budget = instance.requirements.budget_rule
    if budget is None:
        return f"Every agent can be left at least {_number(margin)} more than participation asks for, and no more."
    assert issubclass(budget, Budget)
    return f"All other requirements leave room for revenue {budget.amount.format(_number(margin))}, and for no more."


def facts(result: Result) -> list[tuple[str, str]]:
    """Source, kind of environment, what is maximised."""
    instance = result.instance
    out = []
    if instance.source:
        out.append(("Source", instance.source))
    if instance.objective.maximize != "margin":
        out.append(("Maximised", objective_words(instance.objective)))
    return out


def requirements(instance: Instance) -> list[tuple[str, str, str]]:
    """Each requirement: what about, its name, what it says."""
    need = instance.requirements
    rule = allocation_words(instance)
    said = "at every profile an outcome of largest total surplus" if need.allocation == "efficient" else ""
    out = [("Allocation", rule, said)]
    agents = instance.environment.agents
    for head, key in (("Incentives", "incentive_compatibility"), ("Participation", "individual_rationality")):
        rules = {agent.name: need.rule(key, i) for i, agent in enumerate(agents)}
        alike = len(set(rules.values())) == 1
        for name, asked in list(rules.items())[: 1 if alike else None]:
            who = head if alike else f"{head} of {name}"
            out.append((who, "no requirement", "") if asked is None else (who, asked.title, asked.meaning))
    budget = need.budget_rule
    out.append(("Budget", "no requirement", "") if budget is None else ("Budget", budget.title, budget.meaning))
    if need.groves:
        out.append(("Transfers", "Groves", GROVES))
    if not need.lotteries:
        out.append(("Lotteries", "none", "one outcome for sure at every profile"))
    if need.deviations != "all":
        which = need.deviations if isinstance(need.deviations, str) else ", ".join(need.deviations)
        out.append(("Misreports", which, "incentives speak of these reports alone"))
    if need.budget_floor:
        out.append(("Budget floor", str(need.budget_floor), "in the place of 0 in the budget requirement"))
    for constraint in instance.constraints:
        if isinstance(constraint, PaymentBound):
            out.append(("Payments", constraint.says(agents), constraint.meaning))
        elif isinstance(constraint, Linear):
            out.append(("Linear requirement", constraint.name, constraint.says(instance.environment)))
    return out


def types(environment: Environment) -> list[dict[str, Any]]:
    """A table of types for each group of identical agents, and one of outcomes with their costs if there are any."""
    groups: dict[Any, list[str]] = {}
    for i, agent in enumerate(environment.agents):
        role = agent.name if environment.kind == "bilateral-trade" else environment.role(i)
        key = (role, agent.types, agent.probabilities, agent.outside, _utilities(environment, i))
        groups.setdefault(key, []).append(agent.name)
    out = []
    for (_, names, masses, outside, utilities), agents in groups.items():
        heads, rows = ["type", "probability"], [[_short(n), _short(p)] for n, p in zip(names, masses, strict=True)]
        if any(outside):
            heads.append("outside option")
            rows = [[*row, _short(u)] for row, u in zip(rows, outside, strict=True)]
        if utilities is not None:
            heads += [f"value of {x}" for x in environment.outcomes]
            rows = [[*row, *map(_short, values)] for row, values in zip(rows, utilities, strict=True)]
        dropped = len(rows) - SHOWN if len(rows) > 2 * SHOWN else 0
        if dropped:
            half = SHOWN // 2
            rows = [*rows[:half], ["⋮"] * len(heads), *rows[-half:]]
        note = f"{dropped} types between are not shown." if dropped else ""
        out.append({"who": _who(agents), "heads": heads, "rows": rows, "note": note})
    if any(environment.costs):
        rows = [[x, _short(cost)] for x, cost in zip(environment.outcomes, environment.costs, strict=True)]
        out.append({"who": "outcomes", "heads": ["outcome", "cost"], "rows": rows, "note": ""})
    return out


def _utilities(environment: Environment, i: int) -> Any:
    tables = environment.kind == "social-choice" and i not in environment.at_profiles
    return environment.private_valuation(i) if tables else None


def _who(names: list[str]) -> str:
    if len(names) <= 3:
        return ", ".join(names)
    return f"{names[0]}, ..., {names[-1]} ({len(names)} agents)"


def _short(x: Fraction | str) -> str:
    text = str(x)
    shown = f"≈ {decimal(Fraction(x)):.6g}" if isinstance(x, Fraction) and len(text) > 16 else text
    return shown.replace("-", "\u2212") if isinstance(x, Fraction) else shown


def prior(environment: Environment) -> dict[str, Any] | None:
    """The joint prior, profile by profile."""
    joint = environment.prior
    if joint is None:
        return None
    heads = [agent.name for agent in environment.agents] + ["probability"]
    rows = [
        [*(agent.types[k] for agent, k in zip(environment.agents, profile, strict=True)), _short(mass)]
        for profile, mass in sorted(joint.items())
    ]
    note = "" if len(rows) <= PROFILES else f"{len(rows) - PROFILES} more profiles are not shown."
    return {"heads": heads, "rows": rows[:PROFILES], "note": note}
