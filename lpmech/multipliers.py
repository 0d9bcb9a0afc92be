"""Weights on the constraints of the definition: what a witness of impossibility, or a bound on a margin, is made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal, overload

from lpmech.exact import Scaled
from lpmech.model import Environment, Profile

PRIOR: Literal["prior"] = "prior"


@dataclass(frozen=True)
class Multiplier:
    """One weight. ``constraint`` is "DSIC", "BIC", "IR" or "budget"; the other fields name the row, None where unused.

    DSIC: agent, profile (true types), report. BIC: agent, type, report. IR: agent and profile (ex post), or agent and type
    (interim), or agent (ex ante). Budget: profile, or nothing (in expectation). Weights are >= 0 except on balance.

    With ``profile`` = PRIOR, all DSIC or ex post IR constraints of a type, or the budget at all profiles, each with the
    weight times the mass of the others' types, or of the profile (compact proofs).

    ``alike``: the same constraint of each agent of the same types, each with the weight (compact proofs, identical buyers).
    """

    constraint: str
    weight: Fraction
    agent: int | None = None
    type: int | None = None
    profile: Profile | Literal["prior"] | None = None
    report: int | None = None
    alike: bool = False

    def table(self) -> dict[str, Any]:
        """As in proof files."""
        fields = {"agent": self.agent, "type": self.type, "profile": self.profile, "report": self.report}
        named = {key: list(v) if isinstance(v, tuple) else v for key, v in fields.items() if v is not None}
        return {"constraint": self.constraint, **named, "weight": str(self.weight)}

    def label(self, environment: Environment) -> str:
        """For people: ``BIC[buyer: 3/4 -> 1/2]``, ``IR[seller: 1]``, ``budget[buyer 1, seller 0]``."""
        agents = environment.agents
        if self.agent is None:
            if self.profile is None or self.profile == PRIOR:
                average = "in expectation" if self.profile is None else "every profile, by its mass"
                return f"{self.constraint}[{average}]"
            types = (f"{a.name} {a.types[k]}" for a, k in zip(agents, self.profile, strict=True))
            return f"{self.constraint}[{', '.join(types)}]"
        agent = agents[self.agent]
        own = self.profile[self.agent] if isinstance(self.profile, tuple) else self.type
        name = f"each {environment.role(self.agent)}" if self.alike else agent.name
        text = name + ("" if own is None else f": {agent.types[own]}")
        if self.report is not None:
            text += f" -> {agent.types[self.report]}"
        if self.profile == PRIOR:
            text += " | every type of the other, by its mass"
        elif self.profile is not None:
            others = (f"{a.name} {a.types[k]}" for a, k in zip(agents, self.profile, strict=True) if a is not agent)
            text += " | " + ", ".join(others)
        return f"{self.constraint}[{text}]"


@dataclass(frozen=True)
class Column:
    """Weights on constraints of one kind of one agent; fields as in ``Multiplier``, each a list with an entry for every
    weight, profiles as one list of types for each agent."""

    constraint: str
    weights: Scaled
    agent: int | None = None
    types: list[int] | None = None
    profiles: tuple[list[int], ...] | Literal["prior"] | None = None
    reports: list[int] | None = None

    def __iter__(self) -> Iterator[Multiplier]:
        prior, everywhere = self.profiles == PRIOR, [None] * len(self.weights)
        profiles = zip(*self.profiles, strict=True) if self.profiles and not prior else everywhere
        rows = zip(self.weights, self.types or everywhere, profiles, self.reports or everywhere, strict=True)
        for weight, k, profile, report in rows:
            yield Multiplier(self.constraint, weight, self.agent, k, PRIOR if prior else profile, report)

    def table(self) -> dict[str, Any]:
        """As in proof files."""
        profiles = list(self.profiles) if isinstance(self.profiles, tuple) else self.profiles
        fields = {"agent": self.agent, "type": self.types, "profile": profiles, "report": self.reports}
        named = {key: v for key, v in fields.items() if v is not None}
        return {"constraint": self.constraint, **named, "weight": self.weights.table()}


class Columns(Sequence[Multiplier]):
    """Multipliers in columns, and single ones; entries are made on request."""

    def __init__(self, *parts: Column | Multiplier) -> None:
        self.parts = tuple(part for part in parts if isinstance(part, Multiplier) or len(part.weights))

    @cached_property
    def _all(self) -> tuple[Multiplier, ...]:
        return tuple(self)

    def __iter__(self) -> Iterator[Multiplier]:
        for part in self.parts:
            yield from part if isinstance(part, Column) else [part]

    def __len__(self) -> int:
        return sum(len(part.weights) if isinstance(part, Column) else 1 for part in self.parts)

    @overload
    def __getitem__(self, at: int) -> Multiplier: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Multiplier]: ...
    def __getitem__(self, at: int | slice) -> Multiplier | Sequence[Multiplier]:
        return self._all[at]


def entries(multipliers: Sequence[Multiplier]) -> list[dict[str, Any]]:
    """Multipliers as in proof files."""
    parts = multipliers.parts if isinstance(multipliers, Columns) else multipliers
    return [part.table() for part in parts]
