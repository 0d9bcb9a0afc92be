"""Ex post IR: nobody loses at any profile (C5)."""

from __future__ import annotations

from typing import ClassVar, final

from lpmech.question.constraints.contract import Constraint, Scope
from lpmech.question.constraints.interim_ir import InterimIR
from lpmech.question.constraints.participation import Participation


@final
class ExPostIR(Participation):
    """v_i(q(theta), theta_i) - t_i(theta) - outside_i(theta_i) >= 0 at every profile theta."""

    scope: ClassVar[Scope] = Scope.PROFILE
    weaker: ClassVar[type[Constraint] | None] = InterimIR
    listed: ClassVar[int] = 0
    word: ClassVar[str] = "ex-post"
    title: ClassVar[str] = "ex post IR"
    noun: ClassVar[str] = "ex post IR"
    formal: ClassVar[str] = "ExPost"
    formal_row: ClassVar[str | None] = "IrExPost"
    meaning: ClassVar[str] = "nobody loses by taking part, at any profile of types"


constraint = ExPostIR
