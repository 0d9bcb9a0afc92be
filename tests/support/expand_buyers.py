"""Compact proofs about identical buyers written out in full, straight from the definitions of the compact forms."""

from __future__ import annotations

import copy
from fractions import Fraction as F
from itertools import product
from math import prod
from typing import Any

from support.expand import numbers, singles


def expand(proof: dict[str, Any]) -> dict[str, Any]:
    """The same proof with a payment and a lottery for every profile, and multipliers on single constraints alone."""
    full = copy.deepcopy(proof)
    env = proof["instance"]["environment"]
    sides = [*env["buyers"], *env["sellers"]]
    values = [[F(v) for v in side["values"]] for side in sides]
    masses = [[F(p) for p in side["probabilities"]] for side in sides]
    profiles = list(product(*(range(len(row)) for row in values)))
    last = len(sides) - 1
    if proof.get("mechanism") is not None:
        full["mechanism"] = _mechanism(proof["mechanism"], values, masses, profiles)
    if proof.get("fees") is not None:
        buyer, seller = proof["fees"]
        full["fees"] = [buyer] * last + [seller]
    if proof.get("multipliers") is not None:
        entries = [one for entry in proof["multipliers"] for one in singles(entry)]
        rows = [_rows(entry, masses, profiles, last) for entry in entries]
        full["multipliers"] = [row for group in rows for row in group]
    return full


def lottery(values: list[list[F]], theta: tuple[int, ...], word: str) -> dict[int, F]:
    """Outcome 0: no trade; outcome i: the i-th buyer buys."""
    *bids, cost = (row[k] for row, k in zip(values, theta, strict=True))
    best = [i for i, b in enumerate(bids, 1) if b == max(bids)]
    if max(bids) < cost or (max(bids) == cost and word == "symmetric"):
        best = [0]
    elif max(bids) == cost:
        best = [0, *best]
    return {x: F(1, len(best)) for x in best}


def _mechanism(
    data: dict[str, Any], values: list[list[F]], masses: list[list[F]], profiles: list[tuple[int, ...]]
) -> dict[str, Any]:
    if data["allocation"] not in {"symmetric", "uniform"}:
        raise ValueError(data["allocation"])
    lotteries = [lottery(values, theta, data["allocation"]) for theta in profiles]
    buyer, seller = map(numbers, data["interim"])
    T = [buyer] * (len(values) - 1) + [seller]
    beyond = [
        [t - sum(m * u for m, u in zip(own, row, strict=True)) for t in row] for own, row in zip(masses, T, strict=True)
    ]
    transfers = []
    for i, row in enumerate(T):
        others = [j for j in range(len(T)) if j != i]
        transfers.append(
            [str(row[theta[i]] - sum((beyond[j][theta[j]] for j in others), F(0)) / len(others)) for theta in profiles]
        )
    return {"transfers": transfers, "allocation": [{str(x): str(q) for x, q in one.items()} for one in lotteries]}


def _rows(
    entry: dict[str, Any], masses: list[list[F]], profiles: list[tuple[int, ...]], last: int
) -> list[dict[str, Any]]:
    if entry["constraint"] != "budget":
        if entry["agent"] not in {0, last}:
            raise ValueError(entry["agent"])
        return [entry] if entry["agent"] == last else [{**entry, "agent": i} for i in range(last)]
    if entry.get("profile") != "prior":
        return [entry]
    weight = F(entry["weight"])
    return [
        {
            **entry,
            "profile": list(theta),
            "weight": str(weight * prod(m[k] for m, k in zip(masses, theta, strict=True))),
        }
        for theta in profiles
    ]
