"""Many bilateral trades at once: exact verdicts at array speed, each proved on request.

Where a closed form answers the question, its formula is evaluated for all instances in arrays: in 64-bit integers, exactly,
where they cannot overflow, and elsewhere in doubles with a bound on the error. Signs that the bound leaves open, and
instances that the closed form does not answer, are settled one by one in exact arithmetic.
"""

from __future__ import annotations

import reprlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np

from lpmech import closed_forms
from lpmech.answer.proof import Proof
from lpmech.base.arguments import called, need
from lpmech.base.errors import InputError, UndecidedError
from lpmech.base.exact import Scaled, decimal
from lpmech.base.views import views
from lpmech.closed_forms.bilateral.batch import Trades, doubles
from lpmech.question.distribution import Distribution
from lpmech.question.environments.bilateral_trade import BilateralTrade
from lpmech.question.model import Instance
from lpmech.question.requirements import Requirements

if TYPE_CHECKING:
    from lpmech.answer.result import Result

CELLS = 1 << 20
"""Pairs of types in a chunk: what the arrays of one step hold."""

OPEN = np.iinfo(np.int64).min
"""In the place of an integer that was not found."""


Rows = np.ndarray | Sequence[Sequence[int]]


class Kernel(Protocol):
    """A closed form that answers many instances at once."""

    def margins(self, trades: Trades, ties: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """See ``closed_forms.vcg_prime.margins``."""
        ...

    def solve(self, instance: Instance) -> Proof: ...


@cache
def kernel(requirements: Requirements) -> tuple[str, Kernel] | None:
    """The closed form that answers a question for many instances, and its name; None if there is none."""
    one = Instance(BilateralTrade(Distribution([1]), Distribution([0])), requirements)
    name = closed_forms.applicable(one)
    form = None if name is None else closed_forms.named(name)
    return (name, cast(Kernel, form)) if name is not None and hasattr(form, "margins") else None


@dataclass(frozen=True)
class Side:
    """Values and weights, N rows each, whole numbers: type k of instance r has the value values[r, k] / unit and the mass
    weights[r, k] / (sum of the row)."""

    values: np.ndarray
    weights: np.ndarray

    @classmethod
    def read(cls, pair: tuple[Any, Any], name: str) -> Side:
        """Check shapes and signs."""
        if not isinstance(pair, tuple | list | np.ndarray) or len(pair) != 2:
            raise InputError(f"{called(pair)} where arrays are needed", key=name, expected="a pair (values, weights)")
        values, weights = map(_numbers, pair)
        for key, x in (("values", values), ("weights", weights)):
            whole = x.dtype.kind in "iu" or (x.dtype == object and all(type(n) is int for n in x.flat))
            if x.ndim != 2 or not x.shape[1] or not whole:
                raise InputError(
                    f"{key} of the {name}: {x.dtype} array of shape {x.shape}",
                    expected="whole numbers, a row for each instance, a column for each type (values in units of 1/unit)",
                )
        if values.shape != weights.shape:
            raise InputError(f"{name}: {values.shape} values but {weights.shape} weights", expected="the same shape")
        for wrong, what in (
            ((values[:, 1:] <= values[:, :-1]).any(axis=1), "values do not increase strictly"),
            ((weights < 0).any(axis=1), "a negative weight"),
            (weights.astype(object).sum(axis=1) == 0 if not weights.any(axis=1).all() else np.zeros(0), "no weight"),
        ):
            if wrong.any():
                raise InputError(f"{name}, row {int(np.argmax(wrong))}: {what}")
        return cls(values, weights)

    def rows(self, places: Any) -> Side:
        return Side(self.values[places], self.weights[places])

    def distribution(self, row: int, unit: int) -> Distribution:
        values, weights = (list(map(int, x[row])) for x in (self.values, self.weights))
        return Distribution(Scaled(unit, values), Scaled(sum(weights), weights))


def _numbers(rows: Any) -> np.ndarray:
    """An array of the numbers as they are: of 2^63 beside -1 numpy would make doubles."""
    found = np.asarray(rows)
    return found if isinstance(rows, np.ndarray) or found.dtype.kind != "f" else np.array(rows, dtype=object)


@dataclass(frozen=True)
class Batch:
    """Verdicts about many bilateral trades with one set of requirements; see ``lpmech.solve_batch``.

    ``exists``: the verdicts, exact. ``margins``: doubles, for tables and figures; ``margin(r)`` is the exact number.
    ``result(r)`` decides instance r once more, with a verified proof. Rows ``settled`` were left open by doubles, or are
    not for the closed form, and were settled one by one.
    """

    requirements: Requirements
    buyer: Side
    seller: Side
    units: Sequence[int]
    method: str
    exists: np.ndarray
    margins: np.ndarray
    settled: np.ndarray
    _whole: np.ndarray
    """Margins in units of 1/(unit P Q) where they were found in integers, the smallest integer elsewhere."""
    _exact: dict[int, tuple[Fraction, str]] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.exists)

    def instance(self, row: int) -> Instance:
        """One of the instances."""
        buyer, seller = (side.distribution(row, self.units[row]) for side in (self.buyer, self.seller))
        return Instance(BilateralTrade(buyer, seller), self.requirements)

    def margin(self, row: int) -> Fraction:
        """Exact margin of one instance."""
        row = range(len(self))[row]
        if self._whole[row] != OPEN:
            P, Q = (int(side.weights[row].sum()) for side in (self.buyer, self.seller))
            return Fraction(int(self._whole[row]), self.units[row] * P * Q)
        return self._alone(row)[0]

    def method_of(self, row: int) -> str:
        """How one instance was decided: by ``method`` unless it is not for that closed form."""
        row = range(len(self))[row]
        return self._alone(row)[1] if self.settled[row] else self.method

    def _alone(self, row: int) -> tuple[Fraction, str]:
        if row not in self._exact:
            self._exact[row] = exact_margin(self.instance(row))
        return self._exact[row]

    def result(self, row: int) -> Result:
        """One instance decided with a verified proof."""
        from lpmech import engine

        return engine.solve(self.instance(row))

    @cached_property
    def verdicts(self) -> np.ndarray:
        """ "exists" or "impossible" for each row."""
        return np.where(self.exists, "exists", "impossible")

    def to_frame(self) -> Any:
        """A pandas table: verdict and margin of each instance."""
        import pandas as pd

        return pd.DataFrame({"verdict": self.verdicts, "margin": self.margins})

    def _repr_html_(self) -> str:
        return views().html(self)

    def __repr__(self) -> str:
        return f"<Batch: {len(self)} instances by {self.method}, {int(self.exists.sum())} exist>"


