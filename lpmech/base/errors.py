"""Exceptions: bad requests and bad input. ``impossible`` and ``undecided`` are results, never exceptions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import copy


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
        place = ":".join(str(part) for part in (self.file, self.line) if part is not None)
        text = (f"{place}: " if place else "") + (f"{self.key}: " if self.key else "") + self.problem
        if self.value is not None:
            shown = str(self.value)
            text += f" (got {shown if len(shown) <= 80 else shown[:60] + '… (' + str(len(shown)) + ' characters)'})"
        return text + (f"; expected {self.expected}" if self.expected else "")


class InputErrors(InputError):  # noqa: N818 (several of them)
    """Several complaints about one input, in ``parts``; the fields of InputError are those of the first."""

    SHOWN = 20

    def __init__(self, errors: Iterable[InputError]) -> None:
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

    def __reduce__(self) -> tuple[type[InputErrors], tuple[tuple[InputError, ...]]]:
        return InputErrors, (self.errors,)

    def located(
        self, *, file: str | None = None, line: int | None = None, key: str | None = None, value: object = None
    ) -> InputErrors:
        return InputErrors(e.located(file=file, line=line, key=key, value=value) for e in self.errors)

    def under(self, key: str) -> InputErrors:
        return InputErrors(e.under(key) for e in self.errors)

    @property
    def parts(self) -> tuple[InputError, ...]:
        return self.errors

    def __str__(self) -> str:
        more = len(self.errors) - self.SHOWN
        lines = [str(e) for e in self.errors[: self.SHOWN]] + ([f"... and {more} more"] if more > 0 else [])
        return "\n".join(lines)


class Complaints:
    """Gathers the complaints of checks that do not depend on each other, so that a user reads them all at once.

    >>> complaints = Complaints()
    >>> with complaints.about("buyer"):
    ...     raise InputError("no values", key="values")
    >>> [part.key for part in complaints.errors]
    ['buyer.values']
    """

    def __init__(self) -> None:
        self.errors: list[InputError] = []

    @contextmanager
    def about(self, key: str) -> Iterator[None]:
        """Note an InputError of this block, with its key under ``key``, and go on after the block."""
        try:
            yield
        except InputError as error:
            self.errors.extend(error.under(key).parts)

    def error(self) -> InputError:
        """What was noted (there must be something), as one exception."""
        return self.errors[0] if len(self.errors) == 1 else InputErrors(self.errors)

    def settle(self) -> None:
        """Raise what was noted, if anything."""
        if self.errors:
            raise self.error()


class UndecidedError(LpmechError):
    """Where an answer is made of several verdicts: one of them was not found; the message says why."""


class TooLargeError(InputError):
    """A request whose program would not fit in memory; the message says how large it is and what is smaller."""
