"""MPS, free format: read by nearly every linear programming solver.

Sections NAME, OBJSENSE (MAX), ROWS, COLUMNS, RHS, BOUNDS (FR), ENDATA. A constant of the objective is minus its right-hand
side, as readers have it. Lines that start with * are comments.
"""

from __future__ import annotations

from lpmech.question.model import Instance
from lpmech.show.export._program import program_text


def write(instance: Instance, method: str | None) -> str:
    """The program of a formulation, the full one by default."""
    text = program_text(instance, method)
    out = [f"* {line}" for line in text.comments()]
    out += ["NAME lpmech", "OBJSENSE", "    MAX", "ROWS", " N  objective"]
    entries: list[list[str]] = [[] for _ in text.columns]
    rhs = []
    for row in (text.objective, *text.rows):
        if row.rounded:
            out.append(f"* rounded, times {row.factor}:")
        if row is not text.objective:
            out.append(f" {'E' if row.equality else 'G'}  {row.name}")
        for column, number in row.terms:
            entries[column].append(f"    {text.columns[column]}  {row.name}  {number}")
        if row.bound != "0":
            rhs.append(f"    RHS  {row.name}  {row.bound}")
    out.append("COLUMNS")
    for name, lines in zip(text.columns, entries, strict=True):
        out += lines or [f"    {name}  objective  0"]
    out += ["RHS", *rhs, "BOUNDS", *(f" FR BOUND  {name}" for name in text.columns), "ENDATA"]
    return "\n".join(out) + "\n"


def check(file: str) -> str:
    """For people."""
    return f"solve it with any linear programming solver, for example: highs {file}"
