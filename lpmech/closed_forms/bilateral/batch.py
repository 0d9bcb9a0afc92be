"""Margins of many bilateral trades of one shape at once, in arrays: one formula for integers and for doubles.

With 64-bit integers that cannot overflow the margins are exact. With doubles, where the numbers are too large for that,
each comes with a bound on its error: terms that took c roundings each add up to the exact sum but for gamma =
c u / (1 - c u), u = 2^-53, times the sum of the terms' sizes (docs/closed-forms.md, "Many at once").
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lpmech.base.exact import decimal

SAFE = 2**58
"""Integers stay below this times 16."""

ROUNDINGS = 8
"""Roundings a term of any formula takes beside sums over types; c is this plus 4 (m + n)."""


@dataclass(frozen=True)
class Trades:
    """Values ``B`` (N x m), costs ``S`` (N x n), weights ``p``, ``q`` of the same shapes: int64, or doubles."""

    B: np.ndarray
    S: np.ndarray
    p: np.ndarray
    q: np.ndarray

    @property
    def P(self) -> np.ndarray:
        """Sum of the buyer's weights; masses are p / P."""
        return self.p.sum(axis=1)

    @property
    def Q(self) -> np.ndarray:
        """Sum of the seller's weights."""
        return self.q.sum(axis=1)

    def cuts(self, last: bool) -> tuple[np.ndarray, np.ndarray]:
        """cut[., b]: buyer type b trades with the first so many seller types; start[., s]: seller type s trades with the
        buyer types from there on. ``last``: ties trade."""
        compare = np.greater_equal if last else np.greater
        trade = compare(self.B[:, :, None], self.S[:, None, :])
        return trade.sum(axis=2), self.B.shape[1] - trade.sum(axis=1)

    @property
    def tied(self) -> np.ndarray:
        """Where some value equals some cost."""
        return (self.B[:, :, None] == self.S[:, None, :]).any(axis=(1, 2))

    @property
    def fits(self) -> np.ndarray:
        """Where 64-bit integers cannot overflow; asked of doubles."""
        return (self.largest + 1) * self.P * self.Q < SAFE

    @property
    def largest(self) -> np.ndarray:
        """The largest absolute value or cost."""
        return np.maximum(np.abs(self.B).max(axis=1), np.abs(self.S).max(axis=1))

    def rows(self, places: np.ndarray, kind: type) -> Trades:
        """Some of the rows, as numbers of a kind."""
        return Trades(*(x[places].astype(kind) for x in (self.B, self.S, self.p, self.q)))

    def doubles(self) -> Trades:
        """The nearest doubles."""
        return Trades(*map(doubles, (self.B, self.S, self.p, self.q)))

    @property
    def gamma(self) -> float:
        """Bound on the relative error of a sum's terms."""
        c = (ROUNDINGS + 4 * (self.B.shape[1] + self.S.shape[1])) * 2.0**-53
        return c / (1 - c)


def doubles(x: np.ndarray) -> np.ndarray:
    """The nearest doubles, infinite beyond their range."""
    return x.astype(float) if x.dtype != object else np.reshape([decimal(n) for n in x.flat], x.shape)


def before(terms: np.ndarray) -> np.ndarray:
    """Sums of the first 0, 1, 2, ... terms of each row."""
    return np.concatenate((np.zeros_like(terms[:, :1]), np.cumsum(terms, axis=1)), axis=1)


def at(rows: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Entries of each row at its places, cut to the row's ends."""
    return np.take_along_axis(rows, np.clip(places, 0, rows.shape[1] - 1), axis=1)


Margins = Callable[[Trades, str], tuple[np.ndarray, np.ndarray, np.ndarray]]
"""``margins`` of a closed form."""


def exactly(margins: Margins, ties: str, trades: Trades) -> tuple[np.ndarray, np.ndarray]:
    """For each row of whole numbers the margin in units of 1/(P Q) of the unit of the values, and whether the closed form
    answers it: in 64-bit integers where these cannot overflow, in Python's integers elsewhere."""
    fits = trades.doubles().fits
    if fits.all():
        numbers, _, answers = margins(trades.rows(fits, np.int64), ties)
        return numbers, answers
    found, known = np.zeros(len(fits), dtype=object), np.zeros(len(fits), dtype=bool)
    for places, kind in ((fits, np.int64), (~fits, object)):
        if places.any():
            found[places], _, known[places] = margins(trades.rows(places, kind), ties)
    return found, known
