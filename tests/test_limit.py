"""What grids tend to: known limits and rates, exactly; integrals; and no more said than is known."""

from __future__ import annotations

import json
import random
from fractions import Fraction as F
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import lpmech
from lpmech.cli import group
from lpmech.question.distribution import discretize
from lpmech.question.distributions import Grid
from lpmech.question.distributions.atom import Atom
from lpmech.question.distributions.mixture import Mixture
from lpmech.question.distributions.scipy_family import ScipyFamily
from lpmech.question.distributions.truncated import Truncated
from lpmech.question.distributions.uniform import Uniform
from lpmech.question.environments.bilateral_trade import BilateralTrade
from lpmech.question.environments.partnership import Partner, Partnership
from lpmech.question.model import Instance
from lpmech.question.requirements import Requirements
from lpmech.studies.limit import continuum
from lpmech.studies.limit.extrapolate import estimate
from lpmech.studies.limit.integrals import Line, integral
from lpmech.studies.limit.refine import Family

INSTANCES = Path(__file__).parents[1] / "instances"
UNIFORM = "{ family = 'uniform', low = 0, high = 1 }"


def written(folder, points="6", law=UNIFORM, seller=None, more="", grid="low = 0, high = 1"):
    file = folder / "file.toml"
    file.write_text(
        f"format = 'lpmech-instance/1'\n{more}\n[environment]\nkind = 'bilateral-trade'\n"
        f"[environment.buyer]\ngrid = {{ {grid}, points = {points} }}\ndistribution = {law}\n"
        f"[environment.seller]\ngrid = {{ {grid}, points = {seller or points} }}\ndistribution = {law}\n"
        "[requirements]\nincentive_compatibility = 'BIC'\nindividual_rationality = 'interim'\nbudget = 'balanced'\n"
    )
    return file


# ---- known limits ---------------------------------------------------------------------------------------------------


def test_uniform_grids_tend_to_a_subsidy_of_one_sixth():
    """(5 - N)/(6N) is -1/6 + 5/6 h, h = 1/N: one order; the error is four times that of a term more, 4 (5/6) h^2."""
    found = lpmech.limit(INSTANCES / "myerson-satterthwaite-1983" / "uniform.toml", points=[6, 12, 24, 48])
    margin = found["margin"]
    assert [row.numbers["margin"] for row in found.rows] == [F(5 - n, 6 * n) for n in (6, 12, 24, 48)]
    assert [row.refined.step for row in found.rows] == [F(1, n) for n in (6, 12, 24, 48)]
    assert (margin.estimate.value, margin.estimate.orders) == (F(-1, 6), (1.0,))
    assert round(margin.estimate.error, 12) == round(4 * 5 / 6 / 48**2, 12)
    assert found["first best"].estimate.value == F(1, 6)
    assert margin.moving
    assert found["second best"].integral.source == "myerson-satterthwaite-1983, Section 5"


def test_uniform_types_on_one_interval(tmp_path):
    found = lpmech.limit(written(tmp_path), seconds=1000)
    assert [row.refined.points for row in found.rows] == [6, *(5 * 2**k + 1 for k in range(1, len(found.rows)))]
    assert found["margin"].estimate.value == found["margin"].integral.value == F(-1, 6)
    assert found["margin"].estimate.orders == (1.0, 2.0, 3.0)
    assert found["first best"].estimate.value == found["first best"].integral.value == F(1, 6)
    second = found["second best"]
    assert second.integral.value == F(9, 64)
    assert abs(second.estimate.value - F(9, 64)) <= second.estimate.error < 1e-5
    assert found.stopped == "accuracy reached"


def test_the_second_best_of_uniform_types():
    file = INSTANCES / "myerson-satterthwaite-1983" / "uniform-second-best.toml"
    found = lpmech.limit(file, points=[16, 32, 64, 128, 256])
    numbers = [row.numbers["welfare"] for row in found.rows]
    assert numbers == [F((3 * n + 4) * (3 * n + 8), 64 * n * (n + 2)) for n in (16, 32, 64, 128, 256)]
    assert abs(found["welfare"].estimate.value - F(9, 64)) <= found["welfare"].estimate.error < 1e-5


