"""Audits against definitions restated in fractions, against proofs, and mechanisms in CSV files."""

from __future__ import annotations

import itertools
import json
import random
import re
import subprocess
import sys
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import lpmech
from lpmech.answer.audit import Audit, audit
from lpmech.answer.compact_buyers import BuyersMechanism
from lpmech.answer.mechanism import Mechanism
from lpmech.answer.symmetric import SymmetricMechanism
from lpmech.base.errors import InputError
from lpmech.question.distribution import Distribution
from lpmech.question.environments.bilateral_trade import BilateralTrade
from lpmech.question.environments.exchange import Exchange
from lpmech.question.environments.social_choice import SocialChoice, Type
from lpmech.question.model import Instance
from lpmech.question.requirements import AllocationTable, PostedPrice, Requirements
from tests.support.random_instances import environment, instance, masses, requirements

Profile = tuple[int, ...]
ROOT = Path(__file__).parents[1]


class Definitions:
    """Conventions C1 to C8, one profile at a time."""

    def __init__(self, case: Instance, mechanism: Mechanism) -> None:
        self.env, self.need = case.environment, case.requirements
        self.agents = range(len(self.env.agents))
        self.profiles = list(itertools.product(*(range(n) for n in self.env.sizes)))
        self.v = [self.env.valuation(i) for i in self.agents]
        self.q = dict(zip(self.profiles, mechanism.lotteries, strict=True))
        self.t = [dict(zip(self.profiles, row, strict=True)) for row in mechanism.transfers]
        self.outside = [agent.outside for agent in self.env.agents]

    def value(self, i: int, k: int, theta: Profile) -> F:
        return sum((w * self.v[i][k][x] for x, w in self.q[theta].items()), F(0))

    def utility(self, i: int, k: int, theta: Profile) -> F:
        """Of a true type k where theta is reported."""
        return self.value(i, k, theta) - self.t[i][theta]

    def mass(self, theta: Profile) -> F:
        if self.env.prior is not None:
            return self.env.prior.get(theta, F(0))
        out = F(1)
        for i, k in enumerate(theta):
            out *= self.env.agents[i].probabilities[k]
        return out

    def belief(self, i: int, k: int) -> dict[Profile, F] | None:
        """Over profiles in which agent i has type k."""
        mine = [theta for theta in self.profiles if theta[i] == k]
        if self.env.prior is None:
            out = {}
            for theta in mine:
                w = F(1)
                for j, kind in enumerate(theta):
                    w *= self.env.agents[j].probabilities[kind] if j != i else 1
                out[theta] = w
            return out
        total = sum((self.mass(theta) for theta in mine), F(0))
        return {theta: self.mass(theta) / total for theta in mine} if total else None

    def cost(self, theta: Profile) -> F:
        return sum((w * self.env.costs[x] for x, w in self.q[theta].items()), F(0))

    def revenue(self, theta: Profile) -> F:
        return sum((self.t[i][theta] for i in self.agents), F(0)) - self.cost(theta)

    def surplus(self, theta: Profile, x: int) -> F:
        return sum((self.v[i][k][x] for i, k in enumerate(theta)), F(0)) - self.env.costs[x]

    def lies(self) -> list[tuple[int, int, int]]:
        return [(i, k, r) for i in self.agents for k in range(self.env.sizes[i]) for r in range(self.env.sizes[i])]

    def swap(self, theta: Profile, i: int, k: int) -> Profile:
        return (*theta[:i], k, *theta[i + 1 :])

    def interim(self, i: int, k: int, r: int) -> F | None:
        belief = self.belief(i, k)
        if belief is None:
            return None
        return sum((w * self.utility(i, k, self.swap(theta, i, r)) for theta, w in belief.items()), F(0))

    def rent(self, i: int) -> F:
        rows = ((self.mass(t), self.utility(i, t[i], t) - self.outside[i][t[i]]) for t in self.profiles)
        return sum((w * u for w, u in rows), F(0))

    def charge(self, i: int, theta: Profile) -> F:
        others = sum((self.value(j, theta[j], theta) for j in self.agents if j != i), F(0))
        return self.t[i][theta] + others - self.cost(theta)

    def worst(self) -> dict[str, F]:
        """The largest violation of each property."""
        every = self.profiles
        best = {t: max(self.surplus(t, x) for x in range(len(self.env.outcomes))) for t in every}
        bic, interim = [F(0)], [F(0)]
        for i, k, r in self.lies():
            told, lied = self.interim(i, k, k), self.interim(i, k, r)
            if told is not None and lied is not None:
                bic.append(lied - told)
                interim.append(self.outside[i][k] - told)
        out = {
            "efficient": [best[t] - sum(w * self.surplus(t, x) for x, w in self.q[t].items()) for t in every],
            "groves": [
                self.charge(i, self.swap(t, i, r)) - self.charge(i, t) for i, _, r in self.lies() for t in every
            ],
            "DSIC": [
                self.utility(i, k, self.swap(t, i, r)) - self.utility(i, k, self.swap(t, i, k))
                for i, k, r in self.lies()
                for t in every
            ],
            "BIC": bic,
            "ex-post IR": [self.outside[i][t[i]] - self.utility(i, t[i], t) for i in self.agents for t in every],
            "interim IR": interim,
            "ex-ante IR": [-self.rent(i) for i in self.agents],
            "no-deficit": [-self.revenue(t) for t in every],
            "balanced": [abs(self.revenue(t)) for t in every],
            "no-expected-deficit": [-sum((self.mass(t) * self.revenue(t) for t in every), F(0))],
        }
        return {name: max([F(0), *amounts]) for name, amounts in out.items()}


