"""Figures of instances: what is drawn is the exact numbers as floats, and what is written can be read."""

from __future__ import annotations

import random
from fractions import Fraction as F
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pytest
from support import expand_symmetric
from support.random_instances import bilateral
from support.rows import constraint

import lpmech
from lpmech import (
    BilateralTrade,
    Distribution,
    Exchange,
    Instance,
    Mechanism,
    Partner,
    Partnership,
    Requirements,
    SocialChoice,
    Type,
    load,
    solve,
)
from lpmech.answer.multipliers import Multiplier
from lpmech.answer.proof import Proof
from lpmech.base.errors import InputError, TooLargeError
from lpmech.closed_forms.bilateral.trade import Trade
from lpmech.closed_forms.groves_kinked import antitone, crossing
from lpmech.question.constraints import Place
from lpmech.question.constraints.no_deficit import NoDeficit
from lpmech.show import plots
from lpmech.show.plots import _types
from lpmech.show.plots._weights import weights
from lpmech.show.plots.supply_demand import market_of

ROOT = Path(__file__).parent.parent / "instances"
THREE = ROOT / "kos-manea-2009" / "example-2-one-buyer.toml"
COUPLING = ROOT / "jagadeesan-tordjman-2025" / "example-1.toml"
NEVER = ROOT / "mishra-2020" / "green-laffont.toml"


@pytest.fixture(scope="module")
def three():
    return solve(THREE)


@pytest.fixture(scope="module")
def coupling():
    return solve(COUPLING)


def table(ax, collection=0):
    """The numbers of the cells, a row for each type on the y axis."""
    return np.ma.filled(ax.collections[collection].get_array(), np.nan)


def texts(ax):
    return [text.get_text() for text in ax.texts]


def key(ax):
    return [text.get_text() for one in ax.figure.axes if one is not ax for text in one.get_yticklabels()]


def trade(values, costs, masses=(None, None), ties="any", ic="BIC", ir="interim", budget="balanced", **more):
    env = BilateralTrade(Distribution(values, masses[0]), Distribution(costs, masses[1]))
    return Instance(env, Requirements(ic, ir, budget, ties=ties, **more))


# ---- allocation ----------------------------------------------------------------------------------------------------------


def test_allocation_is_the_probability_of_trade_with_the_masses_beside_it():
    ax = plots.allocation(solve(trade([2, 6, 8], [1, 7], ((F(1, 2), F(1, 3), F(1, 6)), None))))
    assert table(ax).tolist() == [[1, 1, 1], [0, 0, 1]]
    top, side = ax.child_axes
    assert [segment[1][1] for segment in top.collections[0].get_segments()] == [1 / 2, 1 / 3, 1 / 6]
    assert [segment[1][0] for segment in side.collections[0].get_segments()] == [1 / 2, 1 / 2]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["2", "6", "8"]
    assert ax.get_xlabel() == "buyer's value b (money)"
    assert "b = s" in texts(ax)
    assert key(ax)[-2:] == ["no trade", "trade"]


def test_allocation_shows_lotteries_and_open_ties():
    tied = trade([0, 1], [0, 1], ties="uniform")
    ax = plots.allocation(tied)
    assert table(ax).tolist() == [[0.5, 1], [0, 0.5]]
    assert "trade with\nprobability 1/2" in key(ax)
    ax = plots.allocation(trade([0, 1], [0, 1]))
    assert np.isnan(table(ax)).tolist() == [[True, False], [False, True]]
    assert "a tie: either" in key(ax)


def test_allocation_of_an_impossible_result_is_where_the_margin_is_attained(coupling):
    cells = table(plots.allocation(coupling))
    grid = coupling.instance.environment.buyer.values
    assert cells.tolist() == [[float(b > s) for b in grid] for s in grid]


