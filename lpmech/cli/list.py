"""``lpmech list``: named mechanisms, closed forms, formulations and theorems, with their sources."""

from __future__ import annotations

import json
import shutil
import textwrap

import click

from lpmech.base.catalogue import FOLDERS, entries

WIDEST = 31
"""Widest column of names: longer names have a line of their own."""


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
    for number, (folder, found) in enumerate(known.items()):
        click.echo("\n" * (number > 0) + click.style(FOLDERS[folder], bold=True))
        column = min(2 + max(len(entry.name) for entry in found) + 2, WIDEST)
        for entry in found:
            lines = _wrapped(entry.title, width - column)
            lines += [click.style(line, dim=True) for line in _wrapped(entry.source or "", width - column)]
            name = f"  {entry.name}"
            if len(name) + 2 > column:  # then it has a line of its own
                click.echo(name)
                name = ""
            for text in lines:
                click.echo(f"{name:{column}}{text}")
                name = ""


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, max(width, 30), break_on_hyphens=False)
