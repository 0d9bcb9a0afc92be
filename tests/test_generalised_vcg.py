"""The generalised VCG mechanism and trade reduction: exact payments, ex post incentives, single crossing."""

from __future__ import annotations

import random
from fractions import Fraction as F

import pytest
from support.further_questions import Draw

import lpmech
from lpmech.literature import mechanisms


def auction(weight: str) -> lpmech.Instance:
    """Two partners whose value of the object is their signal and part of the other's."""
    agents = "".join(
        f'[[environment.agents]]\nname = "{name}"\nshare = "1/2"\nvalues = [0, 1, 3]\nweights = [1, 1, 1]\n'
        f'worth = "own + {weight}*others"\n'
        for name in ("ann", "bob")
    )
    return lpmech.loads(
        'format = "lpmech-instance/1"\n[environment]\nkind = "partnership"\n'
        + agents
        + '[requirements]\nincentive_compatibility = "ex-post"\nindividual_rationality = "ex-post"\nbudget = "none"\n'
        'ties = "first"\n'
    )


def test_a_winner_pays_his_value_at_the_lowest_signal_with_which_he_wins() -> None:
    """Ann of signal 3 against Bob of signal 1 would win with 1 still: her worth is 1 + 1/2 then. The outside option of the
    half moves the level: the type who gains least has it."""
    instance = auction("1/2")
    mechanism = lpmech.build_mechanism("generalised-vcg", instance)
    paid = [mechanism.at(k, 1)["payments"]["ann"] for k in range(3)]
    assert paid[1] - paid[0] == 1 + F(1, 2)
    assert paid[2] == paid[1]
    audit = lpmech.audit(instance, mechanism)
    assert audit["ex-post IC"].holds
    assert audit["ex-post IR"].holds
    assert audit["efficient"].holds
    assert not audit["DSIC"].holds


def test_without_single_crossing_it_is_refused_by_the_profile() -> None:
    with pytest.raises(lpmech.InputError, match=r"not single crossing: (ann|bob) of type \d would report \d at"):
        lpmech.build_mechanism("generalised-vcg", auction("2"))


def test_where_it_is_defined_it_is_ex_post_incentive_compatible() -> None:
    """On random questions, private and interdependent, by the audit, which goes through every report itself."""
    defined = interdependent = 0
    for seed in range(5000, 5400):
        text, question = Draw(seed).question()
        if "groves" in text:
            continue
        instance = lpmech.loads(text)
        if mechanisms.applies("generalised-vcg", instance) is not None:
            continue
        plain = instance.with_requirements(
            incentive_compatibility="ex-post",
            individual_rationality="ex-post",
            budget="none",
            allocation="efficient",
            payments="any",
            lotteries=True,
            budget_floor=0,
            linear=(),
            deviations="all",
        )
        audit = lpmech.audit(plain, mechanisms.build("generalised-vcg", instance))
        assert audit.ok, (seed, audit)
        defined += 1
        interdependent += question.interdependent
    assert defined > 100
    assert interdependent > 20


def test_trade_reduction_of_three_pairs() -> None:
    laws = [lpmech.Distribution([1, 9]), lpmech.Distribution([7]), lpmech.Distribution([5])]
    costs = [lpmech.Distribution([0]), lpmech.Distribution([2]), lpmech.Distribution([6])]
    need = lpmech.Requirements("DSIC", "ex-post", "no-deficit")
    instance = lpmech.Instance(lpmech.Exchange(laws, costs), need)
    mechanism = lpmech.build_mechanism("trade-reduction", instance)
    here = mechanism.at("9", "7", "5", "0", "2", "6")  # two pairs trade efficiently: 9 and 0, 7 and 2
    assert here["outcome"] == {"seller-1 -> buyer-1": 1}
    assert here["payments"] == {
        "buyer-1": 7,
        "buyer-2": 0,
        "buyer-3": 0,
        "seller-1": -2,
        "seller-2": 0,
        "seller-3": 0,
    }
    audit = lpmech.audit(instance, mechanism)
    assert {"DSIC", "ex-post IR", "no-deficit"} <= {name for name, p in audit.properties.items() if p.holds}


def test_trade_reduction_on_random_exchanges_with_ties() -> None:
    rng = random.Random(1)
    for _ in range(60):
        sides = [lpmech.Distribution(sorted(rng.sample(range(5), rng.randint(1, 3)))) for _ in range(4)]
        instance = lpmech.Instance(
            lpmech.Exchange(sides[:2], sides[2:]), lpmech.Requirements("DSIC", "ex-post", "no-deficit")
        )
        audit = lpmech.audit(instance, lpmech.build_mechanism("trade-reduction", instance))
        held = {name for name, p in audit.properties.items() if p.holds}
        assert {"DSIC", "ex-post IR", "no-deficit"} <= held
