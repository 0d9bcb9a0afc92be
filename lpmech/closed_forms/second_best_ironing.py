"""The best allocation under BIC, interim IR and a budget: ironed values, with a multiplier on the budget.

Who trades is decided by b + lam phi(b) and s + lam psi(s), each side's pooled until they rise; phi and psi are the
virtual values, of which revenue is made, and lam the weight on revenue at which the budget is just met. There the pairs
that tie trade with one probability, so that no revenue is left. Proof: docs/closed-forms.md. Source: kos-manea-2009,
Theorem 3, and myerson-satterthwaite-1983, Theorem 2, for positive masses and virtual values that rise.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from fractions import Fraction

from lpmech.answer.compact import InterimTrade
from lpmech.answer.cuts import Cuts
from lpmech.answer.multipliers import Column, Columns, Multiplier
from lpmech.answer.proof import Proof
from lpmech.base.exact import Scaled
from lpmech.closed_forms.bilateral.ironing import Market, Optimum
from lpmech.closed_forms.bilateral.trade import Trade
from lpmech.question.accepts import Accepts
from lpmech.question.constraints import Place, Scope
from lpmech.question.constraints.balanced import Balanced
from lpmech.question.constraints.bic import BIC
from lpmech.question.constraints.interim_ir import InterimIR
from lpmech.question.constraints.no_deficit import NoDeficit
from lpmech.question.constraints.no_expected_deficit import NoExpectedDeficit
from lpmech.question.model import Instance
from lpmech.question.objective import Objective

OBJECTIVES = ("welfare", "agents-utility", "revenue", "margin")


BUDGETS = NoExpectedDeficit, NoDeficit, Balanced
ACCEPTS = Accepts(
    kinds=("bilateral-trade",),
    independent=True,
    objectives=OBJECTIVES,
    allocation=("free",),
    transfers=("any",),
    incentives=(BIC,),
    participation=(InterimIR,),
    budget=(*BUDGETS, None),
)
WITH_A_BUDGET = replace(ACCEPTS, budget=BUDGETS)


def accepts(instance: Instance) -> str | None:
    """Any named objective under any budget; without a budget, revenue alone."""
    return (ACCEPTS if instance.objective.maximize == "revenue" else WITH_A_BUDGET).reason(instance)


def solve(instance: Instance) -> Proof:
    """Value, mechanism and multipliers."""
    trade, goal = Trade.of(instance), instance.objective.maximize
    balanced = instance.requirements.budget_rule is Balanced
    market = Market(trade)
    if goal in {"welfare", "agents-utility"}:
        best = market.second_best()
        hand_back = True
    else:
        best = market.best(0, 0 if goal == "revenue" and balanced else 1)
        hand_back = goal == "margin" and balanced
    cuts, welfare, revenue = _allocation(trade, best)
    each = revenue / 2 if hand_back else Fraction(0)
    mechanism = InterimTrade(trade.environment, cuts, *_payments(trade, market, cuts, each))
    multipliers = _multipliers(instance, market, best)
    if goal == "margin":
        fees = (each, each) if each else None
        return Proof(instance, "exists", revenue, revenue, mechanism, fees, None, multipliers, "margin")
    value = revenue if goal == "revenue" else welfare
    return Proof(instance, "exists", None, value, mechanism, None, None, multipliers, "objective")


def priced(instance: Instance, market: Market, trade: Trade, best: Optimum) -> Proof:
    """The most that welfare plus a price times revenue can come to without a budget; the price is beta/alpha of ``best``.

    The mechanism is that of ``best.low``: of those that attain it the one with the most revenue and the least welfare.
    """
    price = Fraction(best.beta, best.alpha)
    asked = instance.with_requirements(budget="none").with_objective(Objective(utility=(1, 1), revenue=1 + price))
    cuts = Cuts(best.low.counts(len(trade.B)), best.low.counts(len(trade.B)), Fraction(0))
    mechanism = InterimTrade(trade.environment, cuts, *_payments(trade, market, cuts, Fraction(0)))
    value = trade.amount(best.low.welfare) + price * trade.amount(best.low.revenue)
    multipliers = _multipliers(asked, market, best)
    return Proof(asked, "exists", None, value, mechanism, None, None, multipliers, "objective")


def _allocation(trade: Trade, best: Optimum) -> tuple[Cuts, Fraction, Fraction]:
    """The allocation with its welfare and revenue.

    Where revenue has a price and some is left, the pairs that tie trade with the probability that spends it.
    """
    low, high, w = best.low, best.high, Fraction(0)
    if best.alpha and best.beta and low.revenue:
        w = Fraction(low.revenue, low.revenue - high.revenue)
    if w in (0, 1):
        low = high = high if w else low
        w = Fraction(0)
    cuts = Cuts(low.counts(len(trade.B)), high.counts(len(trade.B)), w)
    welfare = trade.amount(low.welfare) + w * trade.amount(high.welfare - low.welfare)
    return cuts, welfare, trade.amount(low.revenue) + w * trade.amount(high.revenue - low.revenue)


def _payments(trade: Trade, market: Market, cuts: Cuts, less: Fraction) -> tuple[Scaled, Scaled]:
    """Interim payments that leave rents no larger than incentives ask for, and then ``less`` of them."""
    traded, by = cuts.weight.numerator, cuts.weight.denominator
    shares = (by - traded, cuts.low), (traded, cuts.high)
    bought = [[w * market.chance[count] for count in cut] for w, cut in shares]
    types = range(len(trade.S) - 1, -1, -1)
    sold = [[w * market.buyer.tail[bisect_right(cut, s)] for s in types] for w, cut in shares]
    money = []
    for side, chances, total in ((market.buyer, bought, trade.Q), (market.seller, sold, trade.P)):
        paid = side.payments([x + y for x, y in zip(*chances, strict=True)])
        money.append(Scaled(trade.unit * total * by, paid[:: side.step]).plus(-less))
    return money[0], money[1]


def _multipliers(instance: Instance, market: Market, best: Optimum) -> Columns:
    """Participation of the buyer's lowest and the seller's highest type, incentives between neighbours, the budget."""
    unit = best.alpha or 1
    lam, parts = Fraction(best.beta, unit), list[Multiplier | Column]()
    for agent, side in enumerate((market.buyer, market.seller)):
        if lam:
            parts.append(Multiplier(InterimIR(agent), lam, Place(type=side.number(0))))
        pressure = side.pressure(best.weights[agent], best.pools[agent])
        up = Scaled.read([y for _, y in pressure])
        down = [best.beta * up.over * t for t in side.tail[:-1]]
        for (k, _), y in zip(pressure, up.of, strict=True):
            down[k] += y
        over = side.total * unit * up.over
        for weights, types, step in (
            (up.of, [k - 1 for k, _ in pressure], 1),
            ([w for w in down[1:] if w], [k for k, w in enumerate(down) if k and w], -1),
        ):
            own, reports = [side.number(k) for k in types], [side.number(k + step) for k in types]
            parts.append(Column(BIC(agent), Scaled(over, weights), own, None, reports))
    on_revenue = instance.objective.weights(2)[1]
    on_budget = Fraction(1 if best.alpha else 0) + lam - on_revenue
    if on_budget:
        budget = instance.requirements.budget_rule
        assert budget is not None  # ``accepts`` has said so
        parts.append(Multiplier(budget(), on_budget, Place(averaged=budget.scope is Scope.PROFILE)))
    return Columns(*parts)
