"""Exchange: buyers of one unit each and sellers of one unit each, one homogeneous good."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from typing import Any, Literal

from lpmech.base.arguments import entries, need
from lpmech.base.errors import InputError, TooLargeError
from lpmech.base.exact import Rational
from lpmech.question.distribution import Distribution
from lpmech.question.environment import Agent, Environment, Valuations
from lpmech.question.environments import Count, EnvironmentTable, TraderTable
from lpmech.question.environments.at_profiles import Worth, depends, file_worths, worth_tables, worths
from lpmech.question.prior import Profile, correlated_prior

MAX_OUTCOMES = 200_000


class Exchange(Environment):
    """An outcome says who buys and who sells, as many buyers as sellers; which unit goes where does not matter.

    Agents: buyers, then sellers, each in the order given, named buyer-1, ..., seller-1, ... (buyer, seller if alone).
    Outcomes: by the number of units traded from 0 up, then by the buyers (lexicographically by their numbers), then by
    the sellers: with one seller and I buyers, "no-trade", "seller -> buyer-1", ..., "seller -> buyer-I".
    Outside options 0. ``worth`` as in bilateral trade: functions of all agents' signals by name (C11).
    Source: kos-manea-2009, Sections 5 and 7.2.
    """

    kind = "exchange"

    def __init__(
        self,
        buyers: Iterable[Distribution],
        sellers: Iterable[Distribution],
        prior: Mapping[Profile, Rational] | None = None,
        worth: Mapping[str, Worth] | None = None,
    ) -> None:
        one, several = (
            "lpmech.Distribution([1, 2], probabilities)",
            "a distribution for each: [lpmech.Distribution([1, 2])]",
        )
        self.buyers, self.sellers = entries(buyers, "buyers", several), entries(sellers, "sellers", several)
        for side, key in ((self.buyers, "buyers"), (self.sellers, "sellers")):
            if not side:
                raise InputError(f"an exchange without {key}", key=key, expected="one or more")
            for i, trader in enumerate(side):
                need(trader, Distribution, "a distribution", f"{key}[{i}]", one)
        count = math.comb(len(self.buyers) + len(self.sellers), len(self.buyers))
        if count > MAX_OUTCOMES:
            shown = str(count) if count < 10**18 else f"more than 10^{len(str(count)) - 1}"
            raise TooLargeError(
                f"{len(self.buyers)} buyers and {len(self.sellers)} sellers have {shown} outcomes",
                expected=f"at most {MAX_OUTCOMES}",
            )
        self.prior = correlated_prior(
            [len(d) for d in self._sides], prior, [list(map(str, d.values)) for d in self._sides]
        )
        if worth:
            amounts = worths(worth, [agent.name for agent in self.agents], [d.values for d in self._sides])
            signs = [1] * len(self.buyers) + [-1] * len(self.sellers)
            moves = [[sign * portion[i] for portion in self.portions] for i, sign in enumerate(signs)]
            self.at_profiles = worth_tables(amounts, moves)
            self.interdependent = depends(self.at_profiles, self.sizes)

    @property
    def _sides(self) -> tuple[Distribution, ...]:
        return self.buyers + self.sellers

    @cached_property
    def agents(self) -> tuple[Agent, ...]:
        names = [
            word if len(side) == 1 else f"{word}-{number}"
            for word, side in (("buyer", self.buyers), ("seller", self.sellers))
            for number in range(1, len(side) + 1)
        ]
        masses = self.believed(d.probabilities for d in self._sides)
        return tuple(
            Agent(name, tuple(map(str, d.values)), mass, (Fraction(0),) * len(d))
            for name, d, mass in zip(names, self._sides, masses, strict=True)
        )

    @cached_property
    def trades(self) -> tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]:
        """Who buys and who sells in each outcome: numbers of buyers, numbers of sellers (both from 0)."""
        I, J = len(self.buyers), len(self.sellers)
        return tuple(
            (bought, sold)
            for units in range(min(I, J) + 1)
            for bought in combinations(range(I), units)
            for sold in combinations(range(J), units)
        )

    @cached_property
    def outcomes(self) -> tuple[str, ...]:
        names = [agent.name for agent in self.agents]
        I = len(self.buyers)

        def label(bought: tuple[int, ...], sold: tuple[int, ...]) -> str:
            if not bought:
                return "no-trade"
            return " & ".join(names[I + j] for j in sold) + " -> " + " & ".join(names[i] for i in bought)

        return tuple(label(*trade) for trade in self.trades)

    def private_valuation(self, agent: int) -> Valuations:
        I, zero = len(self.buyers), Fraction(0)
        if agent < I:
            moves = [agent in bought for bought, _ in self.trades]
            return tuple(tuple(v if moved else zero for moved in moves) for v in self.buyers[agent].values)
        moves = [agent - I in sold for _, sold in self.trades]
        return tuple(tuple(-c if moved else zero for moved in moves) for c in self.sellers[agent - I].values)

    @cached_property
    def portions(self) -> tuple[tuple[int, ...], ...]:
        """1 for who trades."""
        I, J = range(len(self.buyers)), range(len(self.sellers))
        return tuple((*(int(i in bought) for i in I), *(int(j in sold) for j in J)) for bought, sold in self.trades)

    def role(self, agent: int) -> str:
        return "buyer" if agent < len(self.buyers) else "seller"

    def table(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "buyers": [d.table() for d in self.buyers],
            "sellers": [d.table() for d in self.sellers],
        }


@dataclass(frozen=True, kw_only=True)
class TradersTable(TraderTable):
    """Identical buyers or identical sellers of one unit each."""

    count: Count = 1
    """How many there are."""


@dataclass(frozen=True, kw_only=True)
class ExchangeTable(EnvironmentTable):
    """Exchange: buyers of one unit each and sellers of one unit each, one homogeneous good."""

    kind: Literal["exchange"]
    buyers: list[TradersTable]
    """Buyers, in order; their types are values."""
    sellers: list[TradersTable]
    """Sellers, in order; their types are costs."""

    def build(self) -> Exchange:
        sides = [
            [self.distribution(f"{key}[{i}]", table) for i, table in enumerate(tables) for _ in range(table.count)]
            for key, tables in (("buyers", self.buyers), ("sellers", self.sellers))
        ]
        tables = [(f"{key}[{i}]", table) for key in ("buyers", "sellers") for i, table in enumerate(getattr(self, key))]
        copies = [(key, table.worth) for key, table in tables for _ in range(table.count)]
        plain = Exchange(sides[0], sides[1], self.masses)
        if all(formula is None for _, formula in copies):
            return plain
        names = [agent.name for agent in plain.agents]
        worth = file_worths([formula for _, formula in copies], names, [key for key, _ in copies])
        return Exchange(sides[0], sides[1], self.masses, worth)
