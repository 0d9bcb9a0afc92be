"""Tables of mechanisms: lotteries, the names of their columns, and how large they may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from lpmech.base.errors import InputError, TooLargeError
from lpmech.base.exact import show_count
from lpmech.question.environment import Environment

MAX_ENTRIES = 10_000_000
"""Most payments and probabilities that tables of a mechanism may have."""

Lottery = Mapping[int, Fraction]
"""Outcome number -> probability, zero entries left out."""


def restated_lotteries(lotteries: Sequence[Lottery]) -> list[int | dict[str, str]]:
    """Lotteries as in proof files: the number of the outcome where it is sure."""
    return [
        next(iter(q)) if len(q) == 1 else {str(x): str(chance) for x, chance in sorted(q.items())} for q in lotteries
    ]


def tabulable(environment: Environment) -> None:
    """Raise TooLargeError if tables of a mechanism on the environment would not fit in memory."""
    entries = environment.profile_count * (len(environment.agents) + len(environment.outcomes))
    if entries > MAX_ENTRIES:
        raise TooLargeError(
            f"{show_count(environment.profile_count)} profiles have {show_count(entries)} payments and probabilities, "
            "too many for tables",
            expected=f"at most {MAX_ENTRIES:,}: a coarser grid, or fewer agents",
        )


def payment(agent: str) -> str:
    """Name of the column that holds what an agent pays."""
    return f"t[{agent}]"


def either(by: str) -> str:
    """What rows are for: profiles or types."""
    if by not in ("profile", "type"):
        raise InputError("a row for each", value=repr(by), expected='"profile" or "type"')
    return by
