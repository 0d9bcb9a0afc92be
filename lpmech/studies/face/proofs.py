"""Proofs about all optimal mechanisms, as the stand-alone verifier reads them.

*What binds at every optimum*: an optimal mechanism and multipliers of the optimum. Whoever attains the optimum has slack 0
wherever these multipliers are positive. *An end of a range*: the question whose requirements are those of the optimal
mechanisms, with the quantity fixed (a mechanism exists), or past the end (impossible), or as objective where it can be one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
from flint import fmpq

from lpmech.answer.arguments import MARGIN, OBJECTIVE, REQUIREMENTS, Argument, Leaf
from lpmech.answer.mechanism import Mechanism
from lpmech.answer.multipliers import Multiplier
from lpmech.answer.proof import Proof
from lpmech.answer.result import Result
from lpmech.base.arrays import zeros
from lpmech.base.errors import InputError, UndecidedError
from lpmech.base.exact import from_flint
from lpmech.programs.forms import CONSTANT
from lpmech.question.constraints.balanced import Balanced
from lpmech.question.constraints.linear import AT_LEAST, AT_MOST, EQUAL, Linear, LinearForm
from lpmech.question.model import Instance
from lpmech.question.objective import Objective
from lpmech.studies.face.program import GOAL, Optimal
from lpmech.studies.face.quantities import Measured, Quantity
from lpmech.studies.face.ranges import End, Ranges

ZERO = Fraction(0)
ATTAINED, BEYOND, BOUNDED = "attained", "impossible beyond", "bounded"


@dataclass(frozen=True)
class Claim:
    """One verified proof about an end: ``says`` is attained, bounded, or impossible beyond by ``past``."""

    quantity: Quantity
    high: bool
    end: Fraction
    says: str
    past: Fraction
    proof: Proof


def pair_proof(result: Result, optimal: Optimal) -> Proof:
    """The optimum, proved by multipliers that are positive on every row that binds at every optimal mechanism."""
    instance, value = result.instance, from_flint(optimal.target)
    multipliers = optimal.form.multipliers(optimal.lp.duals(optimal.multipliers))
    mechanism = optimal.mechanism(optimal.pair.inner)
    on_margin = instance.objective.maximize == MARGIN
    bounds = MARGIN if on_margin else OBJECTIVE
    margin = value if on_margin else None
    if not instance.further:
        fees = None
        if on_margin and value > 0 and instance.requirements.budget_rule is Balanced:
            fees = (value / len(instance.environment.agents),) * len(instance.environment.agents)
            mechanism = mechanism.plus(tuple(-fee for fee in fees))
        return _verified(Proof(instance, result.verdict, margin, value, mechanism, fees, None, multipliers, bounds))
    argument = Argument(bounds, Leaf(bounds, multipliers))
    if not on_margin:
        return _verified(_further(instance, value, mechanism, argument))
    known = result.proof
    assert known is not None
    others = tuple(a for a in known.arguments or () if a.shows != MARGIN)
    shown = replace(known, multipliers=multipliers, bounds=bounds, arguments=(*others, argument))
    if known.mechanism is None or known.best is not None:  # one that attains the margin is stated beside the verdict's
        shown = replace(shown, best=mechanism, best_level=value)
    return _verified(shown)


def _further(instance: Instance, value: Fraction, mechanism: Mechanism, argument: Argument) -> Proof:
    leaf = argument.tree
    assert isinstance(leaf, Leaf)
    return Proof(
        instance,
        "exists",
        None,
        value,
        mechanism,
        multipliers=leaf.multipliers,
        bounds=leaf.bounds,
        arguments=(argument,),
    )


# ---- ends of ranges --------------------------------------------------------------------------------------------------


class Ends:
    """Proofs about one quantity: the question that only optimal mechanisms answer, and what is added to it."""

    def __init__(self, instance: Instance, optimal: Optimal, ranges: Ranges, quantity: Quantity) -> None:
        self.optimal, self.ranges, self.quantity = optimal, ranges, quantity
        self.form = Measured(instance).form(quantity)
        self.question = optimal_question(instance, optimal)

    def about(self, end: End, high: bool, past: Fraction) -> list[Claim]:
        """Verified proofs about a finite end."""
        assert isinstance(end.value, Fraction)
        env, value = self.question.environment, end.value
        weights = self.quantity.objective(len(env.sizes))
        if weights is not None:
            sign = 1 if high else -1
            goal = Objective(utility=[sign * w for w in weights[0]], revenue=sign * weights[1])
            leaf = Leaf(OBJECTIVE, self.multipliers(high, self.question))
            proof = _further(
                self.question.with_objective(goal), sign * value, self.attaining(end), Argument(OBJECTIVE, leaf)
            )
            return [Claim(self.quantity, high, value, BOUNDED, ZERO, _verified(proof))]
        attained = self.with_requirement(EQUAL, value)
        nothing = Argument(OBJECTIVE, Leaf(OBJECTIVE, ()))
        reached = _further(attained, ZERO, self.attaining(end), nothing)
        out = [Claim(self.quantity, high, value, ATTAINED, ZERO, _verified(reached))]
        far = value + past if high else value - past
        asked = self.with_requirement(AT_LEAST if high else AT_MOST, far)
        last = asked.constraints[-1]
        against = [*self.multipliers(high, asked), Multiplier(last, Fraction(1), next(last.places(env)))]
        argument = Argument(REQUIREMENTS, Leaf(REQUIREMENTS, against))
        never = Proof(asked, "impossible", None, None, None, arguments=(argument,))
        return [*out, Claim(self.quantity, high, value, BEYOND, past, _verified(never))]

    def attaining(self, end: End) -> Mechanism:
        """A mechanism that attains it."""
        return self.optimal.mechanism(self.ranges.points[end.point])

    def with_requirement(self, compared: str, bound: Fraction) -> Instance:
        """The question with the quantity compared with a number."""
        linear = self.question.requirements.linear
        added = self.quantity.requirement(self.question.environment, len(linear), compared, bound)
        if added is None:
            raise InputError("proof files have no requirement that names a share", value=self.quantity.kind)
        return self.question.with_requirements(linear=(*linear, added))

    def multipliers(self, high: bool, asked: Instance) -> list[Multiplier]:
        """Weights on the requirements of ``asked`` that bound the quantity from one side."""
        optimal, sign = self.optimal, 1 if high else -1
        found = optimal.again.bounded({j: sign * x for j, x in self.form.items() if j != CONSTANT and x != 0})
        if found is None:
            raise UndecidedError("the multipliers of an end were not found with the effort allowed")
        y, weights = found.y.tolist(), optimal.pair.weights
        times = max([fmpq(0), *(-y[r] / weights[r] for r in optimal.pair.always)])
        y = [a + times * w for a, w in zip(y, weights, strict=True)]
        named = optimal.form.multipliers(optimal.lp.duals(_array(y[:-1])))
        stated = dict(zip(optimal.form.constraints, asked.constraints, strict=False))
        out = [replace(m, constraint=stated[m.constraint]) for m in named]
        if y[-1] != 0 and asked.constraints[len(stated) :] and asked.constraints[len(stated)].title == GOAL:
            held = asked.constraints[len(stated)]
            out.append(Multiplier(held, from_flint(y[-1])))
        return out


def optimal_question(instance: Instance, optimal: Optimal) -> Instance:
    """The question whose mechanisms are the optimal ones: z = optimum as a floor of the budget, or the objective as a
    linear requirement. Raises InputError where proof files have no such question."""
    need, target = instance.requirements, from_flint(optimal.target)
    count = len(instance.environment.agents)
    nothing = Objective(utility=(0,) * count, revenue=0)
    if instance.objective.maximize == MARGIN:
        if need.budget_rule is None or not optimal.exactly:
            raise InputError(
                "proof files have no question that only these mechanisms answer",
                expected="a budget requirement, and no slack where it is balanced",
            )
        return instance.with_requirements(budget_floor=need.budget_floor + target).with_objective(nothing)
    weights, revenue = instance.objective.weights(count)
    form = LinearForm(utilities=tuple((i, w) for i, w in enumerate(weights) if w), revenue=revenue)
    compared = EQUAL if optimal.exactly else AT_LEAST
    held = Linear(None, len(need.linear), GOAL, form, False, compared, target)
    return instance.with_requirements(linear=(*need.linear, held)).with_objective(nothing)


def _array(point: Sequence[Any]) -> np.ndarray:
    out = zeros(len(point))
    out[:] = list(point)
    return out


def _verified(proof: Proof) -> Proof:
    report = proof.verify()
    if not report:
        raise UndecidedError("the verifier refused a proof: " + "; ".join(report.problems[:3]))
    return proof
