"""The speed benchmark runs, and what it is held against is right. No timing is asserted."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import lpmech
from benchmarks.speed import claims, peers, report
from benchmarks.speed.child import Outcome
from benchmarks.speed.questions import QUESTIONS
from benchmarks.speed.runner import exponent, hopeless
from lpmech.reading.instance import dumps, loads

ROOT = Path(__file__).parent.parent
TRADE = [name for name, question in QUESTIONS.items() if question.peers]
AGAINST = ["highspy_reduced", "mechaudit_design"]


@pytest.mark.parametrize("size", [(3, 3), (2, 5), (5, 2)])
@pytest.mark.parametrize("name", TRADE)
def test_programs_written_for_the_comparison_have_the_exact_answer(name: str, size: tuple[int, int]) -> None:
    question = QUESTIONS[name]
    instance = question.instance(size, 1)
    exact = lpmech.solve(instance, method="full").value
    assert exact is not None
    for peer in (*question.peers, *(["cvxpy_dpp"] if name in peers.named("cvxpy_dpp").SOLVE else [])):
        if reason := peers.missing(peer):
            print(f"{peer} left out: {reason}")  # noqa: T201 - to be seen where the extra is absent
            continue
        assert abs(peers.named(peer).SOLVE[name](peers.Trade.of(instance)) - float(exact)) < 1e-6, peer


def test_the_quick_path_runs(tmp_path: Path) -> None:
    """Peers that are not installed are left out, and the output says so."""
    command = ["benchmarks.speed", "--quick", "--only", "bic", "--sizes", "3", "--repeat", "1"]
    command += [word for peer in AGAINST for word in ("--against", peer)] + ["--out", str(tmp_path)]
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (file,) = tmp_path.glob("*.json")
    subjects = {entry["subject"]: entry for entry in json.loads(file.read_text())["subjects"]}
    assert set(subjects) == {*QUESTIONS["bic"].methods, *AGAINST}
    for subject, entry in subjects.items():
        absent = peers.missing(subject)
        assert entry["reason"] == absent, subject
        assert (entry["cpu"] is None) == (absent is not None)
        assert absent is None or absent.split(":")[0] in done.stdout
    assert "what must show" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= report.WIDTH


def test_a_wrong_answer_is_said_to_be_wrong() -> None:
    from benchmarks.speed.child import Job, peer

    exact = str(lpmech.solve(QUESTIONS["bic"].instance((3, 3), 1)).value)
    assert peer(Job("bic", (3, 3), "highspy_reduced", answers=(exact,))).reason is None
    refused = peer(Job("bic", (3, 3), "highspy_reduced", answers=(f"{exact}1",)))
    assert refused.cpu is None
    assert "wrong" in str(refused.reason)


@pytest.mark.parametrize("name", TRADE)
def test_instances_are_the_same_as_text(name: str) -> None:
    instance = QUESTIONS[name].instance((3, 4), 2)
    assert loads(dumps(instance)) == replace(instance, title="untitled")
    assert instance != QUESTIONS[name].instance((3, 4), 3)


def test_claims_are_about_questions_and_peers_that_exist() -> None:
    for claim in claims.CLAIMS:
        assert claim.question in QUESTIONS
        if isinstance(claim, claims.Ratio):
            assert claim.peer in QUESTIONS[claim.question].peers


def test_growth() -> None:
    assert exponent([(n, 3.0 * n**2) for n in (1, 2, 10, 100)]) == pytest.approx(2)
    assert exponent([(10, 1.0)]) is None
    earlier = [((10, 10), Outcome(cpu=0.1)), ((100, 100), Outcome(cpu=10.0))]
    assert hopeless(earlier, (200, 200), seconds=30) is None
    assert hopeless(earlier, (1000, 1000), seconds=30) == "about 1000 s foreseen"
    assert hopeless([((3, 3), Outcome("too large"))], (10, 10), seconds=30) == "too large"
