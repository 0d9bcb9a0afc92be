"""Figures of sweeps: the numbers in the Axes are the exact margins, and lines pass where these are 0."""

from __future__ import annotations

import math
import re
from fractions import Fraction as F
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from support.sweeps import INSTANCE, filled, over, with_parameters

from lpmech import InputError
from lpmech.show import plots
from lpmech.show.plots.contour import chained, crossings, grid_triangles, zero_lines
from lpmech.show.plots.convergence import fitted
from lpmech.show.plots.gallery import drawings, plot
from lpmech.studies.sweep.plan import load_plan, loads_plan

ROOT = Path(__file__).parents[1]
SWEEPS = ROOT / "instances" / "sweeps"
HEAD = 'format = "lpmech-sweep/1"\n'
TWO = (
    HEAD
    + (
        'title = "Two types each"\ntheorems = ["matsuo", "kos_manea_theorem_1"]\n'
        '[[axes]]\nparameter = "p"\nlabel = "chance"\nvalues = ["1/5", "1/3", "1/2", "4/5"]\n'
        '[[axes]]\nparameter = "v"\nunit = "euro"\nvalues = [2, "9/2", 5, 6, 8]\n'
    )
    + INSTANCE
)
"""For v > 4 the margin is p v/2 + 1 - 4p - (1 - p)/2 (Matsuo); v = 2 is no instance."""


def surplus(p, v):
    return p * v / 2 + 1 - 4 * p - (1 - p) / 2


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """Twenty points, four of them without an instance."""
    folder = tmp_path_factory.mktemp("two")
    return folder, filled(loads_plan(TWO), folder)


def lines(ax, label):
    """Lines of a label, and those without one that follow them, as lists of points."""
    out, ours = [], False
    for line in ax.get_lines():
        if not line.get_label().startswith("_child"):
            ours = line.get_label() == label
        if ours:
            out.append(list(zip(line.get_xdata(), line.get_ydata(), strict=True)))
    return out


ZERO = "margin 0 (linear between exact margins)"


# ---- the line of margin 0 -------------------------------------------------------------------------------------------


def test_the_zero_set_of_a_linear_margin_is_exact():
    """3x - 2y - 1/7 over an uneven grid."""
    xs, ys = [F(0), F(1, 3), F(2)], [F(-1), F(1), F(5, 2)]
    margins = {(x, y): 3 * x - 2 * y - F(1, 7) for x in xs for y in ys}
    (line,) = zero_lines(grid_triangles(xs, ys, margins))
    assert all(3 * x - 2 * y == F(1, 7) for x, y in line)
    assert {line[0], line[-1]} == {(F(0), F(-1, 14)), (F(2) - F(4, 3) + F(2, 21) + F(20, 21), F(5, 2))}


def test_a_closed_line_ends_where_it_began():
    xs = ys = [F(0), F(1), F(2)]
    margins = {(x, y): F(-1) if (x, y) == (1, 1) else F(1) for x in xs for y in ys}
    (line,) = zero_lines(grid_triangles(xs, ys, margins))
    assert line[0] == line[-1]
    assert {(F(1, 2), F(1)), (F(3, 2), F(1)), (F(1), F(1, 2)), (F(1), F(3, 2))} <= set(line)


def test_a_line_passes_points_of_margin_zero_and_stops_at_unknown_ones():
    xs = ys = [F(0), F(1), F(2)]
    margins = {(x, y): x - y for x in xs for y in ys}
    (line,) = zero_lines(grid_triangles(xs, ys, margins))
    assert {(F(k), F(k)) for k in range(3)} <= set(line)
    del margins[F(1), F(1)]
    known = zero_lines(grid_triangles(xs, ys, margins))
    assert sorted(map(sorted, known)) == [[(F(0), F(0)), (F(1, 2), F(1, 2))], [(F(3, 2), F(3, 2)), (F(2), F(2))]]
    del margins[F(0), F(1)], margins[F(2), F(1)]
    assert zero_lines(grid_triangles(xs, ys, margins)) == []


def test_crossings_are_zeros_of_chords():
    assert crossings([(F(0), F(1)), (F(1), F(-2)), (F(2), F(0)), (F(3), F(1)), (F(4), F(0)), (F(5), F(-1))]) == [
        (F(1, 3), (F(0), F(1))),
        (F(2), (F(1), F(2))),
        (F(4), (F(4), F(5))),
    ]


