"""Documents as HTML: one page without anything to load, or the part of it that a notebook shows."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from lpmech.base.exact import show
from lpmech.show.explain import text
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
from lpmech.show.explain.words import too_long

STYLE = """
.lpmech { font: 16px/1.5 Georgia, 'Times New Roman', serif; color: #202124; background: #fff;
  max-width: 52em; padding: 0.5em 1em; }
.lpmech h1 { font-size: 1.5em; line-height: 1.25; margin: 0.6em 0; }
.lpmech h2 { font-size: 1.15em; margin: 1.6em 0 0.4em; }
.lpmech h3 { font-size: 1em; margin: 1.2em 0 0.3em; }
.lpmech div { overflow-x: auto; }
.lpmech table { border-collapse: collapse; font-size: 0.92em; margin: 0.6em 0; font-variant-numeric: tabular-nums; }
.lpmech th, .lpmech td { text-align: left; padding: 0.15em 1.2em 0.15em 0; white-space: nowrap;
  border: 0; background: none; }
.lpmech th { border-bottom: 1px solid #80868b; font-weight: 600; }
.lpmech .n { text-align: right; }
.lpmech .total td { border-top: 1px solid #80868b; font-weight: 600; }
.lpmech .exists { background: #e6f4ea; } .lpmech .impossible { background: #fce8e6; }
.lpmech .undecided { background: #fef7e0; }
.lpmech .verdicts td, .lpmech .verdicts th { padding: 0.15em 0.8em; border-bottom: 1px solid #dadce0; }
.lpmech .formula { font-style: italic; } .lpmech sub { font-style: normal; font-size: 0.75em; line-height: 1; }
.lpmech .note { color: #5f6368; font-size: 0.9em; }
"""
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>body {{ margin: 0 auto; max-width: 54em; }}</style>
</head>
<body>
{body}
</body>
</html>"""


def render(document: Document) -> str:
    """A whole page."""
    return PAGE.format(title=escape(document.title), body=fragment(document))


def fragment(document: Document) -> str:
    """What goes into a page, with its style."""
    return framed(document.title, body(document.blocks))


def framed(title: str, inner: str) -> str:
    """A title and what follows, in the one style there is."""
    return f'<div class="lpmech"><style>{STYLE}</style>\n<h1>{escape(title)}</h1>\n{inner}\n</div>'


def body(blocks: Iterable[Block]) -> str:
    """Blocks without title and style."""
    return "\n".join(_block(block) for block in blocks)


def _inline(cell: Cell) -> str:
    """Numbers shown as decimals have the exact one where the pointer rests."""
    out = []
    for span in spans(cell):
        if isinstance(span, Formula):
            out.append(_formula(span))
            continue
        shown = escape(text.inline(span)).replace("&lt;=", "≤").replace("&gt;=", "≥").replace("-&gt;", "→")
        if isinstance(span, Number):
            shown = shown.replace("-", "\u2212")
            if too_long(span.value) and len(show(span.value)) < 2000:
                shown = f'<span title="{show(span.value)}">{shown}</span>'
        out.append(shown)
    return "".join(out)


def _formula(formula: Formula) -> str:
    """Its plain form with subscripts set low, and signs in place of words."""
    shown = escape(formula.plain).replace("-", "\u2212")
    shown = re.sub(r"_(?:\{([^}]*)\}|(\w))", lambda m: f"<sub>{m[1] or m[2]}</sub>", shown)
    shown = re.sub(r"\bsum(?=<sub>)", "\u2211", shown)
    return f'<span class="formula">{shown}</span>'


def _block(block: Block) -> str:
    if isinstance(block, Heading):
        return f"<h{block.level}>{escape(block.text)}</h{block.level}>"
    if isinstance(block, Paragraph):
        return f"<p>{_inline(block.spans)}</p>"
    if isinstance(block, Points):
        return "<ul>" + "".join(f"<li>{_inline(point)}</li>" for point in block.points) + "</ul>"
    return _table(block.table() if isinstance(block, Sum) else block)


def _table(table: Table) -> str:
    def row(cells: tuple[Cell, ...], name: str = "") -> str:
        inner = "".join(
            f'<td class="n">{_inline(cell)}</td>' if c in table.amounts else f"<td>{_inline(cell)}</td>"
            for c, cell in enumerate(cells)
        )
        return f"<tr{name}>{inner}</tr>"

    heads = (
        f'<th class="n">{escape(name)}</th>' if c in table.amounts else f"<th>{escape(name)}</th>"
        for c, name in enumerate(table.head)
    )
    head = f"<thead><tr>{''.join(heads)}</tr></thead>" if table.head else ""
    body = "".join(map(row, table.rows)) + (row(table.total, ' class="total"') if table.total is not None else "")
    note = "" if table.note is None else f'<p class="note">{escape(table.note)}</p>'
    return f"<div><table>{head}<tbody>{body}</tbody></table></div>{note}"
