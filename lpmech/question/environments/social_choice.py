"""Quasi-linear social choice: finitely many social states, finitely many types with any utilities."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Any, Literal

from lpmech.base.arguments import entries, label, labels, need, rationals
from lpmech.base.errors import InputError
from lpmech.base.exact import Rational, exact_masses, rational
from lpmech.question.environment import Agent, Environment, Valuations
from lpmech.question.environments import EnvironmentTable, replicated_names
from lpmech.question.environments.at_profiles import check_size, depends
from lpmech.question.environments.of_functions import of_functions
from lpmech.question.environments.outcomes import OWN, Outcomes, OutcomesReader
from lpmech.question.environments.social_choice_tables import (
    AgentTable,
    ByOutcome,
    by_outcome,
)
from lpmech.question.prior import Profile, correlated_prior


@dataclass(frozen=True)
class Type:
    """One type: its name, mass, value for each social state, and outside option.

    A name that is no text, such as 2 or (0, "1/2"), is its ``str``.
    """

    name: str
    probability: Fraction
    utility: tuple[Fraction, ...]
    outside: Fraction = Fraction(0)

    def __init__(
        self, name: Hashable, probability: Rational, utility: Iterable[Rational], outside: Rational = 0
    ) -> None:
        object.__setattr__(self, "name", label(name, "a type", "name"))
        object.__setattr__(self, "probability", rational(probability))
        object.__setattr__(self, "utility", rationals(utility, "utility", "a value for each outcome"))
        object.__setattr__(self, "outside", rational(outside))


class SocialChoice(Environment):
    """Outcomes with costs; agents are {name: types}. Outcome order and agent order are as given.

    ``at_profiles`` gives, for agents whose values depend on the types of others, values (a row for each flattened
    profile, a column for each outcome) and outside options (one for each), in place of those of their types (C11).
    ``unordered``: agents whose types have no order; by default all (C12).
    Names of outcomes, agents and types that are no text are their ``str``; InputError if two are the same then.
    Source: efficient-mechanisms-notes, Section 1.
    """

    kind = "social-choice"

    def __init__(
        self,
        outcomes: Iterable[Hashable],
        agents: Mapping[Any, Iterable[Type]],
        costs: Iterable[Rational] | None = None,
        prior: Mapping[Profile, Rational] | None = None,
        at_profiles: Mapping[Any, tuple[Sequence[Sequence[Rational]], Sequence[Rational]]] | None = None,
        unordered: Iterable[Hashable] | None = None,
    ) -> None:
        one = 'lpmech.Type("low", "1/2", [0, 1])'
        names = entries(outcomes, "outcomes", 'names, such as ["no", "yes"]')
        self._outcomes = labels(names, "an outcome", "outcomes", "outcomes must be named, once each")
        need(agents, Mapping, "a dictionary", "agents", f'types by name: {{"ann": [{one}, ...], ...}}')
        names = labels(agents, "an agent", "agents", "two agents of one name")
        self._types: dict[str, tuple[Type, ...]] = {
            name: entries(types, f"agents[{i}].types", f"the types of {name}: [{one}, ...]")
            for i, (name, types) in enumerate(zip(names, agents.values(), strict=True))
        }
        if not self._outcomes:
            raise InputError("no outcomes", key="outcomes", expected="one or more")
        if not self._types:
            raise InputError("no agents", key="agents", expected="one or more")
        self._costs = (Fraction(0),) * len(self._outcomes)
        if costs is not None:
            self._costs = rationals(costs, "costs", "a cost for each outcome")
        if len(self._costs) != len(self._outcomes):
            raise InputError(f"{len(self._outcomes)} outcomes but {len(self._costs)} costs", key="costs")
        for i, (name, types) in enumerate(self._types.items()):
            key = f"agents[{i}].types"
            if not types:
                raise InputError(f"agent {name} has no types", key=key, expected="one or more")
            for k, t in enumerate(types):
                need(t, Type, "a type", f"{key}[{k}]", one)
            labels((t.name for t in types), "a type", key, f"agent {name} has two types of one name")
            for k, t in enumerate(types):
                if len(t.utility) != len(self._outcomes):
                    raise InputError(
                        f"agent {name}, type {t.name}: {len(t.utility)} utilities for {len(self._outcomes)} outcomes",
                        key=f"{key}[{k}].utility",
                        expected="one for each outcome",
                    )
            if prior is None:
                exact_masses([t.probability for t in types], f"agent {name}", key, key + "[{}].probability")
        self.prior = correlated_prior(
            [len(t) for t in self._types.values()], prior, [[one.name for one in t] for t in self._types.values()]
        )
        self._unordered = set(self._types) if unordered is None else set(map(str, unordered))
        tables: dict[int, tuple[Valuations, tuple[Fraction, ...]]] = {}
        for agent, (values, outside) in (at_profiles or {}).items():
            tables[self.index(str(agent))] = self._checked(str(agent), values, outside)
        if tables:
            self.at_profiles = tables
            self.interdependent = depends(tables, self.sizes)

    @classmethod
    def of(
        cls,
        agents: Mapping[Any, Any],
        outcomes: Iterable[Hashable],
        utility: Callable[..., Rational],
        *,
        probabilities: Mapping[Any, Any] | None = None,
        costs: Any = None,
        outside: Callable[..., Rational] | None = None,
        prior: Mapping[Any, Rational] | None = None,
    ) -> SocialChoice:
        """Social choice from functions.

        ``agents``: for each the values of his types, in a list, or by label: {"ann": [1, 2], "bob": {"low": 1, "high": 3}};
        labels of any hashable kind are shown by ``str``. ``utility(agent, own, outcome)`` is v_i(x, theta_i), with the
        agent's and the outcome's own labels and the value of his type; if it takes a fourth argument, ``types``, that is
        a dictionary with the values of all agents, and utilities may depend on it (C11). ``outside(agent, own)``, or
        ``outside(agent, own, types)``, is the outside option, 0 if left out. ``probabilities``: for each agent a mass for
        each type, in a list or by label; uniform if left out. ``costs``: a list, or a cost by outcome.
        """
        return of_functions(cls, Type, agents, outcomes, utility, probabilities, costs, outside, prior)

    def _checked(
        self, agent: str, values: Sequence[Sequence[Rational]], outside: Sequence[Rational]
    ) -> tuple[Valuations, tuple[Fraction, ...]]:
        """Values and outside options of an agent at profiles."""
        P, X, key = self.profile_count, len(self._outcomes), f"at_profiles.{agent}"
        check_size(P, X)
        rows = tuple(rationals(row, key, "a value for each outcome") for row in values)
        left = rationals(outside, key, "an outside option for each profile")
        if {len(rows), len(left)} != {P} or {len(row) for row in rows} != {X}:
            raise InputError("values at profiles of the wrong size", key=key, expected=f"{P} profiles x {X} outcomes")
        return rows, left

    def ordered(self, agent: int) -> bool:
        return self.agents[agent].name not in self._unordered

    @cached_property
    def agents(self) -> tuple[Agent, ...]:
        masses = self.believed([t.probability for t in types] for types in self._types.values())
        return tuple(
            Agent(name, tuple(t.name for t in types), mass, tuple(t.outside for t in types))
            for (name, types), mass in zip(self._types.items(), masses, strict=True)
        )

    @property
    def outcomes(self) -> tuple[str, ...]:
        return self._outcomes

    @property
    def costs(self) -> tuple[Fraction, ...]:
        return self._costs

    def private_valuation(self, agent: int) -> Valuations:
        return tuple(t.utility for t in tuple(self._types.values())[agent])

    @cached_property
    def portions(self) -> tuple[tuple[int, ...], ...]:
        """The state, for everyone: relabelling agents leaves it as it is."""
        return tuple((x,) * len(self._types) for x in range(len(self._outcomes)))

    def table(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "outcomes": list(self._outcomes),
            "costs": [str(c) for c in self._costs],
            "agents": [
                {
                    "name": agent.name,
                    "types": [
                        {
                            "name": t.name,
                            "probability": str(mass),
                            "utility": [str(u) for u in t.utility],
                            "outside": str(t.outside),
                        }
                        for t, mass in zip(types, agent.probabilities, strict=True)
                    ],
                }
                for agent, types in zip(self.agents, self._types.values(), strict=True)
            ],
        }


@dataclass(frozen=True, kw_only=True)
class SocialChoiceTable(EnvironmentTable):
    """Finitely many social states, quasi-linear agents. Outcomes are in the order given."""

    kind: Literal["social-choice"]
    outcomes: Annotated[Outcomes, OutcomesReader()]
    """Names of the social states, or a variable with its range: an outcome for each of its values."""
    costs: ByOutcome | None = None
    """Cost of each outcome, 0 if left out; listed, or by formula in the outcomes' variable."""
    agents: list[AgentTable]
    """The agents, in order."""

    def build(self) -> SocialChoice:
        names = replicated_names((table.name, table.count) for table in self.agents)
        origin = [i for i, table in enumerate(self.agents) for _ in range(table.count)]
        types = [self._types(i) for i in range(len(self.agents))]
        agents = {name: types[i] for name, i in zip(names, origin, strict=True)}
        try:
            at = self._at_profiles(names, origin)
            unordered = [name for name, i in zip(names, origin, strict=True) if OWN not in self.agents[i].parts]
            return SocialChoice(self.outcomes.names, agents, self._costs(), self.masses, at, unordered)
        except InputError as error:  # about agent number i of the environment, who may be one of several of one table
            error.key = re.sub(r"^agents\[(\d+)\]", lambda m: f"agents[{origin[int(m[1])]}]", error.key or "")
            raise

    def _at_profiles(self, names: list[str], origin: list[int]) -> dict[str, Any]:
        """Values and outside options of agents whose formulas name others."""
        types = [[t.variables for t in self.agents[i].possible] for i in origin]
        out: dict[str, Any] = {}
        for agent, i in enumerate(origin):
            if self.agents[i].names_others:
                check_size(math.prod(map(len, types)), len(self.outcomes.names))
                try:
                    out[names[agent]] = self.agents[i].at_profiles(self.outcomes, agent, names, types)
                except InputError as error:
                    raise error.under(f"agents[{agent}]") from None
        return out

    def _costs(self) -> list[Fraction] | None:
        if self.costs is None:
            return None
        try:
            (row,) = by_outcome(self.costs, self.outcomes, [], [{}])
        except InputError as error:
            raise error.under("costs") from None
        return row

    def _types(self, i: int) -> tuple[Type, ...]:
        """The types of one table's agents. Under a joint prior, which replaces them, probabilities may be missing."""
        table = self.agents[i]
        for k, t in enumerate(table.possible):
            if t.probability is None and self.prior is None:
                listed = table.types is not None
                raise InputError(
                    "missing",
                    key=f"agents[{i}].types[{k}].probability" if listed else f"agents[{i}].probabilities",
                    expected="a probability, or a joint prior [environment.prior]"
                    if listed
                    else "probabilities, weights, or a joint prior [environment.prior]",
                )
        try:
            rows = zip(table.possible, table.utilities(self.outcomes), table.outsides(), strict=True)
            return tuple(Type(t.name, t.probability or 0, values, outside) for t, values, outside in rows)
        except InputError as error:
            raise error.under(f"agents[{i}]") from None
