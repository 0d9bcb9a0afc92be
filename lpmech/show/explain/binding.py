"""What binds in a mechanism: the required participation, incentives and budget constraints that hold with equality."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from lpmech.answer.mechanism import Mechanism
from lpmech.answer.proof import Proof
from lpmech.question.constraints import Constraint, Incentives
from lpmech.question.constraints.bic import BIC
from lpmech.question.constraints.dsic import DSIC
from lpmech.question.constraints.ex_ante_ir import ExAnteIR
from lpmech.question.constraints.ex_post_ir import ExPostIR
from lpmech.question.constraints.interim_ir import InterimIR
from lpmech.question.constraints.no_deficit import NoDeficit
from lpmech.question.prior import Profile
from lpmech.question.profiles import Profiles
from lpmech.show.explain.document import Block, Heading, Paragraph, Points, Span, Table, listed
from lpmech.show.explain.expectations import Expectations
from lpmech.show.explain.lines import LINES
from lpmech.show.explain.words import apart, person

PAIRS = 200_000
"""Pairs of types, times profiles of the others, that are looked at for binding incentive constraints."""

SHOWN = 6
"""Places listed in a row."""

Interim = dict[int, list[tuple[str, Fraction | None, Fraction | None]]]


def binding(
    proof: Proof, found: Mechanism, people: list[tuple[int, str]], interim: Interim, everything: bool
) -> list[Block]:
    """Interim and ex ante constraints as points; those at single profiles as a table, a row for each type or pair."""
    points = [*_ir(proof, found, people, interim), *_bic(proof, found, people, interim)]
    blocks: list[Block] = [Points(tuple(points))] if points else []
    rows = _at_profiles(proof, found)
    if rows is not None:
        blocks += _table(found, _grouped(rows), everything)
    return [Heading("What binds"), *blocks] if blocks else []


def _ir(proof: Proof, found: Mechanism, people: list[tuple[int, str]], interim: Interim) -> Iterator[tuple[Span, ...]]:
    """Interim IR of single types, ex ante IR of agents."""
    rule, agents = proof.instance.requirements.participation_rule, found.environment.agents
    for i, name in people:
        outside = agents[i].outside
        if rule is InterimIR:
            types = [apart(label) for k, (label, _, u) in enumerate(interim[i]) if u is not None and u == outside[k]]
            if types:
                yield (f"IR of {person(name)}: ", *_some(types))
        elif rule is ExAnteIR:
            left = sum((p * u for p, u in zip(agents[i].probabilities, outside, strict=True)), Fraction(0))
            if found.expected_utility[i] == left:
                yield (f"ex ante IR of {person(name)}",)


def _bic(proof: Proof, found: Mechanism, people: list[tuple[int, str]], interim: Interim) -> Iterator[tuple[Span, ...]]:
    """BIC, under an independent prior."""
    env = found.environment
    if proof.instance.requirements.incentive_rule is not BIC or env.prior is not None:
        return
    accounts = Expectations(proof)
    pairs = sum(len(interim[i]) ** 2 for i, _ in people)
    if pairs * (1 if accounts.trade else env.profile_count) > PAIRS:
        return
    for i, name in people:
        named = [f"{apart(interim[i][k][0])} -> {apart(interim[i][r][0])}" for k, r in _tight(accounts, i, interim)]
        if named:
            yield (f"BIC of {person(name)}: ", *_some(named))


def _tight(accounts: Expectations, i: int, interim: Interim) -> list[tuple[int, int]]:
    """Pairs of types such that the first is as well off with the report of the second."""
    paid = [t for _, t, _ in interim[i]]
    out = []
    for k, (_, _, utility) in enumerate(interim[i]):
        for r, t in enumerate(paid):
            if k != r and t is not None and accounts.value(i, k, r) - t == utility:
                out.append((k, r))
    return out


def _some(words: list[str]) -> list[Span]:
    if len(words) <= 8:
        return listed(words)
    return [", ".join(words[:7]), f" and {len(words) - 7} more"]


# ---- at single profiles --------------------------------------------------------------------------------------------------

Others = tuple[Profile, ...]
"""The others' types at the profiles where a constraint binds."""


@dataclass(frozen=True)
class Row:
    """Constraints of one kind of one agent (None: the budget) that bind against the same types of the others.

    ``types``: his own for IR; for DSIC ``true`` is his own and ``types`` are what he reports.
    """

    constraint: Constraint
    others: Others
    types: tuple[int, ...] = ()
    true: int | None = None

    @property
    def agent(self) -> int | None:
        """Whose constraints they are."""
        return self.constraint.agent


