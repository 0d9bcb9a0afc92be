"""What is given from Python: labels of any kind, and things of another kind, refused with what to write instead."""

from __future__ import annotations

import re
from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import lpmech
from lpmech import (
    AllocationTable,
    BilateralTrade,
    Distribution,
    Exchange,
    InputError,
    Instance,
    Objective,
    Partner,
    Partnership,
    Requirements,
    SocialChoice,
    Type,
)

NEEDS = Requirements("BIC", "interim", "balanced")
BUYER, SELLER = Distribution([2, 6]), Distribution([1, 4])
TRADE = BilateralTrade(BUYER, SELLER)
QUESTION = Instance(TRADE, NEEDS)
FRAME = pd.DataFrame({"value": [1, 2], "mass": ["1/2", "1/2"]})
ROOT = Path(__file__).parents[1]


def public_project(names=("ann", "bob"), types=("low", "high"), outcomes=("no", "yes")):
    """Worth 1 or 2 to one agent, -1 or -1/2 to the other. The margin is 3/8 (each of four profiles has probability 1/4)."""
    first = [Type(types[0], "1/2", [0, 1]), Type(types[1], "1/2", [0, 2])]
    second = [Type(types[0], "1/2", [0, -1]), Type(types[1], "1/2", [0, "-1/2"])]
    return Instance(SocialChoice(list(outcomes), {names[0]: first, names[1]: second}), NEEDS)


# ---- labels ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "agents", "types", "outcomes"),
    [
        ({}, ("ann", "bob"), ("low", "high"), ("no", "yes")),
        ({"names": (1, (1, "a"))}, ("1", "(1, 'a')"), ("low", "high"), ("no", "yes")),
        ({"names": (None, frozenset())}, ("None", "frozenset()"), ("low", "high"), ("no", "yes")),
        ({"types": (1, F(1, 2))}, ("ann", "bob"), ("1", "1/2"), ("no", "yes")),
        ({"types": ((0, 1), 0.5)}, ("ann", "bob"), ("(0, 1)", "0.5"), ("no", "yes")),
        ({"outcomes": (0, 1)}, ("ann", "bob"), ("low", "high"), ("0", "1")),
        ({"outcomes": (False, (0, 1))}, ("ann", "bob"), ("low", "high"), ("False", "(0, 1)")),
    ],
)
def test_labels_of_any_kind_are_shown_as_text(given, agents, types, outcomes):
    instance = public_project(**given)
    result = lpmech.solve(instance)
    assert (result.verdict, result.margin) == ("exists", F(3, 8))
    env = instance.environment
    assert tuple(agent.name for agent in env.agents) == agents
    assert env.agents[0].types == types
    assert env.outcomes == outcomes
    assert lpmech.loads(lpmech.dumps(instance)).environment == env


def test_labels_of_partners():
    pair = Partnership([Partner("1/2", Distribution([0, 1]), 7), Partner("1/2", Distribution([0, 1]), 0)])
    assert pair.outcomes == ("to 7", "to 0")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"names": (1, "1")}, "agents: two agents of one name (got 1 and '1')"),
        (
            {"types": (1, "1")},
            "agents[0].types: agent ann has two types of one name (got '1' and '1'); expected names that differ as text",
        ),
        ({"outcomes": (1, "1")}, "outcomes: outcomes must be named, once each (got 1 and '1')"),
        ({"outcomes": ("yes", "yes")}, "outcomes: outcomes must be named, once each (got 'yes' and 'yes')"),
        ({"outcomes": ("yes", [1])}, "outcomes[1]: a list as the name of an outcome"),
        ({"types": ("low", {})}, "name: a dict as the name of a type"),
    ],
)
def test_labels_that_are_refused(given, message):
    with pytest.raises(InputError, match=re.escape(message)):
        public_project(**given)


def test_two_partners_whose_names_read_alike():
    with pytest.raises(InputError, match="two agents called '7'"):
        Partnership([Partner("1/2", BUYER, 7), Partner("1/2", BUYER, "7")])


def test_type_numbers_of_numpy_make_a_joint_prior():
    prior = {(np.int64(k), np.int64(j)): "1/4" for k in range(2) for j in range(2)}
    result = lpmech.solve(Instance(BilateralTrade(BUYER, SELLER, prior), NEEDS))
    assert (result.verdict, result.proved) == ("exists", True)
    assert set(result.instance.environment.prior) == {(0, 0), (0, 1), (1, 0), (1, 1)}


