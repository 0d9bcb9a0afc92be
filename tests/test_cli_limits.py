"""Limits that users set, and output that is closed, full, or lacks signs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from lpmech.base import catalogue
from lpmech.base.errors import InputError
from lpmech.cli._limits import LimitReachedError, Limits, within
from lpmech.engine.rounding import Rounded
from lpmech.show.explain import mechanism as explain_mechanism

ROOT = Path(__file__).parents[1]
FILE = ROOT / "instances/kos-manea-2009/example-1-one-buyer.toml"
LONG = Path(__file__).parent / "cases/undecided-under-load.toml"


def shell(command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    line = command.replace("lpmech", f"{sys.executable} -m lpmech").replace("FILE", str(FILE))
    return subprocess.run(line, shell=True, capture_output=True, text=True, env={**os.environ, **environment})


def spin() -> None:
    while True:
        pass


def test_a_limit_of_cpu_time_ends_what_never_ends():
    with pytest.raises(LimitReachedError, match=r"the limit of 0\.2 s of CPU time \(--time-limit\) was reached"):
        within(Limits(seconds=0.2), spin, show=False)


def test_a_limit_of_memory_ends_what_takes_too_much():
    with pytest.raises(LimitReachedError, match=r"the limit of 1 GB of memory \(--memory-limit\) was reached"):
        within(Limits(gigabytes=1.0), lambda: len(bytearray(2 * 10**9)), show=False)


def test_under_limits_answers_and_complaints_are_the_same():
    assert within(Limits(seconds=600.0, gigabytes=4.0), lambda: "answer", show=False) == "answer"

    def complain() -> None:
        raise InputError("no", key="a.b", expected="yes")

    with pytest.raises(InputError, match=r"a\.b: no; expected yes"):
        within(Limits(seconds=600.0), complain, show=False)


def test_solve_says_which_limit_and_writes_nothing(run, tmp_path):
    code, out, _ = run("solve", LONG, "--json", "--time-limit", "0.3", "--proof", tmp_path / "p.json")
    said = json.loads(out)
    assert (code, said["verdict"], said["proved"]) == (3, "undecided", False)
    assert said["reason"] == "the limit of 0.3 s of CPU time (--time-limit) was reached"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["explain", "table"])
def test_other_commands_end_with_status_3(run, command):
    code, out, err = run(command, LONG, "--time-limit", "0.3")
    assert code == 3
    assert "--time-limit" in out + err


@pytest.mark.parametrize("command", ["solve FILE --json", "--help", "list"])
def test_closed_output_is_quiet(command):
    done = shell(f"lpmech {command} >&-")
    assert (done.returncode, done.stderr) == (0, "")


def test_full_output_is_one_message():
    done = shell("lpmech solve FILE --json >/dev/full")
    assert (done.returncode, done.stderr) == (2, "error: output: No space left on device\n")


@pytest.mark.parametrize("command", ["--help", "list"])
def test_a_reader_that_leaves_is_no_failure(command):
    done = shell(f"lpmech {command} | head -0")
    assert (done.returncode, done.stderr) == (0, "")


def test_closed_input_is_one_message():
    done = shell("lpmech solve - <&-")
    assert done.returncode == 2
    assert done.stderr.startswith("error: <stdin>: standard input is closed")
    assert done.stderr.count("\n") == 1


def test_signs_become_words_where_the_encoding_lacks_them():
    out = shell("lpmech table FILE --format markdown", PYTHONIOENCODING="ascii").stdout
    assert out.isascii()
    assert "yes " in out
    assert "no -" in out
    assert "?" not in out


def test_completion_is_clicks():
    out = shell("lpmech", _LPMECH_COMPLETE="bash_complete", COMP_WORDS="lpmech so", COMP_CWORD="1").stdout
    assert out == "plain,solve\n"


def test_a_report_is_no_pdf(run, tmp_path):
    code, out, err = run("report", FILE, "-o", tmp_path / "r.pdf")
    assert (code, out) == (2, "")
    assert f"the report is an HTML page; a name such as {tmp_path / 'r.html'}" in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (["sovle", FILE], "solve"),
        (["mechanism", "vgc-prime", FILE], "vcg-prime"),
        (["solve", FILE, "--method", "intreim"], "interim"),
        (["bench", "--only", "green_lafont"], "green_laffont"),
    ],
)
def test_did_you_mean(run, arguments, meant):
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert f"did you mean '{meant}'" in err


def test_help_names_every_method(run):
    text = " ".join(run("solve", "--help")[1].split())
    for name in [*catalogue.names("formulations"), *catalogue.names("closed_forms")]:
        assert name in text


def test_a_second_mechanism_is_called_another():
    said = explain_mechanism._said(Rounded(None, Fraction(24), Fraction(24), True))  # type: ignore[arg-type]
    assert "another mechanism, with rounder payments" in str(said)


def test_requests_about_what_is_not_there_get_their_own_message(run, tmp_path):
    gone = tmp_path / "gone"
    for arguments, words in (
        (["solve", LONG, "--set", "k=3"], "the file has no parameters, so 'k' cannot be set"),
        (["sweep", gone], f"{gone}: no such file or directory"),
        (["solve", FILE, "--proof", gone / "p.json"], f"there is no folder {gone}"),
    ):
        code, out, err = run(*arguments)
        assert (code, out) == (2, "")
        assert words in err
