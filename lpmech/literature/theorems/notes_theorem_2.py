"""With independent types and BIC a budget balanced at every profile costs nothing: the margin is the expected budget's.

t_i(theta) = T_i(theta_i) + E[T_{i+1}] - T_{i+1}(theta_{i+1}) - (expected surplus)/n, T_i interim payments, balances and
moves every interim utility by a constant. Interim or ex ante IR, or none.
Source: efficient-mechanisms-notes, Theorem 2.
"""

from __future__ import annotations

import random

from lpmech.literature.questions import anything, ask, unlike
from lpmech.literature.theorems import Prediction
from lpmech.question.model import Instance

title = "under BIC a balanced budget costs nothing"
source = "efficient-mechanisms-notes, Theorem 2"
exact = True


def applies(instance: Instance) -> str | None:
    return unlike(
        instance,
        allocation=None,
        incentive_compatibility="BIC",
        individual_rationality=("interim", "ex-ante", "none"),
        budget=("balanced", "no-deficit"),
        transfers="any",
    ) or ("the allocation is free" if instance.requirements.allocation == "free" else None)


def predict(instance: Instance) -> Prediction:
    return Prediction(same_as=instance.with_requirements(budget="no-expected-deficit"))


def case(number: int, rng: random.Random) -> Instance:
    ir = ("interim", "ex-ante")[number % 2]
    return ask(anything(rng), individual_rationality=ir, budget=("balanced", "no-deficit")[number // 2 % 2])
