"""Proofs by interim payments written out in full, straight from the definitions on the proof-format page."""

from __future__ import annotations

import copy
from fractions import Fraction as F
from itertools import combinations, product
from math import prod
from typing import Any

from support.expand import numbers, singles

Theta = tuple[int, ...]


def expand(proof: dict[str, Any]) -> dict[str, Any]:
    """The same proof with a payment and a lottery for every profile, and multipliers on single constraints alone."""
    full = copy.deepcopy(proof)
    classes = full.pop("symmetry")
    agents = _agents(proof["instance"]["environment"])
    if sorted(i for members in classes for i in members) != list(range(len(agents))):
        raise ValueError(classes)
    home = {i: c for c, members in enumerate(classes) for i in members}
    masses = [_masses(agent) for agent in agents]
    profiles = list(product(*(range(len(row)) for row in masses)))
    full["mechanism"] = _mechanism(proof, home, masses, profiles)
    if proof.get("fees") is not None:
        if len(proof["fees"]) != len(classes):
            raise ValueError("fees")
        full["fees"] = [proof["fees"][home[i]] for i in range(len(agents))]
    entries = [one for entry in proof["multipliers"] for one in singles(entry)]
    full["multipliers"] = [row for entry in entries for row in _rows(entry, classes, masses, profiles)]
    return full


def _agents(env: dict[str, Any]) -> list[dict[str, Any]]:
    return [*env["buyers"], *env["sellers"]] if env["kind"] == "exchange" else env["agents"]


def _trades(env: dict[str, Any]) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Who buys and who sells in each outcome, by agents' numbers."""
    m, n = len(env["buyers"]), len(env["sellers"])
    return [
        (bought, sold)
        for units in range(min(m, n) + 1)
        for bought in combinations(range(m), units)
        for sold in combinations(range(m, m + n), units)
    ]


def _masses(agent: dict[str, Any]) -> list[F]:
    if "types" in agent:
        return [F(one["probability"]) for one in agent["types"]]
    return numbers(agent["probabilities"])


def lotteries(proof: dict[str, Any], home: dict[int, int], profiles: list[Theta]) -> list[dict[int, F]]:
    """At each profile equal chances for the outcomes of lowest rank among those of largest surplus, for each table of ranks
    with its weight."""
    env, rule = proof["instance"]["environment"], proof["mechanism"]["allocation"]
    tables = zip(map(F, rule["weights"]), rule["ranks"], strict=True) if "weights" in rule else [(F(1), rule["ranks"])]
    agents, tables, out = _agents(env), list(tables), []
    for theta in profiles:
        if env["kind"] == "exchange":
            values = [F(numbers(agent["values"])[k]) for agent, k in zip(agents, theta, strict=True)]
            trades = _trades(env)
            surplus = [sum((values[i] for i in b), F(0)) - sum((values[j] for j in s), F(0)) for b, s in trades]
        elif env["kind"] == "partnership":
            surplus = [F(agent["values"][k]) for agent, k in zip(agents, theta, strict=True)]
        else:
            costs = list(map(F, env["costs"]))
            rows = [list(map(F, agent["types"][k]["utility"])) for agent, k in zip(agents, theta, strict=True)]
            surplus = [sum(column, F(0)) - cost for *column, cost in zip(*rows, costs, strict=True)]
        tied = [x for x, s in enumerate(surplus) if s == max(surplus)]
        lottery: dict[int, F] = {}
        for weight, ranks in tables:
            rank: list[Any] = ranks
            if env["kind"] == "partnership":
                rank = [ranks[home[i]][k] for i, k in enumerate(theta)]
            elif env["kind"] == "exchange":  # the ranks of who holds the goods
                sellers = range(len(env["buyers"]), len(agents))
                held = [(*b, *(j for j in sellers if j not in s)) for b, s in trades]
                rank = [sum(ranks[home[i]][theta[i]] for i in one) for one in held]
            best = [x for x in tied if rank[x] == min(rank[y] for y in tied)]
            for x in best:
                lottery[x] = lottery.get(x, F(0)) + weight / len(best)
        out.append(dict(sorted(lottery.items())))
    return out


def _mechanism(
    proof: dict[str, Any], home: dict[int, int], masses: list[list[F]], profiles: list[Theta]
) -> dict[str, Any]:
    env, n = proof["instance"]["environment"], len(masses)
    chosen = lotteries(proof, home, profiles)
    costs = list(map(F, env["costs"])) if "costs" in env else [F(0)] * max(x + 1 for one in chosen for x in one)
    spent = [sum((q * costs[x] for x, q in one.items()), F(0)) for one in chosen]
    given = [numbers(proof["mechanism"]["interim"][home[i]]) for i in range(n)]
    expected = [[F(0)] * len(row) for row in masses]  # E[cost | type]
    for theta, cost in zip(profiles, spent, strict=True):
        for i, k in enumerate(theta):
            expected[i][k] += cost * prod(masses[j][l] for j, l in enumerate(theta) if j != i)
    M = [[t - c / n for t, c in zip(T, C, strict=True)] for T, C in zip(given, expected, strict=True)]
    mean = [sum((m * p for m, p in zip(row, own, strict=True)), F(0)) for row, own in zip(M, masses, strict=True)]
    transfers = []
    for i in range(n):
        row = []
        for theta, cost in zip(profiles, spent, strict=True):
            others = sum((M[j][theta[j]] - mean[j] for j in range(n) if j != i), F(0))
            paid = given[i][theta[i]] + (cost - expected[i][theta[i]]) / n
            row.append(str(paid - others / (n - 1) if n > 1 else paid))
        transfers.append(row)
    return {"transfers": transfers, "allocation": [{str(x): str(q) for x, q in one.items()} for one in chosen]}


def _rows(
    entry: dict[str, Any], classes: list[list[int]], masses: list[list[F]], profiles: list[Theta]
) -> list[dict[str, Any]]:
    if entry["constraint"] != "budget":
        members = next(members for members in classes if members[0] == entry["agent"])
        return [{**entry, "agent": i} for i in members]
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
