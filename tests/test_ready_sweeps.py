"""The ready sweeps, at some of their points: what theory says there, exactly, computed here by enumeration."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F
from itertools import product
from pathlib import Path

import pytest
from support.sweeps import filled, over, with_parameters

from lpmech.studies.sweep.axes import Lattice, Product
from lpmech.studies.sweep.plan import load_plan

ROOT = Path(__file__).parents[1]
SWEEPS = ROOT / "instances" / "sweeps"


def rows(plan, folder):
    """Rows by their exact values, and all agree with every theorem that speaks about them."""
    frame = filled(plan, folder)
    for name in plan.theorems:
        assert set(frame[f"{name}_agrees"]) <= {"yes", "not applicable"}, name
    assert frame["proved"].all()
    return {(row["requirements"], *(F(row[name]) for name in plan.names)): row for row in frame.to_dict("records")}


def test_shift_and_spread(tmp_path):
    """Groves: 2 E[(b - s)^+] less the gains when the highest value meets the lowest cost; Theorem 1 speaks iff m >= 0."""
    plan = over(load_plan(SWEEPS / "shift-and-spread.toml"), m=["-1/4", "-1/40", 0, "1/5"], w=["1/20", "1/2", 1])
    found = rows(plan, tmp_path)
    N = 21
    costs = [F(2 * j + 1, 2 * N) for j in range(N)]
    for m, w in product((F(-1, 4), F(-1, 40), F(0), F(1, 5)), (F(1, 20), F(1, 2), F(1))):
        values = [F(1, 2) + m - w + 2 * w * F(2 * i + 1, 2 * N) for i in range(N)]
        independent = sum(max(b - s, F(0)) for b in values for s in costs) / N**2
        antitone = sum(max(b - s, F(0)) for b, s in zip(values, reversed(costs), strict=True)) / N
        row = found["Groves transfers", m, w]
        assert F(row["margin"]) == 2 * independent - antitone
        assert F(found["any truthful transfers", m, w]["margin"]) >= F(row["margin"])
        applies = row["jagadeesan_tordjman_theorem_1_agrees"] == "yes"
        assert applies == (m >= 0)
        assert row["verdict"] == "exists" or not applies
    # the theorem's condition is sufficient only
    assert found["Groves transfers", F(-1, 40), F(1, 2)]["verdict"] == "exists"
    assert found["Groves transfers", F(-1, 4), F(1, 20)]["verdict"] == "exists"


def test_two_by_two_probabilities(tmp_path):
    """Matsuo's condition decides under interim and under ex post IR, and is the margin under interim IR."""
    places = ["1/4", "3/8", "2/5", "1/2", "3/4"]
    plan = over(load_plan(SWEEPS / "two-by-two-probabilities.toml"), p=places, q=places)
    found = rows(plan, tmp_path)
    for p, q in product(map(F, places), repeat=2):
        surplus = p * q * F(9, 2) + (1 - q) * 2 - p * 4 - (1 - p) * (1 - q) * 1
        interim, ex_post = found["interim IR", p, q], found["ex post IR", p, q]
        assert F(interim["margin"]) == surplus
        assert interim["verdict"] == ex_post["verdict"] == ("exists" if surplus >= 0 else "impossible")
        assert interim["matsuo_agrees"] == ex_post["matsuo_agrees"] == "yes"
    assert found["interim IR", F(3, 8), F(2, 5)]["margin"] == "0"  # on the line


def test_example_2_over_k_and_buyers(tmp_path):
    """1 - c - (k - 1) (2/3) (c - 2a) with a = (1/3)^n, c = (2/3)^n: docs/theorems.md."""
    plan = over(load_plan(SWEEPS / "example-2-over-k-and-buyers.toml"), n=[1, 2, 3, 6], k=["5/4", "19/4", 16])
    found = rows(plan, tmp_path)
    for n, k in product((1, 2, 3, 6), (F(5, 4), F(19, 4), F(16))):
        a, c = F(1, 3) ** n, F(2, 3) ** n
        assert F(found["base", F(n), k]["margin"]) == 1 - c - (k - 1) * F(2, 3) * (c - 2 * a)
    assert found["base", F(2), F(19, 4)]["margin"] == "0"
    assert [found["base", F(n), F(16)]["verdict"] for n in (1, 2, 6)] == ["exists", "impossible", "exists"]


def test_dissolvable_shares(tmp_path):
    """Groves: sum_i min_v (E[max(v, others)] - r_i v) - 2 E[max], by enumeration of four types each."""
    plan = with_parameters(load_plan(SWEEPS / "dissolvable-shares.toml"), N=4)
    found = rows(replace(plan, axes=Product((Lattice(("r1", "r2", "r3"), 3),))), tmp_path)
    values = [F(2 * i + 1, 8) for i in range(4)]
    most = sum(max(profile) for profile in product(values, repeat=3)) / F(4**3)
    kept = {v: sum(max(v, a, b) for a, b in product(values, repeat=2)) / F(4**2) for v in values}
    assert len(found) == 2 * 10
    for (name, *shares), row in found.items():
        assert sum(shares) == 1
        groves = sum(min(kept[v] - r * v for v in values) for r in shares) - 2 * most
        if name == "Groves transfers":
            assert F(row["margin"]) == groves
        else:
            assert F(row["margin"]) >= groves
    assert found["Groves transfers", F(1), F(0), F(0)]["verdict"] == "impossible"
    assert found["Groves transfers", F(1, 3), F(1, 3), F(1, 3)]["verdict"] == "exists"


def test_groves_in_the_limit(tmp_path):
    """Groves: -49/600 + 1/(600 (N - 1)^2), N odd (docs/theorems.md); any truthful transfers: more, but soon below 0."""
    plan = over(load_plan(SWEEPS / "groves-in-the-limit.toml"), points=[3, 5, 9, 17])
    found = rows(plan, tmp_path)
    more = []
    for N in (3, 5, 9, 17):
        groves = found["Groves transfers", F(N)]
        assert F(groves["margin"]) == F(-49, 600) + F(1, 600 * (N - 1) ** 2)
        assert groves["jagadeesan_tordjman_example_1_limit"] == "-49/600"
        more.append(F(found["any truthful transfers", F(N)]["margin"]) - F(groves["margin"]))
    assert more == sorted(more, reverse=True)
    assert more[-1] > 0
    assert found["any truthful transfers", F(3)]["margin"] == "7/320"
    assert found["any truthful transfers", F(5)]["verdict"] == "impossible"


@pytest.mark.parametrize("file", sorted(SWEEPS.glob("*.toml")), ids=lambda file: file.stem)
def test_ready_sweeps_are_in_the_catalogue(file):
    assert f"[{file.stem}](sweeps/{file.name})" in (ROOT / "instances" / "README.md").read_text(encoding="utf-8")
