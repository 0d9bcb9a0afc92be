"""Bilateral trade: one buyer, one seller, one indivisible good."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cached_property
from typing import Any

from lpmech.exact import Rational
from lpmech.model import Agent, Distribution, Environment, Profile, Valuations, correlated_prior, marginals


class BilateralTrade(Environment):
    """Buyer of value b, seller of cost s (C1): v_B = b and v_S = -s when they trade, 0 otherwise.

    Agents: buyer, seller. Outcomes: no-trade, trade. Outside options 0.
    Source: kos-manea-2009, Section 2; jagadeesan-tordjman-2025, Section 2.
    """

    kind = "bilateral-trade"

    def __init__(
        self, buyer: Distribution, seller: Distribution, prior: Mapping[Profile, Rational] | None = None
    ) -> None:
        self.buyer, self.seller = buyer, seller
        self.prior = None if prior is None else correlated_prior((len(buyer), len(seller)), prior)

    @cached_property
    def agents(self) -> tuple[Agent, ...]:
        masses = (self.buyer.probabilities, self.seller.probabilities)
        if self.prior is not None:
            masses = marginals((len(self.buyer), len(self.seller)), self.prior)
        return tuple(
            Agent(name, tuple(map(str, side.values)), mass, (Fraction(0),) * len(side))
            for name, side, mass in zip(("buyer", "seller"), (self.buyer, self.seller), masses, strict=True)
        )

    @property
    def outcomes(self) -> tuple[str, ...]:
        return ("no-trade", "trade")

    def valuation(self, agent: int) -> Valuations:
        if agent == 0:
            return tuple((Fraction(0), b) for b in self.buyer.values)
        return tuple((Fraction(0), -s) for s in self.seller.values)

    def table(self) -> dict[str, Any]:
        return {"kind": self.kind, "buyer": self.buyer.table(), "seller": self.seller.table()}
