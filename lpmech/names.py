"""Names and titles: one line of text whose characters can all be seen; and which name another was meant for."""

from __future__ import annotations

from difflib import get_close_matches
from functools import lru_cache

from lpmech.errors import InputError
from lpmech.shown import seen

LONGEST = 100
"""Characters of a name that another may have been meant by."""

MOST = 200
"""Names among which one is looked for."""


def one_line(text: str, key: str | None = None) -> str:
    """The same text. Raises InputError about ``key`` if it could forge lines of output or turn the direction of writing."""
    if isinstance(text, str) and not seen(text):
        raise InputError("a control character in a text", key=key, value=repr(text), expected="one line of plain text")
    return text


@lru_cache(maxsize=1000)
def nearest(name: str, known: tuple[str, ...]) -> str | None:
    """The known name that was probably meant, if there is one like it."""
    if len(name) > LONGEST or len(known) > MOST:
        return None
    return next(iter(get_close_matches(name, known, n=1)), None)
