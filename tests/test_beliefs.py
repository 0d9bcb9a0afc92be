"""Cremer and McLean's conditions, each with an exact witness where it fails."""

from __future__ import annotations

import random
from fractions import Fraction as F

import pytest

import lpmech


def instance(prior: dict[tuple[int, int], F], buyers: int, sellers: int) -> lpmech.Instance:
    trade = lpmech.BilateralTrade(lpmech.Distribution(range(buyers)), lpmech.Distribution(range(sellers)), prior)
    return lpmech.Instance(trade, lpmech.Requirements("BIC", "interim", "no-expected-deficit"))


def rows(*beliefs: list[F]) -> dict[tuple[int, int], F]:
    """A prior in which each row is as likely as the others."""
    return {(k, o): w / len(beliefs) for k, row in enumerate(beliefs) for o, w in enumerate(row)}


def test_independent_beliefs_have_full_rank() -> None:
    buyer, seller = lpmech.beliefs(instance(rows([F(3, 4), F(1, 4)], [F(1, 4), F(3, 4)]), 2, 2))
    assert buyer.full_rank
    assert buyer.separated
    assert seller.full_rank
    assert buyer.dependence is None


def test_a_belief_between_two_others_is_their_combination() -> None:
    buyer, seller = lpmech.beliefs(instance(rows([F(1, 2), F(1, 2)], [F(1), F(0)], [F(1, 4), F(3, 4)]), 3, 2))
    assert not buyer.full_rank
    assert buyer.combinations == {"0": {"1": F(1, 3), "2": F(2, 3)}}
    assert "p(0) = 1/3 p(1) + 2/3 p(2)" in repr(buyer)
    assert seller.full_rank


def test_dependent_but_separated() -> None:
    """Four beliefs at the corners of a square: linearly dependent, none in the hull of the others."""
    square = [[F(1, 2), F(0), F(1, 2), F(0)], [F(1, 2), F(0), F(0), F(1, 2)], [F(0), F(1, 2), F(1, 2), F(0)]]
    buyer, _ = lpmech.beliefs(instance(rows(*square, [F(0), F(1, 2), F(0), F(1, 2)]), 4, 4))
    assert not buyer.full_rank
    assert buyer.separated


def test_witnesses_add_up_on_random_priors_with_null_types() -> None:
    rng, broken = random.Random(3), 0
    for _ in range(80):
        m, n = rng.randint(1, 4), rng.randint(1, 3)
        weights = {(k, o): rng.choice([0, 0, 1, 2]) for k in range(m) for o in range(n)}
        if not sum(weights.values()):
            continue
        prior = {p: F(w, sum(weights.values())) for p, w in weights.items()}
        asked = instance(prior, m, n)
        for i, one in enumerate(lpmech.beliefs(asked)):
            given: dict[str, dict[int, F]] = {}
            for p, w in prior.items():
                if w:
                    row = given.setdefault(str(p[i]), {})
                    row[p[1 - i]] = w
            normal = {k: {o: w / sum(row.values()) for o, w in row.items()} for k, row in given.items()}
            places = {o for row in normal.values() for o in row}
            if one.dependence is not None:
                broken += 1
                assert any(one.dependence.values())
                assert all(sum(x * normal[k].get(o, 0) for k, x in one.dependence.items()) == 0 for o in places)
            for k, combination in one.combinations.items():
                assert k not in combination
                assert sum(combination.values()) == 1
                assert min(combination.values()) > 0
                for o in places:
                    assert sum(x * normal[j].get(o, 0) for j, x in combination.items()) == normal[k].get(o, 0)
    assert broken > 20


def test_independent_priors_are_refused() -> None:
    trade = lpmech.BilateralTrade(lpmech.Distribution([1, 2]), lpmech.Distribution([0, 1]))
    with pytest.raises(lpmech.InputError, match="types are independent"):
        lpmech.beliefs(lpmech.Instance(trade, lpmech.Requirements("BIC", "interim", "balanced")))
