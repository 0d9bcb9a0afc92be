"""Further requirements told: the rows of an argument with what each says and is worth, cases, and what binds.

Every row is read off its constraint. A row says: payments + worth >= 0, or >= z where z stands in it; weighted and added
up, payments cancel. Worths are taken at the outcomes, and with free shares at the owner, that make the sum largest.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import cached_property, singledispatchmethod
from typing import Any

from lpmech.answer.arguments import FEASIBILITY, MARGIN, OBJECTIVE, REQUIREMENTS, Argument, Cases, Leaf
from lpmech.answer.mechanism import Mechanism
from lpmech.answer.multipliers import Multiplier
from lpmech.answer.proof import Proof
from lpmech.answer.statements import MechanismStatements
from lpmech.base.exact import from_flint
from lpmech.question.allocation import allocation
from lpmech.question.constraints import (
    Budget,
    Constraint,
    Incentives,
    Linear,
    Participation,
    PaymentBound,
    Place,
    Relation,
    UnknownConstraintError,
)
from lpmech.question.model import Instance
from lpmech.show.explain.document import Block, Cell, Heading, Number, Paragraph, Points, Table
from lpmech.show.explain.lines import cut
from lpmech.show.explain.worth import Worth, Worths

ZERO, ONE = Fraction(0), Fraction(1)


class FurtherAccounts:
    """One leaf of an argument: its rows, each with its worth. ``decided``: outcomes that the leaf's case has settled."""

    def __init__(self, instance: Instance, leaf: Leaf, decided: dict[int, int]) -> None:
        self.instance, self.env, self.need = instance, instance.environment, instance.requirements
        self.leaf, self.decided, self.of = leaf, decided, Worth(instance)

    @cached_property
    def rows(self) -> list[tuple[Multiplier, Fraction]]:
        """Every row with its worth."""
        forms = [m.constraint.value(self.of, m.place) for m in self.leaf.multipliers]
        total: Worths = self.of.total(zip((m.weight for m in self.leaf.multipliers), forms, strict=True))
        chosen = self._chosen(total)
        worth = [sum((x * chosen.get(key, ZERO) for key, x in form.items()), ZERO) for form in forms]
        return list(zip(self.leaf.multipliers, worth, strict=True))

    def _chosen(self, total: Worths) -> dict[Any, Fraction]:
        """The allocation and the shares that make the sum largest."""
        settled, out = allocation(self.instance), dict[Any, Fraction]({None: ONE})
        open_at: dict[int, list[int]] = {}
        for p, x in settled.cells.tolist():
            open_at.setdefault(p, []).append(x)
        for p, row in enumerate(settled.fixed.tolist()):
            options = [self.decided[p]] if p in self.decided else open_at.get(p)
            if options:
                out[p, max(options, key=lambda x, p=p: (total.get((p, x), ZERO), -x))] = ONE  # type: ignore[misc]
            else:
                out |= {(p, x): from_flint(w) for x, w in enumerate(row) if w != 0}
        if self.env.free_shares:
            owner = max(range(len(self.env.sizes)), key=lambda i: (total.get(("share", i), ZERO), -i))
            out["share", owner] = ONE
        return out

    def _z(self, constraint: Constraint) -> str:
        return " + z" if self.need.level(constraint) and self.leaf.bounds in (MARGIN, FEASIBILITY) else ""

    @singledispatchmethod
    def says(self, constraint: Constraint, place: Place, worth: Fraction) -> Cell:
        """The row as an inequality about payments."""
        raise UnknownConstraintError(constraint, "an inequality about payments")

    @says.register
    def _(self, constraint: Budget, place: Place, worth: Fraction) -> Cell:
        what = "payments" if place.profile is not None else "payments expected"
        return (f"{what} {constraint.relation.value} ", Number(-worth), self._z(constraint))

    @says.register
    def _(self, constraint: Participation, place: Place, worth: Fraction) -> Cell:
        own = place.own(constraint.agent)
        letter = "t" if place.profile is not None else "E[t]" if own is None else "T"
        who = "" if own is None else f"({self.env.agents[constraint.agent or 0].types[own]})"
        return (f"{letter}{who}{self._z(constraint)} <= ", Number(worth))

    @says.register
    def _(self, constraint: Incentives, place: Place, worth: Fraction) -> Cell:
        types, own = self.env.agents[constraint.agent or 0].types, place.own(constraint.agent)
        letter = "t" if place.profile is not None else "T"
        return (f"{letter}({types[own or 0]}) - {letter}({types[place.report or 0]}) <= ", Number(worth))

    @says.register
    def _(self, constraint: PaymentBound, place: Place, worth: Fraction) -> Cell:
        return constraint.says(self.env.agents)

    @says.register
    def _(self, constraint: Linear, place: Place, worth: Fraction) -> Cell:
        if not (constraint.form.payments or constraint.form.utilities or constraint.form.revenue):
            return ("0 = " if constraint.relation is Relation.EQUAL else "0 <= ", Number(worth))
        return ("its payments are " if constraint.relation is Relation.EQUAL else "its payments >= ", Number(-worth))

    def table(self, everything: bool) -> Table:
        """Weight, constraint, what it says, weight times worth; with the sum."""
        rows: list[tuple[Cell, ...]] = []
        for m, worth in self.rows:
            said = self.says(m.constraint, m.place, worth)
            rows.append((Number(m.weight), m.label(self.env), said, Number(m.weight * worth)))
        amounts = [m.weight * worth for m, worth in self.rows]
        shown = cut(rows, amounts, everything)
        head = ("weight", "constraint", "says", "weight x worth")
        return Table(head, tuple(shown), (0, 3), ("", "sum", "", Number(sum(amounts, ZERO))))


