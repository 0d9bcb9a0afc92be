"""``lpmech table``: the existence table of an environment."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from lpmech.base.errors import PATH
from lpmech.base.shown import json_text, shown
from lpmech.cli._encoding import in_words
from lpmech.cli._limits import Limits, limit_options, within
from lpmech.cli._options import read_instance, set_option

if TYPE_CHECKING:
    from lpmech.studies.existence import Cell, ExistenceTable

FORMATS = ("text", "markdown", "latex", "json")


@click.command(name="table")
@click.argument("file", metavar="FILE")
@set_option
@click.option("--groves", is_flag=True, help="Beside any transfers, Groves transfers.")
@click.option(
    "--format", "style", type=click.Choice(FORMATS), default="text", show_default=True, help="How to print it."
)
@limit_options
def command(file: str, parameters: dict[str, str], groves: bool, style: str, limits: Limits) -> int:
    """Decide every combination of incentives, participation and budget on the environment of an instance FILE.

    The allocation and tie rules of the file are kept. Each cell has its exact margin: the revenue that can be kept, or, if
    negative, the subsidy that is missing. Exit status: 0 all decided; 2 bad input; 3 some undecided or too large.
    """
    instance = read_instance(file, parameters)
    from lpmech.studies.existence import ExistenceTable, decide

    def decided() -> list[Cell]:
        cells = []
        for cell in decide(instance, groves=groves):
            cells.append(cell)
            click.echo(f"\r{len(cells)} of {48 if groves else 24} decided", nl=False, err=True) if _watched() else None
        if _watched():
            click.echo("\r" + " " * 30 + "\r", nl=False, err=True)
        return cells

    cells = within(limits, decided, show=False)
    table = ExistenceTable(instance, tuple(cells))
    if style == "text":
        _show(table, instance.title or shown(file, PATH))
    else:
        text = table.markdown() if style == "markdown" else table.to_latex()
        click.echo(json_text(table.table()) if style == "json" else text)
    return 3 if any(cell.verdict == "undecided" for cell in cells) else 0


def _watched() -> bool:
    """Someone looks at standard error."""
    return sys.stderr.isatty()


def _show(table: ExistenceTable, title: str) -> None:
    from lpmech.question.words import allocation_words, question
    from lpmech.show.existence import margin_text, mark, participation_title
    from lpmech.studies.existence import PARTICIPATION

    click.secho(title, bold=True)
    click.echo(f"  {question(table.instance)[0]}")
    click.echo(f"  {allocation_words(table.instance)}")
    columns = table.columns
    texts = [[(in_words(mark(c)), in_words(margin_text(c)), c.verdict) for c in cells] for _, _, cells in table.rows()]
    for transfers in dict.fromkeys(t for _, t in columns):
        chosen = [n for n, column in enumerate(columns) if column[1] == transfers]
        heads = [columns[n][0].replace("-", " ") for n in chosen]
        widths = [
            max(len(head), *(len(row[n][0]) + 1 + len(row[n][1]) for row in texts))
            for n, head in zip(chosen, heads, strict=True)
        ]
        click.echo()
        label = {"any": "any transfers", "groves": "Groves transfers"}[transfers]
        click.echo(f"  {label:<18}" + "".join(f"  {head:>{w}}" for head, w in zip(heads, widths, strict=True)))
        for (ic, ir, _), row in zip(table.rows(), texts, strict=True):
            if ir == PARTICIPATION[0]:
                click.echo("  " + "-" * (18 + sum(widths) + 2 * len(widths)))
            notion = participation_title(ir)
            line = f"  {ic if ir == PARTICIPATION[0] else '':<6}{notion:<12}"
            for n, w in zip(chosen, widths, strict=True):
                sign, margin, verdict = row[n]
                colour = {"exists": "green", "impossible": "red", "undecided": "yellow"}[verdict]
                line += "  " + " " * (w - len(margin) - 1 - len(sign)) + click.style(f"{sign} {margin}", fg=colour)
            click.echo(line)
