"""Rents against gains: what the constraints leave to each agent, and what there is to share.

Where the weights on the budget are the prior's, the constraints of each agent i, weighted and added up, say by themselves
that E[t_i] <= P_i, that is E[u_i] >= R_i = E[v_i] - P_i; and E[revenue] = E[W] - sum of E[u_i]. So the margin is E[W] -
sum of R_i: expected gains less the rents that have to be left. (With Groves transfers: E[h_i] <= P_i and R_i = E[W] - P_i.)
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from lpmech.question.constraints import Budget
from lpmech.show.explain.accounts import Accounts, Line
from lpmech.show.explain.document import Cell, Number, Table
from lpmech.show.explain.lines import cut, label, reading_order

ZERO = Fraction(0)


@dataclass(frozen=True)
class Rent:
    """What agent i (``count`` agents like him, together) is left with at least, in expectation, and because of what."""

    agent: int
    count: int
    least: Fraction
    lines: tuple[Line, ...]


def rents(accounts: Accounts) -> list[Rent] | None:
    """Rents of all agents, None where the argument is not of this kind. They and the margin add up to E[W]."""
    proof, lines = accounts.proof, accounts.lines
    if lines is None or proof.bounds != "margin" or accounts.need.budget_rule is None or not _by_prior(accounts, lines):
        return None
    out = []
    by_agent: dict[int, list[Line]] = {}
    for line in lines:
        if line.multiplier.agent is not None:
            by_agent.setdefault(line.multiplier.agent, []).append(line)
    for i, own in sorted(by_agent.items()):
        count = _alike(accounts, i, own[0])
        charged = sum((line.amount for line in own), ZERO)
        out.append(Rent(i, count, count * accounts.total(i) - charged, tuple(sorted(own, key=reading_order))))
    if sum(rent.count for rent in out) != len(accounts.env.agents):
        return None
    assert accounts.gains - sum((rent.least for rent in out), ZERO) == proof.margin
    return out


def _alike(accounts: Accounts, i: int, line: Line) -> int:
    if accounts.proof.symmetry is not None:
        return next(len(members) for members in accounts.proof.symmetry if i in members)
    return line.count


def _by_prior(accounts: Accounts, lines: tuple[Line, ...]) -> bool:
    """Whether each profile's budget has the profile's probability as its weight."""
    rows = [line for line in lines if isinstance(line.multiplier.constraint, Budget)]
    if len(rows) == 1 and rows[0].multiplier.place.profile is None:
        return rows[0].weight == 1
    total = ZERO
    for line in rows:
        at = line.multiplier.place.profile
        if at is None:
            return False
        mass = accounts.mass(at) if accounts.mechanism is None else accounts.mechanism.orbit_mass(at)
        if line.weight != mass:
            return False
        total += mass
    return total == 1


def by_type(accounts: Accounts, rent: Rent, everything: bool) -> Table | None:
    """The constraints of an agent as statements on interim utilities U, which weighted add up to his rent.

    BIC[k -> r] says U(k) - U(r) >= E[v(q(r), k) - v(q(r), r)]; None under a joint prior, with Groves transfers, and with
    constraints at single profiles, where utilities do not cancel type by type.
    """
    if accounts.groves or accounts.env.prior is not None:
        return None
    types, i = accounts.env.agents[rent.agent].types, rent.agent
    rows: list[tuple[Cell, ...]] = []
    amounts = []
    for line in rent.lines:
        at = line.multiplier.place
        if at.profile is not None:
            return None
        if at.type is None:
            least, said = accounts.outside(i), "E[u] >= "
        elif at.report is None:
            least, said = accounts.env.agents[i].outside[at.type], f"U({types[at.type]}) >= "
        else:
            least = accounts.value(i, at.type, at.report) - accounts.value(i, at.report, at.report)
            said = f"U({types[at.type]}) - U({types[at.report]}) >= "
        amounts.append(line.weight * least)
        rows.append((Number(line.weight), label(accounts.env, line), (said, Number(least)), Number(amounts[-1])))
    if sum(amounts, ZERO) != rent.least:
        return None
    rows = cut(rows, amounts, everything)
    return Table(
        ("weight", "constraint", "says", "weight x bound"), tuple(rows), (0, 3), ("", "rent", "", Number(rent.least))
    )
