"""Weights on the constraints of the definition: what a witness of impossibility, or a bound on a margin, is made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, overload

from lpmech.base.exact import Scaled
from lpmech.question.constraints import WHOLE, Constraint, Place
from lpmech.question.environment import Environment

PRIOR = "prior"
"""In proof files, in the place of a profile: every profile, each by its mass (``Place.averaged``)."""


@dataclass(frozen=True)
class Multiplier:
    """A weight on one row of a constraint: >= 0, or of either sign where the row is an equality."""

    constraint: Constraint
    weight: Fraction
    place: Place = WHOLE

    @property
    def agent(self) -> int | None:
        """Whose constraint it is; None: the mechanism's."""
        return self.constraint.agent

    @property
    def own(self) -> int | None:
        """The agent's true type, where the row names one."""
        return self.place.own(self.agent)

    def table(self) -> dict[str, Any]:
        """As in proof files."""
        at = self.place
        profile = PRIOR if at.averaged else None if at.profile is None else list(at.profile)
        others = None if at.others is None else list(at.others)
        fields = {"type": at.type, "profile": profile, "report": at.report, "others": others}
        named = {key: v for key, v in fields.items() if v is not None}
        return {**self.constraint.identity(), **named, "weight": str(self.weight)}

    def label(self, environment: Environment) -> str:
        """For people: ``BIC[buyer: 3/4 -> 1/2]``, ``IR[seller: 1]``, ``budget[buyer 1, seller 0]``."""
        name = None
        if self.place.alike and self.agent is not None:
            name = environment.each(self.agent)
        return self.constraint.label(self.place, environment.agents, name)


@dataclass(frozen=True)
class Column:
    """Weights on rows of one constraint: lists with an entry for every weight, profiles as one list of types for each
    agent. ``averaged`` as in ``Place``, for all of them."""

    constraint: Constraint
    weights: Scaled
    types: list[int] | None = None
    profiles: tuple[list[int], ...] | None = None
    reports: list[int] | None = None
    averaged: bool = False

    def __iter__(self) -> Iterator[Multiplier]:
        unnamed = [None] * len(self.weights)
        profiles = unnamed if self.profiles is None else zip(*self.profiles, strict=True)
        rows = zip(self.weights, profiles, self.types or unnamed, self.reports or unnamed, strict=True)
        for weight, profile, own, report in rows:
            yield Multiplier(self.constraint, weight, Place(profile, own, report, self.averaged))

    def table(self) -> dict[str, Any]:
        """As in proof files."""
        profiles = PRIOR if self.averaged else None if self.profiles is None else list(self.profiles)
        fields = {"type": self.types, "profile": profiles, "report": self.reports}
        named = {key: v for key, v in fields.items() if v is not None}
        return {**self.constraint.identity(), **named, "weight": self.weights.table()}


class Columns(Sequence[Multiplier]):
    """Multipliers in columns, and single ones; single multipliers are made on request."""

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
