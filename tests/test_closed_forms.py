"""Closed forms against the full program, their proofs against the verifier, compact and written out in full."""

from __future__ import annotations

import json
import operator
import random
import subprocess
import sys
from fractions import Fraction as F
from itertools import product
from typing import Any

import pytest
from support.expand import expand
from support.random_instances import bilateral, masses, nasty_instance
from support.tampering import compare_in_full

from lpmech import closed_forms
from lpmech.answer.mechanism import Mechanism
from lpmech.base.errors import InputError
from lpmech.engine import program, solve
from lpmech.question.distribution import Distribution
from lpmech.question.environments.bilateral_trade import BilateralTrade
from lpmech.question.model import Instance
from lpmech.question.objective import Objective
from lpmech.question.requirements import Requirements

QUESTIONS: dict[str, list[Requirements]] = {
    "vcg_prime": [
        Requirements(ic, ir, "no-expected-deficit", ties=ties)
        for ic, ir, ties in product(("BIC", "DSIC"), ("interim", "ex-post"), ("any", "first", "last", "uniform"))
    ]
    + [
        Requirements("BIC", "interim", budget, ties=ties)
        for budget, ties in product(("no-deficit", "balanced"), ("any", "first", "last", "uniform"))
    ],
    "groves_kinked": [
        Requirements(ic, "ex-ante", "no-deficit", ties=ties, transfers="groves")
        for ic, ties in product(("BIC", "DSIC", "none"), ("any", "first", "last", "uniform"))
    ],
    "one_price": [
        Requirements("DSIC", "ex-ante", "no-deficit", ties=ties) for ties in ("first", "any", "last", "uniform")
    ],
    "second_best_ironing": [
        Requirements("BIC", "interim", budget, allocation="free")
        for budget in ("no-expected-deficit", "no-deficit", "balanced")
    ],
}
GOALS = {"second_best_ironing": "welfare"}


def small(seed: int, name: str) -> Instance:
    """Up to 5 x 5 types with ties, atoms, null types; every question of a closed form in turn."""
    rng = random.Random(f"{name} {seed}")
    env = bilateral(rng, 5, correlated=False)
    questions = [q for q in QUESTIONS[name] if closed_forms.named(name).accepts(Instance(env, q)) is None]
    goal = Objective(GOALS.get(name, "margin"))
    return Instance(env, questions[seed % len(questions)], goal, title=f"{name} {seed}")


def large(m: int, n: int, seed: int = 0) -> BilateralTrade:
    """Many ties."""
    rng = random.Random(seed)

    def side(n: int) -> Distribution:
        return Distribution(sorted(F(v, 4) for v in rng.sample(range(3 * n), n)), masses(rng, n))

    return BilateralTrade(side(m), side(n))


@pytest.mark.parametrize("part", range(10))
@pytest.mark.parametrize("name", QUESTIONS)
def test_same_margin_as_the_full_program(name: str, part: int) -> None:
    for seed in range(30 * part, 30 * part + 30):
        instance = small(seed, name)
        mine, full = solve(instance), solve(instance, method="full")
        assert (mine.method, full.method) == (name, "full")
        assert mine.proved, (seed, mine.reason)
        assert (mine.verdict, mine.margin, mine.value) == (full.verdict, full.margin, full.value), seed


@pytest.mark.parametrize("seed", range(40))
def test_numbers_that_doubles_cannot_tell_apart(seed: int) -> None:
    instance = nasty_instance(seed)
    for name, questions in QUESTIONS.items():
        asked = Instance(instance.environment, questions[seed % len(questions)])
        if closed_forms.named(name).accepts(asked) is None:
            assert solve(asked, method=name).proved


@pytest.mark.parametrize("size", [(100, 100), (1, 100), (100, 1), (37, 90)])
@pytest.mark.parametrize("name", QUESTIONS)
def test_larger_ones_are_proved(name: str, size: tuple[int, int]) -> None:
    env = large(*size)
    for requirements in QUESTIONS[name]:
        instance = Instance(env, requirements)
        if closed_forms.named(name).accepts(instance) is None:
            result = solve(instance)
            assert result.proved, result.reason
            assert result.method == name


# ---- compact and full, tampered with ------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(36))
@pytest.mark.parametrize("name", QUESTIONS)
def test_tampering_compact_and_in_full(name: str, seed: int) -> None:
    proof = json.loads(json.dumps(closed_forms.named(name).solve(small(seed, name)).table()))
    assert compare_in_full(proof, expand, random.Random(seed), lambda _, p: not cannot_be_compact(p)) > 10


def cannot_be_compact(proof: dict[str, Any]) -> bool:
    """What the compact forms exclude, or do not understand, though written out in full it may be right."""
    need, mechanism = proof["instance"]["requirements"], proof["mechanism"]
    if need["allocation"] != "efficient" and need["transfers"] == "groves":
        return True
    if need["incentive_compatibility"] == "DSIC" and "interim" in mechanism:
        return True
    if isinstance(mechanism["allocation"], dict):
        low, high = rows = mechanism["allocation"]["cuts"]
        types = len(proof["instance"]["environment"]["seller"]["values"]["of"])
        stairs = 0 <= F(mechanism["allocation"]["weight"]) <= 1 and all(map(operator.le, low, high))
        stairs = stairs and all([0, *row, types] == sorted([0, *row, types]) for row in rows)
        return not stairs or need["allocation"] == "efficient" or need["individual_rationality"] == "ex-post"
    return mechanism["allocation"] == "uniform" and "charges" not in mechanism


