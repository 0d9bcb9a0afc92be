"""Identical partners with equal shares can always dissolve under BIC and interim IR, with Groves transfers already.

Source: cramton-gibbons-klemperer-1987, Proposition 1; mishra-2020.
"""

from __future__ import annotations

import random
from fractions import Fraction

from lpmech.literature.questions import CLASSIC, GROVES_INTERIM, partners, partnership, randomly
from lpmech.literature.theorems import Prediction, Range
from lpmech.literature.theorems import cramton_gibbons_klemperer as condition
from lpmech.question.model import Instance

title = "equal partnerships always dissolve"
source = "cramton-gibbons-klemperer-1987, Proposition 1"
exact = True


def applies(instance: Instance) -> str | None:
    reason = condition.applies(instance)
    if reason is not None:
        return reason
    return None if len(set(partners(instance)[0])) == 1 else "the shares differ"


def predict(instance: Instance) -> Prediction:
    return Prediction("exists", Range(low=0))


def case(number: int, rng: random.Random) -> Instance:
    count = (2, 2, 3)[number % 3]
    values = randomly(rng, rng.randint(1, 6 if count == 2 else 3), null=number % 5 == 0)
    return partnership([Fraction(1, count)] * count, values, **(CLASSIC if number % 2 else GROVES_INTERIM))
