"""The field's words for a question and for exact amounts."""

from __future__ import annotations

import math
from fractions import Fraction

from lpmech.base.exact import decimal, show
from lpmech.question.model import Environment, Instance
from lpmech.question.requirements import AllocationTable, Objective, PostedPrice

LONGEST = 40
"""Longest exact number shown in running text; longer ones are shown as decimals and kept exact in the proof."""


NOTHING = {
    "incentive_compatibility": "no incentive compatibility",
    "individual_rationality": "no IR",
    "budget": "no budget requirement",
}
"""What is said where a requirement asks for nothing."""


def too_long(x: Fraction | float) -> bool:
    """Whether a number is shown as a decimal."""
    return len(show(x)) > LONGEST


def amount(x: Fraction | float) -> str:
    """An exact number with its decimal when the two differ: ``-49/600 = -0.0816667``."""
    text = show(x)
    if isinstance(x, float) or x.denominator == 1:
        return text
    rounded = f"{decimal(x):.6g}"
    if too_long(x):
        return f"about {rounded} (exact: {len(text)} digits, in the proof)"
    return f"{text} = {rounded}" if Fraction(rounded) == x else f"{text} ≈ {rounded}"


def brief(x: Fraction | float) -> str:
    """An exact number for a table: ``-49/600``; as a decimal, ``≈ 0.1234567891``, if it is long."""
    text = show(x)
    return f"≈ {decimal(x):.10g}" if too_long(x) else text


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


def aligned(rows: list[tuple[str, ...]]) -> list[str]:
    """Lines of a table with a header; rows of another length are printed as they are."""
    full = [row for row in rows if len(row) == len(rows[0])]
    widths = [max(len(row[c]) for row in full) for c in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = row if len(row) != len(widths) else [cell.ljust(w) for cell, w in zip(row, widths, strict=True)]
        lines.append(("  " + "   ".join(cells)).rstrip())
    return lines


def person(name: str) -> str:
    """An agent in a sentence: "the buyer", "agent-3"."""
    return f"the {name}" if name in {"buyer", "seller"} else name


def plural(n: int, one: str, many: str | None = None) -> str:
    """ "1 constraint", "3 constraints"."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"
