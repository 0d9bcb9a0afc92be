"""Two types each, S_1 < B_1 < S_2 < B_2: possible iff p_2 q_2 B_2 + q_1 B_1 >= p_2 S_2 + p_1 q_1 S_1.

The difference is the margin under interim IR; the same condition decides under ex post IR.
Source: matsuo-1989; kos-manea-2009, Section 4 and Conclusion.
"""

from __future__ import annotations

import random

from lpmech.literature.questions import bilateral, interleaved, ladder, null, sides, unlike
from lpmech.literature.theorems import Prediction
from lpmech.question.constraints.interim_ir import InterimIR
from lpmech.question.model import Instance

title = "two types each: a condition for interim and for ex post IR"
source = "matsuo-1989, Theorem"
exact = True


def applies(instance: Instance) -> str | None:
    reason = unlike(
        instance,
        "bilateral-trade",
        incentive_compatibility="BIC",
        individual_rationality=("interim", "ex-post"),
        budget="balanced",
        transfers="any",
    )
    if reason is not None:
        return reason
    buyer, seller = sides(instance)
    if len(buyer) != 2:
        return "not two types each"
    return interleaved(buyer, seller) or null(buyer, seller)


def predict(instance: Instance) -> Prediction:
    (buyer, seller), ir = sides(instance), instance.requirements.participation_rule
    (b1, b2), (p1, p2), (s1, s2), (q1, q2) = buyer.values, buyer.probabilities, seller.values, seller.probabilities
    surplus = p2 * q2 * b2 + q1 * b1 - p2 * s2 - p1 * q1 * s1
    return Prediction.exactly(surplus) if ir is InterimIR else Prediction("exists" if surplus >= 0 else "impossible")


def case(number: int, rng: random.Random) -> Instance:
    buyer, seller = ladder(rng, 2)
    return bilateral(buyer, seller, individual_rationality=("interim", "ex-post")[number % 2])
