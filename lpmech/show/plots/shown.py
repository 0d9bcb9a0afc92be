"""Figures and axes that a notebook shows as the last expression of a cell, although pyplot does not know of them."""

from __future__ import annotations

import io
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lpmech.show.plots.settings import SETTINGS

DOTS = 200
"""Dots an inch of the image; half as many pixels are taken on the page, so that it is sharp on fine screens."""


class ShownFigure(Figure):
    """A figure with an image for notebooks."""

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        stream = io.BytesIO()
        with matplotlib.rc_context(SETTINGS):
            self.savefig(stream, format="png", dpi=DOTS)
        width, height = self.get_size_inches()
        return stream.getvalue(), {"width": round(width * DOTS / 2), "height": round(height * DOTS / 2)}


class ShownAxes(Axes):
    """Axes that are shown as the whole figure they are in."""

    def _repr_png_(self) -> Any:
        figure = self.get_figure(root=True)
        return figure._repr_png_() if isinstance(figure, ShownFigure) else None
