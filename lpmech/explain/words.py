"""The field's words for a question and for exact amounts."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from fractions import Fraction

from lpmech.exact import LONGEST as LONGEST
from lpmech.exact import brief as brief
from lpmech.exact import decimal, show
from lpmech.exact import too_long as too_long
from lpmech.model import Environment, Instance
from lpmech.requirements import AllocationTable, Objective, PostedPrice


def amount(x: Fraction | float) -> str:
    """An exact number with its decimal when the two differ: ``-49/600 = -0.0816667``."""
    text = show(x)
    if isinstance(x, float) or x.denominator == 1:
        return text
    rounded = f"{decimal(x):.6g}"
    if too_long(x):
        return f"about {rounded} (exact: {len(text)} digits, in the proof)"
    return f"{text} = {rounded}" if Fraction(rounded) == x else f"{text} ≈ {rounded}"


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
    words.append("no incentive compatibility" if r.incentive_compatibility == "none" else r.incentive_compatibility)
    words.append("no IR" if r.individual_rationality == "none" else f"{r.individual_rationality} IR")
    words.append("no budget requirement" if r.budget == "none" else r.budget.replace("-", " "))
    if r.transfers == "groves":
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
    groups: dict[tuple[str, int], list[str]] = {}
    for agent, shared, n in zip(env.agents, shared_names(env), env.sizes, strict=True):
        groups.setdefault((shared, n), []).append(agent.name)
    people = ", ".join(
        f"{names[0] if len(names) == 1 else f'{len(names)} x {shared}'} of {n} types"
        for (shared, n), names in groups.items()
    )
    prior = "; correlated prior" if env.prior is not None else ""
    count = env.profile_count
    profiles = f"{count:,}" if count < 10**9 else f"about 10^{math.floor(math.log10(count))}"
    return f"{env.kind}: {people} ({profiles} profiles){prior}"


def shared_names(env: Environment) -> tuple[str, ...]:
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


def together(env: Environment, members: Sequence[int]) -> str:
    """Several agents in a sentence: "the 3 buyers together", "ann, bob and covid-19 together"."""
    shared = {shared_names(env)[i] for i in members}
    if len(shared) == 1:
        return f"the {plural(len(members), next(iter(shared)))} together"
    *names, last = (env.agents[i].name for i in members)
    return f"{', '.join(names)} and {last} together"


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
