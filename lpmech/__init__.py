"""lpmech: does an efficient mechanism exist? Linear programming over discrete types, with proofs.

import lpmech
result = lpmech.solve("instances/kos-manea-2009/example-2-one-buyer.toml")
result.verdict, result.margin
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "verify": "lpmech.api",
    "solve": "lpmech.api",
    "load": "lpmech.api",
    "loads": "lpmech.instance",
    "dumps": "lpmech.instance",
    "program": "lpmech.api",
    "solve_many": "lpmech.api",
    "frontier": "lpmech.api",
    "Frontier": "lpmech.subsidies",
    "readable": "lpmech.api",
    "audit": "lpmech.api",
    "read_mechanism": "lpmech.api",
    "build_mechanism": "lpmech.api",
    "solve_batch": "lpmech.batch",
    "Batch": "lpmech.batch",
    "sweep": "lpmech.sweep",
    "load_sweep": "lpmech.sweep",
    "limit": "lpmech.limit",
    "Limit": "lpmech.limit",
    "report": "lpmech.report",
    "existence_table": "lpmech.existence",
    "ExistenceTable": "lpmech.existence",
    "blame": "lpmech.explain.blame",
    "Blame": "lpmech.explain.blame",
    "Instance": "lpmech.model",
    "Requirements": "lpmech.requirements",
    "Objective": "lpmech.requirements",
    "Distribution": "lpmech.model",
    "PostedPrice": "lpmech.requirements",
    "AllocationTable": "lpmech.requirements",
    "BilateralTrade": "lpmech.environments.bilateral_trade",
    "Exchange": "lpmech.environments.exchange",
    "Partnership": "lpmech.environments.partnership",
    "Partner": "lpmech.environments.partnership",
    "SocialChoice": "lpmech.environments.social_choice",
    "Type": "lpmech.environments.social_choice",
    "Mechanism": "lpmech.mechanism",
    "Audit": "lpmech.audit",
    "Result": "lpmech.result",
    "InputError": "lpmech.errors",
    "LpmechError": "lpmech.errors",
}
"""Public name -> module; imported on first use, so that ``import lpmech`` and ``lpmech --help`` are quick."""

__all__ = ["__version__", "plots", *_HOME]

if TYPE_CHECKING:
    from lpmech import plots
    from lpmech.api import (
        audit,
        build_mechanism,
        frontier,
        load,
        program,
        read_mechanism,
        readable,
        solve,
        solve_many,
        verify,
    )
    from lpmech.audit import Audit
    from lpmech.batch import Batch, solve_batch
    from lpmech.environments.bilateral_trade import BilateralTrade
    from lpmech.environments.exchange import Exchange
    from lpmech.environments.partnership import Partner, Partnership
    from lpmech.environments.social_choice import SocialChoice, Type
    from lpmech.errors import InputError, LpmechError
    from lpmech.existence import ExistenceTable, existence_table
    from lpmech.explain.blame import Blame, blame
    from lpmech.instance import dumps, loads
    from lpmech.limit import Limit, limit
    from lpmech.mechanism import Mechanism
    from lpmech.model import Distribution, Instance
    from lpmech.report import report
    from lpmech.requirements import AllocationTable, Objective, PostedPrice, Requirements
    from lpmech.result import Result
    from lpmech.subsidies import Frontier
    from lpmech.sweep import load_sweep, sweep


def __getattr__(name: str) -> Any:
    if name == "plots":
        return import_module("lpmech.plots")
    if name not in _HOME:
        raise AttributeError(f"module 'lpmech' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)


class _Package(ModuleType):
    """``verify``, ``audit``, ``report``, ``sweep``, ``limit`` are functions, whatever module is imported."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (isinstance(value, ModuleType) and name in _HOME):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
