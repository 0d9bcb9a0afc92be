"""What notebooks show: one style, well-formed, short, and nothing large enumerated."""

from __future__ import annotations

import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

import lpmech
from lpmech import BilateralTrade, Distribution, Exchange, Instance, Partner, Partnership, Requirements
from lpmech.answer.compact import CompactMechanism, GrovesTrade, InterimTrade, MenuTrade
from lpmech.answer.compact_buyers import BuyersMechanism
from lpmech.answer.mechanism import Mechanism
from lpmech.show.explain.html import STYLE
from lpmech.show.explain.notebook import ENTRIES, ROWS

ROOT = Path(__file__).parent.parent
THREE = lpmech.load(ROOT / "instances" / "kos-manea-2009" / "example-2-one-buyer.toml")
NEED = Requirements("BIC", "interim", "balanced")
EMPTY = {"meta"}


class Reader(HTMLParser):
    """Text of a fragment and its tables, rows of cells; raises if tags are not closed in order."""

    def __init__(self, page):
        super().__init__()
        self.open, self.text, self.tables = [], [], []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        if tag not in EMPTY:
            self.open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.text.append(data)
        if {"td", "th"} & set(self.open):
            self.tables[-1][-1][-1] += data


def shown(x):
    page = x._repr_html_()
    assert page.startswith(f'<div class="lpmech"><style>{STYLE}</style>')
    read = Reader(page)
    return " ".join(" ".join(read.text).split()), read.tables


def test_everything_is_shown_in_one_style():
    result = lpmech.solve(THREE)
    text, [agents] = shown(THREE)
    assert "Three types each, one buyer: the surplus is 1/3 for every k > 1" in text
    assert "Source: kos-manea-2009, Example 2, which says: exists." in text
    assert agents[1:] == [["buyer", "3", "21, 25, 28", "1/3 each"], ["seller", "3", "9, 24, 27", "1/3 each"]]

    text, _ = shown(result)
    assert "Such a mechanism exists." in text
    text, [by_type, by_profile] = shown(result.mechanism)
    assert by_type[1] == ["buyer", "21", "1/3", "41/6", "1/6"]
    assert by_profile[1] == ["21", "9", "trade", "23/2", "\u221223/2"]
    assert "Expected revenue 0; expected welfare 53/9" in text

    text, [weights] = shown(result.proof)
    assert "Exists, with margin 1/3" in text
    assert weights[2] == ["BIC[buyer: 25 → 21]", "2/3"]

    text, [properties, interim] = shown(lpmech.audit(THREE, result.mechanism))
    assert "Meets the requirements." in text
    assert ["balanced", "asked", "yes", ""] in properties
    assert interim[1:] == by_type[1:]

    text, [cells] = shown(lpmech.existence_table(THREE))
    assert cells[2] == ["BIC", "interim", "✓ 1/3", "✓ 1/3", "✓ 1/3"]

    text, _ = shown(lpmech.blame(THREE))
    assert "none is to blame" in text


def test_a_batch_shows_the_first_and_counts_all():
    sides = ([[2, 6], [2, 5]] * 20, [[1, 1]] * 40), ([[1, 4]] * 40, [[1, 1]] * 40)
    batch = lpmech.solve_batch(NEED, *sides)
    text, [rows] = shown(batch)
    assert "40 instances by vcg_prime: 40 possible, 0 impossible." in text
    assert len(rows) == 1 + ROWS
    assert rows[1:3] == [["0", "exists", "1/4 = 0.25"], ["1", "exists", "0"]]
    assert "... and 28 more: to_frame() lists them" in text


def test_what_is_impossible_and_what_has_outside_options_is_shown():
    first = Partner("1/2", Distribution([0, 1, 2], ["1/2", "1/4", "1/4"]))
    instance = Instance(Partnership([first, Partner("1/2", Distribution([0, 1]))]), NEED, title="a < b & <script>")
    text, [agents] = shown(instance)
    assert "a < b & <script>" in text
    assert agents[1] == ["agent-1", "3", "0, 1, 2", "1/2, 1/4, 1/4", "0, 1/2, 1"]
    even = Distribution(range(5))
    result = lpmech.solve(Instance(BilateralTrade(even, even), Requirements("DSIC", "interim", "balanced")))
    assert "No such mechanism exists." in shown(result)[0]
    assert "Impossible, with margin \u2212inf" in shown(result.proof)[0]