CONCLUSIONS = {
    MARGIN: "All payments cancel, and what is left says that z, and so the margin, is at most the sum.",
    OBJECTIVE: "Added to the objective, all payments cancel: it is at most the sum and what the objective itself is worth.",
    REQUIREMENTS: "All payments cancel, and what is left says that a negative number is at least 0.",
    FEASIBILITY: "All payments and z cancel, and what is left says that a negative number is at least 0.",
}
HEADINGS = {
    MARGIN: "Why the margin is not larger",
    OBJECTIVE: "Why the value is not larger",
    REQUIREMENTS: "Why no mechanism meets the requirements",
    FEASIBILITY: "Why no mechanism meets the requirements at any subsidy",
}
SHOWN_CASES = 3


def arguments(proof: Proof, everything: bool) -> list[Block]:
    """Everything that multipliers show, one argument after the other."""
    out: list[Block] = []
    for one in proof.arguments or ():
        out += [Heading(HEADINGS[one.shows]), *_argument(proof.instance, one, everything)]
    return out


def _argument(instance: Instance, argument: Argument, everything: bool) -> list[Block]:
    if isinstance(argument.tree, Leaf):
        return _leaf(instance, argument.tree, {}, everything)
    cases = list(_cases(instance, argument.tree, {}))
    blocks: list[Block] = [
        Paragraph(
            f"Without lotteries one outcome is chosen at every profile. There are {len(cases)} cases; in each, the outcomes"
            " that it does not settle may even be lotteries."
        )
    ]
    for number, (leaf, decided) in enumerate(cases, 1):
        if number > SHOWN_CASES and not everything:
            blocks.append(Paragraph(f"... and {len(cases) - SHOWN_CASES} more cases (--all shows them)"))
            break
        blocks.append(Heading(f"Case {number}", 3))
        blocks.append(Points(tuple((line,) for line in _settled(instance, decided))))
        blocks += _leaf(instance, leaf, decided, everything)
    return blocks


def _cases(instance: Instance, tree: Leaf | Cases, decided: dict[int, int]) -> Iterable[tuple[Leaf, dict[int, int]]]:
    if isinstance(tree, Leaf):
        yield tree, decided
        return
    at = Worth(instance).profiles.number(tree.profile)
    for x, below in tree.cases:
        yield from _cases(instance, below, decided | {at: x})


def _settled(instance: Instance, decided: dict[int, int]) -> list[str]:
    env = instance.environment
    profiles = list(Worth(instance).profiles)
    named = (
        (", ".join(f"{a.name} {a.types[k]}" for a, k in zip(env.agents, profiles[p], strict=True)), env.outcomes[x])
        for p, x in decided.items()
    )
    return [f"at {profile}: {outcome}" for profile, outcome in named]


def _leaf(instance: Instance, leaf: Leaf, decided: dict[int, int], everything: bool) -> list[Block]:
    accounts = FurtherAccounts(instance, leaf, decided)
    if not leaf.multipliers:
        return [Paragraph("It is so for every allocation that is allowed, whatever is paid.")]
    blocks: list[Block] = [
        Paragraph(
            f"Multiply each of these {len(leaf.multipliers)} constraints by its weight and add them up. t is what the agent"
            " pays at the profile, T(k) what his type k pays in expectation, E[t] what he pays before he knows his type."
        ),
        accounts.table(everything),
    ]
    return [*blocks, Paragraph(CONCLUSIONS[leaf.bounds])]


# ---- what binds ----------------------------------------------------------------------------------------------------------


def binding(instance: Instance, mechanism: Mechanism, everything: bool) -> list[Block]:
    """The rows of every constraint that hold with equality, where there is room for more."""
    of, env = MechanismStatements(mechanism), instance.environment
    rows: list[tuple[Cell, ...]] = []
    for constraint in instance.constraints:
        places = list(constraint.places(env))
        if constraint.relation is Relation.EQUAL or not places:
            continue
        tight = [place for place in places if constraint.value(of, place) == 0]
        labels = [constraint.label(place, env.agents) for place in tight]
        shown = labels if everything or len(labels) <= 4 else [*labels[:3], f"... {len(labels) - 3} more"]
        rows.append(
            (constraint.block([a.name for a in env.agents]), f"{len(tight)} of {len(places)}", ", ".join(shown))
        )
    if not rows:
        return []
    return [Heading("What binds"), Table(("constraint", "rows with equality", "which"), tuple(rows), ())]


def shares(mechanism: Mechanism) -> list[Block]:
    """The shares of a partnership, where they were free."""
    if mechanism.shares is None:
        return []
    pairs = zip(mechanism.environment.agents, mechanism.shares, strict=True)
    rows = tuple((agent.name, Number(share, True)) for agent, share in pairs)
    return [Heading("Shares"), Table(("agent", "share"), rows, (1,))]


def verdict(proof: Proof) -> list[Block]:
    """That there is none, and the margin beside it."""
    margin = proof.margin
    if margin is None:
        return [Paragraph("No mechanism meets all requirements.")]
    if margin == float("-inf"):
        return [Paragraph("No mechanism meets all requirements, at any subsidy.")]
    if margin < 0:
        text = "No mechanism meets all requirements. An outside subsidy of "
        return [Paragraph(text, Number(-margin, True), " would do, and no less.")]
    return [
        Paragraph(
            "No mechanism meets all requirements as they stand, with z = 0. The margin is ",
            Number(margin, True),
            ": z can be larger, but bounds on payments or linear requirements keep it from being lowered to 0.",
        )
    ]
