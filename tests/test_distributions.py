"""Exact masses on a grid."""

from __future__ import annotations

import subprocess
import sys
import time
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lpmech.base.errors import InputError
from lpmech.question.distribution import Distribution, discretize
from lpmech.question.distributions import ExactFamily, Grid, exact_families
from lpmech.question.distributions.atom import Atom
from lpmech.question.distributions.grid import MAX_POINTS
from lpmech.question.distributions.mixture import Mixture
from lpmech.question.distributions.scipy_family import FAMILIES, NOISE, UNIT, ScipyFamily, family_names
from lpmech.question.distributions.table import law
from lpmech.question.distributions.truncated import Truncated
from lpmech.question.distributions.uniform import Uniform

F = Fraction


def test_grid_of_endpoints() -> None:
    grid = Grid(0, 1, 5)
    assert grid.values == (0, F(1, 4), F(1, 2), F(3, 4), 1)
    assert grid.boundaries == (0, F(1, 8), F(3, 8), F(5, 8), F(7, 8), 1)


def test_grid_of_midpoints() -> None:
    grid = Grid("-1", "1/2", 3, "midpoints")
    assert grid.values == (F(-3, 4), F(-1, 4), F(1, 4))
    assert grid.boundaries == (-1, F(-1, 2), 0, F(1, 2))


@given(
    st.fractions(-5, 5),
    st.fractions(min_value="1/9", max_value=5),
    st.integers(2, 40),
    st.sampled_from(["endpoints", "midpoints"]),
)
def test_cells_partition_the_interval_around_their_points(low: F, length: F, points: int, placement: str) -> None:
    grid = Grid(low, low + length, points, placement)
    ends = grid.boundaries
    assert (ends[0], ends[-1], len(ends), len(grid.values)) == (low, low + length, points + 1, points)
    assert all(a <= x <= b and a < b for a, x, b in zip(ends, grid.values, ends[1:], strict=False))
    if placement == "endpoints":
        assert (grid.values[0], grid.values[-1]) == (low, low + length)
        assert all(2 * b == x + y for x, y, b in zip(grid.values, grid.values[1:], ends[1:], strict=False))


@pytest.mark.parametrize("points", [2, 3, 11, 101])
def test_uniform_on_endpoints(points: int) -> None:
    """Interior points have mass 1/(N-1), the two ends half of it."""
    masses = discretize(Uniform(0, 1), Grid(0, 1, points)).probabilities
    assert masses == (F(1, 2 * (points - 1)), *[F(1, points - 1)] * (points - 2), F(1, 2 * (points - 1)))


def test_uniform_on_midpoints() -> None:
    assert discretize(Uniform(0, 1), Grid(0, 1, 7, "midpoints")).probabilities == (F(1, 7),) * 7


def test_uniform_inside_a_wider_grid() -> None:
    masses = discretize(Uniform("1/3", "2/3"), Grid(0, 1, 4, "midpoints")).probabilities
    assert masses == (0, F(1, 2), F(1, 2), 0)


def test_uniform_by_loc_and_scale() -> None:
    assert Uniform(loc=2, scale="1/2") == Uniform(2, "5/2")
    assert Uniform() == Uniform(0, 1)


def test_the_mixture_of_the_interface() -> None:
    table = {
        "mixture": [
            {"weight": "0.8", "atom": 0},
            {"weight": "0.1", "atom": 1},
            {"weight": "0.1", "family": "uniform", "low": 0, "high": 1},
        ]
    }
    masses = discretize(law(table), Grid(0, 1, 21)).probabilities
    assert masses == (F(8, 10) + F(1, 400), *[F(1, 200)] * 19, F(1, 10) + F(1, 400))


def test_nested_mixture() -> None:
    inner = Mixture([("1/2", Atom(0)), ("1/2", Atom(1))])
    assert discretize(Mixture([("1/2", inner), ("1/2", Atom(0))]), Grid(0, 1, 2)).probabilities == (F(3, 4), F(1, 4))


def test_beta_is_scipys_cdf_rounded_to_the_unit() -> None:
    grid = Grid(0, 1, 21)
    masses = discretize(ScipyFamily("beta", a=6, b=2), grid).probabilities
    F_ = [round(F(float(stats.beta(6, 2).cdf(float(x)))) * UNIT) for x in grid.boundaries]
    assert masses == tuple(F(b - a, UNIT) for a, b in pairwise(F_))
    assert sum(masses) == 1


