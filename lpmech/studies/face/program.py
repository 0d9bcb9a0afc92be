"""The program of the optimal mechanisms: all of the question's rows, and one that holds the optimum.

    F = { x : g_r(x) >= 0 (or = 0), goal(x) = optimum }        (goal(x) >= optimum - slack, where a slack is given)

x has payments, lotteries, shares and z. One linear program gives a point of F at which every row that is not 0 on all of F
is positive, and weights that are positive on exactly the other inequalities and add up to 0 on F: with the multipliers of
the optimum these are a strictly complementary pair (Goldman and Tucker). Proof: docs/face.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from flint import fmpq

from lpmech.answer.mechanism import Mechanism
from lpmech.base.arrays import array, zeros
from lpmech.base.errors import UndecidedError
from lpmech.certify import optimum
from lpmech.certify.again import Again
from lpmech.certify.solver import Solver
from lpmech.programs.forms import CONSTANT, Form
from lpmech.programs.full_rows import FullRows
from lpmech.programs.linear_program import LinearProgram, compressed
from lpmech.studies.face.rowspace import RowSpace

ONE, ZERO = fmpq(1), fmpq(0)
GOAL = "the optimum"


@dataclass(frozen=True)
class Pair:
    """``inner``: a point of F with slack > 0 wherever some point of F has. ``always``: inequalities that are 0 on all of F;
    ``weights``: on the rows of F, >= 0 on inequalities, positive on these, with sum_r weight_r g_r = 0 identically."""

    inner: list[Any]
    always: frozenset[int]
    weights: list[Any]


class Optimal:
    """F of one question. ``lp`` is the question's own program, ``best`` its exact optimum, ``goal`` what is maximised."""

    def __init__(self, form: FullRows, level: bool, solver: Solver) -> None:
        self.form, self.solver = form, solver
        self.lp = form.linear_program(level)
        best = optimum(self.lp, solver, certain=True, strategy=form.strategy)
        if best is None:
            raise UndecidedError("no basis of the question's program could be proved optimal with the effort allowed")
        self.best = best
        self.goal = form.goal()

    def bounded(self, target: Any, exactly: bool) -> Optimal:
        """The rows that hold the optimum: goal = target, or goal >= target."""
        self.target, self.exactly = target, exactly
        self.rows = [Form(dict(zip(*self.lp.row(r), strict=True))) for r in range(self.lp.shape[0])]
        for row, b in zip(self.rows, self.lp.b.tolist(), strict=True):
            row[CONSTANT] = b
        self.rows.append(self.goal + Form({CONSTANT: -target}))
        self.equal = [*self.lp.equality.tolist(), exactly]
        self.start = self.best.x.tolist()
        if exactly and self.best.value != target:  # z alone is lowered
            self.start[self.form.of.z] = target
        return self

    def slack(self, r: int, point: Sequence[Any]) -> Any:
        """g_r at a point."""
        row = self.rows[r]
        return row.get(CONSTANT, ZERO) + sum((x * point[j] for j, x in row.items() if j != CONSTANT), ZERO)

    def mechanism(self, point: Sequence[Any]) -> Mechanism:
        """The mechanism of a point."""
        x = zeros(len(point))
        x[:] = list(point)
        return self.form.mechanism(self.lp.primal(x))

    @property
    def tight(self) -> bool:
        """Whether F is the optimal set itself: then the multipliers of the optimum say which rows bind."""
        return self.exactly and self.target == self.best.value

    # ---- the strictly complementary pair -----------------------------------------------------------------------------

    @cached_property
    def pair(self) -> Pair:
        """The point and the weights."""
        last, x = len(self.rows) - 1, self.start
        y = [*self.best.y.tolist(), ONE] if self.tight else [ZERO] * len(self.rows)
        unequal = [r for r, eq in enumerate(self.equal) if not eq]
        slack = {r: self.slack(r, x) for r in unequal}
        assert all(s >= 0 for s in slack.values())
        weighted = [r for r in unequal if y[r] > 0]
        unknown = [r for r in unequal if slack[r] == 0 and y[r] == 0]
        if not unknown:
            return self._checked(x, frozenset(weighted), y)
        cone, width = self._cone(frozenset(weighted), unknown)
        found = optimum(cone, self.solver, certain=True, strategy="primal")
        if found is None:
            raise UndecidedError("no strictly complementary pair was proved with the effort allowed")
        tau, s = found.x[width], dict(zip(unknown, found.x[width + 1 :].tolist(), strict=True))
        other = [v / tau for v in found.x[:width].tolist()]
        inner = [(a + b) / 2 for a, b in zip(x, other, strict=True)]
        always = frozenset(weighted) | {r for r in unknown if s[r] == 0}
        extra = found.y[: len(self.rows)].tolist()
        times = max([ZERO, *((1 - extra[r]) / y[r] for r in weighted)])
        if self.tight:
            times = max(times, 1 - extra[last])
        weights = [a + times * b for a, b in zip(extra, y, strict=True)]
        return self._checked(inner, always, weights)

    def _cone(self, weighted: frozenset[int], unknown: list[int]) -> tuple[LinearProgram, int]:
        """maximise sum s_r: g_r homogenised (x over a scale of at least 1), 0 <= s_r <= 1, s_r <= g_r for unknown rows.

        Points of F can be added and scaled up in it, so at its optimum each s_r is 1 or is 0 at every point of F.
        """
        width, at = self.lp.shape[1], {r: k for k, r in enumerate(unknown)}
        rows: list[tuple[list[int], list[Any]]] = []
        for r, row in enumerate(self.rows):
            columns = sorted(j for j, v in row.items() if j != CONSTANT and v != 0)
            values = [row[j] for j in columns]
            if row.get(CONSTANT, ZERO) != 0:
                columns, values = [*columns, width], [*values, row[CONSTANT]]
            if r in at:
                columns, values = [*columns, width + 1 + at[r]], [*values, -ONE]
            rows.append((columns, values))
        count = len(unknown)
        rows += [([width + 1 + k], [-ONE]) for k in range(count)]
        rows += [([width + 1 + k], [ONE]) for k in range(count)]
        rows.append(([width], [ONE]))
        b = array([0] * len(self.rows) + [1] * count + [0] * count + [-1])
        equal = [eq or r in weighted for r, eq in enumerate(self.equal)] + [False] * (2 * count + 1)
        cost = zeros(width + 1 + count)
        cost[width + 1 :] = [ONE] * count
        lp = LinearProgram(*compressed(rows), b, np.array(equal), cost, ZERO, {}, {})
        return lp, width

    def _checked(self, inner: list[Any], always: frozenset[int], weights: list[Any]) -> Pair:
        """The pair, after every one of its conditions was compared exactly."""
        total: dict[int, Any] = {}
        for row, w in zip(self.rows, weights, strict=True):
            if w != 0:
                for j, v in row.items():
                    total[j] = total.get(j, ZERO) + w * v
        good = all(v == 0 for v in total.values())
        for r, eq in enumerate(self.equal):
            slack = self.slack(r, inner)
            if eq:
                good = good and slack == 0
            else:
                good = good and (slack == 0 < weights[r] if r in always else slack > 0 == weights[r])
        if not good:
            raise UndecidedError("no strictly complementary pair was proved")
        return Pair(inner, always, weights)

    @cached_property
    def multipliers(self) -> np.ndarray:
        """Multipliers of the optimum that are positive on every row that binds at every optimum (``tight`` alone)."""
        assert self.tight
        weights = self.pair.weights
        out = zeros(self.lp.shape[0])
        out[:] = [w / weights[-1] for w in weights[:-1]]
        return out

    # ---- the affine hull, and directions that keep every row ---------------------------------------------------------

    @cached_property
    def hull(self) -> RowSpace:
        """Equations of F: its equalities, and its rows that are 0 everywhere."""
        rows = [row for r, row in enumerate(self.rows) if self.equal[r] or r in self.pair.always]
        return RowSpace(rows, self.lp.shape[1])

    @cached_property
    def lines(self) -> RowSpace:
        """The rows that are not 0 everywhere, over the hull's free columns: what they leave open moves without end."""
        rows = [row for r, row in enumerate(self.rows) if not (self.equal[r] or r in self.pair.always)]
        reduced = (self.hull.residual(row) for row in rows)
        return RowSpace([row for row in reduced if row], self.lp.shape[1])

    @cached_property
    def again(self) -> Again:
        """F as a program, rows that are 0 everywhere as equations."""
        rows, b = [], zeros(len(self.rows))
        for r, row in enumerate(self.rows):
            columns = sorted(j for j, v in row.items() if j != CONSTANT and v != 0)
            rows.append((columns, [row[j] for j in columns]))
            b[r] = ZERO + row.get(CONSTANT, ZERO)
        equal = np.array([eq or r in self.pair.always for r, eq in enumerate(self.equal)])
        lp = LinearProgram(*compressed(rows), b, equal, zeros(self.lp.shape[1]), ZERO, {}, self.lp.columns)
        return Again(lp, self.solver)
