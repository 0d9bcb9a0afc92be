"""Linear requirements on payments, utilities, lotteries and revenue, as a question states them (C13)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any, ClassVar, final

from lpmech.question.constraints.contract import (
    WHOLE,
    Constraint,
    Named,
    Place,
    Relation,
    Rows,
    Scope,
    Setting,
    Within,
    believing,
)

AT_LEAST, AT_MOST, EQUAL = "at-least", "at-most", "equal"
Weights = tuple[tuple[int, Fraction], ...]
"""Numbers of agents or outcomes, each with its coefficient."""


@dataclass(frozen=True)
class LinearForm:
    """sum_i a_i t_i + sum_i b_i u_i + sum_x c_x q_x + d revenue + e."""

    payments: Weights = ()
    utilities: Weights = ()
    outcomes: Weights = ()
    revenue: Fraction = Fraction(0)
    constant: Fraction = Fraction(0)

    def table(self) -> dict[str, Any]:
        """As in proof files; what is 0 is left out."""
        sums = {"t": self.payments, "u": self.utilities, "q": self.outcomes}
        out: dict[str, Any] = {key: {str(n): str(x) for n, x in terms} for key, terms in sums.items() if terms}
        numbers = {"revenue": self.revenue, "constant": self.constant}
        return out | {key: str(x) for key, x in numbers.items() if x}


@final
@dataclass(frozen=True)
class Linear(Constraint):
    """form >= bound, <= bound or = bound: at every profile, in expectation, or given each type of an agent.

    ``agent`` is the agent whose types the expectation is given; ``number`` counts the requirements of a question from 0.
    ``within``: the types that it speaks of, for each agent; None: all. In expectation over the prior, the sum over these
    profiles stands as it is, not divided by their probability.
    """

    number: int = 0
    name: str = ""
    form: LinearForm = LinearForm()
    at_profile: bool = True
    compared: str = AT_LEAST
    bound: Fraction = Fraction(0)
    within: Within | None = None

    key: ClassVar[str] = "linear"
    lump_sums: ClassVar[bool] = False
    order: ClassVar[int] = 4
    listed: ClassVar[int] = 0
    word: ClassVar[str] = "linear"
    code: ClassVar[str] = "linear"
    formal: ClassVar[str] = ""
    meaning: ClassVar[str] = "a linear requirement of the question, by its name"

    @property
    def scope(self) -> Scope:  # type: ignore[override]  # each requirement says where it stands
        """Where it stands."""
        if self.at_profile:
            return Scope.PROFILE
        return Scope.WHOLE if self.agent is None else Scope.TYPE

    @property
    def relation(self) -> Relation:  # type: ignore[override]
        """Equal, or at least 0 after all is brought to one side."""
        return Relation.EQUAL if self.compared == EQUAL else Relation.AT_LEAST

    @property
    def title(self) -> str:  # type: ignore[override]
        """Its name in the question."""
        return self.name

    @property
    def noun(self) -> str:  # type: ignore[override]
        """Its name in a sentence."""
        return f'"{self.name}"'

    def identity(self) -> dict[str, Any]:
        return {"constraint": self.code, "number": self.number}

    def rows(self, of: Rows) -> Any:
        raise NotImplementedError("linear requirements stand in programs that are written row by row")

    def value(self, of: Any, place: Place) -> Any:
        """form - bound, or bound - form where it is at most that."""
        form, agent = self.form, self.agent
        total = of.mass(agent, place) * form.constant
        for i, a in form.payments:
            total = total + of.payment(i, agent, place) * a
        for i, a in form.utilities:
            total = total + of.utility(i, agent, place) * a
        for x, a in form.outcomes:
            total = total + of.chance(x, agent, place) * a
        if form.revenue:
            total = total + of.expected_revenue(agent, place) * form.revenue
        return (total - self.bound) * (-1 if self.compared == AT_MOST else 1)

    def places(self, of: Setting) -> Iterator[Place]:
        within = self.within or tuple(tuple(range(n)) for n in of.sizes)
        if self.scope is Scope.PROFILE:
            yield from map(Place, product(*within))
        elif self.agent is not None:
            yield from (Place(type=k) for k in believing(of, self.agent) if k in within[self.agent])
        else:
            yield WHOLE if self.within is None else Place(within=self.within)

    def formal_statement(self) -> tuple[Any, ...]:
        compared = {AT_LEAST: "AtLeast", AT_MOST: "AtMost", EQUAL: "Equal"}[self.compared]
        where: tuple[Any, ...] = ("AtProfiles",) if self.at_profile else ("InExpectation",)
        if self.agent is not None:
            where = "GivenType", self.agent
        return *where, self.form, self.within, compared, self.bound

    def block(self, names: Sequence[str]) -> str:
        return f"linear[{self.number + 1}]"

    def label(self, place: Place, agents: Sequence[Named], name: str | None = None) -> str:
        """Its name and the place: ``rule 1[buyer 1, seller 0]``, ``rule 2[buyer: 3]``, ``rule 3``."""
        if place.profile is not None:
            types = (f"{a.name} {a.types[k]}" for a, k in zip(agents, place.profile, strict=True))
            return f"{self.name}[{', '.join(types)}]"
        if place.type is not None and self.agent is not None:
            return f"{self.name}[{agents[self.agent].name}: {agents[self.agent].types[place.type]}]"
        return self.name

    def formula(self, of: Any, quoted: bool = False) -> str:
        """The form written out, with the names of an environment; ``quoted`` as instance files have it."""
        agents, parts = [agent.name for agent in of.agents], list[str]()
        for letter, names, terms in (
            ("t", agents, self.form.payments),
            ("u", agents, self.form.utilities),
            ("q", of.outcomes, self.form.outcomes),
            ("", ("revenue",), ((0, self.form.revenue),) if self.form.revenue else ()),
        ):
            for n, x in terms:
                name = f'"{names[n]}"' if quoted else names[n]
                term = f"{letter}[{name}]" if letter else names[n]
                times = "*" if quoted else " "
                parts.append(("- " if x < 0 else "+ ") + (term if abs(x) == 1 else f"{abs(x)}{times}{term}"))
        if self.form.constant:
            parts.append(f"{'-' if self.form.constant < 0 else '+'} {abs(self.form.constant)}")
        return " ".join(parts).removeprefix("+ ") or "0"

    def says(self, of: Any) -> str:
        """The requirement written out, with the names of an environment."""
        agents = [agent.name for agent in of.agents]
        relation = {AT_LEAST: ">=", AT_MOST: "<=", EQUAL: "="}[self.compared]
        where = "at every profile" if self.at_profile else "in expectation"
        if self.agent is not None:
            where = f"given each type of {agents[self.agent]}"
        some = "" if self.within is None else ", for some types"
        return f"{self.formula(of)} {relation} {self.bound} {where}{some}"

    def file_table(self, of: Any) -> dict[str, Any]:
        """As an instance file has it, with the names of an environment."""
        agents = [agent.name for agent in of.agents]
        at = "profile" if self.at_profile else "prior" if self.agent is None else agents[self.agent]
        out: dict[str, Any] = {"name": self.name, "of": self.formula(of, quoted=True), "at": at}
        out[self.compared] = str(self.bound)
        if self.within is not None:
            only = range(len(agents)) if self.agent is None else [self.agent]
            out["where"] = {agents[i]: [of.agents[i].types[k] for k in self.within[i]] for i in only}
        return out

    def table(self) -> dict[str, Any]:
        """As in proof files."""
        at = "profile" if self.at_profile else "prior" if self.agent is None else self.agent
        out = {"name": self.name, "of": self.form.table(), "at": at, self.compared: str(self.bound)}
        return out if self.within is None else out | {"within": [list(types) for types in self.within]}


constraint = Linear
