"""Who trades with whom, given by cuts (``docs/proof-format.md``)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any


@dataclass(frozen=True)
class Cuts:
    """Buyer type b trades with the first low[b] seller types, and with probability ``weight`` with those up to high[b].

    Both lists are non-decreasing, low[b] <= high[b]; seller types by increasing cost.
    """

    low: Sequence[int]
    high: Sequence[int]
    weight: Fraction

    def restated(self) -> dict[str, Any]:
        """As in proof files."""
        return {"cuts": [list(self.low), list(self.high)], "weight": str(self.weight)}
