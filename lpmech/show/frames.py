"""Mechanisms, proofs and instances as tables for pandas: named columns, types by their labels, numbers exact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from lpmech.answer.audit import Audit
from lpmech.answer.audit.level import deviations as misreports
from lpmech.answer.mechanism import Mechanism
from lpmech.answer.multipliers import Multiplier
from lpmech.answer.proof import Proof
from lpmech.answer.result import Result
from lpmech.answer.statements import MechanismStatements
from lpmech.base.errors import InputError, TooLargeError
from lpmech.base.exact import decimal
from lpmech.question.constraints import Constraint, Place
from lpmech.question.environment import Environment
from lpmech.question.model import Instance
from lpmech.show.explain.audit import place
from lpmech.show.export._single import single

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


# ---- audits and results ------------------------------------------------------------------------------------------------


def properties(audit: Audit) -> Columns:
    """A row for each property: asked ("yes" or ""), holds ("yes" or "no"), the worst violation, and where it is."""
    rows: list[tuple[str | Fraction | None, ...]] = []
    for p in audit.properties.values():
        where = place(audit, p) if p.place is not None else ""
        rows.append((p.name, "yes" if p.asked else "", "yes" if p.holds else "no", p.violation, where))
    return _columns(("property", "asked", "holds", "violation", "where"), rows)


def deviations(audit: Audit) -> Columns:
    """A row for each misreport that pays, worst first: constraint, agent, type, report, profile, gain."""
    env = audit.instance.environment
    found = sorted(misreports(audit.instance, audit.mechanism), key=lambda one: -one.gain)
    rows: list[tuple[str | Fraction | None, ...]] = []
    for one in found:
        agent, at = env.agents[one.constraint.agent or 0], one.place
        own, report = at.own(one.constraint.agent), at.report
        assert own is not None
        assert report is not None
        profile = None
        if at.profile is not None:
            profile = ", ".join(a.types[k] for a, k in zip(env.agents, at.others or at.profile, strict=True))
        rows.append((one.constraint.code, agent.name, agent.types[own], agent.types[report], profile, one.gain))
    return _columns(("constraint", "agent", "type", "report", "profile", "gain"), rows)


MOST_ROWS = 200_000
"""Most rows of constraints that are listed."""


def constraints(result: Result) -> Columns:
    """A row for each row of each constraint: constraint, where, slack of the mechanism (z = 0), multiplier of the proof.

    Slack is what the row's left side is more than 0: None without a mechanism. Multipliers of compact proofs are written
    out on single rows.
    """
    instance, env = result.instance, result.instance.environment
    found = result.mechanism
    of = None if found is None else MechanismStatements(found)
    rows: list[tuple[str | Fraction | None, ...]] = []
    weights: dict[tuple[Constraint, Place], Fraction] = {}
    if result.proof is not None and result.proof.multipliers is not None:
        given = result.proof.multipliers if instance.further else single(result.proof)
        for m in given:
            weights[m.constraint, m.place] = weights.get((m.constraint, m.place), Fraction(0)) + m.weight
    names = [agent.name for agent in env.agents]
    for constraint in instance.constraints:
        for at in constraint.places(env):
            slack = None if of is None else constraint.value(of, at)
            label = constraint.label(at, env.agents)
            rows.append((constraint.block(names), label, slack, weights.get((constraint, at), Fraction(0))))
            if len(rows) > MOST_ROWS:
                raise TooLargeError(f"more than {MOST_ROWS:,} rows of constraints", expected="a coarser grid")
    return _columns(("constraint", "row", "slack", "multiplier"), rows)


def _name(m: Multiplier, env: Environment) -> str | None:
    """The agent; "each buyer" where a constraint stands for those of all."""
    if m.agent is None:
        return None
    return f"each {env.role(m.agent)}" if m.place.alike else env.agents[m.agent].name


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
