"""Checks a proof file (``lpmech-proof/1``): one file, the Python standard library alone, exact arithmetic.

    python verify.py PROOF.json ...        exit status 0 accepted, 1 refused, 2 cannot be read
    lpmech.verify("PROOF.json")            -> Report

It shares no code with the solver and trusts nothing but the instance restated in the proof. Incentive compatibility,
participation, budget and efficiency are stated here again, from the definitions, by enumeration (conventions C1-C10).
``docs/proof-format.md`` says what each field means and why the checks suffice.

Inside, everything is an integer: money in units of 1/D (the instance) or 1/M (a mechanism), masses in units of 1/P.
A profile is its number in the flattened order, last agent fastest; agent i's type k at profile ``base + k * stride``.
"""

from __future__ import annotations

import io
import json
import math
import re
import reprlib
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations, product
from pathlib import Path
from typing import Any

if hasattr(sys, "set_int_max_str_digits"):  # exact results may have more than Python's default 4300 digits
    sys.set_int_max_str_digits(0)

FORMAT = "lpmech-proof/1"
MAX_DIGITS = 100_000
MAX_CELLS = (
    20_000_000  # profiles times outcomes: beyond this the enumeration would not end in reasonable time or memory
)
SHOWN = 5  # violations listed for each kind of constraint

Lottery = tuple[tuple[int, Fraction], ...]
"""Outcomes and their positive probabilities, by outcome number."""


@dataclass
class Report:
    """What was checked. ``margin`` and ``value`` are the claim's own text; they are proved only if ``accepted``."""

    accepted: bool = False
    verdict: str | None = None
    margin: str | None = None
    value: str | None = None
    title: str = ""
    checks: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    unreadable: bool = False

    def __bool__(self) -> bool:
        return self.accepted

    def __str__(self) -> str:
        shown = [("margin", self.margin), ("value", self.value)]
        claim = ", ".join([self.verdict or "no verdict"] + [f"{key} {text}" for key, text in shown if text is not None])
        head = f"ACCEPTED: {claim}" if self.accepted else f"REFUSED (claimed: {claim})"
        if self.unreadable:
            head = "CANNOT BE READ"
        lines = [head] + ([f"  title: {self.title}"] if self.title else [])
        lines += [f"  - {line}" for line in self.checks] + [f"  ! {line}" for line in self.problems]
        return "\n".join(_printable(line) for line in lines)


class Refusal(Exception):  # noqa: N818
    """Why a proof is refused: one or more sentences."""

    def __init__(self, *problems: str, unreadable: bool = False) -> None:
        super().__init__(*problems)
        self.problems, self.unreadable = problems, unreadable


def _printable(line: str) -> str:
    """The file is not trusted: no line breaks, terminal controls or lone surrogates of its own in the printed report."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in line)


# ---------------------------------------------------------------------------------------------------------------------
# Reading. Every field is checked: exact keys, exact types (True is no 1), one spelling for each number.
# ---------------------------------------------------------------------------------------------------------------------

NUMBER = re.compile(r"(0|-?[1-9][0-9]*)(?:/([1-9][0-9]*))?", re.ASCII)
COUNT = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)


def number(x: Any, where: str) -> Fraction:
    """An exact rational as text, in lowest terms: "3", "-13/600" (C2)."""
    match = NUMBER.fullmatch(x) if type(x) is str and len(x) <= MAX_DIGITS else None
    if match is None:
        raise Refusal(f'{where}: {reprlib.repr(x)} is not an exact number written like "3" or "-13/600"')
    if match[2] is None:
        return Fraction(int(match[1]))
    top, bottom = int(match[1]), int(match[2])
    exact = Fraction(top, bottom)
    if exact.denominator != bottom or bottom == 1:
        raise Refusal(f"{where}: {reprlib.repr(x)} is not in lowest terms")
    return exact


def keyed(x: Any, where: str, needed: Iterable[str], optional: Iterable[str] = ()) -> dict[str, Any]:
    """An object with all the needed keys and no other than the optional ones."""
    if type(x) is not dict:
        raise Refusal(f"{where}: an object is needed, not {reprlib.repr(x)}")
    needed = set(needed)
    for key in needed - set(x):
        raise Refusal(f"{where}: {key!r} is missing")
    for key in set(x) - needed - set(optional):
        raise Refusal(f"{where}: unknown key {reprlib.repr(key)}")
    return x


def listed(x: Any, where: str, length: int | None = None) -> list[Any]:
    """A list, of the given length if one is given."""
    if type(x) is not list:
        raise Refusal(f"{where}: a list is needed, not {reprlib.repr(x)}")
    if length is not None and len(x) != length:
        raise Refusal(f"{where}: {len(x)} entries where {length} are needed")
    return x


def nonempty(x: Any, where: str) -> list[Any]:
    """A list with at least one entry."""
    if not listed(x, where):
        raise Refusal(f"{where}: empty")
    return x  # type: ignore[no-any-return]


def word(x: Any, where: str, allowed: Iterable[str] | None = None) -> str:
    """A text, one of the allowed ones if they are given."""
    if type(x) is not str or (allowed is not None and x not in allowed):
        wanted = "a text" if allowed is None else "one of " + ", ".join(allowed)
        raise Refusal(f"{where}: {reprlib.repr(x)} where {wanted} is needed")
    return x


def index(x: Any, where: str, below: int) -> int:
    """A whole number 0, ..., below - 1."""
    if type(x) is not int or not 0 <= x < below:
        raise Refusal(f"{where}: {reprlib.repr(x)} where a whole number from 0 to {below - 1} is needed")
    return x


def numbers(x: Any, where: str, length: int | None = None) -> list[Fraction]:
    """A list of exact numbers."""
    return [number(entry, f"{where}[{place}]") for place, entry in enumerate(listed(x, where, length))]


def masses(exact: list[Fraction], where: str) -> list[Fraction]:
    """Probabilities: none negative, sum exactly 1."""
    for mass in exact:
        if mass < 0:
            raise Refusal(f"{where}: a negative probability, {mass}")
    if sum(exact) != 1:
        raise Refusal(f"{where}: probabilities sum to {sum(exact)}, not 1")
    return exact


def unit(exact: Iterable[Fraction]) -> int:
    """Least common denominator."""
    return math.lcm(*{x.denominator for x in exact})


def scaled(exact: Iterable[Fraction], by: int) -> list[int]:
    """Exact numbers in units of 1/by."""
    return [x.numerator * (by // x.denominator) for x in exact]


# ---------------------------------------------------------------------------------------------------------------------
# The instance, as restated in the proof
# ---------------------------------------------------------------------------------------------------------------------


@dataclass
class Environment:
    """Agents, types, outcomes, valuations: all as given, before scaling. ``own`` holds the agents' own masses."""

    names: list[str]
    types: list[list[str]]
    outcomes: list[str]
    costs: list[Fraction]
    values: list[list[list[Fraction]]]
    outside: list[list[Fraction]]
    own: list[list[Fraction] | None]


