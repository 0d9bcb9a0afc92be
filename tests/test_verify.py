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
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest
from click.testing import CliRunner
from scipy.optimize import linprog
from support.tampering import Way, changed, leaves

from lpmech.base.errors import InputError
from lpmech.cli.verify import command as verify_command
from lpmech.question.distribution import Distribution
from lpmech.question.environment import Environment
from lpmech.question.environments.bilateral_trade import BilateralTrade
from lpmech.question.environments.exchange import Exchange
from lpmech.question.environments.partnership import Partner, Partnership
from lpmech.question.environments.social_choice import SocialChoice, Type
from lpmech.question.model import Instance
from lpmech.question.objective import Objective
from lpmech.question.requirements import AllocationTable, PostedPrice, Requirements
from lpmech.verify import Report, main, verify
from lpmech.verify.standalone import archive

HERE = Path(__file__).parent
VERIFIER = HERE.parent / "lpmech" / "verify"
F = Fraction
ZERO = F(0)

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

    def taxed(self, form: Form) -> Form:
        """One symbol for payments that DSIC makes equal: against theta_-i, of types with the same prescribed lottery."""
        if self.groves or self.instance.requirements.incentive_compatibility != "DSIC":
            return form

        def symbol(s: Any) -> Any:
            if s[0] != "t" or len(self.allowed[s[2]]) > 1:
                return s
            _, i, theta = s
            return "t", i, theta[:i] + theta[i + 1 :], frozenset(self.allowed[theta][0].items())

        return plus(*((F(1), {symbol(s): c}) for s, c in form.items()))

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
        total = self.taxed(total)
        if any(symbol[0] in "zth" for symbol in total):
            return None
        out = total.get(ONE, F(0))
        for theta, lotteries in self.allowed.items():
            if len(lotteries) > 1:
                out += max(total.get(("q", theta, x), F(0)) for lottery in lotteries for x in lottery)
        return out


def agrees(program: Program, proof: dict[str, Any]) -> bool:
    """Second opinion on a well-formed proof: do its parts prove the claim, and does the claim need them all?"""
    claim, mechanism, n = proof["claim"], proof["mechanism"], program.n
    margin, value, bounds = claim["margin"], claim["value"], proof["bounds"]
    asked_margin = program.instance.objective.maximize == "margin"
    fees = [F(fee) for fee in proof.get("fees") or ["0"] * n]
    parts = {part for part in ("mechanism", "ray", "multipliers") if proof[part] is not None}
    if asked_margin and value not in (None, margin):
        return False
    if not asked_margin and (margin if claim["verdict"] == "exists" else value) is not None:
        return False
    if mechanism is not None:
        lotteries = [
            {entry: F(1)} if type(entry) is int else {int(x): F(p) for x, p in entry.items() if F(p)}
            for entry in mechanism["allocation"]
        ]
        for theta, lottery in zip(program.profiles, lotteries, strict=True):
            allowed = program.allowed[theta]
            mixture = set(lottery) <= {x for one in allowed for x in one} and all(len(one) == 1 for one in allowed)
            if sum(lottery.values()) != 1 or min(lottery.values()) < 0 or not (mixture or lottery in allowed):
                return False

    def fits(z: Fraction, fees: list[Fraction]) -> bool:
        key = "charges" if program.groves else "transfers"
        money = [[F(x) + fee for x in row] for row, fee in zip(mechanism[key], fees, strict=True)]
        return program.fits(program.at({key: money}, lotteries), z)

    def shown() -> Fraction:
        bound = program.bound(proof["multipliers"], bounds)
        return F(10**9) if bound is None else bound

    def moves(rate: Fraction) -> bool:
        ray = program.at(proof["ray"], None)
        return program.fits(ray, rate) and (asked_margin or program.value(program.objective(), ray) > 0)

    zero = [F(0)] * n
    if claim["verdict"] == "impossible":
        if margin in (None, "-inf"):
            if parts != {"multipliers"} or fees != zero or bounds not in ("margin", "feasibility")[margin == "-inf" :]:
                return False
            return shown() < 0
        number = margin != "inf" and F(margin) < 0
        return (
            number and parts == {"mechanism", "multipliers"} and bounds == "margin"
            and shown() == F(margin) and fits(F(margin), fees)
        )  # fmt: skip
    goal = margin if asked_margin else value
    if goal == "-inf" or "mechanism" not in parts or not fits(F(0), zero):
        return False
    if goal is None:
        return parts == {"mechanism"} and fees == zero
    if goal == "inf":
        r = program.instance.requirements
        unbounded = asked_margin and r.budget == r.individual_rationality == "none"
        wanted = {"mechanism"} if unbounded else {"mechanism", "ray"}
        return parts == wanted and fees == zero and (unbounded or moves(F(asked_margin)))
    if parts != {"mechanism", "multipliers"} or bounds != ("margin" if asked_margin else "objective"):
        return False
    if asked_margin:
        return F(margin) >= 0 and shown() == F(margin) and fits(F(margin), fees)
    attained = program.value(program.objective(), program.at(mechanism, lotteries))
    return attained == F(value) == shown() and fees == zero