def test_segments_are_chained_whatever_their_order():
    p = [(F(k), F(k * k)) for k in range(6)]
    ends = [frozenset((p[k], p[k + 1])) for k in (3, 0, 4, 1, 2)]
    (line,) = chained(ends)
    assert line in (p, p[::-1])


# ---- phase diagrams -------------------------------------------------------------------------------------------------


def test_the_mesh_has_the_margins(two):
    ax = plots.phase(two[1], "p", "v")
    (mesh,) = [c for c in ax.collections if type(c).__name__ == "QuadMesh"]
    array = np.ma.filled(mesh.get_array(), np.nan).reshape(5, 4)
    ps, vs = [F(1, 5), F(1, 3), F(1, 2), F(4, 5)], [F(2), F(9, 2), F(5), F(6), F(8)]
    expected = [[math.nan if v == 2 else float(surplus(p, v)) for p in ps] for v in vs]
    np.testing.assert_array_equal(array, expected)
    corners = mesh.get_coordinates()
    assert corners.shape == (6, 5, 2)
    assert corners[0, :, 0].tolist() == [float(x) for x in (F(2, 15), F(4, 15), F(5, 12), F(13, 20), F(19, 20))]
    assert corners[:, 0, 1].tolist() == [0.75, 3.25, 4.75, 5.5, 7, 9]
    assert (mesh.norm.vmin, mesh.norm.vcenter, mesh.norm.vmax) == (float(surplus(F(4, 5), F(9, 2))), 0, 0.9)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("chance", "v (euro)")


def test_the_zero_line_passes_the_exact_zeros(two):
    """surplus = 0 iff v = 7 - 1/p: at v = 4, 5 and 23/4. Linear along v, so exact there; and through (1/2, 5), a row."""
    ax = plots.phase(two[1], "p", "v")
    (line,) = lines(ax, ZERO)
    for p, v in ((F(1, 2), F(5)), (F(4, 5), F(23, 4))):
        assert (float(p), float(v)) in line
    (dots,) = [c for c in ax.collections if c.get_label() == "margin exactly 0"]
    assert dots.get_offsets().tolist() == [[0.5, 5.0]]
    assert lines(ax, "Matsuo 1989") == [line]
    assert lines(ax, "Kos-Manea 2009, Theorem 1") == [line]


def test_points_without_a_verdict_are_marked(two):
    ax = plots.phase(two[1], "p", "v")
    (marks,) = [c for c in ax.collections if c.get_label() == "invalid"]
    assert marks.get_offsets().tolist() == [[0.2, 2.0], [float(F(1, 3)), 2.0], [0.5, 2.0], [0.8, 2.0]]
    frame = two[1].copy()
    frame.loc[frame["v"] == "6", ["verdict", "margin"]] = ["undecided", None]
    frame.loc[frame["v"] == "8", "margin"] = "inf"
    ax = plots.phase(frame, "p", "v")
    labels = {c.get_label(): len(c.get_offsets()) for c in ax.collections if type(c).__name__ == "PathCollection"}
    assert labels == {"invalid": 4, "undecided": 4, "margin inf": 4, "margin exactly 0": 1}
    (mesh,) = [c for c in ax.collections if type(c).__name__ == "QuadMesh"]
    assert int(np.ma.count(mesh.get_array())) == 8


def test_a_verdict_that_is_all_a_theorem_says_is_outlined(tmp_path):
    plan = over(load_plan(SWEEPS / "shift-and-spread.toml"), m=["-1/5", "-1/10", 0, "1/10"], w=["1/4", "1/2"])
    frame = filled(plan, tmp_path)
    ax = plots.phase(frame, "m", "w", where={"requirements": "Groves transfers"})
    (line,) = lines(ax, "Jagadeesan-Tordjman 2025, Theorem 1: exists to the right")
    assert sorted(line) == [(-0.05, 0.125), (-0.05, 0.375), (-0.05, 0.625)]
    with pytest.raises(InputError, match="several rows at one point of m and w; expected one set of requirements"):
        plots.phase(frame, "m", "w")


