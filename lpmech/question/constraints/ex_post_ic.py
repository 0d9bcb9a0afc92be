"""Ex post IC: truth is optimal at every profile when the others are truthful (C11)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

from lpmech.question.constraints.bic import BIC
from lpmech.question.constraints.contract import Constraint, Scope
from lpmech.question.constraints.incentives import Incentives


@final
@dataclass(frozen=True)
class ExPostIC(Incentives):
    """v_i(q(theta), theta) - t_i(theta) >= v_i(q(k', theta_-i), theta) - t_i(k', theta_-i) for all theta and k'.

    With private values this is DSIC.
    """

    scope: ClassVar[Scope] = Scope.PROFILE
    weaker: ClassVar[type[Constraint] | None] = BIC
    listed: ClassVar[int] = 2
    word: ClassVar[str] = "ex-post"
    code: ClassVar[str] = "ex-post IC"
    title: ClassVar[str] = "ex post IC"
    noun: ClassVar[str] = "ex post IC"
    formal: ClassVar[str] = "ExPostIC"
    meaning: ClassVar[str] = "truth is best at every profile, if the others tell the truth"

    @classmethod
    def property_name(cls) -> str:
        return "ex-post IC"


constraint = ExPostIC
