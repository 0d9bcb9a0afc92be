"""Theorems about questions with further requirements: coqc accepts true ones, and means by them what the verifier does."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path

import pytest
from support.further_questions import Draw

import lpmech
from lpmech import verify
from lpmech.answer.arguments import Cases
from lpmech.show.export import _coq_further as further
from lpmech.show.export import coq

QUESTIONS = Path(__file__).parent / "cases" / "questions"
IMPORTS = "From Coq Require Import QArith List.\nRequire Import library.\nImport ListNotations.\nOpen Scope Q_scope.\n"

needs_coq = pytest.mark.skipif(
    shutil.which("coqc") is None, reason="coqc is not installed (Debian: apt-get install coq)"
)

ONE_OUTCOME = """
format = "lpmech-instance/1"
[environment]
kind = "bilateral-trade"
buyer = { values = [1, 3], weights = [1, 1] }
seller = { values = [0, 2], weights = [1, 1] }
[requirements]
incentive_compatibility = "BIC"
individual_rationality = "interim"
budget = "no-deficit"
allocation = "free"
lotteries = false
[[requirements.linear]]
name = "a third of the time"
of = "q[trade]"
at = "prior"
equal = "1/3"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the library compiled."""
    made = tmp_path_factory.mktemp("further")
    (made / "library.v").write_text("\n".join(text for _, text in coq.library(coq.FURTHER)))
    subprocess.run(["coqc", "library.v"], cwd=made, check=True)
    return made


def accepted(folder: Path, text: str) -> tuple[bool, str]:
    """Whether coqc accepts what comes after the library, and what it prints."""
    (folder / "question.v").write_text(IMPORTS + text)
    done = subprocess.run(["coqc", "question.v"], cwd=folder, capture_output=True, text=True)
    return done.returncode == 0, done.stdout + done.stderr


def modules(texts: list[str]) -> str:
    return "".join(f"Module M{n}.\n{text}\nEnd M{n}.\n" for n, text in enumerate(texts))


def unprinted(theorem: str) -> str:
    text, command, _ = theorem.partition("Print Assumptions")
    assert command
    return text


def load(name: str) -> lpmech.Instance:
    return lpmech.load(QUESTIONS / f"{name}.toml")


def test_the_library_assumes_nothing() -> None:
    files = coq.library(coq.FURTHER)
    assert [name[0] for name, _ in files] == ["1", "2", "3", "4", "5"]
    for name, text in files:
        assert not re.search(r"\b(Axiom|Parameter|Admitted|Conjecture|admit)\b", text), name
        assert text.isascii(), name


def test_classical_questions_keep_their_library() -> None:
    classical = coq.write(lpmech.loads(ONE_OUTCOME.split("lotteries")[0]), None)
    further_text = coq.write(load("payment-cap"), None)
    for (_, old), (_, new) in zip(coq.library(), coq.library(coq.FURTHER), strict=True):
        assert old in classical
        assert new not in classical
        assert new in further_text


@needs_coq
def test_coq_accepts_the_questions_of_others_and_assumes_nothing(folder: Path) -> None:
    theorems = [coq.theorem(q) for q in map(lpmech.load, sorted(QUESTIONS.glob("*.toml"))) if q.further]
    assert sum("no_mechanism" in text for text in theorems) >= 6
    assert sum("this_mechanism" in text for text in theorems) >= 7
    count = sum(text.count("Print Assumptions") for text in theorems)
    assert count == sum(3 if "no_mechanism" in text else 4 for text in theorems)
    good, printed = accepted(folder, modules(theorems))
    assert good, printed
    assert printed == "Closed under the global context\n" * count


WORDS = (
    *("DSIC", "BIC", "ExPostIC", "ExPostIR", "InterimIR", "ExAnteIR", "NoDeficit", "Balanced", "NoExpectedDeficit"),
    *("PaymentAtLeast", "PaymentAtMost", "NoPayments", "AtProfiles", "InExpectation", "GivenType", "NoLotteries"),
    *("Downward", "Upward", "Adjacent", "Groves", "free_shares := true", "prior := Some", "Some ["),
)


@needs_coq
def test_coq_accepts_the_verdict_on_random_questions(folder: Path) -> None:
    theorems, seen = [], set()
    for seed in range(120):
        question = lpmech.loads(Draw(seed).question()[0])
        if question.further:
            theorem = unprinted(coq.theorem(question))
            verdict = "impossible" if "no_mechanism" in theorem else "exists"
            assert verdict == lpmech.solve(question).verdict
            seen |= {(verdict, word) for word in WORDS if word in theorem}
            theorems.append(theorem)
    assert {(verdict, word) for verdict in ("exists", "impossible") for word in WORDS} <= seen
    good, printed = accepted(folder, modules(theorems))
    assert good, printed


@needs_coq
def test_coq_says_of_changed_mechanisms_what_the_verifier_says(folder: Path) -> None:
    """The checker decides: it is run on mechanisms that need not meet the requirements."""
    checks, verdicts = [], []
    for seed in range(150):
        question, rng = lpmech.loads(Draw(seed).question()[0]), random.Random(seed)
        found = lpmech.solve(question)
        if not question.further or found.verdict == "impossible":
            continue
        alone = replace(found.proof, margin=None, value=None, arguments=(), best=None, ray=None)
        for _ in range(3):
            proof = replace(alone, mechanism=changed(alone.mechanism, rng))
            right = bool(verify(proof.table()))
            text = "\n".join((*further.question(question), *further.shown(proof))).split("Theorem")[0]
            goal = f"check_mechanism situation need h q s = {str(right).lower()}"
            checks.append(f"{text}\nGoal {goal}. Proof. vm_compute. reflexivity. Qed.")
            verdicts.append(right)
    assert 50 < sum(verdicts) < len(verdicts) - 50
    good, printed = accepted(folder, modules(checks))
    assert good, printed


def changed(m: lpmech.Mechanism, rng: random.Random) -> lpmech.Mechanism:
    """One payment, lottery or pair of shares is another."""
    what = rng.choice(["payment", "payment", "lottery", "shares"])
    if what == "lottery":
        lotteries = list(m.lotteries)
        lotteries[rng.randrange(len(lotteries))] = {rng.randrange(len(m.environment.outcomes)): F(1)}
        return replace(m, lotteries=lotteries)
    if what == "shares" and m.shares is not None:
        order = list(m.shares)
        rng.shuffle(order)
        return replace(m, shares=tuple(order))
    money = m.transfers if m.charges is None else m.charges
    rows = [list(row) for row in money]
    row = rng.choice(rows)
    row[rng.randrange(len(row))] += rng.choice([F(-1), F(-1, 7), F(1, 100), F(2)])
    new = tuple(map(tuple, rows))
    return replace(m, transfers=new) if m.charges is None else replace(m, charges=new)


def first(text: str, old: str, new: str) -> str:
    """With the first match replaced; there has to be one."""
    assert re.search(old, text), old
    return re.sub(old, new, text, count=1)


def refused(folder: Path, texts: list[str]) -> tuple[bool, str]:
    """Whether the one proof in each text fails at its end."""
    assert all(text.count("Qed.") == 1 for text in texts)
    return accepted(folder, modules([text.replace("Qed.", "Fail Qed. Abort.") for text in texts]))


@needs_coq
def test_coq_refuses_changed_weights_spots_and_requirements(folder: Path) -> None:
    def proved(name: str) -> str:
        return unprinted(coq.theorem(load(name))).split("Theorem question")[0]

    cap, lemons, fixed = proved("payment-cap"), proved("known-lemons"), proved("social-05")
    assert accepted(folder, modules([cap, lemons, fixed]))[0]
    weight = re.search(r"\((\d+), (\d+)%nat", cap)
    assert weight
    tampered = [
        first(cap, re.escape(weight[0]), f"({int(weight[1]) + 1}, {weight[2]}%nat"),
        first(cap, re.escape(weight[0]), f"(-{weight[1]}, {weight[2]}%nat"),
        first(cap, re.escape(weight[0]), f"({weight[1]}, 99%nat"),
        first(cap, r"(?s)weights (\d+) \[.*?\]%Z\.", r"weights \1 []%Z."),
        first(cap, r"PaymentAtMost 0%nat \(\S+ # 1\)", "PaymentAtMost 0%nat (1000 # 1)"),
        first(lemons, r"row_of 1 \[0; -2\]", "row_of 1 [0; -1]"),
        first(lemons, r"(?s)asked := \[.*?\];\n", "asked := [];\n"),
        first(fixed, r"OfType 1", "OfType 0"),
        first(fixed, r"Equal \(3 # 2\)", "AtMost (3 # 2)"),
    ]
    good, printed = refused(folder, tampered)
    assert good, printed


@needs_coq
def test_coq_refuses_changed_mechanisms_and_shares(folder: Path) -> None:
    def attained(name: str) -> str:
        return unprinted(coq.theorem(load(name))).split("Corollary")[0]

    shares, vote = attained("known-free-shares-symmetric"), attained("known-vote-without-payments")
    assert accepted(folder, modules([shares, vote]))[0]
    tampered = [
        first(shares, r"nth i \(over 1 \[1; 0\]", "nth i (over 4 [5; -1]"),
        first(shares, r"nth i \(over 1 \[1; 0\]", "nth i (over 4 [1; 1]"),
        first(shares, r"(transfers_table : table := Rows \[\s*Rows \[row_of \d+ )\[-?\d+", r"\1[1000"),
        first(vote, r"(transfers_table : table := Rows \[\s*Rows \[Rows \[row_of \d+ )\[0", r"\1[1"),
        first(vote, r"(lottery_table : table := Rows \[Rows \[Rows \[row_of) 1 \[\d; \d\]", r"\1 2 [1; 1]"),
    ]
    good, printed = refused(folder, tampered)
    assert good, printed


@needs_coq
def test_coq_follows_cases(folder: Path) -> None:
    question = lpmech.loads(ONE_OUTCOME)
    found = lpmech.solve(question)
    assert found.verdict == "impossible"
    assert found.proof is not None
    assert any(isinstance(argument.tree, Cases) for argument in found.proof.arguments or ())
    theorem = unprinted(coq.theorem(question)).split("Theorem question")[0]
    good, printed = accepted(folder, theorem)
    assert good, printed
    case = re.search(r"(?s)Cases \[\d; \d\]%nat \[\n  \((\d)%nat, ", theorem)
    assert case
    once, other = f"({case[1]}%nat", f"({1 - int(case[1])}%nat"
    tampered = [
        theorem.replace(case[0], case[0].replace(once, other)),  # one case twice, the other not
        theorem.replace(case[0], case[0].replace(once, "(5%nat")),  # a case of no outcome in the place of one
        first(theorem, r";\n    NoLotteries", ""),
        first(theorem, r"\(1 # 3\)", "(1 # 2)"),
    ]
    good, printed = refused(folder, tampered)
    assert good, printed


@needs_coq
def test_coq_refuses_a_question_whose_numbers_do_not_fit_together(folder: Path) -> None:
    text = coq.theorem(load("payment-cap"))
    start, end = text.index("(* Weights"), text.index("Theorem question")
    plain = text[:start] + text[end:].split("Theorem an_outcome")[0]
    assert accepted(folder, plain)[0]
    empty = "{| on_payments := []; on_utilities := []; on_outcomes := []; on_revenue := 0; constant := 0 |}"
    wrong = [
        first(plain, r"masses := over (\d+) \[(\d+)", r"masses := over \1 [1\2"),
        first(plain, r"PaymentAtMost 0%nat", "PaymentAtMost 2%nat"),
        first(plain, r"outside := Rows \[row_of (\d+) \[0; ", r"outside := Rows [row_of \1 ["),
        first(plain, r"asked := \[", f"asked := [GivenType 0%nat {empty} None AtLeast 0; "),
    ]
    good, printed = refused(folder, wrong)
    assert good, printed


@needs_coq
def test_a_whole_file_is_checked_as_it_stands(tmp_path: Path) -> None:
    (tmp_path / "example.v").write_text(coq.write(load("bilateral-10"), None))
    done = subprocess.run(["coqc", "example.v"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "Closed under the global context\n" * 3
