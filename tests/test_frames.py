"""Tables for pandas hold exactly what they are made of; tables for papers say the same, rounded exactly where asked."""

from __future__ import annotations

import re
from fractions import Fraction as F
from pathlib import Path

import pytest
from support import random_instances

import lpmech
from lpmech import (
    BilateralTrade,
    Distribution,
    Exchange,
    Instance,
    Partner,
    Partnership,
    Requirements,
    SocialChoice,
    Type,
)
from lpmech.answer.mechanism import Mechanism
from lpmech.answer.multipliers import PRIOR, Multiplier
from lpmech.base.errors import InputError, TooLargeError
from lpmech.show.explain.booktabs import TALL, tabular, tex
from lpmech.show.explain.latex import escaped

ROOT = Path(__file__).parent.parent
THREE = lpmech.load(ROOT / "instances" / "kos-manea-2009" / "example-2-one-buyer.toml")
NEED = Requirements("BIC", "interim", "balanced")
IDENTICAL = {
    "buyers": Instance(Exchange([Distribution([1, 9])] * 2, [Distribution([0, 8])]), NEED),
    "partners": Instance(
        Partnership([Partner("1/3", Distribution([0, 1, 2]))] * 3), Requirements("DSIC", "ex-ante", "no-deficit")
    ),
}


def solved():
    """Results of every kind of question, compact, symmetric and full proofs among them."""
    yield from (lpmech.solve(random_instances.instance(seed)) for seed in range(25))
    yield lpmech.solve(IDENTICAL["buyers"])
    yield lpmech.solve(IDENTICAL["partners"], method="symmetric")
    for notion in ("DSIC", "BIC"):
        yield lpmech.solve(THREE.with_requirements(incentive_compatibility=notion, budget="no-expected-deficit"))


@pytest.fixture(scope="module")
def results():
    found = list(solved())
    assert {r.method for r in found} >= {"full", "vcg_prime", "vcg_prime_buyers", "symmetric"}
    return found


# ---- pandas ------------------------------------------------------------------------------------------------------------


def test_a_mechanism_is_its_table(results):
    for result in results:
        if result.mechanism is None:
            continue
        env, frame = result.instance.environment, result.mechanism.to_frame()
        theta = list(zip(*(frame[a.name].cat.codes.tolist() for a in env.agents), strict=True))
        assert theta == list(result.mechanism.profiles)
        paid = tuple(frame[f"t[{a.name}]"].tolist() for a in env.agents)
        assert paid == tuple(map(list, result.mechanism.transfers))
        assert all(type(t) is F for row in paid for t in row)
        chances = zip(*(frame[x].tolist() for x in env.outcomes), strict=True)
        assert [{x: w for x, w in enumerate(q) if w} for q in chances] == list(map(dict, result.mechanism.lotteries))
        floats = result.mechanism.to_frame(exact=False)
        assert list(floats.columns) == list(frame.columns)
        assert floats[f"t[{env.agents[0].name}]"].tolist() == list(map(float, paid[0]))


def test_types_keep_their_order():
    wide = Distribution([2, 9, 10, 100])
    mechanism = lpmech.solve(
        Instance(BilateralTrade(wide, wide), Requirements("DSIC", "ex-ante", "no-deficit"))
    ).mechanism
    frame = mechanism.to_frame()
    assert frame.sort_values(["seller", "buyer"])["buyer"].tolist()[:4] == ["2", "9", "10", "100"]
    assert frame.pivot(index="buyer", columns="seller", values="trade").index.tolist() == ["2", "9", "10", "100"]


def test_what_types_expect(results):
    for result in results:
        if result.mechanism is None:
            continue
        env, frame = result.instance.environment, result.mechanism.to_frame(by="type")
        rows = [
            (agent.name, label, mass, paid, gained)
            for i, agent in enumerate(env.agents)
            for mass, (label, paid, gained) in zip(agent.probabilities, result.mechanism.interim(i), strict=True)
        ]
        assert [tuple(row) for row in frame.itertuples(index=False)] == rows
    with pytest.raises(InputError, match="a row for each"):
        results[0].proof.mechanism.to_frame(by="agent")


def read(proof):
    """Multipliers from their table."""
    env, frame = proof.instance.environment, proof.to_frame().astype(object)
    names = [agent.name for agent in env.agents]

    def number(i, label):
        return None if label != label or label is None else env.agents[i].types.index(label)

    for row in frame.to_dict("records"):
        who, at = row["agent"], row["where"]
        alike = isinstance(who, str) and who.startswith("each ")
        i = 0 if alike else names.index(who) if who in names else None
        profile = tuple(number(j, row[name]) for j, name in enumerate(names)) if at == "profile" else None
        own = None if i is None or at == "profile" else number(i, row["type"])
        report = None if i is None else number(i, row["report"])
        if profile is not None and i is not None:
            assert number(i, row["type"]) == profile[i]
        yield Multiplier(
            row["constraint"], row["weight"], i, own, PRIOR if at == "every profile" else profile, report, alike
        )
        assert (at == "expectation") == (profile is None and own is None and at != "every profile")


def test_multipliers_are_read_back_from_their_table(results):
    kinds = set()
    for result in results:
        found = list(read(result.proof))
        assert found == list(result.proof.multipliers or ())
        kinds |= {(m.constraint, m.alike, type(m.profile)) for m in found}
        assert result.proof.to_frame(exact=False)["weight"].tolist() == [float(m.weight) for m in found]
    assert {("DSIC", False, str), ("DSIC", False, tuple), ("BIC", True, type(None)), ("IR", False, tuple)} <= kinds


