"""Many instances at once: the verdicts and margins of ``solve``, whatever the numbers."""

from __future__ import annotations

from fractions import Fraction as F
from typing import Any

import numpy as np
import pytest
from support.random_instances import instance as random_instance

import lpmech
from lpmech import BilateralTrade, Distribution, InputError, Instance, Requirements, solve, solve_batch, solve_many
from lpmech.engine.batch import OPEN, kernel

QUESTIONS = {
    "balanced": Requirements("BIC", "interim", "balanced"),
    "ties trade": Requirements("DSIC", "ex-post", "no-expected-deficit", ties="last"),
    "uniform ties": Requirements("BIC", "interim", "no-deficit", ties="uniform"),
    "one price": Requirements("DSIC", "ex-ante", "no-deficit", ties="first"),
    "one price, ties": Requirements("DSIC", "ex-ante", "no-deficit"),
    "groves": Requirements("DSIC", "ex-ante", "no-deficit", transfers="groves"),
}


def side(rng: np.random.Generator, N: int, n: int, top: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Values with ties across the sides, weights often 0."""
    values = np.stack([np.sort(rng.choice(top, n, replace=False)) for _ in range(N)])
    weights = rng.integers(0, 4, (N, n))
    weights[~weights.any(axis=1), 0] = 1
    return values, weights


@pytest.mark.parametrize("shape", [(1, 1), (1, 3), (3, 2), (4, 4)])
@pytest.mark.parametrize("name", QUESTIONS)
def test_the_same_as_one_by_one(name: str, shape: tuple[int, int]) -> None:
    rng, N = np.random.default_rng(hash(shape) % 1000), 12
    buyer, seller = side(rng, N, shape[0]), side(rng, N, shape[1])
    batch = solve_batch(QUESTIONS[name], buyer, seller, unit=3)
    assert len(batch) == N
    for r in range(N):
        result = solve(batch.instance(r))
        assert result.proved
        assert (batch.verdicts[r], batch.margin(r)) == (result.verdict, result.margin)
        assert batch.exists[r] == (result.verdict == "exists")
        assert batch.margins[r] == pytest.approx(float(batch.margin(r)), rel=1e-12, abs=1e-12)
    assert batch.instance(0).environment == BilateralTrade(
        *(
            Distribution([F(int(v), 3) for v in values[0]], [F(int(w), int(weights[0].sum())) for w in weights[0]])
            for values, weights in (buyer, seller)
        )
    )


def huge(x: np.ndarray, by: int, shift: int = 0) -> np.ndarray:
    return np.array([[int(n) * by + shift for n in row] for row in x], dtype=object)


@pytest.mark.parametrize("name", QUESTIONS)
def test_doubles_leave_open_what_they_cannot_tell(name: str) -> None:
    """Numbers too large for 64-bit integers: the same verdicts; margins at and beside 0 are settled exactly."""
    rng, N, by = np.random.default_rng(5), 60, 10**17
    buyer, seller = side(rng, N, 3), side(rng, N, 3)
    small = solve_batch(QUESTIONS[name], buyer, seller)
    large = solve_batch(
        QUESTIONS[name], (huge(buyer[0], by), huge(buyer[1], by)), (huge(seller[0], by), huge(seller[1], by)), unit=by
    )
    assert (large.verdicts == small.verdicts).all()
    assert all(large.margin(r) == small.margin(r) for r in range(N))
    assert (large._whole == OPEN).all()
    zero = [r for r in range(N) if small.margin(r) == 0]
    assert zero
    assert large.settled[zero].all()
    assert not large.settled.all()
    # one unit in the last of 18 digits decides between the two verdicts
    pennies = [(r, sign) for r in zero[:5] for sign in (-1, 0, 1)]
    rows = [r for r, _ in pennies]
    lifted = huge(buyer[0][rows], by) + np.array([[sign] for _, sign in pennies], dtype=object)
    moved = solve_batch(
        QUESTIONS[name], (lifted, buyer[1][rows]), (huge(seller[0][rows], by), seller[1][rows]), unit=by
    )
    for place in range(len(pennies)):
        result = solve(moved.instance(place))
        assert (moved.verdicts[place], moved.margin(place)) == (result.verdict, result.margin)


def test_beyond_doubles() -> None:
    big = 10**400
    batch = solve_batch(
        QUESTIONS["balanced"], (huge(np.array([[0, 3]]), big), np.array([[1, 1]])), ([[1 * big, 4 * big]], [[1, 1]])
    )
    assert batch.settled.all()
    assert batch.margin(0) == solve(batch.instance(0)).margin


def test_uniform_ties_are_settled_by_the_program() -> None:
    batch = solve_batch(QUESTIONS["uniform ties"], ([[1, 2]] * 2, [[1, 1]] * 2), ([[0, 2], [0, 3]], [[1, 1]] * 2))
    assert batch.settled.tolist() == [True, False]
    assert [batch.margin(r) for r in range(2)] == [solve(batch.instance(r)).margin for r in range(2)]


def test_result_frame_and_repr() -> None:
    batch = solve_batch(QUESTIONS["balanced"], ([[2, 6], [2, 6]], [[1, 1], [1, 0]]), ([[1, 4], [1, 4]], [[1, 1]] * 2))
    assert batch.margin(0) == batch.margin(-2) == F(1, 4)
    assert batch.result(0).proved
    assert batch.result(0).margin == F(1, 4)
    frame = batch.to_frame()
    assert list(frame.columns) == ["verdict", "margin"]
    assert frame["margin"][0] == 0.25
    assert repr(batch) == "<Batch: 2 instances by vcg_prime, 2 exist>"
    with pytest.raises(IndexError):
        batch.margin(2)


BAD: dict[str, tuple[Any, Any, dict[str, Any]]] = {
    "whole numbers": (([[0.5, 1]], [[1, 1]]), ([[1]], [[1]]), {}),
    "a row for each instance": (([0, 1], [1, 1]), ([[1]], [[1]]), {}),
    "same shape": (([[0, 1]], [[1]]), ([[1]], [[1]]), {}),
    "row 1: values do not increase": (([[0, 1], [1, 1]], [[1, 1]] * 2), ([[1]] * 2, [[1]] * 2), {}),
    "row 0: a negative weight": (([[0, 1]], [[1, 1]]), ([[1]], [[-1]]), {}),
    "row 0: no weight": (([[0, 1]], [[0, 0]]), ([[1]], [[1]]), {}),
    "1 rows for the buyer but 2": (([[0, 1]], [[1, 1]]), ([[1]] * 2, [[1]] * 2), {}),
    "the unit": (([[0, 1]], [[1, 1]]), ([[1]], [[1]]), {"unit": 0}),
    "or N of them": (([[0, 1]], [[1, 1]]), ([[1]], [[1]]), {"unit": [1, 2]}),
}


@pytest.mark.parametrize("words", BAD)
def test_bad_arrays(words: str) -> None:
    buyer, seller, more = BAD[words]
    with pytest.raises(InputError) as caught:
        solve_batch(QUESTIONS["balanced"], buyer, seller, **more)
    assert words in str(caught.value)


def test_questions_without_a_closed_form() -> None:
    asked = Requirements("DSIC", "ex-post", "balanced")
    assert kernel(asked) is None
    with pytest.raises(InputError, match="solve_many"):
        solve_batch(asked, ([[1]], [[1]]), ([[0]], [[1]]))


def test_many_on_request() -> None:
    instances = [random_instance(seed) for seed in range(40)]
    for ties in ("any", "uniform"):
        env = [BilateralTrade(Distribution([k, k + F(1, 3), 4]), Distribution([1, 3, 9])) for k in range(3)]
        instances += [Instance(one, Requirements("BIC", "interim", "balanced", ties=ties)) for one in env]
    instances += [Instance(one, QUESTIONS["one price, ties"]) for one in env]
    instances.append(Instance(BilateralTrade(Distribution([0, 10**30]), Distribution([1])), QUESTIONS["groves"]))
    lazy = list(solve_many(iter(instances), proof="on-request"))
    assert [one.instance for one in lazy] == instances
    for one, other in zip(lazy, solve_many(instances), strict=True):
        assert (one.verdict, one.margin, one.value) == (other.verdict, other.margin, other.value)
        assert one.proved == (one.proof is not None)
        assert one.prove().proved
        if isinstance(other.instance.environment, BilateralTrade) and not one.proved:
            assert one.method == other.method
    assert any(not one.proved for one in lazy)
    assert any(one.proved for one in lazy)
    with pytest.raises(InputError, match="on-request"):
        solve_many(instances, proof="never")  # type: ignore[arg-type]


def test_bases_carry_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neighbours start from the last basis; where it is optimal again, no solver is asked."""
    calls = []
    real = lpmech.engine.highs

    def counted(image: Any, options: dict[str, Any]) -> Any:
        calls.append("start" in options)
        return real(image, options)

    def question(k: int) -> Instance:
        masses = [F(1, 8), F(k + 1, 10), F(31 - 4 * k, 40)]
        env = BilateralTrade(Distribution([2 + F(k, 8), 4, 6], masses), Distribution([1, 3, 5], masses[::-1]))
        return Instance(env, Requirements("DSIC", "interim", "no-deficit"))

    alone = [solve(question(k), method="full") for k in range(8)]
    memory = lpmech.engine.Memory()
    for k, one in enumerate(alone):
        result = lpmech.engine.solve(question(k), method="full", solver=counted, memory=memory)
        assert result.proved
        assert result.margin == one.margin
    assert not calls[0]
    assert len(calls) < len(alone)
    assert len(calls) > 1
    assert all(calls[1:])
