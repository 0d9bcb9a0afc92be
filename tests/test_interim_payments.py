"""Interim payments: the closed form against the full program, its proofs against proofs written out in full."""

from __future__ import annotations

import copy
import json
import random
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import pytest
from support.expand_interim import expand
from support.random_instances import distribution, masses
from support.tampering import changed, compare_in_full, leaves
from test_cases import CASES, citizens

import lpmech
from lpmech import Distribution, Exchange, Partner, Partnership, Requirements, SocialChoice, Type, closed_forms
from lpmech.answer.compact_interim import InterimMechanism
from lpmech.answer.mechanism import Mechanism
from lpmech.base.errors import TooLargeError
from lpmech.engine import solve
from lpmech.question.environment import Environment
from lpmech.question.model import Instance
from lpmech.reading.instance import loads
from lpmech.show.export._single import single
from lpmech.verify import verify

NAME = "interim_payments"
CLOSED = closed_forms.named(NAME)
BUDGETS = ("balanced", "no-deficit", "no-expected-deficit")
FIFTY = CASES / "public-good-fifty.toml"
OPEN = ("which of several tied outcomes is best was not found", "no order of the outcomes is best at all ties")


def public_good(rng: random.Random) -> Environment:
    """One to four citizens, most of them alike; a type may dislike the good."""
    n, same = rng.choice([1, 2, 2, 3, 3, 4]), rng.random() < 0.6

    def types() -> list[Type]:
        k = rng.randint(1, 3)
        rows = zip(masses(rng, k), [rng.randint(-2, 4) for _ in range(k)], strict=True)
        return [Type(j, m, [0, v], rng.choice([0, 0, 0, 1, -1])) for j, (m, v) in enumerate(rows)]

    one = types()
    agents = {f"a{i}": one if same or n == 4 or rng.random() < 0.3 else types() for i in range(n)}
    return SocialChoice(["no", "yes"], agents, [0, rng.choice([0, 1, 2, F(3, 2), F(5, 3)])])


def on_a_line(rng: random.Random) -> Environment:
    """Utilities a_x value + b_x."""
    X, n = rng.randint(1, 3), rng.choice([1, 2, 2, 3])
    lines = [(rng.randint(-2, 2), rng.randint(-2, 2)) for _ in range(X)]

    def types() -> list[Type]:
        k = rng.randint(1, 3)
        rows = zip(masses(rng, k), rng.sample(range(-1, 4), k), strict=True)
        return [Type(j, m, [a * v + b for a, b in lines], rng.choice([0, 0, 1])) for j, (m, v) in enumerate(rows)]

    one = types()
    agents = {f"a{i}": one if rng.random() < 0.5 else types() for i in range(n)}
    return SocialChoice(range(X), agents, [rng.choice([0, 0, 1, 2]) for _ in range(X)])


def anything(rng: random.Random) -> Environment:
    """Up to three outcomes, any utilities."""
    X, n = rng.randint(1, 3), rng.choice([1, 2, 2, 3])

    def types() -> list[Type]:
        rows = enumerate(masses(rng, rng.randint(1, 3)))
        return [Type(j, m, [rng.randint(-3, 4) for _ in range(X)], rng.choice([0, 0, 1, -1])) for j, m in rows]

    one = types()
    agents = {f"a{i}": one if rng.random() < 0.5 else types() for i in range(n)}
    return SocialChoice(range(X), agents, [rng.choice([0, 0, 1]) for _ in range(X)])


def partnership(rng: random.Random) -> Environment:
    """Two or three partners, with one grid of values or several, equal shares or not."""
    n, one, same = rng.choice([2, 2, 3]), distribution(rng, rng.randint(1, 3)), rng.random() < 0.5
    shares = [F(1, n)] * n if rng.random() < 0.4 else masses(rng, n)
    return Partnership([Partner(s, one if same else distribution(rng, rng.randint(1, 3))) for s in shares])


