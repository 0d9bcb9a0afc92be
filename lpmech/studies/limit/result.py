"""What ``limit`` returns: exact rows, estimates, and integrals beside them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from lpmech.base.exact import decimal, show
from lpmech.question.model import Instance
from lpmech.studies.limit.extrapolate import Estimate
from lpmech.studies.limit.integrals import Integral
from lpmech.studies.limit.refine import Refined

if TYPE_CHECKING:
    import pandas as pd

FORMAT = "lpmech-limit/1"


@dataclass(frozen=True)
class Row:
    """One grid: what was found on it, exactly. None: undecided."""

    refined: Refined
    verdict: str
    numbers: Mapping[str, Fraction | float | None]
    seconds: float


@dataclass(frozen=True)
class Quantity:
    """A number that grids have, its estimated limit, and what a theorem says about the continuum.

    ``moving``: the laws of the file change with the grid, so that the integral, too, is extrapolated.
    """

    name: str
    estimate: Estimate | None
    integral: Integral | None
    moving: bool = False

    @property
    def contradicts(self) -> bool:
        """Whether estimate and integral are further apart than their errors: one of them is wrong."""
        found, theory = self.estimate, self.integral
        if found is None or theory is None or not found.regular:
            return False
        value = float(theory.value)
        apart = abs(float(found.value) - value)
        return apart > found.error + theory.error + 1e-12 * max(1.0, abs(value))


@dataclass(frozen=True)
class Limit:
    """Exact numbers on finer and finer grids, each proved, and estimates of their limits, which are not."""

    title: str
    rows: tuple[Row, ...]
    quantities: tuple[Quantity, ...]
    stopped: str

    @property
    def instance(self) -> Instance:
        """On the finest grid."""
        return self.rows[-1].refined.instance

    @property
    def massless(self) -> str:
        """What is said of grid points of probability 0; empty if there are none, and none was left out."""
        if any(grid.support == "positive" for grid, _ in self.rows[-1].refined.grids):
            return 'are left out where a grid has support = "positive"'
        if any(not mass for agent in self.instance.environment.agents for mass in agent.probabilities):
            return 'count: requirements hold for them, too; support = "positive" in a grid leaves them out'
        return ""

    def __getitem__(self, name: str) -> Quantity:
        """By name: "margin", "first best", "second best", or the objective's."""
        return next(one for one in self.quantities if one.name == name)

    def to_frame(self) -> pd.DataFrame:
        """A row for each grid: exact numbers as text, with the nearest double beside each."""
        import pandas as pd

        return pd.DataFrame([_flat(row) for row in self.rows])

    def table(self, file: str = "") -> dict[str, Any]:
        """The JSON object of ``lpmech limit --json``."""
        return {
            "format": FORMAT,
            "file": file,
            "title": self.title,
            "stopped": self.stopped,
            "massless": self.massless,
            "grids": [_flat(row) for row in self.rows],
            "limits": {one.name: _said(one) for one in self.quantities},
        }


def _flat(row: Row) -> dict[str, Any]:
    out: dict[str, Any] = {"points": row.refined.points, "step": show(row.refined.step), "verdict": row.verdict}
    for name, x in row.numbers.items():
        out[name] = None if x is None else show(x)
        out[name + " decimal"] = None if x is None or math.isinf(x) else decimal(x)
    return out | {"seconds": round(row.seconds, 6)}


def _said(one: Quantity) -> dict[str, Any]:
    found, theory = one.estimate, one.integral
    out: dict[str, Any] = {"estimate": None, "integral": None}
    if found is not None and found.regular:
        out["estimate"] = {
            "value": float(found.value),
            "error": found.error,
            "power_law": found.regular,
            "orders": list(found.orders),
            "grids": list(found.used),
        }
    if theory is not None:
        out["integral"] = {
            "value": float(theory.value),
            "exact": show(theory.value) if isinstance(theory.value, Fraction) and not one.moving else None,
            "error": theory.error,
            "source": theory.source,
            "extrapolated": one.moving,
        }
    return out