def test_truthful_trade_tends_to_the_transport_condition():
    found = lpmech.limit(INSTANCES / "jagadeesan-tordjman-2025" / "example-1.toml", seconds=1000)
    assert found["margin"].estimate.value == found["margin"].integral.value == F(-49, 600)
    assert found["first best"].integral.value == F(13, 600)


def test_a_kink_off_the_grid_leaves_no_power_law():
    """In Figure 1 the antitone coupling has a kink at an irrational number."""
    found = lpmech.limit(INSTANCES / "jagadeesan-tordjman-2025" / "figure-1.toml", points=[20, 40, 80, 160, 320])
    margin = found["margin"].estimate
    assert (margin.regular, margin.value) == (False, found.rows[-1].numbers["margin"])
    assert abs(float(margin.value) - found["margin"].integral.value) <= 1.5 * 2 / 320
    assert found["first best"].estimate.orders == (4.0, 6.0)


def test_a_single_owner_in_the_limit():
    found = lpmech.limit(INSTANCES / "mishra-2020" / "cgk-two-one-seller.toml", points=[4, 8, 16, 32, 64])
    assert found["margin"].integral.value == F(-1, 6)
    assert found["margin"].integral.source == "cramton-gibbons-klemperer-1987, Theorem 1"
    assert found["margin"].estimate.regular
    assert found["margin"].estimate.value == F(-1, 6)
    assert 0 < found["margin"].estimate.error < 1e-4


# ---- no more said than is known -------------------------------------------------------------------------------------

CASES = Path(__file__).parent / "cases"

SHARES = [F(k, 100) for k in (2, 7, 13, 22, 23, 31, 35, 37, 41, 45, 55, 59, 64, 71, 83, 88, 97)]
SHARES += [F(1, 3), F(2, 3), F(333, 1000), F(667, 1000), F(1, 7), F(5, 12), F(429, 1000), F(111, 1000), F(3, 16)]
SHARES += [F(k, 40) for k in (1, 3, 5, 7, 9, 11, 13, 16, 20, 25, 27, 33, 39)] + [F(1, 64)]
"""Decimals, near thirds, and multiples of 1/40 and of 1/16, which grids of 5 2^k points keep step with."""


def holds(one, truth):
    """Whether there is no estimate, or one whose error covers the truth."""
    return not one.estimate.regular or abs(one.estimate.value - truth) <= one.estimate.error


def test_posted_prices_off_the_grid():
    """Trade at the price p is worth p (1 - p)/2; what grids have depends on where p is in its cell."""
    assert len(SHARES) == 40
    wrong = []
    for p in SHARES:
        found = lpmech.limit(CASES / "limit-posted-price.toml", parameters={"p": p}, points=[5, 10, 20, 40])
        assert found["welfare"].integral is None
        if not holds(found["welfare"], p * (1 - p) / 2):
            wrong.append(p)
    assert wrong == []


def test_two_partners_off_the_grid():
    wrong = []
    for r in SHARES:
        found = lpmech.limit(CASES / "limit-two-partners.toml", parameters={"r": r}, points=[5, 10, 20, 40])
        truth = F(1, 3) - (r**2 + (1 - r) ** 2) / 2
        assert (found["margin"].integral.value, found["margin"].integral.error) == (truth, 0.0)
        if not holds(found["margin"], truth) or found["margin"].contradicts:
            wrong.append(r)
    assert wrong == []


def test_a_share_that_keeps_step_with_the_grids():
    """On 20, 40 and 80 cells, and on 50, 60 and 70, the place of 3/16 in its cell is linear in the number of cells: these
    numbers fit one expansion exactly, whose limit is wrong by 0.00016. Other grids show it."""
    found = lpmech.limit(CASES / "limit-two-partners.toml", parameters={"r": F(3, 16)}, points=[5, 10, 20, 40, 80])
    assert found["margin"].integral.value == F(-11, 768)
    assert not found["margin"].estimate.regular


def test_one_grid_has_the_integrals_of_the_continuum_alone():
    found = lpmech.limit(INSTANCES / "myerson-satterthwaite-1983" / "uniform.toml", points=[6])
    for name, truth in (("margin", F(-1, 6)), ("first best", F(1, 6)), ("second best", F(9, 64))):
        assert found[name].estimate is None
        assert found[name].moving
        assert abs(found[name].integral.value - truth) <= found[name].integral.error < 1e-12
        assert found[name].integral.error > 0
    said = found.table()["limits"]["margin"]
    assert (said["estimate"], said["integral"]["exact"]) == (None, None)


