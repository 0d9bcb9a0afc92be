"""Efficient, BIC, interim or ex ante IR, independent types: the margin from interim chances and shortest paths.

A type can be asked for at most what IR leaves to it, and for at most what a type that it could report pays, plus what the
truth is worth more. The largest payments that all these allow are shortest paths; their expectation, less the expected cost,
is the margin. Proof: docs/closed-forms.md. Sources: kos-manea-2009, Theorems 1 and 2; efficient-mechanisms-notes, Theorem 2.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from lpmech.answer.compact_interim import InterimMechanism
from lpmech.answer.interim_chances import MOST_STEPS, Chances, Classes, Laws, Types
from lpmech.answer.multipliers import Multiplier
from lpmech.answer.proof import Proof
from lpmech.base.errors import TooLargeError
from lpmech.base.exact import Scaled
from lpmech.question.accepts import Accepts
from lpmech.question.constraints import Place, Scope
from lpmech.question.constraints.balanced import Balanced
from lpmech.question.constraints.bic import BIC
from lpmech.question.constraints.ex_ante_ir import ExAnteIR
from lpmech.question.constraints.interim_ir import InterimIR
from lpmech.question.constraints.no_deficit import NoDeficit
from lpmech.question.constraints.no_expected_deficit import NoExpectedDeficit
from lpmech.question.model import Environment, Instance

ROUNDS = 8
"""Most ranks that are tried before ties are left to a program."""

ACCEPTS = Accepts(
    kinds=("social-choice", "partnership"),
    independent=True,
    objectives=("margin",),
    allocation=("efficient",),
    transfers=("any",),
    incentives=(BIC,),
    participation=(InterimIR, ExAnteIR),
    budget=(NoExpectedDeficit, NoDeficit, Balanced),
)

Row = tuple[int, int | None, int]
"""A type, the report (None: participation), and the weight in units of 1/units[c]."""


def accepts(instance: Instance) -> str | None:
    """Social choice or a partnership; ties any only where the best choice among tied outcomes is found."""
    if (reason := ACCEPTS.reason(instance)) is not None:
        return reason
    env, need = instance.environment, instance.requirements
    assert need.budget_rule is not None
    if len(env.agents) < 2 and need.budget_rule.scope is Scope.PROFILE:
        return "there is one agent, and a budget at every profile"
    pairs = sum(n * n for n in env.sizes) * (1 if env.kind == "partnership" else len(env.outcomes))
    if pairs > MOST_STEPS * max(1, len(env.agents)):
        return "there are too many pairs of types"
    answer = _answer(instance)
    return answer if isinstance(answer, str) else None


def solve(instance: Instance) -> Proof:
    """Margin, mechanism and multipliers."""
    answer, need = _answer(instance), instance.requirements
    assert not isinstance(answer, str)  # ``accepts`` has said so
    mechanism, margin, agents = answer.mechanism, answer.margin, len(instance.environment.agents)
    fees = None
    if need.budget_rule is Balanced and margin > 0:
        fees = (margin / agents,) * agents
        money = [row.plus(-fees[0]) for row in mechanism.money]
        mechanism = InterimMechanism(mechanism.types, mechanism.ranks, mechanism.chances, money)
    verdict = "exists" if margin >= 0 else "impossible"
    weights = _multipliers(instance, answer)
    classes = mechanism.types.classes
    return Proof(instance, verdict, margin, margin, mechanism, fees, None, weights, "margin", classes)


@dataclass(frozen=True)
class _Answer:
    mechanism: InterimMechanism
    margin: Fraction
    rows: list[list[Row]]
    """For each class the weights on incentives and, where it is interim, participation."""


def alike(env: Environment, ties: str) -> Classes:
    """Classes of agents of the same types, masses and outside options; in a partnership with ties that prefer some agents
    to others, everybody is a class of his own."""
    moves = env.kind == "partnership"
    classes: dict[Hashable, list[int]] = {}
    for i, agent in enumerate(env.agents):
        worth = tuple(row[i] for row in env.valuation(i)) if moves else env.valuation(i)
        key = (worth, agent.probabilities, agent.outside, i if moves and ties in ("first", "last") else None)
        classes.setdefault(key, []).append(i)
    return tuple(map(tuple, classes.values()))


@lru_cache(maxsize=4)
def _answer(instance: Instance) -> _Answer | str:
    """The answer, or why there is none: it is asked for twice."""
    need = instance.requirements
    types = Types.of(instance.environment, alike(instance.environment, need.ties))
    interim = need.participation_rule is InterimIR
    try:
        laws = Laws(types)
        ranks = _first_ranks(types, need.ties)
        for _ in range(ROUNDS):
            chances = laws.chances(ranks)
            paths = [_paths(types, chances, c, interim) for c in range(len(types.classes))]
            rows = [_rows(types.own[c], parents) if interim else [] for c, (_, parents) in enumerate(paths)]
            if need.ties != "any" or not chances.tied:
                break
            better = _best_ranks(types, rows, interim)
            if _agrees(types, rows, interim, ranks):
                break
            if better == ranks:
                return "which of several tied outcomes is best depends on the agent"
            ranks = better
        else:
            return "which of several tied outcomes is best was not found"
    except TooLargeError as problem:
        return str(problem)
    money = [Scaled(types.unit * chances.over[c], T) for c, (T, _) in enumerate(paths)]
    if not interim:
        money = [_at_the_mean(types, chances, c, T) for c, (T, _) in enumerate(paths)]
    mechanism = InterimMechanism(types, ranks, chances, money)
    return _Answer(mechanism, mechanism.revenue, rows)


def _first_ranks(types: Types, ties: str) -> list[list[int]]:
    """The ranks that the tie rule prescribes; for ``any`` those to begin with."""
    if types.alone:
        sign = {"first": 1, "last": -1}.get(ties, 0)
        last = max(types.classes[-1]) if types.classes else 0
        return [
            [(members[0] if sign > 0 else last - members[0] if sign < 0 else 0)] * len(own)
            for members, own in zip(types.classes, types.own, strict=True)
        ]
    count = len(types.costs)
    if ties == "uniform":
        return [[0] * count]
    return [[count - 1 - x for x in range(count)] if ties == "last" else list(range(count))]


# ---- the largest payments ------------------------------------------------------------------------------------------------


def _paths(types: Types, chances: Chances, c: int, interim: bool) -> tuple[list[int], list[int | None]]:
    """The largest payments of the types of class c that incentives and participation allow, in units of 1/(unit over[c]),
    and for each type the report that binds, None where participation does.

    Without interim participation: the payments are the largest if the first type pays what the outcome is worth to it.
    """
    worth, got, over = types.worth[c], chances.of[c], chances.over[c]
    size = range(len(worth))
    value = [[sum(q * row[slot] for slot, q in chance.items()) for chance in got] for row in worth]
    T: list[int | None] = [
        value[k][k] - types.outside[c][k] * over if interim or not k else None for k in size
    ]
    parents: list[int | None] = [None for _ in size]

    def relax(k: int, r: int) -> bool:
        from_r, own = T[r], T[k]
        if from_r is None:
            return False
        most = from_r + value[k][k] - value[k][r]
        if own is not None and most >= own:
            return False
        T[k], parents[k] = most, r
        return True

    for k in size[1:]:  # where types are ordered these two passes are enough
        relax(k, k - 1)
    for k in size[-2::-1]:
        relax(k, k + 1)
    for _ in range(len(worth) + 1):
        if not any([relax(k, r) for k in size for r in size if r != k]):
            return [t for t in T if t is not None], parents
    raise AssertionError("an efficient allocation has no cycle of reports that gains")


def _rows(own: Sequence[int], parents: Sequence[int | None]) -> list[Row]:
    """Each type's mass, carried along its path to the type at which participation binds."""
    carried = list(own)
    children = [0] * len(own)
    for r in parents:
        if r is not None:
            children[r] += 1
    leaves = [k for k, n in enumerate(children) if not n]
    rows: list[Row] = []
    while leaves:
        k = leaves.pop()
        r = parents[k]
        if r is None:
            if carried[k]:
                rows.append((k, None, carried[k]))
            continue
        if carried[k]:
            rows.append((k, r, carried[k]))
        carried[r] += carried[k]
        children[r] -= 1
        if not children[r]:
            leaves.append(r)
    return sorted(rows, key=lambda row: (row[1] is not None, row[0]))