def exchange(rng: random.Random) -> Environment:
    """One to three buyers and one or two sellers, alike or not."""
    m, n = rng.choice([(1, 1), (2, 1), (1, 2), (2, 2), (3, 1)])
    most, same = 2 if m + n > 3 else 3, rng.random() < 0.4
    sides = [distribution(rng, rng.randint(1, most)) for _ in range(2 if same else m + n)]
    return Exchange(sides[:1] * m, sides[1:] * n) if same else Exchange(sides[:m], sides[m:])


def small(seed: int) -> Instance:
    rng = random.Random(f"interim {seed}")
    env = rng.choice([public_good, on_a_line, anything, partnership, exchange])(rng)
    ties = rng.choice(["any", "any", "first", "last", "uniform"])
    need = Requirements("BIC", rng.choice(["interim", "interim", "ex-ante"]), rng.choice(BUDGETS), ties=ties)
    return Instance(env, need, title=f"interim {seed}")


def answered(seeds: range) -> list[Instance]:
    """Those that the closed form answers; the others are a budget at every profile with one agent, or open ties."""
    out = []
    for seed in seeds:
        instance = small(seed)
        why = CLOSED.accepts(instance)
        if why is None:
            out.append(instance)
        elif why != "vcg_prime_buyers answers it":
            alone = len(instance.environment.agents) == 1 and "there is one agent" in why
            assert alone or (why in OPEN and instance.requirements.ties == "any"), why
    return out


def tables(instance: Instance) -> dict[str, Any]:
    """The closed form's proof as a parsed file."""
    return json.loads(json.dumps(CLOSED.solve(instance).table()))


@pytest.mark.parametrize("part", range(8))
def test_same_margin_as_the_full_program(part: int) -> None:
    """And the proof written out in full stands."""
    instances = answered(range(80 * part, 80 * part + 80))
    assert len(instances) > 50
    for instance in instances:
        mine, full = solve(instance), solve(instance, method="full")
        assert (mine.method, full.method) == (NAME, "full")
        assert mine.proved, (instance.title, mine.reason)
        assert (mine.verdict, mine.margin) == (full.verdict, full.margin), instance.title
        written = verify(expand(tables(instance)))
        assert written, (instance.title, str(written))


def with_open_ties(seed: int) -> Instance:
    """Goods and ties any, so that one in five needs a mixture of tables."""
    rng = random.Random(f"mix {seed}")
    if seed % 3:
        k = rng.choice([3, 3, 4])
        one, n = distribution(rng, k), rng.choice([2, 3, 3])
        w = [rng.randint(1, 9) for _ in range(n)]
        partners = [Partner(F(x, sum(w)), one if rng.random() < 0.7 else distribution(rng, k)) for x in w]
        env: Environment = Partnership(partners)
    else:
        m, n = rng.choice([(2, 1), (1, 2), (2, 2)])
        buyers, sellers = [distribution(rng, 3) for _ in range(m)], [distribution(rng, rng.choice([2, 3]))] * n
        env = Exchange(buyers, sellers)
    return Instance(env, Requirements("BIC", "interim", rng.choice(BUDGETS[:2])), title=f"open ties {seed}")


def test_mixtures_of_ways_to_break_ties() -> None:
    """The program that may choose any lottery at every tie has the same margin; tampered mixtures are refused."""
    mixed = 0
    for seed in range(90):
        instance = with_open_ties(seed)
        if CLOSED.accepts(instance) == "vcg_prime_buyers answers it":
            continue
        mine, other = solve(instance), solve(instance, method="interim")
        assert (mine.method, mine.proved) == (NAME, True), (instance.title, mine.reason)
        assert (mine.verdict, mine.margin) == (other.verdict, other.margin), instance.title
        proof = tables(instance)
        if "weights" in proof["mechanism"]["allocation"]:
            mixed += 1
            assert verify(expand(proof))
            if mixed % 5 == 0 and instance.environment.profile_count < 40:
                compare_in_full(proof, expand, random.Random(seed), comparable)
    assert mixed > 8


