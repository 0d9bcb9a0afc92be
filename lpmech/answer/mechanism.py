"""Mechanisms: transfers and an allocation for every profile, and what they mean to the agents."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from lpmech.answer.cuts import Cuts
from lpmech.base import files
from lpmech.base.errors import InputError, TooLargeError
from lpmech.base.exact import show_count
from lpmech.base.spreadsheets import cell
from lpmech.base.views import views
from lpmech.question.environment import Environment
from lpmech.question.prior import Profile, numbered
from lpmech.question.profiles import Profiles

if TYPE_CHECKING:
    import pandas as pd

MAX_ENTRIES = 10_000_000
"""Most payments and probabilities that tables of a mechanism may have."""

Lottery = Mapping[int, Fraction]
"""Outcome number -> probability, zero entries left out."""


@dataclass(frozen=True)
class Mechanism:
    """A direct mechanism (q, t) on an environment.

    ``transfers[i][p]`` is t_i(theta), money paid by agent i (C1), at flattened profile p; ``lotteries[p]`` is q(theta).
    ``charges[i][o]`` is h_i(theta_-i) if the mechanism was built as a Groves scheme (C8), with the others' profile
    flattened; None otherwise.

    Mechanisms that are given in fewer numbers derive from this one, and answer the same questions: how they stand in a
    proof file, how they are told, and expectations, without going through the profiles.
    """

    by_profile: ClassVar[bool] = True
    """Whether it is given profile by profile: then expectations go through all profiles."""

    compact: ClassVar[bool] = False
    """Whether it is given by payments for each type of each side alone, O(m + n) numbers."""

    restates_columns: ClassVar[bool] = False
    """Whether the instance in its proof file states types and masses in columns."""

    one_good: ClassVar[bool] = False
    """Whether one good goes to the highest buyers with equal chances."""

    environment: Environment
    transfers: tuple[Sequence[Fraction], ...]
    lotteries: Sequence[Lottery]
    charges: tuple[Sequence[Fraction], ...] | None = None
    shares: tuple[Fraction, ...] | None = None
    """Shares of a partnership, where they are the designer's choice (C15)."""

    # ---- in proof files ------------------------------------------------------------------------------------------------

    def restated(self) -> dict[str, Any]:
        """Payments and allocation as in proof files."""
        out = {**self.restated_payments(), "allocation": restated_lotteries(self.lotteries)}
        return out if self.shares is None else out | {"shares": [str(share) for share in self.shares]}

    def restated_payments(self) -> dict[str, Any]:
        """Payments, or Groves charges, as in proof files."""
        name, rows = ("transfers", self.transfers) if self.charges is None else ("charges", self.charges)
        return {name: [[str(x) for x in row] for row in rows]}

    def restated_fees(self, fees: tuple[Fraction, ...]) -> tuple[Fraction, ...]:
        """Those of the agents' fees that stand in proof files: one for each that the payments are stated for."""
        return fees

    # ---- as it is told -------------------------------------------------------------------------------------------------

    @property
    def payment_count(self) -> int:
        """How many payments it is given by."""
        return self.environment.profile_count * len(self.environment.agents)

    @property
    def too_large(self) -> bool:
        """Whether there are too many profiles for tables, even for those made on request."""
        return False

    def groups(self) -> list[tuple[int, str]]:
        """Agents to be told of, number and name: every agent, or one for several that are treated alike ("each buyer")."""
        return list(enumerate(agent.name for agent in self.environment.agents))

    def in_words(self) -> tuple[str, ...]:
        """Payments and allocation at every profile in sentences; none where only a table says it."""
        return ()

    @property
    def cuts(self) -> Cuts | None:
        """The cuts that the allocation is given by, if it is."""
        return None

    def chances_at_ties(self) -> set[Fraction]:
        """In bilateral trade: the probabilities of trade where value and cost are equal."""
        buyer, seller = (agent.types for agent in self.environment.agents)
        pairs = zip(self.profiles, self.lotteries, strict=True)
        return {q.get(1, Fraction(0)) for (k, j), q in pairs if buyer[k] == seller[j]}

    # ---- expectations that need no profiles ----------------------------------------------------------------------------

    def trade_chances(self) -> tuple[Sequence[Fraction], ...] | None:
        """For each agent the probability of trade of each type; None where it is known by profile alone."""
        return None

    def outcome_chances(self, agent: int, report: int) -> Mapping[tuple[int, int], Fraction] | None:
        """Chance of each outcome x when an agent reports, as (j, x): valued as agent j, who is like him, would; None where
        it is known by profile alone."""
        return None

    def interim_surplus(self, agent: int, own: int) -> Fraction | None:
        """E[sum_j v_j - cost | type of the agent]; None where it is known by profile alone."""
        return None

    def orbit_mass(self, profile: Profile) -> Fraction:
        """Prior probability of the profiles that a profile stands for: itself, or all that relabelling makes of it."""
        return Profiles(self.environment).mass(profile)

    # ---- tables and expectations ---------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        env = self.environment
        return (
            f"<Mechanism: payments of {len(env.agents)} agents at {show_count(env.profile_count)} profiles of {env!r}>"
        )

    @cached_property
    def profiles(self) -> Sequence[Profile]:
        """All profiles, in flattened order."""
        return list(Profiles(self.environment))

    def plus(self, fees: tuple[Fraction, ...]) -> Mechanism:
        """The same mechanism with a lump sum added to what each agent pays at every profile."""

        def shifted(rows: tuple[Sequence[Fraction], ...]) -> tuple[Sequence[Fraction], ...]:
            return tuple(tuple(t + fee for t in row) if fee else row for row, fee in zip(rows, fees, strict=True))

        charges = None if self.charges is None else shifted(self.charges)
        return Mechanism(self.environment, shifted(self.transfers), self.lotteries, charges, self.shares)

    @cached_property
    def masses(self) -> list[Fraction]:
        """Prior probability of each flattened profile."""
        env = self.environment
        if env.prior is not None:
            return [env.prior.get(p, Fraction(0)) for p in self.profiles]
        out = [Fraction(1)]
        for agent in env.agents:
            out = [mass * p for mass in out for p in agent.probabilities]
        return out

    @cached_property
    def values(self) -> tuple[tuple[Fraction, ...], ...]:
        """v_i(q(theta), theta): for each agent, for each flattened profile."""
        env, out = self.environment, []
        for i in range(len(env.agents)):
            rows: Iterable[Sequence[Fraction]]
            if i in env.at_profiles:
                rows = env.at_profiles[i][0]
            else:
                table = env.private_valuation(i)
                rows = (table[theta[i]] for theta in self.profiles)
            pairs = zip(rows, self.lotteries, strict=True)
            out.append(tuple(sum((w * row[x] for x, w in q.items()), Fraction(0)) for row, q in pairs))
        return tuple(out)

    def interim(self, agent: int) -> list[tuple[str, Fraction | None, Fraction | None]]:
        """For each type of an agent: label, expected payment, expected utility v - t (None for types without beliefs).

        Under an independent prior the expectation is over the others' masses, for null types too (C3).
        """
        env = self.environment
        labels, masses = env.agents[agent].types, env.agents[agent].probabilities
        paid, gained = [Fraction(0)] * len(labels), [Fraction(0)] * len(labels)
        weights = [Fraction(0)] * len(labels)
        independent, profiles = env.prior is None, Profiles(env)
        for number, theta in enumerate(self.profiles):
            k = theta[agent]
            mass = profiles.others_mass(theta, agent) if independent else self.masses[number]
            weights[k] += mass
            paid[k] += mass * self.transfers[agent][number]
            gained[k] += mass * (self.values[agent][number] - self.transfers[agent][number])
        return [
            (label, paid[k] / weights[k], gained[k] / weights[k]) if independent or masses[k] else (label, None, None)
            for k, label in enumerate(labels)
        ]

    @cached_property
    def revenue(self) -> Fraction:
        """E[sum_i t_i - cost]."""
        return sum((mass * r for mass, r in zip(self.masses, self.profile_revenue, strict=True)), Fraction(0))

    @cached_property
    def profile_revenue(self) -> tuple[Fraction, ...]:
        """sum_i t_i(theta) - cost(q(theta)) at each flattened profile."""
        costs = self.environment.costs
        return tuple(
            sum(paid, Fraction(0)) - sum((w * costs[x] for x, w in q.items()), Fraction(0))
            for *paid, q in zip(*self.transfers, self.lotteries, strict=True)
        )

    @cached_property
    def expected_utility(self) -> tuple[Fraction, ...]:
        """E[v_i - t_i] for each agent (gross of outside options)."""
        return tuple(
            sum((mass * (v - t) for mass, v, t in zip(self.masses, values, paid, strict=True)), Fraction(0))
            for values, paid in zip(self.values, self.transfers, strict=True)
        )

    @property
    def welfare(self) -> Fraction:
        """E[sum_i v_i - cost]: what agents and mechanism gain together."""
        return sum(self.expected_utility, self.revenue)

    def at(self, *types: object) -> dict[str, dict[str, Fraction]]:
        """What happens at one profile, given by labels of types, or by their numbers: the lottery and the payments.

        ``mechanism.at("3", "1")`` is {"outcome": {"trade": 1}, "payments": {"buyer": 2, "seller": -2}}.
        """
        env = self.environment
        given = numbered(types, [agent.types for agent in env.agents])
        sizes = env.sizes
        if len(given) != len(sizes) or not all(
            isinstance(k, int) and 0 <= k < n for k, n in zip(given, sizes, strict=False)
        ):
            raise InputError(
                "a profile that does not exist",
                value=types,
                expected="a label, or a number, of a type of " + ", ".join(agent.name for agent in env.agents),
            )
        p = Profiles(env).number(given)
        paid = {agent.name: row[p] for agent, row in zip(env.agents, self.transfers, strict=True)}
        return {"outcome": {env.outcomes[x]: w for x, w in sorted(self.lotteries[p].items())}, "payments": paid}

    @classmethod
    def from_frame(cls, instance: Any, frame: Any) -> Mechanism:
        """The mechanism of a pandas table, laid out as ``to_frame`` does: a row for each profile, exact numbers or text.

        Floats are refused unless ``lpmech.floats("decimal")`` says that decimals are meant. Raises InputError with row and
        column on what is wrong.
        """
        found: Mechanism = views().mechanism(instance, frame)
        return found

    def columns(self) -> dict[str, list[str] | list[Fraction]]:
        """The mechanism as a table with a row for each profile (docs/mechanisms.md): each agent's type (agent's name), each
        outcome's probability (outcome's label), what each agent pays (``t[NAME]``)."""
        env = self.environment
        tabulable(env)
        out: dict[str, list[str] | list[Fraction]] = {}
        for i, agent in enumerate(env.agents):
            out[agent.name] = [agent.types[theta[i]] for theta in self.profiles]
        for x, label in enumerate(env.outcomes):
            out[label] = [q.get(x, Fraction(0)) for q in self.lotteries]
        out |= {payment(agent.name): list(self.transfers[i]) for i, agent in enumerate(env.agents)}
        if len(out) < 2 * len(env.agents) + len(env.outcomes):
            names = [agent.name for agent in env.agents]
            twice = next(name for name in out if [*names, *map(payment, names), *env.outcomes].count(name) > 1)
            raise InputError(f"two columns called {twice!r}", expected="different names for agents and outcomes")
        return out

    def to_frame(self, *, by: str = "profile", exact: bool = True) -> pd.DataFrame:
        """In pandas: the table of ``columns``; or, by "type", what each type expects to pay and to gain.

        Numbers are Fractions, else doubles. Columns that hold an agent's types are categories in the order of the types.
        """
        return views().frame(self, by=_by(by), exact=exact)

    def to_latex(self, decimals: int | None = None, *, by: str = "profile") -> str:
        """A booktabs table: a row for each profile, or type; fractions, or rounded to so many decimals."""
        return views().latex(self, decimals=decimals, by=_by(by))

    def _repr_html_(self) -> str:
        return views().html(self)

    def to_csv(self, path: str | os.PathLike[str]) -> Path:
        """Write the table of ``columns``, exact numbers as text; ``lpmech.read_mechanism`` reads it.

        Text that a spreadsheet would run as a formula has an apostrophe in front. A file of that name is replaced only once
        the new one is complete.
        """
        columns, text = self.columns(), io.StringIO()
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(map(cell, columns))
        rows.writerows(map(cell, row) for row in zip(*columns.values(), strict=True))
        return files.write(path, text.getvalue())


def restated_lotteries(lotteries: Sequence[Lottery]) -> list[int | dict[str, str]]:
    """Lotteries as in proof files: the number of the outcome where it is sure."""
    return [
        next(iter(q)) if len(q) == 1 else {str(x): str(chance) for x, chance in sorted(q.items())} for q in lotteries
    ]


def tabulable(environment: Environment) -> None:
    """Raise TooLargeError if tables of a mechanism on the environment would not fit in memory."""
    entries = environment.profile_count * (len(environment.agents) + len(environment.outcomes))
    if entries > MAX_ENTRIES:
        raise TooLargeError(
            f"{show_count(environment.profile_count)} profiles have {show_count(entries)} payments and probabilities, "
            "too many for tables",
            expected=f"at most {MAX_ENTRIES:,}: a coarser grid, or fewer agents",
        )


def _by(by: str) -> str:
    if by not in ("profile", "type"):
        raise InputError("a row for each", value=repr(by), expected='"profile" or "type"')
    return by


def payment(agent: str) -> str:
    """Name of the column that holds what an agent pays."""
    return f"t[{agent}]"
