"""What follows from equations: whether a linear form is a combination of rows, and the directions that rows leave open.

Pivots are found modulo a prime, where elimination is quick; everything that is used is then solved in exact numbers and
checked row by row, so a prime that hides an equation is noticed and another one is taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flint import fmpq, nmod_mat

from lpmech.base.errors import UndecidedError
from lpmech.certify.lu import SingularError, SparseLU

Sparse = Mapping[int, Any]
"""{column: coefficient}, exact."""

PRIMES = (2**61 - 1, 2**62 - 57, 2**63 - 25)
ZERO = fmpq(0)


class RowSpace:
    """The span of some rows over ``width`` columns.

    ``free``: columns that the equations row = 0 leave open.
    """

    def __init__(self, rows: Sequence[Sparse], width: int) -> None:
        self.width, self.rows = width, rows
        for prime in PRIMES:
            found = self._solve(prime)
            if found is not None:
                self.pivots, self.free, self._open = found
                return
        raise UndecidedError("the equations of all optimal mechanisms were not solved: no prime shows their rank")

    def _solve(self, prime: int) -> tuple[list[int], list[int], dict[int, dict[int, Any]]] | None:
        try:
            chosen, pivots = _independent(self.rows, prime)
        except ValueError:  # it divides a denominator
            return None
        at = {j: n for n, j in enumerate(pivots)}
        free = [j for j in range(self.width) if j not in at]
        square = [{at[j]: v for j, v in self.rows[r].items() if j in at and v != 0} for r in chosen]
        try:
            factors = SparseLU(square)
        except SingularError:
            return None
        right: dict[int, dict[int, Any]] = {}
        for n, r in enumerate(chosen):
            for j, v in self.rows[r].items():
                if j >= 0 and j not in at and v != 0:
                    right.setdefault(j, {})[n] = v
        open_: dict[int, dict[int, Any]] = {j: {} for j in pivots}
        for j, column in right.items():
            for n, x in enumerate(factors.solve([-column.get(n, ZERO) for n in range(len(chosen))])):
                if x != 0:
                    open_[pivots[n]][j] = x
        taken = set(chosen)
        if any(_reduced(row, open_) for r, row in enumerate(self.rows) if r not in taken):
            return None
        return pivots, free, open_

    def residual(self, form: Sparse) -> dict[int, Any]:
        """The form less a combination of rows, on free columns alone; empty iff it is such a combination."""
        return _reduced(form, self._open)


def _reduced(form: Sparse, open_: Mapping[int, Mapping[int, Any]]) -> dict[int, Any]:
    out: dict[int, Any] = {}
    for column, x in form.items():
        if column < 0 or x == 0:
            continue
        moves = open_.get(column)
        for j, by in ((column, 1),) if moves is None else moves.items():
            out[j] = out.get(j, ZERO) + x * by
    return {j: x for j, x in out.items() if x != 0}


def _independent(rows: Sequence[Sparse], prime: int) -> tuple[list[int], list[int]]:
    """Rows that span all modulo the prime, and as many columns in which they are independent."""
    used = sorted({j for row in rows for j in row if j >= 0})
    place = {j: n for n, j in enumerate(used)}
    table = []
    for row in rows:
        line = [0] * len(used)
        for j, v in row.items():
            if j >= 0:
                line[place[j]] = int(v.p) * pow(int(v.q), -1, prime) % prime
        table.append(line)
    if not table or not used:
        return [], []
    matrix = _matrix(table, prime)
    pivots = _pivots(matrix)
    if not pivots:
        return [], []
    thin = [[line[c] for line in table] for c in pivots]
    return _pivots(_matrix(thin, prime)), [used[c] for c in pivots]


def _matrix(table: Sequence[Sequence[int]], prime: int) -> Any:
    return nmod_mat(len(table), len(table[0]), [x for line in table for x in line], prime)


def _pivots(matrix: Any) -> list[int]:
    reduced, rank = matrix.rref()
    out, start, width = [], 0, reduced.ncols()
    for r in range(rank):
        start = next(c for c in range(start, width) if reduced[r, c] != 0)
        out.append(start)
        start += 1
    return out


def dot(form: Iterable[tuple[int, Any]], point: Sequence[Any]) -> Any:
    """The sum of a form at a point, without its constant."""
    return sum((x * point[j] for j, x in form if j >= 0), ZERO)
