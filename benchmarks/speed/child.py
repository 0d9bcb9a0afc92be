"""One subject at one size, in a process of its own: a job as JSON on standard input, what came out on standard output.

Every repetition asks about another random instance, so that nothing but compiled programs can be carried over.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from statistics import median
from typing import Any

CLOSE = 1e-6
"""How far a peer may be from the exact answer, as a share of the largest value."""


@dataclass(frozen=True)
class Job:
    """``subject`` is a method of lpmech or a peer; ``kind`` "method", "peer", "batch" or "screen".

    ``answers`` are the exact answers, by seed, that a peer is held against. Repetitions end after ``seconds`` of
    processor time.
    """

    question: str
    size: tuple[int, ...]
    subject: str
    kind: str = "method"
    repeat: int = 3
    seconds: float = 20.0
    answers: tuple[str, ...] = ()


@dataclass
class Outcome:
    """What was measured: seconds, medians. ``reason`` says why there is nothing, or what is wrong with it."""

    reason: str | None = None
    cpu: float | None = None
    wall: float | None = None
    cold: float | None = None
    repetitions: int = 0
    method: str = ""
    phases: dict[str, float] = field(default_factory=dict)
    answers: list[str] = field(default_factory=list)
    memory: float = 0.0


def repeat(job: Job, once: Callable[[int], None]) -> None:
    """Call ``once`` with seeds 1, 2, ..., as often as asked and as processor time allows."""
    end = time.process_time() + job.seconds
    for seed in range(1, job.repeat + 1):
        start = time.process_time()
        once(seed)
        now = time.process_time()
        if now + (now - start) > end:
            break


def method(job: Job) -> Outcome:
    """Whole decisions by lpmech, phases included; the first of a program's shape is cold, the others are warm."""
    from benchmarks.speed.measure import Phases, Time, peak_memory, timed
    from benchmarks.speed.questions import QUESTIONS
    from lpmech import BilateralTrade, LpmechError, engine
    from lpmech.engine import compiling
    from lpmech.reading.instance import dumps, loads

    question, out = QUESTIONS[job.question], Outcome()
    warm: list[tuple[Time, dict[str, float]]] = []
    cold: list[tuple[Time, dict[str, float]]] = []
    engine.solve(question.instance(question.size(2), 0), method=job.subject)  # imports what the method needs
    compiling._compiled.clear()

    def once(seed: int) -> None:
        instance, phases, known = question.instance(job.size, seed), Phases(), set(compiling._compiled)
        with phases.watch() as solver:
            spent, result = timed(lambda: engine.solve(instance, method=job.subject, solver=solver))
        if not result.proved:
            raise RuntimeError(f"{result.verdict}: {result.reason}")
        (warm if known == set(compiling._compiled) else cold).append((spent, dict(phases.spent)))
        out.method = result.method
        out.answers.append(str(result.value))

    try:
        repeat(job, once)
    except (LpmechError, RuntimeError, MemoryError) as error:
        out.reason = f"{type(error).__name__}: {error}"
        return out
    times = warm or cold
    out.cpu, out.wall = (median(t[0][clock] for t in times) for clock in (0, 1))
    out.cold = median(t[0].cpu for t in cold) if cold else None
    out.repetitions, out.memory = len(warm) + len(cold), peak_memory()
    out.phases = {name: median(t[1].get(name, 0.0) for t in times) for name in Phases.NAMES}
    out.phases["other"] = max(0.0, out.cpu - sum(out.phases.values()))
    instance = question.instance(job.size, 0)
    if job.subject == "auto" and isinstance(instance.environment, BilateralTrade):
        text = dumps(instance)
        out.phases["parse"] = median(
            timed(lambda: loads(text))[0].cpu for _ in range(min(job.repeat, 3 if sum(job.size) < 10_000 else 1))
        )
    return out


def peer(job: Job) -> Outcome:
    """Another tool's times, each after its answer was found to be right."""
    from benchmarks.speed import peers
    from benchmarks.speed.measure import Time, peak_memory, timed
    from benchmarks.speed.questions import QUESTIONS

    question, solve, out = QUESTIONS[job.question], peers.named(job.subject).SOLVE[job.question], Outcome()
    solve(peers.Trade.of(question.instance(question.size(2), 0)))
    times: list[Time] = []

    def once(seed: int) -> None:
        if seed > len(job.answers):
            return
        data = peers.Trade.of(question.instance(job.size, seed))
        spent, answer = timed(lambda: solve(data))
        exact = float(Fraction(job.answers[seed - 1]))
        if not abs(answer - exact) <= CLOSE * max(abs(data.b).max(), abs(data.s).max()):
            raise ValueError(f"wrong: {answer:.9g} where the exact answer is {exact:.9g}")
        times.append(spent)

    try:
        repeat(job, once)
    except Exception as error:  # a peer may fail in any way it likes; that is what is reported
        out.reason = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
        return out
    out.cpu, out.wall = (median(t[clock] for t in times) for clock in (0, 1))
    out.repetitions, out.memory = len(times), peak_memory()
    return out


def batch(job: Job) -> Outcome:
    """``solve_many`` on ``repeat`` instances, every proof verified: seconds an instance."""
    from benchmarks.speed.measure import peak_memory, timed
    from benchmarks.speed.questions import QUESTIONS
    from lpmech import solve_many

    question, out = QUESTIONS[job.question], Outcome()
    list(solve_many([question.instance(question.size(2), 0)]))
    instances = [question.instance(job.size, seed) for seed in range(1, job.repeat + 1)]
    spent, results = timed(lambda: list(solve_many(instances)))
    if not all(result.proved for result in results):
        return Outcome("not every result is proved")
    out.cpu, out.wall, out.repetitions = spent.cpu / job.repeat, spent.wall / job.repeat, job.repeat
    out.method, out.memory = results[0].method, peak_memory()
    out.answers = [str(result.value) for result in results]
    return out


def screen(job: Job) -> Outcome:
    """``solve_batch`` on ``repeat`` random instances: seconds an instance. Some are decided again, with verified proofs."""
    import numpy as np

    from benchmarks.speed.measure import peak_memory, timed
    from benchmarks.speed.questions import QUESTIONS
    from lpmech import solve_batch

    question, out, rng = QUESTIONS[job.question], Outcome(), np.random.default_rng(1)
    sides = []
    for n in job.size:
        values = np.sort(rng.integers(0, 100_000, (job.repeat, n)), axis=1) + np.arange(n)
        sides.append((values, rng.integers(1, 10, (job.repeat, n))))
    spent, found = timed(lambda: solve_batch(question.requirements, sides[0], sides[1]))
    for row in range(0, job.repeat, max(1, job.repeat // 20)):
        result = found.result(row)
        if not result.proved or (result.verdict, result.margin) != (found.verdicts[row], found.margin(row)):
            return Outcome(f"instance {row} has another answer when it is proved")
    out.cpu, out.wall, out.repetitions = spent.cpu / job.repeat, spent.wall / job.repeat, job.repeat
    out.method, out.memory = found.method, peak_memory()
    return out


KINDS: dict[str, Callable[[Job], Outcome]] = {"method": method, "peer": peer, "batch": batch, "screen": screen}


def main() -> None:
    told: dict[str, Any] = json.load(sys.stdin)
    job = Job(**{key: tuple(value) if isinstance(value, list) else value for key, value in told.items()})
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what solvers print is not ours
    result: dict[str, Any] = asdict(KINDS[job.kind](job))
    json.dump(result, answer)
    answer.close()


if __name__ == "__main__":
    main()
