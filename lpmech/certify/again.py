"""Many objectives over the rows of one program.

Rows are read and rounded once. The last basis stays primal feasible when the objective changes, so HiGHS goes on from it
with the primal simplex.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from typing import Any

import numpy as np

from lpmech.base.arrays import array, zeros
from lpmech.certify import ATTEMPTS, searched
from lpmech.certify.basis import ExactRows, ExactSolution
from lpmech.certify.solver import Basis, Solver, image
from lpmech.programs.linear_program import LinearProgram


class Again:
    """The rows of a program that can be met; its own objective is not used. ``count``: programs solved so far."""

    def __init__(self, lp: LinearProgram, solver: Solver) -> None:
        self.lp, self.solver, self.rows, self.count = lp, solver, ExactRows(lp), 0
        self.floats = image(lp)
        self.last: Basis | None = None

    def largest(self, goal: Mapping[int, Any]) -> ExactSolution | None:
        """The exact maximum of a sum over columns; None if there is none or none was proved."""
        return self._search(goal, certain=False)

    def bounded(self, goal: Mapping[int, Any]) -> ExactSolution | None:
        """The same where it is known that there is a maximum; None only if the effort allowed was spent."""
        return self._search(goal, certain=True)

    def ray(self, goal: Mapping[int, Any]) -> np.ndarray | None:
        """A direction that keeps every row and raises the sum by 1, None if there is none.

        Raises ArithmeticError if that was not decided.
        """
        self.count += 1
        cone = replace(self.lp, cost=self._cost(goal)).recession()
        best = searched(ExactRows(cone), image(cone), self.solver, certain=True)
        if best is None:
            raise ArithmeticError("whether the sum is bounded was not decided")
        return best.x if best.value != 0 else None

    def _search(self, goal: Mapping[int, Any], *, certain: bool) -> ExactSolution | None:
        self.count += 1
        cost = self._cost(goal)
        rows = copy(self.rows)
        rows.lp, rows.cost = replace(self.lp, cost=cost, offset=array([0])[0]), cost.tolist()
        floats = self.floats.with_cost(cost)
        first: tuple[dict[str, Any], ...] = ()
        if self.last is not None:
            first = ({"start": self.last, "presolve": False, "strategy": "primal"},)
        found = searched(rows, floats, self.solver, first + ATTEMPTS, certain=certain)
        if found is not None:
            self.last = Basis(found.basis.active, found.basis.basic)
        return found

    def _cost(self, goal: Mapping[int, Any]) -> np.ndarray:
        cost = zeros(self.lp.shape[1])
        for column, x in goal.items():
            cost[column] = x
        return cost
