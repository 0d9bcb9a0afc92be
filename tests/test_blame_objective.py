"""Which requirement is to blame, where something else than the margin is asked for."""

from __future__ import annotations

from fractions import Fraction as F
from math import inf
from pathlib import Path

import lpmech

CLASSIC = lpmech.load(Path(__file__).parents[1] / "instances" / "kos-manea-2009" / "example-1-one-buyer.toml")


def test_what_each_requirement_costs_of_the_revenue():
    """Costs of requirements are differences of the largest revenue, each decided by itself."""
    asked = CLASSIC.with_requirements(allocation="free", budget="no-deficit").with_objective("revenue")
    found = lpmech.blame(asked)
    assert found.instance == asked
    assert (found.result.verdict, found.result.value, found.subsidy) == ("exists", F(7, 8), 0)
    values = {change.requirement: change.result.value for change in found.dropped}
    assert values == {"BIC": F(5, 4), "interim IR": inf, "no deficit": F(7, 8)}
    for change in found.dropped:
        free = {"incentive_compatibility": "none", "individual_rationality": "none", "budget": "none"}
        alone = lpmech.solve(asked.with_requirements(**{change.key: free[change.key]}))
        assert alone.value == change.result.value
    assert [(p.requirement, p.amount, p.what) for p in found.prices] == [
        ("BIC", F(3, 8), "revenue to gain without it"),
        ("interim IR", inf, "revenue to gain without it"),
        ("no deficit", 0, "revenue to gain without it"),
    ]
    told = found.explain()
    assert "To be maximised: revenue." in told
    assert "The largest revenue is 7/8 = 0.875." in told
    assert "margin" not in told


def test_an_impossible_question_about_revenue():
    """Margins, subsidy and second best are those of the question about the margin; values are about revenue."""
    found, margin = lpmech.blame(CLASSIC.with_objective("revenue")), lpmech.blame(CLASSIC)
    assert (found.result.verdict, found.subsidy, found.conflicts) == ("impossible", F(1, 8), margin.conflicts)
    assert [change.margin for change in found.dropped] == [F(7, 8), F(5, 4), inf, inf]
    assert [change.margin for change in margin.dropped] == [F(7, 8), F(5, 4), inf, inf]
    assert [change.result.value for change in found.dropped] == [0, 0, 0, F(-1, 8)]
    assert found.prices == margin.prices
    assert (found.first_best, found.second_best, found.share) == (margin.first_best, margin.second_best, margin.share)
    assert "largest revenue" in found.explain()
    assert "largest" not in margin.explain().split("Welfare against subsidy")[0]


def test_the_command_line_asks_about_the_objective(run, tmp_path):
    file = tmp_path / "revenue.toml"
    asked = CLASSIC.with_requirements(allocation="free", budget="no-deficit").with_objective("revenue")
    file.write_text(lpmech.dumps(asked), encoding="utf-8")
    status, out, _ = run("explain", file, "--why")
    assert status == 0
    assert "The largest revenue is 7/8 = 0.875." in out


def test_reports_say_what_requirements_cost_of_the_objective():
    asked = CLASSIC.with_requirements(allocation="free", budget="no-deficit").with_objective("welfare")
    page = lpmech.report(asked)
    assert "largest welfare" in page
    assert "The largest welfare is" in page
