"""Rows answered together, in arrays: bilateral trades whose types are listed by expressions of the parameters, where a
closed form answers the question (docs/closed-forms.md, "Many at once").

The points of a chunk become columns of exact rationals, the expressions of the instance are evaluated once on these
columns, and one call of the closed form gives all margins. Points that make no instance, or that the closed form does not
answer, are left to be decided one by one, which says why.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lpmech.batch import CELLS, kernel, question
from lpmech.closed_forms._batch import Trades, exactly
from lpmech.errors import InputError
from lpmech.expressions import evaluate_in
from lpmech.requirements import Requirements
from lpmech.sweep.columns import LIMIT, Column, Columns, Unsuitable, doubles, lcm, size, texts, times, together
from lpmech.sweep.plan import DECIMAL, Plan

LISTED = ({"values", "probabilities"}, {"values", "weights"})
"""Keys of a side whose types are listed."""


@dataclass(frozen=True)
class Answers:
    """Rows answered, in order, and what each column of results has for them."""

    rows: np.ndarray
    columns: dict[str, Any]


@dataclass(frozen=True)
class Side:
    """Values in units of 1/unit, weights, and which of the rows are distributions."""

    values: np.ndarray
    unit: np.ndarray
    weights: np.ndarray
    valid: np.ndarray


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


def answers(plan: Plan, which: int, start: int, stop: int) -> Answers | None:
    """Answers to a set's questions at the points start, ..., stop - 1: to those that can be had together."""
    found = asked(plan, which)
    if found is None or start == stop:
        return None
    requirements, env = found
    begun = time.perf_counter()
    try:
        with np.errstate(over="ignore"):
            points = plan.axes.columns(np.arange(start, stop))
            arithmetic = Columns(stop - start)
            values = parameters(plan, points, arithmetic)
            sides = [side(env[name], values, arithmetic) for name in ("buyer", "seller")]
            return _answers(plan, which, start, points, requirements, sides, ~arithmetic.bad, begun)
    except (InputError, Unsuitable):
        return None


def parameters(plan: Plan, points: Mapping[str, Column], arithmetic: Columns) -> dict[str, Column]:
    """Values of all parameters of the instance, in the order of the file."""
    out: dict[str, Column] = {}
    for name, source in plan.data.get("parameters", {}).items():
        out[name] = points[name] if name in points else evaluate_in(arithmetic, source, out)
        if max(size(out[name].of), size(out[name].over)) >= LIMIT:
            raise Unsuitable
    return out


def side(table: Mapping[str, Any], values: Mapping[str, Column], arithmetic: Columns) -> Side:
    """A buyer or a seller at every point."""

    def read(key: str) -> tuple[np.ndarray, np.ndarray]:
        return together([evaluate_in(arithmetic, source, values) for source in table[key]], arithmetic.count)

    numbers, unit = read("values")
    kind = "weights" if "weights" in table else "probabilities"
    weights, over = read(kind)
    total = weights.astype(object).sum(axis=1) if size(weights) * weights.shape[1] >= LONG else weights.sum(axis=1)
    valid = (numbers[:, 1:] > numbers[:, :-1]).all(axis=1) & (weights >= 0).all(axis=1)
    return Side(numbers, unit, weights, valid & (total > 0 if kind == "weights" else total == over))


LONG = 2**62
"""Sums in 64-bit integers stay below this."""


def _answers(
    plan: Plan,
    which: int,
    start: int,
    points: Mapping[str, Column],
    requirements: Requirements,
    sides: Sequence[Side],
    fine: np.ndarray,
    begun: float,
) -> Answers:
    buyer, seller = sides
    answer = kernel(requirements)
    assert answer is not None
    name, form = answer
    places = np.flatnonzero(fine & buyer.valid & seller.valid)
    unit = lcm(buyer.unit, seller.unit)[places]
    B, S = (times(one.values[places], (unit // one.unit[places])[:, None]) for one in sides)
    p, q = buyer.weights[places], seller.weights[places]
    margins, known = [], []
    step = max(1, CELLS // (B.shape[1] * S.shape[1]))
    for first in range(0, len(places), step):
        some = slice(first, first + step)
        numbers, sure = exactly(form.margins, requirements.ties, Trades(B[some], S[some], p[some], q[some]))
        margins.append(numbers)
        known.append(sure)
    sure = np.concatenate([np.zeros(0, bool), *known])
    places, margin = places[sure], np.concatenate([np.zeros(0, np.int64), *margins])[sure]
    P, Q = (x.astype(object).sum(axis=1) if size(x) * x.shape[1] >= LONG else x.sum(axis=1) for x in (p[sure], q[sure]))
    found = Column(margin, times(times(unit[sure], P), Q)).pairs(len(places)) if len(places) else []
    columns: dict[str, Any] = {}
    for parameter, x in points.items():
        columns |= _number(parameter, x.at(places).pairs(len(places)))
    columns |= _number("margin", found) | _number("value", found)
    columns["verdict"] = np.where(margin >= 0, "exists", "impossible")
    columns["requirements"] = np.full(len(places), plan.sets[which][0])
    columns["method"] = np.full(len(places), name)
    columns["proved"] = np.zeros(len(places), bool)
    columns["seconds"] = np.full(len(places), (time.perf_counter() - begun) / max(1, len(places)))
    return Answers((places + start) * len(plan.sets) + which, columns)


def _number(name: str, pairs: list[tuple[int, int]]) -> dict[str, Any]:
    return {name: texts(pairs), name + DECIMAL: doubles(pairs)}
