"""Proof objects and proof files (docs/proof-format.md)."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lpmech.answer.arguments import Argument
from lpmech.answer.mechanism import Mechanism
from lpmech.answer.multipliers import Multiplier, entries
from lpmech.base import files
from lpmech.base.exact import brief, show
from lpmech.base.views import views
from lpmech.question.model import Instance
from lpmech.verify import Report, verify_own

if TYPE_CHECKING:
    import pandas as pd

FORMAT = "lpmech-proof/{}"
"""Format of a proof file; its number is that of the environment, ``Environment.proof_format``."""
FURTHER_FORMAT = FORMAT.format(2)


@dataclass(frozen=True)
class Proof:
    """A claim about an instance with everything that shows it.

    ``margin`` and ``value`` as in results (None where not claimed). ``mechanism`` meets every requirement as it stands when
    the verdict is "exists"; with ``fees`` added to the agents' payments it attains a finite margin. ``ray`` is a change of
    transfers along which an infinite margin or value grows. ``multipliers`` bound the margin, the objective, or (bounds =
    "feasibility") contradict the requirements at every subsidy.
    """

    instance: Instance
    verdict: str
    margin: Fraction | float | None
    value: Fraction | float | None
    mechanism: Mechanism | None = None
    fees: tuple[Fraction, ...] | None = None
    ray: Mechanism | None = None
    multipliers: Sequence[Multiplier] | None = None
    bounds: str | None = None
    symmetry: tuple[tuple[int, ...], ...] | None = None
    """Classes of identical agents: mechanism, ray and multipliers are given up to relabelling them."""
    arguments: tuple[Argument, ...] | None = None
    """Of further requirements: everything that is shown by multipliers; ``multipliers`` are those of the first, if it has
    no cases."""
    best: Mechanism | None = None
    """Of further requirements: a mechanism that attains the margin where ``mechanism`` does not, or that meets the
    requirements at ``best_level``, from where an infinite margin grows."""
    best_level: Fraction | None = None

    def table(self) -> dict[str, Any]:
        """The proof as the JSON object of a proof file."""

        if self.arguments is not None:
            return self._further()
        stated, fees = self.mechanism, self.fees
        if stated is not None and fees is not None:
            fees = stated.restated_fees(fees)
        return {
            "format": FORMAT.format(self.instance.environment.proof_format),
            "instance": self.instance.table(columns=stated is not None and stated.restates_columns),
            "claim": self._claim(),
            "mechanism": None if stated is None else stated.restated(),
            "fees": None if fees is None else [str(fee) for fee in fees],
            "ray": None if self.ray is None else self.ray.restated_payments(),
            "multipliers": None if self.multipliers is None else entries(self.multipliers),
            "bounds": self.bounds,
        } | ({} if self.symmetry is None else {"symmetry": [list(members) for members in self.symmetry]})

    def _claim(self) -> dict[str, Any]:
        def text(x: Fraction | float | None) -> str | None:
            return None if x is None else show(x)

        return {
            "verdict": self.verdict,
            "objective": self.instance.objective.table()["maximize"],
            "margin": text(self.margin),
            "value": text(self.value),
        }

    def _further(self) -> dict[str, Any]:
        """A proof about further requirements (docs/proof-format.md)."""
        best = None if self.best is None else {"z": str(self.best_level), **self.best.restated()}
        return {
            "format": FURTHER_FORMAT,
            "instance": self.instance.table(),
            "claim": self._claim(),
            "mechanism": None if self.mechanism is None else self.mechanism.restated(),
            "best": best,
            "ray": None if self.ray is None else self.ray.restated_payments(),
            "arguments": [argument.table() for argument in self.arguments or ()],
        }

    def verify(self) -> Report:
        """Check this proof with the stand-alone verifier."""
        return verify_own(self.table())

    def to_frame(self, *, exact: bool = True) -> pd.DataFrame:
        """The multipliers in pandas (``lpmech.show.frames.multipliers``); weights are Fractions, else doubles."""
        return views().frame(self, exact=exact)

    def to_latex(self, decimals: int | None = None) -> str:
        """The multipliers as a booktabs table; fractions, or rounded to so many decimals."""
        return views().latex(self, decimals=decimals)

    def __repr__(self) -> str:
        numbers = [
            f", {name} {brief(x)}" for name, x in (("margin", self.margin), ("value", self.value)) if x is not None
        ]
        if self.value is not None and self.value == self.margin:
            numbers = numbers[:1]
        count = len(self.multipliers or ())
        return f"<Proof: {self.verdict}{''.join(numbers)}; {count:,} multipliers; of {self.instance!r}>"

    def _repr_html_(self) -> str:
        return views().html(self)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the proof file; a file of that name is replaced only once the new one is complete.

        A link is followed; a device or a pipe is written to as it is.
        """
        return files.write(path, json.dumps(self.table(), ensure_ascii=False, indent=1) + "\n")
