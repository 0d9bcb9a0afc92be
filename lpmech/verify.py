"""Checks a proof file (``lpmech-proof/1``): one file, the Python standard library alone, exact arithmetic.

    python verify.py [--no-limits] PROOF.json ...   exit status 0 accepted, 1 refused, 2 cannot be read
    lpmech.verify("PROOF.json")                     -> Report

It shares no code with the solver and trusts nothing but the instance restated in the proof. Incentive compatibility,
participation, budget and efficiency are stated here again, from the definitions, by enumeration (conventions C1-C10).
Compact proofs, about bilateral trade and about identical buyers, are checked without enumeration, in sections of their own;
in proofs about identical agents, in another, profiles are enumerated up to relabelling them.
``docs/proof-format.md`` says what each field means and why the checks suffice.

Inside, everything is an integer: money in units of 1/D (the instance) or 1/M (a mechanism), masses in units of 1/P.
A profile is its number in the flattened order, last agent fastest; agent i's type k at profile ``base + k * stride``.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import operator
import os
import re
import reprlib
import stat
import sys
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, cmp_to_key
from itertools import accumulate, combinations, combinations_with_replacement, pairwise, product
from pathlib import Path
from typing import Any, NoReturn

if hasattr(sys, "set_int_max_str_digits"):  # exact results may have more than Python's default 4300 digits
    sys.set_int_max_str_digits(0)

FORMAT = "lpmech-proof/1"
OPTIONAL = ("mechanism", "fees", "ray", "multipliers", "bounds", "symmetry")
LONGEST_LINE = 1000  # characters of a line about a proof that is refused
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
    question: str | None = None
    """Sixteen hexadecimal digits that name the restated question (``question_of``)."""
    description: list[str] = field(default_factory=list)
    """The restated question in short: types, masses, shares, costs, prior, tables, objective."""

    def __bool__(self) -> bool:
        return self.accepted

    def __str__(self) -> str:
        shown = [("margin", self.margin), ("value", self.value)]
        claim = ", ".join([self.verdict or "no verdict"] + [f"{key} {text}" for key, text in shown if text is not None])
        head = f"ACCEPTED: {claim}" if self.accepted else f"REFUSED (claimed: {claim})"
        if self.unreadable:
            head = "CANNOT BE READ"
        lines = [head] + ([f"  title: {self.title}"] if self.title else [])
        lines += [f"  {line}" for line in self.description]
        lines += [f"  - {line}" for line in self.checks] + [f"  ! {line}" for line in self.problems]
        return "\n".join(_printable(line, None if self.accepted else LONGEST_LINE) for line in lines)


class Refusal(Exception):  # noqa: N818
    """Why a proof is refused: one or more sentences."""

    def __init__(self, *problems: str, unreadable: bool = False) -> None:
        super().__init__(*problems)
        self.problems, self.unreadable = problems, unreadable


def _printable(line: str, most: int | None = None) -> str:
    """The file is not trusted: its names cannot put line breaks, terminal controls or lone surrogates in the report, nor
    lines of more than ``most`` characters."""
    start = line if most is None or len(line) <= most else f"{line[:most]}... ({len(line)} characters)"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in start)


# ---------------------------------------------------------------------------------------------------------------------
# Limits: what a file may ask for, refused before anything is expanded (docs/proof-format.md lists them with their units)
# ---------------------------------------------------------------------------------------------------------------------

MAX_BYTES = 64 * 2**20
"""Size of a file, in bytes."""
MAX_ENTRIES = 5_000_000
"""Commas and opening brackets in a file; an opening brace counts four times."""
MAX_DEPTH = 20
"""Lists and objects within each other."""
MAX_DIGITS = 100_000
"""Characters of a number."""
MAX_SQUARES = 5 * 10**10
"""Sum of the squared lengths, in characters, of all texts beyond 1,000 characters: reading a number is quadratic."""
MAX_AGENTS = 20_000
"""Agents of a question."""
MAX_CELLS = 20_000_000
"""Profiles times (outcomes + agents) where all are enumerated."""
SMALL_CELLS = 1_000_000
"""As many cells may be asked for by any file, beyond that ``CELLS_FOR_AN_ENTRY`` for each entry of it."""
CELLS_FOR_AN_ENTRY = 10
MAX_WORK = 4 * 10**8
"""Numbers over one denominator, times its binary digits b, times b / 5,000 where b is more than 5,000."""
MAX_STEPS = 5_000_000
"""Additions over profiles, types and reports in checking incentives and adding multipliers up."""


class Meter:
    """What one proof has asked for so far. ``entries`` is how many it holds; None: it was made here, and may ask for
    ``MAX_CELLS`` and any work. ``lifted``: no limits at all."""

    def __init__(self, entries: int | None = None, lifted: bool = False) -> None:
        self.entries, self.lifted, self.steps = entries, lifted, 0

    def refuse(self, problem: str) -> NoReturn:
        raise Refusal(f"{problem}; --no-limits lifts this limit")

    def agents(self, count: int, where: str) -> None:
        if count > MAX_AGENTS and not self.lifted:
            self.refuse(f"{where}: {count:,} agents, at most {MAX_AGENTS:,}")

    def cells(self, profiles: int, outcomes: int, agents: int = 0) -> None:
        """Refuse what is too large to enumerate."""
        if self.lifted:
            return
        most, across = MAX_CELLS, outcomes
        if self.entries is not None:
            most, across = min(most, max(SMALL_CELLS, CELLS_FOR_AN_ENTRY * self.entries)), outcomes + agents
        if profiles * across > most:
            self.refuse(
                f"instance: {_count(profiles)} profiles x {_count(across)} outcomes{' and agents' if agents else ''} are"
                f" too many to enumerate (limit {most:,} for this file)"
            )

    def work(self, count: int, bits: int, where: str) -> None:
        """So many numbers in units of a denominator of so many binary digits."""
        if self.entries is None or self.lifted:
            return
        if count * bits * max(1, bits // 5000) > MAX_WORK:
            self.refuse(f"{where}: {count:,} numbers over a common denominator of {bits:,} binary digits or more")

    def take(self, steps: int) -> None:
        """Count steps before they are taken."""
        self.steps += steps
        if self.steps > MAX_STEPS and self.entries is not None and not self.lifted:
            self.refuse(f"the check would take more than {MAX_STEPS:,} steps")


def _count(n: int) -> str:
    return f"{n:,}" if n < 10**30 else "more than 10^30"


METER: ContextVar[Meter] = ContextVar("meter", default=Meter())  # noqa: B039
"""The meter of the file that is being checked."""


def measured(proof: Any) -> int:
    """How many entries a parsed file has; refuses nesting and long texts."""
    level, depth, entries, squares = [proof], 0, 0, 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            METER.get().refuse(f"nested too deeply: lists and objects within each other, at most {MAX_DEPTH}")
        below: list[Any] = []
        for node in level:
            parts = node.values() if type(node) is dict else node if type(node) is list else ()
            entries += len(parts)
            below += [x for x in parts if type(x) is list or type(x) is dict]
            squares += sum([len(x) ** 2 for x in parts if type(x) is str and len(x) > 1000])
        level = below
    if squares > MAX_SQUARES:
        METER.get().refuse(f"too many long numbers: their squared lengths sum to {squares:,}, at most {MAX_SQUARES:,}")
    return entries


def fits(raw: bytes) -> bytes:
    """The bytes of a file, which can be parsed in bounded memory."""
    if len(raw) > MAX_BYTES:
        METER.get().refuse(f"a file of more than {MAX_BYTES // 2**20} MB")
    entries = raw.count(b",") + raw.count(b"[") + 4 * raw.count(b"{")
    if entries > MAX_ENTRIES:
        METER.get().refuse(
            f"{entries:,} entries (commas and brackets; a brace counts four times), at most {MAX_ENTRIES:,}"
        )
    return raw


def common(denominators: Iterable[int], count: int, where: str) -> int:
    """Least common denominator of so many numbers."""
    by, meter = 1, METER.get()
    for bottom in set(denominators):
        by = math.lcm(by, bottom)
        meter.work(count, by.bit_length(), where)
    return by


# ---------------------------------------------------------------------------------------------------------------------
# Reading. Every field is checked: exact keys, exact types (True is no 1), one spelling for each number.
# ---------------------------------------------------------------------------------------------------------------------

NUMBER = re.compile(r"(0|-?[1-9][0-9]*)(?:/([1-9][0-9]*))?", re.ASCII)
NUMBERS = re.compile(r"{0}(?: {0})*".format(r"(?:0|-?[1-9][0-9]*)(?:/[1-9][0-9]*)?"), re.ASCII)
COUNT = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)


def number(x: Any, where: str) -> Fraction:
    """An exact rational as text, in lowest terms: "3", "-13/600" (C2)."""
    if type(x) is str and len(x) > MAX_DIGITS and not METER.get().lifted:
        METER.get().refuse(f"{where}: {len(x):,} characters are not an exact number of at most {MAX_DIGITS:,}")
    match = NUMBER.fullmatch(x) if type(x) is str else None
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
    needed = tuple(needed)
    for key in needed:
        if key not in x:
            raise Refusal(f"{where}: {key!r} is missing")
    for key in x:
        if key not in needed and key not in optional:
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
    return list(x)


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


Column = tuple[int, list[int]]
"""A denominator, and numbers in units of 1 over it."""


def column(x: Any, where: str, length: int | None = None) -> Column:
    """A list of exact numbers: a common denominator, and the numbers in units of 1 over it. Each is written out, or the
    denominator is written once, {"over": "600", "of": ["13", "-5"]}."""
    over, entries = None, x
    if type(x) is dict:
        entries, over = keyed(x, where, ("over", "of"))["of"], number(x["over"], f"{where}.over")
        if over.denominator != 1 or over < 1:
            raise Refusal(f"{where}.over: {over} where a whole number from 1 is needed")
    listed(entries, where, length)
    text = " ".join(entries) if set(map(type, entries)) <= {str} else ""
    short = METER.get().lifted or max(map(len, entries), default=0) <= MAX_DIGITS if text else False
    plain = short and text.count(" ") == len(entries) - 1 and NUMBERS.fullmatch(text)
    if not plain:  # empty, or badly written: then some number is refused here
        exact = [number(entry, f"{where}[{place}]") for place, entry in enumerate(entries)]
        return 1, scaled(exact, 1)
    if over is not None and "/" in text:
        raise Refusal(f"{where}.of: whole numbers are needed, in units of 1/{over}")
    if "/" not in text:
        by = 1 if over is None else over.numerator
        METER.get().work(len(entries), by.bit_length(), where)
        return by, list(map(int, entries))
    split = (entry.partition("/") for entry in entries)
    pairs = [(int(top), int(bottom) if slash else 1) for top, slash, bottom in split]
    for place, ((top, bottom), entry) in enumerate(zip(pairs, entries, strict=True)):
        if math.gcd(top, bottom) != 1 or (bottom == 1 and "/" in entry):
            number(entry, f"{where}[{place}]")  # refuses: not in lowest terms
    by = common((bottom for _, bottom in pairs), len(pairs), where)
    return by, [top * (by // bottom) for top, bottom in pairs]


def spelled(x: Column) -> list[Fraction]:
    """Its numbers one by one."""
    by, ints = x
    return [Fraction(n, by) for n in ints]


def numbers(x: Any, where: str, length: int | None = None) -> list[Fraction]:
    """A list of exact numbers."""
    return spelled(column(x, where, length))


def indices(x: Any, where: str, below: int, length: int) -> list[int]:
    """A list of whole numbers 0, ..., below - 1."""
    entries = listed(x, where, length)
    if not (set(map(type, entries)) == {int} and min(entries) >= 0 and max(entries) < below):
        for place, entry in enumerate(entries):
            index(entry, f"{where}[{place}]", below)
    return entries


def masses(exact: list[Fraction], where: str) -> list[Fraction]:
    """Probabilities: none negative, sum exactly 1."""
    for mass in exact:
        if mass < 0:
            raise Refusal(f"{where}: a negative probability, {mass}")
    by = unit(exact, where)
    if sum(scaled(exact, by)) != by:
        raise Refusal(f"{where}: probabilities sum to {Fraction(sum(scaled(exact, by)), by)}, not 1")
    return exact


def unit(exact: Iterable[Fraction], where: str = "numbers") -> int:
    """Least common denominator."""
    exact = list(exact)
    return common((x.denominator for x in exact), len(exact), where)


def scaled(exact: Iterable[Fraction], by: int) -> list[int]:
    """Exact numbers in units of 1/by."""
    return [x.numerator * (by // x.denominator) for x in exact]


# ---------------------------------------------------------------------------------------------------------------------
# The instance, as restated in the proof
# ---------------------------------------------------------------------------------------------------------------------

KINDS = ("bilateral-trade", "exchange", "partnership", "social-choice")
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


@dataclass
class Agent:
    """One agent as given: a value for each type and outcome, an outside option and (perhaps) a mass for each type."""

    name: str
    types: list[str]
    values: list[list[Fraction]]
    outside: list[Fraction]
    masses: list[Fraction] | None


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


def read_trade(x: dict[str, Any], at: str, correlated: bool) -> tuple[list[str], list[Agent]]:
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
    return ["no-trade"] + [f"trade: {names}" if everyone > 2 else "trade" for names in traders[1:]], agents


def read_partnership(x: dict[str, Any], at: str, correlated: bool) -> tuple[list[str], list[Agent]]:
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
    return [f"to {agent.name}" for agent in agents], agents


def read_social_choice(x: dict[str, Any], at: str, correlated: bool) -> tuple[list[str], list[Agent]]:
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
    return outcomes, agents


class Instance:
    """The question: types, masses, allowed lotteries and requirements, scaled to integers."""

    mass: list[int]

    def __init__(self, data: Any) -> None:
        x, at = self.read_kind(data), "instance.environment"
        given = self.read_agents(x, at)
        self.count = math.prod(self.sizes)
        METER.get().cells(self.count, len(self.outcomes), len(self.sizes))
        METER.get().work(self.count, self.unit.bit_length(), "instance.environment: amounts")
        self.strides = [math.prod(self.sizes[i + 1 :]) for i in self.agents]
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
        reader = {"partnership": read_partnership, "social-choice": read_social_choice}.get(self.kind, read_trade)
        self.outcomes, given = reader(x, at, "prior" in x)
        self.sizes, self.agents = [len(agent.types) for agent in given], range(len(given))
        self.names, self.types = [agent.name for agent in given], [agent.types for agent in given]
        costs = [Fraction(0)] * len(self.outcomes)
        if self.kind == "social-choice":
            costs = numbers(x["costs"], f"{at}.costs", len(self.outcomes))
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
        self.kind = word(x.get("kind"), f"{at}.kind", KINDS)
        return x

    # -- prior: mass[theta], and given[i][k], what type k of agent i believes: a list of (profile, mass), or None for a
    #    type without beliefs (C3); masses in units of 1/P.

    def set_masses(self, own: list[list[Fraction]]) -> None:
        """Independent types: the others' masses are the beliefs of every type, null types included (C3)."""
        units = [unit(masses) for masses in own]
        METER.get().work(self.count, sum(by.bit_length() for by in units), "instance.environment: probabilities")
        self.P, each = math.prod(units), [scaled(masses, by) for masses, by in zip(own, units, strict=True)]
        self.mass = [math.prod(ms) for ms in product(*each)]
        self.given: list[list[list[tuple[int, int]] | None]] = []
        for i, stride in enumerate(self.strides):
            others = [units[i] * math.prod(ms) for ms in product(*each[:i], *each[i + 1 :])]
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

    @property
    def payers(self) -> int:
        """How many fees a proof has."""
        return len(self.names)

    def imposes(self, notion: str, i: int, spot: int) -> bool:
        """Not so for types without beliefs (C3)."""
        return self.average(notion, i, spot) is not None

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