def read_side(x: dict[str, Any], where: str, correlated: bool) -> tuple[list[Fraction], list[Fraction] | None]:
    """Types of one dimension: strictly increasing values and masses (C3). A joint prior makes own masses optional."""
    values = numbers(nonempty(x["values"], f"{where}.values"), f"{where}.values")
    for low, high in zip(values, values[1:], strict=False):
        if low >= high:
            raise Refusal(f"{where}.values: not strictly increasing, {low} is followed by {high}")
    if "probabilities" not in x and correlated:
        return values, None
    return values, masses(numbers(x["probabilities"], f"{where}.probabilities", len(values)), f"{where}.probabilities")


def side_keys(correlated: bool) -> tuple[set[str], set[str]]:
    """Needed and optional keys of a side."""
    return ({"values"}, {"probabilities"}) if correlated else ({"values", "probabilities"}, set())


def read_trade(x: dict[str, Any], correlated: bool) -> Environment:
    """Bilateral trade and exchange. Buyers before sellers; v = value for who buys, -cost for who sells, else 0 (C1).

    Outcomes: by units traded from 0 up, then by the buyers (lexicographically), then by the sellers.
    """
    where, needed, optional = "instance.environment", *side_keys(correlated)
    if x["kind"] == "bilateral-trade":
        keyed(x, where, {"kind", "buyer", "seller"}, {"prior"})
        sides = [(word, 1, 1, x[word], f"{where}.{word}") for word in ("buyer", "seller")]
    else:
        keyed(x, where, {"kind", "buyers", "sellers"}, {"prior"})
        sides = [
            (word, place, len(x[f"{word}s"]), side, f"{where}.{word}s[{place - 1}]")
            for word in ("buyer", "seller")
            for place, side in enumerate(nonempty(x[f"{word}s"], f"{where}.{word}s"), 1)
        ]
    names = [word if alone == 1 else f"{word}-{place}" for word, place, alone, _, _ in sides]
    read = [read_side(keyed(side, at, needed, optional), at, correlated) for *_, side, at in sides]
    buyers = sum(word == "buyer" for word, *_ in sides)
    if math.comb(len(sides), buyers) > MAX_CELLS:
        raise Refusal(f"{where}: {math.comb(len(sides), buyers)} outcomes are too many to enumerate")
    trades = [
        bought + sold
        for units in range(min(buyers, len(sides) - buyers) + 1)
        for bought in combinations(range(buyers), units)
        for sold in combinations(range(buyers, len(sides)), units)
    ]
    outcomes = ["trade: " + " & ".join(names[i] for i in trade) if trade else "no-trade" for trade in trades]
    if x["kind"] == "bilateral-trade":
        outcomes = ["no-trade", "trade"]
    zero = Fraction(0)
    values = [
        [[(v if i < buyers else -v) if i in trade else zero for trade in trades] for v in read[i][0]]
        for i in range(len(sides))
    ]
    return Environment(
        names,
        [[str(v) for v in side] for side, _ in read],
        outcomes,
        [zero] * len(trades),
        values,
        [[zero] * len(side) for side, _ in read],
        [own for _, own in read],
    )


def read_partnership(x: dict[str, Any], correlated: bool) -> Environment:
    """Outcome i: agent i gets the object. Agent i of value v may walk away with share_i * v (C5)."""
    where, (needed, optional) = "instance.environment", side_keys(correlated)
    agents = listed(keyed(x, where, {"kind", "agents"}, {"prior"})["agents"], f"{where}.agents")
    if len(agents) < 2:
        raise Refusal(f"{where}.agents: a partnership needs two agents or more")
    names, shares, read = [], [], []
    for place, agent in enumerate(agents):
        at = f"{where}.agents[{place}]"
        keyed(agent, at, needed | {"name", "share"}, optional)
        names.append(word(agent["name"], f"{at}.name"))
        shares.append(number(agent["share"], f"{at}.share"))
        read.append(read_side(agent, at, correlated))
    if min(shares) < 0 or sum(shares) != 1:
        raise Refusal(f"{where}.agents: shares must be >= 0 and sum to exactly 1, not to {sum(shares)}")
    zero, n = Fraction(0), len(agents)
    return Environment(
        names,
        [[str(v) for v in side] for side, _ in read],
        [f"to {name}" for name in names],
        [zero] * n,
        [[[v if x == i else zero for x in range(n)] for v in read[i][0]] for i in range(n)],
        [[share * v for v in side] for share, (side, _) in zip(shares, read, strict=True)],
        [own for _, own in read],
    )


def read_social_choice(x: dict[str, Any], correlated: bool) -> Environment:
    """Outcomes with costs; agents with named types, each with a utility for every outcome and an outside option."""
    where = "instance.environment"
    keyed(x, where, {"kind", "outcomes", "costs", "agents"}, {"prior"})
    outcomes = [word(o, f"{where}.outcomes") for o in nonempty(x["outcomes"], f"{where}.outcomes")]
    out = Environment([], [], outcomes, numbers(x["costs"], f"{where}.costs", len(outcomes)), [], [], [])
    needed, optional = {"name", "utility", "outside"}, set()
    (optional if correlated else needed).add("probability")
    for place, agent in enumerate(nonempty(x["agents"], f"{where}.agents")):
        at = f"{where}.agents[{place}]"
        out.names.append(word(keyed(agent, at, {"name", "types"})["name"], f"{at}.name"))
        types = nonempty(agent["types"], f"{at}.types")
        at = f"{at}.types"
        for one in types:
            keyed(one, at, needed, optional)
        out.types.append([word(one["name"], f"{at}.name") for one in types])
        out.values.append([numbers(one["utility"], f"{at}.utility", len(outcomes)) for one in types])
        out.outside.append([number(one["outside"], f"{at}.outside") for one in types])
        own = [number(one["probability"], f"{at}.probability") for one in types if "probability" in one]
        out.own.append(masses(own, at) if len(own) == len(types) else None)
    for what, labels in [("outcomes", outcomes), ("agents", out.names), *zip(out.names, out.types, strict=True)]:
        if len(set(labels)) != len(labels):
            raise Refusal(f"{where}: {what}: a name is used twice")
    return out


KINDS: dict[str, Callable[[dict[str, Any], bool], Environment]] = {
    "bilateral-trade": read_trade,
    "exchange": read_trade,
    "partnership": read_partnership,
    "social-choice": read_social_choice,
}
CHOICES = {
    "ties": ("any", "first", "last", "uniform"),
    "transfers": ("any", "groves"),
    "incentive_compatibility": ("DSIC", "BIC", "none"),
    "individual_rationality": ("ex-post", "interim", "ex-ante", "none"),
    "budget": ("no-deficit", "balanced", "no-expected-deficit", "none"),
}
OBJECTIVES = {  # weight on every agent's expected utility, weight on expected revenue
    "welfare": (1, 1),
    "revenue": (0, 1),
    "agents-utility": (1, 0),
}


