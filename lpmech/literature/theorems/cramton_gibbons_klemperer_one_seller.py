"""A single owner and n - 1 identical others: with Groves transfers the margin is -(n - 1) (E[max of n] - E[max of n - 1]).

So interim IR is impossible, unless only one type has positive probability; on coarse grids other transfers may do.
Source: cramton-gibbons-klemperer-1987, Proposition 2; mishra-2020; the number: docs/theorems.md.
"""

from __future__ import annotations

import random

from lpmech.literature.expectations import expected_maximum
from lpmech.literature.questions import GROVES_INTERIM, partners, partnership, randomly
from lpmech.literature.theorems import Prediction
from lpmech.literature.theorems import cramton_gibbons_klemperer as condition
from lpmech.question.model import Instance

title = "a single owner cannot sell efficiently"
source = "cramton-gibbons-klemperer-1987, Proposition 2"
exact = True


def applies(instance: Instance) -> str | None:
    reason = condition.applies(instance)
    if reason is not None:
        return reason
    if instance.requirements.transfers != "groves":
        return "transfers are any, not groves"
    return None if 1 in partners(instance)[0] else "no single owner"


def predict(instance: Instance) -> Prediction:
    shares, (values, *_) = partners(instance)
    n = len(shares)
    return Prediction.exactly((n - 1) * (expected_maximum(values, n - 1) - expected_maximum(values, n)))


def case(number: int, rng: random.Random) -> Instance:
    count = (2, 2, 3)[number % 3]
    values = randomly(rng, rng.randint(1, 7 if count == 2 else 4), null=number % 5 == 0)
    shares = [0] * count
    shares[number % count] = 1
    return partnership(shares, values, **GROVES_INTERIM)
