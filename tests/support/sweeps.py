"""Sweeps for tests: a family whose margins are known, and drivers that can be killed."""

from __future__ import annotations

import os
import signal
from pathlib import Path

INSTANCE = """
[instance.parameters]
v = 6
p = "1/2"
[instance.environment]
kind = "bilateral-trade"
[instance.environment.buyer]
values = [2, "v"]
probabilities = ["1 - p", "p"]
[instance.environment.seller]
values = [1, 4]
probabilities = ["1/2", "1/2"]
[instance.requirements]
incentive_compatibility = "BIC"
individual_rationality = "interim"
budget = "balanced"
"""

FAMILY = (
    """
format = "lpmech-sweep/1"
title = "Two types each"
[[axes]]
parameter = "v"
values = [2, "9/2", 5, "11/2"]
[[axes]]
parameter = "p"
from = 0
to = 1
steps = 9
[[requirements]]
name = "balanced"
[[requirements]]
name = "expected"
budget = "no-expected-deficit"
"""
    + INSTANCE
)
"""80 rows; those with v = 2 are no instances, and with p = 1/2 a mechanism exists if and only if v >= 5."""


def written(folder: Path, text: str = FAMILY) -> Path:
    """The sweep as a file."""
    file = folder / "sweep.toml"
    file.write_text(text, encoding="utf-8")
    return file


def die() -> None:
    """As a worker that runs out of memory does."""
    os.kill(os.getpid(), signal.SIGKILL)
