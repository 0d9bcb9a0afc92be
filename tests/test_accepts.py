"""What methods declare that they accept, and what they refuse."""

from __future__ import annotations

import pytest

from lpmech import BilateralTrade, Distribution, Instance, Requirements, closed_forms
from lpmech.programs import formulations
from lpmech.question import constraints
from lpmech.question.accepts import Accepts
from lpmech.question.constraints.bic import BIC
from lpmech.question.constraints.no_deficit import NoDeficit

TRADE = BilateralTrade(Distribution([2, 6]), Distribution([1, 4]))
REDUCED = [name for name in formulations.names() if name != "full"]

FITTING = {
    "groves": {"transfers": "groves"},
    "interim": {},
    "menu": {"incentive_compatibility": "DSIC", "ties": "first"},
    "open_menu": {"incentive_compatibility": "DSIC"},
    "second_best": {"allocation": "free"},
    "groves_kinked": {"transfers": "groves", "individual_rationality": "ex-ante", "budget": "no-deficit"},
    "one_price": {"incentive_compatibility": "DSIC", "individual_rationality": "ex-ante", "budget": "no-deficit"},
    "second_best_ironing": {"allocation": "free"},
    "vcg_prime": {},
}
"""For each method that answers bilateral trade, how a question it accepts differs from BASE."""
BASE = Requirements(incentive_compatibility="BIC", individual_rationality="interim", budget="balanced")


class Unknown:
    """A constraint that no method has declared."""

    word = "never-heard-of"


def methods(name: str):
    return (closed_forms.named(name) if name in closed_forms.names() else formulations.named(name)).accepts


@pytest.mark.parametrize("key", ["incentive_compatibility", "individual_rationality", "budget"])
@pytest.mark.parametrize("name", FITTING)
def test_a_constraint_that_nobody_declared_is_refused_by_name(name, key, monkeypatch):
    asked = Instance(TRADE, BASE).with_requirements(**FITTING[name])
    assert methods(name)(asked) is None
    known = constraints.named
    monkeypatch.setattr(constraints, "named", lambda k, word: Unknown if k == key else known(k, word))
    assert methods(name)(asked).startswith(f"{key} is never-heard-of, not ")


def test_every_reduced_formulation_and_closed_form_is_tried():
    assert {*REDUCED, *closed_forms.names()} == {*FITTING, "symmetric", "vcg_prime_buyers", "interim_payments"}


@pytest.mark.parametrize("key", ["incentive_compatibility", "individual_rationality", "budget"])
def test_the_methods_of_identical_agents_refuse_it_too(key, monkeypatch):
    from lpmech import Exchange

    coin = Distribution([0, 1])
    asked = Instance(Exchange([coin, coin], [coin]), BASE)
    sellers = Instance(Exchange([coin], [coin, coin]), BASE)
    tried = {"symmetric": asked, "vcg_prime_buyers": asked, "interim_payments": sellers}
    for name, asked in tried.items():
        assert methods(name)(asked) is None
    known = constraints.named
    monkeypatch.setattr(constraints, "named", lambda k, word: Unknown if k == key else known(k, word))
    for name, asked in tried.items():
        assert methods(name)(asked).startswith(f"{key} is never-heard-of, not ")


def test_reasons_say_what_is_asked_and_what_is_accepted():
    asked = Instance(TRADE, BASE)
    assert Accepts().reason(asked) is None
    assert Accepts(kinds=("exchange",)).reason(asked) == "the environment is bilateral-trade, not exchange"
    assert Accepts(objectives=("welfare", "revenue")).reason(asked) == "the objective is margin, not welfare or revenue"
    assert Accepts(allocation=("free",)).reason(asked) == "allocation is efficient, not free"
    assert Accepts(ties=("first",)).reason(asked) == "ties are any, not first"
    assert Accepts(transfers=("groves",)).reason(asked) == "transfers are any, not groves"
    assert (
        Accepts(incentives=(BIC,), budget=(NoDeficit, None)).reason(asked)
        == "budget is balanced, not no-deficit or none"
    )
    joint = BilateralTrade(Distribution([2, 6]), Distribution([1, 4]), {(0, 0): "1/2", (1, 1): "1/2"})
    assert Accepts(independent=True).reason(Instance(joint, BASE)) == "the prior is correlated"
