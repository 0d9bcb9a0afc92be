"""What a proof says, and what shows it (conventions C9, C10)."""

from __future__ import annotations

import reprlib
from fractions import Fraction
from typing import Any

from lpmech.verify.kernel.instance import Instance
from lpmech.verify.kernel.lagrangian import Lagrangian
from lpmech.verify.kernel.mechanism import Mechanism, read_allocation, read_money
from lpmech.verify.kernel.multipliers import read_multiplier
from lpmech.verify.reading.limits import METER, STEPS_FOR_AN_ENTRY
from lpmech.verify.reading.numbers import keyed, listed, number, numbers, word
from lpmech.verify.report import Refusal, Report


class Claim:
    """What a proof says, and its parts. A part that the claim does not need is refused: it would show nothing."""

    lagrangian: type[Lagrangian] = Lagrangian
    rows = "constraints"

    def __init__(self, proof: dict[str, Any], instance: Instance, report: Report) -> None:
        claim = keyed(proof["claim"], "claim", ("verdict", "objective", "margin", "value"))
        self.instance, self.report = instance, report
        self.verdict = word(claim["verdict"], "claim.verdict", ("exists", "impossible"))
        self.margin, self.value = (self.read(claim[key], f"claim.{key}") for key in ("margin", "value"))
        if claim["objective"] != instance.goal:
            raise Refusal(f"claim.objective: {reprlib.repr(claim['objective'])} is not the objective of the instance")
        parts = ("mechanism", "fees", "ray", "multipliers")
        self.parts = {key: proof[key] for key in parts if proof.get(key) is not None}
        self.fees = [Fraction(0)] * instance.payers
        if "fees" in self.parts:
            self.fees = numbers(self.parts["fees"], "fees", instance.payers)
        self.bounds = proof.get("bounds")
        if (self.bounds is None) != ("multipliers" not in self.parts):
            raise Refusal("bounds says what the multipliers bound: both are needed, or neither")

    @staticmethod
    def read(x: Any, where: str) -> Fraction | str | None:
        """A number, "inf", "-inf", or null."""
        return x if x is None or (type(x) is str and x in {"inf", "-inf"}) else number(x, where)

    def take(self, part: str) -> Any:
        if part not in self.parts:
            raise Refusal(f"{part}: missing, and the claim needs it")
        return self.parts.pop(part)

    def say(self, check: str) -> None:
        self.report.checks.append(check)

    def check(self) -> None:
        """Refuses unless everything claimed is proved (C9, C10)."""
        if self.instance.objective == "margin":
            if self.value is not None and self.value != self.margin:
                raise Refusal("claim: the objective is the margin, so value must be the margin or null")
        elif (self.margin if self.verdict == "exists" else self.value) is not None:
            raise Refusal(f"claim: with this objective, what {self.verdict} has a null margin or value")
        if self.verdict == "impossible":
            self.impossible()
        elif self.instance.objective == "margin":
            self.exists_margin()
        else:
            self.exists_value()
        if not any(self.fees):
            self.parts.pop("fees", None)
        for part in self.parts:
            raise Refusal(f"{part}: the claim has no use for it; leave it out")

    def impossible(self) -> None:
        """-inf: a contradiction at any subsidy. Below 0: a bound, and a mechanism that attains it. Null: a bound."""
        margin = self.margin
        if margin == "-inf" or (margin is None and self.bounds == "feasibility"):
            self.contradiction()
        elif margin is None:
            shown = self.bound("margin")
            if shown >= 0:
                raise Refusal(f"multipliers: margin <= {shown}, which does not exclude 0")
        elif isinstance(margin, Fraction) and margin < 0:
            self.bound("margin", margin)
            if "mechanism" not in self.parts:
                raise Refusal(
                    f"mechanism: missing; without one margin <= {margin} is shown, not that the margin equals it"
                    " (to claim impossibility alone, claim margin null)"
                )
            self.attained(self.mechanism(), margin)
        else:
            raise Refusal(f"claim: impossible with margin {margin}, which is not below 0")

    def exists_margin(self) -> None:
        """A mechanism; and a bound that a mechanism attains, or a ray along which z rises without end."""
        margin = self.margin
        if margin == "-inf" or (isinstance(margin, Fraction) and margin < 0):
            raise Refusal(f"claim: exists with margin {margin}, which is below 0")
        mechanism = self.stands(self.mechanism())
        if isinstance(margin, Fraction):
            self.bound("margin", margin)
            self.attained(mechanism, margin, incentives=False)
        elif margin is not None and self.instance.z_in is None:
            self.say("neither IR nor budget is required, so nothing bounds z: margin inf")
        elif margin is not None:
            self.ray(Fraction(1))
            self.say("moving along the ray raises z at rate 1 without end: margin inf")

    def exists_value(self) -> None:
        """A mechanism; and its value matched by a bound, or a ray along which the objective rises without end."""
        value, objective = self.value, self.instance.objective
        got = self.stands(self.mechanism()).objective()
        if isinstance(value, Fraction):
            if got != value:
                raise Refusal(f"the mechanism attains {objective} {got}, not the {value} claimed")
            self.say(f"it attains {objective} {value}")
            self.bound("objective", value)
        elif value == "inf":
            change = self.ray(Fraction(0)).objective()
            if change <= 0:
                raise Refusal(f"ray: {objective} changes by {change} along it, must be > 0")
            self.say(f"moving along the ray raises {objective} at rate {change} without end: value inf")
        elif value is not None:
            raise Refusal("claim: exists with value -inf, but every mechanism has a finite value")

    def mechanism(self) -> Mechanism:
        data, instance = self.take("mechanism"), self.instance
        money = read_money(instance, data, "mechanism", ["allocation"])
        more = [*self.fees, *([self.margin] if isinstance(self.margin, Fraction) else [])]
        return Mechanism(instance, money, read_allocation(instance, data["allocation"]), more)

    def stands(self, mechanism: Mechanism) -> Mechanism:
        """The mechanism satisfies every requirement as it stands: z = 0, no fees."""
        self.say(f"the mechanism satisfies {mechanism.check(Fraction(0), [Fraction(0)] * len(self.fees))}")
        return mechanism

    def attained(self, mechanism: Mechanism, margin: Fraction, incentives: bool = True) -> None:
        """With its fees the mechanism meets every requirement with z = margin."""
        self.parts.pop("fees", None)
        done = mechanism.check(margin, self.fees, incentives)
        fees = f" with fees {', '.join(map(str, self.fees))}" if any(self.fees) else ""
        self.say(f"the mechanism{fees} satisfies {done} with z = {margin}: margin >= {margin}")

    def ray(self, rate: Fraction) -> Mechanism:
        """A direction that keeps every requirement, z rising at the given rate."""
        ray = Mechanism(self.instance, read_money(self.instance, self.take("ray"), "ray"), None)
        self.say(f"the ray keeps {ray.check(rate, [Fraction(0)] * len(self.fees))}")
        return ray

    def shown(self, bounds: str) -> tuple[str, Fraction]:
        """What the multipliers show: a sentence's beginning and the bound."""
        entries = listed(self.take("multipliers"), "multipliers")
        METER.get().take(STEPS_FOR_AN_ENTRY * len(entries))
        groups = [read_multiplier(self.instance, entry, f"multipliers[{n}]") for n, entry in enumerate(entries)]
        if type(self.bounds) is not str or self.bounds != bounds:
            raise Refusal(f"bounds: {reprlib.repr(self.bounds)}, but the claim needs {bounds!r}")
        used = sum(len(group.weights) - group.weights.count(0) for group in groups)
        return f"multipliers on {used} {self.rows} show", self.lagrangian(self.instance, groups, bounds).bound()

    def bound(self, bounds: str, claimed: Fraction | None = None) -> Fraction:
        """Margin or objective <= bound, which must be the claimed number if there is one."""
        multipliers, bound = self.shown(bounds)
        said = f"{multipliers} {self.instance.objective if bounds == 'objective' else 'margin'} <= {bound}"
        if claimed is not None and bound != claimed:
            raise Refusal(f"{said}, not <= {claimed}")
        self.say(said)
        return bound

    def contradiction(self) -> None:
        """0 <= bound < 0 for every mechanism and every z."""
        multipliers, bound = self.shown("feasibility")
        if bound >= 0:
            raise Refusal(f"{multipliers} 0 <= {bound}, which is no contradiction")
        self.say(f"{multipliers} that 0 <= {bound} for any mechanism at any subsidy, a contradiction: margin -inf")
