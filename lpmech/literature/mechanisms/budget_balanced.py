"""Budget-balanced version of a BIC mechanism with an expected surplus: revenue 0 at every profile, and nobody worse off.

Options: ``of``, the mechanism to start from, by name (with its default options; default ``ir-vcg``), and ``shares``:

* ``next-agent`` (default): agent i bears the deviations of agent i + 1's payment from its mean; the expected surplus
  is divided equally;
* ``equal-share``: each agent's deviations are borne by all others alike; the expected surplus is divided equally;
* ``kos-manea``: one seller. He bears the buyers' deviations, and they his in equal parts; he gets the part ``alpha``
  (option, from 0 to 1, default 1/2) of the expected surplus, the buyers the rest in equal parts. With of = vcg-prime
  or tight these are the transfers of the proofs of Theorems 1 and 2.

Source: efficient-mechanisms-notes, Theorem 2; kos-manea-2009, Theorem 1, Theorem 2 and Section 5 (kos-manea).
"""

from __future__ import annotations

from fractions import Fraction

from lpmech.answer.mechanism import Mechanism
from lpmech.literature import mechanisms
from lpmech.literature.mechanisms._balance import balance, equally, interim_payments, next_agent
from lpmech.literature.mechanisms._units import buyers, no_market
from lpmech.question.model import Instance

OPTIONS = {
    "of": tuple(name for name in mechanisms.names() if name != "budget-balanced"),
    "shares": ("next-agent", "equal-share", "kos-manea"),
    "alpha": None,
}
HALF = Fraction(1, 2)


def applies(instance: Instance, of: str = "ir-vcg", shares: str = "next-agent", alpha: Fraction = HALF) -> str | None:
    """Independent types, two agents or more, and a mechanism to start from that applies and has no expected deficit."""
    env = instance.environment
    if env.prior is not None:
        return "the prior is correlated"
    if len(env.agents) == 1:
        return "one agent alone cannot balance a budget"
    if not 0 <= alpha <= 1:
        return f"alpha is {alpha}, not between 0 and 1"
    if shares == "kos-manea":
        if reason := no_market(instance):
            return reason
        if len(env.agents) - buyers(env) != 1:
            return "there is more than one seller"
    if (reason := mechanisms.applies(of, instance)) is not None:
        return f"{of} does not apply: {reason}"
    revenue = mechanisms.build(of, instance).revenue
    return None if revenue >= 0 else f"{of} has an expected deficit of {-revenue}"


def build(instance: Instance, of: str = "ir-vcg", shares: str = "next-agent", alpha: Fraction = HALF) -> Mechanism:
    """The balanced mechanism."""
    env, n = instance.environment, len(instance.environment.agents)
    start = mechanisms.build(of, instance)
    dividends = None
    if shares == "kos-manea":
        spread = [Fraction(1, n - 1)] * (n - 1)
        bearing = [[Fraction(i == n - 1) for i in range(n)] for _ in range(n - 1)] + [[*spread, Fraction(0)]]
        dividends = [*((1 - alpha) * part for part in spread), alpha]
    else:
        bearing = [list(row) for row in (next_agent(n) if shares == "next-agent" else equally(n))]
    return balance(env, start.lotteries, interim_payments(start), bearing, dividends)
