"""VCG': who trades pays, or gets, the value of the other side's marginal type of his own side.

The buyer pays the smallest value that still trades with the seller at hand, the seller gets the largest cost that still
trades with the buyer at hand. No mechanism extracts more under BIC and interim IR, and this one is DSIC and ex post IR;
its expected revenue is the margin. Proof: docs/closed-forms.md. Source: kos-manea-2009, Theorem 1, Sections 6 and 7.1.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from lpmech.answer.compact import CompactMechanism, InterimTrade, MenuTrade
from lpmech.answer.multipliers import Column, Columns, Multiplier
from lpmech.answer.proof import Proof
from lpmech.base.exact import Scaled
from lpmech.closed_forms.bilateral.batch import Trades, at, before
from lpmech.closed_forms.bilateral.trade import Trade, sums
from lpmech.question.accepts import Accepts
from lpmech.question.constraints import Place, Scope
from lpmech.question.constraints.balanced import Balanced
from lpmech.question.constraints.bic import BIC
from lpmech.question.constraints.dsic import DSIC
from lpmech.question.constraints.ex_post_ir import ExPostIR
from lpmech.question.constraints.interim_ir import InterimIR
from lpmech.question.constraints.no_deficit import NoDeficit
from lpmech.question.constraints.no_expected_deficit import NoExpectedDeficit
from lpmech.question.model import Instance

ACCEPTS = Accepts(
    kinds=("bilateral-trade",),
    independent=True,
    objectives=("margin",),
    allocation=("efficient",),
    transfers=("any",),
    incentives=(BIC, DSIC),
    participation=(InterimIR, ExPostIR),
    budget=(NoExpectedDeficit, NoDeficit, Balanced),
)


def accepts(instance: Instance) -> str | None:
    """BIC or DSIC, interim or ex post IR, revenue in expectation; or BIC, interim IR, revenue at every profile."""
    need = instance.requirements
    if (reason := ACCEPTS.reason(instance)) is not None:
        return reason
    by_type = need.incentive_rule is BIC and need.participation_rule is InterimIR
    if need.budget_rule is not NoExpectedDeficit and not by_type:
        asked = f"{need.incentive_compatibility} and {need.individual_rationality}"
        return f"budget is {need.budget} with {asked} IR, not BIC and interim IR"
    if need.ties == "uniform":
        trade = Trade.of(instance)
        if set(trade.B) & set(trade.S):
            return "ties are uniform, and there are ties"
    return None


def solve(instance: Instance) -> Proof:
    """Margin, mechanism and multipliers."""
    trade, need = Trade.of(instance), instance.requirements
    ties = "last" if need.ties == "last" else "first"
    cut, start = trade.cuts(ties == "last")
    tail = [trade.P - x for x in sums(trade.p)]  # P(b >= B_i)
    head = sums(trade.q)  # P(s < S_j); head[j + 1] is P(s <= S_j)
    # E[payment of the buyer; s = S_j] = q_j B[start_j] P(b >= B[start_j]), and the seller's mirror image
    bought = [w * trade.B[k] if k < len(trade.B) else 0 for w, k in zip(trade.q, start, strict=True)]
    sold = [w * trade.S[c - 1] if c else 0 for w, c in zip(trade.p, cut, strict=True)]
    paid = sum(w * tail[k] for w, k in zip(bought, start, strict=True))
    got = sum(w * head[c] for w, c in zip(sold, cut, strict=True))
    margin = trade.amount(paid - got)
    fees = None
    if need.budget_rule is NoExpectedDeficit:
        prices = [trade.B[k] if k < len(trade.B) else 0 for k in start]
        rewards = [-trade.S[c - 1] if c else 0 for c in cut]
        rows = ([0] * len(start), prices, [0] * len(cut), rewards)
        mechanism: CompactMechanism = MenuTrade(trade.environment, ties, *(Scaled(trade.unit, row) for row in rows))
    else:
        each = margin / 2 if need.budget_rule is Balanced and margin > 0 else Fraction(0)
        fees = (each, each) if each else None
        bought_below, sold_below = sums(bought), sums(sold)
        T_B = Scaled(trade.unit * trade.Q, [bought_below[c] for c in cut])
        T_S = Scaled(trade.unit * trade.P, [sold_below[k] - sold_below[-1] for k in start])
        mechanism = InterimTrade(trade.environment, ties, T_B.plus(-each), T_S.plus(-each))
    verdict = "exists" if margin >= 0 else "impossible"
    weights = _multipliers(instance, Scaled(trade.P, tail[:-1]), Scaled(trade.Q, head[1:]))
    return Proof(instance, verdict, margin, margin, mechanism, fees, None, weights, "margin")


def margins(trades: Trades, ties: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each row the margin in units of 1/(P Q) of the unit of the values; the sizes of its terms added up; and whether
    the closed form answers it."""
    cut, start = trades.cuts(ties == "last")
    tail, head = before(trades.p[:, ::-1])[:, ::-1], before(trades.q)
    bought = trades.q * at(trades.B, start) * at(tail, start)  # tail is 0 where nobody buys, head where nobody sells
    sold = trades.p * at(trades.S, cut - 1) * at(head, cut)
    size = np.abs(bought).sum(axis=1) + np.abs(sold).sum(axis=1)
    answers = ~trades.tied if ties == "uniform" else np.ones(len(size), dtype=bool)
    return bought.sum(axis=1) - sold.sum(axis=1), size, answers


def _multipliers(instance: Instance, tail: Scaled, head: Scaled) -> Columns:
    """IR of the buyer's lowest and the seller's highest type, incentives towards them, and the budget."""
    need, one, last = instance.requirements, Fraction(1), len(head) - 1
    ic, ir, budget = need.incentive_rule, need.participation_rule, need.budget_rule
    assert ic is not None  # ``accepts`` has said so
    assert ir is not None
    assert budget is not None
    every_profile = Scope.PROFILE
    buyers = [k for k, w in enumerate(tail.of) if k and w]
    sellers = [k for k, w in enumerate(head.of) if k < last and w]
    down = Scaled(tail.over, [tail.of[k] for k in buyers])
    up = Scaled(head.over, [head.of[k] for k in sellers])
    return Columns(
        Multiplier(ir(0), one, Place(type=0, averaged=ir.scope is every_profile)),
        Column(ic(0), down, buyers, None, [k - 1 for k in buyers], ic.scope is every_profile),
        Multiplier(ir(1), one, Place(type=last, averaged=ir.scope is every_profile)),
        Column(ic(1), up, sellers, None, [k + 1 for k in sellers], ic.scope is every_profile),
        Multiplier(budget(), one, Place(averaged=budget.scope is every_profile)),
    )
