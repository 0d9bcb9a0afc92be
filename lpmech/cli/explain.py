"""``lpmech explain``: the mechanism, or the argument against one."""

from __future__ import annotations

import click

from lpmech.cli._options import method_option, read_instance, set_option


@click.command(name="explain")
@click.argument("file", metavar="FILE")
@set_option
@method_option
@click.option("--all", "everything", is_flag=True, help="Every constraint used, however many.")
def command(file: str, parameters: dict[str, str], method: str, everything: bool) -> int:
    """Explain the verdict on an instance FILE: the mechanism, or the constraints that contradict each other."""
    instance = read_instance(file, parameters)
    from lpmech import engine
    from lpmech.explain import explain

    result = engine.solve(instance, method=method)
    click.echo(explain(result, everything=everything))
    return 3 if result.verdict == "undecided" else 0
