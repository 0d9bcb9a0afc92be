"""Mechanisms in CSV files: for every profile the probability of each outcome and what each agent pays.

The layout is that of ``Mechanism.to_csv`` and ``Mechanism.to_frame`` (docs/mechanisms.md).
"""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path
from typing import Any

from lpmech.answer.mechanism import Mechanism, payment, tabulable
from lpmech.base.errors import InputError
from lpmech.base.exact import rational
from lpmech.base.fields import Context
from lpmech.question.environment import Environment
from lpmech.reading.allocation_csv import read_profiles
from lpmech.reading.instance import read_text


def read(environment: Environment, path: str | os.PathLike[str]) -> Mechanism:
    """Read a mechanism on an environment. Raises InputError with file, line and column on the first thing that is wrong."""
    return _read(environment, _without_index(read_text(Path(path)), str(path)), str(path))


def from_table(environment: Environment, table: Any) -> Mechanism:
    """The mechanism of a pandas table. Numbers are exact or text; floats only where decimals are meant."""
    if not hasattr(table, "columns") or not hasattr(table, "itertuples"):
        raise InputError("no table", expected="a pandas DataFrame laid out as Mechanism.to_frame() does")
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(map(str, table.columns))
    agents = {agent.name for agent in environment.agents}
    for number, row in enumerate(table.itertuples(index=False, name=None), 1):
        cells = []
        for name, entry in zip(map(str, table.columns), row, strict=True):
            try:
                cells.append(str(entry) if name in agents else str(rational(entry)))
            except InputError as error:
                raise error.located(key=f"row {number}, column {name}") from None
        rows.writerow(cells)
    return _read(environment, out.getvalue(), "the table")


def _read(environment: Environment, text: str, file: str) -> Mechanism:
    tabulable(environment)
    names = [payment(agent.name) for agent in environment.agents]
    rows = read_profiles(text, file, environment, Context(), names)
    lotteries = [{x: w for x, w in enumerate(lottery) if w} for lottery, _ in rows]
    return Mechanism(environment, tuple(tuple(paid[i] for _, paid in rows) for i in range(len(names))), lotteries)


def _without_index(text: str, file: str) -> str:
    """Without the column of row numbers that pandas puts in front unless told ``index=False``: one without a name."""
    if not text.startswith(","):
        return text
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines):
        index, comma, rest = line.partition(",")
        if number and line.strip() and not (comma and index.isdecimal()):
            problem = "the first column has no name, and is no row number"
            raise InputError(problem, file=file, line=number + 1, value=repr(index), expected="a name in the header")
        lines[number] = rest if comma else line
    return "".join(lines)
