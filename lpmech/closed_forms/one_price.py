"""One price: DSIC, any transfers, ex ante IR, no deficit, where ties do not trade.

Buyers pay and sellers get a price p, clipped to what keeps reports truthful, and each side covers what clipping costs the
other. Expected payments are convex and piecewise linear in p. No mechanism makes them smaller than the minimum over p, as
a measure on the pairs of types shows that leaves money over at none of them. Source and proof: docs/one-price.md.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from fractions import Fraction
from operator import add

import numpy as np

from lpmech.answer.compact import MenuTrade
from lpmech.answer.multipliers import Column, Columns, Multiplier
from lpmech.answer.proof import Proof
from lpmech.base.exact import Scaled
from lpmech.closed_forms.bilateral.batch import Trades, at, before
from lpmech.closed_forms.bilateral.trade import Trade, comonotone, sums
from lpmech.question.accepts import Accepts
from lpmech.question.constraints.dsic import DSIC
from lpmech.question.constraints.ex_ante_ir import ExAnteIR
from lpmech.question.constraints.no_deficit import NoDeficit
from lpmech.question.model import Instance

ACCEPTS = Accepts(
    kinds=("bilateral-trade",),
    independent=True,
    objectives=("margin",),
    allocation=("efficient",),
    transfers=("any",),
    incentives=(DSIC,),
    participation=(ExAnteIR,),
    budget=(NoDeficit,),
)


def accepts(instance: Instance) -> str | None:
    """Where something ties, only "first": if ties may trade, more than one price can be needed."""
    reason = ACCEPTS.reason(instance)
    if reason is None and (ties := instance.requirements.ties) != "first":
        trade = Trade.of(instance)
        if not set(trade.B).isdisjoint(trade.S):
            return f"ties are {ties}, and there are ties"
    return reason


def solve(instance: Instance) -> Proof:
    """Margin, mechanism and multipliers."""
    sides = Sides(Trade.of(instance))
    trade, price = sides.trade, sides.price()
    menu, lumps = sides.payments(price)
    margin, by = trade.amount(sum(lumps)), trade.P * trade.Q
    money = (trade.amounts([by * t + lumps[i // 2] for t in row]) for i, row in enumerate(menu))
    mechanism = MenuTrade(trade.environment, "first", *money)
    verdict = "exists" if margin >= 0 else "impossible"
    return Proof(instance, verdict, margin, margin, mechanism, None, None, sides.multipliers(price), "margin")


def margins(trades: Trades, ties: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each row the margin in units of 1/(P Q) of the unit of the values; a bound on the sizes of its terms; and whether
    the closed form answers it. Expected payments are computed at every value, N x (m + n) prices."""
    B, S, p, q, P, Q = trades.B, trades.S, trades.p, trades.q, trades.P[:, None], trades.Q[:, None]
    cut, start = trades.cuts(last=False)
    below_B, below_S = at(before(p), start), at(before(q), cut)  # P(b <= s), P(s < b)
    price = np.concatenate((B, S), axis=1)[:, :, None]

    def at_ends(values: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """The types on both sides of the margin of trade, and whether there are any."""
        low, high = at(values, places - 1)[:, None], at(values, places)[:, None]
        return low, high, (places > 0)[:, None], (places < values.shape[1])[:, None]

    low, high, some, more = at_ends(B, start)
    without = np.where(more, np.maximum(price - high, 0), 0) * (q * below_B)[:, None]
    traded = np.where(some, np.maximum(price, low), price) * (q * (P - below_B))[:, None]
    low, high, some, more = at_ends(S, cut)
    given = np.where(some, np.maximum(low - price, 0), 0) * (p * (Q - below_S))[:, None]
    got = np.where(more, np.minimum(price, high), price) * (p * below_S)[:, None]
    payments = (without + traded).sum(axis=2) + (given - got).sum(axis=2)
    gains = (p * (B * below_S - at(before(q * S), cut))).sum(axis=1)
    size = 8 * P[:, 0] * Q[:, 0] * np.maximum(np.abs(B).max(axis=1), np.abs(S).max(axis=1))
    answers = np.ones(len(size), dtype=bool) if ties == "first" else ~trades.tied
    return gains - payments.min(axis=1), size, answers


class Sides:
    """Both sides of the market, as docs/one-price.md sorts them.

    ``cut``, ``start``: who trades with whom. ``below_B[k]``, ``below_S[k]``: masses of the first k types, units 1/P, 1/Q.
    A price between values is given by (i, j), the numbers of buyer and seller types below it.
    """

    def __init__(self, trade: Trade) -> None:
        self.trade = trade
        self.cut, self.start = trade.cuts(last=False)
        self.below_B, self.below_S = sums(trade.p), sums(trade.q)

    def blocks(self, i: int, j: int) -> tuple[int, int, int, int]:
        """Sellers from x on lie at or above the largest buyer value below the price, from y on at or above the smallest
        one above it; buyers from u on lie above the largest seller value below the price, from v on above the smallest
        one above it."""
        cut, start = self.cut, self.start
        x, y = cut[i - 1] if i else 0, cut[i] if i < len(cut) else len(start)
        u, v = start[j - 1] if j else 0, start[j] if j < len(start) else len(cut)
        return x, y, u, v

    def slope(self, i: int, j: int) -> int:
        """Of expected payments in the price: T(sellers) - T(buyers), in units of 1/(P Q)."""
        (x, y, u, v), (P, Q), B, S = self.blocks(i, j), (self.trade.P, self.trade.Q), self.below_B, self.below_S
        sellers = P * S[x] + (P - B[i]) * (S[y] - S[x])
        buyers = Q * (P - B[v]) + S[j] * (B[v] - B[u])
        return sellers - buyers

    def price(self) -> int:
        """The smallest value above which expected payments do not fall any further."""
        values = sorted({*self.trade.B, *self.trade.S})
        return values[bisect_left(values, 0, key=lambda p: self.slope(*self.around(p)[1]))]

    def around(self, p: int) -> tuple[tuple[int, int], tuple[int, int]]:
        """The prices just below and just above p."""
        B, S = self.trade.B, self.trade.S
        return (bisect_left(B, p), bisect_left(S, p)), (bisect_right(B, p), bisect_right(S, p))

    def payments(self, p: int) -> tuple[list[list[int]], tuple[int, int]]:
        """Payments of buyer and seller without and with trade (units 1/unit), and what they leave each of them in
        expectation (units 1/(unit P Q)): their lump sums."""
        trade, B, S = self.trade, self.below_B, self.below_S
        without, traded = [max(p - b, 0) for b in (*trade.B, p)], [max(p, b) for b in (p, *trade.B)]
        given, got = [max(s - p, 0) for s in (p, *trade.S)], [-min(p, s) for s in (*trade.S, p)]
        menu = [[without[k] for k in self.start], [traded[k] for k in self.start]]
        menu += [[given[c] for c in self.cut], [got[c] for c in self.cut]]
        worth, cost = (
            sums(w * v for w, v in zip(*side, strict=True)) for side in ((trade.p, trade.B), (trade.q, trade.S))
        )
        prices = zip(worth, B, without, traded, strict=True)
        gains = [worth[-1] - w - x * a0 - (trade.P - x) * a1 for w, x, a0, a1 in prices]
        left = [-w - (trade.Q - x) * c0 - x * c1 for w, x, c0, c1 in zip(cost, S, given, got, strict=True)]
        lump_B = sum(w * gains[k] for w, k in zip(trade.q, self.start, strict=True))
        lump_S = sum(w * left[c] for w, c in zip(trade.p, self.cut, strict=True))
        return menu, (lump_B, lump_S)

    def shares(self, p: int) -> tuple[int, list[int], list[int]]:
        """(D, T(s) / p_s, T(b) / p_b), the latter in units of 1/(P D) and 1/(Q D): the mixture of the prices around p with
        equal totals."""
        around, (P, Q) = self.around(p), (self.trade.P, self.trade.Q)
        below, above = (self.slope(i, j) for i, j in around)
        common = math.gcd(below, above)
        mixture = (above // common, -below // common) if common else (1, 0)
        on_S, on_B = [0] * len(self.start), [0] * len(self.cut)
        for w, (i, j) in zip(mixture, around, strict=True):
            x, y, u, v = self.blocks(i, j)
            rows = [w * P] * x + [w * (P - self.below_B[i])] * (y - x), [w * self.below_S[j]] * (v - u)
            on_S[:y] = map(add, on_S, rows[0])
            on_B[u:v] = map(add, on_B[u:v], rows[1])
            on_B[v:] = [t + w * Q for t in on_B[v:]]
        return sum(mixture), on_S, on_B

    def multipliers(self, p: int) -> Columns:
        """IR of each agent; incentives at the margin of trade; the budget on pairs that T and N are coupled on."""
        trade, one = self.trade, Fraction(1)
        unit, on_S, on_B = self.shares(p)
        whole = trade.P * trade.Q * unit
        # T less the prior's: if positive, the first who trades reports the last who does not, else the other way round
        bought = [
            w * (t - unit * (trade.P - self.below_B[k])) for w, t, k in zip(trade.q, on_S, self.start, strict=True)
        ]
        sold = [w * (t - unit * self.below_S[c]) for w, t, c in zip(trade.p, on_B, self.cut, strict=True)]
        buyers = [(k, s, x) for s, (k, x) in enumerate(zip(self.start, bought, strict=True)) if x]
        sellers = [(b, c, x) for b, (c, x) in enumerate(zip(self.cut, sold, strict=True)) if x]
        truth = [k - (x < 0) for k, _, x in buyers], [s for _, s, _ in buyers]
        dear = Column(DSIC(0), weights(whole, buyers), None, truth, [k - (x > 0) for k, _, x in buyers])
        truth = [b for b, _, _ in sellers], [c - (x > 0) for _, c, x in sellers]
        cheap = Column(DSIC(1), weights(whole, sellers), None, truth, [c - (x < 0) for _, c, x in sellers])
        rows = []
        for all_B, all_S in ((0, 0), (trade.Q * unit, trade.P * unit)):
            left = [w * abs(all_B - t) for w, t in zip(trade.p, on_B, strict=True)]
            right = [w * abs(all_S - t) for w, t in zip(trade.q, on_S, strict=True)]
            b, s, w = comonotone(left, right)
            rows.append(Column(NoDeficit(), Scaled(whole, w), profiles=(b, s)))
        return Columns(Multiplier(ExAnteIR(0), one), Multiplier(ExAnteIR(1), one), dear, cheap, *rows)


def weights(over: int, rows: list[tuple[int, int, int]]) -> Scaled:
    """Last entries without their signs."""
    return Scaled(over, [abs(x) for _, _, x in rows])
