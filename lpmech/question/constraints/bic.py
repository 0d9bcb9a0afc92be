"""BIC: truth is optimal in expectation over the others' types (C4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

from lpmech.question.constraints.contract import Scope
from lpmech.question.constraints.incentives import Incentives


@final
@dataclass(frozen=True)
class BIC(Incentives):
    """E[v_i(q(k, o), k) - t_i(k, o) | k] >= E[v_i(q(k', o), k) - t_i(k', o) | k] for every believing k and every k'."""

    scope: ClassVar[Scope] = Scope.TYPE
    listed: ClassVar[int] = 1
    word: ClassVar[str] = "BIC"
    code: ClassVar[str] = "BIC"
    title: ClassVar[str] = "BIC"
    noun: ClassVar[str] = "BIC"
    formal: ClassVar[str] = "BIC"
    formal_row: ClassVar[str | None] = "Bic"
    meaning: ClassVar[str] = "truth is best in expectation over the others' types"


constraint = BIC
