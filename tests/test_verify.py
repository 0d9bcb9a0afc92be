"""The verifier against a second opinion that states every constraint as one affine form, and against tampering.

The second opinion (``Program``) is slow and literal: payments and lotteries are symbols, each constraint of the
definitions is a dictionary of coefficients. Proofs for the tests come from scipy's solver over those same forms, made
rational; a proof that is not exactly right is of no use here, since both opinions would refuse it.
"""

from __future__ import annotations

import ast
import copy
import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linprog

from lpmech.environments.bilateral_trade import BilateralTrade
from lpmech.environments.exchange import Exchange
from lpmech.environments.partnership import Partner, Partnership
from lpmech.environments.social_choice import SocialChoice, Type
from lpmech.errors import InputError
from lpmech.model import AllocationTable, Distribution, Environment, Instance, Objective, PostedPrice, Requirements
from lpmech.verify import Report, main, verify

HERE = Path(__file__).parent
VERIFIER = HERE.parent / "lpmech" / "verify.py"
F = Fraction

# ---------------------------------------------------------------------------------------------------------------------
# Affine forms
# ---------------------------------------------------------------------------------------------------------------------

Form = dict[Any, Fraction]
"""Symbol -> coefficient; the constant under the symbol ONE."""
ONE = "1"


def plus(*terms: tuple[Fraction, Form]) -> Form:
    out: Form = {}
    for weight, form in terms:
        for symbol, c in form.items():
            out[symbol] = out.get(symbol, F(0)) + weight * c
    return {symbol: c for symbol, c in out.items() if c}


