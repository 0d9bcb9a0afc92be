"""Mechanisms for bilateral trade given by O(m + n) payments: the compact forms of ``docs/proof-format.md``."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, partial
from itertools import accumulate
from typing import Any, TypeVar, overload

from lpmech.answer.mechanism import Lottery, Mechanism
from lpmech.base.exact import Scaled
from lpmech.question.model import Environment, Profile

T = TypeVar("T")
Payments = Sequence[Fraction]
ZERO, ONE = Fraction(0), Fraction(1)
NO_TRADE, TRADE = {0: ONE}, {1: ONE}


@dataclass(frozen=True)
class Cuts:
    """Buyer type b trades with the first low[b] seller types, and with probability ``weight`` with those up to high[b].

    Both lists are non-decreasing, low[b] <= high[b]; seller types by increasing cost.
    """

    low: Sequence[int]
    high: Sequence[int]
    weight: Fraction

    def table(self) -> dict[str, Any]:
        """As in proof files."""
        return {"cuts": [list(self.low), list(self.high)], "weight": str(self.weight)}


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
    """Payments in a compact form, and the efficient allocation with a tie rule, or one given by cuts. Tables are made entry
    by entry, on request.

    ``money`` of the forms: "interim", (T_B(b), T_S(s)); "charges" (Groves), (h_B(s), h_S(b)); "menu", for the buyer and
    for the seller a payment for each of the other's types without trade, and with it.
    """

    form: str
    rule: str | Cuts

    def __init__(self, environment: Environment, form: str, rule: str | Cuts, *money: Payments) -> None:
        rows = tuple(map(Scaled.read, money))
        for name, value in (("environment", environment), ("form", form), ("rule", rule), ("money", rows)):
            object.__setattr__(self, name, value)

    money: tuple[Scaled, ...]

    def table(self) -> dict[str, Any]:
        """As in proof files."""
        rows = [row.table() for row in self.money]
        allocation = self.rule.table() if isinstance(self.rule, Cuts) else self.rule
        if self.form != "menu":
            return {self.form: rows, "allocation": allocation}
        buyer, seller = ({"no-trade": rows[i], "trade": rows[i + 1]} for i in (0, 2))
        return {"menu": {"buyer": buyer, "seller": seller}, "allocation": allocation}

    def __repr__(self) -> str:
        trade = "cuts" if isinstance(self.rule, Cuts) else f"ties {self.rule}"
        return f"<CompactMechanism: {self.form}, {trade}, {' x '.join(map(str, self.environment.sizes))} types>"

    def plus(self, fees: tuple[Fraction, ...]) -> CompactMechanism:
        each = [fee for fee in fees for _ in range(len(self.money) // 2)]  # a menu has two rows an agent
        money = (row.plus(fee) for row, fee in zip(self.money, each, strict=True))
        return CompactMechanism(self.environment, self.form, self.rule, *money)

    # ---- entries of the tables ---------------------------------------------------------------------------------------

    @cached_property
    def _values(self) -> tuple[list[Fraction], list[Fraction]]:
        env = self.environment
        return [row[1] for row in env.valuation(0)], [-row[1] for row in env.valuation(1)]

    @cached_property
    def _cuts(self) -> list[tuple[Fraction, Sequence[int]]]:
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
        likely = sum((share for share, cut in self._cuts if s < cut[b]), ZERO)
        return NO_TRADE if not likely else TRADE if likely == 1 else {0: 1 - likely, 1: likely}

    def _payment(self, agent: int, p: int) -> Fraction:
        pair = divmod(p, self.environment.sizes[1])
        if self.form == "interim":
            other = 1 - agent
            return self.money[agent][pair[agent]] - self.money[other][pair[other]] + self._mean[other]
        o, traded = pair[1 - agent], self._lottery(p).get(1, ZERO)
        menu = self._menus[agent]
        return menu[0][o] + traded * (menu[1][o] - menu[0][o]) if traded else menu[0][o]

    @cached_property
    def _mean(self) -> tuple[Fraction, ...]:
        """E[T_i] of interim payments."""
        agents = self.environment.agents
        return tuple(_expected(agent.probabilities, row) for agent, row in zip(agents, self.money, strict=True))

    @cached_property
    def _menus(self) -> tuple[tuple[Payments, Payments], tuple[Payments, Payments]]:
        """For each agent what he pays against each of the other's types, without trade and with it."""
        if self.form == "menu":
            return (self.money[0], self.money[1]), (self.money[2], self.money[3])
        (B, S), (h_B, h_S) = self._values, self.money
        bought = [h + s for h, s in zip(h_B, S, strict=True)]
        sold = [h - b for h, b in zip(h_S, B, strict=True)]
        return (h_B, bought), (h_S, sold)

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

    @cached_property
    def charges(self) -> tuple[Sequence[Fraction], ...] | None:
        return self.money if self.form == "charges" else None

    # ---- expectations, without the tables ----------------------------------------------------------------------------

    def _by_type(self, agent: int) -> list[tuple[Fraction, Fraction]]:
        """Expected payment and probability of trade of each type."""
        against = self.environment.agents[1 - agent].probabilities
        chance = _sums(against)
        if self.form != "interim":
            without, traded = (_sums(map(_times, against, row)) for row in self._menus[agent])
        out = [(ZERO, ZERO)] * len(self._values[agent])
        for share, cuts in self._cuts:
            places = cuts if agent == 0 else [bisect_right(cuts, s) for s in range(len(out))]
            for k, cut in enumerate(places):
                if agent == 0:  # trade with the first ``cut`` seller types
                    likely = chance[cut]
                    paid = self.money[0][k] if self.form == "interim" else traded[cut] + without[-1] - without[cut]
                else:  # trade with all buyer types but the first ``cut``
                    likely = chance[-1] - chance[cut]
                    paid = self.money[1][k] if self.form == "interim" else traded[-1] - traded[cut] + without[cut]
                out[k] = out[k][0] + share * paid, out[k][1] + share * likely
        return out

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


def _times(x: Fraction, y: Fraction) -> Fraction:
    return x * y


def _sums(terms: Iterable[Fraction]) -> list[Fraction]:
    return list(accumulate(terms, initial=ZERO))


def _expected(masses: Iterable[Fraction], amounts: Iterable[Fraction]) -> Fraction:
    return sum(map(_times, masses, amounts), ZERO)
