"""Groves transfers, ex ante IR, no deficit: the margin is 2 E_independent[(b - s)^+] - E_antitone[(b - s)^+].

Charges that cover all deficits are prices of an optimal transport problem whose solution is the antitone coupling: highest
values meet lowest costs. With any transfers the margin is at least that.
Source: jagadeesan-tordjman-2025, Theorem 1 (the charges); necessity: docs/closed-forms.md.
"""

from __future__ import annotations

import random

from lpmech.literature.expectations import antitone_gains, gains
from lpmech.literature.questions import GROVES_EX_ANTE, bilateral, randomly, sides, unlike
from lpmech.literature.theorems import Prediction
from lpmech.question.model import Instance

title = "truthful, ex ante rational trade exists iff the antitone gains are at most twice the independent ones"
source = "jagadeesan-tordjman-2025, Theorem 1"
exact = True


def applies(instance: Instance) -> str | None:
    return unlike(instance, "bilateral-trade", individual_rationality="ex-ante", budget="no-deficit")


def predict(instance: Instance) -> Prediction:
    buyer, seller = sides(instance)
    margin = 2 * gains(buyer, seller) - antitone_gains(buyer, seller)
    exactly = instance.requirements.transfers == "groves"
    return Prediction.exactly(margin) if exactly else Prediction.at_least(margin)


def case(number: int, rng: random.Random) -> Instance:
    most = 4 if number % 2 else 20
    buyer, seller = (randomly(rng, rng.randint(1, most), top=30, null=number % 3 == 0) for _ in range(2))
    transfers = "any" if number % 8 == 1 else "groves"
    return bilateral(buyer, seller, **(GROVES_EX_ANTE | {"transfers": transfers}))
