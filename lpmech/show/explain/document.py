"""What is said about a result, before it is text, Markdown, LaTeX or HTML: headings, paragraphs, tables, sums, formulas.

A document is made once and rendered by the four files beside this one. Numbers stay exact in it: how they are shown is the
renderer's business, with the rule of ``lpmech.show.explain.words``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

Exact = Fraction | float
"""A Fraction, or an infinity."""


@dataclass(frozen=True)
class Number:
    """An exact number in a text; ``decimal``: with its decimal beside it, where the two differ."""

    value: Exact
    decimal: bool = False


@dataclass(frozen=True)
class Formula:
    """A formula, as plain ASCII and as TeX."""

    plain: str
    tex: str


Span = str | Number | Formula
Cell = Span | tuple[Span, ...]


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 is the document's."""

    text: str
    level: int = 2


@dataclass(frozen=True)
class Paragraph:
    """Running text; ``lines`` of their own where they are short statements that belong together."""

    spans: tuple[Span, ...]

    def __init__(self, *spans: Span) -> None:
        object.__setattr__(self, "spans", spans)


@dataclass(frozen=True)
class Points:
    """A list, one point a line."""

    points: tuple[tuple[Span, ...], ...]


@dataclass(frozen=True)
class Table:
    """Rows under a head; ``total`` is a last row below a rule, ``note`` says what was left out. Columns whose number is in
    ``amounts`` are set flush right."""

    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    amounts: tuple[int, ...] = ()
    total: tuple[Cell, ...] | None = None
    note: str | None = None


@dataclass(frozen=True)
class Sum:
    """Amounts with what they are, one below the other, and below a rule what they add up to."""

    terms: tuple[tuple[Exact, Cell], ...]
    total: tuple[Exact, Cell]

    def table(self, *head: str) -> Table:
        """As a table of two columns, amounts flush right."""
        rows = tuple((Number(x), what) for x, what in self.terms)
        return Table(head, rows, (0,), (Number(self.total[0]), self.total[1]))


Block = Heading | Paragraph | Points | Table | Sum


@dataclass(frozen=True)
class Document:
    """A title and what follows."""

    title: str
    blocks: tuple[Block, ...]


def spans(cell: Cell) -> tuple[Span, ...]:
    """A cell as a sequence."""
    return cell if isinstance(cell, tuple) else (cell,)


def listed(words: Sequence[Cell]) -> list[Span]:
    """ "a, b and c"."""
    out: list[Span] = []
    for number, word in enumerate(words):
        if number:
            out.append(" and " if number == len(words) - 1 else ", ")
        out += spans(word)
    return out


def joined(cells: Iterable[Cell]) -> tuple[Span, ...]:
    """One after the other."""
    return tuple(span for cell in cells for span in spans(cell))
