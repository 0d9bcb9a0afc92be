"""Foreign text on its way to a reader: what cannot be seen is written as an escape, what is long is shortened.

Names, keys, values and paths come from files, command lines and proofs. Shown as they are, they could move a terminal's
cursor, forge lines, or turn the direction of writing around.
"""

from __future__ import annotations

import json
import unicodedata

UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories of characters that cannot be seen: controls, formats (bidirectional ones among them), lone surrogates,
line and paragraph separators."""


def seen(text: str) -> bool:
    """Whether every character of the text can be seen, or is a space."""
    return text.isprintable() or all(unicodedata.category(character) not in UNSEEN for character in text)


def escaped(text: str) -> str:
    r"""The text on one line, with characters that cannot be seen as Python writes them: ``\n``, ``\x1b``, ``\u202e``."""
    if seen(text):
        return text
    return "".join(_written(character) for character in text)


def _written(character: str) -> str:
    return character if seen(character) else character.encode("unicode_escape").decode("ascii")


def shown(text: object, most: int = 80) -> str:
    """The text escaped; one of more than ``most`` characters by its beginning and its length."""
    whole = str(text)
    if len(whole) <= most:
        return escaped(whole)
    return f"{escaped(whole[: most * 3 // 4])}… ({len(whole)} characters)"


def shown_lines(text: str, most: int = 2000) -> str:
    """A message of several lines, each of them as ``shown``."""
    return "\n".join(shown(line, most) for line in text.split("\n"))


def json_text(data: object) -> str:
    """JSON in ASCII without control characters; it reads back to the same data."""
    return json.dumps(data).replace("\x7f", "\\u007f")  # the one control character that json leaves
