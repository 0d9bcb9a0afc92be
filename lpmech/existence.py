"""The existence table: every combination of incentive, participation and budget notion on one environment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from html import escape
from typing import Any

from lpmech.errors import TooLargeError
from lpmech.exact import decimal, show
from lpmech.explain.booktabs import tabular, tex
from lpmech.explain.html import framed
from lpmech.explain.words import allocation_words, environment_words
from lpmech.model import Instance, asked
from lpmech.requirements import Objective
from lpmech.result import Result

INCENTIVES = ("BIC", "DSIC")
PARTICIPATION = ("ex-ante", "interim", "ex-post", "none")
BUDGETS = ("no-expected-deficit", "no-deficit", "balanced")
LONGEST = 14
"""Longest exact margin shown in a cell; longer ones are shown as decimals (JSON has them all)."""


@dataclass(frozen=True)
class Cell:
    """One combination, and what was found; without a result, ``reason`` says why it was not tried."""

    incentive_compatibility: str
    individual_rationality: str
    budget: str
    transfers: str
    result: Result | None
    reason: str | None = None

    @property
    def verdict(self) -> str:
        """ "exists", "impossible" or "undecided"."""
        return "undecided" if self.result is None else self.result.verdict

    @property
    def margin(self) -> Fraction | float | None:
        """Exact margin (C9)."""
        return None if self.result is None else self.result.margin

    def table(self) -> dict[str, Any]:
        """As in ``lpmech table --format json``."""
        out: dict[str, Any] = {
            "incentive_compatibility": self.incentive_compatibility,
            "individual_rationality": self.individual_rationality,
            "budget": self.budget,
            "transfers": self.transfers,
            "verdict": self.verdict,
            "margin": None if self.margin is None else show(self.margin),
            "method": None if self.result is None else self.result.method,
            "proved": self.result is not None and self.result.proved,
        }
        reason = self.reason or (None if self.result is None else self.result.reason)
        return out if reason is None else out | {"reason": reason}


@dataclass(frozen=True)
class ExistenceTable:
    """Cells for all combinations, with any transfers and, if asked for, with Groves transfers beside them."""

    instance: Instance
    cells: tuple[Cell, ...]

    def cell(self, ic: str, ir: str, budget: str, transfers: str = "any") -> Cell:
        """One of them."""
        wanted = (ic, ir, budget, transfers)
        for cell in self.cells:
            if wanted == (cell.incentive_compatibility, cell.individual_rationality, cell.budget, cell.transfers):
                return cell
        raise KeyError(wanted)

    @property
    def columns(self) -> list[tuple[str, str]]:
        """(budget, transfers) in the order of display."""
        return list(dict.fromkeys((cell.budget, cell.transfers) for cell in self.cells))

    def rows(self) -> Iterator[tuple[str, str, list[Cell]]]:
        """IC, IR and the cells of that row."""
        for ic in INCENTIVES:
            for ir in PARTICIPATION:
                yield ic, ir, [self.cell(ic, ir, *column) for column in self.columns]

    def table(self) -> dict[str, Any]:
        """The JSON object of ``lpmech table --format json``."""
        need = self.instance.requirements
        return {
            "format": "lpmech-table/1",
            "title": self.instance.title,
            "allocation": need.table()["allocation"],
            "ties": need.ties,
            "cells": [cell.table() for cell in self.cells],
        }

    def to_frame(self) -> Any:
        """pandas: a row for each cell, margins exact and as decimals."""
        import pandas as pd

        margins = [None if cell.margin is None else decimal(cell.margin) for cell in self.cells]
        return pd.DataFrame([cell.table() | {"margin_decimal": x} for cell, x in zip(self.cells, margins, strict=True)])

    def markdown(self) -> str:
        """A table for a README or a notebook."""
        names = [_heading(budget, transfers) for budget, transfers in self.columns]
        lines = ["| | IR | " + " | ".join(names) + " |", "|---" * (len(names) + 2) + "|"]
        for ic, ir, cells in self.rows():
            found = (f"{mark(cell)} {margin_text(cell)}".strip() for cell in cells)
            lines.append(f"| {ic if ir == PARTICIPATION[0] else ''} | {participation_text(ir)} | {' | '.join(found)} |")
        return "\n".join(lines)

    def to_latex(self, decimals: int | None = None) -> str:
        """A booktabs table (packages booktabs and amssymb); margins as fractions, or rounded to so many decimals."""
        columns, lines = self.columns, list[str]()
        heads = [budget.replace("-", " ") for budget, _ in columns]
        if (wide := len(columns) // len({transfers for _, transfers in columns})) < len(columns):
            both = rf"\multicolumn{{{wide}}}{{c}}{{any transfers}} & \multicolumn{{{wide}}}{{c}}{{Groves}}"
            lines += [rf" & & {both} \\", rf"\cmidrule(lr){{3-{wide + 2}}}\cmidrule(lr){{{wide + 3}-{2 * wide + 2}}}"]
            lines.append(" & & " + " & ".join(head.rpartition(" ")[0] for head in heads) + r" \\")
            heads = [head.rpartition(" ")[2] for head in heads]
        lines.append(" & IR & " + " & ".join(heads) + r" \\")
        groups: dict[str, list[list[str]]] = {ic: [] for ic in INCENTIVES}
        for ic, ir, cells in self.rows():
            found = (f"{_tex_mark(cell)} {_tex_margin(cell, decimals)}".strip() for cell in cells)
            groups[ic].append(["" if groups[ic] else ic, participation_text(ir), *found])
        return tabular(lines, "ll" + "r" * len(columns), list(groups.values()))

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{escape(_heading(*column))}</th>" for column in self.columns)
        body = []
        for ic, ir, cells in self.rows():
            found = (
                f'<td class="{cell.verdict}" title="{cell.verdict}">{mark(cell)} {escape(margin_text(cell))}</td>'
                for cell in cells
            )
            body.append(f"<tr><th>{ic}</th><th>{participation_text(ir)}</th>{''.join(found)}</tr>")
        table = f"<thead><tr><th></th><th>IR</th>{head}</tr></thead><tbody>{''.join(body)}</tbody>"
        about = f"{environment_words(self.instance.environment)}; {allocation_words(self.instance)}"
        inner = f'<p>{escape(about)}</p>\n<div><table class="verdicts">{table}</table></div>'
        return framed(self.instance.title or "Untitled instance", inner)

    def __repr__(self) -> str:
        return f"<ExistenceTable: {sum(c.verdict == 'exists' for c in self.cells)} of {len(self.cells)} exist>"


def existence_table(
    instance: Instance, *, groves: bool = False, skip: Callable[[Instance], bool] | None = None
) -> ExistenceTable:
    """Decide every combination of incentive compatibility, participation and budget on an instance's environment.

    Its allocation rule and tie rule are kept, its own notions, objective and claim are not used. ``groves`` adds the same
    table for Groves transfers. Cells that ``skip`` picks are left undecided.
    """
    return ExistenceTable(asked(instance), tuple(decide(instance, groves=groves, skip=skip)))


def decide(
    instance: Instance, *, groves: bool = False, skip: Callable[[Instance], bool] | None = None
) -> Iterator[Cell]:
    """The cells one by one, as they are decided."""
    from lpmech import engine

    memory = engine.Memory()
    for transfers in ("any", "groves") if groves else ("any",):
        for ic in INCENTIVES:
            for ir in PARTICIPATION:
                for budget in BUDGETS:
                    one = instance.with_objective(Objective()).with_requirements(
                        incentive_compatibility=ic, individual_rationality=ir, budget=budget, transfers=transfers
                    )
                    if skip is not None and skip(one):
                        yield Cell(ic, ir, budget, transfers, None, "left out")
                        continue
                    try:
                        yield Cell(ic, ir, budget, transfers, engine.solve(one, memory=memory))
                    except TooLargeError as problem:
                        yield Cell(ic, ir, budget, transfers, None, str(problem))


def mark(cell: Cell) -> str:
    return {"exists": "✓", "impossible": "✗", "undecided": "?"}[cell.verdict]


def margin_text(cell: Cell) -> str:
    if cell.margin is None:
        return "" if cell.result is not None else "too large"
    text = show(cell.margin)
    return text if len(text) <= LONGEST else f"{decimal(cell.margin):.6g}"


def participation_text(ir: str) -> str:
    return ir.replace("-", " ")


def _heading(budget: str, transfers: str) -> str:
    return budget.replace("-", " ") + (", Groves" if transfers == "groves" else "")


def _tex_mark(cell: Cell) -> str:
    return {"exists": r"\checkmark", "impossible": r"$\times$", "undecided": "?"}[cell.verdict]


def _tex_margin(cell: Cell, decimals: int | None) -> str:
    if cell.margin is None:
        return ""
    long = decimals is None and len(show(cell.margin)) > LONGEST
    return f"${decimal(cell.margin):.6g}$" if long else tex(cell.margin, decimals)
