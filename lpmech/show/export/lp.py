r"""LP format (CPLEX): one constraint a line, read by most solvers and by people.

Sections Maximize, Subject To, Bounds (free), End. Lines that start with \ are comments.
"""

from __future__ import annotations

from lpmech.question.model import Instance
from lpmech.show.export._program import Line, program_text

WIDTH = 200
"""Longest line; readers take 255 characters or more."""


def write(instance: Instance, method: str | None) -> str:
    """The program of a formulation, the full one by default."""
    text = program_text(instance, method)
    constant = text.objective.bound
    out = [f"\\ {line}" for line in text.comments()]
    out += ["Maximize", *_wrapped(_sum(text.objective, text.columns), "" if constant == "0" else _negative(constant))]
    out.append("Subject To")
    for row in text.rows:
        if row.rounded:
            out.append(f"\\ rounded, times {row.factor}:")
        out += _wrapped(_sum(row, text.columns), f"{'=' if row.equality else '>='} {row.bound}")
    out += ["Bounds", *(f" {name} free" for name in text.columns), "End"]
    return "\n".join(out) + "\n"


def _negative(number: str) -> str:
    """Minus a number, with its sign."""
    return f"+ {number[1:]}" if number.startswith("-") else f"- {number}"


def _sum(row: Line, columns: tuple[str, ...]) -> list[str]:
    terms = row.terms or ((0, "0"),)  # the format has no empty rows
    signed = [f"{'-' if x.startswith('-') else '+'} {x.lstrip('-')} {columns[j]}" for j, x in terms]
    return [f"{row.name}:", *signed]


def _wrapped(words: list[str], end: str) -> list[str]:
    lines, line = [], ""
    for word in [*words, end]:
        if len(line) + len(word) > WIDTH:
            lines.append(line)
            line = "  "
        line += f" {word}" if word else ""
    return [*lines, line]


def check(file: str) -> str:
    """For people."""
    return f"solve it with any linear programming solver, for example: highs {file}"
