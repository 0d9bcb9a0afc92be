"""lpmech: does an efficient mechanism exist? Linear programming over discrete types, with proofs.

import lpmech
result = lpmech.solve("instances/kos-manea-2009/example-2-one-buyer.toml")
result.verdict, result.margin
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lpmech.base import views
from lpmech.base.version import __version__

import_module("lpmech.verify")
del globals()["verify"]
"""A module sets its name in its package when it is imported first: from here on ``lpmech.verify`` is the function."""

views.install(lambda: import_module("lpmech.show.views"))

_HOME = {
    "verify": "lpmech.api",
    "solve": "lpmech.api",
    "load": "lpmech.api",
    "loads": "lpmech.reading.instance",
    "dumps": "lpmech.reading.instance",
    "program": "lpmech.api",
    "solve_many": "lpmech.api",
    "frontier": "lpmech.api",
    "face": "lpmech.api",
    "Face": "lpmech.studies.face",
    "gap": "lpmech.api",
    "Frontier": "lpmech.studies.subsidies",
    "readable": "lpmech.api",
    "audit": "lpmech.api",
    "read_mechanism": "lpmech.api",
    "build_mechanism": "lpmech.api",
    "solve_batch": "lpmech.engine.batch",
    "Batch": "lpmech.engine.batch",
    "sweep": "lpmech.studies.sweep",
    "load_sweep": "lpmech.studies.sweep",
    "limit": "lpmech.studies.limit",
    "Limit": "lpmech.studies.limit",
    "report": "lpmech.show.report",
    "existence_table": "lpmech.studies.existence",
    "ExistenceTable": "lpmech.studies.existence",
    "ablation": "lpmech.studies.ablation",
    "beliefs": "lpmech.studies.beliefs",
    "blame": "lpmech.studies.blame",
    "Blame": "lpmech.studies.blame",
    "Instance": "lpmech.question.model",
    "Requirements": "lpmech.question.requirements",
    "LinearRequirement": "lpmech.question.linear_requirements",
    "Objective": "lpmech.question.objective",
    "Distribution": "lpmech.question.distribution",
    "PostedPrice": "lpmech.question.requirements",
    "AllocationTable": "lpmech.question.requirements",
    "BilateralTrade": "lpmech.question.environments.bilateral_trade",
    "Auction": "lpmech.question.environments.auction",
    "Bidder": "lpmech.question.environments.bidder",
    "Exchange": "lpmech.question.environments.exchange",
    "Partnership": "lpmech.question.environments.partnership",
    "Partner": "lpmech.question.environments.partnership",
    "SocialChoice": "lpmech.question.environments.social_choice",
    "Type": "lpmech.question.environments.social_choice",
    "Mechanism": "lpmech.answer.mechanism",
    "Audit": "lpmech.answer.audit",
    "Result": "lpmech.answer.result",
    "InputError": "lpmech.base.errors",
    "LpmechError": "lpmech.base.errors",
    "floats": "lpmech.base.floats",
    "Incentives": "lpmech.question.enumerations",
    "Participation": "lpmech.question.enumerations",
    "Budget": "lpmech.question.enumerations",
    "Ties": "lpmech.question.enumerations",
    "Transfers": "lpmech.question.enumerations",
    "Deviations": "lpmech.question.enumerations",
    "Allocations": "lpmech.question.enumerations",
    "Objectives": "lpmech.question.enumerations",
    "Verdicts": "lpmech.question.enumerations",
}
"""Public name -> module; imported on first use, so that ``import lpmech`` and ``lpmech --help`` are quick."""

__all__ = ["__version__", "plots", *_HOME]

if TYPE_CHECKING:
    from lpmech.answer.audit import Audit
    from lpmech.answer.mechanism import Mechanism
    from lpmech.answer.result import Result
    from lpmech.api import (
        audit,
        build_mechanism,
        face,
        frontier,
        gap,
        load,
        program,
        read_mechanism,
        readable,
        solve,
        solve_many,
        verify,
    )
    from lpmech.base.errors import InputError, LpmechError
    from lpmech.base.floats import floats
    from lpmech.engine.batch import Batch, solve_batch
    from lpmech.question.distribution import Distribution
    from lpmech.question.enumerations import (
        Allocations,
        Budget,
        Deviations,
        Incentives,
        Objectives,
        Participation,
        Ties,
        Transfers,
        Verdicts,
    )
    from lpmech.question.environments.auction import Auction
    from lpmech.question.environments.bidder import Bidder
    from lpmech.question.environments.bilateral_trade import BilateralTrade
    from lpmech.question.environments.exchange import Exchange
    from lpmech.question.environments.partnership import Partner, Partnership
    from lpmech.question.environments.social_choice import SocialChoice, Type
    from lpmech.question.linear_requirements import LinearRequirement
    from lpmech.question.model import Instance
    from lpmech.question.objective import Objective
    from lpmech.question.requirements import AllocationTable, PostedPrice, Requirements
    from lpmech.reading.instance import dumps, loads
    from lpmech.show import plots
    from lpmech.show.report import report
    from lpmech.studies.ablation import ablation
    from lpmech.studies.beliefs import beliefs
    from lpmech.studies.blame import Blame, blame
    from lpmech.studies.existence import ExistenceTable, existence_table
    from lpmech.studies.face import Face
    from lpmech.studies.limit import Limit, limit
    from lpmech.studies.subsidies import Frontier
    from lpmech.studies.sweep import load_sweep, sweep


def __getattr__(name: str) -> Any:
    if name == "plots":
        return import_module("lpmech.show.plots")
    if name not in _HOME:
        raise AttributeError(f"module 'lpmech' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
