"""Symmetric proofs: everything up to relabelling identical agents.

A mechanism and multipliers are given at representatives, the profiles whose types do not decrease along any class of
identical agents. They stand for what relabelling makes of them (docs/proof-format.md proves that this is enough). In the
layout of a class, o is an orbit of the profiles of the others of its first member; entry k * len(others) + o.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations_with_replacement, pairwise, product
from typing import Any

from lpmech.verify.kernel.environments import Agent
from lpmech.verify.kernel.instance import Instance
from lpmech.verify.reading.limits import METER
from lpmech.verify.reading.numbers import index, nonempty, scaled, unit, word
from lpmech.verify.report import Refusal


class Symmetric(Instance):
    """A question that does not tell the agents of a class apart, ``profiles`` being the representatives.

    ``spot[c][k * others + o]`` is the representative at which a member of class c has type k and the others are o, and
    ``seats`` the members who have type k there. Masses of orbits: ``mass[r]``, and ``against[c][o]`` for the others.
    """

    def __init__(self, data: Any, classes: Any) -> None:
        x, at = self.read_kind(data), "instance.environment"
        if self.kind == "bilateral-trade" or "prior" in x:
            raise Refusal(
                f"{at}: symmetric proofs are about exchange, partnership, social choice or auction with independent types"
            )
        given = self.read_agents(x, at)
        self.read_classes(classes)
        requirements, self.independent = data["requirements"], True
        ties = self.read_notions(requirements, "instance.requirements")
        rule = word(requirements["allocation"], "instance.requirements.allocation", ("efficient", "free"))
        self.efficient = rule == "efficient"
        if self.efficient and ties in {"first", "last"} and self.kind != "social-choice":
            raise Refusal(f"symmetry: ties {ties} tells identical agents apart")
        self.rule = rule + (f" (ties {ties})" if self.efficient else "")
        self.read_objective(data["objective"])
        sides: list[Any] = [None] * len(self.names)  # what else tells agents apart
        if self.kind == "exchange":
            sides = ["buyer"] * len(x["buyers"]) + ["seller"] * len(x["sellers"])
        elif self.kind == "auction":
            sides = [(one.get("demand"), one.get("preferences")) for one in x["bidders"]]
        for members in self.classes:
            for i in members[1:]:
                self.must_be_alike(given, members[0], i, sides[i] == sides[members[0]])
        sizes = [(self.sizes[members[0]], len(members)) for members in self.classes]
        METER.get().cells(
            math.prod(math.comb(n + m - 1, m) for n, m in sizes),
            len(self.outcomes),
            len(self.names) * max(self.sizes),
        )
        self.strides = [math.prod(self.sizes[i + 1 :]) for i in self.agents]  # of all profiles, which are not listed
        self.profiles = self.list_profiles()
        self.number = {profile: r for r, profile in enumerate(self.profiles)}
        self.count, self.names_of = len(self.profiles), [self.names[members[0]] for members in self.classes]
        self.list_others()
        self.list_masses([given[members[0]].masses or [] for members in self.classes])
        self.surplus = [
            [
                sum(vs) - cost
                for cost, *vs in zip(self.costs, *(self.values[i][k] for i, k in enumerate(p)), strict=True)
            ]
            for p in self.profiles
        ]
        self.points = [((x, Fraction(1)),) for x in range(len(self.outcomes))]
        free = tuple(self.points)
        self.choices = [self.largest(row, ties) if self.efficient else free for row in self.surplus]

    def read_classes(self, x: Any) -> None:
        """Lists of agents, each in increasing order, that are all the agents, by their first members."""
        self.classes = [
            [index(i, "symmetry", len(self.names)) for i in nonempty(c, "symmetry")] for c in nonempty(x, "symmetry")
        ]
        firsts = [members[0] for members in self.classes]
        ordered = all(a < b for members in [firsts, *self.classes] for a, b in pairwise(members))
        if not ordered or sorted(i for members in self.classes for i in members) != list(self.agents):
            raise Refusal(
                "symmetry: every agent once, in increasing order in each class, the classes by their first agents"
            )
        self.home = {i: c for c, members in enumerate(self.classes) for i in members}

    def must_be_alike(self, given: list[Agent], i: int, j: int, same_side: bool) -> None:
        """Nothing that counts tells agents i and j apart, so that swapping them maps outcomes to outcomes: the same side of
        the market, demand, values, masses, weight in the objective; outside options too where they count type by type."""
        if self.kind == "social-choice":
            same = self.values[i] == self.values[j]
        else:  # types are named by their values
            same = self.types[i] == self.types[j] and same_side
        same = same and given[i].masses == given[j].masses and self.on_utility[i] == self.on_utility[j]
        if not same or (self.ir in {"ex-post", "interim"} and self.outside[i] != self.outside[j]):
            raise Refusal(f"symmetry: {self.names[i]} and {self.names[j]} are not identical")

    def list_profiles(self, without: int | None = None) -> list[tuple[int, ...]]:
        """Profiles (with an agent left out) whose types do not decrease along any class, in flattened order."""
        classes = [[i for i in members if i != without] for members in self.classes]
        order = [i for members in classes for i in members]
        chosen = [
            combinations_with_replacement(range(self.sizes[members[0]]), len(left))
            for members, left in zip(self.classes, classes, strict=True)
        ]
        placed = (dict(zip(order, (k for types in parts for k in types), strict=True)) for parts in product(*chosen))
        return sorted(tuple(k for _, k in sorted(types.items())) for types in placed)

    def representative(self, types: Sequence[int]) -> tuple[int, ...]:
        """A profile with the types sorted along each class."""
        out = list(types)
        for members in self.classes:
            for i, k in zip(members, sorted(types[i] for i in members), strict=True):
                out[i] = k
        return tuple(out)

    def list_others(self) -> None:
        self.others, self.spot, self.seats = [], list[list[int]](), list[list[list[int]]]()
        self.entry: list[dict[tuple[int, int], int]] = []  # (representative, own type) -> place in the class's layout
        for members in self.classes:
            i = members[0]
            others = self.list_profiles(i)
            joined = [(k, (*o[:i], k, *o[i:])) for k in range(self.sizes[i]) for o in others]
            spot = [self.number[self.representative(profile)] for _, profile in joined]
            self.others.append(others)
            self.spot.append(spot)
            self.seats.append(
                [[j for j in members if self.profiles[r][j] == k] for r, (k, _) in zip(spot, joined, strict=True)]
            )
            self.entry.append({(r, k): e for e, (r, (k, _)) in enumerate(zip(spot, joined, strict=True))})

    def list_masses(self, own: list[list[Fraction]]) -> None:
        """Masses of orbits: how many profiles are in one, times the mass of each."""
        units = [unit(masses) for masses in own]
        self.own = [scaled(masses, by) for masses, by in zip(own, units, strict=True)]
        self.units, self.P = (
            units,
            math.prod(by ** len(members) for by, members in zip(units, self.classes, strict=True)),
        )
        self.mass = [self.orbit_mass(dict(enumerate(profile))) for profile in self.profiles]
        self.against = []
        for members, others in zip(self.classes, self.others, strict=True):
            names = [i for i in self.agents if i != members[0]]
            self.against.append([self.orbit_mass(dict(zip(names, o, strict=True))) for o in others])

    def orbit_mass(self, types: dict[int, int]) -> int:
        """Units: 1/P for all agents together, the first member's unit fewer for the others of a class."""
        out = 1
        for members, own in zip(self.classes, self.own, strict=True):
            held = [types[i] for i in members if i in types]
            out *= math.factorial(len(held)) * math.prod([own[k] for k in held])
            out //= math.prod([math.factorial(held.count(k)) for k in set(held)])
        return out

    def representative_at(self, spot: int) -> int:
        """Which representative a profile is, given by its number among all profiles."""
        types = tuple(spot // stride % n for stride, n in zip(self.strides, self.sizes, strict=True))
        if types not in self.number:
            raise Refusal(f"multipliers: {list(types)} is no representative: types must not decrease along a class")
        return self.number[types]

    def place(self, c: int, entry: int) -> str:
        """An entry of a class's layout for people."""
        return f" at {self.at(self.spot[c][entry])}"

    def __str__(self) -> str:
        alike = " and ".join(f"{len(members)} {self.names[members[0]]}" for members in self.classes if len(members) > 1)
        return f"{super().__str__()}; up to relabelling identical agents ({alike or 'none'})"
