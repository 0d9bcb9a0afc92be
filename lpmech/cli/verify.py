"""``lpmech verify``: check proof files."""

from __future__ import annotations

import click

from lpmech.cli._options import read_instance, set_option


@click.command(name="verify")
@click.argument("files", nargs=-1, required=True, metavar="PROOF.json...")
@click.option(
    "--instance",
    "instance_path",
    metavar="FILE",
    help="Refuse proofs of another question than this instance file asks; says what differs.",
)
@set_option
@click.option("--no-limits", is_flag=True, help="Check proofs however much work and memory they ask for.")
def command(files: tuple[str, ...], instance_path: str | None, parameters: dict[str, str], no_limits: bool) -> int:
    """Check proof files in exact arithmetic, trusting only the instance restated in them.

    The verifier is one file of standard-library Python and shares no code with the solver; it also runs by itself:
    ``python path/to/lpmech/verify.py PROOF.json``. Exit status: 0 all accepted; 1 refused; 2 not a readable proof file.
    """
    from lpmech.verify import verify_files

    if parameters and instance_path is None:
        raise click.UsageError("--set goes with --instance: a proof has no parameters")
    instance = None if instance_path is None else read_instance(instance_path, parameters)
    return verify_files(files, instance=instance, limits=not no_limits)
