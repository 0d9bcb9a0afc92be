"""Explanations: every printed sum adds up, exactly, to what the proof says; theory's patterns are named where they are."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from collections import Counter
from dataclasses import replace
from fractions import Fraction as F
from itertools import product
from pathlib import Path

import pytest
from support import random_instances, symmetric_instances

import lpmech
from lpmech import AllocationTable, BilateralTrade, Distribution, Exchange, Instance, Requirements, SocialChoice, Type
from lpmech.answer.result import Result
from lpmech.engine import solve
from lpmech.question.constraints import Incentives, Participation
from lpmech.question.constraints.ex_post_ir import ExPostIR
from lpmech.question.objective import Objective
from lpmech.show.explain import FORMATS, document, explain
from lpmech.show.explain.accounts import Accounts
from lpmech.show.explain.binding import Row, _at_profiles, _table
from lpmech.show.explain.document import Document, Number, Sum, Table, spans
from lpmech.show.explain.patterns import coupling, cycle, square, virtual_surplus
from lpmech.show.explain.rents import rents
from lpmech.studies.blame import blame

ROOT = Path(__file__).parent.parent / "instances"
JT = "jagadeesan-tordjman-2025/example-1"
KM = "kos-manea-2009/example-1-one-buyer"
MANY = [
    JT,
    KM,
    "jagadeesan-tordjman-slides/example-any-transfers",
    "jagadeesan-tordjman-2025/table-1-truthful-interim",
    "jagadeesan-tordjman-2025/partnership-three-equal",
    "kos-manea-2009/conclusion-ex-post",
    "kos-manea-2009/example-2-two-buyers-large-k",
    "kos-manea-2009/section-7-1-ties-trade",
    "kos-manea-2009/section-7-2-double-auction",
    "mishra-2020/cgk-three-one-seller",
    "mishra-2020/green-laffont",
    "efficient-mechanisms-notes/pool-and-bridge-dominant",
    "efficient-mechanisms-notes/public-good-three-agents",
    "efficient-mechanisms-notes/correlated-balanced",
]


def decided(name: str) -> Result:
    return lpmech.solve(ROOT / f"{name}.toml")


def number(cell: object) -> F:
    (span,) = spans(cell)  # type: ignore[arg-type]
    assert isinstance(span, Number)
    assert isinstance(span.value, F)
    return span.value


def check_sums(told: Document) -> int:
    """Every table with a total and every sum of a document, added up; how many there were."""
    found = 0
    for block in told.blocks:
        if isinstance(block, Sum):
            assert sum(x for x, _ in block.terms) == block.total[0]
            found += 1
        if isinstance(block, Table) and block.total is not None:
            assert sum(number(row[-1]) for row in block.rows) == number(block.total[-1])
            found += 1
    return found


@pytest.mark.parametrize("everything", [False, True])
@pytest.mark.parametrize("name", MANY)
def test_printed_lines_add_up_to_the_margin(name: str, everything: bool) -> None:
    result = decided(name)
    told = document(result, everything=everything)
    assert check_sums(told) >= 1
    totals = [block.total[0] for block in told.blocks if isinstance(block, Sum)]
    totals += [number(block.total[-1]) for block in told.blocks if isinstance(block, Table) and block.total is not None]
    assert (result.margin in totals) if isinstance(result.margin, F) else any(x < 0 for x in totals)


@pytest.mark.parametrize("seed", range(25))
def test_random_instances_are_explained(seed: int) -> None:
    """Any environment, requirements, ties and priors; symmetric proofs too. Lines of a contradiction are below 0."""
    for instance in (random_instances.instance(seed), symmetric_instances.instance(seed)):
        result = solve(instance.with_objective(Objective()))
        told = document(result)
        check_sums(told)
        if result.proof is not None and result.proof.multipliers is not None:
            lines = Accounts(result.proof).lines
            if lines is not None:
                total = sum(line.weight * line.worth for line in lines)
                assert total == result.margin if result.proof.bounds == "margin" else total < 0


# ---- patterns ------------------------------------------------------------------------------------------------------------


def test_jagadeesan_tordjman_example_1() -> None:
    """0.8 on (0, 1), 0.1 on (1, 0), and the rest; charges may come to 2 GT = 13/300 and have to come to 1/10 and more.

    On a grid of n points the uniform part adds cells to the atoms and 1/(600 (n - 1)^2) to 2 GT.
    """
    result = decided(JT)
    assert result.proof is not None
    found = coupling(Accounts(result.proof))
    assert found is not None
    assert found.antitone
    assert 2 * found.gains == F(13, 300) + F(1, 600 * 100**2)
    weights = {pair.profile: (pair.weight, pair.gain) for pair in found.pairs}
    assert weights[0, 100] == (F(8, 10) + F(1, 2000), 0)
    assert weights[100, 0] == (F(1, 10) + F(1, 2000), 1)
    assert {w for profile, (w, _) in weights.items() if 0 < profile[0] < 100} == {F(1, 1000)}
    assert [pair.profile for pair in found.shortest() or ()] == [(100, 0)]
    assert found.least == F(1, 8)
    assert 2 * found.gains - found.least == result.margin == F(-163333, 2000000)
    text = result.explain()
    assert "Already the pair b = 1, s = 0 (201/2000 x 1) alone asks for 201/2000 = 0.1005" in " ".join(text.split())
    assert "more than 86667/2000000 = 0.0433335" in " ".join(text.split())
    assert "-1/8   what they must come to: E[(b - s)^+] under the antitone coupling" in text


def test_kos_manea_virtual_surplus() -> None:
    """Values 2, 9/2, costs 1, 4: gains 5/4 less rents 5/8 and 3/4; in payments 17/8 - 9/4."""
    result = decided(KM)
    assert result.proof is not None
    assert virtual_surplus(Accounts(result.proof))
    text = result.explain()
    assert "The weights are those of Kos and Manea (2009, Theorem 1)" in text
    assert "BIC of the buyer of type 9/2 against reporting 2, with weight 1/2 = P(type >= 9/2)" in text
    for line in ("5/4   expected gains", "-5/8   rent left to the buyer", "-3/4   rent left to the seller"):
        assert line in text
    assert "Rents of at least 11/8 = 1.375, gains of at most 5/4 = 1.25: 1/8 = 0.125 is missing." in text
    assert "17/8   most that buyers pay" in text
    assert "-9/4   less the least that the seller gets" in text


def test_other_weights_are_not_called_virtual_surplus() -> None:
    for name in ("kos-manea-2009/conclusion-ex-post", "efficient-mechanisms-notes/correlated-balanced", JT):
        proof = decided(name).proof
        assert proof is not None
        assert not virtual_surplus(Accounts(proof))


def test_many_buyers_share_one_table_of_rents() -> None:
    result = decided("kos-manea-2009/example-2-two-buyers-large-k")
    text = result.explain()
    assert "The rent of the 2 buyers together" in text
    assert "Kos and Manea" in text


@pytest.mark.parametrize("ic", ["DSIC", "BIC"])
def test_an_allocation_that_is_not_monotone_is_a_cycle(ic: str) -> None:
    """The buyer of value 1 trades, he of value 3 does not: 1 wants at least to keep it, 3 must not want it: 1 - 3 < 0."""
    trade, keep = (0, 1), (1, 0)
    env = BilateralTrade(Distribution([1, 3, 5]), Distribution([0]))
    need = Requirements(ic, "none", "no-deficit", AllocationTable([trade, keep, trade]))
    result = solve(Instance(env, need))
    assert result.margin == float("-inf")
    assert result.proof is not None
    found = cycle(Accounts(result.proof))
    assert found is not None
    assert found.total == -2
    assert [(line.multiplier.place.report, line.worth) for line in found.lines] == [(1, 1), (0, -3)]
    assert "0 is at most -2." in result.explain()


def test_green_laffont_is_a_square() -> None:
    result = decided("mishra-2020/green-laffont")
    assert result.proof is not None
    lines = Accounts(result.proof).lines
    assert lines is not None
    corners = square(lines)
    assert corners is not None
    assert sorted(line.weight for line in corners) == [-1, -1, 1, 1]
    assert "the argument of Green and Laffont" in result.explain()
    assert square(corners[1:]) is None


def test_one_price_is_named() -> None:
    """At the best price payments of both sides still come to more than the gains."""
    asked = lpmech.load(ROOT / "jagadeesan-tordjman-slides/example-any-transfers.toml").with_requirements(ties="first")
    result = solve(asked)
    assert result.method == "one_price"
    assert result.proof is not None
    assert "This is the argument of one price" in explain(result)
    (least,) = [b for b in document(result).blocks if isinstance(b, Sum)]
    assert least.terms[0][0] == Accounts(result.proof).gains
    assert least.total[0] == result.margin


# ---- mechanisms ----------------------------------------------------------------------------------------------------------


def test_what_binds_is_what_holds_with_equality() -> None:
    text = decided("myerson-satterthwaite-1983/uniform-five-points").explain()
    assert "IR of the buyer: 0" in text
    assert "BIC of the buyer: " in text
    (listed,) = re.findall(r"BIC of the seller: (.*)", text)
    assert "0 -> 1/4" in listed
    assert "1 -> 0" not in listed


def binding_rows(result: Result, everything: bool = False) -> Table:
    (found,) = [
        b for b in document(result, everything=everything).blocks if isinstance(b, Table) and "binds at" in b.head
    ]
    return found


def test_what_binds_at_single_profiles() -> None:
    """A posted price: who trades at a price below his value keeps something, the others nothing."""
    rows = binding_rows(decided("efficient-mechanisms-notes/posted-price")).rows
    assert ("IR[buyer: 7/12, 3/4, 11/12]", "3 of 6", "seller 7/12, 3/4, 11/12") in rows
    assert ("IR[seller: 7/12, 3/4, 11/12]", "6 of 6", "all") in rows


@pytest.mark.parametrize("seed", range(6))
def test_what_binds_at_single_profiles_is_all_that_does(seed: int) -> None:
    """Constraint by constraint, from the definition, in the mechanism shown."""
    rng = random.Random(seed)
    env = BilateralTrade(
        *(Distribution(sorted(rng.sample(range(9), 3)), random_instances.masses(rng, 3)) for _ in "BS")
    )
    result = solve(Instance(env, Requirements("DSIC", "ex-post", "no-deficit", "free")))
    assert result.proof is not None
    made = result.readable()
    assert made is not None
    t, values = made.transfers, [env.valuation(i) for i in (0, 1)]

    def gets(i: int, k: int, b: int, s: int) -> F:
        return sum((w * values[i][k][x] for x, w in made.lotteries[3 * b + s].items()), -t[i][3 * b + s])

    ir = [(i, k[i]) for i in (0, 1) for k in product(range(3), repeat=2) if gets(i, k[i], *k) == 0]
    ic = [
        (i, k[i], r)
        for i in (0, 1)
        for k in product(range(3), repeat=2)
        for r in range(3)
        for told in [(r, k[1]) if i == 0 else (k[0], r)]
        if gets(i, k[i], *told) == gets(i, k[i], *k)
        and (made.lotteries[3 * told[0] + told[1]], t[i][3 * told[0] + told[1]])
        != (made.lotteries[3 * k[0] + k[1]], t[i][3 * k[0] + k[1]])
    ]
    said = list(_at_profiles(result.proof, made) or ())
    assert Counter(ir) == Counter(
        (r.agent, r.types[0]) for r in said if isinstance(r.constraint, Participation) for _ in r.others
    )
    found = Counter(
        (r.agent, r.true, r.types[0]) for r in said if isinstance(r.constraint, Incentives) for _ in r.others
    )
    assert Counter(ic) == found
    paid = [made.profiles[p] for p, r in enumerate(made.profile_revenue) if r == 0]
    assert [theta for r in said if r.agent is None for theta in r.others] == paid


def test_long_lists_of_what_binds_are_cut_and_counted() -> None:
    found = decided(KM).proof
    assert found is not None
    assert found.mechanism is not None
    rows = [Row(ExPostIR(0), ((k % 2,),), (0,)) for k in range(50)]
    (table,) = _table(found.mechanism, rows, False)
    assert isinstance(table, Table)
    assert len(table.rows) == 40
    assert table.note == "... and 10 more lines, of 10 constraints (--all shows them)"
    (whole,) = _table(found.mechanism, rows, True)
    assert isinstance(whole, Table)
    assert (len(whole.rows), whole.note) == (50, None)


# ---- renderings ----------------------------------------------------------------------------------------------------------


def awkward() -> Result:
    """Names that mean something to TeX and HTML."""
    agents = {
        "a_1 & <b>": [Type("50% | x", "1/2", [0, -3], 0), Type("{y}$^2~", "1/2", [0, 2], 0)],
        "é\\#": [Type("*z*", 1, [0, "-1/3"], "1/7")],
    }
    return solve(
        Instance(SocialChoice(["no", "yes"], agents), Requirements("BIC", "interim", "balanced"), title="<i>&_%$ \\x →")
    )


@pytest.mark.parametrize(
    "result", [awkward(), *map(decided, MANY[:3]), decided(MANY[4])], ids=lambda r: r.instance.title
)
def test_latex_compiles(result: Result, tmp_path: Path) -> None:
    tex = result.explain("latex")
    opened, closed = (re.findall(rf"\\{word}{{(\w+\*?)}}", tex) for word in ("begin", "end"))
    assert sorted(opened) == sorted(closed)
    plain = re.sub(r"\\[{}$\\]", "", tex)
    assert plain.count("{") == plain.count("}")
    assert plain.count("$") % 2 == 0
    assert r"\frac{" in tex
    engine = shutil.which("pdflatex")
    if engine is not None:
        (tmp_path / "x.tex").write_text(tex, encoding="utf-8")
        done = subprocess.run(
            [engine, "-interaction=nonstopmode", "-halt-on-error", "x.tex"], cwd=tmp_path, capture_output=True
        )
        assert done.returncode == 0, done.stdout[-2000:]


def test_html_loads_nothing_and_escapes() -> None:
    page = awkward().explain("html")
    assert "<i>" not in page
    assert "&lt;i&gt;&amp;_%$" in page
    assert not re.search(r"https?:|src=|href=|@import|url\(", page)
    assert page.count("<table>") == page.count("</table>") > 0


def test_formulas_are_set_in_html() -> None:
    page = decided(KM).explain("html")
    assert "∑<sub>i</sub> (1 − F<sub>b</sub>(B<sub>i−1</sub>))" in page
    assert 'with <span class="formula">X<sub>i</sub></span>, ' in page
    assert "_i" not in page


def test_rents_begin_with_participation() -> None:
    result = decided("mishra-2020/cgk-three-one-buyer")
    assert result.proof is not None
    for rent in rents(Accounts(result.proof)) or ():
        kinds = [line.multiplier.constraint.code for line in rent.lines]
        assert kinds == sorted(kinds, reverse=True)
        assert set(kinds) == {"IR", "BIC"}


def test_ties_with_one_rule_are_said() -> None:
    """In an open mechanism too; one constraint on the budget is at one profile."""
    third = Distribution([1, 2, 3], ["1/2", 0, "1/2"])
    env = BilateralTrade(third, Distribution([1, 2, 3], ["1/2", "1/4", "1/4"]))
    text = solve(Instance(env, Requirements("DSIC", "ex-post", "no-deficit"))).explain()
    assert "above the seller's cost; ties do not trade." in text
    assert "the budget at one profile, with weight 1" in text


def test_html_keeps_long_numbers_exact() -> None:
    trade = BilateralTrade(Distribution([F(1, 3**50), F(10**40 + 1, 7**40)]), Distribution([0, F(5, 11**30)]))
    result = solve(Instance(trade, Requirements("BIC", "interim", "balanced")))
    assert isinstance(result.margin, F)
    assert re.search(r'<span title="-?\d{20,}/\d{20,}">≈', result.explain("html"))


def test_markdown_tables_are_rectangular() -> None:
    text = awkward().explain("markdown")
    rows = [re.sub(r"\\.", "", line).count("|") for line in text.splitlines() if line.startswith("|")]
    assert rows
    for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        assert len({re.sub(r"\\.", "", line).count("|") for line in block.splitlines()}) == 1


def test_notebooks_show_results() -> None:
    assert decided(KM)._repr_html_().startswith('<div class="lpmech">')


def test_unknown_formats_are_refused() -> None:
    with pytest.raises(lpmech.InputError, match="text, markdown, latex, html"):
        decided(KM).explain("pdf")


# ---- blame ---------------------------------------------------------------------------------------------------------------


def test_blame_of_the_classic_impossibility() -> None:
    """All four are needed. Second best: kos-manea-2009, Theorem 4 (x(B_2, S_2) = 1 with probability 9/10 here)."""
    found = blame(lpmech.load(ROOT / f"{KM}.toml"))
    assert found.conflicts == (("efficiency", "BIC", "interim IR", "a balanced budget"),)
    assert found.subsidy == F(1, 8)
    assert (found.first_best, found.second_best, found.share) == (F(5, 4), F(49, 40), F(49, 50))
    assert [change.result.verdict for change in found.dropped if change.result is not None] == ["exists"] * 4
    assert [(c.instead, c.result and c.result.margin) for c in found.weakened] == [
        ("ex ante IR", F(5, 4)),
        ("no deficit", F(-1, 8)),
    ]
    assert "The share that is left is 49/50 = 0.98." in found.explain()
    assert [(price.requirement, price.amount) for price in found.prices] == [
        ("efficiency", F(1, 40)),
        ("BIC", F(11, 8)),
        ("interim IR", F(1, 8)),
        ("a balanced budget", F(1, 8)),
    ]
    assert found.frontier is not None
    assert list(found.frontier) == [(0, F(49, 40)), (F(1, 8), F(5, 4))]
    for style in FORMATS:
        assert "49" in found.explain(style)
    assert found._repr_html_().startswith('<div class="lpmech">')


def test_conflicts_leave_out_what_is_not_needed() -> None:
    """Green-Laffont needs no participation; an allocation that nothing implements needs no budget either."""
    env = BilateralTrade(Distribution([2, 6, 8]), Distribution([1, 4, 7]))
    found = blame(Instance(env, Requirements("DSIC", "ex-post", "balanced")))
    assert found.conflicts is not None
    assert ("efficiency", "DSIC", "a balanced budget") in found.conflicts
    table = AllocationTable([(0, 1), (1, 0)])
    one = Instance(
        BilateralTrade(Distribution([1, 3]), Distribution([0])), Requirements("DSIC", "interim", "balanced", table)
    )
    assert blame(one).conflicts == (("a given allocation", "DSIC"),)
    assert blame(one).subsidy == float("inf")
    assert "no amount is enough" in blame(one).explain()


def test_the_price_of_participation_is_what_agents_have_to_lose() -> None:
    """With outside options lower by the price in all, the requirements can just be met."""
    found = blame(lpmech.load(ROOT / "jagadeesan-tordjman-2025/table-1-truthful-interim.toml"))
    (price,) = [p.amount for p in found.prices if p.requirement == "interim IR"]
    assert isinstance(price, F)
    env = found.instance.environment
    for share, margin in ((price / 2, 0), (price / 3, -price / 3)):
        agents = {
            a.name: [Type(k, p, v, -share) for k, p, v in zip(a.types, a.probabilities, env.valuation(i), strict=True)]
            for i, a in enumerate(env.agents)
        }
        assert solve(replace(found.instance, environment=SocialChoice(env.outcomes, agents))).margin == margin


def test_conflicts_are_minimal() -> None:
    """Against each subset of the requirements, decided afresh by the full program."""
    rng = random.Random(7)
    free = {"allocation": "free", "incentive_compatibility": "none", "individual_rationality": "none", "budget": "none"}
    for _ in range(4):
        env = BilateralTrade(
            *(Distribution(sorted(rng.sample(range(8), 2)), random_instances.masses(rng, 2)) for _ in "BS")
        )
        instance = Instance(env, Requirements("DSIC", "ex-post", "balanced"))
        found = blame(instance)
        if found.result.verdict == "exists":
            assert found.conflicts == ()
            continue
        words = dict(zip(("efficiency", "DSIC", "ex post IR", "a balanced budget"), free, strict=True))
        assert found.conflicts
        for conflict in found.conflicts:
            for gone in (None, *conflict):
                kept = {words[word] for word in conflict if word != gone}
                changed = instance.with_requirements(**{key: v for key, v in free.items() if key not in kept})
                assert solve(changed, method="full").verdict == ("impossible" if gone is None else "exists")


def test_nothing_is_to_blame_where_a_mechanism_exists() -> None:
    found = blame(lpmech.load(ROOT / "kos-manea-2009/example-2-one-buyer.toml"))
    assert (found.dropped, found.conflicts, found.subsidy) == ((), (), 0)
    assert found.first_best == found.second_best
    assert "none is to blame" in found.explain()


def test_what_is_too_large_is_not_tried() -> None:
    found = blame(lpmech.load(ROOT / f"{JT}.toml").with_requirements(incentive_compatibility="BIC"))
    assert found.conflicts is None
    assert found.second_best is None
    assert "not decided: too large" in found.explain()


def test_many_sellers_are_not_the_theorem_of_one() -> None:
    env = Exchange([Distribution([2, 5])], [Distribution([1, 4]), Distribution([0, 3])])
    proof = solve(Instance(env, Requirements("BIC", "interim", "balanced"))).proof
    assert proof is not None
    assert not virtual_surplus(Accounts(proof))


def test_all_buyer_types_of_a_second_best_are_listed_when_asked_for():
    side = Distribution(range(45))
    need = Requirements("BIC", "interim", "balanced", allocation="free")
    result = lpmech.solve(Instance(BilateralTrade(side, side), need, Objective("welfare")))
    assert "... and 5 more (--all shows them)" in explain(result)
    text = explain(result, everything=True)
    table = text[text.index("buyer   trades with") : text.index("Interim, by type")]
    assert [line.split()[0] for line in table.splitlines()[1:] if line.strip()] == [str(k) for k in range(45)]
