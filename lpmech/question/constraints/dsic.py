"""DSIC: truth is optimal whatever the others report (C4)."""

from __future__ import annotations

from typing import ClassVar, final

from lpmech.question.constraints.bic import BIC
from lpmech.question.constraints.contract import Constraint, Scope
from lpmech.question.constraints.incentives import Incentives


@final
class DSIC(Incentives):
    """v_i(q(k, o), k) - t_i(k, o) >= v_i(q(k', o), k) - t_i(k', o) for all k, k' and all o of the others."""

    scope: ClassVar[Scope] = Scope.PROFILE
    weaker: ClassVar[type[Constraint] | None] = BIC
    listed: ClassVar[int] = 0
    word: ClassVar[str] = "DSIC"
    code: ClassVar[str] = "DSIC"
    title: ClassVar[str] = "DSIC"
    noun: ClassVar[str] = "DSIC"
    formal: ClassVar[str] = "DSIC"
    formal_row: ClassVar[str | None] = "Dsic"
    meaning: ClassVar[str] = "truth is best whatever the others report"


constraint = DSIC
