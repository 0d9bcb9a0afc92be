"""Theorems beside the verdicts of a sweep: exact predictions, and agreement that can fail."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.sweeps import FAMILY, INSTANCE, filled

import lpmech
from lpmech import InputError
from lpmech.literature import theorems
from lpmech.literature.theorems import Prediction, Range
from lpmech.studies.sweep import plan_of
from lpmech.studies.sweep.plan import loads_plan
from lpmech.studies.sweep.store import Store

CASES = Path(__file__).parent / "cases"
HEAD = 'format = "lpmech-sweep/1"\n'
AXIS = '[[axes]]\nparameter = "v"\nvalues = [4, 5, 6]\n'


def records(text, folder):
    """Rows, None where there is nothing."""
    frame = filled(loads_plan(text), folder).astype(object)
    return frame.where(frame.notna(), None).to_dict("records")


def test_a_theorem_that_gives_the_margin(tmp_path):
    """v = 4 is a tie, about which Matsuo's condition says nothing; it gives (v - 5)/4 above."""
    rows = records(HEAD + 'theorems = ["matsuo"]\n' + AXIS + INSTANCE, tmp_path)
    assert [row["matsuo_agrees"] for row in rows] == ["not applicable", "yes", "yes"]
    assert [row["matsuo_verdict"] for row in rows] == [None, "exists", "exists"]
    assert [(row["matsuo_least"], row["matsuo_most"]) for row in rows] == [(None, None), ("0", "0"), ("1/4", "1/4")]
    assert rows[2]["matsuo_least_decimal"] == 0.25
    assert rows[2]["margin"] == "1/4"
    assert "matsuo_limit" not in rows[0]


def test_bounds_and_limits(tmp_path):
    """Corollary 2 of the notes is a lower bound; Theorem 3 speaks of the continuum, and listed types have none."""
    rows = records(HEAD + 'theorems = ["notes_corollary_2", "notes_theorem_3"]\n' + AXIS + INSTANCE, tmp_path)
    for row in rows:
        assert F(row["notes_corollary_2_least"]) <= F(row["margin"])
        assert row["notes_corollary_2_most"] == "inf"
        assert F(row["notes_theorem_3_least"]) <= F(row["margin"]) <= F(row["notes_theorem_3_most"])
        assert row["notes_theorem_3_on_grid"] == row["notes_corollary_2_least"]
        assert row["notes_theorem_3_limit"] is None
        assert (row["notes_corollary_2_agrees"], row["notes_theorem_3_agrees"]) == ("yes", "yes")


def test_the_column_of_the_continuum_has_its_number(tmp_path):
    """Values uniform on [2/5, 1], costs on [0, b]: with b = 2/5 there is nothing to lose, with 9/20 -293/6480; on 20 cells
    the same formula has 1/40 and -171/8000."""
    rows = records((CASES / "sweep-continuum-column.toml").read_text(), tmp_path)
    for name, missing in (("notes_theorem_3", None), ("myerson_satterthwaite_corollary_1", "not applicable")):
        assert [row[f"{name}_limit"] for row in rows][1] == "-293/6480"
        assert [row[f"{name}_on_grid"] for row in rows][1] == "-171/8000"
        assert rows[0][f"{name}_limit"] == (None if missing else "0")
        assert rows[0][f"{name}_on_grid"] == (None if missing else "1/40")
        assert [row[f"{name}_agrees"] for row in rows] == [missing or "yes", "yes"]


def test_types_without_mass_left_out_have_no_column_of_the_interval(tmp_path):
    text = (CASES / "sweep-continuum-column.toml").read_text()
    rows = records(text.replace('"midpoints"', '"midpoints", support = "positive"'), tmp_path)
    assert [row["notes_theorem_3_limit"] for row in rows] == [None, None]
    assert [row["notes_theorem_3_on_grid"] for row in rows] == ["1/40", "-171/8000"]


def test_lines_of_the_continuum_are_called_so_and_others_are_not(tmp_path):
    from lpmech.show.plots._marks import predicted
    from lpmech.show.plots._rows import Rows

    frame = filled(loads_plan((CASES / "sweep-continuum-column.toml").read_text()), tmp_path)
    numbers, said = predicted(Rows.of(frame), "notes_theorem_3")
    assert (numbers, said.endswith(", continuum")) == ([F(0), F(-293, 6480)], True)
    frame["notes_theorem_3_limit"] = None
    numbers, said = predicted(Rows.of(frame), "notes_theorem_3")
    assert (numbers, said.endswith(", on this grid")) == ([F(1, 40), F(-171, 8000)], True)


