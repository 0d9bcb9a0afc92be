"""A question in short, for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from lpmech.verify.kernel.instance import Instance
from lpmech.verify.report import SHOWN


def cut(text: str, most: int = 60) -> str:
    """A text for people, not too long."""
    return text if len(text) <= most else f"{text[:most]}... ({len(text):,} characters)"


def few(texts: Sequence[str]) -> str:
    """The first of many, and the last."""
    if len(texts) > 2 * SHOWN:
        return f"{', '.join(map(cut, texts[:SHOWN]))}, ..., {cut(texts[-1])} ({len(texts):,} in all)"
    return ", ".join(map(cut, texts))


def described(content: dict[str, Any], instance: Instance) -> list[str]:
    """A line for each agent, and for costs, prior, table and weights where there are any."""
    x, lines = content["environment"], list[str]()
    groups = [
        x[key] if type(x[key]) is list else [x[key]] for key in ("buyer", "buyers", "seller", "sellers") if key in x
    ]
    agents = [agent for group in groups for agent in group] + x.get("agents", []) + x.get("bidders", [])
    for agent, names in _alike(agents, instance.names):
        lines.append(f"{names}: {_agent(agent)}")
    if "units" in x:
        lines.append(f"units: {x['units']}; cost of each sold: {cut(x['cost'])}")
    elif "bidders" in x:
        lines.append(f"objects: {len(x['costs'])}; cost of each if sold: {few(x['costs'])}")
    elif "costs" in x:
        lines.append(f"outcomes: {few(list(map(str, instance.outcomes)))}; costs: {few(x['costs'])}")
    if "prior" in x:
        masses = [f"({', '.join(map(str, entry[:-1]))}) {cut(entry[-1])}" for entry in x["prior"]]
        lines.append(f"joint prior, by type numbers: {few(masses)}")
    rule = content["requirements"]["allocation"]
    if type(rule) is dict and "table" in rule:
        lines.append(f"allocation by profile: {few([f'({few(row)})' for row in rule['table']])}")
    lines += further(content["requirements"], instance.names)
    goal = content["objective"]
    if type(goal) is dict:
        goal = f"utilities {few(goal['utility'])}, revenue {cut(goal['revenue'])}"
    lines.append(f"objective: {goal}")
    shown, more = lines[:20], len(lines) - 21
    return [*shown, f"... ({more} more lines)", lines[-1]] if more > 0 else lines


def further(requirements: dict[str, Any], names: Sequence[str]) -> Iterator[str]:
    """Notions by agent, bounds on payments, linear requirements and the like."""
    for key in ("incentive_compatibility", "individual_rationality", "payments"):
        if type(requirements.get(key)) is list:
            each = zip(names, requirements[key], strict=True)
            said = [
                f"{cut(name)} {few([f'{k} {v}' for k, v in x.items()]) if type(x) is dict else x}" for name, x in each
            ]
            yield f"{key.replace('_', ' ')}: {few(said)}"
    for key in ("deviations", "budget-floor"):
        if key in requirements:
            said = requirements[key]
            yield f"{key.replace('-', ' ')}: {few(said) if type(said) is list else cut(said)}"
    if requirements.get("lotteries") is False:
        yield "no lotteries"
    for number, rule in enumerate(requirements.get("linear", ()), 1):
        form = [
            f"{letter} {few([f'{k}: {v}' for k, v in x.items()]) if type(x) is dict else x}"
            for letter, x in rule["of"].items()
        ]
        compared = next(key for key in ("at-least", "at-most", "equal") if key in rule)
        at = f"given the types of {cut(names[rule['at']])}" if type(rule["at"]) is int else f"at {rule['at']}"
        where = " for some types" if "within" in rule else ""
        yield f"linear requirement {number}: {form}, {compared.replace('-', ' ')} {cut(rule[compared])}, {at}{where}"


def _alike(agents: list[Any], names: Sequence[str]) -> Iterator[tuple[Any, str]]:
    """Neighbours that are the same but for their names, together."""
    first = 0
    for n, agent in enumerate(agents):
        if n + 1 == len(agents) or agents[n + 1] != agent:
            yield agent, cut(names[first]) + (f" to {cut(names[n])}" if n > first else "")
            first = n + 1


def _agent(agent: dict[str, Any]) -> str:
    parts = [f"share {cut(agent['share'])}"] if "share" in agent else []
    if type(agent.get("types")) is int:
        parts.append("values by profile " + few([f"({few(row)})" for row in agent["values"]]))
        parts.append(f"outside by profile {few(agent['outside'])}")
        if "probabilities" in agent:
            parts.append(f"probabilities {few(agent['probabilities'])}")
    elif "types" in agent:
        types = agent["types"]
        parts.append("utilities " + few([f"({few(one['utility'])})" for one in types]))
        parts.append(f"outside {few([one['outside'] for one in types])}")
        if "probability" in types[0]:
            parts.append(f"probabilities {few([one['probability'] for one in types])}")
    elif "components" in agent:
        parts.append(agent["preferences"])
        parts += [f"object {n}: {_agent(one)}" for n, one in enumerate(agent["components"][:SHOWN], 1)]
        more = len(agent["components"]) - SHOWN
        if more > 0:
            parts.append(f"and {more} more objects")
    else:
        parts.append(f"values {few(agent['values'])}")
        if "probabilities" in agent:
            parts.append(f"probabilities {few(agent['probabilities'])}")
        if "demand" in agent:
            parts.append(f"demand {agent['demand']}")
    return "; ".join(parts)
