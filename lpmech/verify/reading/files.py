"""Files: JSON, read strictly."""

from __future__ import annotations

import json
import os
import reprlib
import stat
from pathlib import Path
from typing import Any

from lpmech.verify.reading.limits import MAX_BYTES, METER, fits
from lpmech.verify.report import Refusal


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        seen = set[str]()
        for key, _ in pairs:
            if key in seen:
                raise Refusal(f"a key is given twice: {reprlib.repr(key)}")
            seen.add(key)
    return out


def _no_float(text: str) -> Any:
    raise Refusal(f'{reprlib.repr(text)} is not exact; numbers are texts such as "13/600"')


def _small_int(text: str) -> int:
    if len(text) > 10:
        raise Refusal(f"{reprlib.repr(text)}: whole numbers outside quotes number agents, types and outcomes only")
    return int(text)


def _file_bytes(path: Path) -> bytes:
    """What a file holds; a pipe, a device, a socket or a directory is refused and not waited for."""
    if not path.is_file() and path.exists():
        raise Refusal("cannot open the file: a folder, a pipe or a device", unreadable=True)
    with open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise Refusal("cannot open the file: a folder, a pipe or a device", unreadable=True)
        return stream.read() if METER.get().lifted else fits(stream.read(MAX_BYTES + 1))


def load(path: str | Path) -> Any:
    """The parsed file. Not JSON, or no file at all: a refusal marked unreadable."""
    try:
        raw = _file_bytes(Path(path))
        return json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_no_duplicates,
            parse_float=_no_float,
            parse_constant=_no_float,
            parse_int=_small_int,
        )
    except OSError as problem:
        raise Refusal(f"cannot open the file: {problem.strerror or problem}", unreadable=True) from None
    except RecursionError:
        raise Refusal("not JSON that can be read: nested too deeply", unreadable=True) from None
    except ValueError as problem:  # JSONDecodeError and UnicodeDecodeError among them
        raise Refusal(f"not JSON: {problem}", unreadable=True) from None
