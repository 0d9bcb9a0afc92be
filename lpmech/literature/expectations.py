"""The few exact expectations that the theorems' formulas are made of. Independent types unless said otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise, product

from lpmech.question.distribution import Distribution
from lpmech.question.environment import Environment
from lpmech.question.model import Instance
from lpmech.question.prior import Profile
from lpmech.question.profiles import Profiles
from lpmech.question.requirements import AllocationTable, PostedPrice

Table = Sequence[Sequence[Fraction]]
"""Probability of trade: a row for each type of the buyer, a column for each type of the seller."""

ZERO = Fraction(0)


def pairs(d: Distribution) -> list[tuple[Fraction, Fraction]]:
    """(value, mass) of each type."""
    return list(zip(d.values, d.probabilities, strict=True))


def at_most(d: Distribution, x: Fraction) -> Fraction:
    """F(x)."""
    return sum((p for v, p in pairs(d) if v <= x), ZERO)


def below(d: Distribution, x: Fraction) -> Fraction:
    """F(x-)."""
    return sum((p for v, p in pairs(d) if v < x), ZERO)


def mean(d: Distribution) -> Fraction:
    """Expected value."""
    return sum((p * v for v, p in pairs(d)), ZERO)


def excess(d: Distribution, x: Fraction) -> Fraction:
    """E[(b - x)^+]."""
    return sum((p * (v - x) for v, p in pairs(d) if v > x), ZERO)


def shortfall(d: Distribution, x: Fraction) -> Fraction:
    """E[(x - s)^+]."""
    return sum((p * (x - v) for v, p in pairs(d) if v < x), ZERO)


def gains(buyer: Distribution, seller: Distribution) -> Fraction:
    """E[(b - s)^+]."""
    return sum((p * shortfall(seller, b) for b, p in pairs(buyer)), ZERO)


def antitone_gains(buyer: Distribution, seller: Distribution) -> Fraction:
    """E[(b - s)^+] when the highest values meet the lowest costs."""
    total = ZERO
    down, up = [[b, p] for b, p in reversed(pairs(buyer))], [[s, r] for s, r in pairs(seller)]
    while down and up:
        mass = min(down[0][1], up[0][1])
        total += mass * max(down[0][0] - up[0][0], ZERO)
        for side in (down, up):
            side[0][1] -= mass
            if side[0][1] == 0:
                side.pop(0)
    return total


def mesh(d: Distribution) -> Fraction:
    """The largest gap between neighbouring types."""
    return max((high - low for low, high in pairwise(d.values)), default=ZERO)


# ---- bilateral trade ------------------------------------------------------------------------------------------------


def surplus_of_vcg_prime(buyer: Distribution, seller: Distribution) -> Fraction:
    """Pi of VCG', the formula of Section 3, with ties left to the seller. Source: kos-manea-2009, Section 3."""
    B, S = buyer.values, seller.values
    paid = received = ZERO
    for i, b in enumerate(B):
        reached = below(seller, b) - (below(seller, B[i - 1]) if i else 0)
        paid += (1 - (at_most(buyer, B[i - 1]) if i else 0)) * reached * b
    for j, s in enumerate(S):
        reached = (at_most(buyer, S[j + 1]) if j + 1 < len(S) else 1) - at_most(buyer, s)
        received += at_most(seller, s) * reached * s
    return paid - received


def efficient_trade(buyer: Distribution, seller: Distribution, at_ties: Fraction = ZERO) -> Table:
    """1 where b > s, 0 where b < s."""
    return [[Fraction(b > s) if b != s else at_ties for s in seller.values] for b in buyer.values]


def given_trade(instance: Instance, buyer: Distribution, seller: Distribution) -> Table | None:
    """The trade that an instance prescribes; None if it leaves that open."""
    rule = instance.requirements.allocation
    if isinstance(rule, PostedPrice):
        return [[Fraction(b >= rule.price >= s) for s in seller.values] for b in buyer.values]
    if isinstance(rule, AllocationTable):
        chance = [lottery[1] for lottery in rule.lotteries]
        n = len(seller)
        return [chance[i * n : (i + 1) * n] for i in range(len(buyer))]
    if rule == "efficient" and set(buyer.values).isdisjoint(seller.values):
        return efficient_trade(buyer, seller)
    return None


