"""Estimates held against grids that did not make them.

An expansion x + C_1 h^p_1 + ... that finer and finer grids show also says what the grids between them have. The error of x
is made of the largest of what can be seen: how far these grids are from the expansion, times how much extrapolation makes
of such a difference; what a grid less would have given; what one more term might be. None of this is a proof. So the
largest is taken four times, and where it is not well below what extrapolating changes, no estimate is made
(docs/limit.md).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from lpmech.base.errors import InputError
from lpmech.studies.limit.extrapolate import Estimate, Number, estimate, expansion, without
from lpmech.studies.limit.refine import Family, Refined, cells

SAFETY = 4
"""Times the largest difference that is seen: the error."""

GAIN = 0.25
"""The error is at most this share of the distance from the finest grid's number to the estimate."""

LEAST = 3
"""Grids between the others that must say the same."""

BETWEEN = (Fraction(1, 2), Fraction(89, 144), Fraction(34, 144), Fraction(123, 144), Fraction(68, 144))
"""How far between the cells of two grids those of a check are: halfway (a refinement by 3), and at multiples of the golden
section, which keep step with nothing."""

NEAR = 16
"""Numbers of cells that are tried on both sides of such a place."""

ROUNDING = 2.0**-48
"""Share of a number by which its double, and a few steps of arithmetic with it, may be off."""


class Sample(NamedTuple):
    """A grid's step and number, and whether its number of points is odd."""

    step: Fraction
    number: Fraction
    parity: int


def between(family: Family, grids: Sequence[Refined]) -> Iterator[Refined]:
    """Grids between neighbours, all odd or all even if these are, as far as the file makes instances of them."""
    known, parities = {one.points for one in grids}, {one.points % 2 for one in grids}
    for low, high in pairwise(cells(one.grids[0][0]) for one in grids):
        for share in BETWEEN:
            found = _near(family, round(low + (high - low) * share), parities)
            if found is not None and found.points not in known and grids[0].step > found.step > grids[-1].step:
                known.add(found.points)
                yield found


def _near(family: Family, middle: int, parities: Collection[int]) -> Refined | None:
    """The grid with about so many cells."""
    own = cells(family.first.grids[0][0])
    for distance in range(NEAR):
        for count in dict.fromkeys((middle + distance, middle - distance)):
            try:
                found = family.times(Fraction(count, own))
            except InputError:
                continue
            if found.points % 2 in parities:
                return found
    return None


def plain(samples: Sequence[Sample]) -> Estimate | None:
    """The estimate of grids alone, not yet checked."""
    return estimate([one.step for one in samples], [one.number for one in samples], [one.parity for one in samples])


def reach(samples: Sequence[Sample]) -> tuple[int, ...]:
    """The grids, by number, that an expansion goes through: between these it is to be checked."""
    found = plain(samples)
    return found.used[-len(found.orders) - 1 :] if found is not None and found.regular else ()


def checked(samples: Sequence[Sample], checks: Sequence[Sample]) -> Estimate | None:
    """The estimate with an error that the checks, too, are within; one without extrapolation where that is too large."""
    found = plain(samples)
    if found is None or not found.regular:
        return found
    last = [samples[n] for n in found.used][-len(found.orders) - 1 :]
    alike = len({samples[n].parity for n in found.used}) == 1
    others = [one for one in checks if last[-1].step < one.step < last[0].step]
    others = [one for one in others if not alike or one.parity == last[-1].parity]
    if len(others) >= LEAST:
        error = _error(found, last, others)
        if error <= GAIN * abs(float(last[-1].number) - float(found.value)):
            return replace(found, error=error)
    return without([one.number for one in samples])


def _error(found: Estimate, last: Sequence[Sample], others: Sequence[Sample]) -> float:
    """Four times the largest of: a grid less; another way to compute the same; the checks; a term more."""
    said = expansion([(one.step, one.number) for one in last], found.orders)
    units = [
        expansion([(one.step, Fraction(one is other)) for one in last], found.orders)(Fraction(0)) for other in last
    ]
    worst = max(abs(said(one.step) - one.number) for one in others)
    checks = float(worst * sum(map(abs, units)))
    step, moved = float(last[-1].step), abs(float(last[-1].number) - float(found.value))
    largest = max(found.error, apart(found.value, said(Fraction(0))), checks, moved * step ** len(found.orders))
    return SAFETY * largest + ROUNDING * max(1.0, abs(float(found.value)))


def apart(a: Number, b: Number) -> float:
    """Their distance."""
    return abs(float(a) - float(b))
