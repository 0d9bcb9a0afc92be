"""The command line as scripts see it: data on standard output, messages on standard error, exit status."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from lpmech import engine
from lpmech.answer.result import Result
from lpmech.base import catalogue
from lpmech.base.phase import current, phase
from lpmech.cli import _watch, group

ROOT = Path(__file__).parents[1]
GOOD = """
format = "lpmech-instance/1"
title = "Costs {1, 4}, values {2, v}"
claim = "exists"
[parameters]
v = 6
[environment]
kind = "bilateral-trade"
[environment.buyer]
values = [2, "v"]
probabilities = ["1/2", "1/2"]
[environment.seller]
values = [1, 4]
probabilities = ["1/2", "1/2"]
[requirements]
incentive_compatibility = "BIC"
individual_rationality = "interim"
budget = "balanced"
"""


@pytest.fixture
def good(tmp_path):
    file = tmp_path / "good.toml"
    file.write_text(GOOD)
    return file


def test_solve_says_verdict_margin_and_proof(run, good):
    code, out, err = run("solve", good)
    assert (code, err) == (0, "")
    assert "exists" in out
    assert "margin 1/4 = 0.25" in out
    assert "proof verified" in out
    assert "as claimed" in out


def test_the_json_line(run, good):
    code, out, err = run("solve", good, "--json")
    assert (code, err) == (0, "")
    assert out.count("\n") == 1
    line = json.loads(out)
    fixed = {
        k: line[k] for k in ("format", "file", "title", "verdict", "margin", "margin_decimal", "objective", "value")
    }
    assert fixed == {
        "format": "lpmech-result/1",
        "file": str(good),
        "title": "Costs {1, 4}, values {2, v}",
        "verdict": "exists",
        "margin": "1/4",
        "margin_decimal": 0.25,
        "objective": "margin",
        "value": "1/4",
    }
    assert (line["method"], line["proved"]) == ("vcg_prime", True)
    assert line["seconds"] > 0
    assert line["outcomes"] == ["no-trade", "trade"]


@pytest.mark.parametrize(
    ("budget", "ir", "margin", "number"),
    [("balanced", "none", "inf", "inf"), ("none", "interim", "inf", "inf"), ("balanced", "interim", "1/4", 0.25)],
)
def test_infinite_margins_are_strings_that_json_can_carry(run, good, budget, ir, margin, number):
    good.write_text(GOOD.replace('"balanced"', f'"{budget}"').replace('"interim"', f'"{ir}"'))
    _, out, _ = run("solve", good, "--json")
    assert "Infinity" not in out
    line = json.loads(out)
    assert (line["margin"], line["margin_decimal"]) == (margin, number)


def test_set_overrides_a_parameter_and_drops_the_claim(run, good):
    code, out, _ = run("solve", good, "--json", "--set", "v=49/10")
    line = json.loads(out)
    assert (code, line["verdict"], line["margin"]) == (0, "impossible", "-1/40")
    assert "claim" not in line


def test_a_wrong_claim_is_exit_status_1(run, good):
    good.write_text(GOOD.replace("v = 6", "v = 4.5"))
    code, out, _ = run("solve", good)
    assert code == 1
    assert "contradicts" in out


def test_undecided_is_exit_status_3(run, good, monkeypatch):
    def undecided(instance, **options):
        return Result(instance, "undecided", None, None, "full", False, 0.1, None, "no basis could be proved optimal")

    monkeypatch.setattr(engine, "solve", undecided)
    code, out, _ = run("solve", good)
    assert code == 3
    assert "undecided" in out
    assert "no basis" in out
    code, out, _ = run("solve", good, "--json")
    assert (code, json.loads(out)["margin"], json.loads(out)["proved"]) == (3, None, False)
    assert run("explain", good)[0] == 3


def test_several_files_go_on_after_a_bad_one(run, good, tmp_path):
    code, out, err = run("solve", good, tmp_path / "missing.toml", good, "--json")
    assert code == 2
    assert len(out.splitlines()) == 2
    assert "missing.toml" in err
    assert "no such file" in err


def test_standard_input(good):
    command = [sys.executable, "-m", "lpmech", "solve", "-", "--json"]
    out = subprocess.run(command, input=GOOD, capture_output=True, text=True, check=True)
    assert json.loads(out.stdout)["margin"] == "1/4"
    bad = subprocess.run(command, input=b"\xff\xfe\x00", capture_output=True)
    assert bad.returncode == 2
    assert b"Traceback" not in bad.stderr


def test_proof_is_written_verified_and_tampering_is_refused(run, good, tmp_path):
    proof = tmp_path / "proof.json"
    assert run("solve", good, "--proof", proof)[0] == 0
    code, out, _ = run("verify", proof)
    assert code == 0
    assert "ACCEPTED" in out
    data = json.loads(proof.read_text())
    assert data["format"] == "lpmech-proof/1"
    data["claim"]["margin"] = data["claim"]["value"] = "1/2"
    proof.write_text(json.dumps(data))
    code, out, err = run("verify", proof)
    assert code == 1
    assert "REFUSED" in out + err
    assert run("verify", tmp_path / "none.json")[0] == 2
    assert [f for f in os.listdir(tmp_path) if f.endswith(".tmp")] == []


def test_proofs_of_several_files_go_to_a_folder(run, good, tmp_path):
    other = tmp_path / "other.toml"
    other.write_text(GOOD.replace("v = 6", "v = 7"))
    assert run("solve", good, other, "--proof", tmp_path / "proofs")[0] == 0
    written = sorted((tmp_path / "proofs").iterdir())
    assert len(written) == 2
    assert run("verify", *written)[0] == 0


def test_a_proof_in_a_folder_that_does_not_exist_is_refused_before_anything_is_decided(run, good, tmp_path):
    target = tmp_path / "no" / "such" / "folder" / "p.json"
    code, out, err = run("solve", good, "--proof", target)
    assert code == 2
    assert str(target.parent) in err
    assert out == ""


def test_two_files_of_one_name_do_not_share_a_proof_file(run, good, tmp_path):
    for place in ("one", "two"):
        (tmp_path / place / "same").mkdir(parents=True)
        (tmp_path / place / "same" / "x.toml").write_text(GOOD)
    files = [tmp_path / place / "same" / "x.toml" for place in ("one", "two")]
    code, out, err = run("solve", *files, "--proof", tmp_path / "proofs")
    assert (code, out) == (2, "")
    assert "same-x.proof.json" in err


def test_proofs_follow_links_and_leave_pipes_alone(run, good, tmp_path):
    real, link, pipe = tmp_path / "real.json", tmp_path / "link.json", tmp_path / "pipe"
    real.write_text("old")
    link.symlink_to(real)
    assert run("solve", good, "--proof", link)[0] == 0
    assert link.is_symlink()
    assert json.loads(real.read_text())["format"] == "lpmech-proof/1"
    os.mkfifo(pipe)
    reader = subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE, text=True)
    assert run("solve", good, "--proof", pipe)[0] == 0
    assert json.loads(reader.communicate()[0])["format"] == "lpmech-proof/1"
    assert pipe.is_fifo()


def test_a_closed_pipe_is_no_failed_check(good, tmp_path):
    proof = tmp_path / "p.json"
    for command in (f"solve {good} {good}", f"solve {good} --proof {proof}", f"verify {proof}"):
        line = f"{sys.executable} -m lpmech {command} | head -c 1 > /dev/null; echo ${{PIPESTATUS[0]}}"
        done = subprocess.run(["bash", "-c", line], capture_output=True, text=True)
        assert done.stdout.strip() == "0", (command, done.stderr)
        assert "Traceback" not in done.stderr


def test_explain_shows_the_mechanism_or_the_argument(run, good):
    code, out, _ = run("explain", good)
    assert code == 0
    assert "Such a mechanism exists." in out
    assert "margin is 1/4" in out
    code, out, _ = run("explain", good, "--set", "v=4.5")
    assert code == 0
    assert "No such mechanism exists." in out
    assert "BIC[buyer: 9/2 -> 2]" in out


def test_explain_has_formats_and_says_why(run, good):
    starts = {"markdown": "# ", "latex": "\\documentclass", "html": "<!DOCTYPE html>"}
    for style, start in starts.items():
        code, out, _ = run("explain", good, "--format", style)
        assert code == 0
        assert out.startswith(start)
        code, out, _ = run("explain", good, "--set", "v=4.5", "--why", "--format", style)
        assert code == 0
        assert out.startswith(start)
        assert "efficiency, BIC" in out
    assert run("explain", good, "--format", "pdf")[0] == 2


def test_schema_is_json_schema(run):
    code, out, _ = run("schema")
    assert code == 0
    assert json.loads(out)["$schema"].startswith("https://json-schema.org/draft/2020-12")


@pytest.mark.parametrize(
    "arguments",
    [
        ["solv"],
        ["solve"],
        ["solve", "x.toml", "--set", "k"],
        ["solve", "x.toml", "--set", "k=1", "--set", "k=2"],
        ["solve", "--nonsense"],
        ["verify"],
    ],
)
def test_bad_requests_are_exit_status_2(run, arguments):
    code, out, err = run(*arguments)
    assert code == 2
    assert out == ""
    assert "Traceback" not in err
    assert err.strip()


def test_an_unknown_method_names_the_known_ones(run, good):
    code, _, err = run("solve", good, "--method", "magic")
    assert code == 2
    assert "'magic'" in err
    assert "full" in err


def test_a_command_nearly_right_is_suggested(run):
    assert "did you mean 'solve'" in run("slove")[2]


def test_help_of_every_command():
    import click

    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        assert command.help, name
        assert command.name == name


BUYER = 'values = [2, "v"]\nprobabilities = ["1/2", "1/2"]'
SIX_THOUSAND = f"values = {list(range(6000))}\nweights = {[1] * 6000}"
BAD = {
    "unknown key": (GOOD.replace("title =", "titel ="), ["titel", "title"]),
    "wrong kind": (GOOD.replace('"bilateral-trade"', '"bilateral"'), ["bilateral-trade", "kind"]),
    "probabilities that do not sum to 1": (GOOD.replace(BUYER, BUYER.replace('"1/2"]', '"1/3"]')), ["5/6", "buyer"]),
    "negative mass": (GOOD.replace(BUYER, BUYER.replace('["1/2", "1/2"]', '["-1/2", "3/2"]')), ["-1/2", "buyer"]),
    "decreasing values": (GOOD.replace('[2, "v"]', '["v", 2]'), ["increasing", "buyer"]),
    "unknown parameter": (GOOD.replace('"v"', '"w"'), ["w", "v"]),
    "division by zero": (GOOD.replace('"v"', '"1/(v-6)"'), ["zero"]),
    "empty": ("", ["empty"]),
    "10,000 digits": (GOOD.replace("v = 6", "v = " + "7" * 10_000), ["digits"]),
    "more profiles than memory": (
        GOOD.replace('"interim"', '"ex-ante"')
        .replace(BUYER, SIX_THOUSAND)
        .replace(BUYER.replace('"v"', "4").replace("2,", "1,"), SIX_THOUSAND),
        ["too many", "36,000,000 profiles"],
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_gets_one_clear_message(name, tmp_path):
    text, wanted = BAD[name]
    file = tmp_path / "bad.toml"
    file.write_text(text)
    done = subprocess.run([sys.executable, "-m", "lpmech", "solve", str(file)], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    for word in ["bad.toml", *wanted]:
        assert word in done.stderr


@pytest.mark.parametrize("target", ["missing.toml", ".", "binary.toml"])
def test_files_that_are_no_instances(run, tmp_path, target):
    (tmp_path / "binary.toml").write_bytes(bytes(range(256)))
    code, out, err = run("solve", tmp_path / target)
    assert (code, out) == (2, "")
    assert str(tmp_path) in err
    assert len(err.strip().splitlines()) == 1


def test_nothing_is_printed_beside_the_json(good):
    """HiGHS writes to standard output from C++; none of it may reach ours."""
    catalogue = sorted(Path(__file__).parent.parent.glob("instances/kos-manea-2009/*.toml"))
    command = [sys.executable, "-m", "lpmech", "solve", "--json", *map(str, catalogue)]
    out = subprocess.run(command, capture_output=True, text=True)
    lines = out.stdout.splitlines()
    assert len(lines) == len(catalogue)
    assert all(json.loads(line)["proved"] for line in lines)


def test_frontier_prints_the_corners(run, good):
    low = ("frontier", good, "--set", "v=4.5")
    code, out, _ = run(*low)
    assert code == 0
    assert "49/40" in out
    assert run(*low, "--format", "csv")[1].splitlines()[1:] == ["0,49/40,1/5,1/40", "1/8,5/4,0,0"]
    table = json.loads(run(*low, "--format", "json")[1])
    assert (table["format"], table["first_best"]) == ("lpmech-frontier/1", "5/4")
    assert run(*low, "--format", "markdown")[1].startswith("# ")
    many = Path(__file__).parent.parent / "instances/kos-manea-2009/section-5-hundred-buyers.toml"
    code, _, err = run("frontier", many)
    assert code == 2
    assert "too many for tables" in err


def test_solve_writes_a_readable_mechanism(run, good, tmp_path):
    target = tmp_path / "m.csv"
    code, _, err = run("solve", good, "--mechanism", str(target))
    assert (code, err) == (0, "")
    assert run("audit", good, str(target))[0] == 0
    target.unlink()
    code, _, err = run("solve", good, "--set", "v=4.5", "--mechanism", str(target))
    assert code == 0
    assert "there is no mechanism" in err
    assert not target.exists()
    assert run("solve", good, good, "--mechanism", str(target))[0] == 2


@pytest.mark.parametrize(
    ("missing", "arguments", "extra"),
    [
        ("pyarrow", ["sweep", "instances/sweeps/example-2-over-k.toml", "--out", "unused"], "sweep"),
        ("joblib", ["sweep", "instances"], "sweep"),
        ("pyarrow", ["plot", "instances"], "sweep"),
        ("matplotlib", ["plot", "instances"], "plot"),
        ("matplotlib", ["report", "instances/kos-manea-2009/example-1-one-buyer.toml", "-o", "unused.html"], "plot"),
        ("jinja2", ["report", "instances/kos-manea-2009/example-1-one-buyer.toml", "-o", "unused.html"], "plot"),
    ],
)
def test_without_the_packages_of_an_extra_one_line_says_what_to_install(missing, arguments, extra):
    code = f"import sys; sys.modules[{missing!r}] = None; from lpmech.cli import main; main({arguments!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(rf"error: \w+ need {missing}; expected pip install 'lpmech\[{extra}\]'\n", done.stderr)


@pytest.mark.parametrize("terminal", [True, False])
def test_people_who_wait_see_phase_and_time(monkeypatch, capsys, terminal):
    """On a terminal only: scripts read standard error."""
    monkeypatch.setattr(_watch, "PATIENCE", 0.0)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal, raising=False)
    said = threading.Event()

    def line(work: str, seconds: float) -> str:
        text = f"{work}: {current()}, 12 s"
        said.set()
        return text

    monkeypatch.setattr(_watch, "line", line)
    with phase("exact pivots"), _watch.watched():
        said.wait() if terminal else None
    shown = "\r\x1b[Ksolving: exact pivots, 12 s (Ctrl-C stops)\r\x1b[K"
    assert capsys.readouterr().err == shown * terminal


def test_the_line_of_progress():
    assert _watch.line("solving", 12.4) == "solving: 12 s"
    with phase("exact pivots"):
        assert _watch.line("solving", 12.4) == "solving: exact pivots, 12 s"


@pytest.mark.parametrize("folder", catalogue.FOLDERS)
def test_every_folder_of_the_catalogue_has_its_names(folder):
    assert catalogue.names(folder) == [entry.name for entry in catalogue.entries(folder)] != []


def test_the_help_of_method_lists_every_method(run):
    said = " ".join(run("solve", "--help")[1].split())
    for name in (*catalogue.names("formulations"), *catalogue.names("closed_forms")):
        assert name.replace("_", "-") in said or name in said
