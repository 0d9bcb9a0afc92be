"""Groves mechanism with kinked charges: h_B(s) = (p* - s)^+ + kappa, h_S(b) = (b - p*)^+ - kappa.

p* clears the market of a large economy; on a grid it is the smallest value or cost with P(b <= p*) + P(s <= p*) >= 1.
The charges cover every deficit at any price. kappa makes both sides ex ante individually rational if any lump sum
does, that is iff the expected gains from trade are at least half the expected charges; at p* the two expected
utilities together are the largest that any Groves mechanism without deficit leaves (docs/closed-forms.md). The option
``price`` replaces p*.

Source: jagadeesan-tordjman-2025, Theorem 1.
"""

from __future__ import annotations

from fractions import Fraction

from lpmech.answer.mechanism import Mechanism
from lpmech.closed_forms.bilateral.trade import Trade
from lpmech.closed_forms.groves_kinked import crossing
from lpmech.literature.mechanisms._groves import scheme
from lpmech.literature.mechanisms._trade import no_trade, with_kappa
from lpmech.question.environments.bilateral_trade import BilateralTrade
from lpmech.question.model import Instance
from lpmech.question.prior import Profile

OPTIONS = {"price": None}


def applies(instance: Instance, price: Fraction | None = None) -> str | None:
    """Bilateral trade with independent types."""
    return no_trade(instance)


def build(instance: Instance, price: Fraction | None = None) -> Mechanism:
    """The mechanism of Theorem 1."""
    env = instance.environment
    assert isinstance(env, BilateralTrade)
    trade = Trade.of(instance)
    at = Fraction(crossing(trade), trade.unit) if price is None else price

    def charge(i: int, others: Profile) -> Fraction:
        (k,) = others
        return max(at - env.seller.values[k] if i == 0 else env.buyer.values[k] - at, Fraction(0))

    return with_kappa(scheme(instance, charge))
