"""Kos and Manea, Efficient trade mechanism with discrete values (kos-manea-2009)."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from itertools import combinations, product

import pytest

from lpmech.literature.expectations import (
    Table,
    by_buyer,
    by_seller,
    is_implementable,
    surplus_of_vcg_prime,
    tight_surplus,
    virtual_surplus,
)
from lpmech.literature.theorems.kos_manea_theorem_4 import second_best
from lpmech.question.distribution import Distribution
from lpmech.question.requirements import AllocationTable
from papers.questions import (
    apart,
    bilateral,
    catalogued,
    endpoints,
    exchange,
    gains,
    margin,
    masses,
    pairs,
    randomly,
    solved,
)

F = Fraction


def vcg_prime(buyer: Distribution, seller: Distribution) -> tuple[Table, Table, Table]:
    """Definition 2: allocation, what the buyer pays, what the seller gets."""
    x = [[F(b > s) for s in seller.values] for b in buyer.values]
    paid = [[min(v for v in buyer.values if v > s) if b > s else F(0) for s in seller.values] for b in buyer.values]
    got = [[max(v for v in seller.values if v < b) if b > s else F(0) for s in seller.values] for b in buyer.values]
    return x, paid, got


def as_rule(x: Table) -> AllocationTable:
    return AllocationTable([[1 - z, z] for row in x for z in row])


def is_balanced_solution(buyer: Distribution, seller: Distribution, x: Table, t: Table) -> bool:
    """(x, t) is interim incentive compatible and individually rational, checked from the definitions."""
    bought, sold, paid, got = by_buyer(x, seller), by_seller(x, buyer), by_buyer(t, seller), by_seller(t, buyer)
    for i, b in enumerate(buyer.values):
        own = b * bought[i] - paid[i]
        if own < 0 or any(own < b * bought[k] - paid[k] for k in range(len(buyer))):
            return False
    for j, s in enumerate(seller.values):
        own = got[j] - s * sold[j]
        if own < 0 or any(own < got[k] - s * sold[k] for k in range(len(seller))):
            return False
    return True


# ---- Sections 3 and 4: VCG' ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(12))
def test_proposition_1_and_theorem_1_one_number_decides(seed: int) -> None:
    """BIC or DSIC, interim or ex post IR, expected budget; BIC, interim IR, any budget: all have the margin Pi of VCG'.

    Ties, atoms and types of probability 0 included.
    """
    rng = random.Random(seed)
    buyer = randomly(rng, rng.randint(1, 4), top=9, null=True)
    seller = randomly(rng, rng.randint(1, 4), top=9, null=True)
    pi = surplus_of_vcg_prime(buyer, seller)
    for ic in ("BIC", "DSIC"):
        for ir in ("interim", "ex-post"):
            expected = {"incentive_compatibility": ic, "individual_rationality": ir, "budget": "no-expected-deficit"}
            assert margin(bilateral(buyer, seller, **expected)) == pi, (ic, ir)
    for budget in ("balanced", "no-deficit"):
        assert margin(bilateral(buyer, seller, budget=budget)) == pi, budget


@pytest.mark.parametrize("seed", range(10))
def test_definition_2_expected_payments_are_the_formula(seed: int) -> None:
    rng = random.Random(seed)
    buyer, seller = apart(rng, rng.randint(2, 5), rng.randint(2, 5))
    _, paid, got = vcg_prime(buyer, seller)
    surplus = sum(
        p * r * (paid[i][j] - got[i][j])
        for (i, p), (j, r) in product(enumerate(buyer.probabilities), enumerate(seller.probabilities))
    )
    assert surplus == surplus_of_vcg_prime(buyer, seller)


@pytest.mark.parametrize("seed", range(8))
def test_section_3_vcg_runs_a_deficit_and_vcg_prime_a_smaller_one(seed: int) -> None:
    """VCG loses b - s whenever there is trade; the program finds VCG' and never less."""
    rng = random.Random(100 + seed)
    buyer, seller = apart(rng, 3, 3)
    assert -gains(buyer, seller) <= margin(bilateral(buyer, seller))