def test_mass_outside_that_is_rounding_noise_goes_to_the_ends() -> None:
    low, high = F(-8), F(8)
    outside = F(float(stats.norm.cdf(-8.0)))
    assert 0 < outside < NOISE
    law_ = ScipyFamily("norm")
    assert law_.cdf([low, F(0), high]) == [0, F(1, 2), 1]
    assert law_.cdf([F(-7), F(0), F(7)])[0] > 0  # 1.3e-12 is not noise
    assert sum(discretize(law_, Grid(low, high, 9)).probabilities) == 1


def test_truncation_conditions_exactly() -> None:
    grid = Grid(0, 2, 5)
    inside = ScipyFamily("expon").masses(grid)
    total = sum(inside)
    assert F(8, 10) < total < F(9, 10)
    assert discretize(Truncated(ScipyFamily("expon")), grid).probabilities == tuple(m / total for m in inside)


def test_truncating_a_part_keeps_its_weight_and_truncating_the_mixture_does_not() -> None:
    wide, atom = Uniform(0, 2), Atom(0)
    grid = Grid(0, 1, 2)
    part = Mixture([("1/2", atom), ("1/2", Truncated(wide))])
    whole = Truncated(Mixture([("1/2", atom), ("1/2", wide)]))
    assert discretize(part, grid).probabilities == (F(3, 4), F(1, 4))
    assert discretize(whole, grid).probabilities == (F(5, 6), F(1, 6))


def test_truncate_key() -> None:
    assert law({"family": "uniform", "high": 2, "low": 0, "truncate": True}) == Truncated(Uniform(0, 2))
    assert law({"family": "uniform", "truncate": False}) == Uniform(0, 1)


@given(
    st.sampled_from(
        [("beta", {"a": 2, "b": "1/2"}), ("norm", {}), ("gamma", {"a": "3/2"}), ("cauchy", {}), ("t", {"df": 3})]
    ),
    st.fractions(-1, 1, max_denominator=20),
    st.fractions("1/8", 4, max_denominator=20),
    st.integers(2, 30),
)
def test_masses_are_exact_and_sum_to_one(family: tuple[str, dict], loc: F, scale: F, points: int) -> None:
    name, shapes = family
    grid = Grid(-1, 5, points, "midpoints")
    family_ = ScipyFamily(name, **shapes, loc=loc, scale=scale)
    masses = discretize(Truncated(family_), grid).probabilities
    assert sum(masses) == 1
    assert min(masses) >= 0
    inside = sum(family_.masses(grid))
    assert [mass * inside for mass in masses] == family_.masses(grid)


def test_weighted() -> None:
    assert Distribution([1, 2, 3], weights=[1, 0, 2]).probabilities == (F(1, 3), 0, F(2, 3))


@pytest.mark.parametrize(
    ("table", "key", "problem"),
    [
        ({"family": "betta"}, "family", "unknown family"),
        ({"family": "poisson", "mu": 1}, "family", "unknown family"),
        ({"family": 3}, "family", "not the name of a family"),
        ({"family": "beta", "a": 1}, "family", "beta needs 'b'"),
        ({"family": "beta", "a": 1, "b": 1, "c": 1}, "c", "beta has no parameter 'c'"),
        ({"family": "norm", "mu": 1}, "mu", "norm has no parameter 'mu'"),
        ({"family": "norm", "scale": 0}, "scale", "a scale that is not positive"),
        ({"family": "norm", "loc": 0.5}, "loc", "a binary floating-point number is not exact"),
        ({"family": "uniform", "lo": 1}, "lo", "unknown key"),
        ({"family": "uniform", "low": 1}, "high", "one end is missing"),
        ({"family": "uniform", "low": 1, "high": 1}, "high", "the interval [1, 1] has no length"),
        ({"family": "uniform", "low": 1, "high": 2, "loc": 0}, None, "both ends and loc or scale"),
        ({"family": "norm", "truncate": 1}, "truncate", "not a truth value"),
        ({"atom": "x"}, "atom", "not a number"),
        ({"atom": 1, "weight": 1}, "weight", "unknown key"),
        ({"atom": 1, "family": "norm"}, None, "family and atom together"),
        ({}, None, "no distribution"),
        ("norm", None, "not a table"),
        ({"mixture": []}, "mixture", "not a list of parts"),
        ({"mixture": [{"atom": 1}]}, "mixture[0]", "a part without a weight"),
        ({"mixture": [{"weight": "1/2", "atom": 1}]}, "mixture", "weights sum to 1/2, not 1"),
        ({"mixture": [{"weight": 2, "atom": 1}, {"weight": -1, "atom": 1}]}, "mixture[1].weight", "a negative weight"),
        ({"mixture": [{"weight": 1, "family": "norm", "mu": 1}]}, "mixture[0].mu", "norm has no parameter 'mu'"),
    ],
)
def test_refusal_of_a_law(table: object, key: str | None, problem: str) -> None:
    with pytest.raises(InputError) as caught:
        law(table)
    assert (caught.value.key, caught.value.problem) == (key, problem)


