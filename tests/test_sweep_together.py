"""Rows answered in arrays: what each row by itself says, to the last digit; and nothing is answered that should not be."""

from __future__ import annotations

import io
import pickle
import random
from dataclasses import replace
from fractions import Fraction as F

import numpy as np
import pyarrow.parquet as pq
import pytest
from support.sweeps import FAMILY, INSTANCE, written

import lpmech
from lpmech.base.errors import UndecidedError
from lpmech.base.expressions import evaluate, evaluate_in
from lpmech.closed_forms import groves_kinked, one_price, vcg_prime
from lpmech.closed_forms.bilateral.batch import Trades, exactly
from lpmech.studies.sweep import row_results, rows
from lpmech.studies.sweep.axes import Lattice, Product, Range, Simplex, Uniform, Values, Zip
from lpmech.studies.sweep.columns import Column, Columns, Unsuitable, doubles, texts, together
from lpmech.studies.sweep.plan import loads_plan
from lpmech.studies.sweep.together import answers, asked

HEAD = 'format = "lpmech-sweep/1"\nproof = "on-request"\n'

AXES = (
    '[[axes]]\nparameter = "a"\nfrom = -1\nto = 2\nsteps = 6\n'
    '[[axes]]\nparameter = "p"\nfrom = "-1/8"\nto = "9/8"\nsteps = 5\n',
    '[[axes]]\nparameters = ["p", "q", "r"]\ndraw = "simplex"\ncount = 14\nseed = 3\ndenominator = 4\n'
    '[[axes]]\nparameter = "a"\nvalues = [0, "1/2", 1]\n',
    '[[axes]]\nparameters = ["a", "b"]\ndraw = "uniform"\ncount = 40\nseed = 8\ndenominator = 6\nlow = -1\nhigh = 3\n',
    '[[axes]]\nparameters = ["a", "b"]\ndraw = "uniform"\ncount = 40\nseed = 9\ndenominator = 12\nlow = 0\nhigh = 4\n'
    "increasing = true\n",
    '[[axes]]\nzip = [{ parameter = "a", values = [3, 0, 1, "5/3"] }, { parameter = "p", from = 0, to = 1, steps = 3 }]\n'
    '[[axes]]\nparameters = ["q", "r"]\ndraw = "simplex"\ncount = 9\nseed = 1\ndenominator = 1000003\nalpha = [2, 1]\n',
)
VALUES = (
    ("0", "a", "2"),
    ("a", "b", "3"),
    ("b - 1", "a + b", "4", "a*b + 5"),
    ("0", "a + 1", "5/2", "3"),
    ("0", "1", "2", "9/4"),
    ("1", "2 + a/(b - 2)", "a**2 + 7"),
    ("0", "1/3", "0.75"),
    ("a",),
    ("-big", "a*big", "big + big/7"),
)
MASSES = {
    1: (("probabilities", ("1",)), ("weights", ("p",))),
    3: (
        ("probabilities", ("p", "q", "r")),
        ("probabilities", ("1/2", "p/2", "(1 - p)/2")),
        ("probabilities", ("0", "1 - p", "p")),
        ("weights", ("p", "q", "r")),
        ("weights", ("1", "a*a", "0")),
        ("weights", ("big", "a*a", "1/(q + 1)**2")),
    ),
    4: (("weights", ("1", "0", "p", "2")), ("probabilities", ("p/2", "p/2", "1/2 - p/2", "(1 - p)*2**-1"))),
}
SETS = (
    "",
    'budget = "no-deficit"\nincentive_compatibility = "BIC"\n',
    'ties = "last"\n',
    'ties = "uniform"\n',
    'incentive_compatibility = "DSIC"\nindividual_rationality = "ex-ante"\nbudget = "no-deficit"\n',
    'incentive_compatibility = "DSIC"\nindividual_rationality = "ex-ante"\nbudget = "no-deficit"\ntransfers = "groves"\n',
    'incentive_compatibility = "DSIC"\nindividual_rationality = "ex-post"\nbudget = "no-expected-deficit"\n',
)


def listed(items):
    return "[" + ", ".join(f'"{x}"' for x in items) + "]"


