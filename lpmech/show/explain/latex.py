"""Documents as LaTeX: a whole article that needs amsmath and longtable, fractions as ``\\frac``."""

from __future__ import annotations

import re
from fractions import Fraction

from lpmech.base.exact import decimal
from lpmech.show.explain.document import (
    Block,
    Cell,
    Document,
    Exact,
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

HEAD = r"""\documentclass{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{amsmath}
\usepackage{longtable}
\usepackage[margin=2.5cm]{geometry}
\setlength{\parindent}{0pt}
\setlength{\parskip}{0.6em}
\renewcommand{\arraystretch}{1.3}
\begin{document}
"""

SPECIAL = {
    "\\": r"\textbackslash{}",
    "≈": r"$\approx$",
    "->": r"$\to$",
    ">=": r"$\ge$",
    "<=": r"$\le$",
    "<": r"$<$",
    ">": r"$>$",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "|": r"$\mid$",
    "[": "{[}",  # after a line's end it would open an option, and a star would be one
    "*": "{*}",
} | {c: f"\\{c}" for c in "&%$#_{}"}
PATTERN = re.compile("|".join(re.escape(key) for key in sorted(SPECIAL, key=len, reverse=True)))


def render(document: Document) -> str:
    """The whole file."""
    body = "\n\n".join(_block(block) for block in document.blocks)
    return f"{HEAD}\n\\section*{{{escaped(document.title)}}}\n\n{body}\n\n\\end{{document}}"


def number(x: Exact) -> str:
    """TeX of an exact number, without dollars: ``-\\frac{49}{600}``; long ones as decimals."""
    if isinstance(x, float):
        return r"\infty" if x > 0 else r"-\infty"
    if too_long(x):
        return rf"{{\approx}}{decimal(x):.10g}"
    top = str(abs(x.numerator)) if x.denominator == 1 else rf"\frac{{{abs(x.numerator)}}}{{{x.denominator}}}"
    return f"-{top}" if x < 0 else top


def with_decimal(x: Exact) -> str:
    """The same, with its decimal beside it where the two differ."""
    if isinstance(x, float) or x.denominator == 1 or too_long(x):
        return number(x)
    rounded = f"{decimal(x):.6g}"
    relation = "=" if Fraction(rounded) == x else r"\approx"
    return f"{number(x)} {relation} {rounded}"


def escaped(words: str) -> str:
    """Text that TeX takes as it is; letters that its font lacks become question marks."""
    told = PATTERN.sub(lambda found: SPECIAL[found[0]], words)
    return "".join(c if ord(c) < 0x180 else "?" for c in told)


def _inline(cell: Cell) -> str:
    out = []
    for span in spans(cell):
        if isinstance(span, Number):
            out.append(f"${with_decimal(span.value) if span.decimal else number(span.value)}$")
        else:
            out.append(f"${span.tex}$" if isinstance(span, Formula) else escaped(span))
    return "".join(out)


def _block(block: Block) -> str:
    if isinstance(block, Heading):
        return rf"\subsection*{{{escaped(block.text)}}}"
    if isinstance(block, Paragraph):
        return _inline(block.spans)
    if isinstance(block, Points):
        points = "\n".join(rf"\item {_inline(point)}" for point in block.points)
        return f"\\begin{{itemize}}\n{points}\n\\end{{itemize}}"
    return _table(block.table() if isinstance(block, Sum) else block)


def _table(table: Table) -> str:
    width = len(table.head or (table.rows[0] if table.rows else table.total) or ())
    columns = "".join("r" if c in table.amounts else "l" for c in range(width))
    lines = [rf"\begin{{longtable}}{{{columns}}}"]
    if table.head:
        lines += [" & ".join(map(escaped, table.head)) + r" \\", r"\hline", r"\endhead"]
    lines += [" & ".join(map(_inline, row)) + r" \\" for row in table.rows]
    if table.total is not None:
        lines += [r"\hline", " & ".join(map(_inline, table.total)) + r" \\"]
    out = "\n".join([*lines, r"\end{longtable}"])
    return out if table.note is None else f"{out}\n\n{escaped(table.note)}"
