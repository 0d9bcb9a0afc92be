"""The frontier of welfare against subsidy: its corners, and the proved lines above it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lpmech.answer.mechanism import Mechanism
from lpmech.answer.proof import Proof
from lpmech.base.errors import UndecidedError
from lpmech.base.exact import Rational, decimal, rational, show
from lpmech.base.views import views
from lpmech.question.model import Instance

if TYPE_CHECKING:
    import pandas as pd

FORMAT = "lpmech-frontier/1"
ZERO, ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True)
class Point:
    """A corner of the curve: with ``subsidy`` (money) expected welfare can be ``welfare`` (money), and no more."""

    subsidy: Fraction
    welfare: Fraction
    found: Mechanism

    def mechanism(self, instance: Instance) -> Mechanism:
        """A mechanism that meets the requirements but for its budget, where -subsidy is in the place of 0."""
        if self.found.environment is instance.environment:
            return self.found
        return Mechanism(instance.environment, tuple(self.found.transfers), self.found.lotteries)


@dataclass(frozen=True)
class Line:
    """W(s) <= intercept + slope s for every s, by the multipliers of a verified proof; slope: welfare per money."""

    slope: Fraction
    intercept: Fraction
    proof: Proof

    def at(self, s: Fraction) -> Fraction:
        """Its value."""
        return self.intercept + self.slope * s


Corner = tuple[Point, Line]
"""A point of the curve, and a line above it that touches it there, or follows it after the point."""


@dataclass(frozen=True)
class Frontier:
    """The curve, exactly: straight between its ``points``, level after the last one, undefined before the first.

    ``lines[k]`` is the proof that nothing is above the curve between points k and k + 1, and the last one that nothing is
    above its end. ``first_best``: E[max_x W(x; theta)], the last point's welfare unless no subsidy buys it.
    """

    instance: Instance
    points: tuple[Point, ...]
    lines: tuple[Line, ...]
    first_best: Fraction

    def __iter__(self) -> Iterator[tuple[Fraction, Fraction]]:
        """(subsidy, welfare) of each corner."""
        return ((point.subsidy, point.welfare) for point in self.points)

    def __len__(self) -> int:
        return len(self.points)

    def __call__(self, subsidy: Rational) -> Fraction | None:
        """W(subsidy), None where no mechanism exists, or below 0. Raises InputError on what is no exact number."""
        s = rational(subsidy)
        if s < self.points[0].subsidy:
            return None
        return min(line.at(s) for line in self.lines)

    @property
    def slopes(self) -> list[Fraction]:
        """Welfare bought by one more unit of subsidy after each point; 0 after the last."""
        return [line.slope for line in self.lines]

    @cached_property
    def rows(self) -> list[dict[str, Fraction]]:
        """Subsidy, welfare, slope after it, and what is missing to the first best, for each corner."""
        return [
            {"subsidy": p.subsidy, "welfare": p.welfare, "slope": slope, "loss": self.first_best - p.welfare}
            for p, slope in zip(self.points, self.slopes, strict=True)
        ]

    def table(self, file: str = "") -> dict[str, Any]:
        """The JSON object of ``lpmech frontier --format json``."""
        points = [
            {name: show(x) for name, x in row.items()}
            | {f"{name}_decimal": decimal(row[name]) for name in ("subsidy", "welfare")}
            for row in self.rows
        ]
        best = {"first_best": show(self.first_best), "points": points}
        return {"format": FORMAT, "file": file, "title": self.instance.title, **best}

    def to_frame(self, *, exact: bool = True) -> pd.DataFrame:
        """pandas: a row for each corner. Exact entries are Fractions; else floats."""
        import pandas as pd

        return pd.DataFrame([{k: x if exact else decimal(x) for k, x in row.items()} for row in self.rows])

    def csv(self) -> str:
        """A row for each corner, exact numbers as text."""
        lines = [",".join(map(show, row.values())) for row in self.rows]
        return "\n".join([",".join(self.rows[0]), *lines])

    def explain(self, format: str = "text") -> str:
        """The curve in words and as a table: "text", "markdown", "latex" or "html"."""
        return views().explained(self, format)

    def _repr_html_(self) -> str:
        return views().html(self)

    def __repr__(self) -> str:
        ends = " to ".join(f"({show(s)}, {show(w)})" for s, w in [*self][:: len(self) - 1 or 1])
        return f"<Frontier: {len(self)} point{'s' * (len(self) > 1)}, {ends}>"


def checked(proof: Proof) -> Proof:
    """A proof that the verifier accepts."""
    report = proof.verify()
    if not report:
        raise UndecidedError("the frontier was not found: the verifier refused: " + "; ".join(report.problems[:3]))
    return proof