# ---- values known otherwise ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("budget", BUDGETS)
def test_fifty_citizens(budget: str) -> None:
    result = solve(lpmech.load(FIFTY).with_requirements(budget=budget))
    assert (result.method, result.proved, result.verdict) == (NAME, True, "impossible")
    assert result.margin == citizens(50, (F(1, 10), F(2, 10), F(7, 10)), F("149/3"))
    proof = result.proof.table()
    assert [len(row["of"]) for row in proof["mechanism"]["interim"]] == [3]
    assert len(proof["multipliers"]) == 4


def test_a_thousand_citizens() -> None:
    text = FIFTY.read_text(encoding="utf-8").replace("count = 50", "count = 1000").replace('"149/3"', '"900"')
    result = solve(loads(text))
    assert (result.method, result.proved) == (NAME, True)
    text = result.explain()
    assert "each like agent-1" in text
    assert "1,000" in text or "1000 agents" in text or "rent of" in text.lower()


def test_a_thousand_citizens_of_two_kinds_with_ties_by_halves() -> None:
    """By symmetry yes and no have equal chances: utilities -1 and 1, equally likely."""
    types = [Type("against", "1/2", [0, -1]), Type("for", "1/2", [0, 1])]
    env = SocialChoice(["no", "yes"], dict.fromkeys(range(300), types))
    result = solve(Instance(env, Requirements("BIC", "interim", "balanced", ties="uniform")))
    assert (result.method, result.proved) == (NAME, True)
    mechanism = result.mechanism or result.proof.mechanism
    chances = [mechanism.outcome_chances(7, k) for k in range(2)]
    assert chances[0][7, 0] == chances[1][7, 1]
    assert sum(chances[0].values()) == 1


@pytest.mark.parametrize("k", [12, 32])
def test_three_partners_of_many_types(k: int) -> None:
    rng = random.Random(k)
    die = [Distribution(sorted(rng.sample(range(4 * k), k)), masses(rng, k)) for _ in range(3)]
    env = Partnership([Partner(share, own) for share, own in zip(("1/2", "1/3", "1/6"), die, strict=True)])
    for ties in ("any", "first", "last", "uniform"):
        instance = Instance(env, Requirements("BIC", "interim", "balanced", ties=ties))
        mine, other = solve(instance), solve(instance, method="interim")
        assert (mine.method, mine.proved, other.proved) == (NAME, True, True)
        assert (mine.verdict, mine.margin) == (other.verdict, other.margin)


# ---- what it leaves ----------------------------------------------------------------------------------------------------


def test_questions_that_it_leaves() -> None:
    die = Distribution(range(3))
    env = Partnership([Partner("1/2", die), Partner("1/2", die)])
    instance = Instance(env, Requirements("BIC", "interim", "balanced"))
    assert CLOSED.accepts(instance) is None
    for key, value in {
        "allocation": "free", "transfers": "groves", "incentive_compatibility": "DSIC",
        "individual_rationality": "none", "budget": "none",
    }.items():  # fmt: skip
        assert f"{value}" in (CLOSED.accepts(instance.with_requirements(**{key: value})) or "")
    assert "objective" in (CLOSED.accepts(instance.with_objective("welfare")) or "")
    joint = Partnership([Partner("1/2", die), Partner("1/2", die)], {(0, 0): 1})
    assert "correlated" in (CLOSED.accepts(Instance(joint, instance.requirements)) or "")
    alone = SocialChoice(["no"], {"ann": [Type("t", 1, [1])]})
    assert "one agent" in (CLOSED.accepts(Instance(alone, instance.requirements)) or "")


def test_too_many_sums() -> None:
    """Utilities with no common measure worth the name: left to a program, and said so."""
    rng = random.Random(3)
    types = {i: [Type(k, F(1, 3), [rng.randrange(10**9) for _ in range(4)]) for k in range(3)] for i in range(20)}
    why = CLOSED.accepts(
        Instance(SocialChoice(range(4), types), Requirements("BIC", "interim", "balanced", ties="first"))
    )
    assert "too many different sums" in (why or "")


