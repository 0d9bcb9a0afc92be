"""Audit of a given mechanism: which properties it has, exactly, and how badly and where it lacks the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from lpmech.answer.audit import checks
from lpmech.answer.audit.checks import Place
from lpmech.answer.audit.further import FurtherChecks
from lpmech.answer.audit.integers import Integers
from lpmech.answer.audit.level import level
from lpmech.answer.mechanism import Mechanism
from lpmech.base.errors import InputError
from lpmech.base.exact import decimal, show
from lpmech.base.views import views
from lpmech.question import constraints
from lpmech.question.constraints.ex_post_ic import ExPostIC
from lpmech.question.model import Instance
from lpmech.question.requirements import NOTIONS, Requirements

if TYPE_CHECKING:
    import pandas as pd

FORMAT = "lpmech-audit/1"

CONSTRAINTS = tuple(kind for key in NOTIONS for kind in constraints.of_key(key))
"""Every constraint is checked, whether it is asked for or not."""


@dataclass(frozen=True)
class Property:
    """One property: whether it holds, whether the requirements ask for it, the largest violation and where it is.

    ``violation`` is 0 if the property holds. It is money, but for "allocation" (a difference of probabilities).
    """

    name: str
    asked: bool
    violation: Fraction
    place: Place | None

    @property
    def holds(self) -> bool:
        """Whether there is no violation."""
        return self.violation == 0


@dataclass(frozen=True)
class Audit:
    """What a mechanism does on an instance, exactly.

    ``properties`` by name: efficient, allocation (where the requirements settle more than efficiency), groves, DSIC, BIC,
    ex-post IR, interim IR, ex-ante IR, no-deficit, balanced, no-expected-deficit. ``interim[i]``: for each type of agent i
    expected payment and utility, None without beliefs. ``rents``: expected utility less expected outside option.
    """

    instance: Instance
    mechanism: Mechanism
    properties: Mapping[str, Property]
    interim: tuple[tuple[tuple[Fraction, Fraction] | None, ...], ...]
    revenue: Fraction
    welfare: Fraction
    rents: tuple[Fraction, ...]

    def __getitem__(self, name: str) -> Property:
        if name not in self.properties:
            raise InputError(f"no property {name!r}", expected=", ".join(self.properties))
        return self.properties[name]

    @property
    def violations(self) -> tuple[Property, ...]:
        """The properties that the requirements ask for and that do not hold."""
        return tuple(p for p in self.properties.values() if p.asked and not p.holds)

    @property
    def ok(self) -> bool:
        """Whether the mechanism meets every requirement of the instance."""
        return not self.violations

    def to_frame(self, *, exact: bool = True) -> pd.DataFrame:
        """In pandas: a row for each property: whether it is asked for and holds, the worst violation and where it is."""
        return views().frame(self, what="properties", exact=exact)

    def deviations(self, *, exact: bool = True) -> pd.DataFrame:
        """In pandas: every misreport that pays, worst first: agent, type, report, the gain, and the profile for incentives
        that hold profile by profile. Of the notions that the question asks for, or BIC where it asks for none."""
        return views().frame(self, what="deviations", exact=exact)

    @property
    def value(self) -> Fraction:
        """The question's objective, of this mechanism: sum_i w_i E[u_i] + w E[revenue]; 0 for the margin."""
        on_utility, on_revenue = self.instance.objective.weights(len(self.rents))
        utilities = zip(on_utility, self.mechanism.expected_utility, strict=True)
        return sum((w * u for w, u in utilities), on_revenue * self.revenue)

    @property
    def level(self) -> Fraction | float | None:
        """The largest z with which the mechanism meets every requirement (C9); inf where z stands nowhere. None if it
        meets them at no z."""
        return level(self.instance, self.mechanism)

    def explain(self) -> str:
        """The audit as plain text."""
        return views().explained(self)

    def _repr_html_(self) -> str:
        return views().html(self)

    def table(self, file: str = "", mechanism: str = "") -> dict[str, Any]:
        """The JSON object of ``lpmech audit --json``."""
        env = self.instance.environment
        return {
            "format": FORMAT,
            "file": file,
            "mechanism": mechanism,
            "title": self.instance.title,
            "meets_requirements": self.ok,
            "properties": {name: self._row(p) for name, p in self.properties.items()},
            "agents": {
                agent.name: {
                    "rent": show(self.rents[i]),
                    "types": [
                        {
                            "type": label,
                            "payment": None if row is None else show(row[0]),
                            "utility": None if row is None else show(row[1]),
                        }
                        for label, row in zip(agent.types, self.interim[i], strict=True)
                    ],
                }
                for i, agent in enumerate(env.agents)
            },
            "revenue": show(self.revenue),
            "welfare": show(self.welfare),
        }

    def _row(self, p: Property) -> dict[str, Any]:
        row = {"holds": p.holds, "asked": p.asked, "violation": show(p.violation)}
        row |= {"violation_decimal": decimal(p.violation)} if p.violation else {}
        if p.place is None:
            return row
        env, at = self.instance.environment, p.place
        if at.agent is not None:
            agent = env.agents[at.agent]
            row["agent"] = agent.name
            row |= {key: agent.types[k] for key, k in (("type", at.type), ("report", at.report)) if k is not None}
        if at.profile is not None:
            row["profile"] = [agent.types[k] for agent, k in zip(env.agents, at.profile, strict=True)]
        if at.outcome is not None:
            row["outcome"] = env.outcomes[at.outcome]
        return row

    def __repr__(self) -> str:
        held = ", ".join(name for name, p in self.properties.items() if p.holds)
        lacks = ", ".join(p.name for p in self.violations)
        return f"<Audit: {'meets the requirements' if self.ok else 'violates ' + lacks}; holds: {held or 'nothing'}>"


