"""The directory of a sweep: a manifest, and one Parquet file for each range of rows that is done.

Every file is written under a temporary name, flushed to the disk and renamed, so that whatever has its final name is
whole. What is done is what is there: there is no index to fall out of step. The name of a part holds its range and a
checksum of the sweep, the range and every byte, so a part is good by itself or not at all.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from lpmech.base.errors import InputError
from lpmech.studies.sweep import disk
from lpmech.studies.sweep import manifest as manifests
from lpmech.studies.sweep.plan import Plan

MOST = 2**31
"""Bytes of a part."""

NAMED = 5
"""How many bad parts a message names."""

_PART = re.compile(r"rows-([0-9]{10,18})-([0-9]{10,18})-([0-9a-f]{32})\.parquet")
_OURS = ("plots", "proofs", disk.ASIDE, manifests.NAME)

Span = tuple[int, int]
"""Rows from the first number up to, not including, the second."""


@dataclass(frozen=True)
class Store:
    """A directory of results."""

    folder: Path

    @property
    def manifest(self) -> dict[str, Any]:
        """What the directory was made for. Raises InputError if it is no directory of a sweep."""
        with disk.usable(self.folder):
            return manifests.read(self.folder)

    @cached_property
    def identity(self) -> str:
        """What the checksum of every part covers besides its range and its bytes."""
        return manifests.identity(self.manifest)

    def claim(self, repair: bool = False) -> None:
        """Make the directory, if need be. Raises InputError if it holds something else than a sweep."""
        with disk.usable(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            names = [name for name in os.listdir(self.folder) if not name.startswith(".")]
        if manifests.NAME in names or not names:
            return
        if not all(name in _OURS or _like_a_part(name) for name in names):
            raise InputError(
                "a directory with other files",
                file=disk.shown(str(self.folder)),
                expected="a new or an empty directory",
            )
        if not repair:
            raise InputError(f"{manifests.NAME} is lost", file=disk.shown(str(self.folder)), expected=manifests.REPAIR)

    def open(self, plan: Plan, keep_proofs: bool, repair: bool = False) -> None:
        """Make the directory this sweep's, or see that it is. Raises InputError if it holds something else.

        ``repair``: a damaged manifest and bad parts are set aside.
        """
        self.claim(repair)
        wanted = manifests.manifest(plan, keep_proofs)
        with disk.usable(self.folder):
            if os.path.lexists(self.folder / manifests.NAME):
                try:
                    manifests.compare(wanted, self.manifest, self.folder)
                except manifests.DamagedError:
                    if not repair:
                        raise
                    disk.set_aside(self.folder, manifests.NAME)
            if not os.path.lexists(self.folder / manifests.NAME):
                disk.write(self.folder, manifests.NAME, manifests.written(wanted))
            if repair:
                for name in self._sorted(plan.rows)[1]:
                    disk.set_aside(self.folder, name)

    def add(self, span: Span, data: bytes) -> None:
        """Rows that are done."""
        with disk.usable(self.folder):
            disk.write(self.folder, _name(span, self._checksum(span, data)), data)

    def parts(self) -> list[tuple[Span, Path]]:
        """What is done, in order. Raises InputError that names every part that is not as it was written."""
        good, bad = self._sorted(self.manifest["rows"])
        if bad:
            named = [f"{disk.shown(name)} ({why})" for name, why in sorted(bad.items())[:NAMED]]
            more = [f"and {len(bad) - NAMED:,} more"] if len(bad) > NAMED else []
            raise InputError(
                "parts that cannot be used: " + ", ".join(named + more),
                file=disk.shown(str(self.folder)),
                expected=manifests.REPAIR,
            )
        return good

    def table(self, path: Path, columns: Sequence[str]) -> Any:
        """Columns of a part, whose checksum is compared again. Raises InputError about a part that has changed."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            return pq.read_table(io.BytesIO(self._data(path)), columns=list(columns))
        except (disk.NotReadable, FileNotFoundError, pa.ArrowException, OSError, ValueError, KeyError) as problem:
            why = str(problem).split("\n")[0]
            raise InputError(
                f"a part that cannot be used: {why}", file=disk.shown(str(path)), expected=manifests.REPAIR
            ) from None

    def missing(self, rows: int) -> list[Span]:
        """Ranges of rows that are not done."""
        out, at = [], 0
        for (start, stop), _ in self.parts():
            if at < start:
                out.append((at, start))
            at = stop
        return out + ([(at, rows)] if at < rows else [])

    def set_crashes_aside(self) -> None:
        """Set aside the rows that crashed their worker: each is a part by itself."""
        for (start, stop), path in self.parts():
            if stop - start == 1 and self.table(path, ["verdict"])["verdict"].to_pylist() == ["crash"]:
                with disk.usable(self.folder):
                    disk.set_aside(self.folder, path.name)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One driver at a time; the lock ends with its process."""
        try:
            import fcntl
        except ImportError:  # no such locks here
            yield
            return
        try:
            with disk.usable(self.folder):
                lock = disk.opened(self.folder / ".lock", os.O_RDWR | os.O_CREAT)
        except disk.NotReadable as problem:
            raise InputError(
                str(problem), file=disk.shown(str(self.folder / ".lock")), expected="to move it away"
            ) from None
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise InputError("another lpmech sweep is writing here", file=str(self.folder)) from None
            with disk.usable(self.folder):
                disk.remove_temporary(self.folder)
            yield
        finally:
            os.close(lock)

    def _sorted(self, rows: int) -> tuple[list[tuple[Span, Path]], dict[str, str]]:
        """Good parts in order; the names of all others that look like parts, and what is wrong with each."""
        good: list[tuple[Span, Path]] = []
        bad: dict[str, str] = {}
        with disk.usable(self.folder):
            names = sorted(name for name in os.listdir(self.folder) if _like_a_part(name))
        at = 0
        for span, name in sorted((_span(name), name) for name in names):
            start, stop = span
            try:
                if not start < stop <= rows:
                    raise disk.NotReadable("no part of this sweep" if start < stop else "not the name of a part")
                self._data(self.folder / name)
                if start < at:
                    raise disk.NotReadable("rows that are in another part, too")
            except FileNotFoundError:
                bad[name] = "it is gone"
            except disk.NotReadable as problem:
                bad[name] = str(problem)
            else:
                good.append((span, self.folder / name))
                at = stop
        return good, bad

    def _data(self, path: Path) -> bytes:
        """The bytes of a part. Raises NotReadable if they are not those that were written under this name."""
        data = disk.read(path, MOST)
        span = _span(path.name)
        if path.name != _name(span, self._checksum(span, data)):
            raise disk.NotReadable("damaged, or of another sweep or place: its checksum differs")
        return data

    def _checksum(self, span: Span, data: bytes) -> str:
        digest = hashlib.sha256(f"{self.identity} {span[0]} {span[1]}\n".encode())
        digest.update(data)
        return digest.hexdigest()[:32]


def _like_a_part(name: str) -> bool:
    """Hidden files aside: what could be taken for a part, whatever became of its name."""
    low = name.lower()
    return not low.startswith(".") and (low.startswith("rows-") or low.endswith(".parquet"))


def _span(name: str) -> Span:
    """The range in the name of a part; an empty one if it is no such name."""
    match = _PART.fullmatch(name)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def _name(span: Span, checksum: str) -> str:
    return f"rows-{span[0]:010d}-{span[1]:010d}-{checksum}.parquet"
