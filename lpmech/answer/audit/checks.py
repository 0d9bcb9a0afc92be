"""The properties, each checked by enumeration: the worst violation, and where it is.

Every function takes the integers of a mechanism and returns (amount, place) with the largest violation, amount 0 and no
place if there is none. All types, reports and profiles count, those of probability 0 included (C3 to C7).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from lpmech.answer.audit.integers import Integers
from lpmech.base.exact import from_flint
from lpmech.question.allocation import allocation
from lpmech.question.constraints import (
    Budget,
    Constraint,
    Incentives,
    Participation,
    Relation,
    Scope,
    UnknownConstraintError,
)
from lpmech.question.model import Instance


@dataclass(frozen=True)
class Place:
    """Where a violation is: numbers of the agent, of his true type and report, the profile, the outcome."""

    agent: int | None = None
    type: int | None = None
    report: int | None = None
    profile: tuple[int, ...] | None = None
    outcome: int | None = None


Finding = tuple[Fraction, Place | None]
NOTHING: Finding = (Fraction(0), None)


def _worse(best: Finding, amount: Fraction, place: Place) -> Finding:
    return (amount, place) if amount > best[0] else best


def _at(table: np.ndarray) -> tuple[int, ...]:
    """Place of the largest entry."""
    return tuple(int(x) for x in np.unravel_index(int(np.argmax(table)), table.shape))


def efficient(n: Integers) -> Finding:
    """Surplus given up at a profile: max_x W(x; theta) - W(q(theta); theta)."""
    total = sum((n.spread(i, n.v[i]) for i in n.agents), -n.costs)
    lost = n.parts * total.max(axis=-1) - (n.q * total).sum(axis=-1)
    theta = _at(lost)
    return _worse(NOTHING, n.money(lost[theta]), Place(profile=theta))


def as_given(n: Integers, instance: Instance) -> Finding:
    """Difference between a probability and the one that the allocation rule prescribes."""
    rule, best = allocation(instance), NOTHING
    sizes, X = instance.environment.sizes, len(instance.environment.outcomes)
    for p, (row, lottery) in enumerate(zip(rule.fixed, n.q.reshape(-1, X), strict=True)):
        for x in range(X):
            off = abs(from_flint(row[x]) - Fraction(int(lottery[x]), n.parts))
            if off > best[0]:
                theta = tuple(int(k) for k in np.unravel_index(p, sizes))
                best = off, Place(profile=theta, outcome=x)
    return best


def groves(n: Integers) -> Finding:
    """Change in h_i = t_i + sum_{j != i} v_j(q) - c(q) with agent i's own report, which a Groves charge does not have."""
    best, everyone = NOTHING, np.asarray(sum(n.values) - n.cost)
    for i in n.agents:
        charge = n.own(i, n.t[i] + everyone - n.values[i])
        change = charge.max(axis=0) - charge.min(axis=0)
        (o,) = _at(change)
        r, k = int(np.argmax(charge[:, o])), int(np.argmin(charge[:, o]))
        best = _worse(best, n.money(change[o]), Place(i, k, r, n.profile(i, k, o)))
    return best


def _dsic(n: Integers) -> Finding:
    """Gain from a report other than the true type, against some profile of the others."""
    best = NOTHING
    for i in n.agents:
        for k in range(n.environment.sizes[i]):
            got = n.reporting(i, k)
            gain = got - got[k]
            r, o = _at(gain)
            best = _worse(best, n.money(gain[r, o]), Place(i, k, r, n.profile(i, k, o)))
    return best


def _bic(n: Integers) -> Finding:
    """Expected gain from a report other than the true type."""
    best = NOTHING
    for i in n.agents:
        for k in range(n.environment.sizes[i]):
            w = n.weight(i, k)
            if over := int(w.sum()):
                got = n.reporting(i, k) @ w
                r = int(np.argmax(got))
                best = _worse(best, n.money(got[r] - got[k], over), Place(i, k, r))
    return best


