"""Named mechanisms: what their sources claim holds exactly, by audit, on random instances and on the papers' examples."""

from __future__ import annotations

import random
import re
from fractions import Fraction as F
from pathlib import Path

import pytest
from support import auctions

import lpmech
from lpmech.answer.audit import Audit
from lpmech.answer.mechanism import Mechanism
from lpmech.base.errors import InputError
from lpmech.literature import mechanisms
from lpmech.literature.mechanisms.cgk import surplus
from lpmech.literature.mechanisms.groves_partnership import clearing_price
from lpmech.literature.mechanisms.worst_case_redistribution import coefficients
from lpmech.question.distribution import Distribution
from lpmech.question.environment import Environment
from lpmech.question.environments.bilateral_trade import BilateralTrade
from lpmech.question.environments.exchange import Exchange
from lpmech.question.environments.partnership import Partner, Partnership
from lpmech.question.environments.social_choice import SocialChoice, Type
from lpmech.question.model import Instance
from lpmech.question.requirements import AllocationTable, PostedPrice, Requirements
from tests.support.random_instances import distribution, environment, masses

ROOT = Path(__file__).parents[1]
TIES = ("any", "first", "last", "uniform")


def question(env: Environment, ties: str = "any", **changes: str) -> Instance:
    given = {"incentive_compatibility": "BIC", "individual_rationality": "interim", "budget": "no-expected-deficit"}
    return Instance(env, Requirements(**(given | changes), ties=ties))


def audited(name: str, instance: Instance, **options: object) -> Audit:
    return lpmech.audit(instance, mechanisms.build(name, instance, **options))


def held(audit: Audit) -> set[str]:
    return {name for name, p in audit.properties.items() if p.holds}


def trade(rng: random.Random, largest: int = 5) -> BilateralTrade:
    return BilateralTrade(*(distribution(rng, rng.randint(1, largest)) for _ in range(2)))


def exchange(rng: random.Random) -> Exchange:
    buyers, sellers = rng.choice([(1, 1), (2, 1), (1, 2), (2, 2), (3, 1)])
    most = 2 if buyers + sellers > 3 else 3
    sides = [distribution(rng, rng.randint(1, most)) for _ in range(buyers + sellers)]
    return Exchange(sides[:buyers], sides[buyers:])


def partnership(rng: random.Random, *, alike: bool = False, shares: list[F] | None = None) -> Partnership:
    n = rng.choice([2, 2, 3, 3, 4])
    law = distribution(rng, rng.randint(1, 3))
    laws = [law if alike else distribution(rng, rng.randint(1, 3 if n < 4 else 2)) for _ in range(n)]
    return Partnership(Partner(r, d) for r, d in zip(shares or masses(rng, n), laws, strict=True))


def uniform(points: list[F]) -> Distribution:
    return Distribution(points)


def midpoints(n: int) -> Distribution:
    return uniform([F(2 * k + 1, 2 * n) for k in range(n)])


def endpoints(n: int) -> Distribution:
    return uniform([F(k, n - 1) for k in range(n)])


# ---- properties that hold wherever a mechanism is defined ------------------------------------------------------------

