"""Interim chances of an efficient allocation whose ties are broken by rank: nothing is enumerated that can be added up.

Social choice: laws of sums of utilities, by polynomials where all utilities lie on one line, else in a table. Partnership
and exchange: the highest values hold the goods, by order statistics.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import accumulate

import flint

from lpmech.answer.interim_types import Types
from lpmech.base.errors import TooLargeError

Vector = tuple[int, ...]
Level = tuple[int, int]

MOST_STATES = 20_000
"""Most different sums of utilities that are kept."""
MOST_STEPS = 1_000_000
"""Most sums that are formed: about a second."""
MOST_DIGITS = 60_000
"""Longest denominator, in decimal digits: numbers in proofs have at most 100,000 characters."""


@dataclass
class Chances:
    """``of[c][report]``: {slot: chance, in units of 1/over[c]}. ``tied``: several outcomes are largest at a profile where
    at most one agent has a type of probability 0."""

    over: list[int] = field(default_factory=list)
    of: list[list[dict[int, int]]] = field(default_factory=list)
    tied: bool = False

    def chance(self, c: int, report: int) -> dict[int, Fraction]:
        """Chance of each slot when a member of class c reports."""
        return {slot: Fraction(q, self.over[c]) for slot, q in self.of[c][report].items() if q}


class Laws:
    """For each class the law of the others' total worth, which is the same for all ranks."""

    def __init__(self, types: Types) -> None:
        self.types = types
        self.everybody = math.prod(by**n for by, n in zip(types.units, types.members, strict=True))
        if self.everybody.bit_length() > 3 * MOST_DIGITS:
            raise TooLargeError("the probabilities of profiles are too long for a proof")
        self._steps = 0
        self.others = [] if types.alone else self._others()

    def chances(self, ranks: Sequence[Sequence[int]]) -> Chances:
        """With ties broken by rank: ranks[0][x] of outcome x, or ranks[c][k] in a partnership."""
        t = self.types
        if t.alone:
            self._take(sum(map(len, t.own)) * sum(t.members) ** 2 * t.goods)
            return self._highest(ranks)
        self._take(sum(len(law) * len(own) for law, own in zip(self.others, t.own, strict=True)) * len(t.costs))
        return self._largest(ranks[0])

    # ---- social choice -----------------------------------------------------------------------------------------------

    def _others(self) -> list[dict[Vector, int]]:
        t = self.types
        relative = [[tuple(v - row[0] for v in row) for row in table] for table in t.worth]
        line = _line(tuple(a - b for a, b in zip(row, table[0], strict=True)) for table in relative for row in table)
        laws = self._on_line(relative, line) if line else None
        if laws is not None:
            return laws
        counts = [[n - (j == c) for j, n in enumerate(t.members)] for c in range(len(relative))]
        return [self._in_table(relative, row) for row in counts]

    def _take(self, steps: int) -> None:
        self._steps += steps
        if self._steps > MOST_STEPS:
            raise TooLargeError("finding interim chances takes too many steps", expected=f"at most {MOST_STEPS:,}")

    def _on_line(self, relative: list[list[Vector]], step: Vector) -> list[dict[Vector, int]] | None:
        """Coefficients of a product of polynomials, one for each agent, without that of a member of a class."""
        t, at = self.types, next(j for j, x in enumerate(step) if x)
        whole, base, length, factors, starts = flint.fmpz_poly([1]), [0] * len(step), 1, [], []
        for table, own, n in zip(relative, t.own, t.members, strict=True):
            likely = [(row, m) for row, m in zip(table, own, strict=True) if m]
            start = min((row for row, _ in likely), key=lambda row: row[at] * (1 if step[at] > 0 else -1))
            places = [((row[at] - start[at]) // step[at], m) for row, m in likely]
            length += n * max(place for place, _ in places)
            if length > MOST_STATES:
                return None
            coefficients = [0] * (1 + max(place for place, _ in places))
            for place, m in places:
                coefficients[place] += m
            factors.append(flint.fmpz_poly(coefficients))
            starts.append(start)
            base = [a + n * b for a, b in zip(base, start, strict=True)]
        self._take((len(relative) - 1) * length**2 // 4)
        for factor, n in zip(factors, t.members, strict=True):
            whole *= factor**n
        laws = []
        for factor, start in zip(factors, starts, strict=True):
            first = [b - x for b, x in zip(base, start, strict=True)]
            masses = enumerate((whole // factor).coeffs())
            laws.append({tuple(b + s * x for b, x in zip(first, step, strict=True)): int(m) for s, m in masses if m})
        return laws

    def _in_table(self, relative: list[list[Vector]], counts: list[int]) -> dict[Vector, int]:
        """One agent after another, equal sums together."""
        law: dict[Vector, int] = {(0,) * len(self.types.costs): 1}
        for c, table in enumerate(relative):
            one: dict[Vector, int] = defaultdict(int)
            for row, m in zip(table, self.types.own[c], strict=True):
                if m:
                    one[row] += m
            for _ in range(counts[c]):
                self._take(len(law) * len(one))
                more: dict[Vector, int] = defaultdict(int)
                for total, m in law.items():
                    for row, w in one.items():
                        more[tuple(a + b for a, b in zip(total, row, strict=True))] += m * w
                law = more
                if len(law) > MOST_STATES:
                    raise TooLargeError("too many different sums of utilities", expected=f"at most {MOST_STATES:,}")
        return law

    def _largest(self, ranks: Sequence[int]) -> Chances:
        t, out = self.types, Chances()
        split = math.lcm(*range(1, len(t.costs) + 1))
        seen: dict[Vector, list[int]] = {}
        for c, table in enumerate(t.worth):
            out.over.append(self.everybody // t.units[c] * split)
            rows = []
            for row in table:
                chances: dict[int, int] = defaultdict(int)
                net = [v - row[0] - cost for v, cost in zip(row, t.costs, strict=True)]
                for total, m in self.others[c].items():
                    surplus = tuple(a + b for a, b in zip(total, net, strict=True))
                    if surplus not in seen:
                        most = max(surplus)
                        tied = [x for x, s in enumerate(surplus) if s == most]
                        out.tied = out.tied or len(tied) > 1
                        low = min(ranks[x] for x in tied)
                        seen[surplus] = [x for x in tied if ranks[x] == low]
                    best = seen[surplus]
                    for x in best:
                        chances[x] += m * (split // len(best))
                rows.append(dict(chances))
            out.of.append(rows)
        return out

    # ---- goods -------------------------------------------------------------------------------------------------------

    def _highest(self, ranks: Sequence[Sequence[int]]) -> Chances:
        """The highest values hold the goods, then the lowest ranks; who are level have equal chances of those left."""
        t = self.types
        split = math.lcm(*range(1, sum(t.members) + 1))
        held = [[(v, -r) for v, r in zip(vs, rs, strict=True)] for vs, rs in zip(t.held, ranks, strict=True)]
        out = Chances([self.everybody // unit * split for unit in t.units], [], self._tied)
        for c, (row, over) in enumerate(zip(held, out.over, strict=True)):
            chances = []
            for level in row:
                holds = 0
                for above, law in enumerate(self._against(held, c, level)):
                    left = t.goods - above
                    holds += sum(int(m) * min(split, split * left // (n + 1)) for n, m in enumerate(law.coeffs()))
                chances.append({0: over - holds if t.sells[c] else holds})
            out.of.append(chances)
        return out

    @cached_property
    def _tied(self) -> bool:
        """Whether somebody may be level with others, in value, for fewer goods than they are."""
        goods, levels = self.types.goods, [[(v, 0) for v in row] for row in self.types.held]
        return any(
            m and above + n >= goods
            for c, row in enumerate(levels)
            for level in row
            for above, law in enumerate(self._against(levels, c, level))
            for n, m in enumerate(law.coeffs())
        )

    def _against(self, levels: Sequence[Sequence[Level]], c: int, level: Level) -> list[flint.fmpz_poly]:
        """For 0, 1, ... others above a level, fewer than there are goods: the masses of 0, 1, ... others at it.

        With chances G, p, A to be below, at and above, n agents of one class have C(n, a) A^a (G + p x)^(n - a)."""
        t = self.types
        out = [flint.fmpz_poly([1])]
        for d, row in enumerate(levels):
            n, upto = t.members[d] - (d == c), self._upto[d]
            if not n:
                continue
            G, F = upto[bisect_left(row, level)], upto[bisect_right(row, level)]
            most = min(n, t.goods - 1) if upto[-1] > F else 0
            one = flint.fmpz_poly([G, F - G])
            factor = [math.comb(n, a) * (upto[-1] - F) ** a * one ** (n - a) for a in range(most + 1)]
            size = min(t.goods, len(out) + len(factor) - 1)
            product = [flint.fmpz_poly([]) for _ in range(size)]
            for a, x in enumerate(out):
                for b, y in enumerate(factor[: size - a]):
                    product[a + b] += x * y
            out = product
        return out

    @cached_property
    def _upto(self) -> list[list[int]]:
        """Of each class the masses of the first 0, 1, ... types."""
        return [list(accumulate(own, initial=0)) for own in self.types.own]


def _line(moves: Iterable[Vector]) -> Vector | None:
    """The longest whole vector that all moves are whole multiples of; None if they are on no line, or all 0."""
    step: Vector | None = None
    at = 0
    for move in moves:
        if not any(move):
            continue
        if step is None:
            step, at = move, next(j for j, x in enumerate(move) if x)
            continue
        if any(a * step[at] != move[at] * x for a, x in zip(move, step, strict=True)):
            return None
        g = math.gcd(move[at], step[at])
        step = tuple(x * g // abs(step[at]) for x in step)
    return step
