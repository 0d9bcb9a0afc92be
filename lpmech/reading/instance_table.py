"""The tables of an instance file apart from its environment, and what they build."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, reduce
from operator import or_
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, StrictBool, Tag

from lpmech.base.errors import InputError
from lpmech.base.fields import Choice, Context, ExactNumber, Line, Number, Reader, Table, written
from lpmech.base.formulas import Formula, FormulaReader
from lpmech.question.constraints.incentives import DEVIATIONS
from lpmech.question.distributions.atom import Atom
from lpmech.question.environment import Environment
from lpmech.question.environments import EnvironmentTable, kinds
from lpmech.question.linear_requirements import PROFILE, WRITE, LinearRequirement
from lpmech.question.model import CLAIMS, Instance
from lpmech.question.objective import OBJECTIVES, Objective
from lpmech.question.payment_limits import ANY, BOUNDS, NONE, PaymentLimits, not_mixed
from lpmech.question.requirements import (
    ALLOCATIONS,
    CHOICES,
    AllocationRule,
    AllocationTable,
    PostedPrice,
    Requirements,
)
from lpmech.reading.allocation_csv import read_allocation

FORMAT = "lpmech-instance/1"

ReadText = Callable[[str], tuple[str, str]]
"""Path as written in the instance file -> (path to show, text)."""


def _shape(value: object) -> str:
    return "<table>" if isinstance(value, dict) else "<word>"


class LinearFormula(FormulaReader):
    """A linear formula in what a mechanism does."""

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "description": f"A linear formula: {WRITE}"}


class TypeName(Reader):
    """A type by its name, or by its value."""

    def read(self, source: Any, context: Context) -> Any:
        if isinstance(source, str):
            return source
        if isinstance(source, list | dict | bool):
            raise InputError("not the name of a type", value=written(source), expected='a name or value, such as "1/2"')
        return context.number(source)

    def json_schema(self) -> dict[str, Any]:
        return {"type": ["string", "number"], "description": "A type by its name, or by its value"}


class PaymentsReader(Reader):
    """ "any", "none", bounds, or these by agent."""

    def read(self, source: Any, context: Context) -> Any:
        if isinstance(source, str):
            return Choice((ANY, NONE), "bounds, or bounds by agent").read(source, context)
        if isinstance(source, Mapping) and source and set(source) <= BOUNDS:
            return PaymentLimits.read({key: self._number(x, key, context) for key, x in source.items()})
        if isinstance(source, Mapping) and source:
            not_mixed(source, None)
            return {name: self._limits(name, x, context) for name, x in source.items()}
        return PaymentLimits.read(source, None)  # complains

    def _limits(self, name: str, source: Any, context: Context) -> Any:
        try:
            if isinstance(source, Mapping) and not set(source) <= BOUNDS:
                return PaymentLimits.read(source, None)  # complains
            return self.read(source, context)
        except InputError as error:
            raise error.under(name) from None

    def _number(self, source: Any, key: str, context: Context) -> Fraction:
        try:
            return context.number(source)
        except InputError as error:
            raise error.under(key) from None

    def json_schema(self) -> dict[str, Any]:
        number = ExactNumber().json_schema()
        bounds = {
            "type": "object",
            "properties": {"at-least": number, "at-most": number},
            "additionalProperties": False,
            "minProperties": 1,
            "description": "Smallest and largest payment at every profile",
        }
        one = [{"enum": [ANY, NONE]}, bounds]
        return {"oneOf": [*one, {"type": "object", "additionalProperties": {"oneOf": one}, "minProperties": 1}]}


class AnyKind:
    """Annotation: one of the environments' tables, told apart by ``kind``."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        return handler.generate_schema(Annotated[reduce(or_, kinds().values()), Field(discriminator="kind")])


