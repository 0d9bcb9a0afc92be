"""Bilateral trade: who it is for, and lump sums between the two."""

from __future__ import annotations

from fractions import Fraction

from lpmech.answer.audit.checks import rents
from lpmech.answer.audit.integers import Integers
from lpmech.answer.mechanism import Mechanism
from lpmech.question.environments.bilateral_trade import BilateralTrade
from lpmech.question.model import Instance


def no_trade(instance: Instance) -> str | None:
    """Why the environment is not bilateral trade with independent types."""
    if not isinstance(instance.environment, BilateralTrade):
        return f"the environment is {instance.environment.kind}, not bilateral-trade"
    return None if instance.environment.prior is None else "the prior is correlated"


def with_kappa(mechanism: Mechanism) -> Mechanism:
    """The mechanism with a lump sum kappa that the buyer pays and the seller gets, as Theorem 1 of
    jagadeesan-tordjman-2025 chooses it: 0 if neither expects a loss, else the one who expects more expects 0 with it, and
    the other the sum of both."""
    buyer, seller = rents(Integers.read(mechanism.environment, mechanism))
    kappa = Fraction(0)
    if buyer < 0 or seller < 0:
        kappa = buyer if buyer >= seller else -seller
    return mechanism.plus((kappa, -kappa))
