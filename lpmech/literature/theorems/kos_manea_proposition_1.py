"""No efficient BIC or DSIC, interim or ex post IR mechanism has a larger expected surplus than VCG', which is all of these.

Source: kos-manea-2009, Proposition 1.
"""

from __future__ import annotations

import random

from lpmech.literature.expectations import surplus_of_vcg_prime
from lpmech.literature.questions import apart, bilateral, sides, tied, unlike
from lpmech.literature.theorems import Prediction
from lpmech.question.model import Instance

title = "VCG' has the largest expected surplus, under BIC or DSIC, interim or ex post IR"
source = "kos-manea-2009, Proposition 1"
exact = True


def applies(instance: Instance) -> str | None:
    return unlike(
        instance,
        "bilateral-trade",
        incentive_compatibility=("BIC", "DSIC"),
        individual_rationality=("interim", "ex-post"),
        budget="no-expected-deficit",
        transfers="any",
    ) or tied(*sides(instance))


def predict(instance: Instance) -> Prediction:
    return Prediction.exactly(surplus_of_vcg_prime(*sides(instance)))


def case(number: int, rng: random.Random) -> Instance:
    buyer, seller = apart(rng, rng.randint(1, 4), rng.randint(1, 4), null=number % 3 == 0)
    ic, ir = (("BIC", "DSIC")[number % 2], ("interim", "ex-post")[number // 2 % 2])
    return bilateral(buyer, seller, incentive_compatibility=ic, individual_rationality=ir, budget="no-expected-deficit")
