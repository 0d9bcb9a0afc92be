"""Laws as distribution functions on the line, and integrals of what is made of these: exact where they are piecewise
linear, else by quadrature.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from lpmech.question.distributions import Continuous, Grid, Law
from lpmech.question.distributions.atom import Atom
from lpmech.question.distributions.mixture import Mixture
from lpmech.question.distributions.truncated import Truncated
from lpmech.question.distributions.uniform import Uniform

F = Fraction
Number = Fraction | float


@dataclass(frozen=True)
class Integral:
    """A number that a theorem has for the continuum; ``error``: what quadrature may be off by, 0 if it is exact."""

    value: Number
    error: float
    source: str


class Line:
    """A law on its grid's interval by its distribution function F(x) = P(X <= x): weighted atoms and continuous laws.

    ``low``, ``high``: the least and the largest type. ``gaps``: intervals between that have no types; there are some only
    if the grid leaves types of mass 0 out, and None if it does and the support is not known.
    """

    gaps: list[tuple[Fraction, Fraction]] | None

    def __init__(self, grid: Grid, law: Law) -> None:
        self.low, self.high, self.gaps = grid.low, grid.high, []
        self.parts = _parts(grid, law, F(1))
        if grid.support == "positive":
            pieces = _support(grid, self.parts)
            self.gaps = None if pieces is None else [(a, b) for (_, a), (b, _) in pairwise(pieces)]
            if pieces is not None:
                self.low, self.high = pieces[0][0], pieces[-1][1]
        self.linear = all(isinstance(part, Atom | Uniform) for _, part in self.parts)
        ends = [x for _, part in self.parts for x in _kinks(part)]
        self.kinks = sorted({self.low, self.high, *(x for x in ends if self.low < x < self.high)})

    def at(self, x: Fraction) -> Fraction:
        """F(x)."""
        if x >= self.high:
            return F(1)
        return sum((w * _cdf(part, x, self.low, self.high) for w, part in self.parts), F(0)) if x >= self.low else F(0)

    def has_atom(self, x: Fraction) -> bool:
        """Whether some atom is at x."""
        return any(isinstance(part, Atom) and part.at == x for weight, part in self.parts if weight > 0)


def _support(grid: Grid, parts: Sequence[tuple[Fraction, Law]]) -> list[tuple[Fraction, Fraction]] | None:
    """The support on the grid's interval, as closed intervals and points apart from each other; None if not known."""
    found = []
    for weight, part in parts:
        if isinstance(part, Atom):
            low = high = part.at
        elif isinstance(part, Uniform):
            low, high = max(part.low, grid.low), min(part.high, grid.high)
        else:
            return None
        if weight > 0 and grid.low <= low <= high <= grid.high and (low < high or isinstance(part, Atom)):
            found.append((low, high))
    merged: list[tuple[Fraction, Fraction]] = []
    for low, high in sorted(found):
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return merged


def _parts(grid: Grid, law: Law, weight: Fraction) -> list[tuple[Fraction, Law]]:
    if isinstance(law, Mixture):
        return [one for share, part in law.parts for one in _parts(grid, part, weight * share)]
    if isinstance(law, Truncated):
        inside = sum(law.law.masses(grid), F(0))
        outside = [
            (w, part, _cdf(part, grid.low, grid.low, grid.high)) for w, part in _parts(grid, law.law, weight / inside)
        ]
        below = sum((w * F for w, part, F in outside if not isinstance(part, Atom)), F(0))
        return [(w, part) for w, part, _ in outside] + [(-below, Atom(grid.low))] * bool(below)
    return [(weight, law)]


def _kinks(part: Law) -> list[Fraction]:
    return [part.at] if isinstance(part, Atom) else [part.low, part.high] if isinstance(part, Uniform) else []


def _cdf(part: Law, x: Fraction, low: Fraction, high: Fraction) -> Fraction:
    if isinstance(part, Atom):
        return F(x >= part.at)
    assert isinstance(part, Continuous)
    return part.cdf([min(low, x), x, max(high, x)])[1]


def integral(f: Callable[[Fraction], Fraction], kinks: Sequence[Fraction], degree: int | None, source: str) -> Integral:
    """Of f from the first of the kinks to the last; between neighbours a polynomial of that degree; None: any."""
    if degree is not None:
        return Integral(sum((_polynomial(f, a, b, degree) for a, b in pairwise(kinks)), F(0)), 0.0, source)
    from scipy.integrate import quad

    found = [quad(lambda x: float(f(F(x))), float(a), float(b), epsabs=1e-13, limit=200) for a, b in pairwise(kinks)]
    return Integral(sum(value for value, *_ in found), sum(error for _, error, *_ in found), source)


def _polynomial(f: Callable[[Fraction], Fraction], a: Fraction, b: Fraction, degree: int) -> Fraction:
    """Exactly, from degree + 1 points inside: Lagrange's polynomial through them."""
    nodes = [F(k + 1, degree + 2) for k in range(degree + 1)]
    total = F(0)
    for k, node in enumerate(nodes):
        basis, scale = [F(1)], F(1)
        for other in nodes[:k] + nodes[k + 1 :]:
            basis = [x - other * y for x, y in zip([F(0), *basis], [*basis, F(0)], strict=True)]
            scale *= node - other
        total += f(a + (b - a) * node) * sum((c / (n + 1) for n, c in enumerate(basis)), F(0)) / scale
    return (b - a) * total


def crossings(rising: Callable[[Fraction], Fraction], kinks: Sequence[Fraction], linear: bool) -> list[Fraction]:
    """The kinks and, between neighbours, where a function that does not fall passes 0: exactly if it is linear there."""
    found = set(kinks)
    for a, b in pairwise(kinks):
        x, y = a + (b - a) / 3, b - (b - a) / 3
        if linear and (slope := rising(y) - rising(x)):
            found |= {root} if a < (root := x - rising(x) * (y - x) / slope) < b else set()
        elif not linear:
            low, high = a, b
            while high - low > (b - a) / 2**40:
                middle = (low + high) / 2
                low, high = (middle, high) if rising(middle) < 0 else (low, middle)
            found |= {low} if a < low else set()
    return sorted(found)