def _ex_post_ir(n: Integers) -> Finding:
    """What an agent lacks to his outside option at a profile."""
    best = NOTHING
    for i in n.agents:
        short = n.spread(i, n.outside[i]) - (n.values[i] - n.t[i])
        theta = _at(short)
        best = _worse(best, n.money(short[theta]), Place(i, theta[i], profile=theta))
    return best


def interim(n: Integers, i: int) -> list[tuple[Fraction, Fraction] | None]:
    """For each type of agent i the expected payment and the expected utility; None without beliefs."""
    paid, gained = n.own(i, n.t[i]), n.own(i, n.values[i] - n.t[i])
    out: list[tuple[Fraction, Fraction] | None] = []
    for k in range(n.environment.sizes[i]):
        w = n.weight(i, k)
        over = int(w.sum())
        out.append((n.money(paid[k] @ w, over), n.money(gained[k] @ w, over)) if over else None)
    return out


def _interim_ir(n: Integers) -> Finding:
    """What a type lacks to his outside option in expectation."""
    best = NOTHING
    for i in n.agents:
        for k, row in enumerate(interim(n, i)):
            if row is not None:
                short = n.environment.agents[i].outside[k] - row[1]
                best = _worse(best, short, Place(i, k))
    return best


def rents(n: Integers) -> tuple[Fraction, ...]:
    """Expected utility less expected outside option of each agent."""
    out = []
    for i, agent in enumerate(n.environment.agents):
        rows = zip(agent.probabilities, interim(n, i), agent.outside, strict=True)
        out.append(sum((p * (row[1] - left) for p, row, left in rows if row is not None), Fraction(0)))
    return tuple(out)


def _ex_ante_ir(n: Integers) -> Finding:
    """What an agent lacks to his expected outside option in expectation."""
    best = NOTHING
    for i, rent in enumerate(rents(n)):
        best = _worse(best, -rent, Place(i))
    return best


def _no_deficit(n: Integers) -> Finding:
    """Deficit at a profile."""
    theta = _at(-n.revenue)
    return _worse(NOTHING, n.money(-n.revenue[theta]), Place(profile=theta))


def _balanced(n: Integers) -> Finding:
    """Surplus or deficit at a profile."""
    off = abs(n.revenue)
    theta = _at(off)
    return _worse(NOTHING, n.money(off[theta]), Place(profile=theta))


def expected_revenue(n: Integers) -> Fraction:
    """E[sum_i t_i - c(q)], by the first agent's types."""
    rows, total = n.own(0, n.revenue), Fraction(0)
    for k, p in enumerate(n.environment.agents[0].probabilities):
        w = n.weight(0, k)
        if over := int(w.sum()):
            total += p * n.money(rows[k] @ w, over)
    return total


def _no_expected_deficit(n: Integers) -> Finding:
    """Expected deficit."""
    return _worse(NOTHING, -expected_revenue(n), Place())


_CHECKS: dict[tuple[type[Constraint], Scope, Relation], Callable[[Integers], Finding]] = {
    (Incentives, Scope.PROFILE, Relation.AT_LEAST): _dsic,
    (Incentives, Scope.TYPE, Relation.AT_LEAST): _bic,
    (Participation, Scope.PROFILE, Relation.AT_LEAST): _ex_post_ir,
    (Participation, Scope.TYPE, Relation.AT_LEAST): _interim_ir,
    (Participation, Scope.WHOLE, Relation.AT_LEAST): _ex_ante_ir,
    (Budget, Scope.PROFILE, Relation.AT_LEAST): _no_deficit,
    (Budget, Scope.PROFILE, Relation.EQUAL): _balanced,
    (Budget, Scope.WHOLE, Relation.AT_LEAST): _no_expected_deficit,
}
"""By family, scope and relation."""


def worst(kind: type[Constraint], n: Integers) -> Finding:
    """The largest violation of a constraint, over all agents. Raises UnknownConstraintError if nobody has said how."""
    for (family, scope, relation), check in _CHECKS.items():
        if issubclass(kind, family) and kind.scope is scope and kind.relation is relation:
            return check(n)
    raise UnknownConstraintError(kind(), "an audit")
