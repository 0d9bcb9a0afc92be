"""The requirements of a question one by one, and the question without some of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from typing import Any

from lpmech.question.model import Instance
from lpmech.question.payment_limits import ANY, NONE
from lpmech.question.requirements import BY_AGENT, Requirements
from lpmech.question.words import allocation_words

FREE = {
    "allocation": "free",
    "transfers": "any",
    "budget": NONE,
    "payments": ANY,
    "lotteries": True,
    "deviations": "all",
}
"""What asks for nothing, by the requirement's name."""


def pieces(instance: Instance) -> dict[str, str]:
    """Requirements by name, each in words: what can be left out by itself. "linear:0" is the first linear requirement,
    "incentive_compatibility:1" the second agent's notion, where agents have different ones."""
    need, out = instance.requirements, dict[str, str]()
    agents = instance.environment.agents
    if need.allocation != "free":
        out["allocation"] = "efficiency" if need.allocation == "efficient" else allocation_words(instance)
    if not need.lotteries:
        out["lotteries"] = "no lotteries"
    for key in BY_AGENT:
        if isinstance(getattr(need, key), str):
            rule = need.rule(key)
            if rule is not None:
                out[key] = rule.noun
            continue
        for i, agent in enumerate(agents):
            if (rule := need.rule(key, i)) is not None:
                out[f"{key}:{i}"] = f"{rule.noun} for {agent.name}"
    if need.budget_rule is not None:
        out["budget"] = need.budget_rule.noun
    if need.groves:
        out["transfers"] = "Groves transfers"
    if need.payments != ANY:
        out["payments"] = "bounds on payments"
    if need.budget_floor:
        out["budget-floor"] = f"the budget floor of {need.budget_floor}"
    return out | {f"linear:{k}": one.noun for k, one in enumerate(need.linear)}


def without(instance: Instance, gone: Iterable[str]) -> Instance:
    """The question without the requirements of these names."""
    need, gone = instance.requirements, list(gone)
    changes: dict[str, Any] = {name: FREE[name] for name in gone if name in FREE}
    if {"budget", "budget-floor"} & set(gone):
        changes["budget_floor"] = Fraction(0)
    for key in BY_AGENT:
        if key in gone:
            changes[key] = NONE
        words = list(getattr(need, key)) if not isinstance(getattr(need, key), str) else []
        for i in range(len(words)):
            if f"{key}:{i}" in gone:
                words[i] = NONE
        if words and key not in changes:
            changes[key] = words[0] if len(set(words)) == 1 else tuple(words)
    kept = tuple(one for k, one in enumerate(need.linear) if f"linear:{k}" not in gone)
    changes["linear"] = tuple(replace(one, number=k) for k, one in enumerate(kept))
    if need.deviations != "all" and changes.get("incentive_compatibility") == NONE:
        changes["deviations"] = FREE["deviations"]
    return instance.with_requirements(**changes)


def weaker(need: Requirements, name: str) -> tuple[dict[str, Any], str] | None:
    """The changes that put the next weaker notion in the place of a requirement, and its title; None if there is none."""
    key, _, agent = name.partition(":")
    if key not in (*BY_AGENT, "budget"):
        return None
    rule = need.rule(key, int(agent)) if agent else need.rule(key)
    if rule is None or rule.weaker is None:
        return None
    if not agent:
        return {key: rule.weaker.word}, rule.weaker.title
    words = list(getattr(need, key))
    words[int(agent)] = rule.weaker.word
    return {key: words[0] if len(set(words)) == 1 else tuple(words)}, rule.weaker.title