@dataclass(frozen=True, kw_only=True)
class AllocationRuleTable(Table):
    """A given allocation: trade at a posted price (bilateral trade), or a table of lotteries."""

    posted_price: Annotated[Number | None, Field(alias="posted-price")] = None
    """The good is traded iff the buyer's value >= this price >= the seller's cost."""
    table: (
        Annotated[
            Annotated[Line, Tag("<file>")] | Annotated[list[list[Number]], Tag("<rows>")],
            Discriminator(lambda value: "<rows>" if isinstance(value, list) else "<file>"),
        ]
        | None
    ) = None
    """A CSV file, its path relative to the instance file; or the lotteries in line, one list a profile in order."""

    def __post_init__(self) -> None:
        if (self.posted_price is None) == (self.table is None):
            raise InputError("not an allocation rule", expected="either posted-price or table")

    def rule(self, environment: Environment, context: Context, read: ReadText) -> AllocationRule:
        """The rule, its table read if it is in a file."""
        if self.posted_price is not None:
            return PostedPrice(self.posted_price)
        if isinstance(self.table, str):
            file, text = read(self.table)
            return read_allocation(text, file, environment, context)
        return AllocationTable(self.table or [])


def _notion(key: str) -> Any:
    """A notion for all agents, or by agent or group, with default = "..." for those not named."""
    words = Choice(CHOICES[key], 'words by agent, such as { buyer = "...", default = "..." }')
    return Annotated[
        Annotated[str, words, Tag("<word>")]
        | Annotated[dict[str, Annotated[str, Choice(CHOICES[key])]], Tag("<table>")],
        Discriminator(_shape),
    ]


@dataclass(frozen=True, kw_only=True)
class LinearTable(Table):
    """A linear requirement on payments, utilities, probabilities of outcomes and revenue."""

    of: Annotated[Formula, LinearFormula()]
    """A linear formula in t[AGENT], u[AGENT], q[OUTCOME] and revenue: "t[buyer] - 2*q[trade]"."""
    at: Line = PROFILE
    """Where it holds: at every profile ("profile"), in expectation ("prior"), or given each type of an agent (his name)."""
    where: dict[str, list[Annotated[Any, TypeName()]]] | None = None
    """Only at these types, by agent; for an agent in ``at`` only these types of his."""
    at_least: Annotated[Number | None, Field(alias="at-least")] = None
    """Smallest value."""
    at_most: Annotated[Number | None, Field(alias="at-most")] = None
    """Largest value."""
    equal: Number | None = None
    """The value."""
    name: Line = ""
    """What it is called in explanations."""

    def __post_init__(self) -> None:
        _ = self.requirement  # complain now, while the place in the file is known

    @cached_property
    def requirement(self) -> LinearRequirement:
        """The requirement."""
        return LinearRequirement(
            str(self.of.source),
            at=self.at,
            where=self.where,
            at_least=self.at_least,
            at_most=self.at_most,
            equal=self.equal,
            name=self.name,
            parameters=self.of.context.parameters,
        )


