"""Theorems as predictions, and ``lpmech bench``: what agrees, what disagrees, what is printed."""

from __future__ import annotations

import csv
import json
import random
import re
import shutil
from fractions import Fraction
from pathlib import Path

import pytest

from lpmech import engine
from lpmech.answer.result import Result
from lpmech.cli import main
from lpmech.literature import theorems
from lpmech.literature.questions import bilateral, endpoints, exchange, social_choice
from lpmech.literature.theorems import (
    Limit,
    Prediction,
    Range,
    cremer_mclean,
    green_laffont,
    green_laffont_trade,
    jagadeesan_tordjman_example_1,
    kos_manea_example_2_monotonicity,
    kos_manea_section_5,
    makowski_mezzetti,
    matsuo,
)
from lpmech.question.distribution import Distribution
from lpmech.question.objective import Objective
from lpmech.reading.instance import dumps, loads
from lpmech.studies import agreement
from lpmech.studies.agreement import Case, examine

F = Fraction
ROOT = Path(__file__).parents[1]
NAMES = theorems.names()

each_theorem = pytest.mark.parametrize("name", NAMES)


@pytest.fixture
def bench(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        with pytest.raises(SystemExit) as stop:
            main(["bench", "--workers", "1", *map(str, arguments)])
        out, err = capsys.readouterr()
        return stop.value.code, out, err

    return call


# ---- theorems -------------------------------------------------------------------------------------------------------


def test_there_are_theorems() -> None:
    assert len(NAMES) >= 37


@each_theorem
def test_theorem_says_what_it_is(name: str) -> None:
    theorem = theorems.named(name)
    keys = set(re.findall(r"^@\w+\{([^,\s]+),", (ROOT / "references.bib").read_text(encoding="utf-8"), re.M))
    assert theorem.title
    assert isinstance(theorem.exact, bool)
    assert all(part.split(",")[0] in keys for part in theorem.source.split("; "))


@each_theorem
def test_cases_apply_and_agree(name: str) -> None:
    for number in range(2):
        case = Case(name, number, seed=5)
        found = {c.theorem: c for c in examine(case, NAMES)}
        assert name in found
        assert {c.outcome for c in found.values()} == {"agrees"}, [c for c in found.values() if c.outcome != "agrees"]


@each_theorem
def test_cases_are_the_same_every_time_and_can_be_written_down(name: str) -> None:
    theorem = theorems.named(name)
    for number in range(12):
        instance = Case(name, number, seed=1).instance()
        assert theorem.applies(instance) is None
        again = loads(dumps(instance))
        assert again == Case(name, number, seed=1).instance() == instance or again.title == "untitled"
        assert (again.environment, again.requirements, again.objective) == (
            instance.environment,
            instance.requirements,
            instance.objective,
        )


@each_theorem
def test_theorem_says_why_it_does_not_apply(name: str) -> None:
    elsewhere = Case("groves", 3).instance().with_objective(Objective("revenue"))
    assert isinstance(theorems.named(name).applies(elsewhere), str)


@each_theorem
def test_limits_come_with_limits_and_exact_theorems_do_not(name: str) -> None:
    theorem = theorems.named(name)
    predictions = [theorem.predict(Case(name, number).instance()) for number in range(4)]
    assert [p.limit is not None for p in predictions] == [not theorem.exact] * 4


def test_ranges() -> None:
    assert F(1, 3) in Range.exactly(F(1, 3))
    assert F(1, 3) + F(1, 10**30) not in Range.exactly(F(1, 3))
    assert str(Range(F(1, 2), F(2, 3))) == ">= 1/2 and <= 2/3"
    assert Limit(F(1), F(1, 4), F(2)).range == Range(F(1, 2), F(3, 2))
    assert Prediction.near(Limit(F(-1, 6), F(1, 5), F(1))).verdict is None
    assert Prediction.near(Limit(F(-1, 6), F(1, 7), F(1))).verdict == "impossible"
    assert Prediction.above(Limit(F(0), F(1), F(1))).verdict == "exists"


@pytest.mark.parametrize("k", [F(2), F(19, 4), F(5), F(10), F(1000)])
def test_threshold_in_the_number_of_buyers(k: Fraction) -> None:
    """From I* on a mechanism exists with every number of buyers, and not with one fewer; with one buyer it does."""
    found = kos_manea_example_2_monotonicity.threshold(k)
    margins = [kos_manea_example_2_monotonicity.surplus(k, count) for count in range(1, 60)]
    assert all(m >= 0 for m in margins[found - 1 :])
    assert margins[0] == F(1, 3)
    assert found == 1 or margins[found - 2] < 0
    assert (found == 1) == (k <= F(19, 4))
    buyer, seller = kos_manea_example_2_monotonicity.family(k)
    assert margins[:9] == [kos_manea_section_5.surplus(buyer, seller, count) for count in range(1, 10)]


def test_enough_buyers() -> None:
    buyer, seller = Distribution([1, 6, 7]), Distribution([0, 5, 9])
    found = makowski_mezzetti.threshold(buyer, seller)
    assert all(kos_manea_section_5.surplus(buyer, seller, count) >= 0 for count in range(found, found + 40))


def test_prices_that_balance() -> None:
    assert green_laffont_trade.prices(Distribution([2, 6]), Distribution([1, 4])) == (2, 4)
    least, largest = green_laffont_trade.prices(Distribution([2, 6, 8]), Distribution([1, 4, 7]))
    assert least > largest


def test_a_surplus_that_separates() -> None:
    """One agent alone; nobody ever trades; everybody always does; somebody sometimes."""
    alone = social_choice(random.Random(0))
    assert not green_laffont.separates(alone)
    for values, separates in (([0, 1], True), ([8, 9], True), ([3, 6], False)):
        env = bilateral(Distribution(values), Distribution([2, 5])).environment
        assert green_laffont.separates(env) == separates


def test_rank() -> None:
    assert cremer_mclean.rank([[F(1), F(2)], [F(2), F(4)]]) == 1
    assert cremer_mclean.rank([[F(0), F(2)], [F(2), F(4)], [F(1), F(1)]]) == 2


def test_the_family_of_example_1_is_that_of_the_file() -> None:
    from lpmech.reading.instance import load

    env = load(ROOT / "instances" / "jagadeesan-tordjman-2025" / "example-1.toml", {"points": 12}).environment
    assert (env.buyer, env.seller) == jagadeesan_tordjman_example_1.family(12)


# ---- disagreements --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prediction", "problem"),
    [
        (Prediction("exists"), "verdict impossible, not exists"),
        (Prediction(margin=Range.exactly(F(-1, 7))), "margin -1/6, not = -1/7"),
        (Prediction(margin=Range(low=F(-1, 7))), "margin -1/6, not >= -1/7"),
        (Prediction(margin=Range(high=F(-1, 5))), "margin -1/6, not <= -1/5"),
        (Prediction(value=Range.exactly(0)), "value -1/6, not = 0"),
    ],
)
def test_a_wrong_prediction_is_noticed(prediction: Prediction, problem: str) -> None:
    result = Result(bilateral(endpoints(6), endpoints(6)), "impossible", F(-1, 6), F(-1, 6), "full", True, 0.0)
    assert agreement.problems(prediction, result) == [problem]


