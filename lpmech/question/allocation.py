"""Which lotteries over outcomes the requirements leave open at each profile (conventions C7)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from lpmech.base.arrays import array, common_integers, zeros
from lpmech.question.environment import Environment
from lpmech.question.model import Instance
from lpmech.question.requirements import AllocationTable, PostedPrice


@dataclass(frozen=True)
class Allocation:
    """The lottery q(theta) as far as it is settled, and the entries that are still open.

    ``fixed``: fmpq array, profiles x outcomes, 0 at profiles with open entries. ``cells``: int array with a row
    (profile, outcome) for every open entry, sorted; at such a profile the open entries are >= 0 and sum to 1.
    ``efficient`` says whether every lottery that it allows is efficient.
    """

    fixed: np.ndarray
    cells: np.ndarray
    efficient: bool


def surplus(environment: Environment) -> tuple[np.ndarray, int]:
    """W(theta, x) = sum_i v_i(x, theta_i) - cost(x) in units of 1/scale, array of shape sizes + (outcomes,); the scale."""
    count, outcomes = len(environment.agents), len(environment.outcomes)
    if environment.at_profiles:
        entries = [v for i in range(count) for row in environment.value_at(i) for v in row] + list(environment.costs)
        scaled, scale = common_integers(np.array(entries, dtype=object), count + 1)
        values = scaled[: len(scaled) - outcomes].reshape((count, environment.profile_count, outcomes))
        total = values.sum(axis=0) - scaled[len(scaled) - outcomes :]
        return total.reshape((*environment.sizes, outcomes)), scale
    tables = [environment.valuation(i) for i in range(count)]
    flat = np.array([v for table in tables for row in table for v in row] + list(environment.costs), dtype=object)
    scaled, scale = common_integers(flat, count + 1)
    total = -scaled[len(scaled) - outcomes :]
    start = 0
    for i, n in enumerate(environment.sizes):
        shape = [1] * count + [outcomes]
        shape[i] = n
        total = total + scaled[start : start + n * outcomes].reshape(shape)
        start += n * outcomes
    return total, scale


def efficient_outcomes(environment: Environment) -> np.ndarray:
    """Boolean array, profiles x outcomes: the outcomes of largest surplus at each profile."""
    total = surplus(environment)[0].reshape(-1, len(environment.outcomes))
    return np.asarray(total == total.max(axis=1, keepdims=True), dtype=bool)


def allocation(instance: Instance) -> Allocation:
    """Read the allocation rule and the tie rule of an instance."""
    env, rule = instance.environment, instance.requirements.allocation
    P, X = env.profile_count, len(env.outcomes)
    if isinstance(rule, AllocationTable):
        return _settled(array((x for row in rule.lotteries for x in row), (P, X)), efficient_outcomes(env))
    if isinstance(rule, PostedPrice):
        return _settled(_posted_price(env, rule.price), efficient_outcomes(env))
    if rule == "free":
        return _open(np.ones((P, X), dtype=bool), efficient=bool(X == 1))
    best = efficient_outcomes(env)
    ties = instance.requirements.ties
    if ties == "any":
        return _open(best, efficient=True)
    if ties == "uniform":
        counts = best.sum(axis=1)
        fixed = zeros((P, X))
        for k in np.unique(counts).tolist():
            fixed[best & (counts == k)[:, None]] = array([Fraction(1, k)])[0]
        return Allocation(fixed, np.zeros((0, 2), dtype=int), efficient=True)
    pick = best.argmax(axis=1) if ties == "first" else X - 1 - best[:, ::-1].argmax(axis=1)
    fixed = zeros((P, X))
    fixed[np.arange(P), pick] = array([1])[0]
    return Allocation(fixed, np.zeros((0, 2), dtype=int), efficient=True)


def _open(allowed: np.ndarray, *, efficient: bool) -> Allocation:
    single = allowed.sum(axis=1) == 1
    fixed = zeros(allowed.shape)
    fixed[allowed & single[:, None]] = array([1])[0]
    return Allocation(fixed, np.argwhere(allowed & ~single[:, None]), efficient)


def _settled(fixed: np.ndarray, best: np.ndarray) -> Allocation:
    return Allocation(fixed, np.zeros((0, 2), dtype=int), efficient=not np.any((fixed != 0) & ~best))


def _posted_price(env: Environment, price: Fraction) -> np.ndarray:
    buyer, seller = ([row[1] for row in env.valuation(i)] for i in (0, 1))
    trade = np.outer([b >= price for b in buyer], [price >= -v for v in seller]).ravel()
    fixed = zeros((env.profile_count, 2))
    fixed[np.arange(env.profile_count), trade.astype(int)] = array([1])[0]
    return fixed
