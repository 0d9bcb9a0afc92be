"""The frontier in bilateral trade under BIC and interim IR, without a program: a price for money.

Welfare plus a price times revenue is maximised by ironed values; the maximum bounds the curve (docs/explanations.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from lpmech.closed_forms import second_best_ironing
from lpmech.closed_forms.bilateral.ironing import Market, Optimum, Staircase
from lpmech.closed_forms.bilateral.trade import Trade
from lpmech.question.model import Instance
from lpmech.studies.subsidies.curve import ZERO, Corner, Line, Point, checked


def by_prices(instance: Instance) -> Iterator[Corner]:
    """All points, from allocations that are best for welfare plus a price times revenue."""
    trade = Trade.of(instance)
    market = Market(trade)
    second, first = market.second_best(), market.best(1, 0)
    steps = [first]
    if second.beta:
        inside = [second] if second.high.revenue < 0 else []
        steps = [*inside, *_edges(market, second.high, first.low), first]
    start = checked(second_best_ironing.solve(instance))
    for number, step in enumerate(steps):
        proof = checked(second_best_ironing.priced(instance, market, trade, step))
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
