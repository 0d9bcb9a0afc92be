"""Exact rationals: reading and printing (conventions C2); arrays of them are in ``lpmech.base.arrays``.

Three representations, each in its place: ``fractions.Fraction`` at the edges (models, results, proofs: hashable,
standard library), ``flint.fmpq`` in numpy object arrays inside programs (ten times faster), and text in files.
"""

from __future__ import annotations

import math
import numbers
import sys
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, overload

from lpmech.base.errors import InputError
from lpmech.base.floats import as_decimals

if hasattr(sys, "set_int_max_str_digits"):  # exact margins may need more than Python's default 4300 digits
    sys.set_int_max_str_digits(0)

MAX_DIGITS = 1000
"""Longest number read from a user: far beyond any model, short of what stalls a program."""

Rational = int | str | Fraction | Decimal
"""What a user may write for an exact number. Binary floating point is refused: 0.1 is not one tenth."""

INF = math.inf


def rational(x: object) -> Fraction:
    """Read one exact number: int, Fraction, Decimal, or text such as "13/600", "0.25", "1e-9".

    Raises InputError on binary floats (unless ``lpmech.base.floats`` says that decimals are meant), booleans, infinities,
    text that is no number, and numbers of over 1000 digits.
    """
    expected = 'an exact number: an integer, a decimal as text ("0.25"), a fraction ("13/600"), Fraction or Decimal'
    if isinstance(x, bool):
        raise InputError("a truth value where a number is needed", value=x, expected=expected)
    if isinstance(x, numbers.Rational):  # int, Fraction, and numpy integers
        return Fraction(int(x.numerator), int(x.denominator))
    if isinstance(x, numbers.Real):
        if as_decimals() and math.isfinite(x):
            return Fraction(repr(float(x)))
        meant = f'the text "{x}", or floats="decimal", if that decimal is meant; or a fraction, or another exact number'
        raise InputError(
            "a binary floating-point number is not exact", value=x, expected=meant if math.isfinite(x) else expected
        )
    if isinstance(x, Decimal | str):
        text = str(x).strip()
        if len(text) > MAX_DIGITS or _exponent(text) > MAX_DIGITS:
            raise InputError(f"a number of more than {MAX_DIGITS} digits", value=text, expected="a shorter number")
        try:
            return Fraction(text)
        except (ValueError, ZeroDivisionError) as problem:
            reason = "division by zero" if isinstance(problem, ZeroDivisionError) else "not a number"
            raise InputError(reason, value=repr(text), expected=expected) from None
    if type(x).__name__ in {"fmpq", "fmpz"}:
        return from_flint(x)
    raise InputError(f"{type(x).__name__} where a number is needed", value=repr(x), expected=expected)


def _exponent(text: str) -> int:
    """Absolute decimal exponent of a number in scientific notation, 0 without one."""
    _, e, tail = text.lower().partition("e")
    return abs(int(tail)) if e and tail.lstrip("+-").isdecimal() and len(tail) < 12 else (MAX_DIGITS + 1) * bool(e)


class Scaled(Sequence[Fraction]):
    """Rationals kept as integers over one denominator: ``Scaled(6, [1, 2])`` is 1/6, 1/3. Entries are made on request."""

    __slots__ = ("of", "over")

    def __init__(self, over: int, of: Sequence[int]) -> None:
        self.over, self.of = over, of

    @classmethod
    def read(cls, exact: Sequence[Fraction]) -> Scaled:
        """Numbers brought to their least common denominator."""
        if isinstance(exact, Scaled):
            return exact
        by = math.lcm(*{x.denominator for x in exact})
        return cls(by, [x.numerator * (by // x.denominator) for x in exact])

    def __len__(self) -> int:
        return len(self.of)

    @overload
    def __getitem__(self, at: int) -> Fraction: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Fraction]: ...
    def __getitem__(self, at: int | slice) -> Fraction | Sequence[Fraction]:
        if isinstance(at, slice):
            return Scaled(self.over, self.of[at])
        return Fraction(self.of[at], self.over)

    def plus(self, x: Fraction) -> Scaled:
        """The same number added to all."""
        over = math.lcm(self.over, x.denominator)
        by, more = over // self.over, x.numerator * (over // x.denominator)
        return Scaled(over, [n * by + more for n in self.of])

    def table(self) -> dict[str, Any]:
        """As in proof files."""
        return {"over": str(self.over), "of": list(map(str, self.of))}

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, Sequence) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Scaled({self.over}, {self.of!r})"


def show(x: Fraction | float) -> str:
    """Text of an exact number: "1/3", "-2", "inf", "-inf"."""
    if isinstance(x, float):
        if math.isinf(x):
            return "inf" if x > 0 else "-inf"
        raise TypeError(f"{x!r} is not exact")
    return str(x)


LONGEST = 40
"""Longest exact number shown in running text; longer ones are shown as decimals and kept exact in the proof."""


def too_long(x: Fraction | float) -> bool:
    """Whether a number is shown as a decimal."""
    return len(show(x)) > LONGEST


def show_count(n: int) -> str:
    """How many, for people: "20,000", "about 10^131"."""
    return f"{n:,}" if n < 10**12 else f"about 10^{len(str(n)) - 1}"


def decimal(x: Fraction | float) -> float:
    """Nearest double, for display only; beyond double range the infinity of that sign."""
    try:
        return float(x)
    except OverflowError:
        return INF if x > 0 else -INF


def brief(x: Fraction | float) -> str:
    """An exact number for a table: ``-49/600``; as a decimal, ``≈ 0.1234567891``, if it is long."""
    text = show(x)
    return f"≈ {decimal(x):.10g}" if too_long(x) else text


def from_flint(x: Any) -> Fraction:
    """fmpq or fmpz -> Fraction."""
    if hasattr(x, "q"):
        return Fraction(int(x.p), int(x.q))
    return Fraction(int(x))


def to_float(x: Any) -> float:
    """fmpq -> nearest double (infinity beyond double range)."""
    return decimal(from_flint(x))


def to_flint(x: Fraction | int) -> Any:
    """Fraction or int -> fmpq."""
    from flint import fmpq

    return fmpq(x) if isinstance(x, int) else fmpq(x.numerator, x.denominator)


def exact_masses(
    probabilities: Sequence[Fraction], what: str, key: str | None = None, entry: str | None = None
) -> tuple[Fraction, ...]:
    """Check that masses are non-negative and sum to exactly 1.

    Complaints are about ``key``, or about ``entry`` with the mass's number filled in.
    """
    by = math.lcm(*{mass.denominator for mass in probabilities})
    total = Fraction(sum([mass.numerator * (by // mass.denominator) for mass in probabilities]), by)
    for k, mass in enumerate(probabilities):
        if mass.numerator < 0:
            place = key if entry is None else entry.format(k)
            raise InputError(
                f"{what}: a negative probability", key=place, value=mass, expected="masses >= 0 that sum to 1"
            )
    if total != 1:
        raise InputError(
            f"{what}: probabilities sum to {total}, not 1",
            key=key,
            expected="masses that sum to exactly 1, or weights, which are normalised",
        )
    return tuple(probabilities)
