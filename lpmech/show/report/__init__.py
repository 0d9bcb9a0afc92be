"""One page about an instance: verdict, question, existence table, explanation, figures, how to verify. Loads nothing.

What would take too long or too much room is left out, and the page says so. Needs the extra ``plot``.
"""

from __future__ import annotations

import base64
import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lpmech import api
from lpmech.answer.result import Result
from lpmech.base.exact import Rational
from lpmech.base.version import __version__
from lpmech.question.model import Instance
from lpmech.question.words import question
from lpmech.show.existence import margin_text, mark, participation_title
from lpmech.show.explain import document, findings, html
from lpmech.show.explain.document import Block, Heading
from lpmech.show.plots import require_matplotlib
from lpmech.show.plots.template import template
from lpmech.show.report import about
from lpmech.show.report.figures import drawn
from lpmech.studies.blame import blame, costly
from lpmech.studies.existence import PARTICIPATION, ExistenceTable, existence_table

LARGEST = 6_000
"""Payments and constraints of a program beyond which it is left out."""

LARGEST_LINK = 40_000
"""Most bytes of a proof that the page carries along."""

LONGEST = 80_000
"""Characters of an explanation beyond which long numbers are decimals alone."""

COUNTED = 400_000
"""Most profiles of an instance whose proof is checked once more for the page."""


def report(
    source: api.Source | Result,
    *,
    parameters: Mapping[str, Rational] | None = None,
    method: str = "auto",
    file: str = "",
) -> str:
    """A report on an instance, an instance file or a result as an HTML page without anything to load, scripts included.

    ``parameters`` and ``method`` as in ``solve``; ``file``: what the page calls the instance file in its commands.
    """
    require_matplotlib()
    page = template("lpmech.show.report", "reports")
    if isinstance(source, Result):
        result = source if source.verdict == "undecided" else source.prove()
    else:
        result = api.solve(source, parameters=parameters, method=method)
    if not file and not isinstance(source, Instance | Result):
        file = str(source)
    instance = result.instance
    found = None if _left_out(instance) else blame(instance, largest=LARGEST)
    figures, left_out = drawn(result, None if found is None else found.frontier)
    table, missing = _existence(instance)
    told, asked = document(result), len(question(instance))
    return str(
        page.render(
            title=told.title,
            verdict=about.verdict(result),
            facts=about.facts(result),
            question=question(instance)[0],
            types=about.types(instance.environment),
            prior=about.prior(instance.environment),
            requirements=about.requirements(instance),
            table=table,
            missing=missing,
            explanation=_explained(told.blocks[asked:]),
            cost="" if found is None else html.body(_lower(findings.document(found).blocks[asked:])),
            figures=figures,
            left_out=left_out,
            commands=_commands(file, parameters or {}),
            proof=_link(result),
            checks=_checks(result),
            explain_style=html.STYLE,
            version=__version__,
        )
    )


def _lower(blocks: tuple[Block, ...]) -> list[Block]:
    """Headings a level down, below those of the page."""
    return [replace(block, level=block.level + 1) if isinstance(block, Heading) else block for block in blocks]


def _explained(blocks: tuple[Block, ...]) -> str:
    """As HTML; without the exact form of numbers shown as decimals if these make it long."""
    text = html.body(_lower(blocks))
    return text if len(text) <= LONGEST else re.sub(r'<span title="[^"]*">([^<]*)</span>', r"\1", text)


def _existence(instance: Instance) -> tuple[dict[str, Any], int]:
    """Heads and rows of the existence table, and how many of its cells were left out."""
    need = instance.requirements
    table: ExistenceTable = existence_table(instance, groves=need.transfers == "groves", skip=_left_out)
    asked = (need.incentive_compatibility, need.individual_rationality, need.budget, need.transfers)
    rows = []
    for ic, ir, cells in table.rows():
        row = [
            {
                "mark": mark(cell) if cell.result is not None else "",
                "margin": margin_text(cell).replace("-", "\u2212") if cell.result is not None else "left out",
                "verdict": cell.verdict,
                "asked": (ic, ir, cell.budget, cell.transfers) == asked,
            }
            for cell in cells
        ]
        notion = participation_title(ir)
        rows.append({"ic": ic if ir == PARTICIPATION[0] else "", "ir": notion.replace("none", "no IR"), "cells": row})
    heads = [
        budget.replace("-", " ") + (", Groves" if transfers == "groves" else "") for budget, transfers in table.columns
    ]
    return {"heads": heads, "rows": rows}, sum(cell.result is None for cell in table.cells)


def _left_out(instance: Instance) -> bool:
    return costly(instance, LARGEST)


def _commands(file: str, parameters: Mapping[str, Rational]) -> list[str]:
    name = shlex.quote(file) if file and file != "-" else "FILE"
    settings = "".join(f" --set {shlex.quote(f'{key}={value}')}" for key, value in parameters.items())
    return [f"lpmech solve {name}{settings} --proof proof.json", "python -m lpmech.verify proof.json"]


def _link(result: Result) -> dict[str, Any] | None:
    """The proof as a link that holds it, or its size if that is too large."""
    if result.proof is None:
        return None
    text = json.dumps(result.proof.table(), ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    if len(text) > LARGEST_LINK:
        return {"size": f"{len(text):,}", "href": None}
    return {"size": f"{len(text):,}", "href": f"data:application/json;base64,{base64.b64encode(text).decode('ascii')}"}


def _checks(result: Result) -> list[str]:
    """What the verifier says it has checked."""
    if result.proof is None or result.instance.environment.profile_count > COUNTED:
        return []
    return list(result.proof.verify().checks)
