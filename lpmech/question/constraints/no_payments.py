"""No payments (C13)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, final

from lpmech.question.constraints.contract import Relation
from lpmech.question.constraints.payments import PaymentBound


@final
@dataclass(frozen=True)
class NoPayments(PaymentBound):
    """t_i(theta) = 0 at every profile theta."""

    relation: ClassVar[Relation] = Relation.EQUAL
    listed: ClassVar[int] = 2
    word: ClassVar[str] = "none"
    code: ClassVar[str] = "no payments"
    title: ClassVar[str] = "no payments"
    noun: ClassVar[str] = "no payments"
    formal: ClassVar[str] = "NoPayments"
    meaning: ClassVar[str] = "the agent pays nothing at any profile"
    sign: ClassVar[str] = "="

    def formal_statement(self) -> tuple[Any, ...]:
        return self.formal, self.agent


constraint = NoPayments
