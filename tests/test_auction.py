"""Auctions: outcomes, names, known answers, files, proofs, and the same questions as tables."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import pytest
from support import auctions
from support.expand_symmetric import expand
from support.tampering import changed, leaves, others

import lpmech
from lpmech import Auction, Bidder, Distribution, InputError, Instance, Objective, Requirements
from lpmech.base.errors import TooLargeError
from lpmech.engine import solve
from lpmech.literature import mechanisms
from lpmech.literature.mechanisms.optimal_auction import ironed
from lpmech.programs.formulations import named, names
from lpmech.question.environments.auction import MAX_OUTCOMES
from lpmech.question.environments.bundles import units_handed, ways_of_objects, ways_of_units
from lpmech.question.orbits import identical_agents
from lpmech.reading.instance import build, dumps, loads
from lpmech.verify import question_of, verify
from lpmech.verify.auctions import ways_of_objects as judged_objects
from lpmech.verify.auctions import ways_of_units as judged_units

TWO = Distribution([1, 2])
REVENUE = Requirements("BIC", "interim", "none", allocation="free")


def file(environment: str, requirements: str = 'allocation = "free"', budget: str = "none") -> str:
    return f"""
format = "lpmech-instance/1"
title = "an auction"
[environment]
kind = "auction"
{environment}
[requirements]
{requirements}
incentive_compatibility = "BIC"
individual_rationality = "interim"
budget = "{budget}"
[objective]
maximize = "revenue"
"""


def best(env: Auction, need: Requirements = REVENUE, goal: str = "revenue", method: str = "auto") -> F:
    result = solve(Instance(env, need, Objective(goal)), method=method)
    assert result.proved, result.reason
    return result.value


# ---- outcomes ----------------------------------------------------------------------------------------------------------


def test_units_the_fewest_sold_first() -> None:
    env = Auction([Bidder(TWO, 2, name="ann"), Bidder(TWO), Bidder(TWO)], 2, cost="1/2")
    assert env.outcomes == (
        "unsold",
        "ann 1",
        "bidder-2 1",
        "bidder-3 1",
        "ann 2",
        "ann 1, bidder-2 1",
        "ann 1, bidder-3 1",
        "bidder-2 1, bidder-3 1",
    )
    assert env.costs == tuple(F(n, 2) for n in (0, 1, 1, 1, 2, 2, 2, 2))
    assert env.valuation(0)[1] == (0, 2, 0, 0, 4, 2, 2, 0)
    assert env.valuation(2)[0] == (0, 0, 0, 1, 0, 0, 1, 1)


def test_objects_the_fewest_sold_first() -> None:
    both = {"car": Distribution([3, 4]), "boat": TWO}
    env = Auction(
        [Bidder(both, preferences="unit-demand"), Bidder(dict(reversed(both.items())))],
        objects=["car", "boat"],
        cost=1,
        costs={"car": "3/2"},
    )
    assert env.outcomes == (
        "unsold",
        "car: bidder-1, boat: unsold",
        "car: bidder-2, boat: unsold",
        "car: unsold, boat: bidder-1",
        "car: unsold, boat: bidder-2",
        "car: bidder-1, boat: bidder-2",
        "car: bidder-2, boat: bidder-1",
        "car: bidder-2, boat: bidder-2",
    )
    assert env.costs == (0, F(3, 2), F(3, 2), 1, 1, F(5, 2), F(5, 2), F(5, 2))
    assert [agent.types for agent in env.agents] == [("3, 1", "3, 2", "4, 1", "4, 2")] * 2
    assert env.valuation(1)[2] == (0, 0, 4, 0, 1, 1, 4, 5)


@pytest.mark.parametrize("seed", range(60))
def test_all_outcomes_in_the_documented_order(seed: int) -> None:
    """Against all assignments, those that fit, sorted: bundles, values and costs; and what the verifier lists."""
    env = auctions.environment(random.Random(seed))
    listed, table = auctions.ways(env), auctions.restated(env)
    assert list(env.bundles) == listed
    assert len(env.outcomes) == len(set(env.outcomes)) == len(listed)
    assert [env.valuation(i) for i in range(len(env.agents))] == [table.valuation(i) for i in range(len(env.agents))]
    assert env.costs == table.costs
    if env.objects is None:
        judged = judged_units(env.units, [b.demand for b in env.bidders], 1)
        assert [tuple((n,) for n in way) for way in judged] == listed
    else:
        single = [b.preferences == "unit-demand" for b in env.bidders]
        owners = judged_objects(len(env.objects), single, 1)
        people = range(len(single))
        assert [tuple(tuple(t for t, j in enumerate(way) if j == i) for i in people) for way in owners] == listed


@pytest.mark.parametrize("seed", range(40))
def test_outcomes_are_counted_without_listing_them(seed: int) -> None:
    rng = random.Random(seed)
    demands, single = [rng.randint(1, 3) for _ in range(rng.randint(1, 4))], [rng.random() < 0.5 for _ in range(3)]
    units, objects = rng.randint(1, 5), rng.randint(1, 4)
    assert ways_of_units(units, demands, 10**6) == len(auctions.handed(units, demands, 0, []))
    assert ways_of_objects(objects, single, 10**6) == len(auctions.handed(None, [], objects, single))


def test_laws_of_portions() -> None:
    """A bidder's value depends on his portion alone; swapping portions among bidders of one role gives an outcome."""
    for seed in range(40):
        env = auctions.environment(random.Random(seed))
        index = {portion: x for x, portion in enumerate(env.portions)}
        assert len(index) == len(env.outcomes)
        for i in range(len(env.agents)):
            for row in env.valuation(i):
                worth: dict[int, F] = {}
                assert all(worth.setdefault(p[i], v) == v for p, v in zip(env.portions, row, strict=True))
            for j in range(i):
                if env.role(i) == env.role(j):
                    for x, portion in enumerate(env.portions):
                        moved = list(portion)
                        moved[i], moved[j] = moved[j], moved[i]
                        assert env.costs[index[tuple(moved)]] == env.costs[x]