class Program:
    """Every constraint of an instance as (name, form, is an equality), z included, in terms of t or h, q and z."""

    def __init__(self, instance: Instance) -> None:
        self.instance, env, r = instance, instance.environment, instance.requirements
        self.env, self.n = env, len(env.agents)
        self.profiles = list(product(*map(range, env.sizes)))
        self.values = [env.valuation(i) for i in range(self.n)]
        self.correlated = env.prior is not None
        self.groves = r.transfers == "groves"
        self.allowed = {theta: self.lotteries(theta) for theta in self.profiles}
        self.u = {
            (i, k, theta): self.payoff(i, k, theta)
            for i in range(self.n)
            for k in range(env.sizes[i])
            for theta in self.profiles
        }
        self.rev = {
            theta: plus(*((F(1), self.t(i, theta)) for i in range(self.n)), (F(-1), self.q(theta, env.costs)))
            for theta in self.profiles
        }
        self.rows = list(self.constraints())

    def surplus(self, theta: tuple[int, ...], x: int) -> Fraction:
        return sum((self.values[i][theta[i]][x] for i in range(self.n)), -self.env.costs[x])

    def lotteries(self, theta: tuple[int, ...]) -> list[dict[int, Fraction]]:
        """Extreme allowed lotteries."""
        rule, X = self.instance.requirements.allocation, range(len(self.env.outcomes))
        if rule == "free":
            return [{x: F(1)} for x in X]
        if isinstance(rule, PostedPrice):
            b, s = (F(self.env.agents[i].types[theta[i]]) for i in (0, 1))
            return [{int(b >= rule.price >= s): F(1)}]
        if isinstance(rule, AllocationTable):
            return [{x: p for x, p in enumerate(rule.lotteries[self.profiles.index(theta)]) if p}]
        best = max(self.surplus(theta, x) for x in X)
        tied = [x for x in X if self.surplus(theta, x) == best]
        match self.instance.requirements.ties:
            case "uniform":
                return [{x: F(1, len(tied)) for x in tied}]
            case "first":
                tied = tied[:1]
            case "last":
                tied = tied[-1:]
        return [{x: F(1)} for x in tied]

    def q(self, theta: tuple[int, ...], weights: Any) -> Form:
        """sum_x q(theta, x) weights[x], with q a symbol where there is a choice and a number where there is none."""
        if len(self.allowed[theta]) == 1:
            return {ONE: sum((p * weights[x] for x, p in self.allowed[theta][0].items()), F(0))}
        return {("q", theta, x): weights[x] for lottery in self.allowed[theta] for x in lottery}

    def t(self, i: int, theta: tuple[int, ...]) -> Form:
        if not self.groves:
            return {("t", i, theta): F(1)}
        others = [
            sum((self.values[j][theta[j]][x] for j in range(self.n) if j != i), -self.env.costs[x])
            for x in range(len(self.env.outcomes))
        ]
        return plus((F(1), {("h", i, theta[:i] + theta[i + 1 :]): F(1)}), (F(-1), self.q(theta, others)))

    def payoff(self, i: int, k: int, theta: tuple[int, ...]) -> Form:
        return plus((F(1), self.q(theta, self.values[i][k])), (F(-1), self.t(i, theta)))

    def mass(self, theta: tuple[int, ...], skip: int | None = None) -> Fraction:
        """Probability of a profile; of the others' types, for independent types, if one agent is skipped."""
        if self.env.prior is not None:
            return self.env.prior.get(theta, F(0))
        out = F(1)
        for j, k in enumerate(theta):
            out *= F(1) if j == skip else self.env.agents[j].probabilities[k]
        return out

    def beliefs(self, i: int, k: int) -> list[tuple[tuple[int, ...], Fraction]]:
        pairs = [(theta, self.mass(theta, i)) for theta in self.profiles if theta[i] == k]
        total = sum(m for _, m in pairs)
        return [(theta, m / total) for theta, m in pairs if m] if total else []

    def gain(self, i: int, theta: tuple[int, ...], r: int) -> Form:
        other = (*theta[:i], r, *theta[i + 1 :])
        return plus((F(1), self.u[i, theta[i], theta]), (F(-1), self.u[i, theta[i], other]))

    def net(self, i: int, theta: tuple[int, ...]) -> Form:
        return plus((F(1), self.u[i, theta[i], theta]), (-self.env.agents[i].outside[theta[i]], {ONE: F(1)}))

    def constraints(self) -> Iterator[tuple[dict[str, Any], Form, bool]]:
        r, everyone = self.instance.requirements, range(self.n)
        z_budget = (F(-1), {"z": F(1)})
        z_ir = z_budget if r.budget == "none" else (F(0), {})
        types = [(i, k) for i in everyone for k in range(self.env.sizes[i])]
        deviations = [(i, k, k2) for i, k in types for k2 in range(self.env.sizes[i]) if k2 != k]
        if r.incentive_compatibility == "DSIC":
            for i, k, k2 in deviations:
                for theta in self.profiles:
                    if theta[i] == k:
                        name = {"constraint": "DSIC", "agent": i, "profile": list(theta), "report": k2}
                        yield name, self.gain(i, theta, k2), False
        if r.incentive_compatibility == "BIC":
            for i, k, k2 in deviations:
                if pairs := self.beliefs(i, k):
                    name = {"constraint": "BIC", "agent": i, "type": k, "report": k2}
                    yield name, plus(*((m, self.gain(i, theta, k2)) for theta, m in pairs)), False
        if r.individual_rationality == "ex-post":
            for i, theta in product(everyone, self.profiles):
                name = {"constraint": "IR", "agent": i, "profile": list(theta)}
                yield name, plus((F(1), self.net(i, theta)), z_ir), False
        if r.individual_rationality == "interim":
            for i, k in types:
                if pairs := self.beliefs(i, k):
                    name = {"constraint": "IR", "agent": i, "type": k}
                    yield name, plus(*((m, self.net(i, theta)) for theta, m in pairs), z_ir), False
        if r.individual_rationality == "ex-ante":
            for i in everyone:
                form = plus(*((self.mass(theta), self.net(i, theta)) for theta in self.profiles), z_ir)
                yield {"constraint": "IR", "agent": i}, form, False
        if r.budget in {"no-deficit", "balanced"}:
            for theta in self.profiles:
                name = {"constraint": "budget", "profile": list(theta)}
                yield name, plus((F(1), self.rev[theta]), z_budget), r.budget == "balanced"
        if r.budget == "no-expected-deficit":
            form = plus(*((self.mass(theta), self.rev[theta]) for theta in self.profiles), z_budget)
            yield {"constraint": "budget"}, form, False

    def objective(self) -> Form:
        utility, revenue = self.instance.objective.weights(self.n)
        return plus(
            *(
                (w * self.mass(theta), self.u[i, theta[i], theta])
                for i, w in enumerate(utility)
                for theta in self.profiles
            ),
            *((revenue * self.mass(theta), self.rev[theta]) for theta in self.profiles),
        )

    # -- the second opinion -------------------------------------------------------------------------------------------

    def at(self, data: dict[str, Any], lotteries: list[dict[int, Fraction]] | None) -> dict[Any, Fraction]:
        """Symbols' numbers from a mechanism's money and lotteries (None: a direction, where lotteries do not move)."""
        out: dict[Any, Fraction] = {ONE: F(0) if lotteries is None else F(1)}
        for i in range(self.n):
            if self.groves:
                others = sorted({theta[:i] + theta[i + 1 :] for theta in self.profiles})
                out |= {("h", i, o): F(x) for o, x in zip(others, data["charges"][i], strict=True)}
            else:
                out |= {("t", i, theta): F(x) for theta, x in zip(self.profiles, data["transfers"][i], strict=True)}
        for theta, lottery in zip(self.profiles, lotteries or [], strict=lotteries is not None):
            out |= {("q", theta, x): lottery.get(x, F(0)) for x in range(len(self.env.outcomes))}
        return out

    @staticmethod
    def value(form: Form, point: dict[Any, Fraction]) -> Fraction:
        return sum((c * point.get(symbol, F(0)) for symbol, c in form.items()), F(0))

    def fits(self, point: dict[Any, Fraction], z: Fraction) -> bool:
        values = [(self.value(form, point | {"z": z}), equal) for _, form, equal in self.rows]
        return all(v == 0 if equal else v >= 0 for v, equal in values)

    def bound(self, multipliers: list[dict[str, Any]], bounds: str) -> Fraction | None:
        """What the multipliers show, None if nothing."""
        named = {json.dumps(name, sort_keys=True): (form, equal) for name, form, equal in self.rows}
        terms = [(F(1), {"margin": {"z": F(1)}, "objective": self.objective()}.get(bounds, {}))]
        for entry in multipliers:
            form, equal = named[json.dumps({k: v for k, v in entry.items() if k != "weight"}, sort_keys=True)]
            if F(entry["weight"]) < 0 and not equal:
                return None
            terms.append((F(entry["weight"]), form))
        total = plus(*terms)
        if bounds == "objective":
            total.pop("z", None)
        if any(symbol[0] in "zth" for symbol in total):
            return None
        out = total.get(ONE, F(0))
        for theta, lotteries in self.allowed.items():
            if len(lotteries) > 1:
                out += max(total.get(("q", theta, x), F(0)) for lottery in lotteries for x in lottery)
        return out


