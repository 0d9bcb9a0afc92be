"""The existence table: every combination of incentive, participation and budget notion on one environment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from lpmech.answer.result import Result
from lpmech.base.errors import TooLargeError
from lpmech.base.exact import decimal, show
from lpmech.base.views import views
from lpmech.question.model import Instance, asked
from lpmech.question.objective import Objective

INCENTIVES = ("BIC", "DSIC")
PARTICIPATION = ("ex-ante", "interim", "ex-post", "none")
BUDGETS = ("no-expected-deficit", "no-deficit", "balanced")


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
        return views().markdown(self)

    def to_latex(self, decimals: int | None = None) -> str:
        """A booktabs table (packages booktabs and amssymb); margins as fractions, or rounded to so many decimals."""
        return views().latex(self, decimals=decimals)

    def _repr_html_(self) -> str:
        return views().html(self)

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
