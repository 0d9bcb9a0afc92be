"""Rows of a sweep as the figures need them: exact numbers, one row a point, theorems beside."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from lpmech.base.errors import InputError
from lpmech.base.exact import rational
from lpmech.base.fields import one_of
from lpmech.literature.theorems import Number

if TYPE_CHECKING:
    import pandas as pd

Where = Mapping[str, str]
"""Values that columns must have, as text."""


@dataclass(frozen=True)
class Rows:
    """Some rows of a sweep, in its order."""

    frame: pd.DataFrame

    @classmethod
    def of(cls, frame: pd.DataFrame, where: Where | None = None) -> Rows:
        """The rows whose columns have the values given. Raises InputError if there is no such column or row."""
        chosen = frame
        for name, value in (where or {}).items():
            texts = Rows(chosen).texts(name)
            wanted = value if name == "requirements" else str(_exact(value))
            chosen = chosen[[text == wanted for text in texts]]
            if chosen.empty:
                some = list(dict.fromkeys(text for text in texts if text is not None))
                raise InputError("no such rows", key=name, value=value, expected=one_of(some[:12], value))
        return cls(chosen)

    def __len__(self) -> int:
        return len(self.frame)

    def texts(self, name: str) -> list[str | None]:
        """A column as text. Raises InputError if there is none."""
        if name not in self.frame.columns:
            known = [str(column) for column in self.frame.columns if not str(column).endswith("_decimal")]
            raise InputError("no such column", value=repr(name), expected=one_of(known, name))
        return [cell if isinstance(cell, str) else None for cell in self.frame[name]]

    def numbers(self, name: str) -> list[Number | None]:
        """A column of exact numbers."""
        return [None if text is None else _exact(text) for text in self.texts(name)]

    def points(self, *names: str) -> list[tuple[Fraction, ...]]:
        """Where the rows are. Raises InputError if two are at one point."""
        columns = [self.numbers(name) for name in names]
        out = [tuple(x for x in point if isinstance(x, Fraction)) for point in zip(*columns, strict=True)]
        if len(set(out)) < len(out):
            asked = len(set(self.frame["requirements"])) > 1
            raise InputError(
                f"several rows at one point of {' and '.join(names)}",
                key="where",
                expected="one set of requirements" if asked else "values of the other parameters",
            )
        return out

    @property
    def sets(self) -> list[str]:
        """Names of the sets of requirements, in order."""
        return list(dict.fromkeys(text for text in self.texts("requirements") if text is not None))

    @property
    def theorems(self) -> list[str]:
        """Names of the theorems that have columns."""
        return [str(name).removesuffix("_agrees") for name in self.frame.columns if str(name).endswith("_agrees")]

    def label(self, name: str) -> str:
        """What an axis is called."""
        return str(self.frame.attrs.get("labels", {}).get(name, name))

    @property
    def limits(self) -> dict[str, Fraction]:
        """Numbers in the continuum, by theorem, of those that say the same at every point they speak about."""
        out = {}
        for name in self.theorems:
            if f"{name}_limit" in self.frame.columns:
                found = {x for x in self.numbers(f"{name}_limit") if isinstance(x, Fraction)}
                if len(found) == 1:
                    out[name] = found.pop()
        return out


def _exact(text: str) -> Number:
    return {"inf": math.inf, "-inf": -math.inf}.get(text) or rational(text)
