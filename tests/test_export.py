"""Exported programs are read by HiGHS as they were meant; exported theorems are checked by coqc, and false ones refused."""

from __future__ import annotations

import math
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from fractions import Fraction as F
from itertools import product
from pathlib import Path

import highspy
import pytest
from support import random_instances

import lpmech
from lpmech import (
    BilateralTrade,
    Distribution,
    Exchange,
    Instance,
    Mechanism,
    Partner,
    Partnership,
    Requirements,
    engine,
    verify,
)
from lpmech.answer.result import Result
from lpmech.base.errors import InputError, UndecidedError
from lpmech.base.exact import from_flint
from lpmech.programs import formulations
from lpmech.show.export import coq, named, names
from lpmech.show.export._program import LARGEST, legal, program_text
from lpmech.show.export._single import single

ROOT = Path(__file__).parent.parent
TRADE = BilateralTrade(Distribution([2, 6]), Distribution([1, 4]))
POSSIBLE = Instance(TRADE, Requirements("BIC", "interim", "balanced"), title="costs 1 and 4, values 2 and 6")
IMPOSSIBLE = Instance(
    BilateralTrade(Distribution([2, "49/10"]), Distribution([1, 4])), Requirements("BIC", "interim", "balanced")
)


# ---- mps and lp --------------------------------------------------------------------------------------------------------


def read(text, style, tmp_path):
    """The program as HiGHS reads it."""
    file = tmp_path / f"program.{style}"
    file.write_text(text)
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    assert solver.readModel(str(file)) == highspy.HighsStatus.kOk
    return solver


def matrix(lp):
    """{(row name, column name): number}."""
    sparse, rows, columns = lp.a_matrix_, list(lp.row_names_), list(lp.col_names_)
    by_column = sparse.format_ == highspy.MatrixFormat.kColwise
    out = {}
    for outer in range(len(sparse.start_) - 1):
        for e in range(sparse.start_[outer], sparse.start_[outer + 1]):
            row, column = (sparse.index_[e], outer) if by_column else (outer, sparse.index_[e])
            out[rows[row], columns[column]] = sparse.value_[e]
    return {key: x for key, x in out.items() if x}


@pytest.mark.parametrize("style", ["mps", "lp"])
@pytest.mark.parametrize("seed", range(40))
def test_highs_reads_the_exact_program_and_finds_its_optimum(seed, style, tmp_path):
    instance = random_instances.instance(seed)
    text, exact = program_text(instance, "full"), engine.compile_program(engine.formulation(instance, "full")).lp
    solver = read(named(style).write(instance, "full"), style, tmp_path)
    model = solver.getLp()
    assert sorted(model.col_names_) == sorted(text.columns)
    assert set(model.col_lower_) <= {-math.inf}
    assert set(model.col_upper_) <= {math.inf}
    rows = zip(text.rows, exact.lists(), strict=True)
    meant = {
        (row.name, text.columns[j]): from_flint(v) * row.factor
        for row, (places, values) in rows
        for j, v in zip(places, values, strict=True)
    }
    assert {key: F(x) for key, x in matrix(model).items()} == meant
    bounds = dict(zip(model.row_names_, zip(model.row_lower_, model.row_upper_, strict=True), strict=True))
    for row, b, equal in zip(text.rows, exact.b, exact.equality, strict=True):
        low = -from_flint(b) * row.factor
        assert bounds[row.name] == (float(low), float(low) if equal else math.inf)
    assert model.sense_ == highspy.ObjSense.kMaximize
    costs = dict(zip(model.col_names_, model.col_cost_, strict=True))
    factor = text.objective.factor
    assert [F(costs[name]) for name in text.columns] == [from_flint(c) * factor for c in exact.cost]
    assert F(model.offset_) == from_flint(exact.offset) * factor

    result = lpmech.solve(instance)
    solver.run()
    if isinstance(result.value, F):
        assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        assert round(solver.getInfo().objective_function_value / float(factor) - float(result.value), 6) == 0
    else:
        assert solver.getModelStatus() != highspy.HighsModelStatus.kOptimal