def read(table: dict[str, Any]) -> Instance:
    """The model of a restated instance; InputError or the like if it is none."""
    env, r = table["environment"], dict(table["requirements"])

    def side(x: dict[str, Any]) -> Distribution:
        return Distribution(x["values"], x.get("probabilities"))

    prior = None
    if "prior" in env:
        prior = {tuple(entry["types"]): entry["probability"] for entry in env["prior"]["profiles"]}
    world: Environment
    match env["kind"]:
        case "bilateral-trade":
            world = BilateralTrade(side(env["buyer"]), side(env["seller"]), prior)
        case "exchange":
            world = Exchange(map(side, env["buyers"]), map(side, env["sellers"]), prior)
        case "partnership":
            world = Partnership([Partner(x["share"], side(x), x["name"]) for x in env["agents"]], prior)
        case _:
            agents = {
                x["name"]: [Type(k["name"], k["probability"], k["utility"], k["outside"]) for k in x["types"]]
                for x in env["agents"]
            }
            world = SocialChoice(env["outcomes"], agents, env["costs"], prior)
    if isinstance(r["allocation"], dict):
        [(kind, rule)] = r["allocation"].items()
        r["allocation"] = PostedPrice(rule) if kind == "posted-price" else AllocationTable(rule)
    goal = table["objective"]["maximize"]
    objective = Objective(goal) if isinstance(goal, str) else Objective(**goal)
    return Instance(world, Requirements(**r), objective, title=table["title"])


_programs: dict[str, Program] = {}


def second_opinion(proof: dict[str, Any]) -> bool:
    """``agrees`` for a proof that may have become malformed by changing one leaf."""
    key = json.dumps(proof["instance"])
    try:
        if key not in _programs:
            _programs[key] = Program(read(proof["instance"]))
        if proof["claim"]["objective"] != proof["instance"]["objective"]["maximize"]:
            return False
        return agrees(_programs[key], proof)
    except (InputError, KeyError, IndexError, ValueError):
        return False


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

    def money(self, point: dict[Any, Fraction], each: Fraction = ZERO) -> dict[str, Any]:
        p, key, symbol = self.program, "transfers", "t"
        places: list[list[Any]] = [p.profiles for _ in range(p.n)]
        if p.groves:
            key, symbol = "charges", "h"
            places = [sorted({theta[:i] + theta[i + 1 :] for theta in p.profiles}) for i in range(p.n)]
        return {key: [[str(point.get((symbol, i, o), F(0)) - each) for o in places[i]] for i in range(p.n)]}

    def mechanism(self, point: dict[Any, Fraction], each: Fraction = ZERO) -> dict[str, Any]:
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
                value = near(-best.fun) + p.objective().get(ONE, F(0))
                return self.proof(
                    "exists", None, value, mechanism=self.mechanism(best.point), multipliers=best.weights,
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


def page() -> dict[str, Any]:
    """The worked example of docs/proof-format.md."""
    text = (HERE.parent / "docs" / "proof-format.md").read_text(encoding="utf-8")
    [block] = [block for block in text.split("```json\n")[1:] if '"lpmech-proof/1"' in block.split("```")[0]]
    return json.loads(block.split("```")[0])  # type: ignore[no-any-return]


def question(
    ic: str = "BIC", ir: str = "interim", budget: str = "balanced", goal: str = "margin", **more: Any
) -> dict[str, Any]:
    """Proof about the worked example's types with other requirements."""
    env = more.pop("env", None) or BilateralTrade(Distribution([2, 6]), Distribution([1, 4]))
    return Maker(Instance(env, Requirements(ic, ir, budget, **more), Objective(goal), title="a question")).make()


OVERLAP = BilateralTrade(Distribution([2, 4]), Distribution([1, 3]))
TIED = BilateralTrade(Distribution([1, 2], ["1/3", "2/3"]), Distribution([1, 2]))
SHARED = Partnership([Partner("1/2", Distribution([0, 1])), Partner("1/2", Distribution([0, 2]))])
CORRELATED = BilateralTrade(
    Distribution([2, 4, 6]), Distribution([1, 3]), {(0, 0): "1/4", (0, 1): "1/4", (1, 0): "1/4", (1, 1): "1/4"}
)
PUBLIC = SocialChoice(
    ("none", "bridge"),
    {
        "ann": [Type("low", "1/2", [0, 1], "1/4"), Type("high", "1/2", [0, 3])],
        "bob": [Type("only", 1, [0, "1/2"])],
    },
    [0, 2],
)
PROOFS: dict[str, Callable[[], dict[str, Any]]] = {  # one or more for each kind of claim
    "worked example": page,
    "exists, no deficit": lambda: question("DSIC", "ex-post", "no-deficit", env=SHARED),
    "exists, mixed ties": lambda: question("BIC", "interim", "balanced", env=TIED, ties="uniform"),
    "exists, groves": lambda: question("DSIC", "ex-ante", "no-expected-deficit", env=PUBLIC, transfers="groves"),
    "impossible": lambda: question("DSIC", "ex-post", "no-deficit", env=OVERLAP),
    "impossible, correlated": lambda: question(
        "DSIC", "interim", "no-deficit", env=CORRELATED, allocation=AllocationTable([[0, 1]] * 6)
    ),
    "impossible, always trade": lambda: question(
        "DSIC", "ex-post", "no-deficit", "welfare", allocation=AllocationTable([[0, 1]] * 4)
    ),
    "never": lambda: question("DSIC", "ex-post", "balanced", env=OVERLAP, transfers="groves"),
    "never, no transfer implements it": lambda: question(
        "BIC", "none", "none", allocation=AllocationTable([[0, 1], [0, 1], [1, 0], ["1/2", "1/2"]])
    ),
    "inf": lambda: question("BIC", "none", "balanced"),
    "inf, IR": lambda: question("BIC", "interim", "none", env=CORRELATED),
    "inf, groves": lambda: question("BIC", "none", "no-deficit", env=PUBLIC, transfers="groves"),
    "inf, nothing required": lambda: question("DSIC", "none", "none"),
    "welfare": lambda: question("DSIC", "ex-post", "balanced", "welfare", allocation="free"),
    "revenue": lambda: question("BIC", "interim", "none", "revenue", env=PUBLIC),
    "utility without end": lambda: question("BIC", "interim", "none", "agents-utility", transfers="groves"),
}


def made(name: str, cache: dict[str, dict[str, Any]] = {}) -> dict[str, Any]:  # noqa: B006
    if name not in cache:
        cache[name] = PROOFS[name]()
    return copy.deepcopy(cache[name])


# ---------------------------------------------------------------------------------------------------------------------
# What is true and proved is accepted
# ---------------------------------------------------------------------------------------------------------------------


def refused(proof: Any, *words: str) -> Report:
    """The proof is refused, for a foreseen reason that has these words in it."""
    report = verify(proof)
    assert not report
    assert report.problems
    assert not any("broke down" in problem for problem in report.problems)
    text = "\n".join(report.problems)
    assert all(word in text for word in words), text
    return report


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.__name__)
def test_proofs_of_random_instances(world: Callable[[random.Random], Environment]) -> None:
    claims = set()
    for seed in range(24):
        maker = Maker(random_instance(world, seed))
        proof = maker.make()
        report = verify(proof)
        assert report, f"seed {seed}: {report}"
        assert agrees(maker.program, proof)
        claims.add((report.verdict, report.margin in (None, "inf", "-inf") and report.margin, report.value == "inf"))
    assert len(claims) >= 4  # the draw is a varied one