@pytest.mark.parametrize("seed", range(10))
def test_theorem_1_construction_balances_the_budget(seed: int) -> None:
    """t(B, S) = tbar_b(B) - E tbar_b + tbar_s(S) + alpha Pi solves it for every alpha in [0, 1] iff Pi >= 0."""
    rng = random.Random(seed)
    for _ in range(20):
        buyer, seller = apart(rng, rng.randint(2, 4), rng.randint(2, 4))
        x, paid, got = vcg_prime(buyer, seller)
        pi = surplus_of_vcg_prime(buyer, seller)
        buys, sells = by_buyer(paid, seller), by_seller(got, buyer)
        average = sum(p * z for p, z in zip(buyer.probabilities, buys, strict=True))
        for alpha in (F(0), F(1, 3), F(1)):
            t = [[b - average + s + alpha * pi for s in sells] for b in buys]
            assert is_balanced_solution(buyer, seller, x, t) == (pi >= 0)


def test_theorem_1_at_the_threshold() -> None:
    """Costs 1, 4 and values 2, v: the margin is (v - 5)/4 exactly, however near v is to 5."""
    seller = Distribution([1, 4])
    tiny = F(1, 10**15)
    for v in (F(9, 2), 5 - tiny, F(5), 5 + tiny, F(6)):
        assert margin(bilateral(Distribution([2, v]), seller)) == (v - 5) / 4
    critical = catalogued("kos-manea-2009/theorem-1-two-types-critical")
    assert (critical.verdict, critical.margin) == ("impossible", F(-1, 4_000_000_000_000_000))
    assert catalogued("kos-manea-2009/theorem-1-two-types", v=5).verdict == "exists"


def test_remark_1_the_surplus_rises_linearly_in_the_highest_value() -> None:
    """Pi' = epsilon (1 - F_s(B_m)) B_{m+1} + kappa; from impossible to possible."""
    before = catalogued("kos-manea-2009/remark-1-before")
    assert (before.verdict, before.margin) == ("impossible", F(-1, 6))
    for epsilon in (F(1, 100), F(1, 7)):
        margins = {top: catalogued("kos-manea-2009/remark-1", top=top, epsilon=epsilon).margin for top in (6, 50, 1000)}
        kappa = {value - epsilon * F(1, 3) * top for top, value in margins.items()}
        assert len(kappa) == 1
    assert catalogued("kos-manea-2009/remark-1", top=6).verdict == "impossible"
    assert catalogued("kos-manea-2009/remark-1", top=100).verdict == "exists"


# ---- Section 5: many buyers ------------------------------------------------------------------------------------------


