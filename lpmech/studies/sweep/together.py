"""Rows answered together, in arrays: bilateral trades whose types are listed by expressions of the parameters, where a
closed form answers the question (docs/closed-forms.md, "Many at once").

The points of a chunk become columns of exact rationals, the expressions of the instance are evaluated once on these
columns, and one call of the closed form gives all margins. Points where an expression has no value, or that the closed form
does not answer, are left to be decided one by one.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from lpmech.base.errors import Complaints, InputError
from lpmech.base.expressions import evaluate_in
from lpmech.closed_forms.bilateral.batch import Trades, exactly
from lpmech.engine.batch import CELLS, kernel
from lpmech.engine.neighbours import question
from lpmech.question.distribution import Distribution
from lpmech.question.requirements import Requirements
from lpmech.studies.sweep.columns import (
    LIMIT,
    Column,
    Columns,
    Unsuitable,
    doubles,
    lcm,
    row_sums,
    size,
    texts,
    times,
    together,
)
from lpmech.studies.sweep.plan import DECIMAL, Plan

LISTED = ({"values", "probabilities"}, {"values", "weights"})
"""Keys of a side whose types are listed."""


@dataclass(frozen=True)
class Answers:
    """Rows answered, in order, and what each column of results has for them."""

    rows: np.ndarray
    columns: dict[str, Any]


@dataclass(frozen=True)
class Side:
    """A buyer or a seller at every point: values in units of 1/unit, masses or weights in units of 1/over, and where these
    are a distribution."""

    name: str
    normalised: bool
    values: np.ndarray
    unit: np.ndarray
    masses: np.ndarray
    over: np.ndarray

    @cached_property
    def valid(self) -> np.ndarray:
        rising = (self.values[:, 1:] > self.values[:, :-1]).all(axis=1) & (self.masses >= 0).all(axis=1)
        total = row_sums(self.masses)
        return rising & (total > 0 if self.normalised else total == self.over)

    def distribution(self, place: int) -> Distribution:
        """By itself, which raises InputError where it is none."""
        values, masses = (
            [Fraction(int(n), int(by[place])) for n in of[place]]
            for of, by in ((self.values, self.unit), (self.masses, self.over))
        )
        return Distribution(values, weights=masses) if self.normalised else Distribution(values, masses)


def asked(plan: Plan, which: int) -> tuple[Requirements, Mapping[str, Any]] | None:
    """The requirements and the sides of a set's instances; None if they are to be decided one by one."""
    try:
        instance = plan.instance_of(which, {})
    except InputError:
        return None
    env = plan.data["environment"]
    listed = all(env.get(side, {}).keys() in LISTED for side in ("buyer", "seller"))
    fits = plan.proof == "on-request" and plan.bisect is None and env.keys() == {"kind", "buyer", "seller"} and listed
    return (instance.requirements, env) if fits and question(instance) is not None else None


def answers(plan: Plan, which: int, start: int, stop: int) -> list[Answers]:
    """Answers to a set's questions at the points start, ..., stop - 1: to those that can be had together."""
    found = asked(plan, which)
    if found is None or start == stop:
        return []
    requirements, env = found
    begun = time.perf_counter()
    try:
        points = plan.axes.columns(np.arange(start, stop))
        arithmetic = Columns(stop - start)
        values = parameters(plan, points, arithmetic)
        sides = [side(name, env[name], values, arithmetic) for name in ("buyer", "seller")]
        places, columns = _answered(requirements, sides, ~arithmetic.bad)
    except (InputError, Unsuitable):
        return []
    seconds = (time.perf_counter() - begun) / max(1, len(places))
    wrong = np.flatnonzero(~arithmetic.bad & ~(sides[0].valid & sides[1].valid))
    refused = {"verdict": ["invalid"] * len(wrong), "reason": [_refusal(sides, place) for place in wrong.tolist()]}
    out = []
    for some, more in ((places, columns | {"seconds": np.full(len(places), seconds)}), (wrong, refused)):
        head: dict[str, Any] = {"requirements": [plan.sets[which][0]] * len(some), "proved": np.zeros(len(some), bool)}
        for name, x in points.items():
            head |= _number(name, x.at(some).pairs(len(some)))
        out.append(Answers((some + start) * len(plan.sets) + which, head | more))
    return out


def parameters(plan: Plan, points: Mapping[str, Column], arithmetic: Columns) -> dict[str, Column]:
    """Values of all parameters of the instance, in the order of the file."""
    out: dict[str, Column] = {}
    for name, source in plan.data.get("parameters", {}).items():
        out[name] = points[name] if name in points else evaluate_in(arithmetic, source, out)
        if max(size(out[name].of), size(out[name].over)) >= LIMIT:
            raise Unsuitable
    return out


def side(name: str, table: Mapping[str, Any], values: Mapping[str, Column], arithmetic: Columns) -> Side:
    """The side that a table describes."""

    def read(key: str) -> tuple[np.ndarray, np.ndarray]:
        return together([evaluate_in(arithmetic, source, values) for source in table[key]], arithmetic.count)

    normalised = "weights" in table
    return Side(name, normalised, *read("values"), *read("weights" if normalised else "probabilities"))


def _answered(requirements: Requirements, sides: Sequence[Side], fine: np.ndarray) -> tuple[np.ndarray, dict[str, Any]]:
    """The places where the closed form answers, and what it says."""
    answer = kernel(requirements)
    assert answer is not None
    name, form = answer
    places = np.flatnonzero(fine & sides[0].valid & sides[1].valid)
    unit = lcm(sides[0].unit, sides[1].unit)[places]
    B, S = (times(one.values[places], (unit // one.unit[places])[:, None]) for one in sides)
    p, q = (one.masses[places] for one in sides)
    margins, known = [np.zeros(0, np.int64)], [np.zeros(0, bool)]
    step = max(1, CELLS // (B.shape[1] * S.shape[1]))
    for first in range(0, len(places), step):
        some = slice(first, first + step)
        numbers, sure = exactly(form.margins, requirements.ties, Trades(B[some], S[some], p[some], q[some]))
        margins.append(numbers)
        known.append(sure)
    sure = np.concatenate(known)
    margin, over = np.concatenate(margins)[sure], times(times(unit[sure], row_sums(p[sure])), row_sums(q[sure]))
    exact = Column(margin, over).pairs(len(margin))
    columns = _number("margin", exact) | _number("value", exact)
    columns["verdict"] = np.where(margin >= 0, "exists", "impossible")
    return places[sure], columns | {"method": [name] * len(margin)}


def _refusal(sides: Sequence[Side], place: int) -> str:
    """What is wrong with the instance at a point, as reading it by itself says."""
    found = Complaints()
    for one in sides:
        with found.about(f"environment.{one.name}"):
            one.distribution(place)
    return str(found.error())


def _number(name: str, pairs: list[tuple[int, int]]) -> dict[str, Any]:
    return {name: texts(pairs), name + DECIMAL: doubles(pairs)}
