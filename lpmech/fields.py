"""How single values of an instance file are read: exact numbers, whole numbers, choices.

Tables of instance files are frozen dataclasses annotated with these; ``lpmech.instance`` has pydantic validate a file
against them. Nothing here imports pydantic until it does so, which keeps environments cheap to import.
"""

from __future__ import annotations

import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Annotated, Any, ClassVar

from lpmech.errors import InputError
from lpmech.expressions import EXPECTED, MAX_LENGTH, evaluate
from lpmech.near import hint


@dataclass(frozen=True)
class Context:
    """What reading a value may depend on: the file's parameters, and the names of those that could not be read."""

    parameters: Mapping[str, Fraction] = field(default_factory=dict)
    unreadable: frozenset[str] = frozenset()

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
    all that ``read`` accepts in some context.
    """

    @abstractmethod
    def read(self, source: Any, context: Context) -> Any:
        """The value meant by what the file has."""

    @abstractmethod
    def json_schema(self) -> dict[str, Any]:
        """JSON Schema of what may be written."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        def read(value: Any, info: Any) -> Any:
            return self.read(value, info.context or Context())

        return core_schema.with_info_plain_validator_function(read)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        return self.json_schema()


class ExactNumber(Reader):
    """An exact rational: integer, decimal as written, or text: a fraction or an expression over the parameters (C2)."""

    def read(self, source: Any, context: Context) -> Fraction:
        return context.number(source)

    def json_schema(self) -> dict[str, Any]:
        return {"type": ["number", "string"], "maxLength": MAX_LENGTH, "description": EXPECTED}


@dataclass(frozen=True)
class WholeNumber(Reader):
    """An integer from ``least`` to ``most``, perhaps as an expression over the parameters."""

    least: int
    most: int

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

    def read(self, source: Any, context: Context) -> str:
        if source not in self.words:
            expected = one_of(self.words, source) + (f", or {self.also}" if self.also else "")
            raise InputError("unknown choice", value=written(source), expected=expected)
        return str(source)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.words)}


class OneLine:
    """Annotation of text without control characters and line ends, which could forge lines of output."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(self.read, handler(source))

    def read(self, text: str) -> str:
        """The same text, or InputError."""
        if any(unicodedata.category(character) in {"Cc", "Zl", "Zp"} for character in text):
            raise InputError("a control character in a text", value=written(text), expected="one line of plain text")
        return text


Number = Annotated[Fraction, ExactNumber()]
Line = Annotated[str, OneLine()]


class Table:
    """Base of the dataclasses that stand for tables: keys that they do not have are refused."""

    __pydantic_config__: ClassVar[Any] = {"extra": "forbid"}


def one_of(words: Sequence[str], got: object = None) -> str:
    """The words that would have been accepted, with the one that was probably meant."""
    return ", ".join(repr(word) for word in words) + hint(got, words)


def written(value: object) -> str:
    """A value as a TOML file would have it, more or less: for messages."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return repr(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(written, value)) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {written(item)}" for key, item in value.items()) + "}"
    return str(value)