def _at_profiles(proof: Proof, found: Mechanism) -> Iterator[Row] | None:
    """Ex post IR, DSIC and no deficit, each constraint in a row; None where there are too many profiles."""
    env = found.environment
    if max(env.sizes) * env.profile_count * len(env.agents) > PAIRS:
        return None
    return _rows(proof, found, {theta: p for p, theta in enumerate(Profiles(env))})


def _rows(proof: Proof, found: Mechanism, number: dict[Profile, int]) -> Iterator[Row]:
    need, env = proof.instance.requirements, found.environment
    for i, agent in enumerate(env.agents):
        utility = [v - t for v, t in zip(found.values[i], found.transfers[i], strict=True)]
        for k in range(env.sizes[i]) if need.participation_rule is ExPostIR else ():
            here = [theta for theta, p in number.items() if theta[i] == k and utility[p] == agent.outside[k]]
            yield Row(ExPostIR(i), tuple((*theta[:i], *theta[i + 1 :]) for theta in here), (k,))
        values = env.valuation(i)
        pairs = product(range(env.sizes[i]), repeat=2) if need.incentive_rule is DSIC else ()
        for k, r in pairs:
            against = []
            for theta, p in number.items():
                q = number[(*theta[:i], r, *theta[i + 1 :])]
                told, paid = found.lotteries[q], found.transfers[i][q]
                if theta[i] != k or (told == found.lotteries[p] and paid == found.transfers[i][p]):
                    continue  # a report that changes nothing says nothing
                if sum((w * values[k][x] for x, w in told.items()), -paid) == utility[p]:
                    against.append((*theta[:i], *theta[i + 1 :]))
            yield Row(DSIC(i), tuple(against), (r,), k)
    if need.budget_rule is NoDeficit:
        yield Row(NoDeficit(), tuple(theta for theta, p in number.items() if found.profile_revenue[p] == 0))


def _grouped(rows: Iterator[Row]) -> list[Row]:
    """Rows that bind somewhere; those against the same others are one."""
    out: dict[tuple[Constraint, int | None, Others], list[int]] = {}
    for row in rows:
        if row.others:
            out.setdefault((row.constraint, row.true, row.others), []).extend(row.types)
    return [Row(constraint, others, tuple(types), true) for (constraint, true, others), types in out.items()]


def _table(found: Mechanism, rows: list[Row], everything: bool) -> list[Block]:
    if not rows:
        return []
    env = found.environment
    shown = rows if everything else rows[:LINES]
    cells = []
    for row in shown:
        count = env.profile_count // (1 if row.agent is None else env.sizes[row.agent])
        where = "all" if len(row.others) == count else _places(found, row, everything)
        cells.append((_label(found, row, everything), f"{len(row.others)} of {count}", where))
    left = rows[len(shown) :]
    said = (
        f"... and {len(left)} more lines, of {sum(len(row.types) or 1 for row in left)} constraints (--all shows them)"
    )
    blocks: list[Block] = []
    if any(isinstance(row.constraint, Incentives) for row in rows):
        blocks.append(Paragraph("Reports that change neither the outcome nor the payment are left out."))
    head = ("constraint", "binds at", "namely against")
    return [*blocks, Table(head, tuple(cells), (1,), None, said if left else None)]


def _label(found: Mechanism, row: Row, everything: bool) -> str:
    """ "IR[buyer: 3, 4]", "DSIC[seller: 1 -> 2, 3]"."""
    if row.agent is None:
        return row.constraint.title
    agent = found.environment.agents[row.agent]
    shown = row.types if everything else row.types[:SHOWN]
    more = len(row.types) - len(shown)
    types = ", ".join(apart(agent.types[k]) for k in shown) + (f" and {more} more" if more else "")
    own = "" if row.true is None else f"{apart(agent.types[row.true])} -> "
    return f"{row.constraint.code}[{agent.name}: {own}{types}]"


def _places(found: Mechanism, row: Row, everything: bool) -> str:
    """The others' types: "seller 2, 8", or "(1, 4), (2, 4)" where there are several others."""
    agents = [agent for j, agent in enumerate(found.environment.agents) if j != row.agent]
    shown = row.others if everything else row.others[:SHOWN]
    if len(agents) == 1:
        text = f"{agents[0].name} " + ", ".join(apart(agents[0].types[k]) for (k,) in shown)
    else:
        text = ", ".join(f"({', '.join(apart(a.types[k]) for a, k in zip(agents, at, strict=True))})" for at in shown)
    more = len(row.others) - len(shown)
    return text + (f" and {more} more" if more else "")
