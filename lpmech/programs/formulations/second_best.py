"""The best allocation there is: interim payments with every lottery open.

Variables q(theta) and T_i(theta_i), with the interim allocation as columns between them, by dual simplex. It is the program
of ``interim`` where the allocation is free (kos-manea-2009, Theorem 3). Proofs: docs/formulations.md, "Interim payments".
"""

from __future__ import annotations

from dataclasses import replace

from lpmech.programs.formulations.interim import Interim
from lpmech.question.model import Instance


class SecondBest(Interim):
    """``interim`` for free allocations."""

    name = "second_best"
    wanted = replace(Interim.wanted, allocation=("free",))

    @classmethod
    def preferred(cls, instance: Instance) -> bool:
        return True


formulation = SecondBest
