"""Conditions on beliefs under a joint prior: what correlation lets the designer extract (Cremer and McLean).

Full rank (cremer-mclean-1988, Theorem 2): the beliefs of an agent's types about the others are linearly independent. Then
full extraction is possible under BIC and interim IR. Separation (the convexity condition, Theorem 1 of the same): no type's
belief is a convex combination of the beliefs of other types. Both are checked in exact arithmetic; where one fails there is
an exact witness. Types of probability 0 have no beliefs (C3) and are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from lpmech.base.arrays import array, zeros
from lpmech.base.errors import InputError, UndecidedError
from lpmech.base.exact import from_flint, to_flint
from lpmech.certify import optimum
from lpmech.certify.solver import highs
from lpmech.programs.linear_program import LinearProgram, compressed
from lpmech.question.environment import Environment
from lpmech.question.model import Instance, asked
from lpmech.question.profiles import Profiles

Weights = Mapping[str, Fraction]
"""Types of an agent, by name, each with its weight; 0 left out."""


@dataclass(frozen=True)
class Beliefs:
    """What is true of one agent's beliefs.

    ``dependence``: weights, not all 0, with which the beliefs add up to nothing; None with full rank.
    ``combinations``: for each type whose belief is a convex combination of others', their weights (>= 0, sum 1).
    """

    agent: str
    dependence: Weights | None
    combinations: Mapping[str, Weights]

    @property
    def full_rank(self) -> bool:
        """Whether the beliefs of his types are linearly independent."""
        return self.dependence is None

    @property
    def separated(self) -> bool:
        """Whether no belief is a convex combination of the others."""
        return not self.combinations

    def __repr__(self) -> str:
        if self.full_rank:
            return f"<Beliefs of {self.agent}: linearly independent>"
        broken = " + ".join(f"{x} p({k})" for k, x in (self.dependence or {}).items())
        hull = "no belief is a convex combination of others"
        if self.combinations:
            k, weights = next(iter(self.combinations.items()))
            hull = f"p({k}) = " + " + ".join(f"{x} p({j})" for j, x in weights.items())
        return f"<Beliefs of {self.agent}: {broken} = 0; {hull}>"


def beliefs(instance: Instance) -> tuple[Beliefs, ...]:
    """For each agent whether his beliefs have full rank and are separated, with what breaks the conditions.

    Raises InputError under an independent prior, where all beliefs of an agent are one.
    """
    env = asked(instance).environment
    if env.prior is None:
        raise InputError("types are independent: all beliefs of an agent are the same", expected="a joint prior")
    return tuple(_of(env, i) for i in range(len(env.sizes)))


def _of(env: Environment, i: int) -> Beliefs:
    agent = env.agents[i]
    believing = [k for k, mass in enumerate(agent.probabilities) if mass]
    places: dict[tuple[int, ...], int] = {}
    rows = []
    profiles = Profiles(env)
    for k in believing:
        row: dict[int, Fraction] = {}
        for w, theta in profiles.given(i, k):
            others = (*theta[:i], *theta[i + 1 :])
            row[places.setdefault(others, len(places))] = w
        rows.append(row)
    table = [[row.get(o, Fraction(0)) for o in range(len(places))] for row in rows]
    names = [agent.types[k] for k in believing]
    dependence = _dependence(table)
    combinations = {}
    for n, name in enumerate(names) if dependence is not None else ():
        weights = _combination(table, n)
        if weights is not None:
            combinations[name] = {names[j]: x for j, x in weights.items()}
    named = None if dependence is None else {names[n]: x for n, x in enumerate(dependence) if x}
    return Beliefs(agent.name, named, combinations)


def _dependence(rows: list[list[Fraction]]) -> list[Fraction] | None:
    """Weights, not all 0, with which rows add up to 0; None if they are independent. By elimination."""
    count = len(rows)
    left = [(row[:], [Fraction(n == m) for m in range(count)]) for n, row in enumerate(rows)]
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((pair for pair in left if pair[0][column]), None)
        if pivot is None:
            continue
        left = [pair for pair in left if pair is not pivot]
        for row, weights in left:
            factor = row[column] / pivot[0][column]
            if factor:
                row[:] = [x - factor * y for x, y in zip(row, pivot[0], strict=True)]
                weights[:] = [x - factor * y for x, y in zip(weights, pivot[1], strict=True)]
    return left[0][1] if left else None


def _combination(rows: list[list[Fraction]], n: int) -> dict[int, Fraction] | None:
    """Weights >= 0 with which the other rows add up to row n, which sums to 1 as they do; None if there are none.

    One exact program: the least total violation of the equations, which is 0 iff there are such weights.
    """
    others = [j for j in range(len(rows)) if j != n]
    if not others:
        return None
    one, forms, b = to_flint(1), [], []
    for o in range(len(rows[n])):
        entries = [(c, to_flint(rows[j][o])) for c, j in enumerate(others) if rows[j][o]]
        forms.append(([c for c, _ in entries], [x for _, x in entries]))
        b.append(to_flint(-rows[n][o]))
    equations = len(forms)
    forms += [([c], [one]) for c in range(len(others))]
    constants = zeros(len(forms))
    constants[:equations] = b
    equality = np.arange(len(forms)) < equations
    program = LinearProgram(
        *compressed(forms),
        constants,
        equality,
        zeros(len(others)),
        array([0])[0],
        {"equations": (0, (equations,)), "weights": (equations, (len(others),))},
        {"weights": (0, (len(others),))},
    )
    best = optimum(program.relaxed(["equations"]), highs, certain=True)
    if best is None:
        raise UndecidedError("whether a belief is a combination of others was not decided with the effort allowed")
    if best.value != 0:
        return None
    return {j: from_flint(x) for j, x in zip(others, best.x[:-1].tolist(), strict=True) if x != 0}
