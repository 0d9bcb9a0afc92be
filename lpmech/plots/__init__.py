"""Figures as matplotlib Axes: instances, mechanisms, proofs, sweeps. Needs the extra ``plot``; nothing else imports it."""

from __future__ import annotations

from lpmech.plots.convergence import convergence
from lpmech.plots.curve import curve
from lpmech.plots.phase import phase
from lpmech.plots.simplex import simplex
from lpmech.plots.style import require_matplotlib, save, svg
from lpmech.plots.thresholds import thresholds

__all__ = [
    "convergence",
    "curve",
    "phase",
    "require_matplotlib",
    "save",
    "simplex",
    "svg",
    "thresholds",
]