def by_buyer(table: Table, seller: Distribution) -> list[Fraction]:
    """Expectation over the seller's types, for each type of the buyer."""
    return [sum((p * z for p, z in zip(seller.probabilities, row, strict=True)), ZERO) for row in table]


def by_seller(table: Table, buyer: Distribution) -> list[Fraction]:
    """Expectation over the buyer's types, for each type of the seller."""
    return by_buyer([list(column) for column in zip(*table, strict=True)], buyer)


def is_implementable(buyer: Distribution, seller: Distribution, x: Table) -> bool:
    """Interim probabilities of trade rise with the buyer's value and fall with the seller's cost."""
    bought, sold = by_buyer(x, seller), by_seller(x, buyer)
    return bought == sorted(bought) and sold == sorted(sold, reverse=True)


def tight_surplus(buyer: Distribution, seller: Distribution, x: Table) -> Fraction:
    """Pi(x): expected surplus of the tight mechanism, from its interim transfers. Source: kos-manea-2009, Section 6."""
    total, before, paid = ZERO, ZERO, ZERO
    for b, p, bought in zip(buyer.values, buyer.probabilities, by_buyer(x, seller), strict=True):
        paid += (bought - before) * b
        before = bought
        total += p * paid
    after, got = ZERO, ZERO
    columns = list(zip(seller.values, seller.probabilities, by_seller(x, buyer), strict=True))
    for s, r, sold in reversed(columns):
        got += (sold - after) * s
        after = sold
        total -= r * got
    return total


def virtual_values(buyer: Distribution) -> list[Fraction]:
    """B_i - (B_{i+1} - B_i) P(b > B_i) / p(B_i); masses are positive."""
    B = buyer.values
    rents = ((B[i + 1] - b) * (1 - at_most(buyer, b)) if i + 1 < len(B) else ZERO for i, b in enumerate(B))
    return [b - rent / p for (b, p), rent in zip(pairs(buyer), rents, strict=True)]


def virtual_costs(seller: Distribution) -> list[Fraction]:
    """S_j + (S_j - S_{j-1}) P(s < S_j) / p(S_j); masses are positive."""
    S = seller.values
    rents = ((s - S[j - 1]) * below(seller, s) if j else ZERO for j, s in enumerate(S))
    return [s + rent / r for (s, r), rent in zip(pairs(seller), rents, strict=True)]


def virtual_surplus(buyer: Distribution, seller: Distribution, x: Table) -> Fraction:
    """Pi(x) by virtual values and costs; i is the buyer's type. Source: kos-manea-2009, Lemma 1, ranges corrected."""
    value, cost = virtual_values(buyer), virtual_costs(seller)
    return sum(
        (
            p * r * x[i][j] * (value[i] - cost[j])
            for (i, p), (j, r) in product(enumerate(buyer.probabilities), enumerate(seller.probabilities))
        ),
        ZERO,
    )


# ---- any environment ------------------------------------------------------------------------------------------------


def surpluses(env: Environment) -> dict[Profile, Fraction]:
    """W(theta), the largest total value less cost, at every profile."""
    profiles = Profiles(env)
    return {profile: max(profiles.surplus(profile)) for profile in profiles}


def ir_vcg_surplus(env: Environment) -> Fraction:
    """E sum_i (t_i^vcg - psi_i*): agent i keeps E[W | k] less the least of E[W | k] - outside_i(k).

    Independent types. Source: efficient-mechanisms-notes, Definition 6.
    """
    expected, own, profiles = ZERO, [[ZERO] * n for n in env.sizes], Profiles(env)
    for profile, surplus in surpluses(env).items():
        expected += profiles.mass(profile) * surplus
        for i, k in enumerate(profile):
            own[i][k] += profiles.others_mass(profile, i) * surplus
    kept = (min(w - out for w, out in zip(row, a.outside, strict=True)) for row, a in zip(own, env.agents, strict=True))
    return sum(kept, ZERO) - (len(env.agents) - 1) * expected


def expected_maximum(values: Distribution, draws: int, least: Fraction | None = None) -> Fraction:
    """E[max of independent draws], each and all at least ``least``."""
    total, reached = ZERO, ZERO
    for v in values.values:
        up_to = at_most(values, v) ** draws
        total += (up_to - reached) * (v if least is None else max(v, least))
        reached = up_to
    return total
