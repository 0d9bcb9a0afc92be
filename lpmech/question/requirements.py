"""What a mechanism must satisfy: the requirements of a question."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from lpmech.base.arguments import entries, need, rationals
from lpmech.base.errors import InputError
from lpmech.base.exact import Rational, exact_masses, rational
from lpmech.question import constraints
from lpmech.question.by_agent import ByAgent
from lpmech.question.choices import choice
from lpmech.question.constraints import Budget, Constraint, Linear, Participation
from lpmech.question.constraints.dsic import DSIC
from lpmech.question.constraints.ex_post_ic import ExPostIC
from lpmech.question.constraints.incentives import DEVIATIONS
from lpmech.question.linear_requirements import LinearRequirement
from lpmech.question.payment_limits import ANY, NONE, PaymentLimits, payment_limits


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
BY_AGENT = ("incentive_compatibility", "individual_rationality")
"""Notions that agents may have one each (C12)."""
ALLOCATIONS = ("efficient", "free")


@dataclass(frozen=True)
class Requirements:
    """What the mechanism must satisfy (C4-C8, C12-C14). The three notions without a default must be given.

    Notions of incentives and participation are words, or words by agent: {"buyer": "DSIC", "default": "BIC"}.
    ``deviations``: which misreports incentives speak of, a word or one for each agent. ``payments``: "any", "none",
    {"at-least": ..., "at-most": ...}, or these by agent. ``lotteries``: whether the allocation may be random.
    ``budget_floor`` stands in the place of 0 in the budget requirement. ``linear``: ``LinearRequirement``s. An
    ``Instance`` looks names up in its environment.
    """

    incentive_compatibility: Any
    individual_rationality: Any
    budget: str
    allocation: AllocationRule = "efficient"
    ties: str = "any"
    transfers: str = "any"
    deviations: Any = "all"
    payments: Any = ANY
    lotteries: bool = True
    budget_floor: Fraction = Fraction(0)
    linear: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        for key in (
            *CHOICES,
            "allocation",
            "deviations",
        ):  # members of enumerations are kept as the words that they are
            if isinstance(getattr(self, key), str):
                object.__setattr__(self, key, str(getattr(self, key)))
        for key, allowed in CHOICES.items():
            given = getattr(self, key)
            if key in BY_AGENT and isinstance(given, Mapping):
                object.__setattr__(self, key, given := ByAgent.read(given))
            words = [word for _, word in given.given] if isinstance(given, ByAgent) else given
            for word in words if isinstance(words, list | tuple) and key in BY_AGENT else [words]:
                choice(key, word, allowed)
        if isinstance(self.allocation, str):
            choice("allocation", self.allocation, ALLOCATIONS)
        given = "efficient", "free", 'lpmech.PostedPrice("1/2")', "lpmech.AllocationTable(rows)"
        need(
            self.allocation, (str, PostedPrice, AllocationTable), "an allocation rule", "allocation", " or ".join(given)
        )
        for word in [self.deviations] if isinstance(self.deviations, str) else self.deviations:
            choice("deviations", word, tuple(DEVIATIONS))
        need(self.lotteries, bool, "true or false", "lotteries", "False: one outcome for sure at every profile")
        object.__setattr__(self, "budget_floor", rational(self.budget_floor))
        if self.budget_floor and self.budget_rule is None:
            raise InputError(
                "a floor without a budget requirement", key="budget-floor", expected="a budget requirement"
            )
        if not isinstance(self.payments, tuple | ByAgent) and self.payments != ANY:
            object.__setattr__(self, "payments", payment_limits(self.payments))
        kinds = "lpmech.LinearRequirement(...), one or more"
        object.__setattr__(self, "linear", entries(self.linear, "linear", kinds))
        for number, one in enumerate(self.linear):
            need(one, (LinearRequirement, Linear), "a linear requirement", f"linear[{number}]", kinds)
        if not self.lotteries and self.allocation == "efficient" and self.ties == "uniform":
            raise InputError("ties uniform are lotteries", key="lotteries", expected='another tie rule, such as "any"')

    def looked_up(self, environment: Any) -> Requirements:
        """The same with names looked up in an environment: what is said by agent is a tuple with an entry for each.

        With private values ex post incentive compatibility is DSIC, and called so (C11).
        """
        changes: dict[str, Any] = {}
        for key in BY_AGENT:
            given = getattr(self, key)
            words = given.resolved(environment, f"requirements.{key}") if isinstance(given, ByAgent) else given
            words = words if isinstance(words, tuple) else (words,) * len(environment.sizes)
            if key == "incentive_compatibility" and not environment.interdependent:
                words = tuple(DSIC.word if word == ExPostIC.word else word for word in words)
            changes[key] = words[0] if len(set(words)) == 1 else words
        if isinstance(self.payments, ByAgent):
            free = PaymentLimits()
            changes["payments"] = self.payments.resolved(environment, "requirements.payments", free)
        elif isinstance(self.payments, PaymentLimits):
            changes["payments"] = (self.payments,) * len(environment.sizes)
        if isinstance(changes.get("payments"), tuple) and set(changes["payments"]) == {PaymentLimits()}:
            changes["payments"] = ANY
        if changes["incentive_compatibility"] == NONE:
            changes["deviations"] = "all"
        elif self.deviations != "all":
            count = len(environment.sizes)
            each = (self.deviations,) * count if isinstance(self.deviations, str) else tuple(self.deviations)
            changes["deviations"] = each[0] if len(set(each)) == 1 else each
            for i in range(count):
                if each[i] != "all" and not environment.ordered(i):
                    raise InputError(
                        f"the types of {environment.agents[i].name} have no order",
                        key="requirements.deviations",
                        value=repr(self.deviations),
                        expected='"all", or one-dimensional types: values, or a grid with a distribution',
                    )
        linear = []
        for number, one in enumerate(self.linear):
            try:
                linear.append(one if isinstance(one, Linear) else one.resolved(environment, number))
            except InputError as error:
                raise error.under(f"requirements.linear[{number}]") from None
        names = [one.name for one in linear]
        for number, name in enumerate(names):
            if name in names[:number]:
                raise InputError(f"two requirements called {name!r}", key=f"requirements.linear[{number}].name")
        changes["linear"] = tuple(linear)
        return replace(self, **changes)

    @property
    def further(self) -> tuple[str, ...]:
        """What is asked beside one notion each of incentives, participation and budget, in words (C12-C14)."""
        out = [f"agents have different notions of {key}" for key in BY_AGENT if not isinstance(getattr(self, key), str)]
        if self.deviations != "all":
            which = self.deviations if isinstance(self.deviations, str) else "some"
            out.append(f"incentives speak of {which} misreports alone")
        if self.payments != ANY:
            out.append("payments are bounded")
        if not self.lotteries:
            out.append("lotteries are excluded")
        if self.budget_floor:
            out.append(f"the budget has a floor of {self.budget_floor}")
        if self.linear:
            out.append("there are linear requirements")
        return tuple(out)

    def rule(self, key: str, agent: int | None = None) -> type[Constraint] | None:
        """The constraint that a requirement asks for, of an agent or of all alike; None where it asks for none.

        Raises InputError if agents have different notions and none is named.
        """
        word = getattr(self, key)
        if not isinstance(word, str):
            if agent is None or isinstance(word, ByAgent):
                raise InputError(f"agents have different notions of {key}", expected="one notion for all, or an agent")
            word = word[agent]
        return constraints.named(key, word)

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
        """Every constraint that is asked for, agent by agent, then the budget, then linear requirements."""
        out: list[Constraint] = []
        for i in range(agents):
            incentives, participation = (self.rule(key, i) for key in BY_AGENT)
            if incentives is not None:
                which = self.deviations if isinstance(self.deviations, str) else self.deviations[i]
                out.append(incentives(i, which) if which != "all" else incentives(i))  # type: ignore[call-arg]
            if participation is not None:
                out.append(participation(i))
            if isinstance(self.payments, tuple):
                out.extend(self.payments[i].constraints(i))
        if self.budget_rule is not None:
            out.append(self.budget_rule(None, self.budget_floor) if self.budget_floor else self.budget_rule())  # type: ignore[call-arg]
        return (*out, *self.linear)

    @property
    def levelled(self) -> bool:
        """Whether z stands anywhere: whether there is a requirement of the budget or of participation."""
        words = self.individual_rationality
        return self.budget_rule is not None or set([words] if isinstance(words, str) else words) != {NONE}

    def level(self, constraint: Constraint) -> bool:
        """Whether z stands in the rows of a constraint: those of the budget or, without one, of participation (C9)."""
        return isinstance(constraint, Participation if self.budget_rule is None else Budget)

    def table(self) -> dict[str, Any]:
        """As the ``[requirements]`` table of an instance file, with an allocation table in line.

        What an instance file need not say is left out. Names have been looked up: lists have an entry for each agent.
        """
        allocation: Any = self.allocation
        if isinstance(allocation, PostedPrice):
            allocation = {"posted-price": str(allocation.price)}
        elif isinstance(allocation, AllocationTable):
            allocation = {"table": [[str(x) for x in row] for row in allocation.lotteries]}
        out = {"allocation": allocation} | {key: getattr(self, key) for key in CHOICES}
        out |= {key: list(out[key]) for key in BY_AGENT if isinstance(out[key], tuple)}
        if self.deviations != "all":
            out["deviations"] = self.deviations if isinstance(self.deviations, str) else list(self.deviations)
        if isinstance(self.payments, tuple):
            out["payments"] = [limits.table() for limits in self.payments]
        if not self.lotteries:
            out["lotteries"] = False
        if self.budget_floor:
            out["budget-floor"] = str(self.budget_floor)
        if self.linear:
            out["linear"] = [one.table() for one in self.linear]
        return out

    def file_table(self, environment: Any) -> dict[str, Any]:
        """The same as an instance file has it: what is said by agent has his name."""
        if not isinstance(self.deviations, str):
            raise InputError("misreports that differ between agents have no words in files", key="deviations")
        names, out = [agent.name for agent in environment.agents], self.table()
        for key in (*BY_AGENT, "payments"):
            if isinstance(out.get(key), list):
                out[key] = dict(zip(names, out[key], strict=True))
        if self.linear:
            out["linear"] = [one.file_table(environment) for one in self.linear]
        return out
