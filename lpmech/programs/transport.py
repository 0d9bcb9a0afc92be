"""The north-west corner rule: from weights on places to weights on pairs of places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction


def transport(
    supply: Sequence[tuple[int, Fraction]], demand: Sequence[tuple[int, Fraction]]
) -> Iterator[tuple[int, int, Fraction]]:
    """(from, to, amount) with the given positive sums at every place; both sides have the same total.

    Places are served in the order given, so there are fewer amounts than places.
    """
    left, right = list(reversed(supply)), list(reversed(demand))
    while left and right:
        (a, have), (b, want) = left.pop(), right.pop()
        amount = min(have, want)
        yield a, b, amount
        if have > amount:
            left.append((a, have - amount))
        if want > amount:
            right.append((b, want - amount))