def agrees(program: Program, proof: dict[str, Any]) -> bool:
    """Second opinion on a well-formed proof: is the claim proved by the parts that it needs?"""
    claim, objective = proof["claim"], program.instance.objective.maximize
    mechanism, fees = proof.get("mechanism"), proof.get("fees") or ["0"] * program.n
    if objective == "margin" and claim["value"] not in (None, claim["margin"]):
        return False
    margin, r = claim["margin"], program.instance.requirements
    lotteries = None
    if mechanism is not None:
        lotteries = [{entry: F(1)} if type(entry) is int else {int(x): F(p) for x, p in entry.items() if F(p)}
                     for entry in mechanism["allocation"]]  # fmt: skip
        for theta, lottery in zip(program.profiles, lotteries, strict=True):
            allowed = program.allowed[theta]
            mixture = set(lottery) <= {x for one in allowed for x in one} and all(len(one) == 1 for one in allowed)
            if sum(lottery.values()) != 1 or min(lottery.values()) < 0 or not (mixture or lottery in allowed):
                return False
    shown = program.bound(proof["multipliers"], proof["bounds"]) if proof.get("multipliers") is not None else None

    def with_fees() -> bool:
        key = "charges" if program.groves else "transfers"
        money = [[F(x) + F(fee) for x in row] for row, fee in zip(mechanism[key], fees, strict=True)]
        return program.fits(program.at({key: money}, lotteries), F(margin))

    def stands() -> bool:
        return program.fits(program.at(mechanism, lotteries), F(0))

    if margin not in (None, "inf", "-inf") and mechanism is not None and shown is not None:
        ok = (F(margin) >= 0) == (claim["verdict"] == "exists") and shown == F(margin) and with_fees()
        return ok and proof["bounds"] == "margin" and (claim["verdict"] == "impossible" or stands())
    if any(F(fee) for fee in fees):
        return False
    if claim["verdict"] == "impossible":
        return margin == "-inf" and shown is not None and shown < 0
    if not stands():
        return False
    if objective != "margin" and claim["value"] != "inf":
        value = program.value(program.objective(), program.at(mechanism, lotteries))
        return value == F(claim["value"]) == shown
    if proof.get("ray") is None:
        return r.budget == r.individual_rationality == "none" and margin == "inf"
    ray, rate = program.at(proof["ray"], None), F(objective == "margin")
    return program.fits(ray, rate) and (objective == "margin" or program.value(program.objective(), ray) > 0)


