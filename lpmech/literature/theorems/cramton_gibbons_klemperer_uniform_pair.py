"""Two partners, uniform on [0, 1]: dissolvable iff a share is between (1 - 1/sqrt 3)/2 and (1 + 1/sqrt 3)/2.

The margin tends to 1/3 - (r^2 + (1 - r)^2)/2. On N cell centres it is off by at most 13/(6N), with Groves transfers by at
most 1/(6 N^2).
Source: cramton-gibbons-klemperer-1987, Theorem 1; the rate: docs/theorems.md.
"""

from __future__ import annotations

import random
from fractions import Fraction

from lpmech.literature.questions import CLASSIC, GROVES_INTERIM, midpoints, partners, partnership
from lpmech.literature.theorems import Limit, Prediction
from lpmech.literature.theorems import cramton_gibbons_klemperer as condition
from lpmech.question.model import Instance

title = "two uniform partners: which shares dissolve"
source = "cramton-gibbons-klemperer-1987, Theorem 1"
exact = False


def applies(instance: Instance) -> str | None:
    reason = condition.applies(instance)
    if reason is not None:
        return reason
    _, values = partners(instance)
    return None if len(values) == 2 and values[0] == midpoints(len(values[0])) else "not two uniform partners"


def predict(instance: Instance) -> Prediction:
    (r, other), (values, _) = partners(instance)
    value, n = Fraction(1, 3) - (r**2 + other**2) / 2, len(values)
    if instance.requirements.transfers == "groves":
        return Prediction.near(Limit(value, Fraction(1, n**2), Fraction(1, 6)))
    return Prediction.near(Limit(value, Fraction(1, n), Fraction(13, 6)))


def case(number: int, rng: random.Random) -> Instance:
    share = Fraction(rng.randint(0, 20), 20)
    need = CLASSIC if number % 3 == 0 else GROVES_INTERIM
    return partnership([share, 1 - share], midpoints(2 + number % (8 if number % 3 == 0 else 15)), **need)
