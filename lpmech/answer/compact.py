"""Mechanisms for bilateral trade given by O(m + n) payments: the compact forms of ``docs/proof-format.md``."""

from __future__ import annotations

from abc import abstractmethod
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from functools import cached_property, partial
from itertools import accumulate
from typing import Any, ClassVar, TypeVar, final, overload

from lpmech.answer.cuts import Cuts
from lpmech.answer.mechanism import Mechanism
from lpmech.answer.tables import Lottery
from lpmech.base.exact import Scaled
from lpmech.question.environment import Environment
from lpmech.question.prior import Profile

T = TypeVar("T")
Payments = Sequence[Fraction]
ZERO, ONE = Fraction(0), Fraction(1)
NO_TRADE, TRADE = {0: ONE}, {1: ONE}

Menu = tuple[Payments, Payments]
"""Payments for each of the other's types without trade, and with it."""

TIED = {"first": ZERO, "last": ONE, "uniform": Fraction(1, 2)}
"""Tie rule -> probability of trade where value and cost are equal."""


class Listed(Sequence[T]):
    """A sequence whose entries are computed when they are asked for, by a function that can be pickled: no closure."""

    def __init__(self, length: int, entry: Callable[[int], T]) -> None:
        self._length, self._entry = length, entry

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, at: int) -> T: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[T]: ...
    def __getitem__(self, at: int | slice) -> T | Sequence[T]:
        if isinstance(at, slice):
            return [self._entry(place) for place in range(self._length)[at]]
        return self._entry(range(self._length)[at])


