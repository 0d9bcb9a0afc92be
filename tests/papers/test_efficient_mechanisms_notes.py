"""Lecture notes, Part VI: Designing efficient mechanisms (efficient-mechanisms-notes)."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import pytest

from lpmech.answer.mechanism import Mechanism
from lpmech.literature.expectations import ir_vcg_surplus
from lpmech.question.distribution import Distribution
from lpmech.question.environments.bilateral_trade import BilateralTrade
from lpmech.question.environments.social_choice import SocialChoice, Type
from lpmech.question.requirements import PostedPrice
from papers.questions import (
    CLASSIC,
    GROVES_INTERIM,
    apart,
    ask,
    bilateral,
    catalogued,
    endpoints,
    gains,
    margin,
    masses,
    midpoints,
    pairs,
    partnership,
    solved,
)

F = Fraction

NO_VETO = {"individual_rationality": "none", "budget": "balanced"}


def social_choice(seed: int, *, costs: bool = True) -> SocialChoice:
    """Two or three agents, three outcomes, any utilities, outside options that depend on the type."""
    rng = random.Random(seed)
    agents = {
        name: [
            Type(f"{k}", p, [rng.randint(-3, 6) for _ in range(3)], rng.randint(-2, 1))
            for k, p in enumerate(masses(rng, rng.randint(2, 3)))
        ]
        for name in ("ann", "bob", "carol")[: 2 + seed % 2]
    }
    return SocialChoice(["x", "y", "z"], agents, [0, 1, 2] if costs else None)


def interim_transfers(mechanism: Mechanism, agent: int) -> list[F]:
    return [paid for _, paid, _ in mechanism.interim(agent)]


# ---- Sections 2 and 3 ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_section_2_2_every_dominant_strategy_mechanism_is_bayesian(seed: int) -> None:
    """DSIC asks more than BIC: its margin is never larger."""
    env = social_choice(seed)
    for requirements in (CLASSIC, CLASSIC | {"budget": "no-deficit"}, CLASSIC | {"individual_rationality": "ex-ante"}):
        dominant = margin(ask(env, **(requirements | {"incentive_compatibility": "DSIC"})))
        assert dominant <= margin(ask(env, **requirements))


@pytest.mark.parametrize("seed", range(6))
def test_theorem_1_groves_mechanisms_are_dominant_strategy(seed: int) -> None:
    """Whatever the charges: the Groves class with no IR can always be had, and costs DSIC nothing."""
    env = social_choice(seed)
    requirements = {"individual_rationality": "none", "budget": "no-deficit", "incentive_compatibility": "DSIC"}
    assert margin(ask(env, transfers="groves", **requirements)) == math.inf


def test_section_3_2_vcg_in_bilateral_trade_never_runs_a_deficit() -> None:
    """t_b = s x and t_s = b (1 - x): if the designer may force trade, money can be taken without bound."""
    assert catalogued("efficient-mechanisms-notes/bilateral-vcg").margin == math.inf


def test_section_3_pool_and_bridge() -> None:
    """Bayesian incentives balance; dominant strategies do not, at any subsidy."""
    assert catalogued("efficient-mechanisms-notes/pool-and-bridge").margin == math.inf
    assert catalogued("efficient-mechanisms-notes/pool-and-bridge-dominant").margin == -math.inf


# ---- Section 4: balance ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_theorem_2_a_balanced_budget_costs_nothing(seed: int) -> None:
    """Under BIC the three budgets have one margin, for any independent types, outcomes, costs and outside options."""
    env = social_choice(seed)
    for ir in ("interim", "ex-ante"):
        margins = {
            margin(ask(env, individual_rationality=ir, budget=budget))
            for budget in ("balanced", "no-deficit", "no-expected-deficit")
        }
        assert len(margins) == 1, ir


@pytest.mark.parametrize("seed", range(8))
def test_theorem_2_construction(seed: int) -> None:
    """t~_i = tbar_i(theta_i) + (tbar_{i+1} - tbar_{i+1}(theta_{i+1})) - surplus/n balances at every profile.

    Every type of every agent gains exactly surplus/n.
    """
    env = social_choice(seed, costs=False)
    result = solved(ask(env, budget="no-expected-deficit", individual_rationality="interim"))
    if result.mechanism is None:
        result = solved(ask(env, budget="no-expected-deficit", individual_rationality="none"))
    old, n = result.mechanism, len(env.agents)
    interim = [interim_transfers(old, i) for i in range(n)]
    average = [sum(p * t for p, t in zip(a.probabilities, interim[i], strict=True)) for i, a in enumerate(env.agents)]
    dividend = sum(average) / n
    assert dividend >= 0
    transfers = tuple(
        tuple(
            interim[i][theta[i]] + average[(i + 1) % n] - interim[(i + 1) % n][theta[(i + 1) % n]] - dividend
            for theta in old.profiles
        )
        for i in range(n)
    )
    new = Mechanism(env, transfers, old.lotteries)
    assert set(new.profile_revenue) == {0}
    for i in range(n):
        for (_, _, before), (_, _, after) in zip(old.interim(i), new.interim(i), strict=True):
            assert after == before + dividend


@pytest.mark.parametrize("seed", range(6))
def test_corollary_1_balanced_bayesian_mechanisms_always_exist(seed: int) -> None:
    assert margin(ask(social_choice(seed), **NO_VETO)) == math.inf


def expected_externality(env: BilateralTrade) -> tuple[list[F], list[F]]:
    """Interim payments: tbar_b(b) = E[s; b > s] and tbar_s(s) = E[b; b <= s], before the dividend."""
    return (
        [sum((r * s for s, r in pairs(env.seller) if b > s), F(0)) for b in env.buyer.values],
        [sum((p * b for b, p in pairs(env.buyer) if b <= s), F(0)) for s in env.seller.values],
    )


@pytest.mark.parametrize("n", [2, 3, 6, 11])
def test_section_4_bilateral_example_expected_externality(n: int) -> None:
    """t_b = tbar_b(b) - tbar_s(s) + (E tbar_s - E tbar_b)/2 = (b^2 - s^2)/2 in the limit: balanced and BIC on the grid."""
    env = BilateralTrade(midpoints(n), midpoints(n))
    paid, got = expected_externality(env)
    for v, i in ((v, i) for i, v in enumerate(env.buyer.values)):
        assert abs(paid[i] - v**2 / 2) <= F(1, n)
        trade = [F(k, n) for k in range(n)]  # the buyer's probability of s < b
        assert all(v * trade[i] - paid[i] >= v * trade[k] - paid[k] for k in range(n))
    for s, j in ((s, j) for j, s in enumerate(env.seller.values)):
        keep = [F(k + 1, n) for k in range(n)]  # the seller's probability of b <= s
        assert all(s * keep[j] - got[j] >= s * keep[k] - got[k] for k in range(n))
    assert margin(ask(env, **NO_VETO)) == math.inf


@pytest.mark.parametrize("seed", range(6))
def test_section_4_remark_4_ex_ante_the_first_best_is_possible(seed: int) -> None:
    """BIC, ex ante IR, balanced: the margin is all the expected gains, however the gains split before the lump sum."""
    buyer, seller = apart(random.Random(seed), 3, 4)
    assert margin(bilateral(buyer, seller, individual_rationality="ex-ante")) == gains(buyer, seller)


def test_section_4_catalogued_numbers() -> None:
    assert catalogued("efficient-mechanisms-notes/bilateral-expected-externality").margin == math.inf
    ex_ante = catalogued("efficient-mechanisms-notes/bilateral-expected-externality-ex-ante")
    assert ex_ante.margin == F(5, 6) * F(7, 36)  # E[(b - s)^+], 1/6 in the limit


# ---- Section 5: IR-VCG -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(10))
def test_definition_6_ir_vcg_is_the_best_groves_scheme(seed: int) -> None:
    """Its expected surplus is the margin of Groves transfers with interim IR; DSIC and BIC alike."""
    env = social_choice(seed)
    expected = ir_vcg_surplus(env)
    assert margin(ask(env, **GROVES_INTERIM)) == expected
    assert margin(ask(env, **(GROVES_INTERIM | {"incentive_compatibility": "BIC"}))) == expected


@pytest.mark.parametrize("seed", range(10))
def test_corollary_2_an_ir_vcg_surplus_is_sufficient(seed: int) -> None:
    """The balanced margin is at least IR-VCG's surplus."""
    env = social_choice(seed)
    assert margin(ask(env)) >= ir_vcg_surplus(env)


