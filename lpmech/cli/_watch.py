"""A line on a terminal that says what a long decision is busy with: ``solving: exact pivots, 12 s``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from time import monotonic

import click

from lpmech.base.phase import current

PATIENCE = 2.0
"""Seconds without an answer before the line appears."""

EVERY = 1.0
"""Seconds after which it is written again."""

CLEAR = "\r\x1b[K"


@contextmanager
def watched(work: str = "solving") -> Iterator[None]:
    """Show the line while this block takes long, if standard error is a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    over = Event()
    writer = Thread(target=_write, args=(work, over), daemon=True)
    writer.start()
    try:
        yield
    finally:
        over.set()
        writer.join()


def line(work: str, seconds: float) -> str:
    """What is shown after so many seconds."""
    phase = current()
    return f"{work}: {phase}, {seconds:.0f} s" if phase else f"{work}: {seconds:.0f} s"


def _write(work: str, over: Event) -> None:
    begun = monotonic()
    if over.wait(PATIENCE):
        return
    while True:
        click.echo(f"{CLEAR}{line(work, monotonic() - begun)} (Ctrl-C stops)", nl=False, err=True)
        if over.wait(EVERY):
            break
    click.echo(CLEAR, nl=False, err=True)
