"""A figure of several panels, as one picture or panel by panel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from textwrap import fill
from typing import TYPE_CHECKING, Any

from lpmech.show.plots import _marks as marks
from lpmech.show.plots.settings import SETTINGS
from lpmech.show.plots.style import axes, figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEGEND = 0.6
"""Height of the legend, in inches, that the size of a figure allows for."""


@dataclass(frozen=True)
class Drawing:
    """A figure of one or several panels (name, rows), which ``draw`` draws; ``span``: the scale they have in common."""

    name: str
    caption: str
    panels: tuple[tuple[str, Mapping[str, str]], ...]
    draw: Callable[..., Axes]
    span: marks.Span | None = None
    size: tuple[float, float] = (5.0, 4.0)
    pad: float = 6.0
    """Points between the axes and their title."""

    def whole(self, title: str) -> Figure:
        """All panels, with one scale and one legend."""
        if len(self.panels) == 1:
            one = self.single(0)
            one.suptitle(fill(title, 60), x=0.02, ha="left", fontsize="medium")
            return one
        columns = min(len(self.panels), 3)
        lines = -(-len(self.panels) // columns)
        width, height = self.size
        import matplotlib

        with matplotlib.rc_context(SETTINGS):
            out = figure((0.8 * width * columns + 0.8, 0.85 * height * lines + 0.6))
            places = out.subplots(lines, columns, sharex=True, sharey=True, squeeze=False).ravel().tolist()
        shown: dict[str, Any] = {}
        for ax, (name, where) in zip(places, self.panels, strict=False):
            self.draw(ax=ax, where=where, legend=False, **self._bar(False))
            ax.set_title(fill(name, 40), fontsize="medium", pad=self.pad)
            ax.label_outer()
            handles, labels = ax.get_legend_handles_labels()
            shown |= {label: handle for handle, label in zip(handles, labels, strict=True) if label not in shown}
        for ax in places[len(self.panels) :]:
            ax.set_axis_off()
        if self.span is not None:
            marks.colourbar(self.span, places)
        if shown:
            out.legend(
                shown.values(),
                shown.keys(),
                loc="outside lower left",
                frameon=False,
                fontsize="small",
                ncols=2,
                handlelength=2.6,
            )
        out.suptitle(fill(title, 44 * columns), x=0.02, ha="left", fontsize="medium")
        return out

    def single(self, number: int) -> Figure:
        """One panel by itself, without its name."""
        ax = axes(size=self.size)
        self.draw(ax=ax, where=self.panels[number][1], legend=True, **self._bar(True))
        out: Any = ax.figure
        if legend := ax.get_legend():  # panels beside each other have axes of one height, however long their legends
            out.set_figheight(self.size[1] + legend.get_window_extent().height / out.dpi - LEGEND)
        return out

    def _bar(self, shown: bool) -> dict[str, Any]:
        return {} if self.span is None else {"colourbar": shown, "span": self.span}
