"""Weights on the constraints of the definition: what a witness of impossibility, or a bound on a margin, is made of."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from lpmech.model import Environment, Profile

PRIOR: Literal["prior"] = "prior"


@dataclass(frozen=True)
class Multiplier:
    """One weight. ``constraint`` is "DSIC", "BIC", "IR" or "budget"; the other fields name the row, None where unused.

    DSIC: agent, profile (true types), report. BIC: agent, type, report. IR: agent and profile (ex post), or agent and type
    (interim), or agent (ex ante). Budget: profile, or nothing (in expectation). Weights are >= 0 except on balance.

    With ``profile`` = PRIOR, all DSIC or ex post IR constraints of a type, or the budget at all profiles, each with the
    weight times the mass of the others' types, or of the profile (compact proofs).
    """

    constraint: str
    weight: Fraction
    agent: int | None = None
    type: int | None = None
    profile: Profile | Literal["prior"] | None = None
    report: int | None = None

    def table(self) -> dict[str, Any]:
        """As in proof files."""
        fields = {"agent": self.agent, "type": self.type, "profile": self.profile, "report": self.report}
        named = {key: list(v) if isinstance(v, tuple) else v for key, v in fields.items() if v is not None}
        return {"constraint": self.constraint, **named, "weight": str(self.weight)}

    def label(self, environment: Environment) -> str:
        """For people: ``BIC[buyer: 3/4 -> 1/2]``, ``IR[seller: 1]``, ``budget[buyer 1, seller 0]``."""
        agents = environment.agents
        if self.agent is None:
            if self.profile is None or self.profile == PRIOR:
                average = "in expectation" if self.profile is None else "every profile, by its mass"
                return f"{self.constraint}[{average}]"
            types = (f"{a.name} {a.types[k]}" for a, k in zip(agents, self.profile, strict=True))
            return f"{self.constraint}[{', '.join(types)}]"
        agent = agents[self.agent]
        own = self.profile[self.agent] if isinstance(self.profile, tuple) else self.type
        text = agent.name + ("" if own is None else f": {agent.types[own]}")
        if self.report is not None:
            text += f" -> {agent.types[self.report]}"
        if self.profile == PRIOR:
            text += " | every type of the other, by its mass"
        elif self.profile is not None:
            others = (f"{a.name} {a.types[k]}" for a, k in zip(agents, self.profile, strict=True) if a is not agent)
            text += " | " + ", ".join(others)
        return f"{self.constraint}[{text}]"
