"""Which requirement is to blame, and what would help: requirements dropped and weakened one by one, and decided again.

Every number is that of a verified result. The second best is the largest expected welfare under the question's own
incentives, participation, budget and class of transfers when any allocation may be chosen; its share of the first best
counts gains over what agents have without the mechanism, (second - status quo) / (first - status quo).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from lpmech import closed_forms, engine
from lpmech.answer.result import Result
from lpmech.base.errors import TooLargeError, UndecidedError
from lpmech.base.views import views
from lpmech.programs.full_rows import FullRows
from lpmech.question.environment import Environment
from lpmech.question.model import Instance, asked
from lpmech.question.objective import Objective
from lpmech.question.pieces import pieces, weaker, without
from lpmech.question.profiles import Profiles
from lpmech.question.words import objective_words
from lpmech.studies.subsidies import Frontier, frontier

LARGEST = 20_000
"""Payments and incentive constraints beyond which no program is tried unless everything is asked for."""

CURVED, SOLVED = 5_000, 60
"""The same for the frontier of welfare against subsidy, and the most questions that are decided for it."""


@dataclass(frozen=True)
class Change:
    """A requirement, what was put in its place, and the answer about the objective asked; None where the program would be
    too large. ``margin``: the margin then, None if not decided, or not needed."""

    requirement: str
    instead: str
    result: Result | None
    key: str
    """The requirement's name in instance files."""
    margin: Fraction | float | None = None


@dataclass(frozen=True)
class Price:
    """What a requirement costs, and of what that is an amount; None where not decided.

    Some amounts compensate for the requirement (inf: none is enough), others are what is to be had without it.
    """

    requirement: str
    amount: Fraction | float | None
    what: str
    compensates: bool = False


@dataclass(frozen=True)
class Blame:
    """What stands in the way of an instance.

    ``result``: the answer to the question, about the objective asked. ``dropped``: each requirement left out; ``weakened``:
    each replaced by the next weaker notion; both empty where all can be met together and the margin was asked for.
    ``conflicts``: smallest sets of requirements that cannot be met together; None if one of them could not be decided.
    ``subsidy``: the least that makes all of them possible (inf: none does). ``first_best``, ``second_best``: expected
    welfare; ``status_quo``: the agents' expected outside options. ``frontier``: the largest expected welfare for every
    subsidy. None where not decided.
    """

    instance: Instance
    result: Result
    dropped: tuple[Change, ...]
    weakened: tuple[Change, ...]
    conflicts: tuple[tuple[str, ...], ...] | None
    first_best: Fraction | None
    second_best: Fraction | None
    status_quo: Fraction | None
    frontier: Frontier | None = None

    @property
    def prices(self) -> tuple[Price, ...]:
        """What each requirement costs: in money, where all together cannot be met; else in terms of the objective asked."""
        return tuple(self._price(change) for change in self.dropped)

    def _price(self, change: Change) -> Price:
        words = change.requirement
        if self.result.verdict == "exists":
            return Price(words, self.gained(change), f"{objective_words(self.instance.objective)} to gain without it")
        margin, without = self.result.margin, change.margin
        gain = None if margin is None or without is None else difference(without, margin)
        if words == "efficiency":
            given_up = None
            if self.first_best is not None and self.second_best is not None:
                given_up = self.first_best - self.second_best
            return Price(words, given_up, "expected welfare to give up for the others")
        if change.key == "budget":
            return Price(words, self.subsidy, "subsidy from outside", True)
        if change.key.startswith("individual_rationality") and not self.instance.further:
            return Price(words, self.subsidy, "what the agents together would have to be ready to lose", True)
        return Price(words, gain, "margin to gain without it")

    def gained(self, change: Change) -> Fraction | float | None:
        """How much more of the objective asked there is after a change; None where one of the two is not known."""
        held, now = self.result.value, None if change.result is None else change.result.value
        return None if held is None or now is None else difference(now, held)

    @property
    def subsidy(self) -> Fraction | float | None:
        """The least outside money that is needed: 0 if none, inf if none suffices."""
        margin = self.result.margin
        if self.result.verdict == "exists":
            return Fraction(0)
        return None if margin is None else max(-margin, Fraction(0))

    @property
    def share(self) -> Fraction | None:
        """Second best as a share of the first best, in gains over the status quo."""
        if self.first_best is None or self.second_best is None or self.status_quo is None:
            return None
        if self.first_best <= self.status_quo:
            return None
        return (self.second_best - self.status_quo) / (self.first_best - self.status_quo)

    def explain(self, format: str = "text") -> str:
        """The findings as "text", "markdown", "latex" or "html"."""
        return views().explained(self, format)

    def __repr__(self) -> str:
        blamed = "" if not self.conflicts else f", {len(self.conflicts)} conflicting sets of requirements"
        return f"<Blame: {self.result.verdict}{blamed}; of {self.instance!r}>"

    def _repr_html_(self) -> str:
        return views().html(self)


def blame(instance: Instance, *, everything: bool = False, largest: int = LARGEST) -> Blame:
    """Drop and weaken each requirement of an instance and decide again; find the second best.

    Programs of more than ``largest`` payments and constraints are not tried, unless ``everything`` (lpmech.engine refuses
    the largest). Verdicts and values are about the instance's objective; margins, the subsidy and the second best are what
    they are whatever the objective.
    """
    search = _Search(asked(instance), everything, largest)
    names = tuple(search.requirements)
    held = search.decide(names)
    if held is None:
        held = engine.solve(search.instance)
    failed = held.verdict == "impossible"
    compared = failed or (held.verdict == "exists" and instance.objective.maximize != "margin")
    dropped = tuple(search.dropped(failed)) if compared else ()
    weakened = tuple(search.weakened(failed)) if compared else ()
    conflicts = search.conflicts() if failed else ()
    status_quo = _status_quo(search.instance.environment)
    first, second = search.first_best(held), search.second_best()
    curve = search.frontier() if failed else None
    return Blame(search.instance, held, dropped, weakened, conflicts, first, second, status_quo, curve)


