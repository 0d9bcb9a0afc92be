"""What Python offers beside files: functions for utilities, grids, samples, floats, labels, frames, gaps, enumerations."""

from __future__ import annotations

import math
from fractions import Fraction as F

import pytest

import lpmech

QUARTERS = "tests/cases/questions"


def two_by_two(**requirements: object) -> lpmech.Instance:
    trade = lpmech.BilateralTrade(lpmech.Distribution([1, 3]), lpmech.Distribution([0, 2]))
    need = {"incentive_compatibility": "BIC", "individual_rationality": "interim", "budget": "no-deficit"}
    return lpmech.Instance(trade, lpmech.Requirements(**(need | requirements)))


# ---- social choice from functions ---------------------------------------------------------------------------------------


def test_utilities_by_function_are_those_of_tables() -> None:
    agents = {"ann": [1, 2], 7: {"low": 1, ("high", 1): 3}}
    made = lpmech.SocialChoice.of(
        agents,
        ["no", "yes"],
        lambda agent, own, outcome: own if outcome == "yes" else 0,
        probabilities={"ann": ["1/4", "3/4"]},
        costs={"yes": 2, "no": 0},
        outside=lambda agent, own: F(own, 4),
    )
    listed = lpmech.SocialChoice(
        ["no", "yes"],
        {
            "ann": [lpmech.Type(1, "1/4", [0, 1], "1/4"), lpmech.Type(2, "3/4", [0, 2], "1/2")],
            7: [lpmech.Type("low", "1/2", [0, 1], "1/4"), lpmech.Type(("high", 1), "1/2", [0, 3], "3/4")],
        },
        [0, 2],
    )
    assert made == listed
    assert made.ordered(0)
    assert made.ordered(1)


def test_utilities_that_take_all_types_are_interdependent_only_if_they_depend_on_others() -> None:
    agents = {"ann": [1, 2], "bob": [1, 3]}
    private = lpmech.SocialChoice.of(agents, ["no", "yes"], lambda agent, own, outcome, types: own * (outcome == "yes"))
    assert not private.interdependent
    assert private == lpmech.SocialChoice.of(
        agents, ["no", "yes"], lambda agent, own, outcome: own * (outcome == "yes")
    )
    common = lpmech.SocialChoice.of(
        agents, ["no", "yes"], lambda agent, own, outcome, types: sum(types.values()) * (outcome == "yes")
    )
    assert common.interdependent
    assert common.value_at(0)[3] == (0, 5)


@pytest.mark.parametrize(
    ("agents", "utility", "said"),
    [
        ({"ann": [1, 1]}, lambda agent, own, outcome: 0, "two types of one value of ann"),
        ({"ann": [1, 2]}, lambda own: 0, "utility: no function of (agent, own, outcome)"),
        ({"ann": [1, 2]}, lambda agent, own, outcome: 0.5, "a binary floating-point number is not exact"),
        ({1: [1], "1": [2]}, lambda agent, own, outcome: 0, "two agents of one name"),
    ],
)
def test_what_is_wrong_with_functions_is_said(agents: object, utility: object, said: str) -> None:
    with pytest.raises(lpmech.InputError) as caught:
        lpmech.SocialChoice.of(agents, ["no", "yes"], utility)
    assert said in str(caught.value)


# ---- distributions ----------------------------------------------------------------------------------------------------


def test_grids_are_those_of_files() -> None:
    assert lpmech.Distribution.on_grid(0, 1, 3) == lpmech.Distribution([0, "1/2", 1], ["1/4", "1/2", "1/4"])
    beta = lpmech.Distribution.on_grid(0, 1, 4, "beta", a=2, b=5, placement="midpoints")
    text = """
    format = "lpmech-instance/1"
    [environment]
    kind = "bilateral-trade"
    seller = { values = [0], probabilities = [1] }
    [environment.buyer]
    grid = { low = 0, high = 1, points = 4, placement = "midpoints" }
    distribution = { family = "beta", a = 2, b = 5 }
    [requirements]
    incentive_compatibility = "BIC"
    individual_rationality = "interim"
    budget = "balanced"
    """
    assert lpmech.loads(text).environment.buyer == beta
    from scipy import stats

    assert lpmech.Distribution.on_grid(0, 1, 4, stats.beta(2, 5), placement="midpoints") == beta
    with pytest.raises(lpmech.InputError, match="where a distribution is needed"):
        lpmech.Distribution.on_grid(0, 1, 4, 3)


def test_samples_are_counted_exactly() -> None:
    samples = [0.1, 0.2, 0.1, 3]
    assert lpmech.Distribution.from_samples(samples) == lpmech.Distribution(["1/10", "1/5", 3], ["1/2", "1/4", "1/4"])
    cells = lpmech.Distribution.from_samples([0, 1, 2, 3, 4], points=2)
    assert cells == lpmech.Distribution([1, 3], ["2/5", "3/5"])
    with pytest.raises(lpmech.InputError, match="no samples"):
        lpmech.Distribution.from_samples([])


def test_floats_are_refused_unless_decimals_are_meant() -> None:
    tenth = lpmech.Distribution(["1/10", "1/2"])
    with pytest.raises(lpmech.InputError, match='floats="decimal"'):
        lpmech.Distribution([0.1, 0.5])
    assert lpmech.Distribution([0.1, 0.5], floats="decimal") == tenth
    with lpmech.floats("decimal"):
        assert lpmech.Distribution([0.1, 0.5]) == tenth
        with pytest.raises(lpmech.InputError, match="a binary floating-point number is not exact"):
            lpmech.Distribution([0.1, math.inf])
    with pytest.raises(lpmech.InputError):
        lpmech.Distribution([0.1])
    file = "instances/kos-manea-2009/example-2-one-buyer.toml"
    with pytest.raises(lpmech.InputError):
        lpmech.solve(file, parameters={"k": 2.5})
    exact = lpmech.solve(file, parameters={"k": "5/2"})
    assert lpmech.solve(file, parameters={"k": 2.5}, floats="decimal").margin == exact.margin


