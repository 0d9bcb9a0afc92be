"""The budget: revenue sum_i t_i less the cost of the outcome (C6)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

from lpmech.question.constraints.contract import Constraint, Place, Rows, Values


@dataclass(frozen=True)
class Budget(Constraint):
    """revenue - floor >= 0, or = 0 where the relation says so; the floor is 0 unless the question says otherwise."""

    floor: Fraction = Fraction(0)

    key: ClassVar[str] = "budget"
    code: ClassVar[str] = "budget"
    lump_sums: ClassVar[bool] = True
    order: ClassVar[int] = 2

    amount: ClassVar[str]
    """Revenue of that much, in words: "of at least {} at every profile"."""

    def rows(self, of: Rows) -> Any:
        return of.revenue(self.scope)

    def value(self, of: Values, place: Place) -> Any:
        return of.revenue(place) if not self.floor else of.revenue(place) - self.floor

    def formal_statement(self) -> tuple[Any, ...]:
        return self.formal, self.floor
