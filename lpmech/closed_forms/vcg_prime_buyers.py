"""VCG' with one seller and identical buyers, by order statistics: nothing is enumerated.

The interim payments that make each buyer indifferent to the next lower report and each seller to the next higher one
extract the most; the sum of their expectations is the margin. Proof: docs/closed-forms.md. Source: kos-manea-2009, Sections
5, 6 and 7.1.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import accumulate

from lpmech.compact_buyers import BuyersMechanism, interim_trade
from lpmech.distributions.integers import scaled
from lpmech.environments.exchange import Exchange
from lpmech.model import Instance
from lpmech.multipliers import PRIOR, Multiplier
from lpmech.proof import Proof

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
    env, need = instance.environment, instance.requirements
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
    for key, allowed in WANTED.items():
        if (value := getattr(need, key)) not in allowed:
            return f"{key} is {value}, not {' or '.join(allowed)}"
    if _bits(env) > MAX_BITS:
        return f"with {len(env.buyers)} buyers and such masses exact numbers are too long for a proof"
    return None


def _bits(env: Exchange) -> int:
    """Length of the longest denominator or numerator, at most."""
    buyer, seller, n = env.buyers[0], env.sellers[0], len(env.buyers)
    values, unit = scaled([*buyer.values, *seller.values])
    lengths = [scaled(side.probabilities)[1].bit_length() for side in (buyer, seller)]
    return n * lengths[0] + lengths[1] + unit.bit_length() + max(map(abs, values)).bit_length() + 4 * n.bit_length()


def solve(instance: Instance) -> Proof:
    """Margin, mechanism and multipliers."""
    env, need = instance.environment, instance.requirements
    assert isinstance(env, Exchange)  # ``accepts`` has said so
    buyer, seller, n = env.buyers[0], env.sellers[0], len(env.buyers)
    ties = "uniform" if need.ties == "uniform" else "symmetric"
    values, unit = scaled([*buyer.values, *seller.values])
    B, S = values[: len(buyer)], values[len(buyer) :]
    (bought, by_B), (sold, by_S) = interim_trade(env, ties)
    paid = list(accumulate(b * (x - w) for b, x, w in zip(B, bought, [0, *bought], strict=False)))
    got = list(accumulate(s * (x - w) for s, x, w in zip(S[::-1], sold[::-1], [0, *sold[::-1]], strict=False)))[::-1]
    (p, P), (q, Q) = scaled(buyer.probabilities), scaled(seller.probabilities)
    margin = Fraction(n * sum(w * t for w, t in zip(p, paid, strict=True)), unit * by_B * P)
    margin -= Fraction(sum(w * t for w, t in zip(q, got, strict=True)), unit * by_S * Q)
    each = margin / (n + 1) if need.budget == "balanced" and margin > 0 else Fraction(0)
    T_B = [Fraction(t, unit * by_B) - each for t in paid]
    T_S = [Fraction(-t, unit * by_S) - each for t in got]
    mechanism = BuyersMechanism(env, ties, (T_B, T_S))
    verdict = "exists" if margin >= 0 else "impossible"
    fees = (each,) * (n + 1) if each else None
    return Proof(instance, verdict, margin, margin, mechanism, fees, None, _multipliers(instance, p, P, q, Q), "margin")


def _multipliers(instance: Instance, p: list[int], P: int, q: list[int], Q: int) -> tuple[Multiplier, ...]:
    """IR of the lowest buyers and the highest seller, incentives towards them, and the budget."""
    seller, one, last = len(instance.environment.agents) - 1, Fraction(1), len(q) - 1
    tail, head = list(accumulate(p[::-1]))[::-1], list(accumulate(q))  # P(b >= B_k), P(s <= S_j)
    everywhere = instance.requirements.budget != "no-expected-deficit"
    return (
        Multiplier("IR", one, 0, 0, alike=seller > 1),
        *(
            Multiplier("BIC", Fraction(w, P), 0, k, report=k - 1, alike=seller > 1)
            for k, w in enumerate(tail)
            if k and w
        ),
        Multiplier("IR", one, seller, last),
        *(Multiplier("BIC", Fraction(w, Q), seller, k, report=k + 1) for k, w in enumerate(head) if k < last and w),
        Multiplier("budget", one, profile=PRIOR if everywhere else None),
    )
