"""Sweeps for tests: a family whose margins are known, and drivers that can be killed."""

from __future__ import annotations

import os
import pickle
import signal
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pandas as pd

from lpmech.studies.sweep import load_sweep
from lpmech.studies.sweep.axes import Product, Values
from lpmech.studies.sweep.plan import Plan
from lpmech.studies.sweep.rows import decide
from lpmech.studies.sweep.store import Store

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


def filled(plan: Plan, folder: Path, rows: int | None = None) -> pd.DataFrame:
    """The first rows of a plan decided in this process, in a directory as ``lpmech sweep`` makes it; the rows."""
    store = Store(folder)
    store.open(plan, False)
    stop = plan.rows if rows is None else rows
    if stop:
        store.add((0, stop), decide(pickle.dumps(plan), 0, stop, False).data)
    return load_sweep(folder)


def over(plan: Plan, **values: Sequence[object]) -> Plan:
    """A plan whose parameters run over these values, in the place of its axes."""
    axes = tuple(Values(name, tuple(Fraction(str(x)) for x in some)) for name, some in values.items())
    return replace(plan, axes=Product(axes))


def with_parameters(plan: Plan, **values: int) -> Plan:
    """A plan whose instance has other values of parameters that do not vary."""
    return replace(plan, data={**plan.data, "parameters": {**plan.data["parameters"], **values}})
