"""Further requirements: exact answers, verdicts at z = 0, proofs, audits, messages."""

from __future__ import annotations

import json
import math
from fractions import Fraction as F
from pathlib import Path

import pytest

import lpmech
from lpmech.question.constraints import Linear
from lpmech.question.pieces import pieces, without

QUESTIONS = Path(__file__).parent / "cases" / "questions"
RIGHT = {
    "auction-04": ("exists", F(19, 42)),
    "bilateral-03": ("exists", F(1, 6)),
    "bilateral-10": ("impossible", F(-13, 18)),
    "edge-5-auction-08": ("exists", F(0)),
    "exchange-03": ("impossible", F(-23, 3)),
    "known-auction-full-extraction-correlated": ("exists", F(8, 5)),
    "known-deviations-upward": ("exists", F(2)),
    "known-free-shares-symmetric": ("exists", F(1, 4)),
    "known-lemons": ("impossible", F(-1, 2)),
    "known-two-goods-12": ("exists", F(9, 4)),
    "known-vote-without-payments": ("exists", F(39, 8)),
    "partnership-04": ("exists", F(176, 105)),
    "partnership-06": ("exists", F(0)),
    "payment-cap": ("impossible", F(-29, 9)),
    "social-05": ("impossible", -math.inf),
    "social-12": ("impossible", None),
}


@pytest.mark.parametrize("name", RIGHT)
def test_questions_of_others_have_the_right_answer(name: str) -> None:
    verdict, number = RIGHT[name]
    result = lpmech.solve(lpmech.load(QUESTIONS / f"{name}.toml"))
    assert (result.verdict, result.value, result.proved) == (verdict, number, True)


TRADE = """
format = "lpmech-instance/1"
[environment]
kind = "bilateral-trade"
buyer = { values = [BUYER], weights = [1, 1] }
seller = { values = [SELLER], weights = [1, 1] }
[requirements]
incentive_compatibility = "IC"
individual_rationality = "IR"
budget = "BUDGET"
MORE
"""


def trade(
    more: str = "", ic: str = "BIC", ir: str = "interim", budget: str = "balanced", **values: str
) -> lpmech.Instance:
    text = TRADE.replace("BUYER", values.get("buyer", "1, 3")).replace("SELLER", values.get("seller", "0, 2"))
    for key, word in (("IC", ic), ("IR", ir), ("BUDGET", budget)):
        text = text.replace(f'"{key}"', word if word.startswith("{") else f'"{word}"')
    return lpmech.loads(text.replace("MORE", more))


def test_z_cannot_be_lowered_to_0_where_payments_have_a_floor() -> None:
    """Conventions C13: revenue is at least 2, the margin is inf, and no mechanism has revenue 0."""
    result = lpmech.solve(trade("payments = { at-least = 1 }", ic="none", ir="none"))
    assert (result.verdict, result.margin, result.proved) == ("impossible", math.inf, True)
    assert result.proof is not None
    assert result.proof.best_level == 2


def test_a_floor_of_the_budget_is_taken_off_the_margin() -> None:
    """With budget-floor f revenue is f + z."""
    plain = lpmech.solve(trade())
    floored = lpmech.solve(trade("budget-floor = '1/7'"))
    assert floored.margin == plain.margin - F(1, 7)
    assert floored.proved


def test_requirements_that_say_nothing_leave_the_margin() -> None:
    """Bounds and requirements that always hold, against the plain question in exact arithmetic."""
    plain = lpmech.solve(trade(), method="full").margin
    for more in (
        "payments = { at-most = 1000 }",
        'deviations = "adjacent"',
        '[[requirements.linear]]\nof = "q[trade]"\nat-least = 0',
        '[[requirements.linear]]\nof = "u[buyer] + u[seller]"\nat = "prior"\nat-most = 1000',
    ):
        assert lpmech.solve(trade(more)).margin == plain


def test_one_notion_for_all_by_name_is_that_notion() -> None:
    named = trade(ic='{ buyer = "DSIC", default = "DSIC" }', ir='{ default = "interim" }')
    assert named.further == ()
    assert named == trade(ic="DSIC")


def test_ex_post_incentives_with_private_values_are_dsic() -> None:
    assert trade(ic="ex-post") == trade(ic="DSIC")


def test_mixed_notions_lie_between() -> None:
    margins = [
        lpmech.solve(trade(ic=ic, budget="no-deficit")).margin
        for ic in ("DSIC", '{ buyer = "DSIC", seller = "BIC" }', "BIC")
    ]
    assert margins == sorted(margins)


