"""Constraints by the words of proof files."""

from __future__ import annotations

from lpmech.question.constraints import Constraint
from lpmech.question.requirements import NOTIONS, Requirements


def constraint(need: Requirements, code: str, agent: int | None) -> Constraint:
    """The constraint of the requirements that proof files call ``code``."""
    (kind,) = [rule for key in NOTIONS if (rule := need.rule(key)) is not None and rule.code == code]
    return kind(agent)
