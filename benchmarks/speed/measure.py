"""Clocks and memory of one process."""

from __future__ import annotations

import resource
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from unittest.mock import patch

from lpmech import closed_forms, engine
from lpmech.answer.proof import Proof
from lpmech.certify.solver import highs

T = TypeVar("T")


class Time(NamedTuple):
    """Seconds: of this process on all its threads, and on the wall."""

    cpu: float
    wall: float


def timed(do: Callable[[], T]) -> tuple[Time, T]:
    cpu, wall = time.process_time(), time.perf_counter()
    out = do()
    return Time(time.process_time() - cpu, time.perf_counter() - wall), out


def peak_memory() -> float:
    """Most memory that this process has held, in MB, interpreter and libraries included.

    Linux counts what the parent held before the program was loaded in ``ru_maxrss``, but not in VmHWM.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class Phases:
    """Processor time in each phase of lpmech's own way through a decision, exclusive of the phases inside it.

    build: the program, exact, or the closed form with its proof; solve: HiGHS; certify: from a basis to an exact optimum;
    verify: writing the proof out and checking it; the rest is ``other``.
    """

    NAMES = ("build", "solve", "certify", "verify")

    def __init__(self) -> None:
        self.spent: defaultdict[str, float] = defaultdict(float)
        self._inside = [0.0]

    def of(self, name: str, call: Callable[..., T]) -> Callable[..., T]:
        def counted(*args: Any, **kwargs: Any) -> T:
            start = time.process_time()
            self._inside.append(0.0)
            try:
                return call(*args, **kwargs)
            finally:
                whole = time.process_time() - start
                self.spent[name] += whole - self._inside.pop()
                self._inside[-1] += whole

        return counted

    @contextmanager
    def watch(self) -> Iterator[Callable[..., Any]]:
        """Inside, ``engine.solve`` is watched; yields the solver to hand to it."""
        with ExitStack() as stack:
            for name, phase in (("compile_program", "build"), ("optimum", "certify")):
                stack.enter_context(patch.object(engine, name, self.of(phase, getattr(engine, name))))
            for name in closed_forms.names():
                module = closed_forms.named(name)
                stack.enter_context(patch.object(module, "solve", self.of("build", module.solve)))
            stack.enter_context(patch.object(Proof, "verify", self.of("verify", Proof.verify)))
            yield self.of("solve", highs)
