"""Linear programs as text: names that solvers read, and numbers that they read back exactly where that is possible."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from lpmech.base.arrays import array
from lpmech.base.errors import InputError
from lpmech.base.exact import from_flint
from lpmech.engine import compile_program, formulation
from lpmech.programs.formulations import Compiled
from lpmech.question.model import Instance
from lpmech.question.words import objective_words, question

LARGEST = 10**15
"""Integers from here on are written as doubles: solvers refuse coefficients of 1e15 (doubles are exact up to 2^53)."""

LONGEST_NAME = 120
"""Characters; readers of both formats take 255."""


@dataclass(frozen=True)
class Line:
    """sum of ``terms`` (column, number as text) >= ``bound``, = it on equality; the objective has its constant there.

    ``factor``: what the exact row was multiplied with; ``rounded``: its numbers are doubles near the exact ones.
    """

    name: str
    terms: tuple[tuple[int, str], ...]
    bound: str
    equality: bool
    factor: Fraction
    rounded: bool


@dataclass(frozen=True)
class Text:
    """A program with a name for each row and column and all its numbers as text."""

    title: str
    about: tuple[str, ...]
    columns: tuple[str, ...]
    objective: Line
    rows: tuple[Line, ...]

    def comments(self) -> list[str]:
        """What a reader of the file should know."""
        rounded = sum(row.rounded for row in self.rows)
        exact = "every number is exact: rows are multiplied with a positive number that makes them integers"
        out = [self.title, *self.about, "maximise, all columns free"]
        out.append(f"the objective here is {self.objective.factor} times the exact one")
        if rounded or self.objective.rounded:
            what = f"{rounded} of {len(self.rows)} rows" + (" and the objective" if self.objective.rounded else "")
            exact = (
                f"{what} are rounded to doubles (integers would be of {len(str(LARGEST))} digits or more): marked below"
            )
        return [" ".join(line.split()) for line in [*out, exact] if line.strip()]


def program_text(instance: Instance, method: str | None) -> Text:
    """The exact program of a formulation ("full" if none is named) as text."""
    if not instance.requirements.lotteries:
        raise InputError(
            "a question without lotteries is no linear program", expected="lotteries = true, for its relaxation"
        )
    compiled = compile_program(formulation(instance, method or "full"))
    lp, columns = compiled.lp, column_names(compiled)
    objective = _line("objective", list(range(lp.shape[1])), lp.cost.tolist(), lp.offset, False)
    numbered = zip(row_names(compiled), lp.lists(), lp.b.tolist(), lp.equality.tolist(), strict=True)
    rows = tuple(_line(name, places, values, b, bool(equal)) for name, (places, values), b, equal in numbered)
    what = f"maximises {objective_words(instance.objective)}; method {compiled.formulation.name}"
    return Text(instance.title or "untitled", (*question(instance), what), columns, objective, rows)


def _line(name: str, places: list[int], values: list[Any], b: Any, equality: bool) -> Line:
    """values . x + b >= 0 in integers, or in doubles after multiplication with a power of two."""
    exact = [from_flint(v) for v in values]
    numbers = [*exact, -from_flint(b)]
    over = math.lcm(*(x.denominator for x in numbers))
    factor = Fraction(over, math.gcd(*(x.numerator * (over // x.denominator) for x in numbers)) or 1)
    scaled = [x * factor for x in numbers]
    rounded = any(abs(x) >= LARGEST for x in scaled)
    if rounded:
        largest = max(abs(x) for x in exact) or max(abs(x) for x in numbers)
        shift = largest.denominator.bit_length() - largest.numerator.bit_length()
        factor = Fraction(2) ** shift
        texts = [_shortest(x * factor) for x in numbers]
    else:
        texts = [str(x) for x in scaled]
    terms = tuple((j, text) for j, text, x in zip(places, texts, exact, strict=False) if x)
    return Line(name, terms, texts[-1], equality, factor, rounded)


def _shortest(x: Fraction) -> str:
    """The shortest decimal that reads back to the double nearest to x."""
    return repr(float(x)).removesuffix(".0")


# ---- names ---------------------------------------------------------------------------------------------------------------


def legal(names: list[str]) -> tuple[str, ...]:
    """Names that MPS and LP files allow, all different (docs/export.md has the rule)."""
    out: list[str] = []
    taken: set[str] = set()
    for name in names:
        text = name.replace(": ", ",").replace(" -> ", "~").replace(" | ", ";").replace(", ", ",").replace("/", "|")
        text = text.replace("[", "(").replace("]", ")").replace(" ", "_").replace("-", "_")
        text = re.sub(r"[^A-Za-z0-9_.,;()~|]", "_", text)[:LONGEST_NAME]
        same, number = text, 1
        while text in taken:
            number += 1
            text = f"{same}#{number}"
        taken.add(text)
        out.append(text)
    return tuple(out)


def row_names(compiled: Compiled) -> tuple[str, ...]:
    """Names of the definition's constraints in the full program; block and place for the rest."""
    lp, form = compiled.lp, compiled.formulation
    out = _places(lp.rows, lp.shape[0])
    if form.name == "full":  # the weight tells which row a multiplier was made from
        numbered: np.ndarray = array(range(1, lp.shape[0] + 1))
        for multiplier in form.multipliers(lp.duals(numbered)):
            out[int(multiplier.weight) - 1] = multiplier.label(form.instance.environment)
    return legal(["objective", *out])[1:]


def column_names(compiled: Compiled) -> tuple[str, ...]:
    """t_B[buyer 6, seller 1], h_B[seller 1], T_B[2] and so on in the full program; variable and place for the rest."""
    lp, form = compiled.lp, compiled.formulation
    out = _places(lp.columns, lp.shape[1])
    for name, labels in form.labels().items():
        start, shape = lp.columns[name]
        for at, place in enumerate(_fortran(shape)):
            if place in labels:
                out[start + at] = f"{name.split('[')[0]}[{labels[place]}]"
    return legal(out)


def _places(blocks: Any, size: int) -> list[str]:
    """Block and place, counted from 0: ``lotteries[3]``."""
    out = [f"r{r}" for r in range(size)]
    for name, (start, shape) in blocks.items():
        for at, place in enumerate(_fortran(shape)):
            out[start + at] = f"{name}[{', '.join(map(str, place))}]" if place else name
    return out


def _fortran(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Places of an array, first index fastest."""
    return [place[::-1] for place in np.ndindex(*shape[::-1])]
