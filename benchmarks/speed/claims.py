"""What lpmech claims about its speed, measured: the table that every run ends with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.speed.child import Job, Outcome
from benchmarks.speed.questions import QUESTIONS, Size
from benchmarks.speed.runner import Runner

LOOP = 200
"""Instances that the loop of a batch's peer runs over; its time is counted per instance."""


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    question: str
    size: str
    against: str
    measured: str
    wanted: str
    note: str = ""


@dataclass(frozen=True)
class Ratio:
    """lpmech is at least ``wanted`` times as quick as a peer."""

    question: str
    size: Size
    peer: str
    wanted: int
    quick: bool = False

    def measure(self, runner: Runner, repeat: int, seconds: float) -> Row:
        job = Job(self.question, self.size, "auto", repeat=repeat, seconds=seconds)
        own = runner(job)
        other = runner.against(
            Job(self.question, self.size, self.peer, repeat=repeat, seconds=seconds), tuple(own.answers)
        )
        return _ratio(QUESTIONS[self.question].words, text(self.size), PEERS[self.peer], own, other, self.wanted)


@dataclass(frozen=True)
class Batch:
    """``solve_many`` (every proof verified), or ``solve_batch`` (a proof of any on request), on many small instances is at
    least ``wanted`` times as quick as a loop over a peer."""

    question: str
    size: Size
    count: int
    peer: str
    wanted: int
    screen: bool = False
    quick: bool = False

    def measure(self, runner: Runner, repeat: int, seconds: float) -> Row:
        method, phase = ("solve_batch", "screen") if self.screen else ("solve_many", "batch")
        own = runner(Job(self.question, self.size, method, phase, self.count, seconds))
        one_by_one = runner(Job(self.question, self.size, "auto", repeat=LOOP, seconds=seconds)) if self.screen else own
        job = Job(self.question, self.size, self.peer, repeat=LOOP, seconds=seconds)
        other = runner.against(job, tuple(one_by_one.answers[:LOOP]))
        how = "proofs on request" if self.screen else "every proof verified"
        words = f"{method}, {self.count:,} instances, {how}: {QUESTIONS[self.question].words}"
        return _ratio(words, text(self.size), f"a loop of {PEERS[self.peer]}", own, other, self.wanted)


@dataclass(frozen=True)
class Limit:
    """lpmech decides and verifies within some seconds, and some GB where that is said."""

    question: str
    size: Size
    seconds: int
    gigabytes: int | None = None
    quick: bool = False

    def measure(self, runner: Runner, repeat: int, seconds: float) -> Row:
        out = runner(Job(self.question, self.size, "auto", repeat=min(repeat, 3), seconds=seconds))
        question = QUESTIONS[self.question]
        size = text(self.size) if len(self.size) > 1 else f"{self.size[0]} {question.unit}"
        wanted = f"{self.seconds} s" + (f", {self.gigabytes} GB" if self.gigabytes else "")
        if out.reason or out.cpu is None:
            return Row(question.words, size, "", "-", wanted, out.reason or "")
        return Row(question.words, size, "", f"{out.cpu:.2f} s, {out.memory / 1024:.2f} GB", wanted, out.method)


PEERS = {
    "mechaudit_design": "mechaudit 0.1.0",
    "cvxpy_full": "vectorised cvxpy + HiGHS, a row or payment for every profile",
    "cvxpy_lifted": "the same, interim payments as variables",
    "cvxpy_full_ipm": "the same, by interior point without crossover",
    "highspy_reduced": "highspy on the reduced program",
    "cvxpy_dpp": "cvxpy on the reduced program, parameters set anew (DPP)",
}

CLAIMS: tuple[Ratio | Batch | Limit, ...] = (
    Ratio("bic", (7, 9), "mechaudit_design", 15, quick=True),
    Ratio("bic", (40, 40), "mechaudit_design", 200, quick=True),
    Ratio("bic", (40, 40), "cvxpy_full", 60, quick=True),
    Ratio("bic", (40, 40), "cvxpy_lifted", 60, quick=True),
    Ratio("second_best", (40, 40), "mechaudit_design", 30),
    Ratio("second_best", (200, 200), "highspy_reduced", 3),
    Ratio("groves", (500, 500), "cvxpy_full", 500),
    Ratio("groves", (500, 500), "cvxpy_full_ipm", 500),
    Ratio("one_price", (500, 500), "cvxpy_full", 200),
    Ratio("one_price", (500, 500), "cvxpy_full_ipm", 200),
    Limit("bic", (100_000, 100_000), 20, 2),
    Limit("groves", (100_000, 100_000), 20, 2),
    Limit("one_price", (100_000, 100_000), 20, 2),
    Batch("bic", (7, 9), 2000, "cvxpy_full", 20),
    Batch("bic", (10, 10), 1_000_000, "cvxpy_dpp", 100, screen=True),
    Batch("groves", (10, 10), 1_000_000, "cvxpy_dpp", 100, screen=True),
    Limit("partnership", (6,), 20, 2),
    Limit("one_seller", (100,), 2),
)


def text(size: Size) -> str:
    return "x".join(f"{n:,}" for n in size)


def _ratio(words: str, size: str, against: str, own: Outcome, other: Outcome, wanted: int) -> Row:
    if own.cpu is None or other.cpu is None:
        whose = f"lpmech: {own.reason}" if own.cpu is None else f"{against}: {other.reason}"
        return Row(words, size, against, "-", f"{wanted}x", whose)
    note = f"{seconds_text(own.cpu)} by {own.method}, {seconds_text(other.cpu)}"
    ratio = other.cpu / own.cpu
    return Row(words, size, against, f"{ratio:.0f}x" if ratio >= 10 else f"{ratio:.2g}x", f"{wanted}x", note)


def seconds_text(seconds: float) -> str:
    if seconds < 0.9995e-3:
        return f"{1e6 * seconds:.3g} us"
    return f"{1e3 * seconds:.3g} ms" if seconds < 0.9995 else f"{seconds:.3g} s"


def table(runner: Runner, only: list[str], repeat: int, seconds: float, largest: int | None) -> Iterator[Row]:
    """The claims about some questions; with ``largest``, only quick ones of at most that size."""
    for claim in CLAIMS:
        if claim.question in only and (largest is None or (claim.quick and max(claim.size) <= largest)):
            yield claim.measure(runner, repeat, seconds)
