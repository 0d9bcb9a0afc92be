"""Exact rationals in arrays: what axes give and expressions make for a whole chunk of points at once.

Numerators and denominators are 64-bit integers where they fit and Python's integers elsewhere, never doubles.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from lpmech.base.exact import MAX_DIGITS, decimal
from lpmech.base.expressions import MAX_EXPONENT

SAFE = 2**62
"""Integers of an int64 array stay below this."""

LIMIT = 10**MAX_DIGITS
"""Numbers as long as this may be refused where each is read by itself."""


class Unsuitable(Exception):  # noqa: N818 - an outcome inside this room, not an error
    """These points are to be decided one by one."""


@dataclass(frozen=True)
class Column:
    """of / over, number by number; over > 0. An array of length 1 stands for one number in all places."""

    of: np.ndarray
    over: np.ndarray

    @classmethod
    def read(cls, numbers: Sequence[Fraction]) -> Column:
        """Numbers over their least common denominator."""
        by = math.lcm(*{x.denominator for x in numbers})
        return cls(whole([x.numerator * (by // x.denominator) for x in numbers]), whole([by]))

    @classmethod
    def affine(cls, low: Fraction, step: Fraction, k: np.ndarray) -> Column:
        """low + step k."""
        by = math.lcm(low.denominator, step.denominator)
        return cls(plus(whole([int(low * by)]), times(whole([int(step * by)]), k)), whole([by]))

    def at(self, places: np.ndarray) -> Column:
        """The numbers at these places."""
        return Column(*(x if len(x) == 1 else x[places] for x in (self.of, self.over)))

    def reduced(self) -> Column:
        """The same numbers in lower terms: the lowest, if each has its denominator."""
        by = np.gcd(self.of, self.over)
        if len(self.over) == 1:
            by = whole([math.gcd(*by.tolist())])
        return Column(fit(self.of // by), fit(self.over // by))

    def pairs(self, count: int) -> list[tuple[int, int]]:
        """``count`` numerators and denominators in lowest terms."""
        by = np.gcd(self.of, self.over)
        of, over = (np.broadcast_to(x // by, count).tolist() for x in (self.of, self.over))
        return list(zip(of, over, strict=True))


def whole(numbers: Sequence[int]) -> np.ndarray:
    """As 64-bit integers if they fit."""
    return fit(np.array(numbers, dtype=object))


def size(x: np.ndarray) -> int:
    """The largest absolute value."""
    return max(int(x.max()), -int(x.min())) if x.size else 0


def fit(x: np.ndarray) -> np.ndarray:
    """Python's integers as 64-bit integers if they fit."""
    return x.astype(np.int64) if x.dtype == object and size(x) < SAFE else x


def plus(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a + b; Python's integers where 64 bits might not do."""
    most = size(a) + size(b)
    return a + b if most < SAFE else _long(most, a) + b


def times(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a b; Python's integers where 64 bits might not do."""
    most = size(a) * size(b)
    return a * b if most < SAFE else _long(most, a) * b


def row_sums(rows: np.ndarray) -> np.ndarray:
    """The sum of each row; Python's integers where 64 bits might not do."""
    return (rows if size(rows) * rows.shape[1] < SAFE else rows.astype(object)).sum(axis=1)


def lcm(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Least common multiple of positive integers."""
    most = size(a) * size(b)
    return fit(np.lcm(a, b) if most < SAFE else np.lcm(_long(most, a), b.astype(object)))


def _long(most: int, a: np.ndarray) -> np.ndarray:
    if most >= LIMIT:
        raise Unsuitable
    return a.astype(object)


@dataclass
class Columns:
    """``expressions.Arithmetic`` of columns. ``bad``: places where a number by itself would be refused: no number there
    means anything."""

    count: int
    bad: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.bad = np.zeros(self.count, dtype=bool)

    def number(self, x: Fraction) -> Column:
        return Column.read([x])

    def minus(self, a: Column) -> Column:
        return Column(-a.of, a.over)

    def plus(self, a: Column, b: Column) -> Column:
        over = lcm(a.over, b.over)
        return Column(plus(times(a.of, over // a.over), times(b.of, over // b.over)), over)

    def times(self, a: Column, b: Column) -> Column:
        return Column(times(a.of, b.of), times(a.over, b.over)).reduced()

    def over(self, a: Column, b: Column) -> Column:
        return self.times(a, self._inverse(b))

    def power(self, a: Column, b: Column) -> Column:
        if len(b.of) > 1 or b.of[0] % b.over[0]:
            raise Unsuitable
        exponent = int(b.of[0] // b.over[0])
        a = a if exponent >= 0 else self._inverse(a)
        exponent = abs(exponent)
        if exponent > MAX_EXPONENT:
            raise Unsuitable
        return Column(*(_power(x, exponent) for x in (a.reduced().of, a.reduced().over)))

    def _inverse(self, a: Column) -> Column:
        zero = a.of == 0
        if zero.any():
            self.bad |= zero
        of = np.where(zero, 1, a.of)
        sign = np.where(of < 0, -1, 1)
        return Column(a.over * sign, of * sign)


def _power(x: np.ndarray, exponent: int) -> np.ndarray:
    largest = size(x)
    if exponent * (largest.bit_length() - 1) > LIMIT.bit_length():
        raise Unsuitable
    return fit((x if largest**exponent < SAFE else _long(largest**exponent, x)) ** exponent)


def together(columns: Sequence[Column], count: int) -> tuple[np.ndarray, np.ndarray]:
    """Numerators, ``count`` rows and a column for each column given, over one denominator a row."""
    over = columns[0].over
    for one in columns[1:]:
        over = lcm(over, one.over)
    rows = [np.broadcast_to(times(one.of, over // one.over), count) for one in columns]
    return np.stack(rows, axis=1), np.broadcast_to(over, count)


def texts(pairs: Sequence[tuple[int, int]]) -> list[str]:
    """As ``exact.show`` has it, of numerators and denominators in lowest terms."""
    return [f"{a}/{b}" if b != 1 else str(a) for a, b in pairs]


def doubles(pairs: Sequence[tuple[int, int]]) -> list[float]:
    """The nearest doubles, as ``exact.decimal`` has them."""
    try:
        return [a / b for a, b in pairs]
    except OverflowError:
        return [decimal(Fraction(a, b)) for a, b in pairs]


Points = Mapping[str, Column]
"""Values of parameters by name, for many points."""
