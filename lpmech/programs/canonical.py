"""From a cvxpy problem and exact parameter values to an exact linear program. The one module that knows cvxpy's inside.

cvxpy canonicalises a problem whose numbers are all Parameters once, into a sparse tensor that maps the vector of
parameter entries (and a final 1) to the entries of [A b] and of the cost. With integer constants in the problem the
tensor's entries are integers, so the map is as good on exact rationals as on floats: nothing is ever recovered from
floats.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cvxpy as cp
import numpy as np

from lpmech.base.arrays import array, zeros
from lpmech.programs.linear_program import LinearProgram


@dataclass(frozen=True)
class _Map:
    """One sparse integer map from parameter entries to the entries of an array, grouped by target entry."""

    target: np.ndarray  # distinct target entries, ascending
    start: np.ndarray  # where each target's terms start
    source: np.ndarray  # parameter entries
    factor: np.ndarray  # integers

    @classmethod
    def of(cls, tensor: Any) -> _Map:
        coo = tensor.tocoo()
        row, column = (np.asarray(c, dtype=np.int64) for c in coo.coords)
        keep = coo.data != 0
        row, column, factor = row[keep], column[keep], coo.data[keep]
        integers = factor.astype(np.int64)
        if not np.array_equal(integers, factor):
            raise ValueError("a formulation has a constant that is no integer: every other number must be a Parameter")
        order = np.lexsort((column, row))
        row = row[order]
        target, start = np.unique(row, return_index=True)
        return cls(target, start, column[order], integers[order])

    def apply(self, vector: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Targets with a non-zero entry, and these entries."""
        terms = vector[self.source]
        other = np.flatnonzero(self.factor != 1)
        for e in other.tolist():
            terms[e] = terms[e] * int(self.factor[e])
        values = np.add.reduceat(terms, self.start) if len(self.start) else zeros(0)
        keep = np.fromiter((v != 0 for v in values), dtype=bool, count=len(values))
        return self.target[keep], values[keep]


class Canonical:
    """A problem canonicalised once; ``apply`` gives the exact program for any values of its parameters."""

    def __init__(
        self, problem: cp.Problem, constraints: Mapping[str, cp.Constraint], variables: Mapping[str, cp.Variable]
    ) -> None:
        if not problem.is_dpp():
            raise ValueError("not a parametrised program: two parameters are multiplied with each other")
        for parameter in problem.parameters():  # cvxpy insists on values before it canonicalises; they do not matter
            if parameter.value is None:
                parameter.value = np.zeros(parameter.shape)
        program = problem.get_problem_data(cp.HIGHS)[0]["param_prob"]
        if program.is_mixed_integer() or program.P is not None:
            raise ValueError("not a linear program")
        self._height, self._width = int(program.constr_size), int(program.x.size)
        self._matrix, self._cost = _Map.of(program.A), _Map.of(program.q)
        self._size = int(program.total_param_size) + 1
        names = {parameter.id: parameter.name() for parameter in problem.parameters()}
        self._parameters = [
            (names.get(pid), int(column), int(program.param_id_to_size[pid]) if pid in names else 1)
            for pid, column in program.param_id_to_col.items()
        ]
        self._sign = -1 if isinstance(problem.objective, cp.Maximize) else 1
        starts: dict[int, int] = {}
        equality = np.zeros(self._height, dtype=bool)
        at = 0
        for constraint in program.constraints:
            starts[constraint.id] = at
            equality[at : at + constraint.size] = isinstance(constraint, cp.Zero)
            at += constraint.size
        if at != self._height:
            raise ValueError("cvxpy laid out the rows in an unknown way")
        self._equality = equality
        self._rows = {
            name: (starts[c.id], tuple(c.shape)) for name, c in constraints.items() if c.size and c.id in starts
        }
        self._columns = {
            name: (int(program.var_id_to_col[v.id]), tuple(v.shape))
            for name, v in variables.items()
            if v.id in program.var_id_to_col
        }

    def apply(self, values: Mapping[str, np.ndarray]) -> LinearProgram:
        """The exact program at ``values``: for each parameter's name an fmpq array of its shape."""
        vector = zeros(self._size)
        for name, start, size in self._parameters:
            if name is None:
                vector[start] = array([1])[0]
            else:
                vector[start : start + size] = values[name].ravel(order="F")
        target, entries = self._matrix.apply(vector)
        row, column = target % self._height, target // self._height
        constant = column == self._width
        b = zeros(self._height)
        b[row[constant]] = entries[constant]
        row, column, entries = row[~constant], column[~constant], entries[~constant]
        order = np.argsort(row, kind="stable")
        indptr = np.concatenate(([0], np.cumsum(np.bincount(row, minlength=self._height))))
        target, costs = self._cost.apply(vector)
        cost = zeros(self._width + 1)
        cost[target] = costs * self._sign if len(costs) else costs
        return LinearProgram(
            indptr=indptr,
            indices=column[order],
            values=entries[order],
            b=b,
            equality=self._equality,
            cost=cost[:-1],
            offset=cost[-1],
            rows=self._rows,
            columns=self._columns,
        )
