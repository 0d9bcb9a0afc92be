"""Social choice by formula: the same environments as listed ones, and what is refused."""

from __future__ import annotations

import random
from fractions import Fraction as F
from itertools import product

import pytest

import lpmech
from lpmech.base.errors import InputError
from lpmech.base.fields import Context
from lpmech.base.formulas import Formula
from lpmech.question.environments.social_choice import SocialChoice, Type
from lpmech.reading.instance import dumps, loads

NEED = """
[requirements]
incentive_compatibility = "BIC"
individual_rationality = "interim"
budget = "no-expected-deficit"
"""

CITIZENS = """
format = "lpmech-instance/1"
[parameters]
k = 4
[environment]
kind = "social-choice"
outcomes = ["none", "build"]
costs = { none = 0, build = "6/k" }
[[environment.agents]]
name = "citizen"
count = 2
values = [0, 1, 2]
weights = [1, 2, 1]
utility = { none = "0", build = "own" }
outside = "own/k"
[[environment.agents]]
name = "firm"
utility = { none = "0", build = "2*x - y^2" }
[environment.agents.components.x]
values = [0, 1]
probabilities = ["1/3", "2/3"]
[environment.agents.components.y]
grid = { low = 0, high = 1, points = 2, placement = "midpoints" }
distribution = { family = "uniform", low = 0, high = 1 }
"""

SCREENING = """
format = "lpmech-instance/1"
[environment]
kind = "social-choice"
outcomes = { quantity = { from = 0, to = 10, step = "1/2" } }
costs = "quantity^2/2"
[[environment.agents]]
name = "customer"
grid = { low = 0, high = 4, points = 9 }
distribution = { family = "uniform", low = 0, high = 4 }
utility = "own*quantity - quantity^2/2"
[requirements]
allocation = "free"
incentive_compatibility = "DSIC"
individual_rationality = "ex-post"
budget = "none"
[objective]
maximize = "revenue"
"""


def test_formulas_stand_for_the_numbers_that_they_give() -> None:
    citizen = [Type(v, F(w, 4), [0, v], F(v, 4)) for v, w in ((0, 1), (1, 2), (2, 1))]
    masses = ((0, F(1, 3)), (1, F(2, 3)))
    firm = [Type(f"{x}, {y}", p / 2, [0, 2 * x - y**2]) for (x, p), y in product(masses, (F(1, 4), F(3, 4)))]
    agents = {"citizen-1": citizen, "citizen-2": citizen, "firm": firm}
    instance = loads(CITIZENS + NEED)
    assert instance.environment == SocialChoice(["none", "build"], agents, [0, F(3, 2)])
    assert [agent.types for agent in instance.environment.agents][1:] == [
        ("0", "1", "2"),
        ("0, 1/4", "0, 3/4", "1, 1/4", "1, 3/4"),
    ]
    assert loads(dumps(instance)).environment == instance.environment
    assert lpmech.solve(instance).proved


def test_a_variable_of_outcomes() -> None:
    instance = loads(SCREENING)
    values = [F(n, 2) for n in range(21)]
    assert instance.environment.outcomes == tuple(map(str, values))
    assert instance.environment.costs == tuple(v**2 / 2 for v in values)
    assert instance.environment.valuation(0)[3] == tuple(F(3, 2) * v - v**2 / 2 for v in values)
    result = lpmech.solve(instance)
    assert (result.value, result.proved) == (screening(values), True)


def screening(quantities: list[F]) -> F:
    """The largest profit: at each type the quantity with the largest virtual profit, which rises with the type here."""
    types, masses = [F(n, 2) for n in range(9)], [F(1, 16), *[F(1, 8)] * 7, F(1, 16)]
    total = F(0)
    for k, (theta, mass) in enumerate(zip(types, masses, strict=True)):
        above = sum(masses[k + 1 :])
        step = types[k + 1] - theta if k + 1 < len(types) else F(0)
        virtual = theta - above * step / mass
        total += mass * max(virtual * q - q**2 for q in quantities)
    return total


