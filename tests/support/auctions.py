"""Seeded random auctions, and auctions written out as social choice, straight from the definitions."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction as F
from itertools import product
from math import prod

from lpmech.question.environments.auction import Auction
from lpmech.question.environments.bidder import Bidder
from lpmech.question.environments.social_choice import SocialChoice, Type
from lpmech.question.model import Instance
from lpmech.question.objective import Objective
from lpmech.question.requirements import CHOICES, AllocationTable, Requirements
from support import random_instances
from support.random_instances import distribution, masses, prior

Got = tuple[tuple[int, ...], ...]
"""What each bidder gets: his units as (units,), or the numbers of his objects."""


def bidders(rng: random.Random, count: int, largest: int, goods: list[str] | None) -> list[Bidder]:
    """Some of them alike."""
    out: list[Bidder] = []
    for _ in range(count):
        if out and rng.random() < 0.5:
            out.append(rng.choice(out))
        elif goods is None:
            out.append(Bidder(distribution(rng, rng.randint(1, largest)), rng.choice([1, 1, 2, 3])))
        else:
            parts = {name: distribution(rng, rng.randint(1, 2)) for name in goods}
            out.append(Bidder(parts, preferences=rng.choice(["additive", "unit-demand"])))
    return out


def environment(rng: random.Random) -> Auction:
    """One to three bidders for up to three units or two objects; ties, null types, one type, costs, joint priors."""
    count, joint = rng.choice([1, 2, 2, 2, 3]), rng.random() < 0.2
    largest = {1: 4, 2: 3, 3: 2}[count]
    cost = rng.choice([0, 0, 1, "1/2", 3])
    if rng.random() < 0.5:
        out = Auction(bidders(rng, count, largest, None), rng.choice([1, 1, 2, 3]), cost=cost)
    else:
        goods = ["car", "boat"][: rng.choice([1, 2, 2]) if count < 3 else 1]
        costs = {"car": rng.choice([0, 2])} if rng.random() < 0.5 else None
        out = Auction(bidders(rng, count, largest, goods), objects=goods, cost=cost, costs=costs)
    return with_prior(out, prior(rng, list(out.sizes))) if joint else out


def with_prior(env: Auction, joint: dict[tuple[int, ...], F]) -> Auction:
    """The same bidders with a joint prior."""
    if env.objects is None:
        return Auction(env.bidders, env.units, cost=env.cost, prior=joint)
    costs = dict(zip(env.objects, env.object_costs, strict=True))
    return Auction(env.bidders, objects=env.objects, costs=costs, prior=joint)


def instance(seed: int) -> Instance:
    """Any small auction."""
    rng = random.Random(seed)
    env = environment(rng)
    rule: str | AllocationTable = rng.choice(["efficient", "efficient", "free", "free", "table"])
    if rule == "table":
        rule = AllocationTable(masses(rng, len(env.outcomes)) for _ in range(env.profile_count))
    notions = {key: rng.choice(values) for key, values in CHOICES.items()}
    goal: Objective = random_instances.objective(rng, env)
    return Instance(env, Requirements(allocation=rule, **notions), goal, title=f"auction {seed}")


def handed(units: int | None, demands: list[int], objects: int, single: list[bool]) -> list[Got]:
    """Every way to hand out units (or objects), in the documented order: all assignments, those that fit, sorted."""
    if units is not None:
        fits = [way for way in product(range(units + 1), repeat=len(demands)) if sum(way) <= units]
        fits = [way for way in fits if all(n <= most for n, most in zip(way, demands, strict=True))]
        fits.sort(key=lambda way: (sum(way), tuple(-n for n in way)))
        return [tuple((n,) for n in way) for way in fits]
    people = len(single)
    ways = list(product(range(people + 1), repeat=objects))  # person number ``people``: nobody
    ways = [way for way in ways if all(way.count(i) <= 1 for i in range(people) if single[i])]

    def place(way: tuple[int, ...]) -> tuple[int, list[int], list[int]]:
        sold = [thing for thing, i in enumerate(way) if i < people]
        return len(sold), sold, [way[thing] for thing in sold]

    ways.sort(key=place)
    return [tuple(tuple(t for t, j in enumerate(way) if j == i) for i in range(people)) for way in ways]


def ways(env: Auction) -> list[Got]:
    """The outcomes."""
    goods = len(env.objects or ())
    demands, single = [b.demand for b in env.bidders], [b.preferences == "unit-demand" for b in env.bidders]
    return handed(env.units if env.objects is None else None, demands, goods, single)


def types(env: Auction, bidder: Bidder) -> Iterator[tuple[F, tuple[F, ...]]]:
    """Masses and values, of a unit or of each object in order, the first object slowest."""
    laws = [bidder.values[name] for name in env.objects] if env.objects else [bidder.values]
    for marks in product(*(range(len(law)) for law in laws)):
        pairs = list(zip(laws, marks, strict=True))
        yield prod([law.probabilities[k] for law, k in pairs], start=F(1)), tuple(law.values[k] for law, k in pairs)


def restated(env: Auction) -> SocialChoice:
    """The same question with every utility in a table."""
    outcomes = ways(env)
    agents = {}
    for i, bidder in enumerate(env.bidders):
        rows = []
        for mass, values in types(env, bidder):
            if env.objects is None:
                worth = [values[0] * got[i][0] for got in outcomes]
            else:
                worth = [sum((values[thing] for thing in got[i]), F(0)) for got in outcomes]
            rows.append(Type(values, mass, worth))
        agents[f"agent {i}"] = rows
    costs = []
    for got in outcomes:
        if env.objects is None:
            costs.append(env.cost * sum(n for (n,) in got))
        else:
            costs.append(sum((env.object_costs[thing] for mine in got for thing in mine), F(0)))
    return SocialChoice([f"x{x}" for x in range(len(outcomes))], agents, costs, env.prior)
