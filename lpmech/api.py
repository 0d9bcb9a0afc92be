"""What notebooks and scripts call: files or instances in, results out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from lpmech.exact import Rational
from lpmech.instance import load, loads
from lpmech.model import Instance
from lpmech.result import Result

if TYPE_CHECKING:
    from lpmech.formulations import Program

Source = Instance | str | os.PathLike[str]
"""An instance, or the path of an instance file."""

__all__ = ["load", "loads", "program", "solve", "solve_many"]


def _instance(source: Source, parameters: Mapping[str, Rational] | None) -> Instance:
    return source if isinstance(source, Instance) else load(source, parameters)


def solve(source: Source, *, parameters: Mapping[str, Rational] | None = None, method: str = "auto") -> Result:
    """Decide an instance or an instance file, with proof (see ``lpmech.engine.solve``).

    ``parameters`` overrides parameters of the file, as ``--set`` does: ``solve(file, parameters={"k": 5})``.
    """
    from lpmech import engine

    return engine.solve(_instance(source, parameters), method=method)


def program(source: Source, *, parameters: Mapping[str, Rational] | None = None, method: str = "auto") -> Program:
    """The cvxpy problem of an instance, yours to solve and to change: ``program(...).problem.solve()``."""
    from lpmech import engine

    return engine.program(_instance(source, parameters), method)


def solve_many(sources: Iterable[Source], *, method: str = "auto") -> Iterator[Result]:
    """Results one by one, in order; programs of one shape are compiled once."""
    for source in sources:
        yield solve(source, method=method)
