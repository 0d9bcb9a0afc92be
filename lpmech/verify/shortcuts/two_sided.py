"""Types of one dimension on two sides of a market, in whole numbers."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate
from typing import Any

from lpmech.verify.kernel.environments import read_columns
from lpmech.verify.kernel.instance import PRIOR, Instance
from lpmech.verify.reading.limits import common


def is_compact(proof: dict[str, Any]) -> bool:
    """Does the mechanism have a compact form, or a multiplier the prior in the place of a profile?"""
    mechanism, multipliers = proof.get("mechanism"), proof.get("multipliers")
    if type(mechanism) is dict and (type(mechanism.get("allocation")) is str or {"interim", "menu"} & set(mechanism)):
        return True
    entries = multipliers if type(multipliers) is list else []
    return any(type(entry) is dict and entry.get("profile") == PRIOR for entry in entries)


def sums(terms: Iterable[int]) -> list[int]:
    """Sums of the first 0, 1, 2, ... terms."""
    return list(accumulate(terms, initial=0))


class TwoSided(Instance):
    """A buyer's and a seller's types, of one dimension and independent, in whole numbers."""

    def read_types(self, sides: Iterable[tuple[Any, str]]) -> list[list[int]]:
        """Each side's values, in units of 1/``unit``; ``own``: its masses, in units of 1/``units``."""
        read = [read_columns(x, where) for x, where in sides]
        count = sum(len(values) for (_, values), _ in read)
        self.unit = common((by for (by, _), _ in read), count, "instance.environment: values")
        self.units, self.own = [list(each) for each in zip(*(own for _, own in read if own), strict=True)]
        return [[v * (self.unit // by) for v in values] for (by, values), _ in read]


def is_exchange(x: Any) -> bool:
    """Is the instance about an exchange?"""
    return type(x) is dict and type(x.get("environment")) is dict and x["environment"].get("kind") == "exchange"
