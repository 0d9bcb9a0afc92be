"""Identical agents: which agents may be relabelled, and profiles, outcomes and lotteries up to relabelling them.

A relabelling is a permutation of the agents that moves each within his class. It maps a profile theta to the profile in
which agent pi(i) has type theta_i, and an outcome x to the outcome that means to pi(i) what x means to i. The group of
relabellings has one *representative* in each orbit of profiles: the one whose types do not decrease along any class.
docs/formulations.md proves what is built on this.
"""

from __future__ import annotations

import math
from bisect import insort
from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations_with_replacement, groupby, product

from lpmech.question.constraints import Scope
from lpmech.question.environment import Environment
from lpmech.question.model import Instance
from lpmech.question.prior import Profile

Key = tuple[Profile, ...]
"""Sorted types of the members of each class: names an orbit of profiles (of the others, where one member is missing)."""


@dataclass(frozen=True)
class OutcomeOrbit:
    """Outcomes that relabellings among agents of one type make of each other, by number.

    ``means[g][e]``: in how many of them any one member of group g has portion e (groups as in ``Symmetry.groups``).
    """

    outcomes: tuple[int, ...]
    means: tuple[dict[int, int], ...]


def reason_against(instance: Instance) -> str | None:
    """Why relabelling identical agents would change the question, None if it does not."""
    env, need = instance.environment, instance.requirements
    if instance.further:
        return instance.further[0]
    if env.portions is None:
        return f"no relabelling is known for {env.kind}"
    if env.prior is not None:
        return "the prior is a joint one"
    if not isinstance(need.allocation, str):
        return "the allocation is given profile by profile"
    if need.groves and need.allocation == "free" and need.incentive_rule is not None:
        return "Groves transfers with an allocation that is not efficient"
    moves = any(len(set(portion)) > 1 for portion in env.portions)
    if need.allocation == "efficient" and need.ties in {"first", "last"} and moves:
        return f"ties: {need.ties} prefers some of several identical agents"
    return None


def identical_agents(instance: Instance) -> tuple[tuple[int, ...], ...]:
    """Classes of agents that nothing in the question tells apart, in the order of their first members.

    One class: same role, types, masses and weight in the objective, and same outside options unless IR is ex ante or none.
    Every agent is a class of his own where relabelling would change the question.
    """
    if reason_against(instance) is not None:
        return tuple((i,) for i in range(len(instance.environment.agents)))
    env, classes = instance.environment, dict[Hashable, list[int]]()
    weights, _ = instance.objective.weights(len(env.agents))
    participation = instance.requirements.participation_rule
    by_type = participation is not None and participation.scope is not Scope.WHOLE
    for i, agent in enumerate(env.agents):
        columns = zip(env.portions or (), zip(*env.valuation(i), strict=True), strict=True)
        worth = tuple(sorted({portion[i]: values for portion, values in columns}.items()))
        key = (env.role(i), worth, agent.probabilities, weights[i], agent.outside if by_type else None)
        classes.setdefault(key, []).append(i)
    return tuple(map(tuple, classes.values()))


