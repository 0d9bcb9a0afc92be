"""Readable mechanisms: exactly valid, as small as they can be, and rounder than what the program found."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path

import cvxpy as cp
import pytest
from support import random_instances

import lpmech
from lpmech.engine import solve
from lpmech.engine.rounding import readable, rounded, simplest
from lpmech.question.objective import Objective

ROOT = Path(__file__).parent.parent / "instances"
KM = ROOT / "kos-manea-2009/example-2-one-buyer.toml"


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (F(-1), F(1), 0),
        (F(1, 3), F(2, 3), F(1, 2)),
        (F(7, 3), F(5), 3),
        (F(-5), F(-7, 3), -3),
        (F(13, 20), F(17, 25), F(2, 3)),
        (F(22, 7), F(22, 7), F(22, 7)),
    ],
)
def test_simplest_numbers(low: F, high: F, expected: F) -> None:
    assert simplest(low, high) == expected


def test_simplest_is_simplest() -> None:
    """Against all numbers with small denominators."""
    for a in range(-12, 13):
        for b in range(a, 13):
            low, high = F(a, 7), F(b, 7)
            all_of_them = [F(p, q) for q in range(1, 8) for p in range(-2 * q, 2 * q + 1) if low <= F(p, q) <= high]
            assert simplest(low, high) == min(all_of_them, key=lambda x: (x.denominator, abs(x)))


def test_kos_manea_example_2_in_whole_numbers() -> None:
    """Payments of up to 175/6 before; up to 24 now, where 71/3 is the least possible."""
    result = lpmech.solve(KM)
    assert result.mechanism is not None
    assert max(abs(t) for paid in result.mechanism.transfers for t in paid) == F(175, 6)
    better = rounded(result, result.mechanism, 2_000_000)
    assert better is not None
    assert (better.largest, better.least, better.done) == (24, F(71, 3), True)
    assert all(t.denominator == 1 and abs(t) <= 24 for paid in better.mechanism.transfers for t in paid)
    assert lpmech.audit(KM, better.mechanism).ok
    again = result.readable()
    assert again is not None
    assert again.transfers == better.mechanism.transfers == lpmech.readable(KM).transfers
    text = result.explain()
    assert "None is larger than 24; with this allocation the largest is at least 71/3 ≈ 23.6667." in text


def test_the_smallest_largest_payment() -> None:
    """As the program with one more variable says, in floating point."""
    program = lpmech.program(KM)
    z, *paid = (program.variables[name] for name in ("z", "t_B", "t_S"))
    largest = cp.Variable()
    more = [z == 0, *(cp.abs(t) <= largest for t in paid)]
    found = cp.Problem(cp.Minimize(largest), [*program.problem.constraints, *more]).solve(solver=cp.HIGHS)
    result = lpmech.solve(KM)
    assert result.mechanism is not None
    better = rounded(result, result.mechanism, 60)
    assert better is not None
    assert float(better.least) == pytest.approx(found)


@pytest.mark.parametrize("seed", range(40))
def test_random_instances(seed: int) -> None:
    """Any requirements and objectives: valid, the value attained, and never longer than what was found."""
    instance = random_instances.instance(seed)
    result = solve(instance)
    if result.mechanism is None or instance.environment.profile_count > 9:
        return
    better = readable(result)
    assert lpmech.audit(instance, better).ok
    length = [sum(len(str(t)) for paid in m.transfers for t in paid) for m in (better, result.mechanism)]
    assert length[0] <= length[1]
    if isinstance(result.value, F) and instance.objective.maximize != "margin":
        weights, revenue = instance.objective.weights(len(instance.environment.agents))
        worth = sum((w * u for w, u in zip(weights, better.expected_utility, strict=True)), revenue * better.revenue)
        assert worth == result.value


def test_none_without_a_mechanism() -> None:
    result = lpmech.solve(ROOT / "kos-manea-2009/example-1-one-buyer.toml")
    assert result.readable() is None
    with pytest.raises(lpmech.InputError, match="no mechanism"):
        lpmech.readable(result.instance)


def test_too_many_payments() -> None:
    with pytest.raises(lpmech.InputError, match="too many to be read"):
        lpmech.readable(ROOT / "jagadeesan-tordjman-2025/partnership-three-equal.toml")


def test_effort_may_run_out() -> None:
    """What was not reached stays as the program left it, and is valid."""
    result = lpmech.solve(replace(lpmech.load(KM), objective=Objective("welfare")))
    assert lpmech.audit(result.instance, readable(result, effort=0)).ok
    found = lpmech.solve(KM)
    assert found.mechanism is not None
    some = rounded(found, found.mechanism, 0)
    assert some is not None
    assert (some.largest, some.least, some.done) == (24, F(71, 3), False)
    assert lpmech.audit(KM, some.mechanism).ok
