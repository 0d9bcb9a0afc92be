"""Which figures a report has, and their SVG in a form that several of them can share a page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from lpmech.answer.mechanism import Mechanism
from lpmech.answer.result import Result
from lpmech.show import plots
from lpmech.show.explain.words import person
from lpmech.studies.subsidies import Frontier

PAIRS = 40_000
"""Most profiles that figures go through one by one."""

LONGEST = 5_000
"""Most types of an agent on a curve."""

Drawing = tuple[str, str, Callable[[], Any]]
"""Caption, what a reader without eyes is told, how to draw it."""


def drawn(result: Result, curve: Frontier | None = None) -> tuple[list[dict[str, str]], list[str]]:
    """Figures that make sense for a result, each with caption and SVG; and what was left out, with the reason."""
    out = []
    for number, (caption, label, draw) in enumerate(_chosen(result, curve)):
        svg = slim(plots.svg(draw().figure), f"f{number}-")
        out.append({"caption": caption, "label": label, "svg": svg})
    env, left = result.instance.environment, []
    if env.profile_count > PAIRS:
        left.append(f"figures over profiles: there are more than {PAIRS:,}")
    if max(env.sizes) > LONGEST:
        left.append(f"curves over types: an agent has more than {LONGEST:,}")
    return out, left


def _chosen(result: Result, curve: Frontier | None) -> Iterator[Drawing]:
    env, found = result.instance.environment, result.mechanism
    pair = len(env.agents) == 2 and env.profile_count <= PAIRS
    short = max(env.sizes) <= LONGEST
    if env.kind in {"bilateral-trade", "exchange"} and short and not env.at_profiles:
        yield (
            "Values from the highest, costs from the lowest; the price p* is where they meet.",
            "Supply and demand",
            lambda: plots.supply_demand(result),
        )
    settled = (
        result.proof is not None and result.proof.mechanism is not None
    ) or result.instance.requirements.allocation != "free"
    if pair and settled and not result.instance.further:
        what = "Who trades" if env.kind in {"bilateral-trade", "exchange"} else "What is chosen"
        told = f"{what} at each pair of types; the bars are the masses of the types."
        yield told, "Allocation", lambda: plots.allocation(result)
    if found is not None and pair:
        for i, agent in enumerate(env.agents):
            yield (
                f"What {person(agent.name)} pays at each pair of types; below 0 he is paid.",
                f"Transfers of {person(agent.name)}",
                lambda i=i: plots.transfers(found, i),  # type: ignore[misc]
            )
    best = found or subsidised(result)
    if best is not None and short and (env.profile_count <= PAIRS or not best.by_profile):
        given = "" if found is not None else ", in a mechanism that takes no more than the least subsidy"
        yield (
            f"What each type pays in expectation over the others' types{given}.",
            "Interim payments",
            lambda: plots.interim(best),
        )
        yield (
            f"What each type gains in expectation, value less payment{given}.",
            "Interim utilities",
            lambda: plots.interim(best, "utility"),
        )
    if pair and result.proof is not None and result.proof.multipliers is not None and not result.instance.further:
        yield (
            "The proof's weights: cells on the budget, arrows on incentives (from the type to the report), triangles on"
            " participation.",
            "Multipliers",
            lambda: plots.multipliers(result),
        )
    if curve is not None and len(curve) > 1:
        yield (
            "The most expected welfare that each subsidy buys, any allocation allowed.",
            "Welfare and subsidy",
            lambda: plots.frontier(curve),
        )


def subsidised(result: Result) -> Mechanism | None:
    """Where none exists, a mechanism that attains the margin: with that subsidy it would meet every requirement."""
    proof = result.proof
    if proof is None or proof.mechanism is None or result.verdict != "impossible":
        return None
    return proof.mechanism if proof.fees is None else proof.mechanism.plus(proof.fees)


def slim(svg: str, prefix: str) -> str:
    """An SVG element for a page with several: names of its own, as wide as its place, shorter."""
    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r"'DejaVu Sans'[^;\"]*sans-serif", "sans-serif", svg)
    svg = re.sub(r"(?<=[ \"(,])(-?\d+\.\d{2})\d+", r"\1", svg)
    referred = set(re.findall(r"(?:href=\"#|url\(#)([^\")]+)", svg))
    svg = re.sub(r' id="([^"]+)"', lambda m: f' id="{prefix}{m[1]}"' if m[1] in referred else "", svg)
    svg = re.sub(r"(href=\"#|url\(#)", rf"\g<1>{prefix}", svg)
    head, body = svg.split(">", 1)
    head = re.sub(r' (?:width|height|xmlns|xmlns:xlink|version)="[^"]*"', "", head).replace("\n", " ")
    body = re.sub(r"\s*\n\s*", "\n", body).replace("xlink:href", "href")
    return head + ' aria-hidden="true">' + body
