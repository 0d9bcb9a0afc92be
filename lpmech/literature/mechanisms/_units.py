"""Markets in which each agent buys or sells one unit: bilateral trade and exchange."""

from __future__ import annotations

from fractions import Fraction

from lpmech.answer.mechanism import Mechanism
from lpmech.question.environment import Environment
from lpmech.question.environments.bilateral_trade import BilateralTrade
from lpmech.question.environments.exchange import Exchange
from lpmech.question.model import Instance
from lpmech.question.prior import Profile


def no_market(instance: Instance) -> str | None:
    """Why the environment is no such market."""
    if isinstance(instance.environment, BilateralTrade | Exchange):
        return None
    return f"the environment is {instance.environment.kind}, not bilateral-trade or exchange"


def buyers(env: Environment) -> int:
    """Number of buyers; they come first among the agents."""
    assert isinstance(env, BilateralTrade | Exchange)  # ``no_market`` has said so
    return 1 if isinstance(env, BilateralTrade) else len(env.buyers)


def prices(env: Environment, i: int) -> tuple[Fraction, ...]:
    """Values of a buyer's types, costs of a seller's."""
    assert isinstance(env, BilateralTrade | Exchange)
    sides = (env.buyer, env.seller) if isinstance(env, BilateralTrade) else (*env.buyers, *env.sellers)
    return sides[i].values


def moves(env: Environment, i: int) -> tuple[bool, ...]:
    """Whether agent i trades, in each outcome."""
    if isinstance(env, BilateralTrade):
        return (False, True)
    assert isinstance(env, Exchange)
    I = len(env.buyers)
    return tuple(i in bought if i < I else i - I in sold for bought, sold in env.trades)


def trading(mechanism: Mechanism, i: int) -> list[Fraction]:
    """Probability at each profile that agent i trades."""
    part = moves(mechanism.environment, i)
    return [sum((w for x, w in q.items() if part[x]), Fraction(0)) for q in mechanism.lotteries]


def tight_payments(mechanism: Mechanism) -> Mechanism:
    """The same allocation x with payments that bind, x_i = 0 beyond the ends: against theta_-i a buyer of type k pays
    sum_{j <= k} B_j (x_i(j) - x_i(j - 1)), a seller gets sum_{j >= k} S_j (x_i(j) - x_i(j + 1))."""
    env, transfers = mechanism.environment, []
    number = {theta: p for p, theta in enumerate(mechanism.profiles)}
    for i in range(len(env.agents)):
        x, worth = trading(mechanism, i), prices(env, i)
        buying = i < buyers(env)
        row = [Fraction(0)] * len(number)

        def at(theta: Profile, k: int, i: int = i) -> int:
            return number[(*theta[:i], k, *theta[i + 1 :])]

        for theta in mechanism.profiles:
            if theta[i]:
                continue
            paid = before = Fraction(0)
            for k in range(len(worth)) if buying else reversed(range(len(worth))):
                p = at(theta, k)
                paid += worth[k] * (x[p] - before)
                row[p], before = paid if buying else -paid, x[p]
        transfers.append(tuple(row))
    return Mechanism(env, tuple(transfers), mechanism.lotteries)