def test_section_5_2_the_converse_fails_with_finitely_many_types() -> None:
    """Costs 1, 4 and values 2, 6: IR-VCG loses 1/2, and a balanced mechanism exists with 1/4 to spare."""
    assert catalogued("efficient-mechanisms-notes/ir-vcg-not-necessary").margin == F(-1, 2)
    assert catalogued("kos-manea-2009/theorem-1-two-types").margin == F(1, 4)
    env = BilateralTrade(Distribution([2, 6]), Distribution([1, 4]))
    assert ir_vcg_surplus(env) == F(-1, 2)
    assert margin(ask(env)) == F(1, 4)


@pytest.mark.parametrize("n", range(2, 9))
def test_theorem_3_bilateral_trade_example(n: int) -> None:
    """IR-VCG's surplus in uniform bilateral trade: -(N + 1)/(6N), which tends to 1/6 + 1/6 - 1/2 = -1/6."""
    result = catalogued("efficient-mechanisms-notes/bilateral-ir-vcg", points=n)
    assert result.margin == -F(n + 1, 6 * n) == ir_vcg_surplus(BilateralTrade(endpoints(n), endpoints(n)))
    assert result.margin - (F(1, 6) + F(1, 6) - F(1, 2)) == -F(1, 6 * n)


@pytest.mark.parametrize("n", [2, 4, 6, 10])
def test_section_5_1_partnership_example(n: int) -> None:
    """IR-VCG's surplus with two halves: 2 (1/6 - 1/8) = 1/12 in the limit, + 1/(6 N^2) on an even number of cells."""
    result = catalogued("efficient-mechanisms-notes/partnership-two-halves-ir-vcg", points=n)
    assert result.margin == 2 * (F(1, 6) - F(1, 8)) + F(1, 6 * n**2)
    balanced = catalogued("efficient-mechanisms-notes/partnership-two-halves", points=n)
    assert balanced.verdict == "exists"
    assert balanced.margin >= result.margin


