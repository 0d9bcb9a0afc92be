"""Efficient lotteries and Groves schemes (conventions C7, C8)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import product

import numpy as np

from lpmech.answer.mechanism import Mechanism
from lpmech.answer.tables import Lottery
from lpmech.question.allocation import efficient_outcomes
from lpmech.question.model import Instance
from lpmech.question.prior import Profile

Charge = Callable[[int, Profile], Fraction]
"""h_i(theta_-i): number of the agent, types of the others in agent order."""


def efficient(instance: Instance) -> list[Lottery]:
    """The efficient lottery at each profile, ties broken as the instance says, in favour of the first outcome if "any"."""
    ties = instance.requirements.ties
    out: list[Lottery] = []
    for row in efficient_outcomes(instance.environment):
        best = [int(x) for x in np.flatnonzero(row)]
        if ties == "uniform":
            out.append(dict.fromkeys(best, Fraction(1, len(best))))
        else:
            out.append({best[-1 if ties == "last" else 0]: Fraction(1)})
    return out


def scheme(instance: Instance, charge: Charge) -> Mechanism:
    """Efficient allocation, t_i = h_i(theta_-i) - (sum_{j != i} v_j(q(theta), theta_j) - c(q(theta)))."""
    env, lotteries = instance.environment, efficient(instance)
    sizes, agents = env.sizes, range(len(env.sizes))
    values = Mechanism(env, (), lotteries).values
    spent = costs(env.costs, lotteries)
    charges, transfers = [], []
    for i in agents:
        others = [sizes[:i], sizes[i + 1 :]]
        rows = {theta: charge(i, theta) for theta in product(*map(range, [*others[0], *others[1]]))}
        charges.append(tuple(rows.values()))
        rest = [sum((row[p] for j, row in enumerate(values) if j != i), -c) for p, c in enumerate(spent)]
        profiles = product(*map(range, sizes))
        transfers.append(tuple(rows[p[:i] + p[i + 1 :]] - w for p, w in zip(profiles, rest, strict=True)))
    return Mechanism(env, tuple(transfers), lotteries, tuple(charges))


def costs(per_outcome: Sequence[Fraction], lotteries: Sequence[Lottery]) -> list[Fraction]:
    """c(q(theta)) at each profile."""
    return [sum((w * per_outcome[x] for x, w in q.items()), Fraction(0)) for q in lotteries]
