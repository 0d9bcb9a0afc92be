"""The largest expected welfare for every outside subsidy, any allocation allowed: an exact piecewise linear curve.

    W(s) = max E[W(q(theta); theta)]   subject to the instance's own incentives, participation and class of transfers,
                                       and its budget with -s in the place of 0 (C9)

W is concave and rises to the most that any subsidy buys. A subsidy is a question about other costs: with c(x) - s in the
place of c(x) revenue is s more at every profile and welfare too. Each value of the curve is that of such a question, with a
verified proof; the weights on the budget in that proof add up to the slope of a line that bounds the curve everywhere.
Tangents from both sides of an interval cross on the curve or show a new part of it. Proofs: docs/explanations.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from lpmech import closed_forms, engine
from lpmech.answer.mechanism import Mechanism
from lpmech.answer.proof import Proof
from lpmech.answer.result import Result
from lpmech.answer.tables import tabulable
from lpmech.base.errors import TooLargeError, UndecidedError
from lpmech.question.constraints import Budget
from lpmech.question.environments.social_choice import SocialChoice, Type
from lpmech.question.model import Instance
from lpmech.question.objective import Objective
from lpmech.question.profiles import Profiles
from lpmech.question.requirements import AllocationTable
from lpmech.studies.subsidies.curve import ONE, ZERO, Corner, Frontier, Line, Point, checked
from lpmech.studies.subsidies.prices import by_prices

__all__ = ["Corner", "Frontier", "Line", "Point", "frontier", "subsidised"]


def subsidised(instance: Instance, subsidy: Fraction) -> Instance:
    """The same question with the cost of every outcome lower by the subsidy: welfare is higher by it at every profile.

    As a social choice, the kind in which outcomes have costs; itself for a subsidy of 0.
    """
    env = instance.environment
    if subsidy == 0:
        return instance
    agents = {
        agent.name: [
            Type(*row) for row in zip(agent.types, agent.probabilities, env.valuation(i), agent.outside, strict=True)
        ]
        for i, agent in enumerate(env.agents)
    }
    other = SocialChoice(env.outcomes, agents, [c - subsidy for c in env.costs], env.prior)
    return replace(instance, environment=other, claim=None)


def frontier(instance: Instance, *, most: int | None = None) -> Frontier:
    """The largest expected welfare as a function of an outside subsidy s >= 0, any allocation allowed.

    The instance's own incentives, participation, budget and class of transfers are kept; its allocation rule, objective and
    claim are not used. Raises TooLargeError if a program is too large, or more than ``most`` questions would have to be
    decided, and UndecidedError if one could not be.
    """
    instance.classical("the frontier of welfare against subsidy")
    return _Search(instance, most).curve()


class _Search:
    """The curve of one instance, and the questions decided for it."""

    def __init__(self, instance: Instance, most: int | None) -> None:
        free = instance.with_objective(Objective()).with_requirements(allocation="free", ties="any")
        self.instance, self.free, self.left, self.memory = instance, free, most, engine.Memory()

    def solve(self, question: Instance) -> Result:
        """A verified answer."""
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise TooLargeError("more corners than were asked for", expected="all of them, with lpmech frontier")
        result = engine.solve(question, memory=self.memory)
        if not result.proved:
            raise UndecidedError(f"the frontier was not found: {result.reason}")
        return result

    def curve(self) -> Frontier:
        last, ceiling, best = self.end()
        corners = [(last, ceiling)]
        if last.subsidy > 0:
            welfare = self.free.with_objective("welfare")
            if closed_forms.applicable(welfare) == "second_best_ironing":
                corners = list(by_prices(welfare))
            else:
                corners = [*self.by_tangents(corners[0]), *corners]
        kept = [corners[0], *(right for left, right in pairwise(corners) if left[1].slope != right[1].slope)]
        points, lines = zip(*kept, strict=True)
        return Frontier(self.instance, points, lines, best)

    # ---- the end: the most that any subsidy buys, and the least that buys it -----------------------------------------

    def end(self) -> tuple[Point, Line, Fraction]:
        """A point as high as any, the proof that nothing is above it, and the first best.

        The subsidy is the least that gives this welfare unless the allocation has to change where a type has probability 0.
        """
        ceiling = _first_best(self.free)
        best = ceiling.intercept
        held = self.solve(self.free.with_requirements(allocation="efficient"))
        if held.margin == -math.inf:
            willing = self.free.with_requirements(individual_rationality="none").with_objective("welfare")
            most = self.solve(willing)
            ceiling, found = _bound(most, ZERO), most.mechanism
            assert found is not None
            outcomes = range(len(self.free.environment.outcomes))
            table = AllocationTable([[q.get(x, ZERO) for x in outcomes] for q in found.lotteries])
            held = self.solve(self.free.with_requirements(allocation=table))
        assert ceiling.slope == 0
        assert held.margin is not None
        assert held.proof is not None
        assert held.proof.mechanism is not None
        subsidy = max(ZERO, -held.margin) if isinstance(held.margin, Fraction) else ZERO
        return Point(subsidy, ceiling.intercept, held.proof.mechanism), ceiling, best

    # ---- any instance: tangents --------------------------------------------------------------------------------------

    def by_tangents(self, last: Corner) -> Iterator[Corner]:
        """Corners before the last one, each with the line after it."""
        least = self.solve(self.free).margin
        assert isinstance(least, Fraction)
        yield from _corners(self.value(max(ZERO, -least)), last, self.value)

    def value(self, s: Fraction) -> Corner:
        """W(s), with a mechanism and a line above the curve that touches it there."""
        result = self.solve(subsidised(self.free.with_objective("welfare"), s))
        assert result.mechanism is not None
        line = _bound(result, s)
        return Point(s, line.at(s), result.mechanism), line


def _first_best(instance: Instance) -> Line:
    """No allocation has more welfare than one that is best at every profile: a proof without multipliers."""
    env, none = instance.environment, "none"
    tabulable(env)
    lotteries, free, profiles = [], [[ZERO] * env.profile_count] * len(env.agents), Profiles(env)
    for theta in profiles:
        surplus = profiles.surplus(theta)
        lotteries.append({max(range(len(surplus)), key=surplus.__getitem__): ONE})
    asked = instance.with_requirements(
        incentive_compatibility=none, individual_rationality=none, budget=none, transfers="any"
    ).with_objective("welfare")
    found = Mechanism(env, tuple(free), lotteries)
    proof = Proof(asked, "exists", None, found.welfare, found, None, None, (), "objective")
    return Line(ZERO, found.welfare, checked(proof))


def _bound(result: Result, s: Fraction) -> Line:
    """The line through W(s) that the multipliers of the answer at s prove."""
    proof = result.proof
    assert proof is not None
    assert proof.multipliers is not None
    assert isinstance(result.value, Fraction)
    slope = sum((m.weight for m in proof.multipliers if isinstance(m.constraint, Budget)), ZERO)
    return Line(slope, result.value - s - slope * s, proof)


def _corners(start: Corner, end: Corner, value: Callable[[Fraction], Corner]) -> Iterator[Corner]:
    """Points from ``start`` on and before ``end``, each with the line that the curve follows up to the next one."""
    (a, low), (b, high) = start, end
    if low.at(b.subsidy) == b.welfare:
        yield a, low
    elif high.at(a.subsidy) == a.welfare:
        yield a, high
    else:
        middle = (high.intercept - low.intercept) / (low.slope - high.slope)
        here, line = value(middle)
        assert a.subsidy < middle < b.subsidy
        assert here.welfare <= low.at(middle)
        if here.welfare == low.at(middle):
            yield a, low
            yield here, high
        else:
            yield from _corners(start, (here, line), value)
            yield from _corners((here, line), end, value)
