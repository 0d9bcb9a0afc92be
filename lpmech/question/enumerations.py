"""The words for choices as enumerations, so that editors complete them: each member is its word.

They are made from the constraints and choices that there are, so that a constraint that is added is in them by itself.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from lpmech.question.constraints.incentives import DEVIATIONS
from lpmech.question.model import CLAIMS
from lpmech.question.objective import OBJECTIVES
from lpmech.question.requirements import ALLOCATIONS, CHOICES


def _of(name: str, words: tuple[str, ...], what: str) -> type[StrEnum]:
    make: Any = StrEnum  # members are not known to type checkers
    out: type[StrEnum] = make(name, {word.upper().replace("-", "_"): word for word in words}, module=__name__)
    out.__doc__ = f"{what}; each member is equal to the word that files have."
    return out


Incentives = _of("Incentives", CHOICES["incentive_compatibility"], "Notions of incentive compatibility")
Participation = _of("Participation", CHOICES["individual_rationality"], "Notions of individual rationality")
Budget = _of("Budget", CHOICES["budget"], "Budget requirements")
Ties = _of("Ties", CHOICES["ties"], "Tie rules")
Transfers = _of("Transfers", CHOICES["transfers"], "Classes of transfers")
Deviations = _of("Deviations", tuple(DEVIATIONS), "Misreports that incentives speak of")
Allocations = _of("Allocations", ALLOCATIONS, "Allocation rules that are words")
Objectives = _of("Objectives", OBJECTIVES, "Objectives that are words")
Verdicts = _of("Verdicts", (*CLAIMS, "undecided"), "Verdicts")
