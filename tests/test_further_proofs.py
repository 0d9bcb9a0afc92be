"""Changed proofs about further requirements: none is accepted whose claim is wrong."""

from __future__ import annotations

import copy
import math
import os
import random
from fractions import Fraction as F
from typing import Any

import pytest
from support.brute import Question, decide
from support.further_questions import Draw
from support.tampering import changed, leaves, others

import lpmech
from lpmech.verify import verify

DRAWN = int(os.environ.get("LPMECH_TAMPER", "40"))
"""Questions whose proofs are changed, each in some 25 places."""


def asked(instance: dict[str, Any]) -> Question | None:
    """The question of a proof whose instance is explicit, for brute force; None for other kinds."""
    env, need = instance["environment"], instance["requirements"]
    if env["kind"] != "explicit" or need["allocation"] not in ("efficient", "free") or need["ties"] == "uniform":
        return None
    agents, sizes = env["agents"], [len(agent["types"]) for agent in env["agents"]]
    strides = [math.prod(sizes[i + 1 :]) for i in range(len(sizes))]

    def at(theta: tuple[int, ...]) -> int:
        return sum(k * s for k, s in zip(theta, strides, strict=True))

    prior = {tuple(e["types"]): F(e["probability"]) for e in env.get("prior", {}).get("profiles", ())}
    own = [[F(p) for p in agent.get("probabilities", ())] for agent in agents]
    mass = prior
    if not prior:
        from itertools import product

        mass = {
            theta: math.prod((own[i][k] for i, k in enumerate(theta)), start=F(1))
            for theta in product(*map(range, sizes))
        }

    def by_agent(words: Any) -> list[str]:
        return words if isinstance(words, list) else [words] * len(agents)

    rules = []
    for rule in need.get("linear", ()):
        compared = next(key for key in ("at-least", "at-most", "equal") if key in rule)
        form = {k: {int(n): F(c) for n, c in x.items()} if isinstance(x, dict) else F(x) for k, x in rule["of"].items()}
        where = dict(enumerate(rule.get("within", ())))
        rules.append({**form, "at": rule["at"], "compared": compared, "bound": F(rule[compared]), "where": where})
    payments = []
    for one in need.get("payments", ()):
        payments.append({"equal": F(0)} if one == "none" else {} if one == "any" else {k: F(x) for k, x in one.items()})
    goal = instance["objective"]["maximize"]
    named = {"margin": None, "welfare": (1, 1), "revenue": (0, 1), "agents-utility": (1, 0)}[goal]
    return Question(
        sizes,
        len(env["outcomes"]),
        lambda i, x, theta: F(agents[i]["values"][at(theta)][x]),
        lambda i, theta: F(agents[i]["outside"][at(theta)]),
        [F(c) for c in env["costs"]],
        mass,
        None if prior else own,
        by_agent(need["incentive_compatibility"]),
        by_agent(need["individual_rationality"]),
        need["budget"],
        need["allocation"],
        need["ties"],
        need.get("deviations", "all"),
        payments,
        need.get("lotteries", True),
        F(need.get("budget-floor", "0")),
        rules,
        env["free-shares"],
        need["transfers"] == "groves",
        True,
        None if named is None else ([F(named[0])] * len(agents), F(named[1])),
    )


def true(claim: dict[str, Any], verdict: str, number: float | None) -> bool:
    """Whether a claim says nothing wrong."""
    said = claim["value"] if claim["value"] is not None else claim["margin"]
    if claim["verdict"] != verdict:
        return False
    if said is None or number is None:
        return said is None or claim["objective"] == "margin"
    exact = float(said) if said in ("inf", "-inf") else float(F(said))
    return exact == number if math.isinf(exact) else math.isclose(exact, number, abs_tol=1e-6)


