"""How single values of an instance file are read: exact numbers, whole numbers, choices.

Tables of instance files are frozen dataclasses annotated with these; ``lpmech.reading.instance`` has pydantic validate a
file against them. Nothing here imports pydantic until it does so, which keeps environments cheap to import.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice
from typing import Annotated, Any, ClassVar

from lpmech.base.errors import KEPT, InputError
from lpmech.base.expressions import EXPECTED, MAX_LENGTH, evaluate
from lpmech.base.names import one_line
from lpmech.base.near import hint
from lpmech.base.shown import shown


class Faults:
    """How many values of a file could not be read: the first KEPT raise, the rest is counted in ``more``."""

    def __init__(self) -> None:
        self.kept = self.more = 0

    def raises(self, error: InputError) -> bool:
        """Whether to raise the complaint; else it has been counted, if it counts."""
        if self.kept < KEPT:
            self.kept += 1
            return True
        if not isinstance(error, FollowsError):
            self.more += 1
        return False


@dataclass(frozen=True)
class Context:
    """What reading a value may depend on: the file's parameters, and the names of those that could not be read.

    ``faults`` counts what could not be read.
    """

    parameters: Mapping[str, Fraction] = field(default_factory=dict)
    unreadable: Set[str] = frozenset()
    faults: Faults = field(default_factory=Faults, compare=False)

    def number(self, source: object) -> Fraction:
        """Exact value of a number or of an expression over the parameters."""
        try:
            return evaluate(source, self.parameters)
        except InputError as error:
            if isinstance(source, str) and self.unreadable & set(re.findall(r"\w+", source)):
                raise FollowsError("depends on a parameter that could not be read") from None
            error.value = written(source)
            raise


class FollowsError(InputError):
    """A complaint that only follows from another one, and need not be shown."""


class Reader(ABC):
    """Annotation of a field that says how to read it.

    Laws: ``read`` returns the value or raises InputError, whose key is relative to the value; ``json_schema`` accepts
    all that ``read`` accepts in some context; ``stand_in``, if there is one, takes the place of a value that could not be
    read after so many others that complaints are only counted.
    """

    stand_in: Any = None

    @abstractmethod
    def read(self, source: Any, context: Context) -> Any:
        """The value meant by what the file has."""

    @abstractmethod
    def json_schema(self) -> dict[str, Any]:
        """JSON Schema of what may be written."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        def read(value: Any, info: Any) -> Any:
            context = info.context or Context()
            try:
                return self.read(value, context)
            except InputError as error:
                if self.stand_in is None or context.faults.raises(error):
                    raise
                return self.stand_in

        return core_schema.with_info_plain_validator_function(read)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        return self.json_schema()


class ExactNumber(Reader):
    """An exact rational: integer, decimal as written, or text: a fraction or an expression over the parameters (C2)."""

    stand_in = Fraction(0)

    def read(self, source: Any, context: Context) -> Fraction:
        return context.number(source)

    def json_schema(self) -> dict[str, Any]:
        return {"type": ["number", "string"], "maxLength": MAX_LENGTH, "description": EXPECTED}


@dataclass(frozen=True)
class WholeNumber(Reader):
    """An integer from ``least`` to ``most``, perhaps as an expression over the parameters."""

    least: int
    most: int

    @property
    def stand_in(self) -> int:
        return self.least

    def read(self, source: Any, context: Context) -> int:
        x = context.number(source)
        if x.denominator != 1 or not self.least <= x <= self.most:
            raise InputError(
                "not a whole number in range", value=written(source), expected=f"from {self.least} to {self.most}"
            )
        return int(x)

    def json_schema(self) -> dict[str, Any]:
        text = f"a whole number from {self.least} to {self.most}, or an expression over the parameters"
        return {"type": ["integer", "string"], "minimum": self.least, "maximum": self.most, "description": text}


@dataclass(frozen=True)
class Choice(Reader):
    """One of some words; ``also`` says what else may stand in their place."""

    words: Sequence[str]
    also: str = ""

    @property
    def stand_in(self) -> str:
        return self.words[0]

    def read(self, source: Any, context: Context) -> str:
        if source not in self.words:
            expected = one_of(self.words, source) + (f", or {self.also}" if self.also else "")
            raise InputError("unknown choice", value=written(source), expected=expected)
        return str(source)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.words)}


class OneLine:
    """Annotation of text whose characters can all be seen: no control characters, line ends or marks of direction."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(self.read, handler(source))

    def read(self, text: str) -> str:
        """The same text, or InputError."""
        return one_line(text)


Number = Annotated[Fraction, ExactNumber()]
Line = Annotated[str, OneLine()]


class Table:
    """Base of the dataclasses that stand for tables: keys that they do not have are refused."""

    __pydantic_config__: ClassVar[Any] = {"extra": "forbid"}


def one_of(words: Sequence[str], got: object = None) -> str:
    """The words that would have been accepted, with the one that was probably meant."""
    return ", ".join(repr(word) for word in words) + hint(got, words)


LONGEST_LIST = 20
"""Entries of a list or a table that a message shows."""


def written(value: object) -> str:
    """A value as a TOML file would have it, more or less, the beginning of a long one: for messages."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return repr(value)
    if isinstance(value, list | tuple):
        return "[" + _items(list(map(written, value[:LONGEST_LIST])), len(value)) + "]"
    if isinstance(value, Mapping):
        pairs = islice(value.items(), LONGEST_LIST)
        return "{" + _items([f"{shown(key)} = {written(item)}" for key, item in pairs], len(value)) + "}"
    return str(value)


def _items(first: list[str], count: int) -> str:
    """Entries, the first of them listed."""
    if count > len(first):
        first.append(f"... ({count} entries)")
    return ", ".join(first)
