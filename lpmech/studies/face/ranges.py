"""Exact least and largest values of linear forms on the optimal mechanisms, each with what shows it.

Forms are first reduced by the equations that hold at every optimum: what vanishes is the same number everywhere, what is
the same up to a factor is one question, and what moves along a line that keeps every row is without bound. The rest
are linear programs, each started from the last basis, up to a number of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import fmpq

from lpmech.base.exact import from_flint
from lpmech.programs.forms import CONSTANT
from lpmech.studies.face.program import Optimal
from lpmech.studies.face.rowspace import dot

HULL, PROGRAM, DEFINITION, LINE = "equations", "program", "definition", "ray"
"""How an end is known: the same at every optimum by equations that hold there; a linear program; what it is (a
probability is between 0 and 1, a slack at least 0) and a mechanism that attains it; a ray along which it grows."""
ZERO, ONE = fmpq(0), fmpq(1)


@dataclass(frozen=True)
class End:
    """A least or largest value, how it is known, and the number of a point that attains it (or that a ray starts from)."""

    value: Fraction | float
    how: str
    point: int = 0


Ends = tuple[End | None, End | None]
"""Least and largest; None: not computed."""


class Ranges:
    """Ranges on one set of optimal mechanisms. ``most``: linear programs that may be solved."""

    def __init__(self, optimal: Optimal, most: int) -> None:
        self.optimal, self.most = optimal, most
        self.points: list[list[Any]] = [optimal.pair.inner, optimal.start]
        self._known: dict[tuple[tuple[int, Any], ...], End | None] = {}
        self.stopped = False

    @property
    def programs(self) -> int:
        """Linear programs solved."""
        return self.optimal.again.count if "again" in self.optimal.__dict__ else 0

    def of(
        self, form: Mapping[int, Any], within: tuple[Any, Any] = (None, None), sides: tuple[bool, bool] = (True, True)
    ) -> Ends:
        """Least and largest value. ``within``: bounds that hold by definition; ``sides``: which of the two are wanted."""
        reduced = self.optimal.hull.residual(form)
        constant = form.get(CONSTANT, ZERO)
        inner = constant + dot(form.items(), self.points[0])
        if not reduced:
            end = End(from_flint(inner), HULL)
            return end, end
        column = min(reduced)
        lead = abs(reduced[column])
        unit = {j: x / lead for j, x in reduced.items()}
        base = dot(reduced.items(), self.points[0])
        out: list[End | None] = []
        for side, bound, sign in ((0, within[0], -1), (1, within[1], 1)):
            out.append(None)
            if not sides[side]:
                continue
            wanted = None if bound is None else sign * (bound - inner + base) / lead
            goal = {j: sign * x for j, x in unit.items()}
            found = self._largest(goal, wanted)
            if found is not None and not isinstance(found.value, float):
                out[side] = End(from_flint(sign * found.value * lead + inner - base), found.how, found.point)
            elif found is not None:
                out[side] = End(sign * math.inf, found.how, found.point)
        return out[0], out[1]

    def _largest(self, goal: dict[int, Any], wanted: Any) -> End | None:
        """The maximum of a reduced form; ``wanted`` bounds it by definition. Its value is a flint number or inf."""
        key = tuple(sorted(goal.items()))
        if key in self._known:
            return self._known[key]
        end: End | None = None
        if wanted is not None:
            hit = next((n for n, x in enumerate(self.points) if dot(goal.items(), x) == wanted), None)
            end = None if hit is None else End(wanted, DEFINITION, hit)
        if end is None and self.optimal.lines.residual(goal):
            end = End(math.inf, LINE)
        if end is None:
            end = self._program(goal)
        if end is not None or not self.stopped:
            self._known[key] = end
        return end

    def _program(self, goal: dict[int, Any]) -> End | None:
        again = self.optimal.again
        if self.programs >= self.most:
            self.stopped = True
            return None
        found = again.largest(goal)
        if found is None:
            try:
                if again.ray(goal) is not None:
                    return End(math.inf, LINE)
            except ArithmeticError:
                return None
            found = again.bounded(goal)
        if found is None:
            return None
        return End(found.value, PROGRAM, self.point(found.x.tolist()))

    def point(self, x: list[Any]) -> int:
        """The number of a point of the set, kept once."""
        for n, known in enumerate(self.points):
            if known == x:
                return n
        self.points.append(x)
        return len(self.points) - 1

    def gather(self, forms: list[Mapping[int, Any]], rounds: int = 8) -> None:
        """Points at which many of these slacks are 0, so that fewer of them need a program of their own."""
        left = forms
        for _ in range(rounds):
            left = [f for f in left if not any(self.value(f, x) == 0 for x in self.points)]
            if len(left) < 2 or self.programs >= self.most:
                return
            total: dict[int, Any] = {}
            for form in left:
                for j, x in form.items():
                    if j != CONSTANT:
                        total[j] = total.get(j, ZERO) - x
            found = self.optimal.again.largest(total)
            if found is None:
                return
            before = len(self.points)
            self.point(found.x.tolist())
            if len(self.points) == before:
                return

    @staticmethod
    def value(form: Mapping[int, Any], x: list[Any]) -> Any:
        """A form at a point."""
        return form.get(CONSTANT, ZERO) + dot(form.items(), x)
