"""The existence table: every cell is the answer to its own question; the paper's table on a grid."""

from __future__ import annotations

import json
from fractions import Fraction as F
from itertools import product
from pathlib import Path

import pytest
from click.testing import CliRunner

from lpmech import BilateralTrade, Distribution, Instance, Requirements, engine, existence_table, load, solve
from lpmech.base.errors import TooLargeError
from lpmech.cli.table import command
from lpmech.studies.existence import BUDGETS, INCENTIVES, PARTICIPATION, Cell, ExistenceTable

ROOT = Path(__file__).parent.parent
FILE = ROOT / "instances" / "kos-manea-2009" / "example-2-one-buyer.toml"


@pytest.fixture(scope="module")
def table() -> ExistenceTable:
    return existence_table(load(FILE), groves=True)


def test_every_cell_is_its_own_question(table: ExistenceTable) -> None:
    assert len(table.cells) == 48
    instance = load(FILE)
    for ic, ir, budget, transfers in product(INCENTIVES, PARTICIPATION, BUDGETS, ("any", "groves")):
        cell = table.cell(ic, ir, budget, transfers)
        asked = instance.with_requirements(
            incentive_compatibility=ic, individual_rationality=ir, budget=budget, transfers=transfers
        )
        result = solve(asked)
        assert (cell.verdict, cell.margin) == (result.verdict, result.margin)
        assert cell.result is not None
        assert cell.result.proved
    with pytest.raises(KeyError):
        table.cell("DSIC", "ex-ante", "none")


@pytest.mark.parametrize("shift", [0, F(1, 4), F(1, 2)])
def test_jagadeesan_tordjman_table_1(shift: F) -> None:
    """Uniform grids fine enough for the continuum's verdicts; the truthful ex ante cell follows the exact condition."""
    grid = [F(k, 8) for k in range(9)]
    env = BilateralTrade(Distribution([v + shift for v in grid]), Distribution(grid))
    table = existence_table(Instance(env, Requirements("none", "none", "none")), groves=True)
    for budget in ("no-expected-deficit", "no-deficit"):
        assert table.cell("BIC", "interim", budget).verdict == "impossible"
        assert table.cell("DSIC", "interim", budget).verdict == "impossible"
        assert table.cell("BIC", "ex-ante", budget).verdict == "exists"
    gains = sum(max(b - s, F(0)) for b in env.buyer.values for s in grid) / 81
    coupled = sum(max(b - s, F(0)) for b, s in zip(env.buyer.values, grid[::-1], strict=True)) / 9
    cell = table.cell("DSIC", "ex-ante", "no-deficit", "groves")
    assert cell.margin == 2 * gains - coupled
    assert cell.verdict == "exists"  # the medians are in the right order


def test_forms_say_the_same(table: ExistenceTable) -> None:
    frame = table.to_frame()
    assert len(frame) == 48
    assert set(frame["verdict"]) == {"exists", "impossible"}
    lines = table.markdown().splitlines()
    assert len(lines) == 2 + 8
    assert {line.count("|") for line in lines} == {2 + 1 + 6}
    assert "✓ 1/3" in lines[3]
    latex = table.to_latex()
    assert latex.count(r"\\") == 3 + 8
    assert {line.count("&") for line in latex.splitlines() if line.endswith(r"\\") and "multi" not in line} == {7}
    assert r"\checkmark $1/3$" in latex
    assert r"$\times$ $-\infty$" in latex
    assert r"\checkmark $0.333$" in table.to_latex(3)
    html = table._repr_html_()
    assert html.count("<tr>") == 1 + 8
    assert html.count("<td") == 48


def test_command(table: ExistenceTable) -> None:
    run = CliRunner()
    done = run.invoke(command, [str(FILE), "--groves", "--format", "json"], standalone_mode=False)
    assert done.return_value == 0
    assert json.loads(done.stdout) == table.table()
    done = run.invoke(command, [str(FILE)], standalone_mode=False)
    assert done.return_value == 0
    assert "any transfers" in done.stdout
    assert "Groves" not in done.stdout
    assert done.stdout.count("IR") == 6
    for style, start in (("markdown", "| | IR |"), ("latex", r"\begin{tabular}")):
        done = run.invoke(command, [str(FILE), "--format", style], standalone_mode=False)
        assert done.stdout.startswith(start)


def test_what_is_too_large_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> object:
        raise TooLargeError("far too large", expected="less")

    instance = load(FILE)
    monkeypatch.setattr(engine, "solve", refuse)
    table = existence_table(instance)
    assert {cell.verdict for cell in table.cells} == {"undecided"}
    assert "far too large" in str(table.cells[0].table()["reason"])
    assert "? too large" in table.markdown()
    done = CliRunner().invoke(command, [str(FILE)], standalone_mode=False)
    assert done.return_value == 3


def test_long_margins_are_shown_as_decimals() -> None:
    instance = load(FILE)
    env = BilateralTrade(Distribution([F(10**9, 7), F(10**10, 11)]), Distribution([F(10**8, 13), F(10**9 + 1, 7)]))
    result = solve(Instance(env, Requirements("BIC", "interim", "balanced")))
    table = ExistenceTable(
        instance,
        tuple(Cell(ic, ir, b, "any", result) for ic in INCENTIVES for ir in PARTICIPATION for b in BUDGETS),
    )
    assert result.margin is not None
    shown = f"{float(result.margin):.6g}"
    assert shown in table.markdown()
    assert shown in table.to_latex()
    assert table.table()["cells"][0]["margin"] == str(result.margin)
