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
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import pairwise, product
from typing import TYPE_CHECKING, Any

from lpmech import closed_forms, engine
from lpmech.closed_forms import second_best_ironing
from lpmech.closed_forms._ironing import Market, Optimum, Staircase
from lpmech.closed_forms._trade import Trade
from lpmech.environments.social_choice import SocialChoice, Type
from lpmech.errors import TooLargeError, UndecidedError
from lpmech.exact import decimal, show
from lpmech.mechanism import Mechanism, tabulable
from lpmech.model import Instance
from lpmech.proof import Proof
from lpmech.requirements import AllocationTable, Objective
from lpmech.result import Result

if TYPE_CHECKING:
    import pandas as pd

FORMAT = "lpmech-frontier/1"
ZERO, ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True)
class Point:
    """A corner of the curve: with ``subsidy`` (money) expected welfare can be ``welfare`` (money), and no more."""

    subsidy: Fraction
    welfare: Fraction
    found: Mechanism

    def mechanism(self, instance: Instance) -> Mechanism:
        """A mechanism that meets the requirements but for its budget, where -subsidy is in the place of 0."""
        if self.found.environment is instance.environment:
            return self.found
        return Mechanism(instance.environment, tuple(self.found.transfers), self.found.lotteries)


@dataclass(frozen=True)
class Line:
    """W(s) <= intercept + slope s for every s, by the multipliers of a verified proof; slope: welfare per money."""

    slope: Fraction
    intercept: Fraction
    proof: Proof

    def at(self, s: Fraction) -> Fraction:
        """Its value."""
        return self.intercept + self.slope * s


Corner = tuple[Point, Line]
"""A point of the curve, and a line above it that touches it there, or follows it after the point."""


@dataclass(frozen=True)
class Frontier:
    """The curve, exactly: straight between its ``points``, level after the last one, undefined before the first.

    ``lines[k]`` is the proof that nothing is above the curve between points k and k + 1, and the last one that nothing is
    above its end. ``first_best``: E[max_x W(x; theta)], the last point's welfare unless no subsidy buys it.
    """

    instance: Instance
    points: tuple[Point, ...]
    lines: tuple[Line, ...]
    first_best: Fraction

    def __iter__(self) -> Iterator[tuple[Fraction, Fraction]]:
        """(subsidy, welfare) of each corner."""
        return ((point.subsidy, point.welfare) for point in self.points)

    def __len__(self) -> int:
        return len(self.points)

    def __call__(self, subsidy: Fraction | int | str) -> Fraction | None:
        """W(subsidy), None where no mechanism exists."""
        s = Fraction(subsidy)
        if s < self.points[0].subsidy:
            return None
        return min(line.at(s) for line in self.lines)

    @property
    def slopes(self) -> list[Fraction]:
        """Welfare bought by one more unit of subsidy after each point; 0 after the last."""
        return [line.slope for line in self.lines]

    @cached_property
    def rows(self) -> list[dict[str, Fraction]]:
        """Subsidy, welfare, slope after it, and what is missing to the first best, for each corner."""
        return [
            {"subsidy": p.subsidy, "welfare": p.welfare, "slope": slope, "loss": self.first_best - p.welfare}
            for p, slope in zip(self.points, self.slopes, strict=True)
        ]

    def table(self, file: str = "") -> dict[str, Any]:
        """The JSON object of ``lpmech frontier --format json``."""
        points = [
            {name: show(x) for name, x in row.items()}
            | {f"{name}_decimal": decimal(row[name]) for name in ("subsidy", "welfare")}
            for row in self.rows
        ]
        best = {"first_best": show(self.first_best), "points": points}
        return {"format": FORMAT, "file": file, "title": self.instance.title, **best}

    def to_frame(self, *, exact: bool = True) -> pd.DataFrame:
        """pandas: a row for each corner. Exact entries are Fractions; else floats."""
        import pandas as pd

        return pd.DataFrame([{k: x if exact else decimal(x) for k, x in row.items()} for row in self.rows])

    def csv(self) -> str:
        """A row for each corner, exact numbers as text."""
        lines = [",".join(map(show, row.values())) for row in self.rows]
        return "\n".join([",".join(self.rows[0]), *lines])

    def explain(self, format: str = "text") -> str:
        """The curve in words and as a table: "text", "markdown", "latex" or "html"."""
        from lpmech.explain import render
        from lpmech.explain.subsidies import document

        return render(document(self), format)

    def _repr_html_(self) -> str:
        from lpmech.explain import html
        from lpmech.explain.subsidies import document

        return html.fragment(document(self))

    def __repr__(self) -> str:
        ends = " to ".join(f"({show(s)}, {show(w)})" for s, w in [*self][:: len(self) - 1 or 1])
        return f"<Frontier: {len(self)} point{'s' * (len(self) > 1)}, {ends}>"


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
                corners = list(_by_prices(welfare))
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
    values = [env.valuation(i) for i in range(len(env.agents))]
    lotteries, free = [], [[ZERO] * env.profile_count] * len(env.agents)
    for theta in product(*map(range, env.sizes)):
        rows = [table[k] for table, k in zip(values, theta, strict=True)]
        surplus = [sum((row[x] for row in rows), -c) for x, c in enumerate(env.costs)]
        lotteries.append({max(range(len(surplus)), key=surplus.__getitem__): ONE})
    asked = instance.with_requirements(
        incentive_compatibility=none, individual_rationality=none, budget=none, transfers="any"
    ).with_objective("welfare")
    found = Mechanism(env, tuple(free), lotteries)
    proof = Proof(asked, "exists", None, found.welfare, found, None, None, (), "objective")
    return Line(ZERO, found.welfare, _checked(proof))


