"""Verdicts for people: the mechanism as a person would read it, or the constraints that contradict each other."""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING

from lpmech.compact_buyers import BuyersMechanism
from lpmech.explain.words import aligned, amount, brief, objective_words, question
from lpmech.multipliers import Multiplier

if TYPE_CHECKING:
    from lpmech.mechanism import Mechanism
    from lpmech.model import Instance
    from lpmech.result import Result

LINES = 40
"""Constraints and profiles listed unless everything is asked for."""

WIDEST = 8
"""Agents who have columns of their own in tables by profile, if there is another way to say it."""


def explain(result: Result, *, everything: bool = False) -> str:
    """Plain text for a result: the question, the verdict, and the mechanism or the argument against one."""
    instance = result.instance
    head = [instance.title or "Untitled instance", *(f"  {line}" for line in question(instance)), ""]
    if result.verdict == "undecided":
        return "\n".join([*head, f"Undecided: {result.reason}."])
    body = _mechanism(result, everything) if result.verdict == "exists" else _argument(result, everything)
    return "\n".join(head + body)


def _mechanism(result: Result, everything: bool) -> list[str]:
    mechanism, instance = result.mechanism, result.instance
    assert mechanism is not None  # every proof of "exists" has one
    lines = ["Such a mechanism exists."]
    if result.margin is not None:
        if result.margin == math.inf:
            lines.append(_unbounded(instance))
        else:
            lines.append(f"The margin is {amount(result.margin)}: so much more could be asked of it, and no more.")
    if instance.objective.maximize != "margin" and result.value is not None:
        lines.append(f"The largest {objective_words(instance.objective)} is {amount(result.value)}.")
    lines += ["", "Interim, by type:"]
    rows: list[tuple[str, ...]] = [("agent", "type", "probability", "expected payment", "expected utility")]
    for i, name in _people(mechanism):
        masses = instance.environment.agents[i].probabilities
        for (label, paid, gained), mass in zip(mechanism.interim(i), masses, strict=True):
            rows.append((name, label, brief(mass), _or_dash(paid), _or_dash(gained)))
    lines += aligned(rows if everything else _cut(rows))
    lines.append("")
    lines.append(f"Expected revenue {amount(mechanism.revenue)}; expected welfare {amount(mechanism.welfare)}.")
    if isinstance(mechanism, BuyersMechanism) and (mechanism.too_large or len(instance.environment.agents) > WIDEST):
        return [*lines, "", *_rule(mechanism)]
    lines += ["", "Transfers (paid by the agents) and allocation, by profile:"]
    names = [agent.name for agent in instance.environment.agents]
    outcomes = instance.environment.outcomes
    rows = [(*names, "outcome", *(f"t[{name}]" for name in names))]
    for number, theta in enumerate(mechanism.profiles):
        q = mechanism.lotteries[number]
        outcome = " + ".join(outcomes[x] if w == 1 else f"{w} {outcomes[x]}" for x, w in sorted(q.items()))
        types = (agent.types[k] for agent, k in zip(instance.environment.agents, theta, strict=True))
        rows.append((*types, outcome, *(brief(paid[number]) for paid in mechanism.transfers)))
        if not everything and len(rows) > LINES + 1:
            break
    return lines + aligned(rows if everything else _cut(rows, len(mechanism.profiles)))


def _people(mechanism: Mechanism) -> list[tuple[int, str]]:
    """Number and name of every agent; one for all buyers where the mechanism treats them alike."""
    names = list(enumerate(agent.name for agent in mechanism.environment.agents))
    alike = isinstance(mechanism, BuyersMechanism) and len(names) > 2
    return [(0, "each buyer"), names[-1]] if alike else names


def _rule(mechanism: BuyersMechanism) -> list[str]:
    """Transfers and allocation at every profile, where a table would be too wide."""
    cost = {
        "symmetric": "otherwise the seller keeps it.",
        "uniform": "if it is the cost, the seller has the same chance of keeping it; if it is below, he keeps it.",
    }
    return [
        "At every profile:",
        "  Transfers: each pays what his type pays in expectation, less the mean over the other agents of what their types"
        " pay beyond the average over types.",
        "  Allocation: if the highest value is above the seller's cost, the buyers of this value have equal chances of "
        f"the good; {cost[mechanism.ties]}",
    ]


def _unbounded(instance: Instance) -> str:
    """What a margin of inf means (conventions C9)."""
    if instance.requirements.budget != "none":
        return "Without participation, money can be taken out of it without bound (margin inf)."
    if instance.requirements.individual_rationality != "none":
        return "Without a budget, the agents can be paid without bound (margin inf)."
    return "Neither participation nor a budget is required, so no amount of money is at stake (margin inf)."


def _or_dash(x: Fraction | None) -> str:
    return "-" if x is None else brief(x)


def _argument(result: Result, everything: bool) -> list[str]:
    assert result.proof is not None
    assert result.proof.multipliers is not None  # every proof of "impossible" has them
    used = sorted(result.proof.multipliers, key=_reading_order)
    lines = ["No such mechanism exists."]
    if result.margin == -math.inf:
        lines.append("No subsidy helps: the incentive and budget constraints contradict each other by themselves.")
    elif result.margin is not None:
        lines.append(f"The margin is {amount(result.margin)}: a subsidy of {amount(-result.margin)} is what it takes.")
    kinds = Counter(m.constraint for m in used)
    counted = ", ".join(f"{n} {kind}" for kind, n in kinds.items())
    lines += ["", f"Multiply each of these constraints ({counted}) by its weight and add them up:", ""]
    if result.proof.symmetry is not None:
        lines[-1:] = ["Each stands for its average over relabelling identical agents.", ""]
    rows: list[tuple[str, ...]] = [("weight", "constraint")]
    rows += [(brief(m.weight), m.label(result.instance.environment)) for m in used]
    lines += aligned(rows if everything else _cut(rows))
    lines.append("")
    if result.margin == -math.inf:
        lines.append("All transfers cancel, and what is left says that a negative number is at least 0.")
    else:
        lines.append(
            f"All transfers cancel, and what is left says that the margin is at most {brief(result.margin or 0)}."
        )
    return lines


def _reading_order(m: Multiplier) -> tuple[int, int, tuple[int, ...], int]:
    kind = {"IR": 0, "BIC": 1, "DSIC": 1, "budget": 2}[m.constraint]
    agent = -1 if m.agent is None else m.agent
    at = m.profile if isinstance(m.profile, tuple) else None
    return kind, agent, at or ((m.type,) if m.type is not None else ()), -1 if m.report is None else m.report


def _cut(rows: list[tuple[str, ...]], total: int | None = None) -> list[tuple[str, ...]]:
    count = (len(rows) - 1) if total is None else total
    if count <= LINES:
        return rows
    return [*rows[: LINES + 1], (f"... and {count - LINES} more (--all shows them)",)]
