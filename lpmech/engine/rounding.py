"""A mechanism to look at: payments no larger than they have to be, and as round as they can be.

The allocation is that of the mechanism found. Of all payments that meet the requirements with it, exactly,

    minimise L subject to -L <= t_i(theta) <= L for every agent and profile

gives the smallest largest payment, and up to a quarter more is allowed if that is a rounder number. Then the payments are
settled one by one: the next one can be anything in an interval, whose ends are two more programs (or one, where a point
found before shows enough of it), and becomes the number in it with the smallest denominator, nearest to 0. What is left is
feasible after each step, so what comes out is.
Proofs: docs/explanations.md.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from lpmech import engine
from lpmech.answer.audit import audit
from lpmech.answer.mechanism import Mechanism
from lpmech.answer.result import Result
from lpmech.base.arrays import array, zeros
from lpmech.base.errors import InputError, TooLargeError, UndecidedError
from lpmech.base.exact import from_flint, show_count, to_flint
from lpmech.certify import ExactSolution, optimum
from lpmech.certify.solver import highs
from lpmech.programs.formulations.full import Full
from lpmech.programs.linear_program import LinearProgram, compressed
from lpmech.question.objective import Objective
from lpmech.question.requirements import AllocationTable

MOST = 400
"""Payments, of all agents at all profiles, beyond which nobody reads them."""

ROOM = Fraction(1, 4)
"""By how much payments may exceed the smallest largest one, as a share of it, to be rounder."""

EFFORT = 2_000_000
"""Entries of the programs that rounding may solve, all together (20 to 60 s of CPU): payments not reached by then stay as
the program left them. A count, so that the payments do not hang on how busy the machine is."""

LONG = 10**12
"""Denominators of a point that nothing is built on: between two such points they would grow without bound."""

ZERO, ONE = Fraction(0), to_flint(1)


def simplest(low: Fraction, high: Fraction) -> Fraction:
    """The number in [low, high] with the smallest denominator, and of these the nearest to 0."""
    if low > high:
        raise ValueError("an empty interval")
    if low <= 0 <= high:
        return ZERO
    if high < 0:
        return -simplest(-high, -low)
    whole = -(-low.numerator // low.denominator)
    if whole <= high:
        return Fraction(whole)
    floor = low.numerator // low.denominator
    return floor + 1 / simplest(1 / (high - floor), 1 / (low - floor))


@dataclass(frozen=True)
class Rounded:
    """A mechanism with round payments, none larger in size than ``largest``; with its allocation ``least`` is the smallest
    number of which that can be said. ``done``: there was effort enough for all of them."""

    mechanism: Mechanism
    largest: Fraction
    least: Fraction
    done: bool


def readable(result: Result, *, effort: int = EFFORT) -> Mechanism:
    """A mechanism that meets the requirements of a result's instance, with small and round payments.

    It has the allocation of the mechanism found, and attains the value found if the objective is not the margin; it is the
    mechanism found if that is written with no more characters. Raises InputError if there is no mechanism, or more than
    ``MOST`` payments (TooLargeError).
    """
    result.instance.classical("rounding of payments")
    found = result.prove().mechanism
    if found is None:
        raise InputError("no mechanism", value=result.verdict, expected="an instance whose verdict is exists")
    better = rounded(result, found, effort)
    return found if better is None else better.mechanism


def rounded(result: Result, found: Mechanism, effort: int) -> Rounded | None:
    """Round payments in the place of a mechanism's, audited; None if they would be written with as many characters."""
    env = result.instance.environment
    count = env.profile_count * len(env.agents)
    if count > MOST:
        raise TooLargeError(f"{show_count(count)} payments are too many to be read", expected=f"at most {MOST}")
    out = _Payments(result, found).rounded(effort)
    if _length(out.mechanism) >= _length(found):
        return None
    report = audit(result.instance, out.mechanism)
    if not report.ok:
        raise UndecidedError(f"payments were rounded wrongly: {report!r}")
    return out


def _length(mechanism: Mechanism) -> int:
    return sum(len(str(t)) for paid in mechanism.transfers for t in paid)


