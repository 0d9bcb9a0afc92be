"""Limits that a user sets on one decision, in CPU time and memory.

What is limited runs in a process of its own: the system ends it in the midst of anything, compiled code too, and nothing
that it was writing is left, since only the process that waits writes files.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import wraps
from importlib import import_module
from time import monotonic
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from lpmech.base.errors import UndecidedError
from lpmech.cli._watch import CLEAR, watched

if TYPE_CHECKING:
    from lpmech.answer.result import Result
    from lpmech.question.model import Instance

T = TypeVar("T")

GIGABYTE = 10**9

LEAST = 0.5
"""The smallest limit of memory, in gigabytes: the libraries need some of it."""

MEMORY = (signal.SIGABRT, signal.SIGKILL)
"""How the system, or compiled code, ends a process without memory."""


@dataclass(frozen=True)
class Limits:
    """Seconds of CPU time and gigabytes of memory; None: no limit."""

    seconds: float | None = None
    gigabytes: float | None = None


class LimitReachedError(UndecidedError):
    """A limit ended the work; the message names it."""


def limit_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--time-limit`` and ``--memory-limit``, as the argument ``limits``."""
    above_zero = click.FloatRange(min=0, min_open=True)
    time = click.option(
        "--time-limit",
        "seconds",
        type=above_zero,
        metavar="SECONDS",
        help="CPU time for one file; then it is undecided, exit status 3.",
    )
    memory = click.option(
        "--memory-limit",
        "gigabytes",
        type=click.FloatRange(min=LEAST),
        metavar="GB",
        help="Memory for one file, at least 0.5; then it is undecided, exit status 3.",
    )

    @wraps(command)
    def limited(*args: Any, seconds: float | None, gigabytes: float | None, **rest: Any) -> Any:
        if (seconds, gigabytes) != (None, None) and not hasattr(os, "fork"):
            raise click.UsageError("--time-limit and --memory-limit need a system that can fork processes")
        return command(*args, limits=Limits(seconds, gigabytes), **rest)

    return time(memory(limited))


def within(limits: Limits, work: Callable[[], T], *, show: bool = True) -> T:
    """What ``work`` returns or raises, with a line of progress if ``show``; under limits it must pickle.

    Raises LimitReachedError, whose message names the limit.
    """
    if limits == Limits():
        with watched() if show else nullcontext():
            return work()
    source, target = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        os.close(source)
        _work(limits, work, target, show)
    os.close(target)
    try:
        with open(source, "rb") as stream:
            told = stream.read()
        _, status = os.waitpid(child, 0)
    except BaseException:  # Ctrl-C: the child has no one to work for
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        raise
    if show and sys.stderr.isatty():
        click.echo(CLEAR, nl=False, err=True)
    return _answer(limits, told, status)


def decide(instance: Instance, method: str, limits: Limits, *, show: bool = True) -> Result:
    """The engine's answer; ``undecided``, for the reason that it is, where a limit was reached."""
    from lpmech import engine
    from lpmech.answer.result import Result

    begun = monotonic()
    try:
        return within(limits, lambda: engine.solve(instance, method=method), show=show)
    except LimitReachedError as why:
        return Result(instance, "undecided", None, None, method, False, monotonic() - begun, None, str(why))


def _work(limits: Limits, work: Callable[[], Any], target: int, show: bool) -> NoReturn:
    """The process that works: answers through a pipe, and ends without what Python does at the end of a program."""
    import resource

    told: tuple[str, Any]
    try:
        os.dup2(2, 1)  # standard output is for answers, which the other process prints
        if limits.seconds is not None:
            signal.signal(signal.SIGPROF, signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_PROF, limits.seconds)
        if limits.gigabytes is not None:
            import_module(
                "lpmech.programs.canonical"
            )  # libraries that wait for memory for ever, if loading them finds none
            _, hard = resource.getrlimit(resource.RLIMIT_DATA)
            bytes_ = int(limits.gigabytes * GIGABYTE)
            resource.setrlimit(resource.RLIMIT_DATA, (bytes_ if hard < 0 else min(bytes_, hard), hard))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with watched() if show else nullcontext():
            told = ("value", work())
    except MemoryError:
        told = ("memory", None)
    except BaseException as problem:
        told = ("error", problem)
    signal.setitimer(signal.ITIMER_PROF, 0)
    try:
        resource.setrlimit(resource.RLIMIT_DATA, (resource.getrlimit(resource.RLIMIT_DATA)[1],) * 2)
        with open(target, "wb") as stream:
            stream.write(pickle.dumps(told))
    except MemoryError:
        os.abort()
    finally:
        os._exit(0)


def _answer(limits: Limits, told: bytes, status: int) -> Any:
    ended_by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
    if ended_by == signal.SIGPROF:
        raise LimitReachedError(f"the limit of {limits.seconds:g} s of CPU time (--time-limit) was reached")
    if ended_by not in MEMORY and not told:
        raise ChildProcessError(f"the process that decides ended without an answer (status {status})")
    kind: str
    what: Any
    kind, what = ("memory", None) if ended_by in MEMORY else pickle.loads(told)
    if kind == "value":
        return what
    if kind == "error":
        raise what
    if limits.gigabytes is None:
        raise MemoryError
    raise LimitReachedError(f"the limit of {limits.gigabytes:g} GB of memory (--memory-limit) was reached")
