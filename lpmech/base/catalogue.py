"""What there is: the files of a folder, with the titles and the sources that their docstrings give.

Docstrings are read without importing the files, which would bring in numpy or cvxpy.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules

FOLDERS = {
    "mechanisms": "Mechanisms",
    "closed_forms": "Closed forms",
    "formulations": "Formulations",
    "theorems": "Theorems",
}
"""Folders of one entry a file, in the order of ``lpmech list``, and what their entries are called."""

ROOMS = {"mechanisms": "literature", "formulations": "programs", "theorems": "literature"}
"""The room that a folder is in, if it is not a room itself."""


@dataclass(frozen=True)
class Entry:
    """One file: the name users write, the first sentence of its docstring, and what follows ``Source:`` in it."""

    name: str
    title: str
    source: str | None


def names(folder: str) -> list[str]:
    """Names of the entries of a folder, as users write them, without reading its files."""
    return sorted(_files(folder))


def entries(folder: str) -> list[Entry]:
    """Entries of a folder of this package, by name; none if there is no such folder."""
    docs = {
        name: ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) for name, file in _files(folder).items()
    }
    return [_entry(name, text or "") for name, text in sorted(docs.items())]


def _files(folder: str) -> dict[str, Path]:
    """The file of each entry, by the name that users write."""
    spec = find_spec(f"lpmech.{ROOMS[folder]}.{folder}" if folder in ROOMS else f"lpmech.{folder}")
    found: dict[str, Path] = {}
    for place in (spec.submodule_search_locations or ()) if spec is not None else ():
        for module in iter_modules([place]):
            if not module.ispkg and not module.name.startswith("_"):
                name = module.name.replace("_", "-") if folder == "mechanisms" else module.name
                found[name] = Path(place) / f"{module.name}.py"
    return found


def _entry(name: str, text: str) -> Entry:
    title = " ".join(text.split("\n\n")[0].split())
    source = re.search(r"\b[Ss]ource(?: and proof)?:\s+(.*?)(?:\n\n|\Z)", text, re.DOTALL)
    return Entry(name, title.removesuffix("."), " ".join(source[1].split()).removesuffix(".") if source else None)
