"""All optimal mechanisms by brute force: the verifier's own rows, solved by scipy for the least and largest of anything."""

from __future__ import annotations

from fractions import Fraction as F
from typing import Any

import numpy as np
from scipy.optimize import linprog

from lpmech.question.model import Instance
from lpmech.studies.face.quantities import (
    CHANCE,
    INTERIM_CHANCE,
    INTERIM_PAYMENT,
    INTERIM_UTILITY,
    PAYMENT,
    REVENUE,
    SHARE,
    UTILITY,
    WELFARE,
    Quantity,
)
from lpmech.verify.further.instance import FurtherInstance
from lpmech.verify.further.rows import Definition, Form, add

Weights = dict[Any, F]


class Brute:
    """The optimal set of an instance, or of all within a slack; unknowns as the verifier names them, mixtures of the
    allowed lotteries beside them, and Groves charges."""

    def __init__(self, instance: Instance, target: F, exactly: bool) -> None:
        self.n = FurtherInstance(instance.table())
        self.definition = Definition(self.n)
        self.columns: dict[Any, int] = {}
        self.margin = instance.objective.maximize == "margin"
        rows: list[tuple[Form, bool]] = [(form, equal) for _, form, equal in self.definition.everything()]
        self.slacks = [form for form, equal in rows if not equal]
        n = self.n
        for p, allowed in enumerate(n.choices):
            mixed = {("part", p, k): F(1) for k in range(len(allowed))}
            rows.append((mixed | {"one": F(-1)}, True))
            for x in range(len(n.outcomes)):
                form = {("q", p, x): F(-1)}
                for k, lottery in enumerate(allowed):
                    for y, q in lottery:
                        if y == x:
                            add(form, ("part", p, k), F(q))
                rows.append((form, True))
        if n.free:
            rows.append(({("share", i): F(1) for i in n.agents} | {"one": F(-1)}, True))
        if n.groves:
            for i in n.agents:
                for base in n.bases[i]:
                    for k in range(n.sizes[i]):
                        p = base + k * n.strides[i]
                        form = {("t", i, p): F(-1), ("h", i, base): F(1)}
                        for x, surplus in enumerate(n.exact_surplus[p]):
                            add(form, ("q", p, x), -(surplus - n.value[i][p][x]))
                        rows.append((form, True))
        if not self.margin:
            rows.append(({"z": F(1)}, True))
        self.rows, self.base = rows, len(rows)
        for i in n.agents:
            for p in range(n.count):
                self.column(("t", i, p))
        self.goal = {"z": F(1)} if self.margin else self.objective(n.on_utility, n.on_revenue)
        for form, _ in [*rows, (self.goal, True)]:
            for unknown in form:
                if unknown != "one":
                    self.column(unknown)
        held = dict(self.goal)
        add(held, "one", -target)
        self.system(rows)
        self.optimum = self.largest(self.goal)
        self.system([*rows, (held, exactly)])

    def column(self, unknown: Any) -> int:
        return self.columns.setdefault(unknown, len(self.columns))

    def vector(self, form: Form) -> np.ndarray:
        out = np.zeros(len(self.columns))
        for unknown, x in form.items():
            if unknown != "one":
                out[self.columns[unknown]] = float(x)
        return out

    def system(self, rows: list[tuple[Form, bool]]) -> None:
        self.parts: dict[bool, tuple[Any, Any]] = {}
        for equal in (True, False):
            kept = [form for form, eq in rows if eq == equal]
            matrix = np.array([self.vector(form) for form in kept]).reshape(len(kept), len(self.columns))
            self.parts[equal] = (matrix, np.array([float(form.get("one", 0)) for form in kept]))
        self.bounds = [(0, None) if unknown[0] in ("part", "share") else (None, None) for unknown in self.columns]

    def largest(self, form: Form) -> float:
        """The largest value of a form, inf where there is none."""
        (A, a), (G, g) = self.parts[True], self.parts[False]
        for presolve in (True, False):  # presolve calls some sets without interior empty
            options = {"presolve": presolve}
            found = linprog(
                -self.vector(form),
                A_ub=-G,
                b_ub=g,
                A_eq=A,
                b_eq=-a,
                bounds=self.bounds,
                method="highs",
                options=options,
            )
            if found.status == 3:
                return float("inf")
            if found.status == 0:
                break
        assert found.status == 0, found.message
        return float(-found.fun) + float(form.get("one", 0))

    def ends(self, form: Form) -> tuple[float, float]:
        """Least and largest."""
        return -self.largest({u: -x for u, x in form.items()}), self.largest(form)

    # ---- quantities --------------------------------------------------------------------------------------------------

    def objective(self, on_utility: Any, on_revenue: Any) -> Form:
        form: Form = {}
        for p, w in self.definition.average(None, None):
            for i, weight in enumerate(on_utility):
                self.definition.utility(form, i, p, p, w * weight)
            self.definition.revenue(form, p, w * on_revenue)
        return form

    def form(self, what: Quantity) -> Form:
        """A quantity by the definitions of the verifier."""
        d, n, i = self.definition, self.n, what.agent
        if what.kind == SHARE:
            return {("share", i): F(1)}
        if what.kind in (REVENUE, WELFARE, UTILITY):
            each = [F(what.kind == WELFARE or j == i) for j in n.agents]
            return self.objective(each, F(what.kind != UTILITY))
        form: Form = {}
        if what.profile is not None:
            places = [(sum(k * s for k, s in zip(what.profile, n.strides, strict=True)), F(1))]
        else:
            places = d.average(i, what.type)
        for p, w in places:
            if what.kind in (PAYMENT, INTERIM_PAYMENT):
                add(form, ("t", i, p), w)
            elif what.kind in (CHANCE, INTERIM_CHANCE):
                add(form, ("q", p, what.outcome), w)
            else:
                assert what.kind == INTERIM_UTILITY
                d.utility(form, i, p, p, w)  # type: ignore[arg-type]
        return form