@pytest.mark.parametrize("style", ["mps", "lp"])
def test_every_formulation_is_exported(style, tmp_path):
    equal = lpmech.load(ROOT / "instances" / "jagadeesan-tordjman-2025" / "partnership-three-equal.toml")
    need = {"transfers": "groves", "individual_rationality": "ex-ante", "budget": "no-deficit"}
    free = POSSIBLE.with_requirements(allocation="free", budget="no-expected-deficit").with_objective("welfare")
    dominant = POSSIBLE.with_requirements(incentive_compatibility="DSIC", ties="first", budget="no-deficit")
    questions = {
        "symmetric": equal,
        "interim": POSSIBLE,
        "groves": POSSIBLE.with_requirements(**need),
        "menu": dominant,
        "open_menu": dominant.with_requirements(ties="any"),
        "second_best": free,
        "full": equal,
    }
    assert set(questions) == set(formulations.names())
    for method, instance in questions.items():
        solver = read(named(style).write(instance, method), style, tmp_path)
        solver.run()
        factor = program_text(instance, method).objective.factor
        found = solver.getInfo().objective_function_value / float(factor)
        assert round(found - float(lpmech.solve(instance).value), 6) == 0, method


def test_names_say_which_constraint_a_row_is():
    text = program_text(POSSIBLE, None)
    rows = {row.name for row in text.rows}
    assert {"BIC(buyer,6~2)", "IR(seller,4)", "budget(buyer_6,seller_1)", "interim_payments(buyer)(0,1)"} <= rows
    assert {"z", "t_B(buyer_6,seller_1)", "T_S(4)"} <= set(text.columns)
    dsic = program_text(POSSIBLE.with_requirements(incentive_compatibility="DSIC"), None)
    assert "DSIC(buyer,6~2;seller_4)" in {row.name for row in dsic.rows}
    groves = program_text(POSSIBLE.with_requirements(transfers="groves"), None)
    assert "h_B(seller_4)" in groves.columns


def test_names_are_legal_and_differ():
    long = "t_x[" + "9" * 300 + "]"
    made = legal(["a[3/4 -> -1]", "a[3|4 -> _1]", "é + :", long, long])
    assert made[:3] == ("a(3|4~_1)", "a(3|4~_1)#2", "_____")
    assert len(set(made)) == 5
    assert all(re.fullmatch(r"[A-Za-z0-9_.,;()~|#]{1,130}", name) for name in made)


@pytest.mark.parametrize("style", ["mps", "lp"])
def test_numbers_beyond_doubles_are_rounded_and_say_so(style, tmp_path):
    fine = Distribution([F(1, 3), F(10**17 + 1, 10**17)], [F(10**9, 10**9 + 7), F(7, 10**9 + 7)])
    instance = Instance(BilateralTrade(fine, Distribution([0, 1])), Requirements("BIC", "interim", "balanced"))
    text = program_text(instance, None)
    rounded = [row for row in text.rows if row.rounded]
    assert rounded
    written = named(style).write(instance, None)
    assert f"{len(rounded)} of {len(text.rows)} rows are rounded" in written
    assert written.count("rounded, times") == len(rounded)
    kept = engine.compile_program(engine.formulation(instance, "full")).lp
    model = read(written, style, tmp_path).getLp()
    numbers = matrix(model)
    for row, (places, values) in zip(text.rows, kept.lists(), strict=True):
        for j, v in zip(places, values, strict=True):
            exact = from_flint(v) * row.factor
            assert numbers[row.name, text.columns[j]] == float(exact)
            assert row.rounded or (exact.denominator == 1 and abs(exact) < LARGEST)


