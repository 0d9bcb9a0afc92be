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
    package = Path(__file__).parent / folder
    files = sorted(module.name for module in iter_modules([str(package)]) if not module.name.startswith("_"))
    return [file.replace("_", "-") for file in files] if folder == "mechanisms" else files


def entries(folder: str) -> list[Entry]:
    """Entries of a folder of this package, by name; none if there is no such folder."""
    spec = find_spec(f"lpmech.{ROOMS[folder]}.{folder}" if folder in ROOMS else f"lpmech.{folder}")
    found = []
    for place in (spec.submodule_search_locations or ()) if spec is not None else ():
        for module in iter_modules([place]):
            if not module.ispkg and not module.name.startswith("_"):
                file = Path(place) / f"{module.name}.py"
                name = module.name.replace("_", "-") if folder == "mechanisms" else module.name
                found.append(_entry(name, ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""))
    return sorted(found, key=lambda entry: entry.name)


def _entry(name: str, text: str) -> Entry:
    title = " ".join(text.split("\n\n")[0].split())
    source = re.search(r"\b[Ss]ource(?: and proof)?:\s+(.*?)(?:\n\n|\Z)", text, re.DOTALL)
    return Entry(name, title.removesuffix("."), " ".join(source[1].split()).removesuffix(".") if source else None)
