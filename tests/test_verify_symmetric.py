"""Symmetric proofs are accepted exactly if they are accepted with every relabelling written out."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from fractions import Fraction as F
from typing import Any

import pytest
from support import symmetric_instances
from support.expand_symmetric import expand

from lpmech.engine import solve
from lpmech.question.distribution import Distribution
from lpmech.question.environments.partnership import Partner, Partnership
from lpmech.question.environments.social_choice import SocialChoice, Type
from lpmech.question.model import Instance
from lpmech.question.objective import Objective
from lpmech.question.requirements import Requirements
from lpmech.verify import verify
from lpmech.verify.reading.numbers import NUMBER

Path = tuple[Any, ...]


def paths(x: Any, path: Path = ()) -> Iterator[Path]:
    """Where the numbers of a proof are, the instance left out."""
    if isinstance(x, dict | list):
        for key, part in x.items() if isinstance(x, dict) else enumerate(x):
            if path or key != "instance":
                yield from paths(part, (*path, key))
    elif type(x) is int or (type(x) is str and NUMBER.fullmatch(x)):
        yield path


def changed(proof: dict[str, Any], path: Path, by: F) -> dict[str, Any]:
    out = copy.deepcopy(proof)
    at: Any = out
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = at[path[-1]] + int(by) if type(at[path[-1]]) is int else str(F(at[path[-1]]) + by)
    return out


def accepted(proof: dict[str, Any]) -> bool:
    report = verify(proof)
    assert not any("broke down" in problem for problem in report.problems), report.problems
    return bool(report)


@pytest.mark.parametrize("seed", range(300, 330))
def test_with_any_number_changed_it_is_accepted_exactly_if_its_expansion_is(seed):
    rng = random.Random(seed)
    proof = solve(symmetric_instances.instance(seed), method="symmetric").proof.table()
    assert accepted(proof)
    assert accepted(expand(proof))
    places = list(paths(proof))
    for path in rng.sample(places, min(25, len(places))):
        number = proof
        for key in path:
            number = number[key]
        out = changed(
            proof, path, F(rng.choice([1, -1])) if type(number) is int else rng.choice([F(1, 3), F(-1), F(1)])
        )
        row = proof["multipliers"][path[1]] if path[0] == "multipliers" else {}
        if type(number) is int or row.get("constraint") == "DSIC":
            # Names: others may stand for the same, but one spelling is asked for. DSIC: taxation is not used here.
            assert not accepted(out) or accepted(expand(out))
        else:
            assert accepted(out) == accepted(expand(out))


@pytest.fixture(scope="module")
def tight() -> dict[str, Any]:
    """Three partners, BIC, interim IR, balanced: every payment counts."""
    side = Distribution([0, 1, 3], ["1/4", "1/2", "1/4"])
    instance = Instance(Partnership([Partner("1/3", side)] * 3), Requirements("BIC", "interim", "balanced"))
    return solve(instance, method="symmetric").proof.table()


def test_every_number_counts(tight):
    assert accepted(tight)
    assert tight["claim"]["margin"] != "0"
    count = 0
    for path in paths(tight):
        for by in (F(1), F(-1)):
            count += 1
            assert not accepted(changed(tight, path, by)), path
    assert count > 100


@pytest.mark.parametrize(
    "symmetry",
    [
        [],
        [[]],
        [[0, 1]],
        [[0, 1, 1]],
        [[0, 1], [1, 2]],
        [[1, 0, 2]],
        [[2], [0, 1]],
        [[0, 1, 3]],
        [0, 1, 2],
        "012",
        [[0, 1], [2]],
    ],
)
def test_other_classes_are_refused(tight, symmetry):
    assert not accepted({**tight, "symmetry": symmetry})


def without_proof(proof: dict[str, Any], change: Any) -> list[str]:
    """Problems of the proof about a changed question."""
    out = copy.deepcopy(proof)
    change(out["instance"])
    report = verify(out)
    assert not report
    return report.problems


def set_prior(instance: dict[str, Any]) -> None:
    instance["environment"]["prior"] = {"profiles": [{"types": [0, 0, 0], "probability": "1"}]}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            lambda q: q["environment"]["agents"][1]["values"].__setitem__(2, "4"),
            "agent-1 and agent-2 are not identical",
        ),
        (
            lambda q: q["environment"]["agents"][2].update(probabilities=["1/2", "1/4", "1/4"]),
            "agent-1 and agent-3 are not identical",
        ),
        (
            lambda q: [q["environment"]["agents"][i].update(share=s) for i, s in ((1, "1/2"), (2, "1/6"))],
            "agent-1 and agent-2 are not identical",
        ),
        (
            lambda q: q.update(objective={"maximize": {"utility": ["1", "1", "2"], "revenue": "0"}}),
            "agent-1 and agent-3 are not identical",
        ),
        (lambda q: q["requirements"].update(ties="first"), "ties first tells identical agents apart"),
        (lambda q: q["requirements"].update(allocation={"table": []}), "one of efficient, free is needed"),
        (set_prior, "independent types"),
    ],
)
def test_questions_that_tell_the_agents_apart_are_refused(tight, change, problem):
    assert any(problem in said for said in without_proof(tight, change))


def test_shares_may_differ_ex_ante():
    side = Distribution([0, 1, 3])
    env = Partnership([Partner("1/2", side), Partner("1/3", side), Partner("1/6", side)])
    proof = solve(Instance(env, Requirements("DSIC", "ex-ante", "balanced")), method="symmetric").proof.table()
    assert "lump-sums" in proof["mechanism"]
    assert accepted(proof)
    assert accepted(expand(proof))
    for i in range(3):
        assert not accepted(changed(proof, ("mechanism", "lump-sums", i), F(1, 100)))


@pytest.mark.parametrize("goal", ["margin", "agents-utility", "revenue"])
def test_a_lump_sum_may_stand_apart_from_the_payments(goal):
    side = Distribution([0, 1, 3])
    env = Partnership([Partner("1/2", side), Partner("1/3", side), Partner("1/6", side)])
    need = Requirements("BIC", "ex-ante", "no-deficit")
    proof = solve(Instance(env, need, Objective(goal)), method="symmetric").proof.table()
    mechanism = proof["mechanism"]
    mechanism["lump-sums"] = [str(F(x) + F(1, 7)) for x in mechanism["lump-sums"]]
    mechanism["transfers"] = [[str(F(t) - F(1, 7)) for t in row] for row in mechanism["transfers"]]
    assert accepted(proof)
    assert accepted(expand(proof))


def test_a_buyer_and_a_seller_with_the_same_numbers_are_not_identical():
    instance = {
        "title": "",
        "environment": {
            "kind": "exchange",
            "buyers": [{"values": ["1"], "probabilities": ["1"]}],
            "sellers": [{"values": ["1"], "probabilities": ["1"]}],
        },
        "requirements": {
            "allocation": "efficient",
            "ties": "any",
            "transfers": "any",
            "incentive_compatibility": "DSIC",
            "individual_rationality": "none",
            "budget": "none",
        },
        "objective": {"maximize": "margin"},
    }
    claim = {"verdict": "exists", "objective": "margin", "margin": "inf", "value": "inf"}
    proof = {"format": "lpmech-proof/1", "instance": instance, "claim": claim, "symmetry": [[0, 1]]}
    mechanism = {"transfers": [["0"]], "allocation": [0]}
    assert "buyer and seller are not identical" in verify({**proof, "mechanism": mechanism}).problems[0]
    mechanism = {"transfers": [["0"], ["0"]], "allocation": [0]}
    assert verify({**proof, "symmetry": [[0], [1]], "mechanism": mechanism})


def test_members_of_a_social_choice_have_the_same_utilities_and_outside_options():
    types = [Type("low", "1/2", [0, 1]), Type("high", "1/2", [0, 3])]
    env = SocialChoice(["no", "yes"], {"ann": types, "bob": types}, [0, 2])
    proof = solve(Instance(env, Requirements("DSIC", "interim", "no-deficit")), method="symmetric").proof.table()
    assert accepted(proof)
    for key, value in (("utility", ["0", "4"]), ("outside", "-1"), ("probability", "1/3")):
        out = copy.deepcopy(proof)
        bob = out["instance"]["environment"]["agents"][1]["types"]
        bob[1][key] = value
        if key == "probability":
            bob[0][key] = "2/3"
        assert verify(out).problems == ["symmetry: ann and bob are not identical"]


def test_one_name_for_each_orbit(tight):
    """Multipliers name the first agent of a class, profiles are representatives, and nothing is averaged twice."""
    entries = tight["multipliers"]
    n = next(n for n, entry in enumerate(entries) if entry["constraint"] == "BIC")
    problems = verify(changed(tight, ("multipliers", n, "agent"), F(1))).problems
    assert problems == ["multipliers: agent-2 where agent-1 stands for his class"]
    n = next(n for n, entry in enumerate(entries) if entry["constraint"] == "budget" and len(set(entry["profile"])) > 1)
    for profile, problem in (
        (entries[n]["profile"][::-1], "is no representative"),
        ("prior", "compact parts without interim payments are about a buyer and a seller"),
    ):
        out = copy.deepcopy(tight)
        out["multipliers"][n]["profile"] = profile
        assert problem in verify(out).problems[0]


def test_compact_parts_are_refused(tight):
    out = copy.deepcopy(tight)
    out["mechanism"]["allocation"] = "first"
    assert verify(out).problems == ["symmetry: compact parts without interim payments are about a buyer and a seller"]
