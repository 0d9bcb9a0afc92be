"""Names and titles: one line of text whose characters can all be seen."""

from __future__ import annotations

from lpmech.base.errors import InputError
from lpmech.base.shown import seen


def one_line(text: str, key: str | None = None) -> str:
    """The same text. Raises InputError about ``key`` if it could forge lines of output or turn the direction of writing."""
    if isinstance(text, str) and not seen(text):
        raise InputError("a control character in a text", key=key, value=repr(text), expected="one line of plain text")
    return text
