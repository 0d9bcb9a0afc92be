"""One page with the figures of a sweep: nothing to load, the sweep's own text, and how to make it again."""

from __future__ import annotations

import shlex
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lpmech.base.version import __version__
from lpmech.show.plots._rows import Rows
from lpmech.show.plots.style import svg
from lpmech.show.plots.template import template
from lpmech.studies.sweep.store import Store

if TYPE_CHECKING:
    import pandas as pd

    from lpmech.show.plots._drawing import Drawing
    from lpmech.studies.sweep.plan import Plan


def page(folder: Path, plan: Plan, frame: pd.DataFrame, drawings: list[Drawing]) -> str:
    """HTML with every panel as SVG, counts of verdicts and of agreements with theorems, and the texts of the sweep."""
    rows, versions = Rows(frame), Store(folder).manifest["versions"]
    return str(
        template("lpmech.show.plots", "pages").render(
            title=plan.title or folder.resolve().name,
            done=len(frame),
            rows=plan.rows,
            proved=int(frame["proved"].sum()),
            figures=[
                {
                    "caption": one.caption,
                    "panels": [{"name": name, "svg": svg(one.single(n))} for n, (name, _) in enumerate(one.panels)],
                }
                for one in drawings
            ],
            verdicts=_verdicts(rows),
            agreements=_agreements(rows),
            texts=[(name, plan.pins[name]) for name in ("sweep", "instance", "table") if name in plan.pins],
            commands=_commands(folder),
            versions=", ".join(f"{name} {found}" for name, found in versions.items() if found),
            version=__version__,
        )
    )


def _verdicts(rows: Rows) -> dict[str, Any]:
    """A table: sets of requirements by verdicts."""
    pairs = Counter(zip(rows.texts("requirements"), rows.texts("verdict"), strict=True))
    heads = list(dict.fromkeys(str(verdict) for verdict in rows.texts("verdict")))
    heads.sort(key=lambda verdict: (verdict not in ORDER, ORDER.index(verdict) if verdict in ORDER else 0, verdict))
    return {
        "heads": heads,
        "rows": [(name, [f"{pairs[name, verdict]:,}" for verdict in heads]) for name in rows.sets],
    }


ORDER = ("exists", "impossible", "threshold", "no change", "undecided")


def _agreements(rows: Rows) -> list[tuple[str, dict[str, str]]]:
    """How often the verdicts agree with each theorem."""
    return [
        (theorem, {str(said): f"{count:,}" for said, count in Counter(rows.texts(f"{theorem}_agrees")).items() if said})
        for theorem in rows.theorems
    ]


def _commands(folder: Path) -> list[str]:
    name = shlex.quote(folder.resolve().name)
    return [f"lpmech sweep sweep.toml --out {name}", f"lpmech plot {name}", f"lpmech sweep {name} --proof 0"]
