"""A mechanism as a person would read it: who gets what, interim payments and utilities, what binds, money, profiles."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

from lpmech.answer.cuts import Cuts
from lpmech.answer.mechanism import Mechanism
from lpmech.base.errors import UndecidedError
from lpmech.question.environments.auction import Auction
from lpmech.question.model import Instance
from lpmech.question.requirements import AllocationTable, PostedPrice
from lpmech.question.words import objective_words
from lpmech.show.explain import further
from lpmech.show.explain.binding import Interim, binding
from lpmech.show.explain.document import Block, Cell, Heading, Number, Paragraph, Points, Span, Table, listed
from lpmech.show.explain.lines import LINES
from lpmech.show.explain.words import person

if TYPE_CHECKING:
    from lpmech.answer.result import Result
    from lpmech.engine.rounding import Rounded

ZERO = Fraction(0)

WIDEST = 8
"""Agents who have columns of their own in tables by profile, if there is another way to say it."""

READ = 80
"""Most payments, of all agents at all profiles, that are rounded before they are shown."""

TIES = {ZERO: "do not trade", Fraction(1): "trade", Fraction(1, 2): "trade with probability 1/2"}
"""What pairs of equal value and cost do, by the probability of trade."""

EFFORT = 700_000
"""Entries of the programs that may be solved for it (``lpmech.engine.rounding``)."""


def mechanism(result: Result, everything: bool) -> list[Block]:
    """Everything that is said about the mechanism of a result."""
    found, proof = result.mechanism, result.proof
    assert found is not None  # every proof of "exists" has one
    assert proof is not None
    blocks: list[Block] = [Paragraph("Such a mechanism exists."), *_margin(result), Heading("Allocation")]
    blocks.append(_allocation(result.instance, found, everything))
    round_ = _rounded(result, found)
    if round_ is not None:
        found = round_.mechanism
        blocks.append(_said(round_))
    people = found.groups()
    interim: Interim = {i: found.interim(i) for i, _ in people}
    blocks += [
        Heading("Interim, by type"),
        _interim(found, people, interim, everything),
    ]
    blocks += binding(proof, found, people, interim, everything)
    return [*blocks, Heading("Money"), *_money(found), *_everywhere(found, everything)]


def with_further(result: Result, everything: bool) -> list[Block]:
    """The mechanism of a question with further requirements: its own payments, and every constraint that binds."""
    found = result.mechanism
    assert found is not None
    people = found.groups()
    interim: Interim = {i: found.interim(i) for i, _ in people}
    blocks: list[Block] = [Paragraph("Such a mechanism exists."), *_margin(result), *further.shares(found)]
    blocks += [Heading("Interim, by type"), _interim(found, people, interim, everything)]
    blocks += further.binding(result.instance, found, everything)
    return [*blocks, Heading("Money"), *_money(found), *_everywhere(found, everything)]


def alone(found: Mechanism) -> list[Block]:
    """What there is to say about a mechanism without a question: by type, money, by profile."""
    people = found.groups()
    table = _interim(found, people, {i: found.interim(i) for i, _ in people}, False)
    blocks = [Heading("Interim, by type"), table, Heading("Money"), *_money(found)]
    return [*blocks, *_everywhere(found, False)]


def _everywhere(found: Mechanism, everything: bool) -> list[Block]:
    """What happens at every profile."""
    sentences = found.in_words()
    if sentences and (found.too_large or len(found.environment.agents) > WIDEST):
        return [Heading("At every profile"), Points(tuple((sentence,) for sentence in sentences))]
    return [Heading("Transfers (paid by the agents) and allocation, by profile"), _profiles(found, everything)]


def _margin(result: Result) -> list[Block]:
    blocks: list[Block] = []
    if result.margin is not None:
        if result.margin == math.inf:
            blocks.append(Paragraph(_unbounded(result.instance)))
        elif result.margin == 0:
            blocks.append(Paragraph("The margin is 0: with any more to be paid there would be none."))
        else:
            more = ": so much more could be asked for, and no more."
            blocks.append(Paragraph("The margin is ", Number(result.margin, True), more))
    if result.instance.objective.maximize != "margin" and result.value is not None:
        words = objective_words(result.instance.objective)
        blocks.append(Paragraph(f"The largest {words} is ", Number(result.value, True), "."))
    return blocks


def _rounded(result: Result, found: Mechanism) -> Rounded | None:
    """Round payments, where there are few enough to be read and the ones found are not as short."""
    env = found.environment
    if env.profile_count * len(env.agents) > READ:
        return None
    from lpmech.engine.rounding import rounded  # brings cvxpy along

    try:
        return rounded(result, found, EFFORT)
    except UndecidedError:
        return None


def _said(round_: Rounded) -> Block:
    """That the payments are not those of the proof, and how they were chosen."""
    which = "What follows is another mechanism, with rounder payments: the proof has its own, with the same allocation."
    how = which if round_.done else f"{which} Not all are rounded: that would have taken too long."
    most: tuple[Span, ...] = (f"{how} None is larger than ", Number(round_.largest))
    if round_.largest == round_.least:
        return Paragraph(*most, ": with this allocation the largest cannot be smaller.")
    return Paragraph(*most, "; with this allocation the largest is at least ", Number(round_.least, True), ".")


def _unbounded(instance: Instance) -> str:
    """What a margin of inf means (conventions C9)."""
    if instance.requirements.budget_rule is not None:
        return "Without participation, money can be taken out of it without bound (margin inf)."
    if instance.requirements.levelled:
        return "Without a budget, the agents can be paid without bound (margin inf)."
    return "Neither participation nor a budget is required, so no amount of money is at stake (margin inf)."


def _allocation(instance: Instance, found: Mechanism, everything: bool) -> Block:
    """The allocation in words, or by type of the buyer where it was free to choose."""
    rule, env = instance.requirements.allocation, instance.environment
    if isinstance(rule, PostedPrice):
        return Paragraph("Trade if and only if b >= ", Number(rule.price), " >= s.")
    if isinstance(rule, AllocationTable):
        return Paragraph("As given, profile by profile.")
    if rule == "free":
        if found.cuts is not None:
            return _cuts(found, found.cuts, everything)
        return Paragraph("Chosen among all allocations; it is listed by profile below.")
    if env.kind in {"bilateral-trade", "exchange"}:
        alone = env.kind == "bilateral-trade"
        who = (
            "Trade if and only if the buyer's value is above the seller's cost"
            if alone
            else (
                "The good goes to the highest buyer whose value is above the cost"
                if found.one_good
                else "Units go from the sellers of lowest costs to the buyers of highest values while these are above those"
            )
        )
        return Paragraph(f"Efficient. {who}{_ties(instance, found)}")
    if env.kind == "partnership":
        return Paragraph(f"Efficient. The object goes to the partner of the highest value{_ties(instance, found)}")
    if isinstance(env, Auction) and env.objects is None:
        above = "above the cost" if env.cost else "above 0"
        return Paragraph(
            f"Efficient. The units go to the highest values, as far as these are {above}{_ties(instance, found)}"
        )
    return Paragraph(f"Efficient. At every profile an outcome of largest total surplus{_ties(instance, found)}")


def _ties(instance: Instance, found: Mechanism) -> str:
    """What happens at ties."""
    if instance.environment.kind != "bilateral-trade":
        return "; buyers of the same value have equal chances." if found.one_good else "."
    buyer, seller = ({*agent.types} for agent in instance.environment.agents)
    if buyer.isdisjoint(seller):
        return "."
    chances = found.chances_at_ties()
    words = TIES.get(min(chances)) if len(chances) == 1 else None
    return "; ties as listed below." if words is None else f"; ties {words}."


def _cuts(found: Mechanism, cuts: Cuts, everything: bool) -> Table:
    """Each buyer type with the costs up to which he trades."""
    buyer, seller = (agent.types for agent in found.environment.agents)
    rows: list[tuple[Cell, ...]] = []
    for k, (low, high) in enumerate(zip(cuts.low, cuts.high, strict=True)):
        sure = f"costs up to {seller[low - 1]}" if low else "none"
        perhaps: Cell = ""
        if high > low and cuts.weight:
            perhaps = (f"costs up to {seller[high - 1]}, with probability ", Number(cuts.weight))
        rows.append((buyer[k], sure, perhaps))
    return _cut(("buyer", "trades with", "and perhaps with"), rows, (0,), len(rows), everything)


def _interim(found: Mechanism, people: list[tuple[int, str]], interim: Interim, everything: bool) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for i, name in people:
        masses = found.environment.agents[i].probabilities
        for (label, paid, gained), mass in zip(interim[i], masses, strict=True):
            rows.append((name, label, Number(mass), _or_dash(paid), _or_dash(gained)))
    head = ("agent", "type", "probability", "expected payment", "expected utility")
    return _cut(head, rows, (1, 2, 3, 4), len(rows), everything)


def _or_dash(x: Fraction | None) -> Cell:
    return "-" if x is None else Number(x)


def _cut(
    head: tuple[str, ...], rows: list[tuple[Cell, ...]], amounts: tuple[int, ...], count: int, everything: bool
) -> Table:
    if everything or count <= LINES:
        return Table(head, tuple(rows), amounts)
    return Table(head, tuple(rows[:LINES]), amounts, None, f"... and {count - LINES} more (--all shows them)")


def _money(found: Mechanism) -> list[Block]:
    """Revenue, welfare and who gets how much of it."""
    groups, utilities = found.groups(), found.expected_utility
    blocks: list[Block] = [
        Paragraph(
            "Expected revenue ", Number(found.revenue, True), "; expected welfare ", Number(found.welfare, True), "."
        )
    ]
    if len(groups) > WIDEST:
        return blocks
    each: list[Cell] = [(f"{person(name)} ", Number(utilities[i], True)) for i, name in groups]
    return [*blocks, Paragraph("Expected utilities: ", *listed(each), ".")]


def _profiles(found: Mechanism, everything: bool) -> Table:
    env, count = found.environment, len(found.profiles)
    names = [agent.name for agent in env.agents]
    rows: list[tuple[Cell, ...]] = []
    for number, theta in enumerate(found.profiles):
        if number >= LINES and not everything:
            break
        q = found.lotteries[number]
        outcome = " + ".join(env.outcomes[x] if w == 1 else f"{w} {env.outcomes[x]}" for x, w in sorted(q.items()))
        types = (agent.types[k] for agent, k in zip(env.agents, theta, strict=True))
        rows.append((*types, outcome, *(Number(paid[number]) for paid in found.transfers)))
    n = len(names)
    head = (*names, "outcome", *(f"t[{name}]" for name in names))
    return _cut(head, rows, (*range(n), *range(n + 1, 2 * n + 1)), count, everything)
