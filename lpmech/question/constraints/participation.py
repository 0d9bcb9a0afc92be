"""Individual rationality: nobody loses by taking part (C5)."""

from __future__ import annotations

from typing import Any, ClassVar

from lpmech.question.constraints.contract import Constraint, Place, Rows, Values


class Participation(Constraint):
    """v_i - t_i less the outside option >= 0."""

    key: ClassVar[str] = "individual_rationality"
    code: ClassVar[str] = "IR"
    lump_sums: ClassVar[bool] = True
    order: ClassVar[int] = 0

    @classmethod
    def property_name(cls) -> str:
        return f"{cls.word} IR"

    def rows(self, of: Rows) -> Any:
        assert self.agent is not None
        return of.net_utility(self.agent, self.scope)

    def value(self, of: Values, place: Place) -> Any:
        assert self.agent is not None
        return of.net_utility(self.agent, place)

    def formal_statement(self) -> tuple[Any, ...]:
        return f"{self.formal}IR", self.agent