class _Payments:
    """The program over the payments of a mechanism, its allocation fixed.

    Rows are those of the full program without its objective, then t + L >= 0 and L - t >= 0 for each variable payment, then
    t - low >= 0 and high - t >= 0. Columns are those of the full program, then L.
    """

    def __init__(self, result: Result, found: Mechanism) -> None:
        instance = result.instance
        outcomes = range(len(instance.environment.outcomes))
        table = AllocationTable([[q.get(x, ZERO) for x in outcomes] for q in found.lotteries])
        goal = instance.objective if instance.objective.maximize != "margin" else Objective("welfare")
        asked = replace(instance, objective=goal).with_requirements(allocation=table, ties="any")
        self.found, self.compiled = found, engine.compile_program(engine.formulation(asked, "full"))
        form, full = self.compiled.formulation, self.compiled.lp
        assert isinstance(form, Full)
        width = full.shape[1]
        nothing = form.mechanism(full.primal(zeros(width))).transfers
        self.columns: list[int] = []
        """Columns of the variable payments, or charges, agent by agent and by flattened profile."""
        caps: list[tuple[list[int], list[Any]]] = []
        settled: list[Fraction] = []
        constants: list[Any] = []
        for i, (symbol, own) in enumerate(zip(form.symbols, form.tables.own, strict=True)):
            block = full.columns.get(f"{'h' if form.groves else 't'}_{symbol}")
            for p, place in enumerate(np.argsort(own.ravel()).tolist()):
                if block is None:
                    settled.append(abs(nothing[i][p]))
                    continue
                k, o = divmod(place, own.shape[1])
                column = block[0] + (o if form.groves else k + o * own.shape[0])
                self.columns.append(column)
                for sign in (1, -1):
                    caps.append(([column, width], [to_flint(-sign), ONE]))
                    constants.append(to_flint(-sign * nothing[i][p]))
        self.columns = list(dict.fromkeys(self.columns))
        least = to_flint(max(settled, default=ZERO))
        rows = [*full.lists(), *caps, ([width], [ONE])]
        b = [*full.b, *constants, -least]
        if result.instance.objective.maximize != "margin" and isinstance(result.value, Fraction):
            used = np.flatnonzero(full.cost != 0).tolist()
            rows.append((used, [full.cost[j] for j in used]))
            b.append(full.offset - to_flint(result.value))
        self.rows, self.b = rows, b
        self.equality = np.concatenate((full.equality, np.zeros(len(rows) - len(full.b), dtype=bool)))
        self.strategy = form.strategy
        self.spent = 0
        """Entries of the programs solved so far."""

    def mechanism(self, x: np.ndarray) -> Mechanism:
        """The mechanism of a point."""
        form, full = self.compiled.formulation, self.compiled.lp
        paid = form.mechanism(full.primal(x[: full.shape[1]]))
        return Mechanism(self.found.environment, paid.transfers, self.found.lotteries)

    def program(self, low: dict[int, Any], high: dict[int, Any], goal: int, sign: int) -> LinearProgram:
        """Maximise ``sign`` times a column, some columns between bounds."""
        ends = [([j], [ONE]) for j in low] + [([j], [-ONE]) for j in high]
        more = [-v for v in low.values()] + list(high.values())
        cost = zeros(self.compiled.lp.shape[1] + 1)
        cost[goal] = sign * ONE
        full = self.compiled.lp
        return LinearProgram(
            *compressed([*self.rows, *ends]),
            b=array([*self.b, *more]),
            equality=np.concatenate((self.equality, np.zeros(len(ends), dtype=bool))),
            cost=cost,
            offset=to_flint(0),
            rows=full.rows,
            columns=full.columns,
        )

    def rounded(self, effort: int) -> Rounded:
        """What is left when all payments are settled, or those that there was effort enough for."""
        width = self.compiled.lp.shape[1]
        x = self.optimum(self.program({}, {}, width, -1)).x
        least, done = from_flint(x[width]), True
        largest = simplest(least, least * (1 + ROOM))
        low: dict[int, Any] = {}
        high: dict[int, Any] = {width: to_flint(largest)}
        for j in self.columns:
            if self.spent > effort:
                done = False
                break
            x = self.settled(x, j, low, high)
            low[j] = high[j] = x[j]
        if not done:
            x = self.optimum(self.program(low, high, width, -1)).x
        return Rounded(self.mechanism(x), largest, least, done)

    def settled(self, x: np.ndarray, j: int, low: dict[int, Any], high: dict[int, Any]) -> np.ndarray:
        """A point where column j is as round as it can be: between the given one and an end of the column's interval.

        The end beyond x_j need not be found if the number is a whole one on this side of it.
        """
        at = from_flint(x[j])
        if at == 0:
            return x
        toward = -1 if at > 0 else 1
        near = self.optimum(self.program(low, high, j, toward)).x
        goal, end = simplest(*sorted((from_flint(near[j]), at))), near
        if goal.denominator > 1:
            far = self.optimum(self.program(low, high, j, -toward)).x
            goal = simplest(*sorted((from_flint(near[j]), from_flint(far[j]))))
            if abs(goal) > abs(at):
                end = far
        if x[j] == to_flint(goal):
            return x
        if end[j] == to_flint(goal):
            return end
        between = x + (to_flint(goal) - x[j]) / (end[j] - x[j]) * (end - x)
        if all(from_flint(v).denominator < LONG for v in between):
            return between
        here = {j: to_flint(goal)}
        return self.optimum(self.program(low | here, high | here, self.compiled.lp.shape[1], -1)).x

    def optimum(self, lp: LinearProgram) -> ExactSolution:
        """Exactly; each of the programs is feasible and bounded."""
        self.spent += len(lp.values)
        best = optimum(lp, highs, certain=True, strategy=self.strategy)
        if best is None:
            raise UndecidedError("no basis of a program about payments could be proved optimal")
        return best
