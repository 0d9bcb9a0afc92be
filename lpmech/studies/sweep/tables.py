"""The tables of a sweep file (``docs/sweeps.md``) and the axes they stand for."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import Field

from lpmech.base.errors import Complaints, InputError
from lpmech.base.fields import Choice, Context, Line, Number, Reader, Table, WholeNumber, written
from lpmech.question.requirements import CHOICES
from lpmech.studies.sweep.axes import Axis, Lattice, Range, Simplex, Uniform, Values, Zip
from lpmech.studies.sweep.theory import TheoremNames

FORMAT = "lpmech-sweep/1"

MOST = 10**9
"""Most rows of a sweep."""

KINDS = {
    "values": ({"parameter", "values"}, set()),
    "range": ({"parameter", "from", "to", "steps"}, set()),
    "uniform": ({"draw", "count", "seed", "denominator", "low", "high"}, {"parameter", "parameters", "increasing"}),
    "simplex": ({"draw", "count", "seed", "denominator", "parameters"}, {"alpha"}),
    "lattice": ({"parameters", "steps"}, set()),
    "zip": ({"zip"}, set()),
}
"""Keys that each kind of axis must have, and may have beside those for figures."""

SHOWN = {"label", "labels", "unit"}
"""Keys that say what figures write on an axis."""


class Given(Reader):
    """A path or a table (an instance); a word or a table (an allocation): read later, with the instance."""

    def __init__(self, what: str) -> None:
        self.what = what

    def read(self, source: Any, context: Context) -> Any:
        if not isinstance(source, str | dict):
            raise InputError("neither text nor a table", value=written(source), expected=self.what)
        return source

    def json_schema(self) -> dict[str, Any]:
        return {"type": ["string", "object"], "description": self.what}


@dataclass(frozen=True, kw_only=True)
class PlainAxisTable(Table):
    """Values, a range or draws: what one parameter, or several drawn together, runs over."""

    parameter: Line | None = None
    """The parameter that varies."""
    parameters: list[Line] | None = None
    """Parameters drawn together."""
    values: list[Number] | None = None
    """Its values."""
    low_end: Annotated[Number | None, Field(alias="from")] = None
    """The first value of a range."""
    to: Number | None = None
    """The last value of a range."""
    steps: Annotated[int, WholeNumber(1, MOST)] | None = None
    """Equal steps from the first to the last: one value more than steps."""
    draw: Annotated[str, Choice(("uniform", "simplex"))] | None = None
    """How points are drawn."""
    count: Annotated[int, WholeNumber(1, MOST)] | None = None
    """How many points are drawn."""
    seed: Annotated[int, WholeNumber(0, 2**63)] | None = None
    """What the draws start from."""
    denominator: Annotated[int, WholeNumber(1, 10**18)] | None = None
    """Draws are whole multiples of 1/denominator of the range, or of 1."""
    low: Number | None = None
    """The least value drawn."""
    high: Number | None = None
    """The largest value drawn."""
    increasing: bool = False
    """Values drawn together differ, and are in order."""
    alpha: list[Annotated[int, WholeNumber(1, 1000)]] | None = None
    """Whole parameters of the Dirichlet law, one for each parameter; all 1 if not given."""
    label: Line | None = None
    """What figures call the parameter."""
    labels: list[Line] | None = None
    """What figures call several parameters."""
    unit: Line | None = None
    """The unit that figures show."""

    def given(self) -> set[str]:
        """Keys that are there."""
        names = {"low_end": "from"}
        return {names.get(k, k) for k, x in vars(self).items() if x is not None and x is not False}

    def __post_init__(self) -> None:
        kind, given = self.kind, self.given() - SHOWN
        needed, allowed = KINDS[kind]
        if missing := sorted(needed - given):
            raise InputError("missing", key=missing[0], expected=f"an axis of {kind}: {', '.join(sorted(needed))}")
        if odd := sorted(given - needed - allowed):
            known = ", ".join(sorted(needed | allowed))
            raise InputError("does not go with the other keys", key=odd[0], expected=f"an axis of {kind}: {known}")
        if self.draw is not None:
            self._check_draw()
        if kind == "lattice" and len(self.drawn) < 2:
            raise InputError("shares of one", key="parameters", expected="two or more parameters that sum to 1")
        if self.label is not None and self.parameter is None:
            raise InputError("a label for several parameters", key="label", expected="labels, one for each")
        if self.labels is not None and len(self.labels) != len(self.parameters or ()):
            raise InputError(f"{len(self.labels)} labels", key="labels", expected="one for each of the parameters")

    @property
    def kind(self) -> str:
        """Which of KINDS it is meant to be."""
        given = self.given()
        if "zip" in given or self.draw is not None:
            return self.draw or "zip"
        if given & {"from", "to"}:
            return "range"
        if "steps" in given:
            return "lattice" if "parameters" in given else "range"
        if "values" in given:
            return "values"
        raise InputError("an axis without values", expected="values; from, to, steps; draw; or zip")

    def names_shown(self) -> dict[str, str]:
        """What figures call the parameters that have a label or a unit."""
        texts = self.labels or [self.label or name for name in self.drawn]
        unit = f" ({self.unit})" if self.unit else ""
        return {name: text + unit for name, text in zip(self.drawn, texts, strict=True) if text + unit != name}

    def _check_draw(self) -> None:
        names = self.drawn
        if (self.parameter is None) == (self.parameters is None) or not names:
            raise InputError("what is drawn", key="parameters", expected="either parameter or parameters, not empty")
        if self.draw == "uniform":
            if (self.low or 0) > (self.high or 0):
                raise InputError("low above high", key="low", value=self.low, expected=f"at most {self.high}")
            if self.increasing and (len(names) > (self.denominator or 0) + 1 or self.low == self.high):
                raise InputError("too few values to differ", key="denominator", value=self.denominator)
        if self.alpha is not None and len(self.alpha) != len(names):
            raise InputError(f"{len(self.alpha)} numbers for {len(names)} parameters", key="alpha")

    @property
    def drawn(self) -> tuple[str, ...]:
        return tuple(self.parameters or ([] if self.parameter is None else [self.parameter]))

    def axis(self) -> Axis:
        """What it stands for. Raises InputError with a key relative to the table."""
        if self.values is not None:
            if not self.values:
                raise InputError("no values", key="values", expected="at least one")
            return Values(str(self.parameter), tuple(self.values))
        if self.kind == "lattice":
            return Lattice(self.drawn, self.steps or 1)
        if self.steps is not None:
            return Range(str(self.parameter), self.low_end or Fraction(0), self.to or Fraction(0), self.steps)
        drawn = (self.drawn, self.count or 0, self.seed or 0, self.denominator or 1)
        if self.draw == "uniform":
            return Uniform(*drawn, self.low or Fraction(0), self.high or Fraction(0), self.increasing)
        return Simplex(*drawn, tuple(self.alpha or [1] * len(self.drawn)))


@dataclass(frozen=True, kw_only=True)
class AxisTable(PlainAxisTable):
    """What varies: values, a range, draws, or a zip of such."""

    zip: list[PlainAxisTable] | None = None
    """Axes of one size that go along together."""

    def names_shown(self) -> dict[str, str]:
        if self.zip is None:
            return super().names_shown()
        return {name: text for table in self.zip for name, text in table.names_shown().items()}

    def axis(self) -> Axis:
        if self.zip is None:
            return super().axis()
        if not self.zip:
            raise InputError("nothing to go along together", key="zip", expected="at least one axis")
        found = Complaints()
        axes: list[Axis] = []
        for n, table in enumerate(self.zip):
            with found.about(f"zip[{n}]"):
                axes.append(table.axis())
        found.settle()
        for n, axis in enumerate(axes):
            if axis.size != axes[0].size:
                raise InputError(f"{axis.size} places beside {axes[0].size}", key=f"zip[{n}]", expected="as many")
        return Zip(tuple(axes))


@dataclass(frozen=True, kw_only=True)
class SetTable(Table):
    """A set of requirements to compare: what differs from those of the instance."""

    name: Line
    """What the rows are called by."""
    incentive_compatibility: Annotated[str, Choice(CHOICES["incentive_compatibility"])] | None = None
    """In the place of the instance's."""
    individual_rationality: Annotated[str, Choice(CHOICES["individual_rationality"])] | None = None
    """In the place of the instance's."""
    budget: Annotated[str, Choice(CHOICES["budget"])] | None = None
    """In the place of the instance's."""
    allocation: Annotated[Any, Given('"efficient", "free", or a table as in instance files')] = None
    """In the place of the instance's."""
    ties: Annotated[str, Choice(CHOICES["ties"])] | None = None
    """In the place of the instance's."""
    transfers: Annotated[str, Choice(CHOICES["transfers"])] | None = None
    """In the place of the instance's."""

    def changes(self) -> dict[str, Any]:
        """Keys of a requirements table."""
        return {key: x for key, x in vars(self).items() if key != "name" and x is not None}


