"""Menus: DSIC with a settled allocation, one payment for what an agent can get against given others.

Against theta_-i two reports that bring the same lottery cost the same (the taxation principle). Variables: m_i, a payment
for each of the others' profiles and each lottery that some type gets against it, an *item*; z, the margin; and T_i(k),
expected payments, where expectations are asked for. An item has one ex post IR row, and one row of incentives for each
other item. Where trade happens with the sellers of smallest cost, whoever the buyer, the rows of "no deficit" are
O(m + n) with running minima. Proofs: docs/formulations.md, "Menus".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from lpmech.answer.compact import MenuTrade
from lpmech.answer.mechanism import Mechanism
from lpmech.answer.multipliers import Multiplier
from lpmech.base.arrays import array, zeros
from lpmech.base.exact import to_flint
from lpmech.programs.formulations import Program
from lpmech.programs.formulations._lotteries import distinct
from lpmech.programs.formulations._menu_program import SIDES, write
from lpmech.programs.formulations._reduced import Reduced
from lpmech.programs.formulations._way_back import budget_multipliers, fractions, lotteries, nonzero
from lpmech.programs.transport import transport
from lpmech.question.accepts import Accepts
from lpmech.question.allocation import efficient_outcomes
from lpmech.question.constraints import Place
from lpmech.question.constraints.dsic import DSIC
from lpmech.question.constraints.ex_ante_ir import ExAnteIR
from lpmech.question.constraints.ex_post_ir import ExPostIR
from lpmech.question.constraints.no_deficit import NoDeficit
from lpmech.question.model import Instance

MOST_CELLS = 20_000_000
"""Profiles times outcomes up to which ties are looked for."""


class Menu(Reduced):
    """One payment for each agent, others' profile and item: 2 (m + n) in bilateral trade."""

    name = "menu"
    wanted = Accepts(transfers=("any",), incentives=(DSIC,))

    @classmethod
    def accepts(cls, instance: Instance) -> str | None:
        need, env = instance.requirements, instance.environment
        if (reason := cls.wanted.reason(instance)) is not None:
            return reason
        if need.allocation == "free":
            return "the allocation is free"
        if need.allocation == "efficient" and need.ties == "any":
            if env.profile_count * len(env.outcomes) > MOST_CELLS:
                return "there are too many profiles to look for ties"
            if np.any(efficient_outcomes(env).sum(axis=1) > 1):
                return "ties are any, and there are ties"
        return None

    @classmethod
    def entries(cls, instance: Instance) -> int:
        env = instance.environment
        P, N = env.profile_count, len(env.agents)
        rows = N * P // (2 if instance.requirements.budget_rule is NoDeficit and N == 2 else 1)
        return sum(2 * P // n for n in env.sizes) + rows

    # ---- items ---------------------------------------------------------------------------------------------------

    @cached_property
    def _lotteries(self) -> tuple[np.ndarray, np.ndarray]:
        """Number of the lottery at each profile, and the distinct lotteries, each a row."""
        return distinct(self.tables.allocation.fixed)

    @cached_property
    def values(self) -> list[np.ndarray]:
        """What each distinct lottery is worth to each type of each agent: lotteries x types."""
        return [self._lotteries[1].dot(V.T) for V in self.tables.V]

    @cached_property
    def items(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """For each agent the item at (k, o), and each item's (others' profile, lottery); items are sorted by these."""
        out, width = [], len(self._lotteries[1])
        for at in (self._lotteries[0][own] for own in self.tables.own):
            codes, item = np.unique(at + np.arange(at.shape[1]) * width, return_inverse=True)
            out.append((item.reshape(at.shape), np.stack((codes // width, codes % width), axis=1)))
        return out

    @cached_property
    def holders(self) -> list[list[list[int]]]:
        """For each agent and item the types that get it."""
        out = []
        for item, places in self.items:
            types: list[list[int]] = [[] for _ in places]
            for k, row in enumerate(item.tolist()):
                for j in row:
                    types[j].append(k)
            out.append(types)
        return out

    @cached_property
    def swaps(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """For each agent all ordered pairs of items against the same others."""
        out = []
        for _, places in self.items:
            ends = np.flatnonzero(np.diff(places[:, 0], append=-1)) + 1
            groups = np.split(np.arange(len(places)), ends[:-1])
            pairs = [(a, b) for group in groups for a in group.tolist() for b in group.tolist() if a != b]
            true, report = np.array(pairs, dtype=int).reshape(-1, 2).T
            out.append((true, report))
        return out

    @cached_property
    def steps(self) -> list[np.ndarray]:
        """Types k > 0 of each agent for whom T(k) - T(k - 1) has fewer terms than T(k)."""
        changes = [(item[1:] != item[:-1]).sum(axis=1) for item, _ in self.items]
        return [np.flatnonzero(2 * c < len(item[0])) + 1 for c, (item, _) in zip(changes, self.items, strict=True)]

    @cached_property
    def cuts(self) -> np.ndarray | None:
        """How many sellers, those of smallest cost, each buyer type trades with; None where trade is not like that."""
        t = self.tables
        if t.environment.kind != "bilateral-trade":
            return None
        trade = t.allocation.fixed[:, 1].reshape(t.sizes)
        some, all_ = trade != 0, trade == 1
        prefix = np.all(some == all_) and np.all(some[:, 1:] <= some[:, :-1])
        return some.sum(axis=1) if prefix else None

    def shape(self) -> tuple[Any, ...]:
        t = self.tables
        return (
            *(t.sizes, t.correlated, tuple(tuple(t.believing(i).tolist()) for i in range(t.N))),
            *(tuple(item.tobytes() for item, _ in self.items), self._lotteries[0].tobytes(), self.cuts is None),
            *(self.participation, self.budget, self.margin, self.weighted),
            *(tuple(self.symbols), tuple(self.names), t.environment.outcomes),
        )

    # ---- exact numbers -------------------------------------------------------------------------------------------

    @cached_property
    def tightest(self) -> list[tuple[np.ndarray, list[int]]]:
        """For each agent and pair of items (A, B) the smallest v(A, k) - v(B, k) over types k that get A, and the type."""
        out = []
        for (true, report), (_, places), values, types in zip(
            self.swaps, self.items, self.values, self.holders, strict=True
        ):
            rows, least = values.tolist(), []
            for a, b in zip(true.tolist(), report.tolist(), strict=True):
                mine, other = rows[places[a, 1]], rows[places[b, 1]]
                least.append(min((mine[k] - other[k], k) for k in types[a]))
            out.append((array(gain for gain, _ in least), [k for _, k in least]))
        return out

    @cached_property
    def poorest(self) -> list[tuple[np.ndarray, list[int]]]:
        """For each agent and item the smallest v - outside over the types that get it, and the type."""
        out = []
        for (_, places), values, types, outside in zip(
            self.items, self.values, self.holders, self.tables.outside, strict=True
        ):
            rows, base = values.tolist(), outside.tolist()
            least = [min((rows[c][k] - base[k], k) for k in ks) for c, ks in zip(places[:, 1], types, strict=True)]
            out.append((array(net for net, _ in least), [k for _, k in least]))
        return out

    def numbers(self) -> dict[str, np.ndarray]:
        t, out = self.tables, {}
        w, worth = to_flint(self.revenue_weight), to_flint(0)
        cost = t.cost()
        out["cost"], mean_cost = cost, t.joint.dot(cost) if any(t.costs != 0) else to_flint(0)
        for i, s in enumerate(self.symbols):
            believing, at = t.believing(i), self._lotteries[0][t.own[i]]
            own = self.values[i].T[np.arange(len(at))[:, None], at]
            value = (own[believing] * t.beliefs(i)).sum(axis=1)
            marginal = array(t.environment.agents[i].probabilities)[believing]
            net = value - t.outside[i][believing]
            if self.participation is ExPostIR:
                out[f"participation[{s}]"] = self.poorest[i][0]
            else:
                out[f"participation[{s}]"] = (
                    np.array(marginal.dot(net), object) if self.participation is ExAnteIR else net
                )
            out[f"gain[{s}]"] = self.tightest[i][0]
            out[f"beliefs[{s}]"] = t.beliefs(i)
            if t.correlated:
                out |= {f"beliefs[{s}, {k}]": row for k, row in zip(believing.tolist(), t.beliefs(i), strict=True)}
            out[f"marginal[{s}]"] = marginal
            out[f"net weight[{s}]"] = marginal * (w - to_flint(self.weights[i]))
            worth = worth + to_flint(self.weights[i]) * marginal.dot(value)
        out["expected cost"], out["worth"] = np.array(mean_cost, object), np.array(worth - w * mean_cost, object)
        return out

    # ---- the program ---------------------------------------------------------------------------------------------

    def program(self, sizes: Mapping[str, tuple[int, ...]]) -> Program:
        return write(self, sizes)

    # ---- the way back --------------------------------------------------------------------------------------------

    def mechanism(self, primal: Mapping[str, np.ndarray]) -> Mechanism:
        t = self.tables
        if t.compact is not None:
            return MenuTrade(t.environment, t.compact, *fractions(self._prices(primal)))
        return Mechanism(t.environment, self._transfers(primal), lotteries(t.allocation.fixed))

    def _prices(self, primal: Mapping[str, np.ndarray]) -> Iterator[np.ndarray]:
        """Bilateral trade: for each agent what he pays without trade and with it, by the other's type, 0 if nobody does."""
        trade = self._lotteries[1][:, 1] == 1
        for paid, (_, places) in zip(self._paid(primal), self.items, strict=True):
            for wanted in (False, True):
                row, items = zeros(int(places[-1, 0]) + 1), np.flatnonzero(trade[places[:, 1]] == wanted)
                row[places[items, 0]] = paid[items]
                yield row

    def directions(self, primal: Mapping[str, np.ndarray]) -> Mechanism:
        return Mechanism(self.tables.environment, self._transfers(primal), ({},) * self.tables.P)

    def _transfers(self, primal: Mapping[str, np.ndarray]) -> tuple[tuple[Any, ...], ...]:
        """t_i(k, o), the payment for the item at (k, o)."""
        rows = zip(self._paid(primal), self.items, strict=True)
        return fractions(self.tables.flat(paid[item], i) for i, (paid, (item, _)) in enumerate(rows))

    def _paid(self, primal: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        """m_i."""
        return self.paid(primal, "m", (len(places) for _, places in self.items))

    def multipliers(self, duals: Mapping[str, np.ndarray]) -> list[Multiplier]:
        out: list[Multiplier] = []
        t = self.tables
        for i, name in enumerate(self.names):
            places, types = self.items[i][1], self.holders[i]
            for (row,), weight in nonzero(duals, f"DSIC[{name}]"):
                a, b = (side[row] for side in self.swaps[i])
                profile = t.profile(i, self.tightest[i][1][row], places[a, 0])
                out.append(Multiplier(DSIC(i), weight, Place(profile, report=types[b][0])))
            if self.participation is None:
                continue
            for at, weight in nonzero(duals, f"IR[{name}]"):
                if self.participation is ExPostIR:
                    place = Place(t.profile(i, self.poorest[i][1][at[0]], places[at[0], 0]))
                else:
                    place = Place(type=int(t.believing(i)[at[0]]) if at else None)
                out.append(Multiplier(self.participation(i), weight, place))
        out += budget_multipliers(duals, self.budget, t.types)
        if self.budget is NoDeficit and self.cuts is not None:
            out += self._chained(duals, self.cuts)
        return out

    def _chained(self, duals: Mapping[str, np.ndarray], cuts: np.ndarray) -> list[Multiplier]:
        """Weights on the chains as weights on the budget at pairs: each buyer's goes to sellers on his side of the cut."""
        out: list[Multiplier] = []
        for traded, name in SIDES.items():
            sign = -1 if traded else 1
            buyers, sellers = (nonzero(duals, f"{side} payments, {name}") for side in ("seller's", "buyer's"))
            supply = sorted(((int(b), w) for (b,), w in buyers), key=lambda pair: sign * cuts[pair[0]])
            demand = sorted(((int(s), w) for (s,), w in sellers), key=lambda pair: sign * pair[0])
            out += [Multiplier(NoDeficit(), w, Place((b, s))) for b, s, w in transport(supply, demand)]
        return out


formulation = Menu