def first_best(values: tuple[F, ...], costs: tuple[F, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Who buys and who sells: the largest surplus, with the fewest units, then the first buyers and sellers."""
    best, found = F(-1), ((), ())
    for units in range(min(len(values), len(costs)) + 1):
        for buys in combinations(range(len(values)), units):
            for sells in combinations(range(len(costs)), units):
                surplus = sum((values[i] for i in buys), F(0)) - sum((costs[j] for j in sells), F(0))
                if surplus > best:
                    best, found = surplus, (buys, sells)
    return found


def surplus_of_vcg_prime_with_many(buyers: list[Distribution], sellers: list[Distribution]) -> F:
    """E[payments - receipts] when who trades pays the least (is paid the most) he could report and still trade."""
    total = F(0)
    for profile in product(*map(pairs, [*buyers, *sellers])):
        mass = math.prod((p for _, p in profile), start=F(1))
        theta = [v for v, _ in profile]
        split = lambda reports: (tuple(reports[: len(buyers)]), tuple(reports[len(buyers) :]))  # noqa: E731
        bought, sold = first_best(*split(theta))
        for i in bought:
            trades = [v for v in buyers[i].values if i in first_best(*split([*theta[:i], v, *theta[i + 1 :]]))[0]]
            total += mass * min(trades)
        for j in sold:
            k = len(buyers) + j
            trades = [v for v in sellers[j].values if j in first_best(*split([*theta[:k], v, *theta[k + 1 :]]))[1]]
            total -= mass * max(trades)
    return total


@pytest.mark.parametrize("seed", range(4))
def test_example_1_another_buyer(seed: int) -> None:
    """Pi_I = p_b(B_L) Pi_{I-1} + p_b(B_H) (B_H - S_H)."""
    rng = random.Random(seed)
    s_low, b_low, s_high, b_high = sorted(rng.sample(range(20), 4))
    buyer, seller = Distribution([b_low, b_high], masses(rng, 2)), Distribution([s_low, s_high], masses(rng, 2))
    low, high = buyer.probabilities
    expected = margin(exchange([buyer], [seller]))
    assert expected == surplus_of_vcg_prime(buyer, seller)
    for count in (2, 3):
        expected = low * expected + high * (b_high - s_high)
        assert margin(exchange([buyer] * count, [seller])) == expected


def test_example_1_catalogued_numbers() -> None:
    assert catalogued("kos-manea-2009/example-1-one-buyer").margin == F(-1, 8)
    assert catalogued("kos-manea-2009/example-1-two-buyers").margin == F(1, 2) * F(-1, 8) + F(1, 2) * F(1, 2)


@pytest.mark.parametrize("k", [2, 3, 10, 1000])
def test_example_2_one_buyer(k: int) -> None:
    result = catalogued("kos-manea-2009/example-2-one-buyer", k=k)
    assert (result.verdict, result.margin) == ("exists", F(1, 3))


@pytest.mark.parametrize("k", [2, 3, F(19, 4), 5, 10, 1000])
def test_example_2_two_buyers(k: F | int) -> None:
    result = catalogued("kos-manea-2009/example-2-two-buyers", k=k)
    assert result.margin == F(1, 9) + F(12, 27) + 4 * (1 - F(k)) / 27
    assert result.verdict == ("exists" if k <= F(19, 4) else "impossible")


@pytest.mark.parametrize("seed", range(4))
def test_example_2_formula_for_any_numbers(seed: int) -> None:
    """Pi_2 with B_H > S_H > B_M > S_M > B_L > S_L, summed over buyer 1's types."""
    rng = random.Random(seed)
    s_l, b_l, s_m, b_m, s_h, b_h = sorted(map(F, rng.sample(range(30), 6)))
    buyer, seller = Distribution([b_l, b_m, b_h], masses(rng, 3)), Distribution([s_l, s_m, s_h], masses(rng, 3))
    low, mid, high = buyer.probabilities
    cheap, dear = sum(seller.probabilities[:2]), seller.probabilities[2]
    expected = (
        low * surplus_of_vcg_prime(buyer, seller)
        + high * (high + mid + dear * (mid + low)) * (b_h - s_h)
        + mid * (mid + low) * cheap * (b_m - s_m)
        + high * (mid + low) * cheap * (b_m - s_h)
    )
    assert margin(exchange([buyer, buyer], [seller])) == expected


def test_example_2_existence_is_not_monotone_in_the_number_of_buyers() -> None:
    """k = 5: one buyer yes, two no, three yes. k = 10 needs more than four."""
    k = 5
    assert catalogued("kos-manea-2009/example-2-one-buyer", k=k).verdict == "exists"
    assert catalogued("kos-manea-2009/example-2-two-buyers-large-k", k=k).margin == F(-1, 27)
    assert catalogued("kos-manea-2009/example-2-three-buyers", k=k).margin == F(1, 9)
    buyer, seller = Distribution([7 * 10, 8 * 10 + 1, 9 * 10 + 1]), Distribution([30, 80, 90])
    assert [margin(exchange([buyer] * count, [seller])) for count in (2, 3, 4)] == [F(-7, 9), F(-17, 27), F(-19, 81)]


@pytest.mark.parametrize("ties", ["any", "first", "last", "uniform"])
def test_section_5_ties_between_buyers_do_not_matter(ties: str) -> None:
    buyer, seller = Distribution([21, 25, 28]), Distribution([9, 24, 27])
    assert margin(exchange([buyer, buyer], [seller], ties=ties)) == F(7, 27)


@pytest.mark.parametrize(("count", "sizes"), [(2, (3, 3)), (2, (4, 2)), (3, (2, 3)), (4, (2, 2))])
def test_section_5_many_buyers_vcg_prime(count: int, sizes: tuple[int, int]) -> None:
    """The margin is the expected surplus of the many-buyer VCG', enumerated."""
    buyer, seller = apart(random.Random(count), *sizes)
    expected = surplus_of_vcg_prime_with_many([buyer] * count, [seller])
    assert margin(exchange([buyer] * count, [seller])) == expected


def test_section_5_enough_buyers_restore_efficiency() -> None:
    """The surplus tends to the least gain of the highest type, here 6 - 5: its distance halves with each buyer."""
    buyer, seller = Distribution([1, 6]), Distribution([0, 5])
    margins = [margin(exchange([buyer] * count, [seller])) for count in (1, 2, 3, 4)]
    assert [1 - value for value in margins] == [F(3, 2), F(3, 4), F(3, 8), F(3, 16)]


@pytest.mark.parametrize("seed", range(3))
def test_section_7_2_two_buyers_and_two_sellers(seed: int) -> None:
    buyer, seller = apart(random.Random(seed), 2 + seed % 2, 2)
    expected = surplus_of_vcg_prime_with_many([buyer] * 2, [seller] * 2)
    assert margin(exchange([buyer] * 2, [seller] * 2)) == expected


def test_section_7_2_catalogued_numbers() -> None:
    buyer, seller = Distribution([2, 5, 8]), Distribution([1, 4, 7])
    expected = surplus_of_vcg_prime_with_many([buyer] * 2, [seller] * 2)
    assert catalogued("kos-manea-2009/section-7-2-double-auction").margin == expected == F(28, 81)


# ---- Section 6: gains from trade -------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(10))
def test_lemma_1_and_theorem_2_any_allocation(seed: int) -> None:
    """An implementable x has margin Pi(x), by tight transfers and by virtual values; others have margin -inf."""
    rng = random.Random(seed)
    buyer, seller = apart(rng, rng.randint(2, 3), rng.randint(2, 3))
    implementable = refused = 0
    while not (implementable and refused):
        x = [[F(rng.randint(0, 4), 4) for _ in seller.values] for _ in buyer.values]
        pi = virtual_surplus(buyer, seller, x)
        assert pi == tight_surplus(buyer, seller, x)
        if is_implementable(buyer, seller, x):
            implementable += 1
            assert margin(bilateral(buyer, seller, allocation=as_rule(x))) == pi
        elif not refused:
            refused += 1
            assert margin(bilateral(buyer, seller, allocation=as_rule(x))) == -math.inf


@pytest.mark.parametrize("seed", range(5))
def test_lemma_1_at_the_efficient_allocation_is_vcg_prime(seed: int) -> None:
    buyer, seller = apart(random.Random(seed), 4, 3)
    x, _, _ = vcg_prime(buyer, seller)
    assert virtual_surplus(buyer, seller, x) == surplus_of_vcg_prime(buyer, seller)


@pytest.mark.parametrize("seed", range(6))
def test_theorem_3_the_second_best_leaves_the_broker_nothing(seed: int) -> None:
    """If Pi(x*) < 0, the best implementable allocation has Pi(x) = 0 and never trades at a loss."""
    rng = random.Random(seed)
    while True:
        buyer, seller = apart(rng, 3, 3)
        if surplus_of_vcg_prime(buyer, seller) < 0:
            break
    result = solved(bilateral(buyer, seller, objective="welfare", allocation="free"))
    trade = [lottery.get(1, F(0)) for lottery in result.mechanism.lotteries]
    x = [trade[i * len(seller) : (i + 1) * len(seller)] for i in range(len(buyer))]
    assert tight_surplus(buyer, seller, x) == 0
    assert is_implementable(buyer, seller, x)
    for (i, b), (j, s) in product(enumerate(buyer.values), enumerate(seller.values)):
        assert b > s or x[i][j] == 0
    assert 0 < result.value < gains(buyer, seller)


def gains_of(b: tuple[F, F], s: tuple[F, F], p: tuple[F, F], r: tuple[F, F], x22: F, x11: F) -> F:
    """Expected gains with x(B_2, S_1) = 1 and x(B_1, S_2) = 0."""
    return p[1] * r[1] * (b[1] - s[1]) * x22 + p[1] * r[0] * (b[1] - s[0]) + p[0] * r[0] * (b[0] - s[0]) * x11


@pytest.mark.parametrize("seed", range(20))
def test_theorem_4_second_best_of_two_types_each(seed: int) -> None:
    rng = random.Random(seed)
    while True:
        s1, b1, s2, b2 = sorted(map(F, rng.sample(range(20), 4)))
        p2, r2 = F(rng.randint(1, 9), 10), F(rng.randint(1, 9), 10)
        b, s, p, r = (b1, b2), (s1, s2), (1 - p2, p2), (1 - r2, r2)
        if p2 * r2 * b2 + r[0] * b1 - p2 * s2 - p[0] * r[0] * s1 < 0:  # Pi(x*)
            break
    _, x22, x11 = second_best(Distribution(b, p), Distribution(s, r))
    assert 0 < x22 <= 1
    assert 0 < x11 <= 1
    best = solved(bilateral(Distribution(b, p), Distribution(s, r), objective="welfare", allocation="free"))
    assert best.value == gains_of(b, s, p, r, x22, x11)


@pytest.mark.parametrize(
    ("item", "sign", "corner", "value"),
    [("m-positive", 1, (F(1), F(5, 6)), F(47, 30)), ("m-negative", -1, (F(4, 5), F(1)), F(21, 10))],
)
def test_example_3_catalogued_numbers(item: str, sign: int, corner: tuple[F, F], value: F) -> None:
    result = catalogued(f"kos-manea-2009/example-3-{item}")
    env = result.instance.environment
    m, *x = second_best(env.buyer, env.seller)
    assert m * sign > 0
    assert tuple(x) == corner
    assert result.value == value
    trade = [lottery.get(1, F(0)) for lottery in result.mechanism.lotteries]
    assert trade == [corner[1], 0, 1, corner[0]]  # the optimum is unique when M is not 0


def test_theorem_4_a_continuum_of_optima_when_m_is_zero() -> None:
    """Both corners, and so all between them, are worth the optimum."""
    b, s, p, r = (F(1), F(6)), (F(0), F(5)), (F(1, 2), F(1, 2)), (F(1, 2), F(1, 2))
    assert second_best(Distribution(b, p), Distribution(s, r)) == (0, F(1, 2), 1)
    best = solved(bilateral(Distribution(b, p), Distribution(s, r), objective="welfare", allocation="free"))
    for x22, x11 in ((F(1, 2), F(1)), (F(1), F(1, 2)), (F(3, 4), F(3, 4))):
        assert best.value == gains_of(b, s, p, r, x22, x11)


# ---- Section 7.1 and the conclusion ----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(8))
def test_section_7_1_leave_ties_to_the_seller(seed: int) -> None:
    """Pi(x**) >= Pi(x*) for every efficient x*, and free ties are worth exactly Pi(x**)."""
    rng = random.Random(seed)
    buyer, seller = randomly(rng, 4, top=6), randomly(rng, 4, top=6)
    margins = {ties: margin(bilateral(buyer, seller, ties=ties)) for ties in ("any", "first", "last", "uniform")}
    assert margins["any"] == margins["first"] == surplus_of_vcg_prime(buyer, seller)
    assert margins["last"] <= margins["uniform"] <= margins["first"]
    assert margins["uniform"] == (margins["first"] + margins["last"]) / 2  # Pi is linear in the allocation


@pytest.mark.parametrize("n", range(2, 9))
def test_section_7_1_uniform_grids(n: int) -> None:
    """(5 - N)/(6N) if ties do not trade, so possible up to N = 5, and -(N + 1)/(6N) if they do."""
    grid = endpoints(n)
    assert margin(bilateral(grid, grid)) == margin(bilateral(grid, grid, ties="first")) == F(5 - n, 6 * n)
    assert margin(bilateral(grid, grid, ties="last")) == -F(n + 1, 6 * n)
    assert solved(bilateral(grid, grid)).verdict == ("exists" if n <= 5 else "impossible")


def test_section_7_1_catalogued_numbers() -> None:
    assert catalogued("kos-manea-2009/section-7-1-ties").margin == 3 * F(5 - 4, 6 * 4)
    assert catalogued("kos-manea-2009/section-7-1-ties-trade").margin == -3 * F(4 + 1, 6 * 4)


@pytest.mark.parametrize("seed", range(12))
def test_conclusion_two_types_ex_post(seed: int) -> None:
    """With two types each, a balanced interim rational mechanism can be made ex post rational."""
    rng = random.Random(seed)
    while True:
        buyer, seller = apart(rng, 2, 2)
        pi = surplus_of_vcg_prime(buyer, seller)
        if 0 <= pi < 1:
            break
    assert margin(bilateral(buyer, seller, individual_rationality="ex-post")) >= 0


def test_conclusion_three_types_ex_post() -> None:
    """With three types each, interim rationality may be possible and ex post rationality not."""
    assert catalogued("kos-manea-2009/conclusion-interim").margin == F(4, 75)
    assert catalogued("kos-manea-2009/conclusion-ex-post").margin == F(-1, 61)
