"""What notebooks and scripts call: files or instances in, results out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Literal

from lpmech.errors import InputError
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


def solve_many(
    sources: Iterable[Source], *, method: str = "auto", proof: Literal["always", "on-request"] = "always"
) -> Iterator[Result]:
    """Results one by one, in order; programs of one shape are compiled once, and start from the last one's basis.

    With ``proof="on-request"`` neighbouring instances with the same requirements and numbers of types are answered together
    where a closed form can do that (``solve_batch``): verdicts and margins are exact, and ``Result.prove()`` adds the
    verified proof. Other instances are decided as always.
    """
    from lpmech import engine
    from lpmech.batch import results

    if proof not in ("always", "on-request"):
        raise InputError("when to make proofs", value=repr(proof), expected='"always" or "on-request"')
    instances = (_instance(source, None) for source in sources)
    if proof == "on-request" and method == "auto":
        return results(instances)
    memory = engine.Memory()
    return (engine.solve(instance, method=method, memory=memory) for instance in instances)