def test_nothing_is_drawn_between_numbers_of_agents(tmp_path):
    """Affine in k for each number of buyers, so that the zeros are exact: 19/4 and 23/4."""
    plan = over(load_plan(SWEEPS / "example-2-over-k-and-buyers.toml"), n=[1, 2, 3], k=[2, 4, 8])
    ax = plots.phase(filled(plan, tmp_path), "n", "k", stepped=["n"])
    assert lines(ax, ZERO) == [[(1.5, 4.75), (2.5, 4.75)], [(2.5, 5.75), (3.5, 5.75)]]
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["1", "2", "3"]
    (drawing,) = drawings(plan, filled(plan, tmp_path / "again"))
    assert lines(drawing.single(0).axes[0], ZERO) == lines(ax, ZERO)


def test_scattered_points_are_dots_with_a_line_between(tmp_path):
    text = (
        HEAD
        + (
            '[[axes]]\nzip = [{ parameter = "p", values = ["1/4", "1/2", "3/4", "1/3", "2/5"] },\n'
            '{ parameter = "v", values = [5, 6, "9/2", 8, 7] }]\n'
        )
        + INSTANCE
    )
    frame = filled(loads_plan(text), tmp_path)
    ax = plots.phase(frame, "p", "v")
    dots = ax.collections[0]
    assert dots.get_array().tolist() == frame["margin_decimal"].tolist()
    margins = {(F(p), F(v)): F(m) for p, v, m in zip(frame["p"], frame["v"], frame["margin"], strict=True)}
    chords = {
        tuple(map(float, (a[0] + (b[0] - a[0]) * x / (x - y), a[1] + (b[1] - a[1]) * x / (x - y))))
        for a, x in margins.items()
        for b, y in margins.items()
        if x >= 0 > y
    }
    (line,) = lines(ax, ZERO)
    assert len(line) > 1
    assert set(line) <= chords


def test_small_multiples_have_one_scale(tmp_path):
    text = TWO.replace(
        "[instance.parameters]",
        '[[requirements]]\nname = "a"\n[[requirements]]\nname = "b"\n'
        'incentive_compatibility = "DSIC"\nindividual_rationality = "ex-post"\n[instance.parameters]',
    )
    plan = loads_plan(text)
    (drawing,) = drawings(plan, filled(plan, tmp_path))
    figure = drawing.whole("Both")
    first, second, _ = figure.axes
    assert [ax.get_title() for ax in (first, second)] == ["a", "b"]
    norms = [ax.collections[0].norm for ax in (first, second)]
    assert (norms[0].vmin, norms[0].vmax) == (norms[1].vmin, norms[1].vmax)
    assert norms[0].vmin < float(surplus(F(4, 5), F(9, 2)))  # from the other panel


# ---- curves, limits, shares, thresholds -----------------------------------------------------------------------------


def test_a_curve_has_its_margins_and_its_zero(two):
    ax = plots.curve(two[1], "v", where={"p": "1/2"})
    margin = next(line for line in ax.get_lines() if line.get_label() == "margin")
    assert margin.get_xydata().tolist() == [[4.5, -0.125], [5, 0], [6, 0.25], [8, 0.75]]
    assert [text.get_text() for text in ax.texts] == ["v = 5"]
    ax = plots.curve(two[1], "v", where={"p": "4/5"})
    assert [text.get_text() for text in ax.texts] == ["v ≈ 5.75"]
    assert lines(ax, "Matsuo 1989")[0] == [(v, float(surplus(F(4, 5), F(v)))) for v in (4.5, 5, 6, 8)]


def test_distances_from_the_continuum(tmp_path):
    """With Groves transfers the distance is 1/(600 (N - 1)^2)."""
    plan = over(load_plan(SWEEPS / "groves-in-the-limit.toml"), points=[3, 5, 9, 17, 33])
    frame = filled(plan, tmp_path)
    ax = plots.convergence(frame, "points")
    assert ax.get_ylabel() == "distance from -49/600"
    dots = next(line for line in ax.get_lines() if line.get_label().startswith("Groves"))
    assert dots.get_xydata().tolist() == [[N, float(F(1, 600 * (N - 1) ** 2))] for N in (3, 5, 9, 17, 33)]
    assert re.search(r"points\^-2\.\d\d$", dots.get_label())
    assert [one.name for one in drawings(plan, frame)] == ["margin", "convergence"]
    again = plots.convergence(frame, "points", limit="1/12", where={"requirements": "Groves transfers"})
    assert again.get_lines()[0].get_ydata()[0] == float(F(1, 12) + F(13, 160))
    with pytest.raises(InputError, match="no limit to compare with"):
        plots.convergence(frame.drop(columns="jagadeesan_tordjman_example_1_limit"), "points")


