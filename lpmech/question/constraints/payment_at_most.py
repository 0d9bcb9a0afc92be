"""A largest payment (C13)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, final

from lpmech.question.constraints.payments import PaymentBound


@final
@dataclass(frozen=True)
class PaymentAtMost(PaymentBound):
    """bound - t_i(theta) >= 0 at every profile theta."""

    listed: ClassVar[int] = 1
    word: ClassVar[str] = "at-most"
    code: ClassVar[str] = "payment at most"
    title: ClassVar[str] = "payments at most"
    noun: ClassVar[str] = "a largest payment"
    formal: ClassVar[str] = "PaymentAtMost"
    meaning: ClassVar[str] = "the agent pays at most so much at every profile"
    sign: ClassVar[str] = "<="

    def beyond(self, payment: Any) -> Any:
        return payment * -1 + self.bound


constraint = PaymentAtMost
