"""Compact proofs are accepted exactly if they are accepted when written out in full."""

from __future__ import annotations

import math
import operator
import random
from fractions import Fraction as F
from itertools import product
from typing import Any

import pytest
from support.expand import expand
from support.tampering import refuses

from lpmech.verify import Refusal, verify
from lpmech.verify.kernel.instance import CHOICES, Instance
from lpmech.verify.kernel.lagrangian import Lagrangian
from lpmech.verify.kernel.mechanism import Mechanism, read_allocation, read_money
from lpmech.verify.kernel.multipliers import read_multiplier
from lpmech.verify.shortcuts.taxation import TaxationLagrangian
from lpmech.verify.shortcuts.trade import Trade
from lpmech.verify.shortcuts.trade_lagrangian import CompactLagrangian
from lpmech.verify.shortcuts.trade_mechanism import CompactMechanism


def masses(rng: random.Random, n: int) -> list[str]:
    while True:
        weights = [rng.choice([0, 1, 1, 2, 3]) for _ in range(n)]
        if sum(weights):
            return [str(F(w, sum(weights))) for w in weights]


def side(rng: random.Random) -> dict[str, list[str]]:
    """1 to 5 types; half-integers, so that ties are common."""
    n = rng.choice([1, 2, 2, 3, 3, 4, 5])
    return {"values": [str(F(v, 2)) for v in sorted(rng.sample(range(n + 5), n))], "probabilities": masses(rng, n)}


def question(rng: random.Random) -> dict[str, Any]:
    need = {key: rng.choice(allowed) for key, allowed in CHOICES.items()}
    for key in ("individual_rationality", "budget"):  # so that the others are often all that counts
        need[key] = need[key] if rng.random() < 0.6 else "none"
    goal: Any = rng.choice(["margin", "margin", "welfare", "revenue", {"utility": ["1", "-1/2"], "revenue": "2"}])
    return {
        "title": "",
        "environment": {"kind": "bilateral-trade", "buyer": side(rng), "seller": side(rng)},
        "requirements": {"allocation": "efficient", **need},
        "objective": {"maximize": goal},
    }


def numbers(side: dict[str, list[str]]) -> list[F]:
    return [F(v) for v in side["values"]]


def mechanism(rng: random.Random, question: dict[str, Any]) -> dict[str, Any]:
    """Payments near those that satisfy the requirements, so that about half of the checks succeed."""
    env, need = question["environment"], question["requirements"]
    B, S = numbers(env["buyer"]), numbers(env["seller"])
    noise, base = rng.choice([[0], [0], [0] * 9 + [F(1, 2), F(-1, 2)]]), rng.choice([0, 0, 1, F(-1, 2), F(-3)])

    def near(x: F) -> str:
        return str(x + base + rng.choice(noise))

    word = need["ties"] if need["ties"] in {"first", "last"} and rng.random() < 0.8 else rng.choice(["first", "last"])
    last = word == "last"

    def trade(b: F, s: F) -> bool:
        return b > s or (last and b == s)

    if need["transfers"] == "groves":
        word = "uniform" if need["ties"] == "uniform" and rng.random() < 0.8 else word
        p = rng.choice(B + S)
        charges = [[near(max(p - s, F(0))) for s in S], [near(max(b - p, F(0))) for b in B]]
        return {"charges": charges, "allocation": word}
    high, low = max(B) + 1, min(S) - 1
    buys = [rng.choice([min, max])([b for b in B if trade(b, s)] or [high]) for s in S]
    sells = [rng.choice([max, min])([s for s in S if trade(b, s)] or [low]) for b in B]
    if rng.random() < 0.5:
        buys = [min([b for b in B if trade(b, s)] or [high]) for s in S]
        sells = [max([s for s in S if trade(b, s)] or [low]) for b in B]
    if rng.random() < 0.2:  # a price that some who do not trade would pay
        buys[rng.randrange(len(S))] = rng.choice(B)
        sells[rng.randrange(len(B))] = rng.choice(S)
    if rng.random() < 0.5:
        menu = {
            "buyer": {"no-trade": [near(F(0)) for _ in S], "trade": [near(p) for p in buys]},
            "seller": {"no-trade": [near(F(0)) for _ in B], "trade": [near(-p) for p in sells]},
        }
        return {"menu": menu, "allocation": word}
    m, n = ([F(p) for p in env[side]["probabilities"]] for side in ("buyer", "seller"))
    T = [
        [near(sum((q * p for q, p, s in zip(n, buys, S, strict=True) if trade(b, s)), F(0))) for b in B],
        [near(-sum((q * p for q, p, b in zip(m, sells, B, strict=True) if trade(b, s)), F(0))) for s in S],
    ]
    return {"interim": T, "allocation": word}


