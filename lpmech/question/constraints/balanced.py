"""Balanced: payments add up to the cost at every profile (C6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

from lpmech.question.constraints.budget import Budget
from lpmech.question.constraints.contract import Constraint, Relation, Scope
from lpmech.question.constraints.no_deficit import NoDeficit


@final
@dataclass(frozen=True)
class Balanced(Budget):
    """sum_i t_i(theta) - cost(q(theta)) = 0 at every profile theta."""

    scope: ClassVar[Scope] = Scope.PROFILE
    weaker: ClassVar[type[Constraint] | None] = NoDeficit
    relation: ClassVar[Relation] = Relation.EQUAL
    lump_sums: ClassVar[bool] = False
    listed: ClassVar[int] = 1
    word: ClassVar[str] = "balanced"
    title: ClassVar[str] = "balanced"
    noun: ClassVar[str] = "a balanced budget"
    formal: ClassVar[str] = "Balanced"
    formal_row: ClassVar[str | None] = "BudgetAt"
    meaning: ClassVar[str] = "payments add up to the cost at every profile"
    amount: ClassVar[str] = "of exactly {} at every profile"


constraint = Balanced
