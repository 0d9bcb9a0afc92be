"""The field's words for exact amounts, and what lines of text are made of."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from lpmech.base.exact import LONGEST as LONGEST
from lpmech.base.exact import brief as brief
from lpmech.base.exact import decimal, show
from lpmech.base.exact import too_long as too_long
from lpmech.question.environment import Environment
from lpmech.question.words import shared_names


def amount(x: Fraction | float) -> str:
    """An exact number with its decimal when the two differ: ``-49/600 = -0.0816667``."""
    text = show(x)
    if isinstance(x, float) or x.denominator == 1:
        return text
    rounded = f"{decimal(x):.6g}"
    if too_long(x):
        return f"about {rounded} (exact: {len(text)} digits, in the proof)"
    return f"{text} = {rounded}" if Fraction(rounded) == x else f"{text} ≈ {rounded}"


def together(env: Environment, members: Sequence[int]) -> str:
    """Several agents in a sentence: "the 3 buyers together", "ann, bob and covid-19 together"."""
    shared = {shared_names(env)[i] for i in members}
    if len(shared) == 1:
        return f"the {plural(len(members), next(iter(shared)))} together"
    *names, last = (env.agents[i].name for i in members)
    return f"{', '.join(names)} and {last} together"


def aligned(rows: list[tuple[str, ...]]) -> list[str]:
    """Lines of a table with a header; rows of another length are printed as they are."""
    full = [row for row in rows if len(row) == len(rows[0])]
    widths = [max(len(row[c]) for row in full) for c in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = row if len(row) != len(widths) else [cell.ljust(w) for cell, w in zip(row, widths, strict=True)]
        lines.append(("  " + "   ".join(cells)).rstrip())
    return lines


def apart(type_name: str) -> str:
    """A type among others: "3", and "(3, 1)" where its name is a list itself."""
    return f"({type_name})" if ", " in type_name else type_name


def person(name: str) -> str:
    """An agent in a sentence: "the buyer", "agent-3"."""
    return f"the {name}" if name in {"buyer", "seller"} else name


def plural(n: int, one: str, many: str | None = None) -> str:
    """ "1 constraint", "3 constraints"."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"
