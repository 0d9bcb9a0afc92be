"""Expected externality mechanism (AGV, dAGV): efficient, BIC and balanced, for any environment with independent types.

The option ``version`` says how the expected externalities are passed on:

* ``dagv`` (default): t_i = -r_i(theta_i) + (1/(n - 1)) sum_{j != i} r_j(theta_j), r_i(k) = E[sum_{j != i} v_j(q,
  theta_j) | k];
* ``next-agent``: T_i(theta_i) + E[T_{i+1}] - T_{i+1}(theta_{i+1}) - (1/n) sum_j E[T_j], with T the interim payments
  of the pivot mechanism: each agent bears the deviations of the next;
* ``equal-share``: the same with T_{i+1}'s deviations replaced by the mean of the other agents' ones.

The last two have the same interim payments. If outcomes cost something, every agent pays c(q(theta))/n on top, and v_j
counts less c/n: revenue is 0 after the cost. One agent alone pays the cost.

Source: mishra-2020, dAGV theorem (dagv); efficient-mechanisms-notes, Definition 4 (next-agent) and Section 4, remark 3
(equal-share).
"""

from __future__ import annotations

from fractions import Fraction

from lpmech.answer.mechanism import Mechanism
from lpmech.literature.mechanisms import vcg
from lpmech.literature.mechanisms._balance import balance, equally, expectations, interim_payments, next_agent
from lpmech.literature.mechanisms._groves import costs, efficient
from lpmech.question.model import Instance

OPTIONS = {"version": ("dagv", "next-agent", "equal-share")}


def applies(instance: Instance, version: str = "dagv") -> str | None:
    """Independent types."""
    return None if instance.environment.prior is None else "the prior is correlated"


def build(instance: Instance, version: str = "dagv") -> Mechanism:
    """The expected externality mechanism."""
    env, n = instance.environment, len(instance.environment.agents)
    if n == 1:
        lotteries = efficient(instance)
        return Mechanism(env, (tuple(costs(env.costs, lotteries)),), lotteries)
    if version == "dagv":
        return _dagv(instance)
    pivot = vcg.build(instance)
    return balance(
        env, pivot.lotteries, interim_payments(pivot), next_agent(n) if version == "next-agent" else equally(n)
    )


def _dagv(instance: Instance) -> Mechanism:
    env, n = instance.environment, len(instance.environment.agents)
    bare = Mechanism(env, (), efficient(instance))
    part = [c / n for c in costs(env.costs, bare.lotteries)]
    rows = []
    for i in range(n):
        others = [
            sum((row[p] - c for j, row in enumerate(bare.values) if j != i), Fraction(0)) for p, c in enumerate(part)
        ]
        rows.append(expectations(env, i, others))
    shared = [[r / (n - 1) for r in row] for row in rows]
    transfers = tuple(
        tuple(
            sum((shared[j][theta[j]] for j in range(n) if j != i), c - rows[i][theta[i]])
            for theta, c in zip(bare.profiles, part, strict=True)
        )
        for i in range(n)
    )
    return Mechanism(env, transfers, bare.lotteries)
