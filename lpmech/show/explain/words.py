"""The field's words for exact amounts, and what lines of text are made of."""

from __future__ import annotations

from fractions import Fraction

from lpmech.base.exact import decimal, show

LONGEST = 40
"""Longest exact number shown in running text; longer ones are shown as decimals and kept exact in the proof."""


def too_long(x: Fraction | float) -> bool:
    """Whether a number is shown as a decimal."""
    return len(show(x)) > LONGEST


def amount(x: Fraction | float) -> str:
    """An exact number with its decimal when the two differ: ``-49/600 = -0.0816667``."""
    text = show(x)
    if isinstance(x, float) or x.denominator == 1:
        return text
    rounded = f"{decimal(x):.6g}"
    if too_long(x):
        return f"about {rounded} (exact: {len(text)} digits, in the proof)"
    return f"{text} = {rounded}" if Fraction(rounded) == x else f"{text} ≈ {rounded}"


def brief(x: Fraction | float) -> str:
    """An exact number for a table: ``-49/600``; as a decimal, ``≈ 0.1234567891``, if it is long."""
    text = show(x)
    return f"≈ {decimal(x):.10g}" if too_long(x) else text


def aligned(rows: list[tuple[str, ...]]) -> list[str]:
    """Lines of a table with a header; rows of another length are printed as they are."""
    full = [row for row in rows if len(row) == len(rows[0])]
    widths = [max(len(row[c]) for row in full) for c in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = row if len(row) != len(widths) else [cell.ljust(w) for cell, w in zip(row, widths, strict=True)]
        lines.append(("  " + "   ".join(cells)).rstrip())
    return lines


def person(name: str) -> str:
    """An agent in a sentence: "the buyer", "agent-3"."""
    return f"the {name}" if name in {"buyer", "seller"} else name


def plural(n: int, one: str, many: str | None = None) -> str:
    """ "1 constraint", "3 constraints"."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"
