"""Hypotheses about questions, and the random numbers and short ways to ask that the theorems' own cases are made of."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

from lpmech.question.distribution import Distribution
from lpmech.question.environment import Environment
from lpmech.question.environments.bilateral_trade import BilateralTrade
from lpmech.question.environments.exchange import Exchange
from lpmech.question.environments.partnership import Partner, Partnership
from lpmech.question.environments.social_choice import SocialChoice, Type
from lpmech.question.model import Instance
from lpmech.question.objective import Objective
from lpmech.question.prior import Profile
from lpmech.question.requirements import Requirements

SOME_BUDGET = ("balanced", "no-deficit", "no-expected-deficit")

CLASSIC: dict[str, Any] = {"incentive_compatibility": "BIC", "individual_rationality": "interim", "budget": "balanced"}
GROVES_EX_ANTE: dict[str, Any] = {
    "transfers": "groves",
    "incentive_compatibility": "DSIC",
    "individual_rationality": "ex-ante",
    "budget": "no-deficit",
}
GROVES_INTERIM: dict[str, Any] = {
    "transfers": "groves",
    "incentive_compatibility": "DSIC",
    "individual_rationality": "interim",
    "budget": "no-expected-deficit",
}
"""With Groves transfers: the best is IR-VCG, and the margin its expected surplus."""
NO_VETO: dict[str, Any] = {"individual_rationality": "none", "budget": "balanced"}

# ---- hypotheses -----------------------------------------------------------------------------------------------------


def unlike(
    instance: Instance,
    *kinds: str,
    objective: str = "margin",
    allocation: str | None = "efficient",
    independent: bool = True,
    **wanted: str | Sequence[str],
) -> str | None:
    """Why an instance is not a question of this sort; None if it is. No kinds: any; ``allocation`` None: any rule."""
    env, need = instance.environment, instance.requirements
    if instance.further:
        return instance.further[0]
    if kinds and env.kind not in kinds:
        return f"the environment is {env.kind}, not {' or '.join(kinds)}"
    if independent and env.prior is not None:
        return "the prior is correlated"
    if instance.objective.maximize != objective:
        return f"the objective is {instance.objective.maximize}, not {objective}"
    if allocation is not None and need.allocation != allocation:
        return f"the allocation is not {allocation}"
    for key, values in wanted.items():
        allowed = (values,) if isinstance(values, str) else values
        if (found := getattr(need, key)) not in allowed:
            return f"{key} is {found}, not {' or '.join(allowed)}"
    return None


def classic(instance: Instance, *kinds: str) -> str | None:
    """Why an instance does not ask for BIC, interim IR and any one budget, with any transfers."""
    return unlike(
        instance,
        *kinds,
        incentive_compatibility="BIC",
        individual_rationality="interim",
        budget=SOME_BUDGET,
        transfers="any",
    )


MOST_PROFILES = 20_000
"""Profiles that a theorem enumerates."""


def large(instance: Instance) -> str | None:
    """Why a theorem may not enumerate the profiles."""
    return None if instance.environment.profile_count <= MOST_PROFILES else f"more than {MOST_PROFILES:,} profiles"


def sides(instance: Instance) -> tuple[Distribution, Distribution]:
    """Buyer and seller of bilateral trade."""
    env = instance.environment
    assert isinstance(env, BilateralTrade)
    return env.buyer, env.seller


def traders(instance: Instance) -> tuple[tuple[Distribution, ...], tuple[Distribution, ...]]:
    """Buyers and sellers of bilateral trade or of an exchange."""
    env = instance.environment
    if isinstance(env, BilateralTrade):
        return (env.buyer,), (env.seller,)
    assert isinstance(env, Exchange)
    return env.buyers, env.sellers


def partners(instance: Instance) -> tuple[list[Fraction], list[Distribution]]:
    """Shares and distributions of a partnership."""
    env = instance.environment
    assert isinstance(env, Partnership)
    return [p.share for p in env.partners], [p.distribution for p in env.partners]


def alike(distributions: Iterable[Distribution]) -> str | None:
    """Why agents are not identically distributed."""
    return None if len(set(distributions)) == 1 else "the distributions differ"


def tied(*sides: Distribution) -> str | None:
    """Why there may be ties: a value of one distribution is a value of another."""
    values = [v for d in sides for v in d.values]
    return None if len(set(values)) == len(values) else "a value is a cost"


def null(*distributions: Distribution) -> str | None:
    """Why a formula may not divide by the masses."""
    return None if all(p for d in distributions for p in d.probabilities) else "a type has probability 0"


def unit_grid(d: Distribution) -> str | None:
    """Why a distribution is not uniform on N >= 2 equally spaced points 0, ..., 1."""
    return None if len(d) > 1 and d == endpoints(len(d)) else "a distribution is not the uniform grid 0, ..., 1"


def interleaved(buyer: Distribution, seller: Distribution) -> str | None:
    """Why the values are not S_1 < B_1 < S_2 < B_2 < ..."""
    order = [v for pair in zip(seller.values, buyer.values, strict=False) for v in pair]
    if len(buyer) != len(seller) or any(low >= high for low, high in pairwise(order)):
        return "values and costs are not interleaved, the lowest a cost and the highest a value"
    return None


# ---- cases ----------------------------------------------------------------------------------------------------------


def ask(environment: Environment, objective: str = "margin", **requirements: Any) -> Instance:
    """A question; requirements not given are BIC, interim IR, balanced, efficient."""
    return Instance(environment, Requirements(**(CLASSIC | requirements)), Objective(objective))


def bilateral(
    buyer: Distribution,
    seller: Distribution,
    *,
    prior: Mapping[Profile, Fraction] | None = None,
    objective: str = "margin",
    **requirements: Any,
) -> Instance:
    """Bilateral trade."""
    return ask(BilateralTrade(buyer, seller, prior), objective, **requirements)


def exchange(buyers: Iterable[Distribution], sellers: Iterable[Distribution], **requirements: Any) -> Instance:
    """Many buyers and sellers of one unit each."""
    return ask(Exchange(buyers, sellers), **requirements)


def partnership(
    shares: Iterable[Fraction | int],
    values: Distribution | Iterable[Distribution],
    *,
    objective: str = "margin",
    **requirements: Any,
) -> Instance:
    """A partnership; one distribution for all, or one for each."""
    shares = list(shares)
    each = [values] * len(shares) if isinstance(values, Distribution) else list(values)
    owners = [Partner(share, distribution) for share, distribution in zip(shares, each, strict=True)]
    return ask(Partnership(owners), objective, **requirements)


def endpoints(n: int) -> Distribution:
    """n equally likely values 0, 1/(n - 1), ..., 1."""
    return Distribution(Fraction(i, n - 1) for i in range(n))


def midpoints(n: int) -> Distribution:
    """n equally likely values, the centres of n cells of [0, 1]."""
    return Distribution(Fraction(2 * i + 1, 2 * n) for i in range(n))


def masses(rng: random.Random, n: int, *, null: bool = False) -> list[Fraction]:
    """Uneven random masses, some 0 if ``null``."""
    while True:
        weights = [rng.choice([0, 1, 1, 2, 3, 8] if null else [1, 1, 2, 3, 8]) for _ in range(n)]
        if sum(weights):
            return [Fraction(w, sum(weights)) for w in weights]


def randomly(rng: random.Random, n: int, *, top: int = 12, null: bool = False) -> Distribution:
    """n values among 0, ..., top with uneven masses."""
    return Distribution(sorted(rng.sample(range(top + 1), n)), masses(rng, n, null=null))


def apart(
    rng: random.Random, m: int, n: int, *, top: int = 20, null: bool = False
) -> tuple[Distribution, Distribution]:
    """A buyer of m types and a seller of n types who have no value in common."""
    drawn = rng.sample(range(top + 1), m + n)
    buyer = Distribution(sorted(drawn[:m]), masses(rng, m, null=null))
    return buyer, Distribution(sorted(drawn[m:]), masses(rng, n, null=null))


def ladder(rng: random.Random, n: int, top: int = 20) -> tuple[Distribution, Distribution]:
    """A buyer and a seller of n types each, S_1 < B_1 < S_2 < B_2 < ..."""
    drawn = sorted(rng.sample(range(top + 1), 2 * n))
    return Distribution(drawn[1::2], masses(rng, n)), Distribution(drawn[::2], masses(rng, n))


def social_choice(rng: random.Random, *, most: int = 3) -> SocialChoice:
    """Two or three agents of two or ``most`` types, three outcomes with costs, outside options that depend on the type."""
    agents = {
        name: [
            Type(f"{k}", p, [rng.randint(-3, 6) for _ in range(3)], rng.randint(-2, 1))
            for k, p in enumerate(masses(rng, rng.randint(2, most)))
        ]
        for name in ("ann", "bob", "carol")[: rng.choice([2, 2, 3])]
    }
    return SocialChoice(["x", "y", "z"], agents, [0, 1, 2])


def anything(rng: random.Random) -> Environment:
    """A small environment of any kind, with independent types."""
    kind = rng.randrange(4)
    if kind == 0:
        return BilateralTrade(randomly(rng, rng.randint(1, 4), null=True), randomly(rng, rng.randint(1, 4), null=True))
    if kind == 1:
        buyers = [randomly(rng, rng.randint(1, 3)) for _ in range(2)]
        return Exchange(buyers, [randomly(rng, rng.randint(1, 3))])
    if kind == 2:
        shares = masses(rng, rng.choice([2, 2, 3]), null=True)
        return Partnership([Partner(share, randomly(rng, rng.randint(2, 3))) for share in shares])
    return social_choice(rng)


def full_rank_prior(rng: random.Random, n: int) -> dict[Profile, Fraction]:
    """A joint prior of two agents with n types each; its matrix is diagonally dominant, so that beliefs are independent."""
    weights = {(i, j): rng.randint(1, 9) + 9 * n * (i == j) for i in range(n) for j in range(n)}
    return {profile: Fraction(w, sum(weights.values())) for profile, w in weights.items()}