def test_too_many_outcomes_are_refused_before_they_are_listed() -> None:
    with pytest.raises(TooLargeError, match=f"more than {MAX_OUTCOMES:,} outcomes"):
        Auction([Bidder(TWO, 10**6)] * 3, 10**6)
    many, some = ([f"good {n}" for n in range(count)] for count in (400, 8))
    one, rich = Bidder(dict.fromkeys(many, Distribution([1]))), Bidder(dict.fromkeys(some, Distribution(range(10))))
    with pytest.raises(TooLargeError, match="outcomes"):
        Auction([one], objects=many)
    with pytest.raises(TooLargeError, match="types"):
        Auction([rich], objects=some)
    assert len(units_handed(1, [1] * 1500)) == 1501  # no recursion


# ---- names and files ---------------------------------------------------------------------------------------------------


def test_names_of_bidders() -> None:
    def read(environment: str) -> list[str]:
        return [agent.name for agent in loads(file(environment)).environment.agents]

    one = "values = [1, 2]\nweights = [1, 1]"
    assert read(f"[[environment.bidders]]\n{one}") == ["bidder"]
    assert read(f"[[environment.bidders]]\ncount = 2\n{one}") == ["bidder-1", "bidder-2"]
    named_ = f'[[environment.bidders]]\ncount = 2\nname = "firm"\n{one}\n[[environment.bidders]]\n{one}'
    assert read(named_) == ["firm-1", "firm-2", "bidder-3"]
    assert read(f'[[environment.bidders]]\nname = "ann"\n{one}') == ["ann"]
    assert loads(file(f"[[environment.bidders]]\n{one}")).environment.units == 1


