"""Myerson and Satterthwaite, Efficient mechanisms for bilateral trading (myerson-satterthwaite-1983), on grids."""

from __future__ import annotations

from fractions import Fraction

import pytest

from papers.questions import GROVES_INTERIM, bilateral, catalogued, endpoints, gains, margin

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
