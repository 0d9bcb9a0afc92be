"""The question: an environment, what a mechanism must satisfy, and what is to be maximised.

Profiles are tuples of type numbers (from 0) in agent order; wherever profiles are flattened, the last agent's type
varies fastest. Money is paid by agents (conventions C1); v_i(x, k) is agent i's value for outcome x when of type k.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lpmech.base.arguments import called, need, shortened
from lpmech.base.errors import InputError
from lpmech.base.names import one_line
from lpmech.base.views import views
from lpmech.question.choices import choice
from lpmech.question.constraints import Constraint
from lpmech.question.environment import Environment
from lpmech.question.objective import Objective
from lpmech.question.requirements import AllocationTable, PostedPrice, Requirements
from lpmech.question.words import objective_words, question

if TYPE_CHECKING:
    import pandas as pd

CLAIMS = ("exists", "impossible")


@dataclass(frozen=True)
class Instance:
    """A complete question. ``claim`` is the verdict that its source asserts ("exists", "impossible") or None."""

    environment: Environment
    requirements: Requirements
    objective: Objective = field(default_factory=Objective)
    title: str = ""
    source: str | None = None
    claim: str | None = None
    continuous: bool = field(default=False, compare=False)
    """Whether types are a grid of a continuous distribution, as far as the file says."""

    def __post_init__(self) -> None:
        need(
            self.environment,
            Environment,
            "an environment",
            "environment",
            "lpmech.BilateralTrade(buyer, seller), or another",
        )
        notions = 'lpmech.Requirements("BIC", "interim", "balanced"): incentives, participation, budget'
        need(self.requirements, Requirements, "what is required", "requirements", notions)
        need(self.objective, Objective, "an objective", "objective", 'lpmech.Objective("welfare")')
        object.__setattr__(self, "requirements", self.requirements.looked_up(self.environment))
        if self.environment.interdependent and self.requirements.groves:
            raise InputError(
                "Groves transfers need private values",
                key="requirements.transfers",
                expected='transfers = "any": values depend on the types of others here',
            )
        need(self.title, str, "text", "title", "what the instance is about, in a line")
        need(self.source, (str, type(None)), "text", "source", "citation key and statement, or None")
        one_line(self.title, "title")
        one_line(self.source or "", "source")
        if self.claim is not None:
            choice("claim", self.claim, CLAIMS)
        self.objective.weights(len(self.environment.agents))
        rule = self.requirements.allocation
        if isinstance(rule, PostedPrice) and self.environment.kind != "bilateral-trade":
            raise InputError(
                "a posted price needs bilateral trade", key="requirements.allocation", value=self.environment.kind
            )
        if isinstance(rule, PostedPrice) and self.environment.at_profiles:
            raise InputError(
                "a posted price needs private values without a worth",
                key="requirements.allocation",
                expected="an allocation table, or values in the place of signals",
            )
        if isinstance(rule, AllocationTable):
            wide = {len(row) for row in rule.lotteries} - {len(self.environment.outcomes)}
            if len(rule.lotteries) != self.environment.profile_count or wide:
                raise InputError(
                    "an allocation table of the wrong size",
                    key="requirements.allocation",
                    expected=f"{self.environment.profile_count} profiles x {len(self.environment.outcomes)} outcomes",
                )

    @property
    def further(self) -> tuple[str, ...]:
        """What the question asks beside the classical requirements, in words: only ``full`` answers then."""
        return (*self.environment.further, *self.requirements.further)

    def classical(self, what: str) -> None:
        """Raise InputError if the question asks for more than ``what`` knows how to answer."""
        if self.further:
            raise InputError(
                f"{what} does not answer questions in which {self.further[0]}",
                expected="lpmech solve or lpmech explain",
            )

    @cached_property
    def constraints(self) -> tuple[Constraint, ...]:
        """Every constraint that is asked for, agent by agent, then those of the mechanism as a whole."""
        return self.requirements.constraints(len(self.environment.agents))

    def with_requirements(self, **changes: Any) -> Instance:
        """The same question with some requirements changed and no claim, since the claim was about another question."""
        return replace(self, requirements=replace(self.requirements, **changes), claim=None)

    def with_objective(self, objective: Objective | str) -> Instance:
        """The same question with another objective."""
        return replace(self, objective=Objective(objective) if isinstance(objective, str) else objective)

    def to_frame(self, *, joint: bool = False, exact: bool = True) -> pd.DataFrame:
        """In pandas: a row for each type of each agent, or for each profile of a joint prior that has a probability."""
        return views().frame(self, joint=joint, exact=exact)

    def __repr__(self) -> str:
        title = f" {shortened(self.title)!r}" if self.title else ""
        return f"<Instance{title}: {'; '.join(question(self))}; maximise {objective_words(self.objective)}>"

    def _repr_html_(self) -> str:
        return views().html(self)

    def table(self, columns: bool = False) -> dict[str, Any]:
        """The instance restated in resolved numbers: what a proof file carries (``columns``: a compact one)."""
        out: dict[str, Any] = {"title": self.title, "environment": self.environment.restated(columns)}
        return out | {"requirements": self.requirements.table(), "objective": self.objective.table()}


def asked(given: object) -> Instance:
    """An instance; InputError that says what to write for anything else."""
    if isinstance(given, Instance):
        return given
    if isinstance(given, Environment):
        write = 'lpmech.Instance(environment, lpmech.Requirements("BIC", "interim", "balanced"))'
    elif isinstance(getattr(given, "instance", None), Instance):
        write = f"its .instance: {type(given).__name__.lower()}.instance"
    else:
        write = "lpmech.load(file), lpmech.loads(text), or lpmech.Instance(environment, requirements)"
    raise InputError(f"{called(given)} where an instance is needed", expected=write)
