"""Instance files: TOML text -> Instance, every complaint with file, line and key (``docs/instance-files.md``)."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from lpmech.complaints import complaints
from lpmech.errors import Complaints, InputError
from lpmech.exact import MAX_DIGITS, Rational
from lpmech.expressions import is_name, unknown_name
from lpmech.fields import Context, FollowsError, written
from lpmech.instance_table import FORMAT, InstanceTable
from lpmech.model import Instance
from lpmech.schema import schema
from lpmech.toml_positions import dotted, locate, parse_dotted, positions

__all__ = ["FORMAT", "MAX_BYTES", "build", "load", "loads", "parse", "placed", "schema"]

MAX_BYTES = 16 * 2**20
"""Largest file that is read."""

_LONG_NUMBER = re.compile(rf"[0-9][0-9_]{{{20 * MAX_DIGITS},}}")
_ADAPTER = TypeAdapter(InstanceTable)


def load(source: str | os.PathLike[str], parameters: Mapping[str, Rational] | None = None) -> Instance:
    """Read an instance file; ``parameters`` override those of the file, whose claim is then dropped: it was about others.

    Raises InputError for a file that cannot be read or is no instance, with everything that is wrong with it.
    """
    path = Path(source)
    return loads(read_text(path), file=str(source), parameters=parameters, base=path.parent)


def loads(
    text: str,
    file: str = "<string>",
    parameters: Mapping[str, Rational] | None = None,
    base: str | os.PathLike[str] = ".",
) -> Instance:
    """Read an instance from TOML text. ``file`` is its name in messages; tables it names are relative to ``base``."""
    data = parse(text, file)
    try:
        return build(data, parameters or {}, Path(base))
    except InputError as error:
        raise placed(error, text, file) from None


def dumps(instance: Instance) -> str:
    """The text of an instance file with resolved numbers; ``loads`` gives the instance back (titled "untitled" if it has
    no title)."""
    table = instance.table()
    lines = [f'format = "{FORMAT}"', f"title = {_inline(table.pop('title') or 'untitled')}"]
    lines += [f"{key} = {_inline(x)}" for key in ("source", "claim") if (x := getattr(instance, key)) is not None]
    for name, content in table.items():
        lines += ["", f"[{name}]", *(f"{key} = {_inline(value)}" for key, value in content.items())]
    return "\n".join(lines) + "\n"


def _inline(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_inline(x)}" for key, x in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return json.dumps(value)


def read_text(path: Path) -> str:
    """Text of a file, at most 16 MB of UTF-8. Raises InputError if it cannot be had."""
    file = str(path)
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as problem:
        reason = {FileNotFoundError: "no such file", IsADirectoryError: "a directory, not a file"}.get(type(problem))
        raise InputError(reason or f"cannot be read: {problem.strerror}", file=file) from None
    except ValueError as problem:  # a null character in the name
        raise InputError(f"not the name of a file: {problem}", file=repr(file)) from None
    return decoded(raw, file)


def decoded(raw: bytes, file: str) -> str:
    """Text of at most 16 MB of UTF-8, with or without a byte order mark. Raises InputError about ``file`` otherwise."""
    if len(raw) > MAX_BYTES:
        raise InputError(f"a file of more than {MAX_BYTES // 2**20} MB", file=file, expected="a smaller one")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = raw.count(b"\n", 0, problem.start) + 1
        raise InputError("not text in UTF-8", file=file, line=line, value=f"byte {raw[problem.start]:#04x}") from None


def parse(text: str, file: str, what: str = "an instance file", form: str = FORMAT) -> dict[str, Any]:
    """TOML -> dictionaries, decimals as written. ``what`` is said to be expected, with its format."""
    wanted = f'{what}, whose first line is: format = "{form}"'
    if not text.strip():
        raise InputError("an empty file", file=file, expected=wanted)
    if long := _LONG_NUMBER.search(text):  # reading it would take time that grows with the square of its length
        line = text.count("\n", 0, long.start()) + 1
        raise InputError(f"a number of {len(long[0])} digits", file=file, line=line, expected=f"at most {MAX_DIGITS}")
    try:
        return tomllib.loads(text, parse_float=_decimal)
    except tomllib.TOMLDecodeError as problem:
        message, _, place = str(problem).rpartition(" (at ")
        found = re.match(r"line (\d+)", place)
        line = int(found[1]) if found else text.count("\n") + 1
        raise InputError(f"not TOML: {message or problem}", file=file, line=line, expected=wanted) from None
    except RecursionError:
        raise InputError("brackets nested too deeply", file=file, expected=wanted) from None


def _decimal(text: str) -> Decimal | str:
    """A decimal as written; as text when its exponent is beyond what Decimal holds, to be refused with its key."""
    try:
        return Decimal(text)
    except ArithmeticError:
        return text


def build(data: dict[str, Any], overrides: Mapping[str, Rational], base: Path) -> Instance:
    """The instance of a file's tables. Raises InputError with keys from the root of the file, without lines."""
    return build_tables(data, overrides, base)[1]


def build_tables(data: dict[str, Any], overrides: Mapping[str, Rational], base: Path) -> tuple[InstanceTable, Instance]:
    """As ``build``, with the tables as they were read: they still know the laws that were put on grids."""
    if data.get("format", FORMAT) != FORMAT:
        raise InputError("another format", key="format", value=written(data["format"]), expected=repr(FORMAT))
    found = Complaints()
    context = _parameters(data.get("parameters", {}), overrides, found)

    def read(name: str) -> tuple[str, str]:
        try:
            return str(base / name), read_text(base / name)
        except InputError as error:
            raise InputError(f"{error.file}: {error.problem}", key="table", expected=error.expected) from None

    try:
        table = _ADAPTER.validate_python({**data, "parameters": context.parameters}, context=context)
    except ValidationError as error:
        found.errors += complaints(error, data, schema())
    found.settle()
    instance = table.build(context, read)
    return table, replace(instance, claim=None) if overrides else instance


def _parameters(table: object, overrides: Mapping[str, Rational], found: Complaints) -> Context:
    """Values of the parameters, in the order of the file; what is wrong goes to ``found``."""
    if not isinstance(table, dict):
        found.errors.append(InputError("not a table", key="parameters", value=written(table)))
        table = {}
    for name in overrides:
        if name not in table:
            if not table:
                raise InputError(
                    f"the file has no parameters, so {name!r} cannot be set",
                    expected="a [parameters] table in the file",
                )
            raise unknown_name(name, table).located(key=dotted(("parameters", name)))
    values: dict[str, Fraction] = {}
    unreadable: set[str] = set()
    for name, source in table.items():
        with found.about(dotted(("parameters", name))):
            try:
                if not is_name(name):
                    raise InputError("a name that expressions cannot use", expected="a letter, then letters, digits, _")
                values[name] = Context(values, frozenset(unreadable)).number(overrides.get(name, source))
            except FollowsError:
                unreadable.add(name)
            except InputError as error:
                unreadable.add(name)
                if name in overrides:
                    error.problem = f"the value that overrides it: {error.problem}"
                raise
    return Context(values, frozenset(unreadable))


def placed(error: InputError, text: str, file: str) -> InputError:
    """The complaints with file and line, in the order of the file."""
    try:
        known = positions(text)
    except RecursionError:
        known = {}
    placed = Complaints()
    for part in error.parts:
        position = locate(known, parse_dotted(part.key or "")) if part.file is None else None
        placed.errors.append(part.located(file=file, line=position[0] if position else None))
    placed.errors.sort(key=lambda part: part.line or 0)
    return placed.error()
