"""Interim payoffs are the same in all optimal mechanisms with allocation x iff these leave nothing of the surplus Pi(x).

x is implementable, the highest value and the lowest cost have a probability; BIC, interim IR, any budget; Pi(x) is the
surplus of the tight mechanism.
*Margin*: it is Pi(x), and whoever attains it is tight: u_B(B_i) = sum_{k < i} x_B(B_k) (B_{k+1} - B_k), u_S(S_j) =
sum_{k > j} x_S(S_k) (S_k - S_{k-1}), x_B and x_S interim probabilities of trade. *Welfare*: all that meet the requirements
are optimal; there are some iff Pi(x) >= 0, and payoffs are unique iff Pi(x) = 0, since Pi(x) > 0 can be given to the buyer
or to the seller. Kos and Manea announce a condition and state none; the proof is in docs/theorems.md.
Source: kos-manea-2009, Introduction.
"""

from __future__ import annotations

import random
from fractions import Fraction

from lpmech.literature.expectations import (
    Table,
    by_buyer,
    by_seller,
    efficient_trade,
    given_trade,
    is_implementable,
    tight_surplus,
)
from lpmech.literature.questions import SOME_BUDGET, apart, bilateral, sides, unlike
from lpmech.literature.theorems import Prediction, Range
from lpmech.question.distribution import Distribution
from lpmech.question.model import Instance
from lpmech.question.requirements import AllocationTable

title = "interim payoffs of optimal mechanisms are unique iff the tight mechanism has no surplus to spare"
source = "kos-manea-2009, Introduction"
exact = True

MOST_PROFILES = 64
"""Profiles of the instances it speaks about: what all optimal mechanisms share is computed profile by profile."""
ZERO = Fraction(0)


def applies(instance: Instance) -> str | None:
    objective = "welfare" if instance.objective.maximize == "welfare" else "margin"
    reason = unlike(
        instance,
        "bilateral-trade",
        objective=objective,
        allocation=None,
        incentive_compatibility="BIC",
        individual_rationality="interim",
        budget=SOME_BUDGET,
        transfers="any",
    )
    if reason is not None:
        return reason
    buyer, seller = sides(instance)
    if instance.environment.profile_count > MOST_PROFILES:
        return f"more than {MOST_PROFILES} profiles"
    x = given_trade(instance, buyer, seller)
    if x is None:
        return "the allocation is left open"
    if not (buyer.probabilities[-1] and seller.probabilities[0]):
        return "the highest value or the lowest cost has probability 0"
    return None if is_implementable(buyer, seller, x) else "the allocation is not implementable"


def predict(instance: Instance) -> Prediction:
    buyer, seller = sides(instance)
    x = given_trade(instance, buyer, seller)
    assert x is not None  # ``applies`` has said so
    surplus, payoffs = tight_surplus(buyer, seller, x), _tight(buyer, seller, x)
    verdict = "exists" if surplus >= 0 else "impossible"
    if instance.objective.maximize == "margin":
        return Prediction(verdict, Range.exactly(surplus), unique_payoffs=True, payoffs=payoffs)
    if surplus < 0:
        return Prediction(verdict)
    value = Range.exactly(_gains(buyer, seller, x))
    if surplus > 0:
        return Prediction(verdict, value=value, unique_payoffs=False)
    return Prediction(verdict, value=value, unique_payoffs=True, payoffs=payoffs)


def _tight(buyer: Distribution, seller: Distribution, x: Table) -> tuple[tuple[Fraction, ...], ...]:
    """Interim utilities of the tight mechanism, buyer before seller."""
    B, S, bought, sold = buyer.values, seller.values, by_buyer(x, seller), by_seller(x, buyer)
    buyers, sellers = [ZERO], [ZERO]
    for i in range(1, len(B)):
        buyers.append(buyers[-1] + bought[i - 1] * (B[i] - B[i - 1]))
    for j in range(len(S) - 1, 0, -1):
        sellers.insert(0, sellers[0] + sold[j] * (S[j] - S[j - 1]))
    return tuple(buyers), tuple(sellers)


def _gains(buyer: Distribution, seller: Distribution, x: Table) -> Fraction:
    """E[x (b - s)]."""
    return sum(
        (
            p * r * x[i][j] * (b - s)
            for i, (b, p) in enumerate(zip(buyer.values, buyer.probabilities, strict=True))
            for j, (s, r) in enumerate(zip(seller.values, seller.probabilities, strict=True))
        ),
        ZERO,
    )


def case(number: int, rng: random.Random) -> Instance:
    """In turn: the margin of a monotone lottery; welfare of one; welfare of the mixture of efficient trade with trade of
    the highest value and the lowest cost that has no surplus to spare, where there is one. Types of probability 0."""
    while True:
        buyer, seller = apart(rng, rng.randint(1, 4), rng.randint(1, 4), null=number % 4 == 0)
        if buyer.probabilities[-1] and seller.probabilities[0]:
            break
    rows = sorted([sorted((rng.randint(0, 4) for _ in seller.values), reverse=True) for _ in buyer.values], key=sum)
    columns = (sorted(column) for column in zip(*rows, strict=True))
    x = [[Fraction(z, 4) for z in row] for row in zip(*columns, strict=True)]
    if number % 3 == 2:
        best, few = efficient_trade(buyer, seller), [[ZERO] * len(seller) for _ in buyer.values]
        few[-1][0] = Fraction(buyer.values[-1] > seller.values[0])
        lost, spare = tight_surplus(buyer, seller, best), tight_surplus(buyer, seller, few)
        if lost < 0 < spare:
            w = spare / (spare - lost)
            x = [[w * a + (1 - w) * b for a, b in zip(*both, strict=True)] for both in zip(best, few, strict=True)]
    rule = AllocationTable([[1 - z, z] for row in x for z in row])
    objective = "welfare" if number % 3 else "margin"
    return bilateral(buyer, seller, objective=objective, allocation=rule, budget=rng.choice(SOME_BUDGET))
