"""Pivot mechanism (VCG): each agent pays what his presence costs the others.

Groves scheme with h_i(theta_-i) = max over x in X_i of sum_{j != i} v_j(x, theta_j) - c(x). What would happen without
agent i is a convention, the option ``without``:

* ``every-outcome`` (default): the mechanism can force every outcome, X_i is all of them. In bilateral trade the buyer
  would get the good without the seller's consent: the seller pays b if there is no trade. In a partnership the object
  would go to the best of the others. Charges are >= 0 then: there is no deficit if outcomes cost nothing.
* ``his-part-empty``: only outcomes are possible in which agent i has no part, X_i is where v_i(x, k) = 0 for all k.
  In bilateral trade nothing would happen: the buyer pays s and the seller gets b if they trade, a deficit of b - s.
  In a partnership it is the others among whom the object would go, as before.

Source: efficient-mechanisms-notes, Section 3 (pivot); kos-manea-2009, Definition 1 (bilateral trade, his-part-empty).
"""

from __future__ import annotations

from fractions import Fraction

from lpmech.answer.mechanism import Mechanism
from lpmech.literature.mechanisms._groves import scheme
from lpmech.question.environment import Environment
from lpmech.question.model import Instance
from lpmech.question.prior import Profile

OPTIONS = {"without": ("every-outcome", "his-part-empty")}


def applies(instance: Instance, without: str = "every-outcome") -> str | None:
    """Everywhere, but for ``his-part-empty`` where an agent has a part in every outcome."""
    env = instance.environment
    for i, agent in enumerate(env.agents):
        if not _possible(env, i, without):
            return f"every outcome matters to {agent.name}, so that none is possible without him"
    return None


def build(instance: Instance, without: str = "every-outcome") -> Mechanism:
    """The pivot mechanism."""
    env = instance.environment
    tables = [env.valuation(i) for i in range(len(env.agents))]
    possible = [_possible(env, i, without) for i in range(len(env.agents))]

    def charge(i: int, others: Profile) -> Fraction:
        rows = [table[k] for table, k in zip(tables[:i] + tables[i + 1 :], others, strict=True)]
        return max(sum((row[x] for row in rows), -env.costs[x]) for x in possible[i])

    return scheme(instance, charge)


def _possible(env: Environment, i: int, without: str) -> list[int]:
    """Outcomes that are possible without agent i."""
    table = env.valuation(i)
    return [x for x in range(len(env.outcomes)) if without == "every-outcome" or not any(row[x] for row in table)]
