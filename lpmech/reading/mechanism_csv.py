"""Mechanisms in CSV files: for every profile the probability of each outcome and what each agent pays.

The layout is that of ``Mechanism.to_csv`` and ``Mechanism.to_frame`` (docs/mechanisms.md).
"""

from __future__ import annotations

import os
from pathlib import Path

from lpmech.answer.mechanism import Mechanism, payment, tabulable
from lpmech.base.errors import InputError
from lpmech.base.fields import Context
from lpmech.question.environment import Environment
from lpmech.reading.allocation_csv import read_profiles
from lpmech.reading.instance import read_text


def read(environment: Environment, path: str | os.PathLike[str]) -> Mechanism:
    """Read a mechanism on an environment. Raises InputError with file, line and column on the first thing that is wrong."""
    tabulable(environment)
    names = [payment(agent.name) for agent in environment.agents]
    text = _without_index(read_text(Path(path)), str(path))
    rows = read_profiles(text, str(path), environment, Context(), names)
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
