"""Options and reading of input that commands share."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lpmech.base.catalogue import names
from lpmech.base.errors import PATH, InputError
from lpmech.base.shown import shown

if TYPE_CHECKING:
    from fractions import Fraction

    from lpmech.question.model import Instance


def settings(ctx: click.Context, option: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """NAME=VALUE arguments as a dictionary."""
    out: dict[str, str] = {}
    for text in values:
        name, equals, value = text.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise click.BadParameter(f"{text!r} is not NAME=VALUE, for example k=5 or share=1/3", ctx, option)
        if name.strip() in out:
            raise click.BadParameter(f"{name.strip()} is set twice", ctx, option)
        out[name.strip()] = value.strip()
    return out


def _allow(ctx: click.Context, option: click.Parameter, value: bool) -> None:
    ctx.meta[ALLOW_PATHS] = value


ALLOW_PATHS = "lpmech.allow_paths"

paths_option: Callable[[Any], Any] = click.option(
    "--allow-paths",
    is_flag=True,
    expose_value=False,
    callback=_allow,
    help="Read tables that the file names from any folder, not only from its own and below.",
)


def allow_paths() -> bool:
    """Whether the command was given --allow-paths."""
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.meta.get(ALLOW_PATHS))


def set_option(command: Any) -> Any:
    """The options of every command that reads an instance file: --set and --allow-paths."""
    override = click.option(
        "--set",
        "parameters",
        multiple=True,
        metavar="NAME=VALUE",
        callback=settings,
        help="Override a parameter of the file (exact: 5, 1/3, 0.25, 2*3). Repeatable.",
    )
    return override(paths_option(command))


method_option: Callable[[Any], Any] = click.option(
    "--method",
    default="auto",
    show_default=True,
    metavar="NAME",
    help=f"auto; a program: {', '.join(names('formulations'))}; or a closed form: {', '.join(names('closed_forms'))}.",
)


class Target(click.ParamType):
    """A file to be written: its folder is there and can be written to, which is known before the long work begins."""

    name = "file"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        folder = Path(value).absolute().parent
        if not folder.is_dir():
            self.fail(f"{shown(value, PATH)}: there is no folder {shown(folder, PATH)}", param, ctx)
        if Path(value).is_dir():
            self.fail(f"{shown(value, PATH)} is a folder; a file name is needed", param, ctx)
        if not Path(value).exists() and not os.access(folder, os.W_OK):
            self.fail(f"{shown(value, PATH)}: nothing can be written in {shown(folder, PATH)}", param, ctx)
        return value


def exact_parameters(parameters: dict[str, str]) -> dict[str, Fraction]:
    """What --set gives, as exact numbers."""
    from lpmech.base.expressions import evaluate

    exact = {}
    for name, value in parameters.items():
        try:
            exact[name] = evaluate(value, {})
        except InputError as problem:
            raise InputError.located(problem, key=f"--set {name}") from None
    return exact


def read_instance(file: str, parameters: dict[str, str]) -> Instance:
    """Load a file, or standard input for ``-``, whose tables are in the working folder or below."""
    from lpmech.reading.instance import MAX_BYTES, decoded, load, loads

    exact = exact_parameters(parameters)
    if file == "-":
        if sys.stdin is None:
            raise InputError("standard input is closed", file="<stdin>", expected="an instance on it, or a file's name")
        text = decoded(sys.stdin.buffer.read(MAX_BYTES + 1), "<stdin>")
        return loads(text, file="<stdin>", parameters=exact, allow_paths=allow_paths())
    return load(file, exact, allow_paths=allow_paths())