CLAIMS: dict[str, set[str]] = {
    "vcg": {"efficient", "allocation", "groves", "DSIC", "BIC"},
    "ir-vcg": {"efficient", "allocation", "groves", "DSIC", "BIC", "interim IR", "ex-ante IR"},
    "vcg-prime": {"efficient", "allocation", "DSIC", "BIC", "ex-post IR", "interim IR", "ex-ante IR"},
    "tight": {"allocation", "BIC", "interim IR", "ex-ante IR"},
    "groves-kinked": {"efficient", "allocation", "groves", "DSIC", "BIC", "no-deficit", "no-expected-deficit"},
    "groves-partnership": {"efficient", "allocation", "groves", "DSIC", "BIC", "no-deficit", "no-expected-deficit"},
    "one-price": {"efficient", "allocation", "DSIC", "BIC", "no-deficit", "no-expected-deficit"},
    "expected-externality": {"efficient", "allocation", "BIC", "no-deficit", "balanced", "no-expected-deficit"},
    "budget-balanced": {"BIC", "interim IR", "ex-ante IR", "no-deficit", "balanced", "no-expected-deficit"},
    "cgk": {
        *("efficient", "allocation", "BIC", "interim IR", "ex-ante IR"),
        *("no-deficit", "balanced", "no-expected-deficit"),
    },
    "cgk-bidding": {"efficient", "allocation", "BIC", "no-deficit", "balanced", "no-expected-deficit"},
    "posted-price": {
        *("DSIC", "BIC", "ex-post IR", "interim IR", "ex-ante IR"),
        *("no-deficit", "balanced", "no-expected-deficit"),
    },
    "cavallo": {"efficient", "allocation", "groves", "DSIC", "BIC", "no-deficit", "no-expected-deficit"},
    "generalised-vcg": {"efficient", "allocation", "DSIC", "BIC", "ex-post IR", "interim IR", "ex-ante IR"},
    "trade-reduction": {"DSIC", "BIC", "ex-post IR", "interim IR", "ex-ante IR", "no-deficit", "no-expected-deficit"},
    "green-laffont": {"DSIC", "BIC", "no-deficit", "balanced", "no-expected-deficit"},
    "vickrey": {
        *("efficient", "allocation", "groves", "DSIC", "BIC", "ex-post IR", "interim IR", "ex-ante IR"),
        *("no-deficit", "no-expected-deficit"),
    },
    "optimal-auction": {"DSIC", "BIC", "ex-post IR", "interim IR", "ex-ante IR", "no-deficit", "no-expected-deficit"},
    "worst-case-redistribution": {
        *("efficient", "allocation", "groves", "DSIC", "BIC"),
        *("no-deficit", "no-expected-deficit"),
    },
}
"""The table of docs/mechanisms.md."""


def test_every_mechanism_has_claims_and_every_claim_a_mechanism() -> None:
    assert sorted(CLAIMS) == list(mechanisms.names())


def test_the_documentation_claims_the_same() -> None:
    page = (ROOT / "docs" / "mechanisms.md").read_text(encoding="utf-8")
    lines = page[page.index("## Properties") : page.index("## On a grid")].splitlines()
    header, _, *rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line.startswith("|")]
    claims = {row[0].strip("`"): {p for p, cell in zip(header, row, strict=True) if cell == "yes"} for row in rows}
    assert claims == {name: properties - {"allocation"} for name, properties in CLAIMS.items()}


def test_the_documentation_lists_the_options() -> None:
    page = (ROOT / "docs" / "mechanisms.md").read_text(encoding="utf-8")
    part = page[page.index("## The mechanisms") : page.index("### Who can force what")]
    rows = dict(re.findall(r"^\| `([\w-]+)` \|.*\|(.*)\|$", part, re.MULTILINE))
    assert sorted(rows) == list(mechanisms.names())
    for name, cell in rows.items():
        words = set(re.findall(r"`([\w-]+)`", cell.replace("as `vcg`", rows["vcg"])))
        options = mechanisms.named(name).OPTIONS
        choices = {choice for key, found in options.items() if key != "of" for choice in found or ()}
        assert words == {*options, *choices}, name


@pytest.mark.parametrize("name", CLAIMS)
def test_a_mechanism_has_the_properties_that_it_claims(name: str) -> None:
    """On every kind of environment, correlated priors included where it is defined."""
    seen = 0
    draws = [environment, trade, exchange, partnership, lambda rng: partnership(rng, alike=True), auctions.environment]
    for seed in range(90):
        rng = random.Random(seed)
        env = draws[seed % len(draws)](rng)
        instance = question(env, rng.choice(TIES))
        if mechanisms.applies(name, instance) is None:
            audit = audited(name, instance)
            assert CLAIMS[name] & set(audit.properties) <= held(audit), (seed, audit)
            seen += 1
    assert seen >= 5


OPTIONS = [
    ("vcg", {"without": "his-part-empty"}),
    ("ir-vcg", {"without": "his-part-empty"}),
    ("groves-kinked", {"price": "7/3"}),
    ("one-price", {"price": "7/3"}),
    ("posted-price", {"price": 3}),
    ("groves-partnership", {"price": 2}),
    ("expected-externality", {"version": "next-agent"}),
    ("expected-externality", {"version": "equal-share"}),
    ("budget-balanced", {"of": "vcg-prime", "shares": "equal-share"}),
    ("budget-balanced", {"of": "tight", "shares": "kos-manea", "alpha": "1/3"}),
    ("budget-balanced", {"of": "vcg-prime", "shares": "kos-manea"}),
]


