"""What a notebook shows of an object: an HTML fragment in the style of ``html.py``, made from the first rows alone.

Nothing large is enumerated: where even expectations take long, a summary says what there is and how to ask for it.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import groupby, islice
from typing import TYPE_CHECKING

from lpmech.answer.mechanism import Mechanism
from lpmech.answer.proof import Proof
from lpmech.base.exact import show_count
from lpmech.question.environment import Agent, Environment
from lpmech.question.model import Instance
from lpmech.question.words import environment_words, objective_words, question, shared_names
from lpmech.show.explain import document, html
from lpmech.show.explain.argument import verdict
from lpmech.show.explain.audit import lacking, properties
from lpmech.show.explain.document import Block, Cell, Document, Heading, Number, Paragraph, Table, listed
from lpmech.show.explain.mechanism import alone
from lpmech.show.explain.words import brief, plural

if TYPE_CHECKING:
    from lpmech.answer.audit import Audit
    from lpmech.answer.result import Result
    from lpmech.engine.batch import Batch

ROWS = 12
"""Rows of a table."""

FEW = 4
"""Types that are listed in a line."""

TYPES = 500
"""Types, in all, up to which a compact mechanism is shown; also what a result's argument is told up to."""

ENTRIES = 50_000
"""Payments up to which any other mechanism is shown."""


def shown(told: Document) -> str:
    """A document without what is said to those at the command line."""
    blocks = (
        replace(b, note=b.note.replace(" (--all shows them)", "")) if isinstance(b, Table) and b.note else b
        for b in told.blocks
    )
    return html.fragment(replace(told, blocks=tuple(blocks)))


def result(found: Result) -> str:
    """The explanation, or the verdict alone where that is long."""
    if found.proof is None or not _large(found.proof.mechanism, found.instance.environment):
        return shown(document(found))
    told: list[Block] = [*_lines(found.instance)]
    if found.verdict == "exists":
        told.append(Paragraph("Such a mechanism exists."))
        told += [] if found.margin is None else [Paragraph("The margin is ", Number(found.margin, True), ".")]
    else:
        told += verdict(found.margin)
    told.append(
        Paragraph("Why is too long to be told here: explain() does; to_frame() of mechanism and proof lists all.")
    )
    return shown(Document(found.instance.title or "Untitled instance", tuple(told)))


def _lines(instance: Instance) -> list[Block]:
    return [Paragraph(line) for line in question(instance)]


# ---- instances ---------------------------------------------------------------------------------------------------------


def instance(given: Instance) -> str:
    """The question, and the agents: a row for each, or for several that are alike."""
    env = given.environment
    blocks = _lines(given)
    if given.objective.maximize != "margin":
        blocks.append(Paragraph(f"Maximise {objective_words(given.objective)}."))
    if given.source is not None:
        claim = "" if given.claim is None else f", which says: {given.claim}"
        blocks.append(Paragraph(f"Source: {given.source}{claim}."))
    named = zip(shared_names(env), env.agents, strict=True)
    alike = [[agent for _, agent in group] for _, group in groupby(named, _kind)]
    options = any(any(agent.outside) for agent in env.agents)
    head = ("agent", "types", "", "probabilities", *(["outside option"] if options else []))
    rows: list[tuple[Cell, ...]] = []
    for group in alike[:ROWS]:
        first = group[0]
        name = first.name if len(group) == 1 else f"{first.name} ... {group[-1].name}"
        outside: tuple[Cell, ...] = (_some(first.outside),) if options else ()
        rows.append((name, str(len(first.types)), _few(first.types), _some(first.probabilities), *outside))
    more = None if len(alike) <= ROWS else f"... and {len(alike) - ROWS} more"
    blocks.append(Table(head, tuple(rows), (1,), None, more))
    if len(env.outcomes) > 2:
        blocks.append(Paragraph(f"{plural(len(env.outcomes), 'outcome')}: {_few(env.outcomes)}."))
    return shown(Document(given.title or "Untitled instance", tuple(blocks)))


def _kind(named: tuple[str, Agent]) -> Hashable:
    """What agents of one row share."""
    name, agent = named
    return name, agent.types, agent.probabilities, agent.outside


def _few(words: Sequence[str]) -> str:
    return ", ".join(words) if len(words) <= FEW else f"{', '.join(words[: FEW - 1])}, ..., {words[-1]}"


def _some(numbers: Sequence[Fraction]) -> str:
    if len(set(numbers)) == 1 < len(numbers):
        return f"{brief(numbers[0])} each"
    kept = numbers if len(numbers) <= FEW else (*numbers[: FEW - 1], *numbers[-2:])
    return _few(list(map(brief, kept)))