def test_shares_that_change_with_the_grid_leave_no_integral_of_one(tmp_path):
    """Shares 1/N and 1 - 1/N: the integral moves, although the laws stay; it tends to -1/6."""
    file = tmp_path / "file.toml"
    text = (CASES / "limit-two-partners.toml").read_text()
    file.write_text(text.replace('share = "r"', 'share = "1/N"').replace('share = "1 - r"', 'share = "1 - 1/N"'))
    found = lpmech.limit(file, points=[5, 10])["margin"]
    assert found.moving
    assert abs(found.integral.value + F(1, 6)) <= found.integral.error < 1e-8


def test_equal_numbers_are_no_limit():
    """The price 1/4 is at the end of a cell of each of these grids, which have 3/32 exactly: no estimate all the same."""
    found = lpmech.limit(CASES / "limit-posted-price.toml", parameters={"p": F(1, 4)}, points=[4, 8, 16, 32, 64])
    assert {row.numbers["welfare"] for row in found.rows} == {F(3, 32)}
    assert not found["welfare"].estimate.regular
    assert found.table()["limits"]["welfare"] == {"estimate": None, "integral": None}


# ---- types of probability 0 ---------------------------------------------------------------------------------------------


def gapped(folder, side="buyer"):
    """A gap in the buyer's support, and in the seller's, his mirror image; grid points of mass 0 are no types."""
    text = (
        (CASES / "support-with-a-gap.toml").read_text().replace('"midpoints" }', '"midpoints", support = "positive" }')
    )
    if side == "seller":
        text = text.replace(".buyer", ".x").replace(".seller", ".buyer").replace(".x", ".seller")
    file = folder / "gap.toml"
    file.write_text(text)
    return file


def test_types_of_probability_0_count_unless_left_out(tmp_path):
    """With the whole interval as the type set -19/96; without the gap 1/2 times the integral of x - 1/4 from
    1/4 to 3/4 is gained, 6/96."""
    whole = lpmech.limit(CASES / "support-with-a-gap.toml", points=[16])
    assert whole["margin"].integral.value == F(-19, 96)
    assert whole.instance.environment.sizes == (16, 16)
    assert whole.massless.startswith("count: ")
    for side in ("buyer", "seller"):
        support = lpmech.limit(gapped(tmp_path, side), points=[16, 32, 64])
        assert (support["margin"].integral.value, support["margin"].integral.error) == (F(-13, 96), 0.0)
        assert sorted(support.instance.environment.sizes) == [32, 64]
        assert support.massless.startswith("are left out")
        margins = [row.numbers["margin"] for row in support.rows]
        assert [abs(x + F(13, 96)) < F(3, 2 * n) for x, n in zip(margins, (16, 32, 64), strict=True)] == [True] * 3


def test_where_ties_decide_no_integral_is_given(tmp_path):
    """An atom of the seller's at the lower end of the buyer's gap."""
    file = gapped(tmp_path)
    uniform = 'distribution = { family = "uniform", low = 0, high = 1 }'
    parts = '{ weight = "1/2", atom = "1/4" }, { weight = "1/2", family = "uniform", low = 0, high = 1 }'
    atom = f"distribution = {{ mixture = [ {parts} ] }}"
    text = file.read_text().replace('"midpoints"', '"endpoints"').replace("n = 16", "n = 17")
    file.write_text(text.replace(uniform, atom))
    assert atom in file.read_text()
    assert lpmech.limit(file, points=[17])["margin"].integral is None


def test_the_command_says_whether_types_of_probability_0_count(tmp_path):
    shown = call(CASES / "support-with-a-gap.toml", "--points", "16").output
    assert "buyer of 16 types, 8 of probability 0, seller of 16 types" in shown
    assert "types of probability 0 count" in shown
    assert "integral: -19/96" in shown
    shown = call(gapped(tmp_path), "--points", "16").output
    assert "buyer of 8 types, seller of 16 types" in shown
    assert "types of probability 0 are left out" in shown
    assert "integral: -13/96" in shown