@pytest.mark.parametrize("seed", range(60))
def test_files_there_and_back(seed: int) -> None:
    instance = auctions.instance(seed)
    again = loads(dumps(instance))
    assert again == instance
    assert question_of(again.table()) == question_of(instance.table())


def test_an_object_with_a_name_that_is_no_bare_key() -> None:
    env = Auction([Bidder({"the car": TWO, "over": TWO})], objects=["the car", "over"], costs={"over": 2})
    assert loads(dumps(Instance(env, REVENUE, title="x"))).environment == env
    assert best(env) == 1  # the car at 1 or 2; at a cost of 2 nothing is gained from the other


ONE = "[[environment.bidders]]\nvalues = [1]\nprobabilities = [1]\n"
PARTS = "components = { car = { values = [1], probabilities = [1] } }\n"
CAR = f'objects = ["car"]\n[[environment.bidders]]\n{PARTS}'


@pytest.mark.parametrize(
    ("environment", "key", "problem"),
    [
        (f"units = 0\n{ONE}", "environment.units", "not a whole number in range"),
        (f"units = -1\n{ONE}", "environment.units", "not a whole number in range"),
        (f'units = "1/2"\n{ONE}', "environment.units", "not a whole number in range"),
        (f"{ONE}demand = 0\n", "environment.bidders[0].demand", "not a whole number in range"),
        (f'units = 1\nobjects = ["car"]\n{ONE}', "environment.units", "both units and objects"),
        (f"objects = []\n{ONE}", "environment.objects", "no objects"),
        (f'objects = ["car", "car"]\n[[environment.bidders]]\n{PARTS}', "environment.objects", "once each"),
        (f'objects = ["car"]\n{ONE}', "environment.bidders[0].components", "no values of the objects"),
        (f"[[environment.bidders]]\n{PARTS}", "environment.bidders[0].components", "units are sold"),
        (f'objects = ["car", "boat"]\n[[environment.bidders]]\n{PARTS}', "components.boat", "no values of boat"),
        (f'objects = ["boat"]\n[[environment.bidders]]\n{PARTS}', "components.car", "no such object"),
        (f"{CAR}demand = 1\n", "environment.bidders[0].demand", "demand for objects"),
        (f"{CAR}values = [1]\n", "environment.bidders[0]", "both components and values"),
        (f'{ONE}preferences = "additive"\n', "environment.bidders[0].preferences", "preferences over units"),
        (f'{CAR}preferences = "both"\n', "environment.bidders[0].preferences", "unknown choice"),
        (f"costs = {{ boat = 1 }}\n{CAR}", "environment.costs.boat", "no such object"),
        (f"costs = {{ car = 1 }}\n{ONE}", "environment.costs", "costs of objects"),
        (f'cost = "x"\n{ONE}', "environment.cost", "x"),
        ("bidders = []\n", "environment.bidders", "without bidders"),
        (f'{ONE}name = "a"\n{ONE}name = "a"\n', "environment.bidders[1].name", "two bidders called 'a'"),
        ("[[environment.bidders]]\nvalues = [1]\n", "environment.bidders[0].probabilities", "missing"),
        ("[[environment.bidders]]\nvalues = [2, 1]\nweights = [1, 1]\n", "environment.bidders[0]", "increasing"),
        (f'{ONE}name = "x 1, y"\n{ONE}name = "x"\n{ONE}name = "y"\n', "", "the same"),
        ("[[environment.bidders]]\ncount = 0\nvalues = [1]\nweights = [1]\n", "bidders[0].count", "whole number"),
    ],
)
def test_bad_input_has_one_clear_message(environment: str, key: str, problem: str) -> None:
    text = file(environment)
    if "the same" in problem:
        text = text.replace('kind = "auction"', 'kind = "auction"\nunits = 2')
    with pytest.raises(InputError) as found:
        loads(text, file="bad.toml")
    assert key in (found.value.key or "")
    assert problem in str(found.value)
    assert "bad.toml" in str(found.value)


