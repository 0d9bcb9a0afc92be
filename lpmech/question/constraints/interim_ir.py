"""Interim IR: nobody who knows his own type loses in expectation (C5)."""

from __future__ import annotations

from typing import ClassVar, final

from lpmech.question.constraints.contract import Constraint, Scope
from lpmech.question.constraints.ex_ante_ir import ExAnteIR
from lpmech.question.constraints.participation import Participation


@final
class InterimIR(Participation):
    """E[v_i - t_i | k] - outside_i(k) >= 0 for every believing type k."""

    scope: ClassVar[Scope] = Scope.TYPE
    weaker: ClassVar[type[Constraint] | None] = ExAnteIR
    listed: ClassVar[int] = 1
    word: ClassVar[str] = "interim"
    title: ClassVar[str] = "interim IR"
    noun: ClassVar[str] = "interim IR"
    formal: ClassVar[str] = "Interim"
    formal_row: ClassVar[str | None] = "IrInterim"
    meaning: ClassVar[str] = "nobody loses in expectation, knowing his own type"


constraint = InterimIR
