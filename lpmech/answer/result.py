"""What ``solve`` answers."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from lpmech.answer.mechanism import Mechanism
from lpmech.answer.proof import Proof
from lpmech.base.exact import brief, decimal, show
from lpmech.base.views import views
from lpmech.question.model import Instance

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Result:
    """A verdict: "exists", "impossible" or "undecided" (conventions C10).

    ``margin`` (C9) and ``value`` are exact: Fraction, or ``math.inf`` / ``-math.inf``, or None where not computed.
    ``mechanism`` satisfies every requirement as it stands when the verdict is "exists". ``proved`` says that the
    stand-alone verifier accepted ``proof``; only then is a verdict given, unless proofs were left for later (``prove``).
    ``method`` is how it was found, ``reason`` why it is undecided.
    """

    instance: Instance
    verdict: str
    margin: Fraction | float | None
    value: Fraction | float | None
    method: str
    proved: bool
    seconds: float
    proof: Proof | None = None
    reason: str | None = None

    @property
    def mechanism(self) -> Mechanism | None:
        """The mechanism of the proof, if the verdict is "exists"."""
        return self.proof.mechanism if self.proof is not None and self.verdict == "exists" else None

    def prove(self) -> Result:
        """This result with a verified proof: itself if it has one, else the instance decided again."""
        if self.proved:
            return self
        proved: Result = views().prove(self)
        return proved

    @property
    def contradicts_claim(self) -> bool:
        """The instance's source claims the opposite verdict."""
        claim = self.instance.claim
        return claim is not None and self.verdict in {"exists", "impossible"} and claim != self.verdict

    @property
    def question(self) -> str:
        """What names the question, in proofs about it too: 16 hexadecimal digits (docs/proof-format.md)."""
        from lpmech.verify import question_of

        return question_of(self.instance.table())

    def readable(self) -> Mechanism | None:
        """A mechanism with small, round payments that meets the requirements; None if there is none.

        Raises TooLargeError where there are too many payments (``lpmech.engine.rounding``).
        """
        if self.verdict != "exists":
            return None
        found: Mechanism = views().readable(self)
        return found

    def to_frame(self, *, exact: bool = True) -> pd.DataFrame:
        """In pandas: the mechanism, a row for each profile; without one the proof's multipliers."""
        return views().frame(self, what="result", exact=exact)

    def constraints(self, *, exact: bool = True) -> pd.DataFrame:
        """In pandas: every row of every constraint, with the slack that the mechanism leaves and the proof's multiplier."""
        return views().frame(self, what="constraints", exact=exact)

    def explain(self, format: str = "text") -> str:
        """The mechanism or the argument against one: "text", "markdown", "latex" or "html"."""
        return views().explained(self, format)

    def _repr_html_(self) -> str:
        return views().html(self)

    def table(self, file: str = "") -> dict[str, Any]:
        """The JSON object of ``lpmech solve --json``."""

        def text(x: Fraction | float | None) -> str | None:
            return None if x is None else show(x)

        finite = None if self.margin is None else decimal(self.margin)
        out: dict[str, Any] = {
            "format": "lpmech-result/1",
            "file": file,
            "title": self.instance.title,
            "question": self.question,
            "verdict": self.verdict,
            "margin": text(self.margin),
            "margin_decimal": finite if finite is None or abs(finite) != float("inf") else text(finite),
            "objective": self.instance.objective.maximize,
            "value": text(self.value),
            "method": self.method,
            "proved": self.proved,
            "seconds": round(self.seconds, 6),
            "outcomes": list(self.instance.environment.outcomes),
        }
        if self.instance.objective.utility is not None:
            out["weights"] = self.instance.objective.table()["maximize"]
        if self.instance.claim is not None:
            out["claim"] = self.instance.claim
        if self.reason is not None:
            out["reason"] = self.reason
        return out

    def __repr__(self) -> str:
        margin = "" if self.margin is None else f", margin {brief(self.margin)}"
        value = "" if self.value is None or self.value == self.margin else f", value {brief(self.value)}"
        return f"<Result: {self.verdict}{margin}{value}; of {self.instance!r}>"
