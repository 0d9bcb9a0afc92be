"""Mishra, Redistribution mechanisms (mishra-2020): partnerships, Green-Laffont, Cavallo, dAGV."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from itertools import product

import pytest

from lpmech.literature.expectations import expected_maximum
from lpmech.literature.theorems.cramton_gibbons_klemperer import surplus as dissolution_surplus
from lpmech.question.distribution import Distribution
from lpmech.question.requirements import AllocationTable
from papers.questions import (
    CLASSIC,
    GROVES_INTERIM,
    at_most,
    bilateral,
    catalogued,
    margin,
    masses,
    midpoints,
    pairs,
    partnership,
    randomly,
    solved,
)

F = Fraction

BALANCED = {"individual_rationality": "none", "budget": "balanced"}
ONE_SELLER = {2: [1, 0], 3: [1, 0, 0], 4: [1, 0, 0, 0]}


def all_shares(n: int, seed: int) -> list[list[F | int]]:
    rng = random.Random(seed)
    return [[F(1, n)] * n, ONE_SELLER[n], [0] + [F(1, n - 1)] * (n - 1), masses(rng, n), masses(rng, n)]


# ---- Dissolving a partnership ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "types", "seed"), [(2, 5, 1), (2, 4, 2), (3, 3, 3), (3, 4, 4), (4, 3, 5)])
def test_theorem_cramton_gibbons_klemperer(n: int, types: int, seed: int) -> None:
    """The sum of W(v_i*) is the margin of Groves transfers; more transfers are incentive compatible on a grid."""
    values = randomly(random.Random(seed), types)
    for shares in all_shares(n, seed):
        expected = dissolution_surplus(shares, values)
        assert margin(partnership(shares, values, **GROVES_INTERIM)) == expected
        assert margin(partnership(shares, values)) >= expected


def condition_1_uniform(n: int, critical: list[F]) -> F:
    """The sum of W(v_i*) for the uniform distribution on [0, 1], from the critical types with G(v_i*) = r_i."""
    return (n - 1) * sum((F(1, n) - v**n / n - F(1, n + 1) for v in critical), F(0))


@pytest.mark.parametrize(
    ("critical", "error", "grids"),
    [
        ([F(1, 2), F(1, 2)], F(1, 6), (2, 4, 10, 40)),
        ([F(1, 2), F(1, 2)], F(-1, 12), (3, 5, 11, 41)),
        ([F(1), F(0)], F(1, 6), (2, 3, 10, 41)),
        ([F(1), F(0), F(0)], F(1, 6), (2, 3, 10, 41)),
        ([F(2, 3), F(2, 3), F(1, 3)], F(5, 18), (3, 6, 15, 30)),
    ],
)
def test_theorem_cramton_gibbons_klemperer_condition_1(critical: list[F], error: F, grids: tuple[int, ...]) -> None:
    """On the grid of m cell centres the sum is that of the continuum + error/m^2 exactly; shares are v_i*^(n-1)."""
    n = len(critical)
    shares = [v ** (n - 1) for v in critical]
    assert sum(shares) == 1
    for m in grids:
        assert dissolution_surplus(shares, midpoints(m)) == condition_1_uniform(n, critical) + error / m**2
    small = midpoints(grids[1])
    assert margin(partnership(shares, small, **GROVES_INTERIM)) == dissolution_surplus(shares, small)


@pytest.mark.parametrize(("n", "seed"), [(2, 1), (2, 2), (3, 3), (3, 4), (4, 5)])
def test_theorem_equal_partnerships_always_dissolve(n: int, seed: int) -> None:
    """For every distribution, even with Groves transfers."""
    values = randomly(random.Random(seed), 5 if n < 4 else 3)
    equal = [F(1, n)] * n
    assert dissolution_surplus(equal, values) >= 0
    assert solved(partnership(equal, values)).verdict == "exists"


@pytest.mark.parametrize(("n", "seed"), [(2, 1), (2, 2), (3, 3)])
def test_theorem_dissolvable_shares_are_convex(n: int, seed: int) -> None:
    """The margin is concave in the shares."""
    rng = random.Random(seed)
    values = randomly(rng, 4)
    for requirements in (CLASSIC, GROVES_INTERIM):
        left, right = masses(rng, n), masses(rng, n)
        between = [(a + b) / 2 for a, b in zip(left, right, strict=True)]
        ends = margin(partnership(left, values, **requirements)) + margin(partnership(right, values, **requirements))
        assert 2 * margin(partnership(between, values, **requirements)) >= ends


@pytest.mark.parametrize(("n", "types", "seed"), [(2, 6, 1), (3, 5, 2), (4, 3, 3)])
def test_theorem_one_seller_many_buyers(n: int, types: int, seed: int) -> None:
    """Groves transfers lose money for every distribution with two types or more: the continuum's impossibility."""
    values = randomly(random.Random(seed), types)
    assert dissolution_surplus(ONE_SELLER[n], values) < 0
    assert margin(partnership(ONE_SELLER[n], values, **GROVES_INTERIM)) < 0


