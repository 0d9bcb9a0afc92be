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
from lpmech.errors import TooLargeError
from lpmech.explain import render
from lpmech.explain.document import Block, Cell, Document, Heading, Number, Paragraph, Points, Span, Table, listed
from lpmech.explain.words import allocation_words, question
from lpmech.model import Instance
from lpmech.requirements import Objective
from lpmech.result import Result

LARGEST = 20_000
"""Payments and incentive constraints beyond which no program is tried unless everything is asked for."""

WEAKER = {
    "incentive_compatibility": ("DSIC", "BIC"),
    "individual_rationality": ("ex-post", "interim", "ex-ante"),
    "budget": ("balanced", "no-deficit", "no-expected-deficit"),
}
"""Notions from the strongest to the weakest."""


@dataclass(frozen=True)
class Change:
    """A requirement, what was put in its place, and the answer; None where the program would be too large."""

    requirement: str
    instead: str
    result: Result | None


@dataclass(frozen=True)
class Blame:
    """What stands in the way of an instance.

    ``dropped``: each requirement left out; ``weakened``: each replaced by the next weaker notion. ``conflicts``: smallest
    sets of requirements that cannot be met together; None if one of them could not be decided. ``subsidy``: the least
    that makes all of them possible (inf: none does). ``first_best``, ``second_best``: expected welfare; ``status_quo``: the
    agents' expected outside options. None where not decided.
    """

    instance: Instance
    result: Result
    dropped: tuple[Change, ...]
    weakened: tuple[Change, ...]
    conflicts: tuple[tuple[str, ...], ...] | None
    first_best: Fraction | None
    second_best: Fraction | None
    status_quo: Fraction

    @property
    def subsidy(self) -> Fraction | float | None:
        """The least outside money that is needed: 0 if none, inf if none suffices."""
        margin = self.result.margin
        return None if margin is None else max(-margin, Fraction(0))

    @property
    def share(self) -> Fraction | None:
        """Second best as a share of the first best, in gains over the status quo."""
        if self.first_best is None or self.second_best is None or self.first_best <= self.status_quo:
            return None
        return (self.second_best - self.status_quo) / (self.first_best - self.status_quo)

    def document(self) -> Document:
        """The findings."""
        blocks: list[Block] = [Paragraph(line) for line in question(self.instance)]
        return Document(self.instance.title or "Untitled instance", (*blocks, *_findings(self)))

    def explain(self, format: str = "text") -> str:
        """The findings as "text", "markdown", "latex" or "html"."""
        return render(self.document(), format)

    def _repr_html_(self) -> str:
        from lpmech.explain import html

        return html.fragment(self.document())


def blame(instance: Instance, *, everything: bool = False, largest: int = LARGEST) -> Blame:
    """Drop and weaken each requirement of an instance and decide again; find the second best.

    Programs of more than ``largest`` payments and constraints are not tried, unless ``everything`` (lpmech.engine refuses
    the largest). The instance's objective is not used.
    """
    search = _Search(instance.with_objective(Objective()), everything, largest)
    names = tuple(search.requirements)
    held = search.decide(names)
    if held is None:
        held = engine.solve(search.instance)
    failed = held.verdict == "impossible"
    dropped = tuple(
        Change(search.requirements[name], "nothing", search.decide(tuple(n for n in names if n != name)))
        for name in (names if failed else ())
    )
    weakened = tuple(search.weakened()) if failed else ()
    conflicts = search.conflicts() if failed else ()
    agents = search.instance.environment.agents
    status_quo = sum(
        (p * u for agent in agents for p, u in zip(agent.probabilities, agent.outside, strict=True)), Fraction(0)
    )
    return Blame(
        search.instance, held, dropped, weakened, conflicts, search.first_best(held), search.second_best(), status_quo
    )


def costly(instance: Instance, largest: int = LARGEST) -> bool:
    """Whether no closed form answers an instance and its program has more than ``largest`` payments and constraints."""
    env, need = instance.environment, instance.requirements
    groves = need.transfers == "groves" and need.allocation == "efficient"  # no incentive constraint is needed
    rows = 4 if groves or need.incentive_compatibility == "none" else sum(env.sizes)
    return env.profile_count * rows > largest and closed_forms.applicable(instance) is None


