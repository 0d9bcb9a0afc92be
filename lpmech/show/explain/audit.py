"""Audits for people: which properties a mechanism has, the worst violations, and what each type gets."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from lpmech.base.exact import show
from lpmech.question.words import question
from lpmech.show.explain.words import LONGEST, aligned, amount, apart, brief

if TYPE_CHECKING:
    from lpmech.answer.audit import Audit, Property

LINES = 12
"""Types listed of each agent unless everything is asked for."""


def explain(audit: Audit, *, everything: bool = False, title: str = "") -> str:
    """Plain text: the question, the verdict, a line for each property, what each type gets."""
    env = audit.instance.environment
    head = [title or audit.instance.title or "Untitled instance", *(f"  {line}" for line in question(audit.instance))]
    head.append(f"  {lacking(audit)}")
    lines = [*head, "", *aligned(properties(audit)), ""]
    table: list[tuple[str, ...]] = [("agent", "type", "probability", "expected payment", "expected utility")]
    for agent, interim in zip(env.agents, audit.interim, strict=True):
        listed = list(zip(agent.types, agent.probabilities, interim, strict=True))
        for label, mass, row in listed if everything else listed[:LINES]:
            paid, gained = ("-", "-") if row is None else map(brief, row)
            table.append((agent.name, label, brief(mass), paid, gained))
        if len(listed) > LINES and not everything:
            table.append((f"... and {len(listed) - LINES} more of {agent.name} (--all shows them)",))
    lines += aligned(table)
    rents = ", ".join(f"{agent.name} {shown(rent)}" for agent, rent in zip(env.agents, audit.rents, strict=True))
    lines += ["", f"  expected revenue {shown(audit.revenue)}; expected welfare {shown(audit.welfare)}"]
    lines.append(f"  expected gain over the outside option: {rents}")
    return "\n".join(lines)


def lacking(audit: Audit) -> str:
    """Whether the requirements are met, and which are not."""
    names = ", ".join(words(p.name) for p in audit.violations)
    return f"violates the requirements: {names}" if names else "meets the requirements"


def properties(audit: Audit) -> list[tuple[str, ...]]:
    """A head, and a row for each property."""
    rows: list[tuple[str, ...]] = [("property", "asked", "holds", "worst violation")]
    for p in audit.properties.values():
        worst = "" if p.holds else f"{shown(p.violation)} {place(audit, p)}".rstrip()
        rows.append((words(p.name), "asked" if p.asked else "", "yes" if p.holds else "no", worst))
    return rows


def shown(x: Fraction) -> str:
    """An exact number with its decimal; as a decimal alone if it is long (``--json`` has it in full)."""
    return amount(x) if len(show(x)) <= LONGEST else brief(x)


def words(name: str) -> str:
    """A property in words."""
    if "[" in name:  # a constraint of one agent, by his name
        return name
    return {"allocation": "allocation as given", "groves": "Groves transfers"}.get(name, name.replace("-", " ", 2))


def place(audit: Audit, found: Property) -> str:
    """Where a violation is: "buyer 3 reports 1, at (3, 2)"."""
    env, at = audit.instance.environment, found.place
    if at is None:
        return ""
    parts = []
    if at.agent is not None:
        agent = env.agents[at.agent]
        who = agent.name if at.type is None else f"{agent.name} {agent.types[at.type]}"
        parts.append(who if at.report is None else f"{who} reports {agent.types[at.report]}")
    if at.outcome is not None:
        parts.append(f"probability of {env.outcomes[at.outcome]}")
    if at.profile is not None:
        types = ", ".join(apart(agent.types[k]) for agent, k in zip(env.agents, at.profile, strict=True))
        parts.append(f"at ({types})")
    return f"({', '.join(parts)})" if parts else ""