def test_with_a_joint_prior_components_are_in_the_order_of_the_objects() -> None:
    text = """objects = ["car", "boat"]
    [[environment.bidders]]
    components = { FIRST = { values = [1, 2] }, SECOND = { values = [0, 3] } }
    [environment.prior]
    profiles = [ { types = [1], probability = "1/4" }, { types = [2], probability = "3/4" } ]"""
    env = loads(file(text.replace("FIRST", "car").replace("SECOND", "boat"))).environment
    assert env.agents[0].types == ("1, 0", "1, 3", "2, 0", "2, 3")
    assert env.agents[0].probabilities == (0, F(1, 4), F(3, 4), 0)
    with pytest.raises(InputError, match="another order than the objects"):
        loads(file(text.replace("FIRST", "boat").replace("SECOND", "car")))


def test_python_arguments() -> None:
    with pytest.raises(InputError, match="whole number from 1"):
        Auction([Bidder(TWO)], 0)
    with pytest.raises(InputError, match="whole number from 1"):
        Bidder(TWO, 0)
    with pytest.raises(InputError, match="without bidders"):
        Auction([])
    with pytest.raises(InputError, match="a distribution is needed"):
        Bidder([1, 2])  # type: ignore[arg-type]
    with pytest.raises(InputError, match="a bidder is needed"):
        Auction([TWO])  # type: ignore[list-item]
    assert "auction of 2 units" in repr(Auction([Bidder(TWO)], 2))
    assert "auction of car and boat" in repr(Auction([Bidder({"car": TWO, "boat": TWO})], objects=["car", "boat"]))


# ---- known answers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["auto", "full", "symmetric", "second_best"])
def test_two_bidders_of_values_1_and_2(method: str) -> None:
    """Virtual values 0 and 2: revenue is 2 P(somebody has 2)."""
    assert best(Auction([Bidder(TWO)] * 2), method=method) == F(3, 2)


@pytest.mark.parametrize("ic", ["DSIC", "BIC"])
def test_one_buyer_and_two_goods(ic: str) -> None:
    for values, revenue in (((1, 2), F(9, 4)), ((0, 1, 2), F(13, 9))):
        goods = {"apple": Distribution(values), "pear": Distribution(values)}
        env = Auction([Bidder(goods)], objects=["apple", "pear"])
        assert best(env, replace(REVENUE, incentive_compatibility=ic)) == revenue


def test_correlated_values_are_extracted() -> None:
    prior = {(0, 0): "2/5", (0, 1): "1/10", (1, 0): "1/10", (1, 1): "2/5"}
    assert best(Auction([Bidder(TWO)] * 2, prior=prior)) == F(8, 5)


def test_demand_beyond_the_units_is_no_other_question_but_in_name() -> None:
    some, many = (Auction([Bidder(TWO, n), Bidder(TWO)], 2) for n in (2, 7))
    assert some.outcomes == many.outcomes
    assert best(some) == best(many)


def test_more_units_than_anybody_wants() -> None:
    """Each bidder is a market of his own: price 1 or 2, revenue 1 each."""
    assert best(Auction([Bidder(TWO)] * 3, 9)) == 3


def test_one_bidder_one_type_and_a_type_that_never_comes() -> None:
    assert best(Auction([Bidder(Distribution([3]), 2)], 2, cost=1)) == 4
    assert best(Auction([Bidder(Distribution([1, 2, 5], [0, 1, 0]))])) == 2
    goods = {"car": Distribution([0, 1], [1, 0]), "boat": Distribution([2, 3], ["1/2", "1/2"])}
    assert best(Auction([Bidder(goods, preferences="unit-demand")], objects=["car", "boat"])) == 2


def test_unit_demand_bidders_get_one_object_at_most() -> None:
    goods = {"car": Distribution([3]), "boat": Distribution([2])}
    welfare = Requirements("none", "none", "none", allocation="free")
    for preferences, value in (("additive", 5), ("unit-demand", 3)):
        env = Auction([Bidder(goods, preferences=preferences)], objects=["car", "boat"])
        assert best(env, welfare, "welfare") == value


