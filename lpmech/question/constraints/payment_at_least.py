"""A smallest payment (C13)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

from lpmech.question.constraints.payments import PaymentBound


@final
@dataclass(frozen=True)
class PaymentAtLeast(PaymentBound):
    """t_i(theta) - bound >= 0 at every profile theta."""

    listed: ClassVar[int] = 0
    word: ClassVar[str] = "at-least"
    code: ClassVar[str] = "payment at least"
    title: ClassVar[str] = "payments at least"
    noun: ClassVar[str] = "a smallest payment"
    formal: ClassVar[str] = "PaymentAtLeast"
    meaning: ClassVar[str] = "the agent pays at least so much at every profile"
    sign: ClassVar[str] = ">="


constraint = PaymentAtLeast
