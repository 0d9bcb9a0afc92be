"""Menus with open lotteries: DSIC where ties, or whole profiles, are left to the program.

The full program with one payment for all types of an agent who get the same settled lottery against the same others; an
open lottery has a payment of its own, and a row for each type whose report or truth brings it. Proof:
docs/formulations.md, "Menus with ties".
"""

from __future__ import annotations

import numpy as np

from lpmech.answer.multipliers import Multiplier
from lpmech.programs.formulations._payments import SharedPayments
from lpmech.programs.formulations._way_back import Weights
from lpmech.question.model import Instance


class OpenMenu(SharedPayments):
    """One payment for each agent, others' profile and item, and the open lotteries."""

    name = "open_menu"

    @classmethod
    def accepts(cls, instance: Instance) -> str | None:
        return instance.requirements.unlike(
            transfers=("any",), incentive_compatibility=("DSIC",), allocation=("efficient",), ties=("any",)
        )

    @classmethod
    def entries(cls, instance: Instance) -> int:
        """About two items against each profile of the others, a row between any two, IR and budget at every profile."""
        env = instance.environment
        P, N = env.profile_count, len(env.agents)
        return sum(4 * P // n for n in env.sizes) + (N + 1) * P

    def incentive_multipliers(self, i: int, weights: Weights) -> list[Multiplier]:
        if not weights:
            return []
        places = np.array([r for (r,), _ in weights])
        true, o, report = (column[places].tolist() for column in self._menus[i][1])
        at = self.tables.profile
        return [
            Multiplier("DSIC", w, agent=i, profile=at(i, k, against), report=other)
            for (_, w), k, against, other in zip(weights, true, o, report, strict=True)
        ]


formulation = OpenMenu
