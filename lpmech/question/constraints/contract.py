"""What a constraint is: its scope, its relation, its rows, its names (conventions C4 to C6).

A constraint belongs to one agent, or to the mechanism as a whole. It is a family of linear rows over what a mechanism
does, one row for each place of its scope. Who needs rows, names or words asks the constraint: programs, proofs, audits,
explanations, figures and exports never compare the words of instance files.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from itertools import product
from typing import Any, ClassVar, Protocol

from lpmech.base.errors import LpmechError


class Scope(Enum):
    """Where the rows of a constraint stand."""

    PROFILE = "at each profile"
    TYPE = "in expectation, for each type of the agent"
    WHOLE = "in expectation"


class Relation(Enum):
    """How a row compares with its bound (0, or z where the margin stands)."""

    AT_LEAST = ">="
    EQUAL = "="


Within = tuple[tuple[int, ...], ...]
"""For each agent the types that count."""


@dataclass(frozen=True)
class Place:
    """One row of a constraint: a profile (type numbers from 0, one an agent), or a type of the agent, or neither (in
    expectation); and for incentives a report.

    ``averaged`` stands for all rows of a constraint whose scope is the profile, each with the mass of the others' types
    given ``type``, or with the mass of the profile where there is no type. ``alike`` stands for the same row of every
    agent of the same types (proofs about identical agents). ``others``: what the others report, as a profile, where
    that may differ from their types (DSIC with interdependent values). ``within``: an expectation over the profiles of
    these types alone, not divided by their probability.
    """

    profile: tuple[int, ...] | None = None
    type: int | None = None
    report: int | None = None
    averaged: bool = False
    alike: bool = False
    others: tuple[int, ...] | None = None
    within: Within | None = None

    def own(self, agent: int | None) -> int | None:
        """The agent's true type, None where the place does not name it."""
        if self.profile is not None and agent is not None:
            return self.profile[agent]
        return self.type


WHOLE = Place()
"""The one row of a constraint in expectation."""


class Named(Protocol):
    """An agent with the names of his types."""

    @property
    def name(self) -> str: ...

    @property
    def types(self) -> tuple[str, ...]: ...


class Person(Named, Protocol):
    """An agent whose types have masses."""

    @property
    def probabilities(self) -> Sequence[Fraction]: ...


class Setting(Protocol):
    """What the places of a constraint depend on (``lpmech.question.model.Environment``)."""

    @property
    def agents(self) -> Sequence[Person]: ...
    @property
    def sizes(self) -> tuple[int, ...]: ...
    @property
    def prior(self) -> Mapping[tuple[int, ...], object] | None: ...
    @property
    def interdependent(self) -> bool: ...


def believing(of: Setting, agent: int) -> list[int]:
    """Types that have beliefs: all under an independent prior, those of positive mass under a joint one (C3)."""
    masses = of.agents[agent].probabilities
    return [k for k, mass in enumerate(masses) if of.prior is None or mass > 0]


class UnknownConstraintError(LpmechError):
    """A constraint that a part of the package does not know, such as a new one that it was not told of."""

    def __init__(self, constraint: Constraint, wanted: str) -> None:
        super().__init__(f"{constraint.title}: this constraint has no form as {wanted}")


class Rows(Protocol):
    """What a mechanism does, as arrays that can be added: exact numbers, or expressions of a program.

    Arrays have an entry for each row of the scope: own type x others' profile for an agent, flattened profiles for the
    mechanism (PROFILE), believing types (TYPE), one entry (WHOLE). Every entry is money.
    """

    def gain_of_truth(self, agent: int, scope: Scope) -> Any:
        """u_i(k, k) - u_i(k, k'): what truth is worth more than each report, for each pair of types (C4)."""

    def net_utility(self, agent: int, scope: Scope) -> Any:
        """Utility at truth less the outside option (C5)."""

    def revenue(self, scope: Scope) -> Any:
        """sum_i t_i less the cost of the outcome (C1)."""


class Values(Protocol):
    """The same at one place, as exact numbers."""

    def gain_of_truth(self, agent: int, place: Place) -> Any:
        """u_i(k, k) - u_i(k, k') at the place's profile, or expected for its type."""

    def net_utility(self, agent: int, place: Place) -> Any:
        """Utility at truth less the outside option, at the place's profile, for its type, or in expectation."""

    def revenue(self, place: Place) -> Any:
        """sum_i t_i less the cost of the outcome, at the place's profile or in expectation."""


class Forms(Values, Protocol):
    """``Values`` that can be added and multiplied with numbers: what further requirements are written in.

    Expectations are those of the place: at its profile, given its type (of ``agent``), or over the prior.
    """

    def payment(self, i: int, agent: int | None, place: Place) -> Any:
        """t_i."""

    def utility(self, i: int, agent: int | None, place: Place) -> Any:
        """v_i - t_i at truth."""

    def chance(self, x: int, agent: int | None, place: Place) -> Any:
        """Probability of outcome number x."""

    def expected_revenue(self, agent: int | None, place: Place) -> Any:
        """sum_i t_i less the cost of the outcome."""

    def mass(self, agent: int | None, place: Place) -> Any:
        """The number 1: its expectation, which is the probability of ``within`` where the place names types."""