# ---- the bounds of docs/limit.md ------------------------------------------------------------------------------------


def some_law(rng, grid):
    """Uniform parts and atoms on grid points; sometimes truncated."""
    low, high = grid.low, grid.high
    parts, weights = [Uniform(low, high)], [rng.randint(1, 4)]
    for _ in range(rng.randint(0, 2)):
        a, b = sorted(rng.sample(range(13), 2))
        parts.append(Uniform(low + (high - low) * F(a, 12), low + (high - low) * F(b, 12)))
        weights.append(rng.randint(1, 4))
    for _ in range(rng.randint(0, 2)):
        parts.append(Atom(grid.point(rng.randrange(grid.points))))
        weights.append(rng.randint(1, 4))
    law = Mixture([(F(w, sum(weights)), part) for w, part in zip(weights, parts, strict=True)])
    return Truncated(Mixture([(F(1, 3), law), (F(2, 3), Uniform(low - 1, high))])) if rng.random() < 0.3 else law


def some_grid(rng):
    low = F(rng.randint(-4, 4), 4)
    return Grid(low, low + F(rng.randint(2, 8), 4), rng.randint(3, 24), rng.choice(["endpoints", "midpoints"]))


def gap(grid):
    return max(b - a for a, b in zip(grid.values, grid.values[1:], strict=False))


TRADE = [
    (Requirements("BIC", "interim", "balanced"), F(5, 2)),
    (Requirements("BIC", "interim", "no-expected-deficit", ties="last"), F(5, 2)),
    (Requirements("DSIC", "ex-post", "no-expected-deficit", ties="first"), F(5, 2)),
    (Requirements("DSIC", "ex-ante", "no-deficit", transfers="groves"), F(3, 2)),
]


@pytest.mark.parametrize("seed", range(24))
def test_margins_are_near_the_integral(seed):
    rng = random.Random(seed)
    grids = [some_grid(rng) for _ in range(2)]
    laws = [(grid, some_law(rng, grid)) for grid in grids]
    need, times = TRADE[seed % len(TRADE)]
    instance = Instance(BilateralTrade(*(discretize(law, grid) for grid, law in laws)), need)
    theorem = continuum.margin(instance, laws)
    assert theorem.error == 0
    assert abs(lpmech.solve(instance).margin - theorem.value) <= times * sum(map(gap, grids))
    gains = continuum.first_best(instance, laws)
    assert abs(lpmech.limit.__globals__["_gains"](instance) - gains.value) <= F(1, 2) * sum(map(gap, grids))


@pytest.mark.parametrize("seed", range(6))
def test_partnerships_are_near_the_integral(seed):
    rng = random.Random(seed)
    grid = Grid(0, 1, rng.randint(3, 6), rng.choice(["endpoints", "midpoints"]))
    law, share = some_law(rng, grid), F(rng.randint(0, 10), 10)
    groves = bool(seed % 2)
    need = Requirements("DSIC", "interim", "no-expected-deficit", transfers="groves")
    need = need if groves else Requirements("BIC", "interim", "balanced")
    values = discretize(law, grid)
    instance = Instance(Partnership([Partner(share, values), Partner(1 - share, values)]), need)
    theorem = continuum.margin(instance, [(grid, law)] * 2)
    assert theorem.error == 0
    assert abs(lpmech.solve(instance).margin - theorem.value) <= (F(5, 2) + 2 * (not groves)) * gap(grid)


def test_two_uniform_partners():
    values = discretize(Uniform(0, 1), Grid(0, 1, 3))
    for share in (F(0), F(1, 7), F(1, 2)):
        instance = Instance(
            Partnership([Partner(share, values), Partner(1 - share, values)]),
            Requirements("BIC", "interim", "balanced"),
        )
        theorem = continuum.margin(instance, [(Grid(0, 1, 3), Uniform(0, 1))] * 2)
        assert theorem.value == F(1, 3) - (share**2 + (1 - share) ** 2) / 2


