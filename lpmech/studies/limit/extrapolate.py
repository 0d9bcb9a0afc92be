"""From exact numbers on finer and finer grids to an estimate of their limit: Richardson's extrapolation.

If x(h) = x + C h^p + smaller terms, then (h^p x(k) - k^p x(h)) / (h^p - k^p) is x up to the smaller terms. The order p is
observed, from three neighbouring grids; near a whole number it is taken for that, and the arithmetic is exact; and so on
with the numbers that come out, as long as they show an order too. What comes out is an estimate, never a proof
(docs/limit.md).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

AGREE = 0.25
"""Orders from neighbouring grids agree if they differ by at most that."""

WHOLE = 0.1
"""An order is taken for a whole number if it is that near."""

LOWEST, HIGHEST = 0.05, 24.0
"""Between these an order is looked for."""


@dataclass(frozen=True)
class Estimate:
    """``value``: of the limit; ``error``: how far it is from what one grid less would have given; ``orders``: that were
    taken out, one after the other.

    ``regular``: the numbers look like a power law; if not, the value is that of the finest grid and the error the spread of
    the last three. ``used``: the grids that went in, by number.
    """

    value: Fraction | float
    error: float
    orders: tuple[float, ...]
    regular: bool
    used: tuple[int, ...]


Number = Fraction | float

Point = tuple[Fraction, Number]
"""Step and number."""


def estimate(steps: Sequence[Fraction], numbers: Sequence[Fraction], parities: Sequence[int]) -> Estimate | None:
    """The limit as the step goes to 0; None from fewer than three grids.

    If all grids together show no power law, those whose number of points is odd, or even, like the finest grid's may.
    """
    if len(numbers) < 3:
        return None
    points: list[Point] = list(zip(steps, numbers, strict=True))
    everything = tuple(range(len(points)))
    alike = tuple(n for n in everything if parities[n] == parities[-1])
    for used in dict.fromkeys((everything, alike)):
        if found := _richardson([points[n] for n in used]):
            (last, before), orders, count = found
            return Estimate(last, abs(float(last - before)), orders, True, used[len(used) - count :])
    return without(numbers)


def expansion(points: Sequence[tuple[Fraction, Fraction]], orders: Sequence[float]) -> Callable[[Fraction], Fraction]:
    """The x + C_1 h^p_1 + ... + C_k h^p_k through k + 1 points, as a function of h."""
    rows = [[*_powers(h, orders), x] for h, x in points]
    for n in range(len(rows)):
        pivot = next(k for k in range(n, len(rows)) if rows[k][n])
        rows[n], rows[pivot] = rows[pivot], rows[n]
        rows[n] = [one / rows[n][n] for one in rows[n]]
        for k, row in enumerate(rows):
            if k != n:
                rows[k] = [a - row[n] * b for a, b in zip(row, rows[n], strict=True)]
    terms = [row[-1] for row in rows]

    def at(h: Fraction) -> Fraction:
        return sum((c * power for c, power in zip(terms, _powers(h, orders), strict=True)), Fraction(0))

    return at


def _powers(h: Fraction, orders: Sequence[float]) -> list[Fraction]:
    """1, h^p_1, ..., h^p_k, exact where the order is whole."""
    return [Fraction(1), *(h ** int(p) if p == round(p) else Fraction(float(h) ** p) for p in orders)]


def without(numbers: Sequence[Fraction]) -> Estimate:
    """No extrapolation: the number of the finest grid, and the spread of the last three."""
    spread = max(abs(a - b) for a in numbers[-3:] for b in numbers[-3:])
    return Estimate(numbers[-1], float(spread), (), False, tuple(range(len(numbers))))


def _richardson(points: list[Point]) -> tuple[tuple[Number, Number], tuple[float, ...], int] | None:
    """The last number of Richardson's table and the one that a grid less gives, the orders taken out, and how many of the
    points went in. An order that is no whole number was fitted to the last three numbers, which then agree by construction:
    it is fitted to the three before them, too."""
    column, orders, used = points, list[float](), 0
    while (seen := _order(column)) is not None and (not orders or seen[0] > orders[-1]):
        p, count = seen
        used = used or count
        orders.append(p)
        if p != round(p):
            before = order(*column[-4:-1])
            assert before is not None
            a, b, c = column[-3:]
            return (_combined(b, c, p)[1], _combined(a, b, before)[1]), tuple(orders), used
        column = [_combined(a, b, p) for a, b in pairwise(column[-count:])]
    if orders:
        return (column[-1][1], column[-2][1]), tuple(orders), used
    return None  # equal numbers show no order: they may move again on the next grid


def _order(column: Sequence[Point]) -> tuple[float, int] | None:
    """The order that the last numbers show, and how many numbers show it; None if the last two threes agree on none."""
    seen = [order(*column[n : n + 3]) for n in range(len(column) - 2)]
    last, count = (seen[-1] if seen else None), 0
    while last is not None and count < len(seen) and (one := seen[-1 - count]) is not None and abs(one - last) <= AGREE:
        count += 1
    if last is None or count < 2:
        return None
    return float(round(last)) if abs(last - round(last)) <= WHOLE and round(last) else last, count + 2


def order(a: Point, b: Point, c: Point) -> float | None:
    """The p for which three numbers are x + C h^p; None if no p in [LOWEST, HIGHEST] does that.

    (x_a - x_b)/(x_b - x_c) = (h_a^p - h_b^p)/(h_b^p - h_c^p), which rises with p.
    """
    below = b[1] - c[1]
    if not below or (ratio := float((a[1] - b[1]) / below)) <= 0:
        return None
    r, s = float(a[0] / b[0]), float(c[0] / b[0])

    def excess(p: float) -> float:
        return (r**p - 1) / (1 - s**p) - ratio

    low, high = LOWEST, HIGHEST
    if excess(low) > 0 or excess(high) < 0:
        return None
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) < 0 else (low, middle)
    return low


def _combined(a: Point, b: Point, p: float) -> Point:
    """What is left of two numbers when C h^p is taken out, exact if p is whole."""
    if p == round(p):
        return b[0], b[1] + (b[1] - a[1]) / (Fraction((a[0] / b[0]) ** int(p)) - 1)
    return b[0], float(b[1]) + float(b[1] - a[1]) / (float(a[0] / b[0]) ** p - 1)
