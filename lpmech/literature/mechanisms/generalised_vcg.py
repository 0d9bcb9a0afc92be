"""Generalised VCG mechanism: efficient, and truth is optimal ex post though values depend on the types of others.

Agent i's payment against theta_-i rises from one of his types to the next, k - 1 to k, by what the change of outcome is
worth to the type of the two who has more of it:

    t_i(k) - t_i(k - 1) = v_i(q(k), theta^k) - v_i(q(k - 1), theta^k)        if that is >= 0,
                          v_i(q(k), theta^(k-1)) - v_i(q(k - 1), theta^(k-1)) otherwise,

theta^k the profile (k, theta_-i): a winner of an object pays his value at the lowest signal with which he still wins, a
seller gets his cost at the highest with which he still sells. The level is such that the type who gains least against
theta_-i has exactly his outside option: ex post IR. Truth is optimal iff types and values are single crossing; on a grid
that is checked as what it is for, every report against every profile. With private values the mechanism is DSIC.

Source: cremer-mclean-1985; dasgupta-maskin-2000.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product

from lpmech.answer.mechanism import Mechanism
from lpmech.literature.mechanisms._groves import efficient
from lpmech.question.environment import Environment
from lpmech.question.model import Instance
from lpmech.question.profiles import Profiles

OPTIONS: dict[str, tuple[str, ...] | None] = {}
ZERO = Fraction(0)


def applies(instance: Instance) -> str | None:
    """Ordered types, given shares, no lotteries at ties, and single crossing."""
    env = instance.environment
    if env.free_shares:
        return "shares are free"
    if instance.requirements.ties == "uniform":
        return "ties are broken by lotteries"
    for i, agent in enumerate(env.agents):
        if not env.ordered(i):
            return f"the types of {agent.name} have no order"
    gain = _misreport(instance, build(instance))
    return None if gain is None else f"values are not single crossing: {gain}"


def build(instance: Instance) -> Mechanism:
    """The generalised VCG mechanism."""
    env, lotteries = instance.environment, efficient(instance)
    profiles = Profiles(env)
    chosen = [next(iter(lottery)) for lottery in lotteries]
    transfers = []
    for i, n in enumerate(env.sizes):
        values, outside = env.value_at(i), env.outside_at(i)
        paid = [ZERO] * env.profile_count
        for spots in _lines(env, profiles, i):
            row = [ZERO]
            for k in range(1, n):
                low, high = spots[k - 1], spots[k]
                more = values[high][chosen[high]] - values[high][chosen[low]]
                less = values[low][chosen[high]] - values[low][chosen[low]]
                row.append(row[-1] + (more if more >= 0 else less))
            level = min(values[p][chosen[p]] - t - outside[p] for p, t in zip(spots, row, strict=True))
            for p, t in zip(spots, row, strict=True):
                paid[p] = t + level
        transfers.append(tuple(paid))
    return Mechanism(env, tuple(transfers), lotteries)


def _lines(env: Environment, profiles: Profiles, i: int) -> list[list[int]]:
    """For each profile of the others the numbers of the profiles with each type of agent i."""
    others = product(*(range(n) if j != i else (0,) for j, n in enumerate(env.sizes)))
    return [[profiles.number((*theta[:i], k, *theta[i + 1 :])) for k in range(env.sizes[i])] for theta in others]


def _misreport(instance: Instance, mechanism: Mechanism) -> str | None:
    """A report that pays at some profile, in words."""
    env = instance.environment
    profiles = Profiles(env)
    chosen = [next(iter(lottery)) for lottery in mechanism.lotteries]
    for i, agent in enumerate(env.agents):
        values, paid = env.value_at(i), mechanism.transfers[i]
        for spots in _lines(env, profiles, i):
            for k, p in enumerate(spots):
                truth = values[p][chosen[p]] - paid[p]
                for r, lie in enumerate(spots):
                    if values[p][chosen[lie]] - paid[lie] > truth:
                        at = ", ".join(a.types[m] for a, m in zip(env.agents, mechanism.profiles[p], strict=True))
                        return f"{agent.name} of type {agent.types[k]} would report {agent.types[r]} at ({at})"
    return None
