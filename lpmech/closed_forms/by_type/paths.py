"""The largest payments that incentives and participation allow: shortest paths, and the weights that show it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from lpmech.answer.interim_chances import Chances
from lpmech.answer.interim_types import Types
from lpmech.base.exact import Scaled

Weight = int | Fraction

Row = tuple[int, int | None, Weight]
"""A type, the report (None: participation), and the weight in units of 1/units[c]."""


def largest_payments(types: Types, chances: Chances, c: int, interim: bool) -> tuple[list[int], list[int | None]]:
    """The largest payments of the types of class c that incentives and participation allow, in units of 1/(unit over[c]),
    and for each type the report that binds, None where participation does.

    Without interim participation: the payments are the largest if the first type pays what the outcome is worth to it.
    """
    worth, got, over = types.worth[c], chances.of[c], chances.over[c]
    size = range(len(worth))
    value = [[sum(q * row[slot] for slot, q in chance.items()) for chance in got] for row in worth]
    T: list[int | None] = [value[k][k] - types.outside[c][k] * over if interim or not k else None for k in size]
    parents: list[int | None] = [None for _ in size]

    def relax(k: int, r: int) -> bool:
        from_r, own = T[r], T[k]
        if from_r is None:
            return False
        most = from_r + value[k][k] - value[k][r]
        if own is not None and most >= own:
            return False
        T[k], parents[k] = most, r
        return True

    for k in size[1:]:  # where types are ordered these two passes are enough
        relax(k, k - 1)
    for k in size[-2::-1]:
        relax(k, k + 1)
    for _ in range(len(worth) + 1):
        moved = [relax(k, r) for k in size for r in size if r != k]
        if not any(moved):
            return [t for t in T if t is not None], parents
    raise AssertionError("an efficient allocation has no cycle of reports that gains")


def rows_of(own: Sequence[int], parents: Sequence[int | None]) -> list[Row]:
    """Each type's mass, carried along its path to the type at which participation binds."""
    carried = list(own)
    children = [0] * len(own)
    for r in parents:
        if r is not None:
            children[r] += 1
    leaves = [k for k, n in enumerate(children) if not n]
    rows: list[Row] = []
    while leaves:
        k = leaves.pop()
        r = parents[k]
        if r is None:
            if carried[k]:
                rows.append((k, None, carried[k]))
            continue
        if carried[k]:
            rows.append((k, r, carried[k]))
        carried[r] += carried[k]
        children[r] -= 1
        if not children[r]:
            leaves.append(r)
    return sorted(rows, key=lambda row: (row[1] is not None, row[0]))


def at_the_mean(types: Types, chances: Chances, c: int, T: Sequence[int]) -> Scaled:
    """Shifted so that ex ante IR binds."""
    over, total = chances.over[c], 0
    for k, (m, t) in enumerate(zip(types.own[c], T, strict=True)):
        value = sum(q * types.worth[c][k][slot] for slot, q in chances.of[c][k].items())
        total += m * (value - types.outside[c][k] * over - t)
    return Scaled(types.unit * over, T).plus(Fraction(total, types.units[c] * types.unit * over))
