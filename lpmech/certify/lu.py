"""Sparse LU factors of an exact matrix, for solving with a basis and its transpose.

Most bases of mechanism programs are nearly triangular and come apart without arithmetic. What is left is eliminated by
Markowitz until it fills in; the dense rest goes to FLINT, which lifts p-adically (Dixon) where numbers get long, as under
correlated priors.
"""

from __future__ import annotations

import heapq
from typing import Any

from flint import fmpq, fmpq_mat

Row = dict[int, Any]


class SingularError(ArithmeticError):
    """The matrix has no inverse: the proposed basis is none."""


class SparseLU:
    """Markowitz LU of a square matrix of rows {column: fmpq}; rows and columns with one entry come out for free."""

    CANDIDATES = 4
    """How many of the shortest rows and columns are searched for a pivot of small (r - 1)(c - 1)."""
    DENSE_FROM, DENSE_FILL = 24, 0.25
    """Smallest rest, and smallest share of its entries non-zero, that goes to FLINT as a dense matrix."""

    def __init__(self, rows: list[Row]) -> None:
        self.n = len(rows)
        self._rows = [dict(row) for row in rows]
        self._columns: list[set[int]] = [set() for _ in rows]
        for i, row in enumerate(self._rows):
            for j in row:
                self._columns[j].add(i)
        self._row_queue = [(len(row), i) for i, row in enumerate(self._rows)]
        self._column_queue = [(len(c), j) for j, c in enumerate(self._columns)]
        heapq.heapify(self._row_queue)
        heapq.heapify(self._column_queue)
        self._row_done, self._column_done = bytearray(self.n), bytearray(self.n)
        self.pivots: list[tuple[int, int]] = []
        self._lower: list[list[tuple[int, Any]]] = []
        self._upper: list[Row] = []
        self._entries = sum(map(len, rows))
        while len(self.pivots) < self.n and not self._filled():
            self._eliminate(*self._pivot())
        self._rest_rows = [i for i in range(self.n) if not self._row_done[i]]
        self._rest_columns = [j for j in range(self.n) if not self._column_done[j]]
        self._rest = self._dense()
        del self._rows, self._columns, self._row_queue, self._column_queue

    def _filled(self) -> bool:
        left = self.n - len(self.pivots)
        return left >= self.DENSE_FROM and self._entries > self.DENSE_FILL * left * left

    def _dense(self) -> Any:
        if not self._rest_rows:
            return None
        zero = fmpq(0)
        matrix = fmpq_mat([[self._rows[i].get(j, zero) for j in self._rest_columns] for i in self._rest_rows])
        if matrix.rank() < len(self._rest_rows):
            raise SingularError("the proposed basis is singular")
        return matrix

    def _shortest(self, queue: list[tuple[int, int]], done: bytearray, lines: Any) -> tuple[int, int]:
        while True:
            count, line = queue[0]
            if done[line]:
                heapq.heappop(queue)
            elif count != len(lines[line]):
                heapq.heapreplace(queue, (len(lines[line]), line))
            else:
                return count, line

    def _pivot(self) -> tuple[int, int]:
        height, j = self._shortest(self._column_queue, self._column_done, self._columns)
        width, i = self._shortest(self._row_queue, self._row_done, self._rows)
        if height == 0 or width == 0:
            raise SingularError("the proposed basis is singular")
        if height == 1:
            return next(iter(self._columns[j])), j
        if width == 1:
            return i, next(iter(self._rows[i]))
        best, choice = None, (i, j)
        for _, r in self._row_queue[: self.CANDIDATES]:
            if not self._row_done[r]:
                for c in self._rows[r]:
                    cost = (len(self._rows[r]) - 1) * (len(self._columns[c]) - 1)
                    if best is None or cost < best:
                        best, choice = cost, (r, c)
        for _, c in self._column_queue[: self.CANDIDATES]:
            if not self._column_done[c]:
                for r in self._columns[c]:
                    cost = (len(self._rows[r]) - 1) * (len(self._columns[c]) - 1)
                    if best is None or cost < best:
                        best, choice = cost, (r, c)
        return choice

    def _eliminate(self, i: int, j: int) -> None:
        row = self._rows[i]
        pivot = row[j]
        self._entries -= len(row) + len(self._columns[j]) - 1
        self._row_done[i] = self._column_done[j] = 1
        self.pivots.append((i, j))
        self._upper.append(row)
        for c in row:
            self._columns[c].discard(i)
        steps: list[tuple[int, Any]] = []
        if self._columns[j]:
            others = [(c, v) for c, v in row.items() if c != j]
            for r in self._columns[j]:
                target = self._rows[r]
                factor = target.pop(j) / pivot
                steps.append((r, factor))
                for c, v in others:
                    old = target.get(c)
                    if old is None:
                        self._entries += 1
                        target[c] = -factor * v
                        self._columns[c].add(r)
                    else:
                        new = old - factor * v
                        if new == 0:
                            self._entries -= 1
                            del target[c]
                            self._columns[c].discard(r)
                        else:
                            target[c] = new
                heapq.heappush(self._row_queue, (len(target), r))
            self._columns[j] = set()
        for c in row:
            if c != j:
                heapq.heappush(self._column_queue, (len(self._columns[c]), c))
        self._lower.append(steps)

    def solve(self, b: list[Any]) -> list[Any]:
        """x with A x = b."""
        b = list(b)
        for (i, _), steps in zip(self.pivots, self._lower, strict=True):
            if b[i] != 0:
                for r, factor in steps:
                    b[r] -= factor * b[i]
        x = [fmpq(0)] * self.n
        if self._rest is not None:
            found = self._rest.solve(fmpq_mat([[b[i]] for i in self._rest_rows]))
            for j, v in zip(self._rest_columns, found.entries(), strict=True):
                x[j] = v
        for (i, j), row in zip(reversed(self.pivots), reversed(self._upper), strict=True):
            total = b[i]
            for c, v in row.items():
                if c != j and x[c] != 0:
                    total -= v * x[c]
            x[j] = total / row[j] if total != 0 else total
        return x

    def solve_transposed(self, c: list[Any]) -> list[Any]:
        """y with A^T y = c."""
        c = list(c)
        y = [fmpq(0)] * self.n
        for (i, j), row in zip(self.pivots, self._upper, strict=True):
            if c[j] != 0:
                weight = y[i] = c[j] / row[j]
                for k, v in row.items():
                    if k != j:
                        c[k] -= v * weight
        if self._rest is not None:
            found = self._rest.transpose().solve(fmpq_mat([[c[j]] for j in self._rest_columns]))
            for i, v in zip(self._rest_rows, found.entries(), strict=True):
                y[i] = v
        for (i, _), steps in zip(reversed(self.pivots), reversed(self._lower), strict=True):
            total = y[i]
            for r, factor in steps:
                if y[r] != 0:
                    total -= factor * y[r]
            y[i] = total
        return y