def test_refusals_of_the_parts_of_a_mixture_come_together() -> None:
    with pytest.raises(InputError) as caught:
        law({"mixture": [{"weight": "a", "atom": "b"}, {"weight": 1, "family": "betta"}, 5]})
    assert [part.key for part in caught.value.parts] == ["mixture[0].atom", "mixture[1].family", "mixture[2]"]


def test_family_messages_say_what_would_be_right() -> None:
    with pytest.raises(InputError, match="did you mean 'beta'"):
        law({"family": "betta"})
    with pytest.raises(InputError, match="expected a, b; optional loc and scale"):
        law({"family": "beta"})
    with pytest.raises(InputError, match="expected no shape parameters; optional loc and scale"):
        law({"family": "norm", "a": 1})


@pytest.mark.parametrize(
    ("table", "key", "problem"),
    [
        ({"atom": "1/3"}, "atom", "an atom that is not a grid point"),
        ({"atom": 2}, "atom", "an atom that is not a grid point"),
        ({"mixture": [{"weight": 1, "atom": -1}]}, "mixture[0].atom", "an atom that is not a grid point"),
        ({"family": "uniform", "low": 0, "high": "4/3"}, None, "mass 0.25 lies outside [0, 1]"),
        ({"family": "norm"}, None, "mass 0.658655 lies outside [0, 1]"),
        ({"family": "beta", "a": -1, "b": 1}, "family", "beta has no distribution function for these parameters"),
        ({"family": "uniform", "low": 2, "high": 3, "truncate": True}, None, "no mass lies in [0, 1]"),
    ],
)
def test_refusal_on_a_grid(table: object, key: str | None, problem: str) -> None:
    with pytest.raises(InputError) as caught:
        discretize(law(table), Grid(0, 1, 5))
    assert (caught.value.key, caught.value.problem) == (key, problem)


@pytest.mark.parametrize(
    ("arguments", "key"),
    [
        ((1, 1, 3), "high"),
        ((1, 0, 3), "high"),
        ((0, 1, 1), "points"),
        ((0, 1, 0, "midpoints"), "points"),
        ((0, 1, 100_001), "points"),
        ((0, 1, 3, "middle"), "placement"),
    ],
)
def test_refusal_of_a_grid(arguments: tuple, key: str) -> None:
    with pytest.raises(InputError) as caught:
        Grid(*arguments)
    assert caught.value.key == key


@pytest.mark.parametrize(
    ("weights", "key"), [([0, 0], "weights"), ([1, -1], "weights[1]"), ([1], "weights"), ([1, 2, 3], "weights")]
)
def test_refusal_of_weights(weights: list[int], key: str) -> None:
    with pytest.raises(InputError) as caught:
        Distribution([0, 1], weights=weights)
    assert caught.value.key == key


def test_the_families_are_those_of_scipy() -> None:
    """An older scipy may lack the newest."""
    found = {name: item for name, item in vars(stats).items() if isinstance(item, stats.rv_continuous)}
    shapes = {name: tuple(s.strip() for s in (item.shapes or "").split(",") if s) for name, item in found.items()}
    assert set(FAMILIES) - set(shapes) <= {"irwinhall", "dpareto_lognorm", "landau"}
    assert {name: FAMILIES.get(name) for name in shapes} == shapes


def test_a_family_that_the_installed_scipy_lacks_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(stats, "beta")
    with pytest.raises(InputError, match="not a family of the scipy installed"):
        discretize(ScipyFamily("beta", a=1, b=1), Grid(0, 1, 3))


@pytest.mark.parametrize(
    "table",
    [
        {"family": "betta"},
        {"family": "beta", "a": 1},
        {"family": "norm", "mu": 1},
        {"mixture": [{"weight": "1/2", "family": "norm", "truncate": True}, {"weight": "1/2", "atom": "1/3"}]},
    ],
)
def test_what_needs_no_scipy_is_refused_without_it(table: dict) -> None:
    script = f"""
import sys
from lpmech.question.distributions import Grid
from lpmech.question.distribution import discretize
from lpmech.question.distributions.table import law
from lpmech.base.errors import InputError
try:
    discretize(law({table!r}), Grid(0, 1, 3))
except InputError:
    print("scipy" in sys.modules)
"""
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert out == "False\n"


