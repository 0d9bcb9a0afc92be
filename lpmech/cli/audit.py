"""``lpmech audit``: check a given mechanism against every property."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from lpmech.base.errors import PATH, TEXT
from lpmech.base.shown import json_text, shown
from lpmech.cli._limits import LimitReachedError, Limits, limit_options, within
from lpmech.cli._options import read_instance, set_option

if TYPE_CHECKING:
    from lpmech.answer.audit import Audit


@click.command(name="audit")
@click.argument("file", metavar="FILE")
@click.argument("table", metavar="MECHANISM.csv")
@set_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--all", "everything", is_flag=True, help="Every type, however many.")
@limit_options
def command(file: str, table: str, parameters: dict[str, str], as_json: bool, everything: bool, limits: Limits) -> int:
    """Audit the mechanism in MECHANISM.csv on the instance FILE: which properties hold, exactly, and which do not.

    The layout of the table is in docs/mechanisms.md. Exit status: 0 the mechanism meets the instance's requirements;
    1 it violates one of them; 2 bad input; 3 a limit was reached.
    """
    instance = read_instance(file, parameters)
    from lpmech.answer.audit import audit
    from lpmech.reading.mechanism_csv import read

    try:
        found = within(limits, lambda: audit(instance, read(instance.environment, table)))
    except LimitReachedError as why:
        click.echo(f"error: {shown(why, TEXT)}", err=True)
        return 3
    return report(
        found, as_json, everything, file, table, f"{shown(table, PATH)} on {instance.title or shown(file, PATH)}"
    )


def report(found: Audit, as_json: bool, everything: bool, file: str, mechanism: str, title: str) -> int:
    """Print an audit; the exit status that it means."""
    if as_json:
        click.echo(json_text(found.table(file, mechanism)))
    else:
        from lpmech.show.explain.audit import explain

        first, *lines = explain(found, everything=everything, title=title).split("\n")
        click.echo("\n".join([click.style(first, bold=True), *map(_coloured, lines)]))
    return 0 if found.ok else 1


def _coloured(line: str) -> str:
    """The verdict in its colour, and in red the properties that are asked for and do not hold."""
    if line.startswith("  meets the requirements"):
        return click.style(line, fg="green", bold=True)
    if line.startswith("  violates the requirements"):
        return click.style(line, fg="red", bold=True)
    return click.style(line, fg="red") if re.search(r" asked +no ", line) else line
