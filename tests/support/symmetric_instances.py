"""Seeded random instances with identical agents: ties, null types, one type, two classes, shares that differ."""

from __future__ import annotations

import random
from fractions import Fraction as F

from lpmech.question.environment import Environment
from lpmech.question.environments.exchange import Exchange
from lpmech.question.environments.partnership import Partner, Partnership
from lpmech.question.environments.social_choice import SocialChoice, Type
from lpmech.question.model import Instance
from lpmech.question.objective import Objective
from lpmech.question.orbits import identical_agents, reason_against
from lpmech.question.requirements import CHOICES, Requirements
from support import random_instances
from support.random_instances import distribution, masses


def environment(rng: random.Random) -> Environment:
    """Two or three identical agents, perhaps with others of a second class or of their own."""
    kind, n = rng.choice(["exchange", "partnership", "social-choice"]), rng.choice([1, 2, 2, 3])
    first, second = distribution(rng, n), distribution(rng, rng.choice([1, 2, 2, 3]))
    if kind == "exchange":
        buyers, sellers = rng.choice(
            [
                ([first] * 2, [second]),
                ([first], [second] * 2),
                ([first] * 3, [distribution(rng, 2)]),
                ([first, second, first], [distribution(rng, 2)]),
                ([first] * 2, [distribution(rng, 2)] * 2),
            ]
        )
        return Exchange(buyers, sellers)
    if kind == "partnership":
        sides = rng.choice([[first] * 2, [first] * 3, [first, second, first], [first, first, second, second]])
        shares = masses(rng, len(sides)) if rng.random() < 0.5 else [F(1, len(sides))] * len(sides)
        return Partnership([Partner(share, side) for share, side in zip(shares, sides, strict=True)])
    outcomes = rng.randint(1, 3)

    def types(n: int) -> list[tuple[F, list[int], int]]:
        return [(m, [rng.randint(-2, 3) for _ in range(outcomes)], rng.choice([0, 0, 1])) for m in masses(rng, n)]

    one, two = types(n), types(2)
    groups = rng.choice([[one] * 2, [one] * 3, [one, two, one]])
    agents = {
        f"agent {i}": [Type(f"{i}.{k}", mass, utility, outside) for k, (mass, utility, outside) in enumerate(group)]
        for i, group in enumerate(groups)
    }
    costs = [rng.choice([0, 0, 1]) for _ in range(outcomes)]
    return SocialChoice([f"x{x}" for x in range(outcomes)], agents, costs)


def instance(seed: int) -> Instance:
    """Any question about identical agents that relabelling does not change."""
    rng = random.Random(seed)
    while True:
        env = environment(rng)
        notions = {key: rng.choice(values) for key, values in CHOICES.items()}
        need = Requirements(allocation=rng.choice(["efficient", "efficient", "free"]), **notions)
        goal: Objective = random_instances.objective(rng, env)
        out = Instance(env, need, goal, title=f"symmetric {seed}")
        if reason_against(out) is None and len(identical_agents(out)) < len(env.agents):
            return out