def test_allocation_with_three_outcomes_mixes_their_colours():
    types = [Type("low", "1/2", (0, 1, 2)), Type("high", "1/2", (3, 1, 0))]
    env = SocialChoice(["none", "pool", "bridge"], {"ann": types, "bob": types})
    q = [{0: F(1)}, {1: F(1)}, {2: F(1)}, {0: F(1, 2), 2: F(1, 2)}]
    zeros = (F(0),) * 4
    ax = plots.allocation(Mechanism(env, (zeros, zeros), q))
    first, second, third = (np.array(_rgb(c)) for c in plots.allocation.__globals__["OUTCOMES"][:3])
    cells = ax.collections[0].get_array()
    for place, colour in (((0, 0), first), ((1, 0), second), ((0, 1), third), ((1, 1), (first + third) / 2)):
        assert list(cells[place]) == list(colour)
    assert key(ax)[-3:] == ["bridge", "pool", "none"]
    assert ax.get_ylabel() == "bob's type"


def _rgb(text):
    return [int(text[k : k + 2], 16) / 255 for k in (1, 3, 5)]


def test_maps_are_for_two_agents():
    env = Partnership([Partner("1/3", Distribution([0, 1]))] * 3)
    instance = Instance(env, Requirements("BIC", "interim", "balanced"))
    proof = Proof(instance, "impossible", None, None, multipliers=[Multiplier(NoDeficit(), F(1))])
    zeros = (F(0),) * 8
    found = Mechanism(env, (zeros, zeros, zeros), [{0: F(1)}] * 8)
    for draw, thing in ((plots.allocation, instance), (plots.transfers, found), (plots.multipliers, proof)):
        with pytest.raises(InputError, match=r"2 agents.*here there are 3; expected \w+\(result\), which"):
            draw(thing)


def test_tables_that_would_not_fit_are_refused():
    many = Distribution(range(1700))
    env = BilateralTrade(many, many)
    with pytest.raises(TooLargeError, match="too many for tables"):
        plots.allocation(Instance(env, Requirements("BIC", "interim", "balanced")))


# ---- transfers -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("agent", [0, 1])
def test_transfers_are_the_mechanism_s(three, agent):
    ax = plots.transfers(three, agent)
    paid = three.mechanism.transfers[agent]
    assert table(ax).tolist() == [[float(paid[3 * k + r]) for k in range(3)] for r in range(3)]
    assert texts(ax) == [str(paid[3 * k + r]).replace("-", "−") for r in range(3) for k in range(3)]
    low, high = ax.collections[0].get_clim()
    assert low == -high
    assert high == max(abs(float(t)) for t in paid)


def test_transfers_by_name_and_to_nobody(three):
    assert plots.transfers(three, "seller").get_title("left") == "Transfers: what the seller pays"
    with pytest.raises(InputError, match="no agent called 'ann'"):
        plots.transfers(three, "ann")
    with pytest.raises(InputError, match="no such agent"):
        plots.transfers(three, 2)


def test_an_impossible_result_has_no_transfers_but_its_proof_may(coupling):
    with pytest.raises(
        InputError, match=r"the verdict is impossible; expected a mechanism, or result\.proof\.mechanism"
    ):
        plots.transfers(coupling)
    ax = plots.transfers(coupling.proof.mechanism)
    assert table(ax).shape == (101, 101)
    assert texts(ax) == []
    assert ax.collections[0].get_rasterized() is True
    with pytest.raises(InputError, match=r"or multipliers\(result\)"):
        plots.interim(solve(NEVER))


# ---- interim -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("what", "column"), [("payment", 1), ("utility", 2)])
def test_interim_lines_are_exact_expectations(three, what, column):
    ax = plots.interim(three, what)
    for i, (line, agent) in enumerate(zip(ax.lines, three.instance.environment.agents, strict=False)):
        assert line.get_label() == agent.name
        assert list(line.get_xdata()) == [float(F(x)) for x in agent.types]
        assert list(line.get_ydata()) == [float(row[column]) for row in three.mechanism.interim(i)]
    with pytest.raises(InputError, match="'payment' or 'utility'"):
        plots.interim(three, "rent")