# ---- labels ----------------------------------------------------------------------------------------------------


def test_priors_and_profiles_by_labels() -> None:
    sides = lpmech.Distribution([1, 3]), lpmech.Distribution([0, 2])
    numbers = lpmech.BilateralTrade(*sides, {(0, 0): "1/2", (1, 1): "1/2"})
    assert lpmech.BilateralTrade(*sides, {("1", "0"): "1/2", ("3", "2"): "1/2"}) == numbers
    with pytest.raises(lpmech.InputError, match="labels of types"):
        lpmech.BilateralTrade(*sides, {("7", "0"): 1})
    mechanism = lpmech.build_mechanism("vcg", two_by_two())
    assert mechanism.at("3", "0") == mechanism.at(1, 0)
    assert mechanism.at("3", "0")["outcome"] == {"trade": 1}
    with pytest.raises(lpmech.InputError, match="a profile that does not exist"):
        mechanism.at("3")


def test_variables_of_a_program_are_labelled() -> None:
    program = lpmech.program(two_by_two())
    assert program.labels["t_B"][1, 0] == "buyer 3, seller 0"
    capped = lpmech.program(two_by_two(payments={"at-most": 5}))
    assert capped.labels["t_buyer"][2,] == "buyer 3, seller 0"
    assert {name: v.size for name, v in capped.variables.items() if name in capped.labels} == {
        name: len(labels) for name, labels in capped.labels.items()
    }


# ---- frames ----------------------------------------------------------------------------------------------------


def test_a_mechanism_comes_back_from_its_frame() -> None:
    instance = two_by_two(individual_rationality="ex-ante")
    found = lpmech.solve(instance).mechanism
    back = lpmech.Mechanism.from_frame(instance, found.to_frame())
    assert back.transfers == tuple(map(tuple, found.transfers))
    assert list(back.lotteries) == list(found.lotteries)
    frame = found.to_frame(exact=False)
    with pytest.raises(lpmech.InputError, match="row 1, column"):
        lpmech.Mechanism.from_frame(instance, frame)
    with lpmech.floats("decimal"):
        assert lpmech.Mechanism.from_frame(instance, frame).environment == instance.environment


def test_results_and_audits_are_frames() -> None:
    instance = two_by_two()
    result = lpmech.solve(instance)
    rows = result.constraints()
    assert set(rows["constraint"]) == {"BIC[buyer]", "IR[buyer]", "BIC[seller]", "IR[seller]", "no deficit"}
    assert len(rows) == 2 + 2 + 2 + 2 + 4
    if result.mechanism is not None:
        assert (rows["slack"] >= 0).all()
        assert (rows["slack"] * rows["multiplier"] == 0).all() or result.margin != 0
    vcg = lpmech.audit(instance, lpmech.build_mechanism("vcg", instance))
    frame = vcg.to_frame().set_index("property")
    assert frame.loc["DSIC", "holds"] == "yes"
    assert len(vcg.deviations()) == 0


def test_every_misreport_that_pays_worst_first() -> None:
    """Both always trade at price 0 to the seller's loss: a buyer of value 1 pays 1 more than one of value 3."""
    instance = two_by_two(allocation="free")
    env = instance.environment
    paid = tuple((F(2),) * 2 + (F(1),) * 2 if i == 0 else (F(-1),) * 4 for i in range(2))
    audit = lpmech.audit(instance, lpmech.Mechanism(env, paid, ({1: F(1)},) * 4))
    frame = audit.deviations()
    assert frame[["agent", "type", "report", "gain"]].to_numpy().tolist() == [["buyer", "1", "3", F(1)]]


def test_the_gap_of_a_mechanism_to_the_optimum() -> None:
    for goal in ("margin", "welfare", "revenue"):
        instance = two_by_two(individual_rationality="ex-ante", allocation="free").with_objective(goal)
        result = lpmech.solve(instance)
        mechanism = result.mechanism
        gap = lpmech.gap(instance, mechanism)
        assert gap >= 0
        if goal != "margin":
            assert gap == 0
    nothing = lpmech.Mechanism(instance.environment, ((F(0),) * 4,) * 2, ({0: F(1)},) * 4)
    assert (
        lpmech.gap(instance.with_objective("welfare"), nothing)
        == lpmech.solve(instance.with_objective("welfare")).value
    )
    robbed = nothing.plus((F(1), F(0)))
    with pytest.raises(lpmech.InputError, match="does not meet the requirements: ex-ante IR"):
        lpmech.gap(instance.with_objective("welfare"), robbed)


# ---- enumerations ----------------------------------------------------------------------------------------------------


def test_words_are_enumerations() -> None:
    need = lpmech.Requirements(lpmech.Incentives.BIC, lpmech.Participation.INTERIM, lpmech.Budget.NO_DEFICIT)
    assert need == two_by_two().requirements
    assert {type(x) for x in need.table().values()} == {str}
    assert lpmech.Incentives.EX_POST == "ex-post"
    instance = lpmech.Instance(two_by_two().environment, need, lpmech.Objective(lpmech.Objectives.WELFARE))
    assert lpmech.solve(instance).proved