@pytest.mark.parametrize("part", range(20))
def test_mechanisms(part: int) -> None:
    met = [0, 0]
    for seed in range(100):
        rng = random.Random(f"{part} {seed}")
        asked = question(rng)
        compact, full = Trade(asked), Instance(asked)
        data = mechanism(rng, asked)
        z, fees = rng.choice([F(0), F(0), F(-1), F(1, 3)]), [rng.choice([F(0), F(0), F(1, 4)]) for _ in "BS"]
        written = expand({"instance": asked, "mechanism": data})["mechanism"]
        if compact.tied and compact.ties not in ("any", data["allocation"]):
            assert refuses(lambda: CompactMechanism(compact, data, [z, *fees]))  # noqa: B023
            assert refuses(lambda: read_allocation(full, written["allocation"]))  # noqa: B023
            continue
        mine = CompactMechanism(compact, data, [z, *fees])
        money = read_money(full, written, "mechanism", ["allocation"])
        theirs = Mechanism(full, money, read_allocation(full, written["allocation"]), [z, *fees])
        assert mine.objective() == theirs.objective()
        dominant = compact.ic == "DSIC" and "interim" in data
        incentives = not dominant
        if dominant:
            assert refuses(lambda: mine.check(z, fees))  # noqa: B023
        said = [refuses(lambda one=one: one.check(z, fees, incentives)) for one in (mine, theirs)]  # noqa: B023
        assert said[0] == said[1], (seed, asked, data, z, fees)
        met[said[0]] += 1
        if not said[0]:
            assert mine.check(z, fees, incentives) == theirs.check(z, fees, incentives)
    assert min(met) > 5


def shifted(rng: random.Random, asked: dict[str, Any], mass: list[list[F]], scale: int) -> list[dict[str, Any]]:
    """The average of the budget rows, with weight moved around four profiles: within trade, or within no trade, nobody's
    payments against a type, added up over his types with the same outcome, notice."""
    B, S = numbers(asked["environment"]["buyer"]), numbers(asked["environment"]["seller"])
    weights = {(b, s): scale * p * q for b, p in enumerate(mass[0]) for s, q in enumerate(mass[1])}
    if len(B) > 1 and len(S) > 1:
        b, s = rng.sample(range(len(B)), 2), rng.sample(range(len(S)), 2)
        epsilon = min(weights[b[0], s[0]], weights[b[1], s[1]]) or (1 if rng.random() < 0.1 else 0)
        for x, y in product(range(2), repeat=2):
            weights[b[x], s[y]] += epsilon * (1 if x != y else -1)
    return [{"constraint": "budget", "profile": list(at), "weight": str(w)} for at, w in weights.items()]


