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
from lpmech.base.fields import Context, ExactNumber, Line, Number, Reader, Table, written
from lpmech.base.formulas import Formula, FormulaField, FormulaReader, Variables
from lpmech.base.names import one_line
from lpmech.question.distributions.grid import Grid
from lpmech.question.distributions.table import LawField
from lpmech.question.environments import Count, TypesTable
from lpmech.question.environments.at_profiles import known_variables, names_others, variables_at

OWN = "own"
"""The variable of a one-dimensional type."""

MAX_OUTCOMES = 10_000
"""Most outcomes that a range may stand for."""


@dataclass(frozen=True)
class Outcomes:
    """Names of the outcomes; where they are the values of a variable, its name and these values."""

    names: tuple[str, ...]
    variable: str | None = None
    values: tuple[Fraction, ...] = ()

    def at(self, x: int) -> dict[str, Fraction]:
        """The variable's value at outcome number x, by its name; nothing where there is none."""
        return {} if self.variable is None else {self.variable: self.values[x]}

    @property
    def variables(self) -> tuple[str, ...]:
        """Names of the outcomes' variables: one or none."""
        return () if self.variable is None else (self.variable,)


class OutcomesReader(Reader):
    """A list of names, or { quantity = { from, to, step } }: an outcome for each value, named by it."""

    def read(self, source: Any, context: Context) -> Outcomes:
        if isinstance(source, list):
            names = []
            for x, name in enumerate(source):
                if not isinstance(name, str):
                    raise InputError("not text", key=f"[{x}]", value=written(name), expected="the name of an outcome")
                names.append(one_line(name, f"[{x}]"))
            return Outcomes(tuple(names))
        if not isinstance(source, Mapping) or len(source) != 1:
            raise InputError("not a list of outcomes", value=written(source), expected=self._expected)
        ((variable, ends),) = source.items()
        if not is_name(variable) or variable == OWN:
            raise InputError("not the name of a variable", value=written(variable), expected=self._expected)
        if not isinstance(ends, Mapping) or set(ends) != {"from", "to", "step"}:
            raise InputError("not a range", key=variable, value=written(ends), expected="from, to and step")
        numbers = {}
        for key in ("from", "to", "step"):
            try:
                numbers[key] = context.number(ends[key])
            except InputError as error:
                raise error.under(f"{variable}.{key}") from None
        low, step = numbers["from"], numbers["step"]
        if step <= 0:
            raise InputError("a step that does not lead on", key=f"{variable}.step", value=step, expected="more than 0")
        steps = (numbers["to"] - low) / step
        if steps.denominator != 1 or not 0 <= steps < MAX_OUTCOMES:
            raise InputError(
                f"{steps} steps from {low} to {numbers['to']}",
                key=f"{variable}.to",
                expected=f"a whole number of steps, at most {MAX_OUTCOMES - 1:,}",
            )
        values = tuple(low + k * step for k in range(int(steps) + 1))
        return Outcomes(tuple(map(str, values)), variable, values)

    _expected = 'names, such as ["none", "build"], or { quantity = { from = 0, to = 20, step = "1/2" } }'

    def json_schema(self) -> dict[str, Any]:
        number = ExactNumber().json_schema()
        ends = {"type": "object", "properties": dict.fromkeys(("from", "to", "step"), number), "minProperties": 3}
        return {
            "oneOf": [
                {"type": "array", "items": {"type": "string"}},
                {"type": "object", "additionalProperties": ends, "minProperties": 1, "maxProperties": 1},
            ],
            "description": "Names of the outcomes, or one variable with its range: an outcome for each of its values",
        }


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

    @property
    def formulas(self) -> list[Formula]:
        """The formulas for utilities and the outside option; none where types are listed."""
        given = self.utility
        several = given.values() if isinstance(given, dict) else given if isinstance(given, list) else [given]
        return [formula for formula in (*several, self.outside) if formula is not None]

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
