"""The symmetric program against the full one: the same verdicts, margins and values, exactly."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction as F

import pytest
from support import symmetric_instances
from support.expand_symmetric import expand

from lpmech.answer.mechanism import Mechanism
from lpmech.base.errors import InputError
from lpmech.engine import formulation, solve
from lpmech.engine import program as engine_program
from lpmech.question.distribution import Distribution
from lpmech.question.environments.bilateral_trade import BilateralTrade
from lpmech.question.environments.exchange import Exchange
from lpmech.question.environments.partnership import Partner, Partnership
from lpmech.question.environments.social_choice import SocialChoice, Type
from lpmech.question.model import Instance
from lpmech.question.objective import Objective
from lpmech.question.orbits import Symmetry, identical_agents
from lpmech.question.requirements import AllocationTable, Requirements
from lpmech.verify import verify

NEED = Requirements("DSIC", "ex-ante", "no-deficit")
THREE = Distribution([0, 1, 2])


def partnership(*shares: str, types: Distribution = THREE) -> Partnership:
    return Partnership([Partner(share, types) for share in shares])


@pytest.mark.parametrize("seed", range(45))
def test_the_same_answers_as_the_full_program(seed):
    instance = symmetric_instances.instance(seed)
    ours, full = solve(instance, method="symmetric"), solve(instance, method="full")
    assert (ours.verdict, ours.margin, ours.value) == (full.verdict, full.margin, full.value)
    assert ours.verdict != "undecided"
    assert verify(expand(ours.proof.table()))


@pytest.mark.parametrize("seed", range(100, 125))
def test_a_symmetric_mechanism_is_the_mechanism_written_out(seed):
    """Tables, interim payments and expectations, for every agent and profile."""
    proof = solve(symmetric_instances.instance(seed), method="symmetric").proof
    mechanism = proof.mechanism
    if mechanism is None:
        assert proof.margin == -math.inf
        return
    out = Mechanism(mechanism.environment, tuple(map(tuple, mechanism.transfers)), list(mechanism.lotteries))
    agents = range(len(mechanism.environment.agents))
    assert [out.interim(i) for i in agents] == [mechanism.interim(i) for i in agents]
    assert (out.revenue, out.expected_utility) == (mechanism.revenue, mechanism.expected_utility)
    assert len(mechanism.to_frame()) == mechanism.environment.profile_count
    assert list(mechanism.profiles) == list(out.profiles)
    written = expand(proof.table())["mechanism"]
    assert [{str(x): str(w) for x, w in q.items()} for q in mechanism.lotteries] == written["allocation"]
    money = mechanism.transfers if mechanism.charges is None else mechanism.charges
    assert [[str(t) for t in row] for row in money] == written.get("transfers", written.get("charges"))


@pytest.mark.parametrize(
    ("agents", "types", "transfers", "margin"),
    [(4, 4, "any", F(143, 128)), (4, 4, "groves", F(29, 32)), (3, 6, "groves", F(71, 72))],
)
def test_partnerships(agents, types, transfers, margin):
    """Margins of the full program (checked once: it takes some seconds)."""
    env = partnership(*[f"{2 * i + 1}/{agents**2}" for i in range(agents)], types=Distribution(range(types)))
    need = Requirements("DSIC", "ex-ante", "no-deficit", transfers=transfers)
    result = solve(Instance(env, need))
    assert (result.method, result.margin) == ("symmetric", margin)


def test_shares_that_differ_are_made_up_for_by_lump_sums():
    instance = Instance(partnership("1/2", "1/3", "1/6"), NEED)
    assert identical_agents(instance) == ((0, 1, 2),)
    result = solve(instance, method="symmetric")
    assert result.margin == F(2, 3) == solve(instance, method="full").margin
    assert sum(result.mechanism.lumps) == 0
    assert result.mechanism.lumps == (F(-1, 6), F(0), F(1, 6))  # the mean outside option less one's own
    shares = (F(1, 2), F(1, 3), F(1, 6))
    assert min(u - share for u, share in zip(result.mechanism.expected_utility, shares, strict=True)) >= 0


def test_shares_split_a_class_where_outside_options_count_by_type():
    env = partnership("1/3", "1/3", "1/6", "1/6")
    assert identical_agents(Instance(env, Requirements("BIC", "interim", "balanced"))) == ((0, 1), (2, 3))
    assert identical_agents(Instance(env, Requirements("BIC", "none", "balanced"))) == ((0, 1, 2, 3),)
    weighted = Instance(env, NEED, Objective(utility=[1, 2, 1, 2]))
    assert identical_agents(weighted) == ((0, 2), (1, 3))


def test_a_margin_question_inside_another_keeps_its_classes():
    """Weights tell agents apart; when nothing bounds the objective, the margin question is asked about the same classes."""
    goal = Objective(utility=[1, 1, 2], revenue=0)
    instance = Instance(partnership("1/3", "1/3", "1/3"), Requirements("DSIC", "ex-ante", "none"), goal)
    result = solve(instance, method="symmetric")
    assert (result.verdict, str(result.value), result.proof.symmetry) == ("exists", "inf", ((0, 1), (2,)))


def test_buyers_and_sellers_are_never_identical():
    one = Distribution([-1])
    assert identical_agents(Instance(Exchange([one, one], [Distribution([1])]), NEED)) == ((0, 1), (2,))


def test_representatives_are_sorted_profiles_in_flattened_order():
    env = partnership("1/4", "1/4", "1/4", "1/4", types=Distribution([0, 1], ["1/3", "2/3"]))
    symmetry = Symmetry(env, ((0, 2), (1, 3)))
    assert [symmetry.profile(key) for key in symmetry.keys] == [
        *((0, 0, 0, 0), (0, 0, 0, 1), (0, 0, 1, 0), (0, 0, 1, 1), (0, 1, 0, 1), (0, 1, 1, 1)),
        *((1, 0, 1, 0), (1, 0, 1, 1), (1, 1, 1, 1)),
    ]
    assert symmetry.representative_count == 9
    assert [symmetry.others_count(c) for c in (0, 1)] == [len(others) for others in symmetry.others] == [6, 6]
    assert sum(map(symmetry.mass, symmetry.keys)) == 1
    assert symmetry.mass(symmetry.key((0, 1, 1, 1))) == 2 * F(1, 3) * F(2, 3) * F(2, 3) ** 2


@pytest.mark.parametrize(
    ("instance", "reason"),
    [
        (Instance(BilateralTrade(THREE, THREE), NEED), "no relabelling is known for bilateral-trade"),
        (Instance(Partnership([Partner("1/2", THREE), Partner("1/2", Distribution([1]))]), NEED), "no two agents"),
        (Instance(partnership("1/2", "1/2"), Requirements("BIC", "none", "none", ties="first")), "ties: first"),
        (
            Instance(Partnership([Partner("1/2", THREE)] * 2, {(0, 0): 1}), NEED),
            "the prior is a joint one",
        ),
        (
            Instance(partnership("1/2", "1/2"), Requirements("BIC", "none", "none", AllocationTable([[1, 0]] * 9))),
            "given profile by profile",
        ),
        (
            Instance(partnership("1/2", "1/2"), Requirements("BIC", "none", "none", "free", transfers="groves")),
            "not efficient",
        ),
    ],
)
def test_what_relabelling_would_change_is_refused(instance, reason):
    with pytest.raises(InputError, match=reason):
        solve(instance, method="symmetric")
    assert formulation(instance).name != "symmetric"


def test_auto_prefers_the_symmetric_program_where_it_is_much_smaller():
    four, two = partnership("1/4", "1/4", "1/4", "1/4"), partnership("1/2", "1/2")
    assert [formulation(Instance(env, NEED)).name for env in (four, two)] == ["symmetric", "open_menu"]
    mixed = Exchange([THREE] * 3, [Distribution([1, 2, 3])])
    assert formulation(Instance(mixed, NEED)).name == "symmetric"


@pytest.mark.parametrize("need", [Requirements("BIC", "interim", "balanced"), replace(NEED, transfers="groves")])
def test_auto_prefers_the_symmetric_program_to_others_that_fit(need):
    alike = Instance(partnership("1/4", "1/4", "1/4", "1/4"), need)
    apart = alike.with_requirements(individual_rationality="interim", ties="first")
    assert formulation(alike).name == "symmetric"
    assert formulation(apart).name == {"any": "interim", "groves": "groves"}[need.transfers]
    assert solve(alike).margin == solve(alike, method=formulation(apart).name).margin


def test_ties_first_and_last_of_a_social_choice_are_symmetric():
    """The chosen state depends on the types alone, not on who has them."""
    types = {f"agent {i}": [Type(f"{i}a", "1/2", [1, 0, 1]), Type(f"{i}b", "1/2", [0, 1, 0])] for i in range(3)}
    for ties in ("first", "last"):
        need = Requirements("BIC", "interim", "no-deficit", ties=ties)
        instance = Instance(SocialChoice(["x", "y", "z"], types), need)
        ours, full = solve(instance, method="symmetric"), solve(instance, method="full")
        assert (ours.verdict, ours.margin) == (full.verdict, full.margin)


def test_impossibility_is_explained_up_to_relabelling():
    env = Exchange([Distribution([0, 2, 4])] * 3, [Distribution([1, 3, 5])])
    result = solve(Instance(env, Requirements("DSIC", "ex-post", "no-deficit")))
    assert (result.method, result.verdict, result.margin) == ("symmetric", "impossible", F(-1))
    assert "Each constraint stands for its average over relabelling identical agents." in result.explain()
    held = solve(Instance(env, Requirements("DSIC", "ex-ante", "no-deficit")))
    assert "t[buyer-3]" in held.explain()


def test_the_cvxpy_problem_names_classes():
    import cvxpy as cp

    instance = Instance(Exchange([THREE] * 3, [THREE]), Requirements("BIC", "interim", "balanced"))
    program = engine_program(instance, "symmetric")
    assert list(program.variables) == ["z", "q", "t_buyer-1 x 3", "t_seller", "T_buyer-1 x 3", "T_seller"] + [
        name for name in program.variables if name.startswith("A_")
    ]
    exact = solve(instance, method="full").margin
    assert abs(program.problem.solve(solver=cp.HIGHS) - float(exact)) < 1e-6
    lotteries = sum(expression.value for expression in program.allocation.values())
    assert all(abs(total - 1) < 1e-6 for total in lotteries)
