"""``lpmech limit``: what finer and finer grids tend to."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from lpmech.base.errors import PATH
from lpmech.base.shown import json_text, shown
from lpmech.base.spreadsheets import cell
from lpmech.cli._options import allow_paths, exact_parameters, set_option

if TYPE_CHECKING:
    from fractions import Fraction

    from lpmech.studies.limit import Limit, Quantity, Row

LONGEST = 16
"""Characters of an exact number beyond which it is shown by its double."""


def points_of(ctx: click.Context, option: click.Parameter, text: str | None) -> tuple[int, ...] | None:
    """Numbers with commas between them."""
    if text is None:
        return None
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() for part in parts):
        raise click.BadParameter(f"{text!r}: whole numbers with commas between them, such as 11,21,41,81", ctx, option)
    return tuple(map(int, parts))


@click.command(name="limit")
@click.argument("file", metavar="FILE")
@set_option
@click.option(
    "--points", callback=points_of, metavar="N,N,...", help="Numbers of points to take, in place of doubling the cells."
)
@click.option(
    "--seconds", type=click.FloatRange(min=0), default=20, show_default=True, help="CPU time, about, to refine for."
)
@click.option(
    "--accuracy", type=click.FloatRange(min=0), default=1e-9, show_default=True, help="Error estimate to stop at."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--csv", is_flag=True, help="The grids as CSV.")
def command(
    file: str,
    parameters: dict[str, str],
    points: tuple[int, ...] | None,
    seconds: float,
    accuracy: float,
    as_json: bool,
    csv: bool,
) -> int:
    """Refine the grids of an instance FILE and estimate what its margin, or optimum, tends to.

    Numbers on grids are exact and proved; their limit is extrapolated: an estimate, not a proof. Where a theorem has the
    limit as an integral, it is shown beside. Exit status: 0 estimated; 1 an estimate contradicts
    the integral; 2 bad input; 3 a grid undecided, or too few grids.
    """
    if as_json and csv:
        raise click.UsageError("--json and --csv together: one of the two")
    from lpmech.studies.limit import limit

    found = limit(
        file,
        parameters=exact_parameters(parameters),
        points=points,
        seconds=seconds,
        accuracy=accuracy,
        progress=_progress,
        allow_paths=allow_paths(),
    )
    if sys.stderr.isatty():
        click.echo("\r" + " " * 40 + "\r", nl=False, err=True)
    if as_json:
        click.echo(json_text(found.table(file)))
    elif csv:
        click.echo(found.to_frame().map(cell).to_csv(index=False), nl=False)
    else:
        _show(found, file)
    wrong = [one.name for one in found.quantities if one.contradicts]
    if wrong:
        click.echo(
            f"{file}: {', '.join(wrong)}: the estimate contradicts the theorem's integral; do not trust the estimate, "
            "and try --points with finer grids",
            err=True,
        )
        return 1
    return 0 if all(one.estimate is not None for one in found.quantities) else 3


def _progress(row: Row) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{row.refined.points} points, {row.seconds:.1f} s   ", nl=False, err=True)


def _show(found: Limit, file: str) -> None:
    from lpmech.question.words import allocation_words, question

    click.secho(found.title or shown(file, PATH), bold=True)
    click.echo(f"  {question(found.instance)[0]}")
    click.echo(f"  {allocation_words(found.instance)}")
    if found.massless:
        click.echo(f"  types of probability 0 {found.massless}")
    names = [one.name for one in found.quantities]
    heads = ["points", "verdict", *names]
    lines = [
        [f"{row.refined.points:,}", row.verdict, *(_number(row.numbers[name]) for name in names)] for row in found.rows
    ]
    widths = [max(len(line[n]) for line in [heads, *lines]) for n in range(len(heads))]
    click.echo()
    for line in [heads, ["-" * w for w in widths], *lines]:
        click.echo("  " + "  ".join(f"{text:>{w}}" for text, w in zip(line, widths, strict=True)))
    click.echo(f"  exact, every verdict with a verified proof; {found.stopped}")
    for one in found.quantities:
        click.echo()
        for text in _said(one):
            click.echo(f"  {text}")


def _number(x: Fraction | float | None) -> str:
    """An exact number and its double, or the double alone if it is long."""
    from lpmech.base.exact import decimal, show

    if x is None or isinstance(x, float):
        return "undecided" if x is None else show(x)
    text = show(x)
    if x.denominator == 1:
        return text
    return f"{text} ≈ {decimal(x):.6f}" if len(text) <= LONGEST else f"≈ {decimal(x):.12f}"


def _said(one: Quantity) -> list[str]:
    """The estimate, how it came about, and the theorem."""
    from fractions import Fraction

    found, theory, name = one.estimate, one.integral, one.name
    lines = []
    if found is None:
        lines.append(f"{name}: no estimate, for which three grids with finite numbers are needed")
    elif found.regular:
        orders = ", then ".join(f"h^{p:.3g}" for p in found.orders)
        how = f"errors of order {orders}"
        error = f"give or take {found.error:.1g}"
        lines.append(f"{name}: tends to {float(found.value):.12g}, {error}: an estimate, no proof")
        lines.append(f"  {how}, h the step; from {len(found.used)} of the grids, and checked on grids between them")
    else:
        few = len(found.used) <= 3
        seen = "three grids are too few to see a power law" if few else "no power law that other grids confirm is seen"
        lines.append(f"{name}: no estimate; {float(found.value):.12g} on the finest grid")
        lines.append(f"  {seen}, nothing extrapolated; the last three grids differ by up to {found.error:.1g}")
    if theory is not None:
        exact = isinstance(theory.value, Fraction) and not one.moving
        value = _number(theory.value) if exact else f"{float(theory.value):.12g}"
        what = "integral"
        if one.moving:
            what = "integrals of the file's distributions, which change with the grid, tend to"
            value += f", give or take {theory.error:.1g}: an estimate, no proof"
        lines.append(
            f"  {what}: {value} ({theory.source})" if not one.moving else f"  {what} {value} ({theory.source})"
        )
        if found is not None and found.regular:
            lines.append(f"  difference: {abs(float(found.value - theory.value)):.1g}")
    return lines
