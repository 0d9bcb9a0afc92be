"""An instance and a mechanism in integers: one unit of money, arrays with a place for each profile.

Machine integers where no sum can leave their range, Python's otherwise; nothing is rounded.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from lpmech.answer.mechanism import Mechanism
from lpmech.answer.tables import tabulable
from lpmech.base.errors import InputError
from lpmech.question.environment import Environment


def _denominator(numbers: Iterable[Fraction]) -> int:
    return math.lcm(*{x.denominator for x in numbers})


def _scaled(numbers: Iterable[Fraction], by: int) -> list[int]:
    return [x.numerator * (by // x.denominator) for x in numbers]


@dataclass(frozen=True, eq=False)
class Integers:
    """Money in units of 1/``unit``; lotteries ``q`` (sizes, outcomes) in units of 1/``parts``.

    ``v[i]`` (types, outcomes) and ``costs`` (outcomes) are in units of parts/unit, so that q v is money; ``t[i]`` (sizes)
    and ``outside[i]`` (types) are money. ``weights[i]`` are masses of the others' profiles: a row for each own type under
    a joint prior, one row for all types otherwise, each row in its own unit.
    """

    environment: Environment
    unit: int
    parts: int
    q: np.ndarray
    v: list[np.ndarray]
    costs: np.ndarray
    t: list[np.ndarray]
    outside: list[np.ndarray]
    weights: list[np.ndarray]

    @classmethod
    def read(cls, environment: Environment, mechanism: Mechanism) -> Integers:
        """Raises InputError if the mechanism's tables do not fit the environment or hold no lotteries."""
        tabulable(environment)
        env, sizes, X = environment, environment.sizes, len(environment.outcomes)
        lotteries, transfers = list(mechanism.lotteries), [list(row) for row in mechanism.transfers]
        fits(env, lotteries, transfers)
        tables = [env.valuation(i) for i in range(len(sizes))]
        outside = [agent.outside for agent in env.agents]
        parts = _denominator(w for q in lotteries for w in q.values())
        worth = _denominator([*(x for table in tables for row in table for x in row), *env.costs])
        money = _denominator([*(x for row in transfers for x in row), *(x for row in outside for x in row)])
        unit = math.lcm(parts * worth, money)
        v = [[_scaled(row, unit // parts) for row in table] for table in tables]
        costs, t = _scaled(env.costs, unit // parts), [_scaled(row, unit) for row in transfers]
        left = [_scaled(row, unit) for row in outside]
        weights = others_masses(env)
        most = parts * max(map(abs, [0, *costs, *(x for table in v for row in table for x in row)]))
        most += max(map(abs, [0, *(x for row in (*t, *left) for x in row)]))
        total = max(sum(row) for table in weights for row in table)
        small = 4 * (len(sizes) + 1) * max(most, parts, 1) * max(total, 1) < 2**62
        kind = np.int64 if small else object
        q = np.zeros((len(lotteries), X), dtype=kind)
        for p, lottery in enumerate(lotteries):
            for x, w in lottery.items():
                q[p, x] = w.numerator * (parts // w.denominator)
        return cls(
            env,
            unit,
            parts,
            q.reshape((*sizes, X)),
            [np.array(table, dtype=kind).reshape(n, X) for table, n in zip(v, sizes, strict=True)],
            np.array(costs, dtype=kind),
            [np.array(row, dtype=kind).reshape(sizes) for row in t],
            [np.array(row, dtype=kind) for row in left],
            [np.array(table, dtype=kind) for table in weights],
        )

    @property
    def agents(self) -> range:
        """Numbers of the agents."""
        return range(len(self.environment.sizes))

    def own(self, i: int, x: np.ndarray) -> np.ndarray:
        """An array over profiles with agent i's type as its rows and the others' profiles, flattened, as its columns."""
        n = self.environment.sizes[i]
        rest = x.shape[len(self.environment.sizes) :]
        return np.moveaxis(x, i, 0).reshape((n, self.environment.profile_count // n, *rest))

    def spread(self, i: int, table: np.ndarray) -> np.ndarray:
        """An array with a row for each type of agent i, broadcast over profiles."""
        shape = [1] * len(self.environment.sizes)
        shape[i] = len(table)
        return table.reshape((*shape, *table.shape[1:]))

    @cached_property
    def values(self) -> list[np.ndarray]:
        """v_i(q(theta), theta_i), an array over profiles for each agent."""
        return [(self.q * self.spread(i, self.v[i])).sum(axis=-1) for i in self.agents]

    @cached_property
    def cost(self) -> np.ndarray:
        """c(q(theta)) over profiles."""
        return np.asarray(self.q @ self.costs)

    @cached_property
    def revenue(self) -> np.ndarray:
        """r(theta) = sum_i t_i(theta) - c(q(theta)) over profiles."""
        return np.asarray(sum(self.t) - self.cost)

    def reporting(self, i: int, true: int) -> np.ndarray:
        """Utility of agent i of a true type from each report (rows) against each profile of the others (columns)."""
        return np.asarray(self.own(i, self.q) @ self.v[i][true] - self.own(i, self.t[i]))

    def weight(self, i: int, k: int) -> np.ndarray:
        """Masses of the others' profiles for type k of agent i, not normalised; all 0 for a type without beliefs."""
        return np.asarray(self.weights[i][0 if self.environment.prior is None else k])

    def money(self, x: int, over: int = 1) -> Fraction:
        """An amount, or a sum of amounts weighted by masses with total ``over``, as an exact number."""
        return Fraction(int(x), self.unit * over)

    def profile(self, i: int, k: int, o: int) -> tuple[int, ...]:
        """The profile in which agent i has type k and the others have flattened profile o."""
        sizes = self.environment.sizes
        others = [int(x) for x in np.unravel_index(o, sizes[:i] + sizes[i + 1 :])] if len(sizes) > 1 else []
        return (*others[:i], k, *others[i:])


def fits(env: Environment, lotteries: list, transfers: list) -> None:
    count = env.profile_count
    if len(lotteries) != count or len(transfers) != len(env.agents) or any(len(row) != count for row in transfers):
        raise InputError(
            "a mechanism for another environment",
            expected=f"{count} profiles, and payments of {len(env.agents)} agents at each",
        )
    X = len(env.outcomes)
    for p, lottery in enumerate(lotteries):
        if not all(0 <= x < X and w >= 0 for x, w in lottery.items()) or sum(lottery.values()) != 1:
            raise InputError(
                f"no lottery over the outcomes at profile number {p}",
                value=dict(lottery),
                expected="probabilities >= 0 that sum to exactly 1",
            )


def others_masses(env: Environment) -> list[list[list[int]]]:
    """For each agent rows of integer masses of the others' flattened profiles."""
    if env.prior is not None:
        by = _denominator(env.prior.values())
        joint = np.zeros(env.sizes, dtype=object)
        for profile, mass in env.prior.items():
            joint[profile] = mass.numerator * (by // mass.denominator)
        return [np.moveaxis(joint, i, 0).reshape(n, -1).tolist() for i, n in enumerate(env.sizes)]
    masses = [_scaled(agent.probabilities, _denominator(agent.probabilities)) for agent in env.agents]
    out = []
    for i in range(len(masses)):
        row = [1]
        for j, own in enumerate(masses):
            if j != i:
                row = [w * p for w in row for p in own]
        out.append([row])
    return out
