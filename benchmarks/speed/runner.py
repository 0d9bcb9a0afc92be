"""Jobs one after another, each in its own process; what cannot be run is an outcome with a reason."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

from benchmarks.speed import peers
from benchmarks.speed.child import Job, Outcome
from benchmarks.speed.questions import QUESTIONS, Size

ROOT = Path(__file__).parent.parent.parent
START = 10.0
"""Seconds that a process gets for imports and for drawing instances, on top of the job's own."""

LARGEST = 12 * 2**10
"""Most memory that a process may hold, in MB."""


class Runner:
    """Runs a job once; asked again, it answers from memory."""

    def __init__(self, say: Callable[[str], None] = lambda text: None) -> None:
        self.done: dict[Job, Outcome] = {}
        self.say = say

    def __call__(self, job: Job) -> Outcome:
        if job not in self.done:
            self.say(f"{job.question} {'x'.join(map(str, job.size))} {job.subject} ...")
            self.done[job] = _run(job)
        return self.done[job]

    def against(self, job: Job, answers: tuple[str, ...]) -> Outcome:
        """A peer, held against exact answers; not run without any."""
        if reason := peers.missing(job.subject):
            return Outcome(reason)
        if not answers:
            return Outcome("no exact answer to hold it against")
        return self(replace(job, kind="peer", answers=answers))


def _run(job: Job) -> Outcome:
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.speed.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        cwd=ROOT,
        env=os.environ | one_thread,
    )
    most, start = job.seconds + START + 2e-4 * sum(job.size), time.perf_counter()
    told: str | None = json.dumps(asdict(job))
    while True:
        try:
            answer, complaints = process.communicate(told, timeout=0.25)
        except subprocess.TimeoutExpired:
            told = None
            spent, memory = _usage(process.pid)
            if (time.perf_counter() - start if spent is None else spent) > most or memory > LARGEST:
                process.kill()
                process.communicate()
                return Outcome(f"more than {LARGEST} MB" if memory > LARGEST else f"more than {job.seconds:.0f} s")
        else:
            break
    if process.returncode != 0:
        last = complaints.strip().splitlines()[-1:] or [f"exit status {process.returncode}"]
        return Outcome(f"ended without an answer: {last[0]}")
    return Outcome(**json.loads(answer))


def _usage(pid: int) -> tuple[float | None, float]:
    """Processor seconds (None where the system does not say) and MB of a process.

    Looked at from outside: a limit set inside would make the process's own clock coarse.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rsplit(")", 1)[1].split()
    except OSError:
        return None, 0.0
    ticks, pages = int(fields[11]) + int(fields[12]), int(fields[21])
    return ticks / os.sysconf("SC_CLK_TCK"), pages * os.sysconf("SC_PAGE_SIZE") / 2**20


Grid = dict[str, dict[Size, dict[str, Outcome]]]
"""Outcomes by question, size and subject."""


def grid(
    runner: Runner,
    only: list[str],
    sizes: list[int] | None,
    repeat: int,
    seconds: float,
    against: list[str] | None = None,
) -> Grid:
    """Every question at every size, by every method and peer that can be expected to end in time."""
    out: Grid = {}
    for name in only:
        question = QUESTIONS[name]
        others = [peer for peer in question.peers if against is None or peer in against]
        rows = out[name] = {}
        for n in sorted(sizes) if sizes else question.sizes:
            if n > max(question.sizes):
                continue
            size = question.size(n)
            row = rows[size] = {}
            for subject in (*question.methods, *others):
                earlier = [(s, r[subject]) for s, r in rows.items() if s != size]
                job = Job(name, size, subject, repeat=repeat, seconds=seconds)
                if reason := hopeless(earlier, size, seconds):
                    row[subject] = Outcome(reason)
                elif subject in question.methods:
                    row[subject] = runner(job)
                else:
                    proved = (row[method] for method in question.methods)
                    row[subject] = runner.against(job, next((tuple(o.answers) for o in proved if o.answers), ()))
    return out


def hopeless(earlier: list[tuple[Size, Outcome]], size: Size, seconds: float) -> str | None:
    """Why a subject is not worth running at a size, after what it did at smaller ones."""
    failed = next((o.reason for _, o in earlier if o.reason), None)
    if failed:
        return failed
    known = [(s[0], o.cpu) for s, o in earlier if o.cpu]
    if len(known) < 2:
        return None
    (a, before), (b, last) = known[-2:]
    foreseen = last * (size[0] / b) ** max(1.0, math.log(last / before) / math.log(b / a))
    return f"about {foreseen:.0f} s foreseen" if foreseen > 2 * seconds else None


def exponent(points: list[tuple[int, float]]) -> float | None:
    """Slope of log time on log size over the upper half of the sizes, by least squares."""
    upper = sorted(points)[len(points) // 2 :] if len(points) > 3 else points
    if len(upper) < 2:
        return None
    xs, ys = ([math.log(v) for v in axis] for axis in zip(*upper, strict=True))
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True)) / sum((a - x) ** 2 for a in xs)
