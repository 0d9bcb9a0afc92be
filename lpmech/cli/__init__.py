"""The command line. Each file of this folder is one command and defines ``command``; adding a file adds a command.

Start-up matters: nothing here, and nothing at the top of a command's file, imports numpy, cvxpy, pandas or scipy.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import click

from lpmech.base.errors import PATH, TEXT, InputError, LpmechError, UndecidedError
from lpmech.base.near import did_you_mean
from lpmech.base.shown import shown
from lpmech.base.version import __version__
from lpmech.cli._encoding import adapt
from lpmech.cli._output import data_alone

BAD_INPUT, UNDECIDED = 2, 3


class _Commands(click.Group):
    """The commands of this folder, imported when asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(module.name for module in iter_modules(__path__) if not module.name.startswith("_"))

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in self.list_commands(ctx):
            return None
        return import_module(f"{__name__}.{name}").command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Each command with the first sentence of its help, whole."""
        rows = []
        for name in self.list_commands(ctx):
            command = self.get_command(ctx, name)
            words = " ".join(((command and command.help) or "").split("\n\n")[0].split())
            rows.append((name, re.split(r"(?<=[a-z)`])\. ", words)[0].rstrip(".").replace("``", "")))
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            known = self.list_commands(ctx)
            hint = did_you_mean(args[0], known) or f"commands: {', '.join(known)}"
            raise click.UsageError(f"no command {args[0]!r}; {hint}", ctx)
        return super().resolve_command(ctx, args)

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        with _output():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        with _output():
            code = super().invoke(ctx)
            sys.stdout.flush()
            return code


class _ReaderGoneError(Exception):
    """Whoever reads standard output has seen enough. No OSError: click would end with status 1, a check that failed."""


@contextmanager
def _output() -> Iterator[None]:
    """Where output is written: a closed pipe gets a name of its own."""
    try:
        yield
    except BrokenPipeError as problem:
        raise _ReaderGoneError from problem


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="%(prog)s %(version)s")
def group() -> None:
    """Does an efficient mechanism exist? Exact verdicts, with proofs, for mechanism design with discrete types.

    Exit status: 0 decided and verified; 1 a check failed; 2 bad request or bad input; 3 undecided.
    """


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; bad input becomes one message on standard error and exit status 2."""
    _streams()
    with data_alone():
        _main(arguments)


def _main(arguments: list[str] | None) -> None:
    code: object = 0
    try:
        given = sys.argv[1:] if arguments is None else arguments
        code = group.main([*given], prog_name="lpmech", standalone_mode=False)
    except _ReaderGoneError:
        _discard_output()
    except (click.exceptions.Abort, KeyboardInterrupt):
        _say("interrupted")
        code = 130
    except click.ClickException as problem:
        problem.message = shown(problem.message, TEXT)  # type: ignore[misc]  # arguments are foreign text, too
        with suppress(OSError):
            problem.show()
        code = BAD_INPUT
    except UndecidedError as problem:
        _say(f"undecided: {_message(problem)}")
        code = UNDECIDED
    except LpmechError as problem:
        _say(f"error: {_message(problem)}")
        code = BAD_INPUT
    except OSError as problem:
        _discard_output()  # if it was standard output that failed, what is left of it fails again
        _say(f"error: {shown(problem.filename or 'output', PATH)}: {problem.strerror or problem}")
        code = BAD_INPUT
    except MemoryError:
        _say("error: out of memory; a coarser grid or fewer agents would fit")
        code = BAD_INPUT
    sys.exit(code if isinstance(code, int) else 0)


def _message(problem: LpmechError) -> str:
    """An InputError may have several lines, and escapes what it shows; of any other the sentence."""
    return str(problem) if isinstance(problem, InputError) else shown(problem, TEXT)


def _streams() -> None:
    """Streams that are closed lead nowhere, so that no file gets their numbers; what cannot be encoded is replaced."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            nowhere = os.open(os.devnull, os.O_RDWR)  # the smallest number that is free: this one
            if name != "stdin" and getattr(sys, name) is None:
                setattr(sys, name, open(nowhere, "w", encoding="utf-8", closefd=False))  # noqa: SIM115 (for good)
    for stream in (sys.stdout, sys.stderr):
        adapt(stream)


def _discard_output() -> None:
    """What Python has still to write at its end goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    with suppress(OSError, ValueError):
        os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _say(message: str) -> None:
    """One message on standard error, if there is one."""
    with suppress(OSError):
        click.echo(message, err=True)
