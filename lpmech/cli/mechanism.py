"""``lpmech mechanism``: build a named mechanism on an instance, and audit it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lpmech.base.errors import PATH, TEXT
from lpmech.base.shown import shown
from lpmech.cli._limits import LimitReachedError, Limits, limit_options, within
from lpmech.cli._options import Target, read_instance, set_option, settings
from lpmech.cli.audit import report

if TYPE_CHECKING:
    from lpmech.answer.audit import Audit
    from lpmech.answer.mechanism import Mechanism


@click.command(name="mechanism")
@click.argument("name", metavar="NAME")
@click.argument("file", metavar="FILE")
@set_option
@click.option(
    "--option",
    "options",
    multiple=True,
    metavar="NAME=VALUE",
    callback=settings,
    help="Option of the mechanism, as docs/mechanisms.md lists them (price=1/2, without=his-part-empty). Repeatable.",
)
@click.option("--csv", "target", type=Target(), metavar="OUT.csv", help="Write the mechanism: a row for each profile.")
@click.option("--json", "as_json", is_flag=True, help="The audit as one JSON object.")
@click.option("--all", "everything", is_flag=True, help="Every type, however many.")
@limit_options
def command(
    name: str,
    file: str,
    parameters: dict[str, str],
    options: dict[str, str],
    target: str | None,
    as_json: bool,
    everything: bool,
    limits: Limits,
) -> int:
    """Build the mechanism NAME (``lpmech list``) on the instance FILE, in exact numbers, and audit it.

    Exit status: 0 it meets the instance's requirements; 1 it violates one of them; 2 bad input, or a mechanism that is
    not defined on the instance; 3 a limit was reached.
    """
    from lpmech.literature import mechanisms

    mechanisms.named(name)  # an unknown name before a file that takes long to read
    instance = read_instance(file, parameters)
    from lpmech.answer.audit import audit

    def audited() -> tuple[Mechanism, Audit]:
        mechanism = mechanisms.build(name, instance, **options)
        return mechanism, audit(instance, mechanism)

    try:
        mechanism, found = within(limits, audited)
    except LimitReachedError as why:
        click.echo(f"error: {shown(why, TEXT)}", err=True)
        return 3
    if target is not None:
        mechanism.to_csv(target)
    return report(found, as_json, everything, file, name, f"{name} on {instance.title or shown(file, PATH)}")
