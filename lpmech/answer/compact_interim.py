"""Mechanisms given by interim payments alone, for each class of identical agents: see ``docs/proof-format.md``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cached_property, partial
from itertools import combinations
from typing import Any

from lpmech.answer.compact import Listed, Payments
from lpmech.answer.interim_chances import Chances
from lpmech.answer.interim_types import Types
from lpmech.answer.mechanism import Mechanism
from lpmech.answer.tables import Lottery
from lpmech.base.errors import TooLargeError
from lpmech.base.exact import Scaled, show_count
from lpmech.question.environment import Environment
from lpmech.question.environments.exchange import Exchange
from lpmech.question.prior import Profile

MAX_PROFILES = 10_000_000
"""Beyond this many profiles there are no tables, not even on request."""

ZERO = Fraction(0)


class InterimMechanism(Mechanism):
    """The efficient allocation with ties broken by rank, and payments

    t_i(theta) = T_i(theta_i) + [C(theta) - C_i(theta_i)]/N - 1/(N - 1) sum over j != i of [M_j(theta_j) - E M_j],

    C the cost of the outcome, C_i its expectation given the type of i, M_j = T_j - C_j/N, N the number of agents. So the
    expected payment of a type is T_i, and revenue is the same at every profile. ``money[c]`` is T of each type of each
    member of class c. ``ranks``: tables as in ``Laws.chances``, each with its probability. Tables of payments are made
    entry by entry, on request.
    """

    environment: Environment
    types: Types
    ranks: tuple[tuple[Fraction, tuple[tuple[int, ...], ...]], ...]
    chances: Chances
    money: tuple[Scaled, ...]

    def __init__(
        self,
        types: Types,
        ranks: Sequence[tuple[Fraction, Sequence[Sequence[int]]]],
        chances: Chances,
        money: Sequence[Payments],
    ) -> None:
        parts = {"environment": types.environment, "types": types, "chances": chances}
        tables = tuple((weight, tuple(map(tuple, table))) for weight, table in ranks)
        parts |= {"ranks": tables, "money": tuple(map(Scaled.read, money))}
        for name, value in parts.items():
            object.__setattr__(self, name, value)

    charges = None
    by_profile = False
    compact = True

    def restated(self) -> dict[str, Any]:
        tables: list[Any] = [[list(row) for row in table] for _, table in self.ranks]
        if not self.types.alone:
            tables = [table[0] for table in tables]
        if len(tables) == 1:
            return {**self.restated_payments(), "allocation": {"ranks": tables[0]}}
        weights = [str(weight) for weight, _ in self.ranks]
        return {**self.restated_payments(), "allocation": {"weights": weights, "ranks": tables}}

    def restated_payments(self) -> dict[str, Any]:
        return {"interim": [row.table() for row in self.money]}

    def restated_fees(self, fees: tuple[Fraction, ...]) -> tuple[Fraction, ...]:
        """One for each class, whose members are alike."""
        return tuple(fees[members[0]] for members in self.types.classes)

    @property
    def payment_count(self) -> int:
        return sum(map(len, self.money))

    def groups(self) -> list[tuple[int, str]]:
        env = self.environment
        return [(first, env.each(first) if more else env.agents[first].name) for first, *more in self.types.classes]

    def in_words(self) -> tuple[str, ...]:
        costs = any(self.types.costs)
        pays = "Transfers: each pays what his type pays in expectation, "
        if costs:
            pays += "plus an equal part of what the outcome costs more than he expects, "
        pays += "less the mean over the other agents of what their types pay beyond the average over types"
        pays += " (an equal part of the cost left out)." if costs else "."
        what = "an outcome of largest surplus"
        if self.types.alone:
            what = "the partner of the highest value gets the object"
            if isinstance(self.environment, Exchange):
                what = "goods are held by the agents of the highest values, sellers included"
        return pays, f"Allocation: {what}; ties are broken by the ranks in the proof, equal ranks with equal chances."

    def __repr__(self) -> str:
        return f"<InterimMechanism: {len(self._home)} agents, {self.payment_count} payments by type>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, InterimMechanism):
            return NotImplemented
        mine, theirs = ((x.environment, x.types.classes, x.ranks, x.money) for x in (self, other))
        return mine == theirs

    def __hash__(self) -> int:
        return hash((self.types.classes, self.ranks, self.environment))

    @cached_property
    def _home(self) -> list[int]:
        """The class of each agent."""
        home = {i: c for c, members in enumerate(self.types.classes) for i in members}
        return [home[i] for i in range(len(home))]

    def plus(self, fees: tuple[Fraction, ...]) -> Mechanism:
        """As for any mechanism; members of a class who pay the same fee are still alike."""
        each = self.restated_fees(fees)
        if any(fees[i] != each[c] for i, c in enumerate(self._home)):
            return Mechanism(self.environment, self.transfers, self.lotteries).plus(fees)
        money = [row.plus(fee) for row, fee in zip(self.money, each, strict=True)]
        return InterimMechanism(self.types, self.ranks, self.chances, money)

    # ---- expectations, without the tables ----------------------------------------------------------------------------

    def outcome_chances(self, agent: int, report: int) -> Mapping[tuple[int, int], Fraction]:
        """Where goods are traded, an outcome in which the agent trades stands for all of them."""
        chances, env = self.chances.chance(self._home[agent], report), self.environment
        if isinstance(env, Exchange):
            buyers = len(env.buyers)
            at = env.trades.index(((agent,), (0,)) if agent < buyers else ((0,), (agent - buyers,)))
            return {(agent, at): chances[0]} if chances else {}
        return {(agent, agent if self.types.alone else slot): q for slot, q in chances.items()}

    @cached_property
    def _expected(self) -> list[list[Fraction]]:
        """E[v_i | k] for each class and type."""
        out = []
        for c, table in enumerate(self.types.worth):
            over = self.chances.over[c] * self.types.unit
            rows = zip(table, self.chances.of[c], strict=True)
            out.append([Fraction(sum(q * row[slot] for slot, q in chances.items()), over) for row, chances in rows])
        return out

    @cached_property
    def _costs(self) -> list[list[Fraction]]:
        """E[cost | k] for each class and type."""
        t, out = self.types, []
        for c, rows in enumerate(self.chances.of):
            over = self.chances.over[c] * t.unit
            if t.alone or not any(t.costs):
                out.append([ZERO] * len(rows))
            else:
                out.append([Fraction(sum(q * t.costs[x] for x, q in chances.items()), over) for chances in rows])
        return out

    def _mean(self, c: int, amounts: Sequence[Fraction]) -> Fraction:
        rows = Scaled.read(amounts)
        total = sum(m * x for m, x in zip(self.types.own[c], rows.of, strict=True))
        return Fraction(total, self.types.units[c] * rows.over)

    def expected_cost(self) -> Fraction:
        return self._mean(0, self._costs[0])

    def interim(self, agent: int) -> list[tuple[str, Fraction, Fraction]]:  # type: ignore[override]
        c = self._home[agent]
        labels = self.environment.agents[agent].types
        rows = zip(labels, self.money[c], self._expected[c], strict=True)
        return [(label, paid, value - paid) for label, paid, value in rows]

    @cached_property
    def _paid(self) -> list[Fraction]:
        """E[T] of each class."""
        return [self._mean(c, row) for c, row in enumerate(self.money)]

    @cached_property
    def revenue(self) -> Fraction:
        return sum((n * paid for n, paid in zip(self.types.members, self._paid, strict=True)), -self.expected_cost())

    @cached_property
    def expected_utility(self) -> tuple[Fraction, ...]:
        each = [self._mean(c, row) - self._paid[c] for c, row in enumerate(self._expected)]
        return tuple(each[c] for c in self._home)

    # ---- entries of the tables ---------------------------------------------------------------------------------------

    @property
    def too_large(self) -> bool:
        return self.environment.profile_count > MAX_PROFILES

    def _countable(self) -> None:
        if self.too_large:
            raise TooLargeError(
                f"{show_count(self.environment.profile_count)} profiles are too many for a table",
                expected=f"at most {MAX_PROFILES:,}; interim(agent), revenue and expected_utility need no table",
            )

    def _profile(self, p: int) -> Profile:
        out = []
        for n in reversed(self.environment.sizes):
            p, k = divmod(p, n)
            out.append(k)
        return tuple(reversed(out))

    def _lottery(self, p: int) -> Lottery:
        t, theta = self.types, self._profile(p)
        at = list(zip(self._home, theta, strict=True))
        out: dict[int, Fraction] = {}
        for weight, table in self.ranks:
            if t.alone:
                best = self._holders([(t.held[c][k], -table[c][k]) for c, k in at])
            else:
                rows = [t.worth[c][k] for c, k in at]
                surplus = [sum(v) - cost for *v, cost in zip(*rows, t.costs, strict=True)]
                tied = [x for x, s in enumerate(surplus) if s == max(surplus)]
                best = [x for x in tied if table[0][x] == min(table[0][y] for y in tied)]
            for x in best:
                out[x] = out.get(x, ZERO) + weight / len(best)
        return dict(sorted(out.items()))

    def _holders(self, levels: list[tuple[int, int]]) -> list[int]:
        """Numbers of the outcomes in which the goods are held by those who are highest."""
        last = sorted(levels, reverse=True)[self.types.goods - 1]
        sure = [i for i, level in enumerate(levels) if level > last]
        some = [i for i, level in enumerate(levels) if level == last]
        sets = [frozenset((*sure, *more)) for more in combinations(some, self.types.goods - len(sure))]
        return [next(iter(held)) if self._held is None else self._held[held] for held in sets]

    @cached_property
    def _held(self) -> dict[frozenset[int], int] | None:
        """In an exchange, the outcome in which these agents hold the goods."""
        env = self.environment
        if not isinstance(env, Exchange):
            return None
        buyers, sellers = len(env.buyers), range(len(env.sellers))
        return {
            frozenset((*bought, *(buyers + j for j in sellers if j not in sold))): x
            for x, (bought, sold) in enumerate(env.trades)
        }

    @cached_property
    def _beyond(self) -> list[list[Fraction]]:
        """M_j - E M_j for each class and type."""
        count, out = len(self._home), []
        for c, (paid, costs) in enumerate(zip(self.money, self._costs, strict=True)):
            row = [t - cost / count for t, cost in zip(paid, costs, strict=True)]
            mean = self._mean(c, row)
            out.append([m - mean for m in row])
        return out

    def _payment(self, agent: int, p: int) -> Fraction:
        theta, count, c = self._profile(p), len(self._home), self._home[agent]
        excess = sum((self._beyond[d][k] for d, k in zip(self._home, theta, strict=True)), ZERO)
        excess -= self._beyond[c][theta[agent]]
        out = self.money[c][theta[agent]] - (excess / (count - 1) if count > 1 else ZERO)
        if any(self.types.costs):
            cost = sum((q * self.environment.costs[x] for x, q in self._lottery(p).items()), ZERO)
            out += (cost - self._costs[c][theta[agent]]) / count
        return out

    @cached_property
    def profiles(self) -> Sequence[Profile]:
        self._countable()
        return Listed(self.environment.profile_count, self._profile)

    @cached_property
    def transfers(self) -> tuple[Sequence[Fraction], ...]:
        self._countable()

        def row(agent: int) -> Sequence[Fraction]:
            return Listed(self.environment.profile_count, partial(self._payment, agent))

        return tuple(row(agent) for agent in range(len(self._home)))

    @cached_property
    def lotteries(self) -> Sequence[Lottery]:
        self._countable()
        return Listed(self.environment.profile_count, self._lottery)
