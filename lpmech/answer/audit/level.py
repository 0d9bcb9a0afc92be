"""How good a given mechanism is: the largest z that it meets the requirements with, and every misreport that pays."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from lpmech.answer.mechanism import Mechanism
from lpmech.answer.statements import MechanismStatements
from lpmech.question.constraints import Constraint, Incentives, Place, Relation
from lpmech.question.constraints.bic import BIC
from lpmech.question.model import Instance


@dataclass(frozen=True)
class Deviation:
    """A misreport that pays: whose constraint it breaks, where, and what he gains by it (money, > 0)."""

    constraint: Constraint
    place: Place
    gain: Fraction


def level(instance: Instance, mechanism: Mechanism) -> Fraction | float | None:
    """The largest z with which a mechanism meets every constraint; inf where z stands nowhere, None if it meets them at
    no z. The allocation rule is not looked at."""
    of, need, env = MechanismStatements(mechanism), instance.requirements, instance.environment
    best: Fraction | float = math.inf
    equal: set[Fraction] = set()
    for constraint in instance.constraints:
        for place in constraint.places(env):
            row = constraint.value(of, place)
            if need.level(constraint):
                best = min(best, row)
                equal |= {row} if constraint.relation is Relation.EQUAL else set()
            elif row < 0 or (row and constraint.relation is Relation.EQUAL):
                return None
    return best if len(equal) <= 1 else None


def deviations(instance: Instance, mechanism: Mechanism) -> Iterator[Deviation]:
    """Every misreport that pays, under the notions asked for, or BIC where none is."""
    of, env = MechanismStatements(mechanism), instance.environment
    asked = [c for c in instance.constraints if isinstance(c, Incentives)] or [BIC(i) for i in range(len(env.sizes))]
    for constraint in asked:
        for place in constraint.places(env):
            row = constraint.value(of, place)
            if row < 0:
                yield Deviation(constraint, place, -row)
