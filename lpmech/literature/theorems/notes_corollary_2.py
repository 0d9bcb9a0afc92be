"""If IR-VCG has an expected surplus, an efficient, BIC, interim IR, balanced mechanism exists.

The margin is at least that surplus. Independent types, any environment.
Source: efficient-mechanisms-notes, Corollary 2.
"""

from __future__ import annotations

import random

from lpmech.literature.expectations import ir_vcg_surplus
from lpmech.literature.questions import SOME_BUDGET, anything, ask, classic, large
from lpmech.literature.theorems import Prediction
from lpmech.question.model import Instance

title = "an expected surplus of IR-VCG suffices"
source = "efficient-mechanisms-notes, Corollary 2"
exact = True


def applies(instance: Instance) -> str | None:
    return classic(instance) or large(instance)


def predict(instance: Instance) -> Prediction:
    return Prediction.at_least(ir_vcg_surplus(instance.environment))


def case(number: int, rng: random.Random) -> Instance:
    return ask(anything(rng), budget=rng.choice(SOME_BUDGET))
