"""Files that are written whole or not at all, and read only if they are files."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from pathlib import Path

from lpmech.base.errors import InputError

MAX_BYTES = 16 * 2**20
"""Largest file that is read."""

_KINDS = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
"""What is no file, and what it is called."""


def read(path: str | os.PathLike[str], most: int = MAX_BYTES) -> bytes:
    """What a file holds. Raises InputError if it cannot be had, is larger than ``most`` bytes, or is no file.

    A pipe or a device is not waited for.
    """
    file = str(path)
    try:
        _require_file(os.stat(path).st_mode, file)  # before it is opened, which a device may notice
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(handle, "rb") as stream:
            _require_file(os.fstat(handle).st_mode, file)
            raw = stream.read(most + 1)
    except OSError as problem:
        reason = {FileNotFoundError: "no such file", IsADirectoryError: "a directory, not a file"}.get(type(problem))
        raise InputError(reason or f"cannot be read: {problem.strerror}", file=file) from None
    except ValueError as problem:  # a null character in the name, or a lone surrogate
        if isinstance(problem, InputError):
            raise
        raise InputError("not the name of a file", file=file) from None
    require_size(raw, file, most)
    return raw


def _require_file(mode: int, file: str) -> None:
    for is_kind, name in _KINDS:
        if is_kind(mode):
            raise InputError(f"{name}, not a file", file=file)


def require_size(raw: bytes, file: str, most: int = MAX_BYTES) -> None:
    """Raise InputError if there are more than ``most`` bytes."""
    if len(raw) > most:
        raise InputError(f"a file of more than {most // 2**20} MB", file=file, expected="a smaller one")


def read_text(path: str | os.PathLike[str]) -> str:
    """Text of a file, at most 16 MB of UTF-8. Raises InputError if it cannot be had."""
    return decoded(read(path), str(path))


def decoded(raw: bytes, file: str) -> str:
    """Text of at most 16 MB of UTF-8, with or without a byte order mark. Raises InputError about ``file`` otherwise."""
    require_size(raw, file)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = raw.count(b"\n", 0, problem.start) + 1
        raise InputError("not text in UTF-8", file=file, line=line, value=f"byte {raw[problem.start]:#04x}") from None


STANDARD_OUTPUT = ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")
"""Names of standard output: what is written there takes its turn with what is printed."""


def write(path: str | os.PathLike[str], content: str | bytes) -> Path:
    """Write a file, text as UTF-8; a file of that name is replaced only once the new one is complete.

    A link is followed; a device or a pipe is written to as it is.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    if os.fspath(path) in STANDARD_OUTPUT and hasattr(sys.stdout, "buffer"):
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        return Path(path)
    target = Path(path).resolve() if Path(path).is_symlink() else Path(path)
    if target.exists() and not target.is_file():
        with target.open("wb") as stream:
            stream.write(data)
        return target
    handle, temporary = tempfile.mkstemp(dir=target.parent or ".", prefix=f".{target.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(temporary, 0o644)
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return target
