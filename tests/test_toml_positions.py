"""Positions of keys and elements: against hand-counted texts, and against texts written with known positions."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lpmech.reading.toml_positions import Path, dotted, locate, parse_dotted, positions

TEXT = '''# comment with [brackets] and "quotes"
title = "a # b"   # c
a.b = [1, 2.5, [ "x,y]", 'z' ],
  { c = 1, "d.e" = "]}" },   # ] here
]
[parameters]
k = 1979-05-27 07:32:00
"quoted \\u0065" = """one "two"
three = 3 """
lit = \'\'\'it's
[not.a.table]\'\'\'
[env.buyer]   # header
values = [
  "1",  # first
  2,
]
[[env.agents]]
share = 1
[[env.agents]]
  share = 2
  [env.agents.more]
  x = true
[env]
kind = "k"
'''


@pytest.mark.parametrize(
    ("path", "position"),
    [
        (("title",), (2, 1)),
        (("a",), (3, 1)),
        (("a", "b"), (3, 1)),
        (("a", "b", 0), (3, 8)),
        (("a", "b", 1), (3, 11)),
        (("a", "b", 2), (3, 16)),
        (("a", "b", 2, 0), (3, 18)),
        (("a", "b", 2, 1), (3, 26)),
        (("a", "b", 3), (4, 3)),
        (("a", "b", 3, "c"), (4, 5)),
        (("a", "b", 3, "d.e"), (4, 12)),
        (("parameters",), (6, 1)),
        (("parameters", "k"), (7, 1)),
        (("parameters", "quoted e"), (8, 1)),
        (("parameters", "lit"), (10, 1)),
        (("env", "buyer"), (12, 1)),
        (("env", "buyer", "values", 0), (14, 3)),
        (("env", "buyer", "values", 1), (15, 3)),
        (("env", "agents"), (17, 1)),
        (("env", "agents", 0, "share"), (18, 1)),
        (("env", "agents", 1), (19, 1)),
        (("env", "agents", 1, "share"), (20, 3)),
        (("env", "agents", 1, "more"), (21, 3)),
        (("env", "agents", 1, "more", "x"), (22, 3)),
        (("env",), (23, 1)),
        (("env", "kind"), (24, 1)),
    ],
)
def test_position(path: Path, position: tuple[int, int]) -> None:
    assert positions(TEXT)[path] == position


def test_windows_line_ends() -> None:
    assert positions(TEXT.replace("\n", "\r\n")) == positions(TEXT)


def test_every_path_of_the_data_and_no_other() -> None:
    assert set(positions(TEXT)) == set(_paths(tomllib.loads(TEXT)))


def test_nearest_enclosing_table() -> None:
    known = positions(TEXT)
    assert locate(known, ("env", "agents", 1, "name")) == (19, 1)
    assert locate(known, ("env", "sellers", 3)) == (23, 1)
    assert locate(known, ("objective", "maximize")) is None
    assert locate(known, ()) is None


def test_dotted() -> None:
    assert (
        dotted(("environment", "agents", 0, "types", 12, "posted-price"))
        == "environment.agents[0].types[12].posted-price"
    )
    assert dotted(("a b", "c.d")) == '"a b"."c.d"'
    assert dotted(()) == ""


def _paths(data: Any, path: Path = ()) -> list[Path]:
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [p for key, value in items for p in ((*path, key), *_paths(value, (*path, key)))]


_TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x7f"), max_size=6)  # a raw DEL is not TOML
_KEYS = st.one_of(st.from_regex(r"[A-Za-z0-9_-]{1,6}", fullmatch=True), _TEXTS)


@given(st.lists(st.one_of(st.integers(0, 10**6), _KEYS)))
def test_dotted_round_trip(path: list[str | int]) -> None:
    assert parse_dotted(dotted(path)) == tuple(path)


def _quoted(text: str) -> str:
    """A TOML basic string."""
    return json.dumps(text, ensure_ascii=False)


class _Writer:
    """Writes data as TOML in a random layout and notes where each key and element begins."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw, self.text, self.noted = draw, "", {}

    def note(self, path: Path) -> None:
        lines = self.text.split("\n")
        self.noted.setdefault(path, (len(lines), len(lines[-1]) + 1))

    def key(self, key: str) -> None:
        self.text += key if key.isascii() and key.isalnum() else _quoted(key)

    def space(self, *choices: str) -> None:
        self.text += self.draw(st.sampled_from(choices))

    def scalar(self, value: str | int | bool) -> None:
        if isinstance(value, bool):
            self.text += str(value).lower()
        elif isinstance(value, int):
            self.text += str(value)
        elif "'" not in value and value.isprintable() and self.draw(st.booleans()):
            self.text += f"'{value}'"
        elif self.draw(st.booleans()):
            self.text += '"""' + _quoted(value)[1:-1] + '"""'
        else:
            self.text += _quoted(value)

    def value(self, value: Any, path: Path) -> None:
        if isinstance(value, list):
            self.text += "["
            for number, item in enumerate(value):
                self.space("", " ", "\n", " # a ] comment\n\t")
                self.note((*path, number))
                self.value(item, (*path, number))
                self.space(",", " ,", "\n,") if number < len(value) - 1 else self.space("", ",", " , # done\n")
            self.text += "]"
        elif isinstance(value, dict):
            self.text += "{"
            for number, (key, item) in enumerate(value.items()):
                self.space("", " ")
                self.note((*path, key))
                self.key(key)
                self.space("=", " = ", "\t=")
                self.value(item, (*path, key))
                self.text += "," if number < len(value) - 1 else ""
            self.text += "}"
        else:
            self.scalar(value)

    def table(self, data: dict[str, Any], path: Path, header: tuple[str, ...]) -> None:
        """Plain entries first, then subtables under [headers] or [[headers]]."""
        below = []
        for key, value in data.items():
            apart = isinstance(value, dict) or (
                isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)
            )
            if apart and self.draw(st.booleans()):
                below.append((key, value))
                continue
            self.space("", "  ", "# note = 1\n", "\n")
            self.note((*path, key))
            self.key(key)
            self.space("=", " = ")
            self.value(value, (*path, key))
            self.space("\n", "  \n", " # end\n\n")
        for key, value in below:
            tables = enumerate(value) if isinstance(value, list) else [(None, value)]
            for number, table in tables:
                self.space("", "  ")
                place = (*path, key) if number is None else (*path, key, number)
                self.note((*path, key))
                self.note(place)
                self.text += "[" if number is None else "[["
                for depth, part in enumerate((*header, key)):
                    self.text += "." if depth else ""
                    self.key(part)
                self.text += "]\n" if number is None else "]]  # another\n"
                self.table(table, place, (*header, key))


_SCALARS = st.one_of(st.integers(-99, 99), st.booleans(), _TEXTS)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_KEYS, inner, max_size=3)),
    max_leaves=12,
)


@given(st.dictionaries(_KEYS, _VALUES, max_size=4), st.data())
def test_round_trip(data: dict[str, Any], random: st.DataObject) -> None:
    writer = _Writer(random.draw)
    writer.table(data, (), ())
    assert tomllib.loads(writer.text) == data
    assert positions(writer.text) == writer.noted
