"""Formulas in files: expressions over the file's parameters and over variables, whose values come later."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Annotated, Any

from lpmech.base.errors import InputError
from lpmech.base.expressions import EXACT, EXPECTED, MAX_LENGTH, evaluate_in
from lpmech.base.fields import Context, FollowsError, Reader, written

Variables = Mapping[str, Fraction]
Function = Callable[[Variables], Fraction]


class _Later:
    """Arithmetic on functions of the variables: an expression is read once, and evaluated as often as needed."""

    def number(self, x: Fraction) -> Function:
        return lambda at: x

    def minus(self, a: Function) -> Function:
        return lambda at: EXACT.minus(a(at))

    def plus(self, a: Function, b: Function) -> Function:
        return lambda at: EXACT.plus(a(at), b(at))

    def times(self, a: Function, b: Function) -> Function:
        return lambda at: EXACT.times(a(at), b(at))

    def over(self, a: Function, b: Function) -> Function:
        return lambda at: EXACT.over(a(at), b(at))

    def power(self, a: Function, b: Function) -> Function:
        return lambda at: EXACT.power(a(at), b(at))


def _variable(name: str) -> Function:
    return lambda at: at[name]


@dataclass(frozen=True)
class Formula:
    """A number, or an expression over the parameters of the file and over variables: "own*quantity - quantity^2/2"."""

    source: object
    context: Context = field(default_factory=Context, compare=False, repr=False)

    def over(self, *variables: str) -> Function:
        """The formula as a function of these variables: exact values by name to an exact value.

        Raises InputError if it mentions anything else, or if a variable and a parameter have one name.
        """
        parameters = self.context.parameters
        for name in variables:
            if name in parameters:
                raise InputError(
                    f"{name} is a variable here, and a parameter of the file",
                    value=written(self.source),
                    expected="another name for the parameter",
                )
        known = {name: _Later().number(x) for name, x in parameters.items()}
        known |= {name: _variable(name) for name in variables}
        if not isinstance(self.source, str):
            return _Later().number(self.context.number(self.source))
        try:
            return evaluate_in(_Later(), self.source, known)
        except InputError as error:
            if self.context.unreadable & set(re.findall(r"\w+", self.source)):
                raise FollowsError("depends on a parameter that could not be read") from None
            raise error.located(value=written(self.source)) from None


class FormulaReader(Reader):
    """A formula; what it may mention is known where it is used."""

    def read(self, source: Any, context: Context) -> Formula:
        if not isinstance(source, str):
            context.number(source)
        return Formula(source, context)

    def json_schema(self) -> dict[str, Any]:
        text = f"{EXPECTED}, and over variables"
        return {"type": ["number", "string"], "maxLength": MAX_LENGTH, "description": text}


FormulaField = Annotated[Formula, FormulaReader()]
