"""Social choice from functions of labels and values (``SocialChoice.of``)."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Hashable, Iterable, Mapping
from fractions import Fraction
from itertools import pairwise, product
from typing import Any

from lpmech.base.arguments import entries, need
from lpmech.base.errors import InputError
from lpmech.base.exact import Rational, rational


def of_functions(
    environment: Any,
    make_type: Any,
    agents: Mapping[Any, Any],
    outcomes: Iterable[Hashable],
    utility: Callable[..., Rational],
    probabilities: Mapping[Any, Any] | None,
    costs: Any,
    outside: Callable[..., Rational] | None,
    prior: Mapping[Any, Rational] | None,
) -> Any:
    """The environment of ``SocialChoice.of``."""
    need(agents, Mapping, "a dictionary", "agents", 'values of types by agent: {"ann": [1, 2], "bob": {"low": 1}}')
    states = entries(outcomes, "outcomes", 'names, such as ["no", "yes"]')
    types = {agent: _types(agent, given) for agent, given in agents.items()}
    masses = {agent: _masses(agent, types[agent], probabilities) for agent in agents}
    given_costs = [costs[x] for x in states] if isinstance(costs, Mapping) else costs
    worth = _taking(utility, 3, "utility")
    left = (lambda agent, own, types: Fraction(0)) if outside is None else _taking(outside, 2, "outside")
    private = not _takes(utility, 4) and (outside is None or not _takes(outside, 3))
    listed, at_profiles = {}, {}
    profiles = list(product(*(types[agent].items() for agent in agents))) if not private else []
    for agent in agents:
        rows = []
        for label, own in types[agent].items():
            values = [worth(agent, own, x, None) for x in states] if private else [0] * len(states)
            rows.append(make_type(label, masses[agent][label], values, left(agent, own, None) if private else 0))
        listed[agent] = rows
        if not private:
            known = [dict(zip(agents, (own for _, own in profile), strict=True)) for profile in profiles]
            table = [[rational(worth(agent, at[agent], x, at)) for x in states] for at in known]
            at_profiles[agent] = (table, [rational(left(agent, at[agent], at)) for at in known])
    found = environment(states, listed, given_costs, prior, at_profiles or None, [] if _ordered(types) else None)
    if private or found.interdependent:
        return found
    return _without_profiles(environment, make_type, states, types, masses, at_profiles, given_costs, prior)


def _without_profiles(
    environment: Any,
    make_type: Any,
    states: tuple[Any, ...],
    types: Mapping[Any, Mapping[Any, Any]],
    masses: Mapping[Any, Mapping[Any, Rational]],
    at_profiles: Mapping[Any, tuple[list[Any], list[Any]]],
    costs: Any,
    prior: Any,
) -> Any:
    """Utilities that take all types and do not depend on those of others: private values."""
    listed = {}
    step = 1
    for agent in reversed(list(types)):
        values, left = at_profiles[agent]
        listed[agent] = [
            make_type(label, masses[agent][label], values[k * step], left[k * step])
            for k, label in enumerate(types[agent])
        ]
        step *= len(types[agent])
    agents = {agent: listed[agent] for agent in types}
    return environment(states, agents, costs, prior, None, [] if _ordered(types) else None)


def _ordered(types: Mapping[Any, Mapping[Any, Any]]) -> bool:
    """Whether all values are numbers in increasing order."""
    try:
        rows = [[rational(own) for own in one.values()] for one in types.values()]
    except InputError:
        return False
    return all(low < high for row in rows for low, high in pairwise(row))


def _types(agent: Any, given: Any) -> dict[Any, Any]:
    """Values of an agent's types by label; a list's values are their own labels."""
    if isinstance(given, Mapping):
        return dict(given)
    values = entries(given, f"agents[{agent!r}]", "values of his types: [1, 2], or by label")
    out = {value: value for value in values}
    if len(out) < len(values):
        raise InputError(f"two types of one value of {agent}", key=f"agents[{agent!r}]", expected="labels for them")
    return out


def _masses(agent: Any, types: Mapping[Any, Any], given: Mapping[Any, Any] | None) -> dict[Any, Rational]:
    if given is None or agent not in given:
        return dict.fromkeys(types, Fraction(1, len(types) or 1))
    one, key = given[agent], f"probabilities[{agent!r}]"
    if isinstance(one, Mapping):
        if set(one) != set(types):
            raise InputError(f"other labels than the types of {agent}", key=key, expected=", ".join(map(repr, types)))
        return dict(one)
    listed = entries(one, key, "a mass for each type")
    if len(listed) != len(types):
        raise InputError(f"{len(types)} types of {agent} but {len(listed)} masses", key=key, expected="one for each")
    return dict(zip(types, listed, strict=True))


def _takes(function: Callable[..., Any], count: int) -> bool:
    """Whether a function takes so many positional arguments."""
    try:
        inspect.signature(function).bind(*[None] * count)
    except TypeError:
        return False
    return True


def _taking(function: Callable[..., Any], least: int, key: str) -> Callable[..., Any]:
    """The function with one more argument, all types, which it is given if it wants it."""
    if not callable(function) or not (_takes(function, least) or _takes(function, least + 1)):
        arguments = "agent, own, outcome" if least == 3 else "agent, own"
        raise InputError(f"no function of ({arguments})", key=key, expected=f"lambda {arguments}: ...")
    return function if _takes(function, least + 1) else lambda *given: function(*given[:-1])
