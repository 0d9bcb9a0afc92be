"""Bilateral trade: one buyer, one seller, one indivisible good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal

from lpmech.base.arguments import need
from lpmech.base.exact import Rational
from lpmech.question.distribution import Distribution
from lpmech.question.environment import Agent, Environment, Valuations
from lpmech.question.environments import EnvironmentTable, TraderTable
from lpmech.question.environments.at_profiles import Worth, depends, file_worths, worth_tables, worths
from lpmech.question.prior import Profile, correlated_prior


class BilateralTrade(Environment):
    """Buyer of value b, seller of cost s (C1): v_B = b and v_S = -s when they trade, 0 otherwise.

    Agents: buyer, seller. Outcomes: no-trade, trade. Outside options 0. ``worth`` gives the value, or the cost, as a
    function of both signals by name, in place of the agent's own type (C11): {"buyer": lambda own: own["seller"] * 2}.
    Source: kos-manea-2009, Section 2; jagadeesan-tordjman-2025, Section 2.
    """

    kind = "bilateral-trade"

    def __init__(
        self,
        buyer: Distribution,
        seller: Distribution,
        prior: Mapping[Profile, Rational] | None = None,
        worth: Mapping[str, Worth] | None = None,
    ) -> None:
        for key, side in (("buyer", buyer), ("seller", seller)):
            need(side, Distribution, "a distribution", key, "lpmech.Distribution([1, 2], probabilities)")
        self.buyer, self.seller = buyer, seller
        self.prior = correlated_prior(
            (len(buyer), len(seller)), prior, [list(map(str, d.values)) for d in (buyer, seller)]
        )
        if worth:
            amounts = worths(worth, ("buyer", "seller"), (buyer.values, seller.values))
            self.at_profiles = worth_tables(amounts, ((0, 1), (0, -1)))
            self.interdependent = depends(self.at_profiles, self.sizes)

    @cached_property
    def agents(self) -> tuple[Agent, ...]:
        masses = self.believed((self.buyer.probabilities, self.seller.probabilities))
        return tuple(
            Agent(name, tuple(map(str, side.values)), mass, (Fraction(0),) * len(side))
            for name, side, mass in zip(("buyer", "seller"), (self.buyer, self.seller), masses, strict=True)
        )

    @property
    def outcomes(self) -> tuple[str, ...]:
        return ("no-trade", "trade")

    def private_valuation(self, agent: int) -> Valuations:
        if agent == 0:
            return tuple((Fraction(0), b) for b in self.buyer.values)
        return tuple((Fraction(0), -s) for s in self.seller.values)

    def table(self) -> dict[str, Any]:
        return {"kind": self.kind, "buyer": self.buyer.table(), "seller": self.seller.table()}

    def columns(self) -> dict[str, Any]:
        return {"kind": self.kind, "buyer": self.buyer.columns(), "seller": self.seller.columns()}


@dataclass(frozen=True, kw_only=True)
class BilateralTradeTable(EnvironmentTable):
    """Bilateral trade: one buyer, one seller, one indivisible good. Outcomes: no-trade, trade."""

    kind: Literal["bilateral-trade"]
    buyer: TraderTable
    """The buyer's value."""
    seller: TraderTable
    """The seller's cost."""

    def build(self) -> BilateralTrade:
        buyer, seller = self.distribution("buyer", self.buyer), self.distribution("seller", self.seller)
        sides = ("buyer", "seller")
        return BilateralTrade(
            buyer, seller, self.masses, file_worths([self.buyer.worth, self.seller.worth], sides, sides)
        )
