"""The frontier of welfare against subsidy: against the full program at subsidies in between, and known corners."""

from __future__ import annotations

import json
import random
from fractions import Fraction as F
from itertools import pairwise
from pathlib import Path

import pytest
from support import random_instances

import lpmech
from lpmech import BilateralTrade, Distribution, Instance, Requirements, SocialChoice, Type
from lpmech.answer.mechanism import Mechanism
from lpmech.base.errors import TooLargeError
from lpmech.engine import solve
from lpmech.question.words import requirement_words
from lpmech.studies.subsidies import Frontier, frontier, subsidised

ROOT = Path(__file__).parent.parent / "instances"
KM = ROOT / "kos-manea-2009/example-1-one-buyer.toml"


def free(instance: Instance) -> Instance:
    return instance.with_requirements(allocation="free", ties="any")


def trade(b: list[int], s: list[int], *need: str, **more: str) -> Instance:
    return Instance(BilateralTrade(Distribution(b), Distribution(s)), Requirements(*need, **more))


def check(found: Frontier, subsidies: list[F], method: str = "full") -> None:
    """Lines are proved and touch the curve, corners have mechanisms, values are those of the program."""
    instance = found.instance
    assert all(a.slope > b.slope for a, b in pairwise(found.lines))
    assert found.slopes[-1] == 0
    assert all(line.proof.verify() for line in found.lines)
    for point, line in zip(found.points, found.lines, strict=True):
        assert line.at(point.subsidy) == point.welfare
        asked, made = subsidised(free(instance), point.subsidy), point.mechanism(instance)
        assert made.welfare == point.welfare
        assert lpmech.audit(asked, Mechanism(asked.environment, tuple(made.transfers), made.lotteries)).ok
    for (point, line), after in zip(zip(found.points, found.lines, strict=True), found.points[1:], strict=False):
        assert point.subsidy < after.subsidy
        assert line.at(after.subsidy) == after.welfare
    for s in subsidies:
        result = solve(subsidised(free(instance).with_objective("welfare"), s), method=method)
        expected = None if result.verdict == "impossible" else result.value
        assert found(s) == (None if expected is None else expected - s)


def test_two_types_each() -> None:
    """kos-manea-2009, Example 1: the second best at 0, the first best at 1/8, the deficit of VCG'."""
    found = lpmech.frontier(KM)
    assert list(found) == [(0, F(49, 40)), (F(1, 8), F(5, 4))]
    assert found.slopes == [F(1, 5), 0]
    assert found("1/16") == F(99, 80)
    check(found, [F(1, 16), F(1, 5)])


@pytest.mark.parametrize("points", [5, 6])
def test_uniform_grids(points: int) -> None:
    """myerson-satterthwaite-1983: from the second best to the first, which takes -margin."""
    law = Distribution([F(2 * k + 1, 2 * points) for k in range(points)])
    instance = Instance(BilateralTrade(law, law), Requirements("BIC", "interim", "balanced"))
    found, efficient = frontier(instance), solve(instance)
    assert isinstance(efficient.margin, F)
    assert found.points[0].subsidy == 0
    assert found.points[0].welfare == solve(free(instance).with_objective("welfare"), method="full").value
    assert found.points[-1].subsidy == -efficient.margin
    assert found.points[-1].welfare == found.first_best == efficient.proof.mechanism.welfare  # type: ignore[union-attr]
    check(found, [found.points[-1].subsidy * F(k, 5) for k in range(1, 6)], "second_best")


CASES = [
    trade([1, 3, 4], [0, 2, 3], "DSIC", "ex-post", "balanced"),
    trade([1, 3, 4], [0, 2, 3], "DSIC", "interim", "no-deficit", transfers="groves"),
    trade([2, 3, 7], [0, 1, 5], "DSIC", "interim", "no-expected-deficit"),
    trade([2, 3, 7], [0, 1, 5], "BIC", "ex-post", "no-deficit"),
    trade([2, 5, 7], [1, 4, 6], "BIC", "interim", "no-expected-deficit"),
]


@pytest.mark.parametrize("instance", CASES, ids=lambda i: " ".join(requirement_words(i)))
def test_every_notion(instance: Instance) -> None:
    found = frontier(instance)
    end = found.points[-1].subsidy
    check(found, [F(0), end / 3, end * F(3, 4), end, end + 1])


def test_some_of_them_have_corners() -> None:
    assert sum(len(frontier(instance)) > 1 for instance in CASES) >= 3


