"""What is asked: requirements, the sizes they are asked at, and seeded random instances.

Values are distinct integers, on both sides of the market together, so that nothing ties and every tie rule is the same
question. Masses are integer weights from 1 to 9 over their sum: one denominator a side, no type of mass 0.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from lpmech import BilateralTrade, Distribution, Exchange, Instance, Objective, Partner, Partnership, Requirements
from lpmech.question.environment import Environment

Size = tuple[int, ...]

BUYER_TYPES, PARTNER_TYPES = 20, 8


def masses(rng: random.Random, n: int) -> list[Fraction]:
    weights = [rng.randint(1, 9) for _ in range(n)]
    total = sum(weights)
    return [Fraction(w, total) for w in weights]


def draws(rng: random.Random, *sizes: int) -> list[Distribution]:
    """One distribution a side; no value occurs twice."""
    values = rng.sample(range(2 * sum(sizes)), sum(sizes))
    sides = [sorted(values[sum(sizes[:i]) : sum(sizes[: i + 1])]) for i in range(len(sizes))]
    return [Distribution(side, masses(rng, len(side))) for side in sides]


def bilateral(rng: random.Random, size: Size) -> Environment:
    buyer, seller = draws(rng, *size)
    return BilateralTrade(buyer, seller)


def partnership(rng: random.Random, size: Size) -> Environment:
    (one,) = draws(rng, PARTNER_TYPES)
    return Partnership(Partner(Fraction(1, size[0]), one) for _ in range(size[0]))


def one_seller(rng: random.Random, size: Size) -> Environment:
    buyer, seller = draws(rng, BUYER_TYPES, BUYER_TYPES)
    return Exchange([buyer] * size[0], [seller])


@dataclass(frozen=True)
class Question:
    """One question at every size. ``methods`` are lpmech's; ``peers`` are files of ``benchmarks.speed.peers``."""

    words: str
    requirements: Requirements
    methods: tuple[str, ...] = ("auto", "full")
    peers: tuple[str, ...] = ()
    objective: str = "margin"
    draw: Callable[[random.Random, Size], Environment] = bilateral
    sizes: tuple[int, ...] = (3, 10, 40, 100, 200, 500, 1000, 10_000, 100_000)
    unit: str = "types a side"

    def size(self, n: int) -> Size:
        return (n, n) if self.draw is bilateral else (n,)

    def instance(self, size: Size, seed: int) -> Instance:
        """A fresh instance; no two seeds share any object."""
        rng = random.Random(f"{size} {seed}")
        return Instance(self.draw(rng, size), self.requirements, Objective(self.objective))


EVERYWHERE = ("cvxpy_full_ipm", "linopy_full", "cvxpy_reduced", "highspy_reduced")
BAYESIAN = ("cvxpy_full", "cvxpy_lifted", *EVERYWHERE, "mechaudit_design")
DOMINANT = ("cvxpy_full", *EVERYWHERE)

QUESTIONS = {
    "bic": Question(
        "BIC, interim IR, balanced",
        Requirements("BIC", "interim", "balanced"),
        peers=BAYESIAN,
    ),
    "expected": Question(
        "DSIC, ex post IR, no expected deficit", Requirements("DSIC", "ex-post", "no-expected-deficit")
    ),
    "second_best": Question(
        "second best: free allocation, welfare; BIC, interim IR, balanced",
        Requirements("BIC", "interim", "balanced", allocation="free"),
        objective="welfare",
        peers=BAYESIAN,
    ),
    "groves": Question(
        "DSIC, Groves, ex ante IR, no deficit",
        Requirements("DSIC", "ex-ante", "no-deficit", transfers="groves"),
        peers=DOMINANT,
    ),
    "one_price": Question(
        "DSIC, any transfers, ex ante IR, no deficit",
        Requirements("DSIC", "ex-ante", "no-deficit"),
        peers=DOMINANT,
    ),
    "partnership": Question(
        "partnership of identical agents, DSIC, ex ante IR, no deficit",
        Requirements("DSIC", "ex-ante", "no-deficit"),
        draw=partnership,
        sizes=(2, 3, 4, 5, 6),
        unit=f"agents of {PARTNER_TYPES} types",
    ),
    "one_seller": Question(
        "one seller, identical buyers, BIC, interim IR, balanced",
        Requirements("BIC", "interim", "balanced"),
        draw=one_seller,
        sizes=(1, 2, 3, 10, 40, 100),
        unit=f"buyers of {BUYER_TYPES} types",
    ),
}