def exact_margin(instance: Instance) -> tuple[Fraction, str]:
    """By a closed form if one applies, with the number alone, else by the engine, with a verified proof; and the method."""
    from lpmech import engine

    name = closed_forms.applicable(instance)
    if name is None:
        result = engine.solve(instance)
        margin, name = result.margin, result.method
    else:
        margin = closed_forms.named(name).solve(instance).margin
    if not isinstance(margin, Fraction):
        raise UndecidedError(f"{instance.title or 'an instance'}: undecided, or a margin without bound")
    return margin, name


def solve_batch(
    requirements: Requirements,
    buyer: tuple[Rows, Rows],
    seller: tuple[Rows, Rows],
    *,
    unit: int | Sequence[int] = 1,
) -> Batch:
    """Exact verdicts for N bilateral trades with independent types and one set of requirements.

    ``buyer`` and ``seller`` are (values, weights), arrays of whole numbers with N rows and one column for each type. Values
    are in units of 1/``unit`` (one for all or one for each row), masses are weights over their sum. Raises InputError where
    no closed form answers the requirements (margin of efficient trade; docs/closed-forms.md), or arrays do not fit.
    """
    need(
        requirements,
        Requirements,
        "what is required",
        "requirements",
        'lpmech.Requirements("BIC", "interim", "balanced")',
    )
    answer = kernel(requirements)
    if answer is None:
        raise InputError(
            "no closed form answers these requirements for many instances at once",
            expected="lpmech.solve_many, which answers every question one by one",
        )
    name, form = answer
    B, S = Side.read(buyer, "buyer"), Side.read(seller, "seller")
    if len(B.values) != len(S.values):
        raise InputError(f"{len(B.values)} rows for the buyer but {len(S.values)} for the seller")
    N = len(B.values)
    units = [unit] * N if isinstance(unit, int) else list(unit)
    if len(units) != N or any(type(one) is not int or one < 1 for one in set(units)):
        raise InputError(
            "the unit of the values", value=reprlib.repr(unit), expected="a whole number from 1, or N of them"
        )
    exists, margins, known, whole = np.zeros(N, bool), np.zeros(N), np.zeros(N, bool), np.full(N, OPEN)
    step = max(1, CELLS // (B.values.shape[1] * S.values.shape[1]))
    for start in range(0, N, step):
        chunk = slice(start, start + step)
        found = screen(form, requirements.ties, B.rows(chunk), S.rows(chunk))
        exists[chunk], margins[chunk], known[chunk], whole[chunk] = found
    with np.errstate(all="ignore"):
        margins /= doubles(np.array(units, dtype=object))
    batch = Batch(requirements, B, S, units, name, exists, margins, ~known, whole)
    for row in np.flatnonzero(~known).tolist():
        exact = batch.margin(row)
        exists[row], margins[row] = exact >= 0, decimal(exact)
    return batch


def screen(form: Kernel, ties: str, B: Side, S: Side) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """For each row: whether a mechanism exists; the margin in the unit of the values; whether the sign is certain; and the
    margin in units of 1/(P Q) if it was found in integers."""
    trades = Trades(B.values, S.values, B.weights, S.weights)
    near = trades.doubles()
    P, Q, fits = near.P, near.Q, near.fits
    margin, exists, known = np.zeros(len(P)), np.zeros(len(P), bool), np.zeros(len(P), bool)
    whole = np.full(len(P), OPEN)
    if fits.any():
        numerators, _, answers = form.margins(trades.rows(fits, np.int64), ties)
        whole[fits] = np.where(answers, numerators, OPEN)
        margin[fits], exists[fits], known[fits] = numerators, numerators >= 0, answers
    if not fits.all():
        with np.errstate(all="ignore"):  # what overflows is open
            rows = near.rows(~fits, float)
            numerators, sizes, answers = form.margins(rows, ties)
            bound = 1.01 * rows.gamma * sizes
            sure = np.isfinite(bound) & np.isfinite(numerators) & (np.abs(numerators) > bound)
            rounded = (np.maximum(rows.largest, np.maximum(rows.P, rows.Q)) >= 2.0**53) & rows.tied
        margin[~fits], exists[~fits], known[~fits] = numerators, numerators >= 0, sure & answers & ~rounded
    with np.errstate(all="ignore"):
        return exists, margin / (P * Q), known, whole
