"""Short ways to ask the questions of the papers, and the few exact expectations that their formulas are made of."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import lpmech
from lpmech.environments.bilateral_trade import BilateralTrade
from lpmech.environments.exchange import Exchange
from lpmech.environments.partnership import Partner, Partnership
from lpmech.model import Distribution, Environment, Instance, Objective, Profile, Requirements
from lpmech.result import Result

F = Fraction

INSTANCES = Path(__file__).parents[2] / "instances"

CLASSIC = {"incentive_compatibility": "BIC", "individual_rationality": "interim", "budget": "balanced"}
GROVES_EX_ANTE = {
    "transfers": "groves",
    "incentive_compatibility": "DSIC",
    "individual_rationality": "ex-ante",
    "budget": "no-deficit",
}
GROVES_INTERIM = {
    "transfers": "groves",
    "incentive_compatibility": "DSIC",
    "individual_rationality": "interim",
    "budget": "no-expected-deficit",
}
"""With Groves transfers: the best is IR-VCG, and the margin its expected surplus."""


def ask(environment: Environment, objective: str = "margin", **requirements: Any) -> Instance:
    """A question; requirements not given are BIC, interim IR, balanced, efficient."""
    return Instance(environment, Requirements(**(CLASSIC | requirements)), Objective(objective))


def bilateral(
    buyer: Distribution,
    seller: Distribution,
    *,
    prior: Mapping[Profile, F] | None = None,
    objective: str = "margin",
    **requirements: Any,
) -> Instance:
    """Bilateral trade."""
    return ask(BilateralTrade(buyer, seller, prior), objective, **requirements)


def exchange(buyers: Iterable[Distribution], sellers: Iterable[Distribution], **requirements: Any) -> Instance:
    """Many buyers and sellers of one unit each."""
    return ask(Exchange(buyers, sellers), **requirements)


def partnership(
    shares: Iterable[F | int],
    values: Distribution | Iterable[Distribution],
    *,
    objective: str = "margin",
    **requirements: Any,
) -> Instance:
    """A partnership; one distribution for all, or one for each."""
    shares = list(shares)
    each = [values] * len(shares) if isinstance(values, Distribution) else list(values)
    partners = [Partner(share, distribution) for share, distribution in zip(shares, each, strict=True)]
    return ask(Partnership(partners), objective, **requirements)


def solved(instance: Instance) -> Result:
    """The answer, which must come with a proof."""
    result = lpmech.solve(instance)
    assert result.proved, result.reason
    return result


def margin(instance: Instance) -> F | float:
    """The proved margin; the verdict must be its sign."""
    result = solved(instance)
    assert result.margin is not None
    assert result.verdict == ("exists" if result.margin >= 0 else "impossible")
    return result.margin


def catalogued(item: str, **parameters: F | int | str) -> Result:
    """The answer to an instance of the catalogue."""
    result = lpmech.solve(INSTANCES / f"{item}.toml", parameters=parameters)
    assert result.proved, result.reason
    return result


def endpoints(n: int) -> Distribution:
    """n equally likely values 0, 1/(n - 1), ..., 1."""
    return Distribution(F(i, n - 1) for i in range(n))


def midpoints(n: int) -> Distribution:
    """n equally likely values, the centres of n cells of [0, 1]."""
    return Distribution(F(2 * i + 1, 2 * n) for i in range(n))


def masses(rng: random.Random, n: int, *, null: bool = False) -> list[F]:
    """Uneven random masses, some 0 if ``null``."""
    while True:
        weights = [rng.choice([0, 1, 1, 2, 3, 8] if null else [1, 1, 2, 3, 8]) for _ in range(n)]
        if sum(weights):
            return [F(w, sum(weights)) for w in weights]


def randomly(rng: random.Random, n: int, *, top: int = 12, null: bool = False) -> Distribution:
    """n values among 0, ..., top with uneven masses."""
    return Distribution(sorted(rng.sample(range(top + 1), n)), masses(rng, n, null=null))


def apart(rng: random.Random, m: int, n: int, *, top: int = 20) -> tuple[Distribution, Distribution]:
    """A buyer of m types and a seller of n types who have no value in common, all masses positive."""
    drawn = rng.sample(range(top + 1), m + n)
    buyer = Distribution(sorted(drawn[:m]), masses(rng, m))
    return buyer, Distribution(sorted(drawn[m:]), masses(rng, n))


def pairs(d: Distribution) -> list[tuple[F, F]]:
    """(value, mass) of each type."""
    return list(zip(d.values, d.probabilities, strict=True))


def at_most(d: Distribution, x: F) -> F:
    """F(x)."""
    return sum((p for v, p in pairs(d) if v <= x), F(0))


def below(d: Distribution, x: F) -> F:
    """F(x-)."""
    return sum((p for v, p in pairs(d) if v < x), F(0))


def mean(d: Distribution) -> F:
    """Expected value."""
    return sum((p * v for v, p in pairs(d)), F(0))


def gains(buyer: Distribution, seller: Distribution) -> F:
    """E[(b - s)^+] for independent types."""
    return sum((p * r * max(b - s, F(0)) for b, p in pairs(buyer) for s, r in pairs(seller)), F(0))
