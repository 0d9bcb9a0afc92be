"""What a check says, and why a proof is refused."""

from __future__ import annotations

from dataclasses import dataclass, field

LONGEST_LINE = 1000  # characters of a line about a proof that is refused
SHOWN = 5  # violations listed for each kind of constraint


@dataclass
class Report:
    """What was checked. ``margin`` and ``value`` are the claim's own text; they are proved only if ``accepted``."""

    accepted: bool = False
    verdict: str | None = None
    margin: str | None = None
    value: str | None = None
    title: str = ""
    checks: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    unreadable: bool = False
    question: str | None = None
    """Sixteen hexadecimal digits that name the restated question (``question_of``)."""
    description: list[str] = field(default_factory=list)
    """The restated question in short: types, masses, shares, costs, prior, tables, objective."""

    def __bool__(self) -> bool:
        return self.accepted

    def __str__(self) -> str:
        shown = [("margin", self.margin), ("value", self.value)]
        claim = ", ".join([self.verdict or "no verdict"] + [f"{key} {text}" for key, text in shown if text is not None])
        head = f"ACCEPTED: {claim}" if self.accepted else f"REFUSED (claimed: {claim})"
        if self.unreadable:
            head = "CANNOT BE READ"
        lines = [head] + ([f"  title: {self.title}"] if self.title else [])
        lines += [f"  {line}" for line in self.description]
        lines += [f"  - {line}" for line in self.checks] + [f"  ! {line}" for line in self.problems]
        return "\n".join(printable(line, None if self.accepted else LONGEST_LINE) for line in lines)


class Refusal(Exception):  # noqa: N818
    """Why a proof is refused: one or more sentences."""

    def __init__(self, *problems: str, unreadable: bool = False) -> None:
        super().__init__(*problems)
        self.problems, self.unreadable = problems, unreadable


def printable(line: str, most: int | None = None) -> str:
    """The file is not trusted: its names cannot put line breaks, terminal controls or lone surrogates in the report, nor
    lines of more than ``most`` characters."""
    start = line if most is None or len(line) <= most else f"{line[:most]}... ({len(line)} characters)"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in start)


class Rows:
    """How many constraints of one kind were checked, and those that fail."""

    def __init__(self, name: str) -> None:
        self.name, self.checked, self.failed = name, 0, 0
        self.shown: list[str] = []

    def fail(self, problem: str) -> None:
        self.failed += 1
        if self.failed <= SHOWN:
            self.shown.append(f"{self.name}: {problem}")

    def problems(self) -> list[str]:
        more = self.failed - len(self.shown)
        return self.shown + ([f"{self.name}: and {more} more violations"] if more else [])
