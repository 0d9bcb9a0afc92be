"""Constraints are things: their pages, their laws, and nobody who compares their words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from support.constraints_page import page

from lpmech.answer.audit import checks
from lpmech.question import constraints
from lpmech.question.constraints import Constraint, Participation, Relation, Scope, UnknownConstraintError
from lpmech.question.requirements import NOTIONS, Requirements

ROOT = Path(__file__).parents[1]
KINDS = [kind for key in NOTIONS for kind in constraints.of_key(key)]
WORDS = {kind.word for kind in KINDS} | {"none"}


def test_the_page_of_constraints_is_written_from_the_classes() -> None:
    assert (ROOT / "docs" / "constraints.md").read_text(encoding="utf-8") == page()


@pytest.mark.parametrize("kind", KINDS)
def test_laws(kind: type[Constraint]) -> None:
    assert constraints.named(kind.key, kind.word) is kind
    assert kind(0) == kind(0) != kind(1)
    if kind.weaker is not None:
        assert kind.weaker.key == kind.key
        assert kind.weaker.weaker is not kind
    assert kind.lump_sums is (kind.relation is Relation.AT_LEAST and kind.key != "incentive_compatibility")


def test_requirements_are_composed_of_constraints() -> None:
    need = Requirements("BIC", "interim", "none")
    assert [(c.title, c.agent) for c in need.constraints(2)] == [
        ("BIC", 0),
        ("interim IR", 0),
        ("BIC", 1),
        ("interim IR", 1),
    ]
    assert need.level_rule is need.participation_rule
    assert Requirements("none", "none", "balanced").constraints(3) == (constraints.named("budget", "balanced")(),)


class Unheard(Constraint):
    """A constraint that no part of the package was told of."""

    scope: ClassVar[Scope] = Scope.PROFILE
    title: ClassVar[str] = "unheard"

    def rows(self, of: object) -> None:
        raise AssertionError

    def value(self, of: object, place: object) -> None:
        raise AssertionError


def test_a_constraint_that_is_not_known_is_an_error() -> None:
    from lpmech.show.explain.lines import _say
    from lpmech.show.plots._weights import _sort

    with pytest.raises(UnknownConstraintError, match="unheard: this constraint has no form as an audit"):
        checks.worst(Unheard, None)
    with pytest.raises(UnknownConstraintError, match="an inequality about payments"):
        _say(Unheard(0), None, None)
    with pytest.raises(UnknownConstraintError, match="a figure of multipliers"):
        _sort(Unheard(0), None, None, None, None)


def comparisons(path: Path) -> Iterator[str]:
    """Comparisons with a word of an instance file for a constraint, as code."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            entries = [e for s in sides for e in (s.elts if isinstance(s, ast.Tuple | ast.Set | ast.List) else [s])]
            if any(isinstance(entry, ast.Constant) and entry.value in WORDS for entry in entries):
                yield ast.unparse(node)


def test_nobody_compares_words_outside_the_question_and_the_readers() -> None:
    rooms = (ROOT / "lpmech").rglob("*.py")
    outside = [p for p in rooms if p.relative_to(ROOT / "lpmech").parts[0] not in ("question", "reading", "verify")]
    said = {p.relative_to(ROOT / "lpmech").as_posix(): list(comparisons(p)) for p in outside}
    assert {name: found for name, found in said.items() if found} == {}
    assert issubclass(constraints.named("individual_rationality", "interim"), Participation)


def test_the_glossary_has_a_line_for_each_term_that_the_rooms_are_named_by() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    rows = [row for row in re.findall(r"^\| ([^|]+) \|", text, re.MULTILINE) if row != "term"]
    terms = [term.strip() for row in rows for term in row.split(",")]
    assert len(terms) == len(set(terms))
    assert {"margin", "multiplier", "constraint", "scope", "place", "room", "kernel", "compact", "orbit"} <= set(terms)
