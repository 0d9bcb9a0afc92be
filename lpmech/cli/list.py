"""``lpmech list``: named mechanisms, closed forms, formulations and theorems, with their sources."""

from __future__ import annotations

import json
import shutil
import textwrap

import click

from lpmech.catalogue import FOLDERS, entries


@click.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object: kind, then a list of names, titles and sources.")
def command(as_json: bool) -> None:
    """List the mechanisms, closed forms, formulations and theorems that there are, with their sources."""
    known = {folder: found for folder in FOLDERS if (found := entries(folder))}
    if as_json:
        click.echo(json.dumps({folder: [vars(entry) for entry in found] for folder, found in known.items()}))
        return
    width = min(shutil.get_terminal_size().columns, 110)
    for number, (folder, found) in enumerate(known.items()):
        click.echo("\n" * (number > 0) + click.style(FOLDERS[folder], bold=True))
        for entry in found:
            lines = textwrap.wrap(entry.title, width - 28)
            lines += textwrap.wrap(entry.source, width - 30, initial_indent="  ", subsequent_indent="  ") * bool(entry.source)
            for first, line in zip([f"  {entry.name:24}", *[" " * 26] * len(lines)], lines, strict=False):
                click.echo(f"{first}  {line}")
