"""What a decision is busy with, for whoever looks on: ``solving: exact pivots``. Nothing is decided by it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

_phases: list[str] = []


@contextmanager
def phase(name: str) -> Iterator[None]:
    """Say what is being done in this block."""
    _phases.append(name)
    try:
        yield
    finally:
        _phases.pop()


def current() -> str:
    """The innermost phase, "" if none was named."""
    last = _phases[-1:]  # one step: another thread may end a phase meanwhile
    return last[0] if last else ""