@dataclass(frozen=True)
class Constraint(ABC):
    """One constraint of one agent (``agent`` is his number), or of the mechanism (``agent`` is None).

    Laws: ``rows`` and ``value`` are linear in payments and lotteries, and agree: entry by entry ``rows`` of a mechanism
    are ``value`` at the places of the scope. A mechanism meets the constraint iff every row is >= 0, or = 0 where the
    relation says so. Classes differ by their class alone: two constraints are equal iff class, agent and numbers are.
    """

    agent: int | None = None

    scope: ClassVar[Scope]
    relation: ClassVar[Relation] = Relation.AT_LEAST
    key: ClassVar[str]
    """The requirement of an instance file that asks for it."""
    word: ClassVar[str]
    """The word for it in instance files."""
    code: ClassVar[str]
    """The word for it in proof files."""
    title: ClassVar[str]
    """The name in lists and headings: "BIC", "interim IR", "no deficit"."""
    noun: ClassVar[str]
    """The name in a sentence: "BIC", "interim IR", "a balanced budget"."""
    meaning: ClassVar[str]
    """What it says, in one clause."""
    formal: ClassVar[str]
    """The name in formal statements."""
    lump_sums: ClassVar[bool]
    """Whether lump sums paid by agents can meet it: if not, a program is relaxed here to be feasible."""
    order: ClassVar[int]
    """Place in lists: participation, incentives, budget."""
    listed: ClassVar[int]
    """Place among the constraints of the same requirement, in the order of the conventions."""
    formal_row: ClassVar[str | None] = None
    """The name of a row in formal statements, before agent, place and report; None where these do not know it."""
    weaker: ClassVar[type[Constraint] | None] = None
    """The next weaker constraint of the same requirement: whatever meets this one meets that one."""

    @classmethod
    def property_name(cls) -> str:
        """The name of the property that a mechanism has if it meets it for every agent: "BIC", "interim IR"."""
        return cls.word

    def places(self, of: Setting) -> Iterator[Place]:
        """Where its rows stand, each once: every profile, every type that has beliefs (C3), or one in expectation."""
        if self.scope is Scope.PROFILE:
            yield from map(Place, product(*map(range, of.sizes)))
        elif self.scope is Scope.TYPE:
            assert self.agent is not None
            yield from (Place(type=k) for k in believing(of, self.agent))
        else:
            yield WHOLE

    @abstractmethod
    def rows(self, of: Rows) -> Any:
        """The left side of every row, as an array."""

    @abstractmethod
    def value(self, of: Values, place: Place) -> Any:
        """The left side of one row."""

    def identity(self) -> dict[str, Any]:
        """What tells it from the question's other constraints, in proof files."""
        return {"constraint": self.code} | ({} if self.agent is None else {"agent": self.agent})

    def formal_statement(self) -> tuple[Any, ...]:
        """In formal statements about further requirements: the name, then agent, words and numbers."""
        raise UnknownConstraintError(self, "a theorem of Coq")

    @property
    def needs_beliefs(self) -> bool:
        """Whether rows are not imposed for types without beliefs (C3)."""
        return self.scope is Scope.TYPE

    def block(self, names: Sequence[str]) -> str:
        """The name of its rows in a program: "BIC[buyer]", "no deficit"; ``names`` are those of the agents."""
        return self.title if self.agent is None else f"{self.code}[{names[self.agent]}]"

    def label(self, place: Place, agents: Sequence[Named], name: str | None = None) -> str:
        """The name of one row: ``BIC[buyer: 3/4 -> 1/2]``, ``IR[seller: 1]``, ``budget[buyer 1, seller 0]``.

        ``name`` stands in for the agent's name ("each buyer").
        """
        if self.agent is None:
            if place.profile is None:
                return f"{self.code}[{'every profile, by its mass' if place.averaged else 'in expectation'}]"
            types = (f"{a.name} {a.types[k]}" for a, k in zip(agents, place.profile, strict=True))
            return f"{self.code}[{', '.join(types)}]"
        agent, own = agents[self.agent], place.own(self.agent)
        text = agent.name if name is None else name
        if own is not None:
            text += f": {agent.types[own]}"
        if place.report is not None:
            text += f" -> {agent.types[place.report]}"
        if place.averaged:
            text += " | every type of the other, by its mass"
        elif place.profile is not None:
            told = place.profile if place.others is None else place.others
            others = [
                f"{a.name} {a.types[k]}" + (f" reporting {a.types[r]}" if r != k else "")
                for a, k, r in zip(agents, place.profile, told, strict=True)
                if a is not agent
            ]
            text += " | " + ", ".join(others) if others else ""
        return f"{self.code}[{text}]"
