"""Exact rational arithmetic over parameters, as instance files write it: "8*k + 1", "13/600", "(1 - p)^2" (C2).

    sum     = product {("+" | "-") product}
    product = signed {("*" | "/") signed}
    signed  = {"+" | "-"} power                  -2^2 is -4
    power   = atom [("^" | "**") signed]         2^3^2 is 2^9; the exponent is an integer
    atom    = number | parameter | "(" sum ")"

A grammar of its own instead of Python's: parameters may be called ``lambda``, decimals are read as written, and nothing
but arithmetic can be said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import islice
from typing import Generic, Protocol, TypeVar

from lpmech.base.errors import InputError
from lpmech.base.exact import MAX_DIGITS, rational
from lpmech.base.near import hint

MAX_LENGTH = 4000
"""Longest expression, in characters."""

MAX_DEPTH = 50
"""Deepest nesting of parentheses and powers."""

MAX_EXPONENT = 1000
"""Largest exponent, in absolute value."""

EXPECTED = 'an exact number: 3, 0.25, "13/600", or an expression over the parameters such as "8*k + 1"'

_LIMIT = 10**MAX_DIGITS
_NUMBER = r"(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9]+)?"
_PLAIN = re.compile(rf"\s*[+-]?(?:{_NUMBER}|[0-9]+/0*[1-9][0-9]*)\s*")
_TOKEN = re.compile(rf"\s*(?:(?P<number>{_NUMBER})|(?P<name>[^\W\d]\w*)|(?P<operator>\*\*|[-+*/^()]))")


T = TypeVar("T")


class Arithmetic(Protocol[T]):
    """What expressions are evaluated in: numbers, or many numbers at once."""

    def number(self, x: Fraction) -> T: ...
    def minus(self, a: T) -> T: ...
    def plus(self, a: T, b: T) -> T: ...
    def times(self, a: T, b: T) -> T: ...
    def over(self, a: T, b: T) -> T: ...
    def power(self, a: T, b: T) -> T: ...


def evaluate(source: object, parameters: Mapping[str, Fraction]) -> Fraction:
    """Value of a number or expression, exactly.

    Raises InputError on what is no number, on unknown parameters (naming the known ones), division by zero, exponents
    that are not integers of at most 1000, and results or intermediate results of over 1000 digits.
    """
    return evaluate_in(EXACT, source, parameters)


def evaluate_in(arithmetic: Arithmetic[T], source: object, parameters: Mapping[str, T]) -> T:
    """As ``evaluate``, in another arithmetic."""
    try:
        if not isinstance(source, str) or (len(source) <= MAX_DIGITS and _PLAIN.fullmatch(source)):
            return arithmetic.number(_bounded(_plain(source)))
        return _Reader(source, parameters, arithmetic).value()
    except InputError as error:
        raise error.located(value=repr(source)) from None


def is_name(text: str) -> bool:
    """Whether an expression can mention a parameter of this name."""
    match = _TOKEN.fullmatch(text)
    return match is not None and match["name"] == text


LISTED = 20
"""Parameters that a message lists."""


def unknown_name(name: str, parameters: Mapping[str, object]) -> InputError:
    """The complaint about a parameter that does not exist."""
    names = tuple(islice(parameters, LISTED + 1))
    known = ", ".join(names[:LISTED]) + (f", ... ({len(parameters)} in all)" if len(names) > LISTED else "")
    return InputError(
        f"unknown parameter {name!r}",
        expected=f"one of the parameters: {known}{hint(name, parameters)}"
        if known
        else "a number; no parameters come before this",
    )


def _plain(source: object) -> Fraction:
    """A number that is no expression."""
    try:
        return rational(source)
    except InputError as error:
        raise InputError(error.problem, expected=EXPECTED) from None


def _bounded(x: Fraction) -> Fraction:
    """The same number, if its numerator and denominator have at most 1000 digits."""
    if abs(x.numerator) >= _LIMIT or x.denominator >= _LIMIT:
        raise InputError(f"a number of more than {MAX_DIGITS} digits", expected="a shorter number")
    return x


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    if exponent.denominator != 1 or abs(exponent) > MAX_EXPONENT:
        raise InputError("an unusable exponent", expected=f"an integer from -{MAX_EXPONENT} to {MAX_EXPONENT}")
    if base == 0 and exponent < 0:
        raise InputError("division by zero", expected="a divisor other than 0")
    longest = max(base.numerator.bit_length(), base.denominator.bit_length()) - 1
    if longest * abs(exponent) > _LIMIT.bit_length():
        raise InputError(f"a number of more than {MAX_DIGITS} digits", expected="a smaller power")
    return _bounded(Fraction(base ** int(exponent)))


class _Exact:
    """One rational at a time."""

    def number(self, x: Fraction) -> Fraction:
        return x

    def minus(self, a: Fraction) -> Fraction:
        return -a

    def plus(self, a: Fraction, b: Fraction) -> Fraction:
        return _bounded(a + b)

    def times(self, a: Fraction, b: Fraction) -> Fraction:
        return _bounded(a * b)

    def over(self, a: Fraction, b: Fraction) -> Fraction:
        if b == 0:
            raise InputError("division by zero", expected="a divisor other than 0")
        return _bounded(a / b)

    def power(self, a: Fraction, b: Fraction) -> Fraction:
        return _power(a, b)


EXACT = _Exact()
"""The arithmetic of exact rationals."""


class _Reader(Generic[T]):
    """One pass over one expression; each method reads a rule of the grammar and returns its value."""

    def __init__(self, text: str, parameters: Mapping[str, T], arithmetic: Arithmetic[T]) -> None:
        if len(text) > MAX_LENGTH:
            raise InputError(
                f"an expression of {len(text)} characters", expected=f"at most {MAX_LENGTH}; use [parameters]"
            )
        self.parameters, self.arithmetic, self.depth, self.at = parameters, arithmetic, 0, 0
        self.tokens: list[tuple[str, str]] = []
        end, stop = 0, len(text.rstrip())
        while end < stop:
            match = _TOKEN.match(text, end)
            if match is None:
                bad = text[end:].lstrip()[0]
                raise InputError(
                    f"{bad!r} in a number",
                    expected="a number, or arithmetic (+ - * / ^ and parentheses) over the file's [parameters]",
                )
            self.tokens.append((str(match.lastgroup), match[str(match.lastgroup)]))
            end = match.end()

    def value(self) -> T:
        result = self.sum()
        if self.next is not None:
            raise InputError(f"unexpected {self.next!r}", expected="an operator (+ - * / ^) or the end before it")
        return result

    @property
    def next(self) -> str | None:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else None

    def take(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1][1]

    def sum(self) -> T:
        result = self.product()
        while self.next in ("+", "-"):
            plus, term = self.take() == "+", self.product()
            result = self.arithmetic.plus(result, term if plus else self.arithmetic.minus(term))
        return result

    def product(self) -> T:
        result = self.signed()
        while self.next in ("*", "/"):
            multiply, factor = self.take() == "*", self.signed()
            result = self.arithmetic.times(result, factor) if multiply else self.arithmetic.over(result, factor)
        return result

    def signed(self) -> T:
        negative = False
        while self.next in ("+", "-"):
            negative ^= self.take() == "-"
        result = self.power()
        return self.arithmetic.minus(result) if negative else result

    def power(self) -> T:
        base = self.atom()
        if self.next not in ("^", "**"):
            return base
        self.take()
        return self.arithmetic.power(base, self.nested(self.signed))

    def atom(self) -> T:
        if self.next is None or self.next in (")", "*", "/", "^", "**"):
            found = "the end" if self.next is None else repr(self.next)
            raise InputError(f"{found} where a number is needed", expected="a number, a parameter or '('")
        kind, token = self.tokens[self.at]
        self.take()
        if kind == "number":
            return self.arithmetic.number(_bounded(_plain(token)))
        if kind == "name":
            if token not in self.parameters:
                raise unknown_name(token, self.parameters)
            return self.parameters[token]
        result = self.nested(self.sum)
        if self.next != ")":
            raise InputError("a parenthesis that is not closed", expected="')'")
        self.take()
        return result

    def nested(self, rule: Callable[[], T]) -> T:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise InputError("an expression nested too deeply", expected=f"at most {MAX_DEPTH} levels")
        result = rule()
        self.depth -= 1
        return result
