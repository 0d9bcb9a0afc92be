"""The formulation that answers an instance, and its exact program: cvxpy runs once for each shape in a process."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from lpmech import closed_forms
from lpmech.base.errors import InputError, TooLargeError
from lpmech.base.exact import show_count, to_float
from lpmech.base.near import hint
from lpmech.base.phase import phase
from lpmech.certify.solver import silent_highspy
from lpmech.programs import formulations
from lpmech.programs.formulations import Compiled, Formulation, Program
from lpmech.programs.full_rows import FullRows
from lpmech.question.model import Instance

if TYPE_CHECKING:
    from lpmech.programs.canonical import Canonical

MAX_ENTRIES = 6_000_000
"""Largest program that is tried, in transfers, lotteries and incentive constraints together (about 1 kB each)."""

_compiled: OrderedDict[Any, tuple[Program, Canonical]] = OrderedDict()
_COMPILED_MOST = 32
_compiling = threading.Lock()


def formulation(instance: Instance, method: str = "auto") -> Formulation:
    """The formulation that answers an instance, after checking that it fits."""
    name = str(method).replace("-", "_")
    if method == "auto":
        name = FullRows.name if instance.further else formulations.smallest(instance)
    if name not in formulations.names():
        known = ["auto", *formulations.names(), *closed_forms.names()]
        reason = "a closed form has no program" if name in closed_forms.names() else "unknown method"
        raise InputError(reason, value=repr(method), expected=", ".join(known) + hint(method, known))
    kind = FullRows if name == FullRows.name and instance.further else formulations.named(name)
    mismatch = kind.accepts(instance)
    if mismatch is not None:
        raise InputError(f"formulation {name} does not apply: {mismatch}", value=repr(method), expected="auto")
    _check_size(kind, instance)
    return kind(instance)


def _check_size(kind: type[Formulation], instance: Instance) -> None:
    env, entries = instance.environment, kind.entries(instance)
    if entries > MAX_ENTRIES:
        sizes, N = env.sizes, len(env.agents)
        raise TooLargeError(
            f"{' x '.join(map(str, sizes)) if N <= 8 else f'{N} agents'} types are {show_count(env.profile_count)} "
            f"profiles and {show_count(entries)} transfers and constraints, too many for the {kind.name} program",
            expected=f"at most {MAX_ENTRIES:,}: a coarser grid or fewer agents",
        )


def compile_program(form: Formulation) -> Compiled:
    """Exact program of a formulation; cvxpy runs once for each shape in a process."""
    with phase("writing the program"):
        return _compiled_program(form)


def _compiled_program(form: Formulation) -> Compiled:
    if isinstance(form, FullRows):
        return Compiled(form, None, form.linear_program(level=not form.margin))
    numbers = form.numbers()
    sizes = {name: values.shape for name, values in numbers.items()}
    key = (form.name, form.shape())
    with _compiling:
        if key not in _compiled:
            from lpmech.programs.canonical import Canonical

            program = form.program(sizes)
            _compiled[key] = (program, Canonical(program.problem, program.constraints, program.variables))
            if len(_compiled) > _COMPILED_MOST:
                _compiled.popitem(last=False)
        _compiled.move_to_end(key)
        program, canonical = _compiled[key]
    return Compiled(form, program, canonical.apply(numbers))


def program(instance: Instance, method: str = "auto") -> Program:
    """A fresh cvxpy problem for an instance, Parameters set to the nearest doubles: yours to solve and to change.

    "auto" is the full program, whose variables are the mechanism itself.
    """
    form = formulation(instance, "full" if method == "auto" else method)
    numbers = form.numbers()
    out = form.program({name: values.shape for name, values in numbers.items()})
    for parameter in out.problem.parameters():
        values = [to_float(x) for x in numbers[parameter.name()].ravel(order="F")]
        parameter.value = np.reshape(values, parameter.shape, order="F")
    silent_highspy()  # whoever solves it with cvxpy's HIGHS sees no banner either
    return replace(out, labels=form.labels())
