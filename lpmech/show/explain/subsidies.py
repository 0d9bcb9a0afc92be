"""The frontier of welfare against subsidy for people: the corners of the curve, and what they mean."""

from __future__ import annotations

from lpmech.question.words import question
from lpmech.show.explain.document import Block, Cell, Document, Number, Paragraph, Table
from lpmech.studies.subsidies import Frontier


def document(found: Frontier, *, everything: bool = True) -> Document:
    """The question, with any allocation, and the curve."""
    free = found.instance.with_requirements(allocation="free", ties="any")
    blocks: list[Block] = [Paragraph(line) for line in question(free)]
    return Document(found.instance.title or "Untitled instance", (*blocks, *curve(found, everything=everything)))


def curve(found: Frontier, *, everything: bool = False, most: int = 12) -> list[Block]:
    """What is said about it, and its corners; of more than ``most`` the first ones and the last unless asked for all."""
    first, last = found.points[0], found.points[-1]
    blocks: list[Block] = []
    if first.subsidy > 0:
        least = Number(first.subsidy, True)
        blocks.append(Paragraph("No allocation at all can be had with a subsidy of less than ", least, "."))
    if len(found) == 1:
        when = (" with the subsidy ", Number(first.subsidy, True)) if first.subsidy > 0 else (" without any subsidy",)
        blocks.append(Paragraph("The largest expected welfare is ", Number(first.welfare, True), *when, "."))
    else:
        blocks.append(
            Paragraph(
                "The largest expected welfare as the subsidy rises, straight between two rows of the table; the slope is"
                " what one more unit of subsidy adds to it:"
            )
        )
        blocks.append(_corners(found, everything, most))
    if last.welfare < found.first_best:
        best = Number(found.first_best, True)
        blocks.append(Paragraph("No subsidy, however large, brings the first best, ", best, "."))
    else:
        blocks.append(
            Paragraph(
                "That is the first best; a larger subsidy brings no more."
                if len(found) == 1
                else "With the last subsidy welfare is that of the first best; a larger one brings no more."
            )
        )
    return blocks


def _corners(found: Frontier, everything: bool, most: int) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (Number(row["subsidy"]), Number(row["welfare"]), Number(row["loss"]), Number(row["slope"]))
        for row in found.rows
    ]
    cut = not everything and len(rows) > most
    note = f"... and {len(rows) - most} more between the last two (lpmech frontier lists them)" if cut else None
    if cut:
        rows = [*rows[: most - 1], rows[-1]]
    head = ("subsidy", "welfare", "less than the first best by", "slope from here")
    return Table(head, tuple(rows), (0, 1, 2, 3), None, note)