def test_the_divorce_settlement() -> None:
    """A museum may keep the painting, or one of two who value it 2 or 10 may have it: with payments the value is had at
    the truth; without payments, and without lotteries, nothing depends on a report that gains."""
    head = 'format = "lpmech-instance/1"\n[environment]\nkind = "social-choice"\noutcomes = ["she", "he", "museum"]\n'
    agents = "".join(
        f'[[environment.agents]]\nname = "{name}"\nvalues = [2, 10]\nprobabilities = ["4/5", "1/5"]\n'
        f'utility = {{ she = "{she}", he = "{he}", museum = "1" }}\n'
        for name, she, he in (("wife", "own", "0"), ("husband", "0", "own"))
    )
    need = (
        '[requirements]\nallocation = "free"\nincentive_compatibility = "DSIC"\nindividual_rationality = "none"\n'
        'budget = "no-deficit"\n{}\n[objective]\nmaximize = "agents-utility"\n'
    )
    values = [
        lpmech.solve(lpmech.loads(head + agents + need.format(more))).value
        for more in ("", 'payments = "none"', 'payments = "none"\nlotteries = false')
    ]
    assert values[0] >= values[1] >= values[2]
    assert values[2] == F(18, 5)  # always one of the two: 2 * 4/5 + 10 * 1/5


def test_shares_of_unequal_partners() -> None:
    """Uniform on [0, 1] and [0, 2], 6 midpoints, Groves, interim IR: the best shares beat (1/3, 2/3)."""

    def partners(first: str, second: str) -> lpmech.Instance:
        agents = "".join(
            f'[[environment.agents]]\nname = "{name}"\nshare = "{share}"\n'
            f'grid = {{ low = 0, high = {high}, points = 6, placement = "midpoints" }}\n'
            f'distribution = {{ family = "uniform", low = 0, high = {high} }}\n'
            for name, share, high in (("ann", first, 1), ("bob", second, 2))
        )
        return lpmech.loads(
            'format = "lpmech-instance/1"\n[environment]\nkind = "partnership"\n' + agents + "[requirements]\n"
            'incentive_compatibility = "DSIC"\nindividual_rationality = "interim"\nbudget = "no-expected-deficit"\n'
            'transfers = "groves"\n'
        )

    free, given = lpmech.solve(partners("free", "free")), lpmech.solve(partners("1/3", "2/3"))
    assert free.proved
    assert free.margin >= given.margin
    shares = free.proof.mechanism.shares
    assert sum(shares) == 1
    assert lpmech.solve(partners(*map(str, shares))).margin == free.margin


def test_two_by_two_allocations_without_lotteries_against_all_of_them() -> None:
    """Every allocation of two types each tried by itself, as a table."""
    from itertools import product

    more = 'allocation = "free"\nlotteries = false\n[objective]\nmaximize = "revenue"'
    found = lpmech.solve(trade(more, ic="DSIC", ir="ex-post", budget="none")).value
    best = None
    for outcomes in product((0, 1), repeat=4):
        rows = ", ".join("[1, 0]" if x == 0 else "[0, 1]" for x in outcomes)
        table = f'allocation = {{ table = [{rows}] }}\n[objective]\nmaximize = "revenue"'
        one = lpmech.solve(trade(table, ic="DSIC", ir="ex-post", budget="none"))
        if one.verdict == "exists":
            best = one.value if best is None else max(best, one.value)
    assert found == best


def test_a_four_by_four_allocation_without_lotteries() -> None:
    text = TRADE.replace("BUYER", "1, 2, 5, 7").replace("SELLER", "0, 1, 4, 6").replace("[1, 1]", "[1, 1, 1, 1]")
    for key, word in (("IC", "BIC"), ("IR", "interim"), ("BUDGET", "no-deficit")):
        text = text.replace(f'"{key}"', f'"{word}"')
    more = 'allocation = "free"\n{}\n[objective]\nmaximize = "welfare"'
    sure = lpmech.solve(lpmech.loads(text.replace("MORE", more.format("lotteries = false"))))
    mixed = lpmech.solve(lpmech.loads(text.replace("MORE", more.format(""))))
    assert sure.proved
    assert sure.value <= mixed.value
    assert all(len(lottery) == 1 for lottery in sure.mechanism.lotteries)


def test_proofs_round_trip_through_files(tmp_path: Path) -> None:
    for name in ("bilateral-10", "partnership-06", "known-free-shares-symmetric"):
        instance = lpmech.load(QUESTIONS / f"{name}.toml")
        proof = lpmech.solve(instance).proof
        assert proof is not None
        path = proof.save(tmp_path / "proof.json")
        assert json.loads(path.read_text())["format"] == "lpmech-proof/2"
        assert lpmech.verify(path, instance=instance)
        other = lpmech.load(QUESTIONS / "payment-cap.toml")
        assert not lpmech.verify(path, instance=other)


