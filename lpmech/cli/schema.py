"""``lpmech schema``: the JSON Schema of instance files."""

from __future__ import annotations

import json

import click


@click.command(name="schema")
def command() -> None:
    """Print the JSON Schema of instance files (for editors and other programs)."""
    from lpmech.reading.instance import schema

    click.echo(json.dumps(schema(), indent=2))