def costly(instance: Instance, largest: int = LARGEST) -> bool:
    """Whether no closed form answers an instance and its program has more than ``largest`` payments and constraints."""
    env, need = instance.environment, instance.requirements
    if instance.further:
        return FullRows.entries(instance) > largest
    groves = need.groves and need.allocation == "efficient"  # no incentive constraint is needed
    rows = 4 if groves or need.incentive_rule is None else sum(env.sizes)
    return env.profile_count * rows > largest and closed_forms.applicable(instance) is None


class _Search:
    """Subsets of the requirements, each decided once."""

    def __init__(self, instance: Instance, everything: bool, largest: int) -> None:
        self.instance, self.everything, self.memory = instance, everything, engine.Memory()
        self.largest = largest
        self.requirements = pieces(instance)
        self._known: dict[tuple[str, ...], Result | None] = {}

    def decide(self, kept: tuple[str, ...]) -> Result | None:
        """The question with these requirements alone."""
        if kept not in self._known:
            self._known[kept] = self.solve(self.keeping(kept))
        return self._known[kept]

    def keeping(self, kept: tuple[str, ...]) -> Instance:
        """The question with these requirements alone, not decided."""
        return without(self.instance, (name for name in self.requirements if name not in kept))

    def margin(self, instance: Instance, found: Result | None) -> Fraction | float | None:
        """The margin of a question that was decided; asked for where an objective was."""
        if found is None or found.margin is not None:
            return None if found is None else found.margin
        margin = self.solve(instance.with_objective(Objective()))
        return None if margin is None else margin.margin

    def dropped(self, margins: bool) -> Iterator[Change]:
        """Each requirement left out."""
        for key, words in self.requirements.items():
            kept = tuple(name for name in self.requirements if name != key)
            found = self.decide(kept)
            margin = self.margin(self.keeping(kept), found) if margins else None
            yield Change(words, "nothing", found, key, margin)

    def solve(self, instance: Instance) -> Result | None:
        """An answer, None if it would take too long."""
        if not self.everything and costly(instance, self.largest):
            return None
        try:
            result = engine.solve(instance, memory=self.memory)
        except TooLargeError:
            return None
        return result if result.proved else None

    def weakened(self, margins: bool) -> Iterator[Change]:
        """Each notion replaced by the next weaker one."""
        need = self.instance.requirements
        for name, words in self.requirements.items():
            if (instead := weaker(need, name)) is not None:
                asked = self.instance.with_requirements(**instead[0])
                result = self.solve(asked)
                margin = self.margin(asked, result) if margins else None
                yield Change(words, instead[1], result, name, margin)

    def conflicts(self) -> tuple[tuple[str, ...], ...] | None:
        """Smallest sets that cannot be met together: none contains another, and subsets of what can be met can be met."""
        names = tuple(self.requirements)
        found: list[tuple[str, ...]] = []
        possible: list[set[str]] = []
        for name in names:
            kept = tuple(n for n in names if n != name)
            result = self.decide(kept)
            if result is not None and result.verdict == "exists":
                possible.append(set(kept))
        for size in range(1, len(names) + 1):
            for kept in combinations(names, size):
                if any(set(smaller) <= set(kept) for smaller in found) or any(set(kept) <= held for held in possible):
                    continue
                result = self.decide(kept)
                if result is None:
                    return None
                if result.verdict == "impossible":
                    found.append(kept)
        return tuple(tuple(self.requirements[name] for name in conflict) for conflict in found)

    def first_best(self, held: Result) -> Fraction | None:
        """Expected welfare of an efficient allocation."""
        found = None if held.proof is None else held.proof.mechanism
        if found is not None and self.instance.requirements.allocation == "efficient":
            return found.welfare
        asked = without(self.instance, self.requirements).with_requirements(allocation="efficient")
        return _value(self.solve(asked.with_objective("welfare")))

    def frontier(self) -> Frontier | None:
        """Welfare against subsidy, None if it would take too long."""
        if self.instance.further:
            return None
        env, free = self.instance.environment, self.instance.with_requirements(allocation="free")
        closed = closed_forms.applicable(free.with_objective("welfare")) is not None
        if not self.everything and env.profile_count * (1 if closed else sum(env.sizes)) > CURVED:
            return None
        try:
            return frontier(self.instance, most=None if self.everything else SOLVED)
        except (TooLargeError, UndecidedError):
            return None

    def second_best(self) -> Fraction | None:
        """Largest expected welfare under all the other requirements."""
        return _value(self.solve(self.instance.with_requirements(allocation="free").with_objective("welfare")))


def _status_quo(environment: Environment) -> Fraction | None:
    """The agents' expected outside options; None where shares are free."""
    if environment.free_shares:
        return None
    profiles = Profiles(environment)
    if environment.at_profiles:
        outside = [environment.outside_at(i) for i in range(len(environment.sizes))]
        numbered = ((w, profiles.number(theta)) for w, theta in profiles.likely())
        return sum((w * sum((row[p] for row in outside), Fraction(0)) for w, p in numbered), Fraction(0))
    agents = environment.agents
    return sum((p * u for a in agents for p, u in zip(a.probabilities, a.outside, strict=True)), Fraction(0))


def difference(high: Fraction | float, low: Fraction | float) -> Fraction | float:
    """high - low, of margins; 0 if they are the same infinity."""
    return Fraction(0) if high == low else high - low


def _value(result: Result | None) -> Fraction | None:
    return result.value if result is not None and isinstance(result.value, Fraction) else None