def test_audits_name_every_requirement() -> None:
    instance = lpmech.load(QUESTIONS / "partnership-04.toml")
    audit = lpmech.audit(instance, lpmech.solve(instance).mechanism)
    assert audit.ok
    assert {"rule 1", "rule 2", "BIC", "interim IR"} <= {name for name, p in audit.properties.items() if p.asked}
    capped = instance.with_requirements(payments={"ann": {"at-most": -100}})
    broken = lpmech.audit(capped, lpmech.solve(instance).mechanism)
    assert [p.name for p in broken.violations] == ["t[ann] <= -100"]


def test_each_requirement_can_be_left_out() -> None:
    instance = lpmech.load(QUESTIONS / "bilateral-10.toml")
    names = pieces(instance)
    assert list(names.values()) == [
        "efficiency",
        "BIC for buyer",
        "DSIC for seller",
        "ex ante IR for buyer",
        "ex post IR for seller",
        "no deficit",
        '"rule 1"',
    ]
    for name in names:
        left = without(instance, [name])
        assert set(pieces(left).values()) < set(names.values())
    blamed = lpmech.blame(instance)
    assert blamed.conflicts == (
        ("efficiency", "DSIC for seller", "ex ante IR for buyer", "ex post IR for seller", "no deficit"),
    )


def test_a_file_written_from_an_instance_gives_it_back() -> None:
    for name in ("partnership-04", "partnership-06", "payment-cap", "social-05", "exchange-03"):
        instance = lpmech.load(QUESTIONS / f"{name}.toml")
        assert lpmech.loads(lpmech.dumps(instance)) == instance


def test_everything_else_refuses_by_reason() -> None:
    instance = lpmech.load(QUESTIONS / "payment-cap.toml")
    for refused in (
        lambda: lpmech.solve(instance, method="interim"),
        lambda: lpmech.solve(instance, method="vcg_prime"),
        lambda: lpmech.frontier(instance),
        lambda: (
            lpmech.solve(instance).readable()
            if lpmech.solve(instance).verdict == "exists"
            else lpmech.frontier(instance)
        ),
    ):
        with pytest.raises(lpmech.InputError, match="payments are bounded"):
            refused()
    lemons = lpmech.load(QUESTIONS / "known-lemons.toml")
    with pytest.raises(lpmech.InputError, match="values depend on the types of others"):
        lemons.environment.valuation(0)
    with pytest.raises(lpmech.InputError, match="Groves transfers need private values"):
        lemons.with_requirements(transfers="groves")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("payments = { nobody = { at-most = 1 } }", "requirements.payments: no agent or group called 'nobody'"),
        ("payments = { at-mots = 1 }", "requirements.payments"),
        ('[[requirements.linear]]\nof = "t[buyer]*t[seller]"\nequal = 0', "a product of two payments"),
        ('[[requirements.linear]]\nof = "t[ann]"\nequal = 0', "requirements.linear[0].of: no agent called 'ann'"),
        ('[[requirements.linear]]\nof = "q[trade]"', "requirements.linear[0]: no comparison"),
        (
            '[[requirements.linear]]\nof = "q[trade]"\nat = "prio"\nequal = 0',
            "requirements.linear[0].at: no agent called 'prio'",
        ),
        (
            '[[requirements.linear]]\nof = "q[trade]"\nwhere = { buyer = ["7"] }\nequal = 0',
            "no type of buyer called '7'",
        ),
        ("budget-floor = 'x'", "requirements.budget-floor"),
        ("lotteries = 3", "requirements.lotteries"),
    ],
)
def test_messages(more: str, said: str) -> None:
    with pytest.raises(lpmech.InputError) as caught:
        trade(more)
    assert said in str(caught.value)


def test_a_linear_requirement_in_python_is_that_of_a_file() -> None:
    in_file = trade('[[requirements.linear]]\nname = "r"\nof = "2*t[buyer] - 1/2"\nat = "prior"\nat-least = 0')
    rule = lpmech.LinearRequirement("2*t[buyer] - 1/2", at="prior", at_least=0, name="r")
    assert trade().with_requirements(linear=(rule,)).requirements == in_file.requirements
    (one,) = in_file.requirements.linear
    assert isinstance(one, Linear)
    assert one.says(in_file.environment) == "2 t[buyer] - 1/2 >= 0 in expectation"


def test_a_group_stands_below_a_name_and_above_the_default() -> None:
    text = (QUESTIONS / "exchange-03.toml").read_text()
    notions = '{ buyers = "DSIC", "buyer-2" = "none", default = "BIC" }'
    instance = lpmech.loads(text.replace('incentive_compatibility = "BIC"', f"incentive_compatibility = {notions}"))
    assert instance.requirements.incentive_compatibility == ("DSIC", "none", "BIC")
