"""Audit of a mechanism for a question with further requirements: every constraint's rows, place by place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from lpmech.answer.audit.checks import NOTHING, Finding, Place
from lpmech.answer.audit.integers import fits
from lpmech.answer.mechanism import Mechanism
from lpmech.answer.statements import MechanismStatements
from lpmech.answer.tables import tabulable
from lpmech.base.exact import from_flint
from lpmech.question.allocation import allocation
from lpmech.question.constraints import WHOLE, Budget, Constraint, Incentives, Linear, PaymentBound, Relation
from lpmech.question.model import Instance

ZERO = Fraction(0)


class FurtherChecks:
    """The properties of one mechanism, each with its worst violation."""

    def __init__(self, instance: Instance, mechanism: Mechanism) -> None:
        self.instance, self.env, self.mechanism = instance, instance.environment, mechanism
        tabulable(self.env)
        fits(self.env, list(mechanism.lotteries), [list(row) for row in mechanism.transfers])
        self.of = MechanismStatements(mechanism)
        self.agents = range(len(self.env.sizes))

    def worst(self, constraints: Iterable[Constraint]) -> Finding:
        """The largest violation of some constraints, and where it is."""
        best = NOTHING
        for constraint in constraints:
            for at in constraint.places(self.env):
                row = constraint.value(self.of, at)
                amount = abs(row) if constraint.relation is Relation.EQUAL else -row
                if amount > best[0]:
                    own = None if isinstance(constraint, Linear) else at.own(constraint.agent)
                    best = amount, Place(constraint.agent, at.type if own is None else own, at.report, at.profile)
        return best

    def efficient(self) -> Finding:
        """Surplus given up at a profile."""
        best = NOTHING
        for theta, lottery in zip(self.mechanism.profiles, self.mechanism.lotteries, strict=True):
            surplus = self.of.profiles.surplus(theta)
            lost = max(surplus) - sum((q * surplus[x] for x, q in lottery.items()), ZERO)
            if lost > best[0]:
                best = lost, Place(profile=theta)
        return best

    def as_given(self) -> Finding:
        """Difference between a probability and the one that the allocation rule prescribes."""
        rule, best = allocation(self.instance), NOTHING
        allowed = {(p, x) for p, x in rule.cells.tolist()}
        for p, (row, theta) in enumerate(zip(rule.fixed.tolist(), self.mechanism.profiles, strict=True)):
            for x, w in enumerate(row):
                if (p, x) not in allowed and not any((p, y) in allowed for y in range(len(row))):
                    off = abs(from_flint(w) - self.mechanism.lotteries[p].get(x, ZERO))
                    best = max(best, (off, Place(profile=theta, outcome=x)), key=lambda finding: finding[0])
        return best

    def certain(self) -> Finding:
        """The probability that is not on the likeliest outcome of a profile."""
        best = NOTHING
        for theta, lottery in zip(self.mechanism.profiles, self.mechanism.lotteries, strict=True):
            rest = 1 - max(lottery.values())
            if rest > best[0]:
                best = rest, Place(profile=theta)
        return best

    def asked(self) -> Iterator[tuple[str, Finding]]:
        """The constraints of the question, by name: together where all agents have one and it is the plain notion."""
        names = [agent.name for agent in self.env.agents]
        for constraint in self.instance.constraints:
            if isinstance(constraint, PaymentBound):
                yield constraint.says(self.env.agents), self.worst([constraint])
            elif isinstance(constraint, Linear):
                yield constraint.name, self.worst([constraint])
            elif isinstance(constraint, Budget) and constraint.floor:
                yield f"{constraint.word} with floor {constraint.floor}", self.worst([constraint])
            elif isinstance(constraint, Incentives) and constraint.deviations != "all":
                yield f"{constraint.block(names)} {constraint.deviations}", self.worst([constraint])
            elif constraint.agent is not None and constraint not in self._together:
                yield constraint.block(names), self.worst([constraint])

    @property
    def _together(self) -> set[Constraint]:
        """Constraints of a class that every agent has."""
        by_class: dict[type[Constraint], set[Constraint]] = {}
        for constraint in self.instance.constraints:
            by_class.setdefault(type(constraint), set()).add(constraint)
        return {c for cs in by_class.values() if len(cs) == len(self.agents) for c in cs if c.agent is not None}

    def together(self) -> set[type[Constraint]]:
        """Classes that are asked of every agent, or of the mechanism, as they stand."""
        plain = {type(c) for c in self._together if not (isinstance(c, Incentives) and c.deviations != "all")}
        return plain | {type(c) for c in self.instance.constraints if isinstance(c, Budget) and not c.floor}

    def all_of(self, kind: type[Constraint]) -> Finding:
        """A notion for every agent, or of the budget."""
        return self.worst([kind()] if issubclass(kind, Budget) else [kind(i) for i in self.agents])

    def interim(self, i: int) -> list[tuple[Fraction, Fraction] | None]:
        """For each type of agent i the expected payment and the expected utility; None without beliefs."""
        rows = self.mechanism.interim(i)
        return [None if paid is None or gained is None else (paid, gained) for _, paid, gained in rows]

    def rent(self, i: int) -> Fraction:
        """Expected utility less expected outside option of an agent."""
        return self.of.net_utility(i, WHOLE)
