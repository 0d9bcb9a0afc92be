"""Random questions of every kind with every key of further requirements, answered from their texts alone by brute force.

LPMECH_TEXTS=5000 asks more of them (300 if not given); seeds are fixed, and LPMECH_TEXTS_FROM says where they begin.
"""

from __future__ import annotations

import math
import os
import tomllib

import pytest
from support.from_text import answer, asked_in
from support.text_questions import Asking

import lpmech

BLOCK = 20
COUNT, START = int(os.environ.get("LPMECH_TEXTS", "300")), int(os.environ.get("LPMECH_TEXTS_FROM", "0"))


def same(exact: object, number: float | None) -> bool:
    """Equal, infinities and nothing told apart; to 1e-7, the accuracy of the doubles."""
    if exact is None or number is None:
        return exact is None and number is None
    x = float(exact)  # type: ignore[arg-type]
    return x == number if math.isinf(x) or math.isinf(number) else abs(x - number) <= 1e-7 * max(1.0, abs(number))


@pytest.mark.parametrize("block", range(COUNT // BLOCK))
def test_answers_are_those_of_brute_force(block: int) -> None:
    for seed in range(START + BLOCK * block, START + BLOCK * (block + 1)):
        text = Asking(seed).text
        doc = tomllib.loads(text)
        result = lpmech.solve(lpmech.loads(text))
        verdict, number = answer(doc)
        assert result.proved, f"seed {seed}: {result.reason}\n{text}"
        assert result.verdict == verdict, f"seed {seed}: {result.verdict}, by brute force {verdict}\n{text}"
        exact = result.margin if doc["objective"]["maximize"] == "margin" else result.value
        assert same(exact, number), f"seed {seed}: {exact}, by brute force {number}\n{text}"


def test_the_questions_are_of_all_sorts() -> None:
    """Every kind, notion, key and sort of answer is among them."""
    seen: set[object] = set()
    for seed in range(300):
        doc = tomllib.loads(Asking(seed).text)
        env, need = doc["environment"], doc["requirements"]
        seen |= {env["kind"], str(doc["objective"]["maximize"])[:9], need["budget"], *need}
        seen |= {word for key in ("incentive_compatibility", "individual_rationality") for word in words(need[key])}
        seen |= {
            need.get("ties"),
            need.get("deviations"),
            str(need["allocation"])[:8],
            "prior" in env and "joint prior",
        }
        seen |= {rule["at"] if rule["at"] in ("profile", "prior") else "agent" for rule in need.get("linear", [])}
        seen |= {
            word
            for word in ("worth", "others", "free", "components", "types", "none")
            if f'"{word}' in str(doc).replace("'", '"')
        }
    assert seen >= {
        "bilateral-trade", "exchange", "partnership", "social-choice", "auction", "joint prior", "worth", "others",
        "free", "components", "types", "BIC", "DSIC", "ex-post", "interim", "ex-ante", "none", "no-deficit", "balanced",
        "no-expected-deficit", "margin", "welfare", "revenue", "agents-ut", "{'utility", "uniform", "first", "last",
        "downward", "upward", "adjacent", "payments", "lotteries", "budget-floor", "linear", "transfers", "efficien",
        "{'posted", "{'table'", "profile", "prior", "agent",
    }  # fmt: skip


def words(said: object) -> list[object]:
    return list(said.values()) if isinstance(said, dict) else [said]


def test_proofs_restate_the_question() -> None:
    """Brute force gives the same answer to the instance in the proof as to the file."""
    for seed in range(10_000, 10_040):
        text = Asking(seed).text
        proof = lpmech.solve(lpmech.loads(text)).proof.table()
        (verdict, number), (again, restated) = answer(tomllib.loads(text)), answer(asked_in(proof["instance"]))
        assert verdict == again, f"seed {seed}\n{text}"
        assert same(restated, number), f"seed {seed}: {number}, restated {restated}\n{text}"


SINGLE = """format = "lpmech-instance/1"
[environment]
kind = "social-choice"
outcomes = ["a", "b"]
agents = [ { name = "ann", values = [0, 1, 2], weights = [1, 1, 1], utility = { a = "0", b = "(own - 1)^2" } } ]
[requirements]
incentive_compatibility = "DSIC"
individual_rationality = "ex-post"
budget = "none"
allocation = { table = [[0, 1], [1, 0], ["1/2", "1/2"]] }
payments = { at-most = "1/2" }
deviations = "DEVIATIONS"
[objective]
maximize = "revenue"
"""
REVENUES = [("all", "1/6"), ("adjacent", "1/3"), ("upward", "1/3"), ("downward", "1/6")]


@pytest.mark.parametrize(("deviations", "revenue"), REVENUES)
def test_neighbours_do_not_stand_for_all(deviations: str, revenue: str) -> None:
    """Types 0 and 2 are alike; where 2 may say 0, who has all of b for 1/2, it pays 0 for half of b, and else 1/2."""
    text = SINGLE.replace("DEVIATIONS", deviations)
    result = lpmech.solve(lpmech.loads(text))
    assert str(result.value) == revenue
    assert same(result.value, answer(tomllib.loads(text))[1])


NULL = """format = "lpmech-instance/1"
[environment]
kind = "bilateral-trade"
buyer = { values = [1, 2] }
seller = { values = [0] }
prior = { profiles = [ { types = [1, 0], probability = 1 } ] }
[requirements]
incentive_compatibility = "BIC"
individual_rationality = "interim"
budget = "no-deficit"
linear = [ { of = "q[trade]", at = "AT", at-least = "1/2" }, { of = "q[trade]", where = { buyer = ["1"] }, equal = 0 } ]
allocation = "free"
"""


@pytest.mark.parametrize(("at", "verdict"), [("buyer", "exists"), ("prior", "exists"), ("profile", "impossible")])
def test_a_type_without_beliefs_has_no_row(at: str, verdict: str) -> None:
    """Buyer 1 has probability 0 and never trades: he does not count in expectation, but at his profile."""
    text = NULL.replace("AT", at)
    assert lpmech.solve(lpmech.loads(text)).verdict == verdict
    assert answer(tomllib.loads(text))[0] == verdict
