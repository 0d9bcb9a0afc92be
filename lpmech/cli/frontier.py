"""``lpmech frontier``: how much welfare a subsidy buys."""

from __future__ import annotations

import click

from lpmech.base.errors import PATH, TEXT
from lpmech.base.shown import json_text, shown
from lpmech.cli._limits import Limits, limit_options, within
from lpmech.cli._options import read_instance, set_option
from lpmech.show.explain import FORMATS


@click.command(name="frontier")
@click.argument("file", metavar="FILE")
@set_option
@click.option(
    "--format",
    "style",
    type=click.Choice([*FORMATS, "json", "csv"]),
    default="text",
    show_default=True,
    help="How to print it; csv and json have exact numbers as text.",
)
@limit_options
def command(file: str, parameters: dict[str, str], style: str, limits: Limits) -> int:
    """The largest expected welfare for every outside subsidy, any allocation allowed, on the instance FILE.

    Its own incentives, participation, budget and class of transfers are required. The curve is piecewise linear and printed
    by its corners, exactly; each is proved. Exit status: 0 found; 2 bad input, or too large; 3 undecided.
    """
    instance = read_instance(file, parameters)
    from lpmech.base.errors import UndecidedError
    from lpmech.studies.subsidies import frontier

    try:
        found = within(limits, lambda: frontier(instance))
    except UndecidedError as why:
        click.echo(f"error: {shown(file, PATH)}: {shown(why, TEXT)}", err=True)
        return 3
    click.echo(
        {"json": lambda: json_text(found.table(file)), "csv": found.csv}.get(style, lambda: found.explain(style))()
    )
    return 0