@pytest.mark.parametrize(("name", "options"), OPTIONS, ids=str)
def test_options_keep_the_properties(name: str, options: dict[str, object]) -> None:
    seen = 0
    for seed in range(60):
        rng = random.Random(seed)
        instance = question([trade, exchange, partnership, environment][seed % 4](rng), rng.choice(TIES))
        if mechanisms.applies(name, instance, **options) is None:
            audit = audited(name, instance, **options)
            assert CLAIMS[name] & set(audit.properties) <= held(audit), (seed, audit)
            seen += 1
    assert seen >= 5


def test_what_vcg_has_besides() -> None:
    """No deficit without costs where the mechanism can force every outcome; ex post IR in markets where it cannot."""
    for seed in range(40):
        rng = random.Random(seed)
        free, market = environment(rng), exchange(rng) if seed % 2 else trade(rng)
        if not any(free.costs):
            assert audited("vcg", question(free, TIES[seed % 4]))["no-deficit"].holds
        assert audited("vcg", question(market, TIES[seed % 4]), without="his-part-empty")["ex-post IR"].holds


# ---- exact values: against the programs, and the papers' examples ----------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_vcg_prime_extracts_the_margin(seed: int) -> None:
    """kos-manea-2009, Proposition 1 and Sections 5, 7.2: no BIC, interim IR mechanism with the allocation takes more."""
    rng = random.Random(seed)
    for env in (trade(rng, 3), exchange(rng)):
        instance = question(env, rng.choice(["first", "last", "uniform"]))
        assert audited("vcg-prime", instance).revenue == lpmech.solve(instance, method="full").margin


@pytest.mark.parametrize(
    ("file", "revenue"),
    [
        ("example-1-one-buyer", None),
        ("example-2-one-buyer", F(1, 3)),
        ("example-2-two-buyers", None),
        ("section-7-2-double-auction", None),
    ],
)
def test_vcg_prime_on_the_examples(file: str, revenue: F | None) -> None:
    instance = lpmech.load(ROOT / f"instances/kos-manea-2009/{file}.toml")
    found = audited("vcg-prime", instance).revenue
    assert found == lpmech.solve(instance).margin
    assert revenue in (None, found)


def test_many_buyers_pay_as_section_5_says() -> None:
    """kos-manea-2009, Section 5, Example 1's tie rule and payments, ties broken for the first buyer (outcome order)."""
    law = Distribution([2, 6])
    instance = question(Exchange([law, law], [Distribution([1, 4])]))
    mechanism = mechanisms.build("vcg-prime", instance)
    paid = {theta: tuple(row[p] for row in mechanism.transfers) for p, theta in enumerate(mechanism.profiles)}
    assert paid[1, 1, 0] == (6, 0, -4)  # a tie at the top: the winner pays his value
    assert paid[1, 0, 0] == (2, 0, -4)  # he would win the tie with 2
    assert paid[0, 1, 0] == (0, 6, -4)  # he would lose it
    assert paid[0, 1, 1] == (0, 6, -4)
    assert paid[0, 0, 0] == (2, 0, -1)
    assert paid[0, 0, 1] == (0, 0, 0)


@pytest.mark.parametrize("seed", range(12))
def test_a_tight_mechanism_extracts_the_margin_of_its_allocation(seed: int) -> None:
    """kos-manea-2009, Section 6: defined iff the allocation is implementable, and then as profitable as can be."""
    rng = random.Random(seed)
    env = trade(rng, 3) if seed % 3 else exchange(rng)
    rule = AllocationTable(masses(rng, len(env.outcomes)) for _ in range(env.profile_count))
    if seed % 2:  # a table that is monotone, so that it can be implemented
        rule = AllocationTable([list(q) for q in _dense(mechanisms.build("vcg-prime", question(env, "uniform")))])
    instance = question(env).with_requirements(allocation=rule)
    best = lpmech.solve(instance, method="full").margin
    if mechanisms.applies("tight", instance) is None:
        assert audited("tight", instance).revenue == best
    else:
        assert best == -float("inf")


def _dense(mechanism: Mechanism) -> list[list[F]]:
    """Half of the lottery, and otherwise the first outcome: nobody trades."""
    outcomes = len(mechanism.environment.outcomes)
    return [[q.get(x, F(0)) / 2 + F(x == 0, 2) for x in range(outcomes)] for q in mechanism.lotteries]


