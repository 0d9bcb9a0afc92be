"""Without lotteries: one outcome for sure at every profile, by cases (C14).

Branch and bound in exact arithmetic. A node has decided the outcomes of some profiles; its program allows lotteries at
the others. A node is a leaf where that program has no mechanism, or none better than the best that was found, or where
its best mechanism has no lotteries. HiGHS's own branch and bound proposes an allocation to begin with.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from lpmech.answer.arguments import Cases, Leaf
from lpmech.answer.mechanism import Mechanism
from lpmech.base.errors import UndecidedError
from lpmech.certify.solver import image, whole
from lpmech.engine.further import Found, Programs
from lpmech.programs.full_rows import FullRows
from lpmech.question.model import Instance

MAX_NODES = 20_000
"""Nodes after which a search stops undecided. A count, not a time."""


class Deterministic:
    """Searches among mechanisms without lotteries."""

    def __init__(self, programs: Programs) -> None:
        self.programs = programs

    def search(self, instance: Instance, level: bool) -> Found:
        """The best mechanism without lotteries, with z = 0 or of largest z, and the cases that show it."""
        search = _Search(self.programs, instance, level)
        search.best = search.proposed()
        if search.best is not None and search.best.value is None:
            return search.best
        tree = search.explore({})
        if search.best is None:
            return Found(tree)
        if search.best.value is None:
            return search.best
        found = search.best
        return Found(tree, found.mechanism, found.value, found.level)


@dataclass
class _Search:
    """One search: the best so far (its value None: it has none, z or the objective grows along a ray)."""

    programs: Programs
    instance: Instance
    level: bool
    best: Found | None = None
    nodes: int = field(default=0)

    def proposed(self) -> Found | None:
        """The allocation that HiGHS takes for best, with the best payments for it."""
        form = FullRows(self.instance)
        cells = form.of.cells
        if not cells:
            return None
        columns = np.array([form.of.cell[cell] for cell in cells])
        values = whole(image(form.linear_program(self.level)), columns)
        if values is None:
            return None
        order = np.argsort(values, kind="stable").tolist()  # the last entry of a profile is its likeliest outcome
        decided = dict(cells[e] for e in order)
        found = self.programs.search(self.instance, self.level, decided)
        return found if found.mechanism is not None else None

    def explore(self, decided: dict[int, int]) -> Leaf | Cases:
        """The argument that nothing is better than the best found, given what is decided."""
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise UndecidedError(f"the search without lotteries did not end within {MAX_NODES:,} nodes")
        found = self.programs.search(self.instance, self.level, decided)
        if found.mechanism is None:
            assert isinstance(found.tree, Leaf)
            return found.tree
        if self._settled(found):
            assert isinstance(found.tree, Leaf)
            return found.tree
        p = _most_mixed(found.mechanism)
        if p is None:
            if self.best is None or self.best.value is None or found.value is None or found.value > self.best.value:
                self.best = found
            return found.tree if found.tree is not None else Leaf("", ())
        options = FullRows(self.instance, decided).of.options[p]
        chance = found.mechanism.lotteries[p]
        cases: dict[int, Leaf | Cases] = {}
        for x in sorted(options, key=lambda x: (-chance.get(x, 0), x)):
            if self.best is not None and self.best.value is None:
                break
            cases[x] = self.explore({**decided, p: x})
        return Cases(found.mechanism.profiles[p], tuple((x, cases[x]) for x in options if x in cases))

    def _settled(self, found: Found) -> bool:
        """Whether a node cannot hold anything better than the best found."""
        if self.best is None or found.value is None:
            return False
        return self.best.value is not None and found.value <= self.best.value


def _most_mixed(mechanism: Mechanism) -> int | None:
    """The profile whose likeliest outcome is least likely; None if there are no lotteries."""
    mixed = [(max(lottery.values()), p) for p, lottery in enumerate(mechanism.lotteries) if len(lottery) > 1]
    return min(mixed)[1] if mixed else None
