"""What all optimal mechanisms of a question have in common: what binds, exact ranges, uniqueness.

The optimal mechanisms are the points of a polyhedron (``program``). A strictly complementary pair says which requirements
bind at every one of them; exact linear programs say how far everything else ranges (``ranges``). Theory and proofs:
docs/face.md.
"""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

from lpmech import engine
from lpmech.answer.result import Result
from lpmech.base.errors import InputError, TooLargeError, UndecidedError
from lpmech.base.exact import Rational, from_flint, rational, show, show_count, to_flint
from lpmech.base.phase import phase
from lpmech.certify.solver import Solver, highs
from lpmech.programs.full_rows import FullRows
from lpmech.question.allocation import allocation
from lpmech.question.constraints import Relation
from lpmech.question.model import Instance
from lpmech.studies.face.found import EVERY, NONE, SOME, Binding, Face, Range
from lpmech.studies.face.program import Optimal
from lpmech.studies.face.proofs import pair_proof
from lpmech.studies.face.quantities import CHANCE, INTERIM_CHANCE, Measured, Quantity
from lpmech.studies.face.ranges import Ranges

__all__ = ["Face", "face"]

PROGRAMS = 2_000
"""Linear programs after which ranges are left out, unless told otherwise."""
MAX_ENTRIES = 100_000
"""Largest program, in unknowns and coefficients of rows in expectation."""
MAX_CELLS = 8_000_000
"""Largest program, rows times columns: the table of its equations is reduced as it stands (300 MB)."""


def face(instance: Instance, slack: Rational = 0, *, programs: int = PROGRAMS, solver: Solver = highs) -> Face:
    """What all mechanisms that attain the optimum, or come within ``slack`` of it, have in common.

    For the margin: all mechanisms at z = margin (C9), whatever its sign; for another objective: all with z = 0 that attain
    the value. ``programs``: linear programs that may be solved; what is left out then is said. Raises InputError where
    there is no optimum (an infinite or no value) and where lotteries are excluded and the allocation is open,
    TooLargeError, and UndecidedError.
    """
    delta = rational(slack)
    if delta < 0:
        raise InputError(
            "a slack below 0", key="slack", value=show(delta), expected="0 or more: how much of the optimum may be lost"
        )
    _fits(instance)
    result = engine.solve(instance, solver=solver)
    if result.verdict == "undecided":
        raise UndecidedError(str(result.reason))
    best = _finite(instance, result)
    optimal, lowered = _optimal(instance, best, delta, solver)
    with phase("a strictly complementary pair"):
        rows, columns = optimal.lp.shape
        if rows * columns > MAX_CELLS:
            raise TooLargeError(
                f"{rows:,} rows of {columns:,} unknowns, too many for what all optimal mechanisms have in common",
                expected=f"at most {MAX_CELLS:,} cells: a coarser grid or fewer agents",
            )
        hull = optimal.hull
    ranges = Ranges(optimal, programs)
    measured = Measured(instance)
    with phase("ranges over all optimal mechanisms"):
        bindings, found = _ranges(instance, optimal, ranges, measured)
    proof = pair_proof(result, optimal) if optimal.tight else None
    linked = {j for row in optimal.rows for j, x in row.items() if x != 0}
    return Face(
        instance,
        result,
        best,
        delta,
        lowered,
        tuple(bindings),
        tuple(found),
        sum(j in linked for j in hull.free),
        ranges.programs,
        ranges.stopped,
        proof,
        optimal,
        ranges,
    )


def _fits(instance: Instance) -> None:
    entries = FullRows.entries(instance)
    if entries > MAX_ENTRIES:
        raise TooLargeError(
            f"{show_count(entries)} unknowns and coefficients, too many for what all optimal mechanisms have in common",
            expected=f"at most {MAX_ENTRIES:,}: a coarser grid or fewer agents",
        )
    if not instance.requirements.lotteries and len(allocation(instance).cells):
        raise InputError(
            "without lotteries the optimal mechanisms are no face of a polyhedron",
            key="requirements.lotteries",
            expected="lotteries = true, or an allocation that leaves nothing open",
        )


def _finite(instance: Instance, result: Result) -> Fraction:
    """The optimum; InputError where there is none."""
    on_margin = instance.objective.maximize == "margin"
    best = result.margin if on_margin else result.value
    if isinstance(best, Fraction):
        return best
    if not on_margin and result.verdict == "impossible":
        problem = "no mechanism meets the requirements, so none is optimal"
        raise InputError(problem, key="objective", expected='maximize = "margin": the mechanisms that come closest')
    if best == math.inf:
        what = "the margin" if on_margin else "the objective"
        expected = "another objective, or more requirements" if on_margin else "an objective with a maximum"
        raise InputError(f"{what} is infinite, so no mechanism is optimal", key="objective", expected=expected)
    problem = "no mechanism meets the requirements at any subsidy, so none is optimal"
    raise InputError(problem, key="requirements", expected="requirements that can be met: see lpmech explain --why")


def _optimal(instance: Instance, best: Fraction, delta: Fraction, solver: Solver) -> tuple[Optimal, bool]:
    """The optimal set, and whether z is fixed below the margin (where it stands in inequalities)."""
    on_margin = instance.objective.maximize == "margin"
    with phase("writing the program"):
        optimal = Optimal(FullRows(instance), not on_margin, solver)
    other = from_flint(optimal.best.value)
    if other != best:
        raise UndecidedError(
            f"two programs disagree about the optimum, {show(best)} and {show(other)}: please report this"
        )
    rules = [c.relation for c in instance.constraints if instance.requirements.level(c)]
    lowered = on_margin and delta > 0 and Relation.EQUAL not in rules
    return optimal.bounded(to_flint(best - delta), delta == 0 or lowered), lowered


def _ranges(
    instance: Instance, optimal: Optimal, ranges: Ranges, measured: Measured
) -> tuple[list[Binding], list[Range]]:
    """Slacks of all inequalities, and ranges of all quantities: whole and interim ones first, single profiles last."""
    zero, one = to_flint(0), to_flint(1)
    order = [*measured]

    def measure(what: Quantity) -> Range:
        within = (zero, one) if what.kind in (CHANCE, INTERIM_CHANCE) else (None, None)
        return Range(what, *ranges.of(measured.form(what), within))

    early = [measure(what) for what in order if what.profile is None]
    bindings = _bindings(instance, optimal, ranges)
    return bindings, [*early, *(measure(what) for what in order if what.profile is not None)]


def _bindings(instance: Instance, optimal: Optimal, ranges: Ranges) -> list[Binding]:
    form, out = optimal.form, list[Binding]()
    open_: list[tuple[int, Binding]] = []
    for constraint in instance.constraints:
        if constraint.relation is Relation.EQUAL:
            continue
        name = constraint.block(form.names)
        start = optimal.lp.rows[name][0]
        for n, place in enumerate(form.places[name]):
            r = start + n
            if r in optimal.pair.always:
                out.append(Binding(constraint, place, r, EVERY, Fraction(0)))
            else:
                out.append(Binding(constraint, place, r))
                open_.append((len(out) - 1, out[-1]))
    ranges.gather([optimal.rows[b.row] for _, b in open_])
    for at, binding in open_:
        low, _ = ranges.of(optimal.rows[binding.row], (to_flint(0), None), (True, False))
        if low is None:
            continue
        assert isinstance(low.value, Fraction)
        out[at] = replace(binding, held=SOME if low.value == 0 else NONE, least=low.value, end=low)
    return out
