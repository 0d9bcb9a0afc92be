"""``lpmech explain``: the mechanism, or the argument against one."""

from __future__ import annotations

import click

from lpmech.cli._options import method_option, patience, read_instance, set_option
from lpmech.show.explain import FORMATS


@click.command(name="explain")
@click.argument("file", metavar="FILE")
@set_option
@method_option
@click.option(
    "--format", "style", type=click.Choice(FORMATS), default="text", show_default=True, help="How to print it."
)
@click.option("--all", "everything", is_flag=True, help="Every line of every table, however many.")
@click.option("--why", is_flag=True, help="Instead: which requirement is to blame, and what would help.")
def command(file: str, parameters: dict[str, str], method: str, style: str, everything: bool, why: bool) -> int:
    """Explain the verdict on an instance FILE: the mechanism, or the argument against any, with exact numbers.

    LaTeX is a whole article, HTML a page without anything to load. Exit status: 0 decided; 2 bad input; 3 undecided.
    """
    instance = read_instance(file, parameters)
    from lpmech import engine
    from lpmech.show.explain import explain

    if why:
        from lpmech.studies.blame import blame

        with patience():
            found = blame(instance, everything=everything)
        click.echo(found.explain(style))
        return 3 if found.result.verdict == "undecided" else 0

    with patience():
        result = engine.solve(instance, method=method)
        told = explain(result, style, everything=everything)
    click.echo(told)
    return 3 if result.verdict == "undecided" else 0
