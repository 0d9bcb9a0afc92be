"""Signs where the encoding of the output lacks them: words in their place."""

from __future__ import annotations

import codecs
import sys
from io import TextIOWrapper
from typing import TextIO

WORDS = {"✓": "yes", "✗": "no", "≈": "~", "≤": "<=", "≥": ">=", "→": "->", "−": "-", "…": "...", "⋮": "..."}
"""What is written for a sign that cannot be."""

HANDLER = "lpmech-words"


def _words(problem: UnicodeError) -> tuple[str, int]:
    if not isinstance(problem, UnicodeEncodeError):
        raise problem
    lacking = problem.object[problem.start : problem.end]
    return "".join(WORDS.get(character, "?") for character in lacking), problem.end


codecs.register_error(HANDLER, _words)

PLAIN = "plain_ascii"
"""ASCII by a name that click does not know: it would write UTF-8 where the user's encoding is ASCII."""


def _plain_ascii(name: str) -> codecs.CodecInfo | None:
    if name != PLAIN:
        return None
    known = codecs.lookup("ascii")
    return codecs.CodecInfo(
        known.encode, known.decode, known.streamreader, known.streamwriter,
        known.incrementalencoder, known.incrementaldecoder, PLAIN,
    )  # fmt: skip


codecs.register(_plain_ascii)


def adapt(stream: TextIO) -> None:
    """Make a stream write words for the signs that it lacks."""
    if isinstance(stream, TextIOWrapper):
        ascii_ = codecs.lookup(stream.encoding).name == "ascii"
        stream.reconfigure(encoding=PLAIN if ascii_ else None, errors=HANDLER)


def in_words(text: str) -> str:
    """The text as standard output will show it: for columns whose widths count."""
    encoding = sys.stdout.encoding or "utf-8"
    return text.encode(encoding, HANDLER).decode(encoding)


def html_text(page: str) -> str:
    """A page for standard output: what its encoding lacks becomes a character reference, which browsers show."""
    encoding = sys.stdout.encoding or "utf-8"
    return page.encode(encoding, "xmlcharrefreplace").decode(encoding)
