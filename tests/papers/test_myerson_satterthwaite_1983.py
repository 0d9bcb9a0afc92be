"""Myerson and Satterthwaite, Efficient mechanisms for bilateral trading (myerson-satterthwaite-1983), on grids."""

from __future__ import annotations

from fractions import Fraction

import pytest

from papers.questions import GROVES_INTERIM, bilateral, catalogued, endpoints, gains, margin, solved

F = Fraction


@pytest.mark.parametrize("points", [2, 3, 4, 5, 6, 7, 12])
def test_corollary_1_uniform_grids(points: int) -> None:
    """(5 - N)/(6N), which tends to -1/6: five points are the last for which a mechanism exists."""
    result = catalogued("myerson-satterthwaite-1983/uniform", points=points)
    assert result.margin == F(5 - points, 6 * points)
    assert result.verdict == ("exists" if points <= 5 else "impossible")


def test_corollary_1_five_points_leave_nothing_to_spare() -> None:
    result = catalogued("myerson-satterthwaite-1983/uniform-five-points")
    assert (result.verdict, result.margin) == ("exists", 0)


@pytest.mark.parametrize("n", range(2, 13))
def test_slack_between_types_vanishes_as_the_grid_gets_finer(n: int) -> None:
    """Any transfers beat Groves transfers, whose deficit is E[(b - s)^+], by exactly 1/N."""
    grid = endpoints(n)
    groves = margin(bilateral(grid, grid, **GROVES_INTERIM))
    assert groves == -gains(grid, grid) == -F(n + 1, 6 * n)
    assert margin(bilateral(grid, grid)) - groves == F(1, n)


SECOND_BEST = {"objective": "welfare", "allocation": "free"}


@pytest.mark.parametrize("k", [1, 2, 3, 4, 25, 50])
def test_theorem_2_uniform_grids(k: int) -> None:
    """Trade iff b - s >= 1/4 gives 9/64. With N = 4 k points (3N + 4)(3N + 8) / (64 N (N + 2)), which is 9/64 + O(1/N)."""
    n = 4 * k
    result = catalogued("myerson-satterthwaite-1983/uniform-second-best", points=n)
    assert result.method == "second_best_ironing"
    assert result.value == solved(bilateral(endpoints(n), endpoints(n), **SECOND_BEST)).value
    assert result.value == F((3 * n + 4) * (3 * n + 8), 64 * n * (n + 2))
    assert n * (result.value - F(9, 64)) == F(9 * n + 16, 32 * (n + 2)) < F(9, 32)


@pytest.mark.parametrize("n", [*range(2, 13), 33, 101])
def test_theorem_2_any_uniform_grid(n: int) -> None:
    """Within 3/(10 N) of 9/64, and where the first best is affordable (N <= 5) that is what it is."""
    grid = endpoints(n)
    value = solved(bilateral(grid, grid, **SECOND_BEST)).value
    assert 0 < n * (value - F(9, 64)) < F(3, 10)
    assert (value == gains(grid, grid)) == (n <= 5)
