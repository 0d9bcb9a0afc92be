"""Full programs under DSIC with one payment for all types who get the same against the same others.

Types with the same settled lottery against o pay the same (docs/formulations.md, Lemma on menus): their payments are one
variable, and one report of each payment is enough. An open lottery has a payment of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from lpmech.programs.formulations._lotteries import distinct
from lpmech.programs.formulations.full import Full, Menu
from lpmech.question.constraints.dsic import DSIC


class SharedPayments(Full):
    """``full``, with payments t_i(item, o)."""

    alike: ClassVar[bool] = False
    """Whether lotteries that agent i values alike whatever his type count as the same."""

    def menu(self, i: int) -> Menu | None:
        return self._menus[i] if self._menus else None

    @cached_property
    def _menus(self) -> list[Menu]:
        """Number of the payment in each agent's own layout, and his incentive rows."""
        if self.incentives is not DSIC:
            return []
        out = []
        for i in range(self.tables.N):
            (got, values), at = self._values[i], self.tables.entries(i)
            n, others = got.shape
            opened = np.zeros((n, others), dtype=bool)
            opened[at.k, at.o] = True
            menu, rows, count = np.empty((n, others), dtype=int), list[tuple[int, int, int]](), 0
            for o in range(others):
                items, open_items = _items(got[:, o].tolist(), opened[:, o].tolist())
                for number, types in enumerate(items):
                    menu[types, o] = count + number
                count += len(items)
                worth = [values[number] for number in got[:, o].tolist()]
                rows += [(k, o, report) for k, report in _incentive_rows(items, open_items, worth)]
            true, against, report = np.array(rows, dtype=int).reshape(-1, 3).T
            out.append((menu, (true, against, report)))
        return out

    @cached_property
    def _values(self) -> list[tuple[np.ndarray, list[list[Any]]]]:
        """For each agent the number of the settled lottery in his own layout, and what each is worth to each type."""
        out = []
        for i, V in enumerate(self.tables.V):
            settled = self.tables.settled(i)
            got, lotteries = distinct(settled.reshape(-1, settled.shape[2]))
            values = lotteries.dot(V.T).tolist()
            if self.alike:
                known = dict[tuple[Any, ...], int]()
                new = np.array([known.setdefault(tuple(row), len(known)) for row in values])
                got, values = new[got], [list(row) for row in known]
            out.append((got.reshape(settled.shape[:2]), values))
        return out

    def _gain(self, i: int) -> np.ndarray:
        if not self._menus:
            return super()._gain(i)
        (true, o, report), (got, values) = self._menus[i][1], self._values[i]
        table = np.array(values, dtype=object)
        return np.asarray(table[got[true, o], true] - table[got[report, o], true])

    def shape(self) -> tuple[Any, ...]:
        menus = tuple((menu.tobytes(), *(column.tobytes() for column in rows)) for menu, rows in self._menus)
        return (*super().shape(), menus)

    def _paid(self, primal: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        if not self._menus:
            return super()._paid(primal)
        chosen = {f"t_{s}": self._menus[i][0] for i, s in enumerate(self.symbols)}
        return super()._paid({name: x[chosen[name]] if name in chosen else x for name, x in primal.items()})


def _items(got: list[int], opened: list[bool]) -> tuple[list[list[int]], set[int]]:
    """Types by what they get, each list increasing, by first types; and which of the lists are of one open lottery."""
    items = dict[tuple[bool, int], list[int]]()
    for k, (number, is_open) in enumerate(zip(got, opened, strict=True)):
        items.setdefault((is_open, k if is_open else number), []).append(k)
    return list(items.values()), {place for place, (is_open, _) in enumerate(items) if is_open}


def _incentive_rows(items: list[list[int]], opened: set[int], worth: list[list[Any]]) -> Iterator[tuple[int, int]]:
    """(true type, report) of DSIC rows that imply all others (docs/formulations.md, Lemma on menus); ``worth``: by
    report and true type."""

    def least(types: list[int], to: int, instead: int) -> tuple[Any, int]:
        """Smallest gain of item ``to`` over item ``instead`` among types, and the first type who has it."""
        got, other = worth[items[to][0]], worth[items[instead][0]]
        return min((got[k] - other[k], k) for k in types)

    for a, types in enumerate(items):
        for b, others in enumerate(items):
            if a == b:
                continue
            if a in opened or b in opened:
                yield from ((k, others[0]) for k in types)
                continue
            between = (m for m in range(min(a, b) + 1, max(a, b)) if m not in opened)
            if not any(least(types, m, b)[0] >= least(items[m], m, b)[0] for m in between):
                yield least(types, a, b)[1], others[0]
