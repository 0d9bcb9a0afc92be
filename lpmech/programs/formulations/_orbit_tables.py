"""The tables of a program on orbits: classes of identical agents, profiles and outcomes up to relabelling.

In the layout of class c, k is a member's own type and o the orbit of the others' profiles. At the representative of an
orbit of profiles an open entry is an orbit of outcomes; q is the probability of each single outcome in it, so that every
count below is a whole number. An outcome's part for a class is what it means to one member (``Environment.portions``).
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from lpmech.base.arrays import array, common_integers, zeros
from lpmech.base.exact import to_flint
from lpmech.programs.formulations._tables import Entries, Tables
from lpmech.question.model import Instance
from lpmech.question.orbits import OutcomeOrbit, Symmetry


class OrbitTables(Tables):
    """Numbers of one instance on the orbits of a group of relabellings."""

    def __init__(self, instance: Instance, symmetry: Symmetry) -> None:
        self.instance, self.environment, self.symmetry = instance, instance.environment, symmetry
        env, classes = self.environment, symmetry.classes
        agents = [env.agents[members[0]] for members in classes]
        self.sizes, self.N, self.X = tuple(symmetry.sizes), len(classes), len(env.outcomes)
        self.keys = symmetry.keys
        self.P, self.population, self.correlated = len(self.keys), len(env.agents), False
        self.members = list(classes)
        self.names = [
            agent.name if len(members) == 1 else f"{agent.name} x {len(members)}"
            for agent, members in zip(agents, classes, strict=True)
        ]
        self.masses = [agent.probabilities for agent in agents]
        if len(set(self.names)) < self.N:
            self.names = [f"class {c}" for c in range(self.N)]
        self.own = [np.array(rows) for rows in symmetry.spots]
        portions = env.portions or ()
        self._parts = [sorted({portion[members[0]] for portion in portions}) for members in classes]
        self.V = [self._values(c) for c in range(self.N)]
        self.outside = [
            array(sum((env.agents[i].outside[k] for i in members), Fraction(0)) / len(members) for k in range(n))
            for members, n in zip(classes, self.sizes, strict=True)
        ]
        self.costs = array(env.costs)

    def _values(self, c: int) -> np.ndarray:
        """v_c(e, k): own type x part."""
        i, portions = self.symmetry.classes[c][0], self.environment.portions or ()
        outcome = {portion[i]: x for x, portion in enumerate(portions)}
        rows = self.environment.valuation(i)
        return array((row[outcome[e]] for row in rows for e in self._parts[c]), (len(rows), len(self._parts[c])))

    def parts(self, i: int) -> tuple[str, ...]:
        if all(len(set(portion)) == 1 for portion in self.environment.portions or ()):
            return self.environment.outcomes
        return tuple(f"{e}" for e in self._parts[i])

    @cached_property
    def shape(self) -> tuple[Any, ...]:
        env, s = self.environment, self.symmetry
        portions = np.array(env.portions or ()).tobytes()
        return env.kind, s.classes, self.sizes, self.X, portions, self.cells.tobytes(), self.cell_sizes.tobytes()

    # ---- the allocation ----------------------------------------------------------------------------------------------

    def orbit(self, r: int, y: int) -> OutcomeOrbit:
        """Orbit y of outcomes at representative r."""
        return self._orbits[r][y]

    @cached_property
    def _orbits(self) -> list[list[OutcomeOrbit]]:
        return [self.symmetry.outcome_orbits(key) for key in self.keys]

    @cached_property
    def _best(self) -> list[np.ndarray]:
        """For each representative the orbits of outcomes of largest surplus."""
        env = self.environment
        tables = [env.valuation(i) for i in range(self.population)]
        flat = [v for table in tables for row in table for v in row]
        scaled, _ = common_integers(np.array([*flat, *env.costs], dtype=object), self.population + 1)
        costs, start, worth = scaled[len(flat) :], 0, []
        for n in env.sizes:
            worth.append(scaled[start : start + n * self.X].reshape(n, self.X))
            start += n * self.X
        out = []
        for key, orbits in zip(self.keys, self._orbits, strict=True):
            first = [orbit.outcomes[0] for orbit in orbits]
            profile = self.symmetry.profile(key)
            total = sum((worth[i][k][first] for i, k in enumerate(profile)), -costs[first])
            out.append(np.flatnonzero(total == total.max()))
        return out

    @cached_property
    def _lotteries(self) -> tuple[np.ndarray, list[dict[int, Fraction]]]:
        """Open entries, rows (representative, orbit of outcomes); settled probabilities of each outcome in an orbit."""
        need, cells, settled = self.instance.requirements, list[tuple[int, int]](), list[dict[int, Fraction]]()
        for r, orbits in enumerate(self._orbits):
            allowed = range(len(orbits)) if need.allocation == "free" else self._best[r].tolist()
            if need.allocation == "efficient" and need.ties in {"first", "last"}:
                allowed = [allowed[0 if need.ties == "first" else -1]]
            uniform = need.allocation == "efficient" and need.ties == "uniform"
            if len(allowed) == 1 or uniform:
                chance = Fraction(1, sum(len(orbits[y].outcomes) for y in allowed))
                settled.append(dict.fromkeys(allowed, chance))
            else:
                settled.append({})
                cells += [(r, y) for y in allowed]
        return np.array(cells, dtype=int).reshape(-1, 2), settled

    @property
    def cells(self) -> np.ndarray:
        return self._lotteries[0]

    @property
    def efficient(self) -> bool:
        return self.instance.requirements.allocation == "efficient" or self.X == 1

    @property
    def settled_lotteries(self) -> list[dict[int, Fraction]]:
        """For each representative {orbit of outcomes: probability of each outcome in it}, empty where open."""
        return self._lotteries[1]

    @cached_property
    def cell_sizes(self) -> np.ndarray:
        return np.array([len(self.orbit(r, y).outcomes) for r, y in self.cells.tolist()], dtype=int)

    def seats(self, i: int) -> np.ndarray:
        return self._seats[i]

    @cached_property
    def _seats(self) -> list[np.ndarray]:
        return [
            np.array([[self.keys[r][c].count(k) for r in row] for k, row in enumerate(own.tolist())])
            for c, own in enumerate(self.own)
        ]

    def _slots(self, c: int) -> Iterator[tuple[int, int, int, int]]:
        """(k, o, representative, which group of agents a member of class c with type k belongs to there)."""
        for k, row in enumerate(self.own[c].tolist()):
            for o, r in enumerate(row):
                key = self.keys[r]
                group = sum(len(set(types)) for types in key[:c]) + len({j for j in key[c] if j < k})
                yield k, o, r, group

    @cached_property
    def _entries(self) -> list[Entries]:
        at = dict[int, list[tuple[int, int]]]()
        for f, (r, y) in enumerate(self.cells.tolist()):
            at.setdefault(r, []).append((f, y))
        out = []
        for c in range(self.N):
            place = {e: number for number, e in enumerate(self._parts[c])}
            rows = [
                (k, o, f, place[e], count)
                for k, o, r, g in self._slots(c)
                for f, y in at.get(r, [])
                for e, count in self.orbit(r, y).means[g].items()
            ]
            out.append(Entries(*np.array(rows, dtype=int).reshape(-1, 5).T))
        return out

    def settled(self, i: int) -> np.ndarray:
        return self._settled[i]

    @cached_property
    def _settled(self) -> list[np.ndarray]:
        out = []
        for c in range(self.N):
            place = {e: number for number, e in enumerate(self._parts[c])}
            table = zeros((*self.own[c].shape, len(place)))
            for k, o, r, g in self._slots(c):
                for y, chance in self.settled_lotteries[r].items():
                    for e, count in self.orbit(r, y).means[g].items():
                        table[k, o, place[e]] += to_flint(chance * count)
            out.append(table)
        return out

    def chances(self) -> tuple[tuple[np.ndarray, np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
        fixed = [
            (r, x, chance)
            for r, lottery in enumerate(self.settled_lotteries)
            for y, chance in lottery.items()
            for x in self.orbit(r, y).outcomes
        ]
        opened = [(f, x) for f, (r, y) in enumerate(self.cells.tolist()) for x in self.orbit(r, y).outcomes]
        places = np.array([entry[:2] for entry in fixed], dtype=int).reshape(-1, 2)
        cells = np.array(opened, dtype=int).reshape(-1, 2)
        return (places[:, 0], places[:, 1], array(entry[2] for entry in fixed)), (cells[:, 0], cells[:, 1])

    def _own_cost(self) -> np.ndarray:
        out = zeros(self.P)
        for r, lottery in enumerate(self.settled_lotteries):
            for y, chance in lottery.items():
                orbit = self.orbit(r, y).outcomes
                out[r] += self.costs[orbit[0]] * to_flint(chance * len(orbit))
        return out

    def _own_cell_costs(self) -> np.ndarray:
        first = [self.orbit(r, y).outcomes[0] for r, y in self.cells.tolist()]
        return self.costs[np.array(first, dtype=int)] * self.cell_sizes

    # ---- the prior ---------------------------------------------------------------------------------------------------

    @cached_property
    def joint(self) -> np.ndarray:
        return array(map(self.symmetry.mass, self.keys))

    @cached_property
    def _beliefs(self) -> list[np.ndarray]:
        return [array(map(self.symmetry.mass, others), (1, len(others))) for others in self.symmetry.others]

    def own_joint(self, i: int) -> np.ndarray:
        return np.multiply.outer(array(self.masses[i]), self.beliefs(i)[0])
