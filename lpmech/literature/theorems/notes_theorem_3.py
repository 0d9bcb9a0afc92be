"""An efficient, BIC, interim IR, balanced mechanism exists only if IR-VCG has an expected surplus: in the continuum.

On grids the margin exceeds the surplus of IR-VCG by something between 0 and the sum over agents of the largest gap between
neighbouring types (one-dimensional types, of which utility is linear), so that the verdicts may differ: costs {1, 4} and
values {2, 6}.
Source: efficient-mechanisms-notes, Theorem 3; the rate: docs/theorems.md.
"""

from __future__ import annotations

import random
from fractions import Fraction

from lpmech.literature.expectations import ir_vcg_surplus, mesh
from lpmech.literature.questions import (
    bilateral,
    classic,
    endpoints,
    exchange,
    large,
    masses,
    partners,
    partnership,
    randomly,
    traders,
)
from lpmech.literature.theorems import Limit, Prediction
from lpmech.question.distribution import Distribution
from lpmech.question.environments.partnership import Partnership
from lpmech.question.model import Instance

title = "a surplus of IR-VCG is necessary, in the continuum"
source = "efficient-mechanisms-notes, Theorem 3"
exact = False


def applies(instance: Instance) -> str | None:
    return classic(instance, "bilateral-trade", "exchange", "partnership") or large(instance)


def predict(instance: Instance) -> Prediction:
    env = instance.environment
    if isinstance(env, Partnership):
        types = partners(instance)[1]
    else:
        buyers, sellers = traders(instance)
        types = [*buyers, *sellers]
    return Prediction.above(Limit(ir_vcg_surplus(env), sum(map(mesh, types), Fraction(0)), Fraction(1), on_grid=True))


def case(number: int, rng: random.Random) -> Instance:
    """Trade on ever finer grids; two partners; two buyers."""
    n = 2 + number % 20
    if number % 3 == 0:
        owners = [Distribution(endpoints(m).values, masses(rng, m)) for m in (2 + n // 4, 3)]
        return partnership(masses(rng, 2), owners)
    if number % 3 == 1:
        return exchange([randomly(rng, 2), randomly(rng, 3)], [randomly(rng, 2)])
    buyer, seller = (Distribution(endpoints(m).values, masses(rng, m)) for m in (n, n + 1))
    return bilateral(buyer, seller)
