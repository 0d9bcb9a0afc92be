"""Exact linear programs in the one form that the engine uses.

    maximise  c . x + c0   subject to   g_r(x) = A_r . x + b_r >= 0  (or = 0 on equality rows),   x free

Its dual: y_r >= 0 (free on equality rows), c + A^T y = 0, and then every feasible x has c . x + c0 <= c0 + b . y. The
multipliers y are therefore weights on the constraints "g_r >= 0" as written, which is what witnesses are made of.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from lpmech.base.arrays import array, zeros


@dataclass(frozen=True)
class LinearProgram:
    """Rows in compressed form (``indptr``, ``indices``, ``values``), entries fmpq.

    ``rows`` and ``columns`` name consecutive blocks: name -> (start, shape), Fortran order inside a block, as cvxpy has it.
    """

    indptr: np.ndarray
    indices: np.ndarray
    values: np.ndarray
    b: np.ndarray
    equality: np.ndarray
    cost: np.ndarray
    offset: Any
    rows: Mapping[str, tuple[int, tuple[int, ...]]]
    columns: Mapping[str, tuple[int, tuple[int, ...]]]

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of rows and columns."""
        return len(self.b), len(self.cost)

    def row(self, r: int) -> tuple[list[int], list[Any]]:
        """Column numbers and coefficients of row r."""
        part = slice(self.indptr[r], self.indptr[r + 1])
        return self.indices[part].tolist(), self.values[part].tolist()

    def lists(self) -> list[tuple[list[int], list[Any]]]:
        """All rows as lists, for loops in pure Python."""
        columns, values, ends = self.indices.tolist(), self.values.tolist(), self.indptr.tolist()
        return [(columns[a:z], values[a:z]) for a, z in pairwise(ends)]

    def _mask(self, names: Iterable[str]) -> np.ndarray:
        mask = np.zeros(len(self.b), dtype=bool)
        for name in names:
            start, shape = self.rows[name]
            mask[start : start + int(np.prod(shape, dtype=int))] = True
        return mask

    def relaxed(self, names: Iterable[str]) -> LinearProgram:
        """Minimise the largest violation s >= 0 of the named blocks: maximise -s with g_r + s >= 0 (and s - g_r >= 0).

        Row numbers 0..R-1 are those of this program (relaxed equalities become inequalities); the mirrored rows of the
        relaxed equalities follow in row order, then the row s >= 0. The last column is s.
        """
        chosen = self._mask(names)
        mirrored = np.flatnonzero(chosen & self.equality)
        rows, (R, n) = self.lists(), self.shape
        one = array([1])[0]
        out = [([*c, n], [*v, one]) if chosen[r] else (c, v) for r, (c, v) in enumerate(rows)]
        out += [(rows[r][0] + [n], [-v for v in rows[r][1]] + [one]) for r in mirrored]
        out.append(([n], [one]))
        cost = zeros(n + 1)
        cost[n] = -one
        return LinearProgram(
            *compressed(out),
            b=np.concatenate((self.b, -self.b[mirrored], zeros(1))),
            equality=np.concatenate((self.equality & ~chosen, np.zeros(len(mirrored) + 1, dtype=bool))),
            cost=cost,
            offset=array([0])[0],
            rows={**self.rows, "mirrored": (R, (len(mirrored),)), "slack": (R + len(mirrored), ())},
            columns={**self.columns, "violation": (n, ())},
        )

    def unrelaxed_duals(self, y: np.ndarray, names: Iterable[str]) -> np.ndarray:
        """Multipliers of ``self.relaxed(names)`` as multipliers on the rows of this program."""
        mirrored = np.flatnonzero(self._mask(names) & self.equality)
        out = y[: len(self.b)].copy()
        out[mirrored] -= y[len(self.b) : len(self.b) + len(mirrored)]
        return out

    def recession(self) -> LinearProgram:
        """Directions d with A d >= 0 (= 0) that raise the objective by at most 1: feasible (d = 0) and bounded.

        Its optimum is 1 if the program, once feasible, is unbounded, and 0 otherwise.
        """
        used = np.flatnonzero(self.cost != 0)
        cap = (used.tolist(), [-self.cost[j] for j in used])
        return LinearProgram(
            *compressed([*self.lists(), cap]),
            b=np.concatenate((zeros(len(self.b)), array([1]))),
            equality=np.append(self.equality, False),
            cost=self.cost,
            offset=array([0])[0],
            rows={**self.rows, "cap": (len(self.b), ())},
            columns=self.columns,
        )

    def primal(self, x: np.ndarray) -> dict[str, np.ndarray]:
        """Split a solution by variable."""
        return _blocks(self.columns, x)

    def duals(self, y: np.ndarray) -> dict[str, np.ndarray]:
        """Split multipliers by constraint."""
        return _blocks(self.rows, y)


def _blocks(blocks: Mapping[str, tuple[int, tuple[int, ...]]], x: np.ndarray) -> dict[str, np.ndarray]:
    return {
        name: x[start : start + int(np.prod(shape, dtype=int))].reshape(shape, order="F")
        for name, (start, shape) in blocks.items()
    }


def compressed(rows: list[tuple[list[int], list[Any]]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Compressed form of a list of rows."""
    indptr = np.concatenate(([0], np.cumsum([len(c) for c, _ in rows], dtype=int)))
    indices = np.fromiter((j for c, _ in rows for j in c), dtype=int, count=int(indptr[-1]))
    values = np.empty(int(indptr[-1]), dtype=object)
    values[:] = [v for _, vs in rows for v in vs]
    return indptr, indices, values