def test_an_efficient_auction_has_no_reserve_price() -> None:
    """Virtual values -1, 1, 3: the highest bidder gets the unit, at (1, 1) too, where the optimum keeps it."""
    env = Auction([Bidder(Distribution([1, 2, 3]))] * 2)
    assert best(env, Requirements("BIC", "interim", "none")) == F(-1 * 1 + 1 * 3 + 3 * 5, 9)
    assert best(env) == F(1 * 3 + 3 * 5, 9)


@pytest.mark.parametrize("bidders", [2, 4, 6])
def test_many_identical_bidders_through_orbits(bidders: int) -> None:
    """Two units, values 1 and 2: virtual values 0 and 2, so revenue is 2 E[min(2, number of bidders of value 2)]."""
    env = Auction([Bidder(TWO)] * bidders, 2)
    result = solve(Instance(env, REVENUE, Objective("revenue")), method="symmetric")
    high = F(2) - 2 * F(1, 2**bidders) - F(bidders, 2**bidders)
    assert (result.proved, result.value) == (True, 2 * high)
    assert result.proof.symmetry == (tuple(range(bidders)),)


def test_who_is_identical() -> None:
    def classes(env: Auction) -> tuple[tuple[int, ...], ...]:
        return identical_agents(Instance(env, REVENUE))

    goods = {"car": TWO, "boat": TWO}
    assert classes(Auction([Bidder(TWO), Bidder(TWO, 2), Bidder(TWO)], 2)) == ((0, 2), (1,))
    assert classes(Auction([Bidder(TWO), Bidder(TWO, name="ann")], 2)) == ((0, 1),)
    assert classes(Auction([Bidder(TWO), Bidder(Distribution([1, 2], weights=[1, 2]))])) == ((0,), (1,))
    unlike = [Bidder(goods), Bidder(goods, preferences="unit-demand"), Bidder(goods)]
    assert classes(Auction(unlike, objects=["car", "boat"])) == ((0, 2), (1,))


# ---- against tables ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("block", range(15))
def test_the_same_answers_as_social_choice_in_tables(block: int) -> None:
    """300 random auctions, every notion and objective: as an auction, and with every utility written out, by ``full``."""
    for seed in range(20 * block, 20 * block + 20):
        instance = auctions.instance(seed)
        table = replace(instance, environment=auctions.restated(instance.environment))
        want, got = solve(table, method="full"), solve(instance)
        assert want.proved
        assert got.proved, (seed, got.reason)
        assert (got.verdict, got.margin, got.value) == (want.verdict, want.margin, want.value), seed


@pytest.mark.parametrize("seed", range(1000, 1040))
def test_every_method_gives_the_same_answer(seed: int) -> None:
    instance = auctions.instance(seed)
    full = solve(instance, method="full")
    for method in names():
        if named(method).accepts(instance) is None:
            other = solve(instance, method=method)
            assert (other.verdict, other.margin, other.value) == (full.verdict, full.margin, full.value), method
            proof = other.proof.table()
            assert verify(proof)
            assert "symmetry" not in proof or verify(expand(proof))


# ---- named mechanisms --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(60))
def test_the_optimal_auction_has_the_revenue_of_the_program(seed: int) -> None:
    """myerson-1981, on grids: both under DSIC with ex post IR and under BIC with interim IR; null types, atoms, ironing."""
    rng = random.Random(seed)
    count = rng.choice([1, 2, 2, 3])
    env = Auction(
        auctions.bidders(rng, count, {1: 7, 2: 4, 3: 2}[count], None), rng.randint(1, 3), cost=rng.choice([0, 1, 4])
    )
    built = mechanisms.build("optimal-auction", Instance(env, REVENUE))
    strict = Requirements("DSIC", "ex-post", "none", allocation="free")
    assert best(env) == best(env, strict, method="full") == built.revenue
    assert lpmech.audit(Instance(env, strict), built).ok


