"""Ranks that break ties, and whether multipliers count what they choose the most."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from lpmech.answer.interim_types import Types
from lpmech.closed_forms.by_type.paths import Row, Weight

Ranks = list[list[int]]
"""ranks[0][x] of outcome x; in a partnership ranks[c][k] of getting the object for type k of class c."""


def first_ranks(types: Types, ties: str) -> Ranks:
    """The ranks that the tie rule prescribes; for ``any`` those to begin with.

    In the order of outcomes, goods go to the first partners; in an exchange few trades come first, then the first buyers to
    buy and the first sellers to sell, so that the last sellers hold their goods first."""
    sign = {"first": 1, "last": -1}.get(ties, 0)
    if types.alone:
        places = [
            -members[0] if sells else members[0] for sells, members in zip(types.sells, types.classes, strict=True)
        ]
        low, high = min(places), max(places)
        first = [{1: place - low, -1: high - place}.get(sign, 0) for place in places]
        return [[rank] * len(own) for rank, own in zip(first, types.own, strict=True)]
    count = len(types.costs)
    if ties == "uniform":
        return [[0] * count]
    return [[count - 1 - x for x in range(count)] if sign < 0 else list(range(count))]


def rents_of(types: Types, rows: Sequence[Sequence[Row]]) -> list[list[int]]:
    """For each outcome what each weighted incentive constraint leaves to its type there: v(x, true) - v(x, report)."""
    out: list[list[int]] = [[] for _ in types.costs]
    for table, own in zip(types.worth, rows, strict=True):
        for k, r, _ in own:
            if r is not None:
                for x, rents in enumerate(out):
                    rents.append(table[k][x] - table[r][x])
    return out


def weights_of(types: Types, rows: Sequence[Sequence[Row]], interim: bool) -> list[list[Weight]]:
    """The coefficient of getting, or giving, a good, less the others' masses, in units of 1/(unit units[c])."""
    out: list[list[Weight]] = []
    for c, own in enumerate(rows):
        worth = [v for (v,) in types.worth[c]]
        a: list[Weight] = [0 if interim else m * v for m, v in zip(types.own[c], worth, strict=True)]
        for k, r, w in own:
            a[k] += w * worth[k]
            if r is not None:
                a[r] -= w * worth[k]
        out.append(a)
    return out


def levels_of(types: Types, weights: list[list[Weight]]) -> list[list[tuple[int, int, int, Weight]]]:
    """Who may tie for goods: for each value (class, type, mass, coefficient of holding a good)."""
    out: dict[int, list[tuple[int, int, int, Weight]]] = {}
    for c, row in enumerate(types.held):
        for k, v in enumerate(row):
            a = -weights[c][k] if types.sells[c] else weights[c][k]
            out.setdefault(v, []).append((c, k, types.own[c][k], a))
    return list(out.values())


def best_ranks(types: Types, rows: Sequence[Sequence[Row]], interim: bool) -> list[list[int]]:
    """Tied outcomes in the order in which the multipliers count them."""
    if not types.alone:
        rents = rents_of(types, rows)
        order = sorted(range(len(rents)), key=lambda x: (sum(rents[x]), x))
        return [[order.index(x) for x in range(len(order))]]
    ranks = [[0] * len(own) for own in types.own]
    for level in levels_of(types, weights_of(types, rows, interim)):
        ratios = sorted({-a / Fraction(m) for _, _, m, a in level if m})
        for c, k, m, a in level:
            ranks[c][k] = ratios.index(-a / Fraction(m)) + 1 if m else 0 if a >= 0 else len(ratios) + 1
    return ranks


def agrees(types: Types, rows: Sequence[Sequence[Row]], interim: bool, ranks: list[list[int]]) -> bool:
    """Whether at all ties outcomes of lower rank count at least as much, and those of equal rank the same."""
    if not types.alone:
        rents = rents_of(types, rows)
        order = sorted(range(len(rents)), key=lambda x: ranks[0][x])
        return all(
            all(a <= b for a, b in zip(rents[x], rents[y], strict=True))
            and (ranks[0][x] < ranks[0][y] or rents[x] == rents[y])
            for x, y in pairwise(order)
        )
    for level in levels_of(types, weights_of(types, rows, interim)):
        likely = sorted((ranks[c][k], -a / Fraction(m)) for c, k, m, a in level if m)
        if any(a > b or (r == s and a != b) for (r, a), (s, b) in pairwise(likely)):
            return False
        for c, k, m, a in level if likely else []:
            r = ranks[c][k]
            if not m and ((a < 0 and r <= likely[-1][0]) or (a > 0 and r >= likely[0][0])):
                return False
    return True
