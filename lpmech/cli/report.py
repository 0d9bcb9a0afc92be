"""``lpmech report``: one page about an instance."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from lpmech.base.errors import PATH
from lpmech.base.shown import shown
from lpmech.cli._encoding import html_text
from lpmech.cli._limits import Limits, limit_options, within
from lpmech.cli._options import Target, method_option, read_instance, set_option

HTML = (".html", ".htm", ".xhtml")
"""What the names of pages end in."""


@click.command(name="report")
@click.argument("file", metavar="FILE")
@set_option
@method_option
@click.option("-o", "--out", type=Target(), metavar="OUT.html", help="File to write; standard output if left out.")
@limit_options
def command(file: str, parameters: dict[str, str], method: str, out: str | None, limits: Limits) -> int:
    """Write a report on an instance FILE: verdict, question, figures, mechanism or argument, existence table, proof.

    One HTML page that loads nothing and needs no scripts. What would take too long is left out, and the page says so. Exit
    status: 0 decided; 1 the verdict contradicts the claim of the instance's source; 2 bad input; 3 undecided.
    """
    if out is None and sys.stdout.isatty():
        raise click.UsageError("a page is nothing to read here: -o report.html writes it to a file")
    if out is not None:
        _a_page(Path(out))
    instance = read_instance(file, parameters)
    from lpmech import engine
    from lpmech.base.files import write
    from lpmech.show.report import report

    def written() -> tuple[str, str, bool]:
        result = engine.solve(instance, method=method)
        return report(result, parameters=parameters, file=file), result.verdict, result.contradicts_claim

    page, verdict, contradicts_claim = within(limits, written)
    if out is None:
        click.echo(html_text(page))
    else:
        write(out, page + "\n")
        click.echo(f"{shown(out, PATH)}: {verdict}, {len(page.encode('utf-8')) // 1000 + 1} kB", err=True)
    return 3 if verdict == "undecided" else 1 if contradicts_claim else 0


def _a_page(path: Path) -> None:
    """Complain before anything is computed: the report is no PDF."""
    if path.suffix and path.suffix.lower() not in HTML:
        raise click.UsageError(f"-o {path}: the report is an HTML page; a name such as {path.with_suffix('.html')}")
