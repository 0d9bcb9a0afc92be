"""What writing a cvxpy problem takes in every formulation: named parameters, variables and constraints.

A constraint "left <= right" or "left == right" stands for g = right - left >= 0 or = 0: that settles the sign of an
equality's multiplier. Constants are incidence matrices of whole numbers; every other number is a Parameter, so that the
exact program can be read off the compiled one (``lpmech.programs.canonical``). Sums over profiles are written as products
of vectors, which cvxpy compiles some 300 times faster than sums of elementwise products.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import cvxpy as cp
import numpy as np
import scipy.sparse as sp

from lpmech.programs.formulations import Program


def incidence(
    rows: np.ndarray, columns: np.ndarray, shape: tuple[int, int], counts: np.ndarray | None = None
) -> sp.csr_array:
    """Matrix with a one, or the given whole number, at each (row, column)."""
    return sp.csr_array((np.ones(len(rows)) if counts is None else counts.astype(float), (rows, columns)), shape=shape)


class Sheet:
    """A cvxpy problem as it is written; ``sizes`` are the shapes of the parameters."""

    def __init__(self, sizes: Mapping[str, tuple[int, ...]]) -> None:
        self.sizes = sizes
        self.parameters: dict[str, cp.Parameter] = {}
        self.variables: dict[str, cp.Variable] = {}
        self.constraints: dict[str, cp.Constraint] = {}
        self.relaxable: list[str] = []
        self.z = self.variable("z")

    def parameter(self, name: str) -> cp.Parameter:
        if name not in self.parameters:
            self.parameters[name] = cp.Parameter(self.sizes[name], name=name)
        return self.parameters[name]

    def variable(self, name: str, shape: Any = ()) -> cp.Variable:
        self.variables[name] = cp.Variable(shape, name=name)
        return self.variables[name]

    def lifted(self, name: str, expression: cp.Expression, constraint: str) -> cp.Variable:
        """A variable equal to an expression, so that rows that use it stay short."""
        out = self.variable(name, expression.shape)
        self.constraints[constraint] = out == expression
        return out

    def program(self, objective: cp.Expression | None, allocation: Mapping[str, cp.Expression]) -> Program:
        """The problem: maximise the objective with z = 0, or z if there is none."""
        level = None
        if objective is not None:
            level = "level"
            self.constraints[level] = self.z == 0
        problem = cp.Problem(cp.Maximize(self.z if objective is None else objective), list(self.constraints.values()))
        return Program(problem, self.variables, self.constraints, allocation, tuple(self.relaxable), level)