def test_the_text_does_not_depend_on_where_it_is_written():
    code = (
        "import sys; sys.path.insert(0, 'tests'); from support.random_instances import instance\n"
        "from lpmech.show.export import named, names\nfor name in names(): print(named(name).write(instance(3), None))"
    )
    elsewhere = os.environ | {"PYTHONHASHSEED": "17"}
    out = subprocess.run(
        [sys.executable, "-c", code], env=elsewhere, cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert out == "".join(named(name).write(random_instances.instance(3), None) + "\n" for name in names())


# ---- the command -------------------------------------------------------------------------------------------------------


def test_the_command_offers_every_format_there_is(run):
    assert names() == ["coq", "lp", "mps"]
    assert "[coq|lp|mps]" in run("export", "--help")[1]


@pytest.mark.parametrize("style", names())
def test_the_command_prints_or_writes(style, run, tmp_path):
    file = ROOT / "instances" / "kos-manea-2009" / "example-2-one-buyer.toml"
    code, out, err = run("export", file, "--format", style)
    assert (code, err) == (0, "")
    assert out == named(style).write(lpmech.load(file), None)
    target = tmp_path / f"out.{style}"
    code, nothing, err = run("export", file, "--format", style, "-o", target)
    assert (code, nothing) == (0, "")
    assert target.read_text() == out
    assert str(target) in err


def test_requests_that_cannot_be_met(run, monkeypatch, tmp_path):
    file = ROOT / "instances" / "kos-manea-2009" / "example-2-one-buyer.toml"
    assert run("export", file, "--format", "lp", "--method", "vcg_prime")[0] == 2
    wide = Distribution(range(101))
    with pytest.raises(InputError, match="too many for Coq"):
        coq.write(Instance(BilateralTrade(wide, wide), POSSIBLE.requirements), None)
    monkeypatch.setattr(
        coq, "solve", lambda x, method: Result(x, "undecided", None, None, "full", False, 0.1, None, "why")
    )
    with pytest.raises(UndecidedError, match="why"):
        coq.write(POSSIBLE, None)
    code, out, err = run("export", file, "--format", "coq")
    assert (code, out) == (3, "")
    assert "undecided" in err


# ---- coq ---------------------------------------------------------------------------------------------------------------


def full(found):
    """A proof with its multipliers on single constraints, and tables for its mechanism."""
    m = found.mechanism
    plain = None if m is None else Mechanism(m.environment, tuple(map(tuple, m.transfers)), list(m.lotteries))
    if m is not None and m.charges is not None:
        plain = replace(plain, charges=tuple(map(tuple, m.charges)))
    return replace(found, mechanism=plain, multipliers=single(found), symmetry=None)


def payments(found):
    """Coefficient of every payment in the sum of the multipliers, from the definitions; independent types."""
    env = found.instance.environment
    profiles = list(product(*map(range, env.sizes)))
    out = Counter()

    def chance(theta, given):
        return math.prod(
            (a.probabilities[k] for j, (a, k) in enumerate(zip(env.agents, theta, strict=True)) if j != given),
            start=F(1),
        )

    for m in found.multipliers:
        named, own, report = m.place.profile, m.place.type, m.place.report
        at = [named] if named is not None else profiles
        for theta in at:
            if named is None and own is not None and theta[m.agent] != own:
                continue
            w = m.weight * (1 if named is not None else chance(theta, None if own is None else m.agent))
            if m.agent is None:
                out.update({(i, theta): w for i in range(len(env.agents))})
            else:
                out.update({(m.agent, theta): -w})
                if report is not None:
                    out.update({(m.agent, (*theta[: m.agent], report, *theta[m.agent + 1 :])): w})
    return {x for x in out.values() if x}


PAIR = BilateralTrade(Distribution([0, 1, 3, 4], ["1/2", 0, "1/3", "1/6"]), Distribution([0, 2, "7/2"]))
PARTNERS = Partnership([Partner(F(1, 3), Distribution([0, 1, 2]))] * 3)


@pytest.mark.parametrize("ir", ["ex-post", "interim", "ex-ante"])
@pytest.mark.parametrize("budget", ["no-deficit", "balanced", "no-expected-deficit"])
@pytest.mark.parametrize("ic", ["DSIC", "BIC"])
def test_multipliers_on_single_constraints_prove_the_same_and_every_payment_vanishes(ic, ir, budget):
    for env, ties, method in ((PAIR, "first", "auto"), (PAIR, "any", "auto"), (PARTNERS, "any", "symmetric")):
        result = lpmech.solve(Instance(env, Requirements(ic, ir, budget, ties=ties)), method=method)
        written = full(result.proof)
        assert {m.place.alike for m in written.multipliers} <= {False}
        assert len({replace(m, weight=0) for m in written.multipliers}) == len(written.multipliers)
        assert verify(written.table()), (env.kind, ties)
        assert payments(written) == set()


needs_coq = pytest.mark.skipif(
    shutil.which("coqc") is None, reason="coqc is not installed (Debian: apt-get install coq)"
)


def test_the_file_has_the_library_the_question_and_the_theorem():
    text = coq.write(IMPOSSIBLE, None)
    for _, part in coq.library():
        assert part in text
    assert "masses := over 2 [1; 1]" in text
    assert "over 10 [0; 49]" in text
    assert "over 10 [0; -40]" in text
    assert "ic := BIC; ir := Interim; bb := Balanced" in text
    assert "rule := EfficientAny; class := AnyTransfers" in text
    assert "Theorem no_mechanism : ~ mechanism_exists situation need." in text
    assert "BudgetAt [1; 1]%nat" in text
    assert "Theorem this_mechanism : satisfies situation need (payments situation (class need) q h) q." in coq.write(
        POSSIBLE, None
    )


def test_the_library_assumes_nothing():
    for name, text in coq.library():
        assert not re.search(r"\b(Axiom|Parameter|Admitted|Conjecture|admit)\b", text), name
        assert text.isascii(), name


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """A folder with the library compiled."""
    folder = tmp_path_factory.mktemp("coq")
    (folder / "library.v").write_text("\n".join(text for _, text in coq.library()))
    subprocess.run(["coqc", "library.v"], cwd=folder, check=True)
    return folder


def accepted(library, text, name="question"):
    """Whether coqc accepts what comes after the library, and what it prints."""
    head = "From Coq Require Import QArith List.\nRequire Import library.\nImport ListNotations.\nOpen Scope Q_scope.\n"
    (library / f"{name}.v").write_text(head + text)
    done = subprocess.run(["coqc", f"{name}.v"], cwd=library, capture_output=True, text=True)
    return done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("x/example.v", "coqc x/example.v"),
        ("x/example-1.v", "cp x/example-1.v x/example_1.v && coqc x/example_1.v"),
        ("2 b.v", "cp '2 b.v' _2_b.v && coqc _2_b.v"),
    ],
)
def test_coqc_wants_names_that_are_identifiers(file, told):
    assert coq.check(file) == f"check it with Coq 8.16 or newer: {told}"


