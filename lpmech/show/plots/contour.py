"""Where exact margins change sign between the points of a sweep: the exact zero set of their linear interpolation.

Over a triangle whose corners have exact margins, the linear function through them is 0 on a segment whose ends are on the
edges with ends of different verdicts, at the rational p + (q - p) a/(a - b) between p, q of margins a, b. A rectangle is
cut into four triangles at its centre, which gets the mean of the four margins.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise

Point = tuple[Fraction, Fraction]
Line = list[Point]
Corner = tuple[Point, Fraction]
"""A point and the margin there."""


def zero_lines(triangles: Iterable[Sequence[Corner]]) -> list[Line]:
    """The boundary between margin >= 0 and margin < 0, as lines of exact points; closed lines end where they began."""
    segments: dict[frozenset[Point], None] = {}
    for corners in triangles:
        ends = {
            zero(one, other)
            for n, one in enumerate(corners)
            for other in corners[n + 1 :]
            if (one[1] >= 0) != (other[1] >= 0)
        }
        if len(ends) == 2:
            segments[frozenset(ends)] = None
    return chained(segments)


def zero(one: Corner, other: Corner) -> Point:
    """Where the chord between two margins of which exactly one is negative is 0."""
    (p, a), (q, b) = one, other
    by = a / (a - b)
    return p[0] + (q[0] - p[0]) * by, p[1] + (q[1] - p[1]) * by


def grid_triangles(
    xs: Sequence[Fraction], ys: Sequence[Fraction], margins: Mapping[Point, Fraction]
) -> list[list[Corner]]:
    """Triangles of the cells of a grid where margins may be 0; if a corner has none, the triangle of the other three."""
    out = []
    for x0, x1 in pairwise(xs):
        for y0, y1 in pairwise(ys):
            around = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
            known = [(point, margins[point]) for point in around if point in margins]
            if all(m > 0 for _, m in known) or all(m < 0 for _, m in known):
                continue
            if len(known) == 4:
                centre = ((x0 + x1) / 2, (y0 + y1) / 2), sum((m for _, m in known), Fraction(0)) / 4
                out += [[one, other, centre] for one, other in pairwise([*known, known[0]])]
            elif len(known) == 3:
                out.append(known)
    return out


def crossings(points: Sequence[Point]) -> list[tuple[Fraction, Point]]:
    """Along a line of (place, margin), in order: where the chord is 0 between >= 0 and < 0, and the places about it."""
    return [
        (zero(((x0, a), a), ((x1, b), b))[0], (x0, x1)) for (x0, a), (x1, b) in pairwise(points) if (a >= 0) != (b >= 0)
    ]


def chained(segments: Iterable[frozenset[Point]]) -> list[Line]:
    """Segments put together: open lines from their ends first, then closed ones."""
    ways: dict[Point, dict[Point, None]] = defaultdict(dict)
    for one, other in map(sorted, segments):
        ways[one][other] = ways[other][one] = None
    out = []
    for start in [*(p for p in ways if len(ways[p]) % 2), *ways]:
        while ways[start]:
            line = [start]
            while ways[line[-1]]:
                here = line[-1]
                there = next(iter(ways[here]))
                del ways[here][there], ways[there][here]
                line.append(there)
            out.append(line)
    return out
