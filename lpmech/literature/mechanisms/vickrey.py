"""Vickrey auction: efficient, and each bidder pays what the others lose by his getting something.

The Groves scheme with h_i(theta_-i) the largest sum_{j != i} v_j(x, theta_j) - c(x) over the outcomes x in which bidder i
gets nothing. With one unit the winner pays the second highest value, or the cost if that is higher; with several, for each
that he gets, the highest of the others' values that does not get one. What he gets could have stayed with the designer, and
its cost with it, so he pays at least its cost: there is no deficit.

Source: vickrey-1961; for units and objects clarke-1971 and groves-1973.
"""

from __future__ import annotations

from fractions import Fraction

from lpmech.answer.mechanism import Mechanism
from lpmech.literature.mechanisms._auction import no_auction
from lpmech.literature.mechanisms._groves import scheme
from lpmech.question.environments.auction import Auction
from lpmech.question.model import Instance
from lpmech.question.prior import Profile

OPTIONS: dict[str, tuple[str, ...] | None] = {}


def applies(instance: Instance) -> str | None:
    """Auctions."""
    return no_auction(instance)


def build(instance: Instance) -> Mechanism:
    """The Vickrey auction."""
    env = instance.environment
    assert isinstance(env, Auction)
    tables, agents = [env.valuation(i) for i in range(len(env.agents))], range(len(env.agents))
    without = [[x for x, portion in enumerate(env.portions) if portion[i] == 0] for i in agents]

    def charge(i: int, others: Profile) -> Fraction:
        rows = [table[k] for table, k in zip(tables[:i] + tables[i + 1 :], others, strict=True)]
        return max(sum((row[x] for row in rows), -env.costs[x]) for x in without[i])

    return scheme(instance, charge)
