"""DSIC, ex post IR, balanced trade: posted prices do it; in the continuum, up to lotteries, nothing else does.

Every posted price exists with margin >= 0; the best welfare of all such mechanisms on a grid is at least that of the best
posted price. (On a grid there are others: truth leaves slack between types.)
Source: hagerty-rogerson-1987, Corollary 1; efficient-mechanisms-notes, Section 6.
"""

from __future__ import annotations

import random
from fractions import Fraction

from lpmech.literature.questions import SOME_BUDGET, bilateral, full_rank_prior, randomly, unlike
from lpmech.literature.theorems import Prediction, Range
from lpmech.question.environment import Environment
from lpmech.question.environments.bilateral_trade import BilateralTrade
from lpmech.question.model import Instance
from lpmech.question.profiles import Profiles
from lpmech.question.requirements import PostedPrice

title = "posted prices are truthful, ex post rational and balanced"
source = "hagerty-rogerson-1987, Corollary 1"
exact = True


def applies(instance: Instance) -> str | None:
    posted = isinstance(instance.requirements.allocation, PostedPrice)
    return unlike(
        instance,
        "bilateral-trade",
        independent=False,
        objective="margin" if posted else "welfare",
        allocation=None if posted else "free",
        individual_rationality=("ex-post", "interim", "ex-ante"),
        budget=SOME_BUDGET,
        transfers="any",
    )


def best_posted_price(env: Environment) -> Fraction:
    """E[(b - s) 1{b >= p >= s}], the largest over p."""
    assert isinstance(env, BilateralTrade)
    profiles = Profiles(env)
    masses = {theta: profiles.mass(theta) for theta in profiles}
    trades = [(env.buyer.values[i], env.seller.values[j], mass) for (i, j), mass in masses.items()]
    return max(
        sum((mass * (b - s) for b, s, mass in trades if b >= price >= s), Fraction(0))
        for price in (*env.buyer.values, *env.seller.values)
    )


def predict(instance: Instance) -> Prediction:
    if isinstance(instance.requirements.allocation, PostedPrice):
        return Prediction("exists", Range(low=0))
    return Prediction("exists", value=Range(low=best_posted_price(instance.environment)))


def case(number: int, rng: random.Random) -> Instance:
    n = rng.randint(2, 4)
    buyer, seller = randomly(rng, n, null=number % 3 == 0), randomly(rng, n)
    prior = full_rank_prior(rng, n) if number % 5 == 0 else None
    robust = {"incentive_compatibility": "DSIC", "individual_rationality": "ex-post", "budget": "balanced"}
    if number % 2:
        return bilateral(buyer, seller, prior=prior, allocation=PostedPrice(rng.randint(0, 12)), **robust)
    return bilateral(buyer, seller, prior=prior, allocation="free", objective="welfare", **robust)
