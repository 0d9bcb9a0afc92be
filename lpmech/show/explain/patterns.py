"""Arguments that theory has a name for, recognised in the exact weights of a proof."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from lpmech.answer.payments import Payments, total
from lpmech.question.constraints import Budget, Incentives, Participation
from lpmech.question.constraints.dsic import DSIC
from lpmech.question.constraints.ex_ante_ir import ExAnteIR
from lpmech.question.prior import Profile
from lpmech.show.explain.accounts import Accounts, Line
from lpmech.show.explain.expectations import TooLongError
from lpmech.show.explain.lines import groups, has_tails

ZERO = Fraction(0)


@dataclass(frozen=True)
class Pair:
    """A pair of types, buyer's and seller's, with its weight in the coupling and the gain (b - s)^+."""

    profile: Profile
    weight: Fraction
    gain: Fraction

    @property
    def amount(self) -> Fraction:
        return self.weight * self.gain


@dataclass(frozen=True)
class Coupling:
    """Charges must come to at least E_coupling[(b - s)^+] and may come to at most 2 E[(b - s)^+]."""

    pairs: tuple[Pair, ...]
    gains: Fraction
    antitone: bool

    @property
    def least(self) -> Fraction:
        """E[(b - s)^+] under the coupling."""
        return sum((pair.amount for pair in self.pairs), ZERO)

    def shortest(self) -> list[Pair] | None:
        """The fewest pairs whose gains alone are more than 2 E[(b - s)^+]; the others' are >= 0. None if it takes all."""
        ranked = sorted(self.pairs, key=lambda pair: (-pair.amount, pair.profile))
        total = ZERO
        for n, pair in enumerate(ranked, 1):
            total += pair.amount
            if total > 2 * self.gains:
                return ranked[:n] if n < sum(p.amount > 0 for p in ranked) else None
        return None


def coupling(accounts: Accounts) -> Coupling | None:
    """Bilateral trade, Groves, ex ante IR and no deficit: the weights on the budget couple the two distributions."""
    need, lines = accounts.need, accounts.lines
    if accounts.env.kind != "bilateral-trade" or not accounts.groves or accounts.env.prior is not None or lines is None:
        return None
    if need.allocation != "efficient" or need.participation_rule is not ExAnteIR or accounts.proof.bounds != "margin":
        return None
    pairs = []
    for line in lines:
        m = line.multiplier
        if isinstance(m.constraint, Participation):
            if line.weight != 1:
                return None
        elif not isinstance(m.constraint, Budget) or m.place.profile is None:
            return None
        elif line.weight:
            pairs.append(Pair(m.place.profile, line.weight, -line.worth))
    pairs.sort(key=lambda pair: (pair.profile[0], -pair.profile[1]))
    antitone = all(a.profile[1] >= b.profile[1] for a, b in pairwise(pairs))
    return Coupling(tuple(pairs), accounts.gains, antitone)


def virtual_surplus(accounts: Accounts) -> bool:
    """Whether the weights are those of VCG': IR of the lowest buyer and the highest seller, incentives towards them with
    the tails of the distributions. Source: kos-manea-2009, Theorem 1 and Section 5."""
    env, lines = accounts.env, accounts.lines
    if env.kind not in {"bilateral-trade", "exchange"} or env.prior is not None or lines is None:
        return False
    if accounts.need.transfers != "any" or accounts.proof.bounds != "margin":
        return False
    seller = len(env.agents) - 1
    for group in groups(lines):
        if group.agent is None:
            if len(group.lines) > 1 and not all(
                (at := line.multiplier.place.profile) is not None and accounts.mass(at) == line.weight
                for line in group.lines
            ):
                return False
            continue
        sells = group.agent == seller
        if isinstance(group.constraint, Participation):
            ends = [line.multiplier.place.type for line in group.lines]
            if ends != [len(env.agents[seller].types) - 1 if sells else 0] or group.lines[0].multiplier.weight != 1:
                return False
        elif group.way != ("up" if sells else "down") or not has_tails(env, group):
            return False
    names = {name.split("-")[0] for name in (agent.name for agent in env.agents)}
    return names == {"buyer", "seller"} and sum(agent.name.startswith("seller") for agent in env.agents) == 1