@pytest.mark.parametrize("name", PROOFS)
def test_each_kind_of_claim(name: str) -> None:
    report = verify(made(name))
    assert report, str(report)
    assert report.checks
    assert not report.problems


def test_kinds_of_claims_are_what_their_names_say() -> None:
    claims = {name: made(name)["claim"] for name in PROOFS}
    for name, claim in claims.items():
        word = name.split(",")[0]
        margin = claim["margin"]
        if word in {"exists", "worked example"}:
            assert claim["verdict"] == "exists"
            assert F(margin) >= 0
        elif word == "impossible":
            assert claim["verdict"] == "impossible"
            assert F(margin) < 0
        elif word == "never":
            assert (claim["verdict"], margin) == ("impossible", "-inf")
        elif word == "inf":
            assert (claim["verdict"], margin) == ("exists", "inf")
        elif word == "utility without end":
            assert (margin, claim["value"]) == (None, "inf")
        else:
            assert F(claim["value"]) > 0
            assert margin is None


def test_report_of_the_worked_example() -> None:
    report = verify(page())
    assert (report.accepted, report.verdict, report.margin, report.value) == (True, "exists", "1/4", "1/4")
    assert report.title == "costs 1 and 4, values 2 and 6"
    text = "\n".join(report.checks)
    assert "4 BIC and 4 interim IR and 4 balanced budget constraints" in text
    assert "multipliers on 8 constraints show margin <= 1/4" in text
    assert "z = 1/4: margin >= 1/4" in text


def test_weaker_claims_need_less() -> None:
    proof = made("worked example") | {"multipliers": None, "bounds": None, "fees": None}
    proof["claim"] |= {"margin": None, "value": None}
    assert verify(proof).accepted
    assert verify(proof).margin is None
    proof = made("impossible") | {"mechanism": None}
    refused(proof, "mechanism: missing")
    proof["claim"] |= {"margin": None, "value": None}
    assert verify(proof).accepted
    proof["claim"]["verdict"] = "exists"
    refused(proof, "mechanism")
    proof = made("worked example") | {"mechanism": None, "fees": None}
    proof["claim"] |= {"verdict": "impossible", "margin": None, "value": None}
    refused(proof, "margin <= 1/4, which does not exclude 0")


def test_groves_theorem_is_used_only_for_efficient_lotteries() -> None:
    proof = made("exists, groves")
    assert any("Groves' theorem" in check for check in verify(proof).checks)
    never_built = question(
        "none", "none", "none", env=PUBLIC, transfers="groves", allocation=AllocationTable([[1, 0]] * 2)
    )
    assert verify(never_built)
    never_built["instance"]["requirements"]["allocation"] = {"table": [["0", "1"], ["1", "0"]]}
    never_built["mechanism"]["allocation"] = [1, 0]  # built for the low type alone
    assert verify(never_built)
    never_built["instance"]["requirements"]["incentive_compatibility"] = "DSIC"
    refused(never_built, "DSIC: ann of type", "gains")


# ---------------------------------------------------------------------------------------------------------------------
# Tampering with one leaf at a time: the verifier and the second opinion say the same
# ---------------------------------------------------------------------------------------------------------------------


def is_number(x: Any) -> bool:
    try:
        F(x)
    except (TypeError, ValueError):
        return False
    return type(x) is str