def _checked(proof: Proof) -> Proof:
    """A proof that the verifier accepts."""
    report = proof.verify()
    if not report:
        raise UndecidedError("the frontier was not found: the verifier refused: " + "; ".join(report.problems[:3]))
    return proof


def _bound(result: Result, s: Fraction) -> Line:
    """The line through W(s) that the multipliers of the answer at s prove."""
    proof = result.proof
    assert proof is not None
    assert proof.multipliers is not None
    assert isinstance(result.value, Fraction)
    slope = sum((m.weight for m in proof.multipliers if m.constraint == "budget"), ZERO)
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


# ---- bilateral trade under BIC and interim IR: a price for money ---------------------------------------------------------


def _by_prices(instance: Instance) -> Iterator[Corner]:
    """All points, from allocations that are best for welfare plus a price times revenue."""
    trade = Trade.of(instance)
    market = Market(trade)
    second, first = market.second_best(), market.best(1, 0)
    steps = [first]
    if second.beta:
        inside = [second] if second.high.revenue < 0 else []
        steps = [*inside, *_edges(market, second.high, first.low), first]
    start = _checked(second_best_ironing.solve(instance))
    for number, step in enumerate(steps):
        proof = _checked(second_best_ironing.priced(instance, market, trade, step))
        found = proof.mechanism if number else start.mechanism
        assert isinstance(proof.value, Fraction)
        assert found is not None
        line = Line(Fraction(step.beta, step.alpha), proof.value, proof)
        subsidy = -trade.amount(step.low.revenue) if number else ZERO
        yield Point(subsidy, line.at(subsidy), found), line


def _edges(market: Market, start: Staircase, end: Staircase) -> Iterator[Optimum]:
    """Optima at the prices at which the best allocation changes, from the dearest: less revenue and more welfare each."""
    if start.revenue == end.revenue:
        return
    price = Fraction(end.welfare - start.welfare, start.revenue - end.revenue)
    best = market.best(price.denominator, price.numerator)
    more = price.denominator * (best.low.welfare - start.welfare) + price.numerator * (best.low.revenue - start.revenue)
    if more:
        yield from _edges(market, start, best.low)
    if not more or best.low.revenue != best.high.revenue:
        yield best
    if more:
        yield from _edges(market, best.high, end)