def anything(seed: int, *, huge: bool = False) -> tuple[Instance, Mechanism]:
    """A random mechanism on a random environment; with numbers beyond machine integers if ``huge``."""
    rng = random.Random(seed)
    env = environment(rng)
    count, scale = env.profile_count, F(10**30, 7) if huge else F(1)
    lotteries = [{x: w for x, w in enumerate(masses(rng, len(env.outcomes))) if w} for _ in range(count)]
    rows = tuple(tuple(scale * F(rng.randint(-6, 6), rng.choice([1, 2, 3])) for _ in range(count)) for _ in env.agents)
    return Instance(env, requirements(rng, env)), Mechanism(env, rows, lotteries)


@pytest.mark.parametrize("seed", range(40))
def test_the_worst_violations_are_those_of_the_definitions(seed: int) -> None:
    case, mechanism = anything(seed, huge=seed % 4 == 3)
    found, restated = audit(case, mechanism), Definitions(case, mechanism)
    assert {n: p.violation for n, p in found.properties.items() if n != "allocation"} == restated.worst()
    assert found.rents == tuple(restated.rent(i) for i in restated.agents)
    assert found.revenue == sum((restated.mass(t) * restated.revenue(t) for t in restated.profiles), F(0))
    assert found.welfare == mechanism.welfare
    for i in restated.agents:
        for k, row in enumerate(found.interim[i]):
            assert (row and row[1]) == restated.interim(i, k, k)
            assert mechanism.interim(i)[k][1:] == (row or (None, None))


@pytest.mark.parametrize("seed", range(40))
def test_violations_are_where_they_are_said_to_be(seed: int) -> None:
    case, mechanism = anything(seed)
    found, d = audit(case, mechanism), Definitions(case, mechanism)
    for name, p in found.properties.items():
        assert (p.place is None) == p.holds
        if p.place is None or name == "no-expected-deficit":
            continue
        i, k, r, t = p.place.agent, p.place.type, p.place.report, p.place.profile
        if name == "DSIC":
            amount = d.utility(i, k, d.swap(t, i, r)) - d.utility(i, k, t)
            assert t[i] == k
        elif name == "BIC":
            amount = d.interim(i, k, r) - d.interim(i, k, k)
        elif name == "ex-post IR":
            amount = d.outside[i][k] - d.utility(i, k, t)
            assert t[i] == k
        elif name == "interim IR":
            amount = d.outside[i][k] - d.interim(i, k, k)
        elif name == "ex-ante IR":
            amount = -d.rent(i)
        elif name == "groves":
            amount = d.charge(i, d.swap(t, i, r)) - d.charge(i, t)
        elif name == "allocation":
            amount = p.violation
        elif name == "efficient":
            values = [d.surplus(t, x) for x in range(len(d.env.outcomes))]
            amount = max(values) - sum(w * values[x] for x, w in d.q[t].items())
        else:
            amount = abs(d.revenue(t))
            assert name == "balanced" or d.revenue(t) < 0
        assert amount == p.violation, name


