"""Interim chances of outcomes, without going through the profiles: sums of utilities, and highest scores.

Masses are whole numbers; so are all sums and products of them.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lpmech.verify.reading.limits import METER

Vector = tuple[int, ...]
Law = dict[Vector, int]
"""Totals and their masses, in units of one over the product of the agents' units."""

LONGEST = 200_000
"""Longest list of sums along one line; beyond it sums are kept in a table."""


@dataclass
class Chances:
    """For each class ``over`` and ``of[report]``: {slot: chance in units of 1/over}. ``tied``: whether several outcomes are
    largest at a profile at which at most one agent has a type of probability 0."""

    over: list[int]
    of: list[list[dict[int, int]]]
    tied: bool


# ---- sums ----------------------------------------------------------------------------------------------------------------


def added(a: Vector, b: Vector) -> Vector:
    return tuple([x + y for x, y in zip(a, b, strict=True)])


def times(a: Law, b: Law) -> Law:
    """The law of the sum of two independent totals."""
    METER.get().take(len(a) * len(b))
    out: Law = defaultdict(int)
    for x, m in a.items():
        for y, w in b.items():
            out[added(x, y)] += m * w
    return dict(out)


def direction(moves: Iterable[Vector]) -> Vector | None:
    """The shortest whole vector that all moves are whole multiples of, up to sign; None if they are on no line."""
    u: Vector | None = None
    step = 0
    for move in moves:
        g = math.gcd(*move)
        if not g:
            continue
        one = tuple(x // g for x in move)
        if u is None:
            u = one
        if one != u and tuple(-x for x in one) != u:
            return None
        step = math.gcd(step, g)
    return None if u is None else tuple(step * x for x in u)


def power(a: list[int], n: int) -> list[int]:
    """The coefficients of (sum of a_j y^j)^n, a_0 > 0: c = p^n has p c' = n p' c, so m a_0 c_m is the sum over j >= 1 of
    (n j - (m - j)) a_j c_(m-j)."""
    terms = [(j, x) for j, x in enumerate(a) if j and x]
    size = n * (len(a) - 1) + 1
    METER.get().take(size * (1 + len(terms)))
    METER.get().work(size * (1 + len(terms)), n * sum(a).bit_length(), "sums of utilities")
    c = [a[0] ** n]
    for m in range(1, size):
        total = sum([(n * j - m + j) * x * c[m - j] for j, x in terms if j <= m])
        c.append(total // (m * a[0]))
    return c


def along(law: Law, n: int, step: Vector) -> Law:
    """The law of the sum of n copies, whose values differ by whole multiples of ``step``."""
    pivot = next(at for at, x in enumerate(step) if x)
    places = sorted((x[pivot] // step[pivot], m) for x, m in law.items())
    first = places[0][0]
    a = [0] * (places[-1][0] - first + 1)
    for place, m in places:
        a[place - first] += m
    start = next(x for x in law if x[pivot] // step[pivot] == first)
    base = tuple(n * x for x in start)
    return {added(base, tuple([s * x for x in step])): m for s, m in enumerate(power(a, n)) if m}


def copies(law: Law, n: int, size: int) -> Law:
    """The law of the sum of n independent totals of one law; ``size`` is the length of a vector."""
    if not n:
        return {(0,) * size: 1}
    if n == 1 or len(law) == 1:
        return law if n == 1 else {tuple(n * x for x in v): m**n for v, m in law.items()}
    first = next(iter(law))
    step = direction(tuple(a - b for a, b in zip(x, first, strict=True)) for x in law)
    if step is not None:
        spread = max(max(abs(a - b) for a, b in zip(x, first, strict=True)) for x in law) // max(map(abs, step))
        if 2 * n * spread <= LONGEST:
            return along(law, n, step)
    out = law
    for _ in range(n - 1):
        out = times(out, law)
    return out


def choice(
    vectors: Sequence[Sequence[Vector]],
    masses: Sequence[Sequence[int]],
    units: Sequence[int],
    members: Sequence[int],
    costs: Vector,
    ranks: Sequence[int],
) -> Chances:
    """Social choice. ``vectors[c][k]``: what each outcome is worth to a type of class c. The largest total less the cost
    wins; among several, those of lowest rank have equal chances."""
    size, split = len(costs), math.lcm(*range(1, len(costs) + 1))
    laws: list[Law] = []
    for rows, own in zip(vectors, masses, strict=True):
        law: Law = defaultdict(int)
        for x, m in zip(rows, own, strict=True):
            if m:
                law[x] += m
        laws.append(dict(law))
    whole = [copies(law, n, size) for law, n in zip(laws, members, strict=True)]
    nobody: Law = {(0,) * size: 1}
    heads, tails = [nobody], [nobody]
    for law in whole[:-1]:
        heads.append(times(heads[-1], law))
    for law in whole[:0:-1]:
        tails.append(times(tails[-1], law))
    tails.reverse()
    everybody = math.prod(unit**n for unit, n in zip(units, members, strict=True))
    chances = Chances([], [], False)
    best: dict[Vector, list[int]] = {}
    for c, rows in enumerate(vectors):
        others = times(times(heads[c], copies(laws[c], members[c] - 1, size)), tails[c])
        chances.over.append(everybody // units[c] * split)
        METER.get().take(len(others) * len(rows) * size)
        METER.get().work(len(others) * len(rows), everybody.bit_length(), "sums of utilities")
        chances.of.append([])
        for own in rows:
            got: dict[int, int] = defaultdict(int)
            net = tuple([v - cost for v, cost in zip(own, costs, strict=True)])
            for total, m in others.items():
                at = added(total, net)
                if at not in best:
                    most = max(at)
                    tied = [x for x, v in enumerate(at) if v == most]
                    lowest = min(ranks[x] for x in tied)
                    best[at] = [x for x in tied if ranks[x] == lowest]
                    chances.tied |= len(tied) > 1
                for slot in best[at]:
                    got[slot] += m * (split // len(best[at]))
            chances.of[-1].append(dict(got))
    return chances


# ---- goods ---------------------------------------------------------------------------------------------------------------

Level = tuple[int, int]


class Goods:
    """``goods`` goods for agents of classes with types of increasing worth ``held[c]``: the highest hold them. Masses
    ``own[c]`` in units of 1/units[c]; ``sells[c]``: the slot is to give a good away, else to hold one."""

    def __init__(
        self,
        goods: int,
        held: Sequence[Sequence[int]],
        own: Sequence[Sequence[int]],
        units: Sequence[int],
        members: Sequence[int],
        sells: Sequence[bool],
    ) -> None:
        self.goods, self.held, self.own, self.units = goods, held, own, units
        self.members, self.sells = members, sells
        self.everybody = math.prod(unit**n for unit, n in zip(units, members, strict=True))

    def law(self, c: int, levels: Sequence[Sequence[Level]], level: Level) -> dict[tuple[int, int], int]:
        """Masses of how many of the others of a member of class c are above a level, and how many at it; cases in which at
        least as many are above as there are goods are left out."""
        law = {(0, 0): 1}
        METER.get().take(3 * sum(map(len, levels)))
        for d, row in enumerate(levels):
            pairs = list(zip(row, self.own[d], strict=True))
            below = sum([m for other, m in pairs if other < level])
            same = sum([m for other, m in pairs if other == level])
            above = self.units[d] - below - same
            for _ in range(self.members[d] - (d == c)):
                METER.get().take(3 * len(law))
                METER.get().work(3 * len(law), self.everybody.bit_length(), "highest values")
                more: dict[tuple[int, int], int] = defaultdict(int)
                for (a, b), m in law.items():
                    for key, w in (((a, b), below), ((a, b + 1), same), ((a + 1, b), above)):
                        if w and key[0] < self.goods:
                            more[key] += m * w
                law = dict(more)
        return law

    def tied(self) -> bool:
        """Whether somebody is level in value with others for fewer goods than they are."""
        levels = [[(v, 0) for v in row] for row in self.held]
        return any(
            a + b >= self.goods for c, row in enumerate(levels) for level in row for a, b in self.law(c, levels, level)
        )

    def chances(self, ranks: Sequence[Sequence[int]]) -> Chances:
        """Of equal values those of lower rank come first; who are level have equal chances of the goods that are left."""
        levels = [[(v, -r) for v, r in zip(vs, rs, strict=True)] for vs, rs in zip(self.held, ranks, strict=True)]
        split = math.lcm(*range(1, sum(self.members) + 1))
        out = Chances([self.everybody // unit * split for unit in self.units], [], False)
        for c, row in enumerate(levels):
            out.of.append([])
            for level in row:
                holds = 0
                for (a, b), m in self.law(c, levels, level).items():
                    left = self.goods - a
                    holds += m * (split if b + 1 <= left else split // (b + 1) * left)
                out.of[-1].append({0: out.over[c] - holds if self.sells[c] else holds})
        return out
