"""``python -m benchmarks.agreement``: verdicts against theorems, with more seeds than ``lpmech bench`` runs by itself.

Prints one line a seed, then every disagreement; exit status 1 if there is one. Speed is measured elsewhere.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from lpmech.literature import theorems
from lpmech.studies import agreement

INSTANCES = Path(__file__).parents[2] / "instances"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.agreement", description="Verdicts against theorems.")
    parser.add_argument("--seeds", type=int, default=10, help="how many, from 0 (default 10)")
    parser.add_argument("--cases", type=int, default=60, help="instances of each theorem's family (default 60)")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes")
    asked = parser.parse_args()
    files = sorted(str(path) for path in INSTANCES.glob("*/*.toml") if path.parent.name != "sweeps")
    wrong = []
    for seed in range(asked.seeds):
        report = agreement.run(
            theorems.names(), cases=asked.cases, seed=seed, files=[] if seed else files, workers=asked.workers
        )
        found = [c for c in report.comparisons if c.outcome != "agrees"]
        wrong += found
        print(
            f"seed {seed}: {report.instances} instances, {len(report.comparisons)} comparisons, {len(found)} not agreed"
        )
        sys.stdout.flush()
    for one in wrong:
        print(f"\n{one.outcome}: {one.theorem} on {one.case}\n  {one.predicted}\n  {one.found}\n{one.toml}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
