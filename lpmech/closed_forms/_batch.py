"""Margins of many bilateral trades of one shape at once, in arrays: one formula for integers and for doubles.

With 64-bit integers that cannot overflow the margins are exact. With doubles, where the numbers are too large for that,
each comes with a bound on its error: terms that took c roundings each add up to the exact sum but for gamma =
c u / (1 - c u), u = 2^-53, times the sum of the terms' sizes (docs/closed-forms.md, "Many at once").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

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
    def gamma(self) -> float:
        """Bound on the relative error of a sum's terms."""
        c = (ROUNDINGS + 4 * (self.B.shape[1] + self.S.shape[1])) * 2.0**-53
        return c / (1 - c)


def before(terms: np.ndarray) -> np.ndarray:
    """Sums of the first 0, 1, 2, ... terms of each row."""
    return np.concatenate((np.zeros_like(terms[:, :1]), np.cumsum(terms, axis=1)), axis=1)


def at(rows: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Entries of each row at its places, cut to the row's ends."""
    return np.take_along_axis(rows, np.clip(places, 0, rows.shape[1] - 1), axis=1)