class CompactMechanism(Mechanism):
    """The contract: m + n payments, and the efficient allocation with a tie rule, or one given by cuts.

    Laws: ``_payment`` is what the table of payments has at a profile; ``_expected_payments`` is its mean over the other's
    types. One final class for each form of payments. Tables are made entry by entry, on request.
    """

    form: ClassVar[str]
    """The word for the form in proof files."""

    by_profile = False
    compact = True
    restates_columns = True
    rule: str | Cuts
    money: tuple[Scaled, ...]

    def __init__(self, environment: Environment, rule: str | Cuts, *money: Payments) -> None:
        rows = tuple(map(Scaled.read, money))
        for name, value in (("environment", environment), ("rule", rule), ("money", rows)):
            object.__setattr__(self, name, value)

    @cached_property
    def charges(self) -> tuple[Sequence[Fraction], ...] | None:
        return None

    @abstractmethod
    def _payment(self, agent: int, p: int) -> Fraction:
        """t_agent at a flattened profile."""

    @abstractmethod
    def _expected_payments(self, agent: int, share: Fraction, places: Sequence[int]) -> list[Fraction]:
        """share E[t_agent | k] for each type k.

        A buyer of type k trades with the first ``places[k]`` seller types, a seller with all buyer types after those.
        """

    def restated(self) -> dict[str, Any]:
        allocation = self.rule.restated() if isinstance(self.rule, Cuts) else self.rule
        return {**self.restated_payments(), "allocation": allocation}

    def restated_payments(self) -> dict[str, Any]:
        return {self.form: [row.table() for row in self.money]}

    @property
    def payment_count(self) -> int:
        return sum(map(len, self.money))

    @property
    def cuts(self) -> Cuts | None:
        return self.rule if isinstance(self.rule, Cuts) else None

    def chances_at_ties(self) -> set[Fraction]:
        return super().chances_at_ties() if isinstance(self.rule, Cuts) else {TIED[self.rule]}

    def __repr__(self) -> str:
        trade = "cuts" if isinstance(self.rule, Cuts) else f"ties {self.rule}"
        return f"<CompactMechanism: {self.form}, {trade}, {' x '.join(map(str, self.environment.sizes))} types>"

    def plus(self, fees: tuple[Fraction, ...]) -> CompactMechanism:
        each = [fee for fee in fees for _ in range(len(self.money) // 2)]  # a menu has two rows an agent
        money = (row.plus(fee) for row, fee in zip(self.money, each, strict=True))
        return type(self)(self.environment, self.rule, *money)

    # ---- entries of the tables ---------------------------------------------------------------------------------------

    @cached_property
    def _values(self) -> tuple[list[Fraction], list[Fraction]]:
        env = self.environment
        return [row[1] for row in env.valuation(0)], [-row[1] for row in env.valuation(1)]

    @cached_property
    def _shares(self) -> list[tuple[Fraction, Sequence[int]]]:
        """With each of these probabilities, with how many seller types each buyer type trades: the first so many."""
        rule, (B, S) = self.rule, self._values
        if isinstance(rule, Cuts):
            return [(1 - rule.weight, rule.low), (rule.weight, rule.high)]
        sides = {"first": (bisect_left,), "last": (bisect_right,), "uniform": (bisect_left, bisect_right)}[rule]
        return [(ONE / len(sides), [cut(S, b) for b in B]) for cut in sides]

    def _profile(self, p: int) -> Profile:
        return divmod(p, self.environment.sizes[1])

    def _lottery(self, p: int) -> Lottery:
        b, s = divmod(p, self.environment.sizes[1])
        likely = sum((share for share, cut in self._shares if s < cut[b]), ZERO)
        return NO_TRADE if not likely else TRADE if likely == 1 else {0: 1 - likely, 1: likely}

    @cached_property
    def profiles(self) -> Sequence[Profile]:
        return Listed(self.environment.profile_count, self._profile)

    @cached_property
    def transfers(self) -> tuple[Sequence[Fraction], ...]:
        count = self.environment.profile_count
        return Listed(count, partial(self._payment, 0)), Listed(count, partial(self._payment, 1))

    @cached_property
    def lotteries(self) -> Sequence[Lottery]:
        return Listed(self.environment.profile_count, self._lottery)

    # ---- expectations, without the tables ----------------------------------------------------------------------------

    def _by_type(self, agent: int) -> list[tuple[Fraction, Fraction]]:
        """Expected payment and probability of trade of each type."""
        chance = _sums(self.environment.agents[1 - agent].probabilities)
        out = [(ZERO, ZERO)] * len(self._values[agent])
        for share, cuts in self._shares:
            places = cuts if agent == 0 else [bisect_right(cuts, s) for s in range(len(out))]
            payments = self._expected_payments(agent, share, places)
            for k, (place, paid) in enumerate(zip(places, payments, strict=True)):
                likely = chance[place] if agent == 0 else chance[-1] - chance[place]
                out[k] = out[k][0] + paid, out[k][1] + share * likely
        return out

    def trade_chances(self) -> tuple[Sequence[Fraction], ...]:
        return tuple([likely for _, likely in self._by_type(agent)] for agent in (0, 1))

    def interim(self, agent: int) -> list[tuple[str, Fraction, Fraction]]:  # type: ignore[override]
        labels, sign = self.environment.agents[agent].types, 1 - 2 * agent
        rows = zip(labels, self._values[agent], self._by_type(agent), strict=True)
        return [(label, paid, sign * v * likely - paid) for label, v, (paid, likely) in rows]

    def _expected_interim(self, agent: int, column: int) -> Fraction:
        masses, rows = self.environment.agents[agent].probabilities, self.interim(agent)
        return _expected(masses, [(paid, gained)[column] for _, paid, gained in rows])

    @cached_property
    def revenue(self) -> Fraction:
        return self._expected_interim(0, 0) + self._expected_interim(1, 0)

    @cached_property
    def expected_utility(self) -> tuple[Fraction, ...]:
        return self._expected_interim(0, 1), self._expected_interim(1, 1)


@final
class InterimTrade(CompactMechanism):
    """Interim payments: t_i = T_i(theta_i) - T_j(theta_j) + E[T_j]. ``money``: (T_B by b, T_S by s)."""

    form: ClassVar[str] = "interim"

    @cached_property
    def _mean(self) -> tuple[Fraction, ...]:
        """E[T_i]."""
        agents = self.environment.agents
        return tuple(_expected(agent.probabilities, row) for agent, row in zip(agents, self.money, strict=True))

    def _payment(self, agent: int, p: int) -> Fraction:
        pair, other = self._profile(p), 1 - agent
        return self.money[agent][pair[agent]] - self.money[other][pair[other]] + self._mean[other]

    def _expected_payments(self, agent: int, share: Fraction, places: Sequence[int]) -> list[Fraction]:
        return [share * paid for paid in self.money[agent]]


class _PricedTrade(CompactMechanism):
    """What an agent pays depends on the other's type and on whether there is trade."""

    @property
    @abstractmethod
    def _menus(self) -> tuple[Menu, Menu]:
        """For each agent what he pays against each of the other's types, without trade and with it."""

    def _payment(self, agent: int, p: int) -> Fraction:
        other, traded = self._profile(p)[1 - agent], self._lottery(p).get(1, ZERO)
        without, with_trade = self._menus[agent]
        return without[other] + traded * (with_trade[other] - without[other]) if traded else without[other]

    def _expected_payments(self, agent: int, share: Fraction, places: Sequence[int]) -> list[Fraction]:
        against = self.environment.agents[1 - agent].probabilities
        without, traded = (_sums(map(_times, against, row)) for row in self._menus[agent])
        if agent == 0:
            return [share * (traded[place] + without[-1] - without[place]) for place in places]
        return [share * (traded[-1] - traded[place] + without[place]) for place in places]


@final
class MenuTrade(_PricedTrade):
    """Prices. ``money``: for the buyer, then the seller, a payment for each of the other's types without trade and with."""

    form: ClassVar[str] = "menu"

    @property
    def _menus(self) -> tuple[Menu, Menu]:
        return (self.money[0], self.money[1]), (self.money[2], self.money[3])

    def restated_payments(self) -> dict[str, Any]:
        rows = [row.table() for row in self.money]
        buyer, seller = ({"no-trade": rows[i], "trade": rows[i + 1]} for i in (0, 2))
        return {self.form: {"buyer": buyer, "seller": seller}}


@final
class GrovesTrade(_PricedTrade):
    """Groves charges: t_i = h_i(theta_j) - v_j in trade. ``money``: (h_B by s, h_S by b)."""

    form: ClassVar[str] = "charges"

    @cached_property
    def _menus(self) -> tuple[Menu, Menu]:
        (B, S), (h_B, h_S) = self._values, self.money
        bought = [h + s for h, s in zip(h_B, S, strict=True)]
        sold = [h - b for h, b in zip(h_S, B, strict=True)]
        return (h_B, bought), (h_S, sold)

    @cached_property
    def charges(self) -> tuple[Sequence[Fraction], ...] | None:
        return self.money


def _times(x: Fraction, y: Fraction) -> Fraction:
    return x * y


def _sums(terms: Iterable[Fraction]) -> list[Fraction]:
    return list(accumulate(terms, initial=ZERO))


def _expected(masses: Iterable[Fraction], amounts: Iterable[Fraction]) -> Fraction:
    return sum(map(_times, masses, amounts), ZERO)