@pytest.mark.parametrize("profile", [(0, 0.0), (True, 0), "00", 5, ("0", "1"), (0, 2), (0,), (-1, 0)])
def test_profiles_that_are_none(profile):
    with pytest.raises(InputError, match="a profile that does not exist"):
        BilateralTrade(BUYER, SELLER, {profile: 1})


# ---- things of another kind --------------------------------------------------------------------------------------------

WRITE_INSTANCE = 'lpmech.Instance(environment, lpmech.Requirements("BIC", "interim", "balanced"))'
WRITE_NOTIONS = 'lpmech.Requirements("BIC", "interim", "balanced")'


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: lpmech.solve(TRADE), WRITE_INSTANCE),
        (lambda: lpmech.program(TRADE), WRITE_INSTANCE),
        (lambda: lpmech.blame(TRADE), WRITE_INSTANCE),
        (lambda: lpmech.frontier(TRADE), WRITE_INSTANCE),
        (lambda: lpmech.face(TRADE), WRITE_INSTANCE),
        (lambda: lpmech.report(TRADE), WRITE_INSTANCE),
        (lambda: lpmech.existence_table(TRADE), WRITE_INSTANCE),
        (lambda: lpmech.dumps(TRADE), WRITE_INSTANCE),
        (lambda: lpmech.solve(lpmech.solve(QUESTION)), "result.instance"),
        (lambda: lpmech.solve(FRAME), "a DataFrame where an instance is needed"),
        (lambda: lpmech.solve(0.5), "a float where an instance is needed"),
        (lambda: lpmech.solve(None), "None where an instance is needed"),
        (lambda: lpmech.solve('format = "lpmech-instance/1"\n[environment]'), "lpmech.loads(text)"),
        (lambda: lpmech.solve(QUESTION, parameters={"k": 1}), "parameters belong to an instance file"),
        (lambda: lpmech.solve(QUESTION, method=None), "None"),
        (lambda: lpmech.load(5), "the path of an instance file"),
        (lambda: lpmech.limit(TRADE), "an instance file with grid and distribution"),
        (lambda: lpmech.solve_many(QUESTION), "lpmech.solve, which decides one"),
        (lambda: lpmech.solve_many("file.toml"), "lpmech.solve, which decides one"),
        (lambda: lpmech.solve_batch(NEEDS, BUYER, SELLER), "a pair (values, weights)"),
        (lambda: lpmech.solve_batch("BIC", BUYER, SELLER), WRITE_NOTIONS),
        (lambda: lpmech.audit(QUESTION, lpmech.solve(QUESTION)), "result.mechanism"),
        (lambda: lpmech.audit(QUESTION, FRAME), "frame.to_csv(path, index=False)"),
        (lambda: lpmech.audit(QUESTION, 5), "a mechanism, or the path of a CSV file"),
        (lambda: lpmech.verify(QUESTION), "result.proof"),
        (lambda: lpmech.verify(5), "an int where a proof is needed"),
        (lambda: Instance(TRADE, "BIC"), WRITE_NOTIONS),
        (lambda: Instance(TRADE, NEEDS, "welfare"), 'lpmech.Objective("welfare")'),
        (lambda: Instance(BUYER, NEEDS), "lpmech.BilateralTrade(buyer, seller)"),
        (lambda: Instance(TRADE, NEEDS, title=5), "title: an int where text is needed (got 5)"),
        (lambda: Instance(TRADE, NEEDS, source=5), "source: an int where text is needed (got 5)"),
        (lambda: Requirements("BIC", "interim", "balanced", allocation=FRAME), "lpmech.AllocationTable(rows)"),
        (lambda: Requirements("BIC", "interim", "balanced", allocation=0.5), 'lpmech.PostedPrice("1/2")'),
        (lambda: AllocationTable(FRAME), 'frame["value"]'),
        (lambda: AllocationTable([[0.5, 0.5]]), 'table[0][0]: a binary floating-point number is not exact (got 0.5)'),
        (lambda: Objective(utility=5), "utility: an int where a list is needed; expected a weight for each agent"),
        (lambda: Distribution([1, 0.1]), "values[1]: a binary floating-point number is not exact (got 0.1)"),
        (lambda: Distribution(np.array([0.1, 0.2])), 'the text "0.1"'),
        (lambda: Distribution([1, 2], [0.5, 0.5]), 'probabilities[0]: a binary floating-point number'),
        (lambda: Distribution([float("nan")]), "values[0]: a binary floating-point number"),
        (lambda: Distribution(FRAME), 'frame["value"]'),
        (lambda: Distribution("12"), "values: text where a list is needed"),
        (lambda: Distribution({1: "1/2", 2: "1/2"}), "Distribution(list(masses), list(masses.values()))"),
        (lambda: Distribution([1, 2], 5), "probabilities: an int where a list is needed"),
        (lambda: BilateralTrade([1, 2], SELLER), "buyer: a list where a distribution is needed"),
        (lambda: BilateralTrade(BUYER, FRAME), "seller: a DataFrame where a distribution is needed"),
        (lambda: BilateralTrade(BUYER, SELLER, [1]), 'such as {(0, 1): "1/8", ...}'),
        (lambda: Exchange(BUYER, [SELLER]), "buyers: a Distribution where a list is needed"),
        (lambda: Exchange([BUYER], [[1, 2]]), "sellers[0]: a list where a distribution is needed"),
        (lambda: Partnership([BUYER, BUYER]), 'lpmech.Partner("1/2", lpmech.Distribution([1, 2]))'),
        (lambda: Partner("1/2", [1, 2]), "lpmech.Distribution([1, 2]"),
        (lambda: Partner(0.5, BUYER), 'the text "0.5"'),
        (lambda: SocialChoice("ab", {}), 'names, such as ["no", "yes"]'),
        (lambda: SocialChoice(["no"], [Type("a", 1, [0])]), '{"ann": [lpmech.Type('),
        (lambda: SocialChoice(["no"], {"ann": [("a", 1, [0])]}), "agents[0].types[0]: a tuple where a type is needed"),
        (lambda: SocialChoice(["no"], {"ann": 5}), "agents[0].types: an int where a list is needed"),
        (lambda: Type("a", 1, 5), "utility: an int where a list is needed"),
        (lambda: Type("a", 1, "12"), "utility: text where a list is needed"),
        (lambda: Type("a", 1, [0, 0.5]), "utility[1]: a binary floating-point number"),
    ],
)  # fmt: skip
def test_things_of_another_kind(call, says):
    with pytest.raises(InputError, match=re.escape(says)):
        call()


