"""Mechanisms that treat identical agents alike, given at representatives (``docs/proof-format.md``, Symmetric proofs)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cached_property, partial
from typing import Any

from lpmech.answer.compact import Listed
from lpmech.answer.mechanism import Mechanism
from lpmech.answer.tables import Lottery, restated_lotteries
from lpmech.question.environment import Environment, Valuations
from lpmech.question.orbits import Symmetry
from lpmech.question.prior import Profile

Payments = Sequence[Fraction]


class SymmetricMechanism(Mechanism):
    """Payments by class, own type and the others' orbit; lotteries at representatives. Tables are made on request.

    ``money[c][k * others + o]`` is what a member of class c pays when of type k against o (Groves: ``money[c][o]`` is his
    charge); ``lumps[i]`` is added to what agent i pays. ``given[r]`` is the lottery at representative r, standing for its
    average over the relabellings that leave the representative as it is.
    """

    symmetry: Symmetry
    money: tuple[Payments, ...]
    given: Sequence[Lottery]
    lumps: tuple[Fraction, ...]
    groves: bool
    environment: Environment

    def __init__(
        self,
        symmetry: Symmetry,
        money: tuple[Payments, ...],
        given: Sequence[Lottery],
        lumps: tuple[Fraction, ...] | None = None,
        *,
        groves: bool = False,
    ) -> None:
        environment = symmetry.environment
        lumps = (Fraction(0),) * len(environment.agents) if lumps is None else lumps
        parts = {"environment": environment, "symmetry": symmetry, "money": money, "given": given, "lumps": lumps}
        for name, value in (parts | {"groves": groves}).items():
            object.__setattr__(self, name, value)

    by_profile = False

    def restated(self) -> dict[str, Any]:
        lumps = {"lump-sums": [str(lump) for lump in self.lumps]} if any(self.lumps) else {}
        return {**self.restated_payments(), **lumps, "allocation": restated_lotteries(self.given)}

    def restated_payments(self) -> dict[str, Any]:
        """Without the lump sums: a direction has none."""
        return {"charges" if self.groves else "transfers": [[str(t) for t in row] for row in self.money]}

    @property
    def payment_count(self) -> int:
        return sum(map(len, self.money))

    def __repr__(self) -> str:
        return (
            f"<SymmetricMechanism: {len(self.lumps)} agents in {len(self.money)} classes, "
            f"{len(self.given)} representatives of {self.environment.profile_count} profiles>"
        )

    def plus(self, fees: tuple[Fraction, ...]) -> SymmetricMechanism:
        lumps = tuple(lump + fee for lump, fee in zip(self.lumps, fees, strict=True))
        return SymmetricMechanism(self.symmetry, self.money, self.given, lumps, groves=self.groves)

    # ---- at representatives --------------------------------------------------------------------------------------------

    @cached_property
    def _valuations(self) -> list[Valuations]:
        return [self.environment.valuation(i) for i in range(len(self.lumps))]

    @cached_property
    def _own(self) -> list[list[list[tuple[Fraction, Fraction]]]]:
        """Value of the lottery and payment (without lump sums): for each class, own type, and others."""
        s, out = self.symmetry, []
        for c, spots in enumerate(s.spots):
            rows = []
            for k, row in enumerate(spots):
                entries = []
                for o, r in enumerate(row):
                    value, paid = self._value(c, k, r), self.money[c][o if self.groves else k * len(row) + o]
                    entries.append((value, paid - self._surplus[r] + value if self.groves else paid))
                rows.append(entries)
            out.append(rows)
        return out

    def _value(self, c: int, k: int, r: int) -> Fraction:
        """v_i(q, k), averaged over the members i of class c who have type k at the representative."""
        agents, q = self.symmetry.seats(c, k, self.symmetry.keys[r]), self.given[r]
        return sum((w * self._valuations[i][k][x] for i in agents for x, w in q.items()), Fraction(0)) / len(agents)

    @cached_property
    def _surplus(self) -> list[Fraction]:
        """W(q; theta) at each representative."""
        out = []
        for key, q in zip(self.symmetry.keys, self.given, strict=True):
            profile = self.symmetry.profile(key)
            worth = {x: sum((self._valuations[i][k][x] for i, k in enumerate(profile)), Fraction(0)) for x in q}
            out.append(sum((w * (worth[x] - self.environment.costs[x]) for x, w in q.items()), Fraction(0)))
        return out

    @cached_property
    def _interim(self) -> list[list[tuple[Fraction, Fraction]]]:
        """For each class and own type the expected payment (without lump sums) and the expected value."""
        s, out = self.symmetry, []
        for rows, others in zip(self._own, s.others, strict=True):
            masses = [s.mass(key) for key in others]
            means = [
                [sum((m * e[j] for m, e in zip(masses, row, strict=True)), Fraction(0)) for j in (1, 0)] for row in rows
            ]
            out.append([(paid, value) for paid, value in means])
        return out

    def interim(self, agent: int) -> list[tuple[str, Fraction, Fraction]]:  # type: ignore[override]
        labels, lump = self.environment.agents[agent].types, self.lumps[agent]
        rows = zip(labels, self._interim[self.symmetry.home[agent]], strict=True)
        return [(label, paid + lump, value - paid - lump) for label, (paid, value) in rows]

    def outcome_chances(self, agent: int, report: int) -> Mapping[tuple[int, int], Fraction]:
        s, c = self.symmetry, self.symmetry.home[agent]
        chances: dict[tuple[int, int], Fraction] = defaultdict(Fraction)
        for others, spot in zip(s.others[c], s.spots[c][report], strict=True):
            seats, mass = s.seats(c, report, s.keys[spot]), s.mass(others)
            for x, q in self.given[spot].items():
                for j in seats:
                    chances[j, x] += mass * q / len(seats)
        return chances

    def interim_surplus(self, agent: int, own: int) -> Fraction | None:
        """Of Groves transfers: utility plus charge."""
        if not self.groves:
            return None
        c = self.symmetry.home[agent]
        masses = map(self.symmetry.mass, self.symmetry.others[c])
        charge = sum((mass * h for mass, h in zip(masses, self.money[c], strict=True)), self.lumps[agent])
        return self.interim(agent)[own][2] + charge

    def orbit_mass(self, profile: Profile) -> Fraction:
        return self.symmetry.mass(self.symmetry.key(profile))

    def _means(self, agent: int) -> tuple[Fraction, Fraction]:
        """Expected payment and utility."""
        masses, rows = self.environment.agents[agent].probabilities, self.interim(agent)
        paid = sum((m * t for m, (_, t, _) in zip(masses, rows, strict=True)), Fraction(0))
        return paid, sum((m * u for m, (_, _, u) in zip(masses, rows, strict=True)), Fraction(0))

    @cached_property
    def revenue(self) -> Fraction:
        costs, s = self.environment.costs, self.symmetry
        cost = Fraction(0)
        if any(costs):
            spent = [sum((w * costs[x] for x, w in q.items()), Fraction(0)) for q in self.given]
            cost = sum((s.mass(key) * c for key, c in zip(s.keys, spent, strict=True)), cost)
        return sum((self._means(i)[0] for i in range(len(self.lumps))), -cost)

    @cached_property
    def expected_utility(self) -> tuple[Fraction, ...]:
        return tuple(self._means(i)[1] for i in range(len(self.lumps)))

    # ---- entries of the tables -----------------------------------------------------------------------------------------

    def _profile(self, p: int) -> Profile:
        out = []
        for n in reversed(self.environment.sizes):
            p, k = divmod(p, n)
            out.append(k)
        return tuple(reversed(out))

    def _payment(self, agent: int, p: int) -> Fraction:
        theta, s = self.profiles[p], self.symmetry
        c, k = s.home[agent], theta[agent]
        return self._own[c][k][self._others_number[c][s.left(c, k, s.key(theta))]][1] + self.lumps[agent]

    @cached_property
    def _others_number(self) -> list[dict[Any, int]]:
        return [{key: o for o, key in enumerate(others)} for others in self.symmetry.others]

    def _lottery(self, p: int) -> Lottery:
        """The lottery at the representative, averaged and relabelled."""
        theta, s = self.profiles[p], self.symmetry
        key = s.key(theta)
        q, out = self.given[s.number[key]], dict[int, Fraction]()
        for orbit in s.outcome_orbits(key):
            chance = sum((q.get(x, Fraction(0)) for x in orbit.outcomes), Fraction(0)) / len(orbit.outcomes)
            if chance:
                out |= {s.relabelled(theta, x): chance for x in orbit.outcomes}
        return dict(sorted(out.items()))

    @cached_property
    def profiles(self) -> Sequence[Profile]:
        return Listed(self.environment.profile_count, self._profile)

    @cached_property
    def transfers(self) -> tuple[Sequence[Fraction], ...]:
        count = self.environment.profile_count
        return tuple(Listed(count, partial(self._payment, i)) for i in range(len(self.lumps)))

    @cached_property
    def lotteries(self) -> Sequence[Lottery]:
        return Listed(self.environment.profile_count, self._lottery)

    @cached_property
    def charges(self) -> tuple[Sequence[Fraction], ...] | None:
        """h_i by the others' flattened profile."""
        if not self.groves:
            return None
        counts = [self.environment.profile_count // n for n in self.environment.sizes]
        return tuple(Listed(n, partial(self._charge, i)) for i, n in enumerate(counts))

    def _charge(self, i: int, o: int) -> Fraction:
        s = self.symmetry
        c, types = s.home[i], []
        for n in reversed([n for j, n in enumerate(self.environment.sizes) if j != i]):
            o, k = divmod(o, n)
            types.append(k)
        theta = types[::-1]
        theta.insert(i, 0)
        return self.money[c][self._others_number[c][s.left(c, 0, s.key(tuple(theta)))]] + self.lumps[i]
