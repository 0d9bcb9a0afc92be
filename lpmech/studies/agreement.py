"""Whether the engine agrees with the theorems: every theorem against every instance that it applies to.

Instances are those of files and of the theorems' own families, where a theorem, a number and a seed give the same instance
on every machine. Small instances are decided by the full program, so that no closed form is compared with itself.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from multiprocessing import get_context
from typing import Any

from lpmech import engine
from lpmech.answer.result import Result
from lpmech.base.errors import InputError
from lpmech.base.exact import decimal, show
from lpmech.literature import theorems
from lpmech.literature.theorems import Limit, Prediction, Theorem
from lpmech.question.model import Instance
from lpmech.reading.instance import dumps, load
from lpmech.studies.face import face
from lpmech.studies.face.quantities import INTERIM_UTILITY

SMALL = 16
"""Most profiles of an instance that is decided by the full program even if there is a closed form."""

CHUNK = 12
"""Cases that a process takes at a time."""


@dataclass(frozen=True)
class Case:
    """Where an instance comes from: case ``number`` of a theorem's family under ``seed``, or a file."""

    family: str = ""
    number: int = 0
    seed: int = 0
    file: str = ""
    allow_paths: bool = False

    def instance(self) -> Instance:
        if self.file:
            return load(self.file, allow_paths=self.allow_paths)
        rng = random.Random(f"{self.seed}/{self.family}/{self.number}")
        return theorems.named(self.family).case(self.number, rng)

    def __str__(self) -> str:
        return self.file or f"case {self.number} of {self.family}, seed {self.seed}"


@dataclass(frozen=True)
class Comparison:
    """One theorem and one instance: ``outcome`` is agrees, disagrees or undecided. ``error``: distance from the limit."""

    theorem: str
    case: Case
    outcome: str
    predicted: str
    found: str
    problems: tuple[str, ...] = ()
    toml: str = ""
    limit: Limit | None = None
    error: Fraction | None = None

    def table(self) -> dict[str, Any]:
        """As an entry of ``disagreements`` in the JSON of ``lpmech bench``."""
        return {
            "theorem": self.theorem,
            "case": str(self.case),
            "outcome": self.outcome,
            "predicted": self.predicted,
            "found": self.found,
            "problems": list(self.problems),
            "instance": self.toml,
        }


def problems(prediction: Prediction, result: Result, twin: Result | None = None) -> list[str]:
    """What of a prediction the engine contradicts; ``twin`` answers the question that is to have the same margin."""
    out = []
    if prediction.verdict is not None and prediction.verdict != result.verdict:
        out.append(f"verdict {result.verdict}, not {prediction.verdict}")
    for name, wanted, found in (
        ("margin", prediction.margin, result.margin),
        ("value", prediction.value, result.value),
    ):
        if wanted is not None and (found is None or found not in wanted):
            out.append(f"{name} {'not computed' if found is None else show(found)}, not {wanted}")
    if twin is not None and twin.margin != result.margin:
        margins = [str(None if r.margin is None else show(r.margin)) for r in (result, twin)]
        out.append(f"margin {margins[0]}, but {margins[1]} with {_requirements(twin.instance)}")
    if prediction.unique_payoffs is not None and not out:
        out += _payoff_problems(prediction, result)
    return out


def _payoff_problems(prediction: Prediction, result: Result) -> list[str]:
    """What of a prediction about all optimal mechanisms they contradict."""
    found = face(result.instance)
    if found.interim_payoffs_unique != prediction.unique_payoffs:
        return [f"interim utilities {'' if found.interim_payoffs_unique else 'not '}the same in all optimal mechanisms"]
    out = []
    for r in found.ranges if prediction.payoffs is not None else ():
        q = r.quantity
        if q.kind == INTERIM_UTILITY and prediction.payoffs is not None and r.low is not None:
            assert q.agent is not None
            assert q.type is not None
            wanted = prediction.payoffs[q.agent][q.type]
            if r.low.value != wanted:
                out.append(f"{q.words(result.instance.environment)} {show(r.low.value)}, not {show(wanted)}")
    return out


def examine(case: Case, names: Iterable[str], memory: engine.Memory | None = None) -> list[Comparison]:
    """All theorems that apply to an instance, compared with the engine's answer."""
    instance = case.instance()
    predictions = {
        name: theorem.predict(instance) for name in names if (theorem := theorems.named(name)).applies(instance) is None
    }
    if not predictions:
        return []
    result = _decide(instance, memory)
    return [_compare(name, case, prediction, result, memory) for name, prediction in predictions.items()]


