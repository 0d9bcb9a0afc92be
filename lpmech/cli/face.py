"""``lpmech face``: what all optimal mechanisms have in common."""

from __future__ import annotations

from pathlib import Path

import click

from lpmech.base.shown import json_text
from lpmech.cli._encoding import html_text
from lpmech.cli._limits import Limits, limit_options, within
from lpmech.cli._options import read_instance, set_option
from lpmech.show.explain import FORMATS


@click.command(name="face")
@click.argument("file", metavar="FILE")
@set_option
@click.option(
    "--slack",
    default="0",
    show_default=True,
    metavar="DELTA",
    help="All mechanisms within DELTA of the optimum (exact: 1/100, 0.01).",
)
@click.option(
    "--format",
    "style",
    type=click.Choice([*FORMATS, "json"]),
    default="text",
    show_default=True,
    help="How to print it; json has every range and every row, exact numbers as text.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--all", "everything", is_flag=True, help="Every line of every table, however many.")
@click.option(
    "--programs",
    type=click.IntRange(min=0),
    default=2000,
    show_default=True,
    metavar="N",
    help="Most linear programs solved for ranges; what is left out is said.",
)
@click.option(
    "--proofs",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write verified proof files of what binds and of the ends of ranges into DIR, with a list, claims.csv.",
)
@limit_options
def command(
    file: str,
    parameters: dict[str, str],
    slack: str,
    style: str,
    as_json: bool,
    everything: bool,
    programs: int,
    proofs: Path | None,
    limits: Limits,
) -> int:
    """What all optimal mechanisms of the instance FILE have in common, in exact numbers.

    Which requirements bind at every one of them, at some, at none; how far payments, utilities and probabilities range;
    whether mechanism, allocation and interim payoffs are unique. For the margin these are the mechanisms at z = margin.
    Exit status: 0 found; 2 bad input, no optimum, or too large; 3 undecided, or something was left out.
    """
    from lpmech.base.errors import InputError
    from lpmech.base.exact import rational

    try:
        delta = rational(slack)
    except InputError as problem:
        raise problem.located(key="--slack") from None
    instance = read_instance(file, parameters)
    from lpmech.show.explain import render
    from lpmech.show.explain.face import document
    from lpmech.studies.face import face
    from lpmech.studies.face.written import write

    def work() -> tuple[str, int, tuple[int, int]]:
        found = face(instance, delta, programs=programs)
        written = (0, 0) if proofs is None else write(found, proofs)
        told = (
            json_text(found.table(file))
            if as_json or style == "json"
            else render(document(found, everything=everything), style)
        )
        return told, found.left_out, written

    told, left, (count, without) = within(limits, work)
    click.echo(html_text(told) if style == "html" and not as_json else told)
    if proofs is not None:
        more = f"; {without} ends have none: proof files cannot say them" if without else ""
        click.echo(f"{count} proof files in {proofs}{more}", err=True)
    return 3 if left else 0