def _at_the_mean(types: Types, chances: Chances, c: int, T: Sequence[int]) -> Scaled:
    """Shifted so that ex ante IR binds."""
    over, total = chances.over[c], 0
    for k, (m, t) in enumerate(zip(types.own[c], T, strict=True)):
        value = sum(q * types.worth[c][k][slot] for slot, q in chances.of[c][k].items())
        total += m * (value - types.outside[c][k] * over - t)
    return Scaled(types.unit * over, T).plus(Fraction(total, types.units[c] * types.unit * over))


# ---- ties ----------------------------------------------------------------------------------------------------------------


def _rents(types: Types, rows: list[list[Row]]) -> list[list[int]]:
    """For each outcome what each weighted incentive constraint leaves to its type there: v(x, true) - v(x, report)."""
    out: list[list[int]] = [[] for _ in types.costs]
    for table, own in zip(types.worth, rows, strict=True):
        for k, r, _ in own:
            if r is not None:
                for x, rents in enumerate(out):
                    rents.append(table[k][x] - table[r][x])
    return out


def _weights(types: Types, rows: list[list[Row]], interim: bool) -> list[list[int]]:
    """In a partnership the coefficient of getting the object, less the others' masses, in units of 1/(unit units[c])."""
    out = []
    for c, own in enumerate(rows):
        worth = [v for (v,) in types.worth[c]]
        a = [0 if interim else m * v for m, v in zip(types.own[c], worth, strict=True)]
        for k, r, w in own:
            a[k] += w * worth[k]
            if r is not None:
                a[r] -= w * worth[k]
        out.append(a)
    return out


