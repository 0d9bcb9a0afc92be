"""Proofs are bound to questions: the canonical form, its name, and what is said where two questions differ."""

from __future__ import annotations

import copy
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import lpmech
from lpmech.cli.solve import command as solve_command
from lpmech.cli.verify import command as verify_command
from lpmech.reading.instance import loads
from lpmech.verify import question_of, verify

CASES = Path(__file__).parent / "cases"
INDEPENDENT = json.loads((CASES / "proof-independent.json").read_text(encoding="utf-8"))
JOINT = json.loads((CASES / "proof-joint-prior.json").read_text(encoding="utf-8"))
SIDES = """
[environment.buyer]
values = [2, "k"]
probabilities = ["1/2", "1/2"]
[environment.seller]
values = [1, 4]
probabilities = ["1/2", "1/2"]
"""
NOTIONS = """
[requirements]
incentive_compatibility = "BIC"
individual_rationality = "interim"
budget = "balanced"
"""
FILE = f"""
format = "lpmech-instance/1"
title = "another title"
[parameters]
k = "9/2"
[environment]
kind = "bilateral-trade"
{SIDES}{NOTIONS}"""
PRIOR = """
[environment.prior]
profiles = [
  {{ types = [1, 1], probability = "{same}" }}, {{ types = [0, 0], probability = "{same}" }},
  {{ types = [0, 1], probability = "1/8" }}, {{ types = [1, 0], probability = "{other}" }},
]
"""


def test_opposite_verdicts_are_described_apart() -> None:
    valid = [next(line for line in verify(x).checks if "instance is valid" in line) for x in (INDEPENDENT, JOINT)]
    assert "independent" in valid[0]
    assert "joint prior" in valid[1]
    assert "joint prior, by type numbers: (0, 0) 3/8, (0, 1) 1/8, (1, 0) 1/8, (1, 1) 3/8" in verify(JOINT).description
    assert verify(INDEPENDENT).question == "79e6a65681cbbba2"
    assert verify(JOINT).question == "1c29a133a366fee7"


def test_verify_against_an_instance(tmp_path: Path) -> None:
    file = tmp_path / "question.toml"
    file.write_text(FILE, encoding="utf-8")
    proofs = [str(CASES / f"proof-{name}.json") for name in ("independent", "joint-prior")]

    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(verify_command, [*arguments], standalone_mode=False)
        return done.return_value, done.output

    status, said = run(proofs[0], "--instance", str(file))
    assert status == 0
    assert "the question is the one asked" in said
    status, said = run(proofs[1], "--instance", str(file))
    assert status == 1
    assert "another question" in said
    assert "environment.prior: 4 entries in the proof, nothing in the question asked" in said
    status, said = run(proofs[0], "--instance", str(file), "--set", "k=5")
    assert status == 1
    assert "environment.buyer.values[1]: 9/2 in the proof, 5 in the question asked" in said
    asked = json.loads(CliRunner().invoke(solve_command, ["--json", str(file)]).stdout.splitlines()[-1])
    assert asked["question"] == "79e6a65681cbbba2"
    assert lpmech.verify(proofs[0], instance=lpmech.load(file))


def other(*path: Any, to: Any) -> dict[str, Any]:
    out = copy.deepcopy(JOINT["instance"])
    at = out
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = to
    return out


@pytest.mark.parametrize(
    "same",
    [
        other("title", to="x"),
        other("environment", "prior", "profiles", to=JOINT["instance"]["environment"]["prior"]["profiles"][::-1]),
        other("environment", "buyer", to={"values": {"over": "4", "of": ["8", "18"]}}),
    ],
)
def test_ways_to_write_one_question(same: dict[str, Any]) -> None:
    assert question_of(same) == question_of(JOINT["instance"])


@pytest.mark.parametrize(
    "different",
    [
        other("environment", "buyer", "values", 1, to="5"),
        other("environment", "prior", "profiles", 0, "probability", to="1/4"),
        other("requirements", "ties", to="last"),
        other("requirements", "transfers", to="groves"),
        other("requirements", "budget", to="no-deficit"),
        other("requirements", "individual_rationality", to="ex-post"),
        other("requirements", "incentive_compatibility", to="DSIC"),
        other("requirements", "allocation", to={"posted-price": "3"}),
        other("objective", "maximize", to="welfare"),
        INDEPENDENT["instance"],
    ],
)
def test_different_questions_have_different_names(different: dict[str, Any]) -> None:
    assert question_of(different) != question_of(JOINT["instance"])


def test_weights_with_a_name_and_ties_that_mean_nothing() -> None:
    named, weights = (
        other("objective", "maximize", to=to) for to in ("welfare", {"utility": ["1", "1"], "revenue": "1"})
    )
    assert question_of(named) == question_of(weights)
    free = JOINT["instance"]["requirements"] | {"allocation": "free"}
    names = {
        question_of(other("requirements", to=free | {"ties": rule})) for rule in ("any", "first", "last", "uniform")
    }
    assert len(names) == 1
    efficient = {question_of(other("requirements", "ties", to=rule)) for rule in ("any", "first", "last", "uniform")}
    assert len(efficient) == 4


def test_masses_beside_a_joint_prior_are_its_marginals(tmp_path: Path) -> None:
    wrong = copy.deepcopy(JOINT)
    wrong["instance"]["environment"]["buyer"]["probabilities"] = ["1/3", "2/3"]
    [problem] = verify(wrong).problems
    assert "buyer of type 2 has probability 1/3, but 1/2 under the joint prior" in problem
    for entry in wrong["instance"]["environment"].values():
        if isinstance(entry, dict):
            entry.pop("probabilities", None)
    assert verify(wrong)
    file = tmp_path / "question.toml"
    file.write_text(FILE + PRIOR.format(same="3/8", other="1/8"), encoding="utf-8")
    assert lpmech.solve(file).margin == Fraction(15, 32)
    file.write_text(FILE + PRIOR.format(same="1/4", other="3/8"), encoding="utf-8")
    replaced = lpmech.solve(file)  # a joint prior replaces the agents' own probabilities, which are not restated
    assert replaced.proved
    assert replaced.proof is not None
    sides = [side for side in replaced.proof.table()["instance"]["environment"].values() if isinstance(side, dict)]
    assert all("probabilities" not in side for side in sides)


def test_a_bound_of_exactly_0_shows_no_impossibility() -> None:
    """A margin <= 0 does not exclude that a mechanism exists: here one does, with margin 0."""
    text = FILE.replace('k = "9/2"', "k = 5")
    result = lpmech.solve(loads(text))
    assert (result.verdict, result.margin) == ("exists", Fraction(0))
    assert result.proof is not None
    claimed = result.proof.table() | {"mechanism": None, "fees": None}
    claimed["claim"] |= {"verdict": "impossible", "margin": None, "value": None}
    assert verify(claimed).problems == ["multipliers: margin <= 0, which does not exclude 0"]
    for margin in ("0", "1/8"):
        wrong = result.proof.table()
        wrong["claim"] |= {"verdict": "impossible", "margin": margin, "value": margin}
        assert verify(wrong).problems == [f"claim: impossible with margin {margin}, which is not below 0"]


def test_a_contradiction_is_below_0() -> None:
    """No multiplier at all shows 0 <= 0, which contradicts nothing."""
    empty = copy.deepcopy(INDEPENDENT) | {"mechanism": None, "multipliers": [], "bounds": "feasibility"}
    empty["claim"] |= {"margin": "-inf", "value": "-inf"}
    [problem] = verify(empty).problems
    assert "0 <= 0, which is no contradiction" in problem
