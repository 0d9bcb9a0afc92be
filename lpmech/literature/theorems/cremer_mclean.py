"""Linearly independent beliefs give the designer everything: the margin is the full surplus less the outside options.

For each agent, the beliefs of his types of positive probability about the others are linearly independent. BIC, interim IR,
expected budget: bets that cost the truth nothing, and any other type too much, bring everyone down to his outside option.
Source: cremer-mclean-1988, Theorem 2.
"""

from __future__ import annotations

import random
from fractions import Fraction

from lpmech.literature.expectations import surpluses
from lpmech.literature.questions import ask, bilateral, full_rank_prior, large, masses, randomly, unlike
from lpmech.literature.theorems import Prediction
from lpmech.question.environment import Environment
from lpmech.question.environments.partnership import Partner, Partnership
from lpmech.question.model import Instance
from lpmech.question.profiles import Profiles

title = "correlated types: full extraction"
source = "cremer-mclean-1988, Theorem 2"
exact = True


def applies(instance: Instance) -> str | None:
    reason = unlike(
        instance,
        independent=False,
        incentive_compatibility="BIC",
        individual_rationality="interim",
        budget="no-expected-deficit",
        transfers="any",
    )
    if reason is not None or instance.environment.prior is None:
        return reason or "the types are independent"
    if (reason := large(instance)) is not None:
        return reason
    env = instance.environment
    for i, agent in enumerate(env.agents):
        if rank(joint_rows(env, i)) < sum(p > 0 for p in agent.probabilities):
            return f"beliefs of {agent.name} are linearly dependent"
    return None


def joint_rows(env: Environment, agent: int) -> list[list[Fraction]]:
    """A row for each type of the agent: his joint probabilities with the others' profiles, beliefs up to a factor."""
    rows: list[list[Fraction]] = [[] for _ in range(env.sizes[agent])]
    profiles = Profiles(env)
    for profile in profiles:
        rows[profile[agent]].append(profiles.mass(profile))
    return rows


def rank(rows: list[list[Fraction]]) -> int:
    """Rank, by elimination."""
    found, left = 0, [row[:] for row in rows]
    for column in range(len(rows[0])):
        pivot = next((row for row in left if row[column]), None)
        if pivot is None:
            continue
        found, left = found + 1, [row for row in left if row is not pivot]
        for row in left:
            factor = row[column] / pivot[column]
            row[:] = [x - factor * y for x, y in zip(row, pivot, strict=True)]
    return found


def predict(instance: Instance) -> Prediction:
    env, profiles = instance.environment, Profiles(instance.environment)
    full = sum((profiles.mass(profile) * w for profile, w in surpluses(env).items()), Fraction(0))
    outside = (p * o for agent in env.agents for p, o in zip(agent.probabilities, agent.outside, strict=True))
    return Prediction.exactly(full - sum(outside, Fraction(0)))


def case(number: int, rng: random.Random) -> Instance:
    """Trade and partnerships with diagonally heavy priors."""
    n = rng.randint(2, 4)
    prior = full_rank_prior(rng, n)
    if number % 3 == 0:
        owners = [Partner(share, randomly(rng, n)) for share in masses(rng, 2, null=True)]
        return ask(Partnership(owners, prior), budget="no-expected-deficit")
    buyer, seller = randomly(rng, n), randomly(rng, n)
    return bilateral(buyer, seller, prior=prior, budget="no-expected-deficit")