# ---- cycles --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cycle:
    """Incentive constraints k -> r -> ... -> k of one agent (against one profile of the others, if at a profile) whose
    payments cancel and whose worths add up to less than 0."""

    lines: tuple[Line, ...]

    @property
    def total(self) -> Fraction:
        """The sum of worths, each with weight 1."""
        return sum((line.worth for line in self.lines), ZERO)


def cycle(accounts: Accounts) -> Cycle | None:
    """The shortest such cycle in a proof that needs incentive constraints alone, where the allocation is settled."""
    lines = accounts.lines
    if lines is None or accounts.proof.bounds != "feasibility" or accounts.groves or accounts.env.prior is not None:
        return None
    try:
        if accounts.open or any(not isinstance(line.multiplier.constraint, Incentives) for line in lines):
            return None
    except TooLongError:
        return None
    places: dict[object, dict[int, list[tuple[int, Line]]]] = defaultdict(lambda: defaultdict(list))
    for line in lines:
        i, at, own = line.multiplier.agent, line.multiplier.place, line.multiplier.own
        assert i is not None
        assert at.report is not None
        others = None if at.profile is None else (*at.profile[:i], *at.profile[i + 1 :])
        if line.weight and own is not None:
            places[i, others][own].append((at.report, line))
    found = [c for edges in places.values() for c in _cycles(edges) if c.total < 0]
    return min(found, key=lambda c: (len(c.lines), c.total), default=None)


def _cycles(edges: dict[int, list[tuple[int, Line]]]) -> list[Cycle]:
    """Two-cycles, and cycles of the circulation taken apart."""
    out = []
    for k, row in edges.items():
        for r, line in row:
            back = next((other for to, other in edges.get(r, []) if to == k), None)
            if back is not None and k < r:
                out.append(Cycle((line, back)))
    left = {k: {r: (line.weight, line) for r, line in row} for k, row in edges.items()}
    while any(left.values()):
        k = next(k for k, row in left.items() if row)
        path, seen = [k], {k: 0}
        while True:
            k = next(iter(left.get(k, {})), -1)
            if k == -1:
                return out
            if k in seen:
                break
            seen[k] = len(path)
            path.append(k)
        loop = [*path[seen[k] :], k]
        steps = list(pairwise(loop))
        least = min(left[a][b][0] for a, b in steps)
        out.append(Cycle(tuple(left[a][b][1] for a, b in steps)))
        for a, b in steps:
            w, line = left[a].pop(b)
            if w > least:
                left[a][b] = (w - least, line)
    return out


def square(lines: Sequence[Line]) -> list[Line] | None:
    """The budget lines, if they are at the four corners (k or k', o or o') of a square, with weights +w and -w in turn."""
    rows = [line for line in lines if isinstance(line.multiplier.constraint, Budget)]
    corners = [at for line in rows if (at := line.multiplier.place.profile) is not None]
    if len(corners) != 4 or len(rows) != 4 or len({abs(line.weight) for line in rows}) != 1:
        return None
    moving = [{at[i] for at in corners} for i in range(len(corners[0]))]
    if sorted(map(len, moving)) != [1] * (len(moving) - 2) + [2, 2] or len(set(corners)) != 4:
        return None
    first = {i: min(types) for i, types in enumerate(moving)}
    signs = {
        (-1) ** sum(k != first[i] for i, k in enumerate(at)) * (1 if line.weight > 0 else -1)
        for at, line in zip(corners, rows, strict=True)
    }
    return rows if len(signs) == 1 else None


def payments_cancel(accounts: Accounts) -> bool:
    """Whether payments at each profile cancel one by one in a proof about dominant strategies; if not, those of types with
    the same lottery do (the taxation principle). Proofs with many constraints in one are not looked at."""
    if accounts.need.incentive_rule is not DSIC or accounts.groves or accounts.proof.symmetry is not None:
        return True
    if any(m.place.profile is None for m in accounts.multipliers):
        return True
    payments = Payments(accounts.env)
    return not any(total([(m.weight, m.constraint.value(payments, m.place)) for m in accounts.multipliers]).values())
