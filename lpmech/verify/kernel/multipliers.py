"""Multipliers on constraints, as a proof lists them."""

from __future__ import annotations

import operator
import reprlib
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from lpmech.verify.kernel.instance import AVERAGED, PRIOR, SCOPE, Instance
from lpmech.verify.reading.limits import METER, common
from lpmech.verify.reading.numbers import column, index, indices, keyed, listed, number, unit
from lpmech.verify.report import Refusal


@dataclass(frozen=True)
class Row:
    """One constraint g >= 0 (or = 0): its name, notion, agent, profile or type, and report."""

    name: str
    notion: str
    agent: int
    spot: int
    report: int


@dataclass(frozen=True)
class Group:
    """Multipliers on constraints of one name, notion and agent: spots, reports, and weights in units of 1/unit."""

    name: str
    notion: str
    agent: int
    spots: list[int]
    reports: list[int]
    unit: int
    weights: list[int]

    def rows(self, by: int) -> Iterator[tuple[Row, int]]:
        """One by one, weights in units of 1/by."""
        for spot, report, weight in zip(self.spots, self.reports, self.weights, strict=True):
            yield Row(self.name, self.notion, self.agent, spot, report), weight * (by // self.unit)


def read_multiplier(instance: Instance, x: Any, where: str) -> Group:
    """One entry: a multiplier, or a list of them, whose weight, types, reports and profiles (one list an agent) are lists.

    Only constraints that the requirements impose; negative weights on equalities alone.
    """
    if type(x) is not dict:
        raise Refusal(f"{where}: an object is needed, not {reprlib.repr(x)}")
    name, notions = x.get("constraint"), {"DSIC": instance.ic, "BIC": instance.ic}
    notions |= {"IR": instance.ir, "budget": instance.budget}
    notion = notions.get(name, "none") if type(name) is str else "none"
    if type(name) is not str or notion == "none" or (name in {"DSIC", "BIC"} and name != notion):
        raise Refusal(f"{where}: the requirements impose no constraint {reprlib.repr(name)}")
    equality, averaged = notion == "balanced", SCOPE[notion] == "profile" and x.get("profile") == PRIOR
    notion = AVERAGED[notion] if averaged else notion
    scope, incentive = SCOPE[notion], name == instance.ic
    keys = {"constraint", "weight", *([scope] if scope else []), *(["report"] if incentive else [])}
    keyed(x, where, keys | ({"agent"} if name != "budget" else set()) | ({"profile"} if averaged else set()))
    i = index(x["agent"], f"{where}.agent", len(instance.names)) if name != "budget" else 0
    many, size = bool(scope) and type(x["weight"]) in (list, dict), instance.sizes[i]
    if many:
        by, weights = column(x["weight"], f"{where}.weight")
    else:
        weight = number(x["weight"], f"{where}.weight")
        by, weights = weight.denominator, [weight.numerator]

    def types(entry: Any, at: str, below: int) -> list[int]:
        return indices(entry, at, below, len(weights)) if many else [index(entry, at, below)]

    spots, own = [0], [0]
    if scope == "profile":
        at = f"{where}.profile"
        columns = [
            types(entry, f"{at}[{j}]", n)
            for j, (entry, n) in enumerate(
                zip(listed(x["profile"], at, len(instance.sizes)), instance.sizes, strict=True)
            )
        ]
        own, spots = columns[i], [0] * len(weights)
        for types_of_j, stride in zip(columns, instance.strides, strict=True):
            spots = [p + k * stride for p, k in zip(spots, types_of_j, strict=True)]
    elif scope == "type":
        spots = own = types(x["type"], f"{where}.type", size)
    if not instance.independent:
        for spot in spots:
            if instance.average(notion, i, spot) is None:
                place = instance.where(notion, i, spot)
                raise Refusal(f"{where}: {instance.names[i]}{place} has probability 0: no constraint")
    reports = types(x["report"], f"{where}.report", size) if incentive else own
    if incentive and any(map(operator.eq, reports, own)):
        raise Refusal(f"{where}: the report is the true type: no constraint")
    if not equality and min(weights, default=0) < 0:
        raise Refusal(f"{where}: a negative weight, {Fraction(min(weights), by)}, on an inequality ({name})")
    return Group(name, notion, i, spots, reports, by, weights)


def common_weight(instance: Instance, groups: list[Group]) -> int:
    """Least common denominator of the multipliers and of the objective's weights."""
    count = sum(len(group.weights) for group in groups)
    on_goal = unit([*instance.on_utility, instance.on_revenue], "instance.objective")
    by = common({on_goal, *(group.unit for group in groups)}, count, "multipliers")
    METER.get().work(count, by.bit_length() + instance.P.bit_length(), "multipliers")  # each times a mass
    return by
