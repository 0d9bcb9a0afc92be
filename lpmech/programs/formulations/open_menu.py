"""Menus with open lotteries: DSIC where ties, or whole profiles, are left to the program.

The full program with one payment for all types of an agent who get the same settled lottery against the same others; an
open lottery has a payment of its own, and a row for each type whose report or truth brings it. Proof:
docs/formulations.md, "Menus with ties".
"""

from __future__ import annotations

from lpmech.programs.formulations._payments import SharedPayments
from lpmech.question.accepts import Accepts
from lpmech.question.constraints import Constraint, Incentives, Place
from lpmech.question.constraints.dsic import DSIC
from lpmech.question.model import Instance


class OpenMenu(SharedPayments):
    """One payment for each agent, others' profile and item, and the open lotteries."""

    name = "open_menu"
    wanted = Accepts(transfers=("any",), incentives=(DSIC,), allocation=("efficient",), ties=("any",))

    @classmethod
    def accepts(cls, instance: Instance) -> str | None:
        return cls.wanted.reason(instance)

    @classmethod
    def entries(cls, instance: Instance) -> int:
        """About two items against each profile of the others, a row between any two, IR and budget at every profile."""
        env = instance.environment
        P, N = env.profile_count, len(env.agents)
        return sum(4 * P // n for n in env.sizes) + (N + 1) * P

    def place(self, constraint: Constraint, at: tuple[int, ...]) -> Place:
        if not isinstance(constraint, Incentives):
            return super().place(constraint, at)
        i = constraint.agent
        assert i is not None
        true, o, report = (int(column[at[0]]) for column in self._menus[i][1])
        return Place(self.tables.profile(i, true, o), report=report)


formulation = OpenMenu
