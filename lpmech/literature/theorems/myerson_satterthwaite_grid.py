"""Both types uniform on the same N equally spaced points: the margin is (5 - N)/(6N) times their width.

So five points are the last with a mechanism. If ties trade it is -(N + 1)/(6N) times the width; with uniform ties the mean.
Source: myerson-satterthwaite-1983, Corollary 1, on grids; docs/theorems.md.
"""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import pairwise

from lpmech.literature.questions import SOME_BUDGET, bilateral, classic, sides
from lpmech.literature.theorems import Prediction
from lpmech.question.distribution import Distribution
from lpmech.question.model import Instance

title = "uniform grids: possible up to five points"
source = "myerson-satterthwaite-1983, Corollary 1"
exact = True


def applies(instance: Instance) -> str | None:
    reason = classic(instance, "bilateral-trade")
    if reason is not None:
        return reason
    buyer, seller = sides(instance)
    if buyer != seller or len(set(buyer.probabilities)) > 1:
        return "not one uniform distribution"
    gaps = {high - low for low, high in pairwise(buyer.values)}
    return None if len(gaps) == 1 else "not equally spaced"


def predict(instance: Instance) -> Prediction:
    buyer, _ = sides(instance)
    n, width = len(buyer), buyer.values[-1] - buyer.values[0]
    first, last = Fraction(5 - n, 6 * n) * width, Fraction(-n - 1, 6 * n) * width
    return Prediction.exactly({"last": last, "uniform": (first + last) / 2}.get(instance.requirements.ties, first))


def case(number: int, rng: random.Random) -> Instance:
    low, gap = Fraction(rng.randint(-9, 9), 2), Fraction(rng.randint(1, 9), 4)
    grid = Distribution([low + k * gap for k in range(2 + number // 2)])
    return bilateral(grid, grid, ties=("any", "last")[number % 2], budget=rng.choice(SOME_BUDGET))
