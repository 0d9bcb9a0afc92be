"""Where rows are decided: executors on this machine or on a Dask cluster, behind one interface."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from concurrent.futures import BrokenExecutor, CancelledError, Executor
from typing import Any

from lpmech.base.errors import InputError
from lpmech.studies.sweep.rows import start_worker

IDLE = 60
"""Seconds after which a worker without work ends."""


class Pool(ABC):
    """Workers behind ``concurrent.futures``. ``deaths``: exceptions of a future whose worker died; ``lost``: that the
    workers cannot be reached any more."""

    deaths: tuple[type[BaseException], ...] = (BrokenExecutor,)
    lost: tuple[type[BaseException], ...] = ()

    @property
    @abstractmethod
    def workers(self) -> int:
        """How many rows can be decided at once."""

    @abstractmethod
    def executor(self) -> Executor:
        """An executor with living workers: called again after a death."""

    def close(self, kill: bool) -> None:  # noqa: B027
        """The sweep is over (``kill``: or broken off)."""


class LocalPool(Pool):
    """Processes on this machine. Loky's executor starts them anew after a death, and notices every death."""

    def __init__(self, workers: int | None) -> None:
        from joblib import cpu_count

        self._workers = cpu_count() if workers is None else workers
        if self._workers < 1:
            raise InputError("workers", value=workers, expected="a whole number from 1")

    @property
    def workers(self) -> int:
        return self._workers

    def executor(self) -> Executor:
        from joblib.externals.loky import get_reusable_executor

        threads = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "VECLIB_MAXIMUM", "NUMEXPR")}
        executor: Executor = get_reusable_executor(
            max_workers=self._workers, timeout=IDLE, initializer=start_worker, initargs=(os.getpid(),), env=threads
        )
        return executor

    def close(self, kill: bool) -> None:
        if kill:
            from joblib.externals.loky import get_reusable_executor

            get_reusable_executor(max_workers=self._workers, reuse=True).shutdown(wait=True, kill_workers=True)


class DaskPool(Pool):
    """Workers of a Dask scheduler. A task that was on several workers when they died fails with KilledWorker."""

    def __init__(self, address: str) -> None:
        try:
            from distributed import Client
            from distributed.comm.core import CommClosedError
            from distributed.scheduler import KilledWorker
        except ImportError:
            raise InputError("a cluster needs distributed", expected="pip install 'lpmech[cluster]'") from None
        try:
            self._client: Any = Client(address, timeout=10)
        except (OSError, ValueError) as problem:
            raise InputError(f"no scheduler answers: {problem}", value=address, expected="tcp://HOST:8786") from None
        self.deaths, self.lost = (BrokenExecutor, KilledWorker), (CommClosedError, CancelledError)
        self._executor: Executor = self._client.get_executor(pure=False)

    @property
    def workers(self) -> int:
        return max(1, sum(self._client.ncores().values()))

    def executor(self) -> Executor:
        return self._executor

    def close(self, kill: bool) -> None:
        self._client.close()