# ---- the verifier --------------------------------------------------------------------------------------------------------


TAMPERED = [instance for instance in answered(range(1000, 1060)) if instance.environment.profile_count <= 27][:24]


def comparable(path: tuple[Any, ...], tampered: dict[str, Any]) -> bool:
    """Places where the compact reading asks for no more than the full one: not what says which agents are alike, nor ranks
    where the multipliers count the allowed outcomes the same."""
    return path[0] in {"claim", "fees"} or path[:2] == ("mechanism", "interim")


@pytest.mark.parametrize("number", range(len(TAMPERED)))
def test_tampered_proofs(number: int) -> None:
    """One number or word is changed: accepted only if the proof written out in full is."""
    instance = TAMPERED[number]
    refused = compare_in_full(tables(instance), expand, random.Random(number), comparable)
    assert refused > 10


def one() -> dict[str, Any]:
    text = FIFTY.read_text(encoding="utf-8").replace("count = 50", "count = 5").replace('"149/3"', '"14/3"')
    return tables(loads(text))


def problems(*path_and_value: Any) -> str:
    *path, value = path_and_value
    report = verify(changed(one(), tuple(path), value))
    assert not report
    return "\n".join(report.problems)


def test_what_is_refused_and_why() -> None:
    assert verify(one())
    assert "every agent must be in exactly one class" in problems("symmetry", [[0, 1, 2, 3]])
    assert "every agent must be in exactly one class" in problems("symmetry", [[0, 1, 2, 3, 4], [4]])
    assert "increasing order" in problems("symmetry", [[1, 0, 2, 3, 4]])
    assert "not in the order of their first agents" in problems("symmetry", [[1, 2, 3, 4], [0]])
    other = one()["instance"]["environment"]["agents"][2]["types"]
    other[1]["utility"] = ["0", "3/2"]
    assert "are not identical" in problems("instance", "environment", "agents", 2, "types", other)
    assert "where a whole number" in problems("mechanism", "allocation", "ranks", 0, -1)
    assert "2 are needed" in problems("mechanism", "allocation", "ranks", [0])
    assert "social-choice, partnership or exchange" in problems("instance", "environment", "kind", "bilateral-trade")
    assert "'buyers' is missing" in problems("instance", "environment", "kind", "exchange")
    assert "need BIC" in problems("instance", "requirements", "incentive_compatibility", "DSIC")
    assert "need no-deficit" in problems("instance", "requirements", "budget", "none")
    assert "not the first of his class" in problems("multipliers", 0, "agent", 1)
    assert "keeps the coefficient" in problems("multipliers", 0, "weight", "2")
    assert "bounds" in problems("bounds", "feasibility")
    assert "without interim payments" in problems("mechanism", None)


def test_what_asks_for_too_much_is_refused_before_it_is_done() -> None:
    """Powers of long masses, sums with no common measure, and goods for a crowd."""
    proof = one()
    agents = proof["instance"]["environment"]["agents"]
    long = [f"1/{3**2500}", "0", f"{3**2500 - 1}/{3**2500}"]
    for agent in agents:
        for kind, mass in zip(agent["types"], long, strict=True):
            kind["probability"] = mass
    proof["instance"]["environment"]["agents"] = [{**agents[0], "name": f"a{i}"} for i in range(200)]
    proof["symmetry"] = [list(range(200))]
    assert "too long numbers" in str(verify(proof))
    rng, wild = random.Random(1), one()
    three = [{"probability": "1/3", "outside": "0", "name": f"t{k}"} for k in range(3)]
    wild["instance"]["environment"]["agents"] = [
        {"name": f"a{i}", "types": [{**t, "utility": ["0", str(rng.randrange(10**9))]} for t in three]}
        for i in range(20)
    ]
    wild["symmetry"] = [[i] for i in range(20)]
    assert "steps" in str(verify(wild))
    env = {"kind": "exchange"}
    for key in ("buyers", "sellers"):
        env[key] = [{"values": list(map(str, range(10))), "probabilities": ["1/10"] * 10}] * 300
    crowd = one()
    crowd["instance"]["environment"], crowd["symmetry"] = env, [list(range(300)), list(range(300, 600))]
    crowd["mechanism"]["allocation"]["ranks"] = [[0] * 10] * 2
    assert "steps" in str(verify(crowd))


