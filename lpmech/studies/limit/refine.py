"""Instance files on finer and finer grids.

Where the file gives the number of points as a number, each grid's cells are multiplied by the same factor; where it gives
it by a parameter, the parameter is raised, and whatever else depends on it in the file goes along. Multiplying the cells
keeps how the points of different grids lie to each other: which coincide, and where the atoms are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

from lpmech.base.errors import InputError
from lpmech.base.exact import Rational
from lpmech.question.distributions import Grid, Law
from lpmech.question.distributions.atom import Atom
from lpmech.question.distributions.mixture import Mixture
from lpmech.question.distributions.truncated import Truncated
from lpmech.question.environments import EnvironmentTable
from lpmech.question.model import Instance
from lpmech.reading.instance import build_tables

COARSEST = 4
"""The first grid has at least that many cells, if the file's has."""


@dataclass(frozen=True)
class Refined:
    """An instance, the number of points as shown, and its grids with their laws, one for each table of the file."""

    points: int
    instance: Instance
    grids: tuple[tuple[Grid, Law], ...]

    @property
    def step(self) -> Fraction:
        """The largest cell, as a share of its grid's interval."""
        return max(Fraction(1, cells(grid)) for grid, _ in self.grids)

    @property
    def coarsenable(self) -> bool:
        """Whether half the cells are cells, and enough."""
        return all(cells(grid) % 2 == 0 and cells(grid) // 2 >= COARSEST for grid, _ in self.grids)

    @property
    def factor(self) -> int:
        """By what the cells are multiplied from one grid to the next. Three times as many cells keep the old centres, where
        an atom may be."""
        return 3 if any(grid.placement == "midpoints" and atoms(law) for grid, law in self.grids) else 2


def cells(grid: Grid) -> int:
    """Into how many parts the points cut the interval, half cells at the ends counted together."""
    return grid.points - 1 if grid.placement == "endpoints" else grid.points


def atoms(law: Law) -> set[Fraction]:
    """Values of positive mass."""
    if isinstance(law, Truncated):
        return atoms(law.law)
    if isinstance(law, Mixture):
        return {x for weight, part in law.parts if weight for x in atoms(part)}
    return {law.at} if isinstance(law, Atom) else set()


@dataclass(frozen=True)
class Family:
    """An instance file whose grids can be refined. ``name``: the parameter that is the number of points, if any."""

    data: Mapping[str, Any]
    parameters: Mapping[str, Rational]
    base: Path
    name: str | None
    allow_paths: bool = False

    @classmethod
    def of(
        cls, data: Mapping[str, Any], parameters: Mapping[str, Rational], base: Path, allow_paths: bool = False
    ) -> Family:
        """Raises InputError if the file is no instance, there is nothing to refine, or it is not plain how."""
        _, instance = build_tables(dict(data), parameters, base, allow_paths)
        if instance.environment.prior is not None:
            raise InputError(
                "a joint prior, which names types by their numbers on one grid",
                key="environment.prior",
                expected="independent types",
            )
        sources = [table["grid"].get("points") for table in gridded(data)]
        if not sources:
            raise InputError(
                "no agent's types come from a distribution on a grid",
                key="environment",
                expected="grid = { low, high, points } and distribution = { ... }: what listed values are taken from is "
                "not known",
            )
        texts = {source for source in sources if isinstance(source, str)}
        known = set(data.get("parameters", {}))
        names = {name for text in texts for name in re.findall(r"[^\W\d]\w*", text)} & known
        if len(names) > 1 or (names and len({str(source) for source in sources}) > 1):
            raise InputError(
                f"numbers of points in different terms: {', '.join(map(str, sources))}",
                key="environment",
                expected="numbers in all grids, or one parameter in all",
            )
        return cls(data, parameters, base, names.pop() if names else None, allow_paths)

    @cached_property
    def first(self) -> Refined:
        """As the file has it."""
        return self._built(self.data, self.parameters)

    def times(self, factor: Fraction) -> Refined:
        """With so many times the cells. Raises InputError where that is no whole number, or no instance."""
        if self.name is None:
            return self._points([_whole(cells(grid) * factor) + _extra(grid) for grid, _ in self.first.grids])
        value, (grid, _) = self.first.points, self.first.grids[0]
        extra = _extra(grid) if value == grid.points else 0
        return self.at(_whole((value - extra) * factor) + extra)

    def at(self, points: int) -> Refined:
        """With that many points in every grid, or that value of the parameter."""
        if self.name is None:
            return self._points([points] * len(self.first.grids))
        return self._built(self.data, {**self.parameters, self.name: points})

    def _points(self, numbers: Sequence[int]) -> Refined:
        data = deepcopy(dict(self.data))
        for table, number in zip(gridded(data), numbers, strict=True):
            table["grid"]["points"] = number
        return self._built(data, self.parameters)

    def _built(self, data: Mapping[str, Any], parameters: Mapping[str, Rational]) -> Refined:
        table, instance = build_tables(dict(data), parameters, self.base, self.allow_paths)
        grids = grids_of(table.environment)
        if self.name is None:
            return Refined(grids[0][0].points, instance, grids)
        return Refined(_whole(Fraction(table.parameters[self.name])), instance, grids)


def grids_of(env: EnvironmentTable) -> tuple[tuple[Grid, Law], ...]:
    """The grids of an environment's table with their laws, in the order of its fields."""
    return tuple((one.grid, one.distribution) for one in env.one_dimensional() if one.grid and one.distribution)


def gridded(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The tables that have a grid, in the order of ``EnvironmentTable.one_dimensional``."""
    env = data.get("environment", {})
    tables = [env[key] for key in ("buyer", "seller") if key in env]
    for agent in (one for key in ("agents", "buyers", "sellers", "bidders") for one in env.get(key, ())):
        parts = agent.get("components") if isinstance(agent, dict) else None
        tables += [agent] if parts is None else parts.values()
    return [one for one in tables if isinstance(one, dict) and isinstance(one.get("grid"), dict)]


def _extra(grid: Grid) -> int:
    return grid.points - cells(grid)


def _whole(x: Fraction | int) -> int:
    if Fraction(x).denominator != 1:
        raise InputError("not a whole number of cells", value=x)
    return int(x)
