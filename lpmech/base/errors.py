"""Exceptions: bad requests and bad input. ``impossible`` and ``undecided`` are results, never exceptions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import copy

from lpmech.base.shown import shown

PATH = 300
"""Characters of a path or a key in a message; longer ones are shortened."""

LONGEST_PATH = 5000
"""Longer than paths are: for those that are an answer, and not only named in one."""

TEXT = 2000
"""Characters of a sentence in a message."""

KEPT = 100
"""Complaints about one input that are kept; further ones are counted."""


class LpmechError(Exception):
    """Root of everything lpmech raises on purpose."""


class InputError(LpmechError, ValueError):
    """Input that cannot be used: what is wrong, where, and what was expected.

    Fields: ``problem`` (one sentence), ``file``, ``line``, ``key`` (dotted path in an instance file), ``value`` (as the
    user wrote it), ``expected`` (what would have been accepted, or the next step). All but ``problem`` may be None.
    A constructor that raises gives the key relative to what it constructs; whoever reads a file puts the rest in front.
    """

    def __init__(
        self,
        problem: str,
        *,
        file: str | None = None,
        line: int | None = None,
        key: str | None = None,
        value: object = None,
        expected: str | None = None,
    ) -> None:
        self.problem, self.file, self.line, self.key = problem, file, line, key
        self.value, self.expected = value, expected
        super().__init__(problem)

    more = 0
    """Further complaints, which were counted and not kept."""

    def located(
        self, *, file: str | None = None, line: int | None = None, key: str | None = None, value: object = None
    ) -> InputError:
        """The same complaint with whatever of its place was still unknown filled in."""
        found = copy(self)
        found.file = self.file or file
        found.line = self.line if self.line is not None else line
        found.key = self.key or key
        found.value = self.value if self.value is not None else value
        return found

    def under(self, key: str) -> InputError:
        """The same complaint seen from the table that holds the part complained about: ``key`` goes in front."""
        found = copy(self)
        joint = "." if key and self.key and not self.key.startswith("[") else ""
        found.key = key + joint + (self.key or "") or None
        return found

    @property
    def parts(self) -> tuple[InputError, ...]:
        """The single complaints that this one is made of."""
        return (self,)

    def __str__(self) -> str:
        place = ":".join(shown(part, PATH) for part in (self.file, self.line) if part is not None)
        text = (f"{place}: " if place else "") + (f"{shown(self.key, PATH)}: " if self.key else "")
        text += shown(self.problem, TEXT)
        if self.value is not None:
            text += f" (got {shown(self.value)})"
        return text + (f"; expected {shown(self.expected, TEXT)}" if self.expected else "")


class InputErrors(InputError):  # noqa: N818 (several of them)
    """Several complaints about one input, in ``parts``; the fields of InputError are those of the first.

    ``more`` complaints were counted and not kept.
    """

    SHOWN = 20

    def __init__(self, errors: Iterable[InputError], more: int = 0) -> None:
        self.errors = tuple(part for error in errors for part in error.parts)
        first = self.errors[0]
        super().__init__(
            first.problem,
            file=first.file,
            line=first.line,
            key=first.key,
            value=first.value,
            expected=first.expected,
        )
        self.more = more

    def __reduce__(self) -> tuple[type[InputErrors], tuple[tuple[InputError, ...], int]]:
        return InputErrors, (self.errors, self.more)

    def located(
        self, *, file: str | None = None, line: int | None = None, key: str | None = None, value: object = None
    ) -> InputErrors:
        return InputErrors((e.located(file=file, line=line, key=key, value=value) for e in self.errors), self.more)

    def under(self, key: str) -> InputErrors:
        return InputErrors((e.under(key) for e in self.errors), self.more)

    @property
    def parts(self) -> tuple[InputError, ...]:
        return self.errors

    def __str__(self) -> str:
        lines = [str(e) for e in self.errors[: self.SHOWN]]
        more = len(self.errors) - len(lines) + self.more
        if more:
            lines.append(f"... and {more:,} more")
        return "\n".join(lines)


class Complaints:
    """Gathers the complaints of checks that do not depend on each other, so that a user reads them at once.

    The first KEPT are kept in ``errors``, the rest is counted in ``more``.

    >>> complaints = Complaints()
    >>> with complaints.about("buyer"):
    ...     raise InputError("no values", key="values")
    >>> [part.key for part in complaints.errors]
    ['buyer.values']
    """

    def __init__(self, more: int = 0) -> None:
        self.errors: list[InputError] = []
        self.more = more

    @property
    def full(self) -> bool:
        """Whether further complaints are only counted."""
        return len(self.errors) >= KEPT

    def note(self, *errors: InputError) -> None:
        """Keep the complaints, or count them."""
        for error in errors:
            if self.full:
                self.more += 1
            else:
                self.errors.append(error)

    @contextmanager
    def about(self, key: str) -> Iterator[None]:
        """Note an InputError of this block, with its key under ``key``, and go on after the block."""
        try:
            yield
        except InputError as error:
            self.more += error.more
            self.note(*error.under(key).parts)

    def error(self) -> InputError:
        """What was noted (there must be something), as one exception."""
        if len(self.errors) == 1 and not self.more:
            return self.errors[0]
        return InputErrors(self.errors, self.more)

    def settle(self) -> None:
        """Raise what was noted, if anything."""
        if self.errors:
            raise self.error()


class UndecidedError(LpmechError):
    """No proof was found: of a verdict, or of one of several that an answer is made of. The message says why."""


class TooLargeError(InputError):
    """A request whose program would not fit in memory; the message says how large it is and what is smaller."""
