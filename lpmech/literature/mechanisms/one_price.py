"""One price, clipped to what keeps reports truthful: DSIC without deficit, at the least expected cost.

Ties do not trade. Against seller s let lo(s) be the buyer's largest value that does not trade and hi(s) his smallest
that does. He pays (p - hi(s))^+ without trade and max(p, lo(s)) with trade; the seller in mirror image. p minimises
expected payments; the option ``price`` replaces it. A lump sum between the two is chosen as in groves-kinked: both
are ex ante individually rational if any DSIC mechanism without deficit and with this allocation makes them so.

Source: docs/one-price.md (this project), after jagadeesan-tordjman-2025, Theorem 1.
"""

from __future__ import annotations

from fractions import Fraction

from lpmech.answer.mechanism import Mechanism
from lpmech.closed_forms.bilateral.trade import Trade
from lpmech.closed_forms.one_price import Sides
from lpmech.literature.mechanisms._groves import efficient
from lpmech.literature.mechanisms._trade import no_trade, with_kappa
from lpmech.question.environments.bilateral_trade import BilateralTrade
from lpmech.question.model import Instance

OPTIONS = {"price": None}


def applies(instance: Instance, price: Fraction | None = None) -> str | None:
    """Bilateral trade with independent types, and ties, if there are any, that do not trade."""
    if reason := no_trade(instance):
        return reason
    env, ties = instance.environment, instance.requirements.ties
    assert isinstance(env, BilateralTrade)
    tied = not set(env.buyer.values).isdisjoint(env.seller.values)
    return f"ties are {ties}, and there are ties" if tied and ties in ("last", "uniform") else None


def build(instance: Instance, price: Fraction | None = None) -> Mechanism:
    """The one-price mechanism."""
    env = instance.environment
    assert isinstance(env, BilateralTrade)
    zero, (B, S) = Fraction(0), (env.buyer.values, env.seller.values)
    trade = Trade.of(instance)
    p = Fraction(Sides(trade).price(), trade.unit) if price is None else price
    hi = [min((b for b in B if b > s), default=None) for s in S]
    lo = [max((b for b in B if b <= s), default=None) for s in S]
    lo_ = [max((s for s in S if s < b), default=None) for b in B]
    hi_ = [min((s for s in S if s >= b), default=None) for b in B]
    bought = [
        (zero if h is None else max(p - h, zero), p if l is None else max(p, l)) for h, l in zip(hi, lo, strict=True)
    ]
    sold = [
        (zero if l is None else max(l - p, zero), -p if h is None else -min(p, h))
        for l, h in zip(lo_, hi_, strict=True)
    ]
    bare = Mechanism(env, (), efficient(instance))
    menu = [(theta, int(1 in q)) for theta, q in zip(bare.profiles, bare.lotteries, strict=True)]
    paid = tuple(bought[s][x] for (_, s), x in menu), tuple(sold[b][x] for (b, _), x in menu)
    return with_kappa(Mechanism(env, paid, bare.lotteries))