def test_quadrature_and_polynomials_agree():
    """A Beta law with whole parameters has a polynomial for a distribution function."""
    grid = Grid(0, 1, 2)
    buyer, seller = Line(grid, ScipyFamily("beta", a=6, b=2)), Line(grid, ScipyFamily("beta", a=2, b=5))
    found = integral(lambda x: seller.at(x) * (1 - buyer.at(x)), [F(0), F(1)], None, "")

    def exact(x):
        return (15 * x**2 - 40 * x**3 + 45 * x**4 - 24 * x**5 + 5 * x**6) * (1 - 7 * x**6 + 6 * x**7)

    assert round(found.value, 12) == round(float(integral(exact, [F(0), F(1)], 13, "").value), 12)


# ---- extrapolation --------------------------------------------------------------------------------------------------


def extrapolated(f, counts):
    return estimate([F(1, n) for n in counts], [f(F(1, n)) for n in counts], [n % 2 for n in counts])


def test_powers_are_taken_out_one_after_the_other():
    found = extrapolated(lambda h: 7 - 2 * h + h**3 / 5, [4, 8, 16, 32, 64])
    assert (found.value, found.error, found.orders) == (7, 0.0, (1.0, 3.0))
    found = extrapolated(lambda h: 7 + h**2, [5, 7, 11, 17])
    assert (found.value, found.orders, found.used) == (7, (2.0,), (0, 1, 2, 3))


def test_orders_that_are_no_whole_numbers():
    found = extrapolated(lambda h: 1 + F(float(h) ** 0.5), [4, 8, 16, 32, 64])
    assert round(found.orders[0], 6) == 0.5
    assert abs(found.value - 1) < 1e-9
    assert not isinstance(found.value, F)


def test_the_error_estimate_covers_smaller_terms():
    for p, q in ((1, 2), (1, 3), (2, 3), (2, 5)):
        found = extrapolated(lambda h, p=p, q=q: 3 + h**p - h**q + h ** (q + 1), [8, 16, 32, 64])
        assert abs(found.value - 3) <= found.error


def test_odd_and_even_grids_are_told_apart():
    found = extrapolated(lambda h: 2 + h * (1 if (1 / h) % 2 else 3), [4, 5, 8, 9, 16, 17, 32, 33])
    assert (found.value, found.regular, found.used) == (2, True, (1, 3, 5, 7))


def test_without_a_power_law_nothing_is_extrapolated():
    found = extrapolated(lambda h: 2 + h**2 * (int(1 / h) % 3 - 1), [4, 8, 16, 32, 64])
    assert (found.regular, found.value, found.orders) == (False, 2 - F(0) + F(1, 64**2) * (64 % 3 - 1), ())
    assert extrapolated(lambda h: h, [4, 8, 16]).regular is False
    assert extrapolated(lambda h: h, [4, 8]) is None
    still = extrapolated(lambda h: F(5), [4, 8, 16])
    assert (still.value, still.error, still.regular) == (5, 0.0, False)


# ---- refining -------------------------------------------------------------------------------------------------------


def family(file, **parameters):
    from lpmech.reading.instance import parse

    return Family.of(parse(file.read_text(), "file"), parameters, file.parent)


def test_atoms_stay_on_the_grid(tmp_path):
    law = "{ mixture = [{ weight = '1/2', atom = '1/6' }, { weight = '1/2', family = 'uniform', low = 0, high = 1 }] }"
    centres = "low = 0, high = 1, placement = 'midpoints'"
    found = lpmech.limit(written(tmp_path, law=law, grid=centres, points="3"), seconds=0)
    assert [row.refined.points for row in found.rows] == [3]
    one = family(tmp_path / "file.toml")
    assert one.first.factor == 3
    assert one.times(F(3)).instance.environment.buyer.probabilities[1] == F(1, 2) + F(1, 18)
    margin = lpmech.limit(written(tmp_path, law=law, points="13"), points=[13, 25, 49, 97, 193])["margin"]
    assert abs(margin.estimate.value - margin.integral.value) <= margin.estimate.error


def test_different_grids_keep_their_proportions(tmp_path):
    one = family(written(tmp_path, points="5", seller="9"))
    assert [grid.points for grid, _ in one.times(F(2)).grids] == [9, 17]
    assert [grid.points for grid, _ in one.at(4).grids] == [4, 4]