def test_ironing_by_hand() -> None:
    """Values 1, 2, 10 of mass 5/10, 1/10, 4/10: R is 1, 1, 4 at G = 1, 1/2, 2/5, so that 1 and 2 are ironed to -5."""
    assert ironed([F(1), F(2), F(10)], [F(1, 2), F(1, 10), F(2, 5)]) == [-5, -5, 10]
    assert ironed([F(0), F(1), F(2), F(3)], [F(0), F(1, 2), F(0), F(1, 2)]) == [None, -1, -1, 3]
    assert ironed([F(1), F(2)], [F(1), F(0)]) == [1, 1]
    assert ironed([F(-3)], [F(1)]) == [-3]


def test_a_vickrey_auction_asks_for_the_highest_losing_values() -> None:
    env = Auction(
        [Bidder(Distribution(range(6)), 2, name="ann"), Bidder(Distribution(range(6))), Bidder(Distribution([3]))],
        2,
        cost=1,
    )
    built = mechanisms.build("vickrey", Instance(env, REVENUE))
    paid = {theta: tuple(row[p] for row in built.transfers) for p, theta in enumerate(built.profiles)}
    assert paid[5, 4, 0] == (7, 0, 0)  # both units: the losing values are 4 and 3
    assert paid[4, 5, 0] == (3, 4, 0)  # one each: ann's unit keeps the third bidder out, the other one ann's second
    assert paid[2, 0, 0] == (1, 0, 2)  # the cost; and ann's second value
    one = Auction([Bidder({"car": TWO})] * 2, objects=["car"])
    assert mechanisms.build("vickrey", Instance(one, REVENUE)).revenue == F(5, 4)
    assert mechanisms.build("optimal-auction", Instance(one, REVENUE)).revenue == F(3, 2)


def test_where_the_mechanisms_do_not_apply() -> None:
    several = Auction([Bidder({"car": TWO, "boat": TWO})], objects=["car", "boat"])
    joint = Auction([Bidder(TWO)], prior={(0,): 1})
    trade = lpmech.BilateralTrade(TWO, TWO)
    reasons = [mechanisms.applies("optimal-auction", Instance(env, REVENUE)) for env in (several, joint, trade)]
    assert reasons == [
        "there are several objects, and no formula for their best auction",
        "the prior is correlated",
        "the environment is bilateral-trade, not auction",
    ]
    assert mechanisms.applies("vickrey", Instance(several, REVENUE)) is None
    assert mechanisms.applies("vickrey", Instance(trade, REVENUE)) == "the environment is bilateral-trade, not auction"


# ---- proofs ------------------------------------------------------------------------------------------------------------


def proofs() -> list[dict[str, Any]]:
    goods = {"car": Distribution([1, 3]), "boat": Distribution([0, 2])}
    units = Auction([Bidder(Distribution([0, 1, 2]), 2)] * 2, 2, cost="1/2")
    objects = Auction(
        [Bidder(goods), Bidder(goods, preferences="unit-demand")], objects=["car", "boat"], costs={"car": 1}
    )
    asked = [
        (units, REVENUE, "revenue", "symmetric"),
        (units, Requirements("DSIC", "ex-post", "no-deficit"), "margin", "full"),
        (objects, REVENUE, "revenue", "auto"),
        (objects, Requirements("BIC", "interim", "balanced"), "margin", "auto"),
    ]
    return [solve(Instance(env, need, Objective(goal)), method=m).proof.table() for env, need, goal, m in asked]


