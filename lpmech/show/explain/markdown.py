"""Documents as Markdown, with tables as GitHub has them."""

from __future__ import annotations

import re

from lpmech.show.explain import text
from lpmech.show.explain.document import Block, Cell, Document, Heading, Paragraph, Points, Sum, Table


def render(document: Document) -> str:
    """The whole text; its title is a heading of the first level."""
    return "\n\n".join([f"# {_escaped(document.title)}", *(_block(block) for block in document.blocks)])


def _inline(cell: Cell) -> str:
    return _escaped(text.inline(cell))


def _escaped(words: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>|#&~$])", r"\\\1", words)


def _block(block: Block) -> str:
    if isinstance(block, Heading):
        return f"{'#' * block.level} {_escaped(block.text)}"
    if isinstance(block, Paragraph):
        return _inline(block.spans)
    if isinstance(block, Points):
        return "\n".join(f"- {_inline(point)}" for point in block.points)
    return _table(block.table("amount", "what") if isinstance(block, Sum) else block)


def _table(table: Table) -> str:
    lines = [
        [_escaped(name) for name in table.head],
        ["---:" if c in table.amounts else "---" for c in range(len(table.head))],
        *([_inline(cell) for cell in row] for row in table.rows),
    ]
    if table.total is not None:
        bold = [_inline(cell) for cell in table.total]
        lines.append([f"**{cell}**" if cell else "" for cell in bold])
    out = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    return out if table.note is None else f"{out}\n\n{_escaped(table.note)}"
