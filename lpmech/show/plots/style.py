"""What all figures share: colours that the colour-blind can tell apart, axes, and figures as files and as SVG text."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING

from lpmech.base import files
from lpmech.base.errors import InputError
from lpmech.show.plots.settings import SETTINGS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.figure import Figure

EXISTS, IMPOSSIBLE, UNDECIDED = "#0072B2", "#D55E00", "#999999"
"""Verdicts: blue and vermilion of Okabe and Ito's palette, which the colour-blind can tell apart, and grey."""

LINES = ("#000000", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Further colours, in the order of use, from the same palette."""

FORMATS = ("png", "svg", "pdf")


def require_matplotlib() -> None:
    """Raise ``InputError`` if matplotlib cannot be imported."""
    try:
        import matplotlib  # noqa: F401
    except ImportError as problem:
        raise InputError(f"figures need {problem.name}", expected="pip install 'lpmech[plot]'") from None


def axes(ax: Axes | None = None, *, size: tuple[float, float] = (5.0, 4.0)) -> Axes:
    """The axes given, or those of a new figure (inches) that no window shows and no registry keeps. Notebooks show them."""
    if ax is not None:
        return ax
    empty = figure(size)
    import matplotlib

    from lpmech.show.plots.shown import ShownAxes

    with matplotlib.rc_context(SETTINGS):
        return empty.add_subplot(axes_class=ShownAxes)


def figure(size: tuple[float, float]) -> Figure:
    """An empty figure of this style, outside pyplot's registry."""
    require_matplotlib()
    import matplotlib

    from lpmech.show.plots.shown import ShownFigure

    with matplotlib.rc_context(SETTINGS):
        return ShownFigure(figsize=size, layout="constrained")


def margin_colours() -> LinearSegmentedColormap:
    """A diverging map for margins: ``IMPOSSIBLE`` below 0, near white at 0, ``EXISTS`` above."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("lpmech-margin", [IMPOSSIBLE, "#f7f7f7", EXISTS])


def save(figure: Figure, path: str | os.PathLike[str]) -> Path:
    """Write a figure as its name's ending says (png, svg, pdf), whole or not at all, the same bytes each time."""
    kind = Path(path).suffix.removeprefix(".").lower()
    if kind not in FORMATS:
        raise InputError(
            f"no such kind of figure: {Path(path).name}", expected="a name that ends in .png, .svg or .pdf"
        )
    return files.write(path, _rendered(figure, kind))


def svg(figure: Figure) -> str:
    """A figure as an SVG element, to stand in an HTML page."""
    text = _rendered(figure, "svg").decode("utf-8")
    return text[text.index("<svg") :]


def _rendered(figure: Figure, kind: str) -> bytes:
    import matplotlib

    dates = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}[kind]
    stream = io.BytesIO()
    with matplotlib.rc_context(SETTINGS):
        figure.savefig(stream, format=kind, metadata=dates)
    return stream.getvalue()