def test_interim_lines_of_identical_agents_are_one_with_their_outside_options():
    partners = [Partner("1/3", Distribution([0, 1, 3]))] * 3
    result = solve(Instance(Partnership(partners), Requirements("BIC", "interim", "balanced")), method="symmetric")
    ax = plots.interim(result, "utility")
    labels = [line.get_label() for line in ax.lines]
    assert labels[0] == "agent-1, agent-2, agent-3"
    assert "outside option" in labels
    assert list(ax.lines[1].get_ydata()) == [0, 1 / 3, 1]
    buyers = solve(ROOT / "kos-manea-2009" / "section-5-hundred-buyers.toml")
    assert [line.get_label() for line in plots.interim(buyers).lines[:2]] == ["each buyer", "seller"]


def test_interim_leaves_out_types_without_beliefs():
    zero = F(0)
    env = BilateralTrade(
        Distribution([1, 2, 3]), Distribution([0, 1]), {(0, 0): F(1, 4), (0, 1): F(1, 4), (2, 1): F(1, 2)}
    )
    found = Mechanism(env, ((F(1),) * 6, (zero,) * 6), [{0: F(1)}] * 6)
    ax = plots.interim(found)
    assert list(ax.lines[0].get_xdata()) == [1, 3]
    assert list(ax.lines[0].get_ydata()) == [1, 1]


# ---- multipliers ---------------------------------------------------------------------------------------------------------


def test_multipliers_of_the_coupling_have_the_distributions_as_margins(coupling):
    found = weights(coupling.proof)
    buyer, seller = coupling.instance.environment.agents
    for side, agent in ((0, buyer), (1, seller)):
        for k, mass in enumerate(agent.probabilities):
            assert sum(w for at, w in found.budget.items() if at[side] == k) == mass
    assert dict(found.ante) == {0: 1, 1: 1}
    ax = plots.multipliers(coupling)
    spots = ax.collections[0]
    drawn = {(int(k), int(r)): w for (k, r), w in zip(spots.get_offsets(), spots.get_array(), strict=True)}
    assert drawn == {at: float(w) for at, w in found.budget.items()}
    assert "(ex ante IR of buyer: 1, seller: 1)" in ax.get_title("left")


def test_multipliers_of_vcg_prime_are_tails_along_a_chain(three):
    found = weights(three.proof)
    assert dict(found.steps) == {(0, 1, 0): F(2, 3), (0, 2, 1): F(1, 3), (1, 0, 1): F(1, 3), (1, 1, 2): F(2, 3)}
    assert dict(found.interim) == {(0, 0): 1, (1, 2): 1}
    assert set(found.budget.values()) == {F(1, 9)}
    ax = plots.multipliers(three)
    assert table(ax).tolist() == [[float(F(1, 9))] * 3] * 3
    for strip in ax.child_axes:
        assert sorted(texts(strip)) == ["1/3", "2/3", "IR 1"]
        assert len(strip.patches) == 2
    assert texts(ax) == ["buyer: IC, IR", "seller: IC, IR"]


def test_multipliers_on_a_balanced_budget_have_signs_and_arrows_at_profiles():
    result = solve(NEVER)
    found, ax = weights(result.proof), plots.multipliers(result)
    cells = table(ax)
    assert {(k, r): cells[r, k] for r, k in product(range(3), range(3)) if not np.isnan(cells[r, k])} == {
        at: float(w) for at, w in found.budget.items() if w
    }
    assert min(found.budget.values()) < 0
    arrows = [text for text in ax.texts if getattr(text, "arrow_patch", None) is not None]
    assert {(arrow.xyann, arrow.xy) for arrow in arrows} == {
        (at, (report, at[1]) if i == 0 else (at[0], report)) for (i, at, report), w in found.moves.items() if w
    }


