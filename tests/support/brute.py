"""Questions with further requirements by brute force, in doubles, written from the conventions alone (C3-C15).

``Question`` is a plain description; ``decide`` builds the program with one variable for every payment, probability and
share, and has scipy solve it. Nothing of lpmech is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction as F
from itertools import product
from math import inf
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

Profile = tuple[int, ...]


@dataclass
class Question:
    """v(i, x, theta), outside(i, theta) (of the whole where shares are free), masses by profile, requirements."""

    sizes: list[int]
    outcomes: int
    value: Callable[[int, int, Profile], F]
    outside: Callable[[int, Profile], F]
    costs: list[F]
    mass: dict[Profile, F]
    independent: list[list[F]] | None
    incentives: list[str]
    participation: list[str]
    budget: str
    allocation: str = "efficient"
    ties: str = "any"
    deviations: str = "all"
    payments: list[dict[str, F]] = field(default_factory=list)
    lotteries: bool = True
    floor: F = F(0)
    linear: list[dict[str, Any]] = field(default_factory=list)
    free_shares: bool = False
    groves: bool = False
    interdependent: bool = False
    weights: tuple[list[F], F] | None = None


class Program:
    """Rows over t, q, r (shares), z: coefficients and a constant; each >= 0 or = 0."""

    def __init__(self, q: Question) -> None:
        self.q, self.agents = q, range(len(q.sizes))
        self.profiles = list(product(*map(range, q.sizes)))
        self.at = {theta: p for p, theta in enumerate(self.profiles)}
        P, N, X = len(self.profiles), len(q.sizes), q.outcomes
        self.first_q, self.first_r = N * P, N * P + P * X
        self.z = self.first_r + N
        self.width = self.z + 1
        self.rows: list[tuple[np.ndarray, F, bool]] = []
        self.choices = [self.chosen(theta) for theta in self.profiles]

    def chosen(self, theta: Profile) -> list[int]:
        q = self.q
        if q.allocation == "free":
            return list(range(q.outcomes))
        surplus = [sum(q.value(i, x, theta) for i in self.agents) - q.costs[x] for x in range(q.outcomes)]
        best = [x for x, s in enumerate(surplus) if s == max(surplus)]
        return {"any": best, "first": best[:1], "last": best[-1:]}[q.ties]

    def zero(self) -> tuple[np.ndarray, F]:
        return np.array([F(0)] * self.width, dtype=object), F(0)

    def pay(self, i: int, theta: Profile) -> np.ndarray:
        row, _ = self.zero()
        row[i * len(self.profiles) + self.at[theta]] = F(1)
        return row

    def prob(self, x: int, theta: Profile) -> np.ndarray:
        row, _ = self.zero()
        row[self.first_q + self.at[theta] * self.q.outcomes + x] = F(1)
        return row

    def worth(self, i: int, told: Profile, true: Profile) -> np.ndarray:
        row, _ = self.zero()
        for x in range(self.q.outcomes):
            row = row + self.prob(x, told) * self.q.value(i, x, true)
        return row

    def utility(self, i: int, told: Profile, true: Profile) -> np.ndarray:
        return self.worth(i, told, true) - self.pay(i, told)

    def revenue(self, theta: Profile) -> np.ndarray:
        row = sum((self.pay(i, theta) for i in self.agents), self.zero()[0])
        for x, cost in enumerate(self.q.costs):
            row = row - self.prob(x, theta) * cost
        return row

    def given(self, i: int, k: int) -> list[tuple[F, Profile]] | None:
        """Beliefs of a type; None without (C3)."""
        q = self.q
        mine = [theta for theta in self.profiles if theta[i] == k]
        if q.independent is not None:
            out = []
            for theta in mine:
                w = F(1)
                for j in self.agents:
                    if j != i:
                        w *= q.independent[j][theta[j]]
                out.append((w, theta))
            return out
        total = sum(q.mass.get(theta, F(0)) for theta in mine)
        return None if not total else [(q.mass.get(theta, F(0)) / total, theta) for theta in mine]

    def prior(self) -> list[tuple[F, Profile]]:
        return [(self.q.mass.get(theta, F(0)), theta) for theta in self.profiles]

    def add(self, row: np.ndarray, constant: F, equal: bool = False) -> None:
        self.rows.append((row, constant, equal))

    def told(self, i: int, theta: Profile, report: int) -> Profile:
        return (*theta[:i], report, *theta[i + 1 :])

    def reports(self, k: int, n: int) -> list[int]:
        ok = {
            "all": lambda r: True,
            "downward": lambda r: r < k,
            "upward": lambda r: r > k,
            "adjacent": lambda r: abs(r - k) == 1,
        }[self.q.deviations]
        return [r for r in range(n) if r != k and ok(r)]

    def build(self, z_fixed: bool) -> None:
        q = self.q
        z = self.zero()[0]
        z[self.z] = F(1)
        for i in self.agents:
            self.incentives(i)
            for row, constant in self.participation(i):
                self.add(row - z if q.budget == "none" else row, constant)
            for theta in self.profiles:
                for key, bound in (q.payments[i] if q.payments else {}).items():
                    t = self.pay(i, theta)
                    if key == "at-least":
                        self.add(t, -bound)
                    elif key == "at-most":
                        self.add(-t, bound)
                    else:
                        self.add(t, F(0), True)
        if q.budget in ("no-deficit", "balanced"):
            for theta in self.profiles:
                self.add(self.revenue(theta) - z, -q.floor, q.budget == "balanced")
        elif q.budget == "no-expected-deficit":
            self.add(sum((self.revenue(theta) * w for w, theta in self.prior()), self.zero()[0]) - z, -q.floor)
        for rule in q.linear:
            self.linear(rule)
        if q.groves:
            self.charges()
        for p, theta in enumerate(self.profiles):
            total = sum((self.prob(x, theta) for x in range(q.outcomes)), self.zero()[0])
            self.add(total, F(-1), True)
            for x in range(q.outcomes):
                if x not in self.choices[p]:
                    self.add(self.prob(x, theta), F(0), True)
        if q.free_shares:
            row = self.zero()[0]
            row[self.first_r : self.z] = F(1)
            self.add(row, F(-1), True)
        if z_fixed:
            self.add(z, F(0), True)

    def incentives(self, i: int) -> None:
        q, n = self.q, self.q.sizes[i]
        notion = q.incentives[i]
        if notion == "BIC":
            for k in range(n):
                beliefs = self.given(i, k)
                for r in self.reports(k, n) if beliefs is not None else ():
                    row = self.zero()[0]
                    for w, theta in beliefs:
                        row = row + (self.utility(i, theta, theta) - self.utility(i, self.told(i, theta, r), theta)) * w
                    self.add(row, F(0))
        elif notion != "none":
            for theta in self.profiles:
                others = [theta]
                if notion == "DSIC" and q.interdependent:
                    others = [o for o in self.profiles if o[i] == theta[i]]
                for told in others:
                    for r in self.reports(theta[i], n):
                        self.add(self.utility(i, told, theta) - self.utility(i, self.told(i, told, r), theta), F(0))

    def left(self, i: int, theta: Profile, w: F) -> tuple[np.ndarray, F]:
        """Outside option times w: as a row over shares, or a constant."""
        row, _ = self.zero()
        if self.q.free_shares:
            row[self.first_r + i] = self.q.outside(i, theta) * w
            return row, F(0)
        return row, self.q.outside(i, theta) * w

    def participation(self, i: int) -> Iterator[tuple[np.ndarray, F]]:
        notion = self.q.participation[i]
        groups: list[list[tuple[F, Profile]]] = []
        if notion == "ex-post":
            groups = [[(F(1), theta)] for theta in self.profiles]
        elif notion == "interim":
            groups = [g for k in range(self.q.sizes[i]) if (g := self.given(i, k)) is not None]
        elif notion == "ex-ante":
            groups = [self.prior()]
        for group in groups:
            row, constant = self.zero()
            for w, theta in group:
                less, left = self.left(i, theta, w)
                row, constant = row + self.utility(i, theta, theta) * w - less, constant - left
            yield row, constant

    def linear(self, rule: dict[str, Any]) -> None:
        inside = rule.get("where", {})

        def counts(theta: Profile) -> bool:
            return all(theta[i] in types for i, types in inside.items())

        at = rule["at"]
        if at == "profile":
            groups = [[(F(1), theta)] for theta in self.profiles if counts(theta)]
        elif at == "prior":
            groups = [[(w, theta) for w, theta in self.prior() if counts(theta)]]
        else:
            kept = [k for k in range(self.q.sizes[at]) if at not in inside or k in inside[at]]
            groups = [g for k in kept if (g := self.given(at, k)) is not None]
        for group in groups:
            row, constant = self.zero()
            for w, theta in group:
                for i, a in rule.get("t", {}).items():
                    row = row + self.pay(i, theta) * (a * w)
                for i, a in rule.get("u", {}).items():
                    row = row + self.utility(i, theta, theta) * (a * w)
                for x, a in rule.get("q", {}).items():
                    row = row + self.prob(x, theta) * (a * w)
                row = row + self.revenue(theta) * (rule.get("revenue", F(0)) * w)
                constant += rule.get("constant", F(0)) * w
            sign = -1 if rule["compared"] == "at-most" else 1
            self.add(row * sign, (constant - rule["bound"]) * sign, rule["compared"] == "equal")

    def charges(self) -> None:
        """t_i + sum_{j != i} v_j - cost does not move with i's own report (C8)."""
        for i in self.agents:
            for theta in self.profiles:
                if theta[i]:
                    first = self.told(i, theta, 0)
                    row = self.zero()[0]
                    for at, sign in ((theta, 1), (first, -1)):
                        part = self.pay(i, at)
                        for j in self.agents:
                            if j != i:
                                part = part + self.worth(j, at, at)
                        for x, cost in enumerate(self.q.costs):
                            part = part - self.prob(x, at) * cost
                        row = row + part * sign
                    self.add(row, F(0), True)

    def goal(self) -> np.ndarray:
        if self.q.weights is None:
            row = self.zero()[0]
            row[self.z] = F(1)
            return row
        on_u, on_r = self.q.weights
        row = self.zero()[0]
        for w, theta in self.prior():
            for i, a in enumerate(on_u):
                row = row + self.utility(i, theta, theta) * (w * a)
            row = row + self.revenue(theta) * (w * on_r)
        return row

    def solve(self, goal: np.ndarray) -> tuple[str, float | None]:
        """ "best", "none" or "unbounded", and the largest value."""
        matrix = np.array([[float(x) for x in row] for row, _, _ in self.rows])
        low = np.array([float(-constant) for _, constant, _ in self.rows])
        high = np.array([float(-constant) if equal else np.inf for _, constant, equal in self.rows])
        lower = np.full(self.width, -np.inf)
        upper = np.full(self.width, np.inf)
        lower[self.first_q : self.z], upper[self.first_q : self.z] = 0.0, 1.0
        kinds = np.zeros(self.width)
        if not self.q.lotteries:
            kinds[self.first_q : self.first_r] = 1
        cost = -np.array([float(x) for x in goal])
        found = milp(
            cost, constraints=LinearConstraint(matrix, low, high), bounds=Bounds(lower, upper), integrality=kinds
        )
        if found.status == 0 and kinds.any():  # whole within 1e-6 alone: once more, with the outcomes settled
            settled = np.round(found.x[self.first_q : self.first_r])
            lower[self.first_q : self.first_r] = upper[self.first_q : self.first_r] = settled
            bounds = Bounds(lower, upper)
            found = milp(cost, constraints=LinearConstraint(matrix, low, high), bounds=bounds)
        if found.status == 0:
            return "best", -found.fun
        feasible = milp(
            np.zeros(self.width),
            constraints=LinearConstraint(matrix, low, high),
            bounds=Bounds(lower, upper),
            integrality=kinds,
        )
        return ("unbounded", None) if feasible.status == 0 else ("none", None)


def decide(question: Question) -> tuple[str, float | None]:
    """Verdict at z = 0, and the margin or the value: inf, -inf, a double, or None."""
    here = Program(question)
    here.build(z_fixed=True)
    exists = here.solve(here.zero()[0])[0] == "best"
    verdict = "exists" if exists else "impossible"
    if question.weights is not None:
        if not exists:
            return verdict, None
        status, value = here.solve(here.goal())
        return verdict, inf if status == "unbounded" else value
    if question.budget == "none" and set(question.participation) == {"none"}:
        return verdict, inf if exists else None
    free = Program(question)
    free.build(z_fixed=False)
    status, margin = free.solve(free.goal())
    return verdict, {"best": margin, "unbounded": inf, "none": -inf}[status]
