"""Arguments of proofs about further requirements: multipliers, or a case analysis whose leaves are multipliers (C10, C14)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lpmech.answer.multipliers import Multiplier, entries
from lpmech.question.prior import Profile

MARGIN, OBJECTIVE = "margin", "objective"
REQUIREMENTS, FEASIBILITY = "requirements", "feasibility"
"""What multipliers bound or contradict: z, the objective; the requirements as they stand, or at every z."""


@dataclass(frozen=True)
class Leaf:
    """Weights on constraints, and what they show."""

    bounds: str
    multipliers: Sequence[Multiplier]

    def table(self) -> dict[str, Any]:
        """As in proof files."""
        return {"bounds": self.bounds, "multipliers": entries(self.multipliers)}

    def leaves(self) -> Iterator[Leaf]:
        """Itself."""
        yield self


@dataclass(frozen=True)
class Cases:
    """Without lotteries: one of several outcomes is chosen at a profile; an argument for each."""

    profile: Profile
    cases: tuple[tuple[int, Leaf | Cases], ...]

    def table(self) -> dict[str, Any]:
        """As in proof files."""
        return {"profile": list(self.profile), "cases": [{"outcome": x, **tree.table()} for x, tree in self.cases]}

    def leaves(self) -> Iterator[Leaf]:
        """The leaves, in order."""
        for _, tree in self.cases:
            yield from tree.leaves()


@dataclass(frozen=True)
class Argument:
    """What an argument shows, and its tree."""

    shows: str
    tree: Leaf | Cases

    def table(self) -> dict[str, Any]:
        """As in proof files."""
        return {"shows": self.shows, **self.tree.table()}
