"""Figures as matplotlib Axes: instances, mechanisms, proofs, sweeps. Needs the extra ``plot``; nothing else imports it."""

from __future__ import annotations

from lpmech.show.plots.allocation import allocation
from lpmech.show.plots.convergence import convergence
from lpmech.show.plots.curve import curve
from lpmech.show.plots.frontier import frontier
from lpmech.show.plots.interim import interim
from lpmech.show.plots.multipliers import multipliers
from lpmech.show.plots.phase import phase
from lpmech.show.plots.simplex import simplex
from lpmech.show.plots.style import require_matplotlib, save, svg
from lpmech.show.plots.supply_demand import supply_demand
from lpmech.show.plots.thresholds import thresholds
from lpmech.show.plots.transfers import transfers

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