# ---- mechanisms --------------------------------------------------------------------------------------------------------


def mechanism(found: Mechanism) -> str:
    """By type, money, the first profiles."""
    env = found.environment
    blocks: list[Block] = [Paragraph(environment_words(env))]
    if _large(found, env):
        many = show_count(found.payment_count)
        blocks.append(Paragraph(f"{many} payments, too many to be shown: to_frame() has them, by profile or type."))
    else:
        blocks += alone(found)
    return shown(Document("A mechanism", tuple(blocks)))


def _large(found: Mechanism | None, env: Environment) -> bool:
    """Whether expectations take long, or would need tables that are not there."""
    if found is None:
        return env.profile_count * len(env.agents) > ENTRIES
    return found.payment_count > (TYPES if found.compact else ENTRIES)


# ---- audits ------------------------------------------------------------------------------------------------------------


def audit(found: Audit) -> str:
    """The properties; what each type expects; money."""
    env = found.instance.environment
    told = lacking(found)
    blocks = [*_lines(found.instance), Paragraph(f"{told[0].upper()}{told[1:]}.")]
    head, *rows = properties(found)
    blocks.append(Table(head, tuple(rows)))
    people: list[tuple[Cell, ...]] = []
    for agent, interim in zip(env.agents, found.interim, strict=True):
        for label, mass, row in islice(zip(agent.types, agent.probabilities, interim, strict=True), ROWS):
            expects: tuple[Cell, ...] = ("-", "-") if row is None else (Number(row[0]), Number(row[1]))
            people.append((agent.name, label, Number(mass), *expects))
        if len(agent.types) > ROWS:
            people.append((agent.name, f"... and {len(agent.types) - ROWS} more", "", "", ""))
    names = ("agent", "type", "probability", "expected payment", "expected utility")
    blocks += [Heading("Interim, by type"), Table(names, tuple(people), (1, 2, 3, 4))]
    totals = ("Expected revenue ", Number(found.revenue, True), "; expected welfare ", Number(found.welfare, True), ".")
    gains: list[Cell] = [(f"{a.name} ", Number(u, True)) for a, u in zip(env.agents, found.rents, strict=True)]
    blocks += [Heading("Money"), Paragraph(*totals)]
    blocks.append(Paragraph("Expected gains over the outside options: ", *listed(gains[:ROWS]), "."))
    return shown(Document(f"Audit: {found.instance.title or 'untitled instance'}", tuple(blocks)))


# ---- proofs and batches ------------------------------------------------------------------------------------------------


def proof(found: Proof) -> str:
    """The claim and the first multipliers."""
    env, count = found.instance.environment, len(found.multipliers or ())
    blocks = _lines(found.instance)
    for what, number in (("margin", found.margin), ("value", None if found.value == found.margin else found.value)):
        if number is not None:
            blocks.append(Paragraph(f"{found.verdict.capitalize()}, with {what} ", Number(number, True), "."))
    if count:
        rows = tuple((m.label(env), Number(m.weight)) for m in islice(found.multipliers or (), ROWS))
        note = None if count <= ROWS else f"... and {count - ROWS:,} more: to_frame() lists them"
        blocks += [Heading("Multipliers"), Table(("constraint", "weight"), rows, (1,), None, note)]
    if any(len(members) > 1 for members in found.symmetry or ()):
        blocks.append(Paragraph("Up to relabelling identical agents (docs/proof-format.md)."))
    blocks.append(Paragraph("verify() checks it; save(path) writes the file."))
    return shown(Document(f"Proof: {found.instance.title or 'untitled instance'}", tuple(blocks)))


def batch(found: Batch) -> str:
    """How many exist, and the first of them."""
    exist, settled = int(found.exists.sum()), int(found.settled.sum())
    told = f"{plural(len(found), 'instance')} by {found.method}: {exist:,} possible, {len(found) - exist:,} impossible"
    blocks: list[Block] = [Paragraph(told + (f"; {settled:,} settled one by one." if settled else "."))]
    rows = tuple((str(r), found.verdicts[r], Number(found.margin(r), True)) for r in range(min(len(found), ROWS)))
    note = None if len(found) <= ROWS else f"... and {len(found) - ROWS:,} more: to_frame() lists them"
    blocks.append(Table(("row", "verdict", "margin"), rows, (0, 2), None, note))
    return shown(Document("A batch of bilateral trades", tuple(blocks)))
