"""Posted price: trade at the price p iff both accept it, b >= p >= s.

p is the option ``price``; without it the posted price of the instance's allocation rule; without that one the value
or cost with the largest expected gains from trade under the instance's prior (the smallest of several).

Source: efficient-mechanisms-notes, Section 6, remark 3; hagerty-rogerson-1987.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product

from lpmech.answer.mechanism import Mechanism
from lpmech.question.environments.bilateral_trade import BilateralTrade
from lpmech.question.model import Instance
from lpmech.question.requirements import PostedPrice

OPTIONS = {"price": None}


def applies(instance: Instance, price: Fraction | None = None) -> str | None:
    """Bilateral trade, any prior."""
    if isinstance(instance.environment, BilateralTrade):
        return None
    return f"the environment is {instance.environment.kind}, not bilateral-trade"


def build(instance: Instance, price: Fraction | None = None) -> Mechanism:
    """The posted-price mechanism."""
    env, rule = instance.environment, instance.requirements.allocation
    assert isinstance(env, BilateralTrade)
    if price is None:
        price = rule.price if isinstance(rule, PostedPrice) else best_price(env)
    one, zero = Fraction(1), Fraction(0)
    trades = [b >= price >= s for b, s in product(env.buyer.values, env.seller.values)]
    paid = tuple(price if x else zero for x in trades)
    return Mechanism(env, (paid, tuple(-t for t in paid)), [{int(x): one} for x in trades])


def best_price(env: BilateralTrade) -> Fraction:
    """The smallest price, among values and costs, with the largest expected gains from trade."""
    values, costs = env.buyer.values, env.seller.values
    if env.prior is not None:
        joint = [(mass, values[k], costs[j]) for (k, j), mass in env.prior.items()]
        gains = {
            p: sum((w * (b - s) for w, b, s in joint if b >= p >= s), Fraction(0)) for p in sorted({*values, *costs})
        }
    else:
        buyers, sellers = (list(zip(d.probabilities, d.values, strict=True)) for d in (env.buyer, env.seller))
        gains = {}
        for p in sorted({*values, *costs}):
            high, low = [(w, b) for w, b in buyers if b >= p], [(w, s) for w, s in sellers if s <= p]
            worth, cost = (sum((w * x for w, x in side), Fraction(0)) for side in (high, low))
            gains[p] = worth * sum((w for w, _ in low), Fraction(0)) - cost * sum((w for w, _ in high), Fraction(0))
    return max(gains, key=lambda p: (gains[p], -p))
