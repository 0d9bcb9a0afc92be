"""Did you mean ...?: the one place that guesses which word was meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice

LONGEST = 100
"""Characters of a word that another may have been meant by."""

MOST = 200
"""Words among which one is looked for."""


def did_you_mean(got: object, words: Iterable[str], most: int = 1) -> str:
    """``did you mean 'vcg'?``, or with ``most`` > 1 several joined by "or"; "" if nothing is near, or what was
    written is longer, or the words are more, than is looked through. Hyphens and case are read as in ``words``."""
    known = list(islice(words, MOST + 1))
    if not isinstance(got, str) or len(got) > LONGEST or len(known) > MOST:
        return ""
    plain = {word.casefold().replace("-", "_"): word for word in known}
    near = get_close_matches(got.casefold().replace("-", "_"), plain, n=most, cutoff=0.5)
    return f"did you mean {' or '.join(repr(plain[word]) for word in near)}?" if near else ""


def hint(got: object, words: Iterable[str], most: int = 1) -> str:
    """The same in parentheses, with a space in front, to follow a list of what was expected."""
    said = did_you_mean(got, words, most)
    return f" ({said})" if said else ""
