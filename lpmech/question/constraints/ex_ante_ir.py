"""Ex ante IR: nobody loses in expectation before he knows his type (C5)."""

from __future__ import annotations

from typing import ClassVar, final

from lpmech.question.constraints.contract import Scope
from lpmech.question.constraints.participation import Participation


@final
class ExAnteIR(Participation):
    """E[v_i - t_i - outside_i] >= 0."""

    scope: ClassVar[Scope] = Scope.WHOLE
    listed: ClassVar[int] = 2
    word: ClassVar[str] = "ex-ante"
    title: ClassVar[str] = "ex ante IR"
    noun: ClassVar[str] = "ex ante IR"
    formal: ClassVar[str] = "ExAnte"
    formal_row: ClassVar[str | None] = "IrExAnte"
    meaning: ClassVar[str] = "nobody loses in expectation, before he knows his type"


constraint = ExAnteIR
