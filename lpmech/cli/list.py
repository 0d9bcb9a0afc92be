"""``lpmech list``: named mechanisms, closed forms, formulations and theorems, with their sources."""

from __future__ import annotations

import json
import shutil
import textwrap

import click

from lpmech.catalogue import FOLDERS, entries


@click.command(name="list")
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON object: kind, then a list of names, titles and sources."
)
def command(as_json: bool) -> None:
    """List the mechanisms, closed forms, formulations and theorems that there are, with their sources."""
    known = {folder: found for folder in FOLDERS if (found := entries(folder))}
    if as_json:
        click.echo(json.dumps({folder: [vars(entry) for entry in found] for folder, found in known.items()}))
        return
    width = min(shutil.get_terminal_size().columns, 110)
    column = 2 + max(len(entry.name) for found in known.values() for entry in found) + 2
    for number, (folder, found) in enumerate(known.items()):
        click.echo("\n" * (number > 0) + click.style(FOLDERS[folder], bold=True))
        for entry in found:
            lines = _wrapped(entry.title, width - column)
            lines += [click.style(line, dim=True) for line in _wrapped(entry.source or "", width - column)]
            for name, text in zip([f"  {entry.name}", *[""] * len(lines)], lines, strict=False):
                click.echo(f"{name:{column}}{text}")


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, max(width, 30), break_on_hyphens=False)
