"""What a question asks of payments: none, at least, at most, for all agents or by agent (C13)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from lpmech.base.errors import InputError
from lpmech.base.exact import rational
from lpmech.question.by_agent import ByAgent
from lpmech.question.constraints import Constraint
from lpmech.question.constraints.no_payments import NoPayments
from lpmech.question.constraints.payment_at_least import PaymentAtLeast
from lpmech.question.constraints.payment_at_most import PaymentAtMost

ANY, NONE = "any", "none"
BOUNDS = {"at-least", "at-most"}


@dataclass(frozen=True)
class PaymentLimits:
    """What is asked of one agent's payments at every profile: at least, at most; or none at all."""

    at_least: Fraction | None = None
    at_most: Fraction | None = None
    none: bool = False

    @classmethod
    def read(cls, given: Any, key: str | None = "payments") -> PaymentLimits:
        """ "any", "none", or {"at-least": ..., "at-most": ...}."""
        if isinstance(given, PaymentLimits):
            return given
        if given in (ANY, NONE):
            return cls(none=given == NONE)
        expected = '"any", "none", or { at-least = 0, at-most = 5 }'
        if not isinstance(given, Mapping) or not given or set(given) - BOUNDS:
            raise InputError("no bounds on payments", key=key, value=repr(given), expected=expected)
        numbers = {word: None if word not in given else rational(given[word]) for word in ("at-least", "at-most")}
        return cls(numbers["at-least"], numbers["at-most"])

    def constraints(self, agent: int) -> Iterator[Constraint]:
        """As constraints of the agent."""
        if self.none:
            yield NoPayments(agent)
        if self.at_least is not None:
            yield PaymentAtLeast(agent, self.at_least)
        if self.at_most is not None:
            yield PaymentAtMost(agent, self.at_most)

    def table(self) -> Any:
        """As in instance files."""
        if self.none:
            return NONE
        bounds = {"at-least": self.at_least, "at-most": self.at_most}
        return {word: str(x) for word, x in bounds.items() if x is not None} or ANY


def not_mixed(given: Mapping[Any, Any], key: str | None) -> None:
    """Complain if bounds for every agent stand beside something else."""
    if set(given) & BOUNDS:
        name = next(str(name) for name in given if name not in BOUNDS)
        expected = "at-least, at-most and nothing else, or bounds by agent: { buyer = { at-most = 5 } }"
        raise InputError(f"bounds for every agent beside {name!r}", key=key, expected=expected)


def payment_limits(given: Any) -> PaymentLimits | ByAgent:
    """One agent's limits for all, or limits by name."""
    if isinstance(given, Mapping) and given and not set(given) <= BOUNDS:
        not_mixed(given, "payments")
        return ByAgent(tuple((str(name), PaymentLimits.read(x, f"payments.{name}")) for name, x in given.items()))
    return PaymentLimits.read(given)