def test_a_parameter_is_raised(tmp_path):
    one = family(written(tmp_path, points="'n'", more="[parameters]\nn = 5"), n=7)
    assert (one.name, one.first.points) == ("n", 7)
    assert [grid.points for grid, _ in one.times(F(2)).grids] == [13, 13]
    twice = family(written(tmp_path, points="'2*n'", more="[parameters]\nn = 5"))
    assert [grid.points for grid, _ in twice.times(F(2)).grids] == [20, 20]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"points": "'n'"}, "unknown parameter 'n'"),
        ({"points": "1"}, "1 grid points"),
        ({"points": "'n'", "seller": "4", "more": "[parameters]\nn = 5"}, "in different terms: n, 4"),
        ({"points": "'n'", "seller": "'n + 1'", "more": "[parameters]\nn = 5"}, "in different terms"),
        ({"points": "'n'", "seller": "'k'", "more": "[parameters]\nn = 5\nk = 5"}, "in different terms"),
    ],
)
def test_files_that_do_not_say_how_to_refine(tmp_path, options, said):
    with pytest.raises(lpmech.InputError, match=said):
        lpmech.limit(written(tmp_path, **options))


def test_a_joint_prior_is_about_one_grid(tmp_path):
    file = written(tmp_path, points="2")
    profiles = "{ types = [0, 1], probability = '1/2' }, { types = [1, 0], probability = '1/2' }"
    prior = f"[environment.prior]\nprofiles = [{profiles}]\n"
    file.write_text(file.read_text() + prior)
    with pytest.raises(lpmech.InputError, match="a joint prior, which names types by their numbers on one grid"):
        lpmech.limit(file)


def test_a_file_without_a_finer_grid(tmp_path):
    rows = ", ".join("['1/2', '1/2']" for _ in range(4))
    file = written(tmp_path, points="2")
    file.write_text(file.read_text() + f"allocation = {{ table = [{rows}] }}\n")
    found = lpmech.limit(file)
    assert (len(found.rows), found.stopped) == (1, "the file has no finer grid")
    assert found["margin"].estimate is None


def test_listed_types_have_no_continuum():
    with pytest.raises(lpmech.InputError, match="no agent's types come from a distribution on a grid"):
        lpmech.limit(INSTANCES / "kos-manea-2009" / "example-1-one-buyer.toml")
    with pytest.raises(lpmech.InputError, match="an instance in Python"):
        lpmech.limit(lpmech.load(INSTANCES / "myerson-satterthwaite-1983" / "uniform.toml"))


# ---- the command ----------------------------------------------------------------------------------------------------


def call(*arguments):
    return CliRunner().invoke(group, ["limit", *map(str, arguments)], standalone_mode=False)


def test_the_command(tmp_path):
    file = written(tmp_path)
    shown = call(file, "--points", "6,11,21,41,81,161")
    assert shown.return_value == 0
    assert "-3/500 ≈ -0.006000" in shown.output
    assert "margin: tends to -0.16666" in shown.output
    assert ": an estimate, no proof" in shown.output
    assert "integral: -1/6 ≈ -0.166667 (myerson-satterthwaite-1983, Corollary 1)" in shown.output
    said = json.loads(call(file, "--points", "6,11,21,41,81,161", "--json").output)
    assert (said["format"], said["grids"][0]["margin"]) == ("lpmech-limit/1", "-3/500")
    assert said["limits"]["margin"]["integral"]["exact"] == "-1/6"
    assert said["limits"]["margin"]["estimate"]["power_law"] is True
    rows = call(file, "--points", "6,11", "--csv")
    assert rows.return_value == 3
    assert rows.output.splitlines()[0].startswith("points,step,verdict,margin,margin decimal,first best")


def test_infinite_margins_have_no_limit():
    shown = call(INSTANCES / "efficient-mechanisms-notes" / "bilateral-expected-externality.toml")
    assert shown.return_value == 3
    assert "margin: no estimate" in shown.output


@pytest.mark.parametrize("points", ["6,x", "6,,7", "11,6", "6,6"])
def test_bad_points(tmp_path, points):
    found = call(written(tmp_path), "--points", points)
    assert isinstance(found.exception, click.ClickException | lpmech.InputError)
    assert "numbers" in str(found.exception)