def test_tight_tells_an_allocation_that_cannot_be_implemented() -> None:
    env = BilateralTrade(Distribution([2, 6]), Distribution([3]))
    rule = AllocationTable([[0, 1], [1, 0]])
    with pytest.raises(InputError, match=r"tight does not apply: the allocation is not implementable: buyer 2 trades"):
        mechanisms.build("tight", question(env).with_requirements(allocation=rule))


@pytest.mark.parametrize("seed", range(15))
def test_kinked_charges_leave_the_margin(seed: int) -> None:
    """jagadeesan-tordjman-2025, Theorem 1: both expect a gain iff the margin of the Groves question is >= 0."""
    env = trade(random.Random(seed))
    changes = {"incentive_compatibility": "DSIC", "individual_rationality": "ex-ante", "budget": "no-deficit"}
    audit = audited("groves-kinked", question(env, transfers="groves", **changes))
    margin = lpmech.solve(audit.instance).margin
    assert sum(audit.rents) + audit.revenue == margin + audit.revenue == audit.welfare
    assert audit.ok == (margin >= 0)


def test_kappa_is_that_of_theorem_1() -> None:
    """At p = 5 the charges are 4 and 1 and the gains 10/3: the buyer would lose, so he is paid what the seller expects."""
    env = BilateralTrade(Distribution([0, 4, 8]), Distribution([1]))
    audit = audited("groves-kinked", question(env), price=5)
    kappa = -(F(10, 3) - 1)
    assert audit.mechanism.charges == ((4 + kappa,), (-kappa, -kappa, 3 - kappa))
    assert audit.rents == (F(10, 3) - 4 - kappa, 0)


@pytest.mark.parametrize("seed", range(15))
def test_one_price_leaves_the_margin(seed: int) -> None:
    env = trade(random.Random(seed))
    changes = {"incentive_compatibility": "DSIC", "individual_rationality": "ex-ante", "budget": "no-deficit"}
    audit = audited("one-price", question(env, "first", **changes))
    margin = lpmech.solve(audit.instance, method="full").margin
    assert sum(audit.rents) == margin
    assert audit.ok == (margin >= 0)


@pytest.mark.parametrize("n", [2, 5, 9])
def test_ir_vcg_in_uniform_bilateral_trade_loses_a_sixth_in_the_limit(n: int) -> None:
    """efficient-mechanisms-notes, 5.2: 1/6 + 1/6 - 1/2 = -1/6 (printed: -1/3); on N points -(N + 1)/(6N)."""
    env = BilateralTrade(endpoints(n), endpoints(n))
    for without in ("every-outcome", "his-part-empty"):
        assert audited("ir-vcg", question(env), without=without).revenue == -F(n + 1, 6 * n)


@pytest.mark.parametrize("n", [2, 4, 8])
def test_ir_vcg_with_two_halves_has_a_surplus(n: int) -> None:
    """efficient-mechanisms-notes, 5.1: 2 (1/6 - 1/8) = 1/12 in the limit, + 1/(6 N^2) on an even number of cells."""
    instance = question(Partnership([Partner("1/2", midpoints(n)), Partner("1/2", midpoints(n))]))
    assert audited("ir-vcg", instance).revenue == F(1, 12) + F(1, 6 * n**2)
    balanced = audited("budget-balanced", instance)
    assert balanced["balanced"].holds
    assert balanced["interim IR"].holds


def test_who_can_force_what() -> None:
    """efficient-mechanisms-notes, 3.2: the seller pays b without trade; kos-manea-2009, Definition 1: he gets b with it."""
    instance = question(BilateralTrade(Distribution([2, 6]), Distribution([3, 5])))
    forced = mechanisms.build("vcg", instance)
    assert forced.transfers == ((0, 0, 3, 5), (2, 2, 0, 0))
    assert mechanisms.build("vcg", instance, without="his-part-empty").transfers == ((0, 0, 3, 5), (0, 0, -6, -6))