# ---------------------------------------------------------------------------------------------------------------------
# Proofs by a numerical solver, made rational
# ---------------------------------------------------------------------------------------------------------------------


def near(x: float) -> Fraction:
    return F(x).limit_denominator(5000)


class Maker:
    """Finds claims and what proves them, as proof files. Numerical, then rational."""

    def __init__(self, instance: Instance) -> None:
        self.program = Program(instance)
        self.symbols = ["z", "s"]
        for theta, lotteries in self.program.allowed.items():
            if len(lotteries) > 1:
                self.symbols += [("q", theta, x) for lottery in lotteries for x in lottery]
        forms = self.program.u.values()
        self.symbols += sorted({s for form in forms for s in form if s[0] in "th"})
        self.at = {symbol: place for place, symbol in enumerate(self.symbols)}

    def vector(self, form: Form) -> np.ndarray:
        out = np.zeros(len(self.symbols))
        for symbol, c in form.items():
            if symbol != ONE:
                out[self.at[symbol]] = c
        return out

    def solve(self, goal: Form, z: float | None = None, elastic: bool = False, ray: Form | None = None) -> Any:
        """max goal; z free unless fixed; elastic: every constraint may be missed by s; ray: recession with that = 1."""
        rows = self.program.rows
        A_ub, b_ub, A_eq, b_eq = [], [], [], []
        for _, form, equal in rows:
            a, c = self.vector(form), 0.0 if ray is not None else float(form.get(ONE, 0))
            for sign in (1, -1) if equal else (1,):
                row = -sign * a
                row[1] = -1.0 if elastic else 0.0
                A_ub.append(row)
                b_ub.append(sign * c)
        for theta, lotteries in self.program.allowed.items():
            if len(lotteries) > 1:
                A_eq.append(self.vector({("q", theta, x): F(1) for lottery in lotteries for x in lottery}))
                b_eq.append(0.0 if ray is not None else 1.0)
        if ray:
            A_eq.append(self.vector(ray))
            b_eq.append(1.0)
        bounds = [(0, None) if s == "s" or s[0] == "q" else (None, None) for s in self.symbols]
        if z is not None:
            bounds[0] = (z, z)
        none = {"A_ub": np.array(A_ub) if A_ub else None, "b_ub": b_ub or None}
        none |= {"A_eq": np.array(A_eq) if A_eq else None, "b_eq": b_eq or None}
        out = linprog(-self.vector(goal), bounds=bounds, method="highs", **none)
        weights, place = [], 0
        if out.status == 0 and A_ub:
            for name, _, equal in rows:
                w = -out.ineqlin.marginals[place] + (out.ineqlin.marginals[place + 1] if equal else 0)
                place += 2 if equal else 1
                if near(w):
                    weights.append({**name, "weight": str(near(w))})
        out.weights = weights
        out.point = {} if out.x is None else {s: near(v) for s, v in zip(self.symbols, out.x, strict=True)}
        return out

    def money(self, point: dict[Any, Fraction], each: Fraction = F(0)) -> dict[str, Any]:
        p, key, symbol = self.program, "transfers", "t"
        places: list[list[Any]] = [p.profiles for _ in range(p.n)]
        if p.groves:
            key, symbol = "charges", "h"
            places = [sorted({theta[:i] + theta[i + 1 :] for theta in p.profiles}) for i in range(p.n)]
        return {key: [[str(point.get((symbol, i, o), F(0)) - each) for o in places[i]] for i in range(p.n)]}

    def mechanism(self, point: dict[Any, Fraction], each: Fraction = F(0)) -> dict[str, Any]:
        allocation: list[Any] = []
        for theta, lotteries in self.program.allowed.items():
            one = lotteries[0]
            if len(lotteries) > 1:
                one = {x: point["q", theta, x] for lottery in lotteries for x in lottery if point["q", theta, x]}
            allocation.append(next(iter(one)) if len(one) == 1 else {str(x): str(p) for x, p in one.items()})
        return {**self.money(point, each), "allocation": allocation}

    def proof(self, verdict: str, margin: Any, value: Any, **parts: Any) -> dict[str, Any]:
        instance = self.program.instance
        claim = {"verdict": verdict, "objective": instance.objective.table()["maximize"]}
        claim |= {"margin": None if margin is None else str(margin), "value": None if value is None else str(value)}
        empty = {"mechanism": None, "ray": None, "multipliers": None, "bounds": None}
        return {"format": "lpmech-proof/1", "instance": instance.table(), "claim": claim, **empty, **parts}

    def make(self) -> dict[str, Any]:
        """The proof of what is the case."""
        p, r = self.program, self.program.instance.requirements
        margin_asked = p.instance.objective.maximize == "margin"
        if self.solve({"s": F(-1)}, elastic=True).fun > 1e-9:
            weights = self.solve({"s": F(-1)}, elastic=True).weights
            value = "-inf" if margin_asked else None
            return self.proof("impossible", "-inf", value, multipliers=weights, bounds="feasibility")
        at_zero = self.solve({"s": F(-1)}, z=0.0, elastic=True).fun <= 1e-9
        if at_zero and not margin_asked:
            best = self.solve(p.objective(), z=0.0)
            if best.status == 0:
                return self.proof(
                    "exists", None, near(-best.fun), mechanism=self.mechanism(best.point), multipliers=best.weights,
                    bounds="objective",
                )  # fmt: skip
            move = self.solve({}, z=0.0, ray={s: c for s, c in p.objective().items() if s != ONE})
            point = self.solve({}, z=0.0).point
            return self.proof("exists", None, "inf", mechanism=self.mechanism(point), ray=self.money(move.point))
        best = self.solve({"z": F(1)})
        if best.status != 0:
            assert at_zero
            mechanism = self.mechanism(self.solve({}, z=0.0).point)
            if r.budget == r.individual_rationality == "none":
                return self.proof("exists", "inf", "inf", mechanism=mechanism)
            ray = self.money(self.solve({}, z=1.0, ray={}).point)
            return self.proof("exists", "inf", "inf", mechanism=mechanism, ray=ray)
        margin = near(-best.fun)
        each = max(margin, F(0)) / p.n if r.budget == "balanced" else F(0)
        return self.proof(
            "exists" if margin >= 0 else "impossible", margin, margin if margin_asked else None,
            mechanism=self.mechanism(best.point, each), fees=[str(each)] * p.n, multipliers=best.weights,
            bounds="margin",
        )  # fmt: skip