def test_a_wrong_twin_is_noticed() -> None:
    instance = bilateral(endpoints(3), endpoints(3))
    result = Result(instance, "exists", F(1, 9), F(1, 9), "full", True, 0.0)
    twin = Result(instance, "exists", F(2, 9), F(2, 9), "full", True, 0.0)
    (problem,) = agreement.problems(Prediction(same_as=instance), result, twin)
    assert problem.startswith("margin 1/9, but 2/9 with efficient, any, any, BIC, interim, balanced")


def test_bench_reports_a_wrong_theorem(bench, monkeypatch) -> None:
    """Exit status 1, and the instance as a file that can be solved."""
    monkeypatch.setattr(matsuo, "predict", lambda instance: Prediction.exactly(F(22, 7)))
    code, out, _ = bench("--only", "matsuo", "--cases", "3")
    assert code == 1
    assert "disagreement: matsuo on case 0 of matsuo, seed 0" in out
    assert "predicted: exists, margin = 22/7" in out
    text = re.search(r"the instance:\n\n((?:    .*\n|\n)+)", out)[1]
    again = loads("\n".join(line[4:] for line in text.split("\n\n\n")[0].splitlines()))
    assert again.environment == Case("matsuo", 0).instance().environment
    assert "3 instances, 3 comparisons, 3 disagreements" in out


