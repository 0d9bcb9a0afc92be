"""Documents as plain text."""

from __future__ import annotations

from textwrap import wrap

from lpmech.show.explain.document import (
    Block,
    Cell,
    Document,
    Formula,
    Heading,
    Number,
    Paragraph,
    Points,
    Sum,
    Table,
    spans,
)
from lpmech.show.explain.words import amount, brief

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
    return "\n".join(_grid(block.table() if isinstance(block, Sum) else block))


def _point(text: str) -> list[str]:
    return [
        ("- " if not n else "  ") + line
        for n, line in enumerate(wrap(text, WIDTH - 4, break_long_words=False, break_on_hyphens=False))
    ]


def _grid(table: Table) -> list[str]:
    total = None if table.total is None else tuple(map(inline, table.total))
    every = [*([table.head] if table.head else []), *(tuple(map(inline, row)) for row in table.rows)]
    every += [total] if total else []
    widths = [max(len(row[c]) for row in every) for c in range(len(every[0]))]

    def line(row: tuple[str, ...]) -> str:
        pairs = enumerate(zip(row, widths, strict=True))
        cells = (x.rjust(w) if c in table.amounts else x.ljust(w) for c, (x, w) in pairs)
        return ("  " + "   ".join(cells)).rstrip()

    out = [line(row) for row in every]
    if total:
        out.insert(len(out) - 1, "  " + "-" * (sum(widths) + 3 * len(widths) - 3))
    return [*out, f"  {table.note}"] if table.note else out