# ---------------------------------------------------------------------------------------------------------------------
# Instances
# ---------------------------------------------------------------------------------------------------------------------


def draw(rng: random.Random, n: int) -> Distribution:
    """Small whole values; masses over 4, sometimes 0."""
    cuts = sorted(rng.choices(range(5), k=n - 1))
    masses = [F(b - a, 4) for a, b in zip([0, *cuts], [*cuts, 4], strict=True)]
    return Distribution(sorted(rng.sample(range(7), n)), masses)


def bilateral(rng: random.Random) -> Environment:
    return BilateralTrade(draw(rng, rng.choice((2, 3))), draw(rng, 2))


def bilateral_correlated(rng: random.Random) -> Environment:
    weights = {theta: rng.choice((0, 1, 1, 2)) for theta in product(range(3), range(2))} | {(0, 0): 1, (1, 0): 0}
    weights[1, 1] *= rng.choice((0, 1))
    total = sum(weights.values())
    return BilateralTrade(draw(rng, 3), draw(rng, 2), {theta: F(w, total) for theta, w in weights.items()})


def exchange(rng: random.Random) -> Environment:
    return Exchange([draw(rng, 2), draw(rng, 2)], [draw(rng, 2)])


def partnership(rng: random.Random) -> Environment:
    share = F(rng.choice((1, 2, 3)), 4)
    return Partnership([Partner(share, draw(rng, 2)), Partner(1 - share, draw(rng, 3))])


