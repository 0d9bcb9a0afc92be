"""Mechanisms that are given in few numbers answer every question as the same mechanism written out by profile would."""

from __future__ import annotations

import random
from fractions import Fraction as F

import pytest
from support import symmetric_instances
from support.random_instances import distribution
from test_layers import MODULES, imports, parsed, room, within

import lpmech
from lpmech import BilateralTrade, Distribution, Exchange, Instance, Requirements, solve
from lpmech.answer.compact import GrovesTrade, InterimTrade, MenuTrade
from lpmech.answer.compact_buyers import BuyersMechanism
from lpmech.answer.cuts import Cuts
from lpmech.answer.mechanism import Mechanism
from lpmech.question.profiles import Profiles

FORMS = {"interim": (InterimTrade, 1), "menu": (MenuTrade, 2), "charges": (GrovesTrade, 1)}


def written_out(mechanism: Mechanism) -> Mechanism:
    return Mechanism(mechanism.environment, tuple(map(tuple, mechanism.transfers)), list(mechanism.lotteries))


def chances_by_profile(mechanism: Mechanism, agent: int, own: int, outcomes: set[int]) -> F:
    """Chance that one of the outcomes is chosen, given the agent's type."""
    profiles = Profiles(mechanism.environment)
    lotteries = ((mass, mechanism.lotteries[profiles.number(p)]) for mass, p in profiles.given(agent, own))
    return sum((mass * q.get(x, F(0)) for mass, q in lotteries for x in outcomes), F(0))


def trade(form: str, rule: str | Cuts, seed: int) -> Mechanism:
    rng = random.Random(seed)
    env = BilateralTrade(distribution(rng, 3), distribution(rng, 2))
    kind, rows = FORMS[form]
    lengths = (3, 2) if form == "interim" else (2, 3)
    money = [[F(rng.randint(-9, 9), rng.randint(1, 4)) for _ in range(n)] for n in lengths for _ in range(rows)]
    return kind(env, rule, *money)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("rule", ["first", "last", "uniform", Cuts([0, 0, 1], [0, 2, 2], F(1, 3))], ids=str)
@pytest.mark.parametrize("form", FORMS)
def test_forms_of_bilateral_trade(form, rule, seed):
    mechanism = trade(form, rule, seed)
    out = written_out(mechanism)
    assert [mechanism.interim(i) for i in (0, 1)] == [out.interim(i) for i in (0, 1)]
    assert (mechanism.revenue, mechanism.expected_utility) == (out.revenue, out.expected_utility)
    for i, chances in enumerate(mechanism.trade_chances()):
        assert list(chances) == [chances_by_profile(out, i, k, {1}) for k in range(len(chances))]
    ties = out.chances_at_ties()
    if ties:  # where no value is a cost there is nothing to see in a table
        assert mechanism.chances_at_ties() == ties
    shifted, fees = mechanism.plus((F(1, 2), F(-3))), (F(1, 2), F(-3))
    assert type(shifted) is type(mechanism)
    assert written_out(shifted) == out.plus(fees)
    assert mechanism.restated_fees(fees) == fees
    assert (mechanism.cuts is None) == isinstance(rule, str)
    assert (mechanism.charges is None) == (form != "charges")


@pytest.mark.parametrize("form", ["interim", "charges"])
def test_forms_as_in_proof_files(form):
    env = BilateralTrade(Distribution([1, 2]), Distribution([0, 1]))
    mechanism = FORMS[form][0](env, "last", [1, F(1, 2)], [3, 4])
    first, second = (row.table() for row in mechanism.money)
    assert mechanism.restated() == {form: [first, second], "allocation": "last"}


def test_a_menu_as_in_proof_files():
    env = BilateralTrade(Distribution([1, 2]), Distribution([0]))
    menu = MenuTrade(env, "first", [0], [1], [0, 0], [-1, -2])
    rows = [row.table() for row in menu.money]
    buyer, seller = {"no-trade": rows[0], "trade": rows[1]}, {"no-trade": rows[2], "trade": rows[3]}
    assert menu.restated() == {"menu": {"buyer": buyer, "seller": seller}, "allocation": "first"}