def _levels(types: Types) -> dict[int, list[tuple[int, int]]]:
    """Classes and types by value."""
    out: dict[int, list[tuple[int, int]]] = {}
    for c, table in enumerate(types.worth):
        for k, (v,) in enumerate(table):
            out.setdefault(v, []).append((c, k))
    return out


def _best_ranks(types: Types, rows: list[list[Row]], interim: bool) -> list[list[int]]:
    """Tied outcomes in the order in which the multipliers count them."""
    if not types.alone:
        rents = _rents(types, rows)
        order = sorted(range(len(rents)), key=lambda x: (sum(rents[x]), x))
        return [[order.index(x) for x in range(len(order))]]
    weights, ranks = _weights(types, rows, interim), [[0] * len(own) for own in types.own]
    for level in _levels(types).values():
        ratio = {
            (c, k): Fraction(-weights[c][k], types.own[c][k]) for c, k in level if types.own[c][k]
        }
        places = {a: n + 1 for n, a in enumerate(sorted(set(ratio.values())))}
        for c, k in level:
            if (c, k) in ratio:
                ranks[c][k] = places[ratio[c, k]]
            else:
                ranks[c][k] = 0 if weights[c][k] >= 0 else len(places) + 1
    return ranks


def _agrees(types: Types, rows: list[list[Row]], interim: bool, ranks: list[list[int]]) -> bool:
    """Whether at all ties outcomes of lower rank count at least as much, and those of equal rank the same."""
    if not types.alone:
        rents = _rents(types, rows)
        order = sorted(range(len(rents)), key=lambda x: ranks[0][x])
        return all(
            all(a <= b for a, b in zip(rents[x], rents[y], strict=True))
            and (ranks[0][x] < ranks[0][y] or rents[x] == rents[y])
            for x, y in zip(order, order[1:], strict=False)
        )
    weights = _weights(types, rows, interim)
    for level in _levels(types).values():
        likely = sorted((ranks[c][k], Fraction(-weights[c][k], types.own[c][k])) for c, k in level if types.own[c][k])
        if any(a > b or (r == s and a != b) for (r, a), (s, b) in zip(likely, likely[1:], strict=False)):
            return False
        for c, k in level:
            if likely and not types.own[c][k]:
                r, a = ranks[c][k], weights[c][k]
                if (a < 0 and r <= likely[-1][0]) or (a > 0 and r >= likely[0][0]):
                    return False
    return True


# ---- multipliers ---------------------------------------------------------------------------------------------------------


def _multipliers(instance: Instance, answer: _Answer) -> tuple[Multiplier, ...]:
    """Participation and incentives of the first of each class, and the budget."""
    types, budget = answer.mechanism.types, instance.requirements.budget_rule
    assert budget is not None  # ``accepts`` has said so
    out, one = [], Fraction(1)
    for (first, *more), own, unit in zip(types.classes, answer.rows, types.units, strict=True):
        several = bool(more)
        if instance.requirements.participation_rule is ExAnteIR:
            out.append(Multiplier(ExAnteIR(first), one, Place(alike=several)))
        for k, r, w in own:
            if r is None:
                out.append(Multiplier(InterimIR(first), Fraction(w, unit), Place(type=k, alike=several)))
            else:
                out.append(Multiplier(BIC(first), Fraction(w, unit), Place(type=k, report=r, alike=several)))
    out.append(Multiplier(budget(), one, Place(averaged=budget.scope is Scope.PROFILE)))
    return tuple(out)