def test_multipliers_of_two_identical_agents_are_those_of_the_proof_in_full():
    for seed in range(6):
        rng = random.Random(seed)
        values = Distribution(sorted(rng.sample(range(9), 3)))
        need = Requirements(*[("BIC", "interim", "balanced"), ("DSIC", "ex-post", "no-deficit")][seed % 2])
        result = solve(Instance(Partnership([Partner("1/2", values)] * 2), need), method="symmetric")
        assert result.proof.symmetry == ((0, 1),)
        full = expand_symmetric.expand(result.proof.table())["multipliers"]
        rows = [
            Multiplier(
                constraint(need, m["constraint"], m.get("agent")),
                F(m["weight"]),
                Place(tuple(m["profile"]) if "profile" in m else None, m.get("type"), m.get("report")),
            )
            for m in full
        ]
        written_out = Proof(result.instance, result.verdict, result.margin, result.value, multipliers=rows)
        assert weights(result.proof) == weights(written_out)


def test_multipliers_of_an_unbounded_margin_are_none():
    result = solve(trade([0, 1], [0, 1], ir="none"))
    with pytest.raises(InputError, match="no multipliers to draw: its margin is inf"):
        plots.multipliers(result)


# ---- supply and demand ---------------------------------------------------------------------------------------------------


def test_price_and_area_are_those_of_the_antitone_coupling():
    for seed in range(60):
        rng = random.Random(seed)
        env = bilateral(rng)
        env.prior = None
        instance = Instance(env, Requirements("DSIC", "ex-ante", "no-deficit", transfers="groves"))
        sides, market = Trade.of(instance), market_of(instance.environment)
        b, s, w = antitone(sides)
        gains = sum((x * max(sides.B[k] - sides.S[r], 0) for k, r, x in zip(b, s, w, strict=True)), 0)
        assert market.gains == F(gains, sides.unit * sides.P * sides.Q)
        assert market.price == F(crossing(sides), sides.unit)


def test_supply_and_demand_are_stairs(three):
    ax = plots.supply_demand(three)
    demand, supply = ax.lines[:2]
    third = 1 / 3
    assert list(demand.get_ydata()) == [28, 28, 25, 25, 21, 21]
    assert list(supply.get_ydata()) == [9, 9, 24, 24, 27, 27]
    assert list(demand.get_xdata()) == [0, third, third, 2 / 3, 2 / 3, 1]
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert legend == ["demand: values", "supply: costs", "area = 20/3", "p* = 24"]


def test_the_one_price_is_drawn_where_it_is_the_question():
    asked = trade([0, 2, 9], [1, 3, 8], ic="DSIC", ir="ex-ante", budget="no-deficit", ties="first")
    ax = plots.supply_demand(asked, price="7/2")
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert legend[3:] == ["p* = 2", "one price = 2", "price = 7/2"]
    assert [line.get_ydata()[0] for line in ax.lines[2:]] == [2, 2, 3.5]


def test_supply_and_demand_of_an_exchange_add_up_its_agents():
    env = Exchange([Distribution([1, 5])] * 2, [Distribution([2], None)])
    market = market_of(env)
    assert market.demand == ((1, 5), (1, 1))
    assert market.supply == ((1, 2),)
    assert (market.price, market.gains) == (2, 3)
    need = Requirements("BIC", "interim", "balanced")
    assert plots.supply_demand(Instance(env, need)).get_xlabel() == "expected quantity (units)"
    partners = Partnership([Partner("1/2", Distribution([0, 1]))] * 2)
    with pytest.raises(InputError, match="a partnership; expected bilateral trade or an exchange"):
        plots.supply_demand(Instance(partners, need))


# ---- frontier ------------------------------------------------------------------------------------------------------------


def test_frontier_is_the_line_through_its_points():
    ax = plots.frontier([(0, F(49, 40)), (F(1, 8), F(5, 4)), (1, F(5, 4))])
    (line,) = ax.lines
    assert list(line.get_xdata()) == [0, 0.125, 1]
    assert list(line.get_ydata()) == [1.225, 1.25, 1.25]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0", "1/8", "1"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["49/40", "5/4"]
    with pytest.raises(InputError, match="not increasing"):
        plots.frontier([(1, 1), (1, 2)])
    with pytest.raises(InputError, match="no points"):
        plots.frontier([])


