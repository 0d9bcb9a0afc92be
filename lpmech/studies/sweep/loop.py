"""The one loop: rows that are missing -> chunks -> futures -> Parquet parts, whatever happens to workers.

When a worker dies, every chunk that was under way is a suspect: it failed with the others, or was on the dead worker.
Suspects run alone, one at a time. One that dies alone is cut into pieces, until a single row has died alone twice: that row
is reported as "crash". All others are decided.
"""

from __future__ import annotations

import math
import pickle
import time
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field

from lpmech.studies.sweep.plan import Plan
from lpmech.studies.sweep.pools import Pool
from lpmech.studies.sweep.rows import Part, decide, parquet, unanswered
from lpmech.studies.sweep.store import Span, Store

TARGET = 0.5
"""Seconds of work in a chunk."""

LARGEST = 100_000
"""Most rows in a chunk."""

PIECES = 16
"""Into how many pieces a chunk is cut whose worker died while it ran alone."""

Progress = Callable[[int, int], None]
"""Called with the rows done and all rows."""

Decide = Callable[[bytes, int, int, bool], Part]


@dataclass
class Loop:
    """The state of one run; ``run`` ends when every row is in the store."""

    plan: Plan
    store: Store
    pool: Pool
    keep_proofs: bool = False
    progress: Progress = lambda done, rows: None
    decide: Decide = decide
    size: int = 1
    todo: deque[Span] = field(default_factory=deque)
    suspects: list[Span] = field(default_factory=list)
    strikes: Counter[int] = field(default_factory=Counter)
    running: dict[Future[Part], Span] = field(default_factory=dict)
    broken: bool = False
    alone: bool = False
    """A suspect is running, and nothing beside it."""

    def run(self) -> None:
        """Decide what is missing."""
        self.todo = deque(self.store.missing(self.plan.rows))
        packed = pickle.dumps(self.plan)
        executor = self.pool.executor() if self.todo else None
        done = self.plan.rows - sum(stop - start for start, stop in self.todo)
        self.progress(done, self.plan.rows)
        while executor is not None and (self.todo or self.suspects or self.running):
            if self.broken and not self.running:
                executor, self.broken = self.pool.executor(), False
            while not self.broken and (span := self._next()) is not None:
                try:
                    future = executor.submit(self.decide, packed, *span, self.keep_proofs)
                except self.pool.deaths:
                    self.suspects.append(span)
                    self.broken = True
                else:
                    self.running[future] = span
            if not self.running:
                continue
            finished, _ = wait(self.running, return_when=FIRST_COMPLETED)
            for future in finished:
                span = self.running.pop(future)
                try:
                    part = future.result()
                except self.pool.deaths:
                    self.broken = True
                    done += self._died(span)
                else:
                    self.store.add(span, part.data)
                    self._pace(part.seconds, span[1] - span[0])
                    done += span[1] - span[0]
            self.progress(done, self.plan.rows)

    def _next(self) -> Span | None:
        """What to submit now, if anything."""
        if self.running and (self.suspects or self.alone):
            return None
        self.alone = bool(self.suspects)
        if self.alone:
            return self.suspects.pop()
        if not self.todo or len(self.running) >= 2 * self.pool.workers:
            return None
        start, stop = self.todo.popleft()
        end = min(stop, start + self.size)
        if end < stop:
            self.todo.appendleft((end, stop))
        return start, end

    def _pace(self, seconds: float, rows: int) -> None:
        """Rows in the next chunks: what takes TARGET seconds, at most eight times as many as before."""
        fitting = math.ceil(TARGET * rows / max(seconds, 1e-6))
        self.size = max(1, min(fitting, 8 * self.size, LARGEST))

    def _died(self, span: Span) -> int:
        """Take note of a chunk whose worker died; the number of rows that are settled by it."""
        start, stop = span
        if self.alone and stop - start > 1:
            step = math.ceil((stop - start) / PIECES)
            self.suspects += [(at, min(at + step, stop)) for at in range(start, stop, step)]
            return 0
        self.strikes[start] += self.alone
        if self.alone and self.strikes[start] > 1:
            row = unanswered(self.plan, start, "crash", "the worker that decided this row died, twice")
            self.store.add(span, parquet(self.plan, [row], self.keep_proofs))
            return 1
        self.suspects.append(span)
        return 0


def timed(seconds: float) -> str:
    """A duration for people: 5 s, 2:03, 1:02:03."""
    whole = math.ceil(seconds)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}" if minutes else f"{rest} s"


@dataclass
class Pace:
    """Rate and time left, from what was done since the start."""

    begun: float = field(default_factory=time.perf_counter)
    first: int | None = None

    def words(self, done: int, rows: int) -> str:
        """Such as "120 of 1,000 rows, 60/s, 15 s left"."""
        self.first = done if self.first is None else self.first
        text = f"{done:,} of {rows:,} rows"
        gained, passed = done - self.first, time.perf_counter() - self.begun
        if gained and passed > 0:
            text += f", {gained / passed:,.0f}/s" if gained > passed else f", {passed / gained:.1f} s each"
            text += f", {timed((rows - done) * passed / gained)} left" if done < rows else ""
        return text