def test_points_that_are_no_instances_say_nothing(tmp_path):
    rows = records(FAMILY.replace("[[axes]]", 'theorems = ["matsuo"]\n[[axes]]', 1), tmp_path)
    assert {row["matsuo_agrees"] for row in rows if row["verdict"] == "invalid"} == {None}
    assert {row["matsuo_agrees"] for row in rows if row["verdict"] != "invalid"} == {"yes", "not applicable"}


def broken(**changes):
    """A theorem about everything."""
    said = Prediction(**changes)
    return SimpleNamespace(exact=True, applies=lambda instance: None, predict=lambda instance: said)


@pytest.mark.parametrize(
    ("changes", "agrees"),
    [
        ({"verdict": "exists"}, "yes"),
        ({"verdict": "impossible"}, "no"),
        ({"margin": Range.exactly(F(1, 4))}, "yes"),
        ({"margin": Range.exactly(F(1, 4) + F(1, 10**30))}, "no"),
        ({"margin": Range(low=F(1, 3))}, "no"),
        ({"value": Range(high=F(0))}, "no"),
    ],
)
def test_what_contradicts_the_program_is_said(tmp_path, monkeypatch, changes, agrees):
    plan = loads_plan(HEAD + 'theorems = ["matsuo"]\n' + AXIS + INSTANCE)
    monkeypatch.setattr(theorems, "named", lambda name: broken(**changes))
    assert filled(plan, tmp_path)["matsuo_agrees"].tolist()[2] == agrees


def test_the_twin_of_a_prediction_is_decided(tmp_path, monkeypatch):
    plan = loads_plan(HEAD + 'theorems = ["matsuo"]\n' + AXIS + INSTANCE)
    for v, agrees in ((6, "yes"), (7, "no")):
        monkeypatch.setattr(theorems, "named", lambda name, v=v: broken(same_as=plan.instance_of(0, {"v": F(v)})))
        assert filled(plan, tmp_path / agrees)["matsuo_agrees"].tolist()[2] == agrees


def test_a_theorem_that_fails_spoils_no_verdict(tmp_path, monkeypatch):
    plan = loads_plan(HEAD + 'theorems = ["matsuo"]\n' + AXIS + INSTANCE)
    monkeypatch.setattr(theorems, "named", lambda name: SimpleNamespace(exact=True, applies=lambda instance: 1 // 0))
    frame = filled(plan, tmp_path)
    assert frame["matsuo_agrees"].tolist() == ["error"] * 3
    assert frame["margin"].tolist() == ["1/2", "0", "1/4"]


def test_theorems_are_part_of_the_manifest(tmp_path):
    plan = loads_plan(HEAD + 'theorems = "applicable"\n' + AXIS + INSTANCE)
    filled(plan, tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["theorems"] == list(plan.theorems)
    assert plan_of(tmp_path).theorems == plan.theorems
    Store(tmp_path).open(plan, False)
    with pytest.raises(InputError, match="the choice of theorems has changed"):
        Store(tmp_path).open(replace(plan, theorems=plan.theorems[1:]), False)


def test_the_command_line_counts_agreements(tmp_path, run, monkeypatch):
    plan = loads_plan(HEAD + 'theorems = ["matsuo"]\n' + AXIS + INSTANCE)
    filled(plan, tmp_path / "right")
    code, out, _ = run("sweep", tmp_path / "right")
    assert (code, "  matsuo: not applicable 1, yes 2\n" in out) == (0, True)
    monkeypatch.setattr(theorems, "named", lambda name: broken(verdict="impossible"))
    filled(plan, tmp_path / "wrong")
    code, out, _ = run("sweep", tmp_path / "wrong")
    assert (code, "  matsuo: no 3\n" in out) == (1, True)


def test_answers_without_proofs_are_compared_too(tmp_path):
    """Also where the rows would be answered together in arrays."""
    plan = loads_plan(HEAD + 'proof = "on-request"\ntheorems = ["kos_manea_theorem_1"]\n' + AXIS + INSTANCE)
    frame = filled(plan, tmp_path)
    assert frame["proved"].tolist() == [False] * 3
    assert frame["kos_manea_theorem_1_agrees"].tolist() == ["not applicable", "yes", "yes"]
    assert lpmech.load_sweep(tmp_path).equals(frame)
