"""Documents as plain text."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from lpmech.explain.document import (
    Block,
    Cell,
    Document,
    Formula,
    Heading,
    Number,
    Paragraph,
    Points,
    Sum,
    spans,
)
from lpmech.explain.words import amount, brief

WIDTH = 110


def render(document: Document) -> str:
    """The whole text."""
    return "\n\n".join([document.title, *(_block(block) for block in document.blocks)])


def inline(cell: Cell) -> str:
    """A cell or a paragraph on one line."""
    out = []
    for span in spans(cell):
        if isinstance(span, Number):
            out.append(amount(span.value) if span.decimal else brief(span.value))
        else:
            out.append(span.plain if isinstance(span, Formula) else span)
    return "".join(out)


def _block(block: Block) -> str:
    if isinstance(block, Heading):
        return f"{block.text}\n{'-' * len(block.text)}"
    if isinstance(block, Paragraph):
        return "\n".join(
            wrap(inline(block.spans), WIDTH, break_long_words=False, break_on_hyphens=False, subsequent_indent="")
        )
    if isinstance(block, Points):
        return "\n".join(f"  {line}" for point in block.points for line in _point(inline(point)))
    if isinstance(block, Sum):
        terms = [(inline(Number(x)), inline(what)) for x, what in block.terms]
        total = (inline(Number(block.total[0])), inline(block.total[1]))
        return "\n".join(_grid(terms, (0,), total))
    rows = [tuple(map(inline, row)) for row in block.rows]
    last = None if block.total is None else tuple(map(inline, block.total))
    return "\n".join(_grid(rows, block.amounts, last, block.head, block.note))


def _point(text: str) -> list[str]:
    return [
        ("- " if not n else "  ") + line
        for n, line in enumerate(wrap(text, WIDTH - 4, break_long_words=False, break_on_hyphens=False))
    ]


def _grid(
    rows: Sequence[tuple[str, ...]],
    right: Sequence[int],
    total: tuple[str, ...] | None,
    head: tuple[str, ...] | None = None,
    note: str | None = None,
) -> list[str]:
    every = [*([head] if head else []), *rows, *([total] if total else [])]
    widths = [max(len(row[c]) for row in every) for c in range(len(every[0]))]

    def line(row: tuple[str, ...]) -> str:
        cells = (x.rjust(w) if c in right else x.ljust(w) for c, (x, w) in enumerate(zip(row, widths, strict=True)))
        return ("  " + "   ".join(cells)).rstrip()

    out = [line(row) for row in every]
    if total:
        out.insert(len(out) - 1, "  " + "-" * (sum(widths) + 3 * len(widths) - 3))
    return [*out, f"  {note}"] if note else out
