"""Bounds on what an agent pays at each profile (C13)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

from lpmech.question.constraints.contract import Constraint, Place, Rows, Scope


@dataclass(frozen=True)
class PaymentBound(Constraint):
    """t_i(theta) compared with a number, at every profile."""

    bound: Fraction = Fraction(0)

    scope: ClassVar[Scope] = Scope.PROFILE
    key: ClassVar[str] = "payments"
    lump_sums: ClassVar[bool] = False
    order: ClassVar[int] = 3
    sign: ClassVar[str]
    """The comparison, as in "t[buyer] <= 20"."""

    def rows(self, of: Rows) -> Any:
        raise NotImplementedError("bounds on payments stand in programs that are written row by row")

    def value(self, of: Any, place: Place) -> Any:
        return self.beyond(of.payment(self.agent, self.agent, place))

    def formal_statement(self) -> tuple[Any, ...]:
        return self.formal, self.agent, self.bound

    def beyond(self, payment: Any) -> Any:
        """What the payment is better than its bound by."""
        return payment - self.bound

    def says(self, agents: Any) -> str:
        """The bound as an inequality, without the place."""
        return f"t[{agents[self.agent].name}] {self.sign} {self.bound}"
