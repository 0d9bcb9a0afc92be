"""Export: a question for other tools, one file a format; the file's name is the name of the format.

Each file defines what ``Format`` says. Laws:

* ``write`` is a function of the instance and the method alone: the same text byte for byte, wherever it runs;
* nothing exact becomes a double without a comment in the text that says so;
* ``check`` tells how another program reads the file and what it should answer.

Files that start with an underscore are helpers; ``coq_library/`` is the fixed part of Coq files.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol, cast

from lpmech.question.model import Instance


class Format(Protocol):
    """What a file of this folder defines."""

    def write(self, instance: Instance, method: str | None) -> str:
        """The text of the file; ``method`` None is the format's own choice. Raises InputError where there is none,
        UndecidedError where the text would be a verdict."""
        ...

    def check(self, file: str) -> str:
        """One line: how to read or check the file of that name."""
        ...


def names() -> list[str]:
    """Names of the formats there are."""
    return sorted(m.name for m in iter_modules(__path__) if not m.name.startswith("_"))


def named(name: str) -> Format:
    """The format of that name."""
    return cast(Format, import_module(f"{__name__}.{name}"))
