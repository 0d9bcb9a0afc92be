"""Other ways to the same number, one file each, written as someone who knows the tool and the theory would.

Each file defines ``SOLVE``: for each
question's name a function from ``Trade`` to the margin or value in floating point. None of them proves anything.
Getting from an Instance to float arrays is not timed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import Any, Protocol, cast

import numpy as np

from lpmech import BilateralTrade, Instance

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Trade:
    """Bilateral trade in doubles: increasing values ``b`` and costs ``s``, their masses ``p`` and ``q``."""

    b: Array
    p: Array
    s: Array
    q: Array

    @classmethod
    def of(cls, instance: Instance) -> Trade:
        env = instance.environment
        assert isinstance(env, BilateralTrade)
        sides = [x for side in (env.buyer, env.seller) for x in (side.values, side.probabilities)]
        return cls(*(np.array([float(x) for x in side]) for side in sides))

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.b), len(self.s)

    @cached_property
    def trade(self) -> Array:
        """The efficient allocation, m x n."""
        return (self.b[:, None] > self.s[None, :]).astype(float)

    @cached_property
    def gains(self) -> Array:
        """(b - s)^+, m x n."""
        return np.maximum(self.b[:, None] - self.s[None, :], 0.0)

    @property
    def virtual_weights(self) -> tuple[Array, Array]:
        """Most that buyers can be made to pay and least that sellers must be paid, per interim probability of trade.

        p_i b_i - (b_{i+1} - b_i) P(b > b_i) and q_j s_j + (s_j - s_{j-1}) P(s < s_j).
        """
        above, below = 1 - np.cumsum(self.p), np.cumsum(self.q) - self.q
        up, down = np.diff(self.b, append=self.b[-1]), np.diff(self.s, prepend=self.s[0])
        return self.p * self.b - up * above, self.q * self.s + down * below

    @property
    def expected_gains(self) -> float:
        return float(self.p @ self.gains @ self.q)


class Peer(Protocol):
    """What a file of this folder defines."""

    SOLVE: Mapping[str, Callable[[Trade], float]]


def names() -> list[str]:
    """Names of the peers there are: the files of this folder."""
    return sorted(module.name for module in iter_modules(__path__))


def named(name: str) -> Peer:
    """The peer of that name."""
    return cast(Peer, import_module(f"{__name__}.{name}"))


NEEDS = {"linopy_full": "linopy", "mechaudit_design": "mechaudit"}


def missing(name: str) -> str | None:
    """Why a peer cannot run here, None if it can."""
    package = NEEDS.get(name)
    if package is not None and find_spec(package) is None:
        return f'{package} is not installed: pip install -e ".[bench]"'
    return None