def test_section_5_1_shares_close_to_equal_dissolve_too() -> None:
    """Uniform, Groves: possible at 3/4 and not at 9/10; the margin falls as the shares drift apart."""
    values = midpoints(8)
    margins = [
        margin(partnership([r, 1 - r], values, **GROVES_INTERIM)) for r in (F(1, 2), F(3, 5), F(3, 4), F(9, 10), F(1))
    ]
    assert margins == sorted(margins, reverse=True)
    assert margins[2] > 0 > margins[3]


def test_section_5_2_remark_1_public_goods() -> None:
    """A bridge of cost 3: two citizens can be made to pay for it, three cannot unless they have no veto."""
    margins = {
        item: catalogued(f"efficient-mechanisms-notes/public-good-{item}").margin
        for item in ("two-agents", "three-agents", "no-veto")
    }
    assert margins == {"two-agents": F(4, 9), "three-agents": F(-4, 9), "no-veto": math.inf}


# ---- Section 1: independence, and Section 6: ex post -----------------------------------------------------------------


def correlated(rng: random.Random, m: int, n: int) -> dict[tuple[int, int], F]:
    weights = {(i, j): rng.randint(1, 9) + (12 if i == j else 0) for i in range(m) for j in range(n)}
    return {profile: F(w, sum(weights.values())) for profile, w in weights.items()}


@pytest.mark.parametrize(("seed", "types"), [(1, 2), (2, 2), (3, 3), (4, 3)])
def test_section_1_correlated_types_give_the_designer_everything(seed: int, types: int) -> None:
    """Cremer and McLean: beliefs that are linearly independent (here diagonally heavy) extract all gains from trade."""
    rng = random.Random(seed)
    buyer, seller = apart(rng, types, types)
    prior = correlated(rng, types, types)
    full = sum(
        (mass * max(buyer.values[i] - seller.values[j], F(0)) for (i, j), mass in prior.items()),
        F(0),
    )
    assert margin(bilateral(buyer, seller, prior=prior, budget="no-expected-deficit")) == full


@pytest.mark.parametrize("e", [F(-1, 8), F(0), F(1, 1000), F(1, 100), F(1, 10)])
def test_section_1_the_slightest_correlation(e: F) -> None:
    """Full extraction is worth 5/4 - 2e for every e != 0, and -1/8 at e = 0."""
    result = catalogued("efficient-mechanisms-notes/correlated-full-extraction", e=e)
    assert result.margin == (F(5, 4) - 2 * e if e else F(-1, 8))


def test_section_1_balance_needs_more_correlation() -> None:
    """With a balanced budget the margin is continuous: impossible at e = 1/100, possible at e = 1/20."""
    margins = {
        e: catalogued("efficient-mechanisms-notes/correlated-balanced", e=e).margin for e in (F(0), F(1, 100), F(1, 20))
    }
    assert margins == {F(0): F(-1, 8), F(1, 100): F(-117, 1250), F(1, 20): F(3, 50)}


@pytest.mark.parametrize("n", [3, 4, 6])
def test_section_6_remark_3_posted_prices(n: int) -> None:
    """DSIC, balanced, ex post IR: every posted price will do; on these grids nothing is worth more than the best one."""
    grid = midpoints(n)
    robust = {"incentive_compatibility": "DSIC", "individual_rationality": "ex-post", "budget": "balanced"}
    worth = {}
    for price in grid.values:
        assert margin(bilateral(grid, grid, allocation=PostedPrice(price), **robust)) == 0
        worth[price] = sum(
            (p * r * (b - s) for b, p in pairs(grid) for s, r in pairs(grid) if b >= price >= s),
            F(0),
        )
    best = solved(bilateral(grid, grid, objective="welfare", allocation="free", **robust))
    assert best.value == max(worth.values())


def test_section_6_catalogued_numbers() -> None:
    result = catalogued("efficient-mechanisms-notes/posted-price")
    assert (result.verdict, result.margin) == ("exists", 0)