def family(rng: random.Random) -> str:
    text = HEAD + rng.choice(AXES)
    for n, one in enumerate(rng.sample(SETS, rng.randint(1, 3))):
        text += f'[[requirements]]\nname = "set {n}"\n{one}'
    text += '[instance.parameters]\na = 1\nb = 3\np = "1/2"\nq = "1/2"\nr = 0\n'
    text += f'big = "{rng.choice(("1", "10**17", "10**400"))}"\n[instance.environment]\nkind = "bilateral-trade"\n'
    for side in ("buyer", "seller"):
        values = rng.choice(VALUES)
        kind, masses = rng.choice(MASSES[len(values)])
        text += f"[instance.environment.{side}]\nvalues = {listed(values)}\n{kind} = {listed(masses)}\n"
    return text + (
        '[instance.requirements]\nincentive_compatibility = "BIC"\nindividual_rationality = "interim"\n'
        'budget = "balanced"\n'
    )


def plans(count, seed):
    """Random sweeps whose instance, as the file has it, is one."""
    rng = random.Random(seed)
    while count:
        try:
            plan = loads_plan(family(rng))
        except lpmech.InputError:
            continue
        count -= 1
        yield plan


def table(plan, start, stop):
    part = rows.decide(pickle.dumps(plan), start, stop, False)
    return pq.read_table(io.BytesIO(part.data)).drop_columns("seconds").to_pylist()


def alone(monkeypatch, plan, start, stop):
    """Row by row, each instance built by itself."""
    with monkeypatch.context() as patch:
        patch.setattr(rows, "answers", lambda *_: [])
        return table(plan, start, stop)


def test_rows_are_what_each_says_by_itself(monkeypatch):
    seen, answered = set(), 0
    for seed, plan in enumerate(plans(28, seed=5)):
        start = seed % 3
        stop = min(plan.rows, start + 14)
        found = table(plan, start, stop)
        assert found == alone(monkeypatch, plan, start, stop)
        assert [row["row"] for row in found] == list(range(start, stop))
        seen |= {(row["method"], row["verdict"]) for row in found}
        answered += sum(row["method"] is not None for row in found)
    assert {(name, "exists") for name in ("vcg_prime", "groves_kinked", "one_price")} <= seen
    assert {("vcg_prime", "impossible"), (None, "invalid")} <= seen
    assert answered > 150


def test_most_are_answered_in_arrays():
    """So that the comparison above is one."""
    found = [answers(plan, which, 0, 12) for plan in plans(28, seed=5) for which in range(len(plan.sets))]
    assert sum(len(answered.rows) for answered, _ in filter(None, found)) > 150
    assert sum(len(refused.rows) for _, refused in filter(None, found)) > 50


def test_a_row_proved_later_agrees(tmp_path):
    file = written(tmp_path, FAMILY.replace('"Two types each"', '"Two types each"\nproof = "on-request"'))
    frame = lpmech.sweep(file, tmp_path / "out", workers=1)
    assert set(frame["verdict"]) == {"exists", "impossible", "invalid"}
    for row in range(20, 80, 7):
        (result,) = row_results(tmp_path / "out", row).values()
        assert (result.proved, str(result.margin)) == (True, frame["margin"][row])


def test_what_is_not_for_arrays_is_left_alone():
    plan = loads_plan(HEAD + '[[axes]]\nparameter = "v"\nvalues = [5, 6]\n' + INSTANCE)
    assert asked(plan, 0) is not None
    assert asked(replace(plan, proof="always"), 0) is None
    for change in (
        {"environment": plan.data["environment"] | {"prior": {"profiles": [{"types": [0, 0], "probability": 1}]}}},
        {"environment": plan.data["environment"] | {"buyer": {"values": [1]}}},
        {"objective": {"maximize": "welfare"}},
        {"requirements": plan.data["requirements"] | {"allocation": "free"}},
        {"requirements": plan.data["requirements"] | {"allocation": {"posted-price": "v"}}},
        {"requirements": plan.data["requirements"] | {"budget": "none"}},
        {"parameters": {"v": "no number"}},
    ):
        assert asked(replace(plan, data=plan.data | change), 0) is None
    grid = {"grid": {"low": 0, "high": 1, "points": 3}, "distribution": {"family": "uniform", "low": 0, "high": 1}}
    assert asked(replace(plan, data=plan.data | {"environment": plan.data["environment"] | {"buyer": grid}}), 0) is None


