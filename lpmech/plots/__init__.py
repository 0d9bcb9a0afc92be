"""Figures as matplotlib Axes: instances, mechanisms, proofs, sweeps. Needs the extra ``plot``; nothing else imports it."""

from __future__ import annotations

from lpmech.plots.allocation import allocation
from lpmech.plots.convergence import convergence
from lpmech.plots.curve import curve
from lpmech.plots.frontier import frontier
from lpmech.plots.interim import interim
from lpmech.plots.multipliers import multipliers
from lpmech.plots.phase import phase
from lpmech.plots.simplex import simplex
from lpmech.plots.style import require_matplotlib, save, svg
from lpmech.plots.supply_demand import supply_demand
from lpmech.plots.thresholds import thresholds
from lpmech.plots.transfers import transfers

__all__ = [
    "allocation",
    "convergence",
    "curve",
    "frontier",
    "interim",
    "multipliers",
    "phase",
    "require_matplotlib",
    "save",
    "simplex",
    "supply_demand",
    "svg",
    "thresholds",
    "transfers",
]
