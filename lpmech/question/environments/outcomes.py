"""Outcomes as files describe them: a list of names, or the values of a variable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from lpmech.base.errors import InputError
from lpmech.base.expressions import is_name
from lpmech.base.fields import Context, ExactNumber, Reader, written
from lpmech.base.names import one_line

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