# ---- columns --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "axis",
    [
        Values("a", (F(1, 3),)),
        Values("a", (F(1, 3), F(-5), F(2, 7))),
        Range("a", F(-1, 3), F(10**25, 7), 11),
        Uniform(("a", "b"), 9, 3, 10**18, F(-1, 3), F(2)),
        Uniform(("a", "b"), 9, 3, 6, F(1), F(2), True),
        Simplex(("a", "b", "c"), 9, 3, 1000, (1, 2, 3)),
        Lattice(("a", "b", "c"), 3),
        Zip((Values("a", (F(1), F(2))), Range("b", F(0), F(1, 5), 1))),
        Product((Values("a", (F(1), F(2))), Simplex(("b", "c"), 3, 3, 7, (1, 1)), Range("d", F(0), F(1), 2))),
        Product(()),
    ],
)
def test_columns_of_axes_are_their_points(axis):
    places = [*range(axis.size), 0, axis.size - 1]
    columns = axis.columns(np.array(places))
    assert tuple(columns) == axis.names
    for name, column in columns.items():
        assert [F(*pair) for pair in column.pairs(len(places))] == [axis.at(place)[name] for place in places]


EXPRESSIONS = (
    "a*b + 1/3",
    "-(a - b)/(1 + b*b)",
    "a/b",
    "1/a - 1/(a - 1)",
    "(a/3)**3 * 2**-2",
    "a**-2",
    "0**0 + a - - b",
    "7",
    "a**40/7**30",
    "(a + b/10**30)*10**40",
)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_columns_are_evaluated_as_numbers_are(expression):
    a, b = [F(k, 6) for k in range(-6, 8)], [F(k - 3, 10**k) for k in range(14)]
    arithmetic = Columns(len(a))
    found = evaluate_in(arithmetic, expression, {"a": Column.read(a), "b": Column.read(b)})
    pairs = found.pairs(len(a))
    for place, (one, two) in enumerate(zip(a, b, strict=True)):
        try:
            expected = evaluate(expression, {"a": one, "b": two})
        except lpmech.InputError:
            assert arithmetic.bad[place]
            continue
        assert not arithmetic.bad[place]
        assert pairs[place] == (expected.numerator, expected.denominator)
    assert texts(pairs) == [str(F(*pair)) for pair in pairs]
    assert doubles(pairs) == [float(F(*pair)) for pair in pairs]


@pytest.mark.parametrize("expression", ["2**a", "a**(1/2)", "a**1001", "(a + 2)**990 * 10**990", "10**999*a*10"])
def test_what_columns_cannot_say_is_left_to_numbers(expression):
    with pytest.raises((Unsuitable, lpmech.InputError)):
        evaluate_in(Columns(2), expression, {"a": Column.read([F(9), F(10)])})


def test_columns_together_have_one_denominator_a_row():
    columns = [
        Column.read([F(1, 2)]),
        Column(np.array([1, 2]), np.array([3, 10**18])),
        Column.read([F(5), F(1, 7**30)]),
    ]
    of, over = together(columns, 2)
    assert [[F(x, by) for x in row] for row, by in zip(of.tolist(), over.tolist(), strict=True)] == [
        [F(1, 2), F(1, 3), F(5)],
        [F(1, 2), F(2, 10**18), F(1, 7**30)],
    ]


@pytest.mark.parametrize("form", [vcg_prime, groves_kinked, one_price])
def test_margins_in_long_integers_are_those_in_short_ones(form):
    rng = np.random.default_rng(4)
    B, S = (np.sort(rng.permuted(np.tile(np.arange(9), (30, 1)), axis=1)[:, :3], axis=1) for _ in range(2))
    p, q = (rng.integers(0, 4, (30, 3)) + np.array([1, 0, 0]) for _ in range(2))
    by = 10**17
    short, known = exactly(form.margins, "first", Trades(B, S, p, q))
    long, also = exactly(form.margins, "first", Trades(B.astype(object) * by, S.astype(object) * by, p, q))
    mixed = np.where(np.arange(30)[:, None] % 2, B.astype(object), B.astype(object) * by)
    other = np.where(np.arange(30)[:, None] % 2, S.astype(object), S.astype(object) * by)
    both, _ = exactly(form.margins, "first", Trades(mixed, other, p, q))
    assert (short.dtype, long.dtype) == (np.int64, object)
    assert (known == also).all()
    assert long.tolist() == [x * by for x in short.tolist()]
    assert both.tolist() == [x if n % 2 else x * by for n, x in enumerate(short.tolist())]


def test_a_point_without_a_verdict_is_undecided_not_invalid(monkeypatch):
    def nothing(instances, **options):
        raise UndecidedError("no luck")

    monkeypatch.setattr(rows, "solve_many", nothing)
    plan = loads_plan(HEAD + INSTANCE)
    assert list(rows._results(plan, [plan.instance(0)])) == [("undecided", "no luck")]
