"""Ranks that break ties, and whether multipliers count what they choose the most."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from lpmech.answer.interim_chances import Types
from lpmech.closed_forms.by_type.paths import Row

Ranks = list[list[int]]
"""ranks[0][x] of outcome x; in a partnership ranks[c][k] of getting the object for type k of class c."""


def first_ranks(types: Types, ties: str) -> list[list[int]]:
    """The ranks that the tie rule prescribes; for ``any`` those to begin with."""
    if types.alone:
        sign = {"first": 1, "last": -1}.get(ties, 0)
        last = max(types.classes[-1]) if types.classes else 0
        return [
            [(members[0] if sign > 0 else last - members[0] if sign < 0 else 0)] * len(own)
            for members, own in zip(types.classes, types.own, strict=True)
        ]
    count = len(types.costs)
    if ties == "uniform":
        return [[0] * count]
    return [[count - 1 - x for x in range(count)] if ties == "last" else list(range(count))]


def rents_of(types: Types, rows: Sequence[Sequence[Row]]) -> list[list[int]]:
    """For each outcome what each weighted incentive constraint leaves to its type there: v(x, true) - v(x, report)."""
    out: list[list[int]] = [[] for _ in types.costs]
    for table, own in zip(types.worth, rows, strict=True):
        for k, r, _ in own:
            if r is not None:
                for x, rents in enumerate(out):
                    rents.append(table[k][x] - table[r][x])
    return out


def weights_of(types: Types, rows: Sequence[Sequence[Row]], interim: bool) -> list[list[int | Fraction]]:
    """In a partnership the coefficient of getting the object, less the others' masses, in units of 1/(unit units[c])."""
    out = []
    for c, own in enumerate(rows):
        worth = [v for (v,) in types.worth[c]]
        a = [0 if interim else m * v for m, v in zip(types.own[c], worth, strict=True)]
        for k, r, w in own:
            a[k] += w * worth[k]
            if r is not None:
                a[r] -= w * worth[k]
        out.append(a)
    return out


def levels_of(types: Types) -> dict[int, list[tuple[int, int]]]:
    """Classes and types by value."""
    out: dict[int, list[tuple[int, int]]] = {}
    for c, table in enumerate(types.worth):
        for k, (v,) in enumerate(table):
            out.setdefault(v, []).append((c, k))
    return out


def best_ranks(types: Types, rows: Sequence[Sequence[Row]], interim: bool) -> list[list[int]]:
    """Tied outcomes in the order in which the multipliers count them."""
    if not types.alone:
        rents = rents_of(types, rows)
        order = sorted(range(len(rents)), key=lambda x: (sum(rents[x]), x))
        return [[order.index(x) for x in range(len(order))]]
    weights, ranks = weights_of(types, rows, interim), [[0] * len(own) for own in types.own]
    for level in levels_of(types).values():
        ratio = {
            (c, k): Fraction(-weights[c][k], types.own[c][k]) for c, k in level if types.own[c][k]
        }
        places = {a: n + 1 for n, a in enumerate(sorted(set(ratio.values())))}
        for c, k in level:
            if (c, k) in ratio:
                ranks[c][k] = places[ratio[c, k]]
            else:
                ranks[c][k] = 0 if weights[c][k] >= 0 else len(places) + 1
    return ranks


def agrees(types: Types, rows: Sequence[Sequence[Row]], interim: bool, ranks: list[list[int]]) -> bool:
    """Whether at all ties outcomes of lower rank count at least as much, and those of equal rank the same."""
    if not types.alone:
        rents = rents_of(types, rows)
        order = sorted(range(len(rents)), key=lambda x: ranks[0][x])
        return all(
            all(a <= b for a, b in zip(rents[x], rents[y], strict=True))
            and (ranks[0][x] < ranks[0][y] or rents[x] == rents[y])
            for x, y in zip(order, order[1:], strict=False)
        )
    weights = weights_of(types, rows, interim)
    for level in levels_of(types).values():
        likely = sorted((ranks[c][k], Fraction(-weights[c][k], types.own[c][k])) for c, k in level if types.own[c][k])
        if any(a > b or (r == s and a != b) for (r, a), (s, b) in zip(likely, likely[1:], strict=False)):
            return False
        for c, k in level:
            if likely and not types.own[c][k]:
                r, a = ranks[c][k], weights[c][k]
                if (a < 0 and r <= likely[-1][0]) or (a > 0 and r >= likely[0][0]):
                    return False
    return True
