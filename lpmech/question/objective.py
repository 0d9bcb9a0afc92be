"""What is to be maximised."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from lpmech.base.arguments import rationals
from lpmech.base.errors import InputError
from lpmech.base.exact import Rational, rational
from lpmech.question.choices import choice

OBJECTIVES = ("margin", "welfare", "revenue", "agents-utility")


@dataclass(frozen=True)
class Objective:
    """What to maximise: the margin (C9), or sum_i utility_i E[u_i] + revenue E[revenue] under the requirements proper.

    ``Objective("welfare")``, or ``Objective(utility=(1, "1/2"), revenue=0)`` with one weight for each agent.
    """

    maximize: str = "margin"
    utility: tuple[Fraction, ...] | None = None
    revenue: Fraction = Fraction(0)

    def __init__(
        self, maximize: str | None = None, *, utility: Iterable[Rational] | None = None, revenue: Rational = 0
    ) -> None:
        if maximize is not None and utility is not None:
            raise InputError("both a named objective and weights", expected="one of the two")
        each = "a weight for each agent, such as (1, 1)"
        if utility is None:
            choice("maximize", maximize or "margin", OBJECTIVES)
        object.__setattr__(
            self, "maximize", str(maximize) if maximize else ("margin" if utility is None else "weighted")
        )
        object.__setattr__(self, "utility", None if utility is None else rationals(utility, "utility", each))
        object.__setattr__(self, "revenue", rational(revenue))

    def weights(self, agents: int) -> tuple[tuple[Fraction, ...], Fraction]:
        """Weights on the agents' expected utilities and on expected revenue (all 1: welfare; all 0: the margin)."""
        one, zero = Fraction(1), Fraction(0)
        if self.utility is not None:
            if len(self.utility) != agents:
                raise InputError(
                    f"{len(self.utility)} utility weights for {agents} agents",
                    key="objective.maximize.utility",
                    expected="one an agent",
                )
            return self.utility, self.revenue
        everyone = one if self.maximize in {"welfare", "agents-utility"} else zero
        return (everyone,) * agents, one if self.maximize in {"welfare", "revenue"} else zero

    def table(self) -> dict[str, Any]:
        """As the ``[objective]`` table of an instance file."""
        if self.utility is None:
            return {"maximize": self.maximize}
        return {"maximize": {"utility": [str(w) for w in self.utility], "revenue": str(self.revenue)}}
