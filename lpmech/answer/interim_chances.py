"""Interim chances of an efficient allocation whose ties are broken by rank: nothing is enumerated that can be added up.

Social choice: laws of sums of utilities, by polynomials where all utilities lie on one line, else in a table. Partnership:
order statistics.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import accumulate

import flint

from lpmech.base.errors import TooLargeError
from lpmech.base.exact import Scaled
from lpmech.question.environments.partnership import Partnership
from lpmech.question.model import Environment

Vector = tuple[int, ...]
Classes = tuple[tuple[int, ...], ...]

MOST_STATES = 20_000
"""Most different sums of utilities that are kept."""
MOST_STEPS = 1_000_000
"""Most sums that are formed: about a second."""
MOST_DIGITS = 60_000
"""Longest denominator, in decimal digits: numbers in proofs have at most 100,000 characters."""


@dataclass
class Types:
    """Values, masses and outside options in whole numbers: worth[c][k][slot] and outside[c][k] in units of 1/unit, masses
    own[c] in units of 1/units[c]. Slots are the outcomes; in a partnership there is one, to get the object."""

    environment: Environment
    classes: Classes
    worth: list[list[list[int]]]
    outside: list[list[int]]
    unit: int
    costs: list[int]
    own: list[list[int]]
    units: list[int]
    alone: bool

    @classmethod
    def of(cls, env: Environment, classes: Classes) -> Types:
        """Read off the environment."""
        first = [members[0] for members in classes]
        alone = isinstance(env, Partnership)
        values = [env.valuation(i) for i in first]
        rows = [[[row[i]] if alone else list(row) for row in table] for i, table in zip(first, values, strict=True)]
        outside = [env.agents[i].outside for i in first]
        amounts = [v for table in rows for row in table for v in row] + [o for row in outside for o in row]
        unit = math.lcm(*{x.denominator for x in (*amounts, *env.costs)})

        def whole(x: Fraction) -> int:
            return x.numerator * (unit // x.denominator)

        masses = [Scaled.read(env.agents[i].probabilities) for i in first]
        return cls(
            env,
            classes,
            [[[whole(v) for v in row] for row in table] for table in rows],
            [[whole(o) for o in row] for row in outside],
            unit,
            [whole(c) for c in env.costs],
            [list(scaled.of) for scaled in masses],
            [scaled.over for scaled in masses],
            alone,
        )

    @property
    def members(self) -> list[int]:
        """How many agents each class has."""
        return [len(members) for members in self.classes]


@dataclass
class Chances:
    """``of[c][report]``: {slot: chance, in units of 1/over[c]}. ``tied``: several outcomes are largest at a profile where at
    most one agent has a type of probability 0."""

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
        return self._highest(ranks) if self.types.alone else self._largest(ranks[0])

    # ---- social choice -----------------------------------------------------------------------------------------------

    def _others(self) -> list[dict[Vector, int]]:
        t = self.types
        relative = [[tuple(v - row[0] for v in row) for row in table] for table in t.worth]
        line = _line(
            tuple(a - b for a, b in zip(row, table[0], strict=True)) for table in relative for row in table
        )
        out = []
        for c, table in enumerate(relative):
            counts = [n - (j == c) for j, n in enumerate(t.members)]
            law = self._on_line(relative, counts, line) if line else None
            if law is None:
                law = self._in_table(relative, counts)
            self._take(len(law) * len(table) * len(t.costs))
            out.append(law)
        return out

    def _take(self, steps: int) -> None:
        self._steps += steps
        if self._steps > MOST_STEPS:
            raise TooLargeError("too many different sums of utilities", expected=f"at most {MOST_STEPS:,} steps")

    def _on_line(self, relative: list[list[Vector]], counts: list[int], step: Vector) -> dict[Vector, int] | None:
        """Coefficients of a product of powers of polynomials."""
        t, at = self.types, next(j for j, x in enumerate(step) if x)
        product, base, length = flint.fmpz_poly([1]), [0] * len(step), 1
        factors = []
        for c, table in enumerate(relative):
            if not counts[c]:
                continue
            likely = [(row, m) for row, m in zip(table, t.own[c], strict=True) if m]
            start = min((row for row, _ in likely), key=lambda row: row[at] * (1 if step[at] > 0 else -1))
            places = [((row[at] - start[at]) // step[at], m) for row, m in likely]
            length += counts[c] * max(place for place, _ in places)
            if length > MOST_STATES:
                return None
            coefficients = [0] * (1 + max(place for place, _ in places))
            for place, m in places:
                coefficients[place] += m
            factors.append((flint.fmpz_poly(coefficients), counts[c]))
            base = [a + counts[c] * b for a, b in zip(base, start, strict=True)]
        for factor, n in factors:
            product *= factor**n
        law = {}
        for s, m in enumerate(product.coeffs()):
            if m:
                law[tuple(b + s * x for b, x in zip(base, step, strict=True))] = int(m)
        return law

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

    # ---- partnership -------------------------------------------------------------------------------------------------

    def _highest(self, ranks: Sequence[Sequence[int]]) -> Chances:
        """The highest value wins, then the lowest rank; who are level have equal chances: with others below with
        probability G_j and level with probability p_j, the mean of the product of the G_j + p_j x over x in [0, 1]."""
        t, out = self.types, Chances()
        everyone = sum(t.members)
        split = math.lcm(*range(1, everyone + 1))
        upto = [list(accumulate(own, initial=0)) for own in t.own]
        levels = [
            [(v, -r) for (v,), r in zip(table, row, strict=True)] for table, row in zip(t.worth, ranks, strict=True)
        ]
        for c, row in enumerate(levels):
            out.over.append(self.everybody // t.units[c] * split)
            rows = []
            for level in row:
                product, below, within = flint.fmpz_poly([1]), 1, 1
                for j, others in enumerate(levels):
                    if not (n := t.members[j] - (j == c)):
                        continue
                    G = upto[j][sum(other < level for other in others)]
                    F = upto[j][sum(other <= level for other in others)]
                    product *= flint.fmpz_poly([G, F - G]) ** n
                    below *= upto[j][sum(other[0] < level[0] for other in others)] ** n
                    within *= upto[j][sum(other[0] <= level[0] for other in others)] ** n
                rows.append({0: sum(int(a) * (split // (n + 1)) for n, a in enumerate(product.coeffs()))})
                out.tied = out.tied or below != within
            out.of.append(rows)
        return out


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
