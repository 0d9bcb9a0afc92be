"""Proofs with one thing changed, which the verifier must refuse unless they still prove their claim."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from fractions import Fraction as F
from typing import Any

from lpmech.verify import Refusal, verify

Way = tuple[Any, ...]

WORDS = {
    "first": ["last"], "last": ["first", "uniform"], "uniform": ["any"], "any": ["last"], "prior": [], "DSIC": ["BIC"],
    "BIC": ["DSIC"], "interim": ["ex-post", "ex-ante"], "ex-post": ["interim"], "ex-ante": ["interim"],
    "no-expected-deficit": ["no-deficit", "none"], "no-deficit": ["balanced", "no-expected-deficit"],
    "balanced": ["no-deficit"], "groves": ["any"], "exists": ["impossible"], "impossible": ["exists"],
    "margin": ["feasibility", "welfare"], "IR": ["budget"], "budget": ["IR"], "efficient": ["free"],
    "free": ["efficient"], "welfare": ["agents-utility", "revenue", "margin"],
}  # fmt: skip


def leaves(x: Any, path: Way = ()) -> Iterator[tuple[Way, Any]]:
    """Places of all numbers, words and nothings, and what stands there."""
    if isinstance(x, dict | list):
        for key, entry in x.items() if isinstance(x, dict) else enumerate(x):
            yield from leaves(entry, (*path, key))
    else:
        yield path, x


def changed(proof: dict[str, Any], path: Way, value: Any) -> dict[str, Any]:
    """The proof with another value at one place."""
    out = copy.deepcopy(proof)
    at = out
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return out


def others(x: Any, rng: random.Random) -> list[Any]:
    """Other things that could stand in the place of a number or word."""
    if isinstance(x, int):
        return [x + 1, x - 1] if rng.random() < 0.5 else [x + 1]
    if x in WORDS:
        return WORDS[x]
    try:
        number = F(x)
    except ValueError:
        return []
    return [str(number + rng.choice([1, -1, F(1, 7), F(-1, 1000)])), "0" if number else "1"]


def compare_in_full(
    proof: dict[str, Any],
    expand: Callable[[dict[str, Any]], dict[str, Any]],
    rng: random.Random,
    comparable: Callable[[Way, dict[str, Any]], bool],
    words: dict[str, list[str]] | None = None,
) -> int:
    """Change a compact proof everywhere; it is accepted only if it is when written out in full, and, where these are
    ``comparable``, refused only if it is. How many were refused."""
    assert verify(proof)
    assert verify(expand(proof)), str(verify(expand(proof)))
    refused = 0
    for path, old in list(leaves(proof)):
        if old is None or path[:2] == ("instance", "title") or path[0] == "format":
            continue
        for other in (words or {}).get(old) or others(old, rng):
            tampered = changed(proof, path, other)
            report = verify(tampered)
            assert not any("broke down" in problem for problem in report.problems), (path, other, str(report))
            refused += not report
            if report:
                assert verify(expand(tampered)), (path, other)
            elif comparable(path, tampered):
                try:
                    written = expand(tampered)
                except (IndexError, KeyError, ValueError, ZeroDivisionError):
                    continue  # not well-formed, and refused for it
                assert not verify(written), (path, other, str(report))
    return refused


def refuses(do: Callable[[], Any]) -> bool:
    """Whether the verifier refuses to go on."""
    try:
        do()
    except Refusal:
        return True
    return False
