"""Auctions, from the definition: who may get what, and what it is worth to him (docs/proof-format.md)."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product
from typing import Any

from lpmech.verify.kernel.environments import Agent, Outcomes, read_side
from lpmech.verify.reading.limits import METER
from lpmech.verify.reading.numbers import index, keyed, nonempty, number, word
from lpmech.verify.report import Refusal

MOST_UNITS = 10**6
PREFERENCES = ("additive", "unit-demand")
Way = tuple[int, ...]
"""Units for each bidder; or for each object its bidder, -1 if it is not sold."""


def read_auction(x: dict[str, Any], at: str, correlated: bool) -> tuple[Outcomes, list[Agent]]:
    """Units or objects of the designer. An outcome costs what is sold; a bidder values the units or objects he gets.

    Outcomes: by how many are sold, from 0 up. Units: then by what the first bidder gets, from the most down, then the
    second, and so on. Objects: then by which are sold, lexicographically, then by who gets the first of them, and so on.
    """
    if "objects" in x:
        return read_objects(x, at, correlated)
    keyed(x, at, {"kind", "units", "cost", "bidders"}, {"prior"})
    bidders = read_bidders(x, at)
    sides = [read_side(one, place, correlated, ("name", "demand")) for one, place in bidders]
    units = 1 + index(less_one(x["units"]), f"{at}.units", MOST_UNITS)
    demands = [1 + index(less_one(one["demand"]), f"{place}.demand", MOST_UNITS) for one, place in bidders]
    ways, names = ways_of_units(units, demands, sum(len(values) for values, _ in sides)), names_of(bidders)
    cost, agents = number(x["cost"], f"{at}.cost"), []
    for i, (values, own) in enumerate(sides):
        worth = [[v * way[i] for way in ways] for v in values]
        agents.append(Agent(names[i], list(map(str, values)), worth, [Fraction(0)] * len(values), own))
    labels = [", ".join(f"{name} {n}" for name, n in zip(names, way, strict=True) if n) for way in ways]
    return (["unsold", *labels[1:]], [cost * sum(way) for way in ways]), agents


def read_objects(x: dict[str, Any], at: str, correlated: bool) -> tuple[Outcomes, list[Agent]]:
    """Independent values of the objects, added up; who has unit demand gets at most one object."""
    keyed(x, at, {"kind", "objects", "costs", "bidders"}, {"prior"})
    objects = [word(name, f"{at}.objects") for name in nonempty(x["objects"], f"{at}.objects")]
    if len(set(objects)) < len(objects):
        raise Refusal(f"{at}.objects: a name is used twice")
    priced = keyed(x["costs"], f"{at}.costs", objects)
    costs = [number(priced[name], f"{at}.costs") for name in objects]
    bidders, single = read_bidders(x, at), list[bool]()
    laws: list[list[tuple[list[Fraction], list[Fraction] | None]]] = []
    for one, place in bidders:
        keyed(one, place, {"name", "preferences", "components"})
        single.append(word(one["preferences"], f"{place}.preferences", PREFERENCES) == "unit-demand")
        parts = keyed(one["components"], f"{place}.components", objects)
        laws.append([read_side(parts[name], f"{place}.components.{name}", correlated) for name in objects])
        if correlated and any(own is not None for _, own in laws[-1]):
            raise Refusal(f"{place}.components: probabilities beside a joint prior: leave them out")
    types = [math.prod(len(values) for values, _ in law) for law in laws]
    ways, names, agents = ways_of_objects(len(objects), single, sum(types)), names_of(bidders), list[Agent]()
    for i, law in enumerate(laws):
        gets = [[thing for thing, winner in enumerate(way) if winner == i] for way in ways]
        values = list(product(*(each for each, _ in law)))
        worth = [[sum([own[thing] for thing in mine], Fraction(0)) for mine in gets] for own in values]
        joint = [math.prod(each, start=Fraction(1)) for each in product(*(own or [] for _, own in law))]
        labels = [", ".join(map(str, own)) for own in values]
        agents.append(Agent(names[i], labels, worth, [Fraction(0)] * len(values), None if correlated else joint))
    owners = [[names[i] if i >= 0 else "unsold" for i in way] for way in ways]
    sold = [", ".join(f"{thing}: {owner}" for thing, owner in zip(objects, row, strict=True)) for row in owners]
    spent = [sum([cost for cost, i in zip(costs, way, strict=True) if i >= 0], Fraction(0)) for way in ways]
    return (["unsold", *sold[1:]], spent), agents


def read_bidders(x: dict[str, Any], at: str) -> list[tuple[dict[str, Any], str]]:
    """Each with where he stands; his fields are yet to be read."""
    entries = nonempty(x["bidders"], f"{at}.bidders")
    METER.get().agents(len(entries), at)
    return [(one, f"{at}.bidders[{i}]") for i, one in enumerate(entries)]


def names_of(bidders: list[tuple[dict[str, Any], str]]) -> list[str]:
    names = [word(one["name"], f"{place}.name") for one, place in bidders]
    if len(set(names)) < len(names):
        raise Refusal("instance.environment.bidders: a name is used twice")
    return names


def less_one(x: Any) -> Any:
    """A whole number from 1 as one from 0; anything else as it is."""
    return x - 1 if type(x) is int else x


def ways_of_units(units: int, demands: list[int], types: int) -> list[Way]:
    """How many each bidder gets: at most his demand, and no more than there are in all."""
    most = min(units, sum(demands))
    METER.get().cells(types, most + 1)
    counts = [1] + [0] * most  # ways to hand out 0, 1, ... units to the bidders so far
    for demand in demands:
        sums = [0]
        for count in counts:
            sums.append(sums[-1] + count)
        counts = [sums[n + 1] - sums[max(0, n - demand)] for n in range(most + 1)]
        METER.get().cells(types, sum(counts))
    ways: list[Way] = [()]
    for demand in demands:
        ways = [(*way, n) for way in ways for n in range(min(demand, most - sum(way)), -1, -1)]
    return sorted(ways, key=sum)


def ways_of_objects(objects: int, single: list[bool], types: int) -> list[Way]:
    """Who gets each object: anybody or nobody, a bidder of unit demand one at most."""
    alone, count = sum(single), 0
    several = len(single) - alone
    METER.get().cells(types, 2 ** min(objects, 64) if several else objects)
    for served in range(min(objects, alone) + 1):  # bidders of unit demand who get one
        count += math.comb(objects, served) * math.perm(alone, served) * (1 + several) ** (objects - served)
        METER.get().cells(types, count)
    ways: list[Way] = [()]
    for _ in range(objects):
        ways = [(*way, i) for way in ways for i in range(-1, len(single)) if i < 0 or not (single[i] and i in way)]
    return sorted(ways, key=order_of)


def order_of(way: Way) -> tuple[int, list[int], list[int]]:
    sold = [thing for thing, i in enumerate(way) if i >= 0]
    return len(sold), sold, [way[thing] for thing in sold]