def test_theorem_one_seller_needs_a_fine_grid() -> None:
    """Uniform midpoints: possible up to 5 types for one buyer and up to 6 for two, impossible from there on."""
    for m in range(3, 9):
        two = catalogued("mishra-2020/cgk-two-one-seller", points=m)
        assert two.margin == F(m - 1, m) * F(5 - m, 6 * m)
    three = {m: catalogued("mishra-2020/cgk-three-one-seller", points=m).margin for m in (5, 6, 7)}
    assert three == {5: F(4, 125), 6: F(5, 1296), 7: F(-6, 343)}


def test_catalogued_dissolutions() -> None:
    margins = {
        item: catalogued(f"mishra-2020/cgk-{item}").margin for item in ("two-equal", "three-equal", "three-one-buyer")
    }
    assert margins == {"two-equal": F(7, 64), "three-equal": F(108, 625), "three-one-buyer": F(88, 625)}


# ---- Dominant strategies ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "costs"),
    [([2, 6, 8], [1, 4, 7]), ([2, 5, 8], [1, 4, 7]), ([1, 3, 5], [0, 2, 4]), ([0, 2, 4], [1, 3, 5])],
)
def test_green_laffont_impossibility_theorem(values: list[int], costs: list[int]) -> None:
    """Interleaved types, three on each side: no subsidy helps under DSIC, none is needed under BIC."""
    buyer, seller = Distribution(values), Distribution(costs)
    assert margin(bilateral(buyer, seller, incentive_compatibility="DSIC", **BALANCED)) == -math.inf
    assert margin(bilateral(buyer, seller, incentive_compatibility="BIC", **BALANCED)) == math.inf


@pytest.mark.parametrize(
    ("values", "costs"), [([2, 6], [1, 4]), ([2, 6, 8], [1, 4]), ([2, 6], [0, 1, 4]), ([2, 6, 8], [1, 4, 5])]
)
def test_green_laffont_impossibility_theorem_needs_enough_types(values: list[int], costs: list[int]) -> None:
    """With fewer alternations between values and costs, dominant strategies do balance; interim IR ends that."""
    buyer, seller = Distribution(values), Distribution(costs)
    assert margin(bilateral(buyer, seller, incentive_compatibility="DSIC", **BALANCED)) == math.inf
    rational = {"incentive_compatibility": "DSIC", "individual_rationality": "interim", "budget": "balanced"}
    assert -math.inf < margin(bilateral(buyer, seller, **rational)) < math.inf


def test_green_laffont_impossibility_theorem_catalogued() -> None:
    assert catalogued("mishra-2020/green-laffont").margin == -math.inf
    assert catalogued("mishra-2020/green-laffont-two-types").margin == math.inf


def excluding_one(n: int, values: Distribution) -> AllocationTable:
    """Green-Laffont: one agent at random is left out, the highest of the others (the first of several) wins."""
    rows = []
    for theta in product(values.values, repeat=n):
        row = [F(0)] * n
        for out in range(n):
            row[max((i for i in range(n) if i != out), key=lambda i: (theta[i], -i))] += F(1, n)
        rows.append(row)
    return AllocationTable(rows)


