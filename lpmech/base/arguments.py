"""What is given from Python: lists of exact numbers, labels; things of another kind are refused with what to write."""

from __future__ import annotations

import reprlib
from collections.abc import Hashable, Iterable, Mapping
from fractions import Fraction
from typing import Any

from lpmech.base.errors import InputError
from lpmech.base.exact import rational
from lpmech.base.names import one_line


def called(given: object) -> str:
    """What a thing is, for messages: "text", "None", "a list", "an int"."""
    if given is None or isinstance(given, str):
        return "None" if given is None else "text"
    name = type(given).__name__
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


def shortened(text: str, longest: int = 60) -> str:
    """A text of at most so many characters."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def need(given: object, kind: type | tuple[type, ...], what: str, key: str, write: str) -> None:
    """Raise InputError unless a thing is of a kind; ``what`` was needed, and ``write`` says what to write."""
    if not isinstance(given, kind):
        plain = isinstance(given, str | int | float | Fraction)
        value = reprlib.repr(given) if plain else None
        raise InputError(f"{called(given)} where {what} is needed", key=key, value=value, expected=write)


def entries(given: Any, key: str, write: str) -> tuple[Any, ...]:
    """The entries of a list, tuple, array, Series, or of anything else that can be gone through.

    Raises InputError for text, mappings and tables, whose entries are characters, keys and names of columns.
    """
    if hasattr(given, "iloc") and hasattr(given, "columns"):
        column = next(iter(given.columns), "column")
        write = f'a column, frame["{column}"], or rows, frame.to_numpy().tolist(): {write}'
    elif isinstance(given, Iterable) and not isinstance(given, str | bytes | Mapping):
        return tuple(given)
    raise InputError(f"{called(given)} where a list is needed", key=key, expected=write)


def rationals(
    given: Any, key: str, write: str = 'a list of exact numbers, such as [1, "3/2", 2]'
) -> tuple[Fraction, ...]:
    """Exact numbers of a list. Raises InputError with the place of the first that is none."""
    out: list[Fraction] = []
    for x in entries(given, key, write):
        try:
            out.append(rational(x))
        except InputError as error:
            raise error.located(key=f"{key}[{len(out)}]") from None
    return tuple(out)


def label(given: object, what: str, key: str) -> str:
    """Text of a label: itself, or ``str`` of a number, a tuple, or whatever else can be a key of a dictionary."""
    if not isinstance(given, Hashable):
        raise InputError(
            f"{called(given)} as the name of {what}", key=key, expected="text, a number, a tuple: what can be hashed"
        )
    return one_line(str(given), key)


def labels(given: Iterable[object], what: str, key: str, twice: str) -> tuple[str, ...]:
    """Texts of labels that have to differ. Raises InputError that says ``twice`` if two are one text, as 1 and "1" are."""
    known: dict[str, object] = {}
    for number, one in enumerate(given):
        text = label(one, what, f"{key}[{number}]")
        if text in known:
            value = f"{known[text]!r} and {one!r}"
            raise InputError(twice, key=key, value=value, expected='names that differ as text: 1 and "1" do not')
        known[text] = one
    return tuple(known)
