"""Trade reduction: all efficient trades but the one that is worth least, at the prices of that one.

Let k be the largest number with b_(k) > s_(k), b_(1) >= b_(2) >= ... the values and s_(1) <= s_(2) <= ... the costs,
ties in favour of the trader who is listed first. The first k - 1 buyers trade with the first k - 1 sellers; each of these
buyers pays b_(k), each of these sellers gets s_(k). Nobody moves the price that he trades at, so truth is optimal; the
mechanism keeps (k - 1) (b_(k) - s_(k)) >= 0, and what is lost is the k-th trade, worth b_(k) - s_(k).

Source: mcafee-1992, without the trades at the mean of the next value and cost.
"""

from __future__ import annotations

from fractions import Fraction

from lpmech.answer.mechanism import Mechanism
from lpmech.question.environments.bilateral_trade import BilateralTrade
from lpmech.question.environments.exchange import Exchange
from lpmech.question.model import Instance
from lpmech.question.profiles import Profiles

OPTIONS: dict[str, tuple[str, ...] | None] = {}


def applies(instance: Instance) -> str | None:
    """Exchange and bilateral trade with private values."""
    env = instance.environment
    if not isinstance(env, BilateralTrade | Exchange):
        return f"the environment is {env.kind}, not bilateral-trade or exchange"
    return "values are given by a worth" if env.at_profiles else None


def build(instance: Instance) -> Mechanism:
    """The trade reduction mechanism."""
    env = instance.environment
    assert isinstance(env, BilateralTrade | Exchange)
    if isinstance(env, BilateralTrade):
        buyers, sellers, trades = [env.buyer], [env.seller], (((), ()), ((0,), (0,)))
    else:
        buyers, sellers, trades = list(env.buyers), list(env.sellers), env.trades  # type: ignore[assignment]
    number = {trade: x for x, trade in enumerate(trades)}
    count, lotteries = len(buyers), []
    paid: list[list[Fraction]] = [[] for _ in env.sizes]
    for theta in Profiles(env):
        values = sorted((-buyers[i].values[theta[i]], i) for i in range(count))
        costs = sorted((sellers[j].values[theta[count + j]], j) for j in range(len(sellers)))
        pairs = [(-low, high) for (low, _), (high, _) in zip(values, costs, strict=False) if -low > high]
        kept = max(len(pairs) - 1, 0)
        bought, sold = (tuple(sorted(i for _, i in side[:kept])) for side in (values, costs))
        lotteries.append({number[bought, sold]: Fraction(1)})
        price, gets = pairs[-1] if pairs else (Fraction(0), Fraction(0))
        for i, row in enumerate(paid):
            trades_here = i in bought if i < count else i - count in sold
            row.append(Fraction(0) if not trades_here else price if i < count else -gets)
    return Mechanism(env, tuple(map(tuple, paid)), lotteries)