def social(rng: random.Random) -> Environment:
    agents = {
        name: [
            Type(label, m, [rng.randint(-2, 3) for _ in range(3)], rng.choice((0, F(1, 2))))
            for label, m in zip("lh", rng.choice(((F(1, 2), F(1, 2)), (F(1), F(0)))), strict=True)
        ]
        for name in ("ann", "bob")
    }
    return SocialChoice(("none", "pool", "bridge"), agents, [0, F(3, 2), 1])


WORLDS: list[Callable[[random.Random], Environment]] = [bilateral, bilateral_correlated, exchange, partnership, social]
IC, IR = ("DSIC", "BIC", "none"), ("ex-post", "interim", "ex-ante", "none")
BUDGETS, TIES = ("no-deficit", "balanced", "no-expected-deficit", "none"), ("any", "first", "last", "uniform")


def random_instance(world: Callable[[random.Random], Environment], seed: int) -> Instance:
    rng = random.Random(f"{world.__name__} {seed}")
    env = world(rng)
    rules: list[Any] = ["efficient"] * 4 + ["free"]
    rows = [rng.choice(([1, 0, 0, 0], [F(1, 3), F(2, 3), 0, 0]))[: len(env.outcomes)] for _ in range(env.profile_count)]
    rules.append(AllocationTable(rows))
    if env.kind == "bilateral-trade":
        rules.append(PostedPrice(rng.choice((2, "5/2", 3))))
    requirements = Requirements(
        rng.choice(IC), rng.choice(IR), rng.choice(BUDGETS), rng.choice(rules), rng.choice(TIES),
        rng.choice(("any", "any", "groves")),
    )  # fmt: skip
    weights = Objective(utility=[rng.randint(0, 2) for _ in env.agents], revenue=rng.randint(0, 2))
    goals = [Objective(), Objective(), Objective(), Objective("welfare"), Objective("revenue"), weights]
    return Instance(env, requirements, rng.choice(goals), title=f"{world.__name__} {seed}")


def example(budget: str = "balanced", **more: Any) -> Instance:
    """Costs 1 and 4, values 2 and 6, each with probability 1/2."""
    env = BilateralTrade(Distribution([2, 6]), Distribution([1, 4]))
    ic, ir = more.pop("ic", "BIC"), more.pop("ir", "interim")
    objective = more.pop("objective", Objective())
    return Instance(env, Requirements(ic, ir, budget, **more), objective, title="example")


WORKED: dict[str, Any] = {  # by hand: margin 1/4
    "format": "lpmech-proof/1",
    "instance": {
        "title": "costs 1 and 4, values 2 and 6",
        "environment": {
            "kind": "bilateral-trade",
            "buyer": {"values": ["2", "6"], "probabilities": ["1/2", "1/2"]},
            "seller": {"values": ["1", "4"], "probabilities": ["1/2", "1/2"]},
        },
        "requirements": {
            "allocation": "efficient",
            "ties": "any",
            "transfers": "any",
            "incentive_compatibility": "BIC",
            "individual_rationality": "interim",
            "budget": "balanced",
        },
        "objective": {"maximize": "margin"},
    },
    "claim": {"verdict": "exists", "objective": "margin", "margin": "1/4", "value": "1/4"},
    "mechanism": {
        "transfers": [["7/4", "1/8", "15/4", "35/8"], ["-7/4", "-1/8", "-15/4", "-35/8"]],
        "allocation": [1, 0, 1, 1],
    },
    "fees": ["1/8", "1/8"],
    "multipliers": [],
    "bounds": "margin",
}