@pytest.mark.parametrize("seed", range(10))
def test_the_three_expected_externality_mechanisms(seed: int) -> None:
    """Same incentives: interim payments of one agent's types differ by a constant, and by none between the last two."""
    rng = random.Random(seed)
    instance = question([trade, exchange, partnership][seed % 3](rng), "last")
    one, two, three = (
        audited("expected-externality", instance, version=v) for v in ("dagv", "next-agent", "equal-share")
    )
    assert two.interim == three.interim
    assert all(a["balanced"].holds and a["BIC"].holds for a in (one, two, three))
    for first, second in zip(one.interim, two.interim, strict=True):
        assert len({a[0] - b[0] for a, b in zip(first, second, strict=True) if a and b}) == 1


def test_dagv_pays_expected_externalities() -> None:
    """Buyer 2 or 6, seller 3 or 5: E[others' value] is 0 for buyer 2, -4 for buyer 6, 3 for either seller."""
    instance = question(BilateralTrade(Distribution([2, 6]), Distribution([3, 5])))
    mechanism = mechanisms.build("expected-externality", instance)
    assert mechanism.transfers == ((3, 3, 7, 7), (-3, -3, -7, -7))


def test_costs_are_paid_by_all() -> None:
    """A pool of cost 3 between values 0 or 4: revenue after the cost is 0 at every profile."""
    kinds = [Type("low", "1/2", [0, 0]), Type("high", "1/2", [0, 4])]
    instance = question(SocialChoice(["none", "pool"], {"ann": kinds, "bob": kinds}, [0, 3]))
    for name, options in [("expected-externality", {"version": v}) for v in ("dagv", "next-agent", "equal-share")]:
        audit = audited(name, instance, **options)
        assert (audit["balanced"].holds, audit.revenue, audit.welfare) == (True, 0, F(1 + 1 + 5, 4))
        assert audit["BIC"].holds
    alone = question(SocialChoice(["none", "pool"], {"ann": kinds}, [0, 3]))
    assert mechanisms.build("expected-externality", alone).transfers == ((0, 3),)


def test_kos_maneas_balanced_mechanism() -> None:
    """kos-manea-2009, Theorem 1: interim payments of VCG', the surplus 1/3 divided as alpha says."""
    instance = lpmech.load(ROOT / "instances/kos-manea-2009/example-2-one-buyer.toml")
    prime = audited("vcg-prime", instance)
    audit = audited("budget-balanced", instance, of="vcg-prime", shares="kos-manea", alpha="1/4")
    assert audit.ok
    for i, part in enumerate((F(3, 4), F(1, 4))):
        assert [t for t, _ in audit.interim[i]] == [t - part * F(1, 3) for t, _ in prime.interim[i]]


def test_a_deficit_cannot_be_balanced() -> None:
    env = BilateralTrade(endpoints(6), endpoints(6))
    with pytest.raises(InputError, match=r"budget-balanced does not apply: ir-vcg has an expected deficit of 7/36"):
        mechanisms.build("budget-balanced", question(env))


# ---- partnerships ----------------------------------------------------------------------------------------------------


def total_charges(mechanism: Mechanism, owner: int) -> F:
    """Expected charges on top of the second-price payments: h_0 of the owner, h_i less the best other value."""
    env, total = mechanism.environment, F(0)
    assert isinstance(env, Partnership)
    assert mechanism.charges is not None
    values = [p.distribution.values for p in env.partners]
    for i in range(len(values)):
        for theta, mass in zip(mechanism.profiles, mechanism.masses, strict=True):
            o = 0
            for j, k in enumerate(theta):
                o = o if j == i else o * len(values[j]) + k
            best = max(values[j][k] for j, k in enumerate(theta) if j != i)
            total += mass * (mechanism.charges[i][o] - (best if i != owner else 0))
    return total


def test_proposition_1_with_three_agents() -> None:
    """Uniform on the midpoints of 8 cells: the expected charges are 81/256 = 0.31640625 at the best price."""
    partners = [Partner(share, midpoints(8)) for share in (1, 0, 0)]
    instance = question(Partnership(partners))
    mechanism = mechanisms.build("groves-partnership", instance)
    assert total_charges(mechanism, 0) == F(81, 256)
    prices = midpoints(8).values
    assert min(total_charges(mechanisms.build("groves-partnership", instance, price=p), 0) for p in prices) == F(
        81, 256
    )
    assert clearing_price(instance, 0) in prices
    two = question(Partnership([Partner(1, midpoints(4)), Partner(0, midpoints(4))]))
    assert clearing_price(two, 0) == F(3, 8)  # the smallest price at which half of each is reached


