"""cvxpy's parameter tensor on exact numbers: the same program as on floats, entry by entry."""

from __future__ import annotations

import cvxpy as cp
import numpy as np
import pytest
from support import random_instances

from lpmech.base.arrays import array
from lpmech.base.exact import to_float
from lpmech.certify.solver import image
from lpmech.engine import compile_program, formulation, program
from lpmech.programs.canonical import Canonical


@pytest.mark.parametrize("seed", range(12))
def test_the_exact_program_is_what_cvxpy_makes_of_the_floats(seed):
    instance = random_instances.instance(seed)
    lp = compile_program(formulation(instance, "full")).lp
    data = program(instance).problem.get_problem_data(cp.HIGHS)[0]
    if "A" not in data or not lp.shape[0]:
        assert lp.shape[0] == 0
        return
    theirs = data["A"].toarray()
    ours = np.zeros(lp.shape)
    for r, (columns, values) in enumerate(lp.lists()):
        ours[r, columns] = [to_float(v) for v in values]
    assert ours.shape == theirs.shape
    same = np.isclose(np.abs(ours), np.abs(theirs), rtol=1e-12, atol=1e-12)
    assert same.all()
    assert np.allclose(sorted(map(to_float, np.abs(lp.b))), sorted(np.abs(data["b"])), rtol=1e-12, atol=1e-12)


def test_a_constant_that_is_no_integer_is_refused():
    x = cp.Variable(name="x")
    constraint = 0.5 * x <= cp.Parameter(name="p")
    with pytest.raises(ValueError, match="no integer"):
        Canonical(cp.Problem(cp.Maximize(x), [constraint]), {"c": constraint}, {"x": x})


def test_a_product_of_parameters_is_refused():
    x, p, q = cp.Variable(name="x"), cp.Parameter(name="p"), cp.Parameter(name="q")
    constraint = p * q * x <= 1
    with pytest.raises(ValueError, match="parametrised"):
        Canonical(cp.Problem(cp.Maximize(x), [constraint]), {"c": constraint}, {"x": x})


def test_signs_and_order_of_rows():
    """g = rhs - lhs of ``lhs <= rhs`` and of ``lhs == rhs``; Fortran order inside a block."""
    x, p = cp.Variable((2, 2), name="x"), cp.Parameter((2, 2), name="p")
    constraints = {"upper": x <= p, "equal": x[0, :] == p[1, :]}
    compiled = Canonical(cp.Problem(cp.Maximize(cp.sum(x)), list(constraints.values())), constraints, {"x": x})
    lp = compiled.apply({"p": array([1, 2, 3, 4], (2, 2))})
    start, shape = lp.rows["upper"]
    assert shape == (2, 2)
    assert [int(v.p) for v in lp.b[start : start + 4]] == [1, 3, 2, 4]
    assert [lp.row(start + r) for r in range(4)] == [([r], [-1]) for r in range(4)]
    start, _ = lp.rows["equal"]
    assert [int(v.p) for v in lp.b[start : start + 2]] == [3, 4]
    assert lp.equality[start : start + 2].all()
    assert list(lp.cost) == [1, 1, 1, 1]


def test_images_survive_numbers_beyond_doubles():
    x, p = cp.Variable(name="x"), cp.Parameter(2, name="p")
    constraint = p[0] * x <= p[1]
    compiled = Canonical(cp.Problem(cp.Maximize(x), [constraint]), {"c": constraint}, {"x": x})
    from fractions import Fraction

    lp = compiled.apply({"p": array([Fraction(10) ** 900, Fraction(10) ** 901])})
    floats = image(lp)
    assert np.isfinite(floats.values).all()
    assert np.isfinite(floats.b).all()
    assert abs(floats.b[0] / floats.values[0]) == pytest.approx(10.0)
