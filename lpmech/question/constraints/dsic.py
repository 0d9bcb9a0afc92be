"""DSIC: truth is optimal whatever the others report (C4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import ClassVar, final

from lpmech.question.constraints.bic import BIC
from lpmech.question.constraints.contract import Constraint, Place, Scope, Setting
from lpmech.question.constraints.incentives import Incentives


@final
@dataclass(frozen=True)
class DSIC(Incentives):
    """v_i(q(k, o), k) - t_i(k, o) >= v_i(q(k', o), k) - t_i(k', o) for all k, k' and all reports o of the others.

    With interdependent values: at every profile of true types, whose values are meant, and every o (C11).
    """

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

    def reported(self, profile: tuple[int, ...], of: Setting) -> Iterator[Place]:
        if not of.interdependent:
            yield Place(profile)
            return
        i = self.agent
        for reports in product(*(range(n) if j != i else (profile[j],) for j, n in enumerate(of.sizes))):
            yield Place(profile, others=None if reports == profile else reports)


constraint = DSIC
