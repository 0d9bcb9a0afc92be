"""Partnerships in which no one way to break ties is best: a mixture of several, and multipliers that show that it is.

A game: one side mixes tables of ranks, the other for each class mixes bounds on its expected payments (the multipliers of
shortest paths). Each answers the other's mixture by its best table, or bound, until neither can do better. Both mixtures
are optimal then; there are finitely many tables and bounds, so this ends. Proof: docs/closed-forms.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import flint

from lpmech.answer.interim_chances import Chances, Laws
from lpmech.answer.interim_types import Types
from lpmech.base.exact import from_flint, to_flint
from lpmech.closed_forms.by_type.paths import Row, Weight, largest_payments, rows_of
from lpmech.closed_forms.by_type.ties import Ranks, agrees, best_ranks, weights_of

MOST_ANSWERS = 60
"""Most answers of either side before ties are left to a program."""

MOST_ENTRIES = 10_000
"""Largest table of the exact simplex method: a few dozen tables and bounds."""
MOST_BITS = 4_000
"""Longest common denominator of the probabilities of profiles, in binary digits: numbers in mixtures are longer still."""

Mixture = list[tuple[Fraction, Ranks]]
"""Probabilities, and ranks."""


@dataclass(frozen=True)
class Bound:
    """E[T] of a class is at most sum over k of on_x[k] X(k) - outside, in units of 1/(unit units[c])."""

    rows: list[Row]
    on_x: list[Weight]
    outside: Weight


def mixed(types: Types, tables: Sequence[tuple[Fraction, Chances]]) -> Chances:
    """The chances of a mixture."""
    by = math.lcm(*(w.denominator for w, _ in tables))
    parts = [(w.numerator * (by // w.denominator), chances) for w, chances in tables]
    out = Chances([over * by for over in parts[0][1].over], [], any(chances.tied for _, chances in parts))
    for c, own in enumerate(types.own):
        out.of.append([{0: sum(w * chances.of[c][k][0] for w, chances in parts)} for k in range(len(own))])
    return out


def best_mixture(types: Types, laws: Laws, start: Ranks) -> tuple[Mixture, Chances, list[list[Row]]] | None:
    """A mixture of tables, its chances, and the rows that show that no other is better; None if none was found."""
    if laws.everybody.bit_length() > MOST_BITS:
        return None
    tables, known = [start], [laws.chances(start)]
    bounds: list[list[Bound]] = [[] for _ in types.classes]
    weights = [Fraction(1)]
    for _ in range(MOST_ANSWERS):
        chances = mixed(types, [(w, one) for w, one in zip(weights, known, strict=True) if w])
        for c, own in enumerate(bounds):
            own_bound = _bound(types, chances, c)
            if own_bound not in own:
                own.append(own_bound)
        count = sum(map(len, bounds)) + 1
        if count * (count + len(bounds) + len(known) + 1) > MOST_ENTRIES:
            return None
        weights, shares, value = _game(types, bounds, known)
        rows = [_blend(own, part) for own, part in zip(bounds, shares, strict=True)]
        answer = best_ranks(types, rows, interim=True)
        got = laws.chances(answer)
        chances = mixed(types, [(w, one) for w, one in zip(weights, known, strict=True) if w])
        attained = sum(n * _worth(types, _bound(types, chances, c), chances, c) for c, n in enumerate(types.members))
        found = sum(
            n * sum((w * _worth(types, bound, got, c) for w, bound in zip(part, own, strict=True) if w), Fraction(0))
            for c, (n, own, part) in enumerate(zip(types.members, bounds, shares, strict=True))
        )
        if attained == value == found:
            kept = [(w, ranks) for w, ranks in zip(weights, tables, strict=True) if w]
            best = all(agrees(types, rows, True, ranks) for _, ranks in kept)
            return (kept, chances, rows) if best else None
        if found > value:
            tables.append(answer)
            known.append(got)
            weights.append(Fraction(0))
    return None


def _bound(types: Types, chances: Chances, c: int) -> Bound:
    """The least bound on the payments of class c at these chances."""
    rows = rows_of(types.own[c], largest_payments(types, chances, c, True)[1])
    on_x = weights_of(types, [rows if d == c else [] for d in range(len(types.classes))], True)[c]
    return Bound(rows, on_x, sum([w * types.outside[c][k] for k, r, w in rows if r is None]))


def _worth(types: Types, bound: Bound, chances: Chances, c: int) -> Fraction:
    total = sum(a * chance[0] for a, chance in zip(bound.on_x, chances.of[c], strict=True))
    return Fraction(total - bound.outside * chances.over[c], types.units[c] * types.unit * chances.over[c])


def _blend(bounds: Sequence[Bound], shares: Sequence[Fraction]) -> list[Row]:
    """Their rows, each with its share."""
    out: dict[tuple[int, int | None], Fraction] = {}
    for bound, share in zip(bounds, shares, strict=True):
        for k, r, w in bound.rows if share else []:
            out[k, r] = out.get((k, r), Fraction(0)) + share * w
    return sorted([(k, r, w) for (k, r), w in out.items()], key=lambda row: (row[1] is not None, row[0], row[1] or 0))


def _game(
    types: Types, bounds: Sequence[Sequence[Bound]], known: Sequence[Chances]
) -> tuple[list[Fraction], list[list[Fraction]], Fraction]:
    """Weights on the tables, shares of the bounds of each class, and the value: largest sum over c of n_c theta_c with
    theta_c at most each bound of c at the mixture. Shifted so that all is >= 0, and begun at 0."""
    shift, rows = Fraction(0), []
    for c, own in enumerate(bounds):
        worths = [[_worth(types, bound, chances, c) for chances in known] for bound in own]
        low = min(min(row) for row in worths)
        shift += types.members[c] * low
        for row in worths:
            theta = [Fraction(int(d == c)) for d in range(len(bounds))]
            rows.append(theta + [low - x for x in row])
    rows.append([Fraction(0)] * len(bounds) + [Fraction(1)] * len(known))
    goal = [Fraction(n) for n in types.members] + [Fraction(0)] * len(known)
    x, y, value = maximum(rows, [Fraction(0)] * (len(rows) - 1) + [Fraction(1)], goal)
    weights = x[len(bounds) :]
    weights[0] += 1 - sum(weights)
    shares, at = [], 0
    for own, n in zip(bounds, types.members, strict=True):
        shares.append([part / n for part in y[at : at + len(own)]])
        at += len(own)
    return weights, shares, value + shift


def maximum(
    rows: Sequence[Sequence[Fraction]], most: Sequence[Fraction], goal: Sequence[Fraction]
) -> tuple[list[Fraction], list[Fraction], Fraction]:
    """The largest goal x with rows x <= most, x >= 0, for most >= 0: (x, weights on the rows, value).

    The simplex method in exact numbers from x = 0, with Bland's rule; for programs of a few dozen numbers that are bounded.
    """
    zero, count, width = flint.fmpq(0), len(rows), len(goal)
    table = [
        [*map(to_flint, row), *(to_flint(int(i == j)) for j in range(count)), to_flint(b)]
        for i, (row, b) in enumerate(zip(rows, most, strict=True))
    ]
    top = [*(-to_flint(c) for c in goal), *[zero] * (count + 1)]
    basis = list(range(width, width + count))
    while (enter := next((j for j, c in enumerate(top[:-1]) if c < 0), None)) is not None:
        ratios = [(row[-1] / row[enter], basis[i], i) for i, row in enumerate(table) if row[enter] > 0]
        leave = min(ratios)[2]
        pivot = table[leave][enter]
        table[leave] = [x / pivot for x in table[leave]]
        for i, row in enumerate(table):
            if i != leave and row[enter]:
                factor = row[enter]
                table[i] = [a - factor * b if b else a for a, b in zip(row, table[leave], strict=True)]
        factor = top[enter]
        top = [a - factor * b if b else a for a, b in zip(top, table[leave], strict=True)]
        basis[leave] = enter
    x = [Fraction(0)] * (width + count)
    for j, row in zip(basis, table, strict=True):
        x[j] = from_flint(row[-1])
    return x[:width], [from_flint(v) for v in top[width:-1]], from_flint(top[-1])
