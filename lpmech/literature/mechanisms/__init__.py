"""Mechanisms of the literature, built exactly from an instance: one file each; no program, no solver.

A file's name is the mechanism's name, with hyphens where users write it (``vcg_prime.py`` is ``vcg-prime``). Its
docstring begins with the mechanism's title and says after ``Source:`` where it comes from, key and statement. It
defines what ``NamedMechanism`` below lists. Laws:

* ``applies`` says in words why the mechanism is not defined on an instance, None if it is; it looks at the
  environment, and at the requirements only for what they say about the allocation (a tie rule, a posted price, a
  table);
* ``build`` returns the mechanism whenever ``applies`` returns None; whether it meets the instance's requirements is
  what an audit says, not a condition;
* options are keyword arguments with defaults; ``OPTIONS`` names them, each with its choices, or None for a number;
* the properties that docs/mechanisms.md claims hold exactly on every instance, ties, types of probability 0 and
  single types included; tests hold them against the audit.

Where ties are "any", efficient mechanisms break them in favour of the first outcome.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Protocol, cast

from lpmech.answer.mechanism import Mechanism
from lpmech.answer.tables import tabulable
from lpmech.base.errors import InputError
from lpmech.base.exact import Rational, rational
from lpmech.base.near import hint
from lpmech.question.model import Instance

Options = Mapping[str, tuple[str, ...] | None]


class NamedMechanism(Protocol):
    """What a file of this folder defines."""

    OPTIONS: Options

    def applies(self, instance: Instance, **options: Any) -> str | None:
        """None if the mechanism is defined on the instance, else why it is not: "the prior is correlated"."""

    def build(self, instance: Instance, **options: Any) -> Mechanism:
        """The mechanism, in exact numbers."""
        ...


@cache
def names() -> tuple[str, ...]:
    """Names of the mechanisms there are: the files of this folder that do not start with an underscore."""
    files = (module.name for module in iter_modules(__path__) if not module.name.startswith("_"))
    return tuple(sorted(file.replace("_", "-") for file in files))


def named(name: str) -> NamedMechanism:
    """The mechanism of that name. Raises InputError if there is none."""
    known = name.replace("_", "-")
    if known not in names():
        raise InputError(f"no mechanism called {name!r}", expected=f"one of: {', '.join(names())}{hint(name, names())}")
    return cast(NamedMechanism, import_module(f"{__name__}.{known.replace('-', '_')}"))


def applies(name: str, instance: Instance, **options: Rational) -> str | None:
    """Why the mechanism of that name is not defined on the instance; None if it is."""
    tabulable(instance.environment)
    return named(name).applies(instance, **read_options(name, options))


def build(name: str, instance: Instance, **options: Rational) -> Mechanism:
    """The mechanism of that name on an instance. Raises InputError with the reason if it is not defined there."""
    mechanism, given = named(name), read_options(name, options)
    tabulable(instance.environment)
    if (reason := mechanism.applies(instance, **given)) is not None:
        raise InputError(f"{name.replace('_', '-')} does not apply: {reason}")
    return mechanism.build(instance, **given)


def read_options(name: str, options: Mapping[str, Rational]) -> dict[str, Any]:
    """Options as ``build`` takes them: choices checked, numbers exact."""
    known, out = named(name).OPTIONS, {}
    for key, value in options.items():
        if key not in known:
            expected = f"one of: {', '.join(known)}{hint(key, known)}" if known else "none: it has no options"
            raise InputError(f"{name} has no option {key!r}", expected=expected)
        choices = known[key]
        if choices is not None and value not in choices:
            raise InputError(
                "unknown choice", key=key, value=repr(value), expected=", ".join(choices) + hint(value, choices)
            )
        try:
            out[key] = rational(value) if choices is None else value
        except InputError as error:
            raise error.located(key=key) from None
    return out