class Symmetry:
    """Profiles of an environment up to relabelling agents of the same class. Everything is listed in flattened order."""

    def __init__(self, environment: Environment, classes: tuple[tuple[int, ...], ...]) -> None:
        self.environment, self.classes = environment, classes
        self.sizes = [environment.sizes[members[0]] for members in classes]
        self.home = {i: c for c, members in enumerate(classes) for i in members}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Symmetry) and (self.environment, self.classes) == (other.environment, other.classes)

    def __hash__(self) -> int:
        return hash(self.classes)

    @property
    def representative_count(self) -> int:
        """Number of orbits of profiles, without listing them."""
        return math.prod(
            math.comb(n + len(members) - 1, len(members)) for n, members in zip(self.sizes, self.classes, strict=True)
        )

    def others_count(self, c: int) -> int:
        """Number of orbits of the others' profiles as a member of class c sees them."""
        n, m = self.sizes[c], len(self.classes[c])
        return self.representative_count * m // (n + m - 1)  # C(n + m - 1, m) = C(n + m - 2, m - 1) (n + m - 1) / m

    def key(self, profile: Profile) -> Key:
        """The orbit of a profile."""
        return tuple(tuple(sorted(profile[i] for i in members)) for members in self.classes)

    def profile(self, key: Key, without: int | None = None) -> Profile:
        """The representative of an orbit; of an orbit of the others' profiles, with agent ``without`` left out."""
        spread: list[int] = [0] * len(self.home)
        for members, types in zip(self.classes, key, strict=True):
            for i, k in zip((i for i in members if i != without), types, strict=True):
                spread[i] = k
        return tuple(k for i, k in enumerate(spread) if i != without)

    def _keys(self, missing: int | None = None) -> list[Key]:
        counts = [len(members) - (c == missing) for c, members in enumerate(self.classes)]
        multisets = (combinations_with_replacement(range(n), m) for n, m in zip(self.sizes, counts, strict=True))
        without = None if missing is None else self.classes[missing][0]
        return sorted(product(*multisets), key=lambda key: self.profile(key, without))

    @cached_property
    def keys(self) -> list[Key]:
        """The orbits of profiles."""
        return self._keys()

    @cached_property
    def number(self) -> dict[Key, int]:
        """Place of each orbit in ``keys``."""
        return {key: r for r, key in enumerate(self.keys)}

    @cached_property
    def others(self) -> list[list[Key]]:
        """For each class the orbits of the profiles of the others, as a member of the class sees them."""
        return [self._keys(c) for c in range(len(self.classes))]

    @cached_property
    def spots(self) -> list[list[list[int]]]:
        """spots[c][k][o]: the orbit of profiles in which a member of class c has type k and the others are o."""
        return [
            [[self.number[self.joined(c, k, o)] for o in others] for k in range(n)]
            for c, (n, others) in enumerate(zip(self.sizes, self.others, strict=True))
        ]

    def joined(self, c: int, k: int, others: Key) -> Key:
        """The orbit that type k of class c and the others make."""
        types = list(others[c])
        insort(types, k)
        return (*others[:c], tuple(types), *others[c + 1 :])

    def left(self, c: int, k: int, key: Key) -> Key:
        """The others of a member of class c who has type k in an orbit."""
        types = list(key[c])
        types.remove(k)
        return (*key[:c], tuple(types), *key[c + 1 :])

    def seats(self, c: int, k: int, key: Key) -> tuple[int, ...]:
        """Members of class c who have type k in the representative."""
        start = key[c].index(k)
        return self.classes[c][start : start + key[c].count(k)]

    def groups(self, key: Key) -> Iterator[tuple[int, int, tuple[int, ...]]]:
        """Agents of one class and type in the representative: (class, type, agents)."""
        for c, (members, types) in enumerate(zip(self.classes, key, strict=True)):
            at = 0
            for k, run in groupby(types):
                count = len(list(run))
                yield c, k, members[at : at + count]
                at += count

    def mass(self, key: Key) -> Fraction:
        """Probability of an orbit of profiles (or of the others' profiles): multinomial coefficients times masses."""
        out = Fraction(1)
        for members, types in zip(self.classes, key, strict=True):
            masses, ways = self.environment.agents[members[0]].probabilities, math.factorial(len(types))
            for k, count in Counter(types).items():
                ways //= math.factorial(count)
                out *= masses[k] ** count
            out *= ways
        return out

    @cached_property
    def _outcomes(self) -> dict[tuple[tuple[int, ...], ...], list[OutcomeOrbit]]:
        return {}

    def outcome_orbits(self, key: Key) -> list[OutcomeOrbit]:
        """Outcomes up to the relabellings that leave the representative as it is, by the first outcome of each orbit."""
        groups = tuple(agents for *_, agents in self.groups(key))
        if groups not in self._outcomes:
            portions, found = self.environment.portions or (), dict[Hashable, list[int]]()
            for x, portion in enumerate(portions):
                pattern = tuple(tuple(sorted(portion[a] for a in agents)) for agents in groups)
                found.setdefault(pattern, []).append(x)
            self._outcomes[groups] = [
                OutcomeOrbit(tuple(xs), tuple(dict(Counter(portions[x][agents[0]] for x in xs)) for agents in groups))
                for xs in found.values()
            ]
        return self._outcomes[groups]

    def relabelled(self, profile: Profile, outcome: int) -> int:
        """What an outcome at the representative of a profile becomes at the profile, agents of one type kept in order."""
        portions = self.environment.portions or ()
        moved = [0] * len(profile)
        for members in self.classes:
            for at, i in zip(members, sorted(members, key=lambda i: (profile[i], i)), strict=True):
                moved[i] = portions[outcome][at]
        return self._outcome_number[tuple(moved)]

    @cached_property
    def _outcome_number(self) -> dict[tuple[int, ...], int]:
        return {portion: x for x, portion in enumerate(self.environment.portions or ())}
