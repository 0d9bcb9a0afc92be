"""How much work something is, counted and not timed: calls of functions, those of the standard library included."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Effort:
    """``calls`` of functions written in Python or C."""

    calls = 0

    def count(self, frame: FrameType, event: str, argument: object) -> None:
        self.calls += event in ("call", "c_call")


@contextmanager
def effort(most: int) -> Iterator[Effort]:
    """Within at most so many calls are made."""
    found, before = Effort(), sys.getprofile()
    sys.setprofile(found.count)
    try:
        yield found
    finally:
        sys.setprofile(before)
    assert found.calls <= most, f"{found.calls:,} calls, at most {most:,}"