def test_fits_are_of_the_finer_half():
    c, r = fitted([(1.0, 5.0), (2.0, 9.0), (4.0, 3 / 16), (8.0, 3 / 64), (16.0, 3 / 256)])
    assert (round(c, 12), round(r, 12)) == (3, -2)
    assert fitted([(1.0, 1.0)]) is None


def test_shares_are_hexagons_in_a_triangle(tmp_path):
    plan = with_parameters(load_plan(SWEEPS / "dissolvable-shares.toml"), N=3)
    (drawing,) = drawings(plan, filled(plan, tmp_path, 42))  # the first 21 shares, under both sets
    assert drawing.name == "shares"
    text = (SWEEPS / "dissolvable-shares.toml").read_text().replace("steps      = 20", "steps      = 4")
    plan = with_parameters(loads_plan(text), N=3)
    frame = filled(plan, tmp_path / "whole")
    ax = plots.simplex(frame, ["r1", "r2", "r3"], where={"requirements": "Groves transfers"})
    cells = ax.collections[0]
    groves = frame[frame["requirements"] == "Groves transfers"]
    assert cells.get_array().tolist() == groves["margin_decimal"].tolist()
    centres = [path.vertices[:6].mean(axis=0) for path in cells.get_paths()]
    for (x, y), r2, r3 in zip(centres, groves["r2_decimal"], groves["r3_decimal"], strict=True):
        assert abs(x - (r2 + r3 / 2)) + abs(y - r3 * math.sqrt(3) / 2) < 1e-12
    # along the side from (1, 0, 0) to (0, 1, 0) the zero is that of a chord between exact margins
    side = {F(r): F(m) for r, r3, m in zip(groves["r2"], groves["r3"], groves["margin"], strict=True) if r3 == "0"}
    ((at, _), (other, _)) = crossings(sorted(side.items()))
    ends = {point for line in lines(ax, ZERO) for point in line}
    assert {(float(at), 0.0), (float(other), 0.0)} <= ends
    with pytest.raises(InputError, match="shares that do not sum to 1"):
        plots.simplex(frame, ["r1", "r2", "r2"], where={"requirements": "Groves transfers"})


def test_thresholds_are_marked_where_they_are_exact(tmp_path):
    text = HEAD + (
        '[[axes]]\nparameter = "p"\nvalues = ["2/5", "1/2", "4/5"]\n'
        '[bisect]\nparameter = "v"\nfrom = "17/4"\nto = 20\nwidth = "1/100"\n' + INSTANCE
    )
    plan = loads_plan(text)
    frame = filled(plan, tmp_path)
    (drawing,) = drawings(plan, frame)
    ax = drawing.single(0).axes[0]
    exact = next(line for line in ax.get_lines() if line.get_label() == "threshold: exact")
    assert exact.get_xydata().tolist() == [[0.4, 4.5], [0.5, 5], [0.8, 5.75]]  # v = 7 - 1/p
    assert ax.get_legend_handles_labels()[1] == ["threshold", "threshold: exact", "impossible", "exists"]


def test_a_margin_of_zero_outside_the_interval_is_no_threshold(tmp_path):
    plan = load_plan(SWEEPS / "example-2-largest-k.toml")
    frame = filled(plan, tmp_path)
    frame["root"] = "3"
    (text,) = plots.thresholds(frame, "k").texts
    assert text.get_text() == "k ≈ 4.75"


def test_a_threshold_alone_is_a_bar(tmp_path):
    plan = load_plan(SWEEPS / "example-2-largest-k.toml")
    (drawing,) = drawings(plan, filled(plan, tmp_path))
    ax = drawing.single(0).axes[0]
    assert [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in ax.patches] == [(2, 4.75), (4.75, 10)]
    assert [text.get_text() for text in ax.texts] == ["k = 19/4"]


# ---- directories ----------------------------------------------------------------------------------------------------


