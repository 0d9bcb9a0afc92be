"""``lpmech sweep``: decide a family of instances, or look at one decided before."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lpmech.base.errors import LONGEST_PATH, PATH, TEXT, InputError
from lpmech.base.shown import shown
from lpmech.base.spreadsheets import cell
from lpmech.cli._options import allow_paths, paths_option

if TYPE_CHECKING:
    from lpmech.studies.sweep.plan import Plan

EVERY = 10.0
"""Seconds between lines of progress where standard error is no terminal."""

THRESHOLDS = 20
"""Thresholds that are shown."""

Progress = Callable[[int, int], None]


@click.command(name="sweep")
@click.argument("target", metavar="SWEEP.toml|DIR")
@click.option("--out", metavar="DIR", help="Directory of the results; resumed if it holds some of this very sweep.")
@click.option(
    "--workers", type=click.IntRange(min=1), metavar="N", help="Processes on this machine; default: all cores."
)
@click.option("--scheduler", metavar="ADDRESS", help="A Dask scheduler, tcp://HOST:8786, whose workers decide.")
@click.option("--keep-proofs", is_flag=True, help="Keep every proof in the results.")
@click.option("--repair", is_flag=True, help="Move what is damaged in DIR to DIR/set-aside, and decide its rows again.")
@click.option("--retry-crashes", is_flag=True, help="Decide rows again that crashed their worker.")
@click.option("--csv", is_flag=True, help="Print the rows that are done as CSV.")
@paths_option
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
    repair: bool,
    retry_crashes: bool,
    csv: bool,
    proof: str | None,
) -> int:
    """Decide every row of SWEEP.toml into the directory --out, or show the results in DIR.

    The same command resumes what was interrupted. With --proof ROW, one row of DIR is decided anew and its verified proof
    written to DIR/proofs. Exit status: 0 all decided; 1 a theorem named in the file disagrees with a row; 2 bad input; 3
    some rows without a verdict, or not done yet.
    """
    from lpmech.studies.sweep import require_packages, run

    require_packages()
    if Path(target).is_dir():
        if repair or retry_crashes:
            raise click.UsageError(f"--repair and --retry-crashes decide rows: lpmech sweep SWEEP.toml --out {target}")
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
            run(target, out, workers, scheduler, keep_proofs, proof, progress, repair, retry_crashes, allow_paths())
    except KeyboardInterrupt:
        click.echo(f"interrupted; the same command resumes what {shown(out, PATH)} holds", err=True)
        return 130
    return _show(out, csv)


def _prove(folder: str, number: str) -> int:
    """Write the proofs of one row."""
    from lpmech.studies.sweep import row_results

    if not number.isdecimal():
        raise InputError("--proof of a directory of results", value=number, expected="the number of a row")
    place = Path(folder) / "proofs"
    if place.is_symlink() or (place.exists() and not place.is_dir()):
        raise InputError("a link or a file, not a folder", file=str(place), expected="to move it away")
    found = 0
    for name, result in row_results(folder, int(number)).items():
        if result.proof is None:
            click.echo(f"row {number}: {result.verdict}: {shown(result.reason, TEXT)}")
            found = 3
            continue
        place.mkdir(exist_ok=True)
        path = result.proof.save(place / f"row-{number}{name.removeprefix('proof').replace('_', '-')}.proof.json")
        click.echo(f"{shown(path, LONGEST_PATH)}: {result.verdict}, margin {result.table()['margin']}")
    return found


def _show(folder: str, csv: bool) -> int:
    """How many rows have each verdict, or all rows; one part in memory at a time."""
    from lpmech.studies.sweep import agreements, parts, plan_of, tally

    plan, counts, theories = plan_of(folder), tally(folder), agreements(folder)
    done, proofs = (sum(both) for both in zip(*counts.values(), strict=True)) if counts else (0, 0)
    if csv:
        for number, part in enumerate(parts(folder)):
            click.echo(part.to_pandas().map(cell).to_csv(index=False, header=not number), nl=False)
    else:
        click.secho(plan.title or shown(folder, PATH), bold=True)
        click.echo(f"  {done:,} of {plan.rows:,} rows, {proofs:,} with verified proofs")
        for (name, verdict), (count, _) in counts.items():
            if verdict == "threshold":
                click.echo(f"  {shown(name)}: a threshold in {count:,} {'row' if count == 1 else 'rows'}")
            else:
                click.echo(f"  {shown(name)}: {shown(verdict)} {count:,}")
        if plan.bisect is not None:
            _thresholds(folder, plan)
        for name, said in theories.items():
            click.echo(f"  {shown(name)}: {', '.join(f'{shown(word)} {count:,}' for word, count in said.items())}")
    if any("no" in said for said in theories.values()):
        return 1
    fine = {verdict for _, verdict in counts} <= {"exists", "impossible", "threshold", "no change"}
    return 0 if fine and done == plan.rows else 3


def _thresholds(folder: str, plan: Plan) -> None:
    """The first thresholds that were found, in exact numbers."""
    from lpmech.studies.sweep import parts

    assert plan.bisect is not None
    ends = ["low", "high", "verdict_low", "verdict_high", "root"]
    count = 0
    for part in parts(folder, [*plan.names, "requirements", "verdict", *ends]):
        for row in part.to_pylist():
            if row["verdict"] != "threshold":
                continue
            count += 1
            if count > THRESHOLDS:
                click.echo("  ... and more, which --csv prints")
                return
            point = "".join(f", {name} = {row[name]}" for name in plan.names)
            click.echo(f"  {shown(row['requirements'])}{point}: {_threshold(plan.bisect.name, row)}")


def _threshold(name: str, row: dict[str, str]) -> str:
    """Both ends of an interval, and what was proved there."""
    low, high = (f"{row['verdict_' + end]} at {row[end]}" for end in ("low", "high"))
    if row["root"] is None:
        return f"threshold of {name} between {row['low']} and {row['high']}: {low}, {high}"
    return f"threshold of {name} at {row['root']}, where the margin is 0: {low}, {high}"


@contextmanager
def _progress() -> Iterator[Progress]:
    """On standard error: a bar with rate and time left on a terminal, else a line now and then."""
    from lpmech.studies.sweep.loop import Pace

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
