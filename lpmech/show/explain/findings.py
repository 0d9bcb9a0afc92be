"""Which requirement is to blame, as a document: what happens without each, what each costs, what would help."""

from __future__ import annotations

import math
from fractions import Fraction

from lpmech.question.words import objective_words, question
from lpmech.show.explain.document import Block, Cell, Document, Heading, Number, Paragraph, Points, Span, Table, listed
from lpmech.show.explain.subsidies import curve
from lpmech.studies.blame import Blame, difference


def document(found: Blame) -> Document:
    """The question and the findings."""
    blocks: list[Block] = [Paragraph(line) for line in question(found.instance)]
    if found.instance.objective.maximize != "margin":
        blocks.append(Paragraph(f"To be maximised: {objective_words(found.instance.objective)}."))
    return Document(found.instance.title or "Untitled instance", (*blocks, *_findings(found)))


def _findings(found: Blame) -> list[Block]:
    blocks: list[Block]
    if found.result.verdict == "exists":
        blocks = [Paragraph("All requirements can be met together: none is to blame.")]
        if found.instance.objective.maximize != "margin" and found.result.value is not None:
            blocks += _objective(found)
        return [*blocks, *_welfare(found)]
    if found.result.verdict == "undecided":
        return [Paragraph(f"Undecided: {found.result.reason}.")]
    blocks = [Paragraph("No mechanism meets all requirements."), Heading("Which requirement is to blame")]
    blocks.append(_changes("without", found, False))
    if found.conflicts is None:
        blocks.append(Paragraph("Which sets of requirements conflict was not decided: some programs are too large."))
    else:
        points = tuple(tuple(listed(conflict)) for conflict in found.conflicts)
        ends = "cannot be met together, though any smaller set of them can"
        said = "These requirements" if len(points) == 1 else "Each of these sets of requirements"
        blocks += [Paragraph(f"{said} {ends}:"), Points(points)]
    blocks += [Heading("What each requirement costs"), _prices(found), Heading("What would help"), _subsidy(found)]
    if found.weakened:
        blocks.append(_changes("instead of", found, True))
    blocks += _welfare(found)
    if found.frontier is not None:
        blocks += [Heading("Welfare against subsidy"), *curve(found.frontier)]
    return blocks


def _prices(found: Blame) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for price in found.prices:
        if price.amount is None:
            rows.append((price.requirement, "", "not decided: too large"))
        elif price.amount == math.inf and price.compensates:
            rows.append((price.requirement, "none", f"{price.what}: no amount is enough"))
        else:
            rows.append((price.requirement, Number(price.amount), price.what))
    return Table(("requirement", "price", "what it is"), tuple(rows), (1,))


def _objective(found: Blame) -> list[Block]:
    """The objective asked: how much there is, what each requirement costs of it, what weaker ones would bring."""
    words, value = objective_words(found.instance.objective), found.result.value
    assert value is not None  # of a result that exists, with another objective than the margin
    blocks: list[Block] = [Paragraph(f"The largest {words} is ", Number(value, True), ".")]
    if found.dropped:
        blocks += [Heading("What each requirement costs"), _changes("without", found, False)]
    if found.weakened:
        blocks += [Heading("What weaker requirements would bring"), _changes("instead of", found, True)]
    return [*blocks, Heading("Welfare")]


def _subsidy(found: Blame) -> Block:
    subsidy = found.subsidy
    if isinstance(subsidy, Fraction):
        return Paragraph("A subsidy of ", Number(subsidy, True), " from outside.")
    return Paragraph("No subsidy does.")


def _changes(head: str, found: Blame, weaker: bool) -> Table:
    """What happens without each requirement, or with a weaker one: margins, and how much larger they are, if there is no
    mechanism; the objective asked, if it is another; how much more of it, if there is one."""
    rows, held, failed = [], found.result.margin, found.result.verdict == "impossible"
    other = found.instance.objective.maximize != "margin"
    heads = ["a mechanism"]
    heads += ["margin", "gained"] if failed else []
    heads += [f"largest {objective_words(found.instance.objective)}"] if other else []
    heads += [] if failed else ["gained"]
    for change in found.weakened if weaker else found.dropped:
        first: tuple[Cell, ...] = (change.requirement, change.instead) if weaker else (change.requirement,)
        if change.result is None:
            rows.append((*first, "not decided: too large", *[""] * (len(heads) - 1)))
            continue
        cells: list[Cell] = [change.result.verdict]
        if failed:
            margin = change.margin
            cells.append(_cell(margin))
            cells.append(_cell(None if margin is None or held is None else difference(margin, held)))
        if other:
            cells.append(_cell(change.result.value))
        if not failed:
            cells.append(_cell(found.gained(change)))
        rows.append((*first, *cells))
    columns = (head, "ask for") if weaker else (head,)
    amounts = tuple(range(len(columns) + 1, len(columns) + len(heads)))
    return Table((*columns, *heads), tuple(rows), amounts)


def _cell(x: Fraction | float | None) -> Cell:
    return "" if x is None else Number(x)


def _welfare(found: Blame) -> list[Block]:
    if found.second_best is None or found.first_best is None:
        return [Paragraph("The second best was not computed: its program is too large, or it has no mechanism.")]
    first, second, gap = found.first_best, found.second_best, found.first_best - found.second_best
    if gap == 0:
        return [Paragraph("Expected welfare can be that of the first best, ", Number(first, True), ".")]
    spans: list[Span] = ["If the allocation is free, the second best is an expected welfare of ", Number(second, True)]
    spans += [", where the first best has ", Number(first, True), ": ", Number(gap, True), " has to be given up."]
    blocks: list[Block] = [Paragraph(*spans)]
    if found.share is not None:
        over = "" if found.status_quo == 0 else " of the gains over what the agents have without a mechanism"
        blocks.append(Paragraph("The share that is left", over, " is ", Number(found.share, True), "."))
    return blocks
