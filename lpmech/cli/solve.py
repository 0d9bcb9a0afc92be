"""``lpmech solve``: decide instance files."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lpmech.base.errors import PATH, TEXT, InputError, LpmechError
from lpmech.base.shown import json_text, shown
from lpmech.cli._limits import Limits, decide, limit_options, within
from lpmech.cli._options import method_option, read_instance, set_option

if TYPE_CHECKING:
    from lpmech.answer.result import Result

COLOURS = {"exists": "green", "impossible": "red", "undecided": "yellow"}


@click.command(name="solve")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@set_option
@method_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, one for each file.")
@click.option(
    "--proof", "proof_path", metavar="OUT.json", help="Write the proof file (a folder, if there are several files)."
)
@click.option(
    "--mechanism",
    "mechanism_path",
    metavar="OUT.csv",
    help="Write a mechanism with small and round payments, if there is one (one file).",
)
@limit_options
def command(
    files: tuple[str, ...],
    parameters: dict[str, str],
    method: str,
    as_json: bool,
    proof_path: str | None,
    mechanism_path: str | None,
    limits: Limits,
) -> int:
    """Decide each instance FILE: does a mechanism with these properties exist?

    ``-`` reads standard input. Exit status: 0 all decided with verified proofs; 1 an instance contradicts the claim
    of its source; 2 bad input; 3 undecided.
    """
    targets = _proof_targets(proof_path, files)
    if mechanism_path is not None and len(files) > 1:
        raise click.UsageError("--mechanism: one file at a time")
    found: set[int] = set()
    with _progress(files) as advance:
        for file in files:
            try:
                result = _decide(file, parameters, method, limits, alone=len(files) == 1)
            except (LpmechError, OSError) as problem:
                advance(file)
                click.echo(f"error: {_message(problem, file)}", err=True)
                found.add(2)
                continue
            advance(file)
            found.add(1 if result.contradicts_claim else 3 if result.verdict == "undecided" else 0)
            if as_json:
                click.echo(json_text(result.table(file)))
            else:
                click.echo(_block(result, file) + "\n" * (len(files) > 1))
            if file in targets and result.proof is not None:
                try:
                    result.proof.save(targets[file])
                except OSError as problem:
                    click.echo(
                        f"error: {shown(targets[file], PATH)}: the proof was not written: {problem.strerror}", err=True
                    )
                    found.add(2)
            if mechanism_path is not None:
                found.add(_write_mechanism(result, mechanism_path, limits, proof_written=file in targets))
    return next((code for code in (2, 1, 3) if code in found), 0)


def _decide(file: str, parameters: dict[str, str], method: str, limits: Limits, *, alone: bool) -> Result:
    instance = read_instance(file, parameters)
    return decide(instance, method, limits, show=alone or sys.stdout.isatty())


def _write_mechanism(result: Result, path: str, limits: Limits, *, proof_written: bool) -> int:
    """The mechanism of a result, as readable as it can be; exit status."""
    mechanism = result.mechanism
    if mechanism is None:
        click.echo(f"{shown(path, PATH)}: not written, there is no mechanism", err=True)
        return 0
    try:
        mechanism = within(limits, result.readable) or mechanism
    except LpmechError as problem:
        click.echo(f"{shown(path, PATH)}: payments as found, not rounded: {problem}", err=True)
    try:
        mechanism.to_csv(path)
    except (LpmechError, OSError) as problem:
        click.echo(f"error: {shown(path, PATH)}: the mechanism was not written: {_message(problem, path)}", err=True)
        return 2
    if proof_written and mechanism is not result.mechanism:
        click.echo(f"{path}: another mechanism, with rounder payments, than the one in the proof", err=True)
    return 0


def _message(problem: Exception, file: str) -> str:
    if isinstance(problem, OSError):
        return f"{shown(problem.filename or file, PATH)}: {shown(problem.strerror or problem, TEXT)}"
    text = str(problem) if isinstance(problem, InputError) else shown(problem, TEXT)
    name = shown(file, PATH)
    return text if name in text or file == "-" else f"{name}: {text}"


def _proof_targets(proof_path: str | None, files: tuple[str, ...]) -> dict[str, Path]:
    """Where the proof of each file goes: the path itself, or one file each in the folder of that name."""
    if proof_path is None:
        return {}
    folder = Path(proof_path)
    if len(files) == 1 and not folder.absolute().parent.is_dir():
        raise click.UsageError(f"--proof {folder}: there is no folder {folder.parent}")
    if len(files) == 1 and not folder.is_dir():
        return {files[0]: folder}
    stems = {file: Path("stdin" if file == "-" else file) for file in files}
    names = {file: "-".join(part for part in (p.parent.name, p.stem) if part) for file, p in stems.items()}
    twice = sorted({name for name in names.values() if list(names.values()).count(name) > 1})
    if twice:
        raise click.UsageError(f"--proof: two files would share the proof file {twice[0]}.proof.json; solve them apart")
    folder.mkdir(parents=True, exist_ok=True)
    return {file: folder / f"{name}.proof.json" for file, name in names.items()}


def _progress(files: tuple[str, ...]) -> AbstractContextManager[Any]:
    """A bar on standard error for several files, if answers go elsewhere; on one terminal they are progress enough."""
    if len(files) < 2 or not sys.stderr.isatty() or sys.stdout.isatty():
        return nullcontext(lambda file: None)
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=False,
    )

    class Steps:
        def __enter__(self) -> Any:
            bar.__enter__()
            task = bar.add_task("solving", total=len(files))
            return lambda file: bar.update(task, advance=1, description=Path(file).stem[:30])

        def __exit__(self, *problem: Any) -> None:
            bar.__exit__(*problem)

    return Steps()


def _block(result: Result, file: str) -> str:
    """The answer for people."""
    from lpmech.question.words import objective_words, question
    from lpmech.show.explain.words import amount

    lines = [click.style(result.instance.title or shown(file, PATH), bold=True)]
    verdict = click.style(result.verdict, fg=COLOURS[result.verdict], bold=True)
    said = ""
    if result.margin is not None:
        said = f"   margin {amount(result.margin)}"
    if result.instance.objective.maximize != "margin" and result.value is not None:
        said += f"   largest {objective_words(result.instance.objective)} {amount(result.value)}"
    lines.append(f"  {verdict}{said}")
    lines += [f"  {line}" for line in question(result.instance)]
    if result.proved:
        lines.append(f"  proof verified; method {result.method}; {result.seconds:.2f} s")
    else:
        lines.append(f"  not proved: {shown(result.reason, TEXT)}")
    claim, source = result.instance.claim, result.instance.source or "its source"
    if result.contradicts_claim:
        lines.append(click.style(f"  contradicts {source}, which claims: {claim}", fg="red", bold=True))
    elif claim and result.verdict != "undecided":
        lines.append(f"  as claimed by {source}")
    if result.instance.continuous and result.verdict != "undecided":
        ask = "" if file == "-" else f": lpmech limit {shown(file, PATH)}"
        lines.append(f"  a grid of a continuous distribution; the continuum may differ{ask}")
    return "\n".join(lines)
