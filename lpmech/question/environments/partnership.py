"""Partnerships: agents who own shares of one object decide who gets it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Any, Literal

from lpmech.base.arguments import entries, label, need
from lpmech.base.errors import InputError
from lpmech.base.exact import Rational, rational
from lpmech.base.fields import Context, ExactNumber, Line
from lpmech.question.distribution import Distribution
from lpmech.question.environment import Agent, Environment, Valuations
from lpmech.question.environments import Count, EnvironmentTable, TraderTable, replicated_names
from lpmech.question.environments.at_profiles import Worth, depends, file_worths, worth_tables, worths
from lpmech.question.prior import Profile, correlated_prior

FREE = "free"
"""In the place of shares: the designer's choice (C15)."""


class Share(ExactNumber):
    """A number, or "free"."""

    def read(self, source: Any, context: Context) -> Fraction | None:  # type: ignore[override]
        return None if source == FREE else super().read(source, context)


@dataclass(frozen=True)
class Partner:
    """A partner: his share of the object and the distribution of his value for the whole of it.

    A share that is None, or "free", is the designer's choice; it is for every partner or for none (C15).
    A name that is no text, such as 7 or ("a", 1), is its ``str``.
    """

    share: Fraction | None
    distribution: Distribution
    name: str | None = None

    def __init__(self, share: Rational | None, distribution: Distribution, name: Hashable | None = None) -> None:
        need(distribution, Distribution, "a distribution", "distribution", "lpmech.Distribution([1, 2], probabilities)")
        object.__setattr__(self, "share", None if share in (None, FREE) else rational(share))
        object.__setattr__(self, "distribution", distribution)
        object.__setattr__(self, "name", None if name is None else label(name, "an agent", "name"))


class Partnership(Environment):
    """Agent i of type theta_i values the object at theta_i and may walk away with r_i theta_i, r_i his share.

    Agents: in the order given, named agent-1, agent-2, ... unless named. Outcomes: agent 1 gets the object, agent 2
    gets it, and so on in agent order; dividing it is a lottery over them, since values are linear in the share.
    Source: Cramton, Gibbons and Klemperer 1987 (mishra-2020); jagadeesan-tordjman-2025, Section 3.
    """

    kind = "partnership"

    def __init__(
        self,
        partners: Iterable[Partner],
        prior: Mapping[Profile, Rational] | None = None,
        worth: Mapping[str, Worth] | None = None,
    ) -> None:
        partner = 'lpmech.Partner("1/2", lpmech.Distribution([1, 2]))'
        self.partners = entries(partners, "agents", f"a list of partners, such as {partner}")
        for i, one in enumerate(self.partners):
            need(one, Partner, "a partner", f"agents[{i}]", partner)
        if len(self.partners) < 2:
            raise InputError("a partnership of fewer than two agents", key="agents", expected="two or more")
        shares = [p.share for p in self.partners if p.share is not None]
        if shares and len(shares) < len(self.partners):
            raise InputError(
                "free shares beside given ones", key="agents", expected="free for every agent, or for none"
            )
        if shares and (sum(shares) != 1 or min(shares) < 0):
            raise InputError(
                "shares must be >= 0 and sum to exactly 1",
                key="agents",
                value=" + ".join(map(str, shares)) + f" = {sum(shares)}",
            )
        names: set[str] = set()
        for i, name in enumerate(self._names):
            if name in names:
                raise InputError(
                    f"two agents called {name!r}", key=f"agents[{i}].name", expected="a name for each agent"
                )
            names.add(name)
        self.prior = correlated_prior(
            [len(p.distribution) for p in self.partners],
            prior,
            [list(map(str, p.distribution.values)) for p in self.partners],
        )
        if worth:
            amounts = worths(worth, self._names, [p.distribution.values for p in self.partners])
            moves = [[int(i == x) for x in range(len(self.partners))] for i in range(len(self.partners))]
            self.at_profiles = worth_tables(amounts, moves, shares or [Fraction(1)] * len(self.partners))
            self.interdependent = depends(self.at_profiles, self.sizes)

    @property
    def free_shares(self) -> bool:
        return self.partners[0].share is None

    @property
    def _names(self) -> list[str]:
        return [p.name or f"agent-{number}" for number, p in enumerate(self.partners, 1)]

    @cached_property
    def agents(self) -> tuple[Agent, ...]:
        masses = self.believed(p.distribution.probabilities for p in self.partners)
        return tuple(
            Agent(
                name,
                tuple(map(str, p.distribution.values)),
                mass,
                tuple(v if p.share is None else p.share * v for v in p.distribution.values),
            )
            for name, p, mass in zip(self._names, self.partners, masses, strict=True)
        )

    @cached_property
    def outcomes(self) -> tuple[str, ...]:
        return tuple(f"to {agent.name}" for agent in self.agents)

    def private_valuation(self, agent: int) -> Valuations:
        n, zero = len(self.partners), Fraction(0)
        return tuple(
            tuple(v if x == agent else zero for x in range(n)) for v in self.partners[agent].distribution.values
        )

    @cached_property
    def portions(self) -> tuple[tuple[int, ...], ...]:
        """1 for who gets the object."""
        agents = range(len(self.partners))
        return tuple(tuple(int(i == x) for i in agents) for x in agents)

    def table(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "agents": [
                {"name": agent.name, "share": FREE if p.share is None else str(p.share)} | p.distribution.table()
                for p, agent in zip(self.partners, self.agents, strict=True)
            ],
        }


@dataclass(frozen=True, kw_only=True)
class PartnerTable(TraderTable):
    """Identical partners; their types are values for the whole object."""

    share: Annotated[Any, Share()]
    """Share of the object that each owns; "free" for every agent: the designer's choice."""
    name: Line | None = None
    """Name; several identical partners are called name-1, name-2, ..."""
    count: Count = 1
    """How many there are."""


@dataclass(frozen=True, kw_only=True)
class PartnershipTable(EnvironmentTable):
    """Partnership: agents who own shares of one object. Outcomes: the first agent gets it, the second, and so on."""

    kind: Literal["partnership"]
    agents: list[PartnerTable]
    """The partners, in order; shares, counted with multiplicity, sum to exactly 1."""

    def build(self) -> Partnership:
        names = replicated_names((table.name, table.count) for table in self.agents)
        partners = [
            (table.share, self.distribution(f"agents[{i}]", table))
            for i, table in enumerate(self.agents)
            for _ in range(table.count)
        ]
        copies = [(f"agents[{i}]", t.worth) for i, t in enumerate(self.agents) for _ in range(t.count)]
        return Partnership(
            [Partner(share, types, name) for (share, types), name in zip(partners, names, strict=True)],
            self.masses,
            file_worths([formula for _, formula in copies], names, [key for key, _ in copies]),
        )
