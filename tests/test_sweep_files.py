"""Sweep files: what the axes stand for, exactly; every complaint with file, line and key; thresholds."""

from __future__ import annotations

from fractions import Fraction as F
from itertools import product
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.sweeps import FAMILY, INSTANCE, written

from lpmech import InputError, load, solve
from lpmech.literature import theorems
from lpmech.studies.sweep.axes import Lattice, Product, Range, Simplex, Uniform, Values, Zip
from lpmech.studies.sweep.bisect import threshold
from lpmech.studies.sweep.plan import load_plan, loads_plan, restored

ROOT = Path(__file__).parents[1]
HEAD = 'format = "lpmech-sweep/1"\n'


def points(axis):
    return [dict(axis.at(i)) for i in range(axis.size)]


def test_ranges_are_exact_and_have_both_ends():
    assert [x["k"] for x in points(Range("k", F(1, 3), F(2), 3))] == [F(1, 3), F(8, 9), F(13, 9), F(2)]


def test_products_run_the_last_axis_fastest():
    axes = Product((Values("a", (F(1), F(2))), Range("b", F(0), F(1), 2)))
    assert points(axes) == [{"a": F(a), "b": F(b, 2)} for a, b in product((1, 2), (0, 1, 2))]
    assert points(Product(())) == [{}]


def test_zips_go_along_together():
    axis = Zip((Values("a", (F(1), F(5))), Range("b", F(0), F(1), 1)))
    assert points(Product((axis, Values("c", (F(7), F(8)))))) == [
        {"a": F(a), "b": F(b), "c": F(c)} for (a, b), c in product(((1, 0), (5, 1)), (7, 8))
    ]


def test_shares_are_exact_and_every_one_of_them_is_drawn():
    axis = Simplex(("x", "y", "z"), 400, 1, 3, (1, 1, 1))
    drawn = {tuple(point.values()) for point in points(axis)}
    assert drawn == {
        (F(a, 3), F(b, 3), F(3 - a - b, 3)) for a in range(4) for b in range(4 - a)
    }  # all ten compositions of 3 into three parts


@pytest.mark.parametrize(("parts", "steps"), [(2, 1), (2, 5), (3, 4), (4, 3)])
def test_a_lattice_has_every_share_once(parts, steps):
    names = ("a", "b", "c", "d")[:parts]
    axis = Lattice(names, steps)
    found = [tuple(point[name] for name in names) for point in points(axis)]
    every = [k for k in product(range(steps + 1), repeat=parts) if sum(k) == steps]
    assert found == sorted(tuple(F(x, steps) for x in k) for k in every)


def test_dirichlet_draws_sum_to_one_and_have_about_the_right_mean():
    axis = Simplex(("x", "y"), 300, 5, 1000, (1, 3))
    assert all(sum(point.values()) == 1 and min(point.values()) >= 0 for point in points(axis))
    mean = sum(point["x"] for point in points(axis)) / 300  # 1/4, with a standard error of 1/90
    assert F(1, 5) < mean < F(3, 10)


def test_dirichlet_draws_are_sums_of_neighbouring_parts_of_flat_ones():
    flat = Simplex(("a", "b", "c"), 50, 5, 20, (1, 1, 1))
    merged = Simplex(("a", "b"), 50, 5, 20, (2, 1))
    object.__setattr__(merged, "below", lambda *key: Simplex.below(flat, *key))
    for one, two in zip(points(flat), points(merged), strict=True):
        assert (one["a"] + one["b"], one["c"]) == (two["a"], two["b"])


def test_increasing_draws_increase_strictly_and_may_take_every_value():
    axis = Uniform(("x", "y"), 200, 3, 2, F(1), F(2), True)
    assert {tuple(point.values()) for point in points(axis)} == {(F(1), F(3, 2)), (F(1), F(2)), (F(3, 2), F(2))}


def test_draws_depend_on_the_seed_the_names_and_the_place_alone():
    one, other = Uniform(("x",), 9, 3, 100, F(0), F(1)), Uniform(("x",), 9, 4, 100, F(0), F(1))
    assert points(one) != points(other)
    assert [x["x"] for x in points(one)] != [x["y"] for x in points(Uniform(("y",), 9, 3, 100, F(0), F(1)))]
    assert dict(one.at(7)) == dict(Uniform(("x",), 100, 3, 100, F(0), F(1)).at(7))
    assert [x["x"] * 100 for x in points(one)] == [38, 10, 34, 37, 73, 68, 86, 55, 11]  # for ever


def test_a_plan_asks_every_set_at_every_point(tmp_path):
    plan = load_plan(written(tmp_path))
    assert (plan.rows, plan.names) == (80, ("v", "p"))
    assert [plan.set_name(row) for row in range(3)] == ["balanced", "expected", "balanced"]
    assert plan.point(79) == {"v": F(11, 2), "p": F(1)}
    assert plan.instance(79).requirements.budget == "no-expected-deficit"
    assert plan.instance(78).requirements.budget == "balanced"
    assert plan.instance(70).environment.buyer.values == (F(2), F(11, 2))
    assert restored(plan.pins, plan.base) == plan