def test_the_mechanism_of_a_proof_violates_nothing() -> None:
    """Random questions of every kind: what the verifier accepts, the audit finds nothing against."""
    seen = 0
    for seed in range(24):
        result = lpmech.solve(instance(seed))
        if result.mechanism is not None:
            found = audit(result.instance, result.mechanism)
            assert found.ok, (seed, found)
            seen += 1
    assert seen >= 8


def test_the_mechanisms_of_compact_proofs_violate_nothing() -> None:
    law, other = Distribution([1, 2, 6]), Distribution([0, 2, 3])
    for ic, ir, budget, transfers in [
        ("BIC", "interim", "balanced", "any"),
        ("DSIC", "ex-post", "no-expected-deficit", "any"),
        ("DSIC", "ex-ante", "no-deficit", "groves"),
    ]:
        for ties in ("first", "last"):
            need = Requirements(ic, ir, budget, ties=ties, transfers=transfers)
            result = lpmech.solve(Instance(BilateralTrade(law, other), need))
            assert result.method != "full"
            assert result.mechanism is not None
            assert audit(result.instance, result.mechanism).ok


def test_mechanisms_for_identical_agents_violate_nothing() -> None:
    """Given up to relabelling in their proofs, and audited in full."""
    law = Distribution([2, 6], ["2/3", "1/3"])
    env = Exchange([law] * 3, [Distribution([1, 4])])
    questions = {
        "vcg_prime_buyers": Requirements("BIC", "interim", "balanced"),
        "symmetric": Requirements("DSIC", "ex-post", "no-deficit", allocation="free"),
    }
    for method, need in questions.items():
        result = lpmech.solve(Instance(env, need), method=method)
        assert isinstance(result.mechanism, BuyersMechanism | SymmetricMechanism)
        assert audit(result.instance, result.mechanism).ok