class _Search:
    """Subsets of the requirements, each decided once."""

    def __init__(self, instance: Instance, everything: bool, largest: int) -> None:
        self.instance, self.everything, self.memory = instance, everything, engine.Memory()
        self.largest = largest
        need = instance.requirements
        said = {
            "allocation": "efficiency" if need.allocation == "efficient" else allocation_words(instance),
            "incentive_compatibility": need.incentive_compatibility,
            "individual_rationality": f"{need.individual_rationality} IR".replace("-", " ", 1),
            "budget": "a balanced budget" if need.budget == "balanced" else need.budget.replace("-", " "),
            "transfers": "Groves transfers",
        }
        free = {"allocation": "free", "transfers": "any"}
        self.requirements = {key: words for key, words in said.items() if getattr(need, key) != free.get(key, "none")}
        self._free = free
        self._known: dict[tuple[str, ...], Result | None] = {}

    def decide(self, kept: tuple[str, ...]) -> Result | None:
        """The question with these requirements alone."""
        if kept not in self._known:
            gone = {key: self._free.get(key, "none") for key in self.requirements if key not in kept}
            self._known[kept] = self.solve(self.instance.with_requirements(**gone))
        return self._known[kept]

    def solve(self, instance: Instance) -> Result | None:
        """An answer, None if it would take too long."""
        if not self.everything and costly(instance, self.largest):
            return None
        try:
            result = engine.solve(instance, memory=self.memory)
        except TooLargeError:
            return None
        return result if result.proved else None

    def weakened(self) -> Iterator[Change]:
        """Each notion replaced by the next weaker one."""
        need = self.instance.requirements
        for key, notions in WEAKER.items():
            here = getattr(need, key)
            if here in notions[:-1]:
                instead = notions[notions.index(here) + 1]
                word = f"{instead} IR" if key == "individual_rationality" else instead
                found = self.solve(self.instance.with_requirements(**{key: instead}))
                yield Change(self.requirements[key], word.replace("-", " "), found)

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
        nothing = dict.fromkeys(WEAKER, "none")
        asked = self.instance.with_requirements(allocation="efficient", transfers="any", **nothing)
        return _value(self.solve(asked.with_objective("welfare")))

    def second_best(self) -> Fraction | None:
        """Largest expected welfare under all the other requirements."""
        return _value(self.solve(self.instance.with_requirements(allocation="free").with_objective("welfare")))


def _value(result: Result | None) -> Fraction | None:
    return result.value if result is not None and isinstance(result.value, Fraction) else None


def _findings(found: Blame) -> list[Block]:
    if found.result.verdict == "exists":
        return [Paragraph("All requirements can be met together: none is to blame."), *_welfare(found)]
    if found.result.verdict == "undecided":
        return [Paragraph(f"Undecided: {found.result.reason}.")]
    blocks: list[Block] = [Paragraph("No mechanism meets all requirements."), Heading("Which requirement is to blame")]
    blocks.append(_changes("without", found.dropped, False))
    if found.conflicts is None:
        blocks.append(Paragraph("Which sets of requirements conflict was not decided: some programs are too large."))
    else:
        points = tuple(tuple(listed(conflict)) for conflict in found.conflicts)
        ends = "cannot be met together, though any smaller set of them can"
        said = "These requirements" if len(points) == 1 else "Each of these sets of requirements"
        blocks += [Paragraph(f"{said} {ends}:"), Points(points)]
    blocks.append(Heading("What would help"))
    blocks.append(_subsidy(found))
    if found.weakened:
        blocks.append(_changes("instead of", found.weakened, True))
    return [*blocks, *_welfare(found)]


def _subsidy(found: Blame) -> Block:
    subsidy = found.subsidy
    if isinstance(subsidy, Fraction):
        return Paragraph("A subsidy of ", Number(subsidy, True), " from outside.")
    return Paragraph("No subsidy does.")


def _changes(head: str, changes: tuple[Change, ...], weaker: bool) -> Table:
    rows = []
    for change in changes:
        first: tuple[Cell, ...] = (change.requirement, change.instead) if weaker else (change.requirement,)
        if change.result is None:
            rows.append((*first, "not decided: too large", ""))
            continue
        margin = change.result.margin
        rows.append((*first, change.result.verdict, "" if margin is None else Number(margin)))
    columns = (head, "ask for") if weaker else (head,)
    return Table((*columns, "a mechanism", "margin"), tuple(rows), (len(columns) + 1,))


def _welfare(found: Blame) -> list[Block]:
    if found.second_best is None or found.first_best is None:
        return [Paragraph("The second best was not computed: its program is too large, or it has no mechanism.")]
    first, second, gap = found.first_best, found.second_best, found.first_best - found.second_best
    if gap == 0:
        return [Paragraph("Expected welfare can be that of the first best, ", Number(first, True), ".")]
    spans: list[Span] = ["If the allocation is free, the second best is an expected welfare of ", Number(second, True)]
    spans += [", where the first best has ", Number(first, True), ": ", Number(gap, True), " has to be given up."]
    blocks: list[Block] = [Paragraph(*spans)]
    if found.share is not None:
        over = "" if found.status_quo == 0 else " of the gains over what the agents have without a mechanism"
        blocks.append(Paragraph("The share that is left", over, " is ", Number(found.share, True), "."))
    return blocks
