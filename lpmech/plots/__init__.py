"""Figures as matplotlib Axes: instances, mechanisms, proofs, sweeps. Needs the extra ``plot``; nothing else imports it."""

from __future__ import annotations

from lpmech.plots.style import require_matplotlib, save, svg

__all__ = ["require_matplotlib", "save", "svg"]
