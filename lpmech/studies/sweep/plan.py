"""Sweep files: TOML text -> ``Plan``, every complaint with file, line and key (``docs/sweeps.md``).

A plan is what a worker needs to decide any row: row r asks requirement set r mod S at point r div S, where S is the number
of sets.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from lpmech import closed_forms
from lpmech.base.errors import PATH, Complaints, InputError
from lpmech.base.expressions import unknown_name
from lpmech.base.fields import Context, one_of, written
from lpmech.base.shown import shown
from lpmech.literature import theorems
from lpmech.programs import formulations
from lpmech.question.distributions import Grid, Law
from lpmech.question.model import Instance
from lpmech.reading.complaints import complaints
from lpmech.reading.instance import FORMAT as INSTANCE_FORMAT
from lpmech.reading.instance import build, build_tables, parse, placed, read_table, read_text
from lpmech.reading.schema import schema_of
from lpmech.reading.toml_positions import dotted
from lpmech.studies.limit.refine import grids_of
from lpmech.studies.sweep.axes import Product
from lpmech.studies.sweep.tables import FORMAT, MOST, SweepTable
from lpmech.studies.sweep.theory import APPLICABLE, applicable, columns

_ADAPTER = TypeAdapter(SweepTable)

COLUMNS = frozenset(
    ["row", "requirements", "verdict", "method", "proved", "seconds", "reason", "proof", "verdict_low", "verdict_high"]
) | {"margin", "value", "low", "high", "margin_low", "margin_high", "root", "proof_low", "proof_high"}
"""Names of columns that are no parameters."""

DECIMAL = "_decimal"
"""What the name of a column of doubles ends with, beside the column of exact numbers."""


@dataclass(frozen=True)
class Bisect:
    """Where the verdict changes as a parameter runs from low to high: an interval of at most ``width``."""

    name: str
    low: Fraction
    high: Fraction
    width: Fraction


@dataclass(frozen=True)
class Plan:
    """A sweep: instance, axes and questions. ``pins``: the texts it was made of; ``labels``: names in figures."""

    title: str
    data: Mapping[str, Any]
    base: Path
    axes: Product
    sets: tuple[tuple[str, Mapping[str, Any]], ...]
    bisect: Bisect | None
    proof: str
    method: str
    pins: Mapping[str, str]
    theorems: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    allow_paths: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Parameters that have a column."""
        return self.axes.names

    @property
    def rows(self) -> int:
        return self.axes.size * len(self.sets)

    def point(self, row: int) -> dict[str, Fraction]:
        """Values of the parameters in a row."""
        return dict(self.axes.at(row // len(self.sets)))

    def set_name(self, row: int) -> str:
        """Which requirements a row asks."""
        return self.sets[row % len(self.sets)][0]

    def instance(self, row: int, more: Mapping[str, Fraction] | None = None) -> Instance:
        """The instance of a row, ``more`` parameters set besides. Raises InputError where the point has none."""
        return self.instance_of(row % len(self.sets), {**self.point(row), **(more or {})})

    def instance_of(self, which: int, parameters: Mapping[str, Fraction]) -> Instance:
        """The instance with a set of requirements; parameters not given as in its file."""
        return build(self._asked(which), parameters, self.base, self.allow_paths)

    def grids(self, row: int) -> tuple[tuple[Grid, Law], ...]:
        """The grids that a row's types come from, with their laws."""
        which, point = row % len(self.sets), self.point(row)
        return grids_of(build_tables(self._asked(which), point, self.base, self.allow_paths)[0].environment)

    def _asked(self, which: int) -> dict[str, Any]:
        """The instance's tables with a set of requirements."""
        _, changes = self.sets[which]
        data = dict(self.data)
        if changes:
            data["requirements"] = {**data.get("requirements", {}), **changes}
        return data

    def parameter(self, name: str) -> None:
        """Raise InputError unless the instance has the parameter."""
        known = self.data.get("parameters", {})
        if name not in known:
            raise unknown_name(name, known)


def load_plan(source: str | os.PathLike[str], allow_paths: bool = False) -> Plan:
    """Read a sweep file. Raises InputError with everything that is wrong with it, or with its instance.

    Tables are read from the folder of the instance and below it, from elsewhere with ``allow_paths``.
    """
    path = Path(source)
    return loads_plan(read_text(path), str(source), path.parent, allow_paths)


def loads_plan(
    text: str, file: str = "<string>", folder: str | os.PathLike[str] = ".", allow_paths: bool = False
) -> Plan:
    """Read a sweep from TOML text; files that it names are relative to ``folder``."""
    data = parse(text, file, "a sweep file", FORMAT)
    try:
        return _plan(data, text, Path(folder), allow_paths)
    except InputError as error:
        raise placed(error, text, file) from None


def restored(pins: Mapping[str, str], base: Path, allow_paths: bool = False) -> Plan:
    """The plan that was made of these texts; its instance is not read from the disk again."""
    data = parse(pins["sweep"], "<sweep>", "a sweep file", FORMAT)
    if "instance" in pins:
        data["instance"] = parse(pins["instance"], "<instance>")
    return replace(_plan(data, pins["sweep"], base, allow_paths), pins=dict(pins))


def _plan(data: dict[str, Any], text: str, folder: Path, allow_paths: bool) -> Plan:
    if data.get("format", FORMAT) != FORMAT:
        raise InputError("another format", key="format", value=written(data["format"]), expected=repr(FORMAT))
    try:
        table = _ADAPTER.validate_python(data, context=Context())
    except ValidationError as error:
        found = Complaints()
        complaints(error, data, schema_of(SweepTable, "lpmech sweep"), found)
        raise found.error() from None
    instance, base, pins = _instance(table.instance, folder, allow_paths)
    axes, found = [], Complaints()
    for n, one in enumerate(table.axes):
        with found.about(f"axes[{n}]"):
            axes.append(one.axis())
    found.settle()
    sets = tuple((one.name, one.changes()) for one in table.requirements) or (("base", {}),)
    ends = table.bisect
    bisect = None if ends is None else Bisect(ends.parameter, ends.low, ends.high, ends.width)
    pins |= {"sweep": text}
    labels = {name: text for one in table.axes for name, text in one.names_shown().items()}
    if ends is not None and ends.shown != ends.parameter:
        labels[ends.parameter] = ends.shown
    plan = Plan(
        table.title,
        instance,
        base,
        Product(tuple(axes)),
        sets,
        bisect,
        table.proof,
        table.method,
        pins,
        labels=labels,
        allow_paths=allow_paths,
    )
    _check(plan, theorems.names() if table.theorems == APPLICABLE else table.theorems)
    if not table.theorems:
        return plan
    if bisect is not None:
        raise InputError("theorems beside a bisection", key="theorems", expected="either theorems or bisect")
    if table.theorems != APPLICABLE:
        return replace(plan, theorems=table.theorems)
    return replace(plan, theorems=applicable([plan.instance_of(which, {}) for which in range(len(sets))]))


def _instance(given: Any, folder: Path, allow_paths: bool) -> tuple[dict[str, Any], Path, dict[str, str]]:
    """Tables of the instance, the folder that it names files in, and the texts read."""
    if isinstance(given, dict):
        data, base, pins = {"format": INSTANCE_FORMAT, **given}, folder, {}
        try:
            build(data, {}, base, allow_paths)
        except InputError as error:
            raise error.under("instance") from None
    else:
        path = folder / given
        try:
            text = read_text(path)
        except InputError as error:
            problem = f"{shown(path, PATH)}: {error.problem}"
            raise InputError(problem, key="instance", expected="an instance file") from None
        data, base, pins = parse(text, str(path)), path.parent, {"instance": text}
        if data.get("format") != INSTANCE_FORMAT:  # nothing is shown of a file that is something else
            wanted = f'a file whose first line is: format = "{INSTANCE_FORMAT}"'
            raise InputError(f"{shown(path, PATH)}: no instance file", key="instance", expected=wanted)
        try:
            build(data, {}, base, allow_paths)
        except InputError as error:
            raise placed(error, text, str(path)) from None
    allocation = data["requirements"].get("allocation")
    if isinstance(allocation, dict) and isinstance(allocation.get("table"), str):
        pins["table"] = read_table(allocation["table"], base, allow_paths)[1]
    return data, base.resolve(), pins


def _check(plan: Plan, beside: tuple[str, ...]) -> None:
    """What can be seen wrong before any row is decided; ``beside``: theorems that may have columns."""
    found = Complaints()
    taken = COLUMNS | {column for name in beside for column in columns(name)}
    seen: set[str] = set()
    named = [(f"axes[{n}]", name) for n, axis in enumerate(plan.axes.axes) for name in axis.names]
    for key, name in [*named, *([("bisect.parameter", plan.bisect.name)] if plan.bisect else [])]:
        with found.about(key):
            plan.parameter(name)
            if name in seen:
                raise InputError("a parameter that varies twice", value=repr(name), expected="each parameter once")
            plain = name.removesuffix(DECIMAL)
            if name in taken or plain in taken or (plain != name and plain in seen):
                raise InputError("a parameter with the name of a column", value=repr(name), expected="another name")
        seen.add(name)
    names: set[str] = set()
    for n, (name, _) in enumerate(plan.sets):
        with found.about(f"requirements[{n}].name"):
            if name in names:
                raise InputError("two sets of requirements with one name", value=repr(name), expected="another name")
        names.add(name)
    if plan.rows > MOST:
        raise InputError(f"a sweep of {plan.rows:,} rows", key="axes", expected=f"at most {MOST:,}")
    known = ["auto", *formulations.names(), *closed_forms.names()]
    with found.about("method"):
        if plan.method not in known:
            raise InputError("unknown method", value=repr(plan.method), expected=one_of(known, plan.method))
        if plan.proof == "on-request" and plan.method != "auto":
            raise InputError("proofs on request with a method", value=repr(plan.method), expected='"auto"')
    found.settle()
    for n, (_, changes) in enumerate(plan.sets):
        for error in _errors_of_set(plan, n):
            key = error.key or ""
            parts = key.removeprefix("requirements").lstrip(".")
            place = parts if parts.split(".")[0].split("[")[0] in changes else ""
            found.note(
                InputError(error.problem, value=error.value, expected=error.expected, key=place or None).under(
                    dotted(("requirements", n))
                )
            )
    found.settle()


def _errors_of_set(plan: Plan, which: int) -> tuple[InputError, ...]:
    """What is wrong with the instance, read with a set of requirements and the parameters of its file."""
    try:
        plan.instance_of(which, {})
    except InputError as error:
        return error.parts
    return ()