def alternatives(x: Any) -> list[Any]:
    if type(x) is int:
        return [x + 1, x - 1, 0 if x else 2]
    if is_number(x):
        return sorted({str(F(x) + 1), str(F(x) - F(1, 7)), str(-F(x)), "0"} - {x})
    words: dict[Any, list[Any]] = {
        "exists": ["impossible"], "impossible": ["exists"], "inf": ["0", "-inf", None], "-inf": ["-1", "inf", None],
        None: ["0", "1", "-1", "inf", "-inf"], "DSIC": ["BIC", "none"], "BIC": ["DSIC", "none"],
        "any": ["first", "last", "uniform", "groves"], "uniform": ["any", "first"], "efficient": ["free"],
        "free": ["efficient"], "balanced": ["no-deficit", "none"], "no-deficit": ["balanced", "no-expected-deficit"],
        "no-expected-deficit": ["no-deficit"], "interim": ["ex-post", "ex-ante", "none"],
        "none": ["balanced", "interim"], "ex-post": ["interim"],
        "ex-ante": ["interim"], "groves": ["any"], "margin": ["feasibility", "welfare"],
        "feasibility": ["margin"], "objective": ["margin"], "welfare": ["revenue", "agents-utility"], "IR": ["budget"],
    }  # fmt: skip
    return words.get(x, [])


@pytest.mark.parametrize("name", PROOFS)
def test_changing_one_leaf(name: str) -> None:
    proof, tried, accepted = made(name), 0, 0
    for path, old in leaves(proof):
        if path[0] != "claim" and old is None:
            continue
        for new in alternatives(old):
            other = changed(proof, path, new)
            report = verify(other)
            assert not any("broke down" in problem for problem in report.problems), (path, new, report.problems)
            assert report.accepted == second_opinion(other), (path, old, new, str(report))
            tried, accepted = tried + 1, accepted + report.accepted
    assert tried > 20
    assert accepted < tried / 2  # an infinite margin leaves slack, for one


@pytest.mark.parametrize("name", PROOFS)
def test_every_other_claim(name: str) -> None:
    """The same parts under another verdict, margin and value."""
    proof = made(name)
    margins, values = ([proof["claim"][key], None, "inf", "-inf", "-1", "0"] for key in ("margin", "value"))
    for verdict, margin, value in product(("exists", "impossible"), margins, values):
        for parts in ({}, {"multipliers": None, "bounds": None}, {"ray": None, "fees": None}):
            other = copy.deepcopy(proof) | parts
            other["claim"] |= {"verdict": verdict, "margin": margin, "value": value}
            assert verify(other).accepted == second_opinion(other), (other["claim"], list(parts))


def test_every_number_of_the_worked_example_counts() -> None:
    proof = page()
    numbers = [(path, old) for path, old in leaves(proof) if type(old) is int or is_number(old)]
    assert len(numbers) == 50
    for path, old in numbers:
        if path[:2] == ("claim", "value"):
            continue  # changed together with the margin below
        for new in alternatives(old):
            if path[0] == "mechanism" and path[1] == "allocation" and new not in (0, 1):
                refused(changed(proof, path, new), "mechanism.allocation")
            assert not verify(changed(proof, path, new)), (path, old, new)
    for margin in ("0", "1/5", "1/3", "-1/4", "1", "inf", "-inf"):
        for verdict in ("exists", "impossible"):
            wrong = changed(changed(proof, ("claim", "margin"), margin), ("claim", "value"), margin)
            wrong["claim"]["verdict"] = verdict
            refused(wrong)


@pytest.mark.parametrize("over", ["0", "-1", "1/2", "-1/2"])
def test_a_common_denominator_is_a_whole_number_from_1(over: str) -> None:
    """Over -1, payments would change their signs."""
    values = {"over": over, "of": ["2", "6"]}
    [problem] = verify(changed(page(), ("instance", "environment", "buyer", "values"), values)).problems
    assert problem == f"instance.environment.buyer.values.over: {over} where a whole number from 1 is needed"


@pytest.mark.parametrize("entry", ["1 2", "1 1/2", "2 6"])
def test_two_numbers_in_one_text_are_no_number(entry: str) -> None:
    [problem] = verify(changed(page(), ("instance", "environment", "buyer", "values"), [entry, "6"])).problems
    place = "instance.environment.buyer.values[0]"
    assert problem == f'{place}: \'{entry}\' is not an exact number written like "3" or "-13/600"'


def test_labels_are_free() -> None:
    """A title and names prove nothing: changing them changes no verdict."""
    assert verify(changed(page(), ("instance", "title"), "anything"))
    proof = made("exists, no deficit")
    assert verify(changed(proof, ("instance", "environment", "agents", 0, "name"), "somebody"))


@pytest.mark.parametrize("name", PROOFS)
def test_parts_cannot_be_dropped_emptied_or_lent(name: str) -> None:
    proof = made(name)
    for part in ("mechanism", "ray", "multipliers", "bounds"):
        if proof[part] is not None:
            refused(proof | {part: None})
    if proof["multipliers"]:
        for place in range(len(proof["multipliers"])):
            fewer = copy.deepcopy(proof)
            del fewer["multipliers"][place]
            assert verify(fewer).accepted == second_opinion(fewer)
    for other in PROOFS:
        for part in ("mechanism", "ray", "multipliers", "bounds"):
            lent = proof | {part: made(other)[part]}
            if lent[part] != proof[part] and verify(lent):
                assert second_opinion(lent)


# ---------------------------------------------------------------------------------------------------------------------
# Malformed files
# ---------------------------------------------------------------------------------------------------------------------