SEEDS = range(60)


def unprinted(theorem):
    """Without the last commands, which take longer than all of a small theorem."""
    text, command, _ = theorem.partition("Print Assumptions")
    assert command
    return text


@needs_coq
def test_coq_accepts_the_verdict_on_every_kind_of_instance(library):
    theorems, seen = [], set()
    for seed in SEEDS:
        instance = random_instances.instance(seed)
        r, verdict = instance.requirements, lpmech.solve(instance).verdict
        theorem = coq.theorem(instance)
        assert ("no_mechanism" in theorem) == (verdict == "impossible")
        seen |= {
            verdict + " " + word
            for word in (r.incentive_compatibility, r.individual_rationality, r.budget, r.transfers)
        }
        theorems.append(f"Module M{seed}.\n{unprinted(theorem)}End M{seed}.\n")
    asked = {
        "DSIC",
        "BIC",
        "ex-post",
        "interim",
        "ex-ante",
        "no-deficit",
        "balanced",
        "no-expected-deficit",
        "any",
        "groves",
    }
    assert {f"{verdict} {word}" for verdict in ("exists", "impossible") for word in asked} <= seen
    assert accepted(library, "".join(theorems))[0]


@needs_coq
@pytest.mark.parametrize("notion", ["BIC", "DSIC"])
@pytest.mark.parametrize("instance", [POSSIBLE, IMPOSSIBLE], ids=["exists", "impossible"])
def test_coq_accepts_closed_forms_and_assumes_nothing(instance, notion, library):
    question = instance.with_requirements(incentive_compatibility=notion, budget="no-expected-deficit")
    assert lpmech.solve(question).method == "vcg_prime"
    names = ["no_mechanism"] if instance is IMPOSSIBLE else ["this_mechanism", "a_mechanism"]
    theorem = coq.theorem(question)
    names += ["question_is_well_posed", "an_outcome"]
    assert theorem.endswith("\n\n" + "".join(f"Print Assumptions {name}.\n" for name in names))
    good, printed = accepted(library, theorem)
    assert good
    assert printed == "Closed under the global context\n" * len(names)


def changed(text, old, new):
    assert text.count(old) >= 1, old
    return text.replace(old, new, 1)


@needs_coq
def test_proofs_about_identical_agents_are_written_out_and_margin_0_is_a_mechanism(library):
    need = Requirements("BIC", "interim", "balanced")
    low, even = (Exchange([Distribution([1, v])] * 2, [Distribution([0, v - 1])]) for v in (9, 8))
    assert lpmech.solve(Instance(low, need)).margin == F(-1, 8)
    assert lpmech.solve(Instance(even, need)).margin == 0
    theorems = [coq.theorem(Instance(low, need), method) for method in ("vcg_prime_buyers", "symmetric", None)]
    assert ["no_mechanism" in theorem for theorem in theorems] == [True] * 3
    theorems.append(coq.theorem(Instance(even, need)))
    assert "a_mechanism" in theorems[-1]
    modules = (f"Module M{n}.\n{unprinted(text)}End M{n}.\n" for n, text in enumerate(theorems))
    assert accepted(library, "".join(modules))[0]


