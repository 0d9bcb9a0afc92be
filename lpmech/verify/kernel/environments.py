"""Agents, types and outcomes of each kind of environment, from the definitions (conventions C1, C5)."""

from __future__ import annotations

import math
import reprlib
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, pairwise
from typing import Any

from lpmech.verify.reading.limits import METER
from lpmech.verify.reading.numbers import (
    Column,
    column,
    keyed,
    listed,
    masses,
    nonempty,
    number,
    numbers,
    scaled,
    spelled,
    unit,
    word,
)
from lpmech.verify.report import Refusal


@dataclass
class Agent:
    """One agent as given: a value for each type and outcome, an outside option and (perhaps) a mass for each type."""

    name: str
    types: list[str]
    values: list[list[Fraction]]
    outside: list[Fraction]
    masses: list[Fraction] | None


Outcomes = tuple[list[str], list[Fraction]]
"""Outcomes by name, and what each costs."""


def read_columns(
    x: Any, where: str, correlated: bool = False, more: Iterable[str] = ()
) -> tuple[Column, Column | None]:
    """Types of one dimension: strictly increasing values, and masses (C3), which a joint prior makes optional."""
    keyed(x, where, {"values", *more} | (set() if correlated else {"probabilities"}), {"probabilities"})
    by, values = column(x["values"], f"{where}.values")
    if not values:
        raise Refusal(f"{where}.values: empty")
    for low, high in pairwise(values):
        if low >= high:
            low_high = f"{Fraction(low, by)} is followed by {Fraction(high, by)}"
            raise Refusal(f"{where}.values: not strictly increasing, {low_high}")
    if "probabilities" not in x:
        return (by, values), None
    total, own = column(x["probabilities"], f"{where}.probabilities", len(values))
    if min(own) < 0 or sum(own) != total:
        masses(spelled((total, own)), f"{where}.probabilities")
    return (by, values), (total, own)


def read_side(
    x: Any, where: str, correlated: bool, more: Iterable[str] = ()
) -> tuple[list[Fraction], list[Fraction] | None]:
    """The same as exact numbers."""
    values, own = read_columns(x, where, correlated, more)
    return spelled(values), None if own is None else spelled(own)


def read_trade(x: dict[str, Any], at: str, correlated: bool) -> tuple[Outcomes, list[Agent]]:
    """Bilateral trade and exchange: buyers before sellers; v = value for who buys, -cost for who sells, else 0 (C1).

    Outcomes: by units traded from 0 up, then by the buyers (lexicographically), then by the sellers.
    """
    if x["kind"] == "bilateral-trade":
        keyed(x, at, {"kind", "buyer", "seller"}, {"prior"})
        named = [(side, x[side], f"{at}.{side}") for side in ("buyer", "seller")]
    else:
        keyed(x, at, {"kind", "buyers", "sellers"}, {"prior"})
        named = []
        METER.get().agents(len(listed(x["buyers"], at)) + len(listed(x["sellers"], at)), at)
        for side in ("buyer", "seller"):
            group = nonempty(x[f"{side}s"], f"{at}.{side}s")
            labels = [f"{side}-{n}" for n in range(1, len(group) + 1)] if len(group) > 1 else [side]
            named += [
                (label, one, f"{at}.{side}s[{n}]") for n, (label, one) in enumerate(zip(labels, group, strict=True))
            ]
    read = [read_side(one, place, correlated) for _, one, place in named]
    buyers, everyone = sum(name.startswith("buyer") for name, *_ in named), len(named)
    METER.get().cells(sum(len(values) for values, _ in read), math.comb(everyone, buyers))
    trades = [
        bought + sold
        for units in range(min(buyers, everyone - buyers) + 1)
        for bought in combinations(range(buyers), units)
        for sold in combinations(range(buyers, everyone), units)
    ]
    zero, agents = Fraction(0), []
    for i, (name, *_) in enumerate(named):
        values, own = read[i]
        moves = [[(v if i < buyers else -v) if i in trade else zero for trade in trades] for v in values]
        agents.append(Agent(name, list(map(str, values)), moves, [zero] * len(values), own))
    traders = [" & ".join(agents[i].name for i in trade) for trade in trades]
    labels = ["no-trade"] + [f"trade: {names}" if everyone > 2 else "trade" for names in traders[1:]]
    return (labels, [zero] * len(trades)), agents


