"""Mechanisms, proofs and instances as tables for pandas: named columns, types by their labels, numbers exact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from lpmech.answer.mechanism import Mechanism
from lpmech.answer.multipliers import Multiplier
from lpmech.answer.proof import Proof
from lpmech.base.errors import InputError
from lpmech.base.exact import decimal
from lpmech.question.model import Environment, Instance

if TYPE_CHECKING:
    import pandas as pd

Column = Sequence[str | None] | Sequence[Fraction | None]
Columns = dict[str, Column]


def frame(columns: Mapping[str, Column], exact: bool, ordered: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Columns in pandas. Numbers stay Fractions, or become the nearest doubles; columns of type labels are categories in
    the order of the types, so that sorting and pivoting keep it."""
    import pandas as pd

    data: dict[str, object] = {}
    for name, rows in columns.items():
        if name in ordered:
            data[name] = pd.Categorical(list(rows), categories=list(ordered[name]), ordered=True)
        else:
            data[name] = rows if exact else [decimal(x) if isinstance(x, Fraction) else x for x in rows]
    return pd.DataFrame(data)


def labels(environment: Environment) -> dict[str, Sequence[str]]:
    """Each agent's types by his name."""
    return {agent.name: agent.types for agent in environment.agents}


# ---- mechanisms --------------------------------------------------------------------------------------------------------


def interim(mechanism: Mechanism) -> Columns:
    """A row for each type: agent, type, probability, expected payment and utility (None without beliefs)."""
    rows = [
        (agent.name, label, mass, paid, gained)
        for i, agent in enumerate(mechanism.environment.agents)
        for mass, (label, paid, gained) in zip(agent.probabilities, mechanism.interim(i), strict=True)
    ]
    return _columns(("agent", "type", "probability", "payment", "utility"), rows)


def _columns(names: Sequence[str], rows: Iterable[tuple[str | Fraction | None, ...]]) -> Columns:
    listed = list(rows)
    return {name: [row[c] for row in listed] for c, name in enumerate(names)}  # type: ignore[misc]


# ---- instances ---------------------------------------------------------------------------------------------------------


def types(instance: Instance) -> Columns:
    """A row for each type: agent, type, probability (with a joint prior: in all), outside option."""
    rows = [
        (agent.name, *row)
        for agent in instance.environment.agents
        for row in zip(agent.types, agent.probabilities, agent.outside, strict=True)
    ]
    return _columns(("agent", "type", "probability", "outside"), rows)


def joint(instance: Instance) -> Columns:
    """A row for each profile of the joint prior that has a probability: each agent's type, the probability."""
    env = instance.environment
    if env.prior is None:
        raise InputError("types are independent", expected="a joint prior, or the table by type")
    out: Columns = {
        agent.name: [agent.types[theta[i]] for theta in sorted(env.prior)] for i, agent in enumerate(env.agents)
    }
    return _added(out, {"probability": [env.prior[theta] for theta in sorted(env.prior)]})


def _added(out: Columns, more: Columns) -> Columns:
    for name in more:
        if name in out:
            raise InputError(f"two columns called {name!r}", expected="another name for this agent")
    return out | more


# ---- proofs ------------------------------------------------------------------------------------------------------------


def multipliers(proof: Proof) -> Columns:
    """A row for each multiplier: constraint, agent, type, report, where, a column for each agent with his type where
    profiles are named, and the weight.

    "where" is "profile" (the columns of the agents say which), "type" (given the own type), "expectation", or "every
    profile" (each by its mass, docs/proof-format.md, Compact proofs).
    """
    env, found = proof.instance.environment, list(proof.multipliers or ())
    cells = [(m.constraint.code, _name(m, env), *_types(m, env), _where(m)) for m in found]
    out = _columns(("constraint", "agent", "type", "report", "where"), cells)
    if any(m.place.profile is not None for m in found):
        for i, agent in enumerate(env.agents):
            at = [None if m.place.profile is None else agent.types[m.place.profile[i]] for m in found]
            out = _added(out, {agent.name: at})
    return _added(out, {"weight": [m.weight for m in found]})


def _name(m: Multiplier, env: Environment) -> str | None:
    """The agent; "each buyer" where a constraint stands for those of all."""
    if m.agent is None:
        return None
    return env.each(m.agent) if m.place.alike else env.agents[m.agent].name


def _types(m: Multiplier, env: Environment) -> tuple[str | None, str | None]:
    """True type and report."""
    if m.agent is None:
        return None, None
    names, own, report = env.agents[m.agent].types, m.own, m.place.report
    return (None if own is None else names[own]), (None if report is None else names[report])


def _where(m: Multiplier) -> str:
    if m.place.averaged:
        return "every profile"
    if m.place.profile is not None:
        return "profile"
    return "expectation" if m.place.type is None else "type"
