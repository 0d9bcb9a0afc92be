"""Whole numbers beyond 63 bits, where arrays of 64-bit integers would overflow."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import lpmech
from lpmech import Instance, Requirements, SocialChoice, Type
from lpmech.base.arrays import array, common_integers, integer_dot
from lpmech.base.exact import from_flint

CASE = Path(__file__).parent / "cases" / "groves-long-weights.toml"
LONG = 20_000_000_000_000_000_003
GROVES = Requirements("DSIC", "ex-ante", "no-expected-deficit", transfers="groves")


@pytest.mark.parametrize("method", ["auto", "full", "groves"])
def test_long_weights_beside_a_table_of_zeros(method):
    """No trade is efficient, so every surplus is 0, and the seller's weights need more than 63 bits."""
    result = lpmech.solve(CASE, method=method)
    assert (result.verdict, result.margin, result.proved) == ("exists", 0, True)


@pytest.mark.parametrize("method", ["auto", "full", "groves"])
@pytest.mark.parametrize("participation", ["ex-post", "interim", "ex-ante"])
def test_masses_of_scipy_over_several_other_agents(method, participation):
    """Each mass is a double; the product over two other agents has a denominator of over 100 bits."""
    text = """
    format = "lpmech-instance/1"
    [environment]
    kind = "exchange"
    [[environment.buyers]]
    count = 2
    grid = { low = 0, high = 1, points = 2 }
    distribution = { family = "beta", a = "5/2", b = "7/3" }
    [[environment.sellers]]
    grid = { low = 2, high = 3, points = 2 }
    distribution = { family = "beta", a = "7/3", b = "5/2", loc = 2 }
    [requirements]
    transfers = "groves"
    incentive_compatibility = "DSIC"
    budget = "no-expected-deficit"
    """
    from lpmech.reading.instance import loads

    result = lpmech.solve(loads(f'{text}individual_rationality = "{participation}"'), method=method)
    assert (result.verdict, result.margin, result.proved) == ("exists", 0, True)


def test_audit_of_a_mechanism_of_zeros_with_long_weights():
    """All money is 0: only the weights are long."""
    chance = Fraction(1, LONG)
    agents = {name: [Type("a", chance, [0, 0]), Type("b", 1 - chance, [0, 0])] for name in ("ann", "bob")}
    instance = Instance(SocialChoice(["no", "yes"], agents), GROVES)
    nothing = lpmech.Mechanism(instance.environment, ((Fraction(0),) * 4,) * 2, ({0: Fraction(1)},) * 4)
    found = lpmech.audit(instance, nothing)
    assert found["efficient"].holds
    assert found["BIC"].holds
    assert (found.revenue, found.rents) == (0, (0, 0))


@pytest.mark.parametrize(
    ("entry", "weight"), [(0, LONG), (1, LONG), (2**61, 3), (-(2**40), 2**40), (2, Fraction(1, LONG))]
)
def test_integer_dot_is_exact(entry, weight):
    table = np.array([[entry, 1], [0, entry]], dtype=np.int64)
    total = integer_dot(table, array([Fraction(weight), Fraction(weight, 3)]))
    expected = [entry * weight + Fraction(weight, 3), entry * Fraction(weight, 3)]
    assert [from_flint(x) for x in total] == expected


def test_common_integers_leave_room_for_sums():
    """10,000 agents with values just below 2^52 have a surplus of over 63 bits."""
    values = np.array([Fraction(2**52 - 1)] * 10_000, dtype=object)
    found, scale = common_integers(values, terms=10_000)
    assert (found.dtype, scale, sum(found)) == (object, 1, 10_000 * (2**52 - 1))
    assert common_integers(values, terms=2)[0].dtype == np.int64


def test_a_batch_of_long_numbers_of_both_signs():
    """numpy would make doubles of 2^63 beside -1. The margins are those of each alone."""
    question = Requirements("BIC", "interim", "balanced")
    buyer, seller = ([[-1, 2**63]], [[1, 1]]), ([[-2, 2**63 - 1]], [[1, 1]])
    batch = lpmech.solve_batch(question, buyer=buyer, seller=seller)
    assert batch.margin(0) == lpmech.solve(batch.instance(0)).margin
    assert batch.instance(0).environment.buyer.values == (-1, 2**63)
