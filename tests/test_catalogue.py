"""Every instance file: cited, decided with a verified proof, in agreement with its claim, and listed with its answer.

When an answer or a title changes, the failing test prints the row that instances/README.md should have.
"""

from __future__ import annotations

import math
import re
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

import lpmech
from lpmech.answer.result import Result
from lpmech.reading.instance import loads

ROOT = Path(__file__).parents[1]
INSTANCES = ROOT / "instances"
FILES = sorted(path for path in INSTANCES.glob("*/*.toml") if path.parent.name != "sweeps")  # which have a format apart
CLASSICS = {"myerson-satterthwaite-1983", "myerson-1981", "hart-nisan-2017"}
"""Folders beside those of the five sources."""
SOURCES = {
    "efficient-mechanisms-notes",
    "jagadeesan-tordjman-2025",
    "jagadeesan-tordjman-slides",
    "kos-manea-2009",
    "mishra-2020",
}
LONGEST = 32
"""Characters of an exact number that the README shows; longer ones, from rounded distributions, to ten digits."""

each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")


@cache
def answer(path: Path) -> Result:
    return lpmech.solve(path)


@cache
def citekeys() -> frozenset[str]:
    return frozenset(re.findall(r"^@\w+\{([^,\s]+),", (ROOT / "references.bib").read_text(encoding="utf-8"), re.M))


def shown(x: Fraction | float | None) -> str:
    if x is None:
        return "–"
    if isinstance(x, float):
        return "inf" if x == math.inf else "-inf"
    return str(x) if len(str(x)) <= LONGEST else f"≈ {float(x):.10f}"


def row(path: Path) -> str:
    """The file's row in the README."""
    result = answer(path)
    objective = result.instance.objective.maximize
    number = shown(result.margin) if objective == "margin" else f"{objective} {shown(result.value)}"
    key, _, statement = result.instance.source.partition(", ")
    return f"| [{path.stem}]({key}/{path.name}) | {result.instance.title} | {statement} | {result.verdict} | {number} |"


@cache
def readme() -> tuple[str, ...]:
    return tuple((INSTANCES / "README.md").read_text(encoding="utf-8").splitlines())


def test_the_catalogue_is_there() -> None:
    assert {path.parent.name for path in FILES} >= SOURCES | CLASSICS
    assert len(FILES) >= 40


@each_file
def test_loads_and_says_what_it_illustrates(path: Path) -> None:
    instance = lpmech.load(path)
    assert instance.title
    assert path.read_text(encoding="utf-8").startswith('format = "lpmech-instance/1"\n')


@each_file
def test_can_be_written_down_in_resolved_numbers(path: Path) -> None:
    instance = lpmech.load(path)
    assert loads(lpmech.dumps(instance)) == instance


def test_titles_are_distinct() -> None:
    titles = [lpmech.load(path).title for path in FILES]
    assert sorted(set(titles)) == sorted(titles)


@each_file
def test_source_is_the_folder_and_in_the_references(path: Path) -> None:
    key, _, statement = (lpmech.load(path).source or "").partition(", ")
    assert key == path.parent.name
    assert statement
    assert key in citekeys()


@each_file
def test_works_and_files_mentioned_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert set(re.findall(r"\b[a-z]+(?:-[a-z]+)*-[12]\d{3}\b", text)) <= citekeys()
    for name in re.findall(r"\b(?:[\w-]+/)?[\w-]+\.toml\b", text):
        assert (INSTANCES / name if "/" in name else path.parent / name).is_file(), name


@each_file
def test_is_decided_with_a_verified_proof(path: Path) -> None:
    result = answer(path)
    assert result.verdict in {"exists", "impossible"}, result.reason
    assert result.proved
    report = result.proof.verify()
    assert report, report.problems


@each_file
def test_verdict_agrees_with_the_claim(path: Path) -> None:
    result = answer(path)
    assert result.instance.claim in {None, result.verdict}
    assert not result.contradicts_claim


@each_file
def test_readme_lists_verdict_and_margin(path: Path) -> None:
    assert row(path) in readme()


def test_readme_lists_nothing_else() -> None:
    linked = [name for line in readme() for name in re.findall(r"^\| \[[^\]]+\]\(([^)]+)\)", line)]
    assert sorted(linked) == sorted(str(path.relative_to(INSTANCES)) for path in FILES)


def test_readme_names_every_source() -> None:
    headings = {line.removeprefix("## ").split(":")[0] for line in readme() if line.startswith("## ")}
    assert {path.parent.name for path in FILES} <= headings


def test_references_are_complete() -> None:
    """Each entry has a title, and an author and a year unless the work gives none; articles have a journal."""
    entries = re.split(r"^(?=@)", (ROOT / "references.bib").read_text(encoding="utf-8"), flags=re.M)[1:]
    assert len(entries) == len(citekeys())
    for entry in entries:
        fields = set(re.findall(r"^\s*(\w+)\s*=", entry, re.M))
        wanted = {"title", "author", "year"} | (
            {"journal", "volume", "pages"} if entry.startswith("@article") else set()
        )
        assert wanted <= fields or "author and year not given" in entry, entry