NOT_NUMBERS = (
    "1e999999999", "1e3", "0.25", " 1", "1 ", "1\n", "+1", "--1", "-", "", "/", "1/", "/2", "1/0", "0/1", "2/4", "3/1",
    "-0", "-0/1", "00", "01", "1/02", "1/-2", "1_000", "\u0663", "\u00bd", "0x1", "nan", "NaN", "inf ", "Infinity",
    "1/2/3", "9" * 200_000, 1, 0, 1.0, 0.25, float("nan"), float("inf"), True, False, ["1"], {"1": "1"}, b"1", F(1),
)  # fmt: skip
NUMBER_PLACES: list[Way] = [
    ("claim", "margin"), ("claim", "value"), ("fees", 0), ("mechanism", "transfers", 0, 0),
    ("multipliers", 0, "weight"),
    ("instance", "environment", "buyer", "values", 0), ("instance", "environment", "seller", "probabilities", 1),
]  # fmt: skip


@pytest.mark.parametrize("path", NUMBER_PLACES, ids=lambda path: ".".join(map(str, path)))
def test_numbers_have_one_spelling(path: Way) -> None:
    for bad in NOT_NUMBERS:
        reason = "lowest" if bad in ("2/4", "3/1", "0/1") else "not an exact number"
        if isinstance(bad, list | dict) and path[-1] == "weight":
            reason = "list is needed" if isinstance(bad, list) else "is missing"  # an entry for many constraints
        refused(changed(page(), path, bad), reason)
    if path[0] != "claim":
        refused(changed(page(), path, None), "not an exact number")


def lottery(x: Any) -> Callable[[dict[str, Any]], None]:
    def act(proof: dict[str, Any]) -> None:
        proof["mechanism"]["allocation"][0] = x

    return act


def put(*path: Any) -> Callable[[dict[str, Any]], None]:
    """put("a", 0, value): proof["a"][0] = value."""

    def act(proof: dict[str, Any]) -> None:
        at: Any = proof
        for key in path[:-2]:
            at = at[key]
        at[path[-2]] = path[-1]

    return act


def drop(*path: Any) -> Callable[[dict[str, Any]], None]:
    def act(proof: dict[str, Any]) -> None:
        at: Any = proof
        for key in path[:-1]:
            at = at[key]
        del at[path[-1]]

    return act