class Instance:
    """The question: types, masses, allowed lotteries and requirements, scaled to integers."""

    def __init__(self, data: Any) -> None:
        keyed(data, "instance", ("title", "environment", "requirements", "objective"))
        self.title = word(data["title"], "instance.title")
        environment = data["environment"]
        if type(environment) is not dict:
            raise Refusal("instance.environment: an object is needed")
        self.kind = word(environment.get("kind"), "instance.environment.kind", KINDS)
        raw = KINDS[self.kind](environment, "prior" in environment)
        self.names, self.types, self.outcomes = raw.names, raw.types, raw.outcomes
        self.agents = range(len(self.names))
        self.sizes = [len(types) for types in self.types]
        self.count = math.prod(self.sizes)
        if self.count * len(self.outcomes) > MAX_CELLS:
            raise Refusal(
                f"instance: {self.count} profiles x {len(self.outcomes)} outcomes are too many to enumerate"
                f" (at most {MAX_CELLS})"
            )
        self.strides = [math.prod(self.sizes[i + 1 :]) for i in self.agents]
        self.profiles = list(product(*map(range, self.sizes)))
        self.bases = [[p for p, profile in enumerate(self.profiles) if profile[i] == 0] for i in self.agents]
        flat = [v for agent in raw.values for row in agent for v in row]
        self.unit = unit(flat + raw.costs + [v for agent in raw.outside for v in agent])
        self.values = [[scaled(row, self.unit) for row in agent] for agent in raw.values]
        self.costs = scaled(raw.costs, self.unit)
        self.outside = [scaled(agent, self.unit) for agent in raw.outside]
        self.surplus = [[-cost for cost in self.costs]]  # sum_i v_i(x, theta_i) - cost(x), a row for each profile
        for agent in self.values:
            self.surplus = [[a + b for a, b in zip(row, v, strict=True)] for row in self.surplus for v in agent]
        self.read_prior(environment, raw.own)
        self.read_requirements(data["requirements"])
        self.weights = self.read_objective(data["objective"])

    # -- prior --------------------------------------------------------------------------------------------------------

    def read_prior(self, environment: dict[str, Any], own: list[list[Fraction] | None]) -> None:
        """Masses in units of 1/P: ``mass[theta]``, and ``given[i][k]``, the beliefs of type k of agent i as a list of
        (profile with i's type set to 0, mass), or None for a type without beliefs (null under a joint prior, C3)."""
        self.mass, self.given = [1], []
        if "prior" not in environment:
            known = [masses for masses in own if masses is not None]  # the readers have seen to it that all are there
            units = [unit(masses) for masses in known]
            self.mass_unit = math.prod(units)
            each = [scaled(masses, by) for masses, by in zip(known, units, strict=True)]
            for ints in each:
                self.mass = [a * b for a in self.mass for b in ints]
            for i in self.agents:
                others = [units[i]]
                for j in self.agents:
                    others = [a * b for a in others for b in each[j]] if j != i else others
                self.given.append([[(b, m) for b, m in zip(self.bases[i], others, strict=True) if m]] * self.sizes[i])
            return
        joint = self.read_joint(environment["prior"])
        by = unit(joint)
        ints = scaled(joint, by)
        marginal = [[0] * n for n in self.sizes]
        for profile, mass in zip(self.profiles, ints, strict=True):
            for i in self.agents:
                marginal[i][profile[i]] += mass
        self.mass_unit = math.lcm(by, *(m for agent in marginal for m in agent if m))
        self.mass = [mass * (self.mass_unit // by) for mass in ints]
        for i, stride in enumerate(self.strides):
            self.given.append([])
            for k, m in enumerate(marginal[i]):
                at = [(b, ints[b + k * stride]) for b in self.bases[i]]
                self.given[i].append([(b, mass * (self.mass_unit // m)) for b, mass in at if mass] if m else None)

    def read_joint(self, x: Any) -> list[Fraction]:
        """A joint prior: profiles not listed have mass 0, none is listed twice."""
        where = "instance.environment.prior.profiles"
        joint: dict[int, Fraction] = {}
        for entry in listed(keyed(x, "instance.environment.prior", ["profiles"])["profiles"], where):
            profile = self.read_profile(keyed(entry, where, ("types", "probability"))["types"], where)
            if profile in joint:
                raise Refusal(f"{where}: {self.at(profile)} is listed twice")
            joint[profile] = number(entry["probability"], where)
        masses(list(joint.values()), where)
        return [joint.get(p, Fraction(0)) for p in range(self.count)]

    def read_profile(self, x: Any, where: str) -> int:
        """The number of a profile given as a list of type numbers."""
        types = listed(x, where, len(self.sizes))
        return sum(index(k, where, n) * s for k, n, s in zip(types, self.sizes, self.strides, strict=True))

    def at(self, profile: int) -> str:
        """A profile for people: "(buyer 4, seller 1)"."""
        labels = zip(self.names, self.types, self.profiles[profile], strict=True)
        return "(" + ", ".join(f"{name} {types[k]}" for name, types, k in labels) + ")"

    # -- requirements -------------------------------------------------------------------------------------------------

    def read_requirements(self, x: Any) -> None:
        """Requirements (C4-C8); ``choices[theta]`` are the lotteries whose mixtures are allowed at theta."""
        keyed(x, "instance.requirements", [*CHOICES, "allocation"])
        said = {key: word(x[key], f"instance.requirements.{key}", allowed) for key, allowed in CHOICES.items()}
        self.ties, self.groves = said["ties"], said["transfers"] == "groves"
        self.ic, self.ir = said["incentive_compatibility"], said["individual_rationality"]
        self.budget = said["budget"]
        self.z_in = "budget" if self.budget != "none" else "IR" if self.ir != "none" else None  # where z sits (C9)
        self.points: list[Lottery] = [((x, Fraction(1)),) for x in range(len(self.outcomes))]
        rule, where = x["allocation"], "instance.requirements.allocation"
        self.rule = rule if type(rule) is str else ""
        self.choices: list[tuple[Lottery, ...]]
        if type(rule) is str:
            word(rule, where, ("efficient", "free"))
            self.choices = [tuple(self.points)] * self.count
            if rule == "efficient":
                self.choices = [self.efficient(row) for row in self.surplus]
        elif type(rule) is dict and "table" in rule:
            rows = listed(keyed(rule, where, ["table"])["table"], f"{where}.table", self.count)
            self.choices, self.rule = [], "a given table"
            for place, row in enumerate(rows):
                at = f"{where}.table[{place}]"
                lottery = masses(numbers(row, at, len(self.outcomes)), at)
                self.choices.append((tuple((x, p) for x, p in enumerate(lottery) if p),))
        else:
            price = number(keyed(rule, where, ["posted-price"])["posted-price"], where)
            if self.kind != "bilateral-trade":
                raise Refusal(f"{where}: a posted price needs bilateral trade, not {self.kind}")
            self.rule = f"posted price {price}"
            buys = [row[1] >= price * self.unit for row in self.values[0]]  # row[1] is v at trade: b, or -s
            sells = [-row[1] <= price * self.unit for row in self.values[1]]
            self.choices = [(self.points[1 if buys[b] and sells[s] else 0],) for b, s in self.profiles]

    def efficient(self, row: list[int]) -> tuple[Lottery, ...]:
        """Outcomes of largest surplus, by the tie rule (C7)."""
        best = max(row)
        tied = [x for x, surplus in enumerate(row) if surplus == best]
        if self.ties == "uniform":
            return (tuple((x, Fraction(1, len(tied))) for x in tied),)
        kept = {"any": tied, "first": tied[:1], "last": tied[-1:]}[self.ties]
        return tuple(self.points[x] for x in kept)

    def read_objective(self, x: Any) -> tuple[list[Fraction], Fraction] | None:
        """Weights on expected utilities and on expected revenue; None for the margin."""
        where = "instance.objective.maximize"
        goal = keyed(x, "instance.objective", ["maximize"])["maximize"]
        self.objective = "weighted"
        if type(goal) is dict:
            keyed(goal, where, ("utility", "revenue"))
            return numbers(goal["utility"], where, len(self.names)), number(goal["revenue"], where)
        self.objective = word(goal, where, ("margin", *OBJECTIVES))
        if goal == "margin":
            return None
        each, revenue = OBJECTIVES[goal]
        return [Fraction(each)] * len(self.names), Fraction(revenue)

    def describe(self) -> str:
        """One sentence: which question this is."""
        ties = f" (ties {self.ties})" if self.rule == "efficient" else ""
        return (
            f"the instance is valid: {self.kind}, {' x '.join(map(str, self.sizes))} types; allocation {self.rule}{ties},"
            f" transfers {'groves' if self.groves else 'any'}, IC {self.ic}, IR {self.ir}, budget {self.budget}"
        )


# ---------------------------------------------------------------------------------------------------------------------
# A mechanism, or a direction in which one can be moved, against the requirements
# ---------------------------------------------------------------------------------------------------------------------


class Rows:
    """How many constraints of one kind were checked, and those that fail."""

    def __init__(self, name: str) -> None:
        self.name, self.checked, self.failed = name, 0, 0
        self.problems: list[str] = []

    def fail(self, problem: str) -> None:
        self.failed += 1
        if self.failed <= SHOWN:
            self.problems.append(problem)

    def all_problems(self) -> list[str]:
        more = self.failed - len(self.problems)
        return self.problems + ([f"... and {more} more {self.name} constraints"] if more else [])


def read_lottery(x: Any, where: str, points: Sequence[Lottery]) -> Lottery:
    """An outcome number, or {outcome number as text: probability}."""
    if type(x) is int:
        return points[index(x, where, len(points))]
    if type(x) is not dict:
        raise Refusal(f"{where}: {reprlib.repr(x)} is neither an outcome number nor a lottery")
    lottery = []
    for key, probability in x.items():
        if type(key) is not str or not COUNT.fullmatch(key) or int(key) >= len(points):
            raise Refusal(f"{where}: no outcome {reprlib.repr(key)}")
        lottery.append((int(key), number(probability, where)))
    masses([p for _, p in lottery], where)
    return tuple(sorted((x, p) for x, p in lottery if p))


def read_allocation(instance: Instance, x: Any) -> list[Lottery]:
    """A lottery for each profile, within what the allocation rule allows there (C7)."""
    out = []
    for p, entry in enumerate(listed(x, "mechanism.allocation", instance.count)):
        lottery = read_lottery(entry, f"mechanism.allocation[{p}]", instance.points)
        allowed = instance.choices[p]
        if lottery not in allowed and (
            allowed[0] not in instance.points or any(instance.points[x] not in allowed for x, _ in lottery)
        ):
            wanted = " or ".join(
                " + ".join(f"{q} {instance.outcomes[x]!r}" if q != 1 else repr(instance.outcomes[x]) for x, q in choice)
                for choice in allowed
            )
            got = " + ".join(f"{q} {instance.outcomes[x]!r}" for x, q in lottery)
            raise Refusal(f"allocation at {instance.at(p)}: {got}, but {instance.rule} requires {wanted}")
        out.append(lottery)
    return out


def read_money(instance: Instance, x: Any, where: str, also: Iterable[str] = ()) -> list[list[Fraction]]:
    """Transfers t_i(theta), or charges h_i(theta_-i) when transfers are Groves (C8)."""
    key = "charges" if instance.groves else "transfers"
    agents = listed(keyed(x, where, [key, *also])[key], f"{where}.{key}", len(instance.names))
    return [
        numbers(row, f"{where}.{key}[{i}]", len(instance.bases[i]) if instance.groves else instance.count)
        for i, row in enumerate(agents)
    ]


class Mechanism:
    """Lotteries and payments, in integers. Without lotteries: a direction d in the space of payments, for which values,
    costs and outside options count as 0, so that the same formulas give the homogeneous parts of the constraints."""

    def __init__(
        self, instance: Instance, money: list[list[Fraction]], lotteries: list[Lottery] | None, more: Iterable[Fraction]
    ) -> None:
        self.instance, self.direction = instance, lotteries is None
        lotteries = [()] * instance.count if lotteries is None else lotteries
        parts = unit(q for lottery in lotteries for _, q in lottery)
        self.unit = math.lcm(instance.unit * parts, unit(t for row in money for t in row), unit(more))
        factor = self.unit // (instance.unit * parts)
        by = parts * factor
        known = {point: ((x, by),) for x, point in enumerate(instance.points)}
        self.lotteries: list[tuple[tuple[int, int], ...]] = [
            known.get(lottery) or tuple((x, q.numerator * (by // q.denominator)) for x, q in lottery)
            for lottery in lotteries
        ]
        paid = [scaled(row, self.unit) for row in money]
        self.paid = [self.groves(i, row) for i, row in enumerate(paid)] if instance.groves else paid
        self.utility = [
            [self.value(i, k[i], q) - t for k, q, t in zip(instance.profiles, self.lotteries, paid, strict=True)]
            for i, paid in enumerate(self.paid)
        ]
        self.revenue = [
            sum(ts) - sum(q * instance.costs[x] for x, q in lottery)
            for lottery, *ts in zip(self.lotteries, *self.paid, strict=True)
        ]

    def value(self, i: int, k: int, lottery: Iterable[tuple[int, int]]) -> int:
        """v_i(q, k) = sum_x q(x) v_i(x, k)."""
        row = self.instance.values[i][k]
        return sum([q * row[x] for x, q in lottery])

    def groves(self, i: int, charges: list[int]) -> list[int]:
        """t_i(theta) = -(sum_{j != i} v_j - cost, at the lottery of theta) + h_i(theta_-i) (C8)."""
        instance, paid = self.instance, [0] * self.instance.count
        for base, charge in zip(instance.bases[i], charges, strict=True):
            for k in range(instance.sizes[i]):
                p = base + k * instance.strides[i]
                row, own = instance.surplus[p], instance.values[i][k]
                paid[p] = charge - sum([q * (row[x] - own[x]) for x, q in self.lotteries[p]])
        return paid

    def exact(self, amount: int, by: int = 1) -> Fraction:
        """An amount in units of 1/(M * by) as an exact number."""
        return Fraction(amount, self.unit * by)

    def dsic(self, rows: Rows) -> None:
        """DSIC (C4): v_i(q(theta), k) - t_i(theta) >= v_i(q(r, theta_-i), k) - t_i(r, theta_-i), k = theta_i, every r.

        Reports that lead to the same lottery and payment are one item of the menu that theta_-i leaves agent i.
        """
        instance = self.instance
        for i, name in enumerate(instance.names):
            n, stride, labels = instance.sizes[i], instance.strides[i], instance.types[i]
            rows.checked += instance.count * (n - 1)
            for base in instance.bases[i]:
                menu: dict[tuple[Any, int], int] = {}
                for r in range(n):
                    p = base + r * stride
                    menu.setdefault((self.lotteries[p], self.paid[i][p]), r)
                for k in range(n):
                    truth = self.utility[i][base + k * stride]
                    for (lottery, payment), r in menu.items():
                        gain = self.value(i, k, lottery) - payment - truth
                        if gain > 0:
                            rows.fail(
                                f"DSIC: {name} of type {labels[k]} gains {self.exact(gain)} by reporting {labels[r]}"
                                f" at {instance.at(base + k * stride)}"
                            )

    def bic(self, rows: Rows) -> None:
        """BIC (C4): E[v_i(q(k, .), k) - t_i(k, .) | k] >= E[v_i(q(r, .), k) - t_i(r, .) | k] for all types k, reports r."""
        instance, by = self.instance, self.instance.mass_unit
        for i, name in enumerate(instance.names):
            labels, seen, menu = instance.types[i], None, []
            for k, beliefs in enumerate(instance.given[i]):
                if beliefs is None:
                    continue
                if beliefs is not seen:  # types share their beliefs under an independent prior
                    seen, menu = beliefs, [self.interim(i, r, beliefs) for r in range(len(labels))]
                worth = [self.value(i, k, lottery) - payment for lottery, payment in menu]
                rows.checked += len(worth) - 1
                for r, gain in enumerate(w - worth[k] for w in worth):
                    if gain > 0:
                        rows.fail(
                            f"BIC: {name} of type {labels[k]} gains {self.exact(gain, by)} by reporting {labels[r]}"
                        )

    def interim(self, i: int, r: int, beliefs: list[tuple[int, int]]) -> tuple[list[tuple[int, int]], int]:
        """What report r brings on average: expected lottery and payment, in units of 1/(M * P)."""
        at, lottery, payment = r * self.instance.strides[i], defaultdict[int, int](int), 0
        for base, mass in beliefs:
            payment += mass * self.paid[i][base + at]
            for x, q in self.lotteries[base + at]:
                lottery[x] += mass * q
        return list(lottery.items()), payment

    def participation(self, rows: Rows, fees: list[int], z: int) -> None:
        """IR (C5): u_i - outside_i - fee_i >= z at the profile, in expectation given the type, or over everything."""
        instance, by, kind = self.instance, self.instance.mass_unit, self.instance.ir
        for i, name in enumerate(instance.names):
            labels, stride, utility = instance.types[i], instance.strides[i], self.utility[i]
            outside = [0] * len(labels) if self.direction else self.outside(i)
            if kind == "ex-post":
                rows.checked += instance.count
                for p, u in enumerate(utility):
                    gap = u - outside[instance.profiles[p][i]] - fees[i] - z
                    if gap < 0:
                        rows.fail(f"IR (ex post): {name} falls short by {self.exact(-gap)} at {instance.at(p)}")
            elif kind == "interim":
                for k, beliefs in enumerate(instance.given[i]):
                    if beliefs is None:
                        continue
                    rows.checked += 1
                    gap = sum([m * utility[b + k * stride] for b, m in beliefs]) - by * (outside[k] + fees[i] + z)
                    if gap < 0:
                        short = self.exact(-gap, by)
                        rows.fail(f"IR (interim): {name} of type {labels[k]} falls short by {short}")
            else:
                rows.checked += 1
                net = (u - outside[k[i]] for u, k in zip(utility, instance.profiles, strict=True))
                gap = sum(m * u for m, u in zip(instance.mass, net, strict=True)) - by * (fees[i] + z)
                if gap < 0:
                    rows.fail(f"IR (ex ante): {name} falls short by {self.exact(-gap, by)}")

    def outside(self, i: int) -> list[int]:
        """Agent i's outside options in units of 1/M."""
        return [o * (self.unit // self.instance.unit) for o in self.instance.outside[i]]

    def budget(self, rows: Rows, fees: list[int], z: int) -> None:
        """Budget (C6): sum_i (t_i + fee_i) - cost >= z or = z at every profile, or >= z in expectation."""
        instance, by, target = self.instance, self.instance.mass_unit, z - sum(fees)
        if instance.budget == "no-expected-deficit":
            rows.checked += 1
            gap = sum(m * r for m, r in zip(instance.mass, self.revenue, strict=True)) - by * target
            if gap < 0:
                rows.fail(f"budget (no-expected-deficit): expected revenue falls short by {self.exact(-gap, by)}")
            return
        rows.checked += instance.count
        for p, revenue in enumerate(self.revenue):
            if revenue != target and (revenue < target or instance.budget == "balanced"):
                how = "falls short by" if revenue < target else "is too high by"
                rows.fail(
                    f"budget ({instance.budget}): revenue {how} {self.exact(abs(revenue - target))} at {instance.at(p)}"
                )

    def check(self, z: Fraction, fees: list[Fraction] | None = None, incentives: bool = True) -> str:
        """All requirements, with z in the place of 0 where z sits (C9) and the fees added to the payments.

        Says how many constraints were checked; refuses if one fails. Fees do not touch incentives: they cancel.
        """
        instance, rate = self.instance, scaled([z], self.unit)[0]
        lump = scaled(fees, self.unit) if fees is not None else [0] * len(instance.names)
        all_rows, notes = [], []
        if incentives and instance.ic != "none":
            if instance.groves and instance.rule == "efficient" and not self.direction:
                notes.append(f"{instance.ic} by Groves' theorem (every lottery was checked to be efficient)")
            else:
                rows = Rows(instance.ic)
                (self.dsic if instance.ic == "DSIC" else self.bic)(rows)
                all_rows.append(rows)
        if instance.ir != "none":
            rows = Rows(f"{instance.ir} IR")
            self.participation(rows, lump, rate if instance.z_in == "IR" else 0)
            all_rows.append(rows)
        if instance.budget != "none":
            rows = Rows(f"{instance.budget} budget")
            self.budget(rows, lump, rate if instance.z_in == "budget" else 0)
            all_rows.append(rows)
        problems = [problem for rows in all_rows for problem in rows.all_problems()]
        if problems:
            place = "the ray" if self.direction else "the mechanism" + (" with its fees" if fees is not None else "")
            raise Refusal(f"{place} does not meet the requirements with z = {z}:", *problems)
        done = [f"{rows.checked} {rows.name}" for rows in all_rows if rows.checked]
        return (
            " and ".join([", ".join(done) + " constraints"] * bool(done) + notes)
            or "every requirement (none but allocation)"
        )

    def objective(self) -> Fraction:
        """sum_i w_i E[v_i - t_i] + w_r E[sum_i t_i - cost]."""
        instance = self.instance
        utility, revenue = instance.weights or ([], Fraction(0))
        total = revenue * sum(m * r for m, r in zip(instance.mass, self.revenue, strict=True))
        for w, us in zip(utility, self.utility, strict=True):
            total += w * sum(m * u for m, u in zip(instance.mass, us, strict=True))
        return total / (self.unit * instance.mass_unit)


# ---------------------------------------------------------------------------------------------------------------------
# Multipliers: an upper bound by weak duality
# ---------------------------------------------------------------------------------------------------------------------


class Multipliers:
    """L = f + sum_r weight_r g_r, collected by what it multiplies.

    Every constraint g_r is a combination of payoffs v_i(q(theta'), k) - t_i(theta') of a type k at a profile theta',
    revenues sum_i t_i(theta) - cost(q(theta)), constants and z; so is every objective f. ``payoff[i][theta', k]``,
    ``revenue[theta]``, ``constant`` and ``z`` hold the coefficients, in units of 1/(W * P), W the unit of the weights
    (the constant in units of 1/(W * P * D)).
    """

    def __init__(self, instance: Instance, data: Any) -> None:
        self.instance = instance
        entries = listed(data, "multipliers")
        self.rows = [self.read(entry, f"multipliers[{place}]") for place, entry in enumerate(entries)]
        self.used = len({key for key, weight in self.rows if weight})

    def read(self, x: Any, where: str) -> tuple[tuple[str, int, int, int], Fraction]:
        """One multiplier: (constraint, agent, place, report), weight. The place is a profile, a type, or 0."""
        instance = self.instance
        if type(x) is not dict:
            raise Refusal(f"{where}: an object is needed")
        imposed = {instance.ic, "IR" if instance.ir != "none" else "", "budget" if instance.budget != "none" else ""}
        name = x.get("constraint")
        if type(name) is not str or name not in imposed - {"", "none"}:
            raise Refusal(f"{where}: the requirements impose no constraint {reprlib.repr(name)}")
        kind = {"IR": instance.ir, "budget": instance.budget}.get(name, name)
        place = {"DSIC": "profile", "ex-post": "profile", "no-deficit": "profile", "balanced": "profile"}.get(kind)
        place = "type" if kind in {"BIC", "interim"} else place
        keys = {"constraint", "weight"} | ({place} if place else set())
        keys |= set() if name == "budget" else {"agent", "report"} if name == instance.ic else {"agent"}
        keyed(x, where, keys)
        i = index(x["agent"], f"{where}.agent", len(instance.names)) if "agent" in x else 0
        spot, own = 0, -1
        if place == "profile":
            spot = instance.read_profile(x["profile"], f"{where}.profile")
            own = instance.profiles[spot][i]
        elif place == "type":
            spot = own = index(x["type"], f"{where}.type", instance.sizes[i])
            if instance.given[i][spot] is None:
                raise Refusal(
                    f"{where}: type {instance.types[i][spot]} of {instance.names[i]} has probability 0 under the joint"
                    f" prior and so no beliefs: no {name} constraint is imposed for it"
                )
        report = index(x["report"], f"{where}.report", instance.sizes[i]) if "report" in x else -1
        if report == own and "report" in x:
            raise Refusal(f"{where}: the report is the true type: no constraint")
        weight = number(x["weight"], f"{where}.weight")
        if weight < 0 and kind != "balanced":
            raise Refusal(f"{where}: a negative weight, {weight}, on an inequality ({name})")
        return (name, i, spot, report), weight

    def collect(self, bounds: str) -> None:
        """Coefficients of L for f = z ("margin"), the objective with z = 0 ("objective"), or 0 ("feasibility")."""
        instance = self.instance
        utility, revenue = instance.weights or ([Fraction(0)] * len(instance.names), Fraction(0))
        self.unit = unit([w for _, w in self.rows] + utility + [revenue])
        P, W = instance.mass_unit, self.unit
        self.payoff = [defaultdict[tuple[int, int], int](int) for _ in instance.agents]
        self.revenue = [0] * instance.count
        self.constant, self.z = 0, P * W if bounds == "margin" else 0
        if bounds == "objective":
            for i, w in enumerate(scaled(utility, W)):
                self.expect(i, w)
            for p, mass in enumerate(instance.mass):
                self.revenue[p] += scaled([revenue], W)[0] * mass
        for (name, i, spot, report), weight in self.rows:
            w = weight.numerator * (W // weight.denominator)
            if name == "budget":
                self.add_budget(spot, w)
            elif name == "IR":
                self.add_participation(i, spot, w)
            elif name == "DSIC":
                k = instance.profiles[spot][i]
                self.payoff[i][spot, k] += w * P
                self.payoff[i][spot + (report - k) * instance.strides[i], k] -= w * P
            else:
                for base, mass in instance.given[i][spot] or []:
                    self.payoff[i][base + spot * instance.strides[i], spot] += w * mass
                    self.payoff[i][base + report * instance.strides[i], spot] -= w * mass
            if name == instance.z_in:
                self.z -= w * P

    def expect(self, i: int, w: int) -> None:
        """Add w E[v_i - t_i]."""
        for p, mass in enumerate(self.instance.mass):
            self.payoff[i][p, self.instance.profiles[p][i]] += w * mass

    def add_budget(self, profile: int, w: int) -> None:
        """Add w (sum_i t_i - cost) at the profile, or its expectation; z is seen to by the caller."""
        if self.instance.budget == "no-expected-deficit":
            for p, mass in enumerate(self.instance.mass):
                self.revenue[p] += w * mass
        else:
            self.revenue[profile] += w * self.instance.mass_unit

    def add_participation(self, i: int, spot: int, w: int) -> None:
        """Add w (u_i - outside_i): at a profile, given a type, or in expectation."""
        instance, P = self.instance, self.instance.mass_unit
        if instance.ir == "ex-post":
            k = instance.profiles[spot][i]
            self.payoff[i][spot, k] += w * P
            self.constant -= w * P * instance.outside[i][k]
        elif instance.ir == "interim":
            for base, mass in instance.given[i][spot] or []:
                self.payoff[i][base + spot * instance.strides[i], spot] += w * mass
            self.constant -= w * P * instance.outside[i][spot]
        else:
            self.expect(i, w)
            for p, mass in enumerate(instance.mass):
                self.constant -= w * mass * instance.outside[i][instance.profiles[p][i]]

    def bound(self, bounds: str) -> Fraction:
        """f <= constant + sum_theta max over allowed lotteries of L(theta, .), once t (or h) and z have dropped out."""
        self.collect(bounds)
        instance, by = self.instance, self.instance.mass_unit * self.unit
        if bounds != "objective" and self.z != 0:
            raise Refusal(f"multipliers: z keeps the coefficient {Fraction(self.z, by)}, must be 0")
        paid = [list(self.revenue) for _ in instance.agents]  # coefficient of t_i(theta)
        weight = [[-r * cost for cost in instance.costs] if r else None for r in self.revenue]  # L(theta, x)
        for i in instance.agents:
            for (p, k), w in self.payoff[i].items():
                paid[i][p] -= w
                row = weight[p] or [0] * len(instance.outcomes)
                weight[p] = [a + w * v for a, v in zip(row, instance.values[i][k], strict=True)]
        for i in instance.agents:
            self.drop_money(i, paid[i], weight)
        total: int | Fraction = self.constant
        for row, choices in zip(weight, instance.choices, strict=True):
            if row is not None:
                total += max(row[q[0][0]] if len(q) == 1 else sum(p * row[x] for x, p in q) for q in choices)
        return Fraction(total) / (by * instance.unit)

    def drop_money(self, i: int, paid: list[int], weight: list[list[int] | None]) -> None:
        """The coefficient of every t_i(theta) must be 0; of every h_i(theta_-i) when t_i = h_i - (surplus - v_i)."""
        instance, by = self.instance, self.instance.mass_unit * self.unit
        if not instance.groves:
            for p, w in enumerate(paid):
                if w:
                    at = f"the transfer of {instance.names[i]} at {instance.at(p)}"
                    raise Refusal(f"multipliers: {at} keeps the coefficient {Fraction(w, by)}, must be 0")
            return
        for base in instance.bases[i]:
            spots = [base + k * instance.strides[i] for k in range(instance.sizes[i])]
            left = sum(paid[p] for p in spots)
            if left:
                at = f"the charge of {instance.names[i]} at {instance.at(base)} (whatever the type of {instance.names[i]})"
                raise Refusal(f"multipliers: {at} keeps the coefficient {Fraction(left, by)}, must be 0")
            for k, p in enumerate(spots):
                if paid[p]:
                    row, surplus, own = (
                        weight[p] or [0] * len(instance.outcomes),
                        instance.surplus[p],
                        instance.values[i][k],
                    )
                    weight[p] = [a - paid[p] * (s - v) for a, s, v in zip(row, surplus, own, strict=True)]


# ---------------------------------------------------------------------------------------------------------------------
# Claims
# ---------------------------------------------------------------------------------------------------------------------


class Claim:
    """What a proof says, and its parts. ``take`` notes which parts were needed; one that was not is refused."""

    def __init__(self, proof: dict[str, Any], instance: Instance, report: Report) -> None:
        claim = keyed(proof["claim"], "claim", ("verdict", "objective", "margin", "value"))
        self.instance, self.report = instance, report
        self.verdict = word(claim["verdict"], "claim.verdict", ("exists", "impossible"))
        self.margin = self.read(claim["margin"], "claim.margin")
        self.value = self.read(claim["value"], "claim.value")
        if word(claim["objective"], "claim.objective") != instance.objective:
            raise Refusal(f"claim.objective: {claim['objective']!r}, but the instance's is {instance.objective!r}")
        fees = proof.get("fees")
        zeros = [Fraction(0)] * len(instance.names)
        self.fees = zeros if fees is None else numbers(fees, "fees", len(instance.names))
        self.fees_needed = not any(self.fees)
        self.parts = {key: proof[key] for key in ("mechanism", "ray", "multipliers") if proof.get(key) is not None}
        self.bounds = proof.get("bounds")
        if self.bounds is not None:
            word(self.bounds, "bounds", ("margin", "objective", "feasibility"))
        if (self.bounds is None) != ("multipliers" not in self.parts):
            raise Refusal("bounds says what the multipliers bound: both are needed, or neither")

    @staticmethod
    def read(x: Any, where: str) -> Fraction | str | None:
        """A number, "inf", "-inf", or null."""
        return x if x is None or (type(x) is str and x in {"inf", "-inf"}) else number(x, where)

    def take(self, part: str) -> Any:
        if part not in self.parts:
            raise Refusal(f"{part}: missing, and the claim needs it")
        return self.parts.pop(part)

    def check(self) -> None:
        """Refuses unless everything claimed is proved (C9, C10)."""
        if self.instance.objective == "margin":
            if self.value is not None and self.value != self.margin:
                raise Refusal("claim: the objective is the margin, so value must be the margin or null")
        elif self.verdict == "exists" and self.margin is not None:
            raise Refusal("claim.margin: must be null when something exists and the objective is not the margin")
        elif self.verdict == "impossible" and self.value is not None:
            raise Refusal("claim.value: must be null when nothing exists")
        if self.verdict == "impossible":
            self.impossible()
        elif self.instance.objective == "margin":
            self.exists_margin()
        else:
            self.exists_value()
        for part in self.parts:
            raise Refusal(f"{part}: the claim has no use for it; leave it out")
        if not self.fees_needed:
            raise Refusal("fees: the claim has no use for them; leave them out")

    def impossible(self) -> None:
        """-inf: a contradiction at any subsidy. Below 0: an upper bound, and a mechanism that attains it. Null: the bound."""
        margin = self.margin
        if margin == "-inf" or (margin is None and self.bounds == "feasibility"):
            self.bound("feasibility")
        elif margin is None:
            self.bound("margin", below=True)
            self.say("what the margin is exactly is not claimed")
        elif isinstance(margin, Fraction) and margin < 0:
            self.bound("margin", margin)
            if "mechanism" not in self.parts:
                raise Refusal(
                    f"mechanism: missing; without one the multipliers show margin <= {margin} only,"
                    " and the claim is that the margin equals it (claim margin null to assert impossibility alone)"
                )
            self.attained(margin, *self.mechanism())
        else:
            raise Refusal(f"claim: impossible with margin {margin}, which is not below 0")

    def exists_margin(self) -> None:
        """A mechanism; and a bound that a mechanism attains, or a ray along which z rises without end."""
        margin = self.margin
        if margin == "-inf" or (isinstance(margin, Fraction) and margin < 0):
            raise Refusal(f"claim: exists with margin {margin}, which is below 0")
        money, lotteries = self.mechanism()
        self.stands(money, lotteries)
        if margin is None:
            self.say("what the margin is exactly is not claimed")
        elif isinstance(margin, Fraction):
            self.bound("margin", margin)
            self.attained(margin, money, lotteries, incentives=False)
        elif self.instance.z_in is None:
            self.say("neither IR nor budget is required, so that z is bounded by nothing: margin inf")
        else:
            self.ray(Fraction(1))
            self.say("it can be moved along the ray without end, z rising at rate 1: margin inf")

    def exists_value(self) -> None:
        """A mechanism; and its value matched by a bound, or a ray along which the objective rises without end."""
        value = self.value
        if value == "-inf":
            raise Refusal("claim: exists with value -inf, but a mechanism has a finite value")
        money, lotteries = self.mechanism()
        mechanism = self.stands(money, lotteries)
        if value is None:
            self.say("what the optimum is exactly is not claimed")
        elif isinstance(value, Fraction):
            got = mechanism.objective()
            if got != value:
                raise Refusal(f"the mechanism attains {self.instance.objective} {got}, not the {value} claimed")
            self.say(f"it attains {self.instance.objective} {value}")
            self.bound("objective", value)
        else:
            change = self.ray(Fraction(0)).objective()
            if change <= 0:
                raise Refusal(f"ray: the objective changes by {change} along it, must be > 0")
            self.say(f"it can be moved along the ray without end, {self.instance.objective} rising: value inf")

    def mechanism(self) -> tuple[list[list[Fraction]], list[Lottery]]:
        data = self.take("mechanism")
        money = read_money(self.instance, data, "mechanism", ["allocation"])
        return money, read_allocation(self.instance, data["allocation"])

    def stands(self, money: list[list[Fraction]], lotteries: list[Lottery]) -> Mechanism:
        """The mechanism satisfies every requirement as it stands: z = 0, no fees."""
        mechanism = Mechanism(self.instance, money, lotteries, [])
        self.say(f"the mechanism satisfies {mechanism.check(Fraction(0))}")
        return mechanism

    def attained(
        self, margin: Fraction, money: list[list[Fraction]], lotteries: list[Lottery], incentives: bool = True
    ) -> None:
        """With its fees the mechanism meets every requirement with z = margin."""
        self.fees_needed = True
        done = Mechanism(self.instance, money, lotteries, [margin, *self.fees]).check(margin, self.fees, incentives)
        fees = f" with fees {', '.join(map(str, self.fees))}" if any(self.fees) else ""
        self.say(f"the mechanism{fees} satisfies {done} with z = {margin}: margin >= {margin}")

    def ray(self, rate: Fraction) -> Mechanism:
        """A direction that keeps every requirement with z rising at the given rate."""
        ray = Mechanism(self.instance, read_money(self.instance, self.take("ray"), "ray"), None, [])
        self.say(f"the ray keeps {ray.check(rate)}")
        return ray

    def bound(self, bounds: str, equal: Fraction | None = None, below: bool = False) -> None:
        """The multipliers bound what the claim needs bounded, by exactly what it needs."""
        multipliers = Multipliers(self.instance, self.take("multipliers"))
        if self.bounds != bounds:
            raise Refusal(f"bounds: {self.bounds!r}, but the claim needs {bounds!r}")
        shown, on = multipliers.bound(bounds), f"multipliers on {multipliers.used} constraints show"
        if bounds == "feasibility":
            if shown >= 0:
                raise Refusal(f"{on} 0 <= {shown}, which is no contradiction")
            self.say(f"{on} 0 <= {shown} of every mechanism at any subsidy, a contradiction: margin -inf")
            return
        name = "margin" if bounds == "margin" else self.instance.objective
        if (equal is not None and shown != equal) or (below and shown >= 0):
            raise Refusal(f"{on} {name} <= {shown}, not " + (f"<= {equal}" if equal is not None else "< 0"))
        self.say(f"{on} {name} <= {shown}")

    def say(self, check: str) -> None:
        self.report.checks.append(check)


# ---------------------------------------------------------------------------------------------------------------------
# Files
# ---------------------------------------------------------------------------------------------------------------------


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        keys = [key for key, _ in pairs]
        raise Refusal(f"a key is given twice: {reprlib.repr(next(key for key in keys if keys.count(key) > 1))}")
    return out


def _no_float(text: str) -> Any:
    raise Refusal(f'{reprlib.repr(text)} is not exact; numbers are texts such as "13/600"')


def _small_int(text: str) -> int:
    if len(text) > 10:
        raise Refusal(f"{reprlib.repr(text)}: whole numbers outside quotes number agents, types and outcomes only")
    return int(text)


def load(path: str | Path) -> Any:
    """The parsed file. Not JSON, or no file at all: a refusal marked unreadable."""
    try:
        text = Path(path).read_text(encoding="utf-8")
        return json.loads(
            text,
            object_pairs_hook=_no_duplicates,
            parse_float=_no_float,
            parse_constant=_no_float,
            parse_int=_small_int,
        )
    except OSError as problem:
        raise Refusal(f"cannot open the file: {problem.strerror or problem}", unreadable=True) from None
    except RecursionError:
        raise Refusal("not JSON that can be read: nested too deeply", unreadable=True) from None
    except ValueError as problem:  # JSONDecodeError and UnicodeDecodeError among them
        raise Refusal(f"not JSON: {problem}", unreadable=True) from None


def check(proof: Any, report: Report) -> None:
    """Refuses unless the proof proves its claim; notes in the report what was claimed and established."""
    if type(proof) is not dict or proof.get("format") != FORMAT:
        raise Refusal(f'not a proof: an object with "format": "{FORMAT}" is needed', unreadable=True)
    keyed(proof, "proof", ("format", "instance", "claim"), ("mechanism", "fees", "ray", "multipliers", "bounds"))
    claimed = proof["claim"] if type(proof["claim"]) is dict else {}
    text = {key: claimed.get(key) for key in ("verdict", "margin", "value")}
    report.verdict, report.margin, report.value = (x if type(x) is str else None for x in text.values())
    title = proof["instance"].get("title") if type(proof["instance"]) is dict else None
    report.title = title if type(title) is str else ""
    instance = Instance(proof["instance"])
    report.checks.append(instance.describe())
    Claim(proof, instance, report).check()


def verify(proof: str | Path | dict[str, Any]) -> Report:
    """Check a proof, given as a path or as the parsed file. Never raises: what cannot be checked is refused."""
    report = Report()
    try:
        check(load(proof) if isinstance(proof, str | Path) else proof, report)
    except Refusal as refusal:
        report.problems.extend(refusal.problems)
        report.unreadable = refusal.unreadable
    except Exception as problem:  # fail closed: nothing that was not foreseen is accepted
        report.problems.append(f"the check broke down ({type(problem).__name__}: {problem}); nothing is proved")
    else:
        report.accepted = True
    return report


def main(argv: Sequence[str] | None = None) -> int:
    """Command line: report on each file; 0 all accepted, 1 one refused, 2 one that cannot be read."""
    files = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if not files or files[0] in {"-h", "--help"}:
        print("usage: verify.py PROOF.json ...", file=sys.stdout if files else sys.stderr)
        return 0 if files else 2
    status = 0
    for file in files:
        report = verify(file)
        print(f"{_printable(file)}: {report}", file=sys.stderr if report.unreadable else sys.stdout)
        status = max(status, 2 if report.unreadable else 0 if report.accepted else 1)
    return status


if __name__ == "__main__":
    sys.exit(main())
