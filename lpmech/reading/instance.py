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

from lpmech.base.arguments import called
from lpmech.base.errors import PATH, Complaints, InputError
from lpmech.base.exact import MAX_DIGITS, Rational
from lpmech.base.expressions import is_name, unknown_name
from lpmech.base.fields import Context, FollowsError, written
from lpmech.base.files import MAX_BYTES, decoded, read_text
from lpmech.base.shown import shown
from lpmech.question.model import Instance, asked
from lpmech.reading.complaints import complaints
from lpmech.reading.instance_table import FORMAT, InstanceTable
from lpmech.reading.schema import schema
from lpmech.reading.toml_positions import dotted, locate, parse_dotted, positions

__all__ = ["FORMAT", "MAX_BYTES", "build", "decoded", "load", "loads", "parse", "placed", "read_text", "schema"]

_LONG_NUMBER = re.compile(rf"(?:0[xob]|[0-9])[0-9_]{{{20 * MAX_DIGITS},}}|0x[0-9a-fA-F_]{{{20 * MAX_DIGITS},}}")
_ADAPTER = TypeAdapter(InstanceTable)
MAX_KEYS = 400_000
"""Most keys of an instance file, counted as equality signs."""


def load(
    source: str | os.PathLike[str], parameters: Mapping[str, Rational] | None = None, *, allow_paths: bool = False
) -> Instance:
    """Read an instance file; ``parameters`` override those of the file, whose claim is then dropped: it was about others.

    Tables are read from the folder of the file and below it, from elsewhere with ``allow_paths``. Raises InputError for a
    file that cannot be read or is no instance, with what is wrong with it.
    """
    if isinstance(source, str) and "\n" in source:
        raise InputError("the text of an instance file, not its path", expected="lpmech.loads(text)")
    if not isinstance(source, str | os.PathLike):
        raise InputError(f"{called(source)} where a path is needed", expected="the path of an instance file")
    path = Path(source)
    text = read_text(path)
    return loads(text, file=str(source), parameters=parameters, base=path.parent, allow_paths=allow_paths)


def loads(
    text: str,
    file: str = "<string>",
    parameters: Mapping[str, Rational] | None = None,
    base: str | os.PathLike[str] = ".",
    *,
    allow_paths: bool = False,
) -> Instance:
    """Read an instance from TOML text. ``file`` is its name in messages; tables it names are relative to ``base``, and in
    that folder or below unless ``allow_paths``."""
    data = parse(text, file)
    try:
        return build(data, parameters or {}, Path(base), allow_paths)
    except InputError as error:
        raise placed(error, text, file) from None


def dumps(instance: Instance) -> str:
    """The text of an instance file with resolved numbers; ``loads`` gives the instance back (titled "untitled" if it has
    no title)."""
    environment = asked(instance).environment
    if environment.at_profiles:
        raise InputError(
            "values at profiles have no formulas to write",
            expected="private values, or a proof file, which has them all",
        )
    table = instance.table()
    table["environment"] = environment.restated(plain=True)
    table["requirements"] = instance.requirements.file_table(environment)
    lines = [f'format = "{FORMAT}"', f"title = {_inline(table.pop('title') or 'untitled')}"]
    lines += [f"{key} = {_inline(x)}" for key in ("source", "claim") if (x := getattr(instance, key)) is not None]
    for name, content in table.items():
        lines += ["", f"[{name}]", *(f"{key} = {_inline(value)}" for key, value in content.items())]
    return "\n".join(lines) + "\n"