def test_long_lists_are_cut():
    grid = Distribution(range(30))
    instance = Instance(BilateralTrade(grid, grid), NEED)
    result = lpmech.solve(instance)
    text, [agents] = shown(instance)
    assert agents[1] == ["buyer", "30", "0, 1, 2, ..., 29", "1/30 each"]
    text, [rows] = shown(result.proof)
    assert len(rows) == 1 + ROWS
    assert "more: to_frame() lists them" in text
    _, [_, interim] = shown(lpmech.audit(instance, result.proof.mechanism))
    assert interim[ROWS + 1][1] == "... and 18 more"
    for x in (result, result.proof.mechanism):
        assert "--all" not in shown(x)[0]


def refuse(*_):
    raise AssertionError("enumerated")


def test_nothing_large_is_enumerated(monkeypatch):
    n = 20_000
    env = BilateralTrade(Distribution(range(1, 2 * n, 2)), Distribution(range(0, 2 * n, 2)))
    instance = Instance(env, NEED, title="large")
    result = lpmech.solve(instance)
    for name in ("interim", "_by_type", "_lottery"):
        monkeypatch.setattr(CompactMechanism, name, refuse)
    for form in (InterimTrade, MenuTrade, GrovesTrade):
        for name in ("_payment", "_expected_payments", "_mean", "_menus"):
            monkeypatch.setattr(form, name, refuse, raising=False)
    _, [agents] = shown(instance)
    assert agents[1] == ["buyer", "20000", "1, 3, 5, ..., 39999", "1/20000 each"]
    assert "The margin is \u2212" in shown(result)[0]
    assert "40,000 payments, too many to be shown" in shown(result.proof.mechanism)[0]
    _, [rows] = shown(result.proof)
    assert len(rows) == 1 + ROWS

    m = 230
    assert m * m * 2 > ENTRIES
    small = BilateralTrade(Distribution(range(m)), Distribution(range(m)))
    zeros = [0] * m * m
    mechanism = Mechanism(small, (zeros, zeros), [{0: 1}] * m * m)
    monkeypatch.setattr(Mechanism, "interim", refuse)
    monkeypatch.setattr(Mechanism, "profiles", property(refuse))
    assert "105,800 payments, too many to be shown" in shown(mechanism)[0]


def test_many_buyers_are_shown_as_one(monkeypatch):
    monkeypatch.setattr(BuyersMechanism, "_payment", refuse)
    buyers = Instance(Exchange([Distribution([1, 8])] * 100, [Distribution([0, 7])]), NEED)
    result = lpmech.solve(buyers)
    _, [agents] = shown(buyers)
    assert agents[1][0] == "buyer-1 ... buyer-100"
    _, [by_type] = shown(result.proof.mechanism)
    assert [row[0] for row in by_type[1:]] == ["each buyer"] * 2 + ["seller"] * 2
    assert "Such a mechanism exists." in shown(result)[0]
    assert "IR[each buyer: 1]" in shown(result.proof)[1][0][1][0]


@pytest.mark.parametrize("notion", ["groves", "any"])
def test_the_existence_table_marks_verdicts(notion):
    table = lpmech.existence_table(THREE, groves=notion == "groves")
    page = table._repr_html_()
    assert page.count('class="impossible"') == sum(cell.verdict == "impossible" for cell in table.cells)
    assert page.count('class="exists"') == sum(cell.verdict == "exists" for cell in table.cells) > 0


@pytest.mark.parametrize("name", ["kos-manea-2009/example-1-one-buyer", "jagadeesan-tordjman-2025/example-1"])
def test_what_a_closed_form_answers_is_told_without_a_program(name):
    code = (
        f"import sys, lpmech\nresult = lpmech.solve('instances/{name}.toml')\n"
        "result.explain(), result._repr_html_(), result.proof._repr_html_()\n"
        "print({'cvxpy', 'highspy', 'scipy.optimize'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "set()\n"
