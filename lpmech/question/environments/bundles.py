"""Every way to hand out units or objects, the fewest handed out first; and how many ways there are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

Bundle = tuple[int, ...]
"""What somebody gets: (units,), or the numbers of objects, in increasing order."""


def ways_of_units(units: int, demands: Sequence[int], most: int) -> int:
    """In how many ways each gets at most what he demands, and all together at most ``units``; if more than ``most``, some
    number above it."""
    units = min(units, sum(demands))
    if units > most:
        return units
    ways = [1] + [0] * units  # ways[n]: how many ways to hand n units to those so far
    for demand in demands:
        below = [0]
        for n in ways:
            below.append(below[-1] + n)
        ways = [below[n + 1] - below[max(0, n - demand)] for n in range(units + 1)]
        if sum(ways) > most:
            break
    return sum(ways)


def ways_of_objects(objects: int, single: Sequence[bool], most: int) -> int:
    """In how many ways each object goes to somebody or nobody, at most one to those who are ``single``; as above."""
    alone, several = sum(single), len(single) - sum(single)
    if several and objects > most.bit_length():
        return most + 1
    count = 0
    for served in range(min(objects, alone) + 1):  # of those who get at most one
        count += math.comb(objects, served) * math.perm(alone, served) * (1 + several) ** (objects - served)
        if count > most:
            break
    return count


def units_handed(units: int, demands: Sequence[int]) -> tuple[tuple[Bundle, ...], ...]:
    """By the number handed out; then by what the first gets, from the most down, then the second, and so on."""
    ways: list[tuple[int, ...]] = [()]
    for demand in demands:
        ways = [(*way, n) for way in ways for n in range(min(demand, units - sum(way)) + 1)]
    ways.sort(key=lambda way: (sum(way), [-n for n in way]))
    return tuple(tuple((n,) for n in way) for way in ways)


def objects_handed(objects: int, single: Sequence[bool]) -> tuple[tuple[Bundle, ...], ...]:
    """By the number handed out; then by which, lexicographically; then by who gets the first of them, and so on."""
    out, people = [], range(len(single))
    for count in range(objects + 1):
        for handed in combinations(range(objects), count):
            ways: list[tuple[int, ...]] = [()]
            for _ in handed:
                ways = [(*way, i) for way in ways for i in people if not (single[i] and i in way)]
            out += [_bundles(handed, who, len(single)) for who in ways]
    return tuple(out)


def _bundles(handed: tuple[int, ...], who: tuple[int, ...], people: int) -> tuple[Bundle, ...]:
    got: list[Bundle] = [()] * people
    for thing, i in zip(handed, who, strict=True):
        got[i] = (*got[i], thing)
    return tuple(got)
