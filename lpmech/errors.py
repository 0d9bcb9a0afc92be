"""Exceptions: bad requests and bad input. ``impossible`` and ``undecided`` are results, never exceptions."""

from __future__ import annotations


class LpmechError(Exception):
    """Root of everything lpmech raises on purpose."""


class InputError(LpmechError, ValueError):
    """Input that cannot be used: what is wrong, where, and what was expected.

    Fields: ``problem`` (one sentence), ``file``, ``line``, ``key`` (dotted path in an instance file), ``value`` (as the
    user wrote it), ``expected`` (what would have been accepted, or the next step). All but ``problem`` may be None.
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
        return InputError(
            self.problem,
            file=self.file or file,
            line=self.line if self.line is not None else line,
            key=self.key or key,
            value=self.value if self.value is not None else value,
            expected=self.expected,
        )

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line) if part is not None)
        text = (f"{place}: " if place else "") + (f"{self.key}: " if self.key else "") + self.problem
        if self.value is not None:
            shown = str(self.value)
            text += f" (got {shown if len(shown) <= 80 else shown[:60] + '… (' + str(len(shown)) + ' characters)'})"
        return text + (f"; expected {self.expected}" if self.expected else "")


class TooLargeError(InputError):
    """A request whose program would not fit in memory; the message says how large it is and what is smaller."""


class ProofError(LpmechError):
    """A proof file that cannot be read at all (a proof that reads but does not hold is a refusal, not an error)."""
