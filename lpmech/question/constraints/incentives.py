"""Incentive compatibility: no report is better than the truth (C4)."""

from __future__ import annotations

from typing import Any, ClassVar

from lpmech.question.constraints.contract import Constraint, Place, Rows, Values


class Incentives(Constraint):
    """u_i(k, k) - u_i(k, k') >= 0 for every true type k and every report k', u_i(k, k') = v_i(q(k', .), k) - t_i(k', .)."""

    key: ClassVar[str] = "incentive_compatibility"
    lump_sums: ClassVar[bool] = False
    order: ClassVar[int] = 1

    def rows(self, of: Rows) -> Any:
        assert self.agent is not None
        return of.gain_of_truth(self.agent, self.scope)

    def value(self, of: Values, place: Place) -> Any:
        assert self.agent is not None
        return of.gain_of_truth(self.agent, place)
