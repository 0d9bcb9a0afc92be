"""Tables in CSV files with one row for each profile: allocations, and mechanisms.

The header names a column for each agent, which holds his type's label (a value may be written in any way: 1/2 or 0.5),
and a column for each outcome, which holds its probability (a number, or an expression over the file's parameters).
Tables of mechanisms (``lpmech.reading.mechanism_csv``) have more columns of numbers. Every profile has exactly one row, in
any order.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Container, Iterator, Sequence
from fractions import Fraction

from lpmech.base.errors import InputError
from lpmech.base.exact import exact_masses
from lpmech.base.expressions import evaluate
from lpmech.base.fields import Context, one_of
from lpmech.base.spreadsheets import content
from lpmech.question.environment import Environment
from lpmech.question.prior import Profile
from lpmech.question.profiles import Profiles
from lpmech.question.requirements import AllocationTable

Row = tuple[int, list[str]]
"""A line number and the cells on it."""


def read_allocation(text: str, file: str, environment: Environment, context: Context) -> AllocationTable:
    """Read the table. Raises InputError with file, line and column on the first thing that is wrong."""
    return AllocationTable(lottery for lottery, _ in read_profiles(text, file, environment, context))


def read_profiles(
    text: str, file: str, environment: Environment, context: Context, numbers: Sequence[str] = ()
) -> list[tuple[list[Fraction], list[Fraction]]]:
    """For every flattened profile the probabilities of the outcomes, and the entries of the columns called ``numbers``."""
    rows = _rows(text, file)
    _, header = next(rows, (1, []))
    agents, outcomes = [agent.name for agent in environment.agents], environment.outcomes
    columns = _columns(header, agents, outcomes, numbers, file)
    labels = [{label: k for k, label in enumerate(agent.types)} for agent in environment.agents]
    table: dict[Profile, tuple[list[Fraction], list[Fraction]]] = {}
    for line, cells in rows:
        try:
            if len(cells) != len(header):
                raise InputError(f"{len(cells)} cells", expected=f"{len(header)}, as in the header")
            profile = tuple(_type(cells[columns[i]], name, labels[i], context) for i, name in enumerate(agents))
            if profile in table:
                raise InputError("a profile listed twice", value=_shown(environment, profile))
            found = [
                _number(cells[column], name, context)
                for column, name in zip(columns[len(agents) :], [*outcomes, *numbers], strict=True)
            ]
            lottery, more = found[: len(outcomes)], found[len(outcomes) :]
            for mass, outcome in zip(lottery, outcomes, strict=True):
                if mass < 0:
                    raise InputError("a negative probability", key=outcome, value=mass, expected="0 or more")
            exact_masses(lottery, "row")
        except InputError as error:
            raise error.located(file=file, line=line) from None
        table[profile] = lottery, more
    if len(table) < environment.profile_count:
        missing = next(p for p in Profiles(environment) if p not in table)
        raise InputError(
            f"{len(table)} rows, and none for {_shown(environment, missing)}",
            file=file,
            expected="a row for each profile",
        )
    return [table[profile] for profile in Profiles(environment)]


def _rows(text: str, file: str) -> Iterator[Row]:
    """Rows that are not blank, with the lines that they end on."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, cells
    except csv.Error as problem:
        raise InputError(f"not CSV: {problem}", file=file, line=reader.line_num) from None


def _columns(
    header: Sequence[str], agents: Sequence[str], outcomes: Sequence[str], numbers: Sequence[str], file: str
) -> list[int]:
    """Column numbers of the agents, then of the outcomes, then of the other numbers."""
    wanted = [*agents, *outcomes, *numbers]
    things = "agents, outcomes and payments" if numbers else "agents and outcomes"
    known: set[str] = set()
    for name in wanted:
        if name in known:
            raise InputError(f"{name!r} names two of the {things}", file=file, expected="different names")
        known.add(name)
    places = {_named(name, known): number for number, name in enumerate(header)}
    unknown = next((name for name in places if name not in known), None)
    missing = next((name for name in wanted if name not in places), None)
    if unknown is not None or missing is not None or len(header) != len(wanted):
        if unknown is not None and places.keys() >= set(agents):  # else nothing is shown: it may be no table at all
            problem = f"unknown column {unknown!r}"
        else:
            problem = "a column named twice" if missing is None else f"no column {missing!r}"
        expected = f"a column for each agent ({', '.join(agents)}) and for each outcome ({', '.join(outcomes)})"
        if numbers:
            expected = f"columns {', '.join(wanted)}"
        raise InputError(problem, file=file, line=1, expected=expected)
    return [places[name] for name in wanted]


def _named(cell: str, known: Container[str]) -> str:
    """The name that a cell has: as ``Mechanism.to_csv`` writes it, as it stands, or without the spaces around it."""
    return next((name for name in (content(cell), cell) if name in known), cell.strip())


def _type(cell: str, agent: str, labels: dict[str, int], context: Context) -> int:
    """Number of the type whose label, or value, the cell has."""
    label = _named(cell, labels)
    if label in labels:
        return labels[label]
    try:
        return labels[str(evaluate(label, context.parameters))]
    except (InputError, KeyError):
        known = list(labels)
        shown = one_of(known) if len(known) <= 10 else f"{one_of(known[:9])}, ... or {known[-1]!r}"
        raise InputError(f"{agent} has no such type", key=agent, value=repr(label), expected=shown) from None


def _number(cell: str, column: str, context: Context) -> Fraction:
    try:
        return context.number(cell.strip())
    except InputError as error:
        raise error.located(key=column) from None


def _shown(environment: Environment, profile: Profile) -> str:
    return ", ".join(f"{agent.name} {agent.types[k]}" for agent, k in zip(environment.agents, profile, strict=True))