def test_audit_stays_a_function_when_its_module_is_imported() -> None:
    code = (
        "import lpmech, lpmech.answer.audit\n"
        "from lpmech.answer.audit import Audit\n"
        "print(lpmech.audit.__name__, Audit.__name__)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out == "audit Audit\n"


SMALL = BilateralTrade(Distribution([2, 6]), Distribution([2, 3]))
DSIC = Requirements("DSIC", "ex-post", "none")


def at_second_price(*, tie: int) -> Mechanism:
    """Values 2, 6; costs 2, 3: the buyer pays the cost, the seller gets the value; the tie (2, 2) trades or not."""
    one = F(1)
    lotteries = [{tie: one}, {0: one}, {1: one}, {1: one}]
    return Mechanism(SMALL, ((F(2) * tie, F(0), F(2), F(3)), (-F(2) * tie, F(0), F(-6), F(-6))), lotteries)


@pytest.mark.parametrize(
    ("changes", "tie", "violation"),
    [
        ({"ties": "first"}, 0, 0),
        ({"ties": "first"}, 1, 1),
        ({"ties": "last"}, 1, 0),
        ({"ties": "uniform"}, 1, F(1, 2)),
        ({"allocation": PostedPrice(2)}, 1, 1),
        ({"allocation": AllocationTable([["1/3", "2/3"], [1, 0], [0, 1], [0, 1]])}, 1, F(1, 3)),
    ],
    ids=str,
)
def test_the_allocation_that_was_asked_for(changes: dict, tie: int, violation: F) -> None:
    found = audit(Instance(SMALL, DSIC).with_requirements(**changes), at_second_price(tie=tie))
    assert found["allocation"].violation == violation
    assert found["efficient"].holds
    assert found.ok == (violation == 0)


def test_what_is_asked_for() -> None:
    def asked(**changes: object) -> set[str]:
        found = audit(Instance(SMALL, DSIC).with_requirements(**changes), at_second_price(tie=0))
        return {name for name, p in found.properties.items() if p.asked}

    assert asked() == {"efficient", "DSIC", "ex-post IR"}
    assert asked(transfers="groves", budget="balanced") == {"efficient", "groves", "DSIC", "ex-post IR", "balanced"}
    assert asked(allocation="free", incentive_compatibility="none", individual_rationality="none") == set()
    assert asked(ties="first", individual_rationality="interim") == {"efficient", "allocation", "DSIC", "interim IR"}
    assert asked(allocation=PostedPrice(2)) == {"allocation", "DSIC", "ex-post IR"}


def test_an_audit_in_words() -> None:
    found = lpmech.audit(
        Instance(SMALL, DSIC, title="Small").with_requirements(budget="no-deficit"), at_second_price(tie=0)
    )
    assert isinstance(found, Audit)
    assert repr(found) == (
        "<Audit: violates no-deficit; holds: efficient, groves, DSIC, BIC, ex-post IR, interim IR, ex-ante IR>"
    )
    text = found.explain()
    assert "violates the requirements: no deficit" in text
    assert "no deficit            asked   no      4 (at (6, 2))" in text
    assert "expected revenue -7/4 = -1.75; expected welfare 7/4 = 1.75" in text
    with pytest.raises(InputError, match="no property 'IC'; expected efficient, groves, DSIC"):
        found["IC"]


def test_a_mechanism_for_another_environment() -> None:
    larger = Instance(BilateralTrade(Distribution([2, 6, 7]), Distribution([2, 3])), DSIC)
    with pytest.raises(
        InputError, match="a mechanism for another environment; expected 6 profiles, and payments of 2 agents"
    ):
        audit(larger, at_second_price(tie=0))
    bad = Mechanism(SMALL, at_second_price(tie=0).transfers, [{0: F(1, 2)}] * 4)
    with pytest.raises(InputError, match="no lottery over the outcomes at profile number 0"):
        audit(Instance(SMALL, DSIC), bad)


# ---- CSV -------------------------------------------------------------------------------------------------------------

TABLE = """buyer,seller,no-trade,trade,t[buyer],t[seller]
2,2,1/2,0.5,1,-1
2,3,1,0,0,0
6,2,0,1,2,-6
6,3,0,1,10/3,-6
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mechanism.csv"
    path.write_text(TABLE)
    return path


def read(path: Path) -> Mechanism:
    return lpmech.read_mechanism(Instance(SMALL, DSIC), path)


def same(one: Mechanism, other: Mechanism) -> bool:
    tables = [(list(map(list, m.transfers)), [dict(q) for q in m.lotteries]) for m in (one, other)]
    return tables[0] == tables[1]


def test_numbers_are_read_exactly(file: Path) -> None:
    mechanism = read(file)
    assert mechanism.transfers == ((1, 0, 2, F(10, 3)), (-1, 0, -6, -6))
    assert mechanism.lotteries[0] == {0: F(1, 2), 1: F(1, 2)}
    assert mechanism.lotteries[1] == {0: F(1)}


@pytest.mark.parametrize("seed", range(25))
def test_mechanisms_come_back_as_they_were(seed: int, tmp_path: Path) -> None:
    """Through to_csv, and through pandas with and without its row numbers."""
    case, mechanism = anything(seed, huge=seed % 5 == 0)
    path = tmp_path / "m.csv"
    assert mechanism.to_csv(path) == path
    assert same(lpmech.read_mechanism(case, path), mechanism)
    for index in (True, False):
        mechanism.to_frame().to_csv(path, index=index)
        assert same(lpmech.read_mechanism(case, path), mechanism)
    pd.read_csv(path, dtype=str).sample(frac=1, random_state=seed).iloc[:, ::-1].to_csv(path, index=False)
    assert same(lpmech.read_mechanism(case, path), mechanism)


def test_a_failed_write_leaves_the_old_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", broken)
    with pytest.raises(OSError, match="disk full"):
        at_second_price(tie=0).to_csv(file)
    assert file.read_text() == TABLE
    assert [p.name for p in file.parent.iterdir()] == ["mechanism.csv"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2,3,1,0,0,0\n", "", ": 3 rows, and none for buyer 2, seller 3; expected a row for each profile"),
        ("2,3,1,0,0,0\n", "2,2,1,0,0,0\n", ":3: a profile listed twice (got buyer 2, seller 2)"),
        ("2,3,1", "2,4,1", ":3: seller: seller has no such type (got '4'); expected '2', '3'"),
        ("1/2,0.5", "1/2,0.4", ":2: row: probabilities sum to 9/10, not 1"),
        ("1/2,0.5", "3/2,-1/2", ":2: trade: a negative probability (got -1/2); expected 0 or more"),
        ("10/3", "ten", ":5: t[buyer]: "),
        ("10/3", "", ":5: t[buyer]: "),
        ("10/3", "10/0", ":5: t[buyer]: "),
        (
            ",t[seller]\n",
            "\n",
            ":1: no column 't[seller]'; expected columns buyer, seller, no-trade, trade, t[buyer], t[seller]",
        ),
        (",t[seller]\n", ",t[seler]\n", ":1: unknown column 't[seler]'; expected columns buyer, "),
        (",t[seller]\n", ",t[seller],trade\n", ":1: a column named twice; expected columns buyer, "),
        ("2,3,1,0,0,0", "2,3,1,0,0", ":3: 5 cells; expected 6, as in the header"),
    ],
)
def test_what_is_wrong_with_a_table_is_said_with_its_row(file: Path, old: str, new: str, message: str) -> None:
    assert old in TABLE
    file.write_text(TABLE.replace(old, new, 1))
    with pytest.raises(InputError) as caught:
        read(file)
    assert str(caught.value).startswith(f"{file}{message}")


def test_a_column_without_a_name_holds_row_numbers_or_nothing(file: Path) -> None:
    numbered = [f"{number - 1 if number else ''},{line}" for number, line in enumerate(TABLE.splitlines())]
    file.write_text("\n".join(numbered) + "\n")
    assert read(file).transfers[0] == (1, 0, 2, F(10, 3))
    file.write_text("\n".join(numbered).replace("\n2,", "\nx,"))
    with pytest.raises(InputError, match=r":4: the first column has no name, and is no row number \(got 'x'\)"):
        read(file)
    with pytest.raises(InputError, match="no such file"):
        read(file.parent / "none.csv")


def test_names_that_would_share_a_column() -> None:
    env = SocialChoice(["ann", "bob"], {"ann": [Type("only", 1, [1, 0])], "t[ann]": [Type("only", 1, [0, 1])]})
    mechanism = Mechanism(env, ((F(0),), (F(0),)), [{0: F(1)}])
    with pytest.raises(InputError, match="two columns called 'ann'; expected different names for agents and outcomes"):
        mechanism.columns()


def test_no_mechanism_no_audit() -> None:
    with pytest.raises(InputError, match="no mechanism; expected a mechanism, or a CSV file"):
        lpmech.audit(Instance(SMALL, DSIC), None)


# ---- the command line ------------------------------------------------------------------------------------------------

QUESTION = """
format = "lpmech-instance/1"
title = "Values 2 and 6, costs 2 and 3"
[parameters]
v = 6
[environment]
kind = "bilateral-trade"
buyer = { values = [2, "v"], weights = [1, 1] }
seller = { values = [2, 3], weights = [1, 1] }
[requirements]
incentive_compatibility = "DSIC"
individual_rationality = "ex-post"
budget = "no-expected-deficit"
"""


@pytest.fixture
def question(tmp_path: Path) -> Path:
    path = tmp_path / "question.toml"
    path.write_text(QUESTION)
    return path


def test_audit_is_0_1_or_2(question: Path, file: Path, run: Any) -> None:
    file.write_text(TABLE.replace("10/3", "7"))
    code, out, err = run("audit", question, file)
    assert (code, err) == (1, "")
    assert out.startswith(f"{file} on Values 2 and 6, costs 2 and 3\n")
    assert "violates the requirements: DSIC, ex post IR, no expected deficit" in out
    assert run("mechanism", "vcg-prime", question, "--csv", file)[0] == 0
    code, out, _ = run("audit", question, file)
    assert code == 0
    assert "meets the requirements" in out
    code, out, err = run("audit", question, file, "--set", "v=7")
    assert (code, out) == (2, "")
    assert err == f"error: {file}:4: buyer: buyer has no such type (got '6'); expected '2', '7'\n"


def test_audit_as_json(question: Path, file: Path, run: Any) -> None:
    file.write_text(TABLE.replace("10/3", "13/2"))
    code, out, _ = run("audit", question, file, "--json")
    line = json.loads(out)
    assert (code, line["format"], line["meets_requirements"], line["revenue"]) == (1, "lpmech-audit/1", False, "-7/8")
    assert line["properties"]["DSIC"] == {
        "holds": False,
        "asked": True,
        "violation": "1/2",
        "violation_decimal": 0.5,
        "agent": "buyer",
        "type": "6",
        "report": "2",
        "profile": ["6", "3"],
    }
    assert line["properties"]["BIC"] == {"holds": True, "asked": False, "violation": "0"}
    assert line["agents"]["seller"]["types"][0] == {"type": "2", "payment": "-7/2", "utility": "2"}


def test_mechanism_says_what_it_built(question: Path, tmp_path: Path, run: Any) -> None:
    code, out, _ = run("mechanism", "vcg", question, "--option", "without=his-part-empty", "--json")
    line = json.loads(out)
    assert (code, line["mechanism"], line["revenue"]) == (1, "vcg", "-7/4")
    target = tmp_path / "out.csv"
    code, out, err = run("mechanism", "posted-price", question, "--option", "price=5/2", "--csv", target)
    assert (code, err) == (1, "")  # not efficient: values of 6 and costs of 3 do not trade
    assert "efficient             asked   no      3 (at (6, 3))" in out
    assert target.read_text().splitlines()[3] == "6,2,0,1,5/2,-5/2"


def test_mechanism_refuses_in_one_line(question: Path, run: Any) -> None:
    for arguments, message in [
        (("vgc", question), "no mechanism called 'vgc'; expected one of: budget-balanced, "),
        (("cgk", question), "cgk does not apply: the environment is bilateral-trade, not partnership"),
        (("posted-price", question, "--option", "p=1"), "posted-price has no option 'p'; expected one of: price"),
        (("tight", question, "--option", "p=1"), "tight has no option 'p'; expected none: it has no options"),
    ]:
        code, out, err = run("mechanism", *arguments)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert err.startswith(f"error: {message}")


def test_list_names_everything_with_its_source(run: Any) -> None:
    from lpmech import closed_forms
    from lpmech.literature import mechanisms
    from lpmech.programs import formulations

    code, out, _ = run("list")
    assert code == 0
    listed = json.loads(run("list", "--json")[1])
    assert [entry["name"] for entry in listed["mechanisms"]] == list(mechanisms.names())
    assert [entry["name"] for entry in listed["closed_forms"]] == list(closed_forms.names())
    assert [entry["name"] for entry in listed["formulations"]] == sorted(formulations.names())
    shown = re.findall(r"^  (\S+)", out, re.MULTILINE)
    assert shown == [entry["name"] for entries in listed.values() for entry in entries]
    keys = re.findall(r"^@\w+\{([^,]+),", (ROOT / "references.bib").read_text(encoding="utf-8"), re.MULTILINE)
    for entry in listed["mechanisms"]:
        assert entry["title"]
        assert any(key in entry["source"] for key in keys), entry
