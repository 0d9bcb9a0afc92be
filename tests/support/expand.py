"""Compact proofs written out in full, straight from the definitions of the compact forms."""

from __future__ import annotations

import copy
from fractions import Fraction as F
from itertools import product
from typing import Any


def expand(proof: dict[str, Any]) -> dict[str, Any]:
    """The same proof with a payment and an outcome for every profile, and multipliers on single constraints alone."""
    full = copy.deepcopy(proof)
    env = proof["instance"]["environment"]
    sides = [env["buyer"], env["seller"]]
    values = [[F(v) for v in side["values"]] for side in sides]
    masses = [[F(p) for p in side["probabilities"]] for side in sides]
    profiles = list(product(range(len(values[0])), range(len(values[1]))))
    if proof.get("mechanism") is not None:
        full["mechanism"] = _mechanism(proof["mechanism"], values, masses, profiles)
    if proof.get("multipliers") is not None:
        notion = proof["instance"]["requirements"]["individual_rationality"]
        rows = [_rows(entry, masses, profiles, notion) for entry in proof["multipliers"]]
        full["multipliers"] = [row for group in rows for row in group]
    return full


def _mechanism(
    data: dict[str, Any], values: list[list[F]], masses: list[list[F]], profiles: list[tuple[int, int]]
) -> dict[str, Any]:
    word = data["allocation"]
    if word not in {"first", "last", "uniform"}:
        raise ValueError(word)

    def outcome(b: int, s: int) -> Any:
        gap = values[0][b] - values[1][s]
        if gap == 0 and word == "uniform":
            return {"0": "1/2", "1": "1/2"}
        return int(gap > 0 or (gap == 0 and word == "last"))

    allocation = [outcome(b, s) for b, s in profiles]
    if "charges" in data:
        return {"charges": data["charges"], "allocation": allocation}
    if "menu" in data:
        buyer, seller = ([data["menu"][side][x] for x in ("no-trade", "trade")] for side in ("buyer", "seller"))
        transfers = [
            [buyer[x][s] for (_, s), x in zip(profiles, allocation, strict=True)],
            [seller[x][b] for (b, _), x in zip(profiles, allocation, strict=True)],
        ]
    else:
        T = [[F(t) for t in row] for row in data["interim"]]
        mean = [sum(m * t for m, t in zip(*pair, strict=True)) for pair in zip(masses, T, strict=True)]
        transfers = [
            [str(T[0][b] - T[1][s] + mean[1]) for b, s in profiles],
            [str(T[1][s] - T[0][b] + mean[0]) for b, s in profiles],
        ]
    return {"transfers": transfers, "allocation": allocation}


def _rows(
    entry: dict[str, Any], masses: list[list[F]], profiles: list[tuple[int, int]], notion: str
) -> list[dict[str, Any]]:
    if entry.get("profile") != "prior":
        return [entry]
    weight, out = F(entry["weight"]), []
    for b, s in profiles:
        if entry["constraint"] == "budget":
            mass = masses[0][b] * masses[1][s]
        elif (b, s)[entry["agent"]] == entry["type"]:
            mass = masses[1 - entry["agent"]][(b, s)[1 - entry["agent"]]]
        else:
            continue
        named = {key: x for key, x in entry.items() if key != "type"}
        out.append({**named, "profile": [b, s], "weight": str(weight * mass)})
    return out
