"""Standard output carries data alone, looked at where libraries print: at the file descriptor."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

import lpmech
from lpmech.certify import solver
from lpmech.cli import main

INSTANCES = Path(__file__).parent.parent / "instances"
FIVE = str(INSTANCES / "myerson-satterthwaite-1983" / "uniform-five-points.toml")
NOISE = b"printed by a library\n"

Check = Callable[[str], object]


def is_csv(text: str) -> None:
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) > 1
    assert len(rows[0]) > 1
    assert {len(row) for row in rows} == {len(rows[0])}


def is_page(text: str) -> None:
    assert text.startswith("<")
    assert text.rstrip().endswith(">")
    HTMLParser().feed(text)


def framed(start: str, end: str) -> Check:
    def check(text: str) -> None:
        assert text.startswith(start), text[:80]
        assert text.rstrip().endswith(end), text[-80:]

    return check


FULL = ("--method", "full")
COMMANDS: dict[str, tuple[tuple[str, ...], Check, bool]] = {
    "solve json": (("solve", FIVE, *FULL, "--json"), json.loads, True),
    "explain latex": (
        ("explain", FIVE, *FULL, "--format", "latex"),
        framed("\\documentclass", "\\end{document}"),
        True,
    ),
    "explain html": (("explain", FIVE, *FULL, "--format", "html"), is_page, True),
    "frontier json": (("frontier", FIVE, "--format", "json"), json.loads, False),
    "frontier csv": (("frontier", FIVE, "--format", "csv"), is_csv, False),
    "frontier of a program": (("frontier", "PARTNERS.toml", "--format", "json"), json.loads, True),
    "limit of programs": (("limit", "PARTNERS.toml", "--points", "2,3", "--json"), json.loads, True),
    "solve json by cases": (("solve", "SURE.toml", "--json"), json.loads, True),
    "face json": (("face", FIVE, "--json"), json.loads, False),
    "face html": (("face", FIVE, "--format", "html"), is_page, False),
    "face latex": (("face", FIVE, "--format", "latex"), framed("\\documentclass", "\\end{document}"), False),
    "table json": (("table", FIVE, "--format", "json"), json.loads, True),
    "table latex": (("table", FIVE, "--format", "latex"), framed("\\begin{tabular}", "\\end{tabular}"), True),
    "audit json": (("audit", FIVE, "MECHANISM.csv", "--json"), json.loads, False),
    "mechanism json": (("mechanism", "vcg", FIVE, "--json"), json.loads, False),
    "export mps": (("export", FIVE, "--format", "mps"), framed("*", "ENDATA"), False),
    "export lp": (("export", FIVE, "--format", "lp"), framed("\\", "End"), False),
    "export coq": (("export", FIVE, *FULL, "--format", "coq"), framed("(*", "."), True),
    "limit json": (("limit", FIVE_LAW := "LAW.toml", "--points", "3,5", "--json"), json.loads, False),
    "limit csv": (("limit", FIVE_LAW, "--points", "3,5", "--csv"), is_csv, False),
    "report": (("report", FIVE, *FULL), is_page, True),
    "schema": (("schema",), json.loads, False),
    "list json": (("list", "--json"), json.loads, False),
    "sweep csv": (("sweep", "SWEEP.toml", "--out", "rows", "--workers", "1", "--csv"), is_csv, False),
    "bench json": (
        ("bench", "--only", "kos_manea_theorem_1", "--cases", "1", "--workers", "1", "--json"),
        json.loads,
        False,
    ),
}
"""Arguments, what the output is, and whether a program is solved in this process."""


PARTNERS = """
format = "lpmech-instance/1"
[environment]
kind = "partnership"
[[environment.agents]]
name = "ann"
share = "1/3"
grid = { low = 0, high = 1, points = 3 }
distribution = { family = "uniform", low = 0, high = 1 }
[[environment.agents]]
name = "bob"
share = "2/3"
grid = { low = 0, high = 2, points = 3 }
distribution = { family = "uniform", low = 0, high = 2 }
[requirements]
incentive_compatibility = "DSIC"
individual_rationality = "ex-post"
budget = "no-deficit"
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lpmech.build_mechanism("vcg", FIVE).to_csv("MECHANISM.csv")
    Path("LAW.toml").write_bytes((INSTANCES / "myerson-satterthwaite-1983" / "uniform.toml").read_bytes())
    Path("PARTNERS.toml").write_text(PARTNERS)
    Path("SURE.toml").write_text(PARTNERS.replace('budget = "no-deficit"', 'budget = "no-deficit"\nlotteries = false'))
    Path("SWEEP.toml").write_text(
        f'format = "lpmech-sweep/1"\ninstance = "{INSTANCES / "kos-manea-2009" / "example-2-two-buyers.toml"}"\n'
        '[[axes]]\nparameter = "k"\nvalues = [3, 5]\n'
    )
    return tmp_path


@pytest.mark.parametrize("name", COMMANDS)
def test_standard_output_carries_data_alone(name, folder, capfd, monkeypatch):
    arguments, check, solves = COMMANDS[name]
    quiet = solver.silent_highspy

    def noisy():
        os.write(1, NOISE)
        return quiet()

    monkeypatch.setattr(solver, "silent_highspy", noisy)
    with pytest.raises(SystemExit):
        main([*arguments])
    out, err = capfd.readouterr()
    check(out)
    assert NOISE.decode() not in out
    if solves:
        assert NOISE.decode() in err


def fresh(*command: str, cwd: Path | None = None, check: bool = True) -> bytes:
    """What another process leaves on descriptor 1."""
    return subprocess.run([sys.executable, *command], stdout=subprocess.PIPE, check=check, cwd=cwd).stdout


def test_a_process_without_the_command_line_prints_nothing():
    code = f"import lpmech; print('first', end=' '); print(lpmech.solve({FIVE!r}, method='full').verdict)"
    assert fresh("-c", code) == b"first exists\n"


def test_cvxpy_prints_nothing_about_a_program():
    code = f"import cvxpy as cp, lpmech; lpmech.program({FIVE!r}).problem.solve(solver=cp.HIGHS)"
    assert fresh("-c", code) == b""


def test_standard_output_by_name_takes_its_turn():
    out = fresh("-m", "lpmech", "mechanism", "vcg", FIVE, "--csv", "/dev/stdout", "--json", check=False).decode()
    table, audit = out[: out.index("{")], out[out.index("{") :]
    is_csv(table)
    json.loads(audit)
