"""Tight mechanism: the largest revenue that an implementable allocation allows under BIC and interim IR.

The given allocation (a table, a posted price, or the efficient one) with payments that make the buyers' downward and
the sellers' upward neighbouring incentive constraints bind in expectation, and IR of the lowest buyer and the highest
seller. DSIC and ex post IR as well if the allocation is monotone at every profile, and VCG' if it is efficient.

Source: kos-manea-2009, Section 6.1 (tight mechanisms; several buyers and sellers likewise).
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from lpmech.answer.mechanism import Mechanism
from lpmech.answer.tables import Lottery
from lpmech.base.exact import from_flint
from lpmech.literature.mechanisms._balance import expectations
from lpmech.literature.mechanisms._groves import efficient
from lpmech.literature.mechanisms._units import buyers, no_market, tight_payments, trading
from lpmech.question.allocation import allocation
from lpmech.question.model import Instance

OPTIONS: dict[str, tuple[str, ...] | None] = {}


def applies(instance: Instance) -> str | None:
    """Bilateral trade and exchange, independent types, an allocation that is given and implementable: a better type does
    not trade less often."""
    if reason := no_market(instance):
        return reason
    env = instance.environment
    if env.prior is not None:
        return "the prior is correlated"
    if instance.requirements.allocation == "free":
        return "the allocation is free; a tight mechanism has a given one"
    mechanism = _given(instance)
    for i, agent in enumerate(env.agents):
        chance = expectations(env, i, trading(mechanism, i))
        for k, (one, next_) in enumerate(pairwise(chance)):
            if (one > next_) if i < buyers(env) else (one < next_):
                return (
                    f"the allocation is not implementable: {agent.name} {agent.types[k]} trades with probability {one}, "
                    f"{agent.name} {agent.types[k + 1]} with {next_}"
                )
    return None


def build(instance: Instance) -> Mechanism:
    """The tight mechanism of the instance's allocation."""
    return tight_payments(_given(instance))


def _given(instance: Instance) -> Mechanism:
    """The allocation without payments."""
    if instance.requirements.allocation == "efficient":
        return Mechanism(instance.environment, (), efficient(instance))
    lotteries: list[Lottery] = []
    for row in allocation(instance).fixed:
        exact = [from_flint(w) for w in row]
        lotteries.append({x: w for x, w in enumerate(exact) if w != Fraction(0)})
    return Mechanism(instance.environment, (), lotteries)
