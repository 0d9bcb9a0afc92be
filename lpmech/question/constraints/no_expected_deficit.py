"""No expected deficit: payments cover the cost in expectation (C6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

from lpmech.question.constraints.budget import Budget
from lpmech.question.constraints.contract import Scope


@final
@dataclass(frozen=True)
class NoExpectedDeficit(Budget):
    """E[sum_i t_i - cost(q)] >= 0."""

    scope: ClassVar[Scope] = Scope.WHOLE
    listed: ClassVar[int] = 2
    word: ClassVar[str] = "no-expected-deficit"
    title: ClassVar[str] = "no expected deficit"
    noun: ClassVar[str] = "no expected deficit"
    formal: ClassVar[str] = "NoExpectedDeficit"
    formal_row: ClassVar[str | None] = "BudgetExpected"
    meaning: ClassVar[str] = "payments cover the cost in expectation"
    amount: ClassVar[str] = "of {} in expectation"


constraint = NoExpectedDeficit