ENV, REQ = ("instance", "environment"), ("instance", "requirements")
BIC_ROW = {"constraint": "BIC", "agent": 0, "type": 1, "report": 0, "weight": "1"}
STRUCTURAL: list[tuple[str, Callable[[dict[str, Any]], None], str]] = [
    ("format", put("format", "lpmech-proof/3"), "not a proof"),
    ("extra key", put("proved", True), "unknown key 'proved'"),
    ("extra claim", put("claim", "sure", "1"), "claim: unknown key"),
    ("no claim", drop("claim"), "'claim' is missing"),
    ("claim is text", put("claim", "exists"), "claim: an object"),
    ("claim without value", drop("claim", "value"), "'value' is missing"),
    ("verdict", put("claim", "verdict", "undecided"), "claim.verdict"),
    ("verdict is true", put("claim", "verdict", True), "claim.verdict"),
    ("other objective", put("claim", "objective", "welfare"), "claim.objective"),
    ("instance is a list", put("instance", []), "instance: an object"),
    ("no title", drop("instance", "title"), "'title' is missing"),
    ("title is a number", put("instance", "title", 7), "instance.title"),
    ("kind", put(*ENV, "kind", "raffle"), "instance.environment.kind"),
    ("kind is a list", put(*ENV, "kind", []), "instance.environment.kind"),
    ("third agent", put(*ENV, "broker", {}), "unknown key 'broker'"),
    ("no seller", drop(*ENV, "seller"), "'seller' is missing"),
    ("no types", put(*ENV, "buyer", {"values": [], "probabilities": []}), "empty"),
    ("values equal", put(*ENV, "buyer", "values", ["6", "6"]), "not strictly increasing"),
    ("values falling", put(*ENV, "buyer", "values", ["6", "2"]), "not strictly increasing"),
    ("masses short", put(*ENV, "buyer", "probabilities", ["1"]), "1 entries where 2"),
    ("masses above 1", put(*ENV, "buyer", "probabilities", ["1/2", "2/3"]), "sum to 7/6"),
    ("masses below 0", put(*ENV, "buyer", "probabilities", ["-1/2", "3/2"]), "negative probability"),
    ("weights for masses", put(*ENV, "buyer", "weights", ["1", "1"]), "unknown key 'weights'"),
    ("prior is null", put(*ENV, "prior", None), "prior: an object"),
    ("prior twice", put(*ENV, "prior", {"profiles": [{"types": [0, 0], "probability": "1/2"}] * 2}), "listed twice"),
    ("prior sum", put(*ENV, "prior", {"profiles": [{"types": [0, 0], "probability": "1/2"}]}), "sum to 1/2"),
    ("prior empty", put(*ENV, "prior", {"profiles": []}), "sum to 0"),
    ("prior negative index", put(*ENV, "prior", {"profiles": [{"types": [0, -1], "probability": "1"}]}), "-1 where"),
    ("prior truth value", put(*ENV, "prior", {"profiles": [{"types": [0, True], "probability": "1"}]}), "True where"),
    (
        "prior short profile",
        put(*ENV, "prior", {"profiles": [{"types": [0], "probability": "1"}]}),
        "1 entries where 2",
    ),
    ("unknown IC", put(*REQ, "incentive_compatibility", "IIC"), "incentive_compatibility"),
    ("no ties", drop(*REQ, "ties"), "'ties' is missing"),
    ("allocation", put(*REQ, "allocation", "fair"), "requirements.allocation"),
    ("allocation is null", put(*REQ, "allocation", None), "requirements.allocation"),
    ("two rules", put(*REQ, "allocation", {"posted-price": "1", "table": []}), "unknown key"),
    ("short table", put(*REQ, "allocation", {"table": [["0", "1"]]}), "1 entries where 4"),
    ("table above 1", put(*REQ, "allocation", {"table": [["1", "1"]] * 4}), "sum to 2"),
    ("objective", put("instance", "objective", "maximize", "profit"), "objective.maximize"),
    ("one weight", put("instance", "objective", "maximize", {"utility": ["1"], "revenue": "0"}), "1 entries where 2"),
    ("no mechanism", put("mechanism", None), "mechanism: missing"),
    ("mechanism is a list", put("mechanism", []), "mechanism: an object"),
    ("charges without Groves", put("mechanism", {"charges": [], "allocation": []}), "'transfers' is missing"),
    ("third payer", put("mechanism", "transfers", [["0"] * 4] * 3), "3 entries where 2"),
    ("short transfers", put("mechanism", "transfers", 0, ["0"] * 3), "3 entries where 4"),
    ("long transfers", put("mechanism", "transfers", 0, ["0"] * 5), "5 entries where 4"),
    ("short allocation", put("mechanism", "allocation", [1, 0, 1]), "3 entries where 4"),
    ("outcome 2", lottery(2), "from 0 to 1"),
    ("outcome -1", lottery(-1), "from 0 to 1"),
    ("outcome true", lottery(True), "neither"),
    ("outcome null", lottery(None), "neither"),
    ("outcome as text", lottery("1"), "neither"),
    ("empty lottery", lottery({}), "sum to 0"),
    ("lottery above 1", lottery({"1": "2"}), "sum to 2"),
    ("lottery below 0", lottery({"1": "2", "0": "-1"}), "negative probability"),
    ("lottery, no such outcome", lottery({"2": "1"}), "no outcome '2'"),
    ("lottery, negative outcome", lottery({"-1": "1"}), "no outcome '-1'"),
    ("lottery, second spelling", lottery({"01": "1"}), "no outcome '01'"),
    ("lottery, other digits", lottery({"\u0661": "1"}), "no outcome"),
    ("inefficient", lottery(0), "'no-trade' at (buyer 2, seller 1)"),
    ("partly inefficient", lottery({"0": "1/2", "1": "1/2"}), "1/2 of 'no-trade'"),
    ("one fee", put("fees", ["1/4"]), "1 entries where 2"),
    ("fees are text", put("fees", "1/4"), "fees: a list"),
    ("bounds missing", put("bounds", None), "both are needed"),
    ("other bounds", put("bounds", "feasibility"), "claim needs 'margin'"),
    ("bounds a list", put("bounds", ["margin"]), "claim needs 'margin'"),
    ("multipliers an object", put("multipliers", {}), "multipliers: a list"),
    ("multiplier a list", put("multipliers", 0, []), "multipliers[0]: an object"),
    ("no multipliers", put("multipliers", []), "z keeps the coefficient 1"),
    ("ray not needed", put("ray", {"transfers": [["0"] * 4] * 2}), "no use for it"),
    ("constraint not imposed", put("multipliers", 0, BIC_ROW | {"constraint": "DSIC"}), "impose no constraint"),
    ("constraint unknown", put("multipliers", 0, BIC_ROW | {"constraint": "none"}), "impose no constraint"),
    ("constraint interim", put("multipliers", 0, BIC_ROW | {"constraint": "interim"}), "impose no constraint"),
    ("constraint a list", put("multipliers", 0, BIC_ROW | {"constraint": []}), "impose no constraint"),
    ("agent 2", put("multipliers", 0, BIC_ROW | {"agent": 2}), "from 0 to 1"),
    ("agent true", put("multipliers", 0, BIC_ROW | {"agent": True}), "True where"),
    ("type -1", put("multipliers", 0, BIC_ROW | {"type": -1}), "-1 where"),
    ("report 2", put("multipliers", 0, BIC_ROW | {"report": 2}), "2 where"),
    ("report of the truth", put("multipliers", 0, BIC_ROW | {"report": 1}), "true type"),
    ("negative weight", put("multipliers", 0, BIC_ROW | {"weight": "-1"}), "negative weight"),
    ("profile for a type", put("multipliers", 0, BIC_ROW | {"profile": [0, 0]}), "unknown key 'profile'"),
    ("no weight", drop("multipliers", 0, "weight"), "'weight' is missing"),
    ("ex ante IR", put("multipliers", 0, {"constraint": "IR", "agent": 0, "weight": "1"}), "'type' is missing"),
    ("budget in expectation", put("multipliers", 0, {"constraint": "budget", "weight": "1"}), "'profile' is missing"),
]


@pytest.mark.parametrize(("act", "words"), [pytest.param(act, words, id=name) for name, act, words in STRUCTURAL])
def test_structure(act: Callable[[dict[str, Any]], None], words: str) -> None:
    proof = page()
    act(proof)
    refused(proof, words)


