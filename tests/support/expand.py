"""Compact proofs written out in full, straight from the definitions of the compact forms."""

from __future__ import annotations

import copy
from fractions import Fraction as F
from itertools import product
from typing import Any


def numbers(x: Any) -> list[F]:
    """A list of numbers as texts, or over one denominator."""
    if isinstance(x, dict):
        if F(x["over"]) < 1 or set(x) != {"over", "of"}:
            raise ValueError(x)
        return [F(int(n), int(x["over"])) for n in x["of"]]
    return [F(n) for n in x]


def texts(x: Any) -> list[str]:
    return [str(n) for n in numbers(x)]


def singles(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """The multipliers that an entry with lists stands for."""
    if not isinstance(entry["weight"], list | dict):
        return [entry]
    out = []
    for n, weight in enumerate(texts(entry["weight"])):
        one = {**entry, "weight": weight}
        one |= {key: entry[key][n] for key in ("type", "report") if key in entry}
        if isinstance(entry.get("profile"), list):
            one["profile"] = [types[n] for types in entry["profile"]]
        out.append(one)
    lists = [entry[key] for key in ("type", "report") if key in entry]
    lists += entry["profile"] if isinstance(entry.get("profile"), list) else []
    if any(len(types) != len(out) for types in lists):
        raise ValueError(entry)
    return out


def expand(proof: dict[str, Any]) -> dict[str, Any]:
    """The same proof with a payment and an outcome for every profile, and multipliers on single constraints alone."""
    full = copy.deepcopy(proof)
    env = full["instance"]["environment"]
    sides = [env["buyer"], env["seller"]]
    for side in sides:
        side |= {key: texts(side[key]) for key in ("values", "probabilities")}
    values = [[F(v) for v in side["values"]] for side in sides]
    masses = [[F(p) for p in side["probabilities"]] for side in sides]
    profiles = list(product(range(len(values[0])), range(len(values[1]))))
    if proof.get("mechanism") is not None:
        full["mechanism"] = _mechanism(proof["mechanism"], values, masses, profiles)
    if proof.get("multipliers") is not None:
        notion = proof["instance"]["requirements"]["individual_rationality"]
        entries = [one for entry in proof["multipliers"] for one in singles(entry)]
        rows = [_rows(entry, masses, profiles, notion) for entry in entries]
        full["multipliers"] = [row for group in rows for row in group]
    return full


def _mechanism(
    data: dict[str, Any], values: list[list[F]], masses: list[list[F]], profiles: list[tuple[int, int]]
) -> dict[str, Any]:
    word = data["allocation"]
    if not isinstance(word, dict) and word not in {"first", "last", "uniform"}:
        raise ValueError(word)

    def outcome(b: int, s: int) -> Any:
        if isinstance(word, dict):
            low, high = (row[b] for row in word["cuts"])
            chance = F(1) if s < low else F(word["weight"]) if s < high else F(0)
            return {"0": str(1 - chance), "1": str(chance)}
        gap = values[0][b] - values[1][s]
        if gap == 0 and word == "uniform":
            return {"0": "1/2", "1": "1/2"}
        return int(gap > 0 or (gap == 0 and word == "last"))

    allocation = [outcome(b, s) for b, s in profiles]
    if "charges" in data:
        return {"charges": [texts(row) for row in data["charges"]], "allocation": allocation}
    if "menu" in data:
        buyer, seller = ([texts(data["menu"][side][x]) for x in ("no-trade", "trade")] for side in ("buyer", "seller"))
        transfers = [
            [buyer[x][s] for (_, s), x in zip(profiles, allocation, strict=True)],
            [seller[x][b] for (b, _), x in zip(profiles, allocation, strict=True)],
        ]
    else:
        T = [numbers(row) for row in data["interim"]]
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
    if entry["constraint"] != "budget" and not 0 <= entry["type"] < len(masses[entry["agent"]]):
        raise IndexError(entry["type"])
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
