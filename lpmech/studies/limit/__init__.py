"""What grids tend to: exact numbers on finer and finer ones, and an estimate of their limit (docs/limit.md).

``refine.py`` makes the grids, ``extrapolate.py`` the estimate, which ``checks.py`` holds against other grids;
``continuum.py`` has the integrals that theorems have for the limit, ``quantities.py`` puts both side by side, and
``result.py`` is what comes back.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

from lpmech import closed_forms, engine
from lpmech.base.arguments import called
from lpmech.base.errors import InputError, TooLargeError
from lpmech.base.exact import Rational
from lpmech.closed_forms.bilateral.trade import Trade, sums
from lpmech.question.model import Instance
from lpmech.reading.instance import parse, placed, read_text
from lpmech.studies.limit.checks import between, plain, reach
from lpmech.studies.limit.quantities import quantity, samples
from lpmech.studies.limit.refine import Family, Refined
from lpmech.studies.limit.result import Limit, Quantity, Row

__all__ = ["Limit", "Quantity", "Row", "limit"]

SECONDS = 20.0
"""CPU time, about, for which grids are refined."""

ACCURACY = 1e-9
"""Error estimate, as a share of the number or of 1, at which refining stops."""

CHECKED = 4
"""Times the seconds of a grid: about what it takes with the grids that check it."""


def limit(
    source: str | os.PathLike[str] | Instance,
    *,
    parameters: Mapping[str, Rational] | None = None,
    points: Sequence[int] | None = None,
    seconds: float = SECONDS,
    accuracy: float = ACCURACY,
    progress: Callable[[Row], None] = lambda row: None,
    allow_paths: bool = False,
) -> Limit:
    """Refine the grids of an instance file, and estimate what its margin (or optimum) tends to.

    ``points``: the numbers of points to take, in every grid; without it the cells of the file's grids are halved as long as
    that goes, and then doubled until the error estimates are below ``accuracy`` or some ``seconds`` of CPU time are used.
    Raises InputError if no agent's types come from a distribution on a grid, as those of an Instance do not.
    ``allow_paths``: as in ``lpmech.load``.
    """
    if isinstance(source, Instance):
        raise InputError(
            "an instance in Python has lists of types, not the distribution that they stand for",
            expected="an instance file with grid and distribution",
        )
    if not isinstance(source, str | os.PathLike):
        raise InputError(
            f"{called(source)} where a path is needed", expected="an instance file with grid and distribution"
        )
    path = Path(source)
    text = read_text(path)
    data = parse(text, str(source))
    try:
        family = Family.of(data, parameters or {}, path.parent, allow_paths)
        first = family.first
    except InputError as error:
        raise placed(error, text, str(source)) from None
    rows: list[Row] = []
    begun, stopped = time.process_time(), "all grids asked for" if points else "the file has no finer grid"
    for refined in _asked(family, points) if points else _finer(family):
        try:
            rows.append(_row(refined))
        except TooLargeError as problem:
            stopped = str(problem)
            break
        progress(rows[-1])
        if rows[-1].verdict == "undecided" or any(math.isinf(x) for x in rows[-1].numbers.values() if x is not None):
            stopped = "a number that is not finite, or not known"
            break
        if points is None and (reason := _enough(rows, time.process_time() - begun, seconds, accuracy)):
            stopped = reason
            break
    if not rows:
        raise InputError(stopped, file=str(source))
    checks = [_row(refined) for refined in _between(family, rows)]
    quantities = tuple(quantity(name, rows, checks, family) for name in rows[0].numbers)
    return Limit(first.instance.title, tuple(rows), quantities, stopped)


def _asked(family: Family, points: Sequence[int]) -> list[Refined]:
    if sorted(set(points)) != list(points):
        raise InputError("numbers of points", value=", ".join(map(str, points)), expected="increasing")
    return [family.at(n) for n in points]


def _finer(family: Family) -> Iterator[Refined]:
    """From the coarsest grid with the file's structure on, as long as the file makes instances of them."""
    factor, one = Fraction(1), family.first
    while one.coarsenable and one.factor == 2:
        try:
            one = family.times(factor / 2)
        except InputError:
            break
        factor /= 2
    while True:
        try:
            finer = family.times(factor)
        except InputError:
            return
        yield finer
        factor *= one.factor


def _row(refined: Refined) -> Row:
    """Decide the instance on a grid, and what else is cheap to know."""
    begun = time.process_time()
    instance = refined.instance
    result = engine.solve(instance)
    asked = instance.objective.maximize
    numbers = {asked if asked != "weighted" else "objective": result.value}
    if (
        asked == "margin"
        and instance.requirements.allocation == "efficient"
        and instance.environment.kind == "bilateral-trade"
        and instance.environment.prior is None
    ):
        numbers["first best"] = _gains(instance)
        free = instance.with_requirements(allocation="free").with_objective("welfare")
        if closed_forms.applicable(free) == "second_best_ironing":
            numbers["second best"] = engine.solve(free).value
    return Row(refined, result.verdict, numbers, time.process_time() - begun)


def _gains(instance: Instance) -> Fraction:
    """E[(b - s)^+] of bilateral trade with independent types."""
    trade = Trade.of(instance)
    cut, mass = trade.cuts(last=False)[0], sums(trade.q)
    cost = sums(w * s for w, s in zip(trade.q, trade.S, strict=True))
    return trade.amount(sum(w * (b * mass[c] - cost[c]) for w, b, c in zip(trade.p, trade.B, cut, strict=True)))


def _between(family: Family, rows: Sequence[Row]) -> Iterator[Refined]:
    """The grids that estimates of the rows are to be checked on."""
    used = {n for name in rows[0].numbers for n in reach(samples(name, rows))}
    return between(family, [rows[n].refined for n in sorted(used)])


def _enough(rows: Sequence[Row], passed: float, seconds: float, accuracy: float) -> str | None:
    """Why no finer grid is tried; None if one is."""
    found = [plain(known) if (known := samples(name, rows)) else None for name in rows[0].numbers]
    if all(
        one is not None and one.regular and one.error <= accuracy * max(1.0, abs(float(one.value))) for one in found
    ):
        return "accuracy reached"
    next_one = 0.0  # the first grid's time has imports in it, and the second's may be too short to say how time grows
    if len(rows) > 1:
        last, before = rows[-1].seconds, rows[-2].seconds
        next_one = last * (min(16.0, max(2.0, last / before)) if len(rows) > 2 else 4.0)
    return f"the next grid would pass {seconds:g} s of CPU time" if passed + CHECKED * next_one > seconds else None
