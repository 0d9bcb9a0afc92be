"""``manifest.json``: what a directory of results was made for. It carries a checksum of itself."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from lpmech.base.errors import InputError
from lpmech.base.version import __version__
from lpmech.studies.sweep import disk
from lpmech.studies.sweep.plan import Plan

FORMAT = "lpmech-sweep-run/2"
NAME = "manifest.json"
MOST = 2**27
"""Bytes; a sweep, an instance and a table have at most 16 MB each."""

REPAIR = "lpmech sweep SWEEP.toml --out DIR --repair, which sets aside what is damaged and decides its rows again"

_PACKAGES = ("cvxpy-base", "highspy", "numpy", "pyarrow", "python-flint", "scipy")
_EARLIER = ("lpmech-sweep-run/1",)


class DamagedError(InputError):
    """A manifest that ``--repair`` may write anew."""


def manifest(plan: Plan, keep_proofs: bool) -> dict[str, Any]:
    """The manifest of a sweep decided by this version. Only the version of lpmech is compared: no package changes an
    exact answer, and the others are there to be read."""
    return {
        "format": FORMAT,
        "rows": plan.rows,
        "proof": plan.proof,
        "keep_proofs": keep_proofs,
        "base": str(plan.base),
        "allow_paths": plan.allow_paths,
        "pins": dict(plan.pins),
        "theorems": list(plan.theorems),
        "versions": {
            "lpmech": __version__,
            "python": platform.python_version(),
            **{name: _installed(name) for name in _PACKAGES},
        },
    }


def written(content: Mapping[str, Any]) -> bytes:
    """The file."""
    whole = {**content, "checksum": _digest(content)}
    return json.dumps(whole, indent=1, ensure_ascii=False).encode("utf-8", "surrogatepass")


def identity(content: Mapping[str, Any]) -> str:
    """What all parts of a sweep have in common, and those of no other: the questions, the choices, the version."""
    asked = {name: content[name] for name in ("format", "rows", "proof", "keep_proofs", "pins", "theorems")}
    return _digest({**asked, "lpmech": content["versions"]["lpmech"]})


def read(folder: Path) -> dict[str, Any]:
    """The manifest in a folder. Raises InputError if there is none; DamagedError if it is not as it was written."""
    path = folder / NAME
    where = disk.shown(str(path))
    try:
        text = disk.read(path, MOST)
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(
            "no sweep was written here",
            file=disk.shown(str(folder)),
            expected=f"a directory made by lpmech sweep; if only {NAME} is lost, {REPAIR}",
        ) from None
    except disk.NotReadable as problem:
        raise DamagedError(f"not a manifest: {problem}", file=where, expected=REPAIR) from None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise DamagedError("not a manifest", file=where, expected=REPAIR) from None
    if isinstance(found, dict) and found.get("format") in _EARLIER:
        raise InputError(
            "the results of an earlier version of lpmech, whose parts carry no checksums",
            file=where,
            expected="that version, or another directory, to decide the sweep again",
        )
    if not isinstance(found, dict):
        raise DamagedError("not a manifest", file=where, expected=REPAIR)
    checksum = found.pop("checksum", None)
    if checksum != _digest(found) or not all(fits(found.get(name)) for name, fits in _FIELDS.items()):
        raise DamagedError("not the manifest that was written: its checksum differs", file=where, expected=REPAIR)
    return found


def compare(wanted: Mapping[str, Any], there: Mapping[str, Any], folder: Path) -> None:
    """Raise InputError unless both are of one sweep."""
    for what, get in _COMPARED:
        if get(wanted) != get(there):
            raise InputError(
                f"holds the results of another sweep: the {what} has changed",
                file=disk.shown(str(folder)),
                expected="the same sweep, to be resumed, or another directory",
            )


def _installed(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _digest(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _texts(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())


_FIELDS: dict[str, Callable[[Any], bool]] = {
    "format": lambda value: value == FORMAT,
    "rows": lambda value: type(value) is int,
    "proof": lambda value: isinstance(value, str),
    "keep_proofs": lambda value: isinstance(value, bool),
    "base": lambda value: isinstance(value, str),
    "allow_paths": lambda value: isinstance(value, bool),
    "pins": lambda value: _texts(value) and "sweep" in value,
    "theorems": lambda value: isinstance(value, list) and all(isinstance(name, str) for name in value),
    "versions": lambda value: isinstance(value, dict) and isinstance(value.get("lpmech"), str),
}

_COMPARED: tuple[tuple[str, Callable[[Mapping[str, Any]], Any]], ...] = (
    ("sweep file", lambda content: content["pins"]["sweep"]),
    ("instance file", lambda content: content["pins"].get("instance")),
    ("allocation table", lambda content: content["pins"].get("table")),
    ("choice of theorems", lambda content: content["theorems"]),
    ("choice of when to make proofs", lambda content: content["proof"]),
    ("choice of keeping proofs", lambda content: content["keep_proofs"]),
    ("version of lpmech", lambda content: content["versions"]["lpmech"]),
    ("number of rows", lambda content: content["rows"]),
)