@dataclass(frozen=True, kw_only=True)
class RequirementsTable(Table):
    """What the mechanism must satisfy."""

    incentive_compatibility: _notion("incentive_compatibility")  # type: ignore[valid-type]
    """Dominant-strategy, Bayesian or ex post incentive compatibility, or none; for all, or by agent."""
    individual_rationality: _notion("individual_rationality")  # type: ignore[valid-type]
    """Participation: at every profile, given one's own type, in expectation, or not required; for all, or by agent."""
    budget: Annotated[str, Choice(CHOICES["budget"])]
    """Revenue: >= 0 or = 0 at every profile, >= 0 in expectation, or not required."""
    allocation: Annotated[
        Annotated[str, Choice(ALLOCATIONS, "{ posted-price = ... }, or { table = ... }"), Tag("<word>")]
        | Annotated[AllocationRuleTable, Tag("<table>")],
        Discriminator(_shape),
    ] = "efficient"
    """Efficient, free (any), or given."""
    ties: Annotated[str, Choice(CHOICES["ties"])] = "any"
    """Which of several efficient outcomes."""
    transfers: Annotated[str, Choice(CHOICES["transfers"])] = "any"
    """Any transfers, or Groves transfers."""
    deviations: Annotated[str, Choice(tuple(DEVIATIONS))] = "all"
    """Which misreports incentive compatibility speaks of, types ordered by value."""
    payments: Annotated[Any, PaymentsReader()] = ANY
    """Bounds on what agents pay at every profile: for every agent, or by agent or group."""
    lotteries: StrictBool = True
    """Whether the allocation may be random; false: one outcome for sure at every profile."""
    budget_floor: Annotated[Number, Field(alias="budget-floor")] = Fraction(0)
    """The number in the place of 0 in the budget requirement."""
    linear: list[LinearTable] = field(default_factory=list)
    """Linear requirements."""

    def build(self, environment: Environment, context: Context, read: ReadText) -> Requirements:
        """The requirements. Raises InputError about the allocation, with its key from the root of the file."""
        if isinstance(self.allocation, AllocationRuleTable):
            try:
                rule = self.allocation.rule(environment, context, read)
            except InputError as error:
                raise error.under("requirements.allocation") if error.file is None else error from None
        else:
            rule = self.allocation
        keys = (*CHOICES, "deviations", "payments", "lotteries", "budget_floor")
        linear = tuple(one.requirement for one in self.linear)
        try:
            return Requirements(allocation=rule, linear=linear, **{key: getattr(self, key) for key in keys})
        except InputError as error:
            raise error.under("requirements") from None


@dataclass(frozen=True, kw_only=True)
class WeightsTable(Table):
    """Weights on the agents' expected utilities and on expected revenue."""

    utility: list[Number]
    """One weight for each agent."""
    revenue: Number = Fraction(0)
    """Weight on revenue."""


@dataclass(frozen=True, kw_only=True)
class ObjectiveTable(Table):
    """What to maximise."""

    maximize: Annotated[
        Annotated[str, Choice(OBJECTIVES, "{ utility = [...], revenue = ... }"), Tag("<word>")]
        | Annotated[WeightsTable, Tag("<table>")],
        Discriminator(_shape),
    ] = "margin"
    """The margin, or an objective under the requirements as they stand."""

    def build(self) -> Objective:
        """The objective."""
        if isinstance(self.maximize, WeightsTable):
            return Objective(utility=self.maximize.utility, revenue=self.maximize.revenue)
        return Objective(self.maximize)


@dataclass(frozen=True, kw_only=True)
class InstanceTable(Table):
    """A question for lpmech: who the agents are, what may happen, and what a mechanism must satisfy."""

    format: Literal["lpmech-instance/1"]
    """Name and version of the format."""
    title: Line = ""
    """What the instance shows, in a line."""
    source: Line | None = None
    """Where it is from: citation key and statement."""
    claim: Annotated[str, Choice(CLAIMS)] | None = None
    """The verdict that the source asserts."""
    parameters: dict[str, Number] = field(default_factory=dict)
    """Exact rationals to use in expressions; each may use those before it."""
    environment: Annotated[EnvironmentTable, AnyKind()]
    """The agents and the outcomes."""
    requirements: RequirementsTable
    """What the mechanism must satisfy."""
    objective: ObjectiveTable = field(default_factory=ObjectiveTable)
    """What to maximise."""

    def build(self, context: Context, read: ReadText) -> Instance:
        """The instance. Raises InputError with keys from the root of the file."""
        environment = self.environment.environment
        requirements = self.requirements.build(environment, context, read)
        gridded = any(
            table.grid is not None and not isinstance(table.distribution, Atom)
            for table in self.environment.one_dimensional()
        )
        goal = self.objective.build()
        return Instance(environment, requirements, goal, self.title, self.source, self.claim, gridded)
