"""Identical partners can dissolve under BIC and interim IR iff sum_i min_v (E[max(v, others)] - r_i v) >= (n - 1) E[max].

The difference is the margin of Groves transfers on every grid. On a grid more transfers are incentive compatible than
Groves', and the margin of any is at least that; in the continuum the two are one.
Source: cramton-gibbons-klemperer-1987, Theorem 1; mishra-2020.
"""

from __future__ import annotations

import random
from fractions import Fraction

from lpmech.literature.expectations import expected_maximum
from lpmech.literature.questions import (
    CLASSIC,
    GROVES_INTERIM,
    SOME_BUDGET,
    alike,
    masses,
    partners,
    partnership,
    randomly,
    unlike,
)
from lpmech.literature.theorems import Prediction
from lpmech.question.constraints.bic import BIC
from lpmech.question.constraints.no_expected_deficit import NoExpectedDeficit
from lpmech.question.distribution import Distribution
from lpmech.question.model import Instance

title = "which partnerships dissolve under interim IR"
source = "cramton-gibbons-klemperer-1987, Theorem 1"
exact = True


def applies(instance: Instance) -> str | None:
    reason = unlike(instance, "partnership", individual_rationality="interim", incentive_compatibility=("BIC", "DSIC"))
    if reason is not None:
        return reason
    need = instance.requirements
    groves = need.groves and need.budget_rule is NoExpectedDeficit
    bayesian = not need.groves and need.incentive_rule is BIC and need.budget_rule is not None
    if not groves and not bayesian:
        return "neither Groves transfers and an expected budget, nor BIC and any transfers"
    return alike(partners(instance)[1])


def surplus(shares: list[Fraction], values: Distribution) -> Fraction:
    """What Groves transfers can raise: an agent keeps E[max | v] - H_i >= r_i v, and H_i is as large as that allows."""
    n = len(shares)
    kept = (min(expected_maximum(values, n - 1, least=v) - r * v for v in values.values) for r in shares)
    return sum(kept, Fraction(0)) - (n - 1) * expected_maximum(values, n)


def predict(instance: Instance) -> Prediction:
    shares, (values, *_) = partners(instance)
    found = surplus(shares, values)
    return Prediction.exactly(found) if instance.requirements.groves else Prediction.at_least(found)


def case(number: int, rng: random.Random) -> Instance:
    count = (2, 2, 3)[number % 3]
    values = randomly(rng, rng.randint(1, 5 if count == 2 else 3), null=number % 5 == 0)
    need = GROVES_INTERIM if number % 2 else CLASSIC | {"budget": rng.choice(SOME_BUDGET)}
    return partnership(masses(rng, count, null=True), values, **need)
