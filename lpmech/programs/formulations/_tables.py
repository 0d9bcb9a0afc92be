"""Exact arrays of an instance that formulations share: valuations, beliefs, the settled part of the allocation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from lpmech.answer.mechanism import Mechanism
from lpmech.base.arrays import array, zeros
from lpmech.programs.formulations._way_back import fractions, lotteries
from lpmech.question.allocation import Allocation, allocation
from lpmech.question.model import Instance


def symbols(names: list[str]) -> list[str]:
    """Subscripts of the variables: B and S in bilateral trade, the agents' names elsewhere."""
    return ["B", "S"] if names == ["buyer", "seller"] else names


@dataclass(frozen=True)
class Entries:
    """Where open entries stand in one agent's own layout: entry ``cell`` counts ``weight`` times for his ``part`` when he
    has type ``k`` and the others are ``o``. Arrays of one length."""

    k: np.ndarray
    o: np.ndarray
    cell: np.ndarray
    part: np.ndarray
    weight: np.ndarray


class Tables:
    """Numbers of one instance as fmpq arrays. Agent i's own layout is (own type k, flattened profile o of the others).

    ``_orbit_tables.OrbitTables`` has the same, with classes of identical agents in the place of agents, orbits in the place
    of profiles and outcomes, and an agent's own part of an outcome in the place of the outcome.
    """

    def __init__(self, instance: Instance) -> None:
        self.instance, self.environment = instance, instance.environment
        self.sizes, self.P = self.environment.sizes, self.environment.profile_count
        self.N, self.X = len(self.sizes), len(self.environment.outcomes)
        self.names = [agent.name for agent in self.environment.agents]
        self.masses = [agent.probabilities for agent in self.environment.agents]
        self.members: list[tuple[int, ...]] = [(i,) for i in range(self.N)]
        """The agents that each stands for."""
        self.population = self.N
        self.correlated = self.environment.prior is not None
        grid = np.arange(self.P).reshape(self.sizes)
        self.own = [np.moveaxis(grid, i, 0).reshape(n, -1) for i, n in enumerate(self.sizes)]
        """own[i][k, o]: flattened profile."""
        self.V = [
            array((v for row in self.environment.valuation(i) for v in row), (n, self.X))
            for i, n in enumerate(self.sizes)
        ]
        self.outside = [array(agent.outside) for agent in self.environment.agents]
        self.costs = array(self.environment.costs)

    @cached_property
    def allocation(self) -> Allocation:
        """What the requirements settle about q(theta)."""
        return allocation(self.instance)

    @property
    def cells(self) -> np.ndarray:
        """Open entries of q: rows (profile, outcome)."""
        return self.allocation.cells

    @property
    def efficient(self) -> bool:
        """Whether every lottery that the requirements allow is efficient."""
        return self.allocation.efficient

    @cached_property
    def cell_sizes(self) -> np.ndarray:
        """How many outcomes each open entry stands for, each with the probability q."""
        return np.ones(len(self.cells), dtype=int)

    @cached_property
    def shape(self) -> tuple[Any, ...]:
        """What decides the form of a program in these tables, apart from the requirements."""
        believing = tuple(tuple(self.believing(i)) for i in range(self.N))
        return self.sizes, self.X, self.correlated, believing, self.cells.tobytes()

    def parts(self, i: int) -> tuple[str, ...]:
        """Labels of what outcomes can mean to agent i."""
        return self.environment.outcomes

    def seats(self, i: int) -> np.ndarray:
        """How many agents have the same place in a profile, in agent i's own layout."""
        return np.ones(self.own[i].shape, dtype=int)

    def entries(self, i: int) -> Entries:
        """Where open entries stand in agent i's own layout."""
        return self._entries[i]

    @cached_property
    def _entries(self) -> list[Entries]:
        out, ones = [], np.ones(len(self.cells), dtype=int)
        for own in self.own:
            k, o = np.unravel_index(np.argsort(own.ravel())[self.cells[:, 0]], own.shape)
            out.append(Entries(k, o, np.arange(len(k)), self.cells[:, 1], ones))
        return out

    def chances(self) -> tuple[tuple[np.ndarray, np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
        """Settled lotteries as (profile, outcome, probability), and which outcomes open entries are: (entry, outcome)."""
        fixed = self.allocation.fixed
        profile, outcome = np.nonzero(fixed != 0)
        return (profile, outcome, fixed[profile, outcome]), (np.arange(len(self.cells)), self.cells[:, 1])

    def settled(self, i: int) -> np.ndarray:
        """Probabilities of what the outcome means to agent i, 0 where open: own type x others x part."""
        return self.allocation.fixed[self.own[i]]

    @cached_property
    def types(self) -> np.ndarray:
        """types[i, p]: type of agent i at flattened profile p."""
        return np.stack([axis.ravel() for axis in np.indices(self.sizes)])

    @cached_property
    def joint(self) -> np.ndarray:
        """Prior mass of each flattened profile."""
        prior = self.environment.prior
        if prior is not None:
            out = zeros(self.P)
            for profile, mass in prior.items():
                out[np.ravel_multi_index(profile, self.sizes)] = array([mass])[0]
            return out
        out = array([1])
        for agent in self.environment.agents:
            out = np.multiply.outer(out, array(agent.probabilities)).ravel()
        return out

    def own_joint(self, i: int) -> np.ndarray:
        """Prior mass of own type and others' profile, in agent i's own layout."""
        return self.joint[self.own[i]]

    def believing(self, i: int) -> np.ndarray:
        """Types of agent i that have beliefs: all under an independent prior, those of positive mass otherwise (C3)."""
        masses = self.masses[i]
        return np.array([k for k, mass in enumerate(masses) if not self.correlated or mass > 0], dtype=int)

    @cached_property
    def _beliefs(self) -> list[np.ndarray]:
        out = []
        for i in range(self.N):
            if self.correlated:
                joint = self.joint[self.own[i]][self.believing(i)]
                out.append(joint / joint.sum(axis=1, keepdims=True))
            else:
                mass = array([1])
                for j, agent in enumerate(self.environment.agents):
                    if j != i:
                        mass = np.multiply.outer(mass, array(agent.probabilities)).ravel()
                out.append(mass.reshape(1, -1))
        return out

    def beliefs(self, i: int) -> np.ndarray:
        """pi_i(o | k): one row if the prior is independent (k does not matter), else one for each believing type."""
        return self._beliefs[i]

    # What follows is linear in q and free of transfers. In a Groves scheme t_i = h_i - (sum_{j != i} v_j - cost), so that
    # agent i's utility is W - h_i, with W the total surplus, and revenue is sum_i h_i - (N - 1) W: the same formulas hold
    # with W in the place of v_i and (N - 1) W in the place of the cost.

    @cached_property
    def groves(self) -> bool:
        """Transfers are Groves charges h_i."""
        return self.instance.requirements.transfers == "groves"

    @cached_property
    def _surplus(self) -> tuple[np.ndarray, np.ndarray]:
        """W over settled entries by profile, and W at each open entry, times its size."""
        settled = sum((self.flat(self._own_value(i), i) for i in range(self.N)), -self._own_cost())
        return settled, sum((self.by_cell(self._own_entries(i), i) for i in range(self.N)), -self._own_cell_costs())

    def _own_value(self, i: int) -> np.ndarray:
        return (self.V[i][:, None, :] * self.settled(i)).sum(axis=2)

    def _own_entries(self, i: int) -> np.ndarray:
        at = self.entries(i)
        return self.V[i][at.k, at.part] * at.weight

    def _own_cost(self) -> np.ndarray:
        return np.asarray(self.allocation.fixed.dot(self.costs)) if any(self.costs != 0) else zeros(self.P)

    def _own_cell_costs(self) -> np.ndarray:
        return self.costs[self.cells[:, 1]]

    def value(self, i: int) -> np.ndarray:
        """What agent i's utility is before t_i (or h_i), over settled entries, in his own layout."""
        return self._surplus[0][self.own[i]] if self.groves else self._own_value(i)

    def entry_values(self, i: int) -> np.ndarray:
        """The same for each of his ``entries``."""
        if not self.groves:
            return self._own_entries(i)
        at = self.entries(i)
        return self._surplus[1][at.cell] * at.weight / self.cell_sizes[at.cell]

    def cost(self) -> np.ndarray:
        """What transfers (or charges) must cover, over settled entries, by flattened profile."""
        return self._surplus[0] * (self.population - 1) if self.groves else self._own_cost()

    def cell_costs(self) -> np.ndarray:
        """The same for each open entry, times its size."""
        return self._surplus[1] * (self.population - 1) if self.groves else self._own_cell_costs()

    def externality(self, i: int) -> np.ndarray:
        """sum_{j != i} v_j(x, o_j) - cost(x): array others' profile x outcome."""
        first = self.own[i][0]
        others = sum((self.V[j][self.types[j][first]] for j in range(self.N) if j != i), zeros((len(first), self.X)))
        return others - self.costs

    def gain(self, i: int, true: np.ndarray, report: np.ndarray) -> np.ndarray:
        """v_i(q(k, o), k) - v_i(q(k', o), k) over settled entries, for pairs (k, k') x o; Groves: W in the place of v_i."""
        settled = self.settled(i)
        out = (self.V[i][true][:, None, :] * (settled[true] - settled[report])).sum(axis=2)
        if self.groves:
            out = out + (self.externality(i)[None, :, :] * (settled[true] - settled[report])).sum(axis=2)
        return np.asarray(out)

    def interim_gain(self, i: int, true: np.ndarray, report: np.ndarray) -> np.ndarray:
        """The expectation of ``gain`` over o given k, for pairs with a believing k."""
        row, fixed = self.row_of_type(i)[true], self.settled(i)
        interim = np.stack([self.beliefs(i).dot(fixed[:, :, x].T) for x in range(fixed.shape[2])], axis=2)  # row, k', x
        out = (self.V[i][true] * (interim[row, true] - interim[row, report])).sum(axis=1)
        if self.groves:
            others = (fixed * self.externality(i)).sum(axis=2)  # k', o
            expected = self.beliefs(i).dot(others.T)  # row, k'
            out = out + expected[row, true] - expected[row, report]
        return np.asarray(out)

    def row_of_type(self, i: int) -> np.ndarray:
        """For each type of agent i its row in ``beliefs(i)``, -1 without beliefs."""
        row = np.full(self.sizes[i], -1)
        believing = self.believing(i)
        row[believing] = np.arange(len(believing)) if self.correlated else 0
        return row

    def flat(self, own: np.ndarray, i: int) -> np.ndarray:
        """From agent i's own layout to flattened profiles, added up over the agents he stands for."""
        out = zeros(self.P)
        np.add.at(out, self.own[i].ravel(), (own * self.seats(i)).ravel())
        return out

    def by_cell(self, values: np.ndarray, i: int) -> np.ndarray:
        """From agent i's entries to open entries, added up over the agents he stands for."""
        out, at = zeros(len(self.cells)), self.entries(i)
        np.add.at(out, at.cell, values * self.seats(i)[at.k, at.o])
        return out

    @cached_property
    def compact(self) -> str | None:
        """A compact proof's word for the allocation; None where such a proof has no room for open or mixed lotteries, for
        the environment, or for the ray of an infinite margin."""
        need, env = self.instance.requirements, self.environment
        trade = env.kind == "bilateral-trade" and env.prior is None and need.allocation == "efficient"
        if not trade or "none" in (need.individual_rationality, need.budget) or len(self.allocation.cells):
            return None
        if need.ties == "uniform":
            return "first" if all(w in (0, 1) for w in self.allocation.fixed[:, 0]) else None
        return "last" if need.ties == "last" else "first"

    def profile(self, i: int, k: int, o: int) -> tuple[int, ...]:
        """The profile, as a list of types, in place (k, o) of agent i's own layout."""
        return tuple(self.types[:, self.own[i][k, o]].tolist())

    def charged(self, charges: Sequence[np.ndarray]) -> list[np.ndarray]:
        """h_i(theta_-i) by flattened profile, from h_i(o)."""
        return [self.flat(np.broadcast_to(h.reshape(1, -1), self.own[i].shape), i) for i, h in enumerate(charges)]

    def scheme(self, q: np.ndarray, charges: Sequence[np.ndarray]) -> Mechanism:
        """The Groves scheme with lotteries q (profiles x outcomes) and charges h_i(o)."""
        values = [(self.V[i][self.types[i]] * q).sum(axis=1) for i in range(self.N)]
        total = sum(values, -(q * self.costs).sum(axis=1))
        paid = [h - (total - v) for h, v in zip(self.charged(charges), values, strict=True)]
        return Mechanism(self.environment, fractions(paid), lotteries(q), fractions(charges))

    def charge_direction(self, charges: Sequence[np.ndarray]) -> Mechanism:
        """A change of charges, as a direction."""
        return Mechanism(self.environment, fractions(self.charged(charges)), ({},) * self.P, fractions(charges))