# ---------------------------------------------------------------------------------------------------------------------
# A mechanism, or a direction in which one can be moved, against the requirements
# ---------------------------------------------------------------------------------------------------------------------


class Rows:
    """How many constraints of one kind were checked, and those that fail."""

    def __init__(self, name: str) -> None:
        self.name, self.checked, self.failed = name, 0, 0
        self.shown: list[str] = []

    def fail(self, problem: str) -> None:
        self.failed += 1
        if self.failed <= SHOWN:
            self.shown.append(f"{self.name}: {problem}")

    def problems(self) -> list[str]:
        more = self.failed - len(self.shown)
        return self.shown + ([f"{self.name}: and {more} more violations"] if more else [])


def read_lottery(x: Any, where: str, points: Sequence[Lottery]) -> Lottery:
    """An outcome number, or {outcome number as text: probability}."""
    if type(x) is int:
        return points[index(x, where, len(points))]
    if type(x) is not dict:
        raise Refusal(f"{where}: {reprlib.repr(x)} is neither an outcome number nor a lottery")
    for key in x:
        if type(key) is not str or not COUNT.fullmatch(key) or int(key) >= len(points):
            raise Refusal(f"{where}: no outcome {reprlib.repr(key)}")
    chances = masses(numbers(list(x.values()), where), where)
    return tuple(sorted((int(key), q) for key, q in zip(x, chances, strict=True) if q))


def read_allocation(instance: Instance, x: Any) -> list[Lottery]:
    """A lottery for each profile, within what the allocation rule allows there (C7)."""
    out, points = [], instance.points
    for p, entry in enumerate(listed(x, "mechanism.allocation", instance.count)):
        lottery, allowed = read_lottery(entry, f"mechanism.allocation[{p}]", points), instance.choices[p]
        mixed = allowed[0] not in points  # one lottery is prescribed, and it is not a single outcome
        if lottery not in allowed and (mixed or any(points[x] not in allowed for x, _ in lottery)):
            got, *wanted = (
                " + ".join(f"{q} of {instance.outcomes[x]!r}" for x, q in choice) for choice in (lottery, *allowed)
            )
            raise Refusal(
                f"allocation: {got}{instance.where('ex-post', 0, p)}, where the rule ({instance.rule}) wants"
                f" {' or '.join(wanted[:SHOWN])}"
            )
        out.append(lottery)
    return out


def read_money(instance: Instance, x: Any, where: str, also: Iterable[str] = ()) -> list[list[Fraction]]:
    """Transfers t_i(theta), or charges h_i(theta_-i) when transfers are Groves (C8)."""
    key = "charges" if instance.groves else "transfers"
    rows = listed(keyed(x, where, [key, *also])[key], f"{where}.{key}", len(instance.names))
    sizes = map(len, instance.bases) if instance.groves else [instance.count] * len(rows)
    return [numbers(row, f"{where}.{key}[{i}]", n) for i, (row, n) in enumerate(zip(rows, sizes, strict=True))]


