"""Independent types, no participation constraint: an efficient, balanced BIC mechanism always exists, at any revenue.

Each agent gets the expected externality of his report, paid for by the others.
Source: daspremont-gerard-varet-1979; efficient-mechanisms-notes, Corollary 1; mishra-2020.
"""

from __future__ import annotations

import math
import random

from lpmech.literature.questions import NO_VETO, SOME_BUDGET, anything, ask, unlike
from lpmech.literature.theorems import Prediction
from lpmech.question.model import Instance

title = "without participation constraints, BIC and balance always go together"
source = "daspremont-gerard-varet-1979; efficient-mechanisms-notes, Corollary 1"
exact = True


def applies(instance: Instance) -> str | None:
    return unlike(
        instance, incentive_compatibility="BIC", individual_rationality="none", budget=SOME_BUDGET, transfers="any"
    )


def predict(instance: Instance) -> Prediction:
    return Prediction.exactly(math.inf)


def case(number: int, rng: random.Random) -> Instance:
    return ask(anything(rng), **NO_VETO)
