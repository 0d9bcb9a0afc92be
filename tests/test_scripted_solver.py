"""A solver may fail, lie or return rubbish: the verdict is then still right, or "undecided"."""

from __future__ import annotations

import pytest
from support import random_instances
from support.scripted_solver import LIES, lying

from lpmech import certify
from lpmech.certify import pivots
from lpmech.engine import solve
from lpmech.question.objective import Objective

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


def test_without_effort_for_pivots_an_instance_is_undecided_and_the_reason_names_the_question(monkeypatch):
    monkeypatch.setattr(certify, "pivot_to_optimum", lambda rows, start: pivots.pivot_to_optimum(rows, start, 0))
    instance = random_instances.instance(0)
    for objective, words in (("margin", "the margin was"), ("revenue", "the largest expected revenue was")):
        result = solve(instance.with_objective(Objective(objective)), solver=lying(LIES[0]), method="full")
        assert result.verdict == "undecided"
        assert result.reason.startswith(f"{words} not found: ")
        assert "margin program" not in result.reason
