"""A program that is written row by row as a cvxpy problem, for those who want to add to it."""

from __future__ import annotations

from typing import Protocol

import cvxpy as cp
import numpy as np
import scipy.sparse as sp

from lpmech.base.exact import to_float
from lpmech.programs.forms import CONSTANT, FormStatements
from lpmech.programs.formulations import Program
from lpmech.programs.linear_program import LinearProgram
from lpmech.question.model import Instance

LEVEL = "level"
"""The row z = 0."""


class Rows(Protocol):
    """See ``lpmech.programs.full_rows.FullRows``."""

    margin: bool

    @property
    def instance(self) -> Instance: ...
    @property
    def of(self) -> FormStatements: ...
    @property
    def relaxable(self) -> tuple[str, ...]: ...
    def linear_program(self, level: bool) -> LinearProgram: ...


def written(form: Rows) -> Program:
    """The rows in cvxpy, numbers as doubles; q is boolean where lotteries are excluded."""
    lp = form.linear_program(level=not form.margin)
    matrix = sp.csr_array(([to_float(v) for v in lp.values], lp.indices, lp.indptr), shape=lp.shape)
    whole = set() if form.instance.requirements.lotteries else {"q"}
    variables = {name: cp.Variable(shape, name=name, boolean=name in whole) for name, (_, shape) in lp.columns.items()}
    x = cp.hstack([cp.reshape(v, (max(v.size, 1),), order="C") for v in variables.values()])
    constraints: dict[str, cp.Constraint] = {}
    for name, (start, (height,)) in lp.rows.items():
        part = matrix[start : start + height] @ x + np.array([to_float(v) for v in lp.b[start : start + height]])
        constraints[name] = part == 0 if height and lp.equality[start] else part >= 0
    goal = np.array([to_float(c) for c in lp.cost]) @ x + to_float(lp.offset)
    problem = cp.Problem(cp.Maximize(goal), list(constraints.values()))
    of = form.of
    allocation = {}
    for number, label in enumerate(form.instance.environment.outcomes):
        entries = [(p, *entry) for p, row in enumerate(of.lotteries) for entry in row if entry[0] == number]
        fixed, open_part = np.zeros(of.P), sp.dok_array((of.P, of.width))
        for p, _, column, w in entries:
            if column == CONSTANT:
                fixed[p] = to_float(w)
            else:
                open_part[p, column] = 1.0
        allocation[label] = fixed + open_part.tocsr() @ x if open_part.nnz else cp.Constant(fixed)
    level = None if form.margin else LEVEL
    return Program(problem, variables, constraints, allocation, form.relaxable, level)
