"""The command line. Each file of this folder is one command and defines ``command``; adding a file adds a command.

Start-up matters: nothing here, and nothing at the top of a command's file, imports numpy, cvxpy, pandas or scipy.
"""

from __future__ import annotations

import os
import re
import sys
from importlib import import_module
from pkgutil import iter_modules

import click

from lpmech import __version__
from lpmech.cli._output import data_alone
from lpmech.errors import PATH, TEXT, InputError, LpmechError
from lpmech.shown import shown

BAD_INPUT = 2


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
        from difflib import get_close_matches

        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            known = self.list_commands(ctx)
            near = get_close_matches(args[0], known, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"commands: {', '.join(known)}"
            raise click.UsageError(f"no command {args[0]!r}; {hint}", ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="%(prog)s %(version)s")
def group() -> None:
    """Does an efficient mechanism exist? Exact verdicts, with proofs, for mechanism design with discrete types.

    Exit status: 0 decided and verified; 1 a check failed; 2 bad request or bad input; 3 undecided.
    """


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; bad input becomes one message on standard error and exit status 2."""
    with data_alone():
        _main(arguments)


def _main(arguments: list[str] | None) -> None:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    code: object = 0
    try:
        # not group.main: it answers a closed pipe with exit status 1, which here means that a check failed
        with group.make_context("lpmech", [*(sys.argv[1:] if arguments is None else arguments)]) as context:
            code = group.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as done:
        code = done.exit_code
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        code = 130
    except click.ClickException as problem:
        problem.message = shown(problem.message, TEXT)  # type: ignore[misc]  # arguments are foreign text, too
        problem.show()
        code = BAD_INPUT
    except LpmechError as problem:
        click.echo(f"error: {_message(problem)}", err=True)
        code = BAD_INPUT
    except BrokenPipeError:  # whoever reads has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as problem:
        click.echo(f"error: {shown(problem.filename or 'output', PATH)}: {problem.strerror or problem}", err=True)
        code = BAD_INPUT
    except MemoryError:
        click.echo("error: out of memory; a coarser grid or fewer agents would fit", err=True)
        code = BAD_INPUT
    sys.exit(code if isinstance(code, int) else 0)


def _message(problem: LpmechError) -> str:
    """An InputError may have several lines, and escapes what it shows; of any other the sentence."""
    return str(problem) if isinstance(problem, InputError) else shown(problem, TEXT)