def test_random_formulas_against_listed_numbers() -> None:
    rng = random.Random(5)
    for _ in range(40):
        a, b, c = (rng.randint(-4, 4) for _ in range(3))
        values = sorted(rng.sample(range(-5, 6), rng.randint(1, 4)))
        weights = [rng.randint(0, 3) for _ in values]
        weights[0] += 1
        text = f"""format = "lpmech-instance/1"
[environment]
kind = "social-choice"
outcomes = {{ x = {{ from = -1, to = 1, step = "1/2" }} }}
[[environment.agents]]
values = {values}
weights = {weights}
utility = "{a}*own*x^2 - ({b} - own)/2*x + {c}"
outside = "own^2 - {a}"
{NEED}"""
        outcomes = [F(n, 2) for n in range(-2, 3)]
        types = [
            Type(v, F(w, sum(weights)), [a * v * x**2 - F(b - v, 2) * x + c for x in outcomes], v**2 - a)
            for v, w in zip(values, weights, strict=True)
        ]
        assert loads(text).environment == SocialChoice(outcomes, {"agent-1": types})


def test_under_a_joint_prior_values_need_no_masses() -> None:
    text = CITIZENS[: CITIZENS.index('[[environment.agents]]\nname = "firm"')].replace("weights = [1, 2, 1]\n", "")
    prior = "[environment.prior]\nprofiles = [ { types = [0, 2], probability = 1 } ]\n"
    assert [agent.probabilities for agent in loads(text + prior + NEED).environment.agents] == [(1, 0, 0), (0, 0, 1)]
    with pytest.raises(InputError, match="probabilities, weights, or a joint prior") as caught:
        loads(text + NEED)
    assert caught.value.key == "environment.agents[0].probabilities"


@pytest.mark.parametrize(
    ("old", "new", "key", "said"),
    [
        ('build = "own" }', 'build = "other" }', "agents[0].utility.build", "unknown parameter 'other'"),
        ('build = "own" }', 'built = "own" }', "agents[0].utility.built", "no such outcome"),
        ('utility = { none = "0", build = "own" }\n', "", "agents[0].utility", "missing"),
        ('outside = "own/k"', 'outside = "own/(k - 4)"', "agents[0].outside", "division by zero"),
        ("k = 4", "own = 4\nk = 4", "agents[0].utility.none", "own is a variable here"),
        ('"6/k" }', '"6/own" }', "costs.build", "unknown parameter 'own'"),
        ("values = [0, 1, 2]\n", "values = [0, 1, 2]\ntypes = []\n", "agents[0]", "types in several ways"),
        ('["none", "build"]', '["none", 3]', "outcomes[1]", "not text"),
        ("components.x]", "components.own]", "agents[1].components.own", "not the name of a variable"),
    ],
)
def test_refusals(old: str, new: str, key: str, said: str) -> None:
    assert old in CITIZENS
    with pytest.raises(InputError, match=said) as caught:
        loads(CITIZENS.replace(old, new, 1) + NEED)
    assert f"environment.{key}" in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('step = "1/2"', "step = 0", "a step that does not lead on"),
        ('step = "1/2"', "step = 3", "10/3 steps from 0 to 10"),
        ("to = 10,", "", "not a range"),
        ("quantity = {", "own = {", "not the name of a variable"),
        ('"own*quantity - quantity^2/2"', '"own*quantity^own"', "an unusable exponent"),
    ],
)
def test_ranges_that_are_none(old: str, new: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        loads(SCREENING.replace(old, new, 1))


def test_limits_refine_grids_of_agents_and_components(tmp_path) -> None:
    file = tmp_path / "file.toml"
    file.write_text(SCREENING)
    rows = lpmech.limit(file, points=[5, 9]).rows
    assert [len(row.refined.instance.environment.agents[0].types) for row in rows] == [5, 9]
    file.write_text(CITIZENS + NEED)
    rows = lpmech.limit(file, points=[2, 4]).rows
    assert [row.refined.instance.environment.sizes for row in rows] == [(3, 3, 4), (3, 3, 8)]


def test_a_formula_is_read_once_and_evaluated_often() -> None:
    function = Formula("a*x + 1/2", Context({"a": F(3)})).over("x")
    assert [function({"x": F(n)}) for n in range(3)] == [F(1, 2), F(7, 2), F(13, 2)]
