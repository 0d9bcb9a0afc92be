"""Cavallo's redistribution: a second-price auction that pays each agent 1/n of what it would take without him.

With values v_1 >= v_2 >= ... agents 1 and 2 get v_3/n and the others v_2/n back, so 2 (v_2 - v_3)/n >= 0 is left
over. Two agents get nothing back, since one alone would pay nothing; the price is then not negative if values are
not.

Source: mishra-2020, Cavallo mechanism; cavallo-2006.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from lpmech.answer.mechanism import Mechanism
from lpmech.literature.mechanisms._object import negative_value, no_object, vickrey
from lpmech.question.model import Instance

OPTIONS: dict[str, tuple[str, ...] | None] = {}


def applies(instance: Instance) -> str | None:
    """Partnerships, any prior, whatever the shares; two agents with values >= 0."""
    if reason := no_object(instance):
        return reason
    return negative_value(instance) if len(instance.environment.agents) == 2 else None


def build(instance: Instance) -> Mechanism:
    """Cavallo's mechanism."""
    n = len(instance.environment.agents)

    def rebate(others: Sequence[Fraction]) -> Fraction:
        return others[1] / n if len(others) > 1 else Fraction(0)

    return vickrey(instance, rebate)
