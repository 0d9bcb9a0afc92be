"""How instance files describe social choice: outcomes, costs, types and utilities, listed or by formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product
from typing import Annotated, Any

from lpmech.base.errors import InputError
from lpmech.base.expressions import EXPECTED, is_name
from lpmech.base.fields import Context, Line, Number, Reader, Table
from lpmech.base.formulas import Formula, FormulaField, FormulaReader, Variables
from lpmech.question.distributions.grid import Grid
from lpmech.question.distributions.table import LawField
from lpmech.question.environments import Count, TypesTable
from lpmech.question.environments.at_profiles import known_variables, names_others, variables_at
from lpmech.question.environments.outcomes import OWN, Outcomes


class ByOutcomeReader(Reader):
    """Numbers by outcome: a list, a formula for each outcome by name, or one formula in the outcome's variable."""

    def read(self, source: Any, context: Context) -> list[Formula] | dict[str, Formula] | Formula:
        formula = FormulaReader()
        if isinstance(source, list):
            return [self._entry(formula, value, f"[{x}]", context) for x, value in enumerate(source)]
        if isinstance(source, Mapping):
            return {str(name): self._entry(formula, value, str(name), context) for name, value in source.items()}
        return formula.read(source, context)

    def _entry(self, formula: FormulaReader, value: Any, key: str, context: Context) -> Formula:
        try:
            return formula.read(value, context)
        except InputError as error:
            raise error.under(key) from None

    def json_schema(self) -> dict[str, Any]:
        formula = FormulaReader().json_schema()
        return {
            "oneOf": [
                {"type": "array", "items": formula},
                {"type": "object", "additionalProperties": formula},
                {k: v for k, v in formula.items() if k != "description"},
            ],
            "description": f"For each outcome {EXPECTED}; by formula over variables: one for all, or one by name",
        }


ByOutcome = Annotated[list[Formula] | dict[str, Formula] | Formula, ByOutcomeReader()]


def by_outcome(given: ByOutcome, outcomes: Outcomes, variables: Sequence[str], at: Sequence[Variables]) -> list[Any]:
    """Values for each entry of ``at`` (values of the variables), a row of one number for each outcome.

    Raises InputError with keys relative to what was given.
    """
    known = (*variables, *outcomes.variables)
    if isinstance(given, Formula):
        formulas: list[tuple[str | None, Formula]] = [(None, given)] * len(outcomes.names)
    elif isinstance(given, list):
        if len(given) != len(outcomes.names):
            counts = f"{len(outcomes.names)} outcomes but {len(given)} numbers"
            raise InputError(counts, expected="one for each outcome")
        formulas = [(f"[{x}]", formula) for x, formula in enumerate(given)]
    else:
        for name in given:
            if name not in outcomes.names:
                raise InputError("no such outcome", key=name, expected=", ".join(map(repr, outcomes.names[:20])))
        missing = [name for name in outcomes.names if name not in given]
        if missing:
            raise InputError("missing", key=missing[0], expected="a formula for each outcome")
        formulas = [(name, given[name]) for name in outcomes.names]
    rows: list[list[Fraction]] = [[] for _ in at]
    for x, (key, formula) in enumerate(formulas):
        try:
            function = formula.over(*known)
            for row, variable in zip(rows, at, strict=True):
                row.append(function({**variable, **outcomes.at(x)}))
        except InputError as error:
            raise error if key is None else error.under(key) from None
    return rows


@dataclass(frozen=True, kw_only=True)
class TypeTable(Table):
    """One type of an agent."""

    name: Line
    """Name of the type."""
    probability: Number | None = None
    """Its probability; may be left out under a joint prior."""
    utility: list[Number]
    """Value for each outcome, in the order of outcomes."""
    outside: Number = Fraction(0)
    """Outside option."""


@dataclass(frozen=True)
class Possible:
    """A type as a file means it: its name, its mass (None: not said), and its variables."""

    name: str
    probability: Fraction | None
    variables: Variables


