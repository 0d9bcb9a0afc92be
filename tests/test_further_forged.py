"""Proofs about further requirements, changed anywhere and in any way: what is accepted is true, by brute force.

Numbers, words, keys, entries left out, doubled, exchanged, and parts put elsewhere or taken from other proofs.
LPMECH_FORGED=200 changes the proofs of so many questions (40 if not given).
"""

from __future__ import annotations

import copy
import json
import os
import random
from collections.abc import Iterator
from fractions import Fraction as F
from typing import Any

import pytest
from support.from_text import TooMany, answer, asked_in
from support.text_questions import Asking

import lpmech
from lpmech.verify import verify

Proof = dict[str, Any]
Way = tuple[Any, ...]
COUNT = int(os.environ.get("LPMECH_FORGED", "40"))
CHANGES = 60
"""Changed proofs of each question, half of them in what the proof shows."""
WORDS = [
    "DSIC", "BIC", "ex-post", "none", "interim", "ex-ante", "no-deficit", "balanced", "no-expected-deficit", "any",
    "first", "last", "uniform", "efficient", "free", "groves", "downward", "upward", "adjacent", "all", "margin",
    "welfare", "revenue", "agents-utility", "exists", "impossible", "requirements", "feasibility", "objective", "inf",
    "-inf", "profile", "prior", "IR", "budget", "linear", "payment at least", "payment at most", "no payments",
    "ex-post IC", "explicit", "social-choice", "auction", "partnership", "additive", "unit-demand",
]  # fmt: skip
KEYS = [
    "at-least", "at-most", "equal", "t", "u", "q", "type", "profile", "others", "within", "lotteries", "payments",
    "deviations", "linear", "budget-floor", "best", "ray", "mechanism", "shares", "z", "cases", "bounds", "prior",
]  # fmt: skip


def nodes(x: Any, way: Way = ()) -> Iterator[Way]:
    """Ways to everything in a proof but the whole."""
    for key, entry in x.items() if isinstance(x, dict) else enumerate(x) if isinstance(x, list) else ():
        yield (*way, key)
        yield from nodes(entry, (*way, key))


def at(x: Any, way: Way) -> Any:
    for key in way:
        x = x[key]
    return x


def other(x: Any, rng: random.Random, least: F) -> Any:
    """Something else that might stand in the place of a number, word, or nothing; numbers by ``least`` or more."""
    if isinstance(x, bool):
        return not x
    if isinstance(x, int):
        return rng.choice([x + 1, x - 1, 0, str(x)])
    if x is None:
        return rng.choice(["0", "inf", "-inf", "1"])
    try:
        number = F(x)
    except ValueError:
        return rng.choice([*WORDS, None])
    return str(rng.choice([number + 1, number - 1, -number, number / 2, number + least, number - least, F(0)]))


def change(proof: Proof, foreign: Proof, rng: random.Random, shown: bool) -> Proof | None:
    """The proof with one thing changed; ``shown``: in what shows the claim, not in the instance."""
    out = copy.deepcopy(proof)
    ways = [way for way in nodes(out) if way[0] != "format" and (way[0] != "instance" or not shown)]
    leaves = [way for way in ways if not isinstance(at(out, way), dict | list)]
    way = rng.choice(leaves if rng.random() < 0.5 else ways)
    holder, key, old = at(out, way[:-1]), way[-1], at(out, way)
    how = rng.choice(["put", "put", "put", "leave out", "double", "exchange", "move", "foreign", "rename", "add"])
    if how == "put" and not isinstance(old, dict | list):
        # what is claimed and asked moves by more than brute force leaves open
        holder[key] = other(old, rng, F(1, 1000 if way[0] in ("claim", "instance") else 10**9))
    elif how == "leave out":
        del holder[key]
    elif how == "double" and isinstance(holder, list):
        holder.insert(rng.randint(0, len(holder)), copy.deepcopy(old))
    elif how == "exchange" and isinstance(holder, list) and len(holder) > 1:
        k = rng.randrange(len(holder))
        holder[key], holder[k] = holder[k], holder[key]
    elif how == "move":
        alike = [w for w in ways if type(at(out, w)) is type(old) and w[: len(way)] != way and way[: len(w)] != w]
        if not alike:
            return None
        holder[key] = copy.deepcopy(at(out, rng.choice(alike)))
    elif how == "foreign":
        alike = [w for w in nodes(foreign) if w[-1] == key and type(at(foreign, w)) is type(old)]
        if not alike:
            return None
        holder[key] = copy.deepcopy(at(foreign, rng.choice(alike)))
    elif how == "rename" and isinstance(holder, dict):
        holder[rng.choice(KEYS)] = holder.pop(key)
    elif how == "add" and isinstance(holder, dict):
        holder[rng.choice(KEYS)] = copy.deepcopy(at(out, rng.choice(ways)))
    return out if out != proof else None


class Truth:
    """What brute force says of instances of proof files, remembered."""

    def __init__(self) -> None:
        self.known: dict[str, tuple[str, float | None]] = {}

    def wrong(self, proof: Proof) -> str:
        """What a claim says that is not so; nothing if it is all true."""
        instance, claim = proof["instance"], proof["claim"]
        asked = json.dumps({key: instance[key] for key in ("environment", "requirements", "objective")}, sort_keys=True)
        if asked not in self.known:
            self.known[asked] = answer(asked_in(instance))
        verdict, number = self.known[asked]
        on_margin = instance["objective"]["maximize"] == "margin"
        said = {"margin": claim["margin"] if on_margin else None, "value": claim["value"]}
        if claim["verdict"] != verdict:
            return f"{claim['verdict']}, by brute force {verdict}"
        if not on_margin and claim["margin"] is not None:
            return "a margin with another objective"
        for key, x in said.items():
            if x is None:
                continue
            exact = float(x) if x in ("inf", "-inf") else float(F(x))
            if number is None or not (exact == number or abs(exact - number) <= 1e-7 * max(1.0, abs(number))):
                return f"{key} {x}, by brute force {number}"
        return ""


def checked(proof: Proof) -> bool:
    report = verify(copy.deepcopy(proof))
    assert not any("broke down" in problem for problem in report.problems), str(report)
    return bool(report)


@pytest.mark.parametrize("block", range(COUNT // 10))
def test_what_is_accepted_is_true(block: int) -> None:
    rng, truth = random.Random(block), Truth()
    seeds = range(20_000 + 10 * block, 20_010 + 10 * block)
    proofs = [lpmech.solve(lpmech.loads(Asking(seed).text)).proof.table() for seed in seeds]
    proofs = [proof for proof in proofs if "arguments" in proof]
    tried = accepted = left_out = 0
    for proof in proofs:
        assert checked(proof)
        assert not truth.wrong(proof)
        for number in range(CHANGES):
            forged = change(proof, rng.choice(proofs), rng, number % 2 == 0)
            if forged is None:
                continue
            tried += 1
            if not checked(forged):
                continue
            accepted += 1
            try:
                assert not truth.wrong(forged), json.dumps(forged)
            except TooMany:
                left_out += 1
    assert tried > 20 * len(proofs)
    assert accepted < tried / 3
    assert left_out < 5
    with open(os.environ.get("LPMECH_FORGED_LOG", os.devnull), "a") as log:
        print(f"{block}: {tried} changed proofs, {accepted} accepted and true, {left_out} not decided", file=log)
