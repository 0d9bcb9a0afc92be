"""What is known about the limit of one number: the estimate from grids, and the theorem's integral beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from lpmech.base.errors import InputError
from lpmech.question.distributions import Grid, Law
from lpmech.question.model import Instance
from lpmech.studies.limit import continuum
from lpmech.studies.limit.checks import Sample, between, checked, reach
from lpmech.studies.limit.integrals import Integral
from lpmech.studies.limit.refine import Family, Refined
from lpmech.studies.limit.result import Quantity, Row

Formula = Callable[[Instance, Sequence[tuple[Grid, Law]]], Integral | None]

INTEGRALS: dict[str, Formula] = {
    "margin": continuum.margin,
    "first best": continuum.first_best,
    "second best": continuum.second_best,
    "welfare": continuum.second_best,
}
"""What a theorem may say about a number, by its name."""

FINEST = 5000
"""Points up to which grids are made for their integrals alone."""


def samples(name: str, rows: Sequence[Row]) -> list[Sample]:
    """A number on all grids; none if it is not finite, or not known, on one."""
    numbers = [(row.refined, row.numbers.get(name)) for row in rows]
    found = [Sample(one.step, x, one.points % 2) for one, x in numbers if isinstance(x, Fraction)]
    return found if len(found) == len(numbers) else []


def quantity(name: str, rows: Sequence[Row], checks: Sequence[Row], family: Family) -> Quantity:
    """What is known about a number."""
    found = checked(samples(name, rows), samples(name, checks))
    integral, moving = _integral(name, rows, family)
    return Quantity(name, found, integral, moving)


def _integral(name: str, rows: Sequence[Row], family: Family) -> tuple[Integral | None, bool]:
    """The theorem's integral of the file's law. Where the law changes with the grid there is none: its limit is estimated
    from the integrals of the grids, and finer ones, and True says so."""
    formula = INTEGRALS.get(name)
    if formula is None:
        return None, False
    last = rows[-1].refined
    integral = formula(last.instance, last.grids)
    if integral is None or not _moves(formula, integral, [*(row.refined for row in rows), *_finer(family, last)]):
        return integral, False
    if not isinstance(integral.value, Fraction):
        return None, False
    grids = _beyond(family, rows)
    known = _integrals(name, grids)
    limit = checked(known, _integrals(name, list(between(family, [grids[n] for n in reach(known)]))))
    if limit is None or not limit.regular:
        return None, False
    return Integral(limit.value, limit.error, integral.source), True


def _moves(formula: Formula, integral: Integral, grids: Sequence[Refined]) -> bool:
    """Whether laws, or what else the integral is made of, change with the grid."""
    laws = {tuple((grid.low, grid.high, law) for grid, law in one.grids) for one in grids}
    return len(laws) > 1 or any(formula(one.instance, one.grids) != integral for one in grids)


def _integrals(name: str, grids: Sequence[Refined]) -> list[Sample]:
    """The exact integrals of the laws on grids; none if there are others."""
    found = [(one, INTEGRALS[name](one.instance, one.grids)) for one in grids]
    exact = [
        Sample(one.step, said.value, one.points % 2)
        for one, said in found
        if said is not None and isinstance(said.value, Fraction)
    ]
    return exact if len(exact) == len(found) else []


def _finer(family: Family, last: Refined) -> list[Refined]:
    """One grid finer, where a parameter sets the points and laws may change with it."""
    if family.name is None:
        return []
    try:
        return [family.at(2 * last.points)]
    except InputError:
        return []


def _beyond(family: Family, rows: Sequence[Row]) -> list[Refined]:
    """The grids of the rows, and finer ones."""
    out = [row.refined for row in rows]
    while 2 * out[-1].points <= FINEST:
        out.append(family.at(2 * out[-1].points))
    return out
