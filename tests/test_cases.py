"""Questions that went wrong once, or are easily got wrong, each with its right value (tests/cases/)."""

from __future__ import annotations

import json
from fractions import Fraction as F
from pathlib import Path

import pytest

import lpmech
from lpmech.cli import main
from lpmech.reading.instance import loads
from lpmech.verify import verify

CASES = Path(__file__).parent / "cases"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("athey-miller", F(5, 36)),
        ("burning-helps", F(1086, 161)),
        ("burning-helps-balanced", F(3061, 455)),
        ("most-payoff-dsic-balanced", F(13, 18)),
    ],
)
def test_best_values(name: str, value: F) -> None:
    result = lpmech.solve(CASES / f"{name}.toml")
    assert (result.verdict, result.value, result.proved) == ("exists", value, True)


def citizens(count: int, masses: tuple[F, ...], cost: F) -> F:
    """Largest revenue of an efficient public good under BIC and interim IR, values 0, 1, 2: N E[T] less expected cost.

    T(k) = T(k - 1) + v_k (X(k) - X(k - 1)), where X(k) is the chance that it is built."""

    def sums(n: int) -> dict[int, F]:
        out = {0: F(1)}
        for _ in range(n):
            step: dict[int, F] = {}
            for total, mass in out.items():
                for v, p in enumerate(masses):
                    step[total + v] = step.get(total + v, F(0)) + mass * p
            out = step
        return out

    others = sums(count - 1)
    built = [sum((w for total, w in others.items() if total + v > cost), F(0)) for v in range(3)]
    paid = [F(0)]
    for v in (1, 2):
        paid.append(paid[-1] + v * (built[v] - built[v - 1]))
    spent = cost * sum((w for total, w in sums(count).items() if total > cost), F(0))
    return count * sum((p * t for p, t in zip(masses, paid, strict=True)), F(0)) - spent


@pytest.mark.parametrize(("count", "cost"), [(5, "14/3"), (12, "35/3"), (50, "149/3")])
def test_a_public_good_of_identical_citizens(count: int, cost: str) -> None:
    """tests/cases/public-good-fifty.toml, which once took most of a minute of exact pivots; and with fewer citizens."""
    text = (CASES / "public-good-fifty.toml").read_text(encoding="utf-8")
    text = text.replace("count = 50", f"count = {count}").replace('"149/3"', f'"{cost}"')
    result = lpmech.solve(loads(text))
    right = citizens(count, (F(1, 10), F(2, 10), F(7, 10)), F(cost))
    assert (result.verdict, result.margin, result.proved) == ("impossible", right, True)


def test_what_is_described_tells_two_priors_apart() -> None:
    """Opposite verdicts about the same values: with independent types, and with a joint prior."""
    described = []
    for name, verdict, margin in (
        ("proof-independent", "impossible", "-1/8"),
        ("proof-joint-prior", "exists", "15/32"),
    ):
        proof = json.loads((CASES / f"{name}.json").read_text(encoding="utf-8"))
        report = verify(proof)
        assert report
        assert (proof["claim"]["verdict"], proof["claim"]["margin"]) == (verdict, margin)
        described.append((report.question, [line for line in str(report).splitlines() if "instance is valid" in line]))
    (first, one), (second, other) = described
    assert first != second
    assert one != other


def test_undecided_speaks_of_the_question_asked(capsys: pytest.CaptureFixture[str]) -> None:
    """The largest revenue is asked for; a limit of CPU time ends the search."""
    with pytest.raises(SystemExit) as status:
        main(["solve", str(CASES / "undecided-under-load.toml"), "--time-limit", "0.01"])
    said = capsys.readouterr()
    assert status.value.code == 3
    assert "margin program" not in said.out + said.err
    assert "0.01 s" in said.out + said.err
