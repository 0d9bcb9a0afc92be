"""The tables of an instance file apart from its environment, and what they build."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from lpmech.base.errors import InputError
from lpmech.base.fields import Choice, Context, Line, Number, Table
from lpmech.question.environments import EnvironmentTable, kinds
from lpmech.question.model import CLAIMS, Environment, Instance
from lpmech.question.requirements import (
    ALLOCATIONS,
    CHOICES,
    OBJECTIVES,
    AllocationRule,
    AllocationTable,
    Objective,
    PostedPrice,
    Requirements,
)
from lpmech.reading.allocation_csv import read_allocation

FORMAT = "lpmech-instance/1"

ReadText = Callable[[str], tuple[str, str]]
"""Path as written in the instance file -> (path to show, text)."""


def _shape(value: object) -> str:
    return "<table>" if isinstance(value, dict) else "<word>"


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


@dataclass(frozen=True, kw_only=True)
class RequirementsTable(Table):
    """What the mechanism must satisfy."""

    incentive_compatibility: Annotated[str, Choice(CHOICES["incentive_compatibility"])]
    """Dominant-strategy or Bayesian incentive compatibility, or none."""
    individual_rationality: Annotated[str, Choice(CHOICES["individual_rationality"])]
    """Participation: at every profile, given one's own type, in expectation, or not required."""
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

    def build(self, environment: Environment, context: Context, read: ReadText) -> Requirements:
        """The requirements. Raises InputError about the allocation, with its key from the root of the file."""
        if isinstance(self.allocation, AllocationRuleTable):
            try:
                rule = self.allocation.rule(environment, context, read)
            except InputError as error:
                raise error.under("requirements.allocation") if error.file is None else error from None
        else:
            rule = self.allocation
        return Requirements(allocation=rule, **{key: getattr(self, key) for key in CHOICES})


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
        return Instance(environment, requirements, self.objective.build(), self.title, self.source, self.claim)