@given(
    st.fractions(-2, 2, max_denominator=9),
    st.fractions("1/9", 3, max_denominator=9),
    st.integers(2, 9),
    st.sampled_from(["endpoints", "midpoints"]),
    st.fractions(-3, 6, max_denominator=18),
)
def test_an_atom_is_accepted_iff_it_is_a_grid_point(low: F, length: F, points: int, placement: str, at: F) -> None:
    grid = Grid(low, low + length, points, placement)
    assert [grid.point(k) for k in range(points)] == list(grid.values)
    for value in (*grid.values, at):
        if value in grid.values:
            assert discretize(Atom(value), grid).probabilities == tuple(F(value == x) for x in grid.values)
        else:
            nearest = min(grid.values, key=lambda x: abs(x - value))
            with pytest.raises(InputError, match="an atom that is not a grid point") as caught:
                discretize(Atom(value), grid)
            assert str(nearest) in str(caught.value.expected)


@given(st.fractions(-2, 2), st.fractions("1/9", 3), st.integers(2, 9), st.fractions(-2, 2), st.fractions("1/9", 3))
def test_uniform_masses_are_differences_of_its_distribution_function(low: F, length: F, n: int, a: F, wide: F) -> None:
    grid, law_ = Grid(low, low + length, n), Uniform(a, a + wide)
    at = [min(max((x - a) / wide, F(0)), F(1)) for x in grid.boundaries]
    assert law_.cdf(grid.boundaries) == at
    assert law_.masses(grid) == [y - x for x, y in pairwise(at)]


def test_a_discretized_law_is_the_distribution_that_its_constructor_would_make() -> None:
    found = discretize(Mixture([("1/3", Atom(0)), ("2/3", Uniform(0, 1))]), Grid(0, 1, 5))
    assert found == Distribution(found.values, found.probabilities)


def test_the_longest_grid_is_quick() -> None:
    begun = time.process_time()
    found = discretize(Uniform(0, 1), Grid(0, 1, MAX_POINTS))
    assert len(found) == MAX_POINTS
    assert time.process_time() - begun < 60  # CPU time: quadratic work takes far longer


def test_exact_families_are_found_and_agree_with_scipy() -> None:
    assert exact_families()["uniform"] is Uniform
    for name, family in exact_families().items():
        assert issubclass(family, ExactFamily)
        assert name in family_names()
        points = [F(k, 7) for k in range(-2, 10)]
        exact = family(loc=F(1, 7), scale=F(5, 7)).cdf(points)
        rounded = ScipyFamily(name, loc=F(1, 7), scale=F(5, 7)).cdf(points)
        assert all(abs(a - b) < F(1, 10**15) for a, b in zip(exact, rounded, strict=True))


# ---- the support alone ----------------------------------------------------------------------------------------------


def test_grid_points_of_mass_0_are_no_types_where_the_support_is_asked_for():
    half = Uniform(0, F(1, 2))
    assert discretize(half, Grid(0, 1, 4, "midpoints")).table() == {
        "values": ["1/8", "3/8", "5/8", "7/8"],
        "probabilities": ["1/2", "1/2", "0", "0"],
    }
    assert discretize(half, Grid(0, 1, 4, "midpoints", "positive")).table() == {
        "values": ["1/8", "3/8"],
        "probabilities": ["1/2", "1/2"],
    }
    with pytest.raises(InputError, match="unknown support"):
        Grid(0, 1, 4, support="some")


def test_the_support_in_an_instance_file(tmp_path):
    """The instance has the types of positive mass; written and read again it is the same."""
    import lpmech

    grid = '{ low = 0, high = 1, points = 4, placement = "midpoints", support = "positive" }'
    side = f'{{ grid = {grid}, distribution = {{ family = "uniform", low = 0, high = "1/2" }} }}'
    text = (
        'format = "lpmech-instance/1"\ntitle = "support"\n[environment]\nkind = "bilateral-trade"\n'
        f"buyer = {side}\nseller = {side}\n"
        '[requirements]\nincentive_compatibility = "BIC"\nindividual_rationality = "interim"\nbudget = "balanced"\n'
    )
    file = tmp_path / "file.toml"
    file.write_text(text)
    found = lpmech.load(file)
    assert found.environment.sizes == (2, 2)
    file.write_text(lpmech.dumps(found))
    assert lpmech.load(file) == found
    file.write_text(text.replace('"positive"', '"some"'))
    with pytest.raises(InputError, match="support"):
        lpmech.load(file)