@pytest.mark.parametrize(("n", "types"), [(2, 4), (3, 4), (4, 3)])
def test_relax_efficiency_green_laffont_mechanism(n: int, types: int) -> None:
    """Its allocation is balanced in dominant strategies where the efficient one (ties to the first) is not."""
    values = midpoints(types)
    dominant = BALANCED | {"incentive_compatibility": "DSIC"}
    equal = [F(1, n)] * n
    assert margin(partnership(equal, values, allocation=excluding_one(n, values), **dominant)) == math.inf
    if types == 4:
        assert margin(partnership(equal, values, ties="first", **dominant)) == -math.inf


def cavallo(theta: tuple[F, ...]) -> list[F]:
    """What each agent pays: Vickrey, less 1/n of the second price in the auction without him."""
    n, winner = len(theta), theta.index(max(theta))
    paid = []
    for i in range(n):
        others = sorted(theta[:i] + theta[i + 1 :], reverse=True)
        paid.append((others[0] if i == winner else F(0)) - others[1] / n)
    return paid


@pytest.mark.parametrize(("n", "values"), [(3, [0, 1, 2, 3]), (3, [1, 2, 4, 7, 9]), (4, [0, 1, 2])])
def test_burn_money_cavallo_mechanism(n: int, values: list[int]) -> None:
    """It collects 2/n (v_2 - v_3), never loses, and leaves the agents no more than the best Groves redistribution."""
    d = Distribution(values)
    kept = F(0)
    for profile in product(pairs(d), repeat=n):
        theta = tuple(v for v, _ in profile)
        ranked = sorted(theta, reverse=True)
        collected = sum(cavallo(theta))
        assert collected == F(2, n) * (ranked[1] - ranked[2])
        kept += math.prod((p for _, p in profile), start=F(1)) * (ranked[0] - collected)
    question = {"incentive_compatibility": "DSIC", "individual_rationality": "none", "budget": "no-deficit"}
    groves, anything = (
        solved(partnership([F(1, n)] * n, d, objective="agents-utility", transfers=transfers, **question)).value
        for transfers in ("groves", "any")
    )
    assert kept < groves < anything <= expected_maximum(d, n)


def test_burn_money_catalogued_numbers() -> None:
    """Four equally likely values, three agents: 33/16 of 39/16; Cavallo's mechanism leaves 29/16."""
    assert expected_maximum(Distribution([0, 1, 2, 3]), 3) == F(39, 16)
    assert catalogued("mishra-2020/redistribution").value == F(33, 16)


# ---- dAGV ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_theorem_dagv_is_efficient_balanced_and_bayesian_incentive_compatible(seed: int) -> None:
    """T_i = r_i(v_i) - average of the others' r_j(v_j), where r_i is the others' expected value; checked by hand."""
    rng = random.Random(seed)
    n = 2 + seed % 2
    each = [randomly(rng, rng.randint(2, 4)) for _ in range(n)]

    def others(i: int, report: F) -> F:
        """r_i: expected value of the object to the others when i reports so and the best gets it."""
        total = F(0)
        for profile in product(*(pairs(d) for j, d in enumerate(each) if j != i)):
            best = max(v for v, _ in profile)
            total += math.prod((p for _, p in profile), start=F(1)) * (best if best > report else 0)
        return total

    def wins(i: int, report: F) -> F:
        """Interim probability that i gets the object; a tie goes to him."""
        return math.prod((at_most(d, report) for j, d in enumerate(each) if j != i), start=F(1))

    for i, d in enumerate(each):
        for v, w in product(d.values, repeat=2):
            assert v * wins(i, v) + others(i, v) >= v * wins(i, w) + others(i, w)
    assert margin(partnership([F(1, n)] * n, each, incentive_compatibility="BIC", **BALANCED)) == math.inf


def test_theorem_dagv_main_issue_is_participation() -> None:
    """Even simple bilateral trade has no margin left once interim participation is asked for."""
    assert catalogued("mishra-2020/dagv").margin == math.inf
    env = catalogued("mishra-2020/dagv").instance.environment
    assert margin(bilateral(env.buyer, env.seller)) < math.inf
    fine = midpoints(6)
    assert margin(bilateral(fine, fine, **BALANCED)) == math.inf
    assert margin(bilateral(fine, fine)) < 0
