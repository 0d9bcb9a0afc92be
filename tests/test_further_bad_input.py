"""Wrong further requirements in files: one message each, with line, key, what was written and what was expected."""

from __future__ import annotations

import pytest

from lpmech.base.errors import InputError
from lpmech.reading.instance import loads

TRADE = """format = "lpmech-instance/1"
[environment]
kind = "bilateral-trade"
buyer = { values = [2, 6], weights = [1, 1], worth = "own" }
seller = { values = [0, 4], weights = [1, 1] }
[requirements]
incentive_compatibility = "BIC"
individual_rationality = "interim"
budget = "balanced"
"""
CHOICE = """format = "lpmech-instance/1"
[environment]
kind = "social-choice"
outcomes = ["a", "b c"]
[[environment.agents]]
name = "ann"
components = { x = { values = [0, 1], weights = [1, 1] } }
utility = { "a" = "0", "b c" = "x" }
[[environment.agents]]
name = "bob"
values = [0, 1]
weights = [1, 1]
utility = { "a" = "0", "b c" = "own" }
[requirements]
incentive_compatibility = "BIC"
individual_rationality = "none"
budget = "none"
"""
RULE = '[[requirements.linear]]\nof = "t[buyer]"\nequal = 0\n'


def message(text: str) -> str:
    with pytest.raises(InputError) as caught:
        loads(text, file="x.toml")
    said = str(caught.value)
    assert "\n" not in said, said
    assert "; expected " in said
    return said


@pytest.mark.parametrize(
    ("more", "place", "said"),
    [
        ('deviations = "down"', "10: requirements.deviations: ", "'downward'"),
        ("payments = {}", "10: requirements.payments: no bounds on payments", "{ at-least = 0, at-most = 5 }"),
        ("payments = 3", "10: requirements.payments: no bounds on payments (got 3)", "at-most"),
        ("payments = { buyer = 3 }", "10: requirements.payments.buyer: no bounds", "(got 3)"),
        ('payments = { buyer = "some" }', "10: requirements.payments.buyer: unknown choice", "'none'"),
        ("payments = { at-least = 1, buyer = 3 }", "10: requirements.payments: bounds for every agent", "by agent"),
        ("payments = { at-most = inf }", "10: requirements.payments.at-most: not a number", "exact number"),
        ('payments = { buyers = "none" }', "10: requirements.payments: no agent or group called 'buyers'", "'buyer'"),
        ('budget-floor = "much"', "10: requirements.budget-floor: ", "a number"),
        ('lotteries = "no"', "10: requirements.lotteries: not a truth value (got 'no')", "true or false"),
        ("lotteries = 0", "10: requirements.lotteries: not a truth value (got 0)", "true or false"),
        ('ties = "uniform"\nlotteries = false', "11: requirements.lotteries: ", "another tie rule"),
        ("linear = 3", "10: requirements.linear: not a list", "a list"),
        ('[requirements.linear]\nof = "revenue"\nequal = 0', "10: requirements.linear: not a list", "a list"),
        (RULE + 'where = { ann = ["2"] }', "13: requirements.linear[0].where: no agent called 'ann'", "'buyer'"),
        (RULE + 'where = { buyer = ["3"] }', "13: requirements.linear[0].where.buyer: no type of buyer", "'2', '6'"),
        (RULE + 'where = { buyer = "2" }', "13: requirements.linear[0].where.buyer: not a list", "a list"),
        (RULE + "where = { buyer = [[2]] }", "13: requirements.linear[0].where.buyer[0]: not the name", '"1/2"'),
        (RULE + 'where = ["2"]', "13: requirements.linear[0].where: not a table", "by agent"),
        (RULE + 'at = "seller"\nwhere = { buyer = ["2"] }', "14: requirements.linear[0].where: ", "types of seller"),
        (RULE + 'at = "ann"', "13: requirements.linear[0].at: no agent called 'ann'", "'buyer', 'seller'"),
        (RULE + "at = 3", "13: requirements.linear[0].at: not text", '"prior"'),
        (RULE + "at-most = 1", "10: requirements.linear[0]: several comparisons", "one of at-least, at-most, equal"),
        (RULE + 'name = "a"\n' + RULE + 'name = "a"', "17: requirements.linear[1].name: two requirements", "'a'"),
    ],
)  # fmt: skip
def test_requirements(more: str, place: str, said: str) -> None:
    if "two requirements" in place:
        with pytest.raises(InputError) as caught:
            loads(TRADE + more, file="x.toml")
        got = str(caught.value)
    else:
        got = message(TRADE + more)
    assert got.startswith(f"x.toml:{place}"), got
    assert said in got


