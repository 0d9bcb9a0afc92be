"""IR-VCG is the best Groves scheme under interim IR: its expected surplus is the margin, under DSIC and BIC alike.

E sum_i min_k (E[W | k] - outside_i(k)) - (n - 1) E[W], independent types.
Source: efficient-mechanisms-notes, Definition 6.
"""

from __future__ import annotations

import random

from lpmech.literature.expectations import ir_vcg_surplus
from lpmech.literature.questions import GROVES_INTERIM, anything, ask, large, unlike
from lpmech.literature.theorems import Prediction
from lpmech.question.model import Instance

title = "IR-VCG is the best Groves scheme"
source = "efficient-mechanisms-notes, Definition 6"
exact = True


def applies(instance: Instance) -> str | None:
    return unlike(
        instance, individual_rationality="interim", budget="no-expected-deficit", transfers="groves"
    ) or large(instance)


def predict(instance: Instance) -> Prediction:
    return Prediction.exactly(ir_vcg_surplus(instance.environment))


def case(number: int, rng: random.Random) -> Instance:
    return ask(anything(rng), **(GROVES_INTERIM | {"incentive_compatibility": ("DSIC", "BIC")[number % 2]}))
