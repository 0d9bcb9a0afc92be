"""Reports: pages that load nothing, say what the result says, and carry a proof that the verifier accepts."""

from __future__ import annotations

import base64
import json
import re
import sys
from fractions import Fraction as F
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path

import pytest

import lpmech
from lpmech import (
    BilateralTrade,
    Distribution,
    Instance,
    Requirements,
    SocialChoice,
    Type,
    existence_table,
    solve,
    verify,
)
from lpmech.base.errors import InputError
from lpmech.show.report.figures import slim, subsidised

ROOT = Path(__file__).parent.parent / "instances"
THREE = ROOT / "kos-manea-2009" / "example-2-one-buyer.toml"
COUPLING = ROOT / "jagadeesan-tordjman-2025" / "example-1.toml"
CLASSIC = ROOT / "kos-manea-2009" / "example-1-one-buyer.toml"

VOID = {"meta", "br", "link", "img", "input", "hr"}
LOADS = {"src", "href", "xlink:href", "data", "action", "poster", "srcset"}


class Page(HTMLParser):
    """What a page consists of; ``faults``: tags that do not match, and whatever a browser would load or run."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[object] = []
        self.ids: list[str] = []
        self.words: list[str] = []
        self.links: list[str] = []
        self.asked: list[str] = []
        self.counts: dict[str, int] = {}
        self.feed(text)
        self.close()
        self.faults += self.open

    def handle_starttag(self, tag, attrs):
        self.counts[tag] = self.counts.get(tag, 0) + 1
        given = dict(attrs)
        self.ids += [given["id"]] if "id" in given else []
        for name in LOADS & set(given):
            self.links.append(given[name])
            if not given[name].startswith(("#", "data:")):
                self.faults.append((tag, name, given[name]))
        if tag in {"script", "link", "iframe", "object"} or any(name.startswith("on") for name in given):
            self.faults.append(tag)
        if "asked" in given.get("class", "").split():
            self.asked.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"/{tag}")

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))


@pytest.fixture(scope="module")
def three():
    return lpmech.report(THREE)


@pytest.fixture
def quick(monkeypatch):
    """Without the programs of the existence table and of blame."""
    monkeypatch.setattr(import_module("lpmech.show.report"), "LARGEST", 0)


@pytest.fixture
def bare(quick, monkeypatch):
    """Without figures, too."""
    monkeypatch.setattr(import_module("lpmech.show.report"), "drawn", lambda result, curve: ([], []))


def sound(text):
    page = Page(text)
    assert page.faults == []
    assert len(page.ids) == len(set(page.ids))
    referred = set(re.findall(r"url\(#([^)\"]+)\)", text)) | {link[1:] for link in page.links if link.startswith("#")}
    assert referred <= set(page.ids)
    assert not re.search(r"url\((?!#)|@import|http-equiv", text)
    return page


def test_a_report_loads_nothing_and_says_what_the_result_says(three):
    page = sound(three)
    assert "✓ A mechanism exists" in page.text
    assert "margin 1/3 ≈ 0.333333" in page.text
    assert "revenue of exactly 1/3 ≈ 0.333333 at every profile" in page.text
    assert "This agrees with kos-manea-2009, Example 2, which says: exists." in page.text
    assert "Proof verified in exact arithmetic." in page.text
    assert page.counts["figure"] == page.counts["svg"] == 7
    assert "multipliers on 7 constraints or averages show margin <= 1/3" in page.text


def test_the_existence_table_is_that_of_the_engine(three):
    table = existence_table(lpmech.load(THREE))
    cells = re.findall(r'<td class="(exists|impossible|undecided)( asked)?">(.) ([^<]*)</td>', three)
    assert len(cells) == len(table.cells) == 24
    for cell, (verdict, asked, mark, margin) in zip(table.cells, cells, strict=True):
        assert (cell.verdict, str(cell.margin)) == (verdict, margin.replace("−", "-"))
        assert mark == {"exists": "✓", "impossible": "✗"}[verdict]
        mine = (cell.incentive_compatibility, cell.individual_rationality, cell.budget)
        assert bool(asked) == (mine == ("BIC", "interim", "balanced"))


def test_the_proof_of_the_page_is_accepted(three):
    (link,) = (link for link in Page(three).links if link.startswith("data:application/json"))
    proof = json.loads(base64.b64decode(link.split(",", 1)[1]))
    assert verify(proof).accepted
    assert proof["claim"]["margin"] == "1/3"


def test_a_page_with_blame_says_what_each_requirement_costs():
    page = sound(lpmech.report(CLASSIC))
    assert "✗ No mechanism exists" in page.text
    assert "A subsidy of 1/8 = 0.125 from outside is the least with which one exists." in page.text
    assert "efficiency, BIC, interim IR and a balanced budget" in page.text
    assert "The share that is left is 49/50 = 0.98." in page.text


@pytest.mark.usefixtures("quick")
def test_ten_by_ten_types_stay_below_300_kB():
    grid = Distribution([F(k, 9) for k in range(10)], [F(2 * k + 1, 100) for k in range(10)])
    need = Requirements("DSIC", "ex-ante", "no-deficit", ties="first")
    result = solve(Instance(BilateralTrade(grid, grid), need))
    page = lpmech.report(result)
    assert lpmech.report(result) == page
    assert len(page.encode("utf-8")) < 300_000
    assert sound(page).counts["svg"] >= 3


@pytest.mark.usefixtures("quick")
def test_what_is_too_expensive_is_left_out_and_named():
    page = sound(lpmech.report(COUPLING))
    assert "of the combinations are left out" in page.text
    assert "87 types between are not shown." in page.text
    buyers = sound(lpmech.report(ROOT / "kos-manea-2009" / "section-5-hundred-buyers.toml"))
    assert "Left out: figures over profiles: there are more than 40,000." in buyers.text
    assert "exactly 33903957095396629251470490071428" in buyers.text
    assert "buyer-1, ..., buyer-100 (100 agents)" in buyers.text


@pytest.mark.usefixtures("quick")
def test_costs_outside_options_priors_and_markup_are_shown_as_they_are():
    types = [Type("low <b>", "1/2", (0, 1)), Type("high", "1/2", (0, 3), "1/7")]
    env = SocialChoice(
        ["none", "bridge"], {"ann & co": types, "bob": types}, [0, "3/2"], {(0, 0): "1/2", (1, 1): "1/2"}
    )
    need = Requirements("BIC", "interim", "no-expected-deficit")
    page = sound(lpmech.report(Instance(env, need, title="<script>alert(1)</script>")))
    assert "<script>alert(1)</script>" in page.text
    for words in ("low <b>", "ann & co, bob", "outside option", "outcome cost none 0 bridge 3/2", "Joint prior"):
        assert words in page.text.replace("  ", " ")


def test_an_undecided_result_says_why():
    from dataclasses import replace

    instance = lpmech.load(THREE)
    result = replace(
        solve(instance), verdict="undecided", margin=None, value=None, proof=None, proved=False, reason="time"
    )
    page = sound(lpmech.report(result))
    assert "? Undecided" in page.text
    assert "Not proved." in page.text
    assert page.counts["svg"] == 2


@pytest.mark.usefixtures("bare")
def test_a_result_without_its_proof_gets_one():
    (result,) = lpmech.solve_many([lpmech.load(THREE)], proof="on-request")
    assert result.proof is None
    page = sound(lpmech.report(result))
    assert "Proof verified in exact arithmetic." in page.text
    assert any(link.startswith("data:application/json") for link in page.links)


def test_svg_of_one_page_have_names_of_their_own():
    svg = '<svg xmlns:xlink="x" width="9pt" version="1.1"><metadata>m</metadata><g id="axes">'
    svg += '<path id="p1" d="M 1.23456 2"/>'
    svg += '<use xlink:href="#p1" style="clip: url(#p1)"/></g></svg>'
    thin = slim(svg, "f3-")
    assert thin == (
        '<svg aria-hidden="true"><g><path id="f3-p1" d="M 1.23 2"/><use href="#f3-p1" style="clip: url(#f3-p1)"/></g></svg>'
    )


@pytest.mark.usefixtures("bare")
def test_command(run, tmp_path):
    out = tmp_path / "report.html"
    code, said, err = run("report", THREE, "-o", out, "--set", "k=4")
    assert (code, said) == (0, "")
    assert re.fullmatch(rf"{re.escape(str(out))}: exists, \d+ kB\n", err)
    page = sound(out.read_text(encoding="utf-8"))
    assert f"lpmech solve {THREE} --set k=4 --proof proof.json" in page.text
    assert sorted(p.name for p in tmp_path.iterdir()) == ["report.html"]
    assert run("report", THREE, "--set", "k=4")[1] == out.read_text(encoding="utf-8")


@pytest.mark.usefixtures("bare")
def test_command_refuses_before_it_computes(run, tmp_path, monkeypatch):
    monkeypatch.setattr(lpmech.engine, "solve", None)
    code, _, err = run("report", THREE, "-o", tmp_path / "no" / "report.html")
    assert (code, "there is no folder" in err) == (2, True)
    code, _, err = run("report", THREE, "-o", tmp_path)
    assert (code, "is a folder; a file name is needed" in err) == (2, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("bare")
def test_command_says_that_a_claim_is_contradicted(run, tmp_path):
    text = THREE.read_text(encoding="utf-8").replace('claim = "exists"', 'claim = "impossible"')
    text = re.sub(r"^claim\s*=.*$", 'claim = "impossible"', text, flags=re.MULTILINE)
    file = tmp_path / "wrong.toml"
    file.write_text(text, encoding="utf-8")
    code, page, _ = run("report", file)
    assert code == 1
    assert "This contradicts kos-manea-2009, Example 2, which says: impossible." in Page(page).text


@pytest.mark.parametrize(
    ("library", "said"), [("jinja2", "reports need jinja2"), ("matplotlib", "figures need matplotlib")]
)
def test_a_base_installation_is_told_what_to_install(monkeypatch, library, said):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(InputError, match=said + r"; expected pip install 'lpmech\[plot\]'"):
        lpmech.report(THREE)


def test_where_none_exists_the_mechanism_shown_needs_the_subsidy_and_no_more():
    for file in (CLASSIC, COUPLING, ROOT / "mishra-2020" / "cgk-three-one-seller.toml"):
        result = solve(file)
        found = subsidised(result)
        need = result.instance.requirements
        audit = lpmech.audit(result.instance, found)
        assert audit[need.incentive_compatibility].holds
        assert audit[f"{need.individual_rationality} IR"].holds
        revenue = found.profile_revenue
        assert min(revenue) == result.margin
        assert need.budget == "no-deficit" or max(revenue) == result.margin
    assert subsidised(solve(THREE)) is None