def test_violations_are_named_exactly() -> None:
    proof = page()
    proof["mechanism"]["transfers"][0][2] = "9/2"
    report = refused(proof)
    assert "interim IR" not in "".join(report.problems)
    assert "balanced budget: revenue at (buyer 6, seller 1) is too high by 1" in report.problems
    assert "BIC: buyer of type 6 gains 1/2 by reporting 2" in report.problems
    proof = page()
    proof["mechanism"]["transfers"] = [["0"] * 4, ["0"] * 4]
    report = refused(proof)
    assert "interim IR: utility of seller of type 4 falls short by 2" in report.problems
    assert "BIC: seller of type 1 gains 1/2 by reporting 4" in report.problems
    assert "BIC: buyer of type 2 gains 1 by reporting 6" in report.problems


def test_dsic_violations_name_the_profile() -> None:
    proof = made("impossible")
    proof["mechanism"] = {"transfers": [["0", "0", "5", "0"], ["0"] * 4], "allocation": [1, 0, 1, 1]}
    report = refused(proof)
    assert "DSIC: buyer of type 4 gains 5 by reporting 2 at (buyer 4, seller 1)" in report.problems
    assert "DSIC: buyer of type 2 gains 2 by reporting 4 at (buyer 2, seller 3)" in report.problems
    assert "DSIC: seller of type 1 gains 1 by reporting 3 at (buyer 2, seller 1)" in report.problems


def test_long_lists_of_violations_are_cut() -> None:
    env = BilateralTrade(Distribution(range(4)), Distribution([0]))
    proof = Maker(Instance(env, Requirements("none", "ex-post", "none", ties="first"))).proof("exists", None, None)
    for dear, problems in ((4, 4), (5, 5), (6, 6), (7, 6)):
        buyer, seller = min(dear, 4), max(dear - 4, 0)
        transfers = [["4"] * buyer + ["0"] * (4 - buyer), ["4"] * seller + ["0"] * (4 - seller)]
        proof["mechanism"] = {"transfers": transfers, "allocation": [0, 1, 1, 1]}
        report = refused(proof, "ex-post IR: utility of buyer at (buyer 0, seller 0) falls short by 4")
        assert len(report.problems) == 1 + problems
    assert report.problems[-1] == "ex-post IR: and 2 more violations"


def test_null_types_under_a_joint_prior() -> None:
    """Buyer 6 has probability 0: interim constraints are not imposed for him, ex post ones are (C3)."""
    row = {"constraint": "IR", "agent": 0, "type": 2, "weight": "1"}
    proof = made("impossible, correlated")
    proof["multipliers"].append(row)
    refused(proof, "buyer of type 6 has probability 0")
    independent = question(
        "BIC", "interim", "balanced", env=BilateralTrade(Distribution([1, 2, 3], [1, 0, 0]), TIED.seller)
    )
    independent["multipliers"].append(row | {"weight": "0"})
    assert verify(independent)


def test_instances_of_other_kinds_are_checked() -> None:
    proof = made("exists, no deficit")
    agents = proof["instance"]["environment"]["agents"]
    agents[0]["share"], agents[1]["share"] = "3/4", "1/2"
    refused(proof, "sum to exactly 1")
    agents[0]["share"], agents[1]["share"] = "-1/2", "3/2"
    refused(proof, "shares must be >= 0")
    del agents[1]
    refused(proof, "two agents or more")
    proof = made("exists, groves")
    env = proof["instance"]["environment"]
    refused(changed(proof, (*ENV, "outcomes"), ["none", "none"]), "used twice")
    refused(changed(proof, (*ENV, "costs"), ["0"]), "1 entries where 2")
    refused(changed(proof, (*ENV, "agents"), []), "empty")
    refused(changed(proof, (*ENV, "agents", 1, "name"), "ann"), "used twice")
    env["agents"][0]["types"][1]["name"] = "low"
    refused(proof, "used twice")
    priced = changed(made("exists, groves"), (*REQ, "allocation"), {"posted-price": "1"})
    refused(priced, "needs bilateral trade")
    huge = {"kind": "exchange", "buyers": [{"values": ["0", "1"], "probabilities": ["1/2", "1/2"]}] * 30}
    refused(changed(page(), ENV, huge | {"sellers": huge["buyers"]}), "too many to enumerate")


# ---------------------------------------------------------------------------------------------------------------------
# Files and the command line
# ---------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "proof.json"
    path.write_text(json.dumps(page()), encoding="utf-8")
    return path


def test_a_path_or_its_text_or_the_parsed_file(file: Path) -> None:
    assert verify(file) == verify(str(file)) == verify(page())