@pytest.mark.parametrize("number", range(4))
def test_a_proof_with_one_thing_changed_is_refused_or_still_true(number: int) -> None:
    """Whatever is accepted has the answer of the question that it then states."""
    proof, rng, refused = proofs()[number], random.Random(number), 0
    assert verify(proof)
    places = list(leaves(proof))
    stated = [place for place in places if place[0][:2] == ("instance", "environment")]
    for path, value in stated + rng.sample(places, 40):
        for other in [] if value is None else others(value, rng):
            tampered = changed(proof, path, other)
            report = verify(tampered)
            assert not any("broke down" in problem for problem in report.problems), (path, report.problems)
            refused += not report
            if report:
                data = {"format": "lpmech-instance/1", **tampered["instance"]}
                truth = solve(build(data, {}, Path()), method="full")
                claim = tampered["claim"]
                assert claim["verdict"] == truth.verdict, path
                for key in ("margin", "value"):
                    assert claim[key] in (None, str(getattr(truth, key))), path
    assert refused > 20


def test_format_1_has_no_auctions() -> None:
    proof = proofs()[0]
    assert proof["format"] == "lpmech-proof/2"
    report = verify({**proof, "format": "lpmech-proof/1"})
    assert report.problems == ["format: the kind auction needs lpmech-proof/2"]


ENV = ("instance", "environment")


@pytest.mark.parametrize(
    ("number", "path", "value", "problem"),
    [
        (1, (*ENV, "units"), 0, "environment.units"),
        (1, (*ENV, "units"), "2", "environment.units"),
        (1, (*ENV, "units"), True, "environment.units"),
        (1, (*ENV, "units"), 999_999_999, "environment.units"),
        (1, (*ENV, "bidders", 0, "demand"), 0, "bidders[0].demand"),
        (1, (*ENV, "bidders"), [], "bidders: empty"),
        (1, (*ENV, "bidders", 1, "name"), "bidder-1", "a name is used twice"),
        (1, (*ENV, "cost"), "0.5", "environment.cost"),
        (1, (*ENV, "objects"), ["car"], "'costs' is missing"),
        (1, (*ENV, "bidders", 0, "values", 1), "2", "not strictly increasing"),
        (2, (*ENV, "objects", 1), "car", "a name is used twice"),
        (2, (*ENV, "objects"), [], "objects: empty"),
        (2, (*ENV, "costs"), {"car": "1"}, "'boat' is missing"),
        (2, (*ENV, "bidders", 0, "preferences"), "both", "preferences"),
        (2, (*ENV, "bidders", 0, "components", "plane"), {"values": ["1"]}, "unknown key"),
        (2, (*ENV, "bidders", 0, "demand"), 1, "unknown key"),
        (0, (*ENV, "bidders", 1, "demand"), 1, "not identical"),
    ],
)
def test_what_the_verifier_says_of_a_bad_auction(number: int, path: tuple[Any, ...], value: Any, problem: str) -> None:
    report = verify(changed(proofs()[number], path, value))
    assert not report
    assert problem in report.problems[0]


def test_symmetric_proofs_tell_preferences_apart() -> None:
    goods = {"car": Distribution([1, 3]), "boat": Distribution([1, 2])}
    env = Auction([Bidder(goods)] * 2, objects=["car", "boat"])
    proof = solve(Instance(env, REVENUE, Objective("revenue")), method="symmetric").proof.table()
    assert verify(proof)
    report = verify(changed(proof, (*ENV, "bidders", 1, "preferences"), "unit-demand"))
    assert report.problems == ["symmetry: bidder-1 and bidder-2 are not identical"]


def test_what_is_too_large_is_refused_before_it_is_listed() -> None:
    proof = proofs()[2]
    goods = [f"good {n}" for n in range(40)]
    for part in ({"preferences": "additive"}, {"preferences": "unit-demand"}):
        law = {"values": ["1"], "probabilities": ["1"]}
        bidder = {**part, "components": dict.fromkeys(goods, law)}
        many = [{"name": f"b{n}", **bidder} for n in range(30)]
        env = {"kind": "auction", "objects": goods, "costs": dict.fromkeys(goods, "0"), "bidders": many}
        assert "too many to enumerate" in verify(changed(proof, ENV, env)).problems[0]
    law = {"values": ["1"], "probabilities": ["1"], "demand": 10**6}
    bidders = [{"name": f"b{n}", **law} for n in range(30)]
    env = {"kind": "auction", "units": 10**6, "cost": "0", "bidders": bidders}
    assert "too many to enumerate" in verify(changed(proof, ENV, env)).problems[0]


