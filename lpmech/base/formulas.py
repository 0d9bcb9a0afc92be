"""Formulas in files: expressions over the file's parameters and over variables, whose values come later."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
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


_FOREIGN = re.compile(r'(?:"([^"]*)"|(?<![\w.])([^\W\d]\w*))\s*\.\s*([^\W\d]\w*)')
_NAME = re.compile(r"(?<![\w.])[^\W\d]\w*")


@dataclass(frozen=True)
class Formula:
    """A number, or an expression over the parameters of the file and over variables: "own*quantity - quantity^2/2"."""

    source: object
    context: Context = field(default_factory=Context, compare=False, repr=False)

    @cached_property
    def _read(self) -> tuple[object, dict[str, tuple[str, str]]]:
        """The source with an alias for each variable of another agent, and what the aliases stand for."""
        if not isinstance(self.source, str):
            return self.source, {}
        aliases: dict[str, tuple[str, str]] = {}

        def alias(match: re.Match[str]) -> str:
            name = match[1] if match[1] is not None else match[2]
            text = f"of_{name.encode().hex()}_{match[3]}"
            aliases[text] = (name, match[3])
            return text

        return _FOREIGN.sub(alias, self.source), aliases

    @property
    def foreign(self) -> dict[str, tuple[str, str]]:
        """Variables of other agents that it mentions, seller.own or "citizen-1".own: alias -> (agent, variable)."""
        return self._read[1]

    @cached_property
    def names(self) -> frozenset[str]:
        """Names that it mentions, those of other agents' variables left out."""
        text = self._read[0]
        return frozenset(_NAME.findall(text)) - set(self.foreign) if isinstance(text, str) else frozenset()

    def over(self, *variables: str) -> Function:
        """The formula as a function of these variables: exact values by name to an exact value.

        Variables of other agents are given by their aliases. Raises InputError if it mentions anything else, or if a
        variable and a parameter have one name.
        """
        unknown = [place for alias, place in self.foreign.items() if alias not in variables]
        if unknown:
            name, variable = unknown[0]
            raise InputError(
                f"{name}.{variable} is not known here",
                value=written(self.source),
                expected="the agent's own variables: only utilities, outside options and worths may name other agents",
            )
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
            return evaluate_in(_Later(), self._read[0], known)
        except InputError as error:
            if self.context.unreadable & set(re.findall(r"\w+", self.source)):
                raise FollowsError("depends on a parameter that could not be read") from None
            error.value = written(self.source)  # not with aliases in it
            raise error from None


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