def audit(instance: Instance, mechanism: Mechanism) -> Audit:
    """Check every property of a mechanism on an instance, by enumeration in exact arithmetic.

    Raises InputError if the mechanism's tables do not fit the instance's environment.
    """
    if instance.further:
        return _further(instance, mechanism)
    n = Integers.read(instance.environment, mechanism)
    asked = _asked(instance.requirements)
    findings = {"efficient": checks.efficient(n)}
    if "allocation" in asked:
        findings["allocation"] = checks.as_given(n, instance)
    findings["groves"] = checks.groves(n)
    findings |= {kind.property_name(): checks.worst(kind, n) for kind in CONSTRAINTS if kind is not ExPostIC}
    properties = {name: Property(name, name in asked, *finding) for name, finding in findings.items()}
    revenue, rents = checks.expected_revenue(n), checks.rents(n)
    outside = [
        sum((p * left for p, left in zip(agent.probabilities, agent.outside, strict=True)), Fraction(0))
        for agent in instance.environment.agents
    ]
    interim = tuple(tuple(checks.interim(n, i)) for i in n.agents)
    welfare = revenue + sum(rents) + sum(outside)
    return Audit(instance, mechanism, properties, interim, revenue, welfare, rents)


def _further(instance: Instance, mechanism: Mechanism) -> Audit:
    """The same for a question with further requirements, row by row; each of them is a property by its name."""
    found, need = FurtherChecks(instance, mechanism), instance.requirements
    together = found.together()
    rows = [("efficient", need.allocation == "efficient", found.efficient())]
    if need.allocation != "free" and (need.allocation != "efficient" or need.ties != "any"):
        rows.append(("allocation", True, found.as_given()))
    if not need.lotteries:
        rows.append(("no lotteries", True, found.certain()))
    rows += [(kind.property_name(), kind in together, found.all_of(kind)) for kind in CONSTRAINTS]
    rows += [(name, True, finding) for name, finding in found.asked()]
    properties = {name: Property(name, asked, *finding) for name, asked, finding in rows}
    interim = tuple(tuple(found.interim(i)) for i in found.agents)
    rents = tuple(found.rent(i) for i in found.agents)
    return Audit(instance, mechanism, properties, interim, mechanism.revenue, mechanism.welfare, rents)


def _asked(need: Requirements) -> set[str]:
    """Names of the properties that the requirements ask for."""
    wanted = {rule.property_name() for key in NOTIONS if (rule := need.rule(key)) is not None}
    if need.groves:
        wanted.add("groves")
    if need.allocation == "efficient":
        wanted.add("efficient")
    if need.allocation != "free" and (need.allocation != "efficient" or need.ties != "any"):
        wanted.add("allocation")
    return wanted