@pytest.mark.parametrize(
    ("formula", "problem"),
    [
        ("t[buyer]*u[seller]", "a product of two"),
        ("t[buyer]^2", "a power"),
        ("1/t[buyer]", "division by a payment"),
        ("2^t[buyer]", "an exponent"),
        ("t[buyer]/0", "division by zero"),
        ("p[buyer]", "no term 'p[buyer]'"),
        ("q[trade", "'[' in a formula"),
        ("q[tradee]", "no outcome called 'tradee'"),
        ("t[trade]", "no agent called 'trade'"),
        ("max(t[buyer], 0)", "',' in a formula"),
        ("t[buyer] >= 0", "'>' in a formula"),
        ("welfare", "no parameter 'welfare'"),
        ("", "the end"),
    ],
)
def test_formulas_of_requirements_are_shown_as_written(formula: str, problem: str) -> None:
    got = message(TRADE + f'[[requirements.linear]]\nof = "{formula}"\nequal = 0')
    assert got.startswith(f"x.toml:11: requirements.linear[0].of: {problem}"), got
    assert "called" in problem or f"(got {formula!r})" in got


@pytest.mark.parametrize(
    ("worth", "problem"),
    [
        ("own*x", "unknown parameter 'x'"),
        ("ann.own", "no agent called 'ann'"),
        ("seller.value", "seller has no variable 'value'"),
        ("seller.own.own", "'.' in a number (got 'seller.own.own')"),
        ("own/(own - 2)", "division by zero (got 'own/(own - 2)')"),
        ("own^1000000", "an unusable exponent (got 'own^1000000')"),
    ],
)
def test_worths(worth: str, problem: str) -> None:
    got = message(TRADE.replace('worth = "own"', f'worth = "{worth}"'))
    assert got.startswith(f"x.toml:4: environment.buyer.worth: {problem}"), got


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('"b c" = "own"', '"b c" = "own + others"', "13: environment.agents[1].utility: others is the sum"),
        ('"b c" = "own"', '"b c" = "ann.own"', "13: environment.agents[1].utility: ann has no variable 'own'"),
        ('"b c" = "own" }', '"b c" = "own" }\noutside = "ann.y"', "14: environment.agents[1].outside: ann has no"),
        (
            'budget = "none"',
            'budget = "none"\ndeviations = "downward"',
            "18: requirements.deviations: the types of ann",
        ),
        ('budget = "none"', 'budget = "none"\nbudget-floor = 1', "18: requirements.budget-floor: a floor without"),
    ],
)
def test_social_choice(old: str, new: str, place: str) -> None:
    got = message(CHOICE.replace(old, new))
    assert got.startswith(f"x.toml:{place}"), got


@pytest.mark.parametrize("worth", ["own + seller.own", "2*own"])
def test_a_posted_price_with_a_worth_is_refused_while_reading(worth: str) -> None:
    text = TRADE.replace('worth = "own"', f'worth = "{worth}"') + "allocation = { posted-price = 3 }"
    assert message(text).startswith("x.toml:10: requirements.allocation: a posted price needs private values")


def test_neither_budget_nor_participation_has_margin_minus_infinity_where_nothing_does() -> None:
    import lpmech

    text = TRADE.replace('"interim"', '"none"').replace('"balanced"', '"none"')
    more = 'lotteries = false\n[[requirements.linear]]\nof = "q[trade]"\nequal = "1/2"'
    result = lpmech.solve(loads(text + more))
    assert (result.verdict, result.margin, result.proved) == ("impossible", -float("inf"), True)