@dataclass(frozen=True, kw_only=True)
class AgentTable(Table):
    """Identical agents. Types are listed one by one, or are values, a grid or components with a formula for utility."""

    types: list[TypeTable] | None = None
    """The types; their probabilities sum to exactly 1."""
    values: list[Number] | None = None
    """Instead: one-dimensional types, strictly increasing; the variable of formulas is own."""
    probabilities: list[Number] | None = None
    """Probability of each value; they sum to exactly 1."""
    weights: list[Number] | None = None
    """Instead of probabilities: non-negative weights, which are normalised."""
    grid: Grid | None = None
    """Instead of values: an equally spaced grid."""
    distribution: LawField | None = None
    """With a grid: the distribution to put on it."""
    components: dict[str, TypesTable] | None = None
    """Instead: independent components by the names of their variables; the first one varies slowest."""
    utility: ByOutcome | None = None
    """Value of each outcome by formula; types that are listed have their own."""
    outside: FormulaField | None = None
    """Outside option by formula, 0 if left out."""
    name: Line | None = None
    """Name; several identical agents are called name-1, name-2, ..."""
    count: Count = 1
    """How many there are."""

    def __post_init__(self) -> None:
        one_dimensional = any(getattr(self, key) is not None for key in LINE)
        ways = [self.types is not None, one_dimensional, self.components is not None]
        if sum(ways) != 1:
            problem = "no types" if not any(ways) else "types in several ways"
            raise InputError(problem, expected="one of types, values, grid with distribution, components")
        if self.types is not None:
            for key in ("utility", "outside"):
                if getattr(self, key) is not None:
                    raise InputError("given for listed types, too", key=key, expected="one for each type, in types")
        elif self.utility is None:
            raise InputError("missing", key="utility", expected='a formula for each outcome, such as { build = "own" }')
        if self.components is not None:
            for name in self.components:
                if not is_name(name) or name in (OWN, "others"):
                    raise InputError("not the name of a variable", key=f"components.{name}", expected="such as x")
            if not self.components:
                raise InputError("no components", key="components", expected="one or more")
        _ = self.parts  # complain now, while the place in the file is known

    @cached_property
    def parts(self) -> dict[str, TypesTable]:
        """The tables of one-dimensional values that types are made of, by variable; none where types are listed."""
        if self.types is not None:
            return {}
        if self.components is not None:
            return self.components
        return {OWN: TypesTable(**{key: getattr(self, key) for key in LINE})}

    @cached_property
    def possible(self) -> list[Possible]:
        """The types, the first component slowest. A mass is None where the table does not say it."""
        if self.types is not None:
            return [Possible(t.name, t.probability, {}) for t in self.types]
        sides = []
        for table in self.parts.values():
            masses = table.types.probabilities if table.has_masses else (None,) * len(table.types)
            sides.append(list(zip(table.types.values, masses, strict=True)))
        out = []
        for entries in product(*sides):
            mass: Fraction | None = Fraction(1)
            for _, own in entries:
                mass = None if mass is None or own is None else mass * own
            variables = dict(zip(self.parts, (value for value, _ in entries), strict=True))
            out.append(Possible(", ".join(map(str, variables.values())), mass, variables))
        return out

    @staticmethod
    def formulas_of(given: ByOutcome | Formula | None) -> list[Formula]:
        """The formulas of an entry."""
        several = given.values() if isinstance(given, dict) else given if isinstance(given, list) else [given]
        return [formula for formula in several if isinstance(formula, Formula)]

    @property
    def formulas(self) -> list[Formula]:
        """The formulas for utilities and the outside option; none where types are listed."""
        return [*self.formulas_of(self.utility), *self.formulas_of(self.outside)]

    @property
    def names_others(self) -> bool:
        """Whether a formula names other agents."""
        return names_others(self.formulas)

    def at_profiles(
        self, outcomes: Outcomes, agent: int, names: Sequence[str], types: Sequence[Sequence[Variables]]
    ) -> tuple[tuple[tuple[Fraction, ...], ...], tuple[Fraction, ...]]:
        """Value of each outcome (columns), and the outside option, at each flattened profile (rows)."""
        assert self.utility is not None
        known = [*self.parts, *known_variables(self.formulas)]
        for key, some in {"utility": self.formulas_of(self.utility), "outside": self.formulas_of(self.outside)}.items():
            try:
                next(variables_at(some, agent, names, types))
            except InputError as error:
                raise error.under(key) from None
        at = list(variables_at(self.formulas, agent, names, types))
        try:
            values = by_outcome(self.utility, outcomes, known, at)
        except InputError as error:
            raise error.under("utility") from None
        try:
            function = None if self.outside is None else self.outside.over(*known)
            outside = tuple(Fraction(0) if function is None else function(variables) for variables in at)
        except InputError as error:
            raise error.under("outside") from None
        return tuple(map(tuple, values)), outside

    def utilities(self, outcomes: Outcomes) -> list[list[Fraction]]:
        """Value of each outcome (columns) to each type (rows); 0 where they are given at profiles."""
        if self.types is not None:
            return [t.utility for t in self.types]
        if self.names_others:
            return [[Fraction(0)] * len(outcomes.names) for _ in self.possible]
        assert self.utility is not None
        try:
            return by_outcome(self.utility, outcomes, list(self.parts), [t.variables for t in self.possible])
        except InputError as error:
            raise error.under("utility") from None

    def outsides(self) -> list[Fraction]:
        """Outside option of each type."""
        if self.types is not None:
            return [t.outside for t in self.types]
        if self.outside is None or self.names_others:
            return [Fraction(0)] * len(self.possible)
        try:
            function = self.outside.over(*self.parts)
            return [function(t.variables) for t in self.possible]
        except InputError as error:
            raise error.under("outside") from None


LINE = ("values", "probabilities", "weights", "grid", "distribution")
"""Keys of one-dimensional types."""
