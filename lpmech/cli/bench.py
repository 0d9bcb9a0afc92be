"""``lpmech bench``: does the engine agree with the theorems?"""

from __future__ import annotations

import csv
import io
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lpmech.base.errors import PATH, TEXT
from lpmech.base.near import did_you_mean
from lpmech.base.shown import json_text, shown
from lpmech.base.spreadsheets import cell
from lpmech.cli._options import Target, allow_paths, paths_option

if TYPE_CHECKING:
    from lpmech.studies.agreement import Comparison, Report, Row


@click.command(name="bench")
@click.option("--only", "names", multiple=True, metavar="NAME", help="Only this theorem. Repeatable.")
@click.option(
    "--cases", default=60, show_default=True, type=click.IntRange(0), help="Instances of each theorem's family."
)
@click.option("--seed", default=0, show_default=True, help="Seed of the random instances.")
@click.option(
    "--instances",
    "folder",
    metavar="DIR",
    help="Instance files, searched for in DIR and below. Default: instances/ if run from a checkout.",
)
@click.option(
    "--workers", type=click.IntRange(1), help="Processes. Default: as many as there are processors, at most 8."
)
@paths_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--csv", "csv_path", type=Target(), metavar="PATH", help="Write one line for each comparison.")
def command(
    names: tuple[str, ...],
    cases: int,
    seed: int,
    folder: str | None,
    workers: int | None,
    as_json: bool,
    csv_path: str | None,
) -> int:
    """Compare verdicts, margins and values with what theorems predict.

    Each theorem is held against every instance that it applies to: files, and seeded random and parametric families. Exit
    status: 0 all agree; 1 a disagreement, which is printed with its instance; 2 bad input; 3 an instance was undecided.
    """
    from lpmech.literature import theorems
    from lpmech.studies import agreement

    known = theorems.names()
    for name in names:
        if name not in known:
            meant = did_you_mean(name, known, 3) or f"theorems: {', '.join(known)}"
            raise click.BadParameter(f"no theorem {name!r}; {meant}", param_hint="--only")
    files = instance_files(folder)
    start = time.perf_counter()
    report = agreement.run(
        tuple(n for n in known if not names or n in names),
        cases=cases,
        seed=seed,
        files=files,
        workers=workers or min(os.cpu_count() or 1, 8),
        allow_paths=allow_paths(),
    )
    seconds = time.perf_counter() - start
    if csv_path is not None:
        write_csv(report, csv_path)
    wrong, open_ = report.with_outcome("disagrees"), report.with_outcome("undecided")
    if as_json:
        click.echo(
            json_text(
                {
                    "format": "lpmech-bench/1",
                    "seed": seed,
                    "cases": cases,
                    "files": len(files),
                    "instances": report.instances,
                    "seconds": round(seconds, 3),
                    "theorems": [row.table() for row in report.rows],
                    "disagreements": [one.table() for one in (*wrong, *open_)],
                }
            )
        )
    else:
        print_table(report)
        for one in (*wrong, *open_):
            print_comparison(one)
        click.echo(
            f"\n{report.instances:,} instances, {len(report.comparisons):,} comparisons, {len(wrong)} disagreements, "
            f"{len(open_)} undecided; {seconds:.1f} s"
        )
    return 1 if wrong else 3 if open_ else 0


def instance_files(folder: str | None) -> list[str]:
    """Instance files of a folder and those below, sweeps aside."""
    if folder is None:
        folder = "instances"
        if not Path(folder).is_dir():
            return []
    elif not Path(folder).is_dir():
        raise click.BadParameter(f"{folder} is not a folder", param_hint="--instances")
    return sorted(str(path) for path in Path(folder).rglob("*.toml") if path.parent.name != "sweeps")


def print_table(report: Report) -> None:
    """One line a theorem; under a limit, how the error shrinks."""
    width = max(len(row.name) for row in report.rows)
    click.echo(f"{'theorem':{width}}  {'':5}  {'cases':>6}  {'agree':>6}  {'differ':>6}  error of a limit")
    for row in report.rows:
        kind = "exact" if row.theorem.exact else "limit"
        counts = f"{len(row.comparisons):6}  {row.count('agrees'):6}  {row.count('disagrees'):6}"
        click.echo(f"{row.name:{width}}  {kind}  {counts}  {error_words(row)}".rstrip())


def error_words(row: Row) -> str:
    """How large the error is, and how it shrinks: ``0.83 of its bound; 0.12 at step 0.5, 0.004 at step 0.025``."""
    limit = row.limits()
    if limit is None:
        return ""
    ends = (f"{limit[f'error_at_{end}']:.2g} at step {limit[f'{end}_step']:.2g}" for end in ("coarsest", "finest"))
    return f"at most {limit['of_bound']:.2f} of its bound; {', '.join(ends)}"


def print_comparison(one: Comparison) -> None:
    """Enough to try again."""
    word = "disagreement" if one.outcome == "disagrees" else "undecided"
    click.echo(f"\n{word}: {one.theorem} on {shown(one.case, PATH)}")
    click.echo(f"  predicted: {one.predicted}\n  found:     {one.found}")
    for problem in one.problems:
        click.echo(f"  {shown(problem, TEXT)}")
    if not one.case.file:
        click.echo("  the instance:\n")
        click.echo("\n".join(f"    {line}".rstrip() for line in one.toml.splitlines()))


def write_csv(report: Report, path: str) -> None:
    """One line a comparison."""
    from lpmech.base.files import write

    text = io.StringIO()
    out = csv.writer(text)
    out.writerow(["theorem", "case", "outcome", "predicted", "found", "problems", "limit", "step", "error"])
    for c in report.comparisons:
        limit = ("", "") if c.limit is None else (c.limit.value, c.limit.step)
        error = "" if c.error is None else c.error
        row = [c.theorem, str(c.case), c.outcome, c.predicted, c.found, "; ".join(c.problems), *limit, error]
        out.writerow(map(cell, row))
    write(path, text.getvalue())
