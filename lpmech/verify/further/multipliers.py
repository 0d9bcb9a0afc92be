"""Multipliers of proofs about further questions: which row each names, and its weight."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from lpmech.verify.further.rows import IC, ONE, PAYMENT, Averaged, Definition, Form, allowed
from lpmech.verify.reading.limits import METER, STEPS_FOR_A_ROW
from lpmech.verify.reading.numbers import index, keyed, number
from lpmech.verify.report import Refusal


class Multipliers:
    """The rows of one question by their names in proof files."""

    def __init__(self, definition: Definition) -> None:
        self.rows, self.instance = definition, definition.instance

    def weighted(self, x: Any, where: str) -> tuple[Fraction, Form]:
        """The weight and the form of one multiplier; only constraints that the question imposes."""
        if type(x) is not dict or type(x.get("constraint")) is not str:
            raise Refusal(f"{where}: a constraint is needed")
        n, name = self.instance, x["constraint"]
        METER.get().take(STEPS_FOR_A_ROW + len(n.names))
        fields = {key: entry for key, entry in x.items() if key != "weight"}
        weight, equality = number(x.get("weight"), f"{where}.weight"), False
        if name == "linear":
            form, equality = self.read_linear(fields, where)
        elif name == "budget":
            equality = n.budget == "balanced"
            form = self.rows.budget(self.read_spot(fields, where, n.budget, 0, ("constraint",)))
        else:
            i = index(x.get("agent"), f"{where}.agent", len(n.names))
            if name in IC.values():
                form = self.read_incentive(fields, where, i)
            elif name == "IR":
                form = self.rows.participation(
                    i, self.read_spot(fields, where, n.participation[i], i, ("constraint", "agent"))
                )
            else:
                compared = next((key for key in n.pays[i] if PAYMENT[key] == name), None)
                if compared is None:
                    raise Refusal(f"{where}: the requirements impose no constraint {name!r:.80}")
                keyed(fields, where, ("constraint", "agent", "profile"))
                form = self.rows.payment(i, n.read_profile(x["profile"], f"{where}.profile"), compared)
                equality = compared == "equal"
        if weight < 0 and not equality:
            raise Refusal(f"{where}: a negative weight, {weight}, on an inequality ({name})")
        return weight, form

    def read_spot(self, x: dict[str, Any], where: str, notion: str, i: int, keys: Iterable[str]) -> Averaged:
        """What a constraint of participation or of the budget averages over."""
        n = self.instance
        if notion in ("ex-post", "no-deficit", "balanced"):
            keyed(x, where, (*keys, "profile"))
            return [(n.read_profile(x["profile"], f"{where}.profile"), ONE)]
        if notion == "interim":
            keyed(x, where, (*keys, "type"))
            return self.of_type(i, x["type"], where)
        if notion == "none":
            raise Refusal(f"{where}: the requirements impose no constraint {x['constraint']!r:.80}")
        keyed(x, where, keys)
        return self.rows.average(None, None)

    def of_type(self, i: int, x: Any, where: str) -> Averaged:
        k = index(x, f"{where}.type", self.instance.sizes[i])
        if self.instance.given[i][k] is None:
            raise Refusal(f"{where}: {self.instance.names[i]} of type {self.instance.types[i][k]} has no beliefs")
        return self.rows.average(i, k)

    def read_incentive(self, x: dict[str, Any], where: str, i: int) -> Form:
        n, notion = self.instance, self.instance.incentives[i]
        if IC.get(notion) != x["constraint"]:
            raise Refusal(f"{where}: the requirements impose no {x['constraint']} on {n.names[i]}")
        r, told = index(x.get("report"), f"{where}.report", n.sizes[i]), None
        if notion == "BIC":
            keyed(x, where, ("constraint", "agent", "type", "report"))
            averaged, true = self.of_type(i, x["type"], where), x["type"]
        else:
            keyed(x, where, ("constraint", "agent", "profile", "report"), ("others",) if notion == "DSIC" else ())
            p = n.read_profile(x["profile"], f"{where}.profile")
            averaged, true = [(p, ONE)], n.profiles[p][i]
            if "others" in x:
                told = n.read_profile(x["others"], f"{where}.others")
                if n.profiles[told][i] != true:
                    raise Refusal(f"{where}.others: the agent's own type differs there")
        if not allowed(n.deviations[i], true, r):
            raise Refusal(f"{where}: incentives do not speak of this report ({n.deviations[i]})")
        return self.rows.incentive(i, averaged, r, told)

    def read_linear(self, x: dict[str, Any], where: str) -> tuple[Form, bool]:
        n = self.instance
        which = index(x.get("number"), f"{where}.number", len(n.linear))
        rule, keys = n.linear[which], ("constraint", "number")
        if rule.at_profile:
            keyed(x, where, (*keys, "profile"))
            p = n.read_profile(x["profile"], f"{where}.profile")
            if any(k not in types for k, types in zip(n.profiles[p], rule.within, strict=True)):
                raise Refusal(f"{where}: {rule.name!r} does not speak of {n.at(p)}")
            averaged = [(p, ONE)]
        elif rule.agent is not None:
            keyed(x, where, (*keys, "type"))
            averaged = self.of_type(rule.agent, x["type"], where)
            if x["type"] not in rule.within[rule.agent]:
                raise Refusal(f"{where}: {rule.name!r} does not speak of this type")
        else:
            keyed(x, where, keys)
            (averaged,) = self.rows.places_of(which)
        return self.rows.linear(which, averaged), rule.compared == "equal"