@pytest.mark.parametrize("ties", ["symmetric", "uniform"])
def test_identical_buyers(ties):
    buyer, seller = Distribution([1, 2, 4], ["1/2", 0, "1/2"]), Distribution([2, 3], ["1/3", "2/3"])
    env = Exchange([buyer] * 3, [seller])
    mechanism = BuyersMechanism(env, ties, ([F(1), F(2), F(3)], [F(-1), F(-2)]))
    out = written_out(mechanism)
    for i, chances in enumerate(mechanism.trade_chances()):
        outcomes = {i + 1} if i < 3 else {1, 2, 3}
        assert list(chances) == [chances_by_profile(out, i, k, outcomes) for k in range(len(chances))]
    assert [mechanism.interim(i) for i in range(4)] == [out.interim(i) for i in range(4)]
    assert mechanism.groups() == [(0, "each buyer"), (3, "seller")]
    assert mechanism.restated_fees((F(1), F(1), F(1), F(2))) == (F(1), F(2))
    assert len(mechanism.in_words()) == 2


def test_one_buyer_is_not_each_buyer():
    env = Exchange([Distribution([1, 2])], [Distribution([0])])
    mechanism = BuyersMechanism(env, "symmetric", ([F(1), F(2)], [F(-1)]))
    assert mechanism.groups() == [(0, env.agents[0].name), (1, env.agents[1].name)]


@pytest.mark.parametrize("seed", range(100, 125))
def test_up_to_relabelling(seed):
    mechanism = solve(symmetric_instances.instance(seed), method="symmetric").proof.mechanism
    if mechanism is None:  # no mechanism at any subsidy: nothing to compare
        return
    env, profiles = mechanism.environment, Profiles(mechanism.environment)
    masses = dict.fromkeys(map(mechanism.symmetry.key, profiles), F(0))
    for profile in profiles:
        masses[mechanism.symmetry.key(profile)] += profiles.mass(profile)
    assert {p: mechanism.orbit_mass(p) for p in profiles} == {p: masses[mechanism.symmetry.key(p)] for p in profiles}
    for i, agent in enumerate(env.agents):
        for k in range(len(agent.types)):
            chances = mechanism.outcome_chances(i, k)
            value = sum((q * profiles.valuations[j][k][x] for (j, x), q in chances.items()), F(0))
            _, paid, gained = mechanism.interim(i)[k]
            assert value == paid + gained
            given = [(mass, p, mechanism.lotteries[profiles.number(p)]) for mass, p in profiles.given(i, k)]
            surplus = sum((m * q * profiles.surplus(p)[x] for m, p, lottery in given for x, q in lottery.items()), F(0))
            assert mechanism.interim_surplus(i, k) == (surplus if mechanism.groves else None)


def test_a_mechanism_by_profile_says_that_only_profiles_tell():
    env = BilateralTrade(Distribution([1, 2]), Distribution([1]))
    mechanism = Mechanism(env, ((F(0), F(1)), (F(0), F(-1))), [{0: F(1)}, {1: F(1)}])
    assert mechanism.by_profile
    assert mechanism.payment_count == 4
    assert mechanism.groups() == [(0, "buyer"), (1, "seller")]
    assert mechanism.trade_chances() is mechanism.outcome_chances(0, 0) is mechanism.interim_surplus(0, 0) is None
    assert mechanism.orbit_mass((1, 0)) == F(1, 2)
    assert mechanism.chances_at_ties() == {F(0)}
    assert mechanism.restated() == {"transfers": [["0", "1"], ["0", "-1"]], "allocation": [0, 1]}


def test_lotteries_as_in_proof_files():
    env = BilateralTrade(Distribution([1]), Distribution([1]))
    mechanism = Mechanism(env, ((F(0),), (F(0),)), [{1: F(1, 4), 0: F(3, 4)}])
    assert mechanism.restated()["allocation"] == [{"0": "3/4", "1": "1/4"}]


KINDS = {"answer.compact", "answer.compact_buyers", "answer.symmetric"}


@pytest.mark.parametrize("module", [m for m in MODULES if room(m) in {"engine", "studies", "api", "show", "cli"}])
def test_nobody_asks_which_kind_a_mechanism_is(module):
    """Who tells about a mechanism asks it; only those that make one know its class."""
    names = {name for name in imports(parsed(module)) if any(within(name, f"lpmech.{kind}") for kind in KINDS)}
    assert names == set()


def test_a_groves_scheme_of_the_closed_form_is_told_by_its_class():
    env = BilateralTrade(Distribution([1, 2]), Distribution([0, 1]))
    need = Requirements("DSIC", "ex-ante", "no-deficit", ties="last", transfers="groves")
    result = lpmech.solve(Instance(env, need))
    assert type(result.proof.mechanism) is GrovesTrade
