"""One object among the agents of a partnership."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from lpmech.answer.mechanism import Mechanism
from lpmech.literature.mechanisms._groves import scheme
from lpmech.question.environments.partnership import Partnership
from lpmech.question.model import Instance
from lpmech.question.prior import Profile

Values = tuple[tuple[Fraction, ...], ...]


def no_object(instance: Instance) -> str | None:
    """Why the environment is no partnership."""
    if isinstance(instance.environment, Partnership):
        return None
    return f"the environment is {instance.environment.kind}, not partnership"


def negative_value(instance: Instance) -> str | None:
    """Which value is negative, if one is."""
    for values, agent in zip(object_values(instance), instance.environment.agents, strict=True):
        if values[0] < 0:
            return f"{agent.name} has a value of {values[0]}, and values must be >= 0"
    return None


def object_values(instance: Instance) -> Values:
    """Values of each agent's types for the object."""
    assert isinstance(instance.environment, Partnership)  # ``no_object`` has said so
    return tuple(partner.distribution.values for partner in instance.environment.partners)


def without(values: Values, i: int, others: Profile) -> list[Fraction]:
    """The others' values, largest first."""
    rest = values[:i] + values[i + 1 :]
    return sorted((row[k] for row, k in zip(rest, others, strict=True)), reverse=True)


def vickrey(instance: Instance, rebate: Callable[[Sequence[Fraction]], Fraction]) -> Mechanism:
    """Second-price auction whose proceeds are paid back: agent i gets a rebate that depends on the others' values alone.

    h_i(theta_-i) = the largest of the others' values - rebate(the others' values, largest first).
    """
    values = object_values(instance)

    def charge(i: int, others: Profile) -> Fraction:
        ranked = without(values, i, others)
        return ranked[0] - rebate(ranked)

    return scheme(instance, charge)
