"""Impossibility by few constraints: other multipliers for the same bound, none of which can be left out.

Multipliers y of the full program "maximise c . x subject to A x + b >= 0" bound the margin by m if y >= 0, c + A^T y = 0
and b . y = m; they contradict the requirements at every subsidy if c is 0 and m = -1. Of all of them

    minimise w . y        which is the dual of        maximise c . x - m tau   subject to  A x + b tau + w >= 0

is one with few entries, fewer still if w is large where the last y was small. With w = 1 on one of its constraints and 0 on
the others, no others admitted, the minimum is 0 exactly if that one can be left out. Under DSIC payments that the taxation
principle makes equal are one column. Proofs: docs/explanations.md.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import inf
from typing import Any

import numpy as np

from lpmech import engine
from lpmech.answer.proof import Proof
from lpmech.base.arrays import array
from lpmech.base.exact import from_flint, to_flint
from lpmech.certify import ExactSolution, optimum
from lpmech.certify.solver import highs
from lpmech.programs.formulations.full import Full
from lpmech.programs.linear_program import LinearProgram, compressed
from lpmech.question.constraints.dsic import DSIC
from lpmech.question.objective import Objective

MOST = 3_000
"""Payments, lotteries and incentive constraints beyond which nothing is tried."""

TESTED = 100
"""Most constraints that are left out one by one."""

ROUNDS = 4
ONE = Fraction(1)
FINEST = 1_000
"""Weights w are whole numbers from 1 to this."""


@dataclass(frozen=True)
class Shorter:
    """A verified proof of the same with no more multipliers; ``irreducible``: no proper part of its constraints will do."""

    proof: Proof
    irreducible: bool


def shorter(proof: Proof) -> Shorter | None:
    """The proof of impossibility with as few constraints as were found; None if nothing was tried.

    The given multipliers stay unless others are fewer. Those that stand for many constraints at once (compact proofs) have
    a structure worth more, and are left alone.
    """
    asked = proof.instance.with_objective(Objective())
    if proof.verdict != "impossible" or proof.symmetry is not None or Full.entries(asked) > MOST:
        return None
    search = _Search(proof)
    y, irreducible = search.fewest()
    if y is None:
        return None
    found = replace(proof, multipliers=search.form.multipliers(search.lp.duals(y)))
    return Shorter(found, irreducible) if found.verify() else None


def _one_payment(form: Full, lp: LinearProgram) -> dict[int, int]:
    """Columns of payments with the one that stands for them: those of types with the same prescribed lottery against the
    same others, which dominant strategies make equal (the taxation principle)."""
    out: dict[int, int] = {}
    if form.incentives is not DSIC or form.groves:
        return out
    t, open_ = form.tables, set(form.cells[:, 0].tolist())
    for symbol, own in zip(form.symbols, t.own, strict=True):
        start, (n, others) = lp.columns[f"t_{symbol}"]
        for o in range(others):
            first: dict[tuple[Any, ...], int] = {}
            for k in range(n):
                if (p := int(own[k, o])) not in open_:
                    column = start + k + o * n
                    lottery = tuple((int(w.p), int(w.q)) for w in t.allocation.fixed[p])
                    out[column] = first.setdefault(lottery, column)
    return out


def _merged(columns: list[int], values: list[Any], one: dict[int, int]) -> tuple[list[int], list[Any]]:
    """A row in which columns stand for others."""
    row: dict[int, Any] = {}
    for j, v in zip(columns, values, strict=True):
        row[one.get(j, j)] = row.get(one.get(j, j), to_flint(0)) + v
    return [j for j, v in row.items() if v != 0], [v for v in row.values() if v != 0]


class _Search:
    """The full program of a proof's question, seen from its multipliers."""

    def __init__(self, proof: Proof) -> None:
        form = engine.formulation(proof.instance.with_objective(Objective()), "full")
        assert isinstance(form, Full)
        self.form, self.proof = form, proof
        self.lp = engine.compile_program(form).lp
        (height, width), one = self.lp.shape, _one_payment(form, self.lp)
        self.rows = [_merged(columns, values, one) for columns, values in self.lp.lists()]
        self.named = np.zeros(height, dtype=bool)
        for name, (start, shape) in self.lp.rows.items():
            if form.constrains(name):
                self.named[start : start + int(np.prod(shape, dtype=int))] = True
        bound = -1 if proof.margin == -inf else proof.margin
        assert isinstance(bound, int | Fraction)
        self.cost = np.append(self.lp.cost if proof.margin != -inf else array([0] * width), to_flint(-bound))

    def least(self, weights: dict[int, int], *, certain: bool = True) -> np.ndarray | None:
        """Multipliers with the least weighted sum, the constraints of the definition without a weight left out; None if
        there are none (unless ``certain``), or none were proved to be."""
        lp, width = self.lp, self.lp.shape[1]
        rows: list[tuple[list[int], list[Any]]] = []
        b, equality, origin = [], [], []
        for r, (columns, values) in enumerate(self.rows):
            if self.named[r] and r not in weights:
                continue
            with_tau = columns + [width] * bool(lp.b[r] != 0), values + [lp.b[r]] * bool(lp.b[r] != 0)
            free = bool(lp.equality[r])
            mirrored = free and self.named[r]
            for sign in (1, -1) if mirrored else (1,):
                rows.append((with_tau[0], [sign * v for v in with_tau[1]]))
                b.append(weights.get(r, 0))
                equality.append(free and not mirrored)
                origin.append((r, sign))
        program = LinearProgram(
            *compressed(rows),
            b=array(b),
            equality=np.array(equality, dtype=bool),
            cost=self.cost,
            offset=to_flint(0),
            rows={},
            columns={},
        )
        best: ExactSolution | None = optimum(program, highs, certain=certain, strategy="dual")
        if best is None:
            return None
        y = array([0] * len(self.rows))
        for (r, sign), weight in zip(origin, best.y, strict=True):
            y[r] += sign * weight
        return y

    def support(self, y: np.ndarray) -> list[int]:
        """Constraints of the definition with a multiplier."""
        return [r for r in np.flatnonzero(self.named).tolist() if y[r] != 0]

    def given(self) -> np.ndarray | None:
        """The proof's multipliers as rows of the program; None if some of them stand for many constraints at once."""
        numbers = array(range(1, len(self.rows) + 1))
        place = {replace(m, weight=ONE): int(m.weight) - 1 for m in self.form.multipliers(self.lp.duals(numbers))}
        y = array([0] * len(self.rows))
        for m in self.proof.multipliers or ():
            r = place.get(replace(m, weight=ONE))
            if r is None:
                return None
            y[r] += to_flint(m.weight)
        return y

    def fewest(self) -> tuple[np.ndarray | None, bool]:
        """The multipliers with the fewest entries, and whether each of these is needed."""
        best = self.given()
        if best is None or self.least(dict.fromkeys(self.support(best), 1), certain=False) is None:
            return None, False
        weights = dict.fromkeys(np.flatnonzero(self.named).tolist(), 1)
        for _ in range(ROUNDS):
            y = self.least(weights)
            if y is None:
                return None, False
            if len(self.support(y)) < len(self.support(best)):
                best = y
            largest = max((abs(y[r]) for r in self.support(y)), default=to_flint(1))
            weights = {r: max(1, round(FINEST / (1 + FINEST * from_flint(abs(y[r]) / largest)))) for r in weights}
        return self.without_the_rest(best)

    def without_the_rest(self, y: np.ndarray) -> tuple[np.ndarray, bool]:
        """Leave out what can be left out, one by one."""
        if len(self.support(y)) > TESTED:
            return y, False
        needed: set[int] = set()
        while rest := [r for r in self.support(y) if r not in needed]:
            other = self.least(dict.fromkeys(self.support(y), 0) | {rest[0]: 1})
            if other is None:
                return y, False
            if other[rest[0]] == 0:
                y = other
            else:
                needed.add(rest[0])
        return y, True
