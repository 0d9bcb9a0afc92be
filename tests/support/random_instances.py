"""Seeded random instances of every kind: ties, atoms, null types, one type, unequal sizes, correlated priors, any scale."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction as F

from lpmech.question.distribution import Distribution
from lpmech.question.environment import Environment
from lpmech.question.environments.bilateral_trade import BilateralTrade
from lpmech.question.environments.exchange import Exchange
from lpmech.question.environments.partnership import Partner, Partnership
from lpmech.question.environments.social_choice import SocialChoice, Type
from lpmech.question.model import Instance
from lpmech.question.objective import Objective
from lpmech.question.requirements import CHOICES, AllocationTable, PostedPrice, Requirements


def masses(rng: random.Random, n: int) -> list[F]:
    """Masses with atoms and null types."""
    while True:
        weights = [rng.choice([0, 1, 1, 2, 3, 7]) for _ in range(n)]
        if sum(weights):
            return [F(w, sum(weights)) for w in weights]


def nasty_masses(rng: random.Random, n: int) -> list[F]:
    """Masses over fifteen orders of magnitude."""
    kind = rng.randrange(4)
    if kind == 0:
        weights = [F(rng.randint(1, 9), 10 ** rng.randint(0, 12)) for _ in range(n)]
    elif kind == 1:
        weights = [F(1, 10 ** (3 * i)) for i in range(n)]
    elif kind == 2:
        weights = [F(rng.randint(1, 10**15)) for _ in range(n)]
    else:
        weights = [F(rng.choice([0, 1, 10**9])) for _ in range(n - 1)] + [F(1)]
    return [w / sum(weights) for w in weights]


def nasty_values(rng: random.Random, n: int) -> list[F]:
    """Values that nearly tie, or of very different sizes."""
    kind = rng.randrange(3)
    values: set[F] = set()
    while len(values) < n:
        if kind == 0:
            values.add(F(rng.randint(-(10**6), 10**6), rng.randint(1, 10**6)))
        elif kind == 1:
            values.add(F(5) + F(rng.randint(-99, 99), 10**15))
        else:
            values.add(F(10) ** rng.randint(-9, 9) * rng.randint(1, 9))
    return sorted(values)


def distribution(rng: random.Random, n: int, *, nasty: bool = False) -> Distribution:
    """n types; small integers so that ties across agents are common, unless ``nasty``."""
    if nasty:
        return Distribution(nasty_values(rng, n), nasty_masses(rng, n))
    return Distribution(sorted(rng.sample(range(6 + n), n)), masses(rng, n))


def prior(rng: random.Random, sizes: list[int], *, nasty: bool = False) -> dict[tuple[int, ...], F]:
    """A correlated prior over all profiles."""
    profiles = list(itertools.product(*map(range, sizes)))
    draw = nasty_masses if nasty else masses
    return dict(zip(profiles, draw(rng, len(profiles)), strict=True))


def bilateral(
    rng: random.Random, largest: int = 4, *, nasty: bool = False, correlated: bool | None = None
) -> Environment:
    """Bilateral trade of up to ``largest`` types a side."""
    sizes = [rng.randint(1, largest), rng.randint(1, largest)]
    buyer, seller = (distribution(rng, n, nasty=nasty) for n in sizes)
    joint = rng.random() < 0.25 if correlated is None else correlated
    return BilateralTrade(buyer, seller, prior(rng, sizes, nasty=nasty) if joint else None)


def environment(rng: random.Random) -> Environment:
    """Any kind, small."""
    kind, correlated = rng.randrange(4), rng.random() < 0.25
    if kind == 0:
        return bilateral(rng)
    if kind == 1:
        buyers, sellers = rng.choice([(2, 1), (1, 2), (2, 2), (3, 1)])
        many = buyers + sellers > 3
        sides = [distribution(rng, rng.randint(1, 2 if many or i >= buyers else 3)) for i in range(buyers + sellers)]
        joint = prior(rng, [len(d) for d in sides]) if correlated else None
        return Exchange(sides[:buyers], sides[buyers:], joint)
    if kind == 2:
        n = rng.choice([2, 2, 3])
        values = [distribution(rng, rng.randint(1, 3)) for _ in range(n)]
        partners = [Partner(share, d) for share, d in zip(masses(rng, n), values, strict=True)]
        return Partnership(partners, prior(rng, [len(d) for d in values]) if correlated else None)
    outcomes, sizes = rng.randint(1, 3), [rng.randint(1, 3) for _ in range(rng.choice([1, 2, 2, 3]))]
    agents = {
        f"agent {i}": [
            Type(f"type {k}", mass, [rng.randint(-3, 4) for _ in range(outcomes)], rng.choice([0, 0, 1, -1]))
            for k, mass in enumerate(masses(rng, n))
        ]
        for i, n in enumerate(sizes)
    }
    costs = [rng.choice([0, 0, 1]) for _ in range(outcomes)]
    return SocialChoice([f"x{x}" for x in range(outcomes)], agents, costs, prior(rng, sizes) if correlated else None)


def requirements(rng: random.Random, env: Environment) -> Requirements:
    """Any combination of requirements that fits the environment."""
    rules = ["efficient", "efficient", "free", "table"] + ["price"] * (env.kind == "bilateral-trade")
    rule = rng.choice(rules)
    allocation: str | PostedPrice | AllocationTable = rule
    if rule == "price":
        allocation = PostedPrice(rng.randint(0, 6))
    elif rule == "table":
        allocation = AllocationTable(masses(rng, len(env.outcomes)) for _ in range(env.profile_count))
    return Requirements(allocation=allocation, **{key: rng.choice(values) for key, values in CHOICES.items()})


def objective(rng: random.Random, env: Environment) -> Objective:
    """The margin half of the time, else anything."""
    name = rng.choice(["margin", "margin", "margin", "welfare", "revenue", "agents-utility", "weights"])
    if name == "weights":
        return Objective(utility=[rng.randint(-1, 2) for _ in env.agents], revenue=rng.randint(-1, 2))
    return Objective(name)


def instance(seed: int) -> Instance:
    """Any small instance."""
    rng = random.Random(seed)
    env = environment(rng)
    return Instance(env, requirements(rng, env), objective(rng, env), title=f"random {seed}")


def nasty_instance(seed: int) -> Instance:
    """Bilateral trade whose numbers are beyond what doubles can tell apart."""
    rng = random.Random(seed)
    env = bilateral(rng, 8, nasty=True)
    free = rng.random() < 0.33
    need = Requirements(
        rng.choice(["DSIC", "BIC", "BIC"]),
        rng.choice(["ex-post", "interim", "ex-ante"]),
        rng.choice(["no-deficit", "balanced", "no-expected-deficit"]),
        "free" if free else "efficient",
        rng.choice(CHOICES["ties"]),
        rng.choice(["any", "any", "groves"]),
    )
    return Instance(env, need, Objective("welfare" if free else "margin"), title=f"nasty {seed}")
