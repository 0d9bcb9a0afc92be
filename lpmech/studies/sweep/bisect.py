"""Where the verdict changes as one parameter varies: an interval of rationals, certified on both sides.

The verdicts at the two ends of the interval differ, and each is proved. At each step the interval is cut at the rational
where the chord through the two exact margins is 0, once, and then in its middle; where the margin at a cut is exactly 0,
a mechanism only just exists there, which is proved like any other verdict, and the ``root`` is an end of the interval if
just beyond it none exists. A margin that is affine in the parameter has its root found by the first chord.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from lpmech.answer.result import Result

Decide = Callable[[Fraction], Result]
"""The result at a value of the parameter."""


@dataclass(frozen=True)
class End:
    """A value of the parameter and what was decided there."""

    at: Fraction
    result: Result

    @property
    def exists(self) -> bool:
        return self.result.verdict == "exists"


@dataclass(frozen=True)
class Threshold:
    """``verdict``: "threshold" if the verdicts at the ends differ, "no change" if they agree (which says nothing about what
    lies between them), "undecided" if some point was."""

    verdict: str
    low: End
    high: End

    @property
    def root(self) -> Fraction | None:
        """The end at which a mechanism only just exists, if one of them is such a point."""
        return next((end.at for end in (self.low, self.high) if end.result.margin == 0), None)

    @property
    def proved(self) -> bool:
        return self.low.result.proved and self.high.result.proved


def threshold(decide: Decide, low: Fraction, high: Fraction, width: Fraction) -> Threshold:
    """Halve [low, high] until it is at most ``width`` wide, keeping verdicts at its ends that differ."""
    ends = End(low, decide(low)), End(high, decide(high))
    if any(end.result.verdict == "undecided" for end in ends):
        return Threshold("undecided", *ends)
    if ends[0].exists == ends[1].exists:
        return Threshold("no change", *ends)
    chord = True
    while ends[1].at - ends[0].at > width:
        cut = _chord(*ends) if chord else None
        chord = cut is None
        at = (ends[0].at + ends[1].at) / 2 if cut is None else cut
        end = End(at, decide(at))
        if end.result.verdict == "undecided":
            return Threshold("undecided", *ends)
        if end.result.margin == 0 and (around := _around(decide, end, ends, width)):
            ends = around
        else:
            ends = (end, ends[1]) if end.exists == ends[0].exists else (ends[0], end)
    return Threshold("threshold", *ends)


def _chord(low: End, high: End) -> Fraction | None:
    """Where the line through the two margins is 0; None unless that is inside the interval."""
    a, b = low.result.margin, high.result.margin
    if not isinstance(a, Fraction) or not isinstance(b, Fraction) or a == b:
        return None
    at = low.at - a * (high.at - low.at) / (b - a)
    return at if low.at < at < high.at and at.denominator < 10**100 else None


def _around(decide: Decide, root: End, ends: tuple[End, End], width: Fraction) -> tuple[End, End] | None:
    """From the root, where a mechanism exists, to a point ``width`` away on the other side, if none exists there."""
    low, high = ends
    at = min(root.at + width, high.at) if low.exists else max(root.at - width, low.at)
    other = End(at, decide(at))
    if other.result.verdict != "impossible":
        return None
    return (root, other) if low.exists else (other, root)