@pytest.mark.parametrize("seed", range(6))
def test_random_instances(seed: int) -> None:
    instance, rng = random_instances.instance(seed), random.Random(seed)
    found = frontier(instance)
    check(found, [found.points[-1].subsidy * F(rng.randint(0, 40), 40), found.points[0].subsidy])


@pytest.mark.parametrize("seed", range(8))
def test_closed_form_and_tangents_agree(seed: int) -> None:
    """Bilateral trade by prices, and the same question as a social choice, taxed a little, by tangents."""
    rng, tax = random.Random(seed), F(1, 50)
    laws = (Distribution(sorted(rng.sample(range(9), 4)), random_instances.masses(rng, 4)) for _ in "BS")
    instance = Instance(BilateralTrade(*laws), Requirements("BIC", "interim", rng.choice(["balanced", "no-deficit"])))
    closed, other = frontier(instance), frontier(subsidised(instance, -tax))
    assert other.instance.environment.kind == "social-choice"
    for s in [*dict(closed), *(x - tax for x, _ in other), closed.points[-1].subsidy / 3]:
        if s >= 0:
            assert closed(s) == other(s + tax) + tax


def test_an_allocation_at_types_without_mass_costs_nothing() -> None:
    """Efficiency asks the buyer of value 7 and mass 0 to trade, which costs 25/51; expected welfare does not."""
    buyer = Distribution([1, 5, 7, 9], ["1/3", "1/6", 0, "1/2"])
    seller = Distribution([2, 4, 5, 8, 9, 10], [F(k, 17) for k in (1, 3, 7, 1, 2, 3)])
    instance = Instance(BilateralTrade(buyer, seller), Requirements("BIC", "interim", "balanced"))
    assert solve(instance).margin == F(-25, 51)
    assert list(frontier(instance)) == [(0, F(635, 408)), (F(4, 51), F(53, 34))]


def test_a_subsidy_may_be_needed_for_anything() -> None:
    """Each of two has 1 without a mechanism and may be worth 1/2 within: both have to be paid 1/2, whatever they say."""
    types = [Type("low", "1/2", [0, "1/2"], 1), Type("high", "1/2", [0, "3/4"], 1)]
    instance = Instance(
        SocialChoice(["no", "yes"], {"a": types, "b": types}), Requirements("BIC", "interim", "balanced")
    )
    found = frontier(instance)
    assert found.points[0].subsidy == 1
    assert found("1/2") is None
    check(found, [F(1, 2), F(1), F(2)])
    assert "No allocation at all can be had with a subsidy of less than 1." in found.explain()


def test_no_subsidy_may_be_enough() -> None:
    """Green and Laffont: dominant strategies with a balanced budget never reach the first best."""
    found = lpmech.frontier(ROOT / "mishra-2020/green-laffont.toml")
    assert found.points[-1].welfare < found.first_best
    check(found, [F(0), F(10)])
    assert "No subsidy, however large, brings the first best" in found.explain()


def test_what_needs_no_subsidy_is_one_point() -> None:
    found = lpmech.frontier(ROOT / "kos-manea-2009/example-2-one-buyer.toml")
    assert list(found) == [(0, F(53, 9))]
    assert repr(found) == "<Frontier: 1 point, (0, 53/9)>"


def test_more_corners_than_asked_for_are_refused() -> None:
    with pytest.raises(TooLargeError, match="more corners"):
        frontier(CASES[0], most=1)


def test_tables() -> None:
    found = lpmech.frontier(KM)
    assert len(found) == 2
    assert found.csv().splitlines() == ["subsidy,welfare,slope,loss", "0,49/40,1/5,1/40", "1/8,5/4,0,0"]
    assert found.to_frame()["welfare"].tolist() == [F(49, 40), F(5, 4)]
    assert found.to_frame(exact=False)["subsidy"].tolist() == [0.0, 0.125]
    assert json.loads(json.dumps(found.table()))["points"][1]["subsidy"] == "1/8"
    assert found._repr_html_().startswith('<div class="lpmech">')
    for style in ("text", "markdown", "latex", "html"):
        assert "49" in found.explain(style)


def test_subsidies_are_exact_numbers() -> None:
    curve = lpmech.frontier(KM)
    assert curve("1/16") == F(99, 80)
    assert curve(-1) is None
    with pytest.raises(lpmech.InputError, match="not exact"):
        curve(0.1)  # type: ignore[arg-type]
