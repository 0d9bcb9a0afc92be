"""Bidding for a partnership: the highest bidder gets it and pays his bid, which is divided equally among all n agents.

The direct mechanism of the symmetric equilibrium, for values drawn alike: with a continuous distribution F type v bids
b(v) = F(v)^-n times the integral of x d(F(x)^n) up to v.

Discretised: there is one bid for each type, the best types win with equal probabilities, and the bids make each type
indifferent to reporting the next lower one: with F_k = P(v <= v_k) and Q_k the probability that type k wins,

    b_k (Q_k - F_{k-1}^(n-1)/n) = v_k (Q_k - Q_{k-1}) + b_{k-1} (Q_{k-1} - F_{k-1}^(n-1)/n),

and types that never win bid their values. So b_k is a mean of v_k and b_{k-1}, and truth is an equilibrium; bids of
types that atoms separate are not those of a bidding game with ties, which may have no equilibrium in pure bids.

Source: mishra-2020, simple mechanisms for dissolving a partnership; cramton-gibbons-klemperer-1987.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate

from lpmech.answer.mechanism import Mechanism
from lpmech.answer.tables import Lottery
from lpmech.literature.mechanisms._object import no_object
from lpmech.question.environments.partnership import Partnership
from lpmech.question.model import Instance

OPTIONS: dict[str, tuple[str, ...] | None] = {}


def applies(instance: Instance) -> str | None:
    """Partnerships with values drawn independently and alike, and ties that may be broken at random."""
    if reason := no_object(instance):
        return reason
    env = instance.environment
    assert isinstance(env, Partnership)
    if env.prior is not None:
        return "the prior is correlated"
    if len({partner.distribution for partner in env.partners}) > 1:
        return "the agents' values are not drawn from the same distribution"
    ties = instance.requirements.ties
    return None if ties in ("any", "uniform") else f"ties are {ties}; equal bids win with equal probabilities"


def build(instance: Instance) -> Mechanism:
    """The direct mechanism of the bidding equilibrium."""
    env = instance.environment
    assert isinstance(env, Partnership)
    n, law = len(env.partners), env.partners[0].distribution
    bid = bids(law.values, law.probabilities, n)
    lotteries: list[Lottery] = []
    transfers: list[list[Fraction]] = [[] for _ in range(n)]
    for theta in Mechanism(env, (), ()).profiles:
        top = max(theta)
        winners = [i for i, k in enumerate(theta) if k == top]
        lotteries.append(dict.fromkeys(winners, Fraction(1, len(winners))))
        for i, row in enumerate(transfers):
            row.append((bid[top] / len(winners) if i in winners else Fraction(0)) - bid[top] / n)
    return Mechanism(env, tuple(map(tuple, transfers)), lotteries)


def bids(values: Sequence[Fraction], masses: Sequence[Fraction], n: int) -> list[Fraction]:
    """b_k for each type."""
    out: list[Fraction] = []
    below = [Fraction(0), *accumulate(masses)]
    won = Fraction(0)
    for k, v in enumerate(values):
        low, high = below[k], below[k + 1]
        wins = (
            sum((high**m * low ** (n - 1 - m) for m in range(n)), Fraction(0)) / n
        )  # (high^n - low^n) / (n (high - low))
        kept, part = won - low ** (n - 1) / n, wins - low ** (n - 1) / n
        out.append((v * (wins - won) + (out[-1] * kept if out else 0)) / part if part else v)
        won = wins
    return out
