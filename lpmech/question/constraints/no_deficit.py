"""No deficit: payments cover the cost at every profile (C6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

from lpmech.question.constraints.budget import Budget
from lpmech.question.constraints.contract import Constraint, Scope
from lpmech.question.constraints.no_expected_deficit import NoExpectedDeficit


@final
@dataclass(frozen=True)
class NoDeficit(Budget):
    """sum_i t_i(theta) - cost(q(theta)) >= 0 at every profile theta."""

    scope: ClassVar[Scope] = Scope.PROFILE
    weaker: ClassVar[type[Constraint] | None] = NoExpectedDeficit
    listed: ClassVar[int] = 0
    word: ClassVar[str] = "no-deficit"
    title: ClassVar[str] = "no deficit"
    noun: ClassVar[str] = "no deficit"
    formal: ClassVar[str] = "NoDeficit"
    formal_row: ClassVar[str | None] = "BudgetAt"
    meaning: ClassVar[str] = "payments cover the cost at every profile"
    amount: ClassVar[str] = "of at least {} at every profile"


constraint = NoDeficit
