"""Which questions a method answers, as data; and why it does not answer another.

Constraints are listed by class. A constraint that a method does not list is refused by name, so that one that is added
later is never silently left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lpmech.question.constraints import Constraint
from lpmech.question.constraints.balanced import Balanced
from lpmech.question.constraints.bic import BIC
from lpmech.question.constraints.dsic import DSIC
from lpmech.question.constraints.ex_ante_ir import ExAnteIR
from lpmech.question.constraints.ex_post_ir import ExPostIR
from lpmech.question.constraints.interim_ir import InterimIR
from lpmech.question.constraints.no_deficit import NoDeficit
from lpmech.question.constraints.no_expected_deficit import NoExpectedDeficit
from lpmech.question.model import Instance

Rule = type[Constraint] | None
"""What is asked under one requirement; None where nothing is."""


@dataclass(frozen=True)
class Accepts:
    """What a method accepts. Words: an empty tuple accepts any. Rules: those listed alone, None for "none".

    ``independent``: whether types must be independent, without a joint prior.
    """

    kinds: tuple[str, ...] = ()
    independent: bool = False
    objectives: tuple[str, ...] = ()
    allocation: tuple[str, ...] = ()
    ties: tuple[str, ...] = ()
    transfers: tuple[str, ...] = ()
    incentives: tuple[Rule, ...] = (DSIC, BIC, None)
    participation: tuple[Rule, ...] = (ExPostIR, InterimIR, ExAnteIR, None)
    budget: tuple[Rule, ...] = (NoDeficit, Balanced, NoExpectedDeficit, None)

    def reason(self, instance: Instance) -> str | None:
        """The first thing about an instance that is not accepted: "transfers are groves, not any"; None if all is."""
        env, need = instance.environment, instance.requirements
        if instance.further:
            return instance.further[0]
        if self.kinds and env.kind not in self.kinds:
            return f"the environment is {env.kind}, not {' or '.join(self.kinds)}"
        if self.independent and env.prior is not None:
            return "the prior is correlated"
        if self.objectives and instance.objective.maximize not in self.objectives:
            return f"the objective is {instance.objective.maximize}, not {' or '.join(self.objectives)}"
        if self.allocation and need.allocation not in self.allocation:
            given = need.allocation if isinstance(need.allocation, str) else "given"
            return f"allocation is {given}, not {' or '.join(self.allocation)}"
        if self.ties and need.ties not in self.ties:
            return f"ties are {need.ties}, not {' or '.join(self.ties)}"
        if self.transfers and need.transfers not in self.transfers:
            return f"transfers are {need.transfers}, not {' or '.join(self.transfers)}"
        return (
            _unlisted("incentive_compatibility", need.incentive_rule, self.incentives)
            or _unlisted("individual_rationality", need.participation_rule, self.participation)
            or _unlisted("budget", need.budget_rule, self.budget)
        )


def _unlisted(key: str, rule: Rule, listed: Sequence[Rule]) -> str | None:
    if rule in listed:
        return None
    return f"{key} is {_word(rule)}, not {' or '.join(_word(each) for each in listed)}"


def _word(rule: Rule) -> str:
    return "none" if rule is None else rule.word