class Outside(HTMLParser):
    """Addresses that a page would load."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found += [
            value
            for key, value in attrs
            if key in ("src", "href", "xlink:href") and not value.startswith(("#", "data:"))
        ]
        assert tag != "script"


def test_files_and_page(two, run, tmp_path):
    code, out, err = run("plot", two[0])
    assert (code, err) == (0, "")
    assert out.splitlines() == [str(two[0] / "plots" / name) for name in ("phase.png", "index.html")]
    assert (two[0] / "plots" / "phase.png").read_bytes().startswith(b"\x89PNG")
    page = (two[0] / "plots" / "index.html").read_text(encoding="utf-8")
    outside = Outside()
    outside.feed(page)
    assert outside.found == []
    assert "20 of 20 rows; 16 with verified proofs" in " ".join(page.split())
    assert "values = [2, &#34;9/2&#34;, 5, 6, 8]" in page
    assert page.count("<svg") == 1
    _, out, _ = run("plot", two[0], "--format", "svg", "-o", tmp_path)
    assert out.splitlines() == [str(tmp_path / name) for name in ("phase.svg", "index.html")]
    assert (tmp_path / "phase.svg").read_bytes().startswith(b"<?xml")
    assert (tmp_path / "index.html").read_text(encoding="utf-8") == page
    assert sorted(file.name for file in tmp_path.iterdir()) == ["index.html", "phase.svg"]


def test_other_axes_are_panels_or_fixed(two, run, tmp_path):
    _, out, _ = run("plot", two[0], "--x", "v", "--where", "p=0.5", "-o", tmp_path)
    assert [Path(line).name for line in out.split()] == ["margin.png", "index.html"]
    plan = loads_plan(TWO)
    (curves,) = drawings(plan, two[1], x="v")
    assert [name for name, _ in curves.panels] == ["p = 1/5", "p = 1/3", "p = 1/2", "p = 4/5"]
    (turned,) = drawings(plan, two[1], x="v", y="p")
    assert turned.single(0).axes[0].get_xlabel() == "v (euro)"
    assert "nothing that varies (got q); expected 'p', 'v'" in run("plot", two[0], "--x", "q")[2]
    assert "p: no such rows (got 1/7)" in run("plot", two[0], "--where", "p=1/7")[2]
    assert "--where: 'p' is not NAME=VALUE" in run("plot", two[0], "--where", "p")[2].replace("'--where'", "--where")


def test_an_unfinished_sweep_is_drawn_as_far_as_it_is_done(run, tmp_path):
    filled(loads_plan(TWO), tmp_path, 10)
    code, _, err = run("plot", tmp_path)
    assert code == 0
    assert err == "10 of 20 rows: the sweep is not finished\n"
    assert "the sweep is not finished" in (tmp_path / "plots" / "index.html").read_text(encoding="utf-8")
    frame = filled(loads_plan(TWO), tmp_path / "none", 0)
    with pytest.raises(InputError, match="no rows are done yet"):
        drawings(loads_plan(TWO), frame)


def test_what_is_no_sweep_and_what_cannot_be_drawn_is_said(run, tmp_path):
    code, _, err = run("plot", tmp_path)
    assert (code, "no sweep was written here; expected a directory made by lpmech sweep" in err) == (2, True)
    filled(loads_plan(HEAD + INSTANCE), tmp_path / "one")
    assert "too few axes: nothing varies" in run("plot", tmp_path / "one")[2]
    many = (
        HEAD
        + "".join(
            f'[[axes]]\nparameter = "{name}"\nfrom = 5\nto = 6\nsteps = {steps}\n'
            for name, steps in (("v", 1), ("a", 1), ("b", 15))
        )
        + INSTANCE.replace("v = 6", "v = 6\na = 1\nb = 1")
    )
    filled(loads_plan(many), tmp_path / "many")
    assert "16 panels, for the sets of requirements, b" in run("plot", tmp_path / "many")[2]
    with pytest.raises(InputError, match="no such kind of figure"):
        plot(tmp_path / "one", form="gif")


def test_functions_say_which_columns_there_are(two):
    with pytest.raises(InputError, match=r"no such column \(got 'w'\); expected .*'p', "):
        plots.phase(two[1], "p", "w")
