"""Left sides of constraints as sparse linear forms over the unknowns of a program that is written row by row.

Columns, in this order: payments t_i(theta) (or Groves charges h_i(theta_-i)), open entries of q, shares where they are
free, expected payments E[t_i(r, .)] of reports r where they are lifted, z.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from lpmech.base.arrays import array
from lpmech.base.exact import to_flint
from lpmech.question.allocation import allocation
from lpmech.question.constraints import Place
from lpmech.question.model import Instance
from lpmech.question.prior import Profile
from lpmech.question.statements import Statements, Weighted

CONSTANT = -1
"""In the place of a column: the constant of a form."""


class Form(dict[int, Any]):
    """{column: coefficient}, exact; sums and multiples are new forms."""

    def __add__(self, other: Form | Fraction) -> Form:
        out = Form(self)
        for column, x in other.items() if isinstance(other, Form) else [(CONSTANT, to_flint(other))]:
            out[column] = out.get(column, 0) + x
        return out

    def __sub__(self, other: Form | Fraction) -> Form:
        return self + (other * -1)

    def __mul__(self, by: Fraction | int) -> Form:
        factor = to_flint(by)
        return Form({column: x * factor for column, x in self.items()})


class FormStatements(Statements[Form]):
    """The mechanism of a program, as forms. ``decided``: profiles whose outcome is settled, by number."""

    def __init__(self, instance: Instance, decided: Mapping[int, int] | None = None, lift: bool = True) -> None:
        super().__init__(instance.environment)
        env, need = instance.environment, instance.requirements
        self.N, self.P, self.X = len(env.sizes), env.profile_count, len(env.outcomes)
        self.groves, settled = need.groves, allocation(instance)
        open_at: dict[int, list[int]] = {}
        for p, x in settled.cells.tolist():
            open_at.setdefault(p, []).append(x)
        self.options = {p: xs for p, xs in open_at.items() if p not in (decided or {})}
        """Outcomes that an open profile may have."""
        self.cells = [(p, x) for p, xs in self.options.items() for x in xs]
        fixed: list[list[tuple[int, Any]]] = [
            [(x, w) for x, w in enumerate(row) if w != 0] for row in settled.fixed.tolist()
        ]
        for p, x in (decided or {}).items():
            fixed[p] = [(x, to_flint(1))]
        self.strides = [1] * self.N
        for i in range(self.N - 2, -1, -1):
            self.strides[i] = self.strides[i + 1] * env.sizes[i + 1]
        self.lifting = lift and env.prior is None and not self.groves
        widths = [self.P // n if self.groves else self.P for n in env.sizes]
        start, self.columns = 0, dict[str, tuple[int, tuple[int, ...]]]()
        names = [("h" if self.groves else "t") + f"_{agent.name}" for agent in env.agents]
        self.paying = []
        for name, width in zip(names, widths, strict=True):
            self.paying.append(start)
            self.columns[name], start = (start, (width,)), start + width
        blocks: list[tuple[str, tuple[int, ...]]] = [("q", (len(self.cells),))]
        blocks += [("shares", (self.N,))] if env.free_shares else []
        if self.lifting:
            blocks += [(f"T_{agent.name}", (n,)) for agent, n in zip(env.agents, env.sizes, strict=True)]
        for name, shape in blocks:
            if shape[0]:
                self.columns[name], start = (start, shape), start + shape[0]
        self.columns["z"], self.width = (start, ()), start + 1
        self.z = start
        first = self.columns.get("q", (0, ()))[0]
        self.cell = {entry: first + e for e, entry in enumerate(self.cells)}
        self.lotteries: list[list[tuple[int, int, Any]]] = [
            [(x, self.cell[p, x], to_flint(1)) for x in self.options[p]]
            if p in self.options
            else [(x, CONSTANT, w) for x, w in fixed[p]]
            for p in range(self.P)
        ]
        """At each profile (outcome, column, coefficient) of its lottery."""
        self.fixed = fixed
        flat = [array(v for row in env.value_at(i) for v in row).tolist() for i in range(self.N)]
        self.value = [[row[p * self.X : (p + 1) * self.X] for p in range(self.P)] for row in flat]
        self.outside = [array(env.outside_at(i)).tolist() for i in range(self.N)]
        self.costs = array(env.costs).tolist()
        self.lifted: dict[tuple[int, int], int] = {}
        """(agent, report) -> column of its expected payment, where a row speaks of it."""

    def total(self, terms: Iterable[tuple[Fraction, Form]]) -> Form:
        out = Form()
        for w, form in terms:
            factor = to_flint(w)
            for column, x in form.items():
                out[column] = out.get(column, 0) + factor * x
        return out

    def number(self, x: Fraction) -> Form:
        return Form({CONSTANT: to_flint(x)})

    def payment_at(self, i: int, reported: Profile) -> Form:
        p = self.profiles.number(reported)
        if not self.groves:
            return Form({self.paying[i] + p: to_flint(1)})
        out = Form({self.paying[i] + self.others(i, reported): to_flint(1)})
        for x, column, w in self.lotteries[p]:
            others = sum((self.value[j][p][x] for j in range(self.N) if j != i), -self.costs[x])
            out[column] = out.get(column, 0) - w * others
        return out

    def others(self, i: int, profile: Profile) -> int:
        """Number of the others' profile, flattened."""
        out = 0
        for j, (k, n) in enumerate(zip(profile, self.env.sizes, strict=True)):
            out = out if j == i else out * n + k
        return out

    def _of_lottery(self, p: int, worth: list[Any]) -> Form:
        out = Form()
        for x, column, w in self.lotteries[p]:
            out[column] = out.get(column, 0) + w * worth[x]
        return out

    def value_of(self, i: int, reported: Profile, true: Profile) -> Form:
        return self._of_lottery(self.profiles.number(reported), self.value[i][self.profiles.number(true)])

    def chance_at(self, x: int, profile: Profile) -> Form:
        return Form({column: w for y, column, w in self.lotteries[self.profiles.number(profile)] if y == x})

    def cost_at(self, profile: Profile) -> Form:
        return self._of_lottery(self.profiles.number(profile), self.costs)

    def outside_of(self, i: int, profile: Profile) -> Form:
        left = self.outside[i][self.profiles.number(profile)]
        return Form({self.columns["shares"][0] + i if self.env.free_shares else CONSTANT: left})

    def paid(self, i: int, weights: Weighted, agent: int | None, place: Place, report: int | None = None) -> Form:
        if not self.lifting or i != agent or place.type is None:
            return super().paid(i, weights, agent, place, report)
        own = place.type if report is None else report
        return Form(
            {self.lifted.setdefault((i, own), self.columns[f"T_{self.env.agents[i].name}"][0] + own): to_flint(1)}
        )

    def lifts(self) -> Iterable[Form]:
        """Rows that say what the lifted expected payments are: T - E[t_i(r, .)] = 0."""
        for (i, own), column in self.lifted.items():
            weights = self.profiles.given(i, own)
            expected = self.total((w, self.payment_at(i, theta)) for w, theta in weights)
            yield Form({column: to_flint(1)}) - expected
