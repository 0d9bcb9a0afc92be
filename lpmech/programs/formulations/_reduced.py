"""What the reduced programs share: the question's notions, its exact tables, and payments that no constraint speaks of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from lpmech.base.arrays import zeros
from lpmech.programs.formulations import Formulation
from lpmech.programs.formulations._tables import Tables, symbols
from lpmech.question.model import Instance


class Reduced(Formulation):
    """A program smaller than ``full``, over the agents' payments or charges."""

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        self.tables = Tables(instance)
        need = instance.requirements
        self.participation, self.budget, self.level = need.participation_rule, need.budget_rule, need.level_rule
        self.margin = instance.objective.maximize == "margin"
        self.weights, self.revenue_weight = instance.objective.weights(self.tables.N)
        self.names, self.symbols = self.tables.names, symbols(self.tables.names)

    @property
    def weighted(self) -> tuple[bool, ...] | None:
        """For each agent whether the objective weighs his payments, as it does unless revenue weighs the same; None: the
        margin."""
        return None if self.margin else tuple(bool(w != self.revenue_weight) for w in self.weights)

    def paid(self, primal: Mapping[str, np.ndarray], letter: str, sizes: Iterable[int]) -> list[np.ndarray]:
        """Each agent's payments or charges of a solution, 0 where no constraint speaks of them."""
        names = [f"{letter}_{s}" for s in self.symbols]
        return [primal[name] if name in primal else zeros(n) for name, n in zip(names, sizes, strict=True)]
