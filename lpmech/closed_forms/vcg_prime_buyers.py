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
from lpmech.answer.multipliers import PRIOR, Multiplier
from lpmech.answer.proof import Proof
from lpmech.base.exact import Scaled
from lpmech.question.environments.exchange import Exchange
from lpmech.question.model import Instance

MAX_BITS = 160_000
"""Longest numerator or denominator: numbers in proofs have at most 100,000 digits, and both stand in one."""

WANTED = {
    "allocation": ("efficient",),
    "ties": ("any", "uniform"),
    "transfers": ("any",),
    "incentive_compatibility": ("BIC",),
    "individual_rationality": ("interim",),
    "budget": ("no-expected-deficit", "no-deficit", "balanced"),
}


def accepts(instance: Instance) -> str | None:
    """One seller, identical buyers; BIC, interim IR, any budget; ties any or uniform."""
    env = instance.environment
    if not isinstance(env, Exchange):
        return f"the environment is {env.kind}, not exchange"
    if env.prior is not None:
        return "the prior is correlated"
    if len(env.sellers) > 1:
        return f"there are {len(env.sellers)} sellers, not one"
    if any(buyer is not env.buyers[0] and buyer != env.buyers[0] for buyer in env.buyers):
        return "the buyers are not identical"
    if instance.objective.maximize != "margin":
        return f"the objective is {instance.objective.maximize}, not margin"
    if (reason := instance.requirements.unlike(**WANTED)) is not None:
        return reason
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
    each = margin / (n + 1) if need.budget == "balanced" and margin > 0 else Fraction(0)
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
    everywhere = instance.requirements.budget != "no-expected-deficit"
    return (
        Multiplier("IR", one, 0, 0, alike=seller > 1),
        *(
            Multiplier("BIC", Fraction(w, p.over), 0, k, report=k - 1, alike=seller > 1)
            for k, w in enumerate(tail)
            if k and w
        ),
        Multiplier("IR", one, seller, last),
        *(
            Multiplier("BIC", Fraction(w, q.over), seller, k, report=k + 1)
            for k, w in enumerate(head)
            if k < last and w
        ),
        Multiplier("budget", one, profile=PRIOR if everywhere else None),
    )
