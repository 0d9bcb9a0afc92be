"""What all optimal mechanisms have in common, as a document."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from lpmech.question.constraints import Relation
from lpmech.question.words import objective_words, question
from lpmech.show.explain.document import Block, Cell, Document, Heading, Number, Paragraph, Points, Span, Table, listed
from lpmech.show.explain.lines import LINES
from lpmech.show.explain.words import person
from lpmech.studies.face.found import EVERY, NONE, SOME, UNSETTLED, Binding, Face, Range
from lpmech.studies.face.quantities import (
    CHANCE,
    INTERIM_CHANCE,
    INTERIM_PAYMENT,
    INTERIM_UTILITY,
    PAYMENT,
    REVENUE,
    SHARE,
    UTILITY,
    WELFARE,
)
from lpmech.studies.face.ranges import End

NAMED = 8
"""Places of a requirement that are named in a line."""


def document(found: Face, *, everything: bool = False) -> Document:
    """The question, which mechanisms are meant, and what they share; ``everything``: every line of every table."""
    blocks: list[Block] = [Paragraph(line) for line in question(found.instance)]
    blocks += [_meant(found), Heading("One or many"), Points(tuple(_unique(found)))]
    blocks += [Heading("What binds"), *_binding(found, everything)]
    blocks += [Heading("In expectation"), _whole(found)]
    blocks += [Heading("By type"), *_interim(found, everything)]
    blocks += [Heading("At single profiles"), *_profiles(found, everything)]
    blocks += [Heading("How it is known"), *_known(found)]
    return Document(found.instance.title or "Untitled instance", tuple(blocks))


def _meant(found: Face) -> Block:
    margin = found.instance.objective.maximize == "margin"
    what = "margin" if margin else f"largest {objective_words(found.instance.objective)}"
    spans: list[Span] = [f"The {what} is ", Number(found.optimum, True), ". "]
    level = found.optimum - found.slack
    if found.slack:
        spans += [
            "Meant are all mechanisms within ",
            Number(found.slack),
            " of it: at least ",
            Number(level, True),
            ".",
        ]
    elif margin:
        if found.result.verdict == "impossible":
            spans.append("No mechanism meets the requirements; meant are those that come closest: ")
        elif found.optimum:
            spans.append("Meant are the mechanisms that leave that much: ")
        else:
            return Paragraph(*spans, "Meant are the mechanisms that meet the requirements.")
        need = found.instance.requirements
        where = "participation" if need.budget_rule is None else "the budget requirement"
        floor = need.budget_floor
        spans += [f"{where} holds with ", Number(floor + level), " in the place of ", Number(floor), "."]
    else:
        spans.append("Meant are the mechanisms that meet the requirements and attain it.")
    return Paragraph(*spans)


def _unique(found: Face) -> Iterable[tuple[Span, ...]]:
    shared = found.instance.environment.free_shares
    if found.unique:
        yield ("There is one such mechanism.",)
        return
    yield (f"There are many such mechanisms: a set of dimension {found.dimension}.",)
    for name, one in (
        ("allocation and shares" if shared else "allocation", found.allocation_unique),
        ("interim payments", found.interim_payments_unique),
        ("interim utilities", found.interim_payoffs_unique),
    ):
        be = "is" if name == "allocation" else "are"
        yield (f"The {name} {be} {'the same in all' if one else 'not the same in all'}.",)


# ---- what binds --------------------------------------------------------------------------------------------------------


def _binding(found: Face, everything: bool) -> Iterable[Block]:
    groups: dict[str, list[Binding]] = {}
    names = [agent.name for agent in found.instance.environment.agents]
    for b in found.bindings:
        owner = "" if b.constraint.agent is None else f" of {person(names[b.constraint.agent])}"
        groups.setdefault(f"{b.constraint.title}{owner}", []).append(b)
    equal = [c.title for c in found.instance.constraints if c.relation is Relation.EQUAL]
    if groups:
        kinds = [EVERY, SOME, NONE]
        if any(b.held == UNSETTLED for b in found.bindings):
            kinds.append(UNSETTLED)
        rows = []
        for name, every in groups.items():
            least = [b.least for b in every if b.held == NONE and b.least is not None]
            counts = [str(sum(b.held == kind for b in every)) for kind in kinds]
            rows.append((name, str(len(every)), *counts, Number(min(least)) if least else ""))
        heads = {EVERY: "bind at every one", SOME: "at some", NONE: "at none", UNSETTLED: "at some or none"}
        head = ("requirement", "rows", *(heads[kind] for kind in kinds), "least slack there")
        yield Table(head, tuple(rows), tuple(range(1, len(head))))
    if equal:
        yield Paragraph("Met with equality by what they say: ", *listed(list(dict.fromkeys(equal))), ".")
    for kind, said in ((EVERY, "Bind at every one"), (SOME, "Bind at some and not at others")):
        points = [_named(found, name, every, kind, everything) for name, every in groups.items()]
        if any(points):
            yield Paragraph(f"{said}:")
            yield Points(tuple(point for point in points if point))
    none = [b for b in found.bindings if b.held == NONE]
    if everything and none:
        yield Paragraph("Bind at none, with the least slack:")
        yield Table(
            ("requirement", "least slack"), tuple((found.label(b), Number(b.least or Fraction(0))) for b in none), (1,)
        )


def _named(found: Face, name: str, every: list[Binding], kind: str, everything: bool) -> tuple[Span, ...]:
    """The rows of a requirement that are of a kind, one after the other, or "all 8"; nothing if none is."""
    labels = [found.label(b) for b in every if b.held == kind]
    if len(labels) == len(every) > 1 and not everything:
        return (f"{name}: all {len(every)}",)
    shown = labels if everything or len(labels) <= NAMED + 1 else labels[:NAMED]
    more = [f"{len(labels) - len(shown)} more (--all)"] if len(shown) < len(labels) else []
    return tuple(listed([*shown, *more]))


# ---- ranges ------------------------------------------------------------------------------------------------------------


def _end(end: End | None) -> Span:
    return "?" if end is None else Number(end.value)


def _cell(r: Range) -> Cell:
    """ "3", "1 to 3", "any"."""
    if r.unique:
        return _end(r.low)
    if r.low is not None and r.high is not None and isinstance(r.low.value, float) and isinstance(r.high.value, float):
        return "any"
    return (_end(r.low), " to ", _end(r.high))


def _whole(found: Face) -> Table:
    names = [agent.name for agent in found.instance.environment.agents]
    rows = []
    for r in found.ranges:
        q = r.quantity
        if q.kind in (REVENUE, WELFARE, UTILITY, SHARE):
            rows.append((q.kind + ("" if q.agent is None else f" of {person(names[q.agent])}"), _cell(r)))
    return Table(("", "in all of them"), tuple(rows), (1,))


def _interim(found: Face, everything: bool) -> Iterable[Block]:
    env = found.instance.environment
    by = {(r.quantity.kind, r.quantity.agent, r.quantity.type, r.quantity.outcome): r for r in found.ranges}
    two = len(env.outcomes) == 2
    rows: list[tuple[Cell, ...]] = []
    for (kind, i, k, _), r in by.items():
        if kind != INTERIM_PAYMENT:
            continue
        assert i is not None
        assert k is not None
        row = [person(env.agents[i].name), env.agents[i].types[k], _cell(r), _cell(by[INTERIM_UTILITY, i, k, None])]
        rows.append((*row, *([_cell(by[INTERIM_CHANCE, i, k, 1])] if two else [])))
    head = ("agent", "type", "expects to pay", "expects a utility of")
    yield _table(
        (*head, *([f"and {env.outcomes[1]} with"] if two else [])), rows, everything, (2, 3, 4) if two else (2, 3)
    )
    if not two:
        vary = [r for key, r in by.items() if key[0] == INTERIM_CHANCE and not r.unique]
        if not vary:
            yield Paragraph("The interim probabilities of the outcomes are the same in all.")
            return
        yield Paragraph("Interim probabilities that are not the same in all:")
        lines: list[tuple[Cell, ...]] = []
        for r in vary:
            q = r.quantity
            assert q.agent is not None
            assert q.type is not None
            assert q.outcome is not None
            agent = env.agents[q.agent]
            lines.append((person(agent.name), agent.types[q.type], env.outcomes[q.outcome], _cell(r)))
        yield _table(("agent", "type", "outcome", "probability"), lines, everything, (3,))


def _profiles(found: Face, everything: bool) -> Iterable[Block]:
    env = found.instance.environment
    heads = tuple(agent.name for agent in env.agents)
    for kind, name, things in (
        (CHANCE, "outcome", "probabilities of outcomes"),
        (PAYMENT, "paid by", "payments"),
    ):
        every = [r for r in found.ranges if r.quantity.kind == kind]
        vary = [r for r in every if not r.unique]
        free = [r for r in vary if _cell(r) == "any"]
        if not vary:
            yield Paragraph(f"All {things} are the same in all.")
            continue
        same = len(every) - len(vary)
        said = [f"{same} of {len(every)} {things} are the same in all" if same else f"No {things} are the same in all"]
        if free:
            said.append(f"{len(free)} can be any number, if others make up for it")
        ranged = [r for r in vary if r not in free]
        yield Paragraph("; ".join(said) + ("; the others range:" if ranged else "."))
        rows: list[tuple[Cell, ...]] = []
        for r in ranged:
            q = r.quantity
            assert q.profile is not None
            types = [a.types[k] for a, k in zip(env.agents, q.profile, strict=True)]
            what = env.outcomes[q.outcome] if q.outcome is not None else env.agents[q.agent or 0].name
            rows.append((*types, what, _cell(r)))
        if rows:
            yield _table((*heads, name, "in all of them"), rows, everything, (len(heads) + 1,))


def _table(head: tuple[str, ...], rows: list[tuple[Cell, ...]], everything: bool, amounts: tuple[int, ...]) -> Table:
    shown = rows if everything else rows[:LINES]
    left = len(rows) - len(shown)
    return Table(head, tuple(shown), amounts, None, f"... and {left} more lines (--all shows them)" if left else None)


# ---- how it is known -----------------------------------------------------------------------------------------------------


def _known(found: Face) -> Iterable[Block]:
    if found.proof is not None:
        yield Paragraph(
            "What binds at every one has a proof that the verifier accepted: multipliers of the optimum that are positive"
            " on exactly these requirements, and a mechanism at which no other binds."
        )
    count = f"{found.programs:,} linear program{'' if found.programs == 1 else 's'}"
    yield Paragraph(
        f"Ranges and least slacks are exact, from equations that hold at every one and from {count}; --proofs writes"
        " verified proofs of the ends, as far as proof files can say them (docs/face.md)."
    )
    if found.left_out:
        why = "the number of linear programs allowed was reached; --programs N allows more" if found.stopped else ""
        yield Paragraph(f"Left out, and shown as ?: {found.left_out:,} ends and slacks", f" ({why})." if why else ".")
