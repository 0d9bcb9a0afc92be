"""What theorems say about a row, beside its verdict: exact predictions, and whether the engine agrees with them.

A theorem NAME has the columns NAME_verdict; NAME_least and NAME_most, between which the margin must be (or the value, of
another objective); of a theorem about the continuum NAME_limit, its number there, and NAME_on_grid, what its formula gives
with the row's own types, where it is such a formula; and NAME_agrees.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from lpmech import engine
from lpmech.answer.result import Result
from lpmech.base.errors import Complaints, InputError
from lpmech.base.fields import Context, Reader, written
from lpmech.base.near import hint
from lpmech.literature import theorems
from lpmech.question.distributions import Grid, Law
from lpmech.question.model import Instance
from lpmech.studies import agreement
from lpmech.studies.limit import continuum

APPLICABLE = "applicable"
"""In the place of names: the theorems that apply to the instance as it stands in its file."""

YES, NO, UNDECIDED, SILENT, ERROR = "yes", "no", "undecided", "not applicable", "error"
"""What NAME_agrees says. ERROR: the theorem's own computation failed, which is a bug."""


class TheoremNames(Reader):
    """Names of theorems, or "applicable"."""

    def read(self, source: Any, context: Context) -> tuple[str, ...] | str:
        if source in (APPLICABLE, [APPLICABLE]):
            return APPLICABLE
        expected = '"applicable", or a list of names, which lpmech list shows'
        if not isinstance(source, list):
            raise InputError("not a list of theorems", value=written(source), expected=expected)
        found, known = Complaints(), theorems.names()
        if len(source) > len(known):
            raise InputError(f"{len(source)} names of theorems", expected=f"at most {len(known)}, each once")
        for n, name in enumerate(source):
            with found.about(f"[{n}]"):
                if name not in known:
                    if name == APPLICABLE:
                        raise InputError("beside names", value=written(name), expected="it alone, or names alone")
                    near = hint(name, known, 3)
                    raise InputError("no such theorem", value=written(name), expected=expected + near)
                if name in source[:n]:
                    raise InputError("a theorem named twice", value=repr(name), expected="each theorem once")
        found.settle()
        return tuple(source)

    def json_schema(self) -> dict[str, Any]:
        names = {"type": "array", "items": {"enum": list(theorems.names())}}
        return {
            "anyOf": [{"const": APPLICABLE}, {"const": [APPLICABLE]}, names],
            "description": '"applicable", or a list of theorems',
        }


def applicable(instances: list[Instance]) -> tuple[str, ...]:
    """The theorems that speak about some of the instances, by name."""
    return tuple(
        name for name in theorems.names() if any(theorems.named(name).applies(one) is None for one in instances)
    )


def columns(name: str) -> dict[str, bool]:
    """The columns of a theorem, and whether they hold numbers."""
    limit = {} if theorems.named(name).exact else {f"{name}_limit": True, f"{name}_on_grid": True}
    return {f"{name}_verdict": False, f"{name}_least": True, f"{name}_most": True, **limit, f"{name}_agrees": False}


def cells(
    name: str, instance: Instance, result: Result, memory: engine.Memory, grids: Sequence[tuple[Grid, Law]] = ()
) -> dict[str, str | Fraction | float | None]:
    """A theorem's columns in the row of an instance, the numbers exact. ``grids``: what its types come from, if they do."""
    theorem = theorems.named(name)
    try:
        if theorem.applies(instance) is not None:
            return {f"{name}_agrees": SILENT}
        said = theorem.predict(instance)
        number = said.value if said.margin is None else said.margin
        out: dict[str, str | Fraction | float | None] = {f"{name}_verdict": said.verdict}
        if number is not None:
            out |= {f"{name}_least": number.low, f"{name}_most": number.high}
        if said.limit is not None and said.limit.on_grid:
            out |= {f"{name}_on_grid": said.limit.value, f"{name}_limit": _continuum(said, instance, grids)}
        elif said.limit is not None:
            out |= {f"{name}_limit": said.limit.value}
        return out | {f"{name}_agrees": _agrees(said, result, memory)}
    except Exception:
        return {f"{name}_agrees": ERROR}


def _continuum(said: theorems.Prediction, instance: Instance, grids: Sequence[tuple[Grid, Law]]) -> Fraction | None:
    """The exact integral of the laws on the whole intervals, where there is one."""
    if said.margin is None or any(grid.support == "positive" for grid, _ in grids):
        return None
    found = continuum.margin(instance, grids)
    return found.value if found is not None and isinstance(found.value, Fraction) else None


def _agrees(said: theorems.Prediction, result: Result, memory: engine.Memory) -> str:
    twin = None if said.same_as is None else engine.solve(said.same_as, memory=memory)
    if any(one is not None and one.verdict == "undecided" for one in (result, twin)):
        return UNDECIDED
    return NO if agreement.problems(said, result, twin) else YES
