"""Standard output carries data alone: what a library prints below Python goes to standard error.

While a command runs, descriptor 1 leads where descriptor 2 leads, and ``sys.stdout`` alone where descriptor 1 led.
Workers and other programs that a command starts inherit that.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

OUTPUT, ERRORS = 1, 2


@contextmanager
def data_alone() -> Iterator[None]:
    """Only what is written to ``sys.stdout`` reaches standard output; a standard output that is closed stays so."""
    try:
        kept = os.dup(OUTPUT)
    except OSError:  # closed: nothing to keep clean
        yield
        return
    stdout = sys.stdout
    replaced = isinstance(stdout, io.TextIOWrapper) and _writes_to(stdout, OUTPUT)
    if replaced and isinstance(stdout, io.TextIOWrapper):
        with suppress(OSError, ValueError):  # what fails here fails again, and is told, when the command writes
            stdout.flush()
        sys.stdout = _stream_like(stdout, kept)
    try:
        _lead_output_to_errors()
        yield
    finally:
        if replaced:
            with suppress(OSError, ValueError):  # closed even if its last words fail: they are not tried again
                sys.stdout.close()
            sys.stdout = stdout
        os.dup2(kept, OUTPUT)
        os.close(kept)


def _writes_to(stream: io.TextIOWrapper, descriptor: int) -> bool:
    """Whether a stream writes to a descriptor; one that a test or a caller put in its place does not."""
    try:
        return stream.fileno() == descriptor
    except (OSError, ValueError):
        return False


def _stream_like(stream: io.TextIOWrapper, descriptor: int) -> io.TextIOWrapper:
    """A stream to another descriptor that writes as this one does; closing it leaves the descriptor open."""
    return io.TextIOWrapper(
        open(descriptor, "wb", buffering=0 if stream.write_through else -1, closefd=False),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


def _lead_output_to_errors() -> None:
    try:
        os.dup2(ERRORS, OUTPUT)
    except OSError:  # standard error is closed
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, OUTPUT)
        os.close(nowhere)