class Mechanism:
    """Lotteries and payments, in integers; amounts in units of 1/M. Without lotteries: a direction in the space of
    payments. There values, costs and outside options count as 0: the homogeneous parts of the same constraints."""

    def __init__(
        self,
        instance: Instance,
        money: list[list[Fraction]],
        lotteries: list[Lottery] | None,
        more: Iterable[Fraction] = (),
    ) -> None:
        self.instance, self.direction = instance, lotteries is None
        given: list[Lottery] = [()] * instance.count if lotteries is None else lotteries
        parts = unit(q for lottery in given for _, q in lottery)
        bottoms = {instance.unit * parts, unit(t for row in money for t in row), unit(more)}
        self.unit = common(bottoms, instance.count * len(instance.names), "mechanism: amounts")
        by = self.unit // instance.unit  # a lottery in units of 1/by makes sum_x q(x) v_i(x, k) one in units of 1/M
        self.lotteries = [[(x, q.numerator * (by // q.denominator)) for x, q in lottery] for lottery in given]
        self.outside = [[0 if self.direction else o * by for o in row] for row in instance.outside]
        paid = [scaled(row, self.unit) for row in money]
        self.paid = [self.groves(i, row) for i, row in enumerate(paid)] if instance.groves else paid
        self.utility = [
            [self.value(i, k[i], q) - t for k, q, t in zip(instance.profiles, self.lotteries, row, strict=True)]
            for i, row in enumerate(self.paid)
        ]
        self.revenue = [
            sum(ts) - sum([q * instance.costs[x] for x, q in lottery])
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
            for k, own in enumerate(instance.values[i]):
                p = base + k * instance.strides[i]
                row = instance.surplus[p]
                paid[p] = charge - sum([q * (row[x] - own[x]) for x, q in self.lotteries[p]])
        return paid

    def exact(self, amount: int) -> Fraction:
        """An amount averaged with integer masses, in units of 1/(M * P), as an exact number."""
        return Fraction(amount, self.unit * self.instance.P)

    def incentives(self, rows: Rows) -> None:
        """E[v_i(q(k, .), k) - t_i(k, .)] >= E[v_i(q(r, .), k) - t_i(r, .)] for all types k and reports r (C4): at every
        theta_-i (DSIC), or in expectation given k (BIC).

        Types who face the same others, or have the same beliefs, choose from one menu: what each report brings, an
        expected lottery and payment. Reports that bring the same are one item, named by the first of them.
        """
        instance = self.instance
        for i, (name, labels) in enumerate(zip(instance.names, instance.types, strict=True)):
            everyone = range(len(labels))
            groups: Iterable[tuple[int, list[tuple[int, int]], int, range]]  # base, beliefs as type own has them, types
            if instance.ic == "DSIC":
                groups = ((b, [(b, instance.P)], 0, everyone) for b in instance.bases[i])
            elif instance.independent:
                groups = [(0, instance.given[i][0] or [], 0, everyone)]
            else:
                groups = ((0, pairs, k, range(k, k + 1)) for k, pairs in instance.averages("BIC", i))
            for base, pairs, own, types in groups:
                brings = [self.brings(i, pairs, (r - own) * instance.strides[i]) for r in everyone]
                menu = {item: r for r, item in reversed(list(enumerate(brings)))}
                rows.checked += len(types) * (len(labels) - 1)
                METER.get().take(len(types) * len(menu) + len(brings) * len(pairs))
                for k in types:
                    lottery, payment = brings[k]
                    truth = self.value(i, k, lottery) - payment
                    for (lottery, payment), r in menu.items():
                        gain = self.value(i, k, lottery) - payment - truth
                        if gain > 0:
                            spot = base + k * instance.strides[i] if instance.ic == "DSIC" else k
                            who = f"{name} of type {labels[k]} gains {self.exact(gain)} by reporting {labels[r]}"
                            rows.fail(who + (f" at {instance.at(spot)}" if instance.ic == "DSIC" else ""))

    def brings(self, i: int, pairs: list[tuple[int, int]], shift: int) -> tuple[tuple[tuple[int, int], ...], int]:
        """Expected lottery and payment, the profiles shifted to another report of agent i."""
        lottery, payment = dict[int, int](), 0
        for p, m in pairs:
            payment += m * self.paid[i][p + shift]
            for x, q in self.lotteries[p + shift]:
                lottery[x] = lottery.get(x, 0) + m * q
        return tuple(sorted(lottery.items())), payment

    def participation(self, rows: Rows, fees: list[int], z: int) -> None:
        """u_i - outside_i - fee_i >= z at every profile, in expectation given the type, or over everything (C5)."""
        instance = self.instance
        for i, name in enumerate(instance.names):
            net = [u - self.outside[i][k[i]] for u, k in zip(self.utility[i], instance.profiles, strict=True)]
            for spot, pairs in instance.averages(instance.ir, i):
                rows.checked += 1
                gap = sum([m * net[p] for p, m in pairs]) - instance.P * (fees[i] + z)
                if gap < 0:
                    place = instance.where(instance.ir, i, spot)
                    rows.fail(f"utility of {name}{place} falls short by {self.exact(-gap)}")

    def balance(self, rows: Rows, fees: list[int], z: int) -> None:
        """sum_i (t_i + fee_i) - cost >= z, or = z (balanced), at every profile; or >= z in expectation (C6)."""
        instance = self.instance
        for spot, pairs in instance.averages(instance.budget, 0):
            rows.checked += 1
            gap = sum([m * self.revenue[p] for p, m in pairs]) - instance.P * (z - sum(fees))
            if gap < 0 or (gap and instance.budget == "balanced"):
                how = "falls short" if gap < 0 else "is too high"
                rows.fail(f"revenue{instance.where(instance.budget, 0, spot)} {how} by {self.exact(abs(gap))}")

    def check(self, z: Fraction, fees: Sequence[Fraction], incentives: bool = True) -> str:
        """All requirements, with z in the place of 0 where z sits (C9) and the fees added to the payments.

        Says how many constraints hold; refuses if one fails. Lump-sum fees cancel in incentive constraints.
        """
        instance, lump, rate = self.instance, scaled(fees, self.unit), scaled([z], self.unit)[0]
        ic, ir, budget = Rows(instance.ic), Rows(f"{instance.ir} IR"), Rows(f"{instance.budget} budget")
        by_theorem = instance.groves and instance.efficient and not self.direction
        if incentives and instance.ic != "none" and not by_theorem:
            self.incentives(ic)
        if instance.ir != "none":
            self.participation(ir, lump, rate if instance.z_in == "IR" else 0)
        if instance.budget != "none":
            self.balance(budget, lump, rate if instance.z_in == "budget" else 0)
        problems = [problem for rows in (ic, ir, budget) for problem in rows.problems()]
        if problems:
            what = "the ray" if self.direction else "the mechanism" + (" with its fees" if any(fees) else "")
            raise Refusal(f"{what} does not meet the requirements" + (f" with z = {z}" if z else ""), *problems)
        done = [f"{rows.checked} {rows.name}" for rows in (ic, ir, budget) if rows.checked]
        said = f"{' and '.join(done)} constraints" if done else "the allocation rule"
        theorem = by_theorem and incentives and instance.ic != "none"
        return said + (f", and {instance.ic} by Groves' theorem, every lottery being efficient" if theorem else "")

    def objective(self) -> Fraction:
        """sum_i w_i E[v_i - t_i] + w_r E[sum_i t_i - cost]."""
        instance, total = self.instance, Fraction(0)
        rows = zip([*instance.on_utility, instance.on_revenue], [*self.utility, self.revenue], strict=True)
        for weight, row in rows:
            total += weight * sum([m * row[p] for p, m in instance.everything])
        return total / (self.unit * instance.P)


# ---------------------------------------------------------------------------------------------------------------------
# Multipliers: an upper bound by weak duality
# ---------------------------------------------------------------------------------------------------------------------


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
            if not instance.imposes(notion, i, spot):
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
    return common({on_goal, *(group.unit for group in groups)}, count, "multipliers")


class Lagrangian:
    """L = f + sum_r weight_r g_r; f is z ("margin"), the objective with z = 0 ("objective"), or 0 ("feasibility").

    Every g_r, and f, is a combination of payoffs v_i(q(theta'), k) - t_i(theta') of a type k at a profile theta',
    revenues sum_i t_i(theta) - cost(q(theta)), constants and z. ``payoff[i][theta', k]``, ``revenue[theta]`` and ``z``
    are their coefficients in units of 1/(W * P), W the unit of the weights; ``constant``: 1/(W * P * D).
    """

    def __init__(self, instance: Instance, groups: list[Group], bounds: str) -> None:
        self.instance, self.bounds = instance, bounds
        W = common_weight(instance, groups)
        self.unit = W * instance.P
        METER.get().work(instance.count, self.unit.bit_length(), "multipliers")
        self.payoff = [defaultdict[tuple[int, int], int](int) for _ in instance.agents]
        self.revenue = [0] * instance.count
        self.constant, self.z = 0, self.unit if bounds == "margin" else 0
        if bounds == "objective":
            for i, w in enumerate(scaled(instance.on_utility, W)):
                self.add_payoff(i, instance.everything, w)
            self.add_revenue(instance.everything, scaled([instance.on_revenue], W)[0])
        for group in groups:
            lengths = [len(instance.average(group.notion, group.agent, spot) or []) for spot in group.spots]
            METER.get().take(sum(lengths))
            for row, w in group.rows(W):
                self.add(row, w)

    def add(self, row: Row, w: int) -> None:
        """Add w times the constraint's left-hand side."""
        instance, i, pairs = self.instance, row.agent, self.instance.average(row.notion, row.agent, row.spot) or []
        if row.name == instance.z_in:
            self.z -= w * instance.P
        if row.name == "budget":  # E[sum_i t_i - cost] - z
            self.add_revenue(pairs, w)
        elif row.name == "IR":  # E[v_i - t_i - outside_i] - z
            self.add_payoff(i, pairs, w)
            self.constant -= w * sum([m * instance.outside[i][instance.profiles[p][i]] for p, m in pairs])
        else:  # E[v_i(q(theta), k) - t_i(theta)] - E[v_i(q(r, theta_-i), k) - t_i(r, theta_-i)]
            self.add_payoff(i, pairs, w)
            self.add_payoff(i, pairs, -w, row.report)

    def add_payoff(self, i: int, pairs: list[tuple[int, int]], w: int, report: int | None = None) -> None:
        """Add w E[v_i(q, theta_i) - t_i], at the profiles or with agent i's report in the place of his type."""
        for p, m in pairs:
            k = self.instance.profiles[p][i]
            self.payoff[i][p if report is None else p + (report - k) * self.instance.strides[i], k] += w * m

    def add_revenue(self, pairs: list[tuple[int, int]], w: int) -> None:
        """Add w E[sum_i t_i - cost]."""
        for p, m in pairs:
            self.revenue[p] += w * m

    def bound(self) -> Fraction:
        """f <= constant + sum_theta max over allowed lotteries of L(theta, .), once t (or h) and z have dropped out."""
        instance = self.instance
        if self.bounds != "objective":
            self.must_vanish(self.z, "z")
        on_t = [list(self.revenue) for _ in instance.agents]  # the coefficient of t_i(theta)
        on_q = [[-r * cost for cost in instance.costs] for r in self.revenue]  # the coefficient of q(theta, x)
        for i in instance.agents:
            for (p, k), w in self.payoff[i].items():
                on_t[i][p] -= w
                on_q[p] = [a + w * v for a, v in zip(on_q[p], instance.values[i][k], strict=True)]
        for i in instance.agents:
            if instance.groves:
                self.substitute(i, on_t[i], on_q)
            elif instance.ic == "DSIC":
                self.menu(i, on_t[i])
            else:
                for p, w in enumerate(on_t[i]):
                    self.must_vanish(w, "the transfer of {} at {}", i, p)
        total: int | Fraction = self.constant
        for row, choices in zip(on_q, instance.choices, strict=True):
            total += max(row[q[0][0]] if len(q) == 1 else sum(c * row[x] for x, c in q) for q in choices)
        return Fraction(total) / (self.unit * instance.unit)

    def menu(self, i: int, on_t: list[int]) -> None:
        """Taxation: DSIC makes payments against theta_-i equal for types with the same prescribed lottery, so that
        the sum of their coefficients has to vanish."""
        instance = self.instance
        for base in instance.bases[i]:
            found = dict[Lottery | int, tuple[int, int]]()  # by lottery, or profile if it is open: sum, a profile
            for k in range(instance.sizes[i]):
                p = base + k * instance.strides[i]
                choices = instance.choices[p]
                item = choices[0] if len(choices) == 1 else p
                found[item] = (found[item][0] if item in found else 0) + on_t[p], p
            for w, p in found.values():
                self.must_vanish(w, "the payment of {} for the outcome at {}", i, p)

    def substitute(self, i: int, on_t: list[int], on_q: list[list[int]]) -> None:
        """Groves: t_i(theta) = h_i(theta_-i) - sum_x q(theta, x) (surplus(x, theta) - v_i(x, theta_i))."""
        instance = self.instance
        for base in instance.bases[i]:
            spots = [base + k * instance.strides[i] for k in range(instance.sizes[i])]
            self.must_vanish(sum([on_t[p] for p in spots]), "the charge of {} against the others at {}", i, base)
            for p, own in zip(spots, instance.values[i], strict=True):
                if on_t[p]:
                    rows = zip(on_q[p], instance.surplus[p], own, strict=True)
                    on_q[p] = [a - on_t[p] * (surplus - v) for a, surplus, v in rows]

    def must_vanish(self, coefficient: int, what: str, i: int = 0, p: int = 0) -> None:
        if coefficient:
            what = what.format(self.instance.names[i], self.instance.at(p))
            raise Refusal(f"multipliers: {what} keeps the coefficient {Fraction(coefficient, self.unit)}, must be 0")


# ---------------------------------------------------------------------------------------------------------------------
# Claims
# ---------------------------------------------------------------------------------------------------------------------


class Claim:
    """What a proof says, and its parts. A part that the claim does not need is refused: it would show nothing."""

    lagrangian: type[Lagrangian] = Lagrangian
    rows = "constraints"

    def __init__(self, proof: dict[str, Any], instance: Instance, report: Report) -> None:
        claim = keyed(proof["claim"], "claim", ("verdict", "objective", "margin", "value"))
        self.instance, self.report = instance, report
        self.verdict = word(claim["verdict"], "claim.verdict", ("exists", "impossible"))
        self.margin, self.value = (self.read(claim[key], f"claim.{key}") for key in ("margin", "value"))
        if claim["objective"] != instance.goal:
            raise Refusal(f"claim.objective: {reprlib.repr(claim['objective'])} is not the objective of the instance")
        parts = ("mechanism", "fees", "ray", "multipliers")
        self.parts = {key: proof[key] for key in parts if proof.get(key) is not None}
        self.fees = [Fraction(0)] * instance.payers
        if "fees" in self.parts:
            self.fees = numbers(self.parts["fees"], "fees", instance.payers)
        self.bounds = proof.get("bounds")
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

    def say(self, check: str) -> None:
        self.report.checks.append(check)

    def check(self) -> None:
        """Refuses unless everything claimed is proved (C9, C10)."""
        if self.instance.objective == "margin":
            if self.value is not None and self.value != self.margin:
                raise Refusal("claim: the objective is the margin, so value must be the margin or null")
        elif (self.margin if self.verdict == "exists" else self.value) is not None:
            raise Refusal(f"claim: with this objective, what {self.verdict} has a null margin or value")
        if self.verdict == "impossible":
            self.impossible()
        elif self.instance.objective == "margin":
            self.exists_margin()
        else:
            self.exists_value()
        if not any(self.fees):
            self.parts.pop("fees", None)
        for part in self.parts:
            raise Refusal(f"{part}: the claim has no use for it; leave it out")

    def impossible(self) -> None:
        """-inf: a contradiction at any subsidy. Below 0: a bound, and a mechanism that attains it. Null: a bound."""
        margin = self.margin
        if margin == "-inf" or (margin is None and self.bounds == "feasibility"):
            self.contradiction()
        elif margin is None:
            shown = self.bound("margin")
            if shown >= 0:
                raise Refusal(f"multipliers: margin <= {shown}, which does not exclude 0")
        elif isinstance(margin, Fraction) and margin < 0:
            self.bound("margin", margin)
            if "mechanism" not in self.parts:
                raise Refusal(
                    f"mechanism: missing; without one margin <= {margin} is shown, not that the margin equals it"
                    " (to claim impossibility alone, claim margin null)"
                )
            self.attained(self.mechanism(), margin)
        else:
            raise Refusal(f"claim: impossible with margin {margin}, which is not below 0")

    def exists_margin(self) -> None:
        """A mechanism; and a bound that a mechanism attains, or a ray along which z rises without end."""
        margin = self.margin
        if margin == "-inf" or (isinstance(margin, Fraction) and margin < 0):
            raise Refusal(f"claim: exists with margin {margin}, which is below 0")
        mechanism = self.stands(self.mechanism())
        if isinstance(margin, Fraction):
            self.bound("margin", margin)
            self.attained(mechanism, margin, incentives=False)
        elif margin is not None and self.instance.z_in is None:
            self.say("neither IR nor budget is required, so nothing bounds z: margin inf")
        elif margin is not None:
            self.ray(Fraction(1))
            self.say("moving along the ray raises z at rate 1 without end: margin inf")

    def exists_value(self) -> None:
        """A mechanism; and its value matched by a bound, or a ray along which the objective rises without end."""
        value, objective = self.value, self.instance.objective
        got = self.stands(self.mechanism()).objective()
        if isinstance(value, Fraction):
            if got != value:
                raise Refusal(f"the mechanism attains {objective} {got}, not the {value} claimed")
            self.say(f"it attains {objective} {value}")
            self.bound("objective", value)
        elif value == "inf":
            change = self.ray(Fraction(0)).objective()
            if change <= 0:
                raise Refusal(f"ray: {objective} changes by {change} along it, must be > 0")
            self.say(f"moving along the ray raises {objective} at rate {change} without end: value inf")
        elif value is not None:
            raise Refusal("claim: exists with value -inf, but every mechanism has a finite value")

    def mechanism(self) -> Mechanism:
        data, instance = self.take("mechanism"), self.instance
        money = read_money(instance, data, "mechanism", ["allocation"])
        more = [*self.fees, *([self.margin] if isinstance(self.margin, Fraction) else [])]
        return Mechanism(instance, money, read_allocation(instance, data["allocation"]), more)

    def stands(self, mechanism: Mechanism) -> Mechanism:
        """The mechanism satisfies every requirement as it stands: z = 0, no fees."""
        self.say(f"the mechanism satisfies {mechanism.check(Fraction(0), [Fraction(0)] * len(self.fees))}")
        return mechanism

    def attained(self, mechanism: Mechanism, margin: Fraction, incentives: bool = True) -> None:
        """With its fees the mechanism meets every requirement with z = margin."""
        self.parts.pop("fees", None)
        done = mechanism.check(margin, self.fees, incentives)
        fees = f" with fees {', '.join(map(str, self.fees))}" if any(self.fees) else ""
        self.say(f"the mechanism{fees} satisfies {done} with z = {margin}: margin >= {margin}")

    def ray(self, rate: Fraction) -> Mechanism:
        """A direction that keeps every requirement, z rising at the given rate."""
        ray = Mechanism(self.instance, read_money(self.instance, self.take("ray"), "ray"), None)
        self.say(f"the ray keeps {ray.check(rate, [Fraction(0)] * len(self.fees))}")
        return ray

    def shown(self, bounds: str) -> tuple[str, Fraction]:
        """What the multipliers show: a sentence's beginning and the bound."""
        entries = listed(self.take("multipliers"), "multipliers")
        groups = [read_multiplier(self.instance, entry, f"multipliers[{n}]") for n, entry in enumerate(entries)]
        if type(self.bounds) is not str or self.bounds != bounds:
            raise Refusal(f"bounds: {reprlib.repr(self.bounds)}, but the claim needs {bounds!r}")
        used = sum(len(group.weights) - group.weights.count(0) for group in groups)
        return f"multipliers on {used} {self.rows} show", self.lagrangian(self.instance, groups, bounds).bound()

    def bound(self, bounds: str, claimed: Fraction | None = None) -> Fraction:
        """Margin or objective <= bound, which must be the claimed number if there is one."""
        multipliers, bound = self.shown(bounds)
        said = f"{multipliers} {self.instance.objective if bounds == 'objective' else 'margin'} <= {bound}"
        if claimed is not None and bound != claimed:
            raise Refusal(f"{said}, not <= {claimed}")
        self.say(said)
        return bound

    def contradiction(self) -> None:
        """0 <= bound < 0 for every mechanism and every z."""
        multipliers, bound = self.shown("feasibility")
        if bound >= 0:
            raise Refusal(f"{multipliers} 0 <= {bound}, which is no contradiction")
        self.say(f"{multipliers} that 0 <= {bound} for any mechanism at any subsidy, a contradiction: margin -inf")


# ---------------------------------------------------------------------------------------------------------------------
# Compact proofs: efficient bilateral trade with independent types, in time near-linear in the number of types
#
# The same constraints, with theorems in the place of enumeration (docs/proof-format.md proves each of them). Seller types
# are looked at as the buyer's are, "eager" last: by -s increasing, against buyers' values decreasing. Then a type trades
# with the first so many of the other's types, his ``cut``, and the cuts do not decrease.
# ---------------------------------------------------------------------------------------------------------------------


def is_compact(proof: dict[str, Any]) -> bool:
    """Does the mechanism have a compact form, or a multiplier the prior in the place of a profile?"""
    mechanism, multipliers = proof.get("mechanism"), proof.get("multipliers")
    if type(mechanism) is dict and (type(mechanism.get("allocation")) is str or {"interim", "menu"} & set(mechanism)):
        return True
    entries = multipliers if type(multipliers) is list else []
    return any(type(entry) is dict and entry.get("profile") == PRIOR for entry in entries)


def sums(terms: Iterable[int]) -> list[int]:
    """Sums of the first 0, 1, 2, ... terms."""
    return list(accumulate(terms, initial=0))


class TwoSided(Instance):
    """A buyer's and a seller's types, of one dimension and independent, in whole numbers."""

    def read_types(self, sides: Iterable[tuple[Any, str]]) -> list[list[int]]:
        """Each side's values, in units of 1/``unit``; ``own``: its masses, in units of 1/``units``."""
        read = [read_columns(x, where) for x, where in sides]
        count = sum(len(values) for (_, values), _ in read)
        self.unit = common((by for (by, _), _ in read), count, "instance.environment: values")
        self.units, self.own = [list(each) for each in zip(*(own for _, own in read if own), strict=True)]
        return [[v * (self.unit // by) for v in values] for (by, values), _ in read]


class Trade(TwoSided):
    """Bilateral trade with independent types, efficient or free; no profile is enumerated."""

    def __init__(self, data: Any) -> None:
        x, at = self.read_kind(data), "instance.environment"
        if self.kind != "bilateral-trade" or "prior" in x:
            raise Refusal(f"{at}: compact parts of a proof need bilateral trade with independent types")
        self.outcomes, self.names = ["no-trade", "trade"], ["buyer", "seller"]
        keyed(x, at, ["kind", *self.names])
        self.agents, self.independent = range(2), True
        buyer, seller = self.read_types((x[side], f"{at}.{side}") for side in self.names)
        self.sizes = [len(buyer), len(seller)]
        self.strides, self.count = [self.sizes[1], 1], self.sizes[0] * self.sizes[1]
        self.worth = [buyer, [-s for s in seller]]  # v_i(trade, k)
        self.P = self.units[0] * self.units[1]
        self.below = [bisect_left(seller, b) for b in buyer]  # how many seller types are < b, and <= b
        self.upto = [bisect_right(seller, b) for b in buyer]
        self.above = [self.sizes[0] - bisect_right(buyer, s) for s in seller]  # how many buyer types are > s, and >= s
        self.atleast = [self.sizes[0] - bisect_left(buyer, s) for s in seller]
        self.tied = [(b, s) for b, s in enumerate(self.below) if s < self.upto[b]]
        requirements, at = data["requirements"], "instance.requirements"
        self.ties = self.read_notions(requirements, at)
        self.rule = word(requirements["allocation"], f"{at}.allocation", ("efficient", "free"))
        self.efficient = self.rule == "efficient"
        if self.groves and not self.efficient:
            raise Refusal(f"{at}.allocation: compact parts of a proof need efficient allocation with groves transfers")
        self.rule += f" (ties {self.ties})" if self.efficient else ""
        self.read_objective(data["objective"])

    def imposes(self, notion: str, i: int, spot: int) -> bool:
        return True

    def label(self, i: int, k: int) -> str:
        return str(Fraction(self.worth[i][k] * (1 - 2 * i), self.unit))

    def at(self, profile: int) -> str:
        b, s = divmod(profile, self.sizes[1])
        return f"(buyer {self.label(0, b)}, seller {self.label(1, s)})"

    def split(self, i: int, o: int) -> tuple[int, int]:
        """Types of agent i below the first number have one prescribed outcome against o, those from the second on the other
        one; in between is a tie with a lottery of its own."""
        if i == 0:
            first, then = self.sizes[0] - self.atleast[o], self.sizes[0] - self.above[o]
            return {"first": (then, then), "last": (first, first)}.get(self.ties, (first, then))
        first, then = self.below[o], self.upto[o]
        return {"first": (first, first), "last": (then, then)}.get(self.ties, (first, then))


@dataclass
class Rule:
    """Who trades: each type with the first ``cuts[i][k]`` of the other's types, in the order described above; and if
    mixed, with those from there up to ``mixed[i][k]`` with probability ``weight[0] / weight[1]``."""

    cuts: tuple[list[int], list[int]]
    mixed: tuple[list[int], list[int]] | None = None
    weight: tuple[int, int] = (0, 1)

    @classmethod
    def read(cls, trade: Trade, x: Any, at: str) -> Rule:
        """A tie rule, or cuts where the allocation is free."""
        if type(x) is dict and not trade.efficient:
            rows = listed(keyed(x, at, ("cuts", "weight"))["cuts"], f"{at}.cuts", 2)
            low, high = (
                indices(row, f"{at}.cuts[{j}]", trade.sizes[1] + 1, trade.sizes[0]) for j, row in enumerate(rows)
            )
            weight = number(x["weight"], f"{at}.weight")
            if not 0 <= weight <= 1:
                raise Refusal(f"{at}.weight: {weight} is no probability")
            if any(map(operator.gt, low, high)) or any(a > b for row in (low, high) for a, b in pairwise(row)):
                raise Refusal(f"{at}.cuts: neither may decrease, nor the first exceed the second")
            sold = [[trade.sizes[0] - bisect_right(row, s) for s in range(trade.sizes[1])] for row in (low, high)]
            return cls((low, sold[0]), (high, sold[1]), (weight.numerator, weight.denominator))
        rule = word(x, at, ["first", "last", *(["uniform"] if trade.groves else [])])
        if trade.efficient and trade.tied and trade.ties not in ("any", rule):
            raise Refusal(f"allocation: ties {rule}, where the rule ({trade.rule}) wants {trade.ties}")
        return cls((trade.upto, trade.atleast) if rule == "last" else (trade.below, trade.above))


class Side:
    """One agent in a compact mechanism, types and the other's types in the order described above.

    ``paid[k]`` is what type k pays in expectation; amounts are in units of 1/(M * unit), unit that of the other's masses.
    """

    paid: list[int]

    def __init__(self, trade: Trade, i: int, by: int, rule: Rule) -> None:
        self.i, self.step, self.sizes = i, -1 if i else 1, (trade.sizes[i], trade.sizes[1 - i])
        self.value = [v * by for v in trade.worth[i][:: self.step]]
        self.mass, self.against = trade.own[i][:: self.step], trade.own[1 - i][:: self.step]
        self.unit = trade.units[1 - i]
        chance = sums(self.against)
        if rule.mixed is None:
            self.cut = rule.cuts[i][:: self.step]
            self.chance = [chance[c] for c in self.cut]
        else:
            (some, all_), pairs = rule.weight, zip(rule.cuts[i], rule.mixed[i], strict=True)
            self.chance = [some * chance[d] + (all_ - some) * chance[c] for c, d in pairs][:: self.step]

    def type_at(self, k: int) -> int:
        """The type's number in the instance."""
        return self.sizes[0] - 1 - k if self.i else k

    def profile(self, k: int, o: int) -> int:
        """Number of the profile of own type k and the other's type o."""
        if self.i == 0:
            return k * self.sizes[1] + o
        return (self.sizes[1] - 1 - o) * self.sizes[0] + self.sizes[0] - 1 - k

    @cached_property
    def truth(self) -> list[int]:
        """E[v_i - t_i] of each type."""
        return [v * x - t for v, x, t in zip(self.value, self.chance, self.paid, strict=True)]

    def adjacent(self) -> Iterator[tuple[int, int, int]]:
        """The neighbours r by whose report type k gains in expectation: k, r, gain."""
        reports = list(zip(self.value, self.chance, self.paid, self.truth, strict=True))
        for k, ((v, x, t, u), (w, y, z, o)) in enumerate(pairwise(reports)):
            if v * y - z > u:
                yield k, k + 1, v * y - z - u
            if w * x - t > o:
                yield k + 1, k, w * x - t - o

    def thresholds(self) -> Iterator[tuple[int, int, int, int]]:
        """Menus alone: what type k gains by reporting r against o, where one trades and the other does not."""
        raise Refusal('mechanism: "interim" cannot show DSIC; use "menu"')

    def worst(self) -> Iterator[tuple[int, int, int]]:
        """(k, o, utility of type k against o), among them the smallest utility."""
        raise NotImplementedError


class MenuSide(Side):
    """A payment for each of the other's types, without trade and with it: ``menu[x][o]``."""

    def __init__(self, trade: Trade, i: int, by: int, rule: Rule, menu: list[list[int]]) -> None:
        super().__init__(trade, i, by, rule)
        self.menu = [row[:: self.step] for row in menu]
        without, traded = (sums(m * t for m, t in zip(self.against, row, strict=True)) for row in self.menu)
        self.paid = [traded[c] + without[-1] - without[c] for c in self.cut]

    def thresholds(self) -> Iterator[tuple[int, int, int, int]]:
        for o, (without, traded) in enumerate(zip(*self.menu, strict=True)):
            k = bisect_right(self.cut, o)  # the first type that trades with o
            if 0 < k < self.sizes[0]:
                yield k, k - 1, o, self.unit * (traded - without - self.value[k])
                yield k - 1, k, o, self.unit * (self.value[k - 1] - (traded - without))

    def worst(self) -> Iterator[tuple[int, int, int]]:
        for o, (without, traded) in enumerate(zip(*self.menu, strict=True)):
            k = bisect_right(self.cut, o)
            if k > 0:
                yield 0, o, -self.unit * without
            if k < self.sizes[0]:
                yield k, o, self.unit * (self.value[k] - traded)


class InterimSide(Side):
    """t(k, o) = T(k) - T'(o) + E[T'], T' the other's."""

    def __init__(self, trade: Trade, i: int, by: int, rule: Rule, interim: list[list[int]]) -> None:
        super().__init__(trade, i, by, rule)
        self.T, self.other = interim[i][:: self.step], interim[1 - i][:: self.step]
        self.paid = [self.unit * t for t in self.T]

    def worst(self) -> Iterator[tuple[int, int, int]]:
        mean = sum([m * t for m, t in zip(self.against, self.other, strict=True)])
        pairs = [(t, o) for o, t in enumerate(self.other)]
        first, rest = list(accumulate(pairs, min)), list(accumulate(reversed(pairs), min))[::-1]
        for k, (v, t, c) in enumerate(zip(self.value, self.T, self.cut, strict=True)):
            for low, o in first[c - 1 : c]:  # with trade; empty if there is none, c = 0
                yield k, o, self.unit * (v - t + low) - mean
            for low, o in rest[c : c + 1]:
                yield k, o, self.unit * (low - t) - mean


class CompactMechanism(Mechanism):
    """The efficient allocation with a tie rule, or cuts, and payments in one of three forms."""

    def __init__(self, trade: Trade, data: Any, more: Iterable[Fraction]) -> None:
        self.instance = self.trade = trade
        self.direction, at = False, "mechanism"
        forms = ["charges"] if trade.groves else ["interim", "menu"]
        form = "menu" if type(data) is dict and "menu" in data and not trade.groves else forms[0]
        keyed(data, at, (form, "allocation"))
        rule = Rule.read(trade, data["allocation"], f"{at}.allocation")
        if rule.mixed is not None and (form != "interim" or trade.ir == "ex-post"):
            raise Refusal(
                f'{at}.allocation: cuts go with "interim" payments, without ex post IR; write the rest in full'
            )
        given, at = list[tuple[int, list[int]]](), f"{at}.{form}"
        if form == "menu":
            for i, side in enumerate(trade.names):
                menu = keyed(keyed(data[form], at, trade.names)[side], f"{at}.{side}", trade.outcomes)
                given += [column(menu[x], f"{at}.{side}.{x}", trade.sizes[1 - i]) for x in trade.outcomes]
        else:
            sizes = trade.sizes if form == "interim" else trade.sizes[::-1]
            rows = listed(data[form], at, 2)
            given += [column(row, f"{at}[{i}]", n) for i, (row, n) in enumerate(zip(rows, sizes, strict=True))]
        bottoms = {trade.unit * rule.weight[1], unit(more), *(by for by, _ in given)}
        self.unit = common(bottoms, sum(len(row) for _, row in given), "mechanism: amounts")
        rows, by = [[t * (self.unit // unit) for t in row] for unit, row in given], self.unit // trade.unit
        if form == "charges":  # t_i = h_i(theta_-i) - v_j(trade, theta_j) in trade: a menu
            paid = [[h - v * by for h, v in zip(row, trade.worth[1 - i], strict=True)] for i, row in enumerate(rows)]
            rows = [rows[0], paid[0], rows[1], paid[1]]
        self.menu = None if form == "interim" else [rows[:2], rows[2:]]
        by //= rule.weight[1]  # chances are in units of 1/weight[1] more
        self.sides: list[Side] = [
            InterimSide(trade, i, by, rule, rows) if self.menu is None else MenuSide(trade, i, by, rule, self.menu[i])
            for i in trade.agents
        ]

    def amount(self, side: Side, x: int) -> Fraction:
        """An amount of a side as an exact number."""
        return Fraction(x, self.unit * side.unit)

    def incentives(self, rows: Rows) -> None:
        """DSIC by thresholds; BIC by neighbours, interim trade being monotone."""
        trade, dominant = self.trade, self.trade.ic == "DSIC"
        for side in self.sides:
            name = trade.names[side.i]
            rows.checked += side.sizes[0] * (side.sizes[0] - 1) * (side.sizes[1] if dominant else 1)
            found = side.thresholds() if dominant else ((k, r, -1, gain) for k, r, gain in side.adjacent())
            for k, r, o, gain in found:
                if gain > 0:
                    place = f" at {trade.at(side.profile(k, o))}" if o >= 0 else ""
                    own, report = (trade.label(side.i, side.type_at(each)) for each in (k, r))
                    rows.fail(f"{name} of type {own} gains {self.amount(side, gain)} by reporting {report}{place}")

    def participation(self, rows: Rows, fees: list[int], z: int) -> None:
        """Outside options are 0."""
        trade, notion = self.trade, self.trade.ir
        for side in self.sides:
            i, need, found = side.i, side.unit * (fees[side.i] + z), list[tuple[int, int]]()
            if notion == "ex-post":
                rows.checked += trade.count
                found = [(side.profile(k, o), u) for k, o, u in side.worst()]
            elif notion == "interim":
                rows.checked += side.sizes[0]
                found = [(side.type_at(k), u) for k, u in enumerate(side.truth)]
            else:
                rows.checked += 1
                total = sum(map(operator.mul, side.mass, side.truth))
                if total < need * trade.units[i]:
                    short = self.amount(side, need) - self.amount(side, total) / trade.units[i]
                    rows.fail(f"utility of {trade.names[i]} falls short by {short}")
            for spot, u in found:
                if u < need:
                    place, short = trade.where(notion, i, spot), self.amount(side, need - u)
                    rows.fail(f"utility of {trade.names[i]}{place} falls short by {short}")

    def mean(self, i: int) -> Fraction:
        """E[t_i]."""
        side = self.sides[i]
        return self.amount(side, sum([m * t for m, t in zip(side.mass, side.paid, strict=True)])) / self.trade.units[i]

    def balance(self, rows: Rows, fees: list[int], z: int) -> None:
        """Revenue: with a menu by running minima and maxima; with interim payments it is the same everywhere."""
        trade, notion, need = self.trade, self.trade.budget, z - sum(fees)
        everywhere = SCOPE[notion] == "profile"
        rows.checked += trade.count if everywhere else 1
        menu = everywhere and self.menu is not None
        found = self.extremes if menu else [(0, (self.mean(0) + self.mean(1)) * self.unit)]
        for spot, revenue in found:
            gap = revenue - need
            if gap < 0 or (gap and notion == "balanced"):
                how = "falls short" if gap < 0 else "is too high"
                rows.fail(f"revenue{trade.where(notion, 0, spot)} {how} by {abs(Fraction(gap)) / self.unit}")

    @cached_property
    def extremes(self) -> list[tuple[int, int]]:
        """With a menu, for each buyer type the lowest revenue (units of 1/M) where he trades, and where he does not; for
        balance the highest as well."""
        (buyer, seller), out = self.menu or ([], []), list[tuple[int, int]]()
        for worst in (min, max) if self.trade.budget == "balanced" else (min,):
            without, traded = ([(t, s) for s, t in enumerate(row)] for row in buyer)
            first = list(accumulate(traded, worst))  # over the first seller types: they trade
            rest = list(accumulate(reversed(without), worst))[::-1]
            for b, (c, low, high) in enumerate(zip(self.sides[0].cut, *seller, strict=True)):
                for t, s in first[c - 1 : c]:  # empty if he trades with nobody, c = 0
                    out.append((b * len(rest) + s, high + t))
                for t, s in rest[c : c + 1]:
                    out.append((b * len(rest) + s, low + t))
        return out

    def objective(self) -> Fraction:
        trade, total, paid = self.trade, Fraction(0), [self.mean(0), self.mean(1)]
        for side, weight in zip(self.sides, trade.on_utility, strict=True):
            worth = sum([m * v * x for m, v, x in zip(side.mass, side.value, side.chance, strict=True)])
            total += weight * (self.amount(side, worth) / trade.units[side.i] - paid[side.i])
        return total + trade.on_revenue * sum(paid)


class CompactLagrangian(Lagrangian):
    """L with the coefficient on_t[0][b] p_s(s) + spots_t[0][b, s] of t_B(b, s), on_t[1][s] p_b(b) + spots_t[1][b, s] of
    t_S(b, s), and on_q[0][b] p_s(s) + on_q[1][s] p_b(b) + spots_q[b, s] of trade at (b, s). With the masses in their units:
    units of 1/(W * P), with another factor of 1/D for on_q and spots_q."""

    def __init__(self, instance: Instance, groups: list[Group], bounds: str) -> None:
        assert isinstance(instance, Trade)
        self.instance, self.trade, self.bounds = instance, instance, bounds
        W = common_weight(instance, groups)
        self.unit = W * instance.P
        self.on_t, self.on_q = ([[0] * n for n in instance.sizes] for _ in range(2))
        self.spots_t, self.spots_q = [defaultdict[int, int](int) for _ in range(2)], defaultdict[int, int](int)
        self.budget = defaultdict[int, int](int)  # a part of spots_t for both, kept once
        self.z = self.unit if bounds == "margin" else 0
        expected = [0, 0, 0]  # weights on E[u_B], E[u_S], E[revenue]
        if bounds == "objective":
            expected = scaled([*instance.on_utility, instance.on_revenue], W)
        for group in groups:
            i, by = group.agent, W // group.unit
            weights = [w * by for w in group.weights]
            if group.name == instance.z_in:
                self.z -= sum(weights) * instance.P
            if not SCOPE[group.notion]:
                expected[2 if group.name == "budget" else i] += sum(weights)
            elif group.name == "budget":
                for spot, w in zip(group.spots, weights, strict=True):
                    self.budget[spot] += w * instance.P
            elif SCOPE[group.notion] == "profile":
                self.add_spots(group, [w * instance.P for w in weights])
            else:
                self.add_types(group, [w * instance.units[i] for w in weights])
        for i, masses in enumerate(instance.own):
            for k, (m, v) in enumerate(zip(masses, instance.worth[i], strict=True)):
                self.on_t[i][k] += m * (expected[2] - expected[i])
                self.on_q[i][k] += m * expected[i] * v

    def add_spots(self, group: Group, weights: list[int]) -> None:
        """DSIC or ex post IR at profiles: what the agent gets there, less what another report gets him."""
        i, worth, (spots_t, spots_q) = (
            group.agent,
            self.trade.worth[group.agent],
            (self.spots_t[group.agent], self.spots_q),
        )
        stride, size = self.trade.strides[i], self.trade.sizes[i]
        for spot, report, w in zip(group.spots, group.reports, weights, strict=True):
            k = spot // stride % size
            spots_t[spot] -= w
            spots_q[spot] += w * worth[k]
            if group.name != "IR":
                spots_t[spot + (report - k) * stride] += w
                spots_q[spot + (report - k) * stride] -= w * worth[k]

    def add_types(self, group: Group, weights: list[int]) -> None:
        """BIC or interim IR, or averages of DSIC or ex post IR: the same in expectation."""
        on_t, on_q, worth = self.on_t[group.agent], self.on_q[group.agent], self.trade.worth[group.agent]
        for k, report, w in zip(group.spots, group.reports, weights, strict=True):
            on_t[k] -= w
            on_q[k] += w * worth[k]
            if group.name != "IR":
                on_t[report] += w
                on_q[report] -= w * worth[k]

    def spots(self, i: int) -> dict[int, int]:
        """Coefficients of t_i at single profiles."""
        if not self.spots_t[i]:
            return self.budget
        both = self.budget.copy()
        for p, w in self.spots_t[i].items():
            both[p] += w
        return both

    def bound(self) -> Fraction:
        """max L, after checking that the payments and z have dropped out."""
        trade = self.trade
        if self.bounds != "objective":
            self.must_vanish(self.z, "z")
        terms = [(i, self.on_q[i], trade.own[1 - i]) for i in trade.agents]  # agent, coefficients, to multiply by
        for i in trade.agents:
            if trade.groves:  # t_i = h_i - v_j q
                self.charges(i)
                other = trade.worth[1 - i]
                lost = [-m * v for m, v in zip(trade.own[1 - i], other, strict=True)]
                terms.append((i, self.on_t[i], lost))
                for p, w in self.spots(i).items():
                    self.spots_q[p] -= w * other[p // trade.strides[1 - i] % trade.sizes[1 - i]]
            elif trade.ic == "DSIC" and trade.efficient:
                self.payments(i)
            else:
                self.transfers(i)
        total = self.efficient(terms) if trade.efficient else Fraction(self.free())
        return total / (self.unit * trade.unit)

    def efficient(self, terms: list[tuple[int, list[int], list[int]]]) -> Fraction:
        """The coefficients of trade where it is prescribed, and at ties where it is chosen."""
        trade, total, ties = self.trade, 0, Fraction(0)
        for i, on, by in terms:  # over all b > s: the first seller types, the last buyer types
            first = sums(by if i == 0 else by[::-1])
            cuts = trade.below if i == 0 else trade.above
            total += sum([c * first[cut] for c, cut in zip(on, cuts, strict=True)])
        total += sum([w for p, w in self.spots_q.items() if p % trade.sizes[1] < trade.below[p // trade.sizes[1]]])
        for b, s in trade.tied:
            each = sum(on[(b, s)[i]] * by[(s, b)[i]] for i, on, by in terms)
            each += self.spots_q.get(b * trade.sizes[1] + s, 0)
            if trade.ties == "uniform":
                ties += Fraction(each, 2)
            elif trade.ties == "last" or (trade.ties == "any" and each > 0):
                ties += each
        return total + ties

    def free(self) -> int:
        """The sum of the positive ones among the coefficients p_s(s) D(b) + p_b(b) E(s) of trade: with masses above 0 those
        with D(b)/p_b(b) > -E(s)/p_s(s), found by sorting; then the pairs with terms of their own, one by one."""
        (P, Q), (D, E) = self.trade.own, self.on_q
        total = sum(max(0, d) for d, m in zip(D, P, strict=True) if not m) * sum(Q)
        total += sum(max(0, e) for e, m in zip(E, Q, strict=True) if not m) * sum(P)

        def compare(x: tuple[int, int], y: tuple[int, int]) -> int:
            return x[0] * y[1] - y[0] * x[1]

        buyers = sorted([(d, m) for d, m in zip(D, P, strict=True) if m], key=cmp_to_key(compare))
        sellers = sorted([(-e, m) for e, m in zip(E, Q, strict=True) if m], key=cmp_to_key(compare))
        place = mass = cost = 0
        for d, m in buyers:
            while place < len(sellers) and d * sellers[place][1] > m * sellers[place][0]:
                cost, mass, place = cost + sellers[place][0], mass + sellers[place][1], place + 1
            total += d * mass - m * cost
        for p, w in self.spots_q.items():
            b, s = divmod(p, self.trade.sizes[1])
            each = Q[s] * D[b] + P[b] * E[s]
            total += max(0, each + w) - max(0, each)
        return total

    def payments(self, i: int) -> None:
        """Taxation: DSIC makes payments against o equal for types with one prescribed outcome, so that the sum of their
        coefficients has to vanish."""
        trade, size = self.trade, self.trade.sizes[i]
        until, found = sums(self.on_t[i]), defaultdict[tuple[int, int], int](int)
        splits = [trade.split(i, o) for o in range(trade.sizes[1 - i])]
        for p, w in self.spots(i).items():
            pair = divmod(p, trade.sizes[1])
            first, then = splits[pair[1 - i]]
            found[pair[1 - i], (pair[i] >= first) + (pair[i] >= then)] += w
        for o, (m, (first, then)) in enumerate(zip(trade.own[1 - i], splits, strict=True)):
            for part, (start, end) in enumerate(((0, first), (first, then), (then, size))):
                if start < end:
                    w, p = m * (until[end] - until[start]), start * trade.strides[i] + o * trade.strides[1 - i]
                    self.must_vanish(w + found[o, part], "the payment of {} for the outcome at {}", i, p)

    def transfers(self, i: int) -> None:
        """on_t[i][k] p(o) + spots = 0 for all k, o: at the spots; elsewhere one of the factors is 0."""
        trade, other = self.trade, self.trade.own[1 - i]
        covered, positive, at = [0] * trade.sizes[i], sum(m > 0 for m in other), self.spots(i)
        for p, w in at.items():
            pair = divmod(p, trade.sizes[1])
            self.must_vanish(self.on_t[i][pair[i]] * other[pair[1 - i]] + w, "the transfer of {} at {}", i, p)
            covered[pair[i]] += other[pair[1 - i]] > 0
        for k, (c, seen) in enumerate(zip(self.on_t[i], covered, strict=True)):
            if c and seen < positive:
                spots = (k * trade.strides[i] + o * trade.strides[1 - i] for o, m in enumerate(other) if m)
                p = next(p for p in spots if p not in at)
                self.must_vanish(c * other[divmod(p, trade.sizes[1])[1 - i]], "the transfer of {} at {}", i, p)

    def charges(self, i: int) -> None:
        """The coefficient of h_i(o), the sum of those of t_i(k, o) over k, is 0 for all o."""
        trade, total = self.trade, sum(self.on_t[i])
        on_h = [total * m for m in trade.own[1 - i]]
        stride, size = trade.strides[1 - i], trade.sizes[1 - i]
        for p, w in self.spots(i).items():
            on_h[p // stride % size] += w
        if any(on_h):
            for o, w in enumerate(on_h):
                self.must_vanish(w, "the charge of {} against the others at {}", i, o * stride)


class CompactClaim(Claim):
    """A claim shown by compact parts."""

    lagrangian = CompactLagrangian
    rows = "constraints or averages"

    def mechanism(self) -> Mechanism:
        assert isinstance(self.instance, Trade)
        more = [*self.fees, *([self.margin] if isinstance(self.margin, Fraction) else [])]
        return CompactMechanism(self.instance, self.take("mechanism"), more)

    def ray(self, rate: Fraction) -> Mechanism:
        raise Refusal("ray: there is no compact form; write the whole proof in full")


# ---------------------------------------------------------------------------------------------------------------------
# Compact proofs with identical buyers and one seller: order statistics in the place of profiles
#
# What is said of agent 0 is said of every buyer (docs/proof-format.md proves that this suffices). Given the largest value
# among the buyers, B_k, and the seller's cost, all efficient outcomes with trade count the same.
# ---------------------------------------------------------------------------------------------------------------------

ALIKE = {  # the only question that these proofs answer
    "ties": ("any", "uniform"),
    "transfers": ("any",),
    "incentive_compatibility": ("BIC",),
    "individual_rationality": ("interim",),
    "budget": ("no-deficit", "balanced", "no-expected-deficit"),
    "allocation": ("efficient",),
}


def is_exchange(x: Any) -> bool:
    """Is the instance about an exchange?"""
    return type(x) is dict and type(x.get("environment")) is dict and x["environment"].get("kind") == "exchange"


class Auction(TwoSided):
    """Efficient exchange between identical buyers and one seller, independent types; no profile is enumerated."""

    def __init__(self, data: Any) -> None:
        x, at = self.read_kind(data), "instance.environment"
        keyed(x, at, ("kind", "buyers", "sellers"))  # no joint prior
        buyers, sellers = nonempty(x["buyers"], f"{at}.buyers"), nonempty(x["sellers"], f"{at}.sellers")
        METER.get().agents(len(buyers) + len(sellers), at)
        if len(sellers) > 1 or any(one != buyers[0] for one in buyers):
            raise Refusal(f"{at}: compact parts of a proof about an exchange need one seller and identical buyers")
        self.buyers = n = len(buyers)
        self.B, self.S = self.read_types([(buyers[0], f"{at}.buyers[0]"), (sellers[0], f"{at}.sellers[0]")])
        self.agents, self.independent, self.people = range(n + 1), True, (0, n)  # who is spoken of: a buyer, the seller
        self.names = [f"buyer-{i}" for i in range(1, n + 1)] if n > 1 else ["buyer"]
        self.names.append("seller")
        buyer, seller = ([str(Fraction(v, self.unit)) for v in side] for side in (self.B, self.S))
        self.types = [buyer] * n + [seller]
        self.sizes = [len(types) for types in self.types]
        self.strides = [0] * (n + 1)  # profiles have no numbers
        self.worth = [self.B, [-s for s in self.S]]  # v_i(getting the good), v_S(giving it away)
        bits = n * self.units[0].bit_length()
        if bits > 4 * MAX_DIGITS and not METER.get().lifted:
            METER.get().refuse(
                f"instance: too long numbers, powers of masses of {bits:,} binary digits, at most {4 * MAX_DIGITS:,}"
            )
        METER.get().work(len(self.B) + len(self.S), bits // 4, "instance: powers of masses")
        self.below = [bisect_left(self.S, b) for b in self.B]  # how many seller types are < b
        places = {s: j for j, s in enumerate(self.S)}
        self.tied = [(k, places[b]) for k, b in enumerate(self.B) if b in places]
        requirements = data["requirements"]
        self.ties = self.read_notions(requirements, "instance.requirements")
        for key, allowed in ALIKE.items():
            if requirements[key] not in allowed:
                raise Refusal(f"instance.requirements.{key}: compact parts of a proof about an exchange need"
                              f" {' or '.join(allowed)}")  # fmt: skip
        self.rule, self.efficient = f"efficient (ties {self.ties})", True
        self.read_objective(data["objective"])
        if self.objective != "margin":
            raise Refusal("instance.objective: compact parts of a proof about an exchange need the margin")
        self.shares()

    def shares(self) -> None:
        """Of a buyer of type k, against the others alone, in units of 1/``share``: ``wins[k]``, his chance of the good if
        it goes to the highest buyers with equal probability; ``splits[k]``, if the seller has a part in the lottery.

        F, G = P(b <= B_k), P(b < B_k), p = F - G, n buyers: the integrals over x in [0, 1] of (G + p x)^(n-1) and of
        x (G + p x)^(n-1), in powers of F and G; where p = 0, of constants.
        """
        n, P = self.buyers, self.units[0]
        self.share = n * (n + 1) * P ** (n - 1)
        self.wins, self.splits = [], []
        upto = sums(self.own[0])
        for p, (G, F) in zip(self.own[0], pairwise(upto), strict=True):
            if p:
                top, low = F**n, G**n
                self.wins.append((n + 1) * (top - low) // p)
                self.splits.append(((n + 1) * p * top - F * top + G * low) // (p * p))
            else:
                self.wins.append((n + 1) * n * F ** (n - 1))
                self.splits.append((n + 1) * n // 2 * F ** (n - 1))

    @property
    def payers(self) -> int:
        """One fee for each buyer, one for the seller."""
        return 2

    def shape(self) -> str:
        return f"{self.sizes[0]}^{self.buyers} x {self.sizes[-1]}"

    def at(self, profile: int) -> str:
        return "every profile"


class AuctionMechanism(Mechanism):
    """An equal lottery among the highest buyers, and interim payments: T of each buyer, T of the seller.

    Interim trade and payments of class c, 0 the buyers and 1 the seller: ``chance[c][k]`` in units of 1/each[c], T in
    units of 1/M, amounts in units of 1/(M * each[c]).
    """

    def __init__(self, auction: Auction, data: Any, more: Iterable[Fraction]) -> None:
        self.instance = self.auction = auction
        self.direction, at = False, "mechanism"
        keyed(data, at, ("interim", "allocation"))
        rule = word(data["allocation"], f"{at}.allocation", ("symmetric", "uniform"))
        if auction.tied and auction.ties == "uniform" != rule:
            raise Refusal(f"allocation: {rule}, where the rule ({auction.rule}) wants uniform")
        rows = listed(data["interim"], f"{at}.interim", 2)
        given = [
            column(row, f"{at}.interim[{c}]", auction.sizes[i])
            for c, (row, i) in enumerate(zip(rows, auction.people, strict=True))
        ]
        bottoms = {auction.unit, unit(more), *(by for by, _ in given)}
        self.unit = common(bottoms, sum(len(row) for _, row in given), "mechanism: amounts")
        self.T = [[t * (self.unit // by) for t in row] for by, row in given]
        self.worth = [[v * (self.unit // auction.unit) for v in row] for row in auction.worth]
        self.each = [auction.share * auction.units[1], auction.share * auction.units[0]]
        self.chance = self.trade(rule == "uniform")

    def trade(self, uniform: bool) -> list[list[int]]:
        """A buyer of type k trades if the seller's cost is below B_k and he wins; the seller of type s with each buyer of
        type k, if B_k > s and he wins. ``uniform``: in part also if B_k = s."""
        auction = self.auction
        first = sums(auction.own[1])
        bought = [w * first[c] for w, c in zip(auction.wins, auction.below, strict=True)]
        sold = [0] * len(auction.S)  # first: to the buyer types who trade with the seller types up to here and no more
        likely = [auction.buyers * p * w for p, w in zip(auction.own[0], auction.wins, strict=True)]
        for c, w in zip(auction.below, likely, strict=True):
            if c:
                sold[c - 1] += w
        sold = list(accumulate(reversed(sold)))[::-1]
        for k, s in auction.tied if uniform else []:
            bought[k] += auction.splits[k] * auction.own[1][s]
            sold[s] += auction.buyers * auction.own[0][k] * auction.splits[k]
        return [bought, sold]

    def truth(self, c: int, k: int, r: int) -> int:
        """E[v_i - t_i] of type k who reports r."""
        return self.worth[c][k] * self.chance[c][r] - self.T[c][r] * self.each[c]

    def incentives(self, rows: Rows) -> None:
        """By neighbours, interim trade being monotone."""
        auction = self.auction
        for c, i in enumerate(auction.people):
            n, labels = auction.sizes[i], auction.types[i]
            rows.checked += n * (n - 1) * (1 if c else auction.buyers)
            for pair in pairwise(range(n)):
                for k, r in (pair, pair[::-1]):
                    gain = self.truth(c, k, r) - self.truth(c, k, k)
                    if gain > 0:
                        gains = f"gains {Fraction(gain, self.unit * self.each[c])} by reporting {labels[r]}"
                        rows.fail(f"{auction.names[i]} of type {labels[k]} {gains}")

    def participation(self, rows: Rows, fees: list[int], z: int) -> None:
        """Outside options are 0."""
        auction = self.auction
        for c, i in enumerate(auction.people):
            rows.checked += auction.sizes[i] * (1 if c else auction.buyers)
            for k in range(auction.sizes[i]):
                gap = self.truth(c, k, k) - (fees[c] + z) * self.each[c]
                if gap < 0:
                    short = Fraction(-gap, self.unit * self.each[c])
                    rows.fail(f"utility of {auction.names[i]}{auction.where('interim', i, k)} falls short by {short}")

    def balance(self, rows: Rows, fees: list[int], z: int) -> None:
        """Revenue is the same at every profile, the sum of the expected payments."""
        auction = self.auction
        means = [
            Fraction(sum([m * t for m, t in zip(own, T, strict=True)]), by)
            for own, T, by in zip(auction.own, self.T, auction.units, strict=True)
        ]
        rows.checked += 1
        rows.name += " (the same at every profile)" if SCOPE[auction.budget] == "profile" else ""
        gap = auction.buyers * (means[0] + fees[0]) + means[1] + fees[1] - z
        if gap < 0 or (gap and auction.budget == "balanced"):
            how = "falls short" if gap < 0 else "is too high"
            rows.fail(f"revenue {how} by {abs(gap) / self.unit}")


class AuctionLagrangian(Lagrangian):
    """L with the coefficient on_t[c][k] p(theta_-i) of t_i(k, theta_-i), for each agent i of class c, and on_q[c][k]
    p(theta_-i) of his trade: units of 1/(W * P), with another factor of 1/D for on_q. P is the product of the units of a
    buyer's and the seller's masses."""

    def __init__(self, instance: Instance, groups: list[Group], bounds: str) -> None:
        assert isinstance(instance, Auction)
        self.instance = self.auction = auction = instance
        self.bounds, P = bounds, math.prod(auction.units)
        W = common_weight(auction, groups)
        self.unit = W * P
        self.z = self.unit if bounds == "margin" else 0
        self.on_t, self.on_q = ([[0] * auction.sizes[i] for i in auction.people] for _ in range(2))
        for group in groups:
            by = W // group.unit
            if SCOPE[group.notion] == "profile":
                raise Refusal(f"multipliers: a budget at one profile, which is not alike; {PRIOR!r} stands for all")
            if group.name == "budget":
                self.add_budget(sum(group.weights) * by)
            elif group.agent in auction.people:
                self.add_types(group, auction.people.index(group.agent), by * P)
            else:
                raise Refusal(f"multipliers: {auction.names[group.agent]} is named; agent 0 stands for every buyer")

    def add_budget(self, w: int) -> None:
        """E[sum_i t_i] - z."""
        auction = self.auction
        METER.get().take(sum(map(len, auction.own)))
        self.z -= w * math.prod(auction.units)
        for c, own in enumerate(auction.own):
            self.on_t[c] = [a + w * m * auction.units[1 - c] for a, m in zip(self.on_t[c], own, strict=True)]

    def add_types(self, group: Group, c: int, by: int) -> None:
        """BIC or interim IR: what truth brings, less what another report brings."""
        on_t, on_q, worth = self.on_t[c], self.on_q[c], self.auction.worth[c]
        for k, report, weight in zip(group.spots, group.reports, group.weights, strict=True):
            on_t[k] -= weight * by
            on_q[k] += weight * by * worth[k]
            if group.name == "BIC":
                on_t[report] += weight * by
                on_q[report] -= weight * by * worth[k]

    def bound(self) -> Fraction:
        """max L, after checking that the payments and z have dropped out.

        Trade between buyers of type k, the highest, and the seller's type s counts wins[k] (on_q[0][k] p(s) + on_q[1][s]
        p(k)), times their number.
        """
        auction = self.auction
        self.must_vanish(self.z, "z")
        for c, i in enumerate(auction.people):
            for k, w in enumerate(self.on_t[c]):
                self.must_vanish(w, f"the payment of {{}} of type {auction.types[i][k]}", i)
        (own, other), (P, Q), (buyer, seller) = auction.own, auction.units, self.on_q
        first, costs = sums(other), sums(seller)
        total = sum(
            [
                w * (on * first[c] * P + p * costs[c] * Q)
                for w, on, p, c in zip(auction.wins, buyer, own, auction.below, strict=True)
            ]
        )
        for k, s in auction.tied:
            each = buyer[k] * other[s] * P + own[k] * seller[s] * Q
            total += auction.splits[k] * each if auction.ties == "uniform" else auction.wins[k] * max(each, 0)
        return Fraction(auction.buyers * total, self.unit * auction.unit * auction.share * P * Q)


class AuctionClaim(Claim):
    """A claim about identical buyers and one seller, shown by compact parts."""

    lagrangian = AuctionLagrangian
    rows = "constraints (of agent 0: for each buyer)"

    def mechanism(self) -> Mechanism:
        assert isinstance(self.instance, Auction)
        more = [*self.fees, *([self.margin] if isinstance(self.margin, Fraction) else [])]
        return AuctionMechanism(self.instance, self.take("mechanism"), more)

    def ray(self, rate: Fraction) -> Mechanism:
        raise Refusal("ray: there is no compact form; write the whole proof in full")


# ---------------------------------------------------------------------------------------------------------------------
# Symmetric proofs: everything up to relabelling identical agents
#
# A mechanism and multipliers are given at representatives, the profiles whose types do not decrease along any class of
# identical agents. They stand for what relabelling makes of them (docs/proof-format.md proves that this is enough). In the
# layout of a class, o is an orbit of the profiles of the others of its first member; entry k * len(others) + o.
# ---------------------------------------------------------------------------------------------------------------------


class Symmetric(Instance):
    """A question that does not tell the agents of a class apart, ``profiles`` being the representatives.

    ``spot[c][k * others + o]`` is the representative at which a member of class c has type k and the others are o, and
    ``seats`` the members who have type k there. Masses of orbits: ``mass[r]``, and ``against[c][o]`` for the others.
    """

    def __init__(self, data: Any, classes: Any) -> None:
        x, at = self.read_kind(data), "instance.environment"
        if self.kind == "bilateral-trade" or "prior" in x:
            raise Refusal(
                f"{at}: symmetric proofs are about exchange, partnership or social choice with independent types"
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
        buyers = len(x["buyers"]) if self.kind == "exchange" else 0
        for members in self.classes:
            for i in members[1:]:
                self.must_be_alike(given, members[0], i, buyers)
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

    def must_be_alike(self, given: list[Agent], i: int, j: int, buyers: int) -> None:
        """Nothing that counts tells agents i and j apart, so that swapping them maps outcomes to outcomes: the same side of
        the market, values, masses and weight in the objective; outside options too where they count type by type."""
        if self.kind == "social-choice":
            same = self.values[i] == self.values[j]
        else:  # types are named by their values
            same = self.types[i] == self.types[j] and (i < buyers) == (j < buyers)
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


class SymmetricMechanism(Mechanism):
    """Lotteries and payments at representatives. A lottery stands for its average over the relabellings that leave the
    representative as it is, so a member of class c with type k gets the average over the members who have type k there."""

    def __init__(
        self,
        instance: Symmetric,
        money: list[list[Fraction]],
        lotteries: list[Lottery] | None,
        lumps: list[Fraction],
        more: Iterable[Fraction] = (),
    ) -> None:
        self.instance, self.symmetric, self.direction = instance, instance, lotteries is None
        given: list[Lottery] = [()] * instance.count if lotteries is None else lotteries
        parts = unit(q for lottery in given for _, q in lottery)
        parts *= math.lcm(*range(1, max(map(len, instance.classes)) + 1))  # averages over members are whole
        bottoms = {instance.unit * parts, unit(t for row in money for t in row), unit([*lumps, *more])}
        self.unit = common(bottoms, instance.count * len(instance.names), "mechanism: amounts")
        by = self.unit // instance.unit
        self.lotteries = [[(x, q.numerator * (by // q.denominator)) for x, q in lottery] for lottery in given]
        self.outside = [[0 if self.direction else o * by for o in row] for row in instance.outside]
        self.lumps = scaled(lumps, self.unit)
        self.worth: list[list[list[int]]] = []  # v_c(q, k) for each true type k, at each entry of the layout
        self.paid: list[list[int]] = []
        for c, row in enumerate(money):
            places = list(zip(instance.spot[c], instance.seats[c], strict=True))
            self.worth.append([self.worths(self.lotteries[r], seats) for r, seats in places])
            self.paid.append(self.groves(c, scaled(row, self.unit)) if instance.groves else scaled(row, self.unit))
        self.revenue = [-sum([q * instance.costs[x] for x, q in lottery]) for lottery in self.lotteries]
        for c, row_of in enumerate(self.paid):
            for r, seats, t in zip(instance.spot[c], instance.seats[c], row_of, strict=True):
                self.revenue[r] += len(seats) * t

    def worths(self, lottery: list[tuple[int, int]], seats: list[int]) -> list[int]:
        """What the lottery is worth to each true type, averaged over the seats."""
        tables = [self.instance.values[i] for i in seats]
        types = range(len(tables[0]))
        return [sum([q * table[k][x] for table in tables for x, q in lottery]) // len(seats) for k in types]

    def groves(self, c: int, charges: list[int]) -> list[int]:
        """t_c(k, o) = -(surplus at the lottery of the representative - own value) + h_c(o) (C8)."""
        instance, out = self.symmetric, []
        for e, (r, worth) in enumerate(zip(instance.spot[c], self.worth[c], strict=True)):
            k, o = divmod(e, len(charges))
            surplus = sum([q * instance.surplus[r][x] for x, q in self.lotteries[r]])
            out.append(charges[o] - surplus + worth[k])
        return out

    def utilities(self, c: int) -> list[int]:
        """v_c - t_c at each entry of the layout, without lump sums."""
        n = len(self.symmetric.others[c])
        return [worth[e // n] - t for e, (worth, t) in enumerate(zip(self.worth[c], self.paid[c], strict=True))]

    def expected(self, c: int, row: list[int]) -> list[int]:
        """Expectation over the others for each own type; masses in units of 1/P times the own unit."""
        masses = self.symmetric.against[c]
        n = len(masses)
        return [sum([m * x for m, x in zip(masses, row[s : s + n], strict=True)]) for s in range(0, len(row), n)]

    def incentives(self, rows: Rows) -> None:
        """As for single agents, with the menu against each orbit of the others, or the expected one."""
        instance = self.symmetric
        for c, others in enumerate(instance.others):
            n, types = len(others), range(instance.sizes[instance.classes[c][0]])
            if instance.ic == "DSIC":
                menus = [(o, [(self.worth[c][r * n + o], self.paid[c][r * n + o]) for r in types]) for o in range(n)]
                scale = instance.P
            else:
                columns = [self.expected(c, [worth[k] for worth in self.worth[c]]) for k in types]
                paid = self.expected(c, self.paid[c])
                menus = [(0, [([column[r] for column in columns], paid[r]) for r in types])]
                scale = instance.units[c]
            for o, menu in menus:
                rows.checked += len(types) * (len(types) - 1)
                items = {(*worth, payment): r for r, (worth, payment) in reversed(list(enumerate(menu)))}
                for k in types:
                    truth = menu[k][0][k] - menu[k][1]
                    for (*worth, payment), r in items.items():
                        if worth[k] - payment > truth:
                            gain, labels = (worth[k] - payment - truth) * scale, instance.types[instance.classes[c][0]]
                            who = f"{instance.names_of[c]} of type {labels[k]} gains {self.exact(gain)}"
                            where = instance.place(c, k * n + o) if instance.ic == "DSIC" else ""
                            rows.fail(f"{who} by reporting {labels[r]}{where}")

    def participation(self, rows: Rows, fees: list[int], z: int) -> None:
        """Lump sums and, ex ante, outside options are each agent's own."""
        instance, notion = self.symmetric, self.symmetric.ir
        for c, members in enumerate(instance.classes):
            u, n, own = self.utilities(c), len(instance.others[c]), instance.own[c]
            for i in members:
                out, need = self.outside[i], self.lumps[i] + fees[i] + z
                if notion == "ex-post":
                    gaps = [(instance.place(c, e), (x - out[e // n] - need) * instance.P) for e, x in enumerate(u)]
                else:
                    by = instance.units[c]
                    net = [by * x - instance.P * (out[k] + need) for k, x in enumerate(self.expected(c, u))]
                    gaps = [(f" of type {instance.types[i][k]}", gap) for k, gap in enumerate(net)]
                    if notion == "ex-ante":
                        gaps = [("", sum([m * gap for m, gap in zip(own, net, strict=True)]))]
                rows.checked += len(gaps)
                for place, gap in gaps:
                    if gap < 0:
                        short = self.exact(-gap) / (instance.units[c] if notion == "ex-ante" else 1)
                        rows.fail(f"utility of {instance.names[i]}{place} falls short by {short}")

    def balance(self, rows: Rows, fees: list[int], z: int) -> None:
        instance, lump = self.symmetric, sum(self.lumps) + sum(fees) - z
        gaps = [(f" at {instance.at(r)}", (x + lump) * instance.P) for r, x in enumerate(self.revenue)]
        if instance.budget == "no-expected-deficit":
            gaps = [("", sum([m * (x + lump) for m, x in zip(instance.mass, self.revenue, strict=True)]))]
        rows.checked += len(gaps)
        for place, gap in gaps:
            if gap < 0 or (gap and instance.budget == "balanced"):
                how = "falls short" if gap < 0 else "is too high"
                rows.fail(f"revenue{place} {how} by {self.exact(abs(gap))}")

    def objective(self) -> Fraction:
        instance = self.symmetric
        revenue = sum([m * x for m, x in zip(instance.mass, self.revenue, strict=True)])
        total = instance.on_revenue * (self.exact(revenue) + Fraction(sum(self.lumps), self.unit))
        for c, members in enumerate(instance.classes):
            mean = sum([m * x for m, x in zip(instance.own[c], self.expected(c, self.utilities(c)), strict=True)])
            for i in members:
                total += instance.on_utility[i] * (self.exact(mean) - Fraction(self.lumps[i], self.unit))
        return total


class SymmetricLagrangian(Lagrangian):
    """L at mechanisms that treat the members of each class alike. ``payoff[c][entry, k]`` is the coefficient of v_c(q, k) -
    t_c at an entry of the layout, ``revenue[r]`` that of the revenue at a representative, in units of 1/(W * P); constant:
    1/(W * P * D * share), share making averages over members whole."""

    def __init__(self, instance: Instance, groups: list[Group], bounds: str) -> None:
        assert isinstance(instance, Symmetric)
        self.instance, self.symmetric, self.bounds = instance, instance, bounds
        W = common_weight(instance, groups)
        METER.get().work(instance.count, W.bit_length() + instance.P.bit_length(), "multipliers")
        self.unit, self.share = W * instance.P, math.lcm(*range(1, max(map(len, instance.classes)) + 1))
        self.payoff = [defaultdict[tuple[int, int], int](int) for _ in instance.classes]
        self.revenue = [0] * instance.count
        self.constant, self.z = 0, self.unit if bounds == "margin" else 0
        if bounds == "objective":
            for c, members in enumerate(instance.classes):
                self.add_own(c, None, len(members) * scaled([instance.on_utility[members[0]]], W)[0])
            self.add_all(scaled([instance.on_revenue], W)[0])
        for group in groups:
            if SCOPE[group.notion] != "profile":
                METER.get().take(len(group.spots) * instance.count)
            for row, w in group.rows(W):
                self.add(row, w)

    def add(self, row: Row, w: int) -> None:
        instance, c = self.symmetric, self.symmetric.home[row.agent]
        if row.name == instance.z_in:
            self.z -= w * instance.P
        if row.name == "budget":
            if SCOPE[row.notion]:
                self.revenue[instance.representative_at(row.spot)] += w * instance.P
            else:
                self.add_all(w)
            return
        first = instance.classes[c][0]
        if SCOPE[row.notion] == "profile":
            r = instance.representative_at(row.spot)
            k = instance.profiles[r][row.agent]
            e, n = instance.entry[c][r, k], len(instance.others[c])
            first, outside = instance.seats[c][e][0], self.mean_outside(c, k, w)
            self.payoff[c][e, k] += w * instance.P
            if row.name != "IR":
                self.payoff[c][row.report * n + e % n, k] -= w * instance.P
        else:
            own = row.spot if SCOPE[row.notion] else None
            outside = self.mean_outside(c, own, w)
            self.add_own(c, own, w)
            if row.name != "IR":
                self.add_own(c, own, -w, row.report)
        if row.name == "IR":
            self.constant -= outside
        if row.agent != first:
            raise Refusal(
                f"multipliers: {instance.names[row.agent]} where {instance.names[first]} stands for his class"
            )

    def mean_outside(self, c: int, k: int | None, w: int) -> int:
        """w times the outside option of type k, or its mean over types and members."""
        instance, members = self.symmetric, self.symmetric.classes[c]
        if k is not None:
            return w * instance.P * instance.outside[members[0]][k] * self.share
        columns = zip(*(instance.outside[i] for i in members), strict=True)
        total = sum([m * sum(column) for m, column in zip(instance.own[c], columns, strict=True)])
        return w * total * (instance.P // instance.units[c]) * (self.share // len(members))

    def add_own(self, c: int, k: int | None, w: int, report: int | None = None) -> None:
        """Add w times the expected payoff of type k of class c (who may report another), or of all types."""
        instance, masses = self.symmetric, self.symmetric.against[c]
        types = [(k, instance.units[c])] if k is not None else list(enumerate(instance.own[c]))
        for own, m in types:
            at = (own if report is None else report) * len(masses)
            for o, mass in enumerate(masses):
                if m * mass:
                    self.payoff[c][at + o, own] += w * m * mass

    def add_all(self, w: int) -> None:
        """Add w times the expected revenue."""
        self.revenue = [x + w * m for x, m in zip(self.revenue, self.symmetric.mass, strict=True)]

    def bound(self) -> Fraction:
        instance = self.symmetric
        if self.bounds != "objective":
            self.must_vanish(self.z, "z")
        on_q = [[-r * cost * self.share for cost in instance.costs] for r in self.revenue]
        for c, payoff in enumerate(self.payoff):
            n, known = len(instance.others[c]), dict[tuple[int, int, int], list[int]]()
            on_t = [len(seats) * self.revenue[r] for r, seats in zip(instance.spot[c], instance.seats[c], strict=True)]
            for (e, k), w in payoff.items():
                on_t[e] -= w
                self.add_to(on_q[instance.spot[c][e]], w, self.mean(c, e, k, known))
            for e, w in enumerate(on_t):
                if not instance.groves:
                    self.must_vanish(w, "the transfer of {} at {}", instance.seats[c][e][0], instance.spot[c][e])
                elif w:  # t_c(k, o) = h_c(o) - (surplus - own value)
                    row = on_q[instance.spot[c][e]]
                    self.add_to(row, w, self.mean(c, e, e // n, known))
                    self.add_to(row, -w * self.share, instance.surplus[instance.spot[c][e]])
            for o in range(n if instance.groves else 0):
                first, spot = instance.seats[c][o][0], instance.spot[c][o]
                self.must_vanish(sum(on_t[o::n]), "the charge of {} against the others at {}", first, spot)
        total: int | Fraction = self.constant
        for row, choices in zip(on_q, instance.choices, strict=True):
            total += max(row[q[0][0]] if len(q) == 1 else sum(c * row[x] for x, c in q) for q in choices)
        return Fraction(total) / (self.unit * instance.unit * self.share)

    @staticmethod
    def add_to(row: list[int], w: int, by: list[int]) -> None:
        row[:] = [a + w * b for a, b in zip(row, by, strict=True)]

    def mean(self, c: int, e: int, k: int, known: dict[tuple[int, int, int], list[int]]) -> list[int]:
        """share times v_i(x, k) for each outcome x, averaged over the members i who have the entry's type there."""
        seats = self.symmetric.seats[c][e]
        name = seats[0], len(seats), k
        if name not in known:
            rows = [self.symmetric.values[i][k] for i in seats]
            known[name] = [sum(vs) * (self.share // len(seats)) for vs in zip(*rows, strict=True)]
        return known[name]


class SymmetricClaim(Claim):
    """A claim shown up to relabelling identical agents."""

    lagrangian = SymmetricLagrangian
    rows = "constraints (up to relabelling)"

    def money(self, x: Any, where: str, also: Iterable[str] = ()) -> list[list[Fraction]]:
        """Payments (or charges) of each class, in its layout."""
        instance = self.instance
        assert isinstance(instance, Symmetric)
        key, more = "charges" if instance.groves else "transfers", ["lump-sums"] if also else []
        rows = listed(keyed(x, where, [key, *also], more)[key], f"{where}.{key}", len(instance.classes))
        sizes = map(len, instance.others if instance.groves else instance.spot)
        return [numbers(row, f"{where}.{key}[{c}]", n) for c, (row, n) in enumerate(zip(rows, sizes, strict=True))]

    def mechanism(self) -> Mechanism:
        data, instance = self.take("mechanism"), self.instance
        assert isinstance(instance, Symmetric)
        money, lumps = self.money(data, "mechanism", ["allocation"]), [Fraction(0)] * len(instance.names)
        if "lump-sums" in data:
            lumps = numbers(data["lump-sums"], "mechanism.lump-sums", len(instance.names))
        more = [*self.fees, *([self.margin] if isinstance(self.margin, Fraction) else [])]
        return SymmetricMechanism(instance, money, read_allocation(instance, data["allocation"]), lumps, more)

    def ray(self, rate: Fraction) -> Mechanism:
        instance = self.instance
        assert isinstance(instance, Symmetric)
        none = [Fraction(0)] * len(instance.names)
        ray = SymmetricMechanism(instance, self.money(self.take("ray"), "ray"), None, none)
        self.say(f"the ray keeps {ray.check(rate, none)}")
        return ray


# ---------------------------------------------------------------------------------------------------------------------
# The question: its canonical form, its name, its description, and how it differs from another (docs/proof-format.md)
# ---------------------------------------------------------------------------------------------------------------------


def question_of(instance: dict[str, Any]) -> str:
    """The name of a valid question, restated as in a proof: 16 hexadecimal digits."""
    return digest(canonical(instance))


def digest(content: dict[str, Any]) -> str:
    """The first 16 hexadecimal digits of SHA-256 over the canonical form as JSON: sorted keys, no blanks, ASCII."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:16]


def canonical(instance: dict[str, Any]) -> dict[str, Any]:
    """What makes a valid question this one and no other. Left out: title, names of agents, types and outcomes, masses
    beside a joint prior, profiles of probability 0 in it, the tie rule where the allocation is not efficient."""
    x, requirements = instance["environment"], dict(instance["requirements"])
    environment: dict[str, Any] = {"kind": x["kind"]}
    for key in {"buyer", "seller"} & set(x):
        environment[key] = _content(x[key], "prior" in x)
    for key in {"buyers", "sellers", "agents"} & set(x):
        environment[key] = [_content(agent, "prior" in x) for agent in x[key]]
    if "costs" in x:
        environment["costs"] = in_lowest_terms(x["costs"])
    if "prior" in x:
        listed_masses = [[*entry["types"], entry["probability"]] for entry in x["prior"]["profiles"]]
        environment["prior"] = sorted(entry for entry in listed_masses if entry[-1] != "0")
    allocation = requirements["allocation"]
    if type(allocation) is dict and "table" in allocation:
        requirements["allocation"] = {"table": [in_lowest_terms(row) for row in allocation["table"]]}
    if allocation != "efficient":
        del requirements["ties"]
    return {"environment": environment, "requirements": requirements, "objective": _goal(instance["objective"])}


def _content(agent: dict[str, Any], correlated: bool) -> dict[str, Any]:
    """An agent without names; without probabilities if there is a joint prior."""
    out: dict[str, Any] = {key: agent[key] for key in ("share", "outside", "probability") if key in agent}
    out |= {key: in_lowest_terms(agent[key]) for key in ("values", "probabilities", "utility") if key in agent}
    if "types" in agent:
        out["types"] = [_content(one, correlated) for one in agent["types"]]
    for key in ("probabilities", "probability"):
        if correlated:
            out.pop(key, None)
    return out


def _goal(objective: dict[str, Any]) -> Any:
    """Weights that have a name are called by it."""
    goal = objective["maximize"]
    if type(goal) is not dict:
        return goal
    weights = in_lowest_terms(goal["utility"])
    for name, (utility, revenue) in OBJECTIVES.items():
        if set(weights) == {str(utility)} and goal["revenue"] == str(revenue):
            return name
    return {"utility": weights, "revenue": goal["revenue"]}


def in_lowest_terms(x: Any) -> list[str]:
    """A valid list of numbers, each as a text in lowest terms."""
    return list(map(str, spelled(column(x, "numbers")))) if type(x) is dict else list(x)


def differences(proved: Any, asked: Any, where: str = "") -> list[str]:
    """Where two canonical forms differ: the first few places, with what stands there."""
    if proved == asked:
        return []
    found: list[str] = []
    if type(proved) is dict and type(asked) is dict:
        pairs = [(f"{where}.{key}", proved.get(key), asked.get(key)) for key in sorted({*proved, *asked})]
    elif type(proved) is list and type(asked) is list and len(proved) == len(asked):
        pairs = [(f"{where}[{n}]", mine, theirs) for n, (mine, theirs) in enumerate(zip(proved, asked, strict=True))]
    else:
        return [f"{where.lstrip('.')}: {_shown(proved)} in the proof, {_shown(asked)} in the question asked"]
    for place, mine, theirs in pairs:
        found += differences(mine, theirs, place)
        if len(found) > SHOWN:
            return [*found[:SHOWN], "and more"]
    return found


def _shown(x: Any) -> str:
    if x is None:
        return "nothing"
    if type(x) is list:
        return f"{len(x)} entries"
    return _cut(x) if type(x) is str else reprlib.repr(x)


def _cut(text: str, most: int = 60) -> str:
    """A text for people, not too long."""
    return text if len(text) <= most else f"{text[:most]}... ({len(text):,} characters)"


def _few(texts: Sequence[str]) -> str:
    """The first of many, and the last."""
    if len(texts) > 2 * SHOWN:
        return f"{', '.join(map(_cut, texts[:SHOWN]))}, ..., {_cut(texts[-1])} ({len(texts):,} in all)"
    return ", ".join(map(_cut, texts))


def described(content: dict[str, Any], instance: Instance) -> list[str]:
    """A line for each agent, and for costs, prior, table and weights where there are any."""
    x, lines = content["environment"], list[str]()
    groups = [
        x[key] if type(x[key]) is list else [x[key]] for key in ("buyer", "buyers", "seller", "sellers") if key in x
    ]
    agents = [agent for group in groups for agent in group] + x.get("agents", [])
    for agent, names in _alike(agents, instance.names):
        lines.append(f"{names}: {_agent(agent)}")
    if "costs" in x:
        lines.append(f"outcomes: {_few(list(map(str, instance.outcomes)))}; costs: {_few(x['costs'])}")
    if "prior" in x:
        masses = [f"({', '.join(map(str, entry[:-1]))}) {_cut(entry[-1])}" for entry in x["prior"]]
        lines.append(f"joint prior, by type numbers: {_few(masses)}")
    rule = content["requirements"]["allocation"]
    if type(rule) is dict and "table" in rule:
        lines.append(f"allocation by profile: {_few([f'({_few(row)})' for row in rule['table']])}")
    goal = content["objective"]
    if type(goal) is dict:
        goal = f"utilities {_few(goal['utility'])}, revenue {_cut(goal['revenue'])}"
    lines.append(f"objective: {goal}")
    shown, more = lines[:20], len(lines) - 21
    return [*shown, f"... ({more} more lines)", lines[-1]] if more > 0 else lines


def _alike(agents: list[Any], names: Sequence[str]) -> Iterator[tuple[Any, str]]:
    """Neighbours that are the same but for their names, together."""
    first = 0
    for n, agent in enumerate(agents):
        if n + 1 == len(agents) or agents[n + 1] != agent:
            yield agent, _cut(names[first]) + (f" to {_cut(names[n])}" if n > first else "")
            first = n + 1


def _agent(agent: dict[str, Any]) -> str:
    parts = [f"share {_cut(agent['share'])}"] if "share" in agent else []
    if "types" in agent:
        types = agent["types"]
        parts.append("utilities " + _few([f"({_few(one['utility'])})" for one in types]))
        parts.append(f"outside {_few([one['outside'] for one in types])}")
        if "probability" in types[0]:
            parts.append(f"probabilities {_few([one['probability'] for one in types])}")
    else:
        parts.append(f"values {_few(agent['values'])}")
        if "probabilities" in agent:
            parts.append(f"probabilities {_few(agent['probabilities'])}")
    return "; ".join(parts)


# ---------------------------------------------------------------------------------------------------------------------
# Files
# ---------------------------------------------------------------------------------------------------------------------


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        seen = set[str]()
        for key, _ in pairs:
            if key in seen:
                raise Refusal(f"a key is given twice: {reprlib.repr(key)}")
            seen.add(key)
    return out


def _no_float(text: str) -> Any:
    raise Refusal(f'{reprlib.repr(text)} is not exact; numbers are texts such as "13/600"')


def _small_int(text: str) -> int:
    if len(text) > 10:
        raise Refusal(f"{reprlib.repr(text)}: whole numbers outside quotes number agents, types and outcomes only")
    return int(text)


def _file_bytes(path: Path) -> bytes:
    """What a file holds; a pipe, a device, a socket or a directory is refused and not waited for."""
    if not path.is_file() and path.exists():
        raise Refusal("cannot open the file: a folder, a pipe or a device", unreadable=True)
    with open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise Refusal("cannot open the file: a folder, a pipe or a device", unreadable=True)
        return stream.read() if METER.get().lifted else fits(stream.read(MAX_BYTES + 1))


def load(path: str | Path) -> Any:
    """The parsed file. Not JSON, or no file at all: a refusal marked unreadable."""
    try:
        raw = _file_bytes(Path(path))
        return json.loads(
            raw.decode("utf-8"),
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


def check(proof: Any, report: Report, asked: dict[str, Any] | None = None) -> None:
    """Refuses unless the proof proves its claim, about the question asked if one is given; notes in the report what was
    claimed and established."""
    if type(proof) is not dict or proof.get("format") != FORMAT:
        raise Refusal(f'not a proof: an object with "format": "{FORMAT}" is needed', unreadable=True)
    keyed(proof, "proof", ("format", "instance", "claim"), OPTIONAL)
    claimed = proof["claim"] if type(proof["claim"]) is dict else {}
    text = {key: claimed.get(key) for key in ("verdict", "margin", "value")}
    report.verdict, report.margin, report.value = (x if type(x) is str else None for x in text.values())
    title = proof["instance"].get("title") if type(proof["instance"]) is dict else None
    report.title = title if type(title) is str else ""
    reading, instance = read_instance(proof)
    content = canonical(proof["instance"])
    report.question = digest(content)
    report.description = described(content, instance)
    report.checks.append(f"the instance is valid: {instance}; question {report.question}")
    if asked is not None:
        differ = differences(content, canonical(asked))
        if differ:
            raise Refusal("this is a proof of another question", *differ)
        report.checks.append("the question is the one asked")
    reading(proof, instance, report).check()


def read_instance(proof: dict[str, Any]) -> tuple[type[Claim], Instance]:
    """How the proof is to be read, and its instance."""
    if proof.get("symmetry") is not None:
        if is_compact(proof):
            raise Refusal("symmetry: compact parts are about a buyer and a seller")
        return SymmetricClaim, Symmetric(proof["instance"], proof["symmetry"])
    if is_compact(proof) and is_exchange(proof["instance"]):
        return AuctionClaim, Auction(proof["instance"])
    if is_compact(proof):
        return CompactClaim, Trade(proof["instance"])
    return Claim, Instance(proof["instance"])


def verify(proof: str | Path | dict[str, Any], *, instance: Any = None, limits: bool = True) -> Report:
    """Check a proof, given as a path or as the parsed file. Never raises: what cannot be checked is refused.

    ``instance``: the question it has to be about, restated as in a proof file, or an object whose ``table()`` restates it.
    ``limits``: refuse what asks for too much work or memory, before it is expanded.
    """
    return _verified(proof, Meter(entries=0, lifted=not limits), instance)


def verify_own(proof: dict[str, Any]) -> Report:
    """Check a proof that was made here: no limits but ``MAX_CELLS`` and ``MAX_DIGITS``."""
    return _verified(proof, Meter(), None)


def _verified(proof: str | Path | dict[str, Any], meter: Meter, instance: Any) -> Report:
    report, token = Report(), METER.set(meter)
    try:
        parsed = load(proof) if isinstance(proof, str | Path) else proof
        if meter.entries is not None and not meter.lifted:
            meter.entries = measured(parsed)
        check(parsed, report, instance.table() if hasattr(instance, "table") else instance)
    except Refusal as refusal:
        report.problems.extend(refusal.problems)
        report.unreadable = refusal.unreadable
    except Exception as problem:  # fail closed: nothing that was not foreseen is accepted
        report.problems.append(f"the check broke down ({type(problem).__name__}: {problem}); nothing is proved")
    else:
        report.accepted = True
    finally:
        METER.reset(token)
    return report


def verify_files(files: Sequence[str], *, instance: Any = None, limits: bool = True) -> int:
    """Report on each file; 0 all accepted, 1 one refused, 2 one that cannot be read."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    status = 0
    try:
        for file in files:
            report = verify(file, instance=instance, limits=limits)
            print(f"{_printable(file)}: {report}", file=sys.stderr if report.unreadable else sys.stdout, flush=True)
            status = max(status, 2 if report.unreadable else 0 if report.accepted else 1)
    except BrokenPipeError:  # whoever reads has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as problem:
        print(f"the report could not be written: {problem.strerror}", file=sys.stderr)
        return 2
    return status


def main(argv: Sequence[str] | None = None) -> int:
    """Command line of the verifier by itself."""
    given = list(sys.argv[1:] if argv is None else argv)
    files = [file for file in given if file != "--no-limits"]
    if not files or files[0] in {"-h", "--help"}:
        print("usage: verify.py [--no-limits] PROOF.json ...", file=sys.stdout if files else sys.stderr)
        return 0 if files else 2
    return verify_files(files, limits="--no-limits" not in given)


if __name__ == "__main__":
    sys.exit(main())