def test_questions_have_names_without_labels() -> None:
    def name(env: Auction) -> str:
        return question_of(Instance(env, REVENUE, Objective("revenue")).table())

    goods, other = {"car": TWO, "boat": Distribution([0, 1])}, {"a": TWO, "b": Distribution([0, 1])}
    swapped = {"car": Distribution([0, 1]), "boat": TWO}
    base = Auction([Bidder(goods)], objects=["car", "boat"], costs={"car": 1})
    assert name(base) == name(Auction([Bidder(other, name="x")], objects=["a", "b"], costs={"a": 1}))
    different = [
        Auction([Bidder(goods)], objects=["car", "boat"], costs={"boat": 1}),
        Auction([Bidder(goods, preferences="unit-demand")], objects=["car", "boat"], costs={"car": 1}),
        Auction([Bidder(swapped)], objects=["car", "boat"], costs={"car": 1}),
        *(
            Auction([Bidder(TWO, demand)], units, cost=cost)
            for demand, units, cost in ((1, 1, 0), (2, 1, 0), (1, 2, 0), (1, 1, 1))
        ),
    ]
    assert len({name(env) for env in (base, *different)}) == len(different) + 1


def test_the_verifier_describes_what_is_sold() -> None:
    units, _, objects, _ = (verify(proof).description for proof in proofs())
    assert "bidder-1 to bidder-2: values 0, 1, 2; probabilities 1/3, 1/3, 1/3; demand 2" in units
    assert "units: 2; cost of each sold: 1/2" in units
    assert "objects: 2; cost of each if sold: 1, 0" in objects
    assert any(line.startswith("bidder-2: unit-demand; object 1: values 1, 3") for line in objects)


# ---- everything else that takes an instance ----------------------------------------------------------------------------

GRID = """units = 2
[[environment.bidders]]
count = 2
grid = { low = 0, high = 1, points = 3, placement = "midpoints" }
distribution = { family = "uniform", low = 0, high = 1 }
demand = 2
"""
PARTS_ON_GRIDS = """objects = ["car", "boat"]
[[environment.bidders]]
[environment.bidders.components]
car.grid = { low = 0, high = 1, points = 2, placement = "midpoints" }
car.distribution = { family = "uniform", low = 0, high = 1 }
boat = { values = [0, 1], weights = [1, 1] }
"""


def test_grids_are_refined(tmp_path: Path) -> None:
    for text, sizes in ((GRID, [(3, 3), (6, 6)]), (PARTS_ON_GRIDS, [(4,), (8,)])):
        path = tmp_path / "grid.toml"
        path.write_text(file(text), encoding="utf-8")
        found = lpmech.limit(path, points=[3, 6] if text is GRID else [2, 4])
        assert [row.refined.instance.environment.sizes for row in found.rows] == sizes


def test_words_tables_and_pages() -> None:
    result = lpmech.solve(loads(file(PARTS_ON_GRIDS)))
    text = result.explain()
    assert "auction of car and boat" in text
    assert "car: bidder, boat: bidder" in text
    frame = result.mechanism.to_frame()
    assert list(frame["bidder"]) == ["1/4, 0", "1/4, 1", "3/4, 0", "3/4, 1"]
    assert not result.instance.to_frame().empty
    assert not result.proof.to_frame().empty
    assert bool(lpmech.audit(result.instance, result.mechanism))
    assert "24 of 24 exist" in repr(lpmech.existence_table(result.instance))
