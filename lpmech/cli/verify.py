"""``lpmech verify``: check proof files."""

from __future__ import annotations

import click


@click.command(name="verify")
@click.argument("files", nargs=-1, required=True, metavar="PROOF.json...")
def command(files: tuple[str, ...]) -> int:
    """Check proof files in exact arithmetic, trusting only the instance restated in them.

    The verifier is one file of standard-library Python and shares no code with the solver; it also runs by itself:
    ``python path/to/lpmech/verify.py PROOF.json``. Exit status: 0 all accepted; 1 refused; 2 not a readable proof file.
    """
    from lpmech.verify import main

    return main(list(files))
