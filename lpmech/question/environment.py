"""Environments: who the agents are, what may happen, and what it is worth to them. Exact, frozen, solver-free.

Profiles are tuples of type numbers (from 0) in agent order; wherever profiles are flattened, the last agent's type
varies fastest. Money is paid by agents (conventions C1); v_i(x, k) is agent i's value for outcome x when of type k.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Any, ClassVar

from lpmech.base.errors import InputError
from lpmech.question.prior import Profile, marginals
from lpmech.question.words import environment_words, shared_names

if TYPE_CHECKING:
    pass

Valuations = tuple[tuple[Fraction, ...], ...]
"""v_i as a table: one row per type, one column per outcome."""


@dataclass(frozen=True)
class Agent:
    """One agent: labels of his types, their marginal masses, and his outside option for each type (C5)."""

    name: str
    types: tuple[str, ...]
    probabilities: tuple[Fraction, ...]
    outside: tuple[Fraction, ...]


class Environment(ABC):
    """Agents, outcomes and valuations. One final class for each kind, one file each in ``lpmech.question.environments``.

    Laws: ``outcomes`` is in the documented order of the kind (ties = first/last refer to it); ``valuation(i)`` has one
    row for each type of agent i and one column for each outcome; ``table()`` restates all in resolved numbers, as the
    ``[environment]`` table of an instance file would, and ``prior`` (if given) replaces the agents' own masses.
    """

    kind: ClassVar[str]
    proof_format: ClassVar[int] = 1
    """First version of ``lpmech-proof`` that knows the kind (docs/proof-format.md)."""
    prior: Mapping[Profile, Fraction] | None = None

    @property
    def called(self) -> str:
        """The kind, and what is more to be said of it in a few words: "auction of 2 units"."""
        return self.kind

    @property
    @abstractmethod
    def agents(self) -> tuple[Agent, ...]:
        """The agents, in the order that profiles and transfers use."""

    @property
    @abstractmethod
    def outcomes(self) -> tuple[str, ...]:
        """Labels of the outcomes, in order."""

    @property
    def costs(self) -> tuple[Fraction, ...]:
        """Cost of each outcome in money, borne by the mechanism (revenue is transfers less cost)."""
        return (Fraction(0),) * len(self.outcomes)

    def valuation(self, agent: int) -> Valuations:
        """v_i(x, k): a row for each type k, a column for each outcome x.

        Raises InputError if values depend on the types of others (C11).
        """
        table = self.own_table(agent)
        return self.private_valuation(agent) if table is None else table

    @abstractmethod
    def private_valuation(self, agent: int) -> Valuations:
        """v_i(x, k) where nothing is given at profiles."""

    @property
    def portions(self) -> tuple[tuple[int, ...], ...] | None:
        """What each outcome means to each agent: portions[x][i], a number; None if no relabelling of agents is known.

        Laws: v_i(x, k) depends on x through portions[x][i] alone, no two outcomes have the same portions, and if two agents
        of one ``role`` swap their portions in an outcome, the result is an outcome, of the same cost.
        """
        return None

    def role(self, agent: int) -> str:
        """Agents of different roles never swap."""
        return ""

    def each(self, agent: int) -> str:
        """For people: all agents who are like this one, one by one: "each buyer", "each like ann"."""
        return f"each {self.role(agent) or f'like {self.agents[agent].name}'}"

    def names_of(self, agent: int) -> tuple[str, ...]:
        """What an agent may be called in a question: his name, the name that he shares with others, his role's plural."""
        role = self.role(agent)
        names = (self.agents[agent].name, shared_names(self)[agent], *([f"{role}s"] if role else []))
        return tuple(dict.fromkeys(names))

    def ordered(self, agent: int) -> bool:
        """Whether an agent's types are ordered by a value of one dimension."""
        return True

    # ---- values that depend on the others' types (C11) ------------------------------------------------------------------

    at_profiles: Mapping[int, tuple[Valuations, tuple[Fraction, ...]]] = {}
    """Agents whose values and outside options are given profile by profile: v_i(x, theta), a row for each flattened
    profile and a column for each outcome, and the outside option there."""
    interdependent: bool = False
    """Whether a value depends on the types of others."""

    @property
    def further(self) -> tuple[str, ...]:
        """What about the environment only programs that are written row by row answer, in words; nothing as a rule."""
        out = ["values depend on the types of others"] if self.interdependent else []
        if self.at_profiles and not self.interdependent:
            out.append("values are given by a worth")
        return (*out, "shares are free") if self.free_shares else tuple(out)

    def own_table(self, agent: int) -> Valuations | None:
        """An agent's values by his own type where they are given at profiles; None where they are not.

        Raises InputError if they depend on the types of others.
        """
        if self.interdependent:
            raise InputError(
                "values depend on the types of others", expected="private values, or a method that does not need them"
            )
        if agent not in self.at_profiles:
            return None
        rows, own = self.at_profiles[agent][0], math.prod(self.sizes[agent + 1 :])
        return tuple(rows[k * own] for k in range(self.sizes[agent]))

    def value_at(self, agent: int) -> Sequence[Sequence[Fraction]]:
        """v_i(x, theta): a row for each flattened profile of true types, a column for each outcome."""
        if agent in self.at_profiles:
            return self.at_profiles[agent][0]
        table = self.private_valuation(agent)
        return [table[profile[agent]] for profile in product(*map(range, self.sizes))]

    def outside_at(self, agent: int) -> Sequence[Fraction]:
        """Outside option at each flattened profile of true types; of the whole object where shares are free (C15)."""
        if agent in self.at_profiles:
            return self.at_profiles[agent][1]
        left = self.agents[agent].outside
        return [left[profile[agent]] for profile in product(*map(range, self.sizes))]

    @property
    def free_shares(self) -> bool:
        """Whether the shares are the designer's choice: outside options are shares of ``outside_at`` (C15)."""
        return False

    @abstractmethod
    def table(self) -> dict[str, Any]:
        """The environment as a resolved ``[environment]`` table with exact numbers as text."""

    def columns(self) -> dict[str, Any]:
        """As ``table``, with long lists of numbers over one denominator where the kind has compact proofs."""
        return self.table()

    def explicit(self) -> dict[str, Any]:
        """Values and outside options written out at every profile, as proofs about further questions have them."""
        agents = [
            {
                "name": agent.name,
                "types": list(agent.types),
                "probabilities": [str(mass) for mass in agent.probabilities],
                "values": [[str(v) for v in row] for row in self.value_at(i)],
                "outside": [str(left) for left in self.outside_at(i)],
            }
            for i, agent in enumerate(self.agents)
        ]
        return {
            "kind": "explicit",
            "outcomes": list(self.outcomes),
            "costs": [str(cost) for cost in self.costs],
            "free-shares": self.free_shares,
            "agents": agents,
        }

    def restated(self, compact: bool = False, plain: bool = False) -> dict[str, Any]:
        """``table`` (``columns`` if compact; ``explicit`` for further environments, unless ``plain``) with the joint prior:
        in its presence masses that are not its marginals stand for nothing, and are left out."""
        out = self.explicit() if self.further and not plain else self.columns() if compact else self.table()
        if self.prior is None:
            return out
        groups = [group if isinstance(group, list) else [group] for group in out.values()]
        sides = [side for group in groups for side in group if isinstance(side, dict) and "probabilities" in side]
        for side, agent in zip(sides, self.agents, strict=False):
            if side["probabilities"] != [str(mass) for mass in agent.probabilities]:
                del side["probabilities"]
        masses = sorted(self.prior.items())
        out["prior"] = {"profiles": [{"types": list(p), "probability": str(mass)} for p, mass in masses]}
        return out

    def __eq__(self, other: object) -> bool:
        """Whether kind, resolved numbers and joint prior are the same."""
        if self is other or not isinstance(other, Environment):
            return True if self is other else NotImplemented
        return self.kind == other.kind and self.restated() == other.restated()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {environment_words(self)}>"

    def __hash__(self) -> int:
        return hash((self.kind, self.agents))  # both follow from the table and the prior

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """Number of types of each agent."""
        return tuple(len(agent.types) for agent in self.agents)

    def believed(self, own: Iterable[Sequence[Fraction]]) -> tuple[tuple[Fraction, ...], ...]:
        """Each agent's masses: his own, or the marginals of the joint prior where there is one."""
        masses = tuple(tuple(one) for one in own)
        return masses if self.prior is None else marginals([len(one) for one in masses], self.prior)

    @cached_property
    def profile_count(self) -> int:
        """Number of type profiles."""
        return math.prod(self.sizes)

    def index(self, name: str) -> int:
        """Number of the agent called ``name``."""
        for i, agent in enumerate(self.agents):
            if agent.name == name:
                return i
        raise InputError(f"no agent called {name!r}", expected=", ".join(agent.name for agent in self.agents))
