"""A solver may fail, lie or return rubbish: the verdict is then still right, or "undecided"."""

from __future__ import annotations

import pytest
from support import random_instances
from support.scripted_solver import LIES, lying

from lpmech import certify
from lpmech.certify import pivots
from lpmech.engine import solve

SEEDS = [0, 2, 3, 7, 11, 19]


@pytest.fixture(scope="module")
def honest():
    return {seed: solve(random_instances.instance(seed)) for seed in SEEDS}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.__name__)
def test_a_lying_solver_never_changes_a_verdict(honest, lie, seed):
    truth = honest[seed]
    result = solve(random_instances.instance(seed), solver=lying(lie, seed), method="full")
    assert (result.verdict, result.margin, result.value) == (truth.verdict, truth.margin, truth.value)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.__name__)
def test_without_the_exact_simplex_a_lying_solver_is_at_most_undecided(honest, monkeypatch, lie, seed):
    monkeypatch.setattr(certify, "pivot_to_optimum", lambda rows, start: None)
    truth = honest[seed]
    result = solve(random_instances.instance(seed), solver=lying(lie, seed), method="full")
    assert result.verdict in {truth.verdict, "undecided"}
    if result.verdict == "undecided":
        assert (result.proof, result.margin, result.proved) == (None, None, False)
        assert result.reason
    else:
        assert result.margin == truth.margin


def test_out_of_time_is_undecided(monkeypatch):
    monkeypatch.setattr(pivots, "SECONDS", -1.0)
    monkeypatch.setattr(
        certify, "pivot_to_optimum", lambda rows, start: pivots.pivot_to_optimum(rows, start, pivots.SECONDS)
    )
    result = solve(random_instances.instance(0), solver=lying(LIES[0]), method="full")
    assert result.verdict == "undecided"
