"""Objects in Python: pickled whatever was looked at, printed without addresses and without tables, shown in notebooks."""

from __future__ import annotations

import copy
import pickle
import re
from fractions import Fraction as F
from pathlib import Path

import pytest

import lpmech
from lpmech import BilateralTrade, Distribution, Exchange, Instance, Partner, Partnership, Requirements
from lpmech.answer.mechanism import Mechanism

ROOT = Path(__file__).parents[1] / "instances"
TRADE = BilateralTrade(Distribution([2, 6]), Distribution([1, 4]))
BIC = Requirements("BIC", "interim", "balanced")
PARTNERS = Partnership([Partner("1/3", Distribution([0, 1, 2]))] * 3)

QUESTIONS = {
    "interim payments": Instance(TRADE, BIC),
    "menu": Instance(TRADE, Requirements("DSIC", "ex-post", "no-deficit")),
    "charges": Instance(TRADE, Requirements("DSIC", "ex-ante", "no-deficit", transfers="groves")),
    "cuts": Instance(TRADE, Requirements("BIC", "interim", "balanced", "free")).with_objective("welfare"),
    "identical buyers": Instance(Exchange([Distribution([1, 3])] * 2, [Distribution([0, 2])]), BIC),
    "symmetric": Instance(PARTNERS, Requirements("BIC", "interim", "balanced")),
    "symmetric charges": Instance(PARTNERS, Requirements("DSIC", "none", "no-deficit", transfers="groves")),
    "unbounded": Instance(TRADE, Requirements("BIC", "none", "no-deficit")),
}


def looked_at(thing):
    """Ask for everything there is, so that all that is computed on request is held."""
    for name in dir(thing):
        if not name.startswith("_") and not callable(getattr(thing, name, None)):
            getattr(thing, name)
    if isinstance(thing, Mechanism):
        for rows in (thing.profiles, thing.lotteries, *thing.transfers, *(thing.charges or ())):
            list(rows)
    thing._repr_html_()


def tables(mechanism):
    charges = None if mechanism.charges is None else [list(row) for row in mechanism.charges]
    return [list(row) for row in mechanism.transfers], [dict(q) for q in mechanism.lotteries], charges


@pytest.mark.parametrize("again", [lambda x: pickle.loads(pickle.dumps(x)), copy.deepcopy], ids=["pickle", "deepcopy"])
@pytest.mark.parametrize("name", QUESTIONS)
def test_results_are_pickled_whatever_was_looked_at(name, again):
    method = "symmetric" if name.startswith("symmetric") else "auto"
    result = lpmech.solve(QUESTIONS[name], method=method)
    assert result.proof.mechanism is not None
    for thing in (result, result.proof, result.proof.mechanism, result.instance):
        looked_at(thing)
    copied = again(result)
    assert (copied.verdict, copied.margin, copied.value) == (result.verdict, result.margin, result.value)
    assert copied.proof.table() == result.proof.table()
    assert copied.proof.verify()
    assert tables(copied.proof.mechanism) == tables(result.proof.mechanism)
    alone = again(result.proof.mechanism)
    assert type(alone) is type(result.proof.mechanism)
    assert tables(alone) == tables(result.proof.mechanism)


def test_studies_are_pickled():
    instance = lpmech.load(ROOT / "kos-manea-2009" / "example-1-one-buyer.toml")
    studies = [
        lpmech.blame(instance),
        lpmech.existence_table(instance),
        lpmech.frontier(instance),
        lpmech.face(instance),
    ]
    mechanism = lpmech.build_mechanism("vcg", instance)
    studies.append(lpmech.audit(instance, mechanism))
    studies += list(lpmech.solve_many([instance] * 2, proof="on-request"))
    studies.append(lpmech.solve_batch(instance.requirements, buyer=([[1, 3]], [[1, 1]]), seller=([[0, 2]], [[1, 1]])))
    for study in studies:
        study._repr_html_()
        assert repr(pickle.loads(pickle.dumps(study))) == repr(study)
        assert len(repr(study)) < 500


