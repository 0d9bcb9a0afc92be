"""``lpmech verify``: check proof files."""

from __future__ import annotations

import click

from lpmech.cli._options import read_instance, set_option


@click.command(name="verify")
@click.argument("files", nargs=-1, metavar="PROOF.json...")
@click.option(
    "--instance",
    "instance_path",
    metavar="FILE",
    help="Refuse proofs of another question than this instance file asks; says what differs.",
)
@set_option
@click.option("--no-limits", is_flag=True, help="Check proofs however much work and memory they ask for.")
@click.option(
    "--standalone",
    metavar="OUT.pyz",
    help="Write the verifier alone as one file, which needs Python and nothing else: python OUT.pyz PROOF.json.",
)
def command(
    files: tuple[str, ...],
    instance_path: str | None,
    parameters: dict[str, str],
    no_limits: bool,
    standalone: str | None,
) -> int:
    """Check proof files in exact arithmetic, trusting only the instance restated in them.

    The verifier needs the standard library alone and shares no code with the solver; it also runs by itself:
    ``python -m lpmech.verify PROOF.json``. Exit status: 0 all accepted; 1 refused; 2 not a readable proof file.
    """
    from lpmech.base.files import write
    from lpmech.verify.command import verify_files
    from lpmech.verify.standalone import archive

    if parameters and instance_path is None:
        raise click.UsageError("--set goes with --instance: a proof has no parameters")
    if not files and standalone is None:
        raise click.UsageError("Missing argument 'PROOF.json...'.")
    if standalone is not None:
        write(standalone, archive())
        click.echo(f"run it with: python {standalone} PROOF.json", err=True)
    if not files:
        return 0
    instance = None if instance_path is None else read_instance(instance_path, parameters)
    return verify_files(files, instance=instance, limits=not no_limits)
