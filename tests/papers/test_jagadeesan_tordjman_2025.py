"""Jagadeesan and Tordjman, Ex ante individually rational trade (jagadeesan-tordjman-2025)."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise, product

import pytest

from lpmech.literature.expectations import antitone_gains
from lpmech.literature.theorems.jagadeesan_tordjman_proposition_1 import before_charges, charges
from lpmech.question.distribution import Distribution, discretize
from lpmech.question.distributions import Grid
from lpmech.question.distributions.atom import Atom
from lpmech.question.distributions.mixture import Mixture
from lpmech.question.distributions.uniform import Uniform
from papers.questions import (
    GROVES_EX_ANTE,
    GROVES_INTERIM,
    at_most,
    below,
    bilateral,
    catalogued,
    endpoints,
    gains,
    margin,
    masses,
    mean,
    midpoints,
    pairs,
    partnership,
    randomly,
    solved,
)

F = Fraction


def clearing_price(buyer: Distribution, seller: Distribution) -> F:
    """A point p* with F_B(p*-) + F_S(p*-) <= 1 <= F_B(p*) + F_S(p*)."""
    return next(p for p in sorted({*buyer.values, *seller.values}) if at_most(buyer, p) + at_most(seller, p) >= 1)


def kinked(buyer: Distribution, seller: Distribution, price: F) -> tuple[F, F]:
    """E[h_B] and E[h_S] of the charges (p - s)^+ and (b - p)^+."""
    return (
        sum((r * max(price - s, F(0)) for s, r in pairs(seller)), F(0)),
        sum((p * max(b - price, F(0)) for b, p in pairs(buyer)), F(0)),
    )


def random_pair(seed: int) -> tuple[Distribution, Distribution]:
    """Atoms, ties, and types of probability 0."""
    rng = random.Random(seed)
    return (
        randomly(rng, rng.randint(1, 6), top=9, null=True),
        randomly(rng, rng.randint(1, 6), top=9, null=True),
    )


# ---- Section 2: bilateral trade --------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(15))
def test_section_2_groves_ex_ante_is_optimal_transport(seed: int) -> None:
    """margin = 2 E_independent[(b-s)^+] - E_antitone[(b-s)^+] = integral of 2 F_S (1 - F_B) - min(F_S, 1 - F_B)."""
    buyer, seller = random_pair(seed)
    expected = 2 * gains(buyer, seller) - antitone_gains(buyer, seller)
    integral = F(0)
    for low, high in pairwise(sorted({*buyer.values, *seller.values})):
        supply, demand = at_most(seller, low), 1 - at_most(buyer, low)
        integral += (high - low) * (2 * supply * demand - min(supply, demand))
    assert margin(bilateral(buyer, seller, **GROVES_EX_ANTE)) == expected == integral


@pytest.mark.parametrize("seed", range(15))
def test_theorem_1_kinked_charges_are_the_best_of_all(seed: int) -> None:
    """With p* clearing the replica economy they leave no deficit, and no charges that leave none are cheaper."""
    buyer, seller = random_pair(seed)
    price = clearing_price(buyer, seller)
    assert below(buyer, price) + below(seller, price) <= 1
    for b, s in product(buyer.values, seller.values):
        assert max(price - s, F(0)) + max(b - price, F(0)) >= max(b - s, F(0))
    best = margin(bilateral(buyer, seller, **GROVES_EX_ANTE))
    assert 2 * gains(buyer, seller) - sum(kinked(buyer, seller, price)) == best
    for other in {*buyer.values, *seller.values}:
        assert 2 * gains(buyer, seller) - sum(kinked(buyer, seller, other)) <= best


@pytest.mark.parametrize("seed", range(15))
def test_theorem_1_medians_in_order(seed: int) -> None:
    """If some p is at most a median of the buyer and at least one of the seller, a mechanism exists."""
    rng = random.Random(seed)
    while True:
        buyer, seller = randomly(rng, rng.randint(1, 5), top=9), randomly(rng, rng.randint(1, 5), top=9)
        if any(at_most(seller, p) >= F(1, 2) >= below(buyer, p) for p in seller.values):
            break
    assert solved(bilateral(buyer, seller, **GROVES_EX_ANTE)).verdict == "exists"


@pytest.mark.parametrize("seed", range(15))
def test_theorem_1_the_lump_sum_kappa_satisfies_both(seed: int) -> None:
    """The three cases of kappa make E[h_B] <= GT and E[h_S] <= GT whenever their sum is at most 2 GT."""
    buyer, seller = random_pair(200 + seed)
    charge_b, charge_s = kinked(buyer, seller, clearing_price(buyer, seller))
    gt = gains(buyer, seller)
    if gt >= max(charge_b, charge_s):
        kappa = F(0)
    elif charge_b <= charge_s:
        kappa = gt - charge_b
    else:
        kappa = charge_s - gt
    possible = charge_b + kappa <= gt and charge_s - kappa <= gt
    assert possible == (solved(bilateral(buyer, seller, **GROVES_EX_ANTE)).verdict == "exists")


def test_theorem_1_is_sufficient_only() -> None:
    result = catalogued("jagadeesan-tordjman-2025/theorem-1-not-necessary")
    buyer, seller = result.instance.environment.buyer, result.instance.environment.seller
    assert not any(at_most(seller, p) >= F(1, 2) >= below(buyer, p) for p in {*buyer.values, *seller.values})
    assert (result.verdict, result.margin) == ("exists", F(2, 5))


@pytest.mark.parametrize("points", [3, 11, 41, 101])
def test_example_1_margin(points: int) -> None:
    """-49/600 + 1/(600 (points - 1)^2) for odd numbers of points: twice the gains, 13/300 in the limit, less 1/8."""
    result = catalogued("jagadeesan-tordjman-2025/example-1", points=points)
    buyer, seller = result.instance.environment.buyer, result.instance.environment.seller
    error = F(1, 600 * (points - 1) ** 2)
    assert gains(buyer, seller) == F(13, 600) + error / 2
    assert antitone_gains(buyer, seller) == F(1, 8)
    assert (result.verdict, result.margin) == ("impossible", F(-49, 600) + error)


def test_example_1_tends_to_its_limit() -> None:
    """Even numbers of points too, by the transport formula on grids that the program need not solve."""
    for points in (2, 10, 100, 300):
        grid, law = Grid(0, 1, points), Uniform(0, 1)
        buyer = discretize(Mixture([("0.8", Atom(0)), ("0.1", Atom(1)), ("0.1", law)]), grid)
        seller = discretize(Mixture([("0.8", Atom(1)), ("0.1", Atom(0)), ("0.1", law)]), grid)
        difference = 2 * gains(buyer, seller) - antitone_gains(buyer, seller) + F(49, 600)
        assert 0 < abs(difference) * (points - 1) ** 2 <= F(1, 30)


def test_example_1_the_argument_of_the_paper() -> None:
    """Its three inequalities bound the charges by 1/10 from below, short of the 1/8 they cost; both exceed 13/300."""
    result = catalogued("jagadeesan-tordjman-2025/example-1", points=11)
    env = result.instance.environment
    assert F(13, 300) < F(1, 10) < antitone_gains(env.buyer, env.seller) == F(1, 8)


def test_figure_1_beta() -> None:
    """Beta(6, 2) dominates Beta(2, 5). Both files agree with the polynomial distribution functions."""

    def masses_of(cdf: list[int], cells: int) -> list[F]:
        value = [sum((c * F(i, cells) ** k for k, c in enumerate(cdf)), F(0)) for i in range(cells + 1)]
        return [high - low for low, high in pairwise(value)]

    beta_6_2, beta_2_5 = [0, 0, 0, 0, 0, 0, 7, -6], [0, 0, 15, -40, 45, -24, 5]
    exact = catalogued("jagadeesan-tordjman-2025/figure-1-exact")
    env = exact.instance.environment
    assert list(env.buyer.probabilities) == masses_of(beta_6_2, 10)
    assert list(env.seller.probabilities) == masses_of(beta_2_5, 10)
    assert (exact.verdict, exact.margin) == ("exists", F(568896183907, 1250000000000))
    assert exact.margin == 2 * gains(env.buyer, env.seller) - antitone_gains(env.buyer, env.seller)

    rounded = catalogued("jagadeesan-tordjman-2025/figure-1", points=10)
    assert abs(rounded.margin - exact.margin) < F(1, 10**14)
    assert catalogued("jagadeesan-tordjman-2025/figure-1").verdict == "exists"


@pytest.mark.parametrize(
    ("cell", "verdict", "value"),
    [
        ("bic-interim", "impossible", F(-7, 128)),
        ("truthful-interim", "impossible", F(-1, 4)),
        ("bic-ex-ante", "exists", F(21, 128)),
        ("truthful-ex-ante", "exists", F(5, 64)),
    ],
)
def test_table_1(cell: str, verdict: str, value: F) -> None:
    result = catalogued(f"jagadeesan-tordjman-2025/table-1-{cell}")
    assert (result.verdict, result.margin) == (verdict, value)


@pytest.mark.parametrize("n", range(2, 9))
def test_table_1_formulas_on_uniform_midpoints(n: int) -> None:
    """The interim row is impossible from 6 points on; ex ante everything is possible."""
    grid, scale = midpoints(n), F(n - 1, n)
    assert margin(bilateral(grid, grid, budget="no-deficit")) == scale * F(5 - n, 6 * n)
    ex_ante = {"individual_rationality": "ex-ante", "budget": "no-deficit"}
    assert margin(bilateral(grid, grid, **ex_ante)) == gains(grid, grid) == scale * F(n + 1, 6 * n)
    groves = margin(bilateral(grid, grid, **GROVES_EX_ANTE))
    assert groves == 2 * gains(grid, grid) - antitone_gains(grid, grid) >= 0


@pytest.mark.parametrize("seed", range(10))
def test_table_1_more_is_harder(seed: int) -> None:
    """DSIC is harder than BIC, interim IR than ex ante IR, and Groves transfers are a restriction on grids."""
    buyer, seller = random_pair(300 + seed)
    value = {
        (ic, ir): margin(
            bilateral(buyer, seller, incentive_compatibility=ic, individual_rationality=ir, budget="no-deficit")
        )
        for ic in ("BIC", "DSIC")
        for ir in ("interim", "ex-ante")
    }
    for other in ("interim", "ex-ante"):
        assert value["DSIC", other] <= value["BIC", other]
    for ic in ("BIC", "DSIC"):
        assert value[ic, "interim"] <= value[ic, "ex-ante"]
    assert margin(bilateral(buyer, seller, **GROVES_EX_ANTE)) <= value["DSIC", "ex-ante"]
    assert value["BIC", "ex-ante"] == gains(buyer, seller)  # d'Aspremont and Gerard-Varet: all gains can be had


# ---- Beyond the paper: any truthful transfers on a grid --------------------------------------------------------------


def one_price_margin(buyer: Distribution, seller: Distribution) -> F:
    """E gains - min_p E[payments] of the one-price mechanisms, where a tie is no trade.

    Facing s, the buyer pays (p - hi)^+ and in trade p clipped to [lo, hi] on top, where lo = max{b <= s} and
    hi = min{b > s}; the seller in mirror image.
    """
    unlimited = max(abs(v) for v in (*buyer.values, *seller.values)) + 1

    def payments(price: F) -> F:
        total = F(0)
        for (b, p), (s, r) in product(pairs(buyer), pairs(seller)):
            low = max((v for v in buyer.values if v <= s), default=-unlimited)
            high = min((v for v in buyer.values if v > s), default=unlimited)
            paid = max(price - high, F(0)) + (min(max(price, low), high) if b > s else 0)
            low = max((v for v in seller.values if v < b), default=-unlimited)
            high = min((v for v in seller.values if v >= b), default=unlimited)
            paid += max(low - price, F(0)) - (min(max(price, low), high) if b > s else 0)
            assert paid >= 0
            total += p * r * paid
        return total

    return gains(buyer, seller) - min(payments(price) for price in {*buyer.values, *seller.values})


@pytest.mark.parametrize("seed", range(14))
def test_one_price_is_enough_for_truthful_trade_on_a_grid(seed: int) -> None:
    """DSIC, any transfers, ex ante IR, no deficit: one price attains the margin unless ties trade (docs/one-price.md)."""
    buyer, seller = random_pair(400 + seed)
    requirements = GROVES_EX_ANTE | {"transfers": "any"}
    first = margin(bilateral(buyer, seller, **requirements, ties="first"))
    assert first == one_price_margin(buyer, seller)
    assert first <= margin(bilateral(buyer, seller, **requirements))


def test_trade_at_ties_can_help_truthful_ex_ante_trade() -> None:
    """Leaving ties to the seller, best under BIC and interim IR (kos-manea-2009, 7.1), is not best here."""
    buyer = Distribution([0, 2, 9], ["1/4", "1/2", "1/4"])
    seller = Distribution([1, 3, 9], ["3/7", "2/7", "2/7"])
    requirements = GROVES_EX_ANTE | {"transfers": "any"}
    margins = {ties: margin(bilateral(buyer, seller, **requirements, ties=ties)) for ties in ("first", "last", "any")}
    assert margins == {"first": F(10, 7), "last": F(3, 2), "any": F(3, 2)}


# ---- Section 3: partnerships -----------------------------------------------------------------------------------------

SHARES = {
    2: [[F(1, 2), F(1, 2)], [1, 0], [F(9, 10), F(1, 10)]],
    3: [[F(1, 3)] * 3, [1, 0, 0], [F(2, 3), F(1, 4), F(1, 12)], [0, F(1, 2), F(1, 2)]],
    4: [[F(1, 4)] * 4, [1, 0, 0, 0]],
}


@pytest.mark.parametrize(("count", "types", "seed"), [(2, 6, 1), (2, 5, 2), (3, 4, 3), (3, 3, 4), (3, 2, 5), (4, 3, 6)])
def test_theorem_2_every_partnership_dissolves(count: int, types: int, seed: int) -> None:
    """Whatever the shares and the common distribution; and the margin does not depend on the shares at all."""
    values = randomly(random.Random(seed), types)
    for transfers in ("groves", "any"):
        margins = {
            margin(partnership(shares, values, **(GROVES_EX_ANTE | {"transfers": transfers})))
            for shares in SHARES[count]
        }
        assert len(margins) == 1
        assert margins.pop() >= 0


@pytest.mark.parametrize("transfers", ["groves", "any"])
def test_theorem_2_shares_enter_through_the_expected_claim_alone(transfers: str) -> None:
    """With different distributions, margin + sum_i r_i E[theta_i] is the same for all shares."""
    rng = random.Random(7)
    values = [randomly(rng, 3), randomly(rng, 4), randomly(rng, 2)]
    requirements = GROVES_EX_ANTE | {"transfers": transfers}
    totals = {
        margin(partnership(shares, values, **requirements))
        + sum(r * mean(d) for r, d in zip(shares, values, strict=True))
        for shares in [*SHARES[3], masses(rng, 3), masses(rng, 3)]
    }
    assert len(totals) == 1


def test_theorem_2_does_not_extend_to_different_distributions() -> None:
    """Example 1 is a partnership whose seller owns everything: the common distribution is what Theorem 2 rests on."""
    env = catalogued("jagadeesan-tordjman-2025/example-1", points=11).instance.environment
    assert margin(partnership([0, 1], [env.buyer, env.seller], **GROVES_EX_ANTE)) == F(-49, 600) + F(1, 60000)


@pytest.mark.parametrize(
    ("item", "value"),
    [
        ("two-equal", F(5, 64)),
        ("two-single-owner", F(5, 64)),
        ("two-lopsided", F(5, 64)),
        ("three-equal", F(71, 432)),
        ("three-single-owner", F(43, 256)),
        ("three-lopsided", F(71, 432)),
    ],
)
def test_theorem_2_catalogued_numbers(item: str, value: F) -> None:
    result = catalogued(f"jagadeesan-tordjman-2025/partnership-{item}")
    assert (result.verdict, result.margin) == ("exists", value)


def vcg_payments(theta: tuple[F, ...]) -> F:
    """Total of the first parts of the payments, the object going to the lowest number among the highest."""
    winner = theta.index(max(theta))
    return F(0) if winner == 0 else max(theta[:winner] + theta[winner + 1 :]) - max(theta[1:])


def expected_over(values: Distribution, count: int, function: Callable[[tuple[F, ...]], F]) -> F:
    total = F(0)
    for profile in product(pairs(values), repeat=count):
        mass = F(1)
        for _, p in profile:
            mass *= p
        total += mass * function(tuple(v for v, _ in profile))
    return total


@pytest.mark.parametrize(("count", "points"), [(2, 8), (2, 5), (3, 8), (3, 5), (4, 4)])
def test_proposition_1_charges_suffice(count: int, points: int) -> None:
    """They leave no deficit on the grid, at any p*, and at the best p* are ex ante rational in total."""
    values = midpoints(points)
    before = expected_over(values, count, before_charges)
    costs = []
    for price in values.values:
        for theta in product(values.values, repeat=count):
            assert vcg_payments(theta) + charges(theta, price) >= 0
        costs.append(expected_over(values, count, lambda theta, p=price: charges(theta, p)))
    assert min(costs) <= before
    best = margin(partnership([1] + [0] * (count - 1), values, **GROVES_EX_ANTE))
    assert before - min(costs) <= best
    assert (before - min(costs) == best) == (count == 2)


def test_proposition_1_charges_are_not_the_cheapest() -> None:
    """Three agents, 8 midpoints: 31/128 = 0.2421875 is enough where Proposition 1 takes 81/256 = 0.31640625.

    The smallest expected total charge is what the agents have before charges, less the margin.
    """
    values = midpoints(8)
    before = expected_over(values, 3, before_charges)
    best = catalogued("jagadeesan-tordjman-2025/partnership-three-single-owner").margin
    assert before - best == F(31, 128)
    assert min(expected_over(values, 3, lambda theta, p=price: charges(theta, p)) for price in values.values) == F(
        81, 256
    )


def test_proposition_1_final_inequality() -> None:
    """g(x) = (N-2) + (N-2) x^(N-2) - N x - (N-4) x^(N-1) >= 0 on [0, 1].

    The paper compares means with weights N/(N-2)^2 and (N-1)(N-4)/(N-2)^2, of which the second is negative at N = 3 and
    both are undefined at N = 2; g is (1 - x)^2 and 0 there, so the conclusion stands.
    """
    points = [F(i, 24) for i in range(25)]

    def g(n: int, x: F) -> F:
        return (n - 2) + (n - 2) * x ** (n - 2) - n * x - (n - 4) * x ** (n - 1)

    assert all(g(n, x) >= 0 for n in range(2, 60) for x in points)
    assert all(g(2, x) == 0 and g(3, x) == (1 - x) ** 2 for x in points)
    assert F((3 - 1) * (3 - 4), (3 - 2) ** 2) < 0


def test_section_3_interim_rationality_depends_on_the_shares() -> None:
    """Cramton, Gibbons and Klemperer: equal shares dissolve, a single owner cannot (Groves transfers, uniform)."""
    values = endpoints(8)
    assert margin(partnership([F(1, 2), F(1, 2)], values, **GROVES_INTERIM)) > 0
    assert margin(partnership([1, 0], values, **GROVES_INTERIM)) == -F(9, 48)
