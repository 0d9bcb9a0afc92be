"""Named mechanisms: what their sources claim holds exactly, by audit, on random instances and on the papers' examples."""

from __future__ import annotations

import random
from fractions import Fraction as F

import pytest

import lpmech
from lpmech import mechanisms
from lpmech.audit import Audit
from lpmech.environments.bilateral_trade import BilateralTrade
from lpmech.environments.exchange import Exchange
from lpmech.environments.partnership import Partner, Partnership
from lpmech.environments.social_choice import SocialChoice, Type
from lpmech.errors import InputError
from lpmech.mechanism import Mechanism
from lpmech.mechanisms.cgk import surplus
from lpmech.mechanisms.groves_partnership import clearing_price
from lpmech.mechanisms.worst_case_redistribution import coefficients
from lpmech.model import AllocationTable, Distribution, Environment, Instance, PostedPrice, Requirements
from tests.support.random_instances import distribution, environment, masses

TIES = ("any", "first", "last", "uniform")


def question(env: Environment, ties: str = "any", **changes: str) -> Instance:
    given = {"incentive_compatibility": "BIC", "individual_rationality": "interim", "budget": "no-expected-deficit"}
    return Instance(env, Requirements(**(given | changes), ties=ties))


def audited(name: str, instance: Instance, **options: object) -> Audit:
    return lpmech.audit(instance, mechanisms.build(name, instance, **options))


def held(audit: Audit) -> set[str]:
    return {name for name, p in audit.properties.items() if p.holds}


def trade(rng: random.Random, largest: int = 5) -> BilateralTrade:
    return BilateralTrade(*(distribution(rng, rng.randint(1, largest)) for _ in range(2)))


def exchange(rng: random.Random) -> Exchange:
    buyers, sellers = rng.choice([(1, 1), (2, 1), (1, 2), (2, 2), (3, 1)])
    most = 2 if buyers + sellers > 3 else 3
    sides = [distribution(rng, rng.randint(1, most)) for _ in range(buyers + sellers)]
    return Exchange(sides[:buyers], sides[buyers:])


def partnership(rng: random.Random, *, alike: bool = False, shares: list[F] | None = None) -> Partnership:
    n = rng.choice([2, 2, 3, 3, 4])
    law = distribution(rng, rng.randint(1, 3))
    laws = [law if alike else distribution(rng, rng.randint(1, 3 if n < 4 else 2)) for _ in range(n)]
    return Partnership(Partner(r, d) for r, d in zip(shares or masses(rng, n), laws, strict=True))


def uniform(points: list[F]) -> Distribution:
    return Distribution(points)


def midpoints(n: int) -> Distribution:
    return uniform([F(2 * k + 1, 2 * n) for k in range(n)])


def endpoints(n: int) -> Distribution:
    return uniform([F(k, n - 1) for k in range(n)])


# ---- properties that hold wherever a mechanism is defined ------------------------------------------------------------

CLAIMS: dict[str, set[str]] = {
    "vcg": {"efficient", "allocation", "groves", "DSIC", "BIC"},
    "ir-vcg": {"efficient", "allocation", "groves", "DSIC", "BIC", "interim IR", "ex-ante IR"},
    "vcg-prime": {"efficient", "allocation", "DSIC", "BIC", "ex-post IR", "interim IR", "ex-ante IR"},
    "tight": {"allocation", "BIC", "interim IR", "ex-ante IR"},
    "groves-kinked": {"efficient", "allocation", "groves", "DSIC", "BIC", "no-deficit", "no-expected-deficit"},
    "groves-partnership": {"efficient", "allocation", "groves", "DSIC", "BIC", "no-deficit", "no-expected-deficit"},
    "one-price": {"efficient", "allocation", "DSIC", "BIC", "no-deficit", "no-expected-deficit"},
    "expected-externality": {"efficient", "allocation", "BIC", "no-deficit", "balanced", "no-expected-deficit"},
    "budget-balanced": {"BIC", "interim IR", "ex-ante IR", "no-deficit", "balanced", "no-expected-deficit"},
    "cgk": {
        *("efficient", "allocation", "BIC", "interim IR", "ex-ante IR"),
        *("no-deficit", "balanced", "no-expected-deficit"),
    },
    "cgk-bidding": {"efficient", "allocation", "BIC", "no-deficit", "balanced", "no-expected-deficit"},
    "posted-price": {
        *("DSIC", "BIC", "ex-post IR", "interim IR", "ex-ante IR"),
        *("no-deficit", "balanced", "no-expected-deficit"),
    },
    "cavallo": {"efficient", "allocation", "groves", "DSIC", "BIC", "no-deficit", "no-expected-deficit"},
    "green-laffont": {"DSIC", "BIC", "no-deficit", "balanced", "no-expected-deficit"},
    "worst-case-redistribution": {
        *("efficient", "allocation", "groves", "DSIC", "BIC"),
        *("no-deficit", "no-expected-deficit"),
    },
}
"""The table of docs/mechanisms.md."""


def test_every_mechanism_has_claims_and_every_claim_a_mechanism() -> None:
    assert sorted(CLAIMS) == list(mechanisms.names())


@pytest.mark.parametrize("name", CLAIMS)
def test_a_mechanism_has_the_properties_that_it_claims(name: str) -> None:
    """On every kind of environment, correlated priors included where it is defined."""
    seen = 0
    for seed in range(160):
        rng = random.Random(seed)
        env = [environment, trade, exchange, partnership, lambda rng: partnership(rng, alike=True)][seed % 5](rng)
        instance = question(env, rng.choice(TIES))
        if mechanisms.applies(name, instance) is None:
            audit = audited(name, instance)
            assert CLAIMS[name] & set(audit.properties) <= held(audit), (seed, audit)
            seen += 1
    assert seen >= 10


OPTIONS = [
    ("vcg", {"without": "his-part-empty"}),
    ("ir-vcg", {"without": "his-part-empty"}),
    ("groves-kinked", {"price": "7/3"}),
    ("one-price", {"price": "7/3"}),
    ("posted-price", {"price": 3}),
    ("groves-partnership", {"price": 2}),
    ("expected-externality", {"version": "next-agent"}),
    ("expected-externality", {"version": "equal-share"}),
    ("budget-balanced", {"of": "vcg-prime", "shares": "equal-share"}),
    ("budget-balanced", {"of": "tight", "shares": "kos-manea", "alpha": "1/3"}),
    ("budget-balanced", {"of": "vcg-prime", "shares": "kos-manea"}),
]


@pytest.mark.parametrize(("name", "options"), OPTIONS, ids=str)
def test_options_keep_the_properties(name: str, options: dict[str, object]) -> None:
    seen = 0
    for seed in range(160):
        rng = random.Random(seed)
        instance = question([trade, exchange, partnership, environment][seed % 4](rng), rng.choice(TIES))
        if mechanisms.applies(name, instance, **options) is None:
            audit = audited(name, instance, **options)
            assert CLAIMS[name] & set(audit.properties) <= held(audit), (seed, audit)
            seen += 1
    assert seen >= 10
