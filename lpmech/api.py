"""What notebooks and scripts call: files or instances in, results out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from lpmech.answer.mechanism import Mechanism
from lpmech.answer.proof import Proof
from lpmech.answer.result import Result
from lpmech.base.arguments import called
from lpmech.base.errors import InputError, UndecidedError
from lpmech.base.exact import Rational
from lpmech.base.floats import floats as reading
from lpmech.question.model import Instance, asked
from lpmech.reading.instance import load, loads

if TYPE_CHECKING:
    from lpmech.answer.audit import Audit
    from lpmech.programs.formulations import Program
    from lpmech.studies.face import Face
    from lpmech.studies.subsidies import Frontier
    from lpmech.verify import Report

Source = Instance | str | os.PathLike[str]
"""An instance, or the path of an instance file."""

__all__ = [
    "audit",
    "build_mechanism",
    "face",
    "frontier",
    "gap",
    "load",
    "loads",
    "program",
    "read_mechanism",
    "readable",
    "solve",
    "solve_many",
    "verify",
]


def _instance(source: Source, parameters: Mapping[str, Rational] | None) -> Instance:
    """Raises InputError for anything that is neither an instance nor a path, with what to write instead."""
    if isinstance(source, str | os.PathLike):
        return load(source, parameters)
    if parameters:
        raise InputError(
            "parameters belong to an instance file, and an Instance is none", expected="lpmech.load(file, parameters)"
        )
    return asked(source)


def solve(
    source: Source,
    *,
    parameters: Mapping[str, Rational] | None = None,
    method: str = "auto",
    floats: str | None = None,
) -> Result:
    """Decide an instance or an instance file, with proof (see ``lpmech.engine.solve``).

    ``parameters`` overrides parameters of the file, as ``--set`` does: ``solve(file, parameters={"k": 5})``.
    ``floats="decimal"`` reads floats among them as the decimals that they print as; without it they are refused. What an
    Instance is made of takes floats within ``with lpmech.floats("decimal"):``.
    """
    from lpmech import engine

    with reading(floats):
        return engine.solve(_instance(source, parameters), method=method)


def verify(proof: Proof | Result | Mapping[str, Any] | str | os.PathLike[str], **options: Any) -> Report:
    """Check a proof with the stand-alone verifier: a proof or a result as it would be in a file, a proof file, or its JSON.

    ``options`` are those of the verifier's own ``verify``. Raises InputError for a result without a proof, and for
    what is no proof at all; a proof that does not hold is a report that is false.
    """
    from lpmech.verify import verify as check

    if isinstance(proof, Result):
        if proof.proof is None:
            raise InputError(f"a result without a proof: {proof.verdict}", expected="result.prove(), which makes one")
        proof = proof.proof
    if isinstance(proof, Proof):
        return check(proof.table(), **options)
    if isinstance(proof, os.PathLike):
        return check(os.fspath(proof), **options)
    if isinstance(proof, str | dict):
        return check(proof, **options)
    raise InputError(
        f"{called(proof)} where a proof is needed",
        expected="result.proof, the path of a proof file, or its parsed JSON",
    )


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
    from lpmech.engine import neighbours

    if isinstance(sources, str | Instance):
        raise InputError(f"{called(sources)} where a list is needed", expected="lpmech.solve, which decides one")
    return neighbours.solve_many((_instance(source, None) for source in sources), method=method, proof=proof)


def frontier(source: Source, *, parameters: Mapping[str, Rational] | None = None) -> Frontier:
    """The largest expected welfare for every outside subsidy, any allocation allowed: an exact piecewise linear curve.

    ``list(frontier(file))`` are its corners, ``frontier(file)("1/10")`` its value
    (see ``lpmech.studies.subsidies.frontier``).
    """
    from lpmech.studies import subsidies

    return subsidies.frontier(_instance(source, parameters))


def face(
    source: Source, slack: Rational = 0, *, parameters: Mapping[str, Rational] | None = None, programs: int = 2000
) -> Face:
    """What all optimal mechanisms of an instance have in common, exactly; with ``slack`` all within that of the optimum.

    ``face(file)["interim payment[buyer: 6]"]`` is a range, ``face(file).unique`` whether there is one optimal mechanism
    (see ``lpmech.studies.face.face``).
    """
    from lpmech.studies import face

    return face.face(_instance(source, parameters), slack, programs=programs)


def readable(source: Source, *, parameters: Mapping[str, Rational] | None = None) -> Mechanism:
    """A mechanism that meets an instance's requirements with small, round payments (see ``lpmech.engine.rounding``).

    Raises InputError if there is no mechanism, or too many payments for this (TooLargeError).
    """
    from lpmech import engine
    from lpmech.engine import rounding

    return rounding.readable(engine.solve(_instance(source, parameters)))


def read_mechanism(
    source: Source, path: str | os.PathLike[str], *, parameters: Mapping[str, Rational] | None = None
) -> Mechanism:
    """Read a mechanism for an instance from a CSV file (docs/mechanisms.md): a row for each profile."""
    from lpmech.reading import mechanism_csv

    return mechanism_csv.read(_instance(source, parameters).environment, path)


def audit(
    source: Source,
    mechanism: Mechanism | str | os.PathLike[str] | None,
    *,
    parameters: Mapping[str, Rational] | None = None,
) -> Audit:
    """Check every property of a mechanism, or of one in a CSV file: ``audit(instance, mechanism)["DSIC"].holds``."""
    from lpmech.answer.audit import audit
    from lpmech.reading import mechanism_csv

    instance = _instance(source, parameters)
    if mechanism is None:
        raise InputError(
            "no mechanism", expected="a mechanism, or a CSV file: a result has one if its verdict is exists"
        )
    if isinstance(mechanism, str | os.PathLike):
        mechanism = mechanism_csv.read(instance.environment, mechanism)
    if isinstance(mechanism, Mechanism):
        return audit(instance, mechanism)
    write = "a mechanism, or the path of a CSV file"
    if isinstance(mechanism, Result):
        write = "result.mechanism"
    elif hasattr(mechanism, "to_csv"):
        write = "the path of a CSV file: frame.to_csv(path, index=False)"
    raise InputError(f"{called(mechanism)} where a mechanism is needed", expected=write)


def gap(
    source: Source, mechanism: Mechanism | str | os.PathLike[str], *, parameters: Mapping[str, Rational] | None = None
) -> Fraction | float:
    """How much better than a given mechanism one can do: the optimum less what the mechanism attains, >= 0 and exact.

    For the margin: the margin less the largest z that the mechanism meets the requirements with (``Audit.level``). Else the
    largest value of the objective less that of the mechanism. Raises InputError if it does not meet the requirements, and
    UndecidedError if the optimum is not known.
    """
    report = audit(source, mechanism, parameters=parameters)
    on_margin = report.instance.objective.maximize == "margin"
    attained = report.level if on_margin else report.value
    if attained is None or not (report.ok or on_margin):
        lacking = ", ".join(p.name for p in report.violations)
        raise InputError(
            f"the mechanism does not meet the requirements: {lacking}", expected="lpmech.audit tells where"
        )
    result = solve(report.instance)
    best = result.margin if on_margin else result.value
    if best is None:
        raise UndecidedError(f"the optimum is not known: {result.reason or result.verdict}")
    return Fraction(0) if best == attained else best - attained


def build_mechanism(
    name: str, source: Source, *, parameters: Mapping[str, Rational] | None = None, **options: Rational
) -> Mechanism:
    """A mechanism of the literature on an instance, in exact numbers: ``build_mechanism("vcg-prime", file)``.

    Names and options are in docs/mechanisms.md. Raises InputError if it does not apply to the instance, with the reason.
    """
    from lpmech.literature import mechanisms

    return mechanisms.build(name, _instance(source, parameters), **options)
