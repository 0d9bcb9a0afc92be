"""``lpmech sweep``: decide a family of instances, or look at one decided before."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from lpmech.errors import InputError

EVERY = 10.0
"""Seconds between lines of progress where standard error is no terminal."""

Progress = Callable[[int, int], None]


@click.command(name="sweep")
@click.argument("target", metavar="SWEEP.toml|DIR")
@click.option("--out", metavar="DIR", help="Directory of the results; resumed if it holds some of this very sweep.")
@click.option(
    "--workers", type=click.IntRange(min=1), metavar="N", help="Processes on this machine; default: all cores."
)
@click.option("--scheduler", metavar="ADDRESS", help="A Dask scheduler, tcp://HOST:8786, whose workers decide.")
@click.option("--keep-proofs", is_flag=True, help="Keep every proof in the results.")
@click.option("--csv", is_flag=True, help="Print the rows that are done as CSV.")
@click.option(
    "--proof",
    metavar="always|on-request|ROW",
    help="When to make proofs, in place of the file's word; or, with a DIR, the number of a row to prove now.",
)
def command(
    target: str,
    out: str | None,
    workers: int | None,
    scheduler: str | None,
    keep_proofs: bool,
    csv: bool,
    proof: str | None,
) -> int:
    """Decide every row of SWEEP.toml into the directory --out, or show the results in DIR.

    The same command resumes what was interrupted. With --proof ROW, one row of DIR is decided anew and its verified proof
    written to DIR/proofs. Exit status: 0 all decided; 1 a theorem named in the file disagrees with a row; 2 bad input; 3
    some rows without a verdict, or not done yet.
    """
    from lpmech.sweep import require_packages, run

    require_packages()
    if Path(target).is_dir():
        if proof is not None:
            return _prove(target, proof)
        return _show(target, csv)
    if not Path(target).exists():
        raise InputError("no such file or directory", file=target, expected="a sweep file, or a directory of results")
    if out is None:
        raise click.UsageError("--out DIR is missing: where the results go")
    if proof not in (None, "always", "on-request"):
        raise click.UsageError(
            f"--proof {proof}: always or on-request, or the number of a row of a directory of results"
        )
    try:
        with _progress() as progress:
            run(target, out, workers, scheduler, keep_proofs, proof, progress)
    except KeyboardInterrupt:
        click.echo(f"interrupted; the same command resumes what {out} holds", err=True)
        return 130
    return _show(out, csv)


def _prove(folder: str, number: str) -> int:
    """Write the proofs of one row."""
    from lpmech.sweep import row_results

    if not number.isdecimal():
        raise InputError("--proof of a directory of results", value=number, expected="the number of a row")
    place = Path(folder) / "proofs"
    place.mkdir(exist_ok=True)
    found = 0
    for name, result in row_results(folder, int(number)).items():
        if result.proof is None:
            click.echo(f"row {number}: {result.verdict}: {result.reason}")
            found = 3
            continue
        path = result.proof.save(place / f"row-{number}{name.removeprefix('proof').replace('_', '-')}.proof.json")
        click.echo(f"{path}: {result.verdict}, margin {result.table()['margin']}")
    return found


def _show(folder: str, csv: bool) -> int:
    """How many rows have each verdict, or all rows; one part in memory at a time."""
    from lpmech.sweep import agreements, parts, plan_of, tally

    plan, counts, theories = plan_of(folder), tally(folder), agreements(folder)
    done, proofs = (sum(both) for both in zip(*counts.values(), strict=True)) if counts else (0, 0)
    if csv:
        for number, part in enumerate(parts(folder)):
            click.echo(part.to_pandas().to_csv(index=False, header=not number), nl=False)
    else:
        click.secho(plan.title or folder, bold=True)
        click.echo(f"  {done:,} of {plan.rows:,} rows, {proofs:,} with verified proofs")
        for (name, verdict), (count, _) in counts.items():
            click.echo(f"  {name}: {verdict} {count:,}")
        for name, said in theories.items():
            click.echo(f"  {name}: {', '.join(f'{word} {count:,}' for word, count in said.items())}")
    if any("no" in said for said in theories.values()):
        return 1
    fine = {verdict for _, verdict in counts} <= {"exists", "impossible", "threshold", "no change"}
    return 0 if fine and done == plan.rows else 3


@contextmanager
def _progress() -> Iterator[Progress]:
    """On standard error: a bar with rate and time left on a terminal, else a line now and then."""
    from lpmech.sweep.loop import Pace

    pace = Pace()
    if not sys.stderr.isatty():
        from time import perf_counter

        shown = [float("-inf")]

        def line(done: int, rows: int) -> None:
            if done == rows or perf_counter() - shown[0] >= EVERY:
                shown[0] = perf_counter()
                click.echo(pace.words(done, rows), err=True)

        yield line
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    bar = Progress(BarColumn(), TextColumn("{task.description}"), console=Console(stderr=True), transient=True)
    with bar:
        task = bar.add_task("starting workers", total=None)
        yield lambda done, rows: bar.update(task, completed=done, total=rows, description=pace.words(done, rows))
