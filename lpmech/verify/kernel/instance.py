"""The instance, as restated in the proof: types, masses, allowed lotteries and requirements, in integers."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterator
from fractions import Fraction
from itertools import accumulate, product
from typing import Any

from lpmech.verify.auctions import read_auction
from lpmech.verify.kernel.environments import Agent, read_partnership, read_social_choice, read_trade
from lpmech.verify.reading.limits import METER, common
from lpmech.verify.reading.numbers import index, keyed, listed, masses, number, numbers, scaled, unit, word
from lpmech.verify.report import Refusal

Lottery = tuple[tuple[int, Fraction], ...]
"""Outcomes and their positive probabilities, by outcome number."""
KINDS = dict.fromkeys(("bilateral-trade", "exchange"), read_trade)
KINDS |= {"partnership": read_partnership, "social-choice": read_social_choice, "auction": read_auction}
CHOICES = {
    "ties": ("any", "first", "last", "uniform"),
    "transfers": ("any", "groves"),
    "incentive_compatibility": ("DSIC", "BIC", "none"),
    "individual_rationality": ("ex-post", "interim", "ex-ante", "none"),
    "budget": ("no-deficit", "balanced", "no-expected-deficit", "none"),
}
OBJECTIVES = {"welfare": (1, 1), "revenue": (0, 1), "agents-utility": (1, 0)}  # weights on utilities, on revenue
SCOPE = {  # one constraint for each profile, for each type, or one over everything
    **dict.fromkeys(("DSIC", "ex-post", "no-deficit", "balanced"), "profile"),
    **dict.fromkeys(("BIC", "interim"), "type"),
    **dict.fromkeys(("ex-ante", "no-expected-deficit"), ""),
}
PRIOR = "prior"  # in the place of a profile, in compact proofs: the average over the profiles (of the others)
AVERAGED = {"DSIC": "BIC", "ex-post": "interim", "no-deficit": "no-expected-deficit", "balanced": "no-expected-deficit"}


class Instance:
    """The question: types, masses, allowed lotteries and requirements, scaled to integers."""

    mass: list[int]
    kinds: tuple[str, ...] = tuple(KINDS)

    def __init__(self, data: Any) -> None:
        x, at = self.read_kind(data), "instance.environment"
        given = self.read_agents(x, at)
        self.count = math.prod(self.sizes)
        METER.get().cells(self.count, len(self.outcomes), len(self.sizes))
        METER.get().work(self.count, self.unit.bit_length(), "instance.environment: amounts")
        self.strides = list(accumulate(reversed(self.sizes[1:]), operator.mul, initial=1))[::-1]
        self.profiles = list(product(*map(range, self.sizes)))
        self.bases = [[p for p, profile in enumerate(self.profiles) if profile[i] == 0] for i in self.agents]
        self.surplus = [[-cost for cost in self.costs]]  # sum_i v_i(x, theta_i) - cost(x), a row for each profile
        for table in self.values:
            self.surplus = [[a + b for a, b in zip(row, v, strict=True)] for row in self.surplus for v in table]
        self.independent = "prior" not in x
        if self.independent:
            self.set_masses([agent.masses or [] for agent in given])
        else:
            self.set_joint(self.read_joint(x["prior"]))
            self.must_agree(given, at)
        self.everything = [(p, m) for p, m in enumerate(self.mass) if m]
        self.read_requirements(data["requirements"])
        self.read_objective(data["objective"])

    def read_agents(self, x: dict[str, Any], at: str) -> list[Agent]:
        """Agents, outcomes and costs, in integers."""
        (self.outcomes, costs), given = KINDS[self.kind](x, at, "prior" in x)
        self.sizes, self.agents = [len(agent.types) for agent in given], range(len(given))
        self.names, self.types = [agent.name for agent in given], [agent.types for agent in given]
        self.payers = len(self.names)  # how many fees a proof has
        amounts = [v for agent in given for row in (*agent.values, agent.outside) for v in row]
        self.unit = unit(amounts + costs, f"{at}: values, outside options and costs")
        self.values = [[scaled(row, self.unit) for row in agent.values] for agent in given]
        self.outside = [scaled(agent.outside, self.unit) for agent in given]
        self.costs = scaled(costs, self.unit)
        return given

    def read_kind(self, data: Any) -> dict[str, Any]:
        """The environment, whose kind is known; its fields are yet to be read."""
        keyed(data, "instance", ("title", "environment", "requirements", "objective"))
        word(data["title"], "instance.title")
        x, at = data["environment"], "instance.environment"
        if type(x) is not dict:
            raise Refusal(f"{at}: an object is needed")
        self.kind = word(x.get("kind"), f"{at}.kind", self.kinds)
        return x

    # -- prior: mass[theta], and given[i][k], what type k of agent i believes: a list of (profile, mass), or None for a
    #    type without beliefs (C3); masses in units of 1/P.

    def set_masses(self, own: list[list[Fraction]]) -> None:
        """Independent types: the others' masses are the beliefs of every type, null types included (C3)."""
        units = [unit(masses) for masses in own]
        METER.get().work(self.count, sum(by.bit_length() for by in units), "instance.environment: probabilities")
        self.P, each = math.prod(units), [scaled(masses, by) for masses, by in zip(own, units, strict=True)]
        several = [i for i, n in enumerate(self.sizes) if n > 1]  # a single type has mass 1 in units of 1
        self.mass = [math.prod(ms) for ms in product(*each)]
        self.given: list[list[list[tuple[int, int]] | None]] = []
        for i, stride in enumerate(self.strides):
            others = [units[i] * math.prod(ms) for ms in product(*(each[j] for j in several if j != i))]
            pairs = [(b, m) for b, m in zip(self.bases[i], others, strict=True) if m]
            self.given.append([[(b + k * stride, m) for b, m in pairs] for k in range(self.sizes[i])])

    def set_joint(self, joint: list[Fraction]) -> None:
        """A joint prior: beliefs are conditional masses; a type of probability 0 has none (C3)."""
        by = unit(joint, "instance.environment.prior")
        ints = scaled(joint, by)
        marginal = [[0] * n for n in self.sizes]
        self.marginal: list[list[int]] = marginal
        for types, joint_mass in zip(self.profiles, ints, strict=True):
            for i in self.agents:
                marginal[i][types[i]] += joint_mass
        parts = {by, *(m for row in marginal for m in row if m)}
        self.marginal_unit, self.P = by, common(parts, self.count, "instance.environment.prior: marginal masses")
        self.mass, self.given = [joint_mass * (self.P // by) for joint_mass in ints], []
        for i, stride in enumerate(self.strides):
            self.given.append([])
            for k, m in enumerate(marginal[i]):
                at = [b + k * stride for b in self.bases[i]]
                self.given[i].append([(p, ints[p] * (self.P // m)) for p in at if ints[p]] if m else None)

    def must_agree(self, given: list[Agent], at: str) -> None:
        """Probabilities beside a joint prior are its marginals."""
        for agent, marginal in zip(given, self.marginal, strict=True):
            if agent.masses is None:
                continue
            for label, own, mass in zip(agent.types, agent.masses, marginal, strict=True):
                if own * self.marginal_unit != mass:
                    raise Refusal(
                        f"{at}: {agent.name} of type {label} has probability {own}, but"
                        f" {Fraction(mass, self.marginal_unit)} under the joint prior: leave the probabilities out"
                    )

    def read_joint(self, x: Any) -> list[Fraction]:
        """Masses of the profiles listed, none twice; a profile not listed has mass 0."""
        at, joint = "instance.environment.prior.profiles", dict[int, Fraction]()
        for n, entry in enumerate(listed(keyed(x, "instance.environment.prior", ["profiles"])["profiles"], at)):
            profile = self.read_profile(keyed(entry, f"{at}[{n}]", ("types", "probability"))["types"], f"{at}[{n}]")
            if profile in joint:
                raise Refusal(f"{at}[{n}]: {self.at(profile)} is listed twice")
            joint[profile] = number(entry["probability"], f"{at}[{n}].probability")
        masses(list(joint.values()), at)
        return [joint.get(p, Fraction(0)) for p in range(self.count)]

    def read_profile(self, x: Any, where: str) -> int:
        """The number of a profile given as a list of type numbers."""
        types = listed(x, where, len(self.sizes))
        return sum(index(k, where, n) * s for k, n, s in zip(types, self.sizes, self.strides, strict=True))

    def average(self, notion: str, i: int, spot: int) -> list[tuple[int, int]] | None:
        """What a constraint of this notion for agent i averages over, as (profile, mass): the profile ``spot``, the
        profiles as type ``spot`` sees them (None: no constraint, C3), or all profiles."""
        scope = SCOPE[notion]
        return [(spot, self.P)] if scope == "profile" else self.given[i][spot] if scope else self.everything

    def averages(self, notion: str, i: int) -> Iterator[tuple[int, list[tuple[int, int]]]]:
        """Every constraint of the notion for agent i: (spot, what it averages over)."""
        for spot in range({"profile": self.count, "type": self.sizes[i], "": 1}[SCOPE[notion]]):
            pairs = self.average(notion, i, spot)
            if pairs is not None:
                yield spot, pairs

    def at(self, profile: int) -> str:
        """A profile for people: "(buyer 4, seller 1)"."""
        labels = zip(self.names, self.types, self.profiles[profile], strict=True)
        return "(" + ", ".join(f"{name} {types[k]}" for name, types, k in labels) + ")"

    def where(self, notion: str, i: int, spot: int) -> str:
        """The place of a constraint for people."""
        if SCOPE[notion] == "profile":
            return f" at {self.at(spot)}"
        return f" of type {self.label(i, spot)}" if SCOPE[notion] else ""

    def label(self, i: int, k: int) -> str:
        """A type for people."""
        return self.types[i][k]

    # -- requirements -------------------------------------------------------------------------------------------------

    def read_requirements(self, x: Any) -> None:
        """Requirements (C4-C8); ``choices[theta]`` are the lotteries whose mixtures are allowed at theta."""
        at = "instance.requirements"
        ties = self.read_notions(x, at)
        self.points: list[Lottery] = [((x, Fraction(1)),) for x in range(len(self.outcomes))]
        rule, at = x["allocation"], f"{at}.allocation"
        self.efficient = rule == "efficient"
        if type(rule) is str:
            self.rule = word(rule, at, ("efficient", "free")) + (f" (ties {ties})" if self.efficient else "")
            free = tuple(self.points)
            self.choices = [self.largest(row, ties) if self.efficient else free for row in self.surplus]
        elif type(rule) is dict and "table" in rule:
            table = listed(keyed(rule, at, ["table"])["table"], f"{at}.table", self.count)
            rows = [masses(numbers(row, f"{at}[{p}]", len(self.outcomes)), f"{at}[{p}]") for p, row in enumerate(table)]
            self.rule, self.choices = "by table", [(tuple((x, q) for x, q in enumerate(row) if q),) for row in rows]
        else:
            price = number(keyed(rule, at, ["posted-price"])["posted-price"], at)
            METER.get().work(sum(self.sizes), price.denominator.bit_length() + price.numerator.bit_length(), at)
            if self.kind != "bilateral-trade":
                raise Refusal(f"{at}: a posted price needs bilateral trade, not {self.kind}")
            buys, sells = (  # outcome 1 is trade, v_B = b and v_S = -s: it happens iff b >= price >= s
                [row[1] >= sign * price * self.unit for row in table]
                for sign, table in zip((1, -1), self.values, strict=True)
            )
            self.rule = f"posted price {price}"
            self.choices = [(self.points[1 if buys[b] and sells[s] else 0],) for b, s in self.profiles]

    def read_notions(self, x: Any, at: str) -> str:
        """All requirements but the allocation rule; returns the tie rule."""
        keyed(x, at, [*CHOICES, "allocation"])
        said = [word(x[key], f"{at}.{key}", allowed) for key, allowed in CHOICES.items()]
        ties, transfers, self.ic, self.ir, self.budget = said
        self.groves = transfers == "groves"
        self.z_in = "budget" if self.budget != "none" else "IR" if self.ir != "none" else None  # where z sits (C9)
        return ties

    def largest(self, row: list[int], ties: str) -> tuple[Lottery, ...]:
        """Outcomes of largest surplus, by the tie rule (C7)."""
        best = max(row)
        tied = [x for x, surplus in enumerate(row) if surplus == best]
        if ties == "uniform":
            return (tuple((x, Fraction(1, len(tied))) for x in tied),)
        return tuple(self.points[x] for x in {"any": tied, "first": tied[:1], "last": tied[-1:]}[ties])

    def read_objective(self, x: Any) -> None:
        """Weights on expected utilities and on expected revenue (all 0 for the margin)."""
        at = "instance.objective.maximize"
        self.goal = keyed(x, "instance.objective", ["maximize"])["maximize"]
        if type(self.goal) is dict:
            keyed(self.goal, at, ("utility", "revenue"))
            self.objective, self.on_revenue = "weighted objective", number(self.goal["revenue"], at)
            self.on_utility = numbers(self.goal["utility"], at, len(self.names))
        else:
            self.objective = word(self.goal, at, ("margin", *OBJECTIVES))
            utility, revenue = OBJECTIVES.get(self.objective, (0, 0))
            self.on_utility, self.on_revenue = [Fraction(utility)] * len(self.names), Fraction(revenue)

    def shape(self) -> str:
        return " x ".join(map(str, self.sizes))

    def __str__(self) -> str:
        return (
            f"{self.kind}, {self.shape()} types, {'independent' if self.independent else 'joint prior'};"
            f" allocation {self.rule}, transfers {'groves' if self.groves else 'any'}, IC {self.ic}, IR {self.ir},"
            f" budget {self.budget}; objective {self.objective}"
        )
