"""Existence tables for people: a mark and a margin in each cell, as Markdown, LaTeX and HTML."""

from __future__ import annotations

from html import escape

from lpmech.base.exact import decimal, show
from lpmech.question.constraints import named
from lpmech.question.words import allocation_words, environment_words
from lpmech.show.explain.booktabs import tabular, tex
from lpmech.show.explain.html import framed
from lpmech.studies.existence import INCENTIVES, PARTICIPATION, Cell, ExistenceTable

LONGEST = 14
"""Longest exact margin shown in a cell; longer ones are shown as decimals (JSON has them all)."""


def markdown(found: ExistenceTable) -> str:
    """A table for a README or a notebook."""
    names = [_heading(budget, transfers) for budget, transfers in found.columns]
    lines = ["| | IR | " + " | ".join(names) + " |", "|---" * (len(names) + 2) + "|"]
    for ic, ir, cells in found.rows():
        shown = (f"{mark(cell)} {margin_text(cell)}".strip() for cell in cells)
        lines.append(f"| {ic if ir == PARTICIPATION[0] else ''} | {participation_text(ir)} | {' | '.join(shown)} |")
    return "\n".join(lines)


def latex(found: ExistenceTable, decimals: int | None) -> str:
    """A booktabs table (packages booktabs and amssymb); margins as fractions, or rounded to so many decimals."""
    columns, lines = found.columns, list[str]()
    heads = [budget.replace("-", " ") for budget, _ in columns]
    if (wide := len(columns) // len({transfers for _, transfers in columns})) < len(columns):
        both = rf"\multicolumn{{{wide}}}{{c}}{{any transfers}} & \multicolumn{{{wide}}}{{c}}{{Groves}}"
        lines += [rf" & & {both} \\", rf"\cmidrule(lr){{3-{wide + 2}}}\cmidrule(lr){{{wide + 3}-{2 * wide + 2}}}"]
        lines.append(" & & " + " & ".join(head.rpartition(" ")[0] for head in heads) + r" \\")
        heads = [head.rpartition(" ")[2] for head in heads]
    lines.append(" & IR & " + " & ".join(heads) + r" \\")
    groups: dict[str, list[list[str]]] = {ic: [] for ic in INCENTIVES}
    for ic, ir, cells in found.rows():
        shown = (f"{_tex_mark(cell)} {_tex_margin(cell, decimals)}".strip() for cell in cells)
        groups[ic].append(["" if groups[ic] else ic, participation_text(ir), *shown])
    return tabular(lines, "ll" + "r" * len(columns), list(groups.values()))


def html(found: ExistenceTable) -> str:
    """The table in a notebook, coloured by verdict."""
    head = "".join(f"<th>{escape(_heading(*column))}</th>" for column in found.columns)
    body = []
    for ic, ir, cells in found.rows():
        shown = (
            f'<td class="{cell.verdict}" title="{cell.verdict}">{mark(cell)} {escape(margin_text(cell))}</td>'
            for cell in cells
        )
        body.append(f"<tr><th>{ic}</th><th>{participation_text(ir)}</th>{''.join(shown)}</tr>")
    table = f"<thead><tr><th></th><th>IR</th>{head}</tr></thead><tbody>{''.join(body)}</tbody>"
    about = f"{environment_words(found.instance.environment)}; {allocation_words(found.instance)}"
    inner = f'<p>{escape(about)}</p>\n<div><table class="verdicts">{table}</table></div>'
    return framed(found.instance.title or "Untitled instance", inner)


def mark(cell: Cell) -> str:
    return {"exists": "✓", "impossible": "✗", "undecided": "?"}[cell.verdict]


def margin_text(cell: Cell) -> str:
    if cell.margin is None:
        return "" if cell.result is not None else "too large"
    text = show(cell.margin)
    return text if len(text) <= LONGEST else f"{decimal(cell.margin):.6g}"


def participation_text(ir: str) -> str:
    return ir.replace("-", " ")


def participation_title(ir: str) -> str:
    """The constraint's name in a heading of its own: "interim IR"; "none" where nothing is asked."""
    rule = named("individual_rationality", ir)
    return "none" if rule is None else rule.title


def _heading(budget: str, transfers: str) -> str:
    return budget.replace("-", " ") + (", Groves" if transfers == "groves" else "")


def _tex_mark(cell: Cell) -> str:
    return {"exists": r"\checkmark", "impossible": r"$\times$", "undecided": "?"}[cell.verdict]


def _tex_margin(cell: Cell, decimals: int | None) -> str:
    if cell.margin is None:
        return ""
    long = decimals is None and len(show(cell.margin)) > LONGEST
    return f"${decimal(cell.margin):.6g}$" if long else tex(cell.margin, decimals)