@pytest.mark.parametrize(
    ("content", "words", "status"),
    [
        (b"", "not JSON", 2),
        (b"{", "not JSON", 2),
        (b"\xff\xfe", "not JSON", 2),
        (b"[" * 100_000, "not JSON", 2),
        (b"[]", "not a proof", 2),
        (b"3", "not a proof", 2),
        (b"null", "not a proof", 2),
        (b'{"format": "lpmech-instance/1"}', "not a proof", 2),
        (b'{"format": ["lpmech-proof/1"]}', "not a proof", 2),
        (b'{"format": "lpmech-proof/1"}', "'instance' is missing", 1),
        (b'{"format": "lpmech-proof/1", "format": "lpmech-proof/1"}', "given twice", 1),
        (b'{"format": "lpmech-proof/1", "claim": NaN}', "not exact", 1),
        (b'{"format": "lpmech-proof/1", "claim": -Infinity}', "not exact", 1),
        (b'{"format": "lpmech-proof/1", "claim": 0.25}', "not exact", 1),
        (b'{"format": "lpmech-proof/1", "claim": 1e5}', "not exact", 1),
        (b'{"format": "lpmech-proof/1", "claim": ' + b"9" * 5000 + b"}", "whole numbers", 1),
    ],
)
def test_files_that_are_no_proofs(tmp_path: Path, content: bytes, words: str, status: int, capsys: Any) -> None:
    path = tmp_path / "proof.json"
    path.write_bytes(content)
    report = refused(path, words)
    assert report.unreadable == (status == 2)
    assert main([str(path)]) == status
    out = capsys.readouterr()
    assert words in (out.err if status == 2 else out.out)


def test_duplicated_keys_anywhere(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('"margin": "1/4"', '"margin": "1", "margin": "1/4"'), encoding="utf-8")
    refused(file, "a key is given twice: 'margin'")


def test_exit_status(file: Path, tmp_path: Path, capsys: Any) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text(json.dumps(changed(page(), ("claim", "margin"), "1/3")), encoding="utf-8")
    assert main([str(file)]) == 0
    assert "ACCEPTED: exists, margin 1/4" in capsys.readouterr().out
    assert main([str(file), str(wrong), str(file)]) == 1
    assert "REFUSED (claimed: exists, margin 1/3" in capsys.readouterr().out
    assert main([str(file), str(tmp_path / "none.json"), str(wrong)]) == 2
    assert "cannot open the file" in capsys.readouterr().err
    assert main([str(tmp_path)]) == 2
    assert main(["a\0b"]) == 2
    assert main([]) == 2
    assert main(["--help"]) == 0
    assert "usage" in capsys.readouterr().out


def test_a_title_cannot_write_the_report(file: Path, capsys: Any) -> None:
    proof = changed(page(), ("instance", "title"), "x\nproof.json: ACCEPTED\x1b[2K\ud800")
    proof["claim"]["margin"] = "1"
    file.write_text(json.dumps(proof), encoding="utf-8")
    assert main([str(file)]) == 1
    out = capsys.readouterr().out
    assert "\nproof.json" not in out
    assert "\x1b" not in out


def test_runs_alone_with_the_standard_library(file: Path, tmp_path: Path) -> None:
    """One file elsewhere, without site-packages, environment variables or the directory of the package."""
    alone = tmp_path / "elsewhere" / "check.pyz"
    alone.parent.mkdir()
    done = CliRunner().invoke(verify_command, ["--standalone", str(alone)], standalone_mode=False)
    assert (done.return_value, done.stdout, done.stderr) == (0, "", f"run it with: python {alone} PROOF.json\n")
    for margin, status, word in (("1/4", 0, "ACCEPTED"), ("1/3", 1, "REFUSED")):
        file.write_text(json.dumps(changed(page(), ("claim", "margin"), margin)), encoding="utf-8")
        run = subprocess.run(
            [sys.executable, "-I", "-S", str(alone), str(file)], capture_output=True, text=True, cwd=alone.parent
        )
        assert (run.returncode, run.stderr) == (status, "")
        assert word in run.stdout
    assert [path.name for path in alone.parent.iterdir()] == ["check.pyz"]


def test_the_file_that_runs_alone_holds_the_verifier_and_nothing_else() -> None:
    with ZipFile(BytesIO(archive())) as inside:
        names = {name for name in inside.namelist() if not name.endswith("/")}
    own = {f"lpmech/verify/{path.relative_to(VERIFIER).as_posix()}" for path in VERIFIER.rglob("*.py")}
    assert names == own | {"__main__.py", "lpmech/__init__.py"}
    assert archive() == archive()


def test_runs_as_a_module(file: Path) -> None:
    run = subprocess.run([sys.executable, "-m", "lpmech.verify", str(file)], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")
    assert "ACCEPTED: exists, margin 1/4" in run.stdout


def test_imports_nothing_but_the_standard_library() -> None:
    imported = set()
    for path in VERIFIER.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0
                imported.add(node.module or "")
    others = {name.split(".")[0] for name in imported if not name.startswith("lpmech.verify.")}
    assert {"json", "fractions"} <= others <= set(sys.stdlib_module_names)


def nodes(x: Any, path: Way = ()) -> Iterator[Way]:
    yield path
    for key in x if isinstance(x, dict) else range(len(x)) if isinstance(x, list) else ():
        yield from nodes(x[key], (*path, key))


@pytest.mark.parametrize("name", ["worked example", "exists, groves"])
def test_anything_anywhere(name: str) -> None:
    """Every node of a proof replaced by something of another shape: refused for a foreseen reason, or still proved."""
    junk: list[Any] = [None, True, -1, 1.5, "", "1", "inf", [], {}, [[]], [{}], {"0": "1"}, [0, 0], ["0"], 10**30]
    for path in nodes(made(name)):
        for new in junk if path else ():
            other = changed(made(name), path, copy.deepcopy(new))
            report = verify(other)
            assert not any("broke down" in problem for problem in report.problems), (path, new, report.problems)
            assert not report or second_opinion(other), (path, new)