# ---- legibility ----------------------------------------------------------------------------------------------------------


def drawings():
    small, uneven = solve(THREE), solve(trade([0, F(1, 100), 1], [F(1, 3), F(34, 100), 2]))
    ten = Distribution([F(k, 9) for k in range(10)])
    grid = solve(Instance(BilateralTrade(ten, ten), Requirements("BIC", "interim", "balanced")))
    for result in (small, uneven, grid):
        yield plots.allocation(result)
        yield plots.multipliers(result)
        yield plots.supply_demand(result)
        if result.mechanism is not None:
            yield plots.transfers(result)
            yield plots.interim(result)
            yield plots.interim(result, "utility")


def test_no_two_labels_of_an_axis_touch_and_none_is_cut_off():
    for ax in drawings():
        figure = ax.figure
        figure.draw_without_rendering()
        page = figure.bbox
        for one in (ax, *ax.child_axes):
            for labels in (one.get_xticklabels(), one.get_yticklabels()):
                boxes = [text.get_window_extent() for text in labels if text.get_visible() and text.get_text()]
                inside = [box for box in boxes if box.width and page.overlaps(box)]
                assert [(a, b) for a, b in combinations(inside, 2) if a.overlaps(b)] == [], ax.get_title("left")
        for text in (*ax.texts, ax.xaxis.label, ax.yaxis.label):
            if not text.get_text():
                continue
            box = text.get_window_extent()
            assert box.x0 >= page.x0 - 1, text
            assert box.x1 <= page.x1 + 1, text
            assert box.y0 >= page.y0 - 1, text


def test_types_lie_at_their_values_and_cells_end_half_way():
    env = BilateralTrade(Distribution([0, 1, 4]), Distribution([3]))
    buyer, seller = (_types.type_axis(env, i) for i in (0, 1))
    assert buyer.edges == [-0.5, 0.5, 2.5, 5.5]
    assert seller.edges == [2.5, 3.5]
    types = [Type("low", "1/2", (0, 1)), Type("high", "1/2", (1, 0))]
    named = _types.type_axis(SocialChoice(["a", "b"], {"ann": types}), 0)
    assert (named.at, named.numeric) == ((0, 1), False)
    assert _types.short(F(-1, 3)) == "−1/3"
    assert _types.short(F(123456, 7777777)) == "0.01587"


def test_names_are_shown_as_they_are_given():
    long = "a type whose name is longer than a figure has room for"
    types = [Type("$5$", "1/2", (0,) * 20), Type(long, "1/2", range(20))]
    env = SocialChoice([f"$x_{n}$" for n in range(20)], {"_ann": types, "bob": types})
    zeros = (F(0),) * 4
    found = Mechanism(env, (zeros, zeros), [{n: F(1, 20) for n in range(20)}] * 4)
    ax = plots.allocation(found)
    ax.figure.draw_without_rendering()
    assert [label.get_text() for label in ax.get_yticklabels()] == [r"\$5\$", long[:23] + "…"]
    assert r"\$x_0\$" in key(ax)
    assert "... 5 more" in key(ax)
    assert [text.get_text() for text in plots.interim(found).get_legend().get_texts()] == ["\u200b_ann, bob"]


def test_values_that_floats_cannot_tell_apart_stand_side_by_side():
    env = BilateralTrade(Distribution([1, F(10**20 + 1, 10**20)]), Distribution([0, 10**400]))
    for agent in (0, 1):
        axis = _types.type_axis(env, agent)
        assert (axis.numeric, axis.places) == (False, [0, 1])


def test_axes_given_are_drawn_on_and_nothing_else_is_needed():
    from matplotlib.figure import Figure

    left, right = Figure(figsize=(9, 4)).subplots(1, 2)
    assert plots.allocation(load(THREE), ax=left) is left
    assert plots.supply_demand(load(THREE), ax=right) is right
    assert lpmech.plots.allocation is plots.allocation