def test_reprs_of_environments_and_distributions():
    assert repr(TRADE) == "<BilateralTrade: bilateral-trade: buyer of 2 types, seller of 2 types (4 profiles)>"
    law = Distribution(["1/2", 2], ["1/3", "2/3"])
    assert repr(law) == 'Distribution(["1/2", 2], ["1/3", "2/3"])'
    assert eval(repr(law)) == law
    assert repr(Distribution(range(1000))) == "<Distribution: 1,000 values from 0 to 999>"
    assert len(repr(Distribution([F(10**900, 3)]))) < 100


def test_reprs_name_allocation_and_objective():
    instance = Instance(TRADE, Requirements("BIC", "interim", "balanced", "free"), title="A trade")
    told = (
        "bilateral-trade: buyer of 2 types, seller of 2 types (4 profiles); any allocation, BIC, interim IR, balanced"
    )
    assert repr(instance) == f"<Instance 'A trade': {told}; maximise margin>"
    revenue = instance.with_objective("revenue")
    assert repr(revenue) == f"<Instance 'A trade': {told}; maximise revenue>"
    result = lpmech.solve(revenue)
    assert repr(result) == f"<Result: exists, value {result.value}; of {revenue!r}>"
    assert repr(result.proof).startswith(f"<Proof: exists, value {result.value}; ")
    assert repr(result.proof).endswith(f"of {revenue!r}>")


@pytest.mark.parametrize("name", QUESTIONS)
def test_reprs_are_short_and_without_addresses(name):
    method = "full" if name == "symmetric" else "auto"
    result = lpmech.solve(QUESTIONS[name], method=method)
    for thing in (result, result.proof, result.proof.mechanism, result.instance, result.instance.environment):
        assert len(repr(thing)) < 400
        assert not re.search(r"0x[0-9a-f]{6}", repr(thing))


def test_reprs_of_large_proofs_are_short():
    wide = Distribution(range(1, 400, 2)), Distribution(range(0, 400, 2))
    result = lpmech.solve(Instance(BilateralTrade(*wide), BIC))
    assert len(repr(result.proof)) < 400
    given = lpmech.AllocationTable([[1, 0]] * 5000)
    instance = Instance(
        BilateralTrade(Distribution(range(50)), Distribution(range(100))), Requirements("BIC", "none", "none", given)
    )
    assert repr(given) == "<AllocationTable: 5,000 profiles x 2 outcomes>"
    assert len(repr(instance)) + len(repr(instance.requirements)) < 600


# ---- figures -------------------------------------------------------------------------------------------------------------


def test_figures_show_as_the_last_expression_of_a_cell():
    """What IPython asks for: an image, and its size on the page."""
    from lpmech.show import plots

    result = lpmech.solve(QUESTIONS["interim payments"])
    figures = [plots.allocation(result), plots.transfers(result), plots.interim(result), plots.supply_demand(result)]
    figures += [plots.multipliers(result), plots.frontier([(0, 1), (1, 2)])]
    for ax in figures:
        for shown in (ax, ax.figure):
            image, size = shown._repr_png_()
            assert image.startswith(b"\x89PNG\r\n\x1a\n")
            width, height = (int.from_bytes(image[at : at + 4], "big") for at in (16, 20))
            assert (width, height) == (2 * size["width"], 2 * size["height"])


def test_figures_in_axes_of_pyplot_are_left_to_pyplot():
    from matplotlib.figure import Figure

    from lpmech.show import plots

    mine = Figure().add_subplot()
    assert plots.allocation(QUESTIONS["cuts"], ax=mine) is mine
    assert not hasattr(mine, "_repr_png_")


def test_figures_are_pickled():
    from lpmech.show import plots

    ax = plots.allocation(lpmech.solve(QUESTIONS["interim payments"]))
    assert pickle.loads(pickle.dumps(ax))._repr_png_()[0].startswith(b"\x89PNG")
