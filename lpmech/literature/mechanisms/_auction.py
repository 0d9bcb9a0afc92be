"""Auctions of identical units, or of one object: what a bidder's value is of."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from lpmech.answer.mechanism import Mechanism
from lpmech.question.environments.auction import Auction
from lpmech.question.model import Instance


def no_auction(instance: Instance) -> str | None:
    """Why the environment is no auction."""
    if isinstance(instance.environment, Auction):
        return None
    return f"the environment is {instance.environment.kind}, not auction"


def several_objects(env: Auction) -> str | None:
    """Why bidders have several values."""
    return None if len(env.objects or ()) < 2 else "there are several objects, and no formula for their best auction"


def values(env: Auction, i: int) -> tuple[Fraction, ...]:
    """Bidder i's values of a unit, by type."""
    law = env.bidders[i].values
    return (next(iter(law.values())) if isinstance(law, Mapping) else law).values


def wanted(env: Auction, i: int) -> int:
    """How many units he gets at most."""
    return 1 if env.objects else env.bidders[i].demand


def units(env: Auction) -> list[tuple[int, ...]]:
    """How many units each bidder gets, in each outcome."""
    return [tuple(len(bundle) if env.objects else bundle[0] for bundle in got) for got in env.bundles]


def threshold_payments(mechanism: Mechanism) -> Mechanism:
    """The same allocation with payments sum_{j <= k} v_j (x_i(j, theta_-i) - x_i(j - 1, theta_-i)), x_i(-1, .) = 0: each
    unit costs the lowest value with which the bidder would still get it."""
    env = mechanism.environment
    assert isinstance(env, Auction)
    number = {theta: p for p, theta in enumerate(mechanism.profiles)}
    got, transfers = units(env), []
    for i in range(len(env.agents)):
        x = [sum((w * got[y][i] for y, w in q.items()), Fraction(0)) for q in mechanism.lotteries]
        row = [Fraction(0)] * len(number)
        for theta, p in number.items():
            paid = before = Fraction(0)
            for j in range(theta[i] + 1):
                here = x[number[(*theta[:i], j, *theta[i + 1 :])]]
                paid += values(env, i)[j] * (here - before)
                before = here
            row[p] = paid
        transfers.append(tuple(row))
    return Mechanism(env, tuple(transfers), mechanism.lotteries)
