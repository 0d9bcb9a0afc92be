"""The constraints of the definition, one final class a file; the file sets ``constraint``.

``contract`` says what a constraint is; ``incentives``, ``participation`` and ``budget`` are the families. Files that set
``constraint`` are found by looking: an instance file may ask for each by its word.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from lpmech.question.constraints.budget import Budget
from lpmech.question.constraints.contract import (
    WHOLE,
    Constraint,
    Place,
    Relation,
    Rows,
    Scope,
    Setting,
    UnknownConstraintError,
    Values,
    believing,
)
from lpmech.question.constraints.incentives import Incentives
from lpmech.question.constraints.linear import Linear
from lpmech.question.constraints.participation import Participation
from lpmech.question.constraints.payments import PaymentBound

__all__ = [
    "WHOLE",
    "Budget",
    "Constraint",
    "Incentives",
    "Linear",
    "Participation",
    "PaymentBound",
    "Place",
    "Relation",
    "Rows",
    "Scope",
    "Setting",
    "UnknownConstraintError",
    "Values",
    "believing",
    "named",
    "of_key",
]


@cache
def of_key(key: str) -> tuple[type[Constraint], ...]:
    """Constraints that a requirement of an instance file can ask for, in the order of the conventions."""
    modules = (import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))
    kinds = [kind for module in modules if (kind := getattr(module, "constraint", None)) and kind.key == key]
    return tuple(sorted(kinds, key=lambda kind: kind.listed))


@cache
def named(key: str, word: str) -> type[Constraint] | None:
    """The constraint that a word of an instance file asks for; None for "none"."""
    return next((kind for kind in of_key(key) if kind.word == word), None)