@pytest.mark.parametrize("seed", range(8))
def test_proposition_1_with_two_agents_leaves_the_margin(seed: int) -> None:
    """One owner, one other: Theorem 1 again."""
    rng = random.Random(seed)
    env = Partnership(Partner(r, distribution(rng, rng.randint(1, 4))) for r in (1, 0))
    changes = {"incentive_compatibility": "DSIC", "individual_rationality": "ex-ante", "budget": "no-deficit"}
    audit = audited("groves-partnership", question(env, transfers="groves", **changes))
    margin = lpmech.solve(audit.instance).margin
    assert sum(audit.rents) == margin
    assert audit.ok == (margin >= 0)


@pytest.mark.parametrize(
    "shares", [(1, 0, 0), ("1/3", "1/3", "1/3"), ("1/2", "1/3", "1/6"), ("1/2", "1/2"), (1, 0)], ids=str
)
def test_theorem_2_every_partnership_can_be_dissolved_ex_ante(shares: tuple[str, ...]) -> None:
    instance = question(Partnership(Partner(r, midpoints(6)) for r in shares))
    audit = audited("groves-partnership", instance)
    assert {"efficient", "groves", "DSIC", "ex-ante IR", "no-deficit"} <= held(audit)
    assert len(set(audit.rents)) == 1


@pytest.mark.parametrize("seed", range(20))
def test_cgk_dissolves_whatever_can_be_dissolved(seed: int) -> None:
    """The sum of the W(v_i*) is the margin under BIC, interim IR and balance, values drawn alike or not."""
    rng = random.Random(seed)
    env = partnership(rng, alike=seed % 2 == 0, shares=None)
    instance = question(env, rng.choice(["first", "last", "uniform"]), budget="balanced")
    margin = lpmech.solve(instance, method="full").margin
    assert surplus(instance) == margin
    if margin >= 0:
        assert audited("cgk", instance).ok
    else:
        with pytest.raises(InputError, match=rf"the sum of W\(v_i\*\) is {margin}, less than 0"):
            mechanisms.build("cgk", instance)


def test_cgk_examples() -> None:
    """mishra-2020: one seller cannot be dissolved, equal shares can, uniform on [0, 1] in the limit."""
    for name, exists in [
        ("two-equal", True),
        ("two-one-seller", False),
        ("three-equal", True),
        ("three-one-seller", False),
    ]:
        instance = lpmech.load(ROOT / f"instances/mishra-2020/cgk-{name}.toml")
        assert (mechanisms.applies("cgk", instance) is None) == exists
        assert not exists or audited("cgk", instance).ok


def test_bids_of_two_agents() -> None:
    """Values 1, ..., N: bids 2 (k + 1)/3 above the lowest, the 2v/3 of the continuous case; the winner pays half of it."""
    law = Distribution(range(1, 7))
    mechanism = mechanisms.build("cgk-bidding", question(Partnership([Partner("1/2", law), Partner("1/2", law)])))
    paid = dict(zip(mechanism.profiles, mechanism.transfers[0], strict=True))
    assert [2 * paid[k, 0] for k in range(1, 6)] == [F(2 * (k + 2), 3) for k in range(1, 6)]
    assert {paid[k, k] for k in range(6)} == {0}


def test_cavallo_leaves_two_nths_of_a_difference() -> None:
    for n in (3, 4):
        law = Distribution([0, 1, 5])
        mechanism = mechanisms.build("cavallo", question(Partnership(Partner(F(1, n), law) for _ in range(n))))
        for theta, left in zip(mechanism.profiles, mechanism.profile_revenue, strict=True):
            ranked = sorted((law.values[k] for k in theta), reverse=True)
            assert left == F(2, n) * (ranked[1] - ranked[2])


def test_worst_case_redistribution() -> None:
    """guo-conitzer-2009, Theorem 1: at least 1 - (n - 1)/(2^(n-1) - 1) of the second price comes back."""
    assert coefficients(2) == [0]
    assert coefficients(3) == [0, F(1, 3)]
    assert coefficients(4) == [0, F(2, 7), -F(1, 7)]
    for n in (3, 4, 5):
        law = Distribution([0, 1])
        instance = question(Partnership(Partner(F(1, n), law) for _ in range(n)))
        mechanism = mechanisms.build("worst-case-redistribution", instance)
        kept = [r for theta, r in zip(mechanism.profiles, mechanism.profile_revenue, strict=True) if sum(theta) > 1]
        assert max(kept) == F(n - 1, 2 ** (n - 1) - 1)
        assert min(kept) == 0


