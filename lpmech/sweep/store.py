"""The directory of a sweep: a manifest, and one Parquet file for each range of rows that is done.

Every file is written under a temporary name, flushed to the disk and renamed, so that whatever has its final name is
whole. What is done is what is there: there is no index to fall out of step.
"""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from itertools import pairwise
from pathlib import Path
from typing import Any

from lpmech import __version__
from lpmech.errors import InputError
from lpmech.sweep.plan import Plan

FORMAT = "lpmech-sweep-run/1"
MANIFEST = "manifest.json"
_PART = re.compile(r"rows-(\d+)-(\d+)\.parquet")
_PACKAGES = ("cvxpy-base", "highspy", "numpy", "pyarrow", "python-flint", "scipy")

Span = tuple[int, int]
"""Rows from the first number up to, not including, the second."""


def installed(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


@dataclass(frozen=True)
class Store:
    """A directory of results."""

    folder: Path

    @property
    def manifest(self) -> dict[str, Any]:
        """What the directory was made for. Raises InputError if it is no directory of a sweep."""
        try:
            found = json.loads((self.folder / MANIFEST).read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            raise InputError(
                "no sweep was written here", file=str(self.folder), expected="a directory made by lpmech sweep"
            ) from None
        except ValueError:
            raise InputError("not a manifest", file=str(self.folder / MANIFEST)) from None
        if not isinstance(found, dict) or found.get("format") != FORMAT:
            raise InputError("a manifest of another format", file=str(self.folder / MANIFEST), expected=FORMAT)
        return found

    def open(self, plan: Plan, keep_proofs: bool) -> None:
        """Make the directory this sweep's, or see that it is. Raises InputError if it holds something else."""
        wanted = {
            "format": FORMAT,
            "rows": plan.rows,
            "proof": plan.proof,
            "keep_proofs": keep_proofs,
            "base": str(plan.base),
            "pins": dict(plan.pins),
            "theorems": list(plan.theorems),
            "versions": {
                "lpmech": __version__,
                "python": platform.python_version(),
                **{name: installed(name) for name in _PACKAGES},
            },
        }
        self.folder.mkdir(parents=True, exist_ok=True)
        if not (self.folder / MANIFEST).exists():
            if any(not file.name.startswith(".") for file in self.folder.iterdir()):
                raise InputError(
                    "a directory with other files", file=str(self.folder), expected="a new or an empty directory"
                )
            self.write(MANIFEST, json.dumps(wanted, indent=1, ensure_ascii=False).encode())
            return
        there = self.manifest
        for what, ours, theirs in (
            ("sweep file", plan.pins["sweep"], there["pins"].get("sweep")),
            ("instance file", plan.pins.get("instance"), there["pins"].get("instance")),
            ("allocation table", plan.pins.get("table"), there["pins"].get("table")),
            ("choice of theorems", list(plan.theorems), there.get("theorems", [])),
            ("choice of when to make proofs", plan.proof, there["proof"]),
            ("choice of keeping proofs", keep_proofs, there["keep_proofs"]),
            ("version of lpmech", __version__, there["versions"]["lpmech"]),
        ):
            if ours != theirs:
                raise InputError(
                    f"holds the results of another sweep: the {what} has changed",
                    file=str(self.folder),
                    expected="the same sweep, to be resumed, or another directory",
                )

    def write(self, name: str, data: bytes) -> None:
        """A file that is either whole or not there."""
        temporary = self.folder / f".{name}.tmp"
        with temporary.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, self.folder / name)

    def add(self, span: Span, data: bytes) -> None:
        """Rows that are done."""
        self.write(f"rows-{span[0]:010d}-{span[1]:010d}.parquet", data)

    def parts(self) -> list[tuple[Span, Path]]:
        """What is done, in order. Raises InputError if two parts hold a row, which only tampering brings about."""
        found = [(m, file) for file in self.folder.iterdir() if (m := _PART.fullmatch(file.name))]
        parts = sorted(((int(m[1]), int(m[2])), file) for m, file in found)
        for ((_, stop), _), ((start, _), file) in pairwise(parts):
            if start < stop:
                raise InputError("a row that is in another file, too", file=str(file))
        return parts

    def missing(self, rows: int) -> list[Span]:
        """Ranges of rows that are not done."""
        out, at = [], 0
        for (start, stop), _ in self.parts():
            if at < start:
                out.append((at, start))
            at = stop
        return out + ([(at, rows)] if at < rows else [])

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One driver at a time; the lock ends with its process."""
        try:
            import fcntl
        except ImportError:  # no such locks here
            yield
            return
        with (self.folder / ".lock").open("w") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise InputError("another lpmech sweep is writing here", file=str(self.folder)) from None
            for left in self.folder.glob(".*.tmp"):  # by a driver that was killed while it wrote
                left.unlink()
            yield
