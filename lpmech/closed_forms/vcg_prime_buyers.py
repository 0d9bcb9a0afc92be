"""VCG' with one seller and identical buyers, by order statistics: nothing is enumerated.

The interim payments that make each buyer indifferent to the next lower report and each seller to the next higher one
extract the most; the sum of their expectations is the margin. Proof: docs/closed-forms.md. Source: kos-manea-2009, Sections
5, 6 and 7.1.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import accumulate
from operator import mul

from lpmech.answer.compact_buyers import BuyersMechanism, interim_trade
from lpmech.answer.multipliers import Multiplier
from lpmech.answer.proof import Proof
from lpmech.base.exact import Scaled
from lpmech.question.accepts import Accepts
from lpmech.question.constraints import Place, Scope
from lpmech.question.constraints.balanced import Balanced
from lpmech.question.constraints.bic import BIC
from lpmech.question.constraints.interim_ir import InterimIR
from lpmech.question.constraints.no_deficit import NoDeficit
from lpmech.question.constraints.no_expected_deficit import NoExpectedDeficit
from lpmech.question.environments.exchange import Exchange
from lpmech.question.model import Instance

MAX_BITS = 160_000
"""Longest numerator or denominator: numbers in proofs have at most 100,000 digits, and both stand in one."""

ACCEPTS = Accepts(
    kinds=("exchange",),
    independent=True,
    objectives=("margin",),
    allocation=("efficient",),
    ties=("any", "uniform"),
    transfers=("any",),
    incentives=(BIC,),
    participation=(InterimIR,),
    budget=(NoExpectedDeficit, NoDeficit, Balanced),
)


def accepts(instance: Instance) -> str | None:
    """One seller, identical buyers; BIC, interim IR, any budget; ties any or uniform."""
    if (reason := ACCEPTS.reason(instance)) is not None:
        return reason
    env = instance.environment
    assert isinstance(env, Exchange)  # ``ACCEPTS`` has said so
    if len(env.sellers) > 1:
        return f"there are {len(env.sellers)} sellers, not one"
    if any(buyer is not env.buyers[0] and buyer != env.buyers[0] for buyer in env.buyers):
        return "the buyers are not identical"
    if _bits(env) > MAX_BITS:
        return f"with {len(env.buyers)} buyers and such masses exact numbers are too long for a proof"
    return None


def _bits(env: Exchange) -> int:
    """Length of the longest denominator or numerator, at most."""
    buyer, seller, n = env.buyers[0], env.sellers[0], len(env.buyers)
    (B, p), (S, q) = buyer.scaled, seller.scaled
    numbers = [n**4, q.over, B.over, S.over, max(map(abs, [*B.of, *S.of]))]
    return n * p.over.bit_length() + sum(x.bit_length() for x in numbers)


def solve(instance: Instance) -> Proof:
    """Margin, mechanism and multipliers."""
    env, need = instance.environment, instance.requirements
    assert isinstance(env, Exchange)  # ``accepts`` has said so
    buyer, seller, n = env.buyers[0], env.sellers[0], len(env.buyers)
    ties = "uniform" if need.ties == "uniform" else "symmetric"
    (B, p), (S, q) = buyer.scaled, seller.scaled
    bought, sold = interim_trade(env, ties)
    paid = accumulate(b * (x - w) for b, x, w in zip(B.of, bought.of, [0, *bought.of], strict=False))
    turned = sold.of[::-1]
    got = accumulate(-s * (x - w) for s, x, w in zip(S.of[::-1], turned, [0, *turned], strict=False))
    T_B, T_S = Scaled(B.over * bought.over, list(paid)), Scaled(S.over * sold.over, list(got)[::-1])
    margin = n * _mean(p, T_B) + _mean(q, T_S)
    each = margin / (n + 1) if need.budget_rule is Balanced and margin > 0 else Fraction(0)
    mechanism = BuyersMechanism(env, ties, (T_B.plus(-each), T_S.plus(-each)))
    verdict = "exists" if margin >= 0 else "impossible"
    fees = (each,) * (n + 1) if each else None
    return Proof(instance, verdict, margin, margin, mechanism, fees, None, _multipliers(instance, p, q), "margin")


def _mean(masses: Scaled, amounts: Scaled) -> Fraction:
    return Fraction(sum(map(mul, masses.of, amounts.of)), masses.over * amounts.over)


def _multipliers(instance: Instance, p: Scaled, q: Scaled) -> tuple[Multiplier, ...]:
    """IR of the lowest buyers and the highest seller, incentives towards them, and the budget."""
    seller, one, last = len(instance.environment.agents) - 1, Fraction(1), len(q) - 1
    tail, head = list(accumulate(p.of[::-1]))[::-1], list(accumulate(q.of))  # P(b >= B_k), P(s <= S_j)
    budget = instance.requirements.budget_rule
    assert budget is not None  # ``accepts`` has said so
    return (
        Multiplier(InterimIR(0), one, Place(type=0, alike=seller > 1)),
        *(
            Multiplier(BIC(0), Fraction(w, p.over), Place(type=k, report=k - 1, alike=seller > 1))
            for k, w in enumerate(tail)
            if k and w
        ),
        Multiplier(InterimIR(seller), one, Place(type=last)),
        *(
            Multiplier(BIC(seller), Fraction(w, q.over), Place(type=k, report=k + 1))
            for k, w in enumerate(head)
            if k < last and w
        ),
        Multiplier(budget(), one, Place(averaged=budget.scope is Scope.PROFILE)),
    )