def _key(name: str) -> str:
    """A key as TOML has it: bare where it may be."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name)


def _inline(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_inline(x)}" for key, x in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return json.dumps(value)


def parse(text: str, file: str, what: str = "an instance file", form: str = FORMAT) -> dict[str, Any]:
    """TOML -> dictionaries, decimals as written. ``what`` is said to be expected, with its format."""
    wanted = f'{what}, whose first line is: format = "{form}"'
    if not text.strip():
        raise InputError("an empty file", file=file, expected=wanted)
    if long := _LONG_NUMBER.search(text):  # reading it would take time that grows with the square of its length
        line = text.count("\n", 0, long.start()) + 1
        raise InputError(f"a number of {len(long[0])} digits", file=file, line=line, expected=f"at most {MAX_DIGITS}")
    if (keys := text.count("=")) > MAX_KEYS:  # each takes a microsecond or ten, and about 1 kB
        raise InputError(f"{keys:,} keys", file=file, expected=f"at most {MAX_KEYS:,}; long tables go into CSV files")
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


def build(data: dict[str, Any], overrides: Mapping[str, Rational], base: Path, allow_paths: bool = False) -> Instance:
    """The instance of a file's tables. Raises InputError with keys from the root of the file, without lines."""
    return build_tables(data, overrides, base, allow_paths)[1]


def build_tables(
    data: dict[str, Any], overrides: Mapping[str, Rational], base: Path, allow_paths: bool = False
) -> tuple[InstanceTable, Instance]:
    """As ``build``, with the tables as they were read: they still know the laws that were put on grids."""
    if data.get("format", FORMAT) != FORMAT:
        raise InputError("another format", key="format", value=written(data["format"]), expected=repr(FORMAT))
    found = Complaints()
    context = _parameters(data.get("parameters", {}), overrides, found)
    try:
        table = _ADAPTER.validate_python({**data, "parameters": context.parameters}, context=context)
    except ValidationError as error:
        complaints(error, data, schema(), found)
    found.more += context.faults.more
    found.settle()
    instance = table.build(context, lambda name: read_table(name, base, allow_paths))
    return table, replace(instance, claim=None) if overrides else instance


def read_table(name: str, base: Path, allow_paths: bool) -> tuple[str, str]:
    """Path to show and text of a table that an instance file names, ``base`` the folder of that file. Raises InputError
    for one outside that folder, unless ``allow_paths``."""
    path = base / name
    try:
        place = path.resolve()
        if not allow_paths and not place.is_relative_to(base.resolve()):
            raise InputError(
                "a table outside the folder of its instance",
                key="table",
                value=written(name),
                expected="a file in that folder or below it; --allow-paths (allow_paths=True in Python) reads others",
            )
        return str(path), read_text(place)
    except InputError as error:
        if error.key is not None:
            raise
        problem = InputError(f"{shown(path, PATH)}: {error.problem}", key="table", expected=error.expected)
    except (OSError, RuntimeError, ValueError):  # links in a circle, a null character
        problem = InputError("not the name of a file", key="table", value=written(name))
    raise problem


def _parameters(table: object, overrides: Mapping[str, Rational], found: Complaints) -> Context:
    """Values of the parameters, in the order of the file; what is wrong goes to ``found``."""
    if not isinstance(table, dict):
        found.note(InputError("not a table", key="parameters", value=written(table)))
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
    context = Context(values, unreadable)
    for name, source in table.items():
        with found.about(dotted(("parameters", name))):
            try:
                if not is_name(name):
                    raise InputError("a name that expressions cannot use", expected="a letter, then letters, digits, _")
                values[name] = context.number(overrides.get(name, source))
            except FollowsError:
                unreadable.add(name)
            except InputError as error:
                unreadable.add(name)
                if name in overrides:
                    error.problem = f"the value that overrides it: {error.problem}"
                raise
    return context


def placed(error: InputError, text: str, file: str) -> InputError:
    """The complaints with file and line, in the order of the file."""
    try:
        known = positions(text)
    except RecursionError:
        known = {}
    placed = Complaints(error.more)
    for part in error.parts:
        position = locate(known, parse_dotted(part.key or "")) if part.file is None else None
        placed.note(part.located(file=file, line=position[0] if position else None))
    placed.errors.sort(key=lambda part: part.line or 0)
    return placed.error()
