"""Incentive compatibility: no report is better than the truth (C4, C11, C12)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, ClassVar

from lpmech.question.constraints.contract import Constraint, Place, Rows, Scope, Setting, Values, believing

DEVIATIONS: dict[str, Callable[[int, int], bool]] = {
    "all": lambda true, report: True,
    "downward": lambda true, report: report < true,
    "upward": lambda true, report: report > true,
    "adjacent": lambda true, report: abs(report - true) == 1,
}
"""Which reports incentive compatibility speaks of, types in the order of their values."""
FORMAL = {"all": "AllReports", "downward": "Downward", "upward": "Upward", "adjacent": "Adjacent"}
"""The same in formal statements."""


@dataclass(frozen=True)
class Incentives(Constraint):
    """u_i(k, k) - u_i(k, k') >= 0 for every true type k and every report k', u_i(k, k') = v_i(q(k', .), k) - t_i(k', .).

    ``deviations`` says which reports count (C12).
    """

    deviations: str = "all"

    key: ClassVar[str] = "incentive_compatibility"
    lump_sums: ClassVar[bool] = False
    order: ClassVar[int] = 1

    def rows(self, of: Rows) -> Any:
        assert self.agent is not None
        return of.gain_of_truth(self.agent, self.scope)

    def value(self, of: Values, place: Place) -> Any:
        assert self.agent is not None
        return of.gain_of_truth(self.agent, place)

    def formal_statement(self) -> tuple[Any, ...]:
        return self.formal, self.agent, FORMAL[self.deviations]

    def reports(self, true: int, count: int) -> list[int]:
        """The reports of a type that count, of so many types."""
        allowed = DEVIATIONS[self.deviations]
        return [report for report in range(count) if report != true and allowed(true, report)]

    def places(self, of: Setting) -> Iterator[Place]:
        assert self.agent is not None
        i, n = self.agent, of.sizes[self.agent]
        if self.scope is Scope.TYPE:
            for k in believing(of, i):
                yield from (Place(type=k, report=report) for report in self.reports(k, n))
            return
        for profile in product(*map(range, of.sizes)):
            for others in self.reported(profile, of):
                yield from (replace(others, report=report) for report in self.reports(profile[i], n))

    def reported(self, profile: tuple[int, ...], of: Setting) -> Iterator[Place]:
        """A profile of types, with what the others report."""
        yield Place(profile)