@dataclass(frozen=True, kw_only=True)
class BisectTable(Table):
    """Where the verdict changes as one parameter runs from one number to another."""

    parameter: Line
    """The parameter."""
    low: Annotated[Number, Field(alias="from")]
    """One end."""
    high: Annotated[Number, Field(alias="to")]
    """The other end, larger."""
    width: Number
    """How narrow the interval must become."""
    label: Line | None = None
    """What figures call the parameter."""
    unit: Line | None = None
    """The unit that figures show."""

    def __post_init__(self) -> None:
        if self.low >= self.high:
            raise InputError("an interval without inside", key="to", value=self.high, expected=f"more than {self.low}")
        if self.width <= 0:
            raise InputError("a width that is not positive", key="width", value=self.width, expected='such as "1/1000"')

    @property
    def shown(self) -> str:
        """What figures call the parameter."""
        return (self.label or self.parameter) + (f" ({self.unit})" if self.unit else "")


@dataclass(frozen=True, kw_only=True)
class SweepTable(Table):
    """A family of instances: what varies, and what is asked at every point."""

    format: Literal["lpmech-sweep/1"]
    """Name and version of the format."""
    title: Line = ""
    """What the sweep shows, in a line."""
    instance: Annotated[Any, Given("the path of an instance file, relative to this one, or an instance as a table")]
    """The instance whose parameters vary."""
    axes: list[AxisTable] = field(default_factory=list)
    """What varies: every combination, the last axis fastest."""
    requirements: list[SetTable] = field(default_factory=list)
    """Sets of requirements to compare at every point; those of the instance if there is none."""
    bisect: BisectTable | None = None
    """Where the verdict changes, in the place of the verdict."""
    theorems: Annotated[Any, TheoremNames()] = ()
    """Theorems to set beside the verdicts."""
    proof: Annotated[str, Choice(("always", "on-request"))] = "always"
    """Whether proofs are made and verified for every row, or for rows asked about later."""
    method: Line = "auto"
    """Formulation or closed form."""
