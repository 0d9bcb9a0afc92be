"""The question: who the agents are, what may happen, and what a mechanism must satisfy. Exact, frozen, solver-free.

Profiles are tuples of type numbers (from 0) in agent order; wherever profiles are flattened, the last agent's type
varies fastest. Money is paid by agents (conventions C1); v_i(x, k) is agent i's value for outcome x when of type k.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from lpmech.base.arguments import called, need, shortened
from lpmech.base.errors import InputError
from lpmech.base.names import one_line
from lpmech.base.views import views
from lpmech.question.distribution import Distribution as Distribution
from lpmech.question.prior import Profile as Profile
from lpmech.question.prior import marginals
from lpmech.question.requirements import AllocationTable, Objective, PostedPrice, Requirements, choice
from lpmech.question.words import environment_words, objective_words, question

if TYPE_CHECKING:
    import pandas as pd

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
    prior: Mapping[Profile, Fraction] | None = None

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

    @abstractmethod
    def valuation(self, agent: int) -> Valuations:
        """v_i(x, k): a row for each type k, a column for each outcome x."""

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

    @abstractmethod
    def table(self) -> dict[str, Any]:
        """The environment as a resolved ``[environment]`` table with exact numbers as text."""

    def columns(self) -> dict[str, Any]:
        """As ``table``, with long lists of numbers over one denominator where the kind has compact proofs."""
        return self.table()

    def restated(self, compact: bool = False) -> dict[str, Any]:
        """``table`` (``columns`` if compact) with the joint prior, if there is one: in its presence masses that are not its
        marginals stand for nothing, and are left out."""
        out = self.columns() if compact else self.table()
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


CLAIMS = ("exists", "impossible")


@dataclass(frozen=True)
class Instance:
    """A complete question. ``claim`` is the verdict that its source asserts ("exists", "impossible") or None."""

    environment: Environment
    requirements: Requirements
    objective: Objective = field(default_factory=Objective)
    title: str = ""
    source: str | None = None
    claim: str | None = None

    def __post_init__(self) -> None:
        need(
            self.environment,
            Environment,
            "an environment",
            "environment",
            "lpmech.BilateralTrade(buyer, seller), or another",
        )
        notions = 'lpmech.Requirements("BIC", "interim", "balanced"): incentives, participation, budget'
        need(self.requirements, Requirements, "what is required", "requirements", notions)
        need(self.objective, Objective, "an objective", "objective", 'lpmech.Objective("welfare")')
        need(self.title, str, "text", "title", "what the instance is about, in a line")
        need(self.source, (str, type(None)), "text", "source", "citation key and statement, or None")
        one_line(self.title, "title")
        one_line(self.source or "", "source")
        if self.claim is not None:
            choice("claim", self.claim, CLAIMS)
        self.objective.weights(len(self.environment.agents))
        rule = self.requirements.allocation
        if isinstance(rule, PostedPrice) and self.environment.kind != "bilateral-trade":
            raise InputError(
                "a posted price needs bilateral trade", key="requirements.allocation", value=self.environment.kind
            )
        if isinstance(rule, AllocationTable):
            wide = {len(row) for row in rule.lotteries} - {len(self.environment.outcomes)}
            if len(rule.lotteries) != self.environment.profile_count or wide:
                raise InputError(
                    "an allocation table of the wrong size",
                    key="requirements.allocation",
                    expected=f"{self.environment.profile_count} profiles x {len(self.environment.outcomes)} outcomes",
                )

    def with_requirements(self, **changes: Any) -> Instance:
        """The same question with some requirements changed and no claim, since the claim was about another question."""
        return replace(self, requirements=replace(self.requirements, **changes), claim=None)

    def with_objective(self, objective: Objective | str) -> Instance:
        """The same question with another objective."""
        return replace(self, objective=Objective(objective) if isinstance(objective, str) else objective)

    def to_frame(self, *, joint: bool = False, exact: bool = True) -> pd.DataFrame:
        """In pandas: a row for each type of each agent, or for each profile of a joint prior that has a probability."""
        return views().frame(self, joint=joint, exact=exact)

    def __repr__(self) -> str:
        title = f" {shortened(self.title)!r}" if self.title else ""
        return f"<Instance{title}: {'; '.join(question(self))}; maximise {objective_words(self.objective)}>"

    def _repr_html_(self) -> str:
        return views().html(self)

    def table(self, columns: bool = False) -> dict[str, Any]:
        """The instance restated in resolved numbers: what a proof file carries (``columns``: a compact one)."""
        out: dict[str, Any] = {"title": self.title, "environment": self.environment.restated(columns)}
        return out | {"requirements": self.requirements.table(), "objective": self.objective.table()}


def asked(given: object) -> Instance:
    """An instance; InputError that says what to write for anything else."""
    if isinstance(given, Instance):
        return given
    if isinstance(given, Environment):
        write = 'lpmech.Instance(environment, lpmech.Requirements("BIC", "interim", "balanced"))'
    elif isinstance(getattr(given, "instance", None), Instance):
        write = f"its .instance: {type(given).__name__.lower()}.instance"
    else:
        write = "lpmech.load(file), lpmech.loads(text), or lpmech.Instance(environment, requirements)"
    raise InputError(f"{called(given)} where an instance is needed", expected=write)
