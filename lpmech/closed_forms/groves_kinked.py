"""Kinked charges and the antitone coupling: Groves transfers, ex ante IR, no deficit.

Charges (p - s)^+ and (b - p)^+, with lump sums, cover every deficit, and at a price p where supply meets demand no charges
do so at less expected cost: the deficits on the antitone coupling of the two distributions, the highest values with the
lowest costs, add up to as much. Proof: docs/closed-forms.md. Source: jagadeesan-tordjman-2025, Theorem 1.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from lpmech.answer.compact import GrovesTrade
from lpmech.answer.multipliers import Column, Columns, Multiplier
from lpmech.answer.proof import Proof
from lpmech.base.exact import Scaled
from lpmech.closed_forms.bilateral.batch import Trades, at, before
from lpmech.closed_forms.bilateral.trade import Trade, comonotone, sums
from lpmech.question.accepts import Accepts
from lpmech.question.constraints.ex_ante_ir import ExAnteIR
from lpmech.question.constraints.no_deficit import NoDeficit
from lpmech.question.model import Instance

ACCEPTS = Accepts(
    kinds=("bilateral-trade",),
    independent=True,
    objectives=("margin",),
    allocation=("efficient",),
    transfers=("groves",),
    participation=(ExAnteIR,),
    budget=(NoDeficit,),
)


def accepts(instance: Instance) -> str | None:
    """Any incentive compatibility, which Groves transfers bring, and any tie rule: the surplus is the same."""
    return ACCEPTS.reason(instance)


def solve(instance: Instance) -> Proof:
    """Margin, mechanism and multipliers."""
    trade = Trade.of(instance)
    below = trade.cuts(last=False)[0]
    chance, cost = sums(trade.q), sums(w * s for w, s in zip(trade.q, trade.S, strict=True))
    gains = sum(w * (b * chance[c] - cost[c]) for w, b, c in zip(trade.p, trade.B, below, strict=True))
    price = crossing(trade)
    short = [max(price - s, 0) for s in trade.S]
    over = [max(b - price, 0) for b in trade.B]
    by = trade.P * trade.Q
    lump_B = gains - trade.P * sum(w * x for w, x in zip(trade.q, short, strict=True))
    lump_S = gains - trade.Q * sum(w * x for w, x in zip(trade.p, over, strict=True))
    margin = trade.amount(lump_B + lump_S)
    charges = (trade.amounts([by * x + lump for x in row]) for row, lump in ((short, lump_B), (over, lump_S)))
    ties = "first" if instance.requirements.ties == "any" else instance.requirements.ties
    mechanism = GrovesTrade(trade.environment, ties, *charges)
    one = Fraction(1)
    b, s, w = antitone(trade)
    weights = Columns(
        Multiplier(ExAnteIR(0), one),
        Multiplier(ExAnteIR(1), one),
        Column(NoDeficit(), Scaled(by, w), profiles=(b, s)),
    )
    verdict = "exists" if margin >= 0 else "impossible"
    return Proof(instance, verdict, margin, margin, mechanism, None, None, weights, "margin")


def margins(trades: Trades, ties: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each row the margin in units of 1/(P Q) of the unit of the values; a bound on the sizes of its terms, with what a
    price next to the right one may cost; and whether the closed form answers it."""
    B, S, p, q, P, Q = trades.B, trades.S, trades.p, trades.q, trades.P, trades.Q
    cut = trades.cuts(last=False)[0]
    gains = p * (B * at(before(q), cut) - at(before(q * S), cut))
    values, weights = np.concatenate((B, S), axis=1), np.concatenate((p * Q[:, None], q * P[:, None]), axis=1)
    order = np.argsort(values, axis=1, kind="stable")
    reached = np.cumsum(np.take_along_axis(weights, order, axis=1), axis=1) >= (P * Q)[:, None]
    place = np.where(reached.any(axis=1), reached.argmax(axis=1), values.shape[1] - 1)
    price = at(np.take_along_axis(values, order, axis=1), place[:, None])
    charges = P * (q * np.maximum(price - S, 0)).sum(axis=1) + Q * (p * np.maximum(B - price, 0)).sum(axis=1)
    size = 10 * P * Q * np.maximum(np.abs(B).max(axis=1), np.abs(S).max(axis=1))
    return 2 * gains.sum(axis=1) - charges, size, np.ones(len(size), dtype=bool)


def crossing(trade: Trade) -> int:
    """The smallest value or cost p with P(b <= p) + P(s <= p) >= 1; below it the sum is < 1."""
    steps = [(b, w * trade.Q) for b, w in zip(trade.B, trade.p, strict=True)]
    steps += [(s, w * trade.P) for s, w in zip(trade.S, trade.q, strict=True)]
    total, full = 0, trade.P * trade.Q
    for value, w in sorted(steps):
        total += w
        if total >= full:
            return value
    raise AssertionError("masses sum to 2")


def antitone(trade: Trade) -> tuple[list[int], list[int], list[int]]:
    """The coupling that pairs low b with high s: b, s, mass in units of 1/(P Q), at most m + n - 1 pairs."""
    last, left, right = len(trade.S) - 1, [w * trade.Q for w in trade.p], [w * trade.P for w in reversed(trade.q)]
    b, s, w = comonotone(left, right)
    return b, [last - k for k in s], w
