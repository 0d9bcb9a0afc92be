"""What a mechanism must satisfy, and what is to be maximised: the requirements and the objective of a question."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from lpmech.base.arguments import entries, need, rationals
from lpmech.base.errors import InputError
from lpmech.base.exact import Rational, exact_masses, rational
from lpmech.question import constraints
from lpmech.question.constraints import Constraint


@dataclass(frozen=True)
class PostedPrice:
    """Bilateral trade happens iff b >= price >= s."""

    price: Fraction

    def __init__(self, price: Rational) -> None:
        object.__setattr__(self, "price", rational(price))


@dataclass(frozen=True)
class AllocationTable:
    """A given allocation: for every profile (flattened) the probability of each outcome."""

    lotteries: tuple[tuple[Fraction, ...], ...]

    def __init__(self, lotteries: Iterable[Iterable[Rational]]) -> None:
        each = "for each profile a probability of each outcome: [[1, 0], ...]"
        rows = tuple(
            rationals(row, f"table[{number}]", each) for number, row in enumerate(entries(lotteries, "table", each))
        )
        for number, row in enumerate(rows):
            exact_masses(row, f"allocation table, profile number {number}", f"table[{number}]")
        object.__setattr__(self, "lotteries", rows)

    def __repr__(self) -> str:
        outcomes = len(self.lotteries[0]) if self.lotteries else 0
        return f"<AllocationTable: {len(self.lotteries):,} profiles x {outcomes} outcomes>"


AllocationRule = str | PostedPrice | AllocationTable

CHOICES: dict[str, tuple[str, ...]] = {
    "ties": ("any", "first", "last", "uniform"),
    "transfers": ("any", "groves"),
}
"""Words for choices that are no constraint."""

NOTIONS = ("incentive_compatibility", "individual_rationality", "budget")
"""Requirements that ask for constraints, each by a word or "none"."""

CHOICES |= {key: (*(kind.word for kind in constraints.of_key(key)), "none") for key in NOTIONS}
ALLOCATIONS = ("efficient", "free")
OBJECTIVES = ("margin", "welfare", "revenue", "agents-utility")


def choice(key: str, value: object, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise InputError("unknown choice", key=key, value=repr(value), expected=", ".join(repr(a) for a in allowed))


@dataclass(frozen=True)
class Requirements:
    """What the mechanism must satisfy (C4-C8). The three notions without a default must be given."""

    incentive_compatibility: str
    individual_rationality: str
    budget: str
    allocation: AllocationRule = "efficient"
    ties: str = "any"
    transfers: str = "any"

    def __post_init__(self) -> None:
        for key, allowed in CHOICES.items():
            choice(key, getattr(self, key), allowed)
        if isinstance(self.allocation, str):
            choice("allocation", self.allocation, ALLOCATIONS)
        given = "efficient", "free", 'lpmech.PostedPrice("1/2")', "lpmech.AllocationTable(rows)"
        need(
            self.allocation, (str, PostedPrice, AllocationTable), "an allocation rule", "allocation", " or ".join(given)
        )

    def rule(self, key: str) -> type[Constraint] | None:
        """The constraint that a requirement asks for, None where it asks for none."""
        return constraints.named(key, getattr(self, key))

    @property
    def incentive_rule(self) -> type[Constraint] | None:
        """What is asked of incentives (C4)."""
        return self.rule("incentive_compatibility")

    @property
    def participation_rule(self) -> type[Constraint] | None:
        """What is asked of participation (C5)."""
        return self.rule("individual_rationality")

    @property
    def budget_rule(self) -> type[Constraint] | None:
        """What is asked of the budget (C6)."""
        return self.rule("budget")

    @property
    def level_rule(self) -> type[Constraint] | None:
        """The constraint that z stands in: the budget or, without one, participation (C9)."""
        return self.budget_rule or self.participation_rule

    @property
    def groves(self) -> bool:
        """Whether transfers are Groves transfers (C8)."""
        return self.transfers == "groves"

    def constraints(self, agents: int) -> tuple[Constraint, ...]:
        """Every constraint that is asked for, agent by agent, the budget last."""
        own = [kind for kind in (self.incentive_rule, self.participation_rule) if kind is not None]
        whole = [] if self.budget_rule is None else [self.budget_rule()]
        return (*(kind(i) for i in range(agents) for kind in own), *whole)

    def table(self) -> dict[str, Any]:
        """As the ``[requirements]`` table of an instance file, with an allocation table in line."""
        allocation: Any = self.allocation
        if isinstance(allocation, PostedPrice):
            allocation = {"posted-price": str(allocation.price)}
        elif isinstance(allocation, AllocationTable):
            allocation = {"table": [[str(x) for x in row] for row in allocation.lotteries]}
        return {"allocation": allocation} | {key: getattr(self, key) for key in CHOICES}


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
        object.__setattr__(self, "maximize", maximize or ("margin" if utility is None else "weighted"))
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
