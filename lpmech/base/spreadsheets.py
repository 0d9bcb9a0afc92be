"""Cells of CSV files that spreadsheets take for what they are: text that a spreadsheet would run as a formula gets an
apostrophe in front, and loses it when it is read back.

Numbers, fractions and infinities are left alone: they start no formula that does anything.
"""

from __future__ import annotations

import re
from typing import TypeVar

_FORMULA = re.compile(r"[\s']*[=+\-@\uff1d\uff0b\uff0d\uff20\t\r]")  # with the full-width signs, which some take, too
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:/[0-9]+)?|[0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]+)?|inf)")

Cell = TypeVar("Cell")


def cell(content: Cell) -> Cell | str:
    """What to write: text that would start a formula with an apostrophe in front, anything else as it is."""
    if isinstance(content, str) and _FORMULA.match(content) and not _NUMBER.fullmatch(content):
        return "'" + content
    return content


def content(written: str) -> str:
    """Inverse of ``cell`` on texts."""
    return written[1:] if written.startswith("'") and _FORMULA.match(written) else written
