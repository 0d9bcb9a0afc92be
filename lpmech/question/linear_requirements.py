"""Linear requirements as people write them, "q[trade] - 1/2" at "prior" at least 0, and what they mean (C13)."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Protocol

from lpmech.base.errors import InputError
from lpmech.base.exact import Rational, rational
from lpmech.base.expressions import EXACT, evaluate_in
from lpmech.base.near import hint
from lpmech.question.constraints.contract import Within
from lpmech.question.constraints.linear import AT_LEAST, AT_MOST, EQUAL, Linear, LinearForm

PROFILE, PRIOR = "profile", "prior"
SUMS = ("t", "u", "q")
"""The letters of a formula: t[AGENT] is a payment, u[AGENT] a utility, q[OUTCOME] a probability."""

_TERM = re.compile(r'(?<!\w)([A-Za-z]\w*)\s*\[\s*(?:"([^"]*)"|([^\]"]*?))\s*\]')
WRITE = '"t[buyer] - u[seller]/2 + q[trade] - 1", with revenue, numbers and parameters'


class Agents(Protocol):
    """An environment, as far as it is named in requirements."""

    @property
    def agents(self) -> Any: ...
    @property
    def outcomes(self) -> tuple[str, ...]: ...


Sum = dict[tuple[str, str], Fraction]
"""(letter, name) -> coefficient; ("", "") is the constant."""
ONE = ("", "")


class _LinearArithmetic:
    """Sums of terms; products and quotients with numbers alone."""

    def number(self, x: Fraction) -> Sum:
        return {ONE: x}

    def minus(self, a: Sum) -> Sum:
        return {key: -x for key, x in a.items()}

    def plus(self, a: Sum, b: Sum) -> Sum:
        return {key: a.get(key, Fraction(0)) + b.get(key, Fraction(0)) for key in {**a, **b}}

    def times(self, a: Sum, b: Sum) -> Sum:
        if set(a) > {ONE} or set(a) - {ONE}:
            a, b = b, a
        by = self._constant(a, "a product of two payments, utilities or probabilities")
        return {key: EXACT.times(x, by) for key, x in b.items()}

    def over(self, a: Sum, b: Sum) -> Sum:
        by = self._constant(b, "division by a payment, utility or probability")
        return {key: EXACT.over(x, by) for key, x in a.items()}

    def power(self, a: Sum, b: Sum) -> Sum:
        base = self._constant(a, "a power of a payment, utility or probability")
        return {ONE: EXACT.power(base, self._constant(b, "an exponent that is no number"))}

    @staticmethod
    def _constant(a: Sum, problem: str) -> Fraction:
        if set(a) - {ONE}:
            raise InputError(problem, expected=f"a linear formula: {WRITE}")
        return a.get(ONE, Fraction(0))


@dataclass(frozen=True)
class LinearRequirement:
    """``of`` at least, at most or equal to a number: at every profile, in expectation ("prior"), or given each type of an
    agent (his name). ``where``: only at these types, by agent. Exactly one of the three comparisons is given.

    ``LinearRequirement("q[trade] - 1/2", at="prior", at_least=0)``. Source: conventions C13.
    """

    of: str
    at: str = PROFILE
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    compared: str = AT_LEAST
    bound: Fraction = Fraction(0)
    name: str = ""
    parameters: tuple[tuple[str, Fraction], ...] = field(default=(), repr=False)

    def __init__(
        self,
        of: str,
        *,
        at: str = PROFILE,
        where: Mapping[Any, Iterable[Any]] | None = None,
        at_least: Rational | None = None,
        at_most: Rational | None = None,
        equal: Rational | None = None,
        name: str = "",
        parameters: Mapping[str, Fraction] | None = None,
    ) -> None:
        bounds = [(AT_LEAST, at_least), (AT_MOST, at_most), (EQUAL, equal)]
        given = [(word, bound) for word, bound in bounds if bound is not None]
        if len(given) != 1:
            problem = "no comparison" if not given else "several comparisons"
            raise InputError(problem, expected="one of at-least, at-most, equal")
        if isinstance(where, str) or any(isinstance(types, str) for types in (where or {}).values()):
            raise InputError("no list of types", key="where", expected='names by agent: { buyer = ["2", "6"] }')
        types = ((str(agent), tuple(str(k) for k in names)) for agent, names in (where or {}).items())
        settings: dict[str, Hashable] = {"of": of, "at": str(at), "where": tuple(types), "name": name}
        settings |= {"compared": given[0][0], "bound": rational(given[0][1])}
        settings["parameters"] = tuple((parameters or {}).items())
        for key, value in settings.items():
            object.__setattr__(self, key, value)
        self.sum()  # complain now

    def sum(self) -> Sum:
        """The formula, by letters and names."""
        known: dict[str, Sum] = {name: {ONE: x} for name, x in self.parameters}
        known["revenue"] = {("revenue", ""): Fraction(1)}

        def named(match: re.Match[str]) -> str:
            letter, name = match[1], match[2] if match[2] is not None else match[3]
            if letter not in SUMS:
                raise InputError(f"no term {match[0]!r}")
            alias = f"{letter}_{len(known)}_"
            known[alias] = {(letter, name): Fraction(1)}
            return alias

        try:
            return evaluate_in(_LinearArithmetic(), _TERM.sub(named, self.of), known)
        except InputError as error:  # says which part; the formula is shown as it was written
            problem = error.problem.replace(" in a number", " in a formula").replace(
                "unknown parameter", "no parameter"
            )
            raise InputError(problem, key="of", value=repr(self.of), expected=f"a linear formula: {WRITE}") from None

    def resolved(self, environment: Agents, number: int) -> Linear:
        """The constraint, with numbers for names. ``number`` counts the requirements from 0."""
        sums: dict[str, dict[int, Fraction]] = {letter: {} for letter in SUMS}
        agents, outcomes = [agent.name for agent in environment.agents], list(environment.outcomes)
        revenue = constant = Fraction(0)
        for (letter, name), x in self.sum().items():
            if letter == "revenue":
                revenue = x
            elif not letter:
                constant = x
            else:
                names = outcomes if letter == "q" else agents
                sums[letter][_found(name, names, "outcome" if letter == "q" else "agent", "of")] = x
        payments, utilities, chances = (tuple((n, x) for n, x in sorted(sums[k].items()) if x) for k in SUMS)
        form = LinearForm(payments, utilities, chances, revenue, constant)
        agent = (
            None if self.at in (PROFILE, PRIOR) and self.at not in agents else _found(self.at, agents, "agent", "at")
        )
        within = self._within(environment, agents, agent)
        name = self.name or f"linear requirement {number + 1}"
        return Linear(
            agent, number, name, form, self.at == PROFILE and agent is None, self.compared, self.bound, within
        )

    def _within(self, environment: Agents, agents: list[str], agent: int | None) -> Within | None:
        if not self.where:
            return None
        out = [tuple(range(len(one.types))) for one in environment.agents]
        for name, types in self.where:
            i = _found(name, agents, "agent", "where")
            if agent is not None and i != agent:
                raise InputError(
                    f"types of {name}, but it is at {agents[agent]}", key="where", expected=f"types of {agents[agent]}"
                )
            known = list(environment.agents[i].types)
            out[i] = tuple(sorted({_found(k, known, f"type of {name}", f"where.{name}") for k in types}))
        return tuple(out)


def _found(name: str, names: list[str], what: str, key: str) -> int:
    if name not in names:
        listed = ", ".join(map(repr, names[:20]))
        raise InputError(f"no {what} called {name!r}", key=key, expected=listed + hint(name, names))
    return names.index(name)