def _compare(name: str, case: Case, prediction: Prediction, result: Result, memory: engine.Memory | None) -> Comparison:
    twin = None if prediction.same_as is None else _decide(prediction.same_as, memory)
    found = f"{result.verdict}, margin {_shown(result.margin)}, value {_shown(result.value)}, method {result.method}"
    open_ = [r for r in (result, twin) if r is not None and not r.proved]
    if open_:
        reasons = tuple(str(r.reason) for r in open_)
        return Comparison(name, case, "undecided", str(prediction), found, reasons, dumps(result.instance))
    wrong = tuple(problems(prediction, result, twin))
    text, limit, error = dumps(result.instance) if wrong else "", prediction.limit, None
    if limit is not None:
        number = result.margin if prediction.margin is not None else result.value
        error = abs(number - limit.value) if isinstance(number, Fraction) else None
    outcome = "disagrees" if wrong else "agrees"
    return Comparison(name, case, outcome, str(prediction), found, wrong, text, limit, error)


def _decide(instance: Instance, memory: engine.Memory | None) -> Result:
    method = "full" if instance.environment.profile_count <= SMALL else "auto"
    try:
        return engine.solve(instance, method=method, memory=memory)
    except InputError as problem:  # too large
        return Result(instance, "undecided", None, None, method, False, 0.0, None, str(problem))


def _shown(x: Fraction | float | None) -> str:
    return "none" if x is None else show(x)


def _requirements(instance: Instance) -> str:
    return ", ".join(x for x in instance.requirements.table().values() if isinstance(x, str))


# ---- many ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One theorem's line of the table."""

    name: str
    theorem: Theorem
    comparisons: tuple[Comparison, ...]

    def count(self, outcome: str) -> int:
        return sum(c.outcome == outcome for c in self.comparisons)

    @property
    def measured(self) -> list[tuple[Fraction, Fraction, Fraction]]:
        """(step, error, constant) where there is a limit, the coarsest grid first."""
        found = [(c.limit.step, c.error, c.limit.constant) for c in self.comparisons if c.limit and c.error is not None]
        return sorted((step, error, constant) for step, error, constant in found if step)[::-1]

    def limits(self) -> dict[str, float] | None:
        """The largest error in units of the bound, and errors on the coarsest and finest grids; None without a limit."""
        if not (measured := self.measured):
            return None
        coarse, fine = measured[0][0], measured[-1][0]
        worst = max((error / (constant * step) for step, error, constant in measured if constant), default=Fraction(0))
        return {
            "of_bound": decimal(worst),
            "coarsest_step": decimal(coarse),
            "error_at_coarsest": decimal(max(error for step, error, _ in measured if step == coarse)),
            "finest_step": decimal(fine),
            "error_at_finest": decimal(max(error for step, error, _ in measured if step == fine)),
        }

    def table(self) -> dict[str, Any]:
        """As an entry of ``theorems`` in the JSON of ``lpmech bench``."""
        return {
            "name": self.name,
            "title": self.theorem.title,
            "source": self.theorem.source,
            "exact": self.theorem.exact,
            "cases": len(self.comparisons),
            "agreements": self.count("agrees"),
            "disagreements": self.count("disagrees"),
            "undecided": self.count("undecided"),
            "limit": self.limits(),
        }


@dataclass(frozen=True)
class Report:
    """What came out."""

    rows: tuple[Row, ...]
    instances: int

    @property
    def comparisons(self) -> list[Comparison]:
        return [c for row in self.rows for c in row.comparisons]

    def with_outcome(self, outcome: str) -> list[Comparison]:
        return [c for c in self.comparisons if c.outcome == outcome]


def run(
    names: Sequence[str],
    *,
    cases: int,
    seed: int = 0,
    files: Sequence[str] = (),
    workers: int = 1,
    allow_paths: bool = False,
) -> Report:
    """Compare the theorems of these names on ``cases`` instances of each one's family, and on files (``allow_paths`` as in
    ``lpmech.load``)."""
    listed = [Case(file=file, allow_paths=allow_paths) for file in files]
    drawn = ([Case(name, number, seed) for number in range(cases)] for name in names)
    chunks = [all_[n : n + CHUNK] for all_ in (listed, *drawn) for n in range(0, len(all_), CHUNK)]
    found = list(_examined(chunks, tuple(names), workers))
    rows = tuple(
        Row(name, theorems.named(name), tuple(c for one in found for c in one if c.theorem == name)) for name in names
    )
    return Report(rows, sum(1 for one in found if one))


def _examined(chunks: list[list[Case]], names: tuple[str, ...], workers: int) -> Iterator[list[Comparison]]:
    if workers == 1:
        for chunk in chunks:
            yield from _chunk(chunk, names)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for done in pool.map(_chunk, chunks, [names] * len(chunks)):
            yield from done


def _chunk(cases: list[Case], names: tuple[str, ...]) -> list[list[Comparison]]:
    memory = engine.Memory()
    return [examine(case, names, memory) for case in cases]
