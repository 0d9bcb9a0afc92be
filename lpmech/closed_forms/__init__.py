"""Closed forms: theorems that answer an instance without a program, one file each; the file's name is the method's.

Each file defines two functions (``ClosedForm`` below), and as data what it accepts (``ACCEPTS``). Laws:

* ``accepts`` looks at the requirements first and at numbers as little as possible: it is asked about every instance. Where
  only the answer says whether there is one, it is bounded in effort and kept for ``solve``;
* the proof of ``solve`` is accepted by the verifier, for every instance that ``accepts`` accepts, ties, types of
  probability 0 and single types included; ``docs/closed-forms.md`` proves it;
* no program, no solver, no cvxpy.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol, cast

from lpmech.answer.proof import Proof
from lpmech.question.model import Instance


class ClosedForm(Protocol):
    """What a file of this folder defines."""

    def accepts(self, instance: Instance) -> str | None:
        """None if the closed form answers the instance, else why it does not: "transfers are groves"."""

    def solve(self, instance: Instance) -> Proof:
        """The answer, with all that shows it."""
        ...


@cache
def names() -> tuple[str, ...]:
    """Names of the closed forms there are: the files of this folder."""
    return tuple(sorted(module.name for module in iter_modules(__path__) if not module.ispkg))


def named(name: str) -> ClosedForm:
    """The closed form of that name."""
    return cast(ClosedForm, import_module(f"{__name__}.{name}"))


def load() -> None:
    """Import all of them."""
    for name in names():
        named(name)


def applicable(instance: Instance) -> str | None:
    """Name of a closed form that answers the instance, None if there is none."""
    return next((name for name in names() if named(name).accepts(instance) is None), None)
