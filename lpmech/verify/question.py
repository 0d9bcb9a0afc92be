"""The question: its canonical form, its name, and how it differs from another (docs/proof-format.md)."""

from __future__ import annotations

import hashlib
import json
import reprlib
from typing import Any

from lpmech.verify.description import cut
from lpmech.verify.further.instance import EXPLICIT
from lpmech.verify.kernel.instance import OBJECTIVES
from lpmech.verify.reading.numbers import column, spelled
from lpmech.verify.report import SHOWN


def question_of(instance: dict[str, Any]) -> str:
    """The name of a valid question, restated as in a proof: 16 hexadecimal digits."""
    return digest(canonical(instance))


def digest(content: dict[str, Any]) -> str:
    """The first 16 hexadecimal digits of SHA-256 over the canonical form as JSON: sorted keys, no blanks, ASCII."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:16]


def canonical(instance: dict[str, Any]) -> dict[str, Any]:
    """What makes a valid question this one and no other. Left out: title, names of agents, types, outcomes and
    linear requirements, masses
    beside a joint prior, profiles of probability 0 in it, the tie rule where the allocation is not efficient."""
    x, requirements = instance["environment"], dict(instance["requirements"])
    environment: dict[str, Any] = {"kind": x["kind"]}
    for key in {"buyer", "seller"} & set(x):
        environment[key] = _content(x[key], "prior" in x)
    content = _explicit if x["kind"] == EXPLICIT else _content
    for key in {"buyers", "sellers", "agents"} & set(x):
        environment[key] = [content(agent, "prior" in x) for agent in x[key]]
    if "free-shares" in x:
        environment["free-shares"] = x["free-shares"]
    if x["kind"] == "auction":
        environment |= _auction(x)
    elif "costs" in x:
        environment["costs"] = in_lowest_terms(x["costs"])
    if "prior" in x:
        listed_masses = [[*entry["types"], entry["probability"]] for entry in x["prior"]["profiles"]]
        environment["prior"] = sorted(entry for entry in listed_masses if entry[-1] != "0")
    allocation = requirements["allocation"]
    if type(allocation) is dict and "table" in allocation:
        requirements["allocation"] = {"table": [in_lowest_terms(row) for row in allocation["table"]]}
    if allocation != "efficient":
        del requirements["ties"]
    if "linear" in requirements:
        requirements["linear"] = [{k: v for k, v in rule.items() if k != "name"} for rule in requirements["linear"]]
    return {"environment": environment, "requirements": requirements, "objective": _goal(instance["objective"])}


def _explicit(agent: dict[str, Any], correlated: bool) -> dict[str, Any]:
    """An agent whose values are written out at every profile, without names."""
    out = {"types": len(agent["types"]), "values": [in_lowest_terms(row) for row in agent["values"]]}
    out["outside"] = in_lowest_terms(agent["outside"])
    return out if correlated else out | {"probabilities": in_lowest_terms(agent["probabilities"])}


def _auction(x: dict[str, Any]) -> dict[str, Any]:
    """What is sold, and the bidders; objects by their places, without their names."""
    correlated, objects = "prior" in x, x.get("objects")
    if objects is None:
        bidders = [_content(one, correlated) | {"demand": one["demand"]} for one in x["bidders"]]
        return {"units": x["units"], "cost": x["cost"], "bidders": bidders}
    bidders = [
        {
            "preferences": one["preferences"],
            "components": [_content(one["components"][name], correlated) for name in objects],
        }
        for one in x["bidders"]
    ]
    return {"costs": [x["costs"][name] for name in objects], "bidders": bidders}


def _content(agent: dict[str, Any], correlated: bool) -> dict[str, Any]:
    """An agent without names; without probabilities if there is a joint prior."""
    out: dict[str, Any] = {key: agent[key] for key in ("share", "outside", "probability") if key in agent}
    out |= {key: in_lowest_terms(agent[key]) for key in ("values", "probabilities", "utility") if key in agent}
    if "types" in agent:
        out["types"] = [_content(one, correlated) for one in agent["types"]]
    for key in ("probabilities", "probability"):
        if correlated:
            out.pop(key, None)
    return out


def _goal(objective: dict[str, Any]) -> Any:
    """Weights that have a name are called by it."""
    goal = objective["maximize"]
    if type(goal) is not dict:
        return goal
    weights = in_lowest_terms(goal["utility"])
    for name, (utility, revenue) in OBJECTIVES.items():
        if set(weights) == {str(utility)} and goal["revenue"] == str(revenue):
            return name
    return {"utility": weights, "revenue": goal["revenue"]}


def in_lowest_terms(x: Any) -> list[str]:
    """A valid list of numbers, each as a text in lowest terms."""
    return list(map(str, spelled(column(x, "numbers")))) if type(x) is dict else list(x)


def differences(proved: Any, asked: Any, where: str = "") -> list[str]:
    """Where two canonical forms differ: the first few places, with what stands there."""
    if proved == asked:
        return []
    found: list[str] = []
    if type(proved) is dict and type(asked) is dict:
        pairs = [(f"{where}.{key}", proved.get(key), asked.get(key)) for key in sorted({*proved, *asked})]
    elif type(proved) is list and type(asked) is list and len(proved) == len(asked):
        pairs = [(f"{where}[{n}]", mine, theirs) for n, (mine, theirs) in enumerate(zip(proved, asked, strict=True))]
    else:
        return [f"{where.lstrip('.')}: {_shown(proved)} in the proof, {_shown(asked)} in the question asked"]
    for place, mine, theirs in pairs:
        found += differences(mine, theirs, place)
        if len(found) > SHOWN:
            return [*found[:SHOWN], "and more"]
    return found


def _shown(x: Any) -> str:
    if x is None:
        return "nothing"
    if type(x) is list:
        return f"{len(x)} entries"
    return cut(x) if type(x) is str else reprlib.repr(x)