def test_bench_reports_a_wrong_limit(bench, monkeypatch) -> None:
    """A rate that is too good fails, however close the number is."""
    theorem = theorems.named("myerson_satterthwaite_subsidy")
    tight = Limit(F(-1, 6), F(1, 100), F(1, 100))
    monkeypatch.setattr(theorem, "predict", lambda instance: Prediction.near(tight))
    code, out, _ = bench("--only", "myerson_satterthwaite_subsidy", "--cases", "2")
    assert code == 1
    assert "<= -4997/30000" in out


def test_bench_says_undecided(bench, monkeypatch) -> None:
    def solve(instance, **_):
        return Result(instance, "undecided", None, None, "full", False, 0.0, None, "no luck")

    monkeypatch.setattr(engine, "solve", solve)
    code, out, _ = bench("--only", "matsuo", "--cases", "1", "--json")
    assert code == 3
    assert json.loads(out)["disagreements"][0]["outcome"] == "undecided"


# ---- the command ----------------------------------------------------------------------------------------------------


def keys(x: object) -> set[str]:
    """All keys of a JSON value."""
    if isinstance(x, dict):
        return set(x) | {k for value in x.values() for k in keys(value)}
    return {k for value in x for k in keys(value)} if isinstance(x, list) else set()


def test_bench_json_has_the_documented_keys(bench, monkeypatch) -> None:
    monkeypatch.setattr(matsuo, "predict", lambda instance: Prediction.exactly(F(22, 7)))
    code, out, _ = bench("--only", "matsuo", "--only", "myerson_satterthwaite_subsidy", "--cases", "1", "--json")
    found = json.loads(out)
    page = (ROOT / "docs" / "theorems.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `(\w+)` \|", page[page.index("## JSON") :], re.M))
    assert code == 1
    assert found["format"] == "lpmech-bench/1"
    assert keys(found) == documented
    assert [row["name"] for row in found["theorems"]] == ["matsuo", "myerson_satterthwaite_subsidy"]
    assert found["theorems"][0]["disagreements"] == 1


def test_bench_reads_instance_files_and_writes_csv(bench, tmp_path) -> None:
    for name in ("uniform.toml", "uniform-five-points.toml"):
        shutil.copy(ROOT / "instances" / "myerson-satterthwaite-1983" / name, tmp_path)
    code, out, _ = bench("--cases", 0, "--instances", tmp_path, "--csv", tmp_path / "out.csv")
    assert code == 0
    with open(tmp_path / "out.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["outcome"] for row in rows} == {"agrees"}
    assert {Path(row["case"]).name for row in rows} == {"uniform.toml", "uniform-five-points.toml"}
    exact = [row["predicted"] for row in rows if row["theorem"] == "myerson_satterthwaite_grid"]
    assert "exists, margin = 0" in exact
    assert f"2 instances, {len(rows)} comparisons, 0 disagreements, 0 undecided" in out


def test_nothing_is_enumerated_that_is_too_large(bench, tmp_path) -> None:
    """A hundred buyers: theorems with closed formulas speak, the others keep silent."""
    many = exchange([Distribution([1, 6])] * 100, [Distribution([0, 5])])
    (tmp_path / "hundred.toml").write_text(dumps(many), encoding="utf-8")
    code, out, _ = bench("--cases", 0, "--instances", tmp_path, "--json")
    spoke = {row["name"] for row in json.loads(out)["theorems"] if row["agreements"]}
    assert code == 0
    assert {"kos_manea_section_5", "makowski_mezzetti"} <= spoke
    assert spoke.isdisjoint({"notes_corollary_2", "notes_theorem_3", "kos_manea_section_7_2"})


def test_processes_do_not_change_the_answer() -> None:
    one, two = (agreement.run(["matsuo"], cases=15, workers=workers) for workers in (1, 2))
    assert one == two
    assert len(one.comparisons) == 15


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["--only", "nobody"], "no theorem 'nobody'"), (["--instances", "nowhere"], "nowhere is not a folder")],
)
def test_bench_refuses_bad_requests(bench, arguments: list[str], message: str) -> None:
    code, out, err = bench(*arguments)
    assert (code, out) == (2, "")
    assert message in err


def test_docs_list_the_theorems() -> None:
    """Name, source and kind of each, in one table."""
    page = (ROOT / "docs" / "theorems.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ([^|]*) \| .* \| (exact|limit)[^|]*\|$", page, re.M)
    listed = {name: (source, kind == "exact") for name, source, kind in rows}
    assert listed == {name: (t.source, t.exact) for name in NAMES if (t := theorems.named(name))}
