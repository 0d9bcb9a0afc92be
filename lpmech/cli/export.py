"""``lpmech export``: the program for other solvers, or a proof for Coq."""

from __future__ import annotations

import click

from lpmech.base.errors import TEXT, UndecidedError
from lpmech.base.shown import shown
from lpmech.cli._limits import Limits, limit_options, within
from lpmech.cli._options import Target, read_instance, set_option
from lpmech.show import export


@click.command(name="export")
@click.argument("file", metavar="FILE")
@set_option
@click.option("--format", "style", type=click.Choice(export.names()), required=True, help="What to write.")
@click.option("-o", "--out", type=Target(), metavar="OUT", help="File to write; standard output if left out.")
@click.option(
    "--method",
    metavar="NAME",
    help="mps, lp: which program (default: full). coq: what finds the proof, as in solve.",
)
@limit_options
def command(
    file: str, parameters: dict[str, str], style: str, out: str | None, method: str | None, limits: Limits
) -> int:
    """Write the program of an instance FILE for other solvers (mps, lp), or its verdict as a theorem for Coq (coq)."""
    instance = read_instance(file, parameters)
    from lpmech.base.files import write

    form = export.named(style)
    try:
        text = within(limits, lambda: form.write(instance, method))
    except UndecidedError as why:
        click.echo(f"error: {shown(why, TEXT)}", err=True)
        return 3
    if out is None:
        click.echo(text, nl=False)
    else:
        write(out, text)
        click.echo(form.check(out), err=True)
    return 0
