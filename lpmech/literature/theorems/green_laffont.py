"""Groves transfers balance at every profile iff the largest surplus W is a sum of functions that each leave out one agent.

Iff for all theta the sum over sets A of agents of (-1)^|A| W(theta with the first types of A) is 0. In the continuum every
truthful efficient mechanism is of the Groves class, and W has this form hardly ever.
Source: green-laffont-1977; mishra-2020; docs/theorems.md.
"""

from __future__ import annotations

import math
import random
from itertools import product

from lpmech.literature.expectations import surpluses
from lpmech.literature.questions import NO_VETO, anything, ask, large, unlike
from lpmech.literature.theorems import Prediction
from lpmech.question.environment import Environment
from lpmech.question.model import Instance

title = "Groves transfers balance only if the surplus separates"
source = "green-laffont-1977; mishra-2020"
exact = True


def applies(instance: Instance) -> str | None:
    reason = unlike(instance, independent=False, individual_rationality="none", budget="balanced", transfers="groves")
    return reason or large(instance)


def separates(env: Environment) -> bool:
    """Whether all mixed differences of the surplus against the first types vanish."""
    w, n = surpluses(env), len(env.agents)
    kept = list(product((0, 1), repeat=n))
    return n == 1 or all(
        sum((-1) ** sum(keep) * w[tuple(k * x for k, x in zip(profile, keep, strict=True))] for keep in kept) == 0
        for profile in w
    )


def predict(instance: Instance) -> Prediction:
    return Prediction.exactly(math.inf if separates(instance.environment) else -math.inf)


def case(number: int, rng: random.Random) -> Instance:
    return ask(anything(rng), **(NO_VETO | {"transfers": "groves", "incentive_compatibility": "DSIC"}))
