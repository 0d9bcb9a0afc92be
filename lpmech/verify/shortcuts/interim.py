"""Proofs by interim payments: the question, read without going through the profiles.

Independent types; social choice, partnerships and exchange. What is said of the first agent of a class of identical agents
is said of each of them (docs/proof-format.md proves that this suffices).
"""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise
from typing import Any

from lpmech.verify.kernel.environments import Agent, read_side
from lpmech.verify.kernel.instance import SCOPE, Instance
from lpmech.verify.reading.limits import MAX_DIGITS, METER
from lpmech.verify.reading.numbers import index, keyed, listed, masses, nonempty, numbers, scaled, unit
from lpmech.verify.report import Refusal
from lpmech.verify.shortcuts.interim_chances import Chances, Goods, choice

ANSWERED = {  # the only question that these proofs answer
    "transfers": ("any",),
    "incentive_compatibility": ("BIC",),
    "individual_rationality": ("interim", "ex-ante"),
    "budget": ("no-deficit", "balanced", "no-expected-deficit"),
    "allocation": ("efficient",),
}


def is_interim(proof: dict[str, Any]) -> bool:
    """Is the mechanism given by interim payments?"""
    return type(proof.get("mechanism")) is dict and "interim" in proof["mechanism"]


class ByType(Instance):
    """An efficient allocation, BIC, and independent types: interim chances are all that counts.

    For each class c: ``members``, ``worth[c][k][slot]`` in units of 1/``unit``, ``own[c]`` masses in units of 1/units[c].
    A slot is an outcome (social choice), or 0, to get the good, or for sellers (``sells[c]``) to give it away.
    """

    def __init__(self, data: Any, symmetry: Any) -> None:
        x, at = self.read_kind(data), "instance.environment"
        if self.kind == "bilateral-trade":
            raise Refusal(f"{at}.kind: proofs by interim payments need social-choice, partnership or exchange")
        if "prior" in x:
            raise Refusal(f"{at}: proofs by interim payments need independent types, not a joint prior")
        given = self.read_traders(x, at) if self.kind == "exchange" else self.read_agents(x, at)
        self.independent, self.efficient = True, True
        self.strides = [0] * len(self.sizes)  # profiles have no numbers
        self.classes = self.read_classes(symmetry, given)
        self.first = [members[0] for members in self.classes]
        self.members = [len(members) for members in self.classes]
        self.payers = len(self.classes)  # a fee for each member of a class
        own = [given[i].masses or [] for i in self.first]
        self.units = [unit(row) for row in own]
        self.own = [scaled(row, by) for row, by in zip(own, self.units, strict=True)]
        bits = sum([n * by.bit_length() for n, by in zip(self.members, self.units, strict=True)])
        if bits > 4 * MAX_DIGITS and not METER.get().lifted:
            METER.get().refuse(
                f"instance: too long numbers, powers of masses of {bits:,} binary digits, at most {4 * MAX_DIGITS:,}"
            )
        self.P = math.lcm(*self.units)
        self.alone = self.kind != "social-choice"
        self.worth = [[[row[i]] if self.kind == "partnership" else row for row in self.values[i]] for i in self.first]
        self.sells = [self.kind == "exchange" and i >= self.buyers for i in self.first]
        if self.alone:
            pairs = zip(self.sells, self.worth, strict=True)
            self.held = [[-row[0] if sells else row[0] for row in worth] for sells, worth in pairs]
            goods = len(given) - self.buyers if self.kind == "exchange" else 1
            self.goods = Goods(goods, self.held, self.own, self.units, self.members, self.sells)
        requirements = data["requirements"]
        self.ties = self.read_notions(requirements, "instance.requirements")
        for key, allowed in ANSWERED.items():
            if requirements[key] not in allowed:
                raise Refusal(f"instance.requirements.{key}: proofs by interim payments need {' or '.join(allowed)}")
        if len(self.sizes) < 2 and SCOPE[self.budget] == "profile":
            raise Refusal("instance: with one agent, interim payments do not meet a budget at every profile")
        self.rule = f"efficient (ties {self.ties})"
        self.read_objective(data["objective"])
        if self.objective != "margin":
            raise Refusal("instance.objective: proofs by interim payments need the margin")

    def read_classes(self, x: Any, given: list[Agent]) -> list[list[int]]:
        """Classes of identical agents: the same masses, values and outside options, type by type."""
        classes, seen = listed(x, "symmetry"), 0
        for c, entry in enumerate(classes):
            members = nonempty(entry, f"symmetry[{c}]")
            seen += len(members)
            for a, i in enumerate(members):
                index(i, f"symmetry[{c}]", len(given))
                if a and i <= members[a - 1]:
                    raise Refusal(f"symmetry[{c}]: agents are not in increasing order")
        if sorted(i for members in classes for i in members) != list(range(len(given))) or seen != len(given):
            raise Refusal("symmetry: every agent must be in exactly one class")
        if any(a[0] >= b[0] for a, b in pairwise(classes)):
            raise Refusal("symmetry: classes are not in the order of their first agents")
        for first, *more in classes:
            mine = self.identity(given, first)
            for i in more:
                if self.identity(given, i) != mine:
                    raise Refusal(f"symmetry: {self.names[first]} and {self.names[i]} are not identical")
        return classes

    def identity(self, given: list[Agent], i: int) -> Any:
        values = [row[i] for row in self.values[i]] if self.kind == "partnership" else self.values[i]
        return given[i].masses, values, self.outside[i], self.kind == "exchange" and i >= self.buyers

    def read_traders(self, x: Any, at: str) -> list[Agent]:
        """Buyers, then sellers; values[i][k] is what trade is worth: a value, or less a cost. Outcomes are not listed."""
        keyed(x, at, ("kind", "buyers", "sellers"))
        sides = [
            (key, n, one) for key in ("buyers", "sellers") for n, one in enumerate(nonempty(x[key], f"{at}.{key}"))
        ]
        METER.get().agents(len(sides), at)
        self.buyers, given = len(x["buyers"]), []
        for key, n, one in sides:
            values, own = read_side(one, f"{at}.{key}[{n}]", False)
            name = f"{key[:-1]}-{n + 1}" if len(x[key]) > 1 else key[:-1]
            worth = [[v if key == "buyers" else -v] for v in values]
            given.append(Agent(name, list(map(str, values)), worth, [Fraction(0)] * len(values), own))
        self.sizes, self.agents = [len(agent.types) for agent in given], range(len(given))
        self.names, self.types = [agent.name for agent in given], [agent.types for agent in given]
        self.outcomes, self.costs = [], []
        self.unit = unit([row[0] for agent in given for row in agent.values], f"{at}: values")
        self.values = [[scaled(row, self.unit) for row in agent.values] for agent in given]
        self.outside = [[0] * n for n in self.sizes]
        return given

    def read_ranks(self, x: Any) -> None:
        """Ranks, by which ties are broken, or several such tables with their probabilities; they must be what the tie rule
        wants. Sets ``chances``."""
        at = "mechanism.allocation"
        keyed(x, at, ["ranks"], ["weights"])
        given, weights = [x["ranks"]], [Fraction(1)]
        if "weights" in x:
            weights = masses(numbers(x["weights"], f"{at}.weights"), f"{at}.weights")
            given = listed(x["ranks"], f"{at}.ranks", len(weights))
            if not self.alone or self.ties != "any" or min(weights) == 0:
                raise Refusal(f"{at}.weights: several tables are for goods with ties any, all with a probability")
        METER.get().take(len(given) * sum(self.sizes))  # each agent's types
        self.tables = [self.read_table(table, f"{at}.ranks") for table in given]
        by = unit(weights)
        parts = [(w, self.with_ranks(ranks)) for w, ranks in zip(scaled(weights, by), self.tables, strict=True)]
        if len(parts) == 1:
            self.chances = parts[0][1]
        else:
            over = [each * by for each in parts[0][1].over]
            METER.get().work(len(parts) * sum(self.sizes), max(over).bit_length(), at)
            rows = [
                [{0: sum([w * one.of[c][k][0] for w, one in parts])} for k in range(self.sizes[i])]
                for c, i in enumerate(self.first)
            ]
            self.chances = Chances(over, rows, False)
        self.chances.tied = self.goods.tied() if self.alone else self.chances.tied
        if self.chances.tied and not self.as_asked():
            raise Refusal(f"{at}: these ranks are not what the rule ({self.rule}) wants")

    def read_table(self, rows: Any, at: str) -> list[list[int]]:
        """A rank for each outcome, or for each type of each class."""
        if not self.alone:
            return [[index(r, f"{at}[{x}]", 10**9) for x, r in enumerate(listed(rows, at, len(self.outcomes)))]]
        return [
            [index(r, f"{at}[{c}]", 10**9) for r in listed(row, f"{at}[{c}]", self.sizes[i])]
            for c, (row, i) in enumerate(zip(listed(rows, at, len(self.classes)), self.first, strict=True))
        ]

    def with_ranks(self, ranks: list[list[int]]) -> Chances:
        if self.alone:
            return self.goods.chances(ranks)
        vectors = [[tuple(v - row[0] for v in row) for row in worth] for worth in self.worth]
        return choice(vectors, self.own, self.units, self.members, tuple(self.costs), ranks[0])

    def levels(self, ranks: list[list[int]]) -> list[list[tuple[int, int, int]]]:
        """Who may tie for goods: for each value (class, type, rank)."""
        out: dict[int, list[tuple[int, int, int]]] = {}
        for c, held in enumerate(self.held):
            for k, v in enumerate(held):
                out.setdefault(v, []).append((c, k, ranks[c][k]))
        return list(out.values())

    def as_asked(self) -> bool:
        """Whether the ranks do what the tie rule says, wherever there may be ties."""
        if self.ties == "any":
            return True
        if not self.alone:
            groups = [self.tables[0][0]]
        else:
            groups = []
            for level in self.levels(self.tables[0]):
                ranked = sorted((self.place(i), r) for c, _, r in level for i in self.classes[c])
                groups.append([r for _, r in ranked])
        for ranks in groups:
            steps = [b - a for a, b in pairwise(ranks)]
            if self.ties == "uniform" and any(steps):
                return False
            if self.ties == "first" and any(step <= 0 for step in steps):
                return False
            if self.ties == "last" and any(step >= 0 for step in steps):
                return False
        return True

    def place(self, i: int) -> int:
        """The order in which agents hold goods where ties are ``first``: the outcomes with few trades come first, then
        those in which the first buyers buy, and the first sellers sell."""
        return -i if self.kind == "exchange" and i >= self.buyers else i

    def value(self, c: int, k: int, r: int) -> int:
        """E[v of type k who reports r], in units of 1/(``unit`` * ``chances.over[c]``)."""
        row = self.worth[c][k]
        return sum([q * row[slot] for slot, q in self.chances.of[c][r].items()])

    def spent(self) -> Fraction:
        """The expected cost of the outcome, in money."""
        if self.alone or not any(self.costs):
            return Fraction(0)
        rows = zip(self.own[0], self.chances.of[0], strict=True)
        total = sum([m * q * self.costs[x] for m, row in rows for x, q in row.items()])
        return Fraction(total, self.units[0] * self.chances.over[0] * self.unit)

    def shape(self) -> str:
        sizes = zip(self.first, self.members, strict=True)
        return " x ".join(f"{self.sizes[i]}^{n}" if n > 1 else str(self.sizes[i]) for i, n in sizes)

    def at(self, profile: int) -> str:
        return "every profile"