# ---- mechanisms on request -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("name", QUESTIONS)
def test_lazy_mechanism_is_what_its_proof_says_in_full(name: str, seed: int) -> None:
    proof = closed_forms.named(name).solve(small(seed, name))
    mechanism = proof.mechanism
    assert mechanism is not None
    written = expand(proof.table())["mechanism"]
    lotteries = [
        {e: F(1)} if isinstance(e, int) else {int(x): F(q) for x, q in e.items() if q != "0"}
        for e in written["allocation"]
    ]
    assert list(mechanism.lotteries) == lotteries
    if "transfers" in written:
        assert [[str(t) for t in row] for row in mechanism.transfers] == written["transfers"]
    else:
        assert mechanism.charges is not None
        assert [[str(h) for h in row] for row in mechanism.charges] == written["charges"]
        (B, S) = (side.values for side in (proof.instance.environment.buyer, proof.instance.environment.seller))
        for p, ((b, s), q) in enumerate(zip(mechanism.profiles, lotteries, strict=True)):
            assert mechanism.transfers[0][p] == mechanism.charges[0][s] + S[s] * q.get(1, 0)
            assert mechanism.transfers[1][p] == mechanism.charges[1][b] - B[b] * q.get(1, 0)
    plain = Mechanism(mechanism.environment, tuple(map(tuple, mechanism.transfers)), tuple(mechanism.lotteries))
    assert list(mechanism.profiles) == list(plain.profiles)
    assert [mechanism.interim(i) for i in (0, 1)] == [plain.interim(i) for i in (0, 1)]
    assert (mechanism.revenue, mechanism.expected_utility) == (plain.revenue, plain.expected_utility)
    assert mechanism.welfare == plain.welfare
    assert mechanism.profile_revenue == plain.profile_revenue
    fees = (F(1, 3), F(-2))
    assert [list(row) for row in mechanism.plus(fees).transfers] == [list(row) for row in plain.plus(fees).transfers]
    assert mechanism.to_frame().equals(plain.to_frame())


@pytest.mark.parametrize("name", QUESTIONS)
def test_results_explain_themselves(name: str) -> None:
    for seed in range(8):
        text = solve(small(seed, name)).explain()
        assert "Interim, by type" in text or "Multiply each" in text
    if name == "groves_kinked":
        env = BilateralTrade(Distribution(range(3000, 6000)), Distribution(range(3000)))
        result = solve(Instance(env, QUESTIONS[name][0]))
        assert "and 8999960 more" in result.explain()  # not a table of nine million rows


# ---- methods by name -----------------------------------------------------------------------------------------------------


def test_methods_by_name() -> None:
    env = large(3, 4)
    assert closed_forms.names() == (
        "groves_kinked",
        "interim_payments",
        "one_price",
        "second_best_ironing",
        "vcg_prime",
        "vcg_prime_buyers",
    )
    with pytest.raises(InputError, match="closed form vcg_prime does not apply: transfers are groves"):
        solve(Instance(env, QUESTIONS["groves_kinked"][0]), method="vcg_prime")
    with pytest.raises(InputError, match="unknown method"):
        solve(Instance(env, QUESTIONS["groves_kinked"][0]), method="vcg")
    with pytest.raises(InputError, match="a closed form has no program"):
        program(Instance(env, QUESTIONS["vcg_prime"][0]), "vcg_prime")


def test_reasons() -> None:
    accepts, env, need = closed_forms.named("vcg_prime").accepts, large(3, 3), QUESTIONS["vcg_prime"][0]
    joint = BilateralTrade(env.buyer, env.seller, {(0, 0): 1})
    assert accepts(Instance(joint, need)) == "the prior is correlated"
    assert "objective" in (accepts(Instance(env, need, Objective("welfare"))) or "")
    assert "allocation" in (accepts(Instance(env, need).with_requirements(allocation="free")) or "")
    dominant = Instance(env, need).with_requirements(incentive_compatibility="DSIC", budget="balanced")
    assert "not BIC and interim" in (accepts(dominant) or "")
    tied = BilateralTrade(Distribution([1, 2]), Distribution([2, 3]))
    assert "ties" in (accepts(Instance(tied, need).with_requirements(ties="uniform")) or "")


def test_no_cvxpy_on_the_way(tmp_path: Any) -> None:
    code = (
        "import sys, lpmech\n"
        "B = lpmech.BilateralTrade(lpmech.Distribution([2, 6]), lpmech.Distribution([1, 4]))\n"
        "result = lpmech.solve(lpmech.Instance(B, lpmech.Requirements('BIC', 'interim', 'balanced')))\n"
        "assert result.proved and result.method == 'vcg_prime' and str(result.margin) == '1/4'\n"
        "assert not {'cvxpy', 'highspy', 'scipy.sparse', 'pandas'} & set(sys.modules), sorted(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)
