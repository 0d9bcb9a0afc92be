"""Bidders of auctions."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any

from lpmech.base.arguments import label, labels, need
from lpmech.base.errors import InputError
from lpmech.base.fields import one_of
from lpmech.question.distribution import Distribution

PREFERENCES = ("additive", "unit-demand")


@dataclass(frozen=True)
class Bidder:
    """A bidder: the distribution of his value of each unit and how many he wants, or one distribution for each object.

    ``Bidder(lpmech.Distribution([1, 2]), demand=2)``; ``Bidder({"car": ..., "boat": ...}, preferences="unit-demand")``.
    Values of different objects are independent. A name that is no text, such as 7 or ("a", 1), is its ``str``.
    """

    values: Distribution | Mapping[str, Distribution]
    demand: int = 1
    preferences: str = "additive"
    name: str | None = None

    def __init__(
        self,
        values: Distribution | Mapping[Any, Distribution],
        demand: int | None = None,
        preferences: str | None = None,
        name: Hashable | None = None,
    ) -> None:
        one = "lpmech.Distribution([1, 2])"
        need(values, (Distribution, Mapping), "a distribution", "values", f'{one}, or {{"car": {one}, ...}}')
        if isinstance(values, Mapping):
            names = labels(values, "an object", "components", "two objects of one name")
            for key, values_of in zip(names, values.values(), strict=True):
                need(values_of, Distribution, "a distribution", f"components.{key}", one)
            values = dict(zip(names, values.values(), strict=True))
            if demand is not None:
                raise InputError(
                    "demand for objects", key="demand", expected='preferences = "additive" or "unit-demand"'
                )
        elif preferences is not None:
            raise InputError("preferences over units", key="preferences", expected="demand: how many units he wants")
        if demand is not None and (not isinstance(demand, Integral) or isinstance(demand, bool) or demand < 1):
            raise InputError("not a number of units", key="demand", value=demand, expected="a whole number from 1")
        if preferences not in (None, *PREFERENCES):
            raise InputError(
                "unknown preferences", key="preferences", value=preferences, expected=one_of(PREFERENCES, preferences)
            )
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "demand", int(demand or 1))
        object.__setattr__(self, "preferences", preferences or "additive")
        object.__setattr__(self, "name", None if name is None else label(name, "a bidder", "name"))


def bidder_names(bidders: Sequence[Bidder]) -> tuple[str, ...]:
    """Their names; bidder-1, bidder-2, ... (bidder if alone) of those who have none. Raises InputError for equal ones."""
    names: dict[str, None] = {}
    for i, bidder in enumerate(bidders):
        name = bidder.name
        if name is None:
            name = "bidder" if len(bidders) == 1 else f"bidder-{i + 1}"
        if not name or name in names:
            problem = f"two bidders called {name!r}" if name else "an empty name"
            raise InputError(problem, key=f"bidders[{i}].name", expected="a name for each bidder")
        names[name] = None
    return tuple(names)
