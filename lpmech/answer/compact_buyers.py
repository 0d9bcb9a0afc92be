"""Mechanisms for one seller and identical buyers given by O(m + n) payments: see ``docs/proof-format.md``."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property, partial
from itertools import accumulate, pairwise
from typing import Any

from lpmech.answer.compact import Listed, Payments
from lpmech.answer.mechanism import Mechanism
from lpmech.answer.tables import Lottery
from lpmech.base.errors import TooLargeError
from lpmech.base.exact import Scaled, show_count
from lpmech.question.environments.exchange import Exchange
from lpmech.question.prior import Profile

MAX_PROFILES = 10_000_000
"""Beyond this many profiles there are no tables, not even on request."""


AT_THE_COST = {
    "symmetric": "otherwise the seller keeps it.",
    "uniform": "if it is the cost, the seller has the same chance of keeping it; if it is below, he keeps it.",
}
"""Tie rule -> what happens where the highest value is not above the cost."""


def interim_trade(env: Exchange, ties: str) -> tuple[Scaled, Scaled]:
    """Probability that a buyer of each type buys, and that the seller of each type sells; one seller, identical buyers.

    The highest buyers have equal chances. Where the highest value is the seller's cost: no trade for ties "symmetric";
    for "uniform" the seller has a part in the lottery as well. With n buyers, F = P(b <= B_k), G = P(b < B_k) and
    p = F - G, a buyer of type k wins over the others with probability (F^n - G^n)/(n p), the mean of (G + p x)^(n-1) over
    x in [0, 1], and at a uniform tie with that of x (G + p x)^(n-1); where p = 0, with G^(n-1) and half of it.
    Source: kos-manea-2009, Section 5.
    """
    (B, p, P), (S, q, Q) = (
        (side.values, side.scaled[1].of, side.scaled[1].over) for side in (env.buyers[0], env.sellers[0])
    )
    n, costs, place = len(env.buyers), list(accumulate(q, initial=0)), {s: j for j, s in enumerate(S)}
    bought, likely = [], [0]
    at_tie = [0] * len(S)
    for k, (G, F) in enumerate(pairwise(accumulate(p, initial=0))):
        high, low = F**n, G**n
        wins = (n + 1) * (high - low) // p[k] if p[k] else (n + 1) * n * F ** (n - 1)  # over n (n + 1) P^(n - 1)
        buys, tied = wins * costs[bisect_left(S, B[k])], place.get(B[k])
        if ties == "uniform" and tied is not None:
            split = wins // 2 if not p[k] else ((n + 1) * p[k] * high - F * high + G * low) // p[k] ** 2
            buys += split * q[tied]
            at_tie[tied] = n * p[k] * split
        bought.append(buys)
        likely.append(likely[-1] + n * p[k] * wins)
    sold = [likely[-1] - likely[bisect_right(B, s)] + tie for s, tie in zip(S, at_tie, strict=True)]
    share = n * (n + 1) * P ** (n - 1)
    return Scaled(share * Q, bought), Scaled(share * P, sold)


class BuyersMechanism(Mechanism):
    """Equal chances for the highest buyers, and payments t_i = T_i(theta_i) - mean over j != i of (T_j(theta_j) - E[T_j]).

    ``money``: (T of a buyer of each type, T of the seller of each type). ``ties`` as in ``interim_trade``. Tables are made
    entry by entry, on request.
    """

    ties: str
    money: tuple[Scaled, Scaled]
    environment: Exchange

    def __init__(self, environment: Exchange, ties: str, money: tuple[Payments, Payments]) -> None:
        rows = tuple(map(Scaled.read, money))
        for name, value in (("environment", environment), ("ties", ties), ("money", rows)):
            object.__setattr__(self, name, value)

    charges = None
    by_profile = False
    compact = True
    one_good = True

    def restated(self) -> dict[str, Any]:
        return {**self.restated_payments(), "allocation": self.ties}

    def restated_payments(self) -> dict[str, Any]:
        return {"interim": [row.table() for row in self.money]}

    def restated_fees(self, fees: tuple[Fraction, ...]) -> tuple[Fraction, ...]:
        """One for each of the buyers, who are alike, and one for the seller."""
        return fees[-2:]

    @property
    def payment_count(self) -> int:
        return sum(map(len, self.money))

    def groups(self) -> list[tuple[int, str]]:
        if self._seller == 1:
            return super().groups()
        return [(0, "each buyer"), (self._seller, self.environment.agents[self._seller].name)]

    def in_words(self) -> tuple[str, ...]:
        pays = (
            "Transfers: each pays what his type pays in expectation, less the mean over the other agents of what their"
            " types pay beyond the average over types."
        )
        gets = (
            "Allocation: if the highest value is above the seller's cost, the buyers of this value have equal chances of "
            f"the good; {AT_THE_COST[self.ties]}"
        )
        return pays, gets

    def __repr__(self) -> str:
        buyers, (m, n) = len(self.environment.buyers), map(len, self.money)
        return f"<BuyersMechanism: ties {self.ties}, {buyers} buyers of {m} types, a seller of {n}>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, BuyersMechanism):
            return NotImplemented
        mine, theirs = ((x.environment, x.ties, x.money) for x in (self, other))
        return mine == theirs

    def __hash__(self) -> int:
        return hash((self.ties, self.environment))

    @cached_property
    def _seller(self) -> int:
        """The seller's number, which is how many buyers there are."""
        return len(self.environment.buyers)

    def _row(self, agent: int) -> Scaled:
        return self.money[range(self._seller + 1)[agent] == self._seller]

    # ---- entries of the tables ---------------------------------------------------------------------------------------

    @property
    def too_large(self) -> bool:
        return self.environment.profile_count > MAX_PROFILES

    def _countable(self) -> None:
        if self.too_large:
            (m, n), count = map(len, self.money), show_count(self.environment.profile_count)
            raise TooLargeError(
                f"{m}^{self._seller} x {n} types are {count} profiles, too many for a table",
                expected=f"at most {MAX_PROFILES:,}; interim(agent), revenue and expected_utility need no table",
            )

    def _profile(self, p: int) -> Profile:
        m, n = map(len, self.money)
        types = [p % n]
        p //= n
        for _ in range(self._seller):
            p, k = divmod(p, m)
            types.append(k)
        return tuple(types[::-1])

    def _lottery(self, p: int) -> Lottery:
        *bids, s = self._profile(p)
        high = max(bids)
        best = [i + 1 for i, k in enumerate(bids) if k == high]  # outcome i + 1: buyer i buys
        gap = self.environment.buyers[0].values[high] - self.environment.sellers[0].values[s]
        if gap == 0 and self.ties == "uniform":
            best.insert(0, 0)
        return dict.fromkeys(best, Fraction(1, len(best))) if gap > 0 or best[0] == 0 else {0: Fraction(1)}

    def _payment(self, agent: int, p: int) -> Fraction:
        types = self._profile(p)
        paid = [self._row(i)[k] for i, k in enumerate(types)]
        excess = sum(paid) - paid[agent] - sum(self._mean) + self._mean[agent]
        return paid[agent] - excess / self._seller

    @cached_property
    def _mean(self) -> list[Fraction]:
        """E[T_i] for each agent."""
        sides = (self.environment.buyers[0], self.environment.sellers[0])
        means = [
            sum((m * t for m, t in zip(side.probabilities, row, strict=True)), Fraction(0))
            for side, row in zip(sides, self.money, strict=True)
        ]
        return [means[0]] * self._seller + [means[1]]

    @cached_property
    def profiles(self) -> Sequence[Profile]:
        self._countable()
        return Listed(self.environment.profile_count, self._profile)

    @cached_property
    def transfers(self) -> tuple[Sequence[Fraction], ...]:
        self._countable()

        def row(agent: int) -> Sequence[Fraction]:
            return Listed(self.environment.profile_count, partial(self._payment, agent))

        return tuple(row(agent) for agent in range(self._seller + 1))

    @cached_property
    def lotteries(self) -> Sequence[Lottery]:
        self._countable()
        return Listed(self.environment.profile_count, self._lottery)

    def plus(self, fees: tuple[Fraction, ...]) -> Mechanism:
        """As for any mechanism; buyers who pay the same fee are still alike."""
        *each, seller = fees
        if any(fee != each[0] for fee in each):
            return Mechanism(self.environment, self.transfers, self.lotteries).plus(fees)
        buyer_pays, seller_pays = self.money
        return BuyersMechanism(self.environment, self.ties, (buyer_pays.plus(each[0]), seller_pays.plus(seller)))

    # ---- expectations, without the tables ----------------------------------------------------------------------------

    @cached_property
    def _trade(self) -> tuple[Scaled, Scaled]:
        return interim_trade(self.environment, self.ties)

    def trade_chances(self) -> tuple[Sequence[Fraction], ...]:
        bought, sold = self._trade
        return (*[bought] * self._seller, sold)

    def interim(self, agent: int) -> list[tuple[str, Fraction, Fraction]]:  # type: ignore[override]
        sells = range(self._seller + 1)[agent] == self._seller
        side = (self.environment.sellers if sells else self.environment.buyers)[0]
        rows = zip(side.values, self._row(agent), self._trade[sells], strict=True)
        return [(str(v), paid, (-v if sells else v) * chance - paid) for v, paid, chance in rows]

    @cached_property
    def revenue(self) -> Fraction:
        return self._seller * self._mean[0] + self._mean[-1]

    @cached_property
    def expected_utility(self) -> tuple[Fraction, ...]:
        def mean(agent: int) -> Fraction:
            masses = self.environment.agents[agent].probabilities
            return sum((m * u for m, (_, _, u) in zip(masses, self.interim(agent), strict=True)), Fraction(0))

        return (mean(0),) * self._seller + (mean(self._seller),)
