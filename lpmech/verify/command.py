"""The command line of the verifier by itself."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from typing import Any

from lpmech.verify.checking import verify
from lpmech.verify.report import printable

USAGE = "python -m lpmech.verify [--no-limits] PROOF.json ...   (or python OUT.pyz, with the file that runs alone)"


def verify_files(files: Sequence[str], *, instance: Any = None, limits: bool = True) -> int:
    """Report on each file; 0 all accepted, 1 one refused, 2 one that cannot be read."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    status = 0
    try:
        for file in files:
            report = verify(file, instance=instance, limits=limits)
            print(f"{printable(file)}: {report}", file=sys.stderr if report.unreadable else sys.stdout, flush=True)
            status = max(status, 2 if report.unreadable else 0 if report.accepted else 1)
    except BrokenPipeError:  # whoever reads has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as problem:
        print(f"the report could not be written: {problem.strerror}", file=sys.stderr)
        return 2
    return status


def main(argv: Sequence[str] | None = None) -> int:
    """Command line of the verifier by itself."""
    given = list(sys.argv[1:] if argv is None else argv)
    files = [file for file in given if file != "--no-limits"]
    if not files or files[0] in {"-h", "--help"}:
        print(f"usage: {USAGE}", file=sys.stdout if files else sys.stderr)
        return 0 if files else 2
    return verify_files(files, limits="--no-limits" not in given)
