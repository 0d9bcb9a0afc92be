"""Groves mechanism for dissolving a partnership: kinked charges, with a lottery over who owns it.

With a single owner 0 the charges on top of the second price are (Y - p)^+ for him, Y the largest value of the others,
and (p - Z_i)^+ / (N - 1) for agent i, Z_i the larger of the owner's value and the second-largest value of the others
than i and the owner (the owner's value if N <= 3). They cover every deficit at any p. On a grid p* is the smallest
value with P(Y <= p) + (1/(N - 1)) sum_i P(Z_i <= p) >= 1, where the expected charges are least; the option ``price``
replaces it. With shares r_j the payments are sum_j r_j times those with the single owner j. Lump sums that add up to
0 give all agents the same expected gain over their outside options: it is >= 0 if any lump sums make it so for all,
as with values drawn alike from a continuous distribution.

Source: jagadeesan-tordjman-2025, Proposition 1 (single owner) and Theorem 2 (lottery over owners).
"""

from __future__ import annotations

from fractions import Fraction

from lpmech.answer.audit.checks import rents
from lpmech.answer.audit.integers import Integers
from lpmech.answer.mechanism import Mechanism
from lpmech.literature.mechanisms._groves import scheme
from lpmech.literature.mechanisms._object import no_object, object_values, without
from lpmech.question.environments.partnership import Partnership
from lpmech.question.model import Instance
from lpmech.question.prior import Profile

OPTIONS = {"price": None}
ZERO = Fraction(0)


def applies(instance: Instance, price: Fraction | None = None) -> str | None:
    """Partnerships, any prior."""
    return no_object(instance)


def build(instance: Instance, price: Fraction | None = None) -> Mechanism:
    """The mechanism of Theorem 2; with a single owner, of Proposition 1."""
    env, values = instance.environment, object_values(instance)
    assert isinstance(env, Partnership)
    owners = [(j, partner.share) for j, partner in enumerate(env.partners) if partner.share]
    prices = {j: clearing_price(instance, j) if price is None else price for j, _ in owners}

    def charge(i: int, others: Profile) -> Fraction:
        best = without(values, i, others)[0]
        theta = (*others[:i], 0, *others[i:])  # with a place for agent i, whose type is not looked at
        total = ZERO
        for j, share in owners:
            kink = best - prices[j] if i == j else prices[j] - _rival(values, i, j, theta)
            total += share * (max(kink, ZERO) if i == j else best + max(kink, ZERO) / (len(values) - 1))
        return total

    mechanism = scheme(instance, charge)
    gains = rents(Integers.read(env, mechanism))
    mean = sum(gains, ZERO) / len(gains)
    return mechanism.plus(tuple(gain - mean for gain in gains))


def clearing_price(instance: Instance, owner: int) -> Fraction:
    """p* for a single owner."""
    env, values = instance.environment, object_values(instance)
    n = len(values)
    weights: dict[Fraction, Fraction] = {}
    table = Mechanism(env, (), ())
    for theta, mass in zip(table.profiles, table.masses, strict=True):
        if mass:
            top = max(values[i][k] for i, k in enumerate(theta) if i != owner)
            weights[top] = weights.get(top, ZERO) + mass
            for i in range(n):
                if i != owner:
                    rival = _rival(values, i, owner, theta)
                    weights[rival] = weights.get(rival, ZERO) + mass / (n - 1)
    total = ZERO
    for price, weight in sorted(weights.items()):
        total += weight
        if total >= 1:
            return price
    raise AssertionError("masses sum to 2")


def _rival(values: tuple[tuple[Fraction, ...], ...], i: int, owner: int, theta: Profile) -> Fraction:
    """Z_i: the larger of the owner's value and the second-largest of the others'."""
    rest = sorted((values[j][k] for j, k in enumerate(theta) if j not in (i, owner)), reverse=True)
    return max([values[owner][theta[owner]], *rest[1:2]])
