"""Quasi-linear social choice: finitely many social states, finitely many types with any utilities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from lpmech.errors import InputError
from lpmech.exact import Rational, rational
from lpmech.model import Agent, Environment, Profile, Valuations, correlated_prior, exact_masses, marginals


@dataclass(frozen=True)
class Type:
    """One type: its name, mass, value for each social state, and outside option."""

    name: str
    probability: Fraction
    utility: tuple[Fraction, ...]
    outside: Fraction = Fraction(0)

    def __init__(self, name: str, probability: Rational, utility: Iterable[Rational], outside: Rational = 0) -> None:
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "probability", rational(probability))
        object.__setattr__(self, "utility", tuple(rational(u) for u in utility))
        object.__setattr__(self, "outside", rational(outside))


class SocialChoice(Environment):
    """Outcomes with costs; agents are {name: types}. Outcome order and agent order are as given.

    Source: efficient-mechanisms-notes, Section 1.
    """

    kind = "social-choice"

    def __init__(
        self,
        outcomes: Iterable[str],
        agents: Mapping[str, Iterable[Type]],
        costs: Iterable[Rational] | None = None,
        prior: Mapping[Profile, Rational] | None = None,
    ) -> None:
        self._outcomes = tuple(outcomes)
        self._types = {name: tuple(types) for name, types in agents.items()}
        if not self._outcomes or len(set(self._outcomes)) != len(self._outcomes):
            raise InputError(
                "outcomes must be named, once each", key="environment.outcomes", value=list(self._outcomes)
            )
        if not self._types:
            raise InputError("no agents", key="environment.agents", expected="one or more")
        self._costs = tuple(rational(c) for c in costs) if costs is not None else (Fraction(0),) * len(self._outcomes)
        if len(self._costs) != len(self._outcomes):
            raise InputError(f"{len(self._outcomes)} outcomes but {len(self._costs)} costs", key="environment.costs")
        for name, types in self._types.items():
            if not types:
                raise InputError(f"agent {name} has no types", key="environment.agents", expected="one or more")
            if len({t.name for t in types}) != len(types):
                raise InputError(f"agent {name} has two types of one name", key="environment.agents")
            for t in types:
                if len(t.utility) != len(self._outcomes):
                    raise InputError(
                        f"agent {name}, type {t.name}: {len(t.utility)} utilities for {len(self._outcomes)} outcomes",
                        key="environment.agents",
                        expected="one for each outcome",
                    )
            if prior is None:
                exact_masses([t.probability for t in types], f"agent {name}")
        self.prior = None if prior is None else correlated_prior([len(t) for t in self._types.values()], prior)

    @cached_property
    def agents(self) -> tuple[Agent, ...]:
        masses = tuple(tuple(t.probability for t in types) for types in self._types.values())
        if self.prior is not None:
            masses = marginals([len(types) for types in self._types.values()], self.prior)
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

    def valuation(self, agent: int) -> Valuations:
        return tuple(t.utility for t in tuple(self._types.values())[agent])

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
