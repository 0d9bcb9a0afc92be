"""What a proof about a further question says, and what shows it: the verdict at z = 0, margin and value beside it."""

from __future__ import annotations

import math
import reprlib
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

from lpmech.verify.further.instance import FurtherInstance
from lpmech.verify.further.mechanism import Mechanism
from lpmech.verify.further.multipliers import Multipliers
from lpmech.verify.further.rows import Definition, Form, add
from lpmech.verify.kernel.instance import Lottery
from lpmech.verify.reading.limits import METER
from lpmech.verify.reading.numbers import index, keyed, listed, number, word
from lpmech.verify.report import Refusal, Report

SHOWS = ("margin", "objective", "requirements", "feasibility")
LEAVES = {key: (key,) for key in SHOWS} | {
    "margin": ("margin", "feasibility"),
    "objective": ("objective", "requirements", "feasibility"),
    "requirements": ("requirements", "feasibility"),
}
"""What leaves may show, by what their argument shows: a leaf that excludes every mechanism bounds anything."""
ZERO = Fraction(0)
Choices = Sequence[Sequence[Lottery]]
"""The lotteries whose mixtures are allowed at each profile."""


class FurtherClaim:
    """A claim with arguments: multipliers, or cases by what is chosen at a profile, whose leaves are multipliers."""

    def __init__(self, proof: dict[str, Any], instance: FurtherInstance, report: Report) -> None:
        parts = ("mechanism", "best", "ray", "arguments")
        keyed(proof, "proof", ("format", "instance", "claim", "arguments"), parts)
        claim = keyed(proof["claim"], "claim", ("verdict", "objective", "margin", "value"))
        self.instance, self.report, self.definition = instance, report, Definition(instance)
        self.multipliers = Multipliers(self.definition)
        self.verdict = word(claim["verdict"], "claim.verdict", ("exists", "impossible"))
        self.margin, self.value = (self.read(claim[key], f"claim.{key}") for key in ("margin", "value"))
        if claim["objective"] != instance.goal:
            raise Refusal(f"claim.objective: {reprlib.repr(claim['objective'])} is not the objective of the instance")
        self.parts = {key: proof[key] for key in parts[:3] if proof.get(key) is not None}
        self.arguments: dict[str, list[Any]] = {}
        for k, argument in enumerate(listed(proof["arguments"], "arguments")):
            keyed(argument, f"arguments[{k}]", ("shows", "nodes"))
            shows = word(argument["shows"], f"arguments[{k}].shows", SHOWS)
            if shows in self.arguments:
                raise Refusal(f"arguments[{k}]: a second argument for {shows}")
            self.arguments[shows] = listed(argument["nodes"], f"arguments[{k}].nodes")

    @staticmethod
    def read(x: Any, where: str) -> Fraction | str | None:
        """A number, "inf", "-inf", or null."""
        return x if x is None or (type(x) is str and x in {"inf", "-inf"}) else number(x, where)

    def say(self, check: str) -> None:
        self.report.checks.append(check)

    def check(self) -> None:
        """Refuses unless everything claimed is proved (C9, C10, C13)."""
        on_margin, margin, value = self.instance.objective == "margin", self.margin, self.value
        if on_margin and value is not None and value != margin:
            raise Refusal("claim: the objective is the margin, so value must be the margin or null")
        if not on_margin and (margin is not None or (self.verdict == "impossible" and value is not None)):
            raise Refusal("claim: with this objective margin is null, and value of what is impossible")
        mechanism, best, level = None, None, ZERO
        if "mechanism" in self.parts:
            best = mechanism = Mechanism(self.definition, self.parts.pop("mechanism"), "mechanism")
        if "best" in self.parts:
            x = self.parts.pop("best")
            level = number(x.get("z") if type(x) is dict else None, "best.z")
            best = Mechanism(self.definition, x, "best", ("z",))
            self.say(f"the best mechanism meets {best.check(level, 'the best mechanism')}")
        self.check_verdict(mechanism)
        if on_margin:
            self.check_margin(best, level if best is not mechanism else None)
        elif self.verdict == "exists":
            assert mechanism is not None
            self.check_value(mechanism)
        for unused in (*self.parts, *self.arguments):
            raise Refusal(f"{unused}: the claim has no use for it; leave it out")

    def check_verdict(self, mechanism: Mechanism | None) -> None:
        """A mechanism at z = 0, or an argument that there is none."""
        if self.verdict == "exists":
            if mechanism is None:
                raise Refusal("mechanism: missing, and the claim needs it")
            self.say(f"the mechanism meets {mechanism.check(ZERO, 'the mechanism')}")
            return
        if mechanism is not None:
            raise Refusal("mechanism: the claim is that there is none")
        if "requirements" in self.arguments:
            self.bound("requirements")
        elif isinstance(self.margin, Fraction) and self.margin < 0:
            pass  # shown with the margin
        elif "feasibility" not in self.arguments or self.margin != "-inf":
            raise Refusal("arguments: none that no mechanism meets the requirements")

    def check_margin(self, best: Mechanism | None, level: Fraction | None) -> None:
        """z = margin is attained and is a bound; or grows along a ray; or no z can be met. ``level``: of ``best``, None
        where that is the mechanism itself."""
        margin = self.margin
        if margin is None:
            return
        if margin == "-inf":
            if self.verdict == "exists":
                raise Refusal("claim: exists with margin -inf")
            self.bound("feasibility")
            return
        if best is None:
            raise Refusal("best: missing; nothing attains the margin")
        if isinstance(margin, Fraction):
            self.bound("margin", margin)
            if level is None:
                self.say(f"the mechanism meets {best.check(margin, 'the mechanism')}: margin >= {margin}")
            elif level != margin:
                raise Refusal(f"best.z: {level}, not the margin {margin}")
        elif self.instance.z_in is None:
            self.say("neither IR nor budget is required, so nothing bounds z: margin inf")
        else:
            self.ray(Fraction(1))
            self.say("moving along the ray raises z at rate 1 without end: margin inf")

    def check_value(self, mechanism: Mechanism) -> None:
        """The objective is attained and is a bound, or rises along a ray."""
        goal, value = self.goal, self.value
        got = mechanism.of(goal)
        if isinstance(value, Fraction):
            if got != value:
                raise Refusal(f"the mechanism attains {self.instance.objective} {got}, not the {value} claimed")
            self.say(f"it attains {self.instance.objective} {value}")
            self.bound("objective", value)
        elif value == "inf":
            change = self.ray(ZERO).of(goal)
            if change <= 0:
                raise Refusal(f"ray: {self.instance.objective} changes by {change} along it, must be > 0")
            self.say(f"moving along the ray raises {self.instance.objective} at rate {change} without end: value inf")
        elif value is not None:
            raise Refusal("claim: exists with value -inf, but every mechanism has a finite value")

    @cached_property
    def goal(self) -> Form:
        """sum_i w_i E[v_i - t_i] + w_r E[sum_i t_i - cost]."""
        n, form = self.instance, Form()
        METER.get().take(n.count * len(n.names) * (1 + len(n.outcomes)))
        for p, w in self.definition.average(None, None):
            for i, weight in enumerate(n.on_utility):
                self.definition.utility(form, i, p, p, w * weight)
            self.definition.revenue(form, p, w * n.on_revenue)
        return form

    def ray(self, rate: Fraction) -> Mechanism:
        """A direction that keeps every requirement, z rising at the given rate."""
        if "ray" not in self.parts:
            raise Refusal("ray: missing, and the claim needs it")
        ray = Mechanism(self.definition, self.parts.pop("ray"), "ray")
        self.say(f"the ray keeps {ray.check(rate, 'the ray')}")
        return ray

    # -- arguments -------------------------------------------------------------------------------------------------------

    def bound(self, shows: str, claimed: Fraction | None = None) -> None:
        """What an argument shows: z or the objective <= the claimed number, or a contradiction; at each of its leaves."""
        if shows not in self.arguments:
            raise Refusal(f"arguments: none shows the {shows}")
        leaves, rows = 0, 0
        for leaf, choices, where in self.leaves(self.arguments.pop(shows), shows):
            bounds = word(leaf["bounds"], f"{where}.bounds", LEAVES[shows])
            got, used = self.lagrangian(leaf["multipliers"], bounds, choices, where)
            leaves, rows = leaves + 1, rows + used
            if bounds in ("requirements", "feasibility"):
                if got >= 0:
                    raise Refusal(f"{where}: the multipliers show that 0 <= {got}, which is no contradiction")
            elif claimed is None or got > claimed:
                raise Refusal(f"{where}: the multipliers show {bounds} <= {got}, not <= {claimed}")
        said = f"multipliers on {rows} constraints" + (f" in {leaves} cases" if leaves > 1 else "")
        what = {
            "margin": f"margin <= {claimed}",
            "objective": f"{self.instance.objective} <= {claimed}",
            "requirements": "that no mechanism meets the requirements",
            "feasibility": "that no mechanism meets the requirements at any z",
        }[shows]
        self.say(f"{said} show {what}")

    def leaves(self, nodes: list[Any], shows: str) -> Iterator[tuple[dict[str, Any], Choices, str]]:
        """The leaves of a case analysis, with the choices that are left there. Node 0 is the whole; a node's cases come
        after it, each once, one for every outcome that may be chosen at its profile."""
        n, seen = self.instance, set[int]()
        open_: list[tuple[int, dict[int, int]]] = [(0, {})]
        while open_:
            at, decided = open_.pop()
            where = f"argument for the {shows}, node {at}"
            if at in seen:
                raise Refusal(f"{where}: it is the case of several nodes")
            seen.add(at)
            node = nodes[index(at, where, len(nodes))]
            if type(node) is dict and "cases" in node:
                keyed(node, where, ("profile", "cases"))
                if n.lotteries:
                    raise Refusal(f"{where}: cases, but lotteries are allowed")
                p = n.read_profile(node["profile"], f"{where}.profile")
                METER.get().take(len(n.choices[p]) * (len(decided) + 2))
                if p in decided:
                    raise Refusal(f"{where}: {n.at(p)} is decided already")
                cases = [listed(case, f"{where}.cases", 2) for case in listed(node["cases"], f"{where}.cases")]
                outcomes = [index(x, f"{where}.cases", len(n.outcomes)) for x, _ in cases]
                if sorted(outcomes) != sorted(x for ((x, _),) in n.choices[p]):
                    raise Refusal(f"{where}: the cases are not the outcomes that may be chosen at {n.at(p)}")
                for x, (_, below) in zip(outcomes, cases, strict=True):
                    if type(below) is not int or below <= at:
                        raise Refusal(f"{where}: a case must be a later node")
                    open_.append((below, decided | {p: x}))
                continue
            keyed(node, where, ("bounds", "multipliers"))
            METER.get().take(n.count * (len(n.outcomes) + len(n.names)) * (len(n.outcomes) if n.groves else 1))
            left = [[n.points[decided[p]]] if p in decided else choices for p, choices in enumerate(n.choices)]
            yield node, left, where
        if len(seen) != len(nodes):
            raise Refusal(f"argument for the {shows}: nodes that are no case of any other")

    def lagrangian(self, x: Any, bounds: str, choices: Choices, where: str) -> tuple[Fraction, int]:
        """An upper bound of f + sum_r weight_r form_r, f = z, the objective or 0, over all lotteries, shares and payments;
        z = 0 where the objective or the requirements as they stand are meant. And how many multipliers were used."""
        n, total = self.instance, self.goal.copy() if bounds == "objective" else Form()
        if bounds == "margin":
            add(total, "z", Fraction(1))
        entries, used, by = listed(x, f"{where}.multipliers"), 0, 1
        for k, entry in enumerate(entries):
            weight, form = self.multipliers.weighted(entry, f"{where}.multipliers[{k}]")
            if by % weight.denominator:
                by = math.lcm(by, weight.denominator)
                METER.get().work(len(entries) + n.count, by.bit_length(), f"{where}.multipliers")
            used += weight != 0
            for unknown, c in form.items():
                add(total, unknown, weight * c)
        if bounds in ("margin", "feasibility") and total.get("z"):
            raise Refusal(f"{where}: z keeps the coefficient {total['z']}, must be 0")
        for i in n.agents:
            if n.groves:
                self.substitute(i, total, where)
            for p in range(n.count):
                if c := total.get(("t", i, p), ZERO):
                    raise Refusal(
                        f"{where}: the payment of {n.names[i]} at {n.at(p)} keeps the coefficient {c}, must be 0"
                    )
        out = total.get("one", ZERO)
        for p, allowed in enumerate(choices):
            out += max(sum((q * total.get(("q", p, y), ZERO) for y, q in lottery), ZERO) for lottery in allowed)
        if n.free:
            out += max(total.get(("share", i), ZERO) for i in n.agents)
        return out, used

    def substitute(self, i: int, total: Form, where: str) -> None:
        """Groves: t_i(theta) = h_i(theta_-i) - sum_x q(theta, x) (surplus(x, theta) - v_i(x, theta)); h_i must vanish."""
        n = self.instance
        for base in n.bases[i]:
            spots = [base + k * n.strides[i] for k in range(n.sizes[i])]
            on_t = [total.pop(("t", i, p), ZERO) for p in spots]
            if sum(on_t, ZERO):
                raise Refusal(f"{where}: the charge of {n.names[i]} against {n.at(base)} does not vanish")
            for p, c in zip(spots, on_t, strict=True):
                for x, surplus in enumerate(n.exact_surplus[p]):
                    if c:
                        add(total, ("q", p, x), -c * (surplus - n.value[i][p][x]))
