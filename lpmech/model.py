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
from itertools import pairwise
from typing import Any, ClassVar

from lpmech.errors import InputError
from lpmech.exact import Rational, Scaled, rational

Profile = tuple[int, ...]
Valuations = tuple[tuple[Fraction, ...], ...]
"""v_i as a table: one row per type, one column per outcome."""


def exact_masses(
    probabilities: Sequence[Fraction], what: str, key: str | None = None, entry: str | None = None
) -> tuple[Fraction, ...]:
    """Check that masses are non-negative and sum to exactly 1.

    Complaints are about ``key``, or about ``entry`` with the mass's number filled in.
    """
    by = math.lcm(*{mass.denominator for mass in probabilities})
    total = Fraction(sum([mass.numerator * (by // mass.denominator) for mass in probabilities]), by)
    for k, mass in enumerate(probabilities):
        if mass.numerator < 0:
            place = key if entry is None else entry.format(k)
            raise InputError(
                f"{what}: a negative probability", key=place, value=mass, expected="masses >= 0 that sum to 1"
            )
    if total != 1:
        raise InputError(
            f"{what}: probabilities sum to {total}, not 1",
            key=key,
            expected="masses that sum to exactly 1, or weights, which are normalised",
        )
    return tuple(probabilities)


@dataclass(frozen=True)
class Distribution:
    """Finite distribution of a one-dimensional type: increasing values and masses that sum to exactly 1 (C3).

    ``Distribution([0, "1/2", 1], ["1/4", "1/2", "1/4"])``; without probabilities, uniform. Masses of 0 are allowed.
    """

    values: tuple[Fraction, ...]
    probabilities: tuple[Fraction, ...] = ()

    def __init__(self, values: Iterable[Rational], probabilities: Iterable[Rational] | None = None) -> None:
        exact = tuple(rational(v) for v in values)
        if not exact:
            raise InputError("no values", key="values", expected="at least one type")
        for k, (low, high) in enumerate(pairwise(exact), 1):
            if low >= high:
                raise InputError(
                    f"values are not strictly increasing: {low} is followed by {high}",
                    key=f"values[{k}]",
                    expected="increasing values",
                )
        masses = (
            [Fraction(1, len(exact))] * len(exact) if probabilities is None else [rational(p) for p in probabilities]
        )
        if len(masses) != len(exact):
            raise InputError(
                f"{len(exact)} values but {len(masses)} probabilities",
                key="probabilities",
                expected="one mass for each value",
            )
        object.__setattr__(self, "values", exact)
        object.__setattr__(
            self, "probabilities", exact_masses(masses, "distribution", "probabilities", "probabilities[{}]")
        )

    def __len__(self) -> int:
        return len(self.values)

    def table(self) -> dict[str, list[str]]:
        """Values and masses as text, as an instance file has them."""
        return {"values": [str(v) for v in self.values], "probabilities": [str(p) for p in self.probabilities]}

    @cached_property
    def scaled(self) -> tuple[Scaled, Scaled]:
        """Values and masses, each over their least common denominator."""
        return Scaled.read(self.values), Scaled.read(self.probabilities)

    def columns(self) -> dict[str, dict[str, Any]]:
        """As ``table``, in the shorter form of compact proofs."""
        values, masses = self.scaled
        return {"values": values.table(), "probabilities": masses.table()}


@dataclass(frozen=True)
class Agent:
    """One agent: labels of his types, their marginal masses, and his outside option for each type (C5)."""

    name: str
    types: tuple[str, ...]
    probabilities: tuple[Fraction, ...]
    outside: tuple[Fraction, ...]


class Environment(ABC):
    """Agents, outcomes and valuations. One final class for each kind, one file each in ``lpmech.environments``.

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

    @abstractmethod
    def table(self) -> dict[str, Any]:
        """The environment as a resolved ``[environment]`` table with exact numbers as text."""

    def columns(self) -> dict[str, Any]:
        """As ``table``, with long lists of numbers over one denominator where the kind has compact proofs."""
        return self.table()

    def __eq__(self, other: object) -> bool:
        """Whether kind, resolved numbers and joint prior are the same."""
        if self is other or not isinstance(other, Environment):
            return True if self is other else NotImplemented
        return (self.kind, self.prior, self.table()) == (other.kind, other.prior, other.table())

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


def correlated_prior(sizes: Sequence[int], masses: Mapping[Profile, Rational] | None) -> dict[Profile, Fraction] | None:
    """Check a joint prior {profile: mass}; profiles left out have mass 0. None, which is no joint prior, stays None."""
    if masses is None:
        return None
    prior: dict[Profile, Fraction] = {}
    for number, (profile, mass) in enumerate(masses.items()):
        if len(profile) != len(sizes) or not all(0 <= k < n for k, n in zip(profile, sizes, strict=False)):
            raise InputError(
                "a profile that does not exist",
                key=f"prior.profiles[{number}].types",
                value=list(profile),
                expected=f"type numbers below {list(sizes)}, one an agent",
            )
        prior[tuple(profile)] = rational(mass)
    exact_masses(list(prior.values()), "prior", "prior.profiles", "prior.profiles[{}].probability")
    return prior


def marginals(sizes: Sequence[int], prior: Mapping[Profile, Fraction]) -> tuple[tuple[Fraction, ...], ...]:
    """Each agent's marginal masses under a joint prior."""
    out = [[Fraction(0)] * n for n in sizes]
    for profile, mass in prior.items():
        for i, k in enumerate(profile):
            out[i][k] += mass
    return tuple(tuple(masses) for masses in out)


@dataclass(frozen=True)
class PostedPrice:
    """Bilateral trade happens iff b >= price >= s."""

    price: Fraction

    def __init__(self, price: Rational) -> None:
        object.__setattr__(self, "price", rational(price))


@dataclass(frozen=True)
class AllocationTable:
    """A given allocation: for every profile (flattened) the probability of each outcome."""

    lotteries: tuple[tuple[Fraction, ...], ...]

    def __init__(self, lotteries: Iterable[Iterable[Rational]]) -> None:
        rows = tuple(tuple(rational(x) for x in row) for row in lotteries)
        for number, row in enumerate(rows):
            exact_masses(row, f"allocation table, profile number {number}", f"table[{number}]")
        object.__setattr__(self, "lotteries", rows)


AllocationRule = str | PostedPrice | AllocationTable

CHOICES: dict[str, tuple[str, ...]] = {
    "ties": ("any", "first", "last", "uniform"),
    "transfers": ("any", "groves"),
    "incentive_compatibility": ("DSIC", "BIC", "none"),
    "individual_rationality": ("ex-post", "interim", "ex-ante", "none"),
    "budget": ("no-deficit", "balanced", "no-expected-deficit", "none"),
}
ALLOCATIONS = ("efficient", "free")
CLAIMS = ("exists", "impossible")
OBJECTIVES = ("margin", "welfare", "revenue", "agents-utility")


def _choice(key: str, value: object, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise InputError("unknown choice", key=key, value=repr(value), expected=", ".join(repr(a) for a in allowed))


@dataclass(frozen=True)
class Requirements:
    """What the mechanism must satisfy (C4-C8). The three notions without a default must be given."""

    incentive_compatibility: str
    individual_rationality: str
    budget: str
    allocation: AllocationRule = "efficient"
    ties: str = "any"
    transfers: str = "any"

    def __post_init__(self) -> None:
        for key, allowed in CHOICES.items():
            _choice(key, getattr(self, key), allowed)
        if isinstance(self.allocation, str):
            _choice("allocation", self.allocation, ALLOCATIONS)

    def table(self) -> dict[str, Any]:
        """As the ``[requirements]`` table of an instance file, with an allocation table in line."""
        allocation: Any = self.allocation
        if isinstance(allocation, PostedPrice):
            allocation = {"posted-price": str(allocation.price)}
        elif isinstance(allocation, AllocationTable):
            allocation = {"table": [[str(x) for x in row] for row in allocation.lotteries]}
        return {"allocation": allocation} | {key: getattr(self, key) for key in CHOICES}


@dataclass(frozen=True)
class Objective:
    """What to maximise: the margin (C9), or sum_i utility_i E[u_i] + revenue E[revenue] under the requirements proper.

    ``Objective("welfare")``, or ``Objective(utility=(1, "1/2"), revenue=0)`` with one weight for each agent.
    """

    maximize: str = "margin"
    utility: tuple[Fraction, ...] | None = None
    revenue: Fraction = Fraction(0)

    def __init__(
        self, maximize: str | None = None, *, utility: Iterable[Rational] | None = None, revenue: Rational = 0
    ) -> None:
        if maximize is not None and utility is not None:
            raise InputError("both a named objective and weights", expected="one of the two")
        if utility is None:
            _choice("maximize", maximize or "margin", OBJECTIVES)
        object.__setattr__(self, "maximize", maximize or ("margin" if utility is None else "weighted"))
        object.__setattr__(self, "utility", None if utility is None else tuple(rational(w) for w in utility))
        object.__setattr__(self, "revenue", rational(revenue))

    def weights(self, agents: int) -> tuple[tuple[Fraction, ...], Fraction]:
        """Weights on the agents' expected utilities and on expected revenue (all 1: welfare; all 0: the margin)."""
        one, zero = Fraction(1), Fraction(0)
        if self.utility is not None:
            if len(self.utility) != agents:
                raise InputError(
                    f"{len(self.utility)} utility weights for {agents} agents",
                    key="objective.maximize.utility",
                    expected="one an agent",
                )
            return self.utility, self.revenue
        everyone = one if self.maximize in {"welfare", "agents-utility"} else zero
        return (everyone,) * agents, one if self.maximize in {"welfare", "revenue"} else zero

    def table(self) -> dict[str, Any]:
        """As the ``[objective]`` table of an instance file."""
        if self.utility is None:
            return {"maximize": self.maximize}
        return {"maximize": {"utility": [str(w) for w in self.utility], "revenue": str(self.revenue)}}


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
        if self.claim is not None:
            _choice("claim", self.claim, CLAIMS)
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

    def table(self, columns: bool = False) -> dict[str, Any]:
        """The instance restated in resolved numbers: what a proof file carries (``columns``: a compact one)."""
        environment = self.environment.columns() if columns else self.environment.table()
        out: dict[str, Any] = {"title": self.title, "environment": environment}
        if self.environment.prior is not None:
            profiles = [
                {"types": list(p), "probability": str(mass)} for p, mass in sorted(self.environment.prior.items())
            ]
            out["environment"]["prior"] = {"profiles": profiles}
        return out | {"requirements": self.requirements.table(), "objective": self.objective.table()}