def read_partnership(x: dict[str, Any], at: str, correlated: bool) -> tuple[Outcomes, list[Agent]]:
    """Outcome i: agent i gets the object. Agent i of value v may walk away with share_i * v (C5)."""
    entries = listed(keyed(x, at, {"kind", "agents"}, {"prior"})["agents"], f"{at}.agents")
    METER.get().agents(len(entries), at)
    if len(entries) < 2:
        raise Refusal(f"{at}.agents: a partnership needs two agents or more")
    places = [f"{at}.agents[{i}]" for i in range(len(entries))]
    read = [read_side(one, place, correlated, ("name", "share")) for one, place in zip(entries, places, strict=True)]
    shares = [number(one["share"], f"{place}.share") for one, place in zip(entries, places, strict=True)]
    by = unit(shares, f"{at}.agents: shares")
    if min(shares) < 0 or sum(scaled(shares, by)) != by:
        whole = Fraction(sum(scaled(shares, by)), by)
        raise Refusal(f"{at}.agents: shares must be >= 0 and sum to exactly 1, not to {whole}")
    METER.get().cells(sum(len(values) for values, _ in read), len(entries))
    agents = []
    for i, (values, own) in enumerate(read):
        gets = [[v if x == i else Fraction(0) for x in range(len(entries))] for v in values]
        name = word(entries[i]["name"], f"{places[i]}.name")
        agents.append(Agent(name, list(map(str, values)), gets, [shares[i] * v for v in values], own))
    return ([f"to {agent.name}" for agent in agents], [Fraction(0)] * len(agents)), agents


def read_social_choice(x: dict[str, Any], at: str, correlated: bool) -> tuple[Outcomes, list[Agent]]:
    """Agents with named types, each with a utility for every outcome and an outside option. Names are not repeated."""
    keyed(x, at, {"kind", "outcomes", "costs", "agents"}, {"prior"})
    outcomes = [word(o, f"{at}.outcomes") for o in nonempty(x["outcomes"], f"{at}.outcomes")]
    needed, agents = {"name", "utility", "outside"} | (set() if correlated else {"probability"}), []
    METER.get().agents(len(nonempty(x["agents"], f"{at}.agents")), at)
    for i, entry in enumerate(x["agents"]):
        place = f"{at}.agents[{i}]"
        types = nonempty(keyed(entry, place, {"name", "types"})["types"], f"{place}.types")
        for k, one in enumerate(types):
            keyed(one, f"{place}.types[{k}]", needed, {"probability"})
        own = numbers([one["probability"] for one in types if "probability" in one], f"{place}.probability")
        if 0 < len(own) < len(types):
            raise Refusal(f"{place}.types: probabilities of some types and not of all")
        agents.append(
            Agent(
                word(entry["name"], f"{place}.name"),
                [word(one["name"], f"{place}.types.name") for one in types],
                [numbers(one["utility"], f"{place}.types[{k}].utility", len(outcomes)) for k, one in enumerate(types)],
                numbers([one["outside"] for one in types], f"{place}.outside"),
                masses(own, place) if own else None,
            )
        )
    for names in (outcomes, [agent.name for agent in agents], *(agent.types for agent in agents)):
        if len(set(names)) != len(names):
            raise Refusal(f"{at}: a name is used twice among {reprlib.repr(names)}")
    return (outcomes, numbers(x["costs"], f"{at}.costs", len(outcomes))), agents