def test_green_laffont_gives_the_second_best_a_chance() -> None:
    laws = [Distribution([0, 5]), Distribution([1, 6]), Distribution([2, 7])]
    instance = question(Partnership(Partner(F(1, 3), law) for law in laws))
    mechanism = mechanisms.build("green-laffont", instance)
    for theta, lottery in zip(mechanism.profiles, mechanism.lotteries, strict=True):
        order = sorted(range(3), key=lambda i: -laws[i].values[theta[i]])
        assert lottery == {order[0]: F(2, 3), order[1]: F(1, 3)}


# ---- posted prices, and what does not apply --------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(10))
def test_the_best_posted_price(seed: int) -> None:
    rng = random.Random(seed)
    env = trade(rng)
    if seed % 2:
        joint = dict(
            zip(
                [(b, s) for b in range(len(env.buyer)) for s in range(len(env.seller))],
                masses(rng, len(env.buyer) * len(env.seller)),
                strict=True,
            )
        )
        env = BilateralTrade(env.buyer, env.seller, joint)
    best = audited("posted-price", question(env)).welfare
    prices = {*env.buyer.values, *env.seller.values}
    assert best == max(audited("posted-price", question(env), price=p).welfare for p in prices)


def test_the_posted_price_of_the_instance() -> None:
    instance = question(trade(random.Random(1))).with_requirements(allocation=PostedPrice("5/2"))
    audit = audited("posted-price", instance)
    assert audit["allocation"].holds
    assert {t for t in audit.mechanism.transfers[0] if t} <= {F(5, 2)}


def test_reasons() -> None:
    law = Distribution([1, 2])
    market, shares = BilateralTrade(law, law), Partnership([Partner("1/2", law), Partner("1/2", Distribution([1, 3]))])
    joint = BilateralTrade(law, law, {(0, 0): "1/2", (1, 1): "1/2"})
    negative = Partnership([Partner("1/2", Distribution([-1, 2])), Partner("1/2", law)])
    public = SocialChoice(["yes"], {"ann": [Type("only", 1, [1])]})

    def reason(name: str, env: Environment, ties: str = "any", **options: object) -> str | None:
        return mechanisms.applies(name, question(env, ties), **options)

    assert (
        reason("vcg", public, without="his-part-empty")
        == "every outcome matters to ann, so that none is possible without him"
    )
    assert reason("vcg-prime", shares) == "the environment is partnership, not bilateral-trade or exchange"
    assert reason("cgk", market) == "the environment is bilateral-trade, not partnership"
    assert reason("groves-kinked", joint) == "the prior is correlated"
    assert reason("one-price", market, "last") == "ties are last, and there are ties"
    assert reason("cgk-bidding", shares) == "the agents' values are not drawn from the same distribution"
    assert reason("cavallo", negative) == "agent-1 has a value of -1, and values must be >= 0"
    assert reason("budget-balanced", market, alpha=2) == "alpha is 2, not between 0 and 1"
    assert reason("budget-balanced", public) == "one agent alone cannot balance a budget"
    assert reason("tight", market) is None
    assert mechanisms.applies("tight", question(market).with_requirements(allocation="free")) is not None


def test_bad_names_and_options() -> None:
    instance = question(trade(random.Random(1)))
    with pytest.raises(InputError, match=r"no mechanism called 'vgc'; expected one of: budget-balanced, cavallo, "):
        lpmech.build_mechanism("vgc", instance)
    with pytest.raises(InputError, match=r"posted-price has no option 'prize'; expected one of: price"):
        lpmech.build_mechanism("posted-price", instance, prize=3)
    with pytest.raises(InputError, match=r"without: unknown choice \(got 'me'\); expected every-outcome"):
        lpmech.build_mechanism("vcg", instance, without="me")
    with pytest.raises(InputError, match=r"price: a binary floating-point number is not exact"):
        lpmech.build_mechanism("posted-price", instance, price=0.5)
    assert (
        lpmech.build_mechanism("vcg_prime", instance).transfers
        == lpmech.build_mechanism("vcg-prime", instance).transfers
    )
