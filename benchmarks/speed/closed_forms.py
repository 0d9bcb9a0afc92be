"""Whole decisions by closed forms, phase by phase: python benchmarks/speed/closed_forms.py [SIZE ...]

Integer values with ties, masses with small weights. Processor time in milliseconds, medians; "solve" writes the proof
down, "table" makes the object of the proof file, "verify" checks it; "all" is lpmech.solve on an instance.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from lpmech import BilateralTrade, Distribution, Instance, Requirements, solve, verify
from lpmech.closed_forms import named

QUESTIONS = {
    "BIC, interim, balanced": ("vcg_prime", Requirements("BIC", "interim", "balanced")),
    "DSIC, ex post, expected": ("vcg_prime", Requirements("DSIC", "ex-post", "no-expected-deficit")),
    "DSIC, ex ante, no deficit": ("one_price", Requirements("DSIC", "ex-ante", "no-deficit", ties="first")),
    "groves, ex ante, no deficit": ("groves_kinked", Requirements("DSIC", "ex-ante", "no-deficit", transfers="groves")),
}


def side(rng: random.Random, n: int) -> Distribution:
    weights = [rng.randint(1, 9) for _ in range(n)]
    return Distribution(sorted(rng.sample(range(2 * n), n)), [Fraction(w, sum(weights)) for w in weights])


def timed(do: Callable[[], Any], times: int) -> tuple[float, Any]:
    """Median in milliseconds, and the result."""
    spent, out = [], None
    for _ in range(times):
        start = time.process_time()
        out = do()
        spent.append(1e3 * (time.process_time() - start))
    return statistics.median(spent), out


def main(sizes: list[int]) -> None:
    print(f"{'':>28} {'types':>8} {'solve':>9} {'table':>9} {'verify':>9} {'all':>9}  ms")
    for n in sizes:
        rng = random.Random(n)
        env = BilateralTrade(side(rng, n), side(rng, n))
        times = max(3, min(50, 5000 // n))
        for words, (method, requirements) in QUESTIONS.items():
            instance = Instance(env, requirements)
            everything, result = timed(lambda: solve(instance), times)  # noqa: B023
            assert result.proved
            assert result.method == method
            solved, proof = timed(lambda: named(method).solve(instance), times)  # noqa: B023
            written, table = timed(proof.table, times)
            verified, _ = timed(lambda: verify(table), times)  # noqa: B023
            print(f"{words:>28} {n:8} {solved:9.2f} {written:9.2f} {verified:9.2f} {everything:9.2f}")


if __name__ == "__main__":
    main([int(arg) for arg in sys.argv[1:]] or [3, 10, 40, 100, 500, 1000, 10_000])
