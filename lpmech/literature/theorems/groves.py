"""Groves transfers are efficient and DSIC whatever the charges: without participation constraints they raise any revenue.

Source: groves-1973; efficient-mechanisms-notes, Theorem 1.
"""

from __future__ import annotations

import math
import random

from lpmech.literature.questions import anything, ask, unlike
from lpmech.literature.theorems import Prediction
from lpmech.question.model import Instance

title = "Groves mechanisms are efficient and truthful"
source = "groves-1973; efficient-mechanisms-notes, Theorem 1"
exact = True


def applies(instance: Instance) -> str | None:
    return unlike(
        instance, independent=False, individual_rationality="none", budget=("no-deficit", "no-expected-deficit")
    )


def predict(instance: Instance) -> Prediction:
    return Prediction.exactly(math.inf)


def case(number: int, rng: random.Random) -> Instance:
    need = {"individual_rationality": "none", "budget": ("no-deficit", "no-expected-deficit")[number % 2]}
    ic, transfers = ("DSIC", "BIC")[number // 2 % 2], ("groves", "any")[number // 4 % 2]
    return ask(anything(rng), incentive_compatibility=ic, transfers=transfers, **need)
