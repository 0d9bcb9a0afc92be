"""Expectations given one's own type, and payments that balance the budget without changing them.

Interim payments T_i(k) become transfers with revenue 0 at every profile:

    t_i(theta) = T'_i(theta_i) - sum_{j != i} s_ji (T'_j(theta_j) - E[T'_j]) - d_i R + c(q(theta)) / n

with T'_i(k) = T_i(k) - E[c(q) | k] / n, R = sum_i E[T'_i] the expected revenue, s_ji the share of j's deviations that
i bears (sum_i s_ji = 1) and d_i agent i's share of R (sum_i d_i = 1). Types are independent, so that agent i expects
to pay T_i(k) - d_i R: incentives stay as they are, and nobody is worse off if R >= 0. Without costs and with
s_{i+1,i} = 1, d_i = 1/n this is efficient-mechanisms-notes, Theorem 2.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from lpmech.answer.audit.integers import others_masses
from lpmech.answer.mechanism import Mechanism
from lpmech.answer.tables import Lottery
from lpmech.literature.mechanisms._groves import costs
from lpmech.question.environment import Environment

Shares = Sequence[Sequence[Fraction]]
"""shares[j][i]: how much of agent j's deviations agent i bears."""


def expectations(env: Environment, i: int, amounts: Sequence[Fraction]) -> list[Fraction]:
    """E[amount | k] for each type k of agent i (independent prior; types of probability 0 too)."""
    over = math.lcm(*{x.denominator for x in amounts})
    scaled = np.array([x.numerator * (over // x.denominator) for x in amounts], dtype=object).reshape(env.sizes)
    (weights,) = others_masses(env)[i]
    rows = np.moveaxis(scaled, i, 0).reshape(env.sizes[i], -1) @ np.array(weights, dtype=object)
    return [Fraction(int(x), over * sum(weights)) for x in rows]


def next_agent(n: int) -> Shares:
    """Agent i bears the deviations of agent i + 1, the last one those of the first."""
    return [[Fraction(i == (j - 1) % n) for i in range(n)] for j in range(n)]


def equally(n: int) -> Shares:
    """Everybody bears the same part of the deviations of each other agent."""
    return [[Fraction(i != j, n - 1) for i in range(n)] for j in range(n)]


def balance(
    env: Environment,
    lotteries: Sequence[Lottery],
    paid: Sequence[Sequence[Fraction]],
    shares: Shares,
    dividends: Sequence[Fraction] | None = None,
) -> Mechanism:
    """A mechanism with revenue 0 at every profile in which agent i of type k expects to pay paid[i][k] - dividends[i] R."""
    n = len(env.agents)
    parts = [Fraction(1, n)] * n if dividends is None else dividends
    spent = [c / n for c in costs(env.costs, lotteries)]
    net = []
    for i in range(n):
        own = expectations(env, i, spent) if any(env.costs) else [Fraction(0)] * env.sizes[i]
        net.append([t - c for t, c in zip(paid[i], own, strict=True)])
    means = [
        sum((p * t for p, t in zip(agent.probabilities, row, strict=True)), Fraction(0))
        for agent, row in zip(env.agents, net, strict=True)
    ]
    total = sum(means, Fraction(0))
    profiles = Mechanism(env, (), lotteries).profiles
    transfers = []
    for i in range(n):
        own = [t - parts[i] * total for t in net[i]]
        bears = [(j, [shares[j][i] * (t - means[j]) for t in net[j]]) for j in range(n) if j != i and shares[j][i] != 0]
        transfers.append(
            tuple(
                own[theta[i]] - sum((row[theta[j]] for j, row in bears), Fraction(0)) + c
                for theta, c in zip(profiles, spent, strict=True)
            )
        )
    return Mechanism(env, tuple(transfers), lotteries)


def interim_payments(mechanism: Mechanism) -> list[list[Fraction]]:
    """T_i(k) for each agent and type (independent prior)."""
    return [expectations(mechanism.environment, i, row) for i, row in enumerate(mechanism.transfers)]
