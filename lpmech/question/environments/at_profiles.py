"""Values and outside options that are given profile by profile, since they may depend on the types of others (C11)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

from lpmech.base.errors import InputError, TooLargeError
from lpmech.base.exact import Rational, rational, show_count
from lpmech.base.fields import written
from lpmech.base.formulas import Formula

OTHERS = "others"
"""The variable that is the sum of all other agents' ``own``."""
OWN = "own"
MAX_ENTRIES = 5_000_000
"""Most values that may be given profile by profile: profiles times outcomes."""

Variables = Mapping[str, Fraction]


def names_others(formulas: Sequence[Formula]) -> bool:
    """Whether a formula names another agent, or all others."""
    return any(OTHERS in formula.names or formula.foreign for formula in formulas)


def variables_at(
    formulas: Sequence[Formula], agent: int, names: Sequence[str], types: Sequence[Sequence[Variables]]
) -> Iterator[dict[str, Fraction]]:
    """At each flattened profile the values of all variables of an agent's formulas: his own, ``others``, AGENT.variable.

    ``types[i][k]`` are the variables of agent i of type k. Raises InputError about names that there are not.
    """
    mentioned = {alias: place for formula in formulas for alias, place in formula.foreign.items()}
    for name, variable in mentioned.values():
        if name not in names:
            raise InputError(f"no agent called {name!r}", expected=", ".join(map(repr, names[:20])))
        if variable not in types[names.index(name)][0]:
            known = ", ".join(f"{name}.{one}" for one in types[names.index(name)][0])
            raise InputError(f"{name} has no variable {variable!r}", expected=known or f"{name} has listed types")
    sums = any(OTHERS in formula.names for formula in formulas)
    for j, name in enumerate(names):
        if sums and j != agent and OWN not in types[j][0]:
            raise InputError(f"others is the sum of values, but {name} has none", expected="one-dimensional types")
    for profile in product(*(range(len(own)) for own in types)):
        out = dict(types[agent][profile[agent]])
        if sums:
            others = (types[j][k][OWN] for j, k in enumerate(profile) if j != agent)
            out[OTHERS] = sum(others, Fraction(0))
        for alias, (name, variable) in mentioned.items():
            j = names.index(name)
            out[alias] = types[j][profile[j]][variable]
        yield out


def known_variables(formulas: Sequence[Formula]) -> list[str]:
    """Names of the variables that formulas may mention beside an agent's own: ``others`` and other agents' by alias."""
    return [OTHERS, *dict.fromkeys(alias for formula in formulas for alias in formula.foreign)]


Worth = Callable[[Mapping[str, Fraction]], Rational]
"""What the unit is worth to an agent, as a function of all agents' signals by name."""


def check_size(profiles: int, outcomes: int) -> None:
    """Raises TooLargeError if values at profiles would be too many."""
    if profiles * outcomes > MAX_ENTRIES:
        raise TooLargeError(
            f"values at {show_count(profiles)} profiles of {outcomes} outcomes",
            expected=f"at most {MAX_ENTRIES:,} in all where values depend on the types of others",
        )


def worths(
    given: Mapping[Any, Worth] | None, names: Sequence[str], signals: Sequence[Sequence[Fraction]]
) -> dict[int, tuple[Fraction, ...]]:
    """What the unit is worth to agents, by their numbers, at each flattened profile of signals."""
    out: dict[int, tuple[Fraction, ...]] = {}
    for label, function in (given or {}).items():
        name = str(label)
        if name not in names:
            raise InputError(f"no agent called {name!r}", key="worth", expected=", ".join(map(repr, names[:20])))
        if not callable(function):
            raise InputError(
                "a worth that is no function",
                key=f"worth.{name}",
                expected='lambda own: own["buyer"] + own["seller"]/2',
            )
        check_size(prod(map(len, signals)), 1)
        profiles = product(*signals)
        out[names.index(name)] = tuple(rational(function(dict(zip(names, at, strict=True)))) for at in profiles)
    return out


def worth_of(formula: Formula, agent: int, names: Sequence[str], key: str | None = None) -> Worth:
    """A formula in own, others and AGENT.own as a function of all signals; ``key``: where it stands in the file."""
    function = formula.over(OWN, *known_variables([formula]))
    mentioned = formula.foreign
    for name, variable in mentioned.values():
        if name not in names:
            raise InputError(f"no agent called {name!r}", expected=", ".join(map(repr, names[:20])))
        if variable != OWN:
            raise InputError(f"{name} has no variable {variable!r}", expected=f"{name}.own")

    def worth(signals: Mapping[str, Fraction]) -> Fraction:
        at = {OWN: signals[names[agent]], OTHERS: sum(signals.values()) - signals[names[agent]]}
        try:
            return function(at | {alias: signals[name] for alias, (name, _) in mentioned.items()})
        except InputError as error:
            raise error.located(key=key, value=written(formula.source)) from None

    return worth


def file_worths(formulas: Sequence[Formula | None], names: Sequence[str], keys: Sequence[str]) -> dict[str, Worth]:
    """Worths by agents' names, where a file gives formulas for them; ``keys`` say where in the file agents stand."""
    out: dict[str, Worth] = {}
    for agent, (formula, key) in enumerate(zip(formulas, keys, strict=True)):
        if formula is not None:
            try:
                out[names[agent]] = worth_of(formula, agent, names, f"{key}.worth")
            except InputError as error:
                raise error.under(f"{key}.worth") from None
    return out


Tables = Mapping[int, tuple[Sequence[Sequence[Fraction]], Sequence[Fraction]]]


def depends(tables: Tables, sizes: Sequence[int]) -> bool:
    """Whether values or outside options differ between profiles in which the agent has the same type."""
    for i, (values, outside) in tables.items():
        first: dict[int, tuple[Any, Fraction]] = {}
        for p, profile in enumerate(product(*map(range, sizes))):
            if first.setdefault(profile[i], (values[p], outside[p])) != (values[p], outside[p]):
                return True
    return False


def worth_tables(
    worth: Mapping[int, Sequence[Fraction]], moves: Sequence[Sequence[int]], shares: Sequence[Fraction] | None = None
) -> dict[int, tuple[tuple[tuple[Fraction, ...], ...], tuple[Fraction, ...]]]:
    """At profiles: worth times what an outcome makes of it (``moves[i][x]``), and outside options, share times worth."""
    out = {}
    for i, amounts in worth.items():
        known: dict[Fraction, tuple[Fraction, ...]] = {}
        for a in amounts:
            if a not in known:
                known[a] = tuple(a * move for move in moves[i])
        share = Fraction(0) if shares is None else shares[i]
        out[i] = (tuple(known[a] for a in amounts), tuple(share * a for a in amounts))
    return out