def test_instances_are_read_back_from_their_table():
    for seed in range(40):
        instance = random_instances.instance(seed)
        frame = instance.to_frame()
        for agent in instance.environment.agents:
            mine = frame[frame["agent"] == agent.name]
            assert tuple(mine["type"]) == agent.types
            assert tuple(mine["probability"]) == agent.probabilities
            assert tuple(mine["outside"]) == agent.outside
    prior = {(0, 0): F(1, 2), (0, 1): F(1, 8), (1, 1): F(3, 8)}
    joint = Instance(BilateralTrade(Distribution([2, 6]), Distribution([1, 4]), prior), NEED)
    frame = joint.to_frame(joint=True)
    read = zip(frame["buyer"].cat.codes, frame["seller"].cat.codes, frame["probability"], strict=True)
    assert {(b, s): mass for b, s, mass in read} == prior
    with pytest.raises(InputError, match="independent"):
        THREE.to_frame(joint=True)


def test_large_tables_are_refused_and_what_types_expect_is_not():
    grid = range(0, 20_000, 2)
    trade = BilateralTrade(Distribution([x + 1 for x in grid]), Distribution(grid))
    mechanism = lpmech.solve(Instance(trade, NEED)).proof.mechanism
    with pytest.raises(TooLargeError, match="too many for tables"):
        mechanism.to_frame()
    with pytest.raises(TooLargeError, match="too many for tables"):
        mechanism.to_latex()
    assert len(mechanism.to_frame(by="type")) == 20_000


def test_names_that_columns_need_are_refused():
    people = {name: [Type("a", 1, [0, 1]), Type("b", 0, [0, 2])] for name in ("weight", "ann")}
    env = SocialChoice(["no", "yes"], people)
    result = lpmech.solve(Instance(env, Requirements("DSIC", "ex-post", "no-deficit")))
    assert len(result.mechanism.to_frame()) == 4
    with pytest.raises(InputError, match="two columns called 'weight'"):
        result.proof.to_frame()


# ---- LaTeX -------------------------------------------------------------------------------------------------------------


def cells(text):
    """Rows of a tabular without its head, as lists of cells."""
    body = text.split(r"\midrule", 1)[1]
    return [line.removesuffix(r" \\").split(" & ") for line in body.splitlines() if line.endswith(r"\\")]


def value(cell):
    return F(cell.strip("$"))


def test_a_mechanism_in_latex_is_exact_or_rounded_exactly():
    mechanism = lpmech.solve(THREE).mechanism
    exact, rounded = cells(mechanism.to_latex()), cells(mechanism.to_latex(3))
    assert [row[:3] for row in exact[:2]] == [["21", "9", "trade"], ["21", "24", "no-trade"]]
    assert [[value(x) for x in row[3:]] for row in exact] == list(map(list, zip(*mechanism.transfers, strict=True)))
    for row, near in zip(exact, rounded, strict=True):
        for x, y in zip(row[3:], near[3:], strict=True):
            assert re.fullmatch(r"\$-?\d+\.\d{3}\$", y)
            assert value(y) == round(value(x), 3)
    by_type = cells(mechanism.to_latex(by="type"))
    assert [value(row[4]) for row in by_type] == mechanism.to_frame(by="type")["utility"].tolist()


def test_rounding_is_exact():
    assert tex(F(10**30, 3), 2) == "$" + "3" * 30 + ".33$"
    assert tex(F(-1, 1000), 2) == "$0.00$"
    assert tex(F(-1, 200), 2) == "$0.00$"  # half to even
    assert tex(F(-3, 200), 2) == "$-0.02$"
    assert tex(F(7, 2), 0) == "$4$"
    assert tex(F(-7, 3), None) == "$-7/3$"
    assert tex(float("-inf"), 3) == r"$-\infty$"
    with pytest.raises(InputError, match="decimals"):
        tex(F(1), -1)


def test_multipliers_and_long_tables_in_latex():
    proof = lpmech.solve(THREE).proof
    rows = cells(proof.to_latex())
    assert [value(row[-1]) for row in rows] == [m.weight for m in proof.multipliers]
    assert rows[1][:4] == ["BIC", "buyer", "25", "21"]
    long = tabular([r"a \\"], "r", [[[str(n)] for n in range(TALL)], [["last"]]])
    assert long.splitlines()[:5] == [r"\begin{longtable}{r}", r"\toprule", r"a \\", r"\midrule", r"\endhead"]
    assert long.count(r"\midrule") == 2
    assert long.endswith("last \\\\\n\\bottomrule\n\\end{longtable}")


def test_names_in_latex_are_escaped():
    env = SocialChoice(["no", "50%_"], {"a_b": [Type("x&y", 1, [0, 1]), Type("-1", 0, [0, 2])]})
    mechanism = Mechanism(env, ((F(0), F(1)),), [{0: F(1)}, {0: F(1, 3), 1: F(2, 3)}])
    text = mechanism.to_latex()
    assert r"$t_{\text{a\_b}}$" in text
    assert cells(text) == [[r"x\&y", "no", "$0$"], ["$-$1", rf"1/3 no + 2/3 {escaped('50%_')}", "$1$"]]


def test_the_page_shows_what_is_printed():
    page = (ROOT / "docs" / "notebooks.md").read_text(encoding="utf-8")
    assert f"```latex\n{lpmech.solve(THREE).mechanism.to_latex(2, by='type')}\n```" in page
