"""Short ways to ask the questions of the papers: those of the theorems' own cases, and the engine's answers."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import lpmech
from lpmech.answer.result import Result
from lpmech.literature.expectations import at_most, below, gains, mean, pairs
from lpmech.literature.questions import (
    CLASSIC,
    GROVES_EX_ANTE,
    GROVES_INTERIM,
    apart,
    ask,
    bilateral,
    endpoints,
    exchange,
    masses,
    midpoints,
    partnership,
    randomly,
)
from lpmech.question.model import Instance

__all__ = [
    "CLASSIC",
    "GROVES_EX_ANTE",
    "GROVES_INTERIM",
    "apart",
    "ask",
    "at_most",
    "below",
    "bilateral",
    "catalogued",
    "endpoints",
    "exchange",
    "gains",
    "margin",
    "masses",
    "mean",
    "midpoints",
    "pairs",
    "partnership",
    "randomly",
    "solved",
]

F = Fraction

INSTANCES = Path(__file__).parents[2] / "instances"


def solved(instance: Instance) -> Result:
    """The answer, which must come with a proof."""
    result = lpmech.solve(instance)
    assert result.proved, result.reason
    return result


def margin(instance: Instance) -> F | float:
    """The proved margin; the verdict must be its sign."""
    result = solved(instance)
    assert result.margin is not None
    assert result.verdict == ("exists" if result.margin >= 0 else "impossible")
    return result.margin


def catalogued(item: str, **parameters: F | int | str) -> Result:
    """The answer to an instance of the catalogue."""
    result = lpmech.solve(INSTANCES / f"{item}.toml", parameters=parameters)
    assert result.proved, result.reason
    return result
