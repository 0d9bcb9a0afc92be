"""Identically distributed partners can dissolve under DSIC, ex ante IR and no deficit, whatever their shares.

Groves transfers are enough, and the margin does not depend on the shares: it is that of a single owner.
Source: jagadeesan-tordjman-2025, Theorem 2.
"""

from __future__ import annotations

import random
from dataclasses import replace

from lpmech.literature.questions import GROVES_EX_ANTE, alike, masses, partners, partnership, randomly, unlike
from lpmech.literature.theorems import Prediction, Range
from lpmech.question.model import Instance

title = "every partnership dissolves truthfully, ex ante"
source = "jagadeesan-tordjman-2025, Theorem 2"
exact = True


def applies(instance: Instance) -> str | None:
    reason = unlike(instance, "partnership", individual_rationality="ex-ante", budget="no-deficit")
    return reason or alike(partners(instance)[1])


def predict(instance: Instance) -> Prediction:
    shares, values = partners(instance)
    owner = partnership([1] + [0] * (len(shares) - 1), values)
    return Prediction("exists", Range(low=0), same_as=replace(owner, requirements=instance.requirements))


def case(number: int, rng: random.Random) -> Instance:
    count = 2 + (number % 4 == 0)
    values = randomly(rng, rng.randint(2, 5 if count == 2 else 3))
    transfers = ("groves", "any")[number % 2]
    return partnership(masses(rng, count, null=True), values, **(GROVES_EX_ANTE | {"transfers": transfers}))
