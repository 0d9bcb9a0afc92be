"""Where in a TOML text each key and each array element stands, for error messages.

``tomllib`` gives values without positions; this scanner gives positions without values. It reads text that tomllib has
accepted, so it may assume valid TOML 1.0. Standard library only.
"""

from __future__ import annotations

import json
import re
import tomllib
from bisect import bisect_right
from collections.abc import Mapping, Sequence

Path = tuple[str | int, ...]
"""Keys and array indices (from 0) from the root of the file: ("environment", "buyer", "values", 2)."""

Position = tuple[int, int]
"""Line and column, from 1."""

_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}'
    r"|'''(?:[^']|'{1,2}(?!'))*'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_PART = re.compile(r'\[(\d+)\]|("(?:[^"\\]|\\.)*")|([^.\[\]"]+)')
_SCALAR = re.compile(r"[^\s,\]}#]+(?: [0-9][^\s,\]}#]*)?")  # numbers, booleans, dates (which may contain one space)


def positions(text: str) -> dict[Path, Position]:
    """Position of every key (its first character), table header (its bracket) and array element (its first character).

    A table that is only implied, as a by ``[a.b]`` or ``a.b = 1``, stands where it is first mentioned; an array of
    tables where its first table does.
    """
    return _Scanner(text).scan()


def locate(known: Mapping[Path, Position], path: Sequence[str | int]) -> Position | None:
    """Position of the path, or of the nearest table or array around it; None when there is none but the root."""
    for end in range(len(path), 0, -1):
        if (found := known.get(tuple(path[:end]))) is not None:
            return found
    return None


def dotted(path: Sequence[str | int]) -> str:
    """The path as people write it: environment.agents[0].types[1]."""
    out = ""
    for part in path:
        if isinstance(part, int):
            out += f"[{part}]"
        else:
            out += ("." if out else "") + (part if _BARE_KEY.fullmatch(part) else json.dumps(part))
    return out


def parse_dotted(key: str) -> Path:
    """Inverse of ``dotted``."""
    return tuple(
        int(index) if index else json.loads(quoted) if quoted else bare for index, quoted, bare in _PART.findall(key)
    )


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text.replace("\r\n", "\n")  # as tomllib does
        self.at = 0
        self.starts = [0] + [match.end() for match in re.finditer("\n", self.text)]
        self.found: dict[Path, Position] = {}
        self.last: dict[Path, int] = {}  # number of the latest table of each array of tables

    def scan(self) -> dict[Path, Position]:
        table: Path = ()
        while True:
            self.skip(_BLANK)
            if self.at == len(self.text):
                return self.found
            if self.text[self.at] == "[":
                table = self.header()
            else:
                self.pair(table)

    def here(self) -> Position:
        line = bisect_right(self.starts, self.at)
        return line, self.at - self.starts[line - 1] + 1

    def skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        assert match is not None, "the text is not TOML that tomllib accepts"
        self.at = match.end()
        return match[0]

    def key(self) -> list[str]:
        parts = []
        while True:
            self.skip(_SPACE)
            if self.text[self.at] in "\"'":
                raw = self.skip(_STRING)
                parts.append(str(tomllib.loads(f"key = {raw}")["key"]) if "\\" in raw else raw[1:-1])
            else:
                parts.append(self.skip(_BARE_KEY))
            self.skip(_SPACE)
            if self.text[self.at] != ".":
                return parts
            self.at += 1

    def header(self) -> Path:
        here, many = self.here(), self.text.startswith("[[", self.at)
        self.at += 2 if many else 1
        parts = self.key()
        self.at += 2 if many else 1
        path: Path = ()
        for part in parts[:-1]:
            path = (*path, part)
            self.found.setdefault(path, here)
            if path in self.last:
                path = (*path, self.last[path])
        path = (*path, parts[-1])
        if many:
            self.found.setdefault(path, here)
            self.last[path] = self.last.get(path, -1) + 1
            path = (*path, self.last[path])
        self.found[path] = here
        return path

    def pair(self, table: Path) -> None:
        here, path = self.here(), table
        for part in self.key():
            path = (*path, part)
            self.found.setdefault(path, here)
        self.at += 1  # the equals sign
        self.skip(_SPACE)
        self.value(path)

    def value(self, path: Path) -> None:
        start = self.text[self.at]
        if start in "\"'":
            self.skip(_STRING)
        elif start in "[{":
            self.at += 1
            self.items(path, "]" if start == "[" else "}")
        else:
            self.skip(_SCALAR)

    def items(self, path: Path, end: str) -> None:
        number = 0
        while True:
            self.skip(_BLANK)
            if self.text[self.at] == end:
                self.at += 1
                return
            if self.text[self.at] == ",":
                self.at += 1
            elif end == "}":
                self.pair(path)
            else:
                item = (*path, number)
                self.found[item] = self.here()
                self.value(item)
                number += 1
