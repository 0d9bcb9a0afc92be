"""Reading. Every field is checked: exact keys, exact types (True is no 1), one spelling for each number."""

from __future__ import annotations

import math
import re
import reprlib
import sys
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from lpmech.verify.reading.limits import MAX_DIGITS, METER, common
from lpmech.verify.report import Refusal

if hasattr(sys, "set_int_max_str_digits"):  # exact results may have more than Python's default 4300 digits
    sys.set_int_max_str_digits(0)

NUMBER = re.compile(r"(0|-?[1-9][0-9]*)(?:/([1-9][0-9]*))?", re.ASCII)
NUMBERS = re.compile(r"{0}(?: {0})*".format(r"(?:0|-?[1-9][0-9]*)(?:/[1-9][0-9]*)?"), re.ASCII)
COUNT = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)


def number(x: Any, where: str) -> Fraction:
    """An exact rational as text, in lowest terms: "3", "-13/600" (C2)."""
    if type(x) is str and len(x) > MAX_DIGITS and not METER.get().lifted:
        METER.get().refuse(f"{where}: {len(x):,} characters are not an exact number of at most {MAX_DIGITS:,}")
    match = NUMBER.fullmatch(x) if type(x) is str else None
    if match is None:
        raise Refusal(f'{where}: {reprlib.repr(x)} is not an exact number written like "3" or "-13/600"')
    if match[2] is None:
        return Fraction(int(match[1]))
    top, bottom = int(match[1]), int(match[2])
    exact = Fraction(top, bottom)
    if exact.denominator != bottom or bottom == 1:
        raise Refusal(f"{where}: {reprlib.repr(x)} is not in lowest terms")
    return exact


def keyed(x: Any, where: str, needed: Iterable[str], optional: Iterable[str] = ()) -> dict[str, Any]:
    """An object with all the needed keys and no other than the optional ones."""
    if type(x) is not dict:
        raise Refusal(f"{where}: an object is needed, not {reprlib.repr(x)}")
    needed = tuple(needed)
    for key in needed:
        if key not in x:
            raise Refusal(f"{where}: {key!r} is missing")
    for key in x:
        if key not in needed and key not in optional:
            raise Refusal(f"{where}: unknown key {reprlib.repr(key)}")
    return x


def listed(x: Any, where: str, length: int | None = None) -> list[Any]:
    """A list, of the given length if one is given."""
    if type(x) is not list:
        raise Refusal(f"{where}: a list is needed, not {reprlib.repr(x)}")
    if length is not None and len(x) != length:
        raise Refusal(f"{where}: {len(x)} entries where {length} are needed")
    return x


def nonempty(x: Any, where: str) -> list[Any]:
    """A list with at least one entry."""
    if not listed(x, where):
        raise Refusal(f"{where}: empty")
    return list(x)


def word(x: Any, where: str, allowed: Iterable[str] | None = None) -> str:
    """A text, one of the allowed ones if they are given."""
    if type(x) is not str or (allowed is not None and x not in allowed):
        wanted = "a text" if allowed is None else "one of " + ", ".join(allowed)
        raise Refusal(f"{where}: {reprlib.repr(x)} where {wanted} is needed")
    return x


def index(x: Any, where: str, below: int) -> int:
    """A whole number 0, ..., below - 1."""
    if type(x) is not int or not 0 <= x < below:
        raise Refusal(f"{where}: {reprlib.repr(x)} where a whole number from 0 to {below - 1} is needed")
    return x


Column = tuple[int, list[int]]
"""A denominator, and numbers in units of 1 over it."""


def column(x: Any, where: str, length: int | None = None) -> Column:
    """A list of exact numbers: a common denominator, and the numbers in units of 1 over it. Each is written out, or the
    denominator is written once, {"over": "600", "of": ["13", "-5"]}."""
    over, entries = None, x
    if type(x) is dict:
        entries, over = keyed(x, where, ("over", "of"))["of"], number(x["over"], f"{where}.over")
        if over.denominator != 1 or over < 1:
            raise Refusal(f"{where}.over: {over} where a whole number from 1 is needed")
    listed(entries, where, length)
    text = " ".join(entries) if set(map(type, entries)) <= {str} else ""
    short = METER.get().lifted or max(map(len, entries), default=0) <= MAX_DIGITS if text else False
    plain = short and text.count(" ") == len(entries) - 1 and NUMBERS.fullmatch(text)
    if not plain:  # empty, or badly written: then some number is refused here
        exact = [number(entry, f"{where}[{place}]") for place, entry in enumerate(entries)]
        return 1, scaled(exact, 1)
    if over is not None and "/" in text:
        raise Refusal(f"{where}.of: whole numbers are needed, in units of 1/{over}")
    if "/" not in text:
        by = 1 if over is None else over.numerator
        METER.get().work(len(entries), by.bit_length(), where)
        return by, list(map(int, entries))
    split = (entry.partition("/") for entry in entries)
    pairs = [(int(top), int(bottom) if slash else 1) for top, slash, bottom in split]
    for place, ((top, bottom), entry) in enumerate(zip(pairs, entries, strict=True)):
        if math.gcd(top, bottom) != 1 or (bottom == 1 and "/" in entry):
            number(entry, f"{where}[{place}]")  # refuses: not in lowest terms
    by = common((bottom for _, bottom in pairs), len(pairs), where)
    return by, [top * (by // bottom) for top, bottom in pairs]


def spelled(x: Column) -> list[Fraction]:
    """Its numbers one by one."""
    by, ints = x
    return [Fraction(n, by) for n in ints]


def numbers(x: Any, where: str, length: int | None = None) -> list[Fraction]:
    """A list of exact numbers."""
    return spelled(column(x, where, length))


def indices(x: Any, where: str, below: int, length: int) -> list[int]:
    """A list of whole numbers 0, ..., below - 1."""
    entries = listed(x, where, length)
    if not (set(map(type, entries)) == {int} and min(entries) >= 0 and max(entries) < below):
        for place, entry in enumerate(entries):
            index(entry, f"{where}[{place}]", below)
    return entries


def masses(exact: list[Fraction], where: str) -> list[Fraction]:
    """Probabilities: none negative, sum exactly 1."""
    for mass in exact:
        if mass < 0:
            raise Refusal(f"{where}: a negative probability, {mass}")
    by = unit(exact, where)
    if sum(scaled(exact, by)) != by:
        raise Refusal(f"{where}: probabilities sum to {Fraction(sum(scaled(exact, by)), by)}, not 1")
    return exact


def unit(exact: Iterable[Fraction], where: str = "numbers") -> int:
    """Least common denominator."""
    exact = list(exact)
    return common((x.denominator for x in exact), len(exact), where)


def scaled(exact: Iterable[Fraction], by: int) -> list[int]:
    """Exact numbers in units of 1/by."""
    return [x.numerator * (by // x.denominator) for x in exact]
