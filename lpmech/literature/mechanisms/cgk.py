"""Cramton-Gibbons-Klemperer: dissolves every partnership that can be dissolved efficiently.

t_i(theta) = A_i(theta_i) - (1/(n - 1)) sum_{j != i} A_j(theta_j) - c_i, where A_i is what agent i expects to pay if
the type v_i* that gains least gains nothing, W(v_i*) = E[A_i], and the c_i give everybody the same part of the sum of
the W(v_j*).

Discretised: Q(k) is the probability that type k gets the object, and v* the smallest value with Q >= r_i. Above it
each type is indifferent to reporting the one below, below it to the one above, and v* and the value just below it
gain 0; that is the least that BIC and interim IR leave every type. So sum_j W(v_j*) is the margin for this way of
breaking ties, and the mechanism exists iff a balanced one does. The integral of x dG(x) becomes a sum of v (Q(k) -
Q(k - 1)), v the value whose constraint binds.

Source: mishra-2020, theorem of Cramton, Gibbons and Klemperer, sufficiency; cramton-gibbons-klemperer-1987.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from lpmech.answer.mechanism import Mechanism
from lpmech.literature.mechanisms._balance import balance, equally, expectations
from lpmech.literature.mechanisms._groves import efficient
from lpmech.literature.mechanisms._object import no_object
from lpmech.question.environments.partnership import Partnership
from lpmech.question.model import Instance

OPTIONS: dict[str, tuple[str, ...] | None] = {}


def applies(instance: Instance) -> str | None:
    """Partnerships with independent types, drawn alike or not, that can be dissolved: the sum of the W(v_i*) is >= 0."""
    if reason := no_object(instance):
        return reason
    if instance.environment.prior is not None:
        return "the prior is correlated"
    total = surplus(instance)
    return f"the partnership cannot be dissolved: the sum of W(v_i*) is {total}, less than 0" if total < 0 else None


def build(instance: Instance) -> Mechanism:
    """The CGK mechanism."""
    env = instance.environment
    return balance(env, efficient(instance), _payments(instance), equally(len(env.agents)))


def surplus(instance: Instance) -> Fraction:
    """sum_i W(v_i*), the largest expected revenue."""
    rows = zip(instance.environment.agents, _payments(instance), strict=True)
    return sum((p * t for agent, row in rows for p, t in zip(agent.probabilities, row, strict=True)), Fraction(0))


def _payments(instance: Instance) -> list[list[Fraction]]:
    """The largest interim payments of each agent's types."""
    env, lotteries = instance.environment, efficient(instance)
    assert isinstance(env, Partnership)
    out = []
    for i, partner in enumerate(env.partners):
        chances = expectations(env, i, [q.get(i, Fraction(0)) for q in lotteries])
        out.append(interim_payments(partner.distribution.values, chances, partner.share))
    return out


def interim_payments(values: Sequence[Fraction], chances: Sequence[Fraction], share: Fraction) -> list[Fraction]:
    """For each type the expected value of what it gets, less the least that BIC and interim IR leave it."""
    n = len(values)
    worst = next((k for k, q in enumerate(chances) if q >= share), n)
    gains = [Fraction(0)] * n
    for k in range(worst + 1, n):
        gains[k] = gains[k - 1] + (values[k] - values[k - 1]) * (chances[k - 1] - share)
    for k in range(min(worst, n) - 2, -1, -1):
        gains[k] = gains[k + 1] + (values[k + 1] - values[k]) * (share - chances[k + 1])
    return [v * (q - share) - gain for v, q, gain in zip(values, chances, gains, strict=True)]