def test_ties_decided_the_wrong_way() -> None:
    """Where the cost may be met exactly, to build there leaves larger rents: with ties any the bound fails, with ties first
    the rule does."""
    text = FIFTY.read_text(encoding="utf-8").replace("count = 50", "count = 5").replace('"149/3"', '"8"')
    instance = loads(text)
    for ties, said in (("any", "the ranks do not choose"), ("first", "not what the rule")):
        proof = tables(instance.with_requirements(ties=ties))
        assert verify(proof)
        proof["mechanism"]["allocation"]["ranks"] = [1, 0]
        report = verify(proof)
        assert not report
        assert said in str(report)


# ---- mechanisms on request -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", range(4))
def test_lazy_mechanism_is_what_its_proof_says_in_full(part: int) -> None:
    for instance in answered(range(2000 + 12 * part, 2012 + 12 * part)):
        proof = CLOSED.solve(instance)
        mechanism = proof.mechanism
        assert isinstance(mechanism, InterimMechanism)
        written = expand(proof.table())["mechanism"]
        assert [{str(x): str(q) for x, q in one.items()} for one in mechanism.lotteries] == written["allocation"]
        assert [[str(t) for t in row] for row in mechanism.transfers] == written["transfers"]
        plain = Mechanism(mechanism.environment, tuple(map(tuple, mechanism.transfers)), tuple(mechanism.lotteries))
        agents = range(len(mechanism.environment.agents))
        assert [mechanism.interim(i) for i in agents] == [plain.interim(i) for i in agents]
        assert (mechanism.revenue, mechanism.expected_utility) == (plain.revenue, plain.expected_utility)
        assert mechanism.welfare == plain.welfare
        assert set(mechanism.profile_revenue) == {mechanism.revenue}
        for fees in ([F(1, 3) for _ in agents], [F(i, 3) for i in agents]):
            mine, theirs = mechanism.plus(tuple(fees)), plain.plus(tuple(fees))
            assert [list(row) for row in mine.transfers] == [list(row) for row in theirs.transfers]
        again = CLOSED.solve(copy.deepcopy(instance)).mechanism
        assert (again, hash(again)) == (mechanism, hash(mechanism))
        assert lpmech.solve(instance).explain()


def test_no_tables_of_too_many_profiles() -> None:
    mechanism = CLOSED.solve(lpmech.load(FIFTY)).mechanism
    assert mechanism is not None
    for table in ("profiles", "transfers", "lotteries"):
        with pytest.raises(TooLargeError, match="too many for a table"):
            getattr(mechanism, table)


def test_single_constraints_add_up_to_the_same() -> None:
    """What exports write: each constraint once, for each agent."""
    for instance in answered(range(3000, 3020)):
        proof = CLOSED.solve(instance)
        rows = single(proof)
        full = {**expand(tables(instance)), "multipliers": [m.table() for m in rows]}
        assert verify(full), instance.title


# ---- the command line ----------------------------------------------------------------------------------------------------


def test_commands(run: Any, tmp_path: Path) -> None:
    proof = tmp_path / "proof.json"
    code, said, _ = run("solve", FIFTY, "--proof", proof)
    assert not code
    assert "method interim_payments" in said
    code, said, _ = run("verify", proof)
    assert not code
    assert "3^50 types" in said
    assert len(list(leaves(json.loads(proof.read_text(encoding="utf-8"))))) < 50 * 20
    code, said, _ = run("explain", FIFTY)
    assert not code
    assert "The rent of the 50 agents together" in said
