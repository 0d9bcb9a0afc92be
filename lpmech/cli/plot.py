"""``lpmech plot``: figures of a directory of sweep results."""

from __future__ import annotations

import click

from lpmech.base.errors import LONGEST_PATH
from lpmech.base.shown import shown
from lpmech.cli._options import settings


@click.command(name="plot")
@click.argument("folder", metavar="DIR")
@click.option(
    "--format",
    "form",
    default="png",
    show_default=True,
    type=click.Choice(["png", "svg", "pdf"]),
    help="Kind of figures.",
)
@click.option("-o", "--out", metavar="DIR", help="Where the figures go. Default: DIR/plots.")
@click.option("--x", metavar="NAME", help="The parameter across; alone, the only one shown as an axis.")
@click.option("--y", metavar="NAME", help="The parameter upwards.")
@click.option(
    "--where",
    multiple=True,
    metavar="NAME=VALUE",
    callback=settings,
    help="Only rows with this value of a parameter, or this set of requirements. Repeatable.",
)
def command(folder: str, form: str, out: str | None, x: str | None, y: str | None, where: dict[str, str]) -> None:
    """Draw the results in DIR: phase diagrams, margins, thresholds, shares, and index.html with all of them.

    A sweep that is not finished is drawn as far as it is done. Prints the files written.
    """
    from lpmech.show.plots import require_matplotlib

    require_matplotlib()
    from lpmech.show.plots.gallery import plot
    from lpmech.studies.sweep import plan_of, tally

    for path in plot(folder, form=form, out=out, x=x, y=y, where=where):
        click.echo(shown(path, LONGEST_PATH))
    done, rows = sum(count for count, _ in tally(folder).values()), plan_of(folder).rows
    if done < rows:
        click.echo(f"{done:,} of {rows:,} rows: the sweep is not finished", err=True)
