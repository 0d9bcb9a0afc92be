"""The lines of an argument as a reader meets them: what each constraint says, and groups whose weights have a pattern."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import singledispatch
from itertools import accumulate

from lpmech.answer.multipliers import Multiplier
from lpmech.question.constraints import Budget, Constraint, Incentives, Participation, UnknownConstraintError
from lpmech.question.environment import Environment
from lpmech.show.explain.accounts import Accounts, Line
from lpmech.show.explain.document import Cell, Number, Span, Table, listed
from lpmech.show.explain.words import apart, person

LINES = 40
"""Rows of a table unless everything is asked for."""


def reading_order(line: Line) -> tuple[int, ...]:
    """IR and incentives agent by agent, then the budget."""
    m, at = line.multiplier, line.multiplier.place
    agent = -1 if m.agent is None else m.agent
    where = at.profile or ((at.type,) if at.type is not None else ())
    return (int(m.agent is None), agent, m.constraint.order, *where, -1 if at.report is None else at.report)


def says(accounts: Accounts, line: Line) -> Cell:
    """The constraint as an inequality about payments: t at a profile, T and E[t] in expectation; h for Groves charges."""
    return _say(line.multiplier.constraint, accounts, line)


@singledispatch
def _say(constraint: Constraint, accounts: Accounts, line: Line) -> Cell:
    raise UnknownConstraintError(constraint, "an inequality about payments")


@_say.register
def _(constraint: Budget, accounts: Accounts, line: Line) -> Cell:
    what = "charges" if accounts.groves else "payments"
    if line.multiplier.place.profile is None:
        what += " expected"
    z = "" if accounts.proof.bounds == "objective" else "z"
    if line.worth == 0:
        return f"{what} {constraint.relation.value} {z or '0'}"
    return (f"{what} {constraint.relation.value} ", Number(-line.worth), f" + {z}" if z else "")


@_say.register
def _(constraint: Participation, accounts: Accounts, line: Line) -> Cell:
    agent, own = accounts.env.agents[constraint.agent or 0], line.multiplier.own
    letter = _letter(accounts, line.multiplier)
    less = " + z <= " if type(constraint) is accounts.need.level_rule else " <= "
    return (f"E[{letter}]{less}" if own is None else f"{letter}({agent.types[own]}){less}", Number(line.worth))


@_say.register
def _(constraint: Incentives, accounts: Accounts, line: Line) -> Cell:
    types, own, report = (
        accounts.env.agents[constraint.agent or 0].types,
        line.multiplier.own,
        line.multiplier.place.report,
    )
    assert own is not None
    assert report is not None
    if accounts.groves:
        return ("0 <= ", Number(line.worth))
    letter = _letter(accounts, line.multiplier)
    believed = f" | {types[own]}" if accounts.env.prior is not None and letter == "T" else ""
    return (f"{letter}({types[own]}) - {letter}({types[report]}{believed}) <= ", Number(line.worth))


def _letter(accounts: Accounts, m: Multiplier) -> str:
    """t at a profile or in expectation, T expected by a type; h and H for Groves charges."""
    by_type = m.place.profile is None and m.place.type is not None
    letter = "h" if accounts.groves else "t"
    return letter.upper() if by_type else letter


def symbols(accounts: Accounts) -> str:
    """What the letters of ``says`` stand for."""
    ex_ante = any(isinstance(m.constraint, Participation) and m.own is None for m in accounts.multipliers)
    letters = {_letter(accounts, m) for m in accounts.multipliers if m.agent is not None}
    meanings = {
        "t": "t is what the agent pays at the profile" + (", E[t] what he pays in expectation" if ex_ante else ""),
        "T": "T(k) is what type k pays in expectation"
        + (", T(r | k) what the report r would cost him" if accounts.env.prior is not None else ""),
        "h": "h is the agent's Groves charge, which his type does not move",
        "H": "H(k) is the Groves charge that type k expects",
    }
    return "; ".join(meanings[x] for x in sorted(letters, reverse=True))


def table(accounts: Accounts, lines: Sequence[Line], everything: bool) -> Table:
    """Weight, constraint, what it says and weight times that; what is cut off is in rows with its sum, so that the rows add
    up. Incentive constraints that are worth 0 are the first to go from a long table."""
    total = sum((line.amount for line in lines), Fraction(0))
    idle: list[Line] = []
    if not everything and len(lines) > LINES + 1:
        idle = [line for line in lines if line.worth == 0 and line.multiplier.place.report is not None]
        lines = [line for line in lines if line.worth != 0 or line.multiplier.place.report is None]
    rows: list[tuple[Cell, ...]] = [
        (Number(line.weight), label(accounts.env, line), says(accounts, line), Number(line.amount)) for line in lines
    ]
    rows = cut(rows, [line.amount for line in lines], everything)
    if idle:
        rows.append(("", f"{len(idle)} more incentive constraints", "payments alone", Number(Fraction(0))))
    head = ("weight", "constraint", "says", "weight x bound")
    return Table(head, tuple(rows), (0, 3), ("", "sum", "", Number(total)))


def cut(
    rows: list[tuple[Cell, ...]], amounts: Sequence[Fraction], everything: bool, said_in: int = 1
) -> list[tuple[Cell, ...]]:
    """The first rows, and one for all others with their sum in the last column; column ``said_in`` says how many."""
    if everything or len(rows) <= LINES + 1:
        return rows
    more: list[Cell] = [""] * len(rows[0])
    more[said_in] = f"... and {len(rows) - LINES} more (--all shows them)"
    more[-1] = Number(sum(amounts[LINES:], Fraction(0)))
    return [*rows[:LINES], tuple(more)]


def label(env: Environment, line: Line) -> str:
    """The constraint's name."""
    return line.multiplier.label(env)


