"""The exact primal and dual solution of a basis, and whether they are optimal."""

from __future__ import annotations

import random
from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import fmpq

from lpmech.base.arrays import zeros
from lpmech.certify.lu import SingularError, SparseLU
from lpmech.certify.solver import Basis
from lpmech.programs.linear_program import LinearProgram


@dataclass(frozen=True)
class ExactSolution:
    """Primal x and dual y with c + A^T y = 0, and what stands between them and optimality (nothing, if both are empty).

    ``violated``: rows with g_r(x) < 0 (or != 0 on equality rows). ``negative``: inequality rows with y_r < 0, and
    ``loose``: columns outside the basis with a non-zero reduced cost.
    """

    basis: Basis
    x: np.ndarray
    y: np.ndarray
    value: Any
    slack: list[Any]
    violated: list[int]
    negative: list[int]
    loose: list[int]
    factors: SparseLU

    @property
    def optimal(self) -> bool:
        """Exactly feasible, primal and dual: then ``value`` is the optimum."""
        return not (self.violated or self.negative or self.loose)


class ExactRows:
    """Rows of a program as Python lists, made once for all the bases that are tried on it."""

    def __init__(self, lp: LinearProgram) -> None:
        self.lp, self.rows, self.b = lp, lp.lists(), lp.b.tolist()
        self.cost, self.equality = lp.cost.tolist(), lp.equality.tolist()

    def eased(self, size: list[Any]) -> ExactRows:
        """The same program with inequality r eased by about size_r 2^-100, no two by amounts in a simple ratio."""
        out, draw = copy(self), random.Random(0)
        easing = [s * fmpq(draw.getrandbits(30) + 2**30, 2**131) for s in size]
        out.b = [b if eq else b + e for b, eq, e in zip(self.b, self.equality, easing, strict=True)]
        return out

    def solution(self, basis: Basis) -> ExactSolution | None:
        """Solve for x and y of a basis in rational arithmetic; None if it is not a basis."""
        active, basic = basis.active.tolist(), basis.basic.tolist()
        if len(active) != len(basic):
            return None
        place = {j: p for p, j in enumerate(basic)}
        matrix = [{place[j]: v for j, v in zip(*self.rows[r], strict=True) if j in place} for r in active]
        try:
            factors = SparseLU(matrix)
        except SingularError:
            return None
        x, y = zeros(len(self.cost)), zeros(len(self.b))
        if basic:
            x[basis.basic] = factors.solve([-self.b[r] for r in active])
            y[basis.active] = factors.solve_transposed([-self.cost[j] for j in basic])
        return self.judge(basis, x, y, factors)

    def judge(self, basis: Basis, x: np.ndarray, y: np.ndarray, factors: SparseLU) -> ExactSolution:
        """Compare x and y with every condition of optimality."""
        point, zero = x.tolist(), fmpq(0)
        slack: list[Any] = []
        for (columns, values), constant in zip(self.rows, self.b, strict=True):
            total = constant
            for j, v in zip(columns, values, strict=True):
                if point[j] != 0:
                    total = total + v * point[j]
            slack.append(total)
        violated = [r for r, g in enumerate(slack) if (g != zero if self.equality[r] else g < zero)]
        reduced = list(self.cost)
        negative = []
        for r in basis.active.tolist():
            weight = y[r]
            if weight == 0:
                continue
            if weight < 0 and not self.equality[r]:
                negative.append(r)
            for j, v in zip(*self.rows[r], strict=True):
                reduced[j] = reduced[j] + v * weight
        loose = [j for j, d in enumerate(reduced) if d != 0]
        value = self.lp.offset + sum((c * p for c, p in zip(self.cost, point, strict=True) if c != 0), zero)
        return ExactSolution(basis, x, y, value, slack, violated, negative, loose, factors)