# ---- what is taken -----------------------------------------------------------------------------------------------------


def test_weights_are_divided_by_their_sum():
    assert Distribution([1, 2, 3], weights=[1, 0, 3]) == Distribution([1, 2, 3], ["1/4", 0, "3/4"])
    assert Distribution([1, 2], weights=np.array([1, 2])).probabilities == (F(1, 3), F(2, 3))
    with pytest.raises(InputError, match="weights: probabilities and weights together; expected one of the two"):
        Distribution([1, 2], [1, 0], weights=[1, 1])


def test_columns_of_a_frame_are_lists():
    assert Distribution(FRAME["value"], FRAME["mass"]) == Distribution([1, 2])


def test_verify_takes_proofs_results_files_and_json(tmp_path):
    result = lpmech.solve(QUESTION)
    path = result.proof.save(tmp_path / "proof.json")
    for proof in (result.proof, result, path, str(path), result.proof.table()):
        assert lpmech.verify(proof).accepted


def test_verify_refuses_a_proof_of_another_number():
    from dataclasses import replace

    proof = lpmech.solve(QUESTION).proof
    assert not lpmech.verify(replace(proof, margin=proof.margin + 1))


def test_verify_of_a_result_without_a_proof():
    (found,) = lpmech.solve_many([QUESTION], proof="on-request")
    with pytest.raises(InputError, match="a result without a proof: exists"):
        lpmech.verify(found)
    assert lpmech.verify(found.prove())


def test_loads_reads_what_dumps_writes():
    instance = lpmech.load(ROOT / "instances" / "kos-manea-2009" / "example-2-one-buyer.toml")
    again = lpmech.loads(lpmech.dumps(instance))
    assert (again.environment, again.requirements) == (instance.environment, instance.requirements)


def test_functions_stay_functions_when_their_modules_are_imported():
    import lpmech.answer.audit
    import lpmech.show.report
    import lpmech.studies.limit
    import lpmech.studies.sweep
    import lpmech.verify

    for name in ("audit", "limit", "report", "sweep", "verify"):
        assert callable(getattr(lpmech, name))
        assert getattr(lpmech, name).__name__ == name


def test_dir_shows_public_names_alone():
    assert dir(lpmech) == sorted(lpmech.__all__)
    assert {"plots", "solve", "loads", "dumps", "verify"} <= set(dir(lpmech))
    assert [name for name in dir(lpmech) if name.startswith("_")] == ["__version__"]
