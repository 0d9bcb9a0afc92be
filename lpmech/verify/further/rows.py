"""Every constraint as a linear form: its rows over payments, lotteries and shares (conventions C4 to C6, C11 to C15).

A form is {unknown: coefficient}: ("t", i, p) is what agent i pays at profile p, ("q", p, x) the probability of outcome x
there, ("share", i) a share, "z" the level, "one" the constant. A constraint says that its form is >= 0, or = 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from typing import Any

from lpmech.verify.further.instance import FurtherInstance
from lpmech.verify.reading.limits import METER, STEPS_FOR_A_ROW

Unknown = Any
Form = dict[Unknown, Fraction]
Averaged = list[tuple[int, Fraction]]
ONE, ZERO = Fraction(1), Fraction(0)
IC = {"DSIC": "DSIC", "BIC": "BIC", "ex-post": "ex-post IC"}
"""The name of an incentive constraint in multipliers, by its notion."""
PAYMENT = {"at-least": "payment at least", "at-most": "payment at most", "equal": "no payments"}


def add(form: Form, unknown: Unknown, coefficient: Fraction) -> None:
    form[unknown] = form.get(unknown, ZERO) + coefficient


def allowed(deviations: str, true: int, report: int) -> bool:
    """Whether incentives speak of a report (C12)."""
    if deviations == "adjacent":
        return abs(true - report) == 1
    return report != true and (deviations == "all" or (report < true) == (deviations == "downward"))


class Definition:
    """The rows of one question."""

    def __init__(self, instance: FurtherInstance) -> None:
        self.instance = instance

    # -- what constraints are made of ------------------------------------------------------------------------------------

    def average(self, agent: int | None, spot: int | None) -> Averaged:
        """Profiles and masses: as type ``spot`` of an agent sees them, or over the prior."""
        n = self.instance
        pairs = n.everything if agent is None or spot is None else n.given[agent][spot] or []
        METER.get().take(2 * len(pairs))
        return [(p, Fraction(m, n.P)) for p, m in pairs]

    def pay(self, form: Form, i: int, p: int, w: Fraction) -> None:
        """Add w t_i(p)."""
        add(form, ("t", i, p), w)

    def utility(self, form: Form, i: int, reported: int, true: int, w: Fraction) -> None:
        """Add w (v_i(q(reported), true) - t_i(reported))."""
        for x, v in enumerate(self.instance.value[i][true]):
            if v:
                add(form, ("q", reported, x), w * v)
        self.pay(form, i, reported, -w)

    def revenue(self, form: Form, p: int, w: Fraction) -> None:
        """Add w (sum_i t_i(p) - cost(q(p)))."""
        for i in self.instance.agents:
            self.pay(form, i, p, w)
        for x, cost in enumerate(self.instance.cost):
            if cost:
                add(form, ("q", p, x), -w * cost)

    # -- constraints -----------------------------------------------------------------------------------------------------

    def incentive(self, i: int, averaged: Averaged, report: int, others: int | None = None) -> Form:
        """Truth is worth at least as much as the report; ``others``: what the others report, if that is not their types."""
        n, form = self.instance, Form()
        METER.get().take(len(averaged) * 4 * len(n.outcomes))
        for p, w in averaged:
            told = p if others is None else others
            lie = told + (report - n.profiles[told][i]) * n.strides[i]
            self.utility(form, i, told, p, w)
            self.utility(form, i, lie, p, -w)
        return form

    def participation(self, i: int, averaged: Averaged) -> Form:
        """Utility is at least the outside option."""
        n, form = self.instance, Form()
        METER.get().take(len(averaged) * 2 * len(n.outcomes))
        for p, w in averaged:
            self.utility(form, i, p, p, w)
            add(form, ("share", i) if n.free else "one", -w * n.outside_at[i][p])
        if n.z_in == "IR":
            add(form, "z", -ONE)
        return form

    def budget(self, averaged: Averaged) -> Form:
        """Revenue is at least the floor."""
        form = Form()
        METER.get().take(len(averaged) * 2 * (len(self.instance.outcomes) + len(self.instance.names)))
        for p, w in averaged:
            self.revenue(form, p, w)
        add(form, "one", -self.instance.floor)
        add(form, "z", -ONE)
        return form

    def payment(self, i: int, p: int, compared: str) -> Form:
        """A payment keeps to its bound."""
        bound, form = self.instance.pays[i][compared], Form()
        sign = -ONE if compared == "at-most" else ONE
        self.pay(form, i, p, sign)
        add(form, "one", -sign * bound)
        return form

    def linear(self, which: int, averaged: Averaged) -> Form:
        """A linear requirement of the question."""
        n, rule, form = self.instance, self.instance.linear[which], Form()
        sign = -ONE if rule.compared == "at-most" else ONE
        METER.get().take(len(averaged) * (len(n.outcomes) + len(n.names)))
        for p, w in averaged:
            for i, c in rule.payments.items():
                self.pay(form, i, p, sign * w * c)
            for i, c in rule.utilities.items():
                self.utility(form, i, p, p, sign * w * c)
            for x, c in rule.outcomes.items():
                add(form, ("q", p, x), sign * w * c)
            if rule.revenue:
                self.revenue(form, p, sign * w * rule.revenue)
            add(form, "one", sign * w * rule.constant)
        add(form, "one", -sign * rule.bound)
        return form

    # -- all of them -----------------------------------------------------------------------------------------------------

    def profiles_of_others(self, i: int, p: int) -> Iterator[int]:
        """What the others may report where agent i has the type that he has at p: their own types first."""
        n = self.instance
        yield p
        if n.explicit and n.sizes[i] > 1:
            own = n.profiles[p][i]
            METER.get().take(n.count // n.sizes[i] * (len(n.names) + n.sizes[i]))
            for types in product(*(range(size) if j != i else (own,) for j, size in enumerate(n.sizes))):
                told = sum(k * stride for k, stride in zip(types, n.strides, strict=True))
                if told != p:
                    yield told

    def spots(self, notion: str, i: int) -> Iterator[tuple[int | None, Averaged]]:
        """Where a notion of participation, or of the budget, stands: at profiles, for types with beliefs, or once."""
        n = self.instance
        if notion in ("ex-post", "no-deficit", "balanced"):
            yield from ((p, [(p, ONE)]) for p in range(n.count))
        elif notion == "interim":
            yield from ((k, self.average(i, k)) for k in range(n.sizes[i]) if n.given[i][k] is not None)
        elif notion != "none":
            yield None, self.average(None, None)

    def incentives_of(self, i: int) -> Iterator[tuple[str, Form]]:
        """Agent i's incentive constraints (C4, C11, C12), each with its name."""
        n, notion = self.instance, self.instance.incentives[i]
        for k in range(n.sizes[i]) if notion == "BIC" else ():
            if n.given[i][k] is not None:
                averaged = self.average(i, k)
                for r in self.reports(i, k):
                    yield (
                        f"BIC of {n.names[i]} of type {n.types[i][k]}, report {n.types[i][r]}",
                        self.incentive(i, averaged, r),
                    )
        for p in range(n.count) if notion in ("DSIC", "ex-post") else ():
            for told in self.profiles_of_others(i, p) if notion == "DSIC" else (p,):
                for r in self.reports(i, n.profiles[p][i]):
                    said = "" if told == p else f" with reports {n.at(told)}"
                    where = f"{notion} of {n.names[i]} at {n.at(p)}{said}, report {n.types[i][r]}"
                    yield where, self.incentive(i, [(p, ONE)], r, told)

    def reports(self, i: int, k: int) -> list[int]:
        return [r for r in range(self.instance.sizes[i]) if allowed(self.instance.deviations[i], k, r)]

    def everything(self) -> Iterator[tuple[str, Form, bool]]:
        """Every constraint of the question: name, form, and whether it is an equality."""
        meter, each = METER.get(), STEPS_FOR_A_ROW + len(self.instance.names)
        for row in self.written():
            meter.take(each)
            yield row

    def written(self) -> Iterator[tuple[str, Form, bool]]:
        """The same, without counting them."""
        n = self.instance
        for i in n.agents:
            for name, form in self.incentives_of(i):
                yield name, form, False
            for spot, averaged in self.spots(n.participation[i], i):
                where = n.where(
                    {"interim": "interim", "ex-post": "ex-post"}.get(n.participation[i], "ex-ante"), i, spot or 0
                )
                yield f"{n.participation[i]} IR of {n.names[i]}{where}", self.participation(i, averaged), False
            for compared in n.pays[i]:
                for p in range(n.count):
                    form = self.payment(i, p, compared)
                    yield f"{PAYMENT[compared]} of {n.names[i]} at {n.at(p)}", form, compared == "equal"
        for spot, averaged in self.spots(n.budget, 0):
            where = "" if spot is None else f" at {n.at(spot)}"
            yield f"budget{where}", self.budget(averaged), n.budget == "balanced"
        for which, rule in enumerate(n.linear):
            for averaged in self.places_of(which):
                yield rule.name, self.linear(which, averaged), rule.compared == "equal"

    def places_of(self, which: int) -> Iterator[Averaged]:
        """Where a linear requirement stands."""
        n, rule = self.instance, self.instance.linear[which]
        if rule.agent is None:
            METER.get().take(2 * n.count * (1 + len(n.names)))

        def counts(p: int) -> bool:
            return all(k in types for k, types in zip(n.profiles[p], rule.within, strict=True))

        if rule.at_profile:
            yield from ([(p, ONE)] for p in range(n.count) if counts(p))
        elif rule.agent is None:
            yield [(p, w) for p, w in self.average(None, None) if counts(p)]
        else:
            i = rule.agent
            yield from (self.average(i, k) for k in sorted(rule.within[i]) if n.given[i][k] is not None)