# ---- groups --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Group:
    """Constraints of one kind of one agent; ``way`` is "down" (reports the next lower type), "up", or "other"."""

    constraint: Constraint
    way: str
    lines: tuple[Line, ...]

    @property
    def agent(self) -> int | None:
        """Whose constraints they are."""
        return self.constraint.agent


def groups(lines: Sequence[Line]) -> list[Group]:
    """The lines sorted into groups, in reading order."""
    sorted_in: dict[tuple[Constraint, str], list[Line]] = {}
    for line in sorted(lines, key=reading_order):
        m = line.multiplier
        step = None if m.place.report is None or m.own is None else m.place.report - m.own
        sorted_in.setdefault((m.constraint, {-1: "down", 1: "up"}.get(step or 0, "other")), []).append(line)
    return [Group(*key, tuple(rows)) for key, rows in sorted_in.items()]


def tails(env: Environment, agent: int, way: str) -> list[Fraction]:
    """P(type >= k) for incentives that go down, P(type <= k) for those that go up."""
    masses = env.agents[agent].probabilities
    return list(accumulate(masses[::-1]))[::-1] if way == "down" else list(accumulate(masses))


def has_tails(env: Environment, group: Group) -> bool:
    """Whether each weight is exactly the tail of the distribution at its type."""
    if group.agent is None or group.way == "other":
        return False
    tail = tails(env, group.agent, group.way)
    kept = (line.multiplier for line in group.lines)
    return all(m.place.type is not None and m.weight == tail[m.place.type] for m in kept)


def sentence(accounts: Accounts, group: Group) -> tuple[Span, ...]:
    """A group in words, with its weights."""
    env, count = accounts.env, len(group.lines)
    weights = {line.multiplier.weight for line in group.lines}
    weight: list[Span] = ["each with weight " if count > 1 else "with weight ", Number(next(iter(weights)))]
    if group.agent is None:
        if group.lines[0].multiplier.place.profile is None:
            return ("the expected budget, ", *weight)
        places = f"{count} profiles" if count > 1 else "one profile"
        by_mass = count > 1 and all(
            (at := line.multiplier.place.profile) is not None and accounts.mass(at) == line.weight
            for line in group.lines
        )
        if by_mass and accounts.proof.symmetry is None:
            return (f"the budget at {places}, each with its probability",)
        return (f"the budget at {places}, ", *(weight if len(weights) == 1 else ["with the weights below"]))
    agent = env.agents[group.agent]
    m = group.lines[0].multiplier
    name = f"each {env.role(group.agent)}" if m.place.alike else person(agent.name)
    if isinstance(group.constraint, Participation):
        if m.own is None:
            return (f"ex ante IR of {name}, ", *weight)
        where = "" if m.place.profile is None else " at single profiles"
        owns = {k for line in group.lines if (k := line.multiplier.own) is not None}
        types = [apart(agent.types[k]) for k in sorted(owns)]
        kinds = listed(types) if len(types) <= 4 else [f"{len(types)} types"]
        tail: list[Span] = weight if len(weights) == 1 else ["with the weights below"]
        return (f"IR of {name} of type " if len(types) == 1 else f"IR of {name} of types ", *kinds, f"{where}, ", *tail)
    toward = {"down": "the next lower type", "up": "the next higher type", "other": "another type"}[group.way]
    said = f"{group.constraint.code} of {name} against reporting {toward} ({count} constraints), "
    if count == 1:
        k, r = m.own, m.place.report
        said = (
            f"{group.constraint.code} of {name} of type {agent.types[k or 0]} against reporting {agent.types[r or 0]}, "
        )
    if has_tails(env, group):
        relation = ">=" if group.way == "down" else "<="
        form = "1 - F(the next lower type)" if group.way == "down" else "F(type)"
        if count == 1:
            return (said, *weight, f" = P(type {relation} {agent.types[m.place.type or 0]})")
        return (said, f"each with weight P(types {relation} its own) = {form}")
    return (said, *(weight if len(weights) == 1 else ["with the weights below"]))