def test_an_instance_in_another_file_has_its_parameters_set_as_by_set():
    plan = load_plan(ROOT / "instances" / "sweeps" / "example-2-over-k.toml")
    file = ROOT / "instances" / "kos-manea-2009" / "example-2-two-buyers.toml"
    assert plan.instance(5) == load(file, {"k": plan.point(5)["k"]})
    assert plan.point(5) == {"k": F(13, 4)}


AXIS = '[[axes]]\nparameter = "v"\n'


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 2, "instance: missing"),
        ("speed = 3\n", 2, "speed: unknown key"),
        (AXIS + "values = [1, 0.5, '1 2']\n", 4, "axes[0].values[2]: unexpected '2'"),
        (AXIS + "values = []\n", 4, "axes[0].values: no values"),
        (AXIS + "from = 1\nto = 2\n", 2, "axes[0].steps: missing"),
        (AXIS + "from = 1\nto = 2\nsteps = 0\n", 6, "axes[0].steps: not a whole number in range"),
        (AXIS + "values = [1]\nseed = 3\n", 5, "axes[0].seed: does not go with the other keys"),
        (AXIS, 2, "axes[0]: an axis without values"),
        (AXIS + "draw = 'normal'\n", 4, "axes[0].draw: unknown choice"),
        (
            "[[axes]]\nparameters = ['v']\nalpha = [1, 2]\ndraw = 'simplex'\ncount = 1\nseed = 1\ndenominator = 9\n",
            4,
            "alpha",
        ),
        ("[[axes]]\nparameter = 'w'\nvalues = [1]\n", 2, "axes[0]: unknown parameter 'w'"),
        (AXIS + "values = [1]\n" + AXIS + "values = [1]\n", 5, "axes[1]: a parameter that varies twice"),
        (
            "[[axes]]\nzip = [\n{ parameter = 'v', values = [1] },\n{ parameter = 'p', values = [0, 1] },\n]\n",
            5,
            "axes[0].zip[1]: 2 places beside 1",
        ),
        ("[[requirements]]\nname = 'a'\nbudget = 'none at all'\n", 4, "requirements[0].budget: unknown choice"),
        ("[[requirements]]\nname = 'a'\nallocation = 'fair'\n", 4, "requirements[0].allocation: unknown choice"),
        ("[[requirements]]\nname = 'a'\n[[requirements]]\nname = 'a'\n", 5, "two sets of requirements with one name"),
        ("[bisect]\nparameter = 'v'\nfrom = 3\nto = 2\nwidth = 1\n", 5, "bisect.to: an interval without inside"),
        ("[bisect]\nparameter = 'w'\nfrom = 1\nto = 2\nwidth = 1\n", 3, "bisect.parameter: unknown parameter"),
        ("method = 'magic'\n", 2, "method: unknown method"),
        ("theorems = 'matsuo'\n", 2, "theorems: not a list of theorems (got 'matsuo'); expected \"applicable\""),
        (
            "theorems = ['matsuo', 'mastuo', 'kos_manea']\n",
            2,
            "theorems[1]: no such theorem (got 'mastuo'); expected \"applicable\", or a list of names, which lpmech list "
            "shows (did you mean 'matsuo'?)",
        ),
        ("theorems = ['matsuo', 'matsuo']\n", 2, "theorems[1]: a theorem named twice"),
        (
            "theorems = ['matsuo']\n[bisect]\nparameter = 'v'\nfrom = 5\nto = 6\nwidth = 1\n",
            2,
            "theorems: theorems beside a bisection; expected either theorems or bisect",
        ),
        ("[[axes]]\nparameters = ['v']\nsteps = 3\n", 3, "axes[0].parameters: shares of one"),
        ("[[axes]]\nparameters = ['v', 'p']\nsteps = 3\nlabel = 'both'\n", 5, "axes[0].label: a label for several"),
        ("[[axes]]\nparameters = ['v', 'p']\nsteps = 3\nlabels = ['x']\n", 5, "axes[0].labels: 1 labels"),
    ],
)
def test_complaints_have_file_line_and_key(text, line, said):
    whole = HEAD + text + (INSTANCE if text else "")
    with pytest.raises(InputError) as problem:
        loads_plan(whole, "sweep.toml")
    assert said in str(problem.value)
    if text:
        assert problem.value.parts[0].line == line
    assert problem.value.file == "sweep.toml"


def test_complaints_about_the_instance_have_their_own_place(tmp_path):
    with pytest.raises(InputError, match=r"sweep.toml:\d+: instance.environment.buyer.values\[1\]: unknown parameter"):
        loads_plan(HEAD + INSTANCE.replace('"v"', '"w"'), "sweep.toml")
    (tmp_path / "bad.toml").write_text('format = "lpmech-instance/1"\n')
    with pytest.raises(InputError, match=r"bad.toml.*environment: missing"):
        loads_plan(HEAD + 'instance = "bad.toml"\n', "sweep.toml", tmp_path)
    with pytest.raises(InputError, match=r"sweep.toml:2: instance: .*none.toml: no such file"):
        loads_plan(HEAD + 'instance = "none.toml"\n', "sweep.toml", tmp_path)


