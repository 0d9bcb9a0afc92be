"""Proofs about further requirements that ask for too much are refused before the work is done: counted, not timed."""

from __future__ import annotations

from typing import Any

import pytest
from support.effort import effort

from lpmech.verify import verify

MOST_CALLS = 20_000_000
"""Calls of functions while a proof is refused: some seconds."""


def proof(
    need: dict[str, Any], env: dict[str, Any], arguments: list[Any] | None = None, **parts: Any
) -> dict[str, Any]:
    asked = {"allocation": "free", "ties": "any", "transfers": "any", "incentive_compatibility": "none"}
    asked |= {"individual_rationality": "none", "budget": "none", **need}
    instance = {"title": "", "environment": env, "requirements": asked, "objective": {"maximize": "margin"}}
    verdict = "exists" if parts else "impossible"
    claim = {"verdict": verdict, "objective": "margin", "margin": None, "value": None}
    return {"format": "lpmech-proof/2", "instance": instance, "claim": claim, "arguments": arguments or [], **parts}


def choice(types: int) -> dict[str, Any]:
    """One agent, two outcomes."""
    kinds = [{"name": str(k), "probability": "0", "utility": ["0", "0"], "outside": "0"} for k in range(types)]
    kinds[0]["probability"] = "1"
    agent = {"name": "ann", "types": kinds}
    return {"kind": "social-choice", "outcomes": ["a", "b"], "costs": ["0", "0"], "agents": [agent]}


def explicit(types: int) -> dict[str, Any]:
    """Two agents whose values are written out."""
    n = types**2
    agent = {"types": [str(k) for k in range(types)], "probabilities": ["1"] + ["0"] * (types - 1)}
    agent |= {"values": [["0", "0"]] * n, "outside": ["0"] * n}
    agents = [{"name": "ann", **agent}, {"name": "bob", **agent}]
    return {"kind": "explicit", "outcomes": ["a", "b"], "costs": ["0", "0"], "free-shares": False, "agents": agents}


def leaf(*multipliers: dict[str, Any]) -> dict[str, Any]:
    return {"bounds": "requirements", "multipliers": list(multipliers)}


def shown(*nodes: dict[str, Any]) -> list[Any]:
    return [{"shows": "requirements", "nodes": list(nodes)}]


def stairs(steps: int) -> list[Any]:
    """Each case but one is decided at once; every node below has decided one profile more."""
    nodes: list[dict[str, Any]] = []
    for p in range(steps):
        nodes += [{"profile": [p], "cases": [[1, 2 * p + 1], [0, 2 * p + 2]]}, leaf()]
    return shown(*nodes, leaf())


RULE = {"name": "x", "of": {"t": {"0": "1"}}, "at": "prior", "equal": "0"}
NEVER = {"name": "x", "of": {}, "at": "profile", "equal": "0", "within": [[]]}
ON_RULE = {"constraint": "linear", "number": 0, "weight": "1"}
AT_LEAST = {"constraint": "payment at least", "agent": 0, "profile": [0]}


def still(agents: int, profiles: int) -> dict[str, Any]:
    return {"transfers": [["0"] * profiles] * agents, "allocation": [0] * profiles}


HOSTILE = {
    "cases within cases": lambda: proof({"lotteries": False}, choice(8000), stairs(8000)),
    "many multipliers on a sum over the prior": lambda: proof(
        {"linear": [RULE]}, choice(5000), shown(leaf(*[ON_RULE] * 5000))
    ),
    "many requirements that speak of no profile": lambda: proof(
        {"linear": [NEVER] * 5000}, choice(2000), mechanism=still(1, 2000)
    ),
    "reports of all others": lambda: proof({"incentive_compatibility": "DSIC"}, explicit(60), mechanism=still(2, 3600)),
    "denominators that have nothing in common": lambda: proof(
        {"payments": [{"at-least": "0"}]},
        choice(2),
        shown(leaf(*({**AT_LEAST, "weight": f"1/{10**900 + k}"} for k in range(20_000)))),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_too_much_is_refused_early(name: str) -> None:
    text = HOSTILE[name]()
    with effort(MOST_CALLS):
        report = verify(text)
    assert not report
    assert "--no-limits" in report.problems[0], str(report)


BROKEN = {
    "a case that is the node itself": shown({"profile": [0], "cases": [[0, 0], [1, 0]]}),
    "cases far away": shown({"profile": [0], "cases": [[0, 10**30], [1, 10**31]]}),
    "no nodes": shown(),
    "a node that is a number": [{"shows": "requirements", "nodes": [3]}],
    "a true for a number": shown({"profile": [True], "cases": [[0, 1], [1, 2]]}, leaf(), leaf()),
    "a negative case": shown({"profile": [0], "cases": [[0, -1], [1, -2]]}, leaf(), leaf()),
    "the same outcome twice": shown({"profile": [0], "cases": [[0, 1], [0, 2]]}, leaf(), leaf()),
    "a list for a node": [{"shows": "requirements", "nodes": [[]]}],
    "a margin nobody asked for": [{"shows": "margin", "nodes": [leaf()]}],
    "no weight": shown(leaf({"constraint": "budget"})),
    "a list of weights": shown(leaf({**AT_LEAST, "weight": ["1", "1"]})),
    "an unknown constraint": shown(leaf({"constraint": "wish", "weight": "1"})),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_arguments_are_refused(name: str) -> None:
    report = verify(proof({"lotteries": False, "payments": [{"at-least": "0"}]}, choice(2), BROKEN[name]))
    assert not report
    assert not any("broke down" in problem for problem in report.problems), str(report)
