"""Files in a directory that anybody may have changed: links are never followed, and only regular files are opened."""

from __future__ import annotations

import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lpmech.base.errors import InputError

ASIDE = "set-aside"
"""The subfolder that files are moved to; nothing is ever deleted from it."""

_NOT_FOLLOWED = getattr(os, "O_NOFOLLOW", 0)
_AT_ONCE = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_KINDS = ((stat.S_ISDIR, "a folder"), (stat.S_ISLNK, "a link"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISREG, ""))


class NotReadable(Exception):  # noqa: N818 - told to whoever asked for the file, with its name
    """Why a file cannot be had, in a few words."""


def shown(name: str) -> str:
    """The name of a file for messages: control characters escaped, at most 80 characters."""
    text = repr(name)[1:-1]
    return text if len(text) <= 80 else text[:77] + "..."


@contextmanager
def usable(folder: Path) -> Iterator[None]:
    """What the system refuses in this folder becomes an InputError."""
    try:
        yield
    except (OSError, ValueError) as problem:
        if isinstance(problem, InputError):
            raise
        why = getattr(problem, "strerror", None) or str(problem)
        raise InputError(
            f"cannot be used: {why}", file=shown(str(folder)), expected="a directory to read and write"
        ) from None


def kind(path: Path) -> str:
    """What is there in the place of a regular file; "" for one."""
    mode = os.lstat(path).st_mode
    return next((word for is_such, word in _KINDS if is_such(mode)), "a device or a socket")


def opened(path: Path, flags: int) -> int:
    """A descriptor of a regular file. Raises NotReadable for anything else; FileNotFoundError if nothing is there."""
    try:
        handle = os.open(path, flags | _NOT_FOLLOWED | _AT_ONCE, 0o666)
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as problem:
        with_kind = kind(path) if os.path.lexists(path) else ""
        why = getattr(problem, "strerror", None) or str(problem)
        raise NotReadable(f"{with_kind}, not a file" if with_kind else f"cannot be opened: {why}") from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise NotReadable(f"{kind(path)}, not a file")
    return handle


def read(path: Path, most: int) -> bytes:
    """The bytes of a regular file, at most so many. Raises NotReadable; FileNotFoundError if nothing is there."""
    with os.fdopen(opened(path, os.O_RDONLY), "rb") as stream:
        if os.fstat(stream.fileno()).st_size > most:
            raise NotReadable(f"more than {most:,} bytes")
        try:
            return stream.read(most + 1)
        except OSError as problem:
            raise NotReadable(f"cannot be read: {problem.strerror}") from None


def write(folder: Path, name: str, data: bytes) -> None:
    """A file that is either whole, and on the disk, or not there."""
    temporary = folder / f".{name}.{secrets.token_hex(8)}.tmp"
    handle = os.open(
        temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOT_FOLLOWED | getattr(os, "O_BINARY", 0), 0o666
    )
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, folder / name)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def set_aside(folder: Path, name: str) -> None:
    """Move a file, whatever it is, to the subfolder ``set-aside``, under a name that is free there."""
    place = folder / ASIDE
    place.mkdir(exist_ok=True)
    if kind(place) != "a folder":
        raise InputError(f"{kind(place)}, not a folder", file=str(place), expected="to move it away")
    free, number = place / name, 1
    while os.path.lexists(free):
        free, number = place / f"{number}-{name[-200:]}", number + 1
    os.rename(folder / name, free)


def remove_temporary(folder: Path) -> None:
    """Remove what a driver that was killed left half written."""
    for name in os.listdir(folder):
        if re.fullmatch(r"\..*\.tmp", name, re.DOTALL) and kind(folder / name) in ("", "a link"):
            (folder / name).unlink()
