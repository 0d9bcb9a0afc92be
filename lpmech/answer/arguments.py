"""Arguments of proofs about further requirements: multipliers, or cases whose leaves are multipliers (C10, C14)."""

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
        nodes: list[dict[str, Any]] = []
        _write(self.tree, nodes)
        return {"shows": self.shows, "nodes": nodes}


def _write(tree: Leaf | Cases, nodes: list[dict[str, Any]]) -> int:
    """Append the nodes of a tree, the root first; the root's number."""
    at = len(nodes)
    if isinstance(tree, Leaf):
        nodes.append(tree.table())
        return at
    nodes.append({})
    cases = [[x, _write(below, nodes)] for x, below in tree.cases]
    nodes[at] = {"profile": list(tree.profile), "cases": cases}
    return at
