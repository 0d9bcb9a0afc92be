"""Exact linear algebra and the exact simplex on programs made for them."""

from __future__ import annotations

import random

import numpy as np
import pytest
from flint import fmpq, fmpq_mat

from lpmech.base.arrays import array, zeros
from lpmech.certify import optimum
from lpmech.certify.lu import SingularError, SparseLU
from lpmech.certify.solver import Proposal, highs
from lpmech.programs.linear_program import LinearProgram, compressed


def program(rows, b, cost, equality=()):
    """LinearProgram from dense lists."""
    sparse = [([j for j, v in enumerate(row) if v], [fmpq(v) for v in row if v]) for row in rows]
    eq = np.array([r in equality for r in range(len(rows))])
    return LinearProgram(
        *compressed(sparse),
        b=array(b),
        equality=eq,
        cost=array(cost),
        offset=fmpq(0),
        rows={"rows": (0, (len(rows),))},
        columns={"x": (0, (len(cost),))},
    )


def refuses(image, options):
    return Proposal("failed", None)


@pytest.mark.parametrize("dense_from", [2, 24], ids=["dense rest", "sparse"])
@pytest.mark.parametrize("seed", range(30))
def test_lu_solves_with_the_matrix_and_its_transpose(seed, dense_from, monkeypatch):
    monkeypatch.setattr(SparseLU, "DENSE_FROM", dense_from)
    rng = random.Random(seed)
    n = rng.randint(1, 14)
    dense = [[fmpq(rng.choice([0, 0, 0, 1, -1, 2, 5]), rng.choice([1, 3])) for _ in range(n)] for _ in range(n)]
    rows = [{j: v for j, v in enumerate(row) if v != 0} for row in dense]
    if fmpq_mat(dense).det() == 0:
        with pytest.raises(SingularError):
            SparseLU(rows)
        return
    b = [fmpq(rng.randint(-9, 9)) for _ in range(n)]
    lu = SparseLU(rows)
    x, y = lu.solve(b), lu.solve_transposed(b)
    assert [sum((row[j] * x[j] for j in range(n)), fmpq(0)) for row in dense] == b
    assert [sum((dense[i][j] * y[i] for i in range(n)), fmpq(0)) for j in range(n)] == b


@pytest.mark.parametrize("solver", [highs, refuses], ids=["HiGHS", "exact simplex alone"])
@pytest.mark.parametrize("seed", range(40))
def test_optimum_is_feasible_and_meets_its_dual(seed, solver):
    rng = random.Random(seed)
    n, m = rng.randint(1, 5), rng.randint(1, 7)
    box = [[int(i == j) * s for j in range(n)] for i in range(n) for s in (1, -1)]
    rows = [[rng.randint(-3, 3) for _ in range(n)] for _ in range(m)] + box
    b = [rng.randint(-1, 4) for _ in range(m)] + [10] * (2 * n)
    lp = program(rows, b, [rng.randint(-4, 4) for _ in range(n)], {0} if seed % 3 == 0 else ())
    best = optimum(lp, solver)
    if best is None:  # infeasible, as the program of least violation proves
        least = optimum(lp.relaxed(["rows"]), solver, certain=True)
        assert least.value < 0
        return
    slack = [sum((fmpq(v) * best.x[j] for j, v in enumerate(row)), fmpq(c)) for row, c in zip(rows, b, strict=True)]
    assert all(g == 0 if r == 0 and seed % 3 == 0 else g >= 0 for r, g in enumerate(slack))
    dual = [c + sum((fmpq(rows[r][j]) * best.y[r] for r in range(len(rows))), fmpq(0)) for j, c in enumerate(lp.cost)]
    assert all(d == 0 for d in dual)
    assert all(y >= 0 for r, y in enumerate(best.y) if not (r == 0 and seed % 3 == 0))
    assert best.value == sum((c * y for c, y in zip(lp.b, best.y, strict=True)), fmpq(0))


def test_a_margin_of_one_in_ten_to_the_thirty_is_seen():
    tiny = fmpq(1, 10**30)
    lp = program([[1, 0], [-1, 1], [0, -1]], [0, 0, 0], [0, 1])
    b = lp.b.copy()
    b[2] = tiny
    best = optimum(LinearProgram(**{**vars(lp), "b": b}), highs)
    assert best.value == tiny


def test_recession_tells_bounded_from_unbounded():
    bounded = program([[1], [-1]], [0, 7], [1])
    unbounded = program([[1]], [0], [3])
    assert optimum(bounded.recession(), highs, certain=True).value == 0
    ray = optimum(unbounded.recession(), highs, certain=True)
    assert ray.value == 1
    assert ray.x[0] == fmpq(1, 3)
    assert optimum(unbounded, highs) is None
    assert optimum(unbounded, refuses) is None


def test_relaxing_equalities_gives_their_signed_multipliers_back():
    lp = program([[1], [1]], [-1, -3], [0], {0, 1})  # x = 1 and x = 3
    best = optimum(lp.relaxed(["rows"]), highs, certain=True)
    assert best.value == -1  # x = 2 misses both by 1
    y = lp.unrelaxed_duals(best.y, ["rows"])
    assert y[0] + y[1] == 0
    assert (y * lp.b).sum() == -1


def test_the_empty_program():
    lp = program([], [], [])
    assert optimum(lp, highs).value == 0
    assert zeros(0).shape == (0,)