@pytest.mark.parametrize("block", range(DRAWN // 10))
def test_no_changed_proof_of_a_wrong_claim_is_accepted(block: int) -> None:
    rng, tried, accepted = random.Random(block), 0, 0
    for seed in range(2000 + 10 * block, 2010 + 10 * block):
        text, question = Draw(seed).question()
        result = lpmech.solve(lpmech.loads(text))
        proof = result.proof.table()
        if "arguments" not in proof:
            continue
        right = decide(question)
        places = [(path, old) for path, old in leaves(proof) if old is not None and path[0] != "format"]
        for path, old in rng.sample(places, min(25, len(places))):
            explicit = proof["instance"]["environment"]["kind"] == "explicit"
            if path[0] == "instance" and not explicit:
                continue
            for other in others(old, rng) if not isinstance(old, bool) else [not old]:
                tampered = changed(proof, path, other)
                tried += 1
                report = verify(copy.deepcopy(tampered))
                assert not any("broke down" in problem for problem in report.problems), (seed, path, other, str(report))
                if not report:
                    continue
                accepted += 1
                if path[0] == "instance":
                    changed_question = asked(tampered["instance"])
                    if changed_question is None:
                        continue
                    verdict, number = decide(changed_question)
                else:
                    verdict, number = right
                assert true(tampered["claim"], verdict, number), (seed, path, old, other, verdict, number)
    assert tried > 100
    assert accepted < tried / 2


def test_parts_of_other_proofs_show_nothing() -> None:
    """Arguments, mechanisms and rays exchanged between proofs of different questions."""
    proofs = []
    for seed in range(3000, 3040):
        text, _ = Draw(seed).question()
        proof = lpmech.solve(lpmech.loads(text)).proof.table()
        if "arguments" in proof:
            proofs.append(proof)
    rng = random.Random(0)
    for _ in range(300):
        mine, theirs = rng.sample(proofs, 2)
        part = rng.choice(["arguments", "mechanism", "best", "ray"])
        if mine[part] == theirs[part]:
            continue
        mixed = {**mine, part: theirs[part]}
        report = verify(mixed)
        assert not any("broke down" in problem for problem in report.problems), str(report)
        if report:  # the claim is the one that is proved already
            assert mixed["claim"] == mine["claim"]


SURE = """
format = "lpmech-instance/1"
[environment]
kind = "bilateral-trade"
buyer = { values = [1, 2, 5, 7], weights = [1, 1, 1, 1] }
seller = { values = [0, 1, 4, 6], weights = [1, 1, 1, 1] }
[requirements]
incentive_compatibility = "BIC"
individual_rationality = "interim"
budget = "no-deficit"
allocation = "free"
lotteries = false
[objective]
maximize = "welfare"
"""


def test_cases_have_to_be_all_there_and_once() -> None:
    """An analysis that leaves a case out, has one twice, turns in a circle, or has a node that is nobody's case."""
    proof = lpmech.solve(lpmech.loads(SURE)).proof.table()
    assert verify(proof)
    assert proof["claim"]["value"] == "29/16"
    nodes = proof["arguments"][0]["nodes"]
    assert len(nodes) > 1
    first = nodes[0]["cases"]
    ways = [first[:-1], [*first, first[0]], [[x, 0] for x, _ in first], [[x, first[0][1]] for x, _ in first], []]
    for way in ways:
        tampered = copy.deepcopy(proof)
        tampered["arguments"][0]["nodes"][0]["cases"] = way
        assert not verify(tampered)
    lonely = copy.deepcopy(proof)
    lonely["arguments"][0]["nodes"].append(nodes[-1])
    assert not verify(lonely)
    needed = 0  # where what a case settles is bad enough, it needs no multipliers
    for number, node in enumerate(nodes):
        if "multipliers" in node:
            empty = copy.deepcopy(proof)
            empty["arguments"][0]["nodes"][number]["multipliers"] = []
            needed += not verify(empty)
    assert needed
    mixed = copy.deepcopy(proof)
    del mixed["instance"]["requirements"]["lotteries"]
    assert not verify(mixed)
