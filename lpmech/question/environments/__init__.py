"""Environments, one file a kind (see ``lpmech.question.model.Environment`` for the contract).

A file defines the environment and the table that instance files describe it by: a frozen dataclass derived from
``EnvironmentTable`` whose field ``kind: Literal["the-name"]`` says which kind it is. ``kinds()`` finds it; there is no
list to add it to.
"""

from __future__ import annotations

import importlib
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from fractions import Fraction
from functools import cache, cached_property
from typing import Annotated, get_args, get_type_hints

from lpmech.base.errors import InputError
from lpmech.base.fields import Number, Table, WholeNumber
from lpmech.base.formulas import FormulaField
from lpmech.question.distribution import Distribution, discretize
from lpmech.question.distributions.grid import Grid
from lpmech.question.distributions.table import LawField
from lpmech.question.environment import Environment
from lpmech.question.prior import Profile

MAX_COUNT = 10_000
"""Most identical agents that one table may stand for."""

Count = Annotated[int, WholeNumber(1, MAX_COUNT)]


@dataclass(frozen=True, kw_only=True)
class TypesTable(Table):
    """One-dimensional types: values with probabilities or weights, or a distribution on a grid."""

    values: list[Number] | None = None
    """Values of the types, strictly increasing."""
    probabilities: list[Number] | None = None
    """Probability of each value; they sum to exactly 1."""
    weights: list[Number] | None = None
    """Instead of probabilities: non-negative weights, which are normalised."""
    grid: Grid | None = None
    """Instead of values: an equally spaced grid."""
    distribution: LawField | None = None
    """With a grid: the distribution to put on it."""

    def __post_init__(self) -> None:
        on_grid = self.grid is not None or self.distribution is not None
        if self.values is None and not on_grid:
            raise InputError("no types", expected="values and probabilities, or grid and distribution")
        if on_grid and (self.values, self.probabilities, self.weights) != (None, None, None):
            raise InputError("both listed types and a grid", expected="one of the two")
        if on_grid and (self.grid is None or self.distribution is None):
            other = "distribution" if self.distribution is None else "grid"
            raise InputError(f"no {other}", key=other, expected="grid and distribution together")
        if self.probabilities is not None and self.weights is not None:
            raise InputError("both probabilities and weights", key="weights", expected="one of the two")
        _ = self.types  # complain now, while the place in the file is known

    @cached_property
    def types(self) -> Distribution:
        """The distribution; uniform where no masses are given, as a joint prior allows."""
        if self.grid is not None and self.distribution is not None:
            try:
                return discretize(self.distribution, self.grid)
            except InputError as error:
                raise error.under("distribution") from None
        return Distribution(self.values or (), self.probabilities, weights=self.weights)

    @property
    def has_masses(self) -> bool:
        """Whether the table says how likely the types are."""
        return (self.probabilities, self.weights, self.grid) != (None, None, None)


@dataclass(frozen=True, kw_only=True)
class TraderTable(TypesTable):
    """One-dimensional types of an agent who trades one unit."""

    worth: FormulaField | None = None
    """What the unit is worth to him, in place of his own type: a formula in own, others and AGENT.own."""


@dataclass(frozen=True, kw_only=True)
class ProfileMass(Table):
    """The probability of one profile under a joint prior."""

    types: list[Annotated[int, WholeNumber(0, 10**9)]]
    """Type numbers from 0, in agent order."""
    probability: Number
    """Probability of the profile."""


@dataclass(frozen=True, kw_only=True)
class PriorTable(Table):
    """A joint prior, which replaces the agents' own probabilities; profiles not listed have probability 0."""

    profiles: list[ProfileMass]
    """The profiles of positive probability."""

    def __post_init__(self) -> None:
        if len(self.masses) < len(self.profiles):
            seen: set[Profile] = set()
            for number, profile in enumerate(self.profiles):
                if tuple(profile.types) in seen:
                    raise InputError("a profile listed twice", key=f"profiles[{number}].types", value=profile.types)
                seen.add(tuple(profile.types))

    @cached_property
    def masses(self) -> dict[Profile, Fraction]:
        """The prior as a mapping."""
        return {tuple(profile.types): profile.probability for profile in self.profiles}


@dataclass(frozen=True, kw_only=True)
class EnvironmentTable(Table, ABC):
    """The ``[environment]`` table of an instance file, one final class for each kind.

    Laws: ``build`` returns the environment, or raises InputError with keys relative to the table; building twice gives
    equal environments; an environment's ``table()``, read again, gives an equal environment.
    """

    prior: PriorTable | None = None
    """A joint prior; without one, types are independent."""

    def __post_init__(self) -> None:
        _ = self.environment  # complain now, while the place in the file is known

    @cached_property
    def environment(self) -> Environment:
        """The environment that the table describes."""
        return self.build()

    def one_dimensional(self) -> Iterator[TypesTable]:
        """The tables of one-dimensional types in the environment, in the order of its fields."""
        for field in fields(self):
            value = getattr(self, field.name)
            for entry in value if isinstance(value, list) else [value]:
                if isinstance(entry, TypesTable):
                    yield entry
                yield from getattr(entry, "parts", {}).values()

    @abstractmethod
    def build(self) -> Environment:
        """Make the environment."""

    @property
    def masses(self) -> Mapping[Profile, Fraction] | None:
        """The joint prior, if there is one."""
        return None if self.prior is None else self.prior.masses

    def distribution(self, key: str, table: TypesTable) -> Distribution:
        """Distribution of the types under ``key``, which must have masses unless there is a joint prior."""
        if self.prior is None and not table.has_masses:
            raise InputError(
                "missing",
                key=f"{key}.probabilities",
                expected="probabilities, weights, or a joint prior [environment.prior]",
            )
        return table.types


def replicated_names(tables: Iterable[tuple[str | None, int]], word: str = "agent") -> list[str]:
    """Names of agents given as (name, count): "ann", or "ann-1", "ann-2" where count is 2.

    An agent without a name is called by his number among all of them, and what he is: "agent-5". Raises InputError if two
    agents would have one name.
    """
    names: dict[str, None] = {}
    for i, (name, count) in enumerate(tables):
        for copy in range(1, count + 1):
            own = f"{word}-{len(names) + 1}" if name is None else name if count == 1 else f"{name}-{copy}"
            if not own or own in names:
                problem = f"two {word}s called {own!r}" if own else "an empty name"
                raise InputError(problem, key=f"{word}s[{i}].name", expected=f"a name for each {word}")
            names[own] = None
    return list(names)


def kind_of(table: type[EnvironmentTable]) -> str:
    """The kind that a table describes."""
    return str(get_args(get_type_hints(table)["kind"])[0])


@cache
def kinds() -> dict[str, type[EnvironmentTable]]:
    """Tables of all kinds of environment, by kind: one for each file of this package that defines one."""
    found: dict[str, type[EnvironmentTable]] = {}
    for module in pkgutil.iter_modules(__path__):
        for item in vars(importlib.import_module(f"{__name__}.{module.name}")).values():
            if isinstance(item, type) and issubclass(item, EnvironmentTable) and item is not EnvironmentTable:
                found[kind_of(item)] = item
    return found