def test_parameters_with_names_of_columns_are_refused():
    text = FAMILY.replace("v =", "margin =").replace('"v"', '"margin"')
    with pytest.raises(InputError, match=r"axes\[0\]: a parameter with the name of a column"):
        loads_plan(text)


TWO_BUYERS = ROOT / "instances" / "kos-manea-2009" / "example-2-two-buyers.toml"


def test_the_threshold_of_example_2_is_found_exactly():
    """(19 - 4 k)/27 >= 0 if and only if k <= 19/4."""
    found = threshold(lambda k: solve(TWO_BUYERS, parameters={"k": k}), F(2), F(10), F(1, 10**6))
    assert (found.verdict, found.root, found.low.at, found.proved) == ("threshold", F(19, 4), F(19, 4), True)
    assert found.high.at == F(19, 4) + F(1, 10**6)
    assert (found.low.result.margin, found.high.result.margin) == (0, F(-4, 27 * 10**6))


def test_a_threshold_from_the_other_side():
    """Two types each, (v - 5)/4: none below 5, one from 5 on."""
    file = ROOT / "instances" / "kos-manea-2009" / "theorem-1-two-types.toml"
    found = threshold(lambda v: solve(file, parameters={"v": v}), F(9, 2), F(100), F(1, 8))
    assert (found.low.at, found.high.at, found.root) == (F(39, 8), F(5), F(5))
    assert [end.result.verdict for end in (found.low, found.high)] == ["impossible", "exists"]


def test_a_threshold_with_no_rational_root_is_enclosed():
    """The margin k^2 - 2 in the place of a program's: the interval holds the root of 2, both ends on their sides of it."""
    from dataclasses import replace

    result = solve(TWO_BUYERS)

    def decide(x):
        return replace(result, margin=x * x - 2, verdict="exists" if x * x >= 2 else "impossible")

    found = threshold(decide, F(0), F(2), F(1, 1000))
    assert found.low.at**2 < 2 <= found.high.at**2
    assert 0 < found.high.at - found.low.at <= F(1, 1000)
    assert (found.root, found.verdict) == (None, "threshold")
    assert threshold(decide, F(2), F(3), F(1, 1000)).verdict == "no change"


def test_axes_have_labels_and_units():
    text = HEAD + (
        '[[axes]]\nparameter = "v"\nvalues = [5]\nlabel = "high value"\nunit = "euro"\n'
        '[[axes]]\nparameter = "p"\nvalues = [1]\n' + INSTANCE
    )
    assert loads_plan(text).labels == {"v": "high value (euro)"}
    shares = HEAD + '[[axes]]\nparameters = ["v", "p"]\nsteps = 2\nlabels = ["one", "other"]\n' + INSTANCE
    assert loads_plan(shares).labels == {"v": "one", "p": "other"}
    ends = HEAD + '[bisect]\nparameter = "v"\nfrom = 5\nto = 6\nwidth = 1\nunit = "euro"\n' + INSTANCE
    assert loads_plan(ends).labels == {"v": "v (euro)"}


def test_applicable_theorems_are_those_of_the_instance_as_it_stands():
    assert loads_plan(HEAD + INSTANCE).theorems == ()
    plan = loads_plan(HEAD + 'theorems = "applicable"\n' + INSTANCE)
    assert plan.theorems == tuple(
        name for name in theorems.names() if theorems.named(name).applies(plan.instance_of(0, {})) is None
    )
    assert {"matsuo", "kos_manea_theorem_1"} <= set(plan.theorems)
    assert loads_plan(HEAD + 'theorems = ["applicable"]\n' + INSTANCE).theorems == plan.theorems
    assert not {"cremer_mclean", "jagadeesan_tordjman_transport"} & set(plan.theorems)


def test_ready_sweeps_are_sweeps():
    files = sorted((ROOT / "instances" / "sweeps").glob("*.toml"))
    assert len(files) >= 3
    for file in files:
        plan = load_plan(file)
        assert plan.title
        plan.instance(plan.rows - 1, {} if plan.bisect is None else {plan.bisect.name: plan.bisect.high})


def test_a_root_is_an_end_of_the_interval():
    """A mechanism only just exists at ``from``, and at a cut, but the verdict changes elsewhere."""

    def decide(k):
        margin = k * (k - 2) ** 2 * (F(31, 10) - k)
        return SimpleNamespace(verdict="exists" if margin >= 0 else "impossible", margin=margin, proved=True)

    assert decide(F(0)).margin == decide(F(2)).margin == 0
    found = threshold(decide, F(0), F(4), F(1, 1000))
    assert (found.verdict, found.low.exists, found.high.exists) == ("threshold", True, False)
    assert found.low.at < F(31, 10) < found.high.at <= found.low.at + F(1, 1000)
    assert found.root is None
    assert threshold(decide, F(0), F(3), F(1, 1000)).root == 0
