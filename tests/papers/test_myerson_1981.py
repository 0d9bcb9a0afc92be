"""Myerson, Optimal auction design (myerson-1981), on grids; and several goods (hart-nisan-2017)."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest

import lpmech
from papers.questions import catalogued, solved

F = Fraction


@pytest.mark.parametrize("points", [1, 2, 3, 4, 8, 11])
def test_section_5_uniform_values(points: int) -> None:
    """Revenue is the mean of the largest virtual value (4 k + 3 - 2 N)/(2 N) that is positive, and tends to 5/12."""
    result = catalogued("myerson-1981/uniform", points=points)
    virtual = [F(4 * k + 3 - 2 * points, 2 * points) for k in range(points)]
    best = sum(max(F(0), *pair) for pair in product(virtual, repeat=2)) / points**2
    assert result.value == best
    assert abs(best - F(5, 12)) < F(1, 2 * points)


def test_section_7_correlated_values() -> None:
    """The revenue is the expected highest value, 100 * 2/3 + 10 * 1/3; with independent values of these masses, less."""
    assert catalogued("myerson-1981/correlated").value == 70
    half = lpmech.Distribution([10, 100])
    env = lpmech.Auction([lpmech.Bidder(half)] * 2)
    need = lpmech.Requirements("BIC", "interim", "none", allocation="free")
    independent = solved(lpmech.Instance(env, need, lpmech.Objective("revenue")))
    assert independent.value == F(3, 4) * 100  # virtual values 10 - 90 < 0 and 100


def test_hart_nisan_two_goods() -> None:
    assert catalogued("hart-nisan-2017/bundle").value == F(9, 4)
    assert catalogued("hart-nisan-2017/separate-and-bundle").value == F(13, 9)