@needs_coq
def test_coq_refuses_a_changed_payment_lottery_weight_or_question(library):
    yes, no = coq.theorem(POSSIBLE), coq.theorem(IMPOSSIBLE)
    assert accepted(library, yes)[0]
    assert accepted(library, no)[0]
    payment = re.search(r"row_of \d+ \[(-?\d+);", yes)
    weight = re.search(r"\((\d+), Bic", no)
    assert payment
    assert weight
    tampered = {
        "payment": changed(yes, payment[0], payment[0].replace(f"[{payment[1]};", f"[{int(payment[1]) + 1};")),
        "lottery": changed(yes, "row_of 1 [0; 1]", "row_of 1 [1; 0]"),
        "no probability": changed(yes, "row_of 1 [0; 1]", "row_of 1 [-1; 2]"),
        "costs": changed(yes, "over 1 [0; -4]", "over 1 [0; -5]"),
        "weight": changed(no, f"({weight[1]}, Bic", f"({int(weight[1]) + 1}, Bic"),
        "sign": changed(no, f"({weight[1]}, Bic", f"(-{weight[1]}, Bic"),
        "constraint": changed(no, "Bic 0 1 0", "Bic 0 0 1"),
        "masses": changed(no, "masses := over 2 [1; 1]", "masses := over 2 [2; 0]"),
        "notion": changed(no, "ic := BIC", "ic := NoIncentives"),
    }
    assert [what for what in ("payment", "weight") if accepted(library, tampered[what])[0]] == []
    assert refused(library, [re.split("Corollary|Theorem question", text)[0] for text in tampered.values()])


def refused(library, texts):
    """Whether the one proof in each text fails at its end."""
    assert all(text.count("Qed.") == 1 for text in texts)
    modules = (f"Module M{n}.\n{text.replace('Qed.', 'Fail Qed. Abort.')}End M{n}.\n" for n, text in enumerate(texts))
    return accepted(library, "".join(modules))[0]


@needs_coq
def test_coq_refuses_a_question_whose_numbers_do_not_fit_together(library):
    text = coq.theorem(POSSIBLE)
    start, end = text.index("(* The mechanism"), text.index("Theorem question")
    plain = text[:start] + text[end:].split("Theorem an_outcome")[0]
    prior = changed(plain, "prior := None", "prior := Some (Rows [row_of 4 [1; 1]; row_of 4 [1; 1]])")
    half = "row_of 2 [1; 1]"
    given = changed(
        plain,
        "EfficientAny",
        f"Given (Rows [Rows [{half}; {half}]; Rows [{half}; {half}]])",
    )
    assert accepted(library, plain + prior.join(("Module A.\n", "End A.\n")) + given.join(("Module B.\n", "End B.\n")))[
        0
    ]
    wrong = {
        "masses of 3/2": changed(plain, "masses := over 2 [1; 1]", "masses := over 2 [1; 2]"),
        "a negative mass": changed(plain, "masses := over 2 [1; 1]", "masses := over 2 [-1; 3]"),
        "a mass too many": changed(plain, "masses := over 2 [1; 1]", "masses := over 2 [1; 1; 0]"),
        "an outside option too few": changed(plain, "outside := over 1 [0; 0]", "outside := over 1 [0]"),
        "a value too many": changed(plain, "over 1 [0; 6]", "over 1 [0; 6; 7]"),
        "a joint prior of 5/4": changed(prior, "row_of 4 [1; 1]", "row_of 4 [1; 2]"),
        "no lottery": changed(given, "row_of 2 [1; 1]", "row_of 2 [1; 2]"),
        "a negative probability": changed(given, "row_of 2 [1; 1]", "row_of 2 [-1; 3]"),
    }
    assert refused(library, list(wrong.values()))


@needs_coq
def test_an_exported_file_is_checked_as_it_stands(tmp_path):
    (tmp_path / "example.v").write_text(coq.write(IMPOSSIBLE, None))
    done = subprocess.run(["coqc", "example.v"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "Closed under the global context\n" * 3