def in_columns(rng: random.Random, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same entries, those of one kind and agent sometimes brought together in one entry of lists."""
    kinds, out = dict[Any, list[dict[str, Any]]](), list[dict[str, Any]]()
    for entry in entries:
        kind = (entry["constraint"], entry.get("agent"), entry.get("profile") == "prior", "type" in entry)
        kinds.setdefault(kind, []).append(entry)
    for (constraint, _, averaged, _), group in kinds.items():
        listed = {"type", "report", "profile"} & set(group[0]) - ({"profile"} if averaged else set())
        if not listed or rng.random() < 0.3:
            out += group
            continue
        weights = [F(entry["weight"]) for entry in group]
        over = math.lcm(*(w.denominator for w in weights)) * rng.choice([1, 2])
        either = [{"over": str(over), "of": [str(w * over) for w in weights]}, [str(w) for w in weights]]
        one = {key: x for key, x in group[0].items() if key in {"constraint", "agent", "profile"}}
        one |= {key: [entry[key] for entry in group] for key in listed} | {"weight": rng.choice(either)}
        if "profile" in listed:
            one["profile"] = [list(types) for types in zip(*(entry["profile"] for entry in group), strict=True)]
        assert one["constraint"] == constraint
        out.append(one)
    return out


def multipliers(rng: random.Random, asked: dict[str, Any]) -> list[dict[str, Any]]:
    """Weights under which the payments often vanish: chains to the worst types, cycles, and averages written out."""
    need, env = asked["requirements"], asked["environment"]
    mass = [[F(p) for p in env[side]["probabilities"]] for side in ("buyer", "seller")]
    sizes = [len(m) for m in mass]
    ic, ir, budget = (need[key] for key in ("incentive_compatibility", "individual_rationality", "budget"))
    out: list[dict[str, Any]] = []
    scale = rng.choice([1, 1, 2]) if budget == "none" or asked["objective"]["maximize"] != "margin" else 1
    prior = {"profile": "prior"}

    def incentive(i: int, k: int, r: int, w: F) -> None:
        if ic != "none" and w:
            more = prior if ic == "DSIC" else {}
            out.append({"constraint": ic, "agent": i, "type": k, "report": r, **more, "weight": str(w)})

    def participation(i: int, k: int, w: F) -> None:
        if ir in {"interim", "ex-post"} and w:
            more = prior if ir == "ex-post" else {}
            out.append({"constraint": "IR", "agent": i, "type": k, **more, "weight": str(w)})

    cycles = rng.random() < 0.25  # these alone
    for i, n in enumerate(sizes):
        worst = 0 if i == 0 else n - 1
        step = 1 if i == 0 else -1
        order = list(range(worst, n if i == 0 else -1, step))
        if cycles:
            pass
        elif ir == "ex-ante":
            out.append({"constraint": "IR", "agent": i, "weight": str(scale)})
        elif ir != "none" and ic != "none" and rng.random() < 0.7:
            tail = F(scale)
            participation(i, worst, tail)
            for k, r in zip(order[1:], order, strict=False):
                tail -= scale * mass[i][r]
                incentive(i, k, r, tail)
        elif ir != "none":
            for k, m in enumerate(mass[i]):
                participation(i, k, m * scale)
        if n > 1 and rng.random() < 0.5:
            k, r = rng.sample(range(n), 2)
            w = F(rng.randint(1, 3), rng.randint(1, 3))
            incentive(i, k, r, w)
            incentive(i, r, k, w)
            if ic == "DSIC":
                o = rng.randrange(sizes[1 - i])
                for a, b in ((k, r), (r, k)):
                    profile = [a, o] if i == 0 else [o, a]
                    out.append({"constraint": "DSIC", "agent": i, "profile": profile, "report": b, "weight": str(w)})
    if cycles:
        pass
    elif budget == "no-expected-deficit":
        out.append({"constraint": "budget", "weight": str(scale)})
    elif budget != "none" and ic == "DSIC" and rng.random() < 0.5:
        out += shifted(rng, asked, mass, scale)
    elif budget != "none" and rng.random() < 0.7:
        out.append({"constraint": "budget", **prior, "weight": str(scale)})
    elif budget != "none":  # the antitone coupling
        left, right, b, s = mass[0].copy(), mass[1].copy(), 0, sizes[1] - 1
        while b < sizes[0] and s >= 0:
            w = min(left[b], right[s])
            left[b], right[s] = left[b] - w, right[s] - w
            if w:
                out.append({"constraint": "budget", "profile": [b, s], "weight": str(w * scale)})
            b, s = b + (not left[b]), s - (not right[s])
    if out and rng.random() < 0.25:
        entry = rng.choice(out)
        entry["weight"] = str(F(entry["weight"]) + rng.choice([1, F(1, 7)]))
    if out and rng.random() < 0.5:  # some averages written out
        chosen = [rng.random() < 0.5 for _ in out]
        groups = [
            expand({"instance": asked, "multipliers": [e]})["multipliers"] if c else [e]
            for e, c in zip(out, chosen, strict=True)
        ]
        out = [entry for group in groups for entry in group]
        if rng.random() < 0.3:
            out.pop(rng.randrange(len(out)))
    return out


def in_full(asked: dict[str, Any]) -> type[Lagrangian]:
    """How multipliers that are written out are added up: by taxation with DSIC."""
    need = asked["requirements"]
    taxed = need["incentive_compatibility"] == "DSIC" and need["transfers"] == "any"
    return TaxationLagrangian if taxed else Lagrangian


def shown(instance: Instance, kind: type[Lagrangian], entries: list[dict[str, Any]], bounds: str) -> F | None:
    try:
        return kind(instance, [read_multiplier(instance, e, "m") for e in entries], bounds).bound()
    except Refusal:
        return None


@pytest.mark.parametrize("part", range(20))
def test_multipliers(part: int) -> None:
    found = [0, 0]
    for seed in range(100):
        rng = random.Random(f"{part} {seed}")
        asked = question(rng)
        entries = multipliers(rng, asked)
        goal = (
            "margin" if asked["objective"]["maximize"] == "margin" else rng.choice(["objective", "objective", "margin"])
        )
        bounds = rng.choice([goal, goal, goal, "feasibility"])
        if all(entry["constraint"] in {"BIC", "DSIC"} for entry in entries):
            bounds = "feasibility"
        mine = shown(Trade(asked), CompactLagrangian, in_columns(rng, entries), bounds)
        written = expand({"instance": asked, "multipliers": entries})["multipliers"]
        theirs = shown(Instance(asked), in_full(asked), written, bounds)
        assert mine == theirs, (seed, asked, entries, bounds)
        found[mine is not None] += 1
    assert min(found) > 5


# ---- free allocation -----------------------------------------------------------------------------------------------------


def freely(rng: random.Random) -> dict[str, Any]:
    """A question whose allocation is free."""
    asked = question(rng)
    asked["requirements"] |= {"allocation": "free", "transfers": "any"}
    return asked


def cuts(rng: random.Random, asked: dict[str, Any]) -> dict[str, Any]:
    """Buyers trade more the higher their value; the interim payments are near those that leave no type a rent to spare."""
    env = asked["environment"]
    B, S = numbers(env["buyer"]), numbers(env["seller"])
    m, n = ([F(p) for p in env[side]["probabilities"]] for side in ("buyer", "seller"))
    rows = [sorted(rng.choices(range(len(S) + 1), k=len(B))) for _ in range(2)]
    low, high = ([pick(pair) for pair in zip(*rows, strict=True)] for pick in (min, max))
    weight = rng.choice([F(0), F(1), F(1, 2), F(1, 3)])
    chance = [[weight if low[b] <= s < high[b] else F(s < low[b]) for s in range(len(S))] for b in range(len(B))]
    X = [sum(map(operator.mul, row, n), F(0)) for row in chance]
    Y = [sum(map(operator.mul, row, m), F(0)) for row in zip(*chance, strict=True)]
    T, U, lump = [B[0] * X[0]], [-S[-1] * Y[-1]], rng.choice([0, 0, F(-1, 4), F(1, 4), -1])
    for k in range(1, len(B)):
        T.append(T[-1] + rng.choice([B[k], B[k], B[k - 1]]) * (X[k] - X[k - 1]))
    for k in range(len(S) - 2, -1, -1):
        U.insert(0, U[0] - rng.choice([S[k], S[k], S[k + 1]]) * (Y[k] - Y[k + 1]))
    if rng.random() < 0.2:
        T[rng.randrange(len(T))] += rng.choice([F(1, 2), F(-1, 2)])
    interim = [[str(t + lump) for t in row] for row in (T, U)]
    return {"interim": interim, "allocation": {"cuts": [low, high], "weight": str(weight)}}


@pytest.mark.parametrize("part", range(10))
def test_cuts(part: int) -> None:
    met = [0, 0]
    for seed in range(100):
        rng = random.Random(f"cuts {part} {seed}")
        asked = freely(rng)
        asked["requirements"]["incentive_compatibility"] = rng.choice(["BIC", "BIC", "none"])
        compact, full, data = Trade(asked), Instance(asked), cuts(rng, asked)
        z, fees = rng.choice([F(0), F(0), F(-1), F(1, 3)]), [rng.choice([F(0), F(0), F(1, 4)]) for _ in "BS"]
        if compact.ir == "ex-post":
            assert refuses(lambda: CompactMechanism(compact, data, [z, *fees]))  # noqa: B023
            continue
        written = expand({"instance": asked, "mechanism": data})["mechanism"]
        mine = CompactMechanism(compact, data, [z, *fees])
        money = read_money(full, written, "mechanism", ["allocation"])
        theirs = Mechanism(full, money, read_allocation(full, written["allocation"]), [z, *fees])
        assert mine.objective() == theirs.objective()
        said = [refuses(lambda one=one: one.check(z, fees)) for one in (mine, theirs)]  # noqa: B023
        assert said[0] == said[1], (seed, asked, data, z, fees)
        met[said[0]] += 1
        if not said[0]:
            assert mine.check(z, fees) == theirs.check(z, fees)
    assert min(met) > 5


@pytest.mark.parametrize("change", [
    {"cuts": [[1, 0], [1, 1]]}, {"cuts": [[0, 1], [1, 0]]}, {"cuts": [[1, 1], [0, 1]]}, {"cuts": [[0, 3], [0, 3]]},
    {"cuts": [[0, -1], [0, 1]]}, {"cuts": [[0], [0, 1]]}, {"cuts": [[0, 1]]}, {"weight": "3/2"}, {"weight": "-1/2"},
    {"weight": 1}, {"more": 1}, {"cuts": [[True, 1], [1, 1]]},
])  # fmt: skip
def test_cuts_that_are_none(change: dict[str, Any]) -> None:
    asked = example()["instance"]
    asked["requirements"]["allocation"] = "free"
    good = {"cuts": [[0, 1], [1, 2]], "weight": "1/2"}
    data = {"interim": [["0", "0"], ["0", "0"]], "allocation": good}
    CompactMechanism(Trade(asked), data, [])
    assert refuses(lambda: CompactMechanism(Trade(asked), data | {"allocation": good | change}, []))
    asked["requirements"]["allocation"] = "efficient"
    assert refuses(lambda: CompactMechanism(Trade(asked), data, []))


@pytest.mark.parametrize("part", range(10))
def test_bounds_over_all_allocations(part: int) -> None:
    found = [0, 0]
    for seed in range(100):
        rng = random.Random(f"free {part} {seed}")
        asked = freely(rng)
        entries = multipliers(rng, asked)
        bounds = "margin" if asked["objective"]["maximize"] == "margin" else "objective"
        if all(entry["constraint"] in {"BIC", "DSIC"} for entry in entries):
            bounds = "feasibility"
        mine = shown(Trade(asked), CompactLagrangian, in_columns(rng, entries), bounds)
        written = expand({"instance": asked, "multipliers": entries})["multipliers"]
        assert mine == shown(Instance(asked), in_full(asked), written, bounds), (seed, asked, entries, bounds)
        found[mine is not None] += 1
    assert min(found) > 5


# ---- whole proofs --------------------------------------------------------------------------------------------------------


def example() -> dict[str, Any]:
    """The worked example of docs/proof-format.md, in a compact form."""
    sides = {"buyer": ["2", "6"], "seller": ["1", "4"]}
    env = {side: {"values": values, "probabilities": ["1/2", "1/2"]} for side, values in sides.items()}
    need = {
        "allocation": "efficient", "ties": "any", "transfers": "any", "incentive_compatibility": "BIC",
        "individual_rationality": "interim", "budget": "balanced",
    }  # fmt: skip
    return {
        "format": "lpmech-proof/1",
        "instance": {
            "title": "",
            "environment": {"kind": "bilateral-trade", **env},
            "requirements": need,
            "objective": {"maximize": "margin"},
        },
        "claim": {"verdict": "exists", "objective": "margin", "margin": "1/4", "value": "1/4"},
        "mechanism": {"interim": [["7/8", "31/8"], ["-21/8", "-17/8"]], "allocation": "first"},
        "fees": ["1/8", "1/8"],
        "multipliers": [
            {"constraint": "BIC", "agent": 0, "type": 1, "report": 0, "weight": "1/2"},
            {"constraint": "BIC", "agent": 1, "type": 0, "report": 1, "weight": "1/2"},
            {"constraint": "IR", "agent": 0, "type": 0, "weight": "1"},
            {"constraint": "IR", "agent": 1, "type": 1, "weight": "1"},
            {"constraint": "budget", "profile": "prior", "weight": "1"},
        ],
        "bounds": "margin",
    }


def test_the_worked_example() -> None:
    report = verify(example())
    assert report, str(report)
    assert "multipliers on 5 constraints or averages show margin <= 1/4" in report.checks
    assert "4 BIC and 4 interim IR and 4 balanced budget constraints" in "\n".join(report.checks)
    assert verify(expand(example()))


def test_another_objective() -> None:
    """The largest revenue is that of VCG': same multipliers without a budget."""
    proof = example()
    proof["instance"]["requirements"] |= {"incentive_compatibility": "DSIC", "budget": "none"}
    proof["instance"]["objective"] = {"maximize": "revenue"}
    proof["claim"] = {"verdict": "exists", "objective": "revenue", "margin": None, "value": "1/4"}
    buyer, seller = (
        {"no-trade": ["0", "0"], "trade": ["2", "6"]},
        {"no-trade": ["0", "0"], "trade": ["-1", "-4"]},
    )
    proof["mechanism"] = {"menu": {"buyer": buyer, "seller": seller}, "allocation": "last"}
    proof |= {"fees": None, "bounds": "objective"}
    proof["multipliers"].pop()
    for entry in proof["multipliers"][:2]:
        entry |= {"constraint": "DSIC", "profile": "prior"}
    for written in (proof, expand(proof)):
        report = verify(written)
        assert report, str(report)
    proof["claim"]["value"] = "1/2"
    assert not verify(proof)
    proof["mechanism"]["menu"]["seller"]["trade"] = ["-5", "-4"]
    place = "at (buyer 2, seller 4)"
    assert f"DSIC: seller of type 4 gains 1 by reporting 1 {place}" in str(verify(proof))
    assert f"DSIC: seller of type 4 gains 1 by reporting 1 {place}" in str(verify(expand(proof)))


def refused(words: str, change: Any) -> None:
    proof = example()
    change(proof)
    report = verify(proof)
    assert not report
    assert any(words in problem for problem in report.problems), str(report)
    assert not any("broke down" in problem for problem in report.problems), str(report)


def test_refusals_say_why() -> None:
    def instance(key: str, **more: Any) -> Any:
        return lambda proof: proof["instance"][key].update(more)

    def mechanism(**more: Any) -> Any:
        return lambda proof: proof["mechanism"].update(more)

    def put(**more: Any) -> Any:
        return lambda proof: proof.update(more)

    def multiplier(n: int, **more: Any) -> Any:
        return lambda proof: proof["multipliers"][n].update(more)

    full = {"transfers": [["0"] * 4] * 2, "allocation": [0, 0, 1, 1]}
    refused("bilateral trade with independent types", instance("environment", prior={"profiles": []}))
    refused("bilateral trade with independent types", instance("environment", kind="partnership"))
    refused("one of efficient, free", instance("requirements", allocation={"posted-price": "1"}))
    refused("show margin <= 5/4, not <= 1/4", instance("requirements", allocation="free"))
    refused("'interim' is missing", put(mechanism=full))
    refused("one of first, last", mechanism(allocation="uniform"))
    refused('"interim" cannot show DSIC', instance("requirements", incentive_compatibility="DSIC"))
    refused("unknown key 'interim'", mechanism(menu={}))
    refused("2 are needed", mechanism(interim=[["0", "0", "0"], ["0", "0"]]))
    refused("2 are needed", mechanism(interim=[["0", "0"]]))
    refused("no compact form", lambda proof: proof["claim"].update(margin="inf", value="inf") or put(ray={})(proof))
    refused("gains 1/2 by reporting 2", mechanism(interim=[["7/8", "35/8"], ["-21/8", "-17/8"]]))
    refused("utility of seller of type 1 falls short by 3/8", mechanism(interim=[["7/8", "31/8"], ["-5/8", "-1/8"]]))
    refused("is too high by 1/2", mechanism(interim=[["11/8", "35/8"], ["-21/8", "-17/8"]]))
    refused("unknown key 'profile'", multiplier(0, profile="prior"))
    refused("negative weight", multiplier(0, weight="-1/2"))
    refused("keeps the coefficient", multiplier(4, weight="2"))
    refused("keeps the coefficient", multiplier(4, profile=[0, 0]))


def test_constraints_at_types_of_probability_0_cover_nothing() -> None:
    """Cancelling weights at a profile of mass 0 do not hide that payments at the others do not vanish."""
    proof = example()
    proof["instance"]["requirements"] |= {
        "incentive_compatibility": "DSIC", "individual_rationality": "ex-post", "budget": "none"
    }  # fmt: skip
    proof["instance"]["environment"]["seller"]["probabilities"] = ["0", "1"]
    entries: list[dict[str, Any]] = [
        {"constraint": "IR", "agent": 0, "type": 0, "profile": "prior", "weight": "1"},
        {"constraint": "DSIC", "agent": 0, "profile": [0, 0], "report": 1, "weight": "1"},
        {"constraint": "DSIC", "agent": 0, "profile": [1, 0], "report": 0, "weight": "1"},
    ]
    asked = proof["instance"]
    assert shown(Trade(asked), CompactLagrangian, entries, "margin") is None
    written = expand({"instance": asked, "multipliers": entries})["multipliers"]
    assert shown(Instance(asked), in_full(asked), written, "margin") is None


def test_sizes_beyond_enumeration() -> None:
    """4,000 x 4,000 types: without trade, nobody pays."""
    proof, n = example(), 4000
    for side, low in (("buyer", 0), ("seller", n)):
        values = [str(low + k) for k in range(n)]
        proof["instance"]["environment"][side] = {"values": values, "probabilities": ["1", *["0"] * (n - 1)]}
    proof["mechanism"] = {"interim": [["0"] * n, ["0"] * n], "allocation": "first"}
    proof["claim"] = {"verdict": "exists", "objective": "margin", "margin": None, "value": None}
    proof |= {"fees": None, "multipliers": None, "bounds": None}
    assert verify(proof), str(verify(proof))
