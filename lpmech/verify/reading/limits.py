"""What a file may ask for, refused before anything is expanded (docs/proof-format.md lists the limits with their units).

They can only refuse: a sceptic may pass over this file.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from contextvars import ContextVar
from typing import Any, NoReturn

from lpmech.verify.report import Refusal

MAX_BYTES = 64 * 2**20
"""Size of a file, in bytes."""
MAX_ENTRIES = 5_000_000
"""Commas and opening brackets in a file; an opening brace counts four times."""
MAX_DEPTH = 20
"""Lists and objects within each other."""
MAX_DIGITS = 100_000
"""Characters of a number."""
MAX_SQUARES = 5 * 10**10
"""Sum of the squared lengths, in characters, of all texts beyond 1,000 characters: reading a number is quadratic."""
MAX_AGENTS = 20_000
"""Agents of a question."""
MAX_CELLS = 20_000_000
"""Profiles times (outcomes + agents) where all are enumerated."""
SMALL_CELLS = 1_000_000
"""As many cells may be asked for by any file, beyond that ``CELLS_FOR_AN_ENTRY`` for each entry of it."""
CELLS_FOR_AN_ENTRY = 10
MAX_WORK = 4 * 10**8
"""Numbers over one denominator, times its binary digits b, times b / 5,000 where b is more than 5,000."""
MAX_STEPS = 5_000_000
"""Additions over profiles, types and reports in checking incentives and adding multipliers up; reading an entry of
the multipliers counts as ``STEPS_FOR_AN_ENTRY``."""
STEPS_FOR_AN_ENTRY = 20
STEPS_FOR_A_ROW = 30
"""A constraint written out, in proofs with arguments; and as many as there are agents, whose types it names."""


class Meter:
    """What one proof has asked for so far. ``entries`` is how many it holds; None: it was made here, and may ask for
    ``MAX_CELLS`` and any work. ``lifted``: no limits at all."""

    def __init__(self, entries: int | None = None, lifted: bool = False) -> None:
        self.entries, self.lifted, self.steps = entries, lifted, 0

    def refuse(self, problem: str) -> NoReturn:
        raise Refusal(f"{problem}; --no-limits lifts this limit")

    def agents(self, count: int, where: str) -> None:
        if count > MAX_AGENTS and not self.lifted:
            self.refuse(f"{where}: {count:,} agents, at most {MAX_AGENTS:,}")

    def cells(self, profiles: int, outcomes: int, agents: int = 0) -> None:
        """Refuse what is too large to enumerate."""
        if self.lifted:
            return
        most, across = MAX_CELLS, outcomes
        if self.entries is not None:
            most, across = min(most, max(SMALL_CELLS, CELLS_FOR_AN_ENTRY * self.entries)), outcomes + agents
        if profiles * across > most:
            self.refuse(
                f"instance: {counted(profiles)} profiles x {counted(across)} outcomes{' and agents' if agents else ''} are"
                f" too many to enumerate (limit {most:,} for this file)"
            )

    def work(self, count: int, bits: int, where: str) -> None:
        """So many numbers in units of a denominator of so many binary digits."""
        if self.entries is None or self.lifted:
            return
        if count * bits * max(1, bits // 5000) > MAX_WORK:
            self.refuse(f"{where}: {count:,} numbers over a common denominator of {bits:,} binary digits or more")

    def take(self, steps: int) -> None:
        """Count steps before they are taken."""
        self.steps += steps
        if self.steps > MAX_STEPS and self.entries is not None and not self.lifted:
            self.refuse(f"the check would take more than {MAX_STEPS:,} steps")


def counted(n: int) -> str:
    return f"{n:,}" if n < 10**30 else "more than 10^30"


METER: ContextVar[Meter] = ContextVar("meter", default=Meter())  # noqa: B039
"""The meter of the file that is being checked."""


def measured(proof: Any) -> int:
    """How many entries a parsed file has; refuses nesting and long texts."""
    level, depth, entries, squares = [proof], 0, 0, 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            METER.get().refuse(f"nested too deeply: lists and objects within each other, at most {MAX_DEPTH}")
        below: list[Any] = []
        for node in level:
            parts = node.values() if type(node) is dict else node if type(node) is list else ()
            entries += len(parts)
            below += [x for x in parts if type(x) is list or type(x) is dict]
            squares += sum([len(x) ** 2 for x in parts if type(x) is str and len(x) > 1000])
        level = below
    if squares > MAX_SQUARES:
        METER.get().refuse(f"too many long numbers: their squared lengths sum to {squares:,}, at most {MAX_SQUARES:,}")
    return entries


def fits(raw: bytes) -> bytes:
    """The bytes of a file, which can be parsed in bounded memory."""
    if len(raw) > MAX_BYTES:
        METER.get().refuse(f"a file of more than {MAX_BYTES // 2**20} MB")
    entries = raw.count(b",") + raw.count(b"[") + 4 * raw.count(b"{")
    if entries > MAX_ENTRIES:
        METER.get().refuse(
            f"{entries:,} entries (commas and brackets; a brace counts four times), at most {MAX_ENTRIES:,}"
        )
    return raw


def common(denominators: Iterable[int], count: int, where: str) -> int:
    """Least common denominator of so many numbers."""
    by, meter = 1, METER.get()
    for bottom in set(denominators):
        by = math.lcm(by, bottom)
        meter.work(count, by.bit_length(), where)
    return by
