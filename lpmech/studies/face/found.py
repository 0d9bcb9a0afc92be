"""What ``face`` finds: where every requirement binds, ranges, uniqueness, and proofs of these."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lpmech.answer.mechanism import Mechanism
from lpmech.answer.proof import Proof
from lpmech.answer.result import Result
from lpmech.base.errors import InputError
from lpmech.base.exact import decimal, show
from lpmech.base.views import views
from lpmech.question.constraints import Constraint, Place
from lpmech.question.model import Instance
from lpmech.studies.face.program import Optimal
from lpmech.studies.face.proofs import Claim, Ends
from lpmech.studies.face.quantities import CHANCE, INTERIM_PAYMENT, INTERIM_UTILITY, SHARE, Quantity
from lpmech.studies.face.ranges import HULL, End, Ranges

if TYPE_CHECKING:
    import pandas as pd

FORMAT = "lpmech-face/1"
EVERY, SOME, NONE, UNSETTLED = "every", "some", "none", "not every"
"""At which optimal mechanisms a requirement binds; ``not every``: at some or at none, which was not computed."""


@dataclass(frozen=True)
class Binding:
    """One row of an inequality: where it binds, and its least slack (money, or the unit of a linear requirement)."""

    constraint: Constraint
    place: Place
    row: int
    held: str = UNSETTLED
    least: Fraction | None = None
    end: End | None = None


@dataclass(frozen=True)
class Range:
    """Exactly from ``low`` to ``high`` over all optimal mechanisms; None where it was not computed."""

    quantity: Quantity
    low: End | None
    high: End | None

    @property
    def unique(self) -> bool:
        """The same number at every optimal mechanism."""
        return self.low is not None and self.low.how == HULL

    @property
    def settled(self) -> bool:
        """Whether both ends are known."""
        return self.low is not None and self.high is not None


@dataclass(frozen=True)
class Face:
    """The optimal mechanisms of ``instance``, or those within ``slack`` of the ``optimum``.

    ``lowered``: the margin's z is fixed at optimum - slack, where the budget's inequalities are met. ``dimension`` is that
    of the set; 0: one mechanism. ``programs`` were solved; ``stopped``: the number allowed was not enough, and some ends
    are None.
    ``proof``: an optimal mechanism and multipliers, verified, that are positive on exactly the requirements that bind at
    every optimum (None with a slack).
    """

    instance: Instance
    result: Result
    optimum: Fraction
    slack: Fraction
    lowered: bool
    bindings: tuple[Binding, ...]
    ranges: tuple[Range, ...]
    dimension: int
    programs: int
    stopped: bool
    proof: Proof | None
    optimal: Optimal
    ends: Ranges

    # ---- one mechanism or many ---------------------------------------------------------------------------------------

    @property
    def unique(self) -> bool:
        """There is one such mechanism."""
        return self.dimension == 0

    @property
    def allocation_unique(self) -> bool:
        """All have the same lotteries (and shares)."""
        return self._unique(CHANCE) and self._unique(SHARE)

    @property
    def interim_payments_unique(self) -> bool:
        """Each type of each agent expects to pay the same in all."""
        return self._unique(INTERIM_PAYMENT)

    @property
    def interim_payoffs_unique(self) -> bool:
        """Each type of each agent expects the same utility in all."""
        return self._unique(INTERIM_UTILITY)

    def _unique(self, kind: str) -> bool:
        return all(r.unique for r in self.ranges if r.quantity.kind == kind)

    # ---- single findings ---------------------------------------------------------------------------------------------

    def __getitem__(self, words: str) -> Range:
        """The range of a quantity by its words: ``face["interim payment[buyer: 6]"]``."""
        for r in self.ranges:
            if r.quantity.words(self.instance.environment) == words:
                return r
        raise InputError(f"no quantity {words!r}", expected='"interim payment[buyer: 6]": see .to_frame()')

    def mechanism(self, end: End | None = None) -> Mechanism:
        """The mechanism that attains an end; without one, a mechanism at which nothing binds that need not."""
        return self.optimal.mechanism(self.ends.points[0 if end is None else end.point])

    def label(self, binding: Binding) -> str:
        """The name of a row: ``BIC[buyer: 3/4 -> 1/2]``."""
        return binding.constraint.label(binding.place, self.instance.environment.agents)

    def claims(self, which: Range, beyond: Fraction = Fraction(1, 10**6)) -> list[Claim]:
        """Verified proofs about a range's finite ends (docs/face.md): that an optimal mechanism attains it, and that none
        is past it by ``beyond``, or past it at all where the quantity is an objective."""
        shown = Ends(self.instance, self.optimal, self.ends, which.quantity)
        out: list[Claim] = []
        for end, high in ((which.low, False), (which.high, True)):
            if end is not None and isinstance(end.value, Fraction):
                out += shown.about(end, high, beyond)
        return out

    @cached_property
    def left_out(self) -> int:
        """Ends of ranges and least slacks that were not computed."""
        ends = sum((r.low is None) + (r.high is None) for r in self.ranges)
        return ends + sum(b.held == UNSETTLED for b in self.bindings)

    # ---- shown -------------------------------------------------------------------------------------------------------

    def rows(self) -> Iterator[dict[str, Any]]:
        """Every range: quantity, agent, type, outcome, types of all, low, high."""
        env = self.instance.environment
        for r in self.ranges:
            q = r.quantity
            agent = None if q.agent is None else env.agents[q.agent]
            yield {
                "quantity": q.kind,
                "agent": None if agent is None else agent.name,
                "type": None if agent is None or q.type is None else agent.types[q.type],
                "outcome": None if q.outcome is None else env.outcomes[q.outcome],
                "types": None
                if q.profile is None
                else [a.types[k] for a, k in zip(env.agents, q.profile, strict=True)],
                "low": None if r.low is None else r.low.value,
                "high": None if r.high is None else r.high.value,
            }

    def table(self, file: str = "") -> dict[str, Any]:
        """The JSON object of ``lpmech face --format json``."""
        ranges = []
        for row, r in zip(self.rows(), self.ranges, strict=True):
            ends = {key: None if row[key] is None else show(row[key]) for key in ("low", "high")}
            ways = {"low_by": r.low and r.low.how, "high_by": r.high and r.high.how}
            ranges.append(row | ends | ways)
        return {
            "format": FORMAT,
            "file": file,
            "title": self.instance.title,
            "verdict": self.result.verdict,
            "objective": self.instance.objective.table()["maximize"],
            "optimum": show(self.optimum),
            "optimum_decimal": decimal(self.optimum),
            "slack": show(self.slack),
            "unique": {
                "mechanism": self.unique,
                "allocation": self.allocation_unique,
                "interim_payments": self.interim_payments_unique,
                "interim_payoffs": self.interim_payoffs_unique,
            },
            "dimension": self.dimension,
            "requirements": [
                {
                    "constraint": self.label(b),
                    "title": b.constraint.title,
                    "binds_at": b.held,
                    "least_slack": None if b.least is None else show(b.least),
                }
                for b in self.bindings
            ],
            "ranges": ranges,
            "programs": self.programs,
            "left_out": self.left_out,
            "proved": self.proof is not None,
        }

    def to_frame(self, *, exact: bool = True) -> pd.DataFrame:
        """pandas: a row for each range. Exact entries are Fractions (or infinities); else floats."""
        import pandas as pd

        def shown(key: str, x: Any) -> Any:
            if key == "types":
                return None if x is None else tuple(x)
            return x if exact or x is None or key not in ("low", "high") else decimal(x)

        return pd.DataFrame([{key: shown(key, x) for key, x in row.items()} for row in self.rows()])

    def explain(self, format: str = "text") -> str:
        """In words and tables: "text", "markdown", "latex" or "html"."""
        return views().explained(self, format)

    def _repr_html_(self) -> str:
        return views().html(self)

    def __repr__(self) -> str:
        what = "one mechanism" if self.unique else f"mechanisms of dimension {self.dimension}"
        return f"<Face: {what}, optimum {show(self.optimum)}; of {self.instance!r}>"
