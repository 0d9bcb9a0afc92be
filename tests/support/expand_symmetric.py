"""Symmetric proofs written out in full: every relabelling applied to everything, straight from the definitions."""

from __future__ import annotations

import copy
from fractions import Fraction as F
from itertools import combinations, permutations, product
from math import prod
from typing import Any

from support import auctions


def relabellings(symmetry: list[list[int]], agents: int) -> list[tuple[int, ...]]:
    """All permutations of the agents that move each within his class: pi[i] is where agent i goes."""
    out = []
    for parts in product(*(permutations(members) for members in symmetry)):
        pi = list(range(agents))
        for members, images in zip(symmetry, parts, strict=True):
            for i, j in zip(members, images, strict=True):
                pi[i] = j
        out.append(tuple(pi))
    return out


def moved(pi: tuple[int, ...], profile: Any) -> tuple[Any, ...]:
    """The profile in which agent pi(i) has agent i's type; or the outcome in which he has what agent i has."""
    out: list[Any] = [0] * len(pi)
    for i, k in enumerate(profile):
        out[pi[i]] = k
    return tuple(out)


def outcomes(env: dict[str, Any]) -> list[tuple[Any, ...]] | None:
    """What each agent gets in each outcome (1 or 0 where he trades or gets the object); None for social choice, where
    outcomes stay as they are."""
    if env["kind"] == "social-choice":
        return None
    if env["kind"] == "auction":
        bidders, objects = env["bidders"], env.get("objects", [])
        demands, single = [b.get("demand") for b in bidders], [b.get("preferences") == "unit-demand" for b in bidders]
        return list(auctions.handed(env.get("units"), demands, len(objects), single))
    if env["kind"] == "partnership":
        people = range(len(env["agents"]))
        return [tuple(int(i == x) for i in people) for x in people]
    I, J = len(env["buyers"]), len(env["sellers"])
    return [
        tuple(int(i in b + s) for i in range(I + J))
        for units in range(min(I, J) + 1)
        for b in combinations(range(I), units)
        for s in combinations(range(I, I + J), units)
    ]


def sizes(env: dict[str, Any]) -> list[int]:
    if env["kind"] == "social-choice":
        return [len(agent["types"]) for agent in env["agents"]]
    if env["kind"] == "auction":
        parts = [one["components"].values() if "components" in one else [one] for one in env["bidders"]]
        return [prod(len(part["values"]) for part in each) for each in parts]
    sides = env["agents"] if env["kind"] == "partnership" else env["buyers"] + env["sellers"]
    return [len(side["values"]) for side in sides]


class Expansion:
    def __init__(self, proof: dict[str, Any]) -> None:
        self.proof, self.symmetry = proof, proof["symmetry"]
        env = proof["instance"]["environment"]
        self.sizes, self.gets = sizes(env), outcomes(env)
        self.count = len(self.sizes)
        self.group = relabellings(self.symmetry, self.count)
        self.profiles = list(product(*map(range, self.sizes)))
        self.representatives = [p for p in self.profiles if self.sorted(dict(enumerate(p)))]

    def sorted(self, types: dict[int, int]) -> bool:
        return all(
            types[i] <= types[j]
            for members in self.symmetry
            for i, j in combinations([i for i in members if i in types], 2)
        )

    def image(self, pi: tuple[int, ...], x: int) -> int:
        return x if self.gets is None else self.gets.index(moved(pi, self.gets[x]))

    def others(self, i: int) -> list[tuple[int, ...]]:
        """Representatives of the others of agent i, who is left out."""
        rest = [j for j in range(self.count) if j != i]
        return [
            o for o in product(*(range(self.sizes[j]) for j in rest)) if self.sorted(dict(zip(rest, o, strict=True)))
        ]

    def money(self, data: dict[str, Any]) -> dict[str, Any]:
        key = "charges" if "charges" in data else "transfers"
        lumps = [F(x) for x in data.get("lump-sums", ["0"] * self.count)]
        out = []
        for i in range(self.count):
            c = next(c for c, members in enumerate(self.symmetry) if i in members)
            first, row = self.symmetry[c][0], data[key][c]
            listed = self.others(first)
            amounts: dict[tuple[int, ...], F] = {}
            for pi in self.group:
                if pi[first] == i:
                    for k, (o, at) in product(range(self.sizes[i]), [(o, n) for n, o in enumerate(listed)]):
                        theta = moved(pi, (*o[:first], k, *o[first:]))
                        amounts[theta] = F(row[at if key == "charges" else k * len(listed) + at]) + lumps[i]
            keep = [p for p in self.profiles if key == "transfers" or p[i] == 0]
            out.append([str(amounts[p]) for p in keep])
        return {key: out}

    def lottery(self, theta: tuple[int, ...], allocation: list[Any]) -> Any:
        out, ways = dict[int, F](), 0
        for r, representative in enumerate(self.representatives):
            given = allocation[r] if type(allocation[r]) is dict else {str(allocation[r]): "1"}
            for pi in self.group:
                if moved(pi, representative) == theta:
                    ways += 1
                    for x, w in given.items():
                        y = self.image(pi, int(x))
                        out[y] = out.get(y, F(0)) + F(w)
        return {str(y): str(w / ways) for y, w in sorted(out.items()) if w}

    def multipliers(self, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        out = []
        for entry in entries:
            for pi in self.group:
                image = {**entry, "weight": str(F(entry["weight"]) / len(self.group))}
                if "agent" in entry:
                    image["agent"] = pi[entry["agent"]]
                if "profile" in entry:
                    image["profile"] = list(moved(pi, entry["profile"]))
                out.append(image)
        return out


def expand(proof: dict[str, Any]) -> dict[str, Any]:
    """The same proof for every profile, agent and constraint, without the field ``symmetry``."""
    full, work = copy.deepcopy(proof), Expansion(proof)
    del full["symmetry"]
    if full.get("mechanism") is not None:
        allocation = [work.lottery(p, proof["mechanism"]["allocation"]) for p in work.profiles]
        full["mechanism"] = {**work.money(proof["mechanism"]), "allocation": allocation}
    if full.get("ray") is not None:
        full["ray"] = work.money(proof["ray"])
    if full.get("multipliers") is not None:
        full["multipliers"] = work.multipliers(proof["multipliers"])
    return full
