"""Arguments with as few lines as can be found: valid proofs, none of whose lines can be left out."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest
from support import random_instances

import lpmech
from lpmech import BilateralTrade, Distribution, Instance, Requirements
from lpmech.answer.proof import Proof
from lpmech.engine import solve
from lpmech.engine.irreducible import _Search, shorter

ROOT = Path(__file__).parent.parent / "instances"
EX_POST = ROOT / "kos-manea-2009/conclusion-ex-post.toml"


def hard(seed: int) -> Instance:
    """A bilateral trade of 3 x 3 types at one remove from balance."""
    rng = random.Random(seed)
    laws = (Distribution(sorted(rng.sample(range(9), 3)), random_instances.masses(rng, 3)) for _ in "BS")
    notions = rng.choice(["DSIC", "BIC"]), rng.choice(["ex-post", "interim"]), rng.choice(["balanced", "no-deficit"])
    return Instance(BilateralTrade(*laws), Requirements(*notions))


def proof(instance: Instance) -> Proof:
    found = solve(instance, method="full").proof
    assert found is not None
    return found


@pytest.mark.parametrize("seed", range(12))
def test_no_longer_valid_and_needed(seed: int) -> None:
    given = proof(hard(seed))
    found = shorter(given)
    if given.verdict == "exists":
        assert found is None
        return
    assert found is not None
    assert found.proof.verify()
    assert (found.proof.margin, found.proof.bounds) == (given.margin, given.bounds)
    assert given.multipliers is not None
    assert found.proof.multipliers is not None
    assert len(found.proof.multipliers) <= len(given.multipliers)
    assert found.irreducible
    for n in range(len(found.proof.multipliers)):
        kept = (*found.proof.multipliers[:n], *found.proof.multipliers[n + 1 :])
        assert not replace(found.proof, multipliers=kept).verify()


def test_lines_that_can_be_left_out_are() -> None:
    """Half of one vertex and half of another, which has other lines too."""
    law = Distribution([0, 1, 2, 3])
    given = proof(Instance(BilateralTrade(law, law), Requirements("DSIC", "ex-post", "no-deficit", ties="first")))
    search = _Search(given)
    first = search.given()
    assert first is not None
    other = search.least({r: 1 + 50 * (first[r] != 0) for r in np.flatnonzero(search.named).tolist()})
    assert other is not None
    mixed = (first + other) / 2
    assert len(search.support(mixed)) > max(len(search.support(first)), len(search.support(other)))
    left, irreducible = search.without_the_rest(mixed)
    assert irreducible
    assert set(search.support(left)) < set(search.support(mixed))
    assert replace(given, multipliers=search.form.multipliers(search.lp.duals(left))).verify()


def test_what_stands_for_many_constraints_is_left_alone() -> None:
    result = lpmech.solve(ROOT / "kos-manea-2009/example-1-one-buyer.toml")
    assert result.proof is not None
    assert shorter(result.proof) is None


def test_the_square_of_green_and_laffont_is_irreducible() -> None:
    """Two incentive constraints and four budgets, by the taxation principle; six incentive constraints without it."""
    result = lpmech.solve(ROOT / "mishra-2020/green-laffont.toml")
    assert result.proof is not None
    found = shorter(result.proof)
    assert found is not None
    assert found.irreducible
    assert len(found.proof.multipliers or ()) == 6


def test_explanations_say_so() -> None:
    result = lpmech.solve(EX_POST)
    assert result.margin == F(-1, 61)
    assert "None of these can be left out" in result.explain()
